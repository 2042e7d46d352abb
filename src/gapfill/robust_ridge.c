/* SPDX-License-Identifier: MIT */
#include "gapfill/robust_ridge.h"

#include <math.h>
#include <string.h>

#include "base/cpu_dispatch.h"
#include "base/lapack.h"
#include "base/select.h"
#include "gapfill/field.h"

#define BLOCK CLV_RIDGE_BLOCK
#define LANES 8
#define TILE_ROWS 4
#define TILE_COLUMNS 2
#define LEAST_RESIDUAL 5e-4 /* reflectance: smaller residuals are noise */

#if !defined(__GNUC__)
#error "this file uses the vector types of GCC and Clang"
#endif
typedef float vector __attribute__((vector_size(LANES * sizeof(float)), may_alias));

void clv_ridge_work_free(clv_ridge_work *work)
{
    clv_buffer_free(&work->gram);
    clv_buffer_free(&work->equations);
    clv_buffer_free(&work->right);
    clv_buffer_free(&work->scaled);
    clv_buffer_free(&work->sums);
    clv_buffer_free(&work->sample);
    clv_buffer_free(&work->pivots);
    clv_buffer_free(&work->rows);
    clv_buffer_free(&work->parts);
    clv_buffer_free(&work->shifted);
}

/* ---- Products ---------------------------------------------------------------------------------- */

static inline double lane_sum(const vector *v)
{
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (*v)[k];
    return sum;
}

/* Rows of a block times the roots of the weights; rows are padded with zeros to a multiple of the tile. */
CLV_CPU_DISPATCH static void scale_block(const float *const *rows, int count, int padded_count, const float *root,
                                         int start, float *scaled)
{
    for (int i = 0; i < count; i++) {
        const float *row = rows[i] + start;
        for (int s = 0; s < BLOCK; s++)
            scaled[(size_t)i * BLOCK + s] = row[s] * root[start + s];
    }
    memset(scaled + (size_t)count * BLOCK, 0, (size_t)(padded_count - count) * BLOCK * sizeof *scaled);
}

/* Adds a tile of TILE_ROWS x TILE_COLUMNS inner products over one block. Eight sums run side by side, so that
 * every element loaded is used more than once. */
CLV_CPU_DISPATCH static void add_tiles(const float *a, int rows, const float *b, int columns, bool lower,
                                       double *products)
{
    for (int i = 0; i < rows; i += TILE_ROWS) {
        int end = lower && i + TILE_ROWS < columns ? i + TILE_ROWS : columns;
        for (int j = 0; j < end; j += TILE_COLUMNS) {
            const vector *a0 = (const vector *)(a + (size_t)i * BLOCK), *a1 = a0 + BLOCK / LANES;
            const vector *a2 = a1 + BLOCK / LANES, *a3 = a2 + BLOCK / LANES;
            const vector *b0 = (const vector *)(b + (size_t)j * BLOCK), *b1 = b0 + BLOCK / LANES;
            vector sum[TILE_ROWS * TILE_COLUMNS];
            vector s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0}, s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
            for (int s = 0; s < BLOCK / LANES; s++) {
                s00 += a0[s] * b0[s];
                s01 += a0[s] * b1[s];
                s10 += a1[s] * b0[s];
                s11 += a1[s] * b1[s];
                s20 += a2[s] * b0[s];
                s21 += a2[s] * b1[s];
                s30 += a3[s] * b0[s];
                s31 += a3[s] * b1[s];
            }
            sum[0] = s00, sum[1] = s01, sum[2] = s10, sum[3] = s11;
            sum[4] = s20, sum[5] = s21, sum[6] = s30, sum[7] = s31;
            for (int k = 0; k < TILE_ROWS * TILE_COLUMNS; k++)
                products[(size_t)(i + k / TILE_COLUMNS) * columns + j + k % TILE_COLUMNS] += lane_sum(&sum[k]);
        }
    }
}

static int round_up(int n, int step)
{
    return (n + step - 1) / step * step;
}

