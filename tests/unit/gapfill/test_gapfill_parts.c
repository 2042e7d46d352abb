/* SPDX-License-Identifier: MIT
 * The parts of the prior, each against an independent computation: samples, spread, robust_ridge, missing, buffer.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "gapfill/date_blend.h"
#include "gapfill/field.h"
#include "gapfill/robust_ridge.h"
#include "gapfill/samples.h"
#include "gapfill/spread.h"

#define W 61
#define H 47
#define N (W * H)

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static double uniform(uint32_t *state)
{
    return next_random(state) / 16777216.0;
}

/* ---- samples ----------------------------------------------------------------------------------- */

static int away_from_gaps(const uint8_t *gap, int gap_buffer, uint8_t *learn)
{
    int count = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            learn[y * W + x] = 1;
            for (int v = y - gap_buffer; v <= y + gap_buffer; v++)
                for (int u = x - gap_buffer; u <= x + gap_buffer; u++)
                    if (u >= 0 && v >= 0 && u < W && v < H && gap[v * W + u])
                        learn[y * W + x] = 0;
            count += learn[y * W + x];
        }
    return count;
}

static void check_learnable(const uint8_t *gap, int gap_buffer, int min_pixels)
{
    uint8_t learn[N], scratch[N], expected[N];
    int observed = 0, count = 0;
    for (int i = 0; i < N; i++)
        observed += !gap[i];
    for (int r = gap_buffer; r >= 0; r--) {
        count = away_from_gaps(gap, r, expected);
        if (count >= min_pixels && count >= 0.3 * observed)
            break;
    }
    assert_int_equal(clv_train_mask(gap, W, H, gap_buffer, min_pixels, learn, scratch), count);
    assert_memory_equal(learn, expected, N);
}

static void learnable_pixels_keep_their_distance(void **state)
{
    (void)state;
    const uint32_t one_in[] = {2, 10, 30, 100, 1000};
    uint8_t gap[N];
    uint32_t seed = 1;
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < N; i++)
            gap[i] = next_random(&seed) % one_in[k] == 0;
        for (int gap_buffer = 0; gap_buffer <= 6; gap_buffer += 2) {
            check_learnable(gap, gap_buffer, 200);
            check_learnable(gap, gap_buffer, N);
        }
    }
    memset(gap, 0, N);
    check_learnable(gap, 4, 200);
    memset(gap, 1, N);
    check_learnable(gap, 4, 200);
}

static void samples_are_even_and_only_kept_ones(void **state)
{
    (void)state;
    enum { SIDE = 256 };
    uint8_t *keep = malloc(SIDE * SIDE);
    int *pixels = malloc(SIDE * SIDE * sizeof *pixels);
    assert_true(keep && pixels);
    uint32_t seed = 7;
    for (int wanted = 100; wanted < 70000; wanted = wanted * 3 / 2)
        for (uint32_t one_in = 1; one_in < 8; one_in += 3) {
            int count = 0, quarter[4] = {0};
            for (int i = 0; i < SIDE * SIDE; i++)
                count += keep[i] = next_random(&seed) % one_in == 0;
            int got = clv_pick_samples(keep, SIDE, SIDE, count, wanted, pixels);
            int expected = wanted < count ? wanted : count;
            assert_in_range(got, expected * 8 / 10, expected * 12 / 10 + 30);
            assert_true(got <= count);
            for (int i = 0; i < got; i++) {
                assert_true(keep[pixels[i]]);
                assert_true(i == 0 || pixels[i] > pixels[i - 1]);
                quarter[pixels[i] / (SIDE * SIDE / 2) * 2 + pixels[i] % SIDE / (SIDE / 2)]++;
            }
            for (int q = 0; q < 4; q++)
                assert_in_range(quarter[q], got / 4 * 8 / 10, got / 4 * 12 / 10 + 20);
        }
    assert_int_equal(clv_pick_samples(keep, SIDE, SIDE, 0, 0, pixels) > 0, 1);
    memset(keep, 0, SIDE * SIDE);
    assert_int_equal(clv_pick_samples(keep, SIDE, SIDE, 0, 100, pixels), 0);
    free(keep);
    free(pixels);
}

