/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <pthread.h>

#include "unit/rasters.h"

#include "base/alloc.h"
#include "series/series.h"

/* ---- Helpers ----------------------------------------------------------------------------------- */

static clv_context *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = clv_context_new();
    return ctx ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    clear_memory();
    clv_context_free(ctx);
    return 0;
}

static clv_input_options defaults(void)
{
    clv_info_options o;
    clv_info_options_init(&o);
    return o.input;
}

static clv_series *open_list(const char *const *names, const clv_input_options *options)
{
    clv_series *series = NULL;
    clv_input_options o = options ? *options : defaults();
    int n = 0;
    while (names[n])
        n++;
    clv_clear_error(ctx);
    if (clv_series_open(ctx, names, n, &o, &series) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    return series;
}

#define OPEN(...) open_list((const char *const[]){__VA_ARGS__, NULL}, NULL)
#define OPEN_WITH(options, ...) open_list((const char *const[]){__VA_ARGS__, NULL}, options)

static void fails_list(clv_status status, const char *part, const clv_input_options *options, const char *const *names)
{
    clv_series *series = NULL;
    clv_input_options o = options ? *options : defaults();
    int n = 0;
    while (names[n])
        n++;
    clv_clear_error(ctx);
    clv_status got = clv_series_open(ctx, names, n, &o, &series);
    const char *text = clv_context_error(ctx);
    if (got != status || !strstr(text, part))
        fail_msg("status %d (expected %d), message: %s (expected: %s)", (int)got, (int)status, text, part);
    assert_null(series);
    assert_null(strchr(text, '\n'));
}

#define FAILS(status, part, ...) fails_list(status, part, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define FAILS_WITH(options, status, part, ...)                                                                         \
    fails_list(status, part, options, (const char *const[]){__VA_ARGS__, NULL})

typedef struct pixels {
    float *x;
    uint8_t *missing;
    int w, h;
} pixels;

static pixels read_all(clv_series *s, int t)
{
    pixels p = {.w = s->grid.width, .h = s->grid.height};
    p.x = clv_alloc_array((size_t)s->channels, (size_t)p.w * (size_t)p.h, sizeof *p.x);
    p.missing = clv_alloc_array(1, (size_t)p.w * (size_t)p.h, 1);
    if (clv_series_read(ctx, s, t, (clv_rect){0, 0, p.w, p.h}, p.x, p.missing) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    return p;
}

static float at(const pixels *p, int c, int x, int y)
{
    return p->x[(c * p->h + y) * p->w + x];
}

static void drop(pixels *p)
{
    free(p->x);
    free(p->missing);
}

/* DN that tell band and place: 1000 * band + column + row / 2 on the 10 m grid with its corner at (600000, 5000000). */
static double by_place(double x, double y, int band)
{
    return 1000 * band + floor((x - 600000) / 10) + 2 * floor((5000000 - y) / 10);
}

static double constant(double x, double y, int band)
{
    (void)x;
    (void)y;
    return 1000 + 100 * band;
}

static raster base(const char *path)
{
    return (raster){.path = path,
                    .width = 64,
                    .height = 48,
                    .bands = 4,
                    .type = GDT_UInt16,
                    .names = bgrn,
                    .fill = by_place,
                    .transform = {600000, 10, 0, 5000000, 0, -10},
                    .epsg = 32632,
                    .has_nodata = true,
                    .nodata = 0};
}

static void make_at(const char *path, double x, double y, double pixel, int width, int height)
{
    raster r = base(path);
    r.width = width;
    r.height = height;
    const double t[6] = {x, pixel, 0, y, 0, -pixel};
    memcpy(r.transform, t, sizeof t);
    make(&r);
}

/* ---- One raster per date ----------------------------------------------------------------------- */

static void rasters_of_one_grid_are_read_as_they_are(void **state)
{
    (void)state;
    make_at("/vsimem/t/b_20220606.tif", 600000, 5000000, 20, 64, 48);
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 64, 48);
    clv_series *s = OPEN("/vsimem/t/b_20220606.tif", "/vsimem/t/a_20220601.tif");
    assert_true(s->dates == 2 && s->channels == 4 && s->has_nir && !s->single_stack && s->inputs == 2 && !s->has_masks);
    assert_string_equal(s->acquisitions[0].stem, "a_20220601"); /* in time, not in order of input */
    assert_int_equal(s->acquisitions[0].input, 1);
    assert_true(s->acquisitions[1].days - s->acquisitions[0].days == 5);
    assert_string_equal(s->acquisitions[0].facts.bands_how, "band descriptions B04 B03 B02 B08");
    assert_string_equal(s->acquisitions[0].facts.scale_how, "1/10000 (UInt16, no offset known)");
    assert_string_equal(s->acquisitions[0].facts.date_how, "file name");
    assert_string_equal(s->acquisitions[0].grid_how, "own grid");
    assert_string_equal(s->acquisitions[0].facts.mask_how, "");
    assert_string_equal(s->acquisitions[0].bands[0].name, "B04");
    assert_true(s->acquisitions[0].bands[0].index == 3 && s->acquisitions[0].bands[3].index == 4);
    pixels p = read_all(s, 0);
    for (int c = 0; c < 4; c++) {
        static const int band[4] = {3, 2, 1, 4};
        assert_float_equal(at(&p, c, 5, 7), (1000 * band[c] + 11 + 2 * 15) * 1e-4, 1e-6);
    }
    for (int i = 0; i < p.w * p.h; i++)
        assert_int_equal(p.missing[i], 0);
    drop(&p);
    uint16_t raw[6];
    assert_int_equal(clv_series_read_raw(ctx, s, 0, 0, (clv_rect){4, 7, 3, 2}, raw), CLV_OK);
    assert_true(raw[1] == 3041 && raw[0] == 3039 && raw[4] == 3045);
    assert_non_null(clv_series_dataset(s, 1));
    assert_int_equal(GDALGetRasterXSize(clv_series_dataset(s, 1)), 64);
    clv_series_free(s);
    clv_series_free(NULL);
}

static void ten_metres_are_averaged_to_twenty(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 10, 63, 49);
    clv_series *s = OPEN("/vsimem/t/a_20220601.tif");
    assert_true(s->grid.width == 32 && s->grid.height == 25 && s->acquisitions[0].factor == 2);
    assert_string_equal(s->acquisitions[0].grid_how, "own grid, 2x2 pixels averaged");
    pixels p = read_all(s, 0);
    /* columns 10, 11 and rows 14, 15: means 10.5 and 14.5 */
    assert_float_equal(at(&p, 0, 5, 7), (3000 + 10.5 + 2 * 14.5) * 1e-4, 1e-6);
    /* The last column and row are half outside: what is inside counts. */
    assert_float_equal(at(&p, 0, 31, 24), (3000 + 62 + 2 * 48) * 1e-4, 1e-6);
    assert_int_equal(p.missing[p.w * p.h - 1], 0);
    drop(&p);
    clv_series_free(s);
}

/* Any window of the working grid gives the values that the whole gives, missing flags too. */
static void windows_agree_with_the_whole(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 10, 63, 49);
    make_at("/vsimem/t/b_20220602.tif", 600030, 4999990, 10, 40, 40);
    clv_series *s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    for (int t = 0; t < 2; t++) {
        pixels p = read_all(s, t);
        const clv_rect windows[] = {{0, 0, 1, 1}, {31, 24, 1, 1}, {3, 5, 20, 7}, {0, 10, 32, 3}, {17, 0, 5, 25}};
        for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
            clv_rect w = windows[i];
            float x[4 * 600];
            uint8_t missing[600], only[600];
            assert_int_equal(clv_series_read(ctx, s, t, w, x, missing), CLV_OK);
            assert_int_equal(clv_series_read(ctx, s, t, w, NULL, only), CLV_OK);
            for (int j = 0; j < w.height; j++)
                for (int k = 0; k < w.width; k++) {
                    assert_int_equal(missing[j * w.width + k], p.missing[(w.y + j) * p.w + w.x + k]);
                    assert_int_equal(only[j * w.width + k], missing[j * w.width + k]);
                    for (int c = 0; c < 4; c++)
                        assert_true(x[(c * w.height + j) * w.width + k] == at(&p, c, w.x + k, w.y + j));
                }
        }
        drop(&p);
    }
    uint8_t byte;
    assert_int_equal(clv_series_read(ctx, s, 0, (clv_rect){32, 0, 1, 1}, NULL, &byte), CLV_ERROR_INTERNAL);
    clv_clear_error(ctx);
    assert_int_equal(clv_series_read(ctx, s, 2, (clv_rect){0, 0, 1, 1}, NULL, &byte), CLV_ERROR_INTERNAL);
    clv_series_free(s);
}

