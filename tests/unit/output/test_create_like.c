/* SPDX-License-Identifier: MIT
 * Outputs that are like their inputs: everything but pixels survives, inputs are never touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "unit/writing.h"

/* ---- Making inputs and running them through ---------------------------------------------------------- */

enum { W = 300, H = 280 };

typedef struct recipe {
    const char *name;
    int bands;
    GDALDataType type;
    const char *const *names; /* band descriptions */
    bool georeferenced;
    char **options;
} recipe;

static GDALDatasetH make_raster(bench *b, const recipe *r)
{
    GDALDatasetH ds =
        GDALCreate(GDALGetDriverByName("GTiff"), in_folder(b, r->name), W, H, r->bands, r->type, r->options);
    assert_non_null(ds);
    uint16_t *data = malloc(sizeof *data * W * H);
    for (int k = 1; k <= r->bands; k++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, k);
        if (r->names)
            GDALSetDescription(band, r->names[k - 1]);
        fill_noise(data, sizeof *data * W * H, (unsigned)k);
        for (int i = 0; i < W * H; i++)
            data[i] = (uint16_t)(r->type == GDT_Byte ? 1 + data[i] % 250 : 500 + data[i] % 3000);
        assert_int_equal(GDALRasterIO(band, GF_Write, 0, 0, W, H, data, W, H, GDT_UInt16, 0, 0), CE_None);
    }
    free(data);
    if (r->georeferenced) {
        double transform[6] = {674990, 20, 0, 5154960, 0, -20};
        GDALSetGeoTransform(ds, transform);
        OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
        OSRImportFromEPSG(crs, 32632);
        GDALSetSpatialRef(ds, crs);
        OSRDestroySpatialReference(crs);
    }
    return ds;
}

static const char *const rgbn[] = {"B04", "B03", "B02", "B08"};
static const char *const rgb_scl[] = {"B04", "B03", "B02", "SCL"};

static clv_series *open_series(bench *b, const char *const *paths, int count, const clv_input_options *options)
{
    clv_input_options plain = {.in_scale = NAN, .in_offset = NAN};
    clv_series *series = NULL;
    clv_clear_error(b->ctx);
    if (clv_series_open(b->ctx, paths, count, options ? options : &plain, &series) != CLV_OK)
        fprintf(stderr, "%s\n", clv_context_error(b->ctx));
    return series;
}

static clv_outputs *open_set(bench *b, const char *path, const char *format, bool overwrite)
{
    clv_output_options o = {.path = path, .format = format, .overwrite = overwrite};
    clv_outputs *set = NULL;
    clv_clear_error(b->ctx);
    if (clv_outputs_new(b->ctx, &o, &set) != CLV_OK)
        print_message("%s\n", clv_context_error(b->ctx));
    return set;
}

/* Writes what was read: the output's channels must then equal the input's bit for bit. */
static void copy_date(bench *b, clv_series *series, int t, clv_writer *w)
{
    const clv_acquisition *a = &series->acquisitions[t];
    void *rows = malloc((size_t)a->grid.width * 256 * 8);
    for (int y = 0; y < a->grid.height; y += 256)
        for (int c = 0; c < series->channels; c++) {
            clv_rect r = {0, y, a->grid.width, a->grid.height - y < 256 ? a->grid.height - y : 256};
            assert_int_equal(clv_series_read_raw(b->ctx, series, t, c, r, rows), CLV_OK);
            assert_int_equal(clv_writer_write(w, clv_writer_channel(w, t, c), r, rows), CLV_OK);
        }
    free(rows);
}

/* Every date like its input into `folder`; the caller frees the series. */
static void copy_series(bench *b, clv_series *series, const char *folder, const char *format)
{
    clv_outputs *set = open_set(b, folder, format, false);
    assert_non_null(set);
    for (int t = 0; t < series->dates; t++) {
        char *path = NULL;
        clv_writer *w = NULL;
        assert_int_equal(clv_outputs_name(set, series, series->acquisitions[t].stem, "", &path), CLV_OK);
        clv_status status = clv_writer_create_like(set, path, series, t, &w);
        if (status != CLV_OK)
            fprintf(stderr, "%s\n", clv_context_error(b->ctx));
        assert_int_equal(status, CLV_OK);
        copy_date(b, series, t, w);
        free(path);
    }
    clv_status status = clv_outputs_publish(set);
    if (status != CLV_OK)
        fprintf(stderr, "%s\n", clv_context_error(b->ctx));
    assert_int_equal(status, CLV_OK);
    clv_outputs_free(set);
}