/* Every pixel is in one part, parts are of about the same size, ascending, and do not overlap in both directions. */
static void check_parts(const uint8_t *keep, int width, int height, bool columns)
{
    static int pixels[N], scratch[N];
    static uint8_t found[N];
    int ends[CLV_SAMPLE_PARTS], box[CLV_SAMPLE_PARTS][4];
    const int count = clv_pick_samples(keep, width, height, width * height, 0, pixels);
    memset(found, 0, sizeof found);
    clv_part_samples(pixels, count, width, scratch, ends);
    assert_int_equal(ends[CLV_SAMPLE_PARTS - 1], count);
    for (int k = 0, i = 0; k < CLV_SAMPLE_PARTS; k++) {
        const int from = i;
        assert_true(abs(ends[k] - from - count / 4) <= width);
        box[k][0] = width, box[k][1] = -1, box[k][2] = height, box[k][3] = -1;
        for (; i < ends[k]; i++) {
            const int x = pixels[i] % width, y = pixels[i] / width;
            assert_true(keep[pixels[i]] && !found[pixels[i]]++);
            assert_true(i == from || pixels[i] > pixels[i - 1]);
            box[k][0] = x < box[k][0] ? x : box[k][0];
            box[k][1] = x > box[k][1] ? x : box[k][1];
            box[k][2] = y < box[k][2] ? y : box[k][2];
            box[k][3] = y > box[k][3] ? y : box[k][3];
        }
        for (int l = 0; l < k; l++) /* a row may be cut between two parts */
            assert_true(box[k][0] > box[l][1] || box[l][0] > box[k][1] || box[k][2] >= box[l][3] ||
                        box[l][2] >= box[k][3]);
    }
    assert_true(!columns || (box[0][1] < box[3][0] && box[0][2] == box[3][2]));
}

static void parts_lie_apart(void **state)
{
    (void)state;
    static uint8_t keep[N];
    int pixels[3] = {4, 7, 9}, scratch[3], ends[CLV_SAMPLE_PARTS];
    memset(keep, 1, sizeof keep);
    check_parts(keep, W, H, false);
    check_parts(keep, H, W, false);
    memset(keep, 0, sizeof keep);
    for (int i = 0; i < 3 * W; i++)
        keep[5 * W + i] = 1; /* three rows */
    check_parts(keep, W, H, true);
    uint32_t seed = 3;
    for (int i = 0; i < N; i++)
        keep[i] = uniform(&seed) < 0.3;
    check_parts(keep, W, H, false);
    clv_part_samples(pixels, 3, 100, scratch, ends);
    assert_true(ends[0] <= ends[1] && ends[1] <= ends[2] && ends[2] <= ends[3] && ends[3] == 3);
    clv_part_samples(pixels, 1, 100, scratch, ends);
    assert_int_equal(ends[3], 1);
}

/* ---- spread ------------------------------------------------------------------------------------ */

static double spread_by_hand(const uint8_t *known, const float *v, int x, int y, bool everywhere, double *sum)
{
    const double radius[] = {1, 3, 8, 20, 61}, weight[] = {256, 64, 8, 1, 1e-6};
    double total = 0;
    *sum = 0;
    for (int r = 0; r < (everywhere ? 5 : 4); r++) {
        double share = weight[r] / ((2 * radius[r] + 1) * (2 * radius[r] + 1));
        for (int q = 0; q < N; q++)
            if (known[q] && abs(q % W - x) <= radius[r] && abs(q / W - y) <= radius[r]) {
                *sum += share * (double)v[q];
                total += share;
            }
    }
    return total;
}

static void spreading_equals_sums_by_hand(void **state)
{
    (void)state;
    uint8_t known[N];
    float v[2 * N];
    uint32_t seed = 3;
    clv_spread s = {0};
    assert_true(clv_spread_begin(&s, W, H, 2));
    for (uint32_t one_in = 2; one_in < 2000; one_in *= 20) {
        for (int i = 0; i < N; i++) {
            known[i] = next_random(&seed) % one_in == 0;
            v[i] = (float)(uniform(&seed) - 0.5);
            v[N + i] = known[i] ? 3 * v[i] : 1e9f; /* never read where not known */
        }
        clv_spread_fill(&s, known, v);
        for (int k = 0; k < 60; k++) {
            int x = (int)(next_random(&seed) % W), y = (int)(next_random(&seed) % H);
            double sum[2], expected;
            double total = clv_spread_at(&s, x, y, k % 2, sum);
            assert_true(fabs(total - spread_by_hand(known, v, x, y, k % 2, &expected)) < 1e-9 * (1 + total));
            assert_true(fabs(sum[0] - expected) < 1e-6 * (1 + total));
            assert_true(fabs(sum[1] - 3 * expected) < 1e-6 * (1 + total));
        }
    }
    memset(known, 0, N);
    clv_spread_fill(&s, known, v);
    double sum[2];
    assert_true(clv_spread_at(&s, 5, 5, true, sum) == 0 && sum[0] == 0 && sum[1] == 0);
    clv_spread_free(&s);
}