static void extents_that_differ_stay_direct(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 40, 30);
    make_at("/vsimem/t/b_20220602.tif", 600000, 5000000, 20, 39, 31);      /* a pixel less, a pixel more */
    make_at("/vsimem/t/c_20220603.tif", 599940, 5000020, 20, 40, 30);      /* shifted */
    make_at("/vsimem/t/d_20220604.tif", 600000 - 10, 5000000, 10, 81, 60); /* finer, phase of its own pixels */
    clv_series *s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif", "/vsimem/t/c_20220603.tif",
                         "/vsimem/t/d_20220604.tif");
    for (int t = 0; t < 4; t++)
        assert_false(s->acquisitions[t].warped);
    assert_string_equal(s->acquisitions[1].grid_how, "other extent");
    assert_string_equal(s->acquisitions[2].grid_how, "shifted by -3, -1 pixels");
    assert_string_equal(s->acquisitions[3].grid_how, "shifted by -1, 0 pixels, 2x2 pixels averaged");
    pixels a = read_all(s, 0), b = read_all(s, 1), c = read_all(s, 2), d = read_all(s, 3);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            int i = y * 40 + x;
            assert_int_equal(b.missing[i], x == 39);
            assert_int_equal(c.missing[i], x >= 37 || y == 29);
            assert_int_equal(d.missing[i], 0);
            if (!b.missing[i])
                assert_true(b.x[i] == a.x[i]);
            else
                assert_true(b.x[i] == 0);
            if (!c.missing[i])
                assert_true(c.x[i] == a.x[i]);
            /* by_place() at 20 m shows the pixel's south-eastern 10 m, the mean of four is half a step before that. */
            assert_float_equal(d.x[i], a.x[i] - 0.5e-4 - 2 * 0.5e-4, 2e-6);
        }
    drop(&a);
    drop(&b);
    drop(&c);
    drop(&d);
    clv_series_free(s);
}

/* ---- Other grids ------------------------------------------------------------------------------- */

static OGRCoordinateTransformationH to_degrees;

/* The same ground for every CRS: waves of 2 km in longitude and latitude. */
static double ground(double x, double y, int band)
{
    if (to_degrees)
        OCTTransform(to_degrees, 1, &x, &y, NULL);
    return 3000 + 200 * band + 1500 * sin(x * 250) * cos(y * 350);
}

static void use_crs(int epsg)
{
    if (to_degrees)
        OCTDestroyCoordinateTransformation(to_degrees);
    to_degrees = NULL;
    if (epsg == 4326 || epsg == 0)
        return;
    OGRSpatialReferenceH from = OSRNewSpatialReference(NULL), to = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(from, epsg);
    OSRImportFromEPSG(to, 4326);
    OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
    to_degrees = OCTNewCoordinateTransformation(from, to);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
}

static void make_ground(const char *path, int epsg, double x, double y, double dx, double dy, int width, int height,
                        GDALDataType type)
{
    raster r = base(path);
    use_crs(epsg);
    r.width = width;
    r.height = height;
    r.type = type;
    r.epsg = epsg;
    r.fill = ground;
    const double t[6] = {x, dx, 0, y, 0, -dy};
    memcpy(r.transform, t, sizeof t);
    make(&r);
}

/* Largest difference of date t to the ground over the pixels it shows, in DN; the share of missing pixels. */
static double worst(clv_series *s, int t, double *missing_share)
{
    pixels p = read_all(s, t);
    double most = 0;
    int missing = 0;
    const double *g = s->grid.transform;
    for (int y = 0; y < p.h; y++)
        for (int x = 0; x < p.w; x++) {
            if (p.missing[y * p.w + x]) {
                missing++;
                continue;
            }
            double px = g[0] + g[1] * (x + 0.5), py = g[3] + g[5] * (y + 0.5);
            for (int c = 0; c < 4; c++) {
                static const int band[4] = {3, 2, 1, 4};
                double error = fabs(at(&p, c, x, y) * 1e4 - ground(px, py, band[c]));
                most = error > most ? error : most;
            }
        }
    *missing_share = missing / (double)(p.w * p.h);
    drop(&p);
    return most;
}

static void dates_of_other_crs_are_warped(void **state)
{
    (void)state;
    /* At 12 degrees east, the border of the zones 32 and 33; around 46.05 N. */
    make_ground("/vsimem/t/b_20220602.tif", 32633, 266000, 5106000, 20, 20, 200, 200, GDT_UInt16);
    make_ground("/vsimem/t/c_20220603.tif", 4326, 11.95, 46.12, 0.0002, 0.00015, 700, 800, GDT_Float32);
    make_ground("/vsimem/t/d_20220604.tif", 32632, 730987, 5105013, 20, 20, 160, 160,
                GDT_Int16); /* a third of a pixel off */
    make_ground("/vsimem/t/e_20220605.tif", 32632, 730997, 5105003, 5, 5, 700, 700, GDT_UInt16); /* much finer */
    make_ground("/vsimem/t/a_20220601.tif", 32632, 731000, 5105000, 20, 20, 150, 140, GDT_UInt16);
    clv_series *s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif", "/vsimem/t/c_20220603.tif",
                         "/vsimem/t/d_20220604.tif", "/vsimem/t/e_20220605.tif");
    assert_false(s->acquisitions[0].warped);
    for (int t = 1; t < 5; t++)
        assert_true(s->acquisitions[t].warped && s->acquisitions[t].factor == 1);
    assert_string_equal(s->acquisitions[1].grid_how, "warped bilinear from EPSG:32633");
    assert_string_equal(s->acquisitions[3].grid_how, "warped bilinear from EPSG:32632, another pixel grid");
    assert_string_equal(s->acquisitions[4].grid_how, "warped average from EPSG:32632, another pixel grid");
    double share, limit[5] = {0.6, 25, 25, 25, 25}; /* waves of 1500 DN and 2 km: a pixel off would be 90 DN */
    for (int t = 0; t < 5; t++) {
        double error = worst(s, t, &share);
        if (error > limit[t])
            fail_msg("date %d is off by %g DN", t, error);
        if (t != 1)
            assert_true(share < 0.02);
        else
            assert_true(share < 0.6);
    }
    clv_series_free(s);
    use_crs(0);
}

static double with_hole(double x, double y, int band)
{
    bool hole = x > 600400 && x < 600600 && y > 4999400 && y < 4999600;
    return hole ? 0 : 4000 + band;
}

static void warped_nodata_stays_nodata(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/a_20220601.tif");
    const double t[6] = {600000, 20, 0, 5000000, 0, -20}, shifted[6] = {599993, 20, 0, 5000007, 0, -20};
    memcpy(r.transform, t, sizeof t);
    make(&r);
    r.path = "/vsimem/t/b_20220602.tif";
    r.fill = with_hole;
    r.width = r.height = 80;
    memcpy(r.transform, shifted, sizeof t);
    for (int declared = 0; declared < 2; declared++) { /* by the tag, and by all bands being 0 */
        r.has_nodata = declared;
        make(&r);
        clv_series *s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
        assert_true(s->acquisitions[1].warped);
        pixels p = read_all(s, 1);
        assert_int_equal(p.missing[25 * p.w + 25], 1); /* (600510, 4999490) */
        for (int i = 0; i < p.w * p.h; i++)
            if (!p.missing[i])
                assert_true(p.x[i] > 0.39f); /* nothing of the hole is mixed in */
        drop(&p);
        clv_series_free(s);
    }
}

