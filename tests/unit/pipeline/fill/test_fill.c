/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "image/pixel_state.h"
#include "series/series.h"

#define ROOT "/vsimem/fill"
enum { MOST_DATES = 20, BANDS = 4 };

/* ---- A simulated series, as arrays and as files --------------------------------------------------- */

typedef struct arrays {
    int dates, bands, height, width;
    size_t plane, pixels, values; /* of a date; of all dates; with bands */
    float *x;
    uint8_t *mask;
    int32_t days[MOST_DATES];
    clv_context *ctx;
    clv_json *made;
    const char *inputs[MOST_DATES + 1], *masks[MOST_DATES + 1];
    char date[MOST_DATES][32]; /* without the time of day that the files have: an array's days are whole */
    clv_series *series;
} arrays;

static clv_json *parse(char *text)
{
    char error[200];
    clv_json *json = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_non_null(json);
    clv_free(text);
    return json;
}

static void simulate(arrays *a)
{
    char *json = NULL;
    clv_simulate_options o;
    clv_simulate_options_init(&o);
    o.output.path = ROOT "/in";
    o.output.overwrite = true;
    o.width = a->width;
    o.height = a->height;
    o.dates = a->dates;
    o.seed = 5;
    if (clv_simulate(a->ctx, &o, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(a->ctx));
    a->made = parse(json);
    for (int t = 0; t < a->dates; t++) {
        a->inputs[t] = clv_json_string(clv_json_at(clv_json_get(a->made, "outputs"), t), NULL);
        a->masks[t] = clv_json_string(clv_json_at(clv_json_get(a->made, "masks"), t), NULL);
    }
}

static arrays make(int dates, int height, int width)
{
    arrays a = {.dates = dates, .bands = BANDS, .height = height, .width = width};
    a.plane = (size_t)height * (size_t)width;
    a.pixels = a.plane * (size_t)dates;
    a.values = a.pixels * BANDS;
    a.ctx = clv_context_new();
    a.x = clv_alloc_array(a.values, 1, sizeof *a.x);
    a.mask = clv_alloc_array(a.pixels, 1, 1);
    simulate(&a);
    clv_remove_options o;
    clv_remove_options_init(&o);
    o.input.masks = a.masks;
    if (clv_series_open(a.ctx, a.inputs, dates, &o.input, &a.series) != CLV_OK)
        fail_msg("%s", clv_context_error(a.ctx));
    uint8_t *missing = clv_alloc_array(a.plane, 1, 1);
    const clv_rect all = {0, 0, width, height};
    assert_int_equal(a.series->channels, BANDS);
    for (int t = 0; t < dates; t++) {
        float *x = a.x + (size_t)t * BANDS * a.plane;
        assert_int_equal(clv_series_read(a.ctx, a.series, t, all, x, missing), CLV_OK);
        assert_int_equal(clv_series_read_mask(a.ctx, a.series, t, all, a.mask + (size_t)t * a.plane), CLV_OK);
        for (size_t i = 0; i < a.plane; i++)
            assert_false(missing[i]);
        a.days[t] = (int32_t)floor(a.series->acquisitions[t].days);
        clv_date_format(&a.series->acquisitions[t].facts.date, a.date[t]);
        a.date[t][strlen("2023-04-08")] = 0;
    }
    free(missing);
    return a;
}

static void end(arrays *a)
{
    clv_series_free(a->series);
    clv_json_free(a->made);
    clv_context_free(a->ctx);
    free(a->x);
    free(a->mask);
    VSIRmdirRecursive(ROOT);
}

typedef struct filled {
    float *out, *deviation;
    uint8_t *source;
} filled;

static filled filled_new(const arrays *a)
{
    return (filled){clv_alloc_array(a->values, 1, sizeof(float)), clv_alloc_array(a->pixels, 1, sizeof(float)),
                    clv_alloc_array(a->pixels, 1, 1)};
}

static void filled_free(filled *f)
{
    free(f->out);
    free(f->deviation);
    free(f->source);
}

static clv_status fill(const arrays *a, const clv_fill_options *o, filled *f)
{
    return clv_fill(a->ctx, a->dates, a->bands, a->height, a->width, a->x, a->mask, a->days, o, f->out, f->source,
                    f->deviation);
}

static filled fill_ok(const arrays *a, const clv_fill_options *o)
{
    filled f = filled_new(a);
    if (fill(a, o, &f) != CLV_OK)
        fail_msg("%s", clv_context_error(a->ctx));
    return f;
}

static clv_fill_options usual(void)
{
    clv_fill_options o;
    clv_fill_options_init(&o);
    return o;
}

static void assert_same(const arrays *a, const filled *f, const filled *g)
{
    assert_memory_equal(f->out, g->out, a->values * sizeof *f->out);
    assert_memory_equal(f->source, g->source, a->pixels);
    assert_memory_equal(f->deviation, g->deviation, a->pixels * sizeof *f->deviation);
}

/* ---- Equal to clv_remove() ------------------------------------------------------------------------ */

static void read_band(const char *path, int band, const arrays *a, double *to)
{
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, band), GF_Read, 0, 0, a->width, a->height, to, a->width,
                                  a->height, GDT_Float64, 0, 0),
                     CE_None);
    GDALClose(ds);
}

