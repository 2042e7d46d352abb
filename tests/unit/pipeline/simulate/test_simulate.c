/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "sentinel2/dates.h"
#include "synth/clouds.h"
#include <clearvision/clearvision.h>

/* Everything happens in GDAL's memory file system. */
#define ROOT "/vsimem/simulate"

enum { PICTURE, TRUTH, MASK };

typedef struct series {
    clv_json *result;
    int dates;
} series;

static clv_simulate_options options_for(const char *folder)
{
    clv_simulate_options o;
    clv_simulate_options_init(&o);
    o.output.path = folder;
    o.width = 96;
    o.height = 80;
    o.dates = 6;
    return o;
}

static series simulate(const clv_simulate_options *o, int threads)
{
    clv_context *ctx = clv_context_new();
    char *json = NULL, error[200];
    assert_non_null(ctx);
    clv_context_set_threads(ctx, threads);
    const clv_status status = clv_simulate(ctx, o, &json);
    if (status != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    series s = {.result = clv_json_parse(json, strlen(json), error, sizeof error), .dates = o->dates};
    assert_non_null(s.result);
    clv_free(json);
    clv_context_free(ctx);
    return s;
}

static const char *path_of(const series *s, int what, int t)
{
    static const char *const keys[] = {"outputs", "truth", "masks"};
    const char *path = clv_json_string(clv_json_at(clv_json_get(s->result, keys[what]), t), NULL);
    assert_non_null(path);
    return path;
}

static double share_of(const series *s, int t)
{
    return clv_json_number(clv_json_get(clv_json_at(clv_json_get(s->result, "dates"), t), "cloud_share"), NAN);
}

/* All bands as uint16, band after band. free(). */
static uint16_t *read_all(const char *path, int *bands, int *width, int *height)
{
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    *bands = GDALGetRasterCount(ds);
    *width = GDALGetRasterXSize(ds);
    *height = GDALGetRasterYSize(ds);
    uint16_t *data = clv_alloc_array((size_t)*bands * (size_t)*width, (size_t)*height, sizeof *data);
    assert_non_null(data);
    assert_int_equal(GDALDatasetRasterIO(ds, GF_Read, 0, 0, *width, *height, data, *width, *height, GDT_UInt16, *bands,
                                         NULL, 0, 0, 0),
                     CE_None);
    GDALClose(ds);
    return data;
}

static void end(series *s)
{
    clv_json_free(s->result);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIRmdirRecursive(ROOT);
    CPLPopErrorHandler();
}

static void files_are_what_a_reader_expects(void **state)
{
    const clv_simulate_options o = options_for(ROOT);
    (void)state;
    series s = simulate(&o, 2);
    double before = 0.0;
    for (int t = 0; t < o.dates; t++) {
        clv_date date, named;
        const char *text = clv_json_string(clv_json_get(clv_json_at(clv_json_get(s.result, "dates"), t), "date"), "");
        assert_true(clv_date_parse(text, &date));
        assert_true(clv_date_days(&date) > before); /* in order, none twice */
        before = clv_date_days(&date);
        assert_true(clv_date_find(CPLGetFilename(path_of(&s, PICTURE, t)), &named));
        assert_true(named.year == date.year && named.month == date.month && named.day == date.day);
        for (int what = PICTURE; what <= MASK; what++) {
            double transform[6];
            char acquired[32];
            GDALDatasetH ds = GDALOpen(path_of(&s, what, t), GA_ReadOnly);
            assert_non_null(ds);
            assert_int_equal(GDALGetRasterXSize(ds), 96);
            assert_int_equal(GDALGetRasterYSize(ds), 80);
            assert_int_equal(GDALGetGeoTransform(ds, transform), CE_None);
            assert_true(transform[1] == 20.0 && transform[5] == -20.0 && transform[2] == 0.0 && transform[4] == 0.0);
            assert_string_equal(OSRGetAuthorityCode(GDALGetSpatialRef(ds), NULL), "32632");
            snprintf(acquired, sizeof acquired, "%04d-%02d-%02d %02d:%02d:%02d", date.year, date.month, date.day,
                     date.hour, date.minute, date.second);
            assert_string_equal(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", NULL), acquired);
            assert_string_equal(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", "IMAGERY"), acquired);
            if (what == MASK) {
                assert_int_equal(GDALGetRasterCount(ds), 1);
                assert_int_equal(GDALGetRasterDataType(GDALGetRasterBand(ds, 1)), GDT_Byte);
            } else {
                static const char *const names[] = {"B02", "B03", "B04", "B08"};
                static const GDALColorInterp colors[] = {GCI_BlueBand, GCI_GreenBand, GCI_RedBand, GCI_Undefined};
                assert_int_equal(GDALGetRasterCount(ds), 4);
                for (int b = 0; b < 4; b++) {
                    GDALRasterBandH band = GDALGetRasterBand(ds, b + 1);
                    int has = FALSE;
                    assert_string_equal(GDALGetDescription(band), names[b]);
                    assert_int_equal(GDALGetRasterColorInterpretation(band), colors[b]);
                    assert_int_equal(GDALGetRasterDataType(band), GDT_UInt16);
                    assert_true(GDALGetRasterNoDataValue(band, &has) == 0.0 && has);
                }
            }
            GDALClose(ds);
        }
    }
    end(&s);
}

/* Where no cloud and no shadow is, picture and truth are equal to the last bit; under thick cloud they are not. */
static void truth_is_the_picture_without_clouds(void **state)
{
    clv_simulate_options o = options_for(ROOT);
    int equal = 0, clear = 0, clouded = 0, brighter = 0;
    double lit = 0.0, shaded = 0.0;
    (void)state;
    o.cloud_share = 0.35;
    series s = simulate(&o, 1);
    for (int t = 0; t < o.dates; t++) {
        int bands, w, h, one;
        uint16_t *picture = read_all(path_of(&s, PICTURE, t), &bands, &w, &h),
                 *truth = read_all(path_of(&s, TRUTH, t), &bands, &w, &h);
        uint16_t *mask = read_all(path_of(&s, MASK, t), &one, &w, &h);
        const size_t n = (size_t)w * (size_t)h;
        int cloud = 0;
        for (size_t i = 0; i < n; i++) {
            assert_true(mask[i] <= 2);
            for (int b = 0; b < bands; b++)
                assert_true(picture[(size_t)b * n + i] > 0 && truth[(size_t)b * n + i] > 0); /* 0 is nodata */
            cloud += mask[i] == CLV_CLOUD_CLASS_CLOUD;
            if (mask[i] == CLV_CLOUD_CLASS_CLEAR) {
                /* Opacity and darkness below the thresholds leave little of cloud and shadow. */
                assert_true(abs((int)picture[i] - (int)truth[i]) < 1300);
                clear++;
                equal += picture[i] == truth[i] && picture[3 * n + i] == truth[3 * n + i];
            } else if (mask[i] == CLV_CLOUD_CLASS_CLOUD) {
                clouded++;
                brighter += picture[i] > truth[i];
            } else {
                lit += truth[3 * n + i];
                shaded += picture[3 * n + i];
            }
        }
        assert_true(fabs((double)cloud / (double)n - share_of(&s, t)) < 1e-9);
        free(picture);
        free(truth);
        free(mask);
    }
    assert_true(clear > 1000 && clouded > 1000);
    assert_true(equal > clear * 6 / 10);
    assert_true(brighter > clouded * 95 / 100);
    assert_true(lit > 0.0 && shaded < 0.85 * lit);
    end(&s);
}

static void clouds_are_spread_as_promised(void **state)
{
    (void)state;
    for (int k = 0; k < 5; k++) {
        clv_simulate_options o = options_for(ROOT);
        double sum = 0.0, most = 0.0;
        int clouded = 0;
        o.seed = 10 + (uint64_t)k;
        o.dates = 8;
        o.cloud_share = 0.1 + 0.08 * k;
        o.width = o.height = 128;
        series s = simulate(&o, 2);
        for (int t = 0; t < o.dates; t++) {
            sum += share_of(&s, t);
            most = fmax(most, share_of(&s, t));
            clouded += share_of(&s, t) > 0.1;
        }
        assert_true(fabs(sum / o.dates - o.cloud_share) < 0.02);
        assert_true(clouded <= o.dates / 2);
        assert_true(most > 1.5 * o.cloud_share);
        /* The date with the most cloud has neighbours in time. */
        assert_true(share_of(&s, 0) < most && share_of(&s, o.dates - 1) < most);
        end(&s);
    }
}

static void extremes_of_cloud_share(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        clv_simulate_options o = options_for(ROOT);
        o.cloud_share = k;
        o.dates = 3;
        series s = simulate(&o, 1);
        for (int t = 0; t < 3; t++)
            assert_true(k ? share_of(&s, t) > 0.99 : share_of(&s, t) == 0.0);
        end(&s);
    }
}

/* The bytes of every file, whatever the number of threads; another seed gives other pictures. */
static void same_seed_same_bytes(void **state)
{
    clv_simulate_options o = options_for(ROOT "/a"), p = options_for(ROOT "/b");
    (void)state;
    o.width = p.width = 300; /* several tiles */
    o.dates = p.dates = 3;
    series a = simulate(&o, 1), b = simulate(&p, 4);
    for (int t = 0; t < 3; t++)
        for (int what = PICTURE; what <= MASK; what++) {
            vsi_l_offset na = 0, nb = 0;
            const GByte *x = VSIGetMemFileBuffer(path_of(&a, what, t), &na, FALSE);
            const GByte *y = VSIGetMemFileBuffer(path_of(&b, what, t), &nb, FALSE);
            assert_non_null(x);
            assert_non_null(y);
            assert_true(na == nb && na > 0);
            assert_memory_equal(x, y, na);
        }
    p.seed = 2;
    p.output.path = ROOT "/c";
    series c = simulate(&p, 2);
    int bands, w, h, differ = 0;
    uint16_t *first = read_all(path_of(&a, TRUTH, 0), &bands, &w, &h),
             *other = read_all(path_of(&c, TRUTH, 0), &bands, &w, &h);
    for (int i = 0; i < w * h; i++)
        differ += first[i] != other[i];
    assert_true(differ > w * h * 9 / 10);
    free(first);
    free(other);
    clv_json_free(b.result);
    clv_json_free(c.result);
    end(&a);
}

/* The land does not know the size of the picture taken of it. */
static void a_larger_scene_shows_the_same_land(void **state)
{
    clv_simulate_options o = options_for(ROOT "/small"), p = options_for(ROOT "/large");
    int bands, w, h, W, H;
    (void)state;
    o.dates = p.dates = 1;
    p.width = 290;
    p.height = 270;
    series a = simulate(&o, 1), b = simulate(&p, 2);
    uint16_t *small = read_all(path_of(&a, TRUTH, 0), &bands, &w, &h),
             *large = read_all(path_of(&b, TRUTH, 0), &bands, &W, &H);
    for (int band = 0; band < bands; band++)
        for (int y = 0; y < h; y++)
            assert_memory_equal(small + ((size_t)band * (size_t)h + (size_t)y) * (size_t)w,
                                large + ((size_t)band * (size_t)H + (size_t)y) * (size_t)W, (size_t)w * sizeof *small);
    free(small);
    free(large);
    clv_json_free(b.result);
    end(&a);
}

static void smallest_scene_and_no_nir(void **state)
{
    clv_simulate_options o = options_for(ROOT);
    (void)state;
    o.width = o.height = 16;
    o.dates = 1;
    o.pixel_size = 10.0;
    o.nir = false;
    series s = simulate(&o, 8);
    GDALDatasetH ds = GDALOpen(path_of(&s, PICTURE, 0), GA_ReadOnly);
    double transform[6];
    assert_non_null(ds);
    assert_int_equal(GDALGetRasterCount(ds), 3);
    assert_int_equal(GDALGetGeoTransform(ds, transform), CE_None);
    assert_true(transform[1] == 10.0);
    assert_string_equal(GDALGetDescription(GDALGetRasterBand(ds, 3)), "B04");
    GDALClose(ds);
    end(&s);
}

static void wrong(const clv_simulate_options *o, clv_status expected, const char *words)
{
    clv_context *ctx = clv_context_new();
    assert_int_equal(clv_simulate(ctx, o, NULL), expected);
    if (!strstr(clv_context_error(ctx), words))
        fail_msg("\"%s\" does not say \"%s\"", clv_context_error(ctx), words);
    clv_context_free(ctx);
}

static void wrong_options_are_named(void **state)
{
    (void)state;
    clv_simulate_options o = options_for(ROOT);
    o.width = 15;
    wrong(&o, CLV_ERROR_ARGUMENT, "-size");
    o = options_for(ROOT);
    o.height = 2000000;
    wrong(&o, CLV_ERROR_ARGUMENT, "-size");
    o = options_for(ROOT);
    o.dates = 0;
    wrong(&o, CLV_ERROR_ARGUMENT, "-dates");
    o = options_for(ROOT);
    o.cloud_share = NAN;
    wrong(&o, CLV_ERROR_ARGUMENT, "-clouds");
    o = options_for(ROOT);
    o.pixel_size = NAN;
    wrong(&o, CLV_ERROR_ARGUMENT, "-tr");
    o = options_for(NULL);
    wrong(&o, CLV_ERROR_ARGUMENT, "-o");
    o = options_for(ROOT "/file.tif");
    wrong(&o, CLV_ERROR_ARGUMENT, "folder");
    assert_null(VSIReadDir(ROOT));
}

static int stop_at_once(double complete, const char *message, void *user)
{
    (void)complete;
    (void)message;
    (void)user;
    return 0;
}

static void cancelled_leaves_nothing_and_existing_files_stay(void **state)
{
    clv_simulate_options o = options_for(ROOT);
    clv_context *ctx = clv_context_new();
    (void)state;
    clv_context_set_progress(ctx, stop_at_once, NULL);
    assert_int_equal(clv_simulate(ctx, &o, NULL), CLV_ERROR_CANCELLED);
    clv_context_free(ctx);
    char **left = VSIReadDirRecursive(ROOT);
    for (int i = 0; left && left[i]; i++)
        if (strstr(left[i], ".tif"))
            fail_msg("%s was left behind", left[i]);
    CSLDestroy(left);

    o.dates = 2;
    series s = simulate(&o, 1);
    wrong(&o, CLV_ERROR_EXISTS, "-overwrite");
    o.output.overwrite = true;
    series again = simulate(&o, 1);
    clv_json_free(again.result);
    end(&s);
}

int main(void)
{
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_what_a_reader_expects),
        cmocka_unit_test(truth_is_the_picture_without_clouds),
        cmocka_unit_test(clouds_are_spread_as_promised),
        cmocka_unit_test(extremes_of_cloud_share),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(a_larger_scene_shows_the_same_land),
        cmocka_unit_test(smallest_scene_and_no_nir),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(cancelled_leaves_nothing_and_existing_files_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
