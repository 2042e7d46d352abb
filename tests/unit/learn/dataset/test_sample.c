/* SPDX-License-Identifier: MIT
 * sample: whatever is varied, labels stay on the pixels they belong to.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "learn/dataset/labels.h"
#include "learn/dataset/sample.h"

#define SIDE 200
#define N (SIDE * SIDE)

/* A place in memory: blobs of bright cloud on dark ground, labelled; no dates are simulated on. */
static clv_place *make_place(clv_use use)
{
    clv_place *p = calloc(1, sizeof *p);
    *p = (clv_place){.name = strdup("blobs"),
                     .dates = 1,
                     .width = SIDE,
                     .height = SIDE,
                     .pixel_m = 20,
                     .has_nir = true,
                     .weight = 1};
    p->x = calloc(4 * N, sizeof *p->x);
    p->missing = calloc(N, 1);
    p->label = calloc(N, 1);
    p->use = calloc(1, 1);
    p->use[0] = (uint8_t)use;
    for (int i = 0; i < N; i++) {
        int x = i % SIDE, y = i / SIDE;
        bool blob = use == CLV_USE_LABELS && (x / 40 + 2 * (y / 40)) % 3 == 0;
        p->label[i] = blob ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
        for (int c = 0; c < 4; c++)
            p->x[c * N + i] = blob ? 0.9f : 0.05f + 0.02f * (float)c;
    }
    return p;
}

static clv_places *places_of(clv_use use)
{
    clv_places *places = calloc(1, sizeof *places);
    places->items = make_place(use);
    places->count = 1;
    return places;
}

static void test_labels_stay_in_place(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_LABELS);
    clv_sampler_options options = {.seed = 11, .vary = true};
    clv_sampler *sampler = NULL;
    clv_sample_work *work = clv_sample_work_new();
    float *in = malloc(CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof *in);
    uint8_t *label = malloc(CLV_SAMPLE_PIXELS);
    (void)state;
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    int64_t agree = 0, differ = 0, unknown = 0;
    for (uint64_t k = 0; k < 60; k++) {
        assert_int_equal(clv_sampler_draw(sampler, k, work, in, label), 0);
        const float *red = clv_sample_picture(work);
        for (int i = 0; i < CLV_SAMPLE_PIXELS; i++) {
            if (label[i] == CLV_LABEL_UNKNOWN)
                unknown++;
            else if ((label[i] == CLV_LABEL_CLOUD) == (red[i] > 0.4f))
                agree++;
            else
                differ++;
            assert_true(isfinite(in[i]) && fabsf(in[i]) <= 2.0f);
        }
    }
    /* Only edges of blobs, blurred over a pixel, may differ. */
    assert_true(agree > 500000);
    assert_true((double)differ < 0.02 * (double)agree);
    assert_true(unknown < agree / 10);
    clv_sampler_free(sampler);
    clv_sample_work_free(work);
    clv_places_free(places);
    free(in);
    free(label);
    clv_context_free(ctx);
}

static void test_simulated_clouds_are_labelled(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_GROUND);
    clv_sampler_options options = {.seed = 4};
    clv_sampler *sampler = NULL;
    clv_sample_work *work = clv_sample_work_new();
    float *in = malloc(CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof *in);
    uint8_t *label = malloc(CLV_SAMPLE_PIXELS);
    double bright[3] = {0};
    int64_t count[256] = {0};
    (void)state;
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    for (uint64_t k = 0; k < 40; k++) {
        clv_sampler_draw(sampler, k, work, in, label);
        for (int i = 0; i < CLV_SAMPLE_PIXELS; i++) {
            count[label[i]]++;
            if (label[i] <= 2)
                bright[label[i]] += clv_sample_picture(work)[i];
        }
    }
    for (int c = 0; c < 3; c++) {
        assert_true(count[c] > 5000);
        bright[c] /= (double)count[c];
    }
    assert_true(bright[1] > 2 * bright[0]);
    assert_true(bright[2] < 0.9 * bright[0]);
    clv_sampler_free(sampler);
    clv_sample_work_free(work);
    clv_places_free(places);
    free(in);
    free(label);
    clv_context_free(ctx);
}