/* Reflectance of date t: filled pixels within the rounding of the file's integers (and of a float), observed ones the
 * input's bits. */
static void compare_pixels(const arrays *a, const filled *f, int t, const char *path, double *dn)
{
    for (int c = 0; c < BANDS; c++) {
        const clv_band *band = &a->series->acquisitions[t].bands[c];
        read_band(path, band->index, a, dn);
        for (size_t i = 0; i < a->plane; i++) {
            const size_t at = ((size_t)t * BANDS + (size_t)c) * a->plane + i;
            if (!a->mask[(size_t)t * a->plane + i])
                assert_memory_equal(&f->out[at], &a->x[at], sizeof *f->out);
            else if (fabs(dn[i] * band->scale + band->offset - f->out[at]) > 0.501 * band->scale)
                fail_msg("date %d band %d pixel %zu: %.6f, remove wrote %.6f", t, c, i, f->out[at],
                         dn[i] * band->scale + band->offset);
        }
    }
}

static void compare_quality(const arrays *a, const filled *f, int t, const char *path, double *value)
{
    const uint8_t *source = f->source + (size_t)t * a->plane;
    const float *deviation = f->deviation + (size_t)t * a->plane;
    read_band(path, 1, a, value);
    for (size_t i = 0; i < a->plane; i++)
        assert_int_equal(source[i], (int)value[i]);
    read_band(path, 3, a, value);
    for (size_t i = 0; i < a->plane; i++)
        if (value[i] == 65535)
            assert_true(isnan(deviation[i]));
        else
            assert_true(fabs(value[i] * 1e-4 - deviation[i]) < 0.501e-4);
}