static void a_reference_may_be_named(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 40, 30);
    make_at("/vsimem/t/b_20220602.tif", 600000, 5000000, 20, 40, 30);
    make_at("/vsimem/t/ref.tif", 600100, 4999900, 20, 20, 20);
    clv_input_options o = defaults();
    o.ref = "/vsimem/t/ref.tif";
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    assert_true(s->grid.width == 20 && s->acquisitions[0].xoff == 5 && s->acquisitions[0].yoff == 5);
    clv_series_free(s);
    o.ref = "/vsimem/t/none.tif";
    FAILS_WITH(&o, CLV_ERROR_OPEN, "/vsimem/t/none.tif: no such file", "/vsimem/t/a_20220601.tif");
    o.ref = NULL;
    o.tr = 40;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "give -tr 20", "/vsimem/t/b_20220602.tif"); /* 20x15 pixels */
}

static void grids_that_do_not_meet_are_an_error(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 40, 30);
    make_at("/vsimem/t/b_20220602.tif", 700000, 5000000, 20, 40, 30);
    make_at("/vsimem/t/c_20220603.tif", 700007, 5000000, 20, 40, 30);
    FAILS(CLV_ERROR_ARGUMENT, "/vsimem/t/b_20220602.tif does not overlap /vsimem/t/a_20220601.tif",
          "/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    FAILS(CLV_ERROR_ARGUMENT, "c_20220603.tif does not overlap", "/vsimem/t/a_20220601.tif",
          "/vsimem/t/c_20220603.tif");
    raster r = base("/vsimem/t/d_20220604.tif");
    r.epsg = 0;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "d_20220604.tif: its CRS is not known", "/vsimem/t/a_20220601.tif",
          "/vsimem/t/d_20220604.tif");
    memset(r.transform, 0, sizeof r.transform);
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "d_20220604.tif has no georeference while /vsimem/t/a_20220601.tif has one",
          "/vsimem/t/a_20220601.tif", "/vsimem/t/d_20220604.tif");
    r.path = "/vsimem/t/e_20220605.tif";
    r.width = 65;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "without georeference all must have one size", "/vsimem/t/d_20220604.tif",
          "/vsimem/t/e_20220605.tif");
}

/* ---- Dates ------------------------------------------------------------------------------------- */

static void dates_are_found_or_asked_for(void **state)
{
    (void)state;
    make_at("/vsimem/t/one.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/two.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/x_20220601.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/y_20220601.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/z_20220601T101010.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/z_20220601T111010.tif", 600000, 5000000, 20, 20, 20);
    FAILS(CLV_ERROR_ARGUMENT, "give -date YYYY-MM-DD 2 times", "/vsimem/t/one.tif", "/vsimem/t/two.tif");
    FAILS(CLV_ERROR_ARGUMENT, "/vsimem/t/two.tif: its date is not known", "/vsimem/t/x_20220601.tif",
          "/vsimem/t/two.tif");
    FAILS(CLV_ERROR_ARGUMENT, "/vsimem/t/x_20220601.tif and /vsimem/t/y_20220601.tif are both of 2022-06-01",
          "/vsimem/t/x_20220601.tif", "/vsimem/t/y_20220601.tif");
    FAILS(CLV_ERROR_ARGUMENT, "are both of", "/vsimem/t/x_20220601.tif", "/vsimem/t/z_20220601T101010.tif");
    FAILS(CLV_ERROR_ARGUMENT, "are both of", "/vsimem/t/x_20220601.tif", "/vsimem/t/x_20220601.tif");
    clv_series *s = OPEN("/vsimem/t/z_20220601T111010.tif", "/vsimem/t/z_20220601T101010.tif");
    assert_true(s->acquisitions[0].facts.date.hour == 10 && s->acquisitions[1].facts.date.hour == 11);
    clv_series_free(s);
    s = OPEN("/vsimem/t/one.tif");
    assert_string_equal(s->acquisitions[0].facts.date_how, "unknown");
    assert_true(s->acquisitions[0].facts.date.year == 0 && s->acquisitions[0].days == 0);
    clv_series_free(s);

    clv_input_options o = defaults();
    o.dates = (const char *const[]){"2022-07-05", "2022-07-01", NULL};
    s = OPEN_WITH(&o, "/vsimem/t/x_20220601.tif", "/vsimem/t/y_20220601.tif");
    assert_int_equal(s->acquisitions[0].input, 1);
    assert_string_equal(s->acquisitions[0].facts.date_how, "-date");
    assert_int_equal(s->acquisitions[0].facts.date.day, 1);
    clv_series_free(s);
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-date: 2 given, but the inputs hold 3", "/vsimem/t/x_20220601.tif",
               "/vsimem/t/one.tif", "/vsimem/t/two.tif");
    o.dates = (const char *const[]){"2022-07-05", "yesterday", NULL};
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-date yesterday: is not a date", "/vsimem/t/one.tif", "/vsimem/t/two.tif");
}

static void tagged(const char *path, const char *key, const char *domain, const char *value)
{
    raster r = base(path);
    GDALDatasetH ds = make_open(&r);
    GDALSetMetadataItem(ds, key, value, domain);
    GDALClose(ds);
}

static void dated(const char *path, const char *expected, const char *how)
{
    clv_series *s = OPEN(path);
    char text[32];
    clv_date_format(&s->acquisitions[0].facts.date, text);
    assert_string_equal(text, expected);
    assert_string_equal(s->acquisitions[0].facts.date_how, how);
    clv_series_free(s);
}

static void metadata_tells_dates(void **state)
{
    (void)state;
    tagged("/vsimem/t/a.tif", "TIFFTAG_DATETIME", NULL, "2022:06:02 00:00:00");
    dated("/vsimem/t/a.tif", "2022-06-02", "TIFFTAG_DATETIME");
    tagged("/vsimem/t/b.tif", "ACQUISITIONDATETIME", "IMAGERY", "2022-06-02 10:20:30");
    dated("/vsimem/t/b.tif", "2022-06-02T10:20:30Z", "ACQUISITIONDATETIME");
    tagged("/vsimem/t/c.tif", "SENSING_TIME", NULL, "2022-03-19T09:20:29.123Z; 2022-03-19T09:20:31.0Z");
    dated("/vsimem/t/c.tif", "2022-03-19T09:20:29Z", "SENSING_TIME");
    /* When the file was written is not when the picture was taken. */
    tagged("/vsimem/t/d_20210505.tif", "TIFFTAG_DATETIME", NULL, "2023:01:01 12:00:00");
    dated("/vsimem/t/d_20210505.tif", "2021-05-05", "file name (not TIFFTAG_DATETIME)");
    tagged("/vsimem/t/e_20210505.tif", "TIFFTAG_DATETIME", NULL, "2021:05:05 12:00:00");
    dated("/vsimem/t/e_20210505.tif", "2021-05-05T12:00:00Z", "TIFFTAG_DATETIME");
    tagged("/vsimem/t/f.tif", "DATETIME", NULL, "last summer");
    dated("/vsimem/t/f.tif", "0000-00-00", "unknown");
    make_at("/vsimem/t/20220801/g.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/20220811/g.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/20220811/h.tif", 600000, 5000000, 20, 20, 20);
    clv_series *s = OPEN("/vsimem/t/20220801/g.tif", "/vsimem/t/20220811/g.tif");
    assert_string_equal(s->acquisitions[0].facts.date_how, "folder name");
    assert_string_equal(s->acquisitions[0].stem, "g");
    assert_string_equal(s->acquisitions[1].stem, "g_20220811"); /* unique */
    clv_series_free(s);
    FAILS(CLV_ERROR_ARGUMENT, "no input tells its date", "/vsimem/t/20220811/g.tif", "/vsimem/t/20220811/h.tif");
}