bool clv_weighted_products(clv_ridge_work *work, const float *const *a, int rows, const float *const *b, int columns,
                           const float *root, int padded, double *products)
{
    bool same = a == b && rows == columns;
    int pr = round_up(rows, TILE_ROWS), pc = same ? pr : round_up(columns, TILE_COLUMNS);
    float *sa = clv_buffer_hold(&work->scaled, (size_t)pr + (same ? 0 : (size_t)pc), BLOCK, sizeof *sa);
    double *sums = clv_buffer_hold(&work->sums, (size_t)pr, (size_t)pc, sizeof *sums);
    if (!sa || !sums)
        return false;
    float *sb = same ? sa : sa + (size_t)pr * BLOCK;
    memset(sums, 0, (size_t)pr * pc * sizeof *sums);
    for (int start = 0; start < padded; start += BLOCK) {
        scale_block(a, rows, pr, root, start, sa);
        if (!same)
            scale_block(b, columns, pc, root, start, sb);
        add_tiles(sa, pr, sb, pc, same, sums);
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            products[(size_t)i * columns + j] = same && j > i ? sums[(size_t)j * pc + i] : sums[(size_t)i * pc + j];
    return true;
}

/* ---- Equations --------------------------------------------------------------------------------- */

static bool all_finite(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static void fill_equations(const double *gram, int n, const double *shrink, double weight, double *equations)
{
    memcpy(equations, gram, (size_t)n * n * sizeof *equations);
    for (int k = 0; k < n; k++)
        equations[(size_t)k * n + k] += shrink[k] * weight;
}

static void fill_right(const double *right, int n, int targets, const double *shrink, const double *toward,
                       double weight, double *b)
{
    for (int c = 0; c < targets; c++)
        for (int k = 0; k < n; k++)
            b[(size_t)c * n + k] = right[(size_t)c * n + k] + shrink[k] * toward[(size_t)c * n + k] * weight;
}

bool clv_ridge_solve(clv_ridge_work *work, const double *gram, int n, const double *right, int targets,
                     const double *shrink, const double *toward, double weight, double *b)
{
    int lwork = n * 32, info = 0;
    double *equations = clv_buffer_hold(&work->equations, (size_t)n * n + (size_t)lwork, 1, sizeof *equations);
    int *pivots = clv_buffer_hold(&work->pivots, (size_t)n, 1, sizeof *pivots);
    if (!equations || !pivots)
        return false;
    fill_equations(gram, n, shrink, weight, equations);
    fill_right(right, n, targets, shrink, toward, weight, b);
    dpotf2_("L", &n, equations, &n, &info, 1);
    if (info == 0) {
        dpotrs_("L", &n, &targets, equations, &n, b, &n, &info, 1);
    } else {
        fill_equations(gram, n, shrink, weight, equations);
        dsysv_("L", &n, &targets, equations, &n, pivots, b, &n, equations + (size_t)n * n, &lwork, &info, 1);
    }
    if (info != 0 || !all_finite(b, (size_t)n * targets))
        memcpy(b, toward, (size_t)n * targets * sizeof *b);
    return true;
}

/* ---- Passes ------------------------------------------------------------------------------------ */

/* residual = y - b . F of some targets. */
CLV_CPU_DISPATCH static void find_residuals(const clv_ridge *r, int first, int count)
{
    for (int start = 0; start < r->padded; start += BLOCK)
        for (int c = first; c < first + count; c++) {
            float *residual = r->residual + (size_t)c * r->padded + start;
            const double *b = r->b + (size_t)c * r->regressors;
            memcpy(residual, r->y[c] + start, BLOCK * sizeof *residual);
            for (int k = 0; k < r->regressors; k++) {
                float bk = (float)b[k];
                const float *row = r->rows[k] + start;
                for (int s = 0; s < BLOCK; s++)
                    residual[s] -= bk * row[s];
            }
        }
}

static double median_residual(const clv_ridge *r, int c, float *sample)
{
    const float *residual = r->residual + (size_t)c * r->padded;
    int n = 0;
    for (int s = 0; s < r->samples; s += r->median_step)
        sample[n++] = fabsf(residual[s]);
    return clv_median(sample, n);
}

CLV_CPU_DISPATCH static void add_squares(const float *residual, float scale, int n, float *sum)
{
    for (int s = 0; s < n; s++) {
        float u = residual[s] * scale;
        sum[s] += u * u;
    }
}

CLV_CPU_DISPATCH static void invert(float *root, int n)
{
    for (int s = 0; s < n; s++)
        root[s] = 1.0f / (1.0f + root[s]);
}

/* New weights from the residuals of `count` targets: 1 / (1 + u^2)^2, with u the residual in units of the residual
 * scale.
 */
static void weigh(const clv_ridge *r, int first, int count, float *root, float *sample)
{
    memset(root, 0, (size_t)r->padded * sizeof *root);
    for (int c = first; c < first + count; c++) {
        double residual_scale = 2 * (1.5 * median_residual(r, c, sample) + LEAST_RESIDUAL);
        add_squares(r->residual + (size_t)c * r->padded, (float)(1 / (residual_scale * sqrt(count))), r->samples, root);
    }
    invert(root, r->samples);
}

static double sum_of_weights(const float *root, int n)
{
    double sum = 0;
    for (int s = 0; s < n; s++)
        sum += (double)root[s] * root[s];
    return sum;
}

/* Products [all, all] of all rows over the samples [from, to). */
static bool part_products(clv_ridge_work *work, const clv_ridge *r, const float *const *rows, int all,
                          const float *root, int from, int to, double *products)
{
    const int start = from / BLOCK * BLOCK, padded = round_up(to, BLOCK) - start;
    const float **shifted = clv_buffer_hold(&work->shifted, (size_t)all, 1, sizeof *shifted);
    float *own = clv_buffer_hold(&work->sample, (size_t)r->padded, 1, sizeof *own);
    if (!shifted || !own)
        return false;
    for (int i = 0; i < all; i++)
        shifted[i] = rows[i] + start;
    for (int s = 0; s < padded; s++)
        own[s] = start + s >= from && start + s < to ? root[start + s] : 0;
    return clv_weighted_products(work, shifted, all, shifted, all, own, padded, products);
}

/* Coefficients of some targets, fitted without each part in turn. gram [all, all]: products of all samples. */
static bool fit_without(clv_ridge_work *work, const clv_ridge *r, int first, int count, const float *const *rows,
                        const float *root, const double *gram)
{
    const int n = r->regressors, all = n + count;
    const double weight = sum_of_weights(root, r->samples);
    double *part = clv_buffer_hold(&work->parts, (size_t)all * (size_t)all + (size_t)n * (size_t)all, 1, sizeof *part);
    if (!part)
        return false;
    double *square = part + (size_t)all * (size_t)all, *right = square + (size_t)n * (size_t)n;
    for (int k = 0; k < r->parts; k++) {
        const int from = k ? r->ends[k - 1] : 0, to = r->ends[k];
        if (!part_products(work, r, rows, all, root, from, to, part))
            return false;
        for (int i = 0; i < n; i++)
            for (int l = 0; l < n; l++)
                square[(size_t)i * n + l] = gram[(size_t)i * all + l] - part[(size_t)i * all + l];
        for (int c = 0; c < count; c++)
            for (int i = 0; i < n; i++)
                right[(size_t)c * n + i] = gram[(size_t)(n + c) * all + i] - part[(size_t)(n + c) * all + i];
        if (!clv_ridge_solve(work, square, n, right, count, r->shrink, r->toward + (size_t)first * n,
                             weight - sum_of_weights(root + from, to - from),
                             r->without + ((size_t)k * r->targets + (size_t)first) * n))
            return false;
    }
    return true;
}

static bool fit_targets(clv_ridge_work *work, const clv_ridge *r, int first, int count, float *root)
{
    int n = r->regressors, all = n + count;
    const float **rows = clv_buffer_hold(&work->rows, (size_t)all, 1, sizeof *rows);
    double *gram = clv_buffer_hold(&work->gram, (size_t)all, (size_t)all + (size_t)n, sizeof *gram);
    double *right = clv_buffer_hold(&work->right, (size_t)n, (size_t)count, sizeof *right);
    float *sample = clv_buffer_hold(&work->sample, (size_t)r->samples, 1, sizeof *sample);
    if (!rows || !gram || !right || !sample)
        return false;
    double *square = gram + (size_t)all * all;
    memcpy(rows, r->rows, (size_t)n * sizeof *rows);
    memcpy(rows + n, r->y + first, (size_t)count * sizeof *rows);
    for (int s = 0; s < r->padded; s++)
        root[s] = s < r->samples ? 1.0f : 0.0f;
    for (int pass = 0; pass < r->passes; pass++) {
        if (pass)
            weigh(r, first, count, root, sample);
        if (!clv_weighted_products(work, rows, all, rows, all, root, r->padded, gram))
            return false;
        for (int i = 0; i < n; i++)
            memcpy(square + (size_t)i * n, gram + (size_t)i * all, (size_t)n * sizeof *square);
        for (int c = 0; c < count; c++)
            memcpy(right + (size_t)c * n, gram + (size_t)(n + c) * all, (size_t)n * sizeof *right);
        if (!clv_ridge_solve(work, square, n, right, count, r->shrink, r->toward + (size_t)first * n,
                             sum_of_weights(root, r->samples), r->b + (size_t)first * n))
            return false;
        find_residuals(r, first, count);
    }
    return r->parts == 0 || fit_without(work, r, first, count, rows, root, gram);
}

bool clv_robust_ridge(clv_ridge_work *work, const clv_ridge *r)
{
    if (r->share)
        return fit_targets(work, r, 0, r->targets, r->root);
    for (int c = 0; c < r->targets; c++)
        if (!fit_targets(work, r, c, 1, r->root + (size_t)c * r->padded))
            return false;
    return true;
}

CLV_CPU_DISPATCH void clv_ridge_add_rows(const float *b, int count, const float *rows, float *sum)
{
    for (int k = 0; k < count; k++)
        for (int i = 0; i < CLV_FIELD_BLOCK; i++)
            sum[i] += b[k] * rows[(size_t)k * CLV_FIELD_BLOCK + i];
}