static void test_number_decides(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_GROUND);
    clv_sampler_options options = {.seed = 9, .vary = true};
    clv_sampler *sampler = NULL;
    clv_sample_work *work = clv_sample_work_new(), *other = clv_sample_work_new();
    size_t bytes = CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof(float);
    float *a = malloc(bytes), *b = malloc(bytes);
    uint8_t la[CLV_SAMPLE_PIXELS], lb[CLV_SAMPLE_PIXELS];
    (void)state;
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    for (uint64_t k = 0; k < 8; k++)
        clv_sampler_draw(sampler, k, work, a, la);
    clv_sampler_draw(sampler, 3, work, a, la);
    clv_sampler_draw(sampler, 3, other, b, lb);
    assert_memory_equal(a, b, bytes);
    assert_memory_equal(la, lb, sizeof la);
    clv_sampler_draw(sampler, 4, other, b, lb);
    assert_true(memcmp(a, b, bytes) != 0);
    clv_sampler_free(sampler);
    clv_sample_work_free(work);
    clv_sample_work_free(other);
    clv_places_free(places);
    free(a);
    free(b);
    clv_context_free(ctx);
}

static void test_upright_sample_is_the_picture(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_LABELS);
    clv_place *place = &places->items[0];
    clv_sampler_options options = {.seed = 2};
    clv_sampler *sampler = NULL;
    clv_sample_work *work = clv_sample_work_new();
    float *in = malloc(CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof *in);
    uint8_t *label = malloc(CLV_SAMPLE_PIXELS);
    (void)state;
    /* Every pixel's value says where it lies. */
    for (int i = 0; i < N; i++)
        place->x[i] = (float)i;
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    clv_sampler_draw(sampler, 0, work, in, label);
    int origin = (int)clv_sample_picture(work)[0];
    for (int y = 0; y < CLV_SAMPLE_SIDE; y++)
        for (int x = 0; x < CLV_SAMPLE_SIDE; x++) {
            int at = origin + y * SIDE + x;
            assert_int_equal((int)clv_sample_picture(work)[y * CLV_SAMPLE_SIDE + x], at);
            assert_int_equal(label[y * CLV_SAMPLE_SIDE + x], place->label[at]);
        }
    clv_sampler_free(sampler);
    clv_sample_work_free(work);
    clv_places_free(places);
    free(in);
    free(label);
    clv_context_free(ctx);
}

static void test_missing_is_unknown(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_LABELS);
    clv_sampler_options options = {.seed = 2, .vary = true};
    clv_sampler *sampler = NULL;
    clv_sample_work *work = clv_sample_work_new();
    float *in = malloc(CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof *in);
    uint8_t *label = malloc(CLV_SAMPLE_PIXELS);
    (void)state;
    memset(places->items[0].missing, 1, N);
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    for (uint64_t k = 0; k < 5; k++) {
        clv_sampler_draw(sampler, k, work, in, label);
        for (int i = 0; i < CLV_SAMPLE_PIXELS; i++)
            assert_int_equal(label[i], CLV_LABEL_UNKNOWN);
        for (int i = 0; i < CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS; i++)
            assert_true(in[i] == 0.0f);
    }
    clv_sampler_free(sampler);
    clv_sample_work_free(work);
    clv_places_free(places);
    free(in);
    free(label);
    clv_context_free(ctx);
}

static void test_nothing_to_draw_from(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_places *places = places_of(CLV_USE_LABELS);
    clv_sampler_options options = {.seed = 2, .hold = true};
    clv_sampler *sampler = (clv_sampler *)1;
    (void)state;
    assert_int_equal(clv_sampler_new(ctx, places, &options, &sampler), CLV_OK);
    assert_null(sampler);
    clv_places_free(places);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_stay_in_place), cmocka_unit_test(test_simulated_clouds_are_labelled),
        cmocka_unit_test(test_number_decides),       cmocka_unit_test(test_upright_sample_is_the_picture),
        cmocka_unit_test(test_missing_is_unknown),   cmocka_unit_test(test_nothing_to_draw_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
