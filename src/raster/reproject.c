/* SPDX-License-Identifier: MIT */
#include "raster/reproject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_alg.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/grid.h"
#include "raster/metadata.h"
#include "raster/regrid.h"

#define ROWS 256
#define MAX_SIDE 1e6
#define EDGE 21
#define RING 64 /* points a side by which the raster's outline is followed on the target */

struct clv_target {
    char *wkt; /* NULL: each raster's own CRS */
    bool tap, has_te;
    double tr; /* in units of `wkt`, metres where that is NULL; 0: what GDAL suggests */
    double te[4];
    GDALResampleAlg resampling;
};

bool clv_target_wanted(const clv_output_options *output)
{
    return output->t_srs || output->tap;
}

static OGRSpatialReferenceH srs_of(const char *text)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    bool known = srs && OSRSetFromUserInput(srs, text) == OGRERR_NONE;
    clv_gdal_errors_end(&errors);
    if (known) {
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
        return srs;
    }
    OSRDestroySpatialReference(srs);
    return NULL;
}

/* -te_srs with -t_srs: the bounds that hold the box. */
static clv_status bring_te(clv_context *ctx, clv_target *t, const char *te_srs)
{
    OGRSpatialReferenceH from = srs_of(te_srs), to = t->wkt ? srs_of(t->wkt) : NULL;
    clv_status status = CLV_OK;
    if (!from)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te_srs %s: is not a coordinate system; give for example EPSG:4326",
                          te_srs);
    else if (!to)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te_srs: with -tap give -t_srs too");
    double out[4] = {0};
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        OGRCoordinateTransformationH c = OCTNewCoordinateTransformation(from, to);
        bool done = c && OCTTransformBounds(c, t->te[0], t->te[1], t->te[2], t->te[3], &out[0], &out[1], &out[2],
                                            &out[3], EDGE);
        OCTDestroyCoordinateTransformation(c);
        clv_gdal_errors_end(&errors);
        if (!done)
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te: cannot be brought to -t_srs: %s",
                              clv_gdal_errors_text(&errors));
    }
    memcpy(t->te, out, sizeof out);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    return status;
}

clv_status clv_target_new(clv_context *ctx, const clv_output_options *output, const clv_input_options *input,
                          clv_target **out)
{
    *out = NULL;
    if (!clv_target_wanted(output))
        return CLV_OK;
    clv_target *t = calloc(1, sizeof *t);
    if (!t)
        return clv_fail_memory(ctx);
    t->tap = output->tap;
    t->tr = input->tr;
    clv_status status = CLV_OK;
    OGRSpatialReferenceH srs = output->t_srs ? srs_of(output->t_srs) : NULL;
    if (output->t_srs && !srs)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-t_srs %s: is not a coordinate system; give for example EPSG:32632",
                          output->t_srs);
    else if (t->tap && !(t->tr > 0))
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-tap: aligns to multiples of the pixel size; give -tr too");
    else if (output->a_srs && output->t_srs)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-a_srs and -t_srs exclude each other");
    if (srs) {
        char *wkt = NULL;
        OSRExportToWktEx(srs, &wkt, (const char *const[]){"FORMAT=WKT2_2018", NULL});
        t->wkt = clv_strdup(wkt);
        CPLFree(wkt);
        OSRDestroySpatialReference(srs);
    }
    if (status == CLV_OK && input->te) {
        memcpy(t->te, input->te, sizeof t->te);
        t->has_te = true;
        if (!(t->te[0] < t->te[2] && t->te[1] < t->te[3]))
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te: is empty; the order is xmin ymin xmax ymax");
        else if (input->te_srs)
            status = bring_te(ctx, t, input->te_srs);
    }
    if (!clv_resampling_algorithm(input->resampling, &t->resampling))
        t->resampling = GRA_Bilinear; /* the series says what is wrong */
    if (status == CLV_OK)
        *out = t;
    else
        clv_target_free(t);
    return status;
}