/* ---- robust_ridge ------------------------------------------------------------------------------ */

enum { SAMPLES = 700, PADDED = 768, REGRESSORS = 7, TARGETS = 3 };

typedef struct problem {
    float rows[REGRESSORS + TARGETS][PADDED], root[TARGETS * PADDED], left[TARGETS * PADDED];
    const float *pointers[REGRESSORS + TARGETS];
    double shrink[REGRESSORS], toward[TARGETS * REGRESSORS], b[TARGETS * REGRESSORS];
    clv_ridge ridge;
} problem;

/* Regressors of size 0.1, targets made of them by known coefficients; every tenth sample of the targets is spoilt. */
static problem *make_problem(double spoil)
{
    problem *p = calloc(1, sizeof *p);
    uint32_t seed = 5;
    assert_non_null(p);
    for (int k = 0; k < REGRESSORS + TARGETS; k++)
        p->pointers[k] = p->rows[k];
    for (int s = 0; s < PADDED; s++) {
        for (int k = 0; k < REGRESSORS; k++)
            p->rows[k][s] = k == REGRESSORS - 1 ? 1.0f : (float)(0.1 * uniform(&seed));
        for (int c = 0; c < TARGETS; c++) {
            double y = 0.001 * (uniform(&seed) - 0.5);
            for (int k = 0; k < REGRESSORS; k++)
                y += (0.1 * k - 0.2 * c) * (double)p->rows[k][s];
            p->rows[REGRESSORS + c][s] = (float)(y + (s % 10 == 0 ? spoil * (c + 1) : 0));
        }
    }
    for (int k = 0; k < REGRESSORS; k++)
        p->shrink[k] = 1e-9;
    p->ridge = (clv_ridge){.samples = SAMPLES,
                           .padded = PADDED,
                           .rows = p->pointers,
                           .regressors = REGRESSORS,
                           .y = p->pointers + REGRESSORS,
                           .targets = TARGETS,
                           .shrink = p->shrink,
                           .toward = p->toward,
                           .passes = 4,
                           .median_step = 1,
                           .b = p->b,
                           .root = p->root,
                           .residual = p->left};
    return p;
}

static void check_coefficients(const problem *p, double tolerance)
{
    for (int c = 0; c < TARGETS; c++)
        for (int k = 0; k < REGRESSORS; k++)
            assert_true(fabs(p->b[c * REGRESSORS + k] - (0.1 * k - 0.2 * c)) < tolerance);
}

static void ridge_finds_coefficients_despite_spoilt_samples(void **state)
{
    (void)state;
    for (int share = 0; share < 2; share++) {
        clv_ridge_work work = {0};
        problem *p = make_problem(0.2);
        p->ridge.share = share;
        assert_true(clv_robust_ridge(&work, &p->ridge));
        check_coefficients(p, 0.01);
        for (int c = 0; c < TARGETS; c++)
            for (int s = 0; s < SAMPLES; s++) {
                double left = p->rows[REGRESSORS + c][s];
                for (int k = 0; k < REGRESSORS; k++)
                    left -= p->b[c * REGRESSORS + k] * (double)p->rows[k][s];
                assert_true(fabs(left - p->left[c * PADDED + s]) < 1e-6);
            }
        for (int s = 0; s < SAMPLES; s++)
            assert_true(s % 10 == 0 ? p->root[s] < 0.05f : p->root[s] > 0.5f);
        clv_ridge_work_free(&work);
        free(p);
    }
}

/* With one pass all weights are 1: without a part is as if the part had not been given. Parts of any size, one of them
 * empty. */