static void compare_with_remove(const arrays *a, clv_method method)
{
    clv_fill_options o = usual();
    o.method = method;
    filled f = fill_ok(a, &o);
    clv_remove_options r;
    char *json = NULL;
    const char *dates[MOST_DATES + 1] = {NULL};
    for (int t = 0; t < a->dates; t++)
        dates[t] = a->date[t];
    clv_remove_options_init(&r);
    r.method = method;
    r.input.masks = a->masks;
    r.input.mask_mode = CLV_MASK_REPLACE;
    r.input.dates = dates;
    r.output.path = ROOT "/out";
    r.output.overwrite = true;
    r.quality = true;
    if (clv_remove(a->ctx, a->inputs, a->dates, &r, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(a->ctx));
    clv_json *removed = parse(json);
    double *value = clv_alloc_array(a->plane, 1, sizeof *value);
    for (int t = 0; t < a->dates; t++) {
        const clv_json *date = clv_json_at(clv_json_get(removed, "dates"), t);
        compare_pixels(a, &f, t, clv_json_string(clv_json_get(date, "output"), ""), value);
        compare_quality(a, &f, t, clv_json_string(clv_json_get(date, "quality"), ""), value);
    }
    free(value);
    clv_json_free(removed);
    filled_free(&f);
}

static void test_equals_remove(void **state)
{
    (void)state;
    arrays a = make(5, 210, 260);
    compare_with_remove(&a, CLV_METHOD_GAUSSIAN);
    compare_with_remove(&a, CLV_METHOD_REGRESSION);
    compare_with_remove(&a, CLV_METHOD_LINEAR);
    end(&a);
}

/* More dates than are looked at together. */
static void test_equals_remove_over_time(void **state)
{
    (void)state;
    arrays a = make(MOST_DATES, 64, 80);
    compare_with_remove(&a, CLV_METHOD_GAUSSIAN);
    end(&a);
}

/* ---- The same bits ------------------------------------------------------------------------------- */

static void test_threads_and_memory(void **state)
{
    (void)state;
    arrays a = make(4, 150, 800);
    clv_fill_options o = usual();
    o.threads = 1;
    o.memory_mb = 4000; /* one panel */
    filled whole = fill_ok(&a, &o), parts;
    o.threads = 5;
    o.memory_mb = 1; /* panels as narrow as they get: two */
    clv_context_set_threads(a.ctx, 2);
    parts = fill_ok(&a, &o);
    assert_int_equal(clv_threads(a.ctx), 2);
    assert_same(&a, &whole, &parts);

    /* In place, where the second panel reads around pixels that the first has filled. */
    memcpy(parts.out, a.x, a.values * sizeof *a.x);
    assert_int_equal(clv_fill(a.ctx, a.dates, BANDS, a.height, a.width, parts.out, a.mask, a.days, &o, parts.out,
                              parts.source, parts.deviation),
                     CLV_OK);
    assert_same(&a, &whole, &parts);
    filled_free(&whole);
    filled_free(&parts);
    end(&a);
}

static void test_nan_equals_mask(void **state)
{
    (void)state;
    arrays a = make(4, 64, 70);
    filled masked = fill_ok(&a, NULL), other = filled_new(&a);
    float *x = clv_alloc_array(a.values, 1, sizeof *x);
    memcpy(x, a.x, a.values * sizeof *x);
    /* One band alone, and anything that is no number, makes the pixel one that was not observed. */
    for (int t = 0; t < a.dates; t++)
        for (size_t i = 0; i < a.plane; i++)
            if (a.mask[(size_t)t * a.plane + i])
                x[((size_t)t * BANDS + i % BANDS) * a.plane + i] = i % 3 ? NAN : i % 2 ? INFINITY : -INFINITY;
    assert_int_equal(clv_fill(a.ctx, a.dates, BANDS, a.height, a.width, x, NULL, a.days, NULL, other.out, other.source,
                              other.deviation),
                     CLV_OK);
    assert_same(&a, &masked, &other);
    /* Neither source nor deviation is needed. */
    memset(other.out, 0, a.values * sizeof *other.out);
    assert_int_equal(
        clv_fill(a.ctx, a.dates, BANDS, a.height, a.width, a.x, a.mask, a.days, NULL, other.out, NULL, NULL), CLV_OK);
    assert_memory_equal(masked.out, other.out, a.values * sizeof *other.out);
    free(x);
    filled_free(&masked);
    filled_free(&other);
    end(&a);
}

/* ---- What is filled ------------------------------------------------------------------------------ */

/* Ground that no date shows, a date that shows nothing, and fewer bands than three. */
static void test_never_observed(void **state)
{
    (void)state;
    arrays a = make(4, 40, 50);
    const size_t hole = 20 * 50 + 25;
    for (int t = 0; t < a.dates; t++)
        a.mask[(size_t)t * a.plane + hole] = 255;
    memset(a.mask + 2 * a.plane, 1, a.plane);
    for (a.bands = 1; a.bands <= BANDS; a.bands++) {
        filled f = fill_ok(&a, NULL);
        for (int t = 0; t < a.dates; t++)
            assert_int_equal(f.source[(size_t)t * a.plane + hole], CLV_SOURCE_NEVER);
        for (size_t i = 0; i < a.pixels * (size_t)a.bands; i++)
            assert_true(f.out[i] >= 0 && f.out[i] <= 1.5f);
        filled_free(&f);
    }
    end(&a);
}

/* ---- What is refused ----------------------------------------------------------------------------- */

static void wrong(clv_context *ctx, clv_status status, clv_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(clv_context_error(ctx), words))
        fail_msg("\"%s\" does not say \"%s\"", clv_context_error(ctx), words);
}