static GDALDatasetH open_one(const char *path)
{
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    return ds;
}

/* ---- Comparing ---------------------------------------------------------------------------------------- */

static void assert_same_band(GDALRasterBandH a, GDALRasterBandH b, bool pixels)
{
    int has_a = 0, has_b = 0, w = GDALGetRasterBandXSize(a), h = GDALGetRasterBandYSize(a);
    assert_int_equal(GDALGetRasterDataType(a), GDALGetRasterDataType(b));
    assert_string_equal(GDALGetDescription(a), GDALGetDescription(b));
    /* The first band of a TIFF is grey where nothing else is known. */
    if (GDALGetRasterColorInterpretation(a) != GCI_Undefined || GDALGetBandNumber(b) != 1)
        assert_int_equal(GDALGetRasterColorInterpretation(a), GDALGetRasterColorInterpretation(b));
    double nodata_a = GDALGetRasterNoDataValue(a, &has_a), nodata_b = GDALGetRasterNoDataValue(b, &has_b);
    assert_int_equal(has_a, has_b);
    assert_true(!has_a || nodata_a == nodata_b || (isnan(nodata_a) && isnan(nodata_b)));
    assert_true(GDALGetRasterScale(a, NULL) == GDALGetRasterScale(b, NULL));
    assert_true(GDALGetRasterOffset(a, NULL) == GDALGetRasterOffset(b, NULL));
    assert_string_equal(GDALGetRasterUnitType(a), GDALGetRasterUnitType(b));
    assert_int_equal(GDALGetMaskFlags(a), GDALGetMaskFlags(b));
    if (!pixels)
        return;
    double *x = malloc(sizeof *x * (size_t)w * (size_t)h), *y = malloc(sizeof *y * (size_t)w * (size_t)h);
    assert_int_equal(GDALRasterIO(a, GF_Read, 0, 0, w, h, x, w, h, GDT_Float64, 0, 0), CE_None);
    assert_int_equal(GDALRasterIO(b, GF_Read, 0, 0, w, h, y, w, h, GDT_Float64, 0, 0), CE_None);
    assert_memory_equal(x, y, sizeof *x * (size_t)w * (size_t)h);
    free(x);
    free(y);
}

/* Items of the input must be there; what is new is counted (and said when report is not NULL). */
static int compare_items(GDALMajorObjectH in, GDALMajorObjectH out, const char *domain, const char *report)
{
    char **wanted = GDALGetMetadata(in, domain), **found = GDALGetMetadata(out, domain);
    for (int i = 0; wanted && wanted[i]; i++) {
        char *name = NULL;
        const char *value = CPLParseNameValue(wanted[i], &name);
        const char *now = CSLFetchNameValue(found, name);
        if (strncmp(name, "STATISTICS_", 11) == 0)
            assert_null(now);
        else if (!now || strcmp(now, value) != 0)
            fail_msg("%s became %s", wanted[i], now ? now : "nothing");
        CPLFree(name);
    }
    int added = 0;
    for (int i = 0; found && found[i]; i++) {
        char *name = NULL;
        CPLParseNameValue(found[i], &name);
        if (!CSLFetchNameValue(wanted, name)) {
            added++;
            if (report)
                print_message("  %s: + %s\n", report, found[i]);
        }
        CPLFree(name);
    }
    return added;
}