static void folders_beat_export_times_but_not_days_of_tags(void **state)
{
    (void)state;
    tagged("/vsimem/t/2021-03-04/s.tif", "TIFFTAG_DATETIME", NULL, "2024:02:07 08:00:01");
    tagged("/vsimem/t/2021-03-14/s.tif", "TIFFTAG_DATETIME", NULL, "2024:02:07 08:00:04");
    clv_series *s = OPEN("/vsimem/t/2021-03-14/s.tif", "/vsimem/t/2021-03-04/s.tif");
    assert_string_equal(s->acquisitions[0].facts.date_how, "folder name (not TIFFTAG_DATETIME)");
    assert_true(s->acquisitions[0].facts.date.year == 2021 && s->acquisitions[1].facts.date.day == 14);
    clv_series_free(s);
    /* One folder above all, whose pictures are of other days. */
    tagged("/vsimem/t/20240207/s.tif", "TIFFTAG_DATETIME", NULL, "2021:03:04 10:00:01");
    tagged("/vsimem/t/20240207/u.tif", "TIFFTAG_DATETIME", NULL, "2021:03:14 10:00:04");
    s = OPEN("/vsimem/t/20240207/s.tif", "/vsimem/t/20240207/u.tif");
    assert_true(s->acquisitions[0].facts.date.year == 2021 && s->acquisitions[1].facts.date.day == 14);
    assert_string_equal(s->acquisitions[0].facts.date_how, "TIFFTAG_DATETIME (not folder name)");
    clv_series_free(s);
    tagged("/vsimem/t/20240207/u.tif", "TIFFTAG_DATETIME", NULL, "2021:03:04 10:00:09");
    FAILS(CLV_ERROR_ARGUMENT, "no input tells its date", "/vsimem/t/20240207/s.tif", "/vsimem/t/20240207/u.tif");
    dated("/vsimem/t/2021-03-04/s.tif", "2021-03-04", "folder name (not TIFFTAG_DATETIME)");
    make_at("/vsimem/t/s2_2019_123.tif", 600000, 5000000, 20, 20, 20);
    dated("/vsimem/t/s2_2019_123.tif", "2019-05-03", "file name, day of year");
}

/* ---- Stacks and lists -------------------------------------------------------------------------- */

static void a_stack_is_split_by_its_bands_names(void **state)
{
    (void)state;
    static const char *const names[] = {"B04_20220811", "B03_20220811", "B02_20220811", "B04_20220801",
                                        "B03_20220801", "B02_20220801", "SCL"};
    raster r = base("/vsimem/t/stack.tif");
    r.bands = 7;
    r.names = names;
    r.fill = constant;
    make(&r);
    clv_series *s = OPEN("/vsimem/t/stack.tif");
    assert_true(s->dates == 2 && s->channels == 3 && s->single_stack && !s->has_nir);
    assert_true(s->acquisitions[0].bands[0].index == 4 && s->acquisitions[0].step == 1 &&
                s->acquisitions[1].bands[2].index == 3);
    assert_string_equal(s->acquisitions[0].stem, "stack_20220801");
    assert_string_equal(s->acquisitions[0].facts.date_how, "band descriptions");
    pixels p = read_all(s, 0);
    assert_float_equal(at(&p, 0, 3, 3), 0.14, 1e-6);
    drop(&p);
    clv_series_free(s);
    r.names = (const char *const[]){"B04_20220811", "B03_20220811", "B02_20220811", "B04_20220801",
                                    "B03_20220801", "B02",          "SCL"};
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "band 6 has no date", "/vsimem/t/stack.tif");
    r.bands = 5;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "has 3 bands of its first date and 2 of date 2", "/vsimem/t/stack.tif");
}

static void a_stack_without_names_is_split_by_given_dates(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/stack.tif");
    r.bands = 6;
    r.names = NULL;
    r.fill = constant;
    make(&r);
    clv_input_options o = defaults();
    o.dates = (const char *const[]){"2022-07-01", "2022-07-05", NULL};
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/stack.tif");
    assert_true(s->dates == 2 && s->channels == 3 && s->acquisitions[1].bands[0].index == 4);
    clv_series_free(s);
    r.names = (const char *const[]){"red", "red", "green", "green", "blue", "blue"};
    make(&r);
    s = OPEN_WITH(&o, "/vsimem/t/stack.tif");
    assert_true(s->acquisitions[1].bands[0].index == 2 && s->acquisitions[1].bands[2].index == 6);
    clv_series_free(s);
    o.dates = (const char *const[]){"2022-07-01", "2022-07-05", "2022-07-09", "2022-07-10", NULL};
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "6 bands cannot be divided among the 4 dates", "/vsimem/t/stack.tif");
}

static void a_stack_may_carry_dates_as_metadata(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/stack.tif");
    r.bands = 6;
    r.names = (const char *const[]){"B04", "B03", "B02", "B04", "B03", "B02"};
    GDALDatasetH ds = make_open(&r);
    for (int b = 1; b <= 6; b++)
        GDALSetMetadataItem(GDALGetRasterBand(ds, b), "ACQUISITIONDATETIME",
                            b <= 3 ? "2022-07-01 10:00:00" : "2022-07-06 10:00:00", "IMAGERY");
    GDALClose(ds);
    clv_series *s = OPEN("/vsimem/t/stack.tif");
    assert_true(s->dates == 2 && s->single_stack && s->acquisitions[1].facts.date.day == 6);
    clv_series_free(s);
}

static void text_files_name_inputs(void **state)
{
    (void)state;
    make_at("/vsimem/t/in/a_20220601.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/in/b_20220602.tif", 600000, 5000000, 20, 20, 20);
    make_at("/vsimem/t/c_20220603.tif", 600000, 5000000, 20, 20, 20);
    write_text("/vsimem/t/list.txt",
               "\xef\xbb\xbf# series\r\n\r\n  in/a_20220601.tif \r\nin/more.lst\n/vsimem/t/c_20220603.tif");
    write_text("/vsimem/t/in/more.lst", "b_20220602.tif\n");
    clv_series *s = OPEN("/vsimem/t/list.txt");
    assert_true(s->dates == 3 && s->inputs == 3 && s->acquisitions[1].input == 1);
    clv_series_free(s);
    write_text("/vsimem/t/empty.txt", "# nothing\n");
    FAILS(CLV_ERROR_FORMAT, "/vsimem/t/empty.txt: names no inputs", "/vsimem/t/empty.txt");
    write_text("/vsimem/t/self.txt", "self.txt\n");
    FAILS(CLV_ERROR_FORMAT, "self.txt: text files name each other", "/vsimem/t/self.txt");
    FAILS(CLV_ERROR_OPEN, "none.txt: cannot be read", "/vsimem/t/none.txt");
    VSILFILE *f = VSIFOpenL("/vsimem/t/binary.txt", "wb");
    VSIFWriteL("a\0b", 1, 3, f);
    VSIFCloseL(f);
    FAILS(CLV_ERROR_FORMAT, "is not a text file", "/vsimem/t/binary.txt");
}