void clv_target_free(clv_target *target)
{
    if (!target)
        return;
    free(target->wkt);
    free(target);
}

/* ---- The target grid -------------------------------------------------------------------------------- */

/* Coordinates of a CRS as pixels: x and y themselves. */
static clv_grid plane_of(char *wkt)
{
    return (clv_grid){.width = 1, .height = 1, .has_transform = true, .transform = {0, 1, 0, 0, 0, 1}, .wkt = wkt};
}

/* Whether the outline of `own` makes a jump on the target, as at 180 degrees: then its bounds there hold nearly all of
 * the Earth. box: its bounds when degrees go on counting beyond 180. */
static bool is_torn(const clv_grid *own, const clv_grid *plane, double box[4])
{
    enum { N = 4 * RING };
    double x[N + 1], y[N + 1], low = HUGE_VAL, high = -HUGE_VAL, jump = 0;
    int ok[N + 1];
    for (int i = 0; i <= N; i++) {
        double along = (double)(i % RING) / RING;
        int side = i % N / RING;
        x[i] = own->width * (side == 0 ? along : side == 1 ? 1 : side == 2 ? 1 - along : 0);
        y[i] = own->height * (side == 0 ? 0 : side == 1 ? along : side == 2 ? 1 : 1 - along);
    }
    if (!clv_grid_map_pixels(own, plane, N + 1, x, y, ok))
        return false;
    for (int i = 0; i < 4; i++)
        box[i] = i < 2 ? HUGE_VAL : -HUGE_VAL;
    for (int i = 0; i <= N; i++) {
        if (!ok[i])
            continue;
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        if (i > 0 && ok[i - 1])
            jump = fmax(jump, fabs(x[i] - x[i - 1]));
        double east = x[i] < 0 ? x[i] + 360 : x[i];
        box[0] = fmin(box[0], east);
        box[1] = fmin(box[1], y[i]);
        box[2] = fmax(box[2], east);
        box[3] = fmax(box[3], y[i]);
    }
    return jump > (high - low) / 2 && jump > 0;
}

static clv_status fail_torn(clv_context *ctx, const char *name, bool geographic, const double box[4])
{
    if (geographic && box[2] - box[0] < 180)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: lies across the meridian of 180 degrees, where -t_srs breaks off; give the bounds with "
                        "degrees that go on beyond 180: -te %.5f %.5f %.5f %.5f",
                        name, floor(box[0] * 1e5) / 1e5, floor(box[1] * 1e5) / 1e5, ceil(box[2] * 1e5) / 1e5,
                        ceil(box[3] * 1e5) / 1e5);
    return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                    "%s: lies across the line where -t_srs breaks off (for most systems the meridian of 180 degrees); "
                    "give bounds on one side of it, or going on beyond it, with -te, or another -t_srs",
                    name);
}

/* Pixel size (units of the target) and bounds that GDAL suggests; false with GDAL's reason. */
static bool suggested_grid(GDALDatasetH source, const char *wkt, double *pixel, double box[4], clv_gdal_errors *errors)
{
    char **options = CSLSetNameValue(NULL, "DST_SRS", wkt);
    double transform[6] = {0};
    int width = 0, height = 0;
    clv_gdal_errors_begin(errors);
    void *transformer = GDALCreateGenImgProjTransformer2(source, NULL, options);
    bool done = transformer && GDALSuggestedWarpOutput2(source, GDALGenImgProjTransform, transformer, transform, &width,
                                                        &height, box, 0) == CE_None;
    if (transformer)
        GDALDestroyGenImgProjTransformer(transformer);
    clv_gdal_errors_end(errors);
    CSLDestroy(options);
    *pixel = transform[1];
    return done;
}