/* What gdalinfo shows of both. Returns the number of metadata items that only the output has. */
static int assert_like(const char *input, const char *output, bool pixels, const char *report)
{
    GDALDatasetH a = open_one(input), b = open_one(output);
    assert_int_equal(GDALGetRasterXSize(a), GDALGetRasterXSize(b));
    assert_int_equal(GDALGetRasterYSize(a), GDALGetRasterYSize(b));
    assert_int_equal(GDALGetRasterCount(a), GDALGetRasterCount(b));
    double x[6] = {0}, y[6] = {0};
    assert_int_equal(GDALGetGeoTransform(a, x), GDALGetGeoTransform(b, y));
    assert_memory_equal(x, y, sizeof x);
    OGRSpatialReferenceH crs_a = GDALGetSpatialRef(a), crs_b = GDALGetSpatialRef(b);
    assert_int_equal(crs_a != NULL, crs_b != NULL);
    if (crs_a) {
        char *wkt_a = NULL, *wkt_b = NULL;
        const char *const options[] = {"FORMAT=WKT2_2019", NULL};
        OSRExportToWktEx(crs_a, &wkt_a, options);
        OSRExportToWktEx(crs_b, &wkt_b, options);
        assert_string_equal(wkt_a, wkt_b);
        CPLFree(wkt_a);
        CPLFree(wkt_b);
    }
    assert_int_equal(GDALGetGCPCount(a), GDALGetGCPCount(b));
    int added = compare_items(a, b, NULL, report);
    compare_items(a, b, "RPC", NULL);
    for (int k = 1; k <= GDALGetRasterCount(a); k++) {
        assert_same_band(GDALGetRasterBand(a, k), GDALGetRasterBand(b, k), pixels);
        added += compare_items(GDALGetRasterBand(a, k), GDALGetRasterBand(b, k), NULL, NULL);
    }
    GDALClose(a);
    GDALClose(b);
    return added;
}

/* ---- Single dates --------------------------------------------------------------------------------------- */