static void a_vrt_is_an_input_like_any(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 20, 20);
    GDALDatasetH source = GDALOpen("/vsimem/t/a_20220601.tif", GA_ReadOnly);
    GDALClose(GDALCreateCopy(GDALGetDriverByName("VRT"), "/vsimem/t/v_20220601.vrt", source, FALSE, NULL, NULL, NULL));
    GDALClose(source);
    clv_series *s = OPEN("/vsimem/t/v_20220601.vrt");
    pixels p = read_all(s, 0);
    assert_float_equal(at(&p, 0, 1, 1), (3000 + 3 + 2 * 3) * 1e-4, 1e-6);
    drop(&p);
    clv_series_free(s);
    VSIUnlink("/vsimem/t/a_20220601.tif");
    FAILS(CLV_ERROR_READ, "v_20220601.vrt: reading failed", "/vsimem/t/v_20220601.vrt");
    write_text("/vsimem/t/loop_20220601.vrt", "<VRTDataset rasterXSize=\"20\" rasterYSize=\"20\">"
                                              "<VRTRasterBand dataType=\"UInt16\" "
                                              "band=\"1\"><SimpleSource><SourceFilename>/vsimem/t/loop_20220601.vrt</"
                                              "SourceFilename></SimpleSource></VRTRasterBand>"
                                              "<VRTRasterBand dataType=\"UInt16\" "
                                              "band=\"2\"><SimpleSource><SourceFilename>/vsimem/t/loop_20220601.vrt</"
                                              "SourceFilename></SimpleSource></VRTRasterBand>"
                                              "<VRTRasterBand dataType=\"UInt16\" "
                                              "band=\"3\"><SimpleSource><SourceFilename>/vsimem/t/loop_20220601.vrt</"
                                              "SourceFilename></SimpleSource></VRTRasterBand>"
                                              "</VRTDataset>");
    FAILS(CLV_ERROR_READ, "loop_20220601.vrt: reading failed", "/vsimem/t/loop_20220601.vrt");
}

/* ---- Bands, values, nodata --------------------------------------------------------------------- */

static void pictures_without_georeference_are_read(void **state)
{
    (void)state;
    raster r = {.path = "/vsimem/t/mem",
                .driver = "MEM",
                .width = 30,
                .height = 20,
                .bands = 3,
                .type = GDT_Byte,
                .fill = NULL};
    GDALDatasetH source = make_open(&r);
    for (int b = 1; b <= 3; b++) {
        GDALSetRasterColorInterpretation(GDALGetRasterBand(source, b), (GDALColorInterp)(GCI_RedBand + b - 1));
        GDALFillRaster(GDALGetRasterBand(source, b), 51 * b, 0);
    }
    GDALClose(GDALCreateCopy(GDALGetDriverByName("PNG"), "/vsimem/t/one.png", source, FALSE, NULL, NULL, NULL));
    GDALClose(
        GDALCreateCopy(GDALGetDriverByName("PNG"), "/vsimem/t/two_2022-05-06.png", source, FALSE, NULL, NULL, NULL));
    GDALClose(source);
    clv_input_options o = defaults();
    o.dates = (const char *const[]){"2022-05-01", "2022-05-06", NULL};
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/one.png", "/vsimem/t/two_2022-05-06.png");
    assert_true(s->channels == 3 && !s->grid.has_transform && s->grid.width == 30);
    assert_string_equal(s->acquisitions[0].facts.scale_how, "1/255 (Byte)");
    pixels p = read_all(s, 0);
    assert_float_equal(at(&p, 0, 2, 2), 0.2, 1e-6);
    assert_float_equal(at(&p, 2, 2, 2), 0.6, 1e-6);
    drop(&p);
    clv_series_free(s);
    o.tr = 20;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-tr", "/vsimem/t/one.png", "/vsimem/t/two_2022-05-06.png");
}

static void the_user_decides_over_bands_and_scale(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/a_20220601.tif");
    r.names = NULL;
    r.fill = constant;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "give -b 3,2,1,4", "/vsimem/t/a_20220601.tif");
    clv_input_options o = defaults();
    const int bands[4] = {1, 2, 3, 4}, wrong[3] = {1, 2, 5}, twice[3] = {1, 2, 2};
    o.bands = bands;
    o.band_count = 4;
    o.in_scale = 0.001;
    o.in_offset = -1;
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif");
    assert_string_equal(s->acquisitions[0].facts.bands_how, "-b");
    assert_string_equal(s->acquisitions[0].facts.scale_how, "scale 0.001 (-in_scale), offset -1 (-in_offset)");
    pixels p = read_all(s, 0);
    assert_float_equal(at(&p, 0, 2, 2), 0.1, 1e-6);
    assert_float_equal(at(&p, 3, 2, 2), 0.4, 1e-6);
    drop(&p);
    clv_series_free(s);
    o.band_count = 3; /* the fourth is filled too, but nobody knows what it is */
    s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif");
    assert_true(s->channels == 4 && !s->has_nir && s->acquisitions[0].bands[3].role == CLV_ROLE_OTHER);
    clv_series_free(s);
    o.bands = wrong;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-b 5:", "/vsimem/t/a_20220601.tif");
    o.bands = twice;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "band 2 is named twice", "/vsimem/t/a_20220601.tif");
    o.bands = bands;
    o.in_scale = 0;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-in_scale", "/vsimem/t/a_20220601.tif");
    o = defaults();
    o.resampling = (clv_resampling)17;
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-r 17", "/vsimem/t/a_20220601.tif");
}

static void names_and_metadata_tell_the_offset(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/S2A_MSIL2A_20220801T101559_N0400_R065_T32TQR_20220801T135822.tif");
    r.fill = constant;
    make(&r);
    clv_series *s = OPEN(r.path);
    assert_true(s->acquisitions[0].bands[0].offset == -0.1 && s->acquisitions[0].bands[0].scale == 1e-4);
    clv_series_free(s);
    r.path = "/vsimem/t/b_20220801.tif";
    GDALDatasetH ds = make_open(&r);
    for (int b = 1; b <= 4; b++) {
        GDALSetRasterScale(GDALGetRasterBand(ds, b), 0.0001);
        GDALSetRasterOffset(GDALGetRasterBand(ds, b), b == 3 ? -0.1 : -0.05);
    }
    GDALClose(ds);
    s = OPEN(r.path);
    assert_true(s->acquisitions[0].bands[0].offset == -0.1 && s->acquisitions[0].bands[1].offset == -0.05);
    assert_string_equal(s->acquisitions[0].facts.scale_how, "scale 0.0001, offset -0.1 (band metadata)");
    clv_series_free(s);
}

static double holes(double x, double y, int band)
{
    int column = (int)((x - 600000) / 10), row = (int)floor((5000000 - y) / 10);
    switch (column) {
    case 0:
        return band == 1 && row % 8 == 0 ? 0 : 3000; /* blue alone, in single pixels */
    case 1:
        return 0;
    case 2:
        return -9999;
    case 3:
        return band == 4 && row % 8 == 0 ? NAN : 3000;
    case 4:
        return band == 3 ? INFINITY : 3000;
    case 5:
        return band == 2 ? 255 : 3000;
    default:
        return 3000;
    }
}

/* Which of the first six columns of row 0 are missing, as bits, when the raster is read at its own 10 m. */
static unsigned missing_columns(GDALDataType type, bool declared, double nodata, const char *srcnodata)
{
    raster r = base("/vsimem/t/n_20220601.tif");
    r.type = type;
    r.fill = holes;
    r.has_nodata = declared;
    r.nodata = nodata;
    make(&r);
    clv_input_options o = defaults();
    o.tr = 10;
    o.srcnodata = srcnodata;
    o.in_scale = 1e-4;
    clv_series *s = OPEN_WITH(&o, r.path);
    pixels p = read_all(s, 0);
    unsigned bits = 0;
    for (int x = 0; x < 6; x++) {
        bits |= (unsigned)p.missing[x] << x;
        if (p.missing[x])
            for (int c = 0; c < 4; c++)
                assert_true(at(&p, c, x, 0) == 0);
    }
    for (int x = 6; x < p.w; x++)
        assert_int_equal(p.missing[x], 0);
    drop(&p);
    clv_series_free(s);
    return bits;
}