static void test_wrong_arrays(void **state)
{
    (void)state;
    enum { SIDE = 16, N = 3 * SIDE * SIDE };
    clv_context *ctx = clv_context_new();
    float x[N] = {0};
    uint8_t mask[N] = {0};
    int32_t days[3] = {1, 2, 3};
    const clv_status A = CLV_ERROR_ARGUMENT;
    wrong(ctx, clv_fill(ctx, 1, 1, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "1 dates");
    wrong(ctx, clv_fill(ctx, -3, 1, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "-3 dates");
    wrong(ctx, clv_fill(ctx, 3, 0, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "0 bands");
    wrong(ctx, clv_fill(ctx, 3, 65, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "65 bands");
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, 15, x, mask, days, NULL, x, NULL, NULL), A, "15 x 16");
    wrong(ctx, clv_fill(ctx, 3, 1, -1, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "16 x -1");
    wrong(ctx, clv_fill(ctx, 3, 1, INT_MAX, INT_MAX, x, mask, days, NULL, x, NULL, NULL), A, "too large");
    wrong(ctx, clv_fill(ctx, INT_MAX, 64, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "too large");
    wrong(ctx, clv_fill(ctx, 3, 1, INT_MAX, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "too large");
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, SIDE, NULL, mask, days, NULL, x, NULL, NULL), A, "reflectance");
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, SIDE, x, mask, NULL, NULL, x, NULL, NULL), A, "days");
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, SIDE, x, mask, days, NULL, NULL, NULL, NULL), A, "out");
    days[2] = 2;
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "days[2]");
    days[2] = 3;
    memset(mask, 1, sizeof mask);
    wrong(ctx, clv_fill(ctx, 3, 1, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), A, "no pixel");
    mask[N - 1] = 0;
    assert_int_equal(clv_fill(ctx, 3, 1, SIDE, SIDE, x, mask, days, NULL, x, NULL, NULL), CLV_OK);
    clv_context_free(ctx);
}

static void test_wrong_options(void **state)
{
    (void)state;
    enum { SIDE = 16, N = 2 * SIDE * SIDE };
    clv_context *ctx = clv_context_new();
    float x[N] = {0};
    const int32_t days[2] = {1, 2};
    clv_fill_options o = usual();
    o.method = CLV_METHOD_CLEAR;
    wrong(ctx, clv_fill(ctx, 2, 1, SIDE, SIDE, x, NULL, days, &o, x, NULL, NULL), CLV_ERROR_UNSUPPORTED, "network");
    o.method = (clv_method)99;
    wrong(ctx, clv_fill(ctx, 2, 1, SIDE, SIDE, x, NULL, days, &o, x, NULL, NULL), CLV_ERROR_ARGUMENT, "99");
    o = usual();
    o.threads = -1;
    wrong(ctx, clv_fill(ctx, 2, 1, SIDE, SIDE, x, NULL, days, &o, x, NULL, NULL), CLV_ERROR_ARGUMENT, "-1 threads");
    o = usual();
    o.memory_mb = NAN;
    wrong(ctx, clv_fill(ctx, 2, 1, SIDE, SIDE, x, NULL, days, &o, x, NULL, NULL), CLV_ERROR_ARGUMENT, "MB");
    o = usual();
    o.size = 0;
    wrong(ctx, clv_fill(ctx, 2, 1, SIDE, SIDE, x, NULL, days, &o, x, NULL, NULL), CLV_ERROR_ARGUMENT,
          "clv_fill_options_init");
    clv_context_free(ctx);
}

typedef struct watch {
    int calls;
    double last;
    bool stop;
} watch;

static int see(double complete, const char *message, void *user)
{
    (void)message;
    watch *w = user;
    assert_true(complete >= w->last && complete <= 1);
    w->last = complete;
    w->calls++;
    return !w->stop;
}

static void test_progress(void **state)
{
    (void)state;
    arrays a = make(3, 240, 40); /* two rows of windows */
    watch w = {0};
    clv_context_set_progress(a.ctx, see, &w);
    filled f = fill_ok(&a, NULL);
    assert_int_equal(w.calls, 2);
    assert_true(w.last == 1);
    w = (watch){0};
    clv_context_cancel(a.ctx);
    wrong(a.ctx, fill(&a, NULL, &f), CLV_ERROR_CANCELLED, "");
    assert_int_equal(w.calls, 0);
    w = (watch){.stop = true};
    wrong(a.ctx, fill(&a, NULL, &f), CLV_ERROR_CANCELLED, "");
    assert_int_equal(w.calls, 1);
    filled_free(&f);
    end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_remove),      cmocka_unit_test(test_equals_remove_over_time),
        cmocka_unit_test(test_threads_and_memory), cmocka_unit_test(test_nan_equals_mask),
        cmocka_unit_test(test_never_observed),     cmocka_unit_test(test_wrong_arrays),
        cmocka_unit_test(test_wrong_options),      cmocka_unit_test(test_progress),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