static void everything_but_file_internals_survives(void **state)
{
    bench *b = *state;
    recipe r = {"S2_20220601_x.tif", 4, GDT_UInt16, rgbn, true, NULL};
    GDALDatasetH ds = make_raster(b, &r);
    for (int k = 1; k <= 4; k++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, k);
        GDALSetRasterNoDataValue(band, 0);
        GDALSetRasterScale(band, 0.0001);
        GDALSetRasterOffset(band, -0.1);
        GDALSetRasterUnitType(band, "reflectance");
        GDALSetMetadataItem(band, "STATISTICS_MEAN", "1234", NULL);
        GDALSetMetadataItem(band, "CENTRAL_WAVELENGTH_UM", "0.665", "IMAGERY");
        GDALSetMetadataItem(band, "wavelength", "665", NULL);
    }
    GDALSetRasterColorInterpretation(GDALGetRasterBand(ds, 1), GCI_RedBand);
    GDALSetRasterColorInterpretation(GDALGetRasterBand(ds, 2), GCI_GreenBand);
    GDALSetRasterColorInterpretation(GDALGetRasterBand(ds, 3), GCI_BlueBand);
    GDALSetMetadataItem(ds, "AREA_OR_POINT", "Point", NULL);
    GDALSetMetadataItem(ds, "TIFFTAG_SOFTWARE", "somebody's", NULL);
    GDALSetMetadataItem(ds, "TIFFTAG_DATETIME", "2022:06:01 10:11:12", NULL);
    GDALSetMetadataItem(ds, "MY_ITEM", "kept \xc3\xa9", NULL);
    GDALSetMetadataItem(ds, "SATELLITEID", "S2A", "IMAGERY");
    GDALSetMetadataItem(ds, "item", "42", "MY_DOMAIN");
    GDALClose(ds);
    const char *path = in_folder(b, r.name);
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    copy_series(b, series, in_folder(b, "out"), NULL);
    clv_series_free(series);
    const char *out = in_folder(b, "out/S2_20220601_x.tif");
    assert_like(path, out, true, NULL);
    ds = open_one(out);
    assert_string_equal(GDALGetMetadataItem(ds, "TIFFTAG_SOFTWARE", NULL), "somebody's");
    assert_string_equal(GDALGetMetadataItem(ds, "CLEARVISION_VERSION", NULL), clv_version());
    assert_string_equal(GDALGetMetadataItem(ds, "AREA_OR_POINT", NULL), "Point");
    assert_string_equal(GDALGetMetadataItem(ds, "SATELLITEID", "IMAGERY"), "S2A");
    assert_non_null(strstr(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", "IMAGERY"), "2022-06-01"));
    assert_string_equal(GDALGetMetadataItem(ds, "item", "MY_DOMAIN"), "42");
    assert_string_equal(GDALGetMetadataItem(GDALGetRasterBand(ds, 2), "CENTRAL_WAVELENGTH_UM", "IMAGERY"), "0.665");
    GDALClose(ds);
    assert_int_equal(count_files(in_folder(b, "out")), 1); /* all inside the file */
    assert_int_equal(count_files(b->folder), 2);           /* nothing beside the input */
}

static void aux_bands_are_copied_and_stay_in_place(void **state)
{
    bench *b = *state;
    recipe r = {"a_20220601.tif", 4, GDT_UInt16, rgb_scl, true, NULL};
    GDALClose(make_raster(b, &r));
    const char *path = in_folder(b, r.name);
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    assert_int_equal(series->channels, 3);
    copy_series(b, series, in_folder(b, "out"), NULL);
    clv_series_free(series);
    assert_like(path, in_folder(b, "out/a_20220601.tif"), true, NULL);
}

/* A mask of 0 in the upper half; a filled square becomes valid, the rest stays as it was. */
static void filled_pixels_are_valid_in_the_copied_mask(void **state)
{
    bench *b = *state;
    recipe r = {"a_20220601.tif", 3, GDT_UInt16, rgbn, true, NULL};
    GDALDatasetH ds = make_raster(b, &r);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
    GDALCreateDatasetMaskBand(ds, GMF_PER_DATASET);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    uint8_t *mask = malloc((size_t)W * H), *found = malloc((size_t)W * H);
    memset(mask, 0, (size_t)W * H);
    memset(mask + (size_t)W * H / 2, 255, (size_t)W * H / 2);
    assert_int_equal(
        GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(ds, 1)), GF_Write, 0, 0, W, H, mask, W, H, GDT_Byte, 0, 0),
        CE_None);
    GDALClose(ds);
    const char *path = in_folder(b, r.name), *out = in_folder(b, "out.tif");
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    clv_outputs *set = open_set(b, out, NULL, false);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_like(set, out, series, 0, &w), CLV_OK);
    copy_date(b, series, 0, w);
    uint8_t filled[100];
    memset(filled, 1, sizeof filled);
    assert_int_equal(clv_writer_filled(w, (clv_rect){20, 30, 10, 10}, filled), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    clv_series_free(series);
    ds = open_one(out);
    assert_int_equal(GDALGetMaskFlags(GDALGetRasterBand(ds, 1)), GMF_PER_DATASET);
    assert_int_equal(
        GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(ds, 1)), GF_Read, 0, 0, W, H, found, W, H, GDT_Byte, 0, 0),
        CE_None);
    for (int y = 30; y < 40; y++)
        memset(mask + (size_t)y * W + 20, 255, 10);
    assert_memory_equal(found, mask, (size_t)W * H);
    GDALClose(ds);
    assert_int_equal(count_files(b->folder), 2);
    free(mask);
    free(found);
}

static void alpha_stays_alpha(void **state)
{
    bench *b = *state;
    recipe r = {"a_20220601.tif", 4, GDT_Byte, NULL, true, NULL};
    GDALClose(make_raster(b, &r)); /* four bands of Byte: red, green, blue, alpha */
    const char *path = in_folder(b, r.name);
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    assert_int_equal(series->channels, 3);
    copy_series(b, series, in_folder(b, "out"), NULL);
    clv_series_free(series);
    assert_like(path, in_folder(b, "out/a_20220601.tif"), true, NULL);
}

static void four_bytes_without_colours_do_not_become_rgba(void **state)
{
    bench *b = *state;
    char **options = CSLAddString(CSLAddString(NULL, "PHOTOMETRIC=MINISBLACK"), "ALPHA=NO");
    recipe r = {"a_20220601.tif", 4, GDT_Byte, rgbn, true, options};
    GDALClose(make_raster(b, &r));
    CSLDestroy(options);
    const char *path = in_folder(b, r.name);
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    copy_series(b, series, in_folder(b, "out"), NULL);
    clv_series_free(series);
    assert_like(path, in_folder(b, "out/a_20220601.tif"), true, NULL);
}