static void nodata_is_found_by_the_ladder(void **state)
{
    (void)state;
    /* UInt16 stores -9999 and NaN as 0, Inf as 65535, which no reflectance is. Columns: 0 blue is 0; 1, 2 all 0; 3 NIR
     * is 0; 5 green is 255. */
    assert_int_equal(missing_columns(GDT_UInt16, false, 0, NULL), 0x16); /* 0 in all bands */
    assert_int_equal(missing_columns(GDT_UInt16, true, 0, NULL),
                     0x16); /* the same when it is declared: 0 alone is dark */
    /* By the pixels: columns of 0 and -9999 in all bands, whatever else is declared; of real numbers any such pixel. */
    assert_int_equal(missing_columns(GDT_UInt16, true, 255, NULL), 0x36);
    assert_int_equal(missing_columns(GDT_UInt16, true, 0, "none"), 0);
    assert_int_equal(missing_columns(GDT_UInt16, false, 0, "255"), 0x20);
    assert_int_equal(missing_columns(GDT_UInt16, true, 255, "65535"), 0x10);
    assert_int_equal(missing_columns(GDT_Int16, false, 0, NULL), 0x16);
    assert_int_equal(missing_columns(GDT_Int16, true, 255, NULL), 0x36);
    assert_int_equal(missing_columns(GDT_Float32, false, 0, NULL), 0x1e);
    assert_int_equal(missing_columns(GDT_Float32, true, -9999, NULL), 0x1e);
    assert_int_equal(missing_columns(GDT_Float32, true, -9999, "nan"), 0x18);
    assert_int_equal(missing_columns(GDT_Float32, false, 0, "0"), 0x1b);
    assert_int_equal(missing_columns(GDT_Float64, true, NAN, NULL), 0x1e);
    clv_input_options o = defaults();
    o.srcnodata = "zero";
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-srcnodata zero", "/vsimem/t/n_20220601.tif");
}

static void alpha_and_masks_of_datasets_count(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/alpha_20220601.tif");
    r.names = (const char *const[]){"red", "green", "blue", "alpha"};
    r.type = GDT_Byte;
    r.has_nodata = false;
    r.fill = constant;
    GDALDatasetH ds = make_open(&r);
    GDALSetRasterColorInterpretation(GDALGetRasterBand(ds, 4), GCI_AlphaBand);
    uint8_t half[64];
    for (int x = 0; x < 64; x++)
        half[x] = x < 10 ? 0 : 255;
    for (int y = 0; y < 48; y++)
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, 4), GF_Write, 0, y, 64, 1, half, 64, 1, GDT_Byte, 0, 0),
                         CE_None);
    GDALClose(ds);
    r = base("/vsimem/t/mask_20220602.tif");
    r.names = (const char *const[]){"red", "green", "blue", "B8A"};
    r.has_nodata = false;
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
    ds = make_open(&r);
    assert_int_equal(GDALCreateDatasetMaskBand(ds, GMF_PER_DATASET), CE_None);
    GDALRasterBandH mask = GDALGetMaskBand(GDALGetRasterBand(ds, 1));
    for (int y = 0; y < 48; y++)
        assert_int_equal(GDALRasterIO(mask, GF_Write, 0, y, 64, 1, half, 64, 1, GDT_Byte, 0, 0), CE_None);
    GDALClose(ds);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    const char *const paths[] = {"/vsimem/t/alpha_20220601.tif", "/vsimem/t/mask_20220602.tif"};
    make_at("/vsimem/t/shifted.tif", 599997, 5000003, 20, 32, 24);
    for (int i = 0; i < 2; i++)
        for (int warped = 0; warped < 2; warped++) {
            clv_input_options o = defaults();
            o.ref = warped ? "/vsimem/t/shifted.tif" : NULL;
            clv_series *s = OPEN_WITH(&o, paths[i]);
            assert_int_equal(s->acquisitions[0].warped, warped);
            assert_int_equal(s->channels, i == 0 ? 3 : 4); /* alpha is no channel */
            pixels p = read_all(s, 0);
            for (int x = 1; x < 30; x++)
                if (x < 4 || x > 6)
                    assert_int_equal(p.missing[5 * p.w + x], x < 4);
            drop(&p);
            clv_series_free(s);
        }
}

static void further_bands_are_channels_where_all_dates_have_them(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/a_20220601.tif");
    r.bands = 6;
    r.names = (const char *const[]){"B02", "B03", "B04", "B05", "B8A", "SCL"};
    make(&r);
    r.path = "/vsimem/t/b_20220602.tif";
    r.names = (const char *const[]){"B11", "B05", "B04", "B03", "B02", "B8A"};
    make(&r);
    clv_series *s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    assert_true(s->channels == 5 && s->has_nir);
    for (int t = 0; t < 2; t++) {
        assert_string_equal(s->acquisitions[t].bands[3].name, "B8A");
        assert_string_equal(s->acquisitions[t].bands[4].name, "B05");
    }
    assert_int_equal(s->acquisitions[1].bands[4].index, 2);
    pixels p = read_all(s, 1);
    assert_float_equal(at(&p, 4, 0, 0), (2000 + 0.5 + 2 * 0.5) * 1e-4, 1e-6);
    drop(&p);
    clv_series_free(s);
    r = base("/vsimem/t/c_20220603.tif");
    r.bands = 3;
    r.names = (const char *const[]){"red", "green", "blue"};
    make(&r);
    s = OPEN("/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif", "/vsimem/t/c_20220603.tif");
    assert_true(s->channels == 3 && !s->has_nir);
    clv_series_free(s);
}

static double reflectance(double x, double y, int band)
{
    return by_place(x, y, band) * 1e-4;
}

static double nothing(double x, double y, int band)
{
    (void)x;
    (void)y;
    (void)band;
    return NAN;
}

static void a_date_without_values_takes_the_others_scale(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/a_20220601.tif");
    r.type = GDT_Float32;
    r.nodata = NAN;
    make(&r);
    r.path = "/vsimem/t/b_20220602.tif";
    r.fill = nothing;
    make(&r);
    clv_series *s = OPEN("/vsimem/t/b_20220602.tif", "/vsimem/t/a_20220601.tif");
    assert_true(s->acquisitions[0].bands[0].scale == 1e-4 && s->acquisitions[1].bands[0].scale == 1e-4);
    clv_series_free(s);
    r.path = "/vsimem/t/c_20220603.tif";
    r.fill = reflectance;
    make(&r);
    s = OPEN("/vsimem/t/b_20220602.tif", "/vsimem/t/c_20220603.tif");
    assert_true(s->acquisitions[0].bands[0].scale == 1 && s->acquisitions[1].bands[0].scale == 1);
    clv_series_free(s);
}

/* ---- Masks ------------------------------------------------------------------------------------- */

static double mask_dots(double x, double y, int band)
{
    int column = (int)floor((x - 600000) / 10), row = (int)floor((5000000 - y) / 10);
    return column == 7 && row == 4 ? 200 : band == 2 && column == 20 && row == 20 ? 1 : 0;
}

static double picture_dots(double x, double y, int band)
{
    (void)band;
    return (int)x == 7 && (int)y == 4;
}

static double scl_classes(double x, double y, int band)
{
    int column = (int)floor((x - 600000) / 20), row = (int)floor((5000000 - y) / 20);
    (void)band;
    return row == 3 ? column % 12 : 4;
}