/* Where the raster lies on the target: GDAL's suggestion, with -tr, -te and -tap. */
static clv_status target_grid(clv_context *ctx, const clv_target *t, const char *name, GDALDatasetH source,
                              clv_grid *out)
{
    clv_grid own = {0};
    clv_status status = clv_grid_of_dataset(ctx, source, &own);
    *out = (clv_grid){.has_transform = true};
    if (status == CLV_OK && (!own.has_transform || !own.wkt))
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: has no georeference; leave out -t_srs and -tap", name);
    if (status == CLV_OK && !(out->wkt = clv_strdup(t->wkt ? t->wkt : own.wkt)))
        status = clv_fail_memory(ctx);
    if (status != CLV_OK)
        goto cleanup;
    OGRSpatialReferenceH srs = srs_of(out->wkt);
    const bool geographic = srs && OSRIsGeographic(srs);
    const double linear_unit = srs && !geographic ? OSRGetLinearUnits(srs, NULL) : 1;
    OSRDestroySpatialReference(srs);
    const clv_grid plane = plane_of(out->wkt);
    double pixel, b[4], round_box[4];
    clv_gdal_errors errors;
    const bool torn = is_torn(&own, &plane, round_box);
    if (torn && !t->has_te) {
        status = fail_torn(ctx, name, geographic, round_box);
        goto cleanup;
    }
    if (torn) {
        pixel = clv_grid_relative_pixel(&own, &plane);
    } else if (!suggested_grid(source, out->wkt, &pixel, b, &errors)) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: cannot be brought to -t_srs: %s", name,
                          clv_gdal_errors_text(&errors));
        goto cleanup;
    }
    if (t->tr > 0 && t->wkt)
        pixel = t->tr;
    else if (t->tr > 0 && !geographic) /* -tap alone: of the input's system, -tr is in metres there */
        pixel = t->tr / linear_unit;
    if (t->has_te)
        memcpy(b, t->te, sizeof b);
    for (int i = 0; t->tap && i < 4; i++)
        b[i] = (i < 2 ? floor(b[i] / pixel + 1e-6) : ceil(b[i] / pixel - 1e-6)) * pixel;
    double columns = floor((b[2] - b[0]) / pixel + 0.5), rows = floor((b[3] - b[1]) / pixel + 0.5);
    if (!(columns >= 1 && rows >= 1 && columns <= MAX_SIDE && rows <= MAX_SIDE)) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: %.0f x %.0f pixels on the target grid; check -te and -tr, which is in %s there", name,
                          columns, rows,
                          !t->wkt      ? "metres"
                          : geographic ? "degrees"
                                       : "units of that system");
        goto cleanup;
    }
    out->width = (int)columns;
    out->height = (int)rows;
    const double transform[6] = {b[0], pixel, 0, b[3], 0, -pixel};
    memcpy(out->transform, transform, sizeof transform);

cleanup:
    clv_grid_clear(&own);
    if (status != CLV_OK)
        clv_grid_clear(out);
    return status;
}

clv_status clv_target_check(clv_context *ctx, const clv_target *target, const char *name, GDALDatasetH source)
{
    clv_grid grid = {0};
    clv_status status = target ? target_grid(ctx, target, name, source, &grid) : CLV_OK;
    clv_grid_clear(&grid);
    return status;
}

/* What is not covered is nodata; where the raster has none, 0 (NaN in real numbers) becomes it. */
static void nodata_of(GDALDatasetH source, int band, double *missing, double *fill)
{
    GDALRasterBandH b = GDALGetRasterBand(source, band);
    bool real = GDALDataTypeIsFloating(GDALGetRasterDataType(b));
    int has = FALSE;
    *missing = GDALGetRasterNoDataValue(b, &has);
    *fill = has ? *missing : real ? (double)NAN : 0;
    if (!has)
        *missing = real ? (double)NAN : -1e30;
}