static void georeference_of_every_kind_survives(void **state)
{
    bench *b = *state;
    recipe plain = {"plain_20220601.tif", 3, GDT_UInt16, rgbn, false, NULL};
    recipe turned = {"turned_20220601.tif", 3, GDT_UInt16, rgbn, true, NULL};
    recipe points = {"points_20220601.tif", 3, GDT_UInt16, rgbn, false, NULL};
    GDALClose(make_raster(b, &plain));
    GDALDatasetH ds = make_raster(b, &turned);
    double transform[6] = {500000, 14, 3, 5000000, 3, -14};
    GDALSetGeoTransform(ds, transform);
    GDALClose(ds);
    ds = make_raster(b, &points);
    GDAL_GCP gcps[4];
    GDALInitGCPs(4, gcps);
    for (int i = 0; i < 4; i++) {
        gcps[i].dfGCPPixel = i % 2 * W;
        gcps[i].dfGCPLine = i / 2 * H;
        gcps[i].dfGCPX = 11 + i % 2 * 0.1 + i / 2 * 0.003;
        gcps[i].dfGCPY = 46 - i / 2 * 0.1;
    }
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 4326);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    GDALSetGCPs2(ds, 4, gcps, crs);
    OSRDestroySpatialReference(crs);
    GDALDeinitGCPs(4, gcps);
    GDALClose(ds);
    const char *names[] = {"plain_20220601.tif", "turned_20220601.tif", "points_20220601.tif"};
    for (int i = 0; i < 3; i++) {
        const char *path = in_folder(b, names[i]);
        clv_series *series = open_series(b, &path, 1, NULL);
        assert_non_null(series);
        copy_series(b, series, in_folder(b, "out"), NULL);
        clv_series_free(series);
        char out[64];
        snprintf(out, sizeof out, "out/%s", names[i]);
        assert_like(path, in_folder(b, out), true, NULL);
    }
    ds = open_one(in_folder(b, "out/points_20220601.tif"));
    assert_int_equal(GDALGetGCPCount(ds), 4);
    assert_true(fabs(GDALGetGCPs(ds)[3].dfGCPX - 11.103) < 1e-9);
    GDALClose(ds);
}

static void a_date_that_is_nowhere_written_gets_written(void **state)
{
    bench *b = *state;
    recipe r = {"a.tif", 3, GDT_UInt16, rgbn, true, NULL};
    GDALClose(make_raster(b, &r));
    const char *path = in_folder(b, r.name);
    const char *const dates[] = {"2021-03-04", NULL};
    clv_input_options options = {.in_scale = NAN, .in_offset = NAN, .dates = dates};
    clv_series *series = open_series(b, &path, 1, &options);
    assert_non_null(series);
    copy_series(b, series, in_folder(b, "out"), "COG");
    char out[600];
    snprintf(out, sizeof out, "%s/out/%s.tif", b->folder, series->acquisitions[0].stem);
    clv_series_free(series);
    GDALDatasetH ds = open_one(out);
    assert_non_null(strstr(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", NULL), "2021-03-04"));
    assert_non_null(strstr(GDALGetMetadataItem(ds, "TIFFTAG_DATETIME", NULL), "2021:03:04"));
    GDALClose(ds);
    assert_like(path, out, true, NULL);
}

/* ---- Stacks ---------------------------------------------------------------------------------------------- */

static void dates_are_stacked_in_order(void **state)
{
    bench *b = *state;
    const char *files[] = {"a_20220611.tif", "b_20220601.tif"}, *paths[2];
    for (int i = 0; i < 2; i++) {
        recipe r = {files[i], 4, GDT_UInt16, rgb_scl, true, NULL};
        GDALClose(make_raster(b, &r));
        paths[i] = in_folder(b, files[i]);
    }
    clv_series *series = open_series(b, paths, 2, NULL);
    assert_non_null(series);
    const char *out = in_folder(b, "stack.tif");
    clv_outputs *set = open_set(b, out, NULL, false);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_stack(set, out, series, &w), CLV_OK);
    copy_date(b, series, 0, w);
    copy_date(b, series, 1, w);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    clv_series_free(series);
    GDALDatasetH ds = open_one(out);
    assert_int_equal(GDALGetRasterCount(ds), 6);
    assert_string_equal(GDALGetDescription(GDALGetRasterBand(ds, 1)), "B04_20220601");
    assert_string_equal(GDALGetDescription(GDALGetRasterBand(ds, 6)), "B02_20220611");
    assert_non_null(strstr(GDALGetMetadataItem(GDALGetRasterBand(ds, 4), "ACQUISITIONDATETIME", NULL), "2022-06-11"));
    assert_null(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", NULL));
    GDALDatasetH first = open_one(paths[1]);
    uint16_t *x = malloc(sizeof *x * W * H), *y = malloc(sizeof *y * W * H);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, 2), GF_Read, 0, 0, W, H, x, W, H, GDT_UInt16, 0, 0), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(first, 2), GF_Read, 0, 0, W, H, y, W, H, GDT_UInt16, 0, 0),
                     CE_None);
    assert_memory_equal(x, y, sizeof *x * W * H);
    free(x);
    free(y);
    GDALClose(first);
    GDALClose(ds);
}