static void masks_flag_any_pixel(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 10, 64, 48);
    make_at("/vsimem/t/b_20220602.tif", 600000, 5000000, 10, 64, 48);
    raster r = base("/vsimem/t/mask.tif");
    r.bands = 1;
    r.type = GDT_Byte;
    r.names = NULL;
    r.has_nodata = false;
    r.fill = mask_dots;
    make(&r);
    raster plain = r; /* no georeference, but the size of its input */
    plain.path = "/vsimem/t/plain.tif";
    plain.fill = picture_dots;
    plain.epsg = 0;
    memset(plain.transform, 0, sizeof plain.transform);
    make(&plain);
    r.path = "/vsimem/t/scl.tif";
    r.fill = scl_classes;
    r.width = 32;
    r.height = 24;
    r.transform[1] = 20;
    r.transform[5] = -20;
    make(&r);
    clv_input_options o = defaults();
    o.masks = (const char *const[]){"/vsimem/t/mask.tif", "none", NULL};
    o.scls = (const char *const[]){"none", "/vsimem/t/scl.tif", NULL};
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    assert_true(s->has_masks && s->masks_cover_all);
    assert_string_equal(s->acquisitions[0].facts.mask_how, "-mask mask.tif");
    assert_string_equal(s->acquisitions[1].facts.mask_how, "-scl scl.tif");
    uint8_t flags[32 * 24];
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){0, 0, 32, 24}, flags), CLV_OK);
    for (int i = 0; i < 32 * 24; i++)
        assert_int_equal(flags[i], i == 2 * 32 + 3);
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){3, 2, 1, 1}, flags), CLV_OK);
    assert_int_equal(flags[0], 1);
    assert_int_equal(clv_series_read_mask(ctx, s, 1, (clv_rect){0, 3, 12, 1}, flags), CLV_OK);
    const uint8_t expected[12] = {4, 1, 0, 2, 0, 0, 0, 0, 1, 1, 1, 0};
    assert_memory_equal(flags, expected, 12);
    clv_series_free(s);

    o = defaults();
    o.masks = (const char *const[]){"/vsimem/t/plain.tif", "none", NULL};
    s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif", "/vsimem/t/b_20220602.tif");
    assert_true(s->has_masks && !s->masks_cover_all);
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){0, 0, 32, 24}, flags), CLV_OK);
    for (int i = 0; i < 32 * 24; i++)
        assert_int_equal(flags[i], i == 2 * 32 + 3);
    clv_series_free(s);
    o.masks = (const char *const[]){"/vsimem/t/plain.tif", NULL};
    FAILS_WITH(&o, CLV_ERROR_ARGUMENT, "-mask: 1 given for 2 inputs", "/vsimem/t/a_20220601.tif",
               "/vsimem/t/b_20220602.tif");
}

static void masks_of_other_grids_lose_nothing(void **state)
{
    (void)state;
    make_at("/vsimem/t/a_20220601.tif", 600000, 5000000, 20, 32, 24);
    raster r = base("/vsimem/t/mask.tif"); /* 10 m, a quarter of a pixel off */
    r.transform[0] += 2.5;
    r.transform[3] -= 2.5;
    r.bands = 1;
    r.type = GDT_Byte;
    r.names = NULL;
    r.has_nodata = false;
    r.fill = mask_dots;
    make(&r);
    clv_input_options o = defaults();
    o.masks = (const char *const[]){"/vsimem/t/mask.tif", NULL};
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif");
    uint8_t flags[32 * 24];
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){0, 0, 32, 24}, flags), CLV_OK);
    assert_int_equal(flags[2 * 32 + 3], 1);
    int flagged = 0;
    for (int i = 0; i < 32 * 24; i++)
        flagged += flags[i];
    assert_in_range(flagged, 1, 4);
    clv_series_free(s);
    o.masks = (const char *const[]){"/vsimem/t/none.tif", NULL};
    s = OPEN_WITH(&o, "/vsimem/t/a_20220601.tif");
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){0, 0, 32, 24}, flags), CLV_ERROR_OPEN);
    clv_series_free(s);
}

static void a_stacks_mask_has_a_band_a_date(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/stack.tif");
    r.bands = 6;
    r.names = (const char *const[]){"B04_20220801", "B03_20220801", "B02_20220801",
                                    "B04_20220811", "B03_20220811", "B02_20220811"};
    make(&r);
    r = base("/vsimem/t/mask.tif");
    r.bands = 2;
    r.type = GDT_Byte;
    r.names = NULL;
    r.has_nodata = false;
    r.fill = mask_dots;
    make(&r);
    clv_input_options o = defaults();
    o.masks = (const char *const[]){"/vsimem/t/mask.tif", NULL};
    clv_series *s = OPEN_WITH(&o, "/vsimem/t/stack.tif");
    uint8_t flags[32 * 24];
    for (int t = 0; t < 2; t++) {
        assert_int_equal(clv_series_read_mask(ctx, s, t, (clv_rect){0, 0, 32, 24}, flags), CLV_OK);
        assert_int_equal(flags[10 * 32 + 10], t == 1);
        assert_int_equal(flags[2 * 32 + 3], 1);
    }
    clv_series_free(s);
}

/* ---- Bad inputs -------------------------------------------------------------------------------- */

static void bad_inputs_give_one_clear_line(void **state)
{
    (void)state;
    FAILS(CLV_ERROR_OPEN, "/vsimem/t/none.tif: no such file", "/vsimem/t/none.tif");
    FAILS(CLV_ERROR_ARGUMENT, "empty name", "");
    clv_series *series;
    clv_input_options o = defaults();
    clv_clear_error(ctx);
    assert_int_equal(clv_series_open(ctx, NULL, 0, &o, &series), CLV_ERROR_ARGUMENT);
    write_text("/vsimem/t/empty.tif", "");
    FAILS(CLV_ERROR_OPEN, "empty.tif: cannot be opened as a raster", "/vsimem/t/empty.tif");
    write_text("/vsimem/t/text.tif", "this is no picture");
    FAILS(CLV_ERROR_OPEN, "text.tif: cannot be opened as a raster", "/vsimem/t/text.tif");
    VSIMkdir("/vsimem/t/dir", 0755);
    write_text("/vsimem/t/dir/readme.md", "no raster");
    FAILS(CLV_ERROR_ARGUMENT, "/vsimem/t/dir: is a folder that holds no rasters", "/vsimem/t/dir");
    write_text("/vsimem/t/fake.npz", "no zip");
    FAILS(CLV_ERROR_FORMAT, "fake.npz: is not a ZIP archive", "/vsimem/t/fake.npz");
    FAILS(CLV_ERROR_OPEN, "none.npz: no such file", "/vsimem/t/none.npz");

    raster r = base("/vsimem/t/complex_20220601.tif");
    r.type = GDT_CFloat32;
    make(&r);
    FAILS(CLV_ERROR_UNSUPPORTED, "is of type CFloat32; convert it: gdal_translate -ot", r.path);
    r = base("/vsimem/t/small_20220601.tif");
    r.width = 15;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "at least 16x16", r.path);
    r.width = 1;
    r.height = 1;
    make(&r);
    FAILS(CLV_ERROR_ARGUMENT, "1x1 pixels are too few", r.path);
    r = base("/vsimem/t/huge_20220601.vrt");
    write_text(r.path, "<VRTDataset rasterXSize=\"2000000\" rasterYSize=\"20\"><VRTRasterBand dataType=\"Byte\" "
                       "band=\"1\"/></VRTDataset>");
    FAILS(CLV_ERROR_UNSUPPORTED, "2000000x20 pixels are more than", r.path);
    /* A file of some hundred bytes whose first pixel would cost a gigabyte. */
    char *tiles[] = {"TILED=YES", "BLOCKXSIZE=32768", "BLOCKYSIZE=32768", "SPARSE_OK=TRUE", NULL};
    GDALClose(
        GDALCreate(GDALGetDriverByName("GTiff"), "/vsimem/t/block_20220601.tif", 40000, 40000, 1, GDT_Byte, tiles));
    FAILS(CLV_ERROR_UNSUPPORTED, "blocks of 32768x32768 pixels", "/vsimem/t/block_20220601.tif");

    GDALDatasetH ds =
        GDALCreate(GDALGetDriverByName("GTiff"), "/vsimem/t/palette_20220601.tif", 20, 20, 1, GDT_Byte, NULL);
    GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
    GDALSetColorEntry(table, 1, &(GDALColorEntry){255, 0, 0, 255});
    GDALSetRasterColorTable(GDALGetRasterBand(ds, 1), table);
    GDALDestroyColorTable(table);
    GDALClose(ds);
    FAILS(CLV_ERROR_ARGUMENT, "gdal_translate -expand rgb", "/vsimem/t/palette_20220601.tif");
}

