/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/rasters.h"

#include "base/alloc.h"
#include "sentinel2/mgrs.h"
#include "series/earthnet.h"

static clv_context *ctx;

static int set_up(void **state)
{
    (void)state;
    GDALAllRegister();
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

/* ---- Cubes made here --------------------------------------------------------------------------- */

/* A zip with one stored member of that name and content, at path (.npz). */
static void write_zip(const char *path, const char *member, const void *data, size_t size)
{
    char *zip = clv_format("%.*szip", (int)strlen(path) - 3, path),
         *inside = clv_format("/vsizip/{%s}/%s", zip, member);
    VSIUnlink(zip);
    VSILFILE *f = VSIFOpenL(inside, "wb");
    assert_non_null(f);
    assert_int_equal(VSIFWriteL(data, 1, size, f), size);
    VSIFCloseL(f);
    VSIUnlink(path);
    assert_int_equal(VSIRename(zip, path), 0);
    free(zip);
    free(inside);
}

/* An .npy version 1 file: header of the dict, then the data. free() */
static uint8_t *npy(const char *dict, const void *data, size_t size, size_t *total)
{
    size_t text = strlen(dict), padded = (10 + text + 1 + 63) / 64 * 64 - 10;
    uint8_t *file = malloc(10 + padded + size);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (uint8_t)(padded & 255);
    file[9] = (uint8_t)(padded >> 8);
    memset(file + 10, ' ', padded);
    memcpy(file + 10, dict, text);
    file[10 + padded - 1] = '\n';
    if (size)
        memcpy(file + 10 + padded, data, size);
    *total = 10 + padded + size;
    return file;
}

/* What pixel (row, column) of a channel shows at a step. The last channel is the mask; step 3 shows nothing. */
static float value_of(int row, int column, int channel, int channels, int step)
{
    if (channel == channels - 1)
        return row == 5 && column == step % 16;
    if (step == 3)
        return NAN;
    /* Bands that go apart with time: a constant in all of them would be taken for a wrong offset. */
    return 0.1f * (float)(channel + 1) + 0.001f * (float)row + 0.0001f * (float)column +
           (channel % 2 ? -0.002f : 0.002f) * (float)step;
}

/* first: step that the file begins with. */
static void make_cube(const char *path, int height, int width, int channels, int steps, int first, bool fortran)
{
    size_t n = (size_t)height * (size_t)width * (size_t)channels * (size_t)steps, total;
    float *data = malloc(n * sizeof *data);
    for (int r = 0; r < height; r++)
        for (int c = 0; c < width; c++)
            for (int k = 0; k < channels; k++)
                for (int t = 0; t < steps; t++) {
                    int i = fortran ? ((t * channels + k) * width + c) * height + r
                                    : ((r * width + c) * channels + k) * steps + t;
                    data[i] = value_of(r, c, k, channels, first + t);
                }
    char *dict = clv_format("{'descr': '<f4', 'fortran_order': %s, 'shape': (%d, %d, %d, %d), }",
                            fortran ? "True" : "False", height, width, channels, steps);
    uint8_t *file = npy(dict, data, n * sizeof *data, &total);
    write_zip(path, "highresdynamic.npy", file, total);
    free(file);
    free(dict);
    free(data);
}

#define NAME "29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz"

static clv_series *open_series(const char *a, const char *b)
{
    const char *names[2] = {a, b};
    clv_info_options o;
    clv_series *series = NULL;
    clv_info_options_init(&o);
    clv_clear_error(ctx);
    if (clv_series_open(ctx, names, b ? 2 : 1, &o.input, &series) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    return series;
}

static void fails(const char *path, clv_status status, const char *part)
{
    clv_info_options o;
    clv_series *series = NULL;
    clv_info_options_init(&o);
    clv_clear_error(ctx);
    clv_status got = clv_series_open(ctx, &path, 1, &o.input, &series);
    if (got != status || !strstr(clv_context_error(ctx), part))
        fail_msg("status %d: %s (expected %d: %s)", (int)got, clv_context_error(ctx), (int)status, part);
    assert_null(series);
}

/* Steps [first, first + dates) of a 20x24 cube are read back, masks too. */
static void check_values(clv_series *s, int channels, int first)
{
    float *x = clv_alloc_array(4, 20 * 24, sizeof *x);
    uint8_t missing[20 * 24], flags[20 * 24];
    clv_rect all = {0, 0, 24, 20};
    for (int t = 0; t < s->dates; t++) {
        static const int channel[4] = {2, 1, 0, 3};
        assert_int_equal(clv_series_read(ctx, s, t, all, x, missing), CLV_OK);
        assert_int_equal(clv_series_read_mask(ctx, s, t, all, flags), CLV_OK);
        for (int i = 0; i < 20 * 24; i++) {
            int row = i / 24, column = i % 24;
            assert_int_equal(missing[i], first + t == 3);
            assert_int_equal(flags[i], row == 5 && column == (first + t) % 16);
            for (int c = 0; c < 4; c++)
                if (!missing[i])
                    assert_true(x[c * 480 + i] == value_of(row, column, channel[c], channels, first + t));
        }
    }
    free(x);
}

static void a_training_cube_is_read(void **state)
{
    (void)state;
    for (int fortran = 0; fortran < 2; fortran++) {
        make_cube("/vsimem/t/" NAME, 20, 24, 7, 30, 0, fortran);
        clv_series *s = open_series("/vsimem/t/" NAME, NULL);
        assert_true(s->dates == 30 && s->channels == 4 && s->has_nir && !s->single_stack && s->inputs == 1 &&
                    s->masks_cover_all);
        assert_true(s->grid.width == 24 && s->grid.height == 20);
        char first[32], last[32];
        clv_date_format(&s->acquisitions[0].facts.date, first);
        clv_date_format(&s->acquisitions[29].facts.date, last);
        assert_string_equal(first, "2017-06-24");
        assert_string_equal(last, "2017-11-16");
        assert_string_equal(s->acquisitions[3].stem,
                            "29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124_20170709");
        assert_string_equal(s->acquisitions[0].facts.mask_how, "EarthNet2021 quality mask");
        assert_non_null(strstr(s->acquisitions[0].grid_how, "reconstructed from the cube's name"));
        check_values(s, 7, 0);
        GDALDatasetH ds = clv_series_dataset(s, 0);
        double t[6];
        assert_int_equal(GDALGetGeoTransform(ds, t), CE_None);
        assert_true(t[0] == 499980 + 20 * 2873 && t[3] == 4400040 - 20 * 2105 && t[1] == 20 && t[5] == -20);
        assert_string_equal(GDALGetDescription(GDALGetRasterBand(ds, 4)), "B8A");
        float raw[2];
        assert_int_equal(clv_series_read_raw(ctx, s, 1, 0, (clv_rect){3, 4, 2, 1}, raw), CLV_OK);
        assert_true(raw[0] == value_of(4, 3, 2, 7, 1));
        clv_series_free(s);
    }
}

static void context_and_target_are_joined(void **state)
{
    (void)state;
    const char *context = "/vsimem/t/iid/context/29SND/context_" NAME,
               *target = "/vsimem/t/iid/target/29SND/target_" NAME;
    make_cube(context, 20, 24, 5, 10, 0, false);
    make_cube(target, 20, 24, 5, 20, 10, false);
    char *partner = clv_earthnet_partner(context);
    assert_string_equal(partner, target);
    free(partner);
    partner = clv_earthnet_partner(target);
    assert_string_equal(partner, context);
    free(partner);
    const char *named[4][2] = {{context, NULL}, {target, NULL}, {context, target}, {target, context}};
    for (int i = 0; i < 4; i++) {
        clv_series *s = open_series(named[i][0], named[i][1]);
        assert_int_equal(s->dates, 30);
        check_values(s, 5, 0);
        assert_true(s->acquisitions[29].days - s->acquisitions[0].days == 145);
        clv_series_free(s);
    }
    /* The two parts may lie in one folder too. */
    make_cube("/vsimem/t/flat/context_" NAME, 20, 24, 5, 10, 0, false);
    make_cube("/vsimem/t/flat/target_" NAME, 20, 24, 5, 20, 10, false);
    clv_series *s = open_series("/vsimem/t/flat/target_" NAME, NULL);
    assert_int_equal(s->dates, 30);
    clv_series_free(s);
    make_cube("/vsimem/t/flat/context_" NAME, 20, 20, 5, 10, 0, false);
    fails("/vsimem/t/flat/target_" NAME, CLV_ERROR_FORMAT, "differ in size");
}

static void a_lone_target_keeps_its_dates(void **state)
{
    (void)state;
    make_cube("/vsimem/t/target_" NAME, 20, 24, 5, 20, 10, false);
    assert_null(clv_earthnet_partner("/vsimem/t/target_" NAME));
    clv_series *s = open_series("/vsimem/t/target_" NAME, NULL);
    char first[32];
    clv_date_format(&s->acquisitions[0].facts.date, first);
    assert_string_equal(first, "2017-08-13"); /* 24 June and ten times five days */
    check_values(s, 5, 10);
    clv_series_free(s);
}

static void a_name_that_says_nothing_asks_for_dates(void **state)
{
    (void)state;
    make_cube("/vsimem/t/cube.npz", 20, 24, 5, 2, 0, false);
    fails("/vsimem/t/cube.npz", CLV_ERROR_ARGUMENT, "give -date YYYY-MM-DD 2 times");
    clv_info_options o;
    clv_info_options_init(&o);
    o.input.dates = (const char *const[]){"2020-01-01", "2020-01-06", NULL};
    clv_series *s;
    const char *name = "/vsimem/t/cube.npz";
    assert_int_equal(clv_series_open(ctx, &name, 1, &o.input, &s), CLV_OK);
    assert_false(s->grid.has_transform);
    clv_series_free(s);
}

static void other_number_types_are_read(void **state)
{
    (void)state;
    enum { N = 16 * 16 * 5 };
    double *d = calloc(N, sizeof *d);
    size_t total;
    for (int i = 0; i < N; i++)
        d[i] = i % 5 == 4 ? 0 : 0.25;
    uint8_t *file =
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (16, 16, 5, 1), }", d, N * sizeof *d, &total);
    write_zip("/vsimem/t/" NAME, "highresdynamic.npy", file, total);
    clv_series *s = open_series("/vsimem/t/" NAME, NULL);
    float x[4];
    uint8_t missing;
    assert_int_equal(clv_series_read(ctx, s, 0, (clv_rect){3, 3, 1, 1}, x, &missing), CLV_OK);
    assert_true(x[0] == 0.25f && x[3] == 0.25f && !missing);
    clv_series_free(s);
    free(file);
    free(d);
}

static void hostile_cubes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *dict, *message;
        clv_status status; /* CLV_OK: CLV_ERROR_FORMAT */
    } bad[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 7), }", "3 axes instead of 4", CLV_OK},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 6, 30), }",
         "6 channels instead of 5 (test) or 7", CLV_OK},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (100000, 128, 7, 30), }",
         "does not have EarthNet2021's size", CLV_OK},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 7, 100000), }",
         "does not have EarthNet2021's size", CLV_OK},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 128, 7, 30), }", "does not have EarthNet2021's size",
         CLV_OK},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4096, 4096, 7, 400), }", "larger than 512 MB", CLV_OK},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 7, 30), }", "cut short", CLV_OK},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (128, 128, 7, 30), }", "Python objects",
         CLV_ERROR_UNSUPPORTED},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999, 99999999999, 99999999999), }",
         "", CLV_OK},
        {"__import__('os').system('true')", "", CLV_OK},
        {"", "", CLV_OK},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t total;
        uint8_t *file = npy(bad[i].dict, "abc", 3, &total);
        write_zip("/vsimem/t/" NAME, "highresdynamic.npy", file, total);
        fails("/vsimem/t/" NAME, bad[i].status ? bad[i].status : CLV_ERROR_FORMAT, bad[i].message);
        free(file);
    }
    write_zip("/vsimem/t/" NAME, "other.npy", "abc", 3);
    fails("/vsimem/t/" NAME, CLV_ERROR_FORMAT, "no highresdynamic.npy in it");
    write_zip("/vsimem/t/" NAME, "highresdynamic.npy", "", 0);
    fails("/vsimem/t/" NAME, CLV_ERROR_FORMAT, "");
    write_text("/vsimem/t/" NAME, "PK\003\004 not really");
    fails("/vsimem/t/" NAME, CLV_ERROR_FORMAT, "is not a ZIP archive");
}