static void one_raster_with_all_dates_comes_out_as_one(void **state)
{
    bench *b = *state;
    static const char *const names[] = {"B04_20220601", "B03_20220601", "B02_20220601", "SCL_20220601",
                                        "B04_20220606", "B03_20220606", "B02_20220606", "SCL_20220606"};
    recipe r = {"cube.tif", 8, GDT_UInt16, names, true, NULL};
    GDALClose(make_raster(b, &r));
    const char *path = in_folder(b, r.name), *out = in_folder(b, "stack.tif");
    clv_series *series = open_series(b, &path, 1, NULL);
    assert_non_null(series);
    assert_int_equal(series->dates, 2);
    assert_true(series->single_stack);
    clv_outputs *set = open_set(b, out, NULL, false);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_stack(set, out, series, &w), CLV_OK);
    copy_date(b, series, 0, w);
    copy_date(b, series, 1, w);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_like(path, out, true, NULL);
    /* One file per date has that date's bands only. */
    copy_series(b, series, in_folder(b, "out"), NULL);
    char second[600];
    snprintf(second, sizeof second, "%s/out/%s.tif", b->folder, series->acquisitions[1].stem);
    GDALDatasetH ds = open_one(second), all = open_one(path);
    assert_int_equal(GDALGetRasterCount(ds), 3);
    assert_same_band(GDALGetRasterBand(all, 5), GDALGetRasterBand(ds, 1), true);
    GDALClose(ds);
    GDALClose(all);
    clv_series_free(series);
}

static void stacks_need_one_grid_and_type(void **state)
{
    bench *b = *state;
    recipe one = {"a_20220601.tif", 3, GDT_UInt16, rgbn, true, NULL};
    recipe two = {"b_20220606.tif", 3, GDT_UInt16, rgbn, true, NULL};
    GDALClose(make_raster(b, &one));
    GDALDatasetH ds = make_raster(b, &two);
    double moved[6] = {675190, 20, 0, 5154960, 0, -20};
    GDALSetGeoTransform(ds, moved);
    GDALClose(ds);
    const char *paths[] = {in_folder(b, one.name), in_folder(b, two.name)};
    clv_series *series = open_series(b, paths, 2, NULL);
    assert_non_null(series);
    clv_outputs *set = open_set(b, in_folder(b, "s.tif"), NULL, false);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_stack(set, in_folder(b, "s.tif"), series, &w), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "b_20220606.tif") && error_mentions(b, "grid"));
    clv_outputs_free(set);
    clv_series_free(series);
    assert_int_equal(count_files(b->folder), 2);
}

/* ---- Inputs are never touched ---------------------------------------------------------------------------- */

static void assert_refused(bench *b, clv_series *series, const char *path)
{
    clv_outputs *set = open_set(b, b->folder, NULL, true);
    assert_non_null(set);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_like(set, path, series, 0, &w), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "input"));
    clv_outputs_free(set);
}