static clv_status copy_rows(clv_context *ctx, const char *name, GDALDatasetH view, GDALDatasetH out, int bands)
{
    int width = GDALGetRasterXSize(out), height = GDALGetRasterYSize(out);
    GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(out, 1));
    void *rows = clv_alloc_array((size_t)width, ROWS, (size_t)GDALGetDataTypeSizeBytes(type));
    clv_status status = rows ? CLV_OK : clv_fail_memory(ctx);
    for (int b = 1; b <= bands && status == CLV_OK; b++)
        for (int y = 0; y < height && status == CLV_OK; y += ROWS) {
            int n = height - y < ROWS ? height - y : ROWS;
            clv_gdal_errors errors;
            clv_gdal_errors_begin(&errors);
            CPLErr error =
                GDALRasterIO(GDALGetRasterBand(view, b), GF_Read, 0, y, width, n, rows, width, n, type, 0, 0);
            if (error == CE_None)
                error = GDALRasterIO(GDALGetRasterBand(out, b), GF_Write, 0, y, width, n, rows, width, n, type, 0, 0);
            if (clv_gdal_errors_end(&errors) || error != CE_None)
                status =
                    clv_fail(ctx, CLV_ERROR_WRITE, "%s: resampling failed: %s", name, clv_gdal_errors_text(&errors));
            if (status == CLV_OK)
                status = clv_check_cancel(ctx);
        }
    free(rows);
    return status;
}

static clv_status dress(clv_context *ctx, const clv_grid *grid, GDALDatasetH source, GDALDatasetH out,
                        const double *fill)
{
    clv_metadata_copy(source, out, true);
    clv_status status = clv_metadata_place(ctx, grid, NULL, out);
    for (int b = 1; b <= GDALGetRasterCount(out); b++) {
        GDALRasterBandH from = GDALGetRasterBand(source, b), band = GDALGetRasterBand(out, b);
        clv_metadata_copy_band(from, band, true, true);
        GDALSetRasterNoDataValue(band, fill[b - 1]);
        if (GDALGetRasterColorInterpretation(band) != GDALGetRasterColorInterpretation(from))
            GDALSetRasterColorInterpretation(band, GDALGetRasterColorInterpretation(from));
    }
    return status;
}

clv_status clv_reproject(clv_context *ctx, const clv_target *target, const char *name, const char *from, bool classes,
                         GDALDriverH driver, char **creation, const char *to)
{
    clv_grid grid = {0};
    GDALDatasetH view = NULL, out = NULL, source = GDALOpen(from, GA_ReadOnly);
    int bands = source ? GDALGetRasterCount(source) : 0;
    int *list = clv_alloc_array((size_t)bands + 1, 1, sizeof *list);
    double *missing = clv_alloc_array((size_t)bands + 1, 1, sizeof *missing),
           *fill = clv_alloc_array((size_t)bands + 1, 1, sizeof *fill);
    clv_status status = list && missing && fill ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && !source)
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be opened again", from);
    if (status == CLV_OK)
        status = target_grid(ctx, target, name, source, &grid);
    for (int b = 0; b < bands && status == CLV_OK; b++) {
        list[b] = b + 1;
        nodata_of(source, b + 1, &missing[b], &fill[b]);
    }
    clv_regrid_options options = {.resampling = classes ? GRA_NearestNeighbour : target->resampling,
                                  .bands = list,
                                  .band_count = bands,
                                  .nodata = missing,
                                  .fill = fill};
    if (status == CLV_OK)
        status = clv_regrid_open(ctx, name, source, &grid, &options, &view);
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        out = GDALCreate(driver, to, grid.width, grid.height, bands,
                         GDALGetRasterDataType(GDALGetRasterBand(source, 1)), creation);
        if (out)
            status = dress(ctx, &grid, source, out, fill);
        clv_gdal_errors_end(&errors);
        if (!out)
            status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be created: %s", to, clv_gdal_errors_text(&errors));
    }
    if (status == CLV_OK)
        status = copy_rows(ctx, name, view, out, bands);
    clv_gdal_errors closing;
    clv_gdal_errors_begin(&closing);
    if (out)
        GDALClose(out);
    if (clv_gdal_errors_end(&closing) && status == CLV_OK)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", to, clv_gdal_errors_text(&closing));
    if (view)
        GDALClose(view);
    if (source)
        GDALClose(source);
    clv_grid_clear(&grid);
    free(list);
    free(missing);
    free(fill);
    return status;
}