static void tiles_have_known_corners(void **state)
{
    (void)state;
    static const struct {
        const char *tile;
        int epsg;
        double e, n;
    } tiles[] = {
        /* Corners of Sentinel-2 products; the last lies on the southern half. */
        {"31TCJ", 32631, 300000, 4900020}, {"29SND", 32629, 499980, 4400040}, {"33TTG", 32633, 199980, 4700040},
        {"32UMC", 32632, 399960, 5800020}, {"32UNU", 32632, 499980, 5400000}, {"32TPS", 32632, 600000, 5200020},
        {"56HLH", 32756, 300000, 6300040},
    };
    int epsg;
    double e, n;
    for (size_t i = 0; i < 6; i++) {
        assert_true(clv_s2_tile_origin(tiles[i].tile, &epsg, &e, &n));
        assert_int_equal(epsg, tiles[i].epsg);
        if (e != tiles[i].e || n != tiles[i].n)
            fail_msg("%s: %f %f", tiles[i].tile, e, n);
    }
    assert_true(clv_s2_tile_origin("56HLH", &epsg, &e, &n));
    assert_true(epsg == 32756 && e == 300000 && fabs(n - 6300040) <= 60);
    static const char *const none[] = {"", "29SN", "29SNDX", "00SND", "61SND", "29IND", "29SAD", "29SNW", "x9SND"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(clv_s2_tile_origin(none[i], &epsg, &e, &n));
}

static void a_real_cube_is_understood(void **state)
{
    (void)state;
    const char *path = CLV_TEST_SHARED "/data/earthnet2021/iid_test_split/context/29SND/"
                                       "context_29SND_2017-06-30_2017-11-26_1081_1209_1721_1849_16_96_26_106.npz";
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    VSIFCloseL(f);
    clv_series *s = open_series(path, NULL);
    assert_true(s->dates == 30 && s->grid.width == 128 && s->grid.height == 128);
    int empty = 0;
    uint8_t *missing = malloc(128 * 128), *flags = malloc(128 * 128);
    float *x = malloc(4 * 128 * 128 * sizeof *x);
    for (int t = 0; t < 30; t++) {
        assert_int_equal(clv_series_read(ctx, s, t, (clv_rect){0, 0, 128, 128}, x, missing), CLV_OK);
        assert_int_equal(clv_series_read_mask(ctx, s, t, (clv_rect){0, 0, 128, 128}, flags), CLV_OK);
        int gone = 0;
        for (int i = 0; i < 128 * 128; i++) {
            gone += missing[i];
            assert_true(x[i] > -0.1f && x[i] < 2.5f);
            if (missing[i])
                assert_int_equal(flags[i], 1);
        }
        empty += gone == 128 * 128;
    }
    assert_in_range(empty, 1, 10); /* steps without an acquisition are kept */
    free(missing);
    free(flags);
    free(x);
    clv_series_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_training_cube_is_read),       TEST(context_and_target_are_joined),
        TEST(a_lone_target_keeps_its_dates), TEST(a_name_that_says_nothing_asks_for_dates),
        TEST(other_number_types_are_read),   TEST(hostile_cubes_are_refused),
        TEST(tiles_have_known_corners),      TEST(a_real_cube_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