static void ridge_without_a_part(void **state)
{
    (void)state;
    enum { PARTS = 4, COEFFICIENTS = TARGETS * REGRESSORS };
    const int ends[PARTS] = {100, 100, 399, SAMPLES};
    static double without[PARTS * COEFFICIENTS];
    for (int share = 0; share < 2; share++) {
        clv_ridge_work work = {0};
        problem *p = make_problem(0.2);
        p->ridge.passes = 1;
        p->ridge.share = share;
        p->ridge.parts = PARTS;
        p->ridge.ends = ends;
        p->ridge.without = without;
        assert_true(clv_robust_ridge(&work, &p->ridge));
        for (int k = 0; k < PARTS; k++) {
            problem *q = make_problem(0.2);
            const int from = k ? ends[k - 1] : 0, size = ends[k] - from;
            q->ridge.passes = 1;
            q->ridge.samples = SAMPLES - size;
            for (int i = 0; i < REGRESSORS + TARGETS; i++)
                memmove(q->rows[i] + from, q->rows[i] + ends[k], (size_t)(PADDED - ends[k]) * sizeof(float));
            assert_true(clv_robust_ridge(&work, &q->ridge));
            for (int i = 0; i < COEFFICIENTS; i++)
                assert_true(fabs(without[k * COEFFICIENTS + i] - q->b[i]) < 1e-4);
            assert_true(k != 1 || fabs(without[k * COEFFICIENTS] - p->b[0]) < 1e-9);
            assert_true(k == 1 || fabs(without[k * COEFFICIENTS] - p->b[0]) > 1e-4);
            free(q);
        }
        clv_ridge_work_free(&work);
        free(p);
    }
}

static void ridge_shrinks_toward_its_target(void **state)
{
    (void)state;
    clv_ridge_work work = {0};
    problem *p = make_problem(0);
    for (int k = 0; k < REGRESSORS; k++)
        p->shrink[k] = 1e6;
    for (int k = 0; k < REGRESSORS * TARGETS; k++)
        p->toward[k] = 0.01 * k;
    assert_true(clv_robust_ridge(&work, &p->ridge));
    for (int k = 0; k < REGRESSORS * TARGETS; k++)
        assert_true(fabs(p->b[k] - p->toward[k]) < 1e-4);
    clv_ridge_work_free(&work);
    free(p);
}

static void products_equal_plain_sums(void **state)
{
    (void)state;
    clv_ridge_work work = {0};
    problem *p = make_problem(0);
    const float *const *x = p->pointers;
    double square[REGRESSORS * REGRESSORS], cross[REGRESSORS * TARGETS];
    for (int s = 0; s < PADDED; s++)
        p->root[s] = s < SAMPLES ? 0.5f + (float)s / SAMPLES : 0;
    assert_true(clv_weighted_products(&work, x, REGRESSORS, x, REGRESSORS, p->root, PADDED, square));
    assert_true(clv_weighted_products(&work, x, REGRESSORS, p->ridge.y, TARGETS, p->root, PADDED, cross));
    for (int i = 0; i < REGRESSORS; i++)
        for (int j = 0; j < REGRESSORS + TARGETS; j++) {
            double sum = 0;
            for (int s = 0; s < SAMPLES; s++)
                sum += (double)p->root[s] * p->root[s] * (double)p->rows[i][s] * p->rows[j][s];
            double got = j < REGRESSORS ? square[i * REGRESSORS + j] : cross[i * TARGETS + j - REGRESSORS];
            assert_true(fabs(got - sum) < 1e-6 * (1 + fabs(sum)));
        }
    clv_ridge_work_free(&work);
    free(p);
}

static void unsolvable_equations_give_the_target(void **state)
{
    (void)state;
    clv_ridge_work work = {0};
    const double zero[4] = {0}, indefinite[4] = {1, 2, 2, 1}, bad[4] = {NAN, 0, 0, 1}, right[2] = {5, 4};
    const double toward[2] = {0.25, -3}, shrink[2] = {0, 0};
    double b[2];
    assert_true(clv_ridge_solve(&work, zero, 2, right, 1, shrink, toward, 1, b));
    assert_true(b[0] == 0.25 && b[1] == -3);
    assert_true(clv_ridge_solve(&work, bad, 2, right, 1, shrink, toward, 1, b));
    assert_true(b[0] == 0.25 && b[1] == -3);
    assert_true(clv_ridge_solve(&work, indefinite, 2, right, 1, shrink, toward, 1, b)); /* Cholesky cannot */
    assert_true(fabs(b[0] - 1) < 1e-12 && fabs(b[1] - 2) < 1e-12);
    clv_ridge_work_free(&work);
}

/* ---- missing ----------------------------------------------------------------------------------- */

/* A model of given variances, as clv_date_blend_learn would leave it. */
static clv_date_blend model_of(const double *days, const uint8_t *usable, int dates, double *memory)
{
    return (clv_date_blend){
        .dates = dates, .days = days, .usable = usable, .noise = memory, .scratch = memory + dates, .share = {1}};
}

