/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "products/cube_name.h"
#include "products/minicube_grid.h"
#include "raster/srs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ogr_srs_api.h>

enum { N = 128 };

/* lon and lat of the pixels on the diagonal from (x, y), as GreenEarthNet's files have them. */
static void diagonal(int epsg, double x, double y, double dx, double dy, double *lon, double *lat)
{
    char *wkt = clv_epsg_wkt(epsg);
    assert_non_null(wkt);
    OGRSpatialReferenceH utm = OSRNewSpatialReference(wkt), degrees = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(degrees, 4326), OGRERR_NONE);
    OSRSetAxisMappingStrategy(degrees, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(utm, degrees);
    for (int i = 0; i < N; i++) {
        lon[i] = x + (i + 0.5) * dx;
        lat[i] = y + (i + 0.5) * dy;
    }
    assert_true(OCTTransform(t, N, lon, lat, NULL));
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(utm);
    OSRDestroySpatialReference(degrees);
    free(wkt);
}

static void the_grid_comes_back(void **state)
{
    (void)state;
    static const struct {
        int epsg;
        double x, y, dx, dy;
        const char *name;
    } places[] = {
        {32629, 536642, 4350341, 20.35, -20.16, "a_29SND_39.nc"},
        {32632, 710000, 5300000, 21.68, -20.1, "b.nc"},
        {32732, 710000, 6300000, 21.68, -20.1, "/x_32HLH/c.nc"},
        {32629, 536642, 4350341, 20.35, 20.16, "29SND_up.nc"},
        {32660, 780000, 1000000, 20.2, -20.2, "date_line_60PXX.nc"},
    };
    double lon[N], lat[N];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        clv_grid grid = {.width = N, .height = N};
        bool flipped = false;
        char note[192], crs[80];
        diagonal(places[i].epsg, places[i].x, places[i].y, places[i].dx, places[i].dy, lon, lat);
        assert_true(clv_minicube_grid(places[i].name, lon, lat, N, &grid, &flipped, note, sizeof note));
        assert_true(flipped == (places[i].dy > 0));
        double top = flipped ? places[i].y + N * places[i].dy : places[i].y;
        const double want[6] = {places[i].x, places[i].dx, 0, top, 0, -fabs(places[i].dy)};
        for (int k = 0; k < 6; k++)
            if (fabs(grid.transform[k] - want[k]) > 0.01)
                fail_msg("%s: transform[%d] is %.4f instead of %.4f", places[i].name, k, grid.transform[k], want[k]);
        clv_grid_crs_name(&grid, crs, sizeof crs);
        assert_int_equal(atoi(crs + 5), places[i].epsg);
        clv_grid_clear(&grid);
    }
}

static void what_is_no_grid_is_refused(void **state)
{
    (void)state;
    double lon[N], lat[N];
    clv_grid grid = {0};
    bool flipped;
    char note[192];
    diagonal(32629, 536642, 4350341, 20.35, -20.16, lon, lat);
    const double kept = lat[50];
    lat[50] += 0.0001; /* half a pixel */
    assert_false(clv_minicube_grid("a.nc", lon, lat, N, &grid, &flipped, note, sizeof note));
    lat[50] = NAN;
    assert_false(clv_minicube_grid("a.nc", lon, lat, N, &grid, &flipped, note, sizeof note));
    lat[50] = kept;
    assert_false(clv_minicube_grid("a.nc", lon, lat, 1, &grid, &flipped, note, sizeof note));
    for (int i = 0; i < N / 2; i++) { /* columns from east to west */
        double swap = lon[i];
        lon[i] = lon[N - 1 - i];
        lon[N - 1 - i] = swap;
    }
    assert_false(clv_minicube_grid("a.nc", lon, lat, N, &grid, &flipped, note, sizeof note));
    assert_null(grid.wkt);
    assert_false(grid.has_transform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_comes_back),
        cmocka_unit_test(what_is_no_grid_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