static void outputs_never_replace_inputs(void **state)
{
    bench *b = *state;
    recipe r = {"a_20220601.tif", 3, GDT_UInt16, rgbn, true, NULL};
    GDALClose(make_raster(b, &r));
    const char *tif = in_folder(b, r.name), *vrt = in_folder(b, "v_20220601.vrt"), *copy = in_folder(b, "copy.tif");
    GDALDatasetH ds = open_one(tif);
    GDALClose(GDALCreateCopy(GDALGetDriverByName("VRT"), vrt, ds, FALSE, NULL, NULL, NULL));
    GDALClose(ds);
    assert_int_equal(link(tif, in_folder(b, "hard.tif")), 0);
    assert_int_equal(symlink(r.name, in_folder(b, "soft.tif")), 0);
    put_text(in_folder(b, "m.tif"), "not opened here");
    size_t size, size_after;
    unsigned char *before = file_bytes(tif, &size);

    clv_series *series = open_series(b, &tif, 1, NULL);
    assert_non_null(series);
    assert_refused(b, series, tif);
    assert_refused(b, series, in_folder(b, "./a_20220601.tif"));
    assert_refused(b, series, in_folder(b, "hard.tif"));
    assert_refused(b, series, in_folder(b, "soft.tif"));
    /* The same by its name in the folder, with and without -overwrite. */
    clv_outputs *set = open_set(b, b->folder, NULL, true);
    char *path = NULL;
    assert_int_equal(clv_outputs_name(set, series, "a_20220601", "", &path), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "also an input"));
    clv_outputs_free(set);
    clv_series_free(series);

    series = open_series(b, &vrt, 1, NULL);
    assert_non_null(series);
    assert_refused(b, series, vrt);
    assert_refused(b, series, tif); /* the VRT reads it */
    set = open_set(b, copy, NULL, false);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create_like(set, copy, series, 0, &w), CLV_OK);
    copy_date(b, series, 0, w);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    clv_series_free(series);
    unsigned char *after = file_bytes(tif, &size_after);
    assert_true(size == size_after && memcmp(before, after, size) == 0);
    free(before);
    free(after);
    assert_int_equal(count_files(b->folder), 6); /* no .aux.xml beside any of them */
}

static void masks_are_inputs_too(void **state)
{
    bench *b = *state;
    recipe r = {"a_20220601.tif", 3, GDT_UInt16, rgbn, true, NULL}, m = {"m.tif", 1, GDT_Byte, NULL, true, NULL};
    GDALClose(make_raster(b, &r));
    GDALClose(make_raster(b, &m));
    const char *path = in_folder(b, r.name);
    const char *const masks[] = {in_folder(b, m.name), NULL};
    clv_input_options options = {.in_scale = NAN, .in_offset = NAN, .masks = masks};
    clv_series *series = open_series(b, &path, 1, &options);
    assert_non_null(series);
    assert_refused(b, series, in_folder(b, m.name));
    clv_series_free(series);
}

/* ---- Real pictures ----------------------------------------------------------------------------------------- */

static void check_real(bench *b, const char *const *files, int count, const clv_input_options *options,
                       const char *what)
{
    char paths[4][300];
    const char *list[4];
    for (int i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/data/%s", CLV_TEST_SHARED, files[i]);
        list[i] = paths[i];
        if (access(paths[i], R_OK) != 0) {
            print_message("%s is not there: skipped\n", paths[i]);
            skip();
        }
    }
    clv_series *series = open_series(b, list, count, options);
    assert_non_null(series);
    const char *folder = in_folder(b, what);
    copy_series(b, series, folder, NULL);
    for (int t = 0; t < series->dates; t++) {
        char out[600];
        snprintf(out, sizeof out, "%s/%s.tif", folder, series->acquisitions[t].stem);
        assert_like(series->acquisitions[t].source, out, true, t ? NULL : what);
    }
    assert_int_equal(count_files(folder), series->dates);
    clv_series_free(series);
}