static void weights_of_dates_sum_to_one(void **state)
{
    (void)state;
    enum { T = 8 };
    const double days[T] = {0, 3, 3, 10, 25, 26, 40, 2000};
    double *memory = calloc(clv_date_blend_count(T), sizeof *memory);
    uint32_t seed = 2;
    assert_non_null(memory);
    for (int round = 0; round < 300; round++) {
        uint8_t usable[T];
        double linear[T], line[T], kriging[T];
        int t = (int)(next_random(&seed) % T), others = 0;
        for (int u = 0; u < T; u++) {
            others += (usable[u] = next_random(&seed) % 3 != 0) && u != t;
            memory[u] = (double)(next_random(&seed) % 100) * (next_random(&seed) % 4 ? 1 : 0);
        }
        clv_date_blend m = model_of(days, usable, T, memory);
        m.slope = (double)(next_random(&seed) % 3);
        assert_int_equal(clv_date_blend_weights(&m, t, linear), others > 0);
        m.share[0] = 0;
        m.share[1] = 1;
        assert_int_equal(clv_date_blend_weights(&m, t, line), others > 0);
        m.share[1] = 0;
        m.share[2] = 1;
        assert_int_equal(clv_date_blend_weights(&m, t, kriging), others > 0);
        if (!others)
            continue;
        double sum[3] = {0}, at = 0, low = INFINITY, high = -INFINITY;
        for (int u = 0; u < T; u++) {
            assert_true(isfinite(line[u]) && isfinite(kriging[u]) && linear[u] >= 0);
            assert_true((usable[u] && u != t) || (linear[u] == 0 && line[u] == 0 && kriging[u] == 0));
            sum[0] += linear[u];
            sum[1] += line[u];
            sum[2] += kriging[u];
            at += linear[u] * days[u];
            if (usable[u] && u != t) {
                low = fmin(low, days[u]);
                high = fmax(high, days[u]);
            }
        }
        for (int k = 0; k < 3; k++)
            assert_true(fabs(sum[k] - 1) < 1e-6);
        assert_true(fabs(at - fmin(fmax(days[t], low), high)) < 1e-9);
    }
    free(memory);
}