static void a_cut_file_fails_where_it_is_read(void **state)
{
    (void)state;
    raster r = base("/vsimem/t/cut_20220601.tif");
    r.width = r.height = 400;
    make(&r);
    VSILFILE *f = VSIFOpenL(r.path, "rb+");
    assert_int_equal(VSIFTruncateL(f, 400 * 100 * 8), 0);
    VSIFCloseL(f);
    clv_series *series = NULL;
    clv_input_options o = defaults();
    const char *name = r.path;
    clv_status status = clv_series_open(ctx, &name, 1, &o, &series);
    if (status == CLV_OK) {
        float *x = clv_alloc_array(4, 200 * 200, sizeof *x);
        uint8_t *missing = clv_alloc_array(1, 200 * 200, 1);
        status = clv_series_read(ctx, series, 0, (clv_rect){0, 0, 200, 200}, x, missing);
        free(x);
        free(missing);
    }
    assert_int_not_equal(status, CLV_OK);
    assert_non_null(strstr(clv_context_error(ctx), "cut_20220601.tif"));
    clv_series_free(series);
}

/* ---- Many dates, many threads ------------------------------------------------------------------- */

typedef struct reader {
    clv_series *series;
    int first, step;
    int wrong;
} reader;

static double by_band(double x, double y, int band)
{
    (void)x;
    (void)y;
    return 100 * band;
}

static void *read_dates(void *arg)
{
    reader *r = arg;
    float x[4 * 64];
    uint8_t missing[64], flags[64];
    for (int round = 0; round < 3; round++)
        for (int t = r->first; t < r->series->dates; t += r->step) {
            r->wrong += clv_series_read(NULL, r->series, t, (clv_rect){8, 8, 8, 8}, x, missing) != CLV_OK;
            r->wrong += clv_series_read_mask(NULL, r->series, t, (clv_rect){8, 8, 8, 8}, flags) != CLV_OK;
            for (int i = 0; i < 64; i++)
                r->wrong += fabsf(x[i] - 0.03f) > 1e-6f || missing[i] || flags[i];
            r->wrong += clv_series_dataset(r->series, t) == NULL;
        }
    return NULL;
}

static void hundreds_of_dates_are_read_from_threads(void **state)
{
    (void)state;
    enum { DATES = 300, THREADS = 4 };
    static char names[DATES][64];
    const char *list[DATES + 1] = {NULL}, *masks[DATES + 1] = {NULL};
    raster r = base(NULL);
    r.width = r.height = 40;
    r.fill = by_band;
    for (int i = 0; i < DATES; i++) {
        clv_date d = clv_date_from_days(18000 + i);
        snprintf(names[i], sizeof names[i], "/vsimem/t/d_%04d%02d%02d.tif", d.year, d.month, d.day);
        r.path = list[i] = names[i];
        make(&r);
        masks[i] = "/vsimem/t/mask.tif";
    }
    r.path = masks[0];
    r.bands = 1;
    r.names = NULL;
    r.type = GDT_Byte;
    r.has_nodata = false;
    r.fill = mask_dots;
    make(&r);
    clv_input_options o = defaults();
    o.masks = masks;
    clv_series *s = open_list(list, &o);
    assert_int_equal(s->dates, DATES);
    pthread_t threads[THREADS];
    reader readers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (reader){s, i, THREADS, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, read_dates, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].wrong, 0);
    }
    clv_series_free(s);
}

/* ---- Real pictures ----------------------------------------------------------------------------- */

static void real_series(const char *folder, const char *token, int dates, int width, int height, const char *scale,
                        double low, double high)
{
    char path[600];
    const char *names[100] = {NULL};
    int n = 0;
    snprintf(path, sizeof path, "%s/data/series/%s", CLV_TEST_SHARED, folder);
    char **files = VSIReadDir(path);
    if (!files) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    for (int i = 0; files[i]; i++)
        if (strstr(files[i], token) && n < 99)
            names[n++] = clv_format("%s/%s", path, files[i]);
    CSLDestroy(files);
    clv_series *s = open_list(names, NULL);
    assert_int_equal(s->dates, dates);
    assert_true(s->channels == 4 && s->has_nir && s->grid.width == width && s->grid.height == height);
    for (int t = 0; t < s->dates; t++) {
        assert_false(s->acquisitions[t].warped);
        assert_string_equal(s->acquisitions[t].facts.bands_how, "band descriptions B04 B03 B02 B08");
        /* Files of 2022 hold the offset of their baseline or do not, and no metadata say so. */
        if (s->acquisitions[t].level_taken != 0)
            assert_non_null(strstr(s->acquisitions[t].facts.scale_how, "offset -1000 DN (the pixels: "));
        else
            assert_string_equal(s->acquisitions[t].facts.scale_how, scale);
        pixels p = read_all(s, t);
        double sum = 0;
        int seen = 0;
        for (int i = 0; i < width * height; i++)
            if (!p.missing[i]) {
                sum += p.x[i];
                seen++;
            }
        assert_true(seen > width * height / 2);
        assert_true(sum / seen > low && sum / seen < high);
        drop(&p);
    }
    clv_series_free(s);
    for (int i = 0; i < n; i++)
        free((char *)names[i]);
}

static void real_series_are_understood(void **state)
{
    (void)state;
    real_series("bolzano", "BGRN", 12, 468, 353, "1/10000 (UInt16, no offset known)", 0.04, 1);
    real_series("narrabeen_l1c", "BGRN", 62, 81, 211, "1/10000 (UInt16, no offset known)", 0.04, 1);
    real_series("rome_l1c", "BGRN", 30, 128, 128, "1/10000 (UInt16, no offset known)", 0.04, 1);
    real_series("etna_8bit", "BGRN", 11, 512, 516, "1/255 (Byte)", 0.04, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rasters_of_one_grid_are_read_as_they_are),
        TEST(ten_metres_are_averaged_to_twenty),
        TEST(windows_agree_with_the_whole),
        TEST(extents_that_differ_stay_direct),
        TEST(dates_of_other_crs_are_warped),
        TEST(warped_nodata_stays_nodata),
        TEST(a_reference_may_be_named),
        TEST(grids_that_do_not_meet_are_an_error),
        TEST(dates_are_found_or_asked_for),
        TEST(metadata_tells_dates),
        TEST(folders_beat_export_times_but_not_days_of_tags),
        TEST(a_stack_is_split_by_its_bands_names),
        TEST(a_stack_without_names_is_split_by_given_dates),
        TEST(a_stack_may_carry_dates_as_metadata),
        TEST(text_files_name_inputs),
        TEST(a_vrt_is_an_input_like_any),
        TEST(pictures_without_georeference_are_read),
        TEST(the_user_decides_over_bands_and_scale),
        TEST(names_and_metadata_tell_the_offset),
        TEST(nodata_is_found_by_the_ladder),
        TEST(alpha_and_masks_of_datasets_count),
        TEST(further_bands_are_channels_where_all_dates_have_them),
        TEST(a_date_without_values_takes_the_others_scale),
        TEST(masks_flag_any_pixel),
        TEST(masks_of_other_grids_lose_nothing),
        TEST(a_stacks_mask_has_a_band_a_date),
        TEST(bad_inputs_give_one_clear_line),
        TEST(a_cut_file_fails_where_it_is_read),
        TEST(hundreds_of_dates_are_read_from_threads),
        TEST(real_series_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