static void real_series_come_out_like_they_went_in(void **state)
{
    bench *b = *state;
    static const char *const bolzano[] = {"series/bolzano/S2_L2A_T32TPS_20220602_BGRN_10m.tif",
                                          "series/bolzano/S2_L2A_T32TPS_20220605_BGRN_10m.tif"};
    static const char *const narrabeen[] = {"series/narrabeen_l1c/S2_L1C_20220104_BGRN_10m.tif",
                                            "series/narrabeen_l1c/S2_L1C_20220110_BGRN_10m.tif",
                                            "series/narrabeen_l1c/S2_L1C_20220115_BGRN_10m.tif"};
    static const char *const etna[] = {"series/etna_8bit/S2_L1C_20170227_BGRN.tif",
                                       "series/etna_8bit/S2_L1C_20170306_BGRN.tif"};
    static const char *const rome[] = {"series/rome_l1c/S2_L1C_20180106_BGRN_10m.tif"};
    static const char *const finland[] = {"series/finland_monthly/000aa810_month06_BGRN_10m.tif",
                                          "series/finland_monthly/000aa810_month07_BGRN_10m.tif"};
    static const char *const clear[] = {"clear/ROIs1158_spring_s2_26_p100_BGRN_10m.tif"};
    static const char *const two[] = {"2020-06-01", "2020-07-01", NULL}, *const one[] = {"2020-06-01", NULL};
    clv_input_options monthly = {.in_scale = NAN, .in_offset = NAN, .dates = two};
    clv_input_options single = {.in_scale = NAN, .in_offset = NAN, .dates = one};
    check_real(b, bolzano, 2, NULL, "bolzano");
    check_real(b, narrabeen, 3, NULL, "narrabeen");
    check_real(b, etna, 2, NULL, "etna");
    check_real(b, rome, 1, NULL, "rome");
    check_real(b, finland, 2, &monthly, "finland");
    check_real(b, clear, 1, &single, "clear");
}

static void cubes_come_out_as_floats_with_nan(void **state)
{
    bench *b = *state;
    char folder[300], path[700] = "";
    snprintf(folder, sizeof folder, "%s/data/earthnet2021/iid_test_split/context", CLV_TEST_SHARED);
    char **files = VSIReadDirRecursive(folder);
    for (int i = 0; files && files[i] && !*path; i++)
        if (strstr(files[i], ".npz"))
            snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    CSLDestroy(files);
    if (!*path) {
        print_message("no cube in %s: skipped\n", folder);
        skip();
    }
    const char *list = path;
    clv_series *series = open_series(b, &list, 1, NULL);
    assert_non_null(series);
    assert_true(series->dates > 1);
    copy_series(b, series, in_folder(b, "out"), NULL);
    char out[600];
    snprintf(out, sizeof out, "%s/out/%s.tif", b->folder, series->acquisitions[1].stem);
    GDALDatasetH ds = open_one(out);
    int has = 0;
    double nodata = GDALGetRasterNoDataValue(GDALGetRasterBand(ds, 1), &has);
    if (GDALDataTypeIsFloating(GDALGetRasterDataType(GDALGetRasterBand(ds, 1))))
        assert_true(has && isnan(nodata));
    assert_true(GDALGetRasterCount(ds) >= series->channels);
    assert_string_equal(GDALGetDescription(GDALGetRasterBand(ds, 1)),
                        GDALGetDescription(GDALGetRasterBand(clv_series_dataset(series, 1), 1)));
    GDALClose(ds);
    clv_series_free(series);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(everything_but_file_internals_survives),
        T(aux_bands_are_copied_and_stay_in_place),
        T(filled_pixels_are_valid_in_the_copied_mask),
        T(alpha_stays_alpha),
        T(four_bytes_without_colours_do_not_become_rgba),
        T(georeference_of_every_kind_survives),
        T(a_date_that_is_nowhere_written_gets_written),
        T(dates_are_stacked_in_order),
        T(one_raster_with_all_dates_comes_out_as_one),
        T(stacks_need_one_grid_and_type),
        T(outputs_never_replace_inputs),
        T(masks_are_inputs_too),
        T(real_series_come_out_like_they_went_in),
        T(cubes_come_out_as_floats_with_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