/* Against Lagrange's equations of ordinary kriging on the semivariances, solved by elimination. */
static void kriging_solves_its_equations(void **state)
{
    (void)state;
    enum { T = 6, EQUATIONS = T, HIDDEN = 2 };
    const double days[T] = {0, 5, 9, 15, 30, 31}, slope = 0.7;
    const uint8_t usable[T] = {1, 1, 1, 1, 1, 1};
    double *memory = calloc(clv_date_blend_count(T), sizeof *memory), a[EQUATIONS][EQUATIONS + 1], weights[T];
    int date[EQUATIONS - 1], n = 0;
    assert_non_null(memory);
    clv_date_blend m = model_of(days, usable, T, memory);
    m.share[0] = 0;
    m.share[2] = 1;
    m.slope = slope;
    for (int u = 0; u < T; u++) {
        m.noise[u] = u == 4 ? 60 : 2.0 + u;
        if (u != HIDDEN)
            date[n++] = u;
    }
    for (int i = 0; i < EQUATIONS; i++)
        for (int j = 0; j <= EQUATIONS; j++) {
            double *x = &a[i][j];
            if (i == EQUATIONS - 1 || j == EQUATIONS - 1)
                *x = i == j ? 0 : 1;
            else if (j == EQUATIONS)
                *x = slope * fabs(days[date[i]] - days[HIDDEN]) + m.noise[date[i]] / 2;
            else
                *x = i == j ? 0
                            : slope * fabs(days[date[i]] - days[date[j]]) + (m.noise[date[i]] + m.noise[date[j]]) / 2;
        }
    a[EQUATIONS - 1][EQUATIONS] = 1;
    for (int k = 0; k < EQUATIONS; k++) {
        int pivot = k;
        for (int i = k; i < EQUATIONS; i++)
            pivot = fabs(a[i][k]) > fabs(a[pivot][k]) ? i : pivot;
        for (int j = 0; j <= EQUATIONS; j++) {
            double kept = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = kept;
        }
        for (int i = 0; i < EQUATIONS; i++)
            for (int j = EQUATIONS; i != k && j >= k; j--)
                a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    assert_true(clv_date_blend_weights(&m, HIDDEN, weights));
    for (int i = 0; i < EQUATIONS - 1; i++)
        assert_true(fabs(weights[date[i]] - a[i][EQUATIONS] / a[i][i]) < 1e-6);
    free(memory);
}

/* Each date one value everywhere. */
static void learn_levels(const float *level, int dates, int target, double *share, double *weights)
{
    enum { MOST = 10, SIDE = 24 };
    static float x[MOST * SIDE * SIDE];
    static const uint8_t gap[MOST * SIDE * SIDE];
    double days[MOST], *memory = calloc(clv_date_blend_count(dates), sizeof *memory);
    uint8_t usable[MOST];
    assert_non_null(memory);
    for (int t = 0; t < dates; t++) {
        days[t] = 5 * t;
        usable[t] = t != target;
        for (int i = 0; i < SIDE * SIDE; i++)
            x[t * SIDE * SIDE + i] = level[t] + 0.001f * (float)(i % 7);
    }
    clv_field f = {0};
    clv_stack stack = {x, gap, days, dates, 1, SIDE, SIDE};
    assert_true(clv_field_load(&f, &stack));
    clv_date_blend m;
    clv_date_blend_learn(&m, &f, usable, memory);
    memcpy(share, m.share, sizeof m.share);
    memset(weights, 0, (size_t)dates * sizeof *weights);
    clv_date_blend_weights(&m, target, weights);
    clv_field_free(&f);
    free(memory);
}

/* Noise around a constant calls for all dates, a season between neighbours does not, a date of haze is left aside. */
static void the_series_tells_how_to_fill(void **state)
{
    (void)state;
    const float noise[10] = {0.11f, 0.1f, 0.12f, 0.1f, 0.13f, 0.09f, 0.11f, 0.1f, 0.12f, 0.1f};
    const float season[10] = {0.1f, 0.1f, 0.1f, 0.12f, 0.2f, 0.28f, 0.3f, 0.3f, 0.3f, 0.3f};
    const float haze[10] = {0.101f, 0.1f, 0.102f, 0.1f, 0.103f, 0.15f, 0.101f, 0.1f, 0.102f, 0.1f};
    double share[CLV_DATE_BLEND_WAYS], w[10], most = 0;
    learn_levels(noise, 10, 4, share, w);
    assert_true(share[0] < 0.3);
    for (int t = 0; t < 10; t++)
        most = fmax(most, w[t]);
    assert_true(most < 0.35);
    learn_levels(season, 10, 4, share, w);
    assert_true(w[3] + w[5] > 0.6);
    learn_levels(haze, 10, 4, share, w);
    assert_true(w[5] < 0.1 && w[3] > w[5] && w[6] > w[5]); /* half of it by interpolation */
    for (int dates = 1; dates <= 2; dates++) {
        learn_levels(noise, dates, 0, share, w);
        assert_true(share[0] == 1 && share[1] == 0 && share[2] == 0);
    }
}

/* ---- buffer ------------------------------------------------------------------------------------ */

static void buffers_grow_and_refuse(void **state)
{
    (void)state;
    clv_buffer b = {0};
    char *first = clv_buffer_hold(&b, 10, 10, 4);
    assert_non_null(first);
    assert_ptr_equal(clv_buffer_hold(&b, 100, 1, 4), first);
    assert_ptr_equal(clv_buffer_hold(&b, 0, 1, 4), first);
    char *more = clv_buffer_hold(&b, 1000, 1000, 1);
    assert_non_null(more);
    memset(more, 1, 1000000);
    assert_int_equal((uintptr_t)more % 64, 0);
    assert_null(clv_buffer_hold(&b, SIZE_MAX, 2, 1));
    clv_buffer_free(&b);
    clv_buffer_free(&b);
    assert_null(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learnable_pixels_keep_their_distance),
        cmocka_unit_test(samples_are_even_and_only_kept_ones),
        cmocka_unit_test(parts_lie_apart),
        cmocka_unit_test(spreading_equals_sums_by_hand),
        cmocka_unit_test(ridge_finds_coefficients_despite_spoilt_samples),
        cmocka_unit_test(ridge_without_a_part),
        cmocka_unit_test(ridge_shrinks_toward_its_target),
        cmocka_unit_test(products_equal_plain_sums),
        cmocka_unit_test(unsolvable_equations_give_the_target),
        cmocka_unit_test(weights_of_dates_sum_to_one),
        cmocka_unit_test(kriging_solves_its_equations),
        cmocka_unit_test(the_series_tells_how_to_fill),
        cmocka_unit_test(buffers_grow_and_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
