/* SPDX-License-Identifier: MIT
 *
 * Dates are registered to fractions of a pixel only, and the atmosphere blurs them differently. To first order, a shift
 * by (dx, dy) adds dx times the gradient in x and dy times the gradient in y to a raster, and blur adds a multiple of
 * the Laplacian. These three are the shift basis: the differences between a date and its prediction from the other
 * dates are regressed on those of the prediction, for each band, over the pixels that the date observes, and the result
 * is added to the prediction. */
#include <math.h>
#include <string.h>

#include "base/cpu_dispatch.h"
#include "base/lapack.h"
#include "gapfill/job.h"

#define SHIFT_BASES CLV_SHIFT_BASES
#define SHRINK 1e-3  /* ridge: share of each basis' own square, */
#define RIDGE 1e-12  /* a constant for rasters without contrast, */
#define FLAT 0.5     /* and times the squared differences: in a flat raster the basis is noise */
#define ROWS 3       /* every so many-th row is used */
#define LEAST 70     /* pixels to fit to */
#define CLIPPED 6.0f /* limit of the differences in units of the residual scale */

/* The shift basis of a plane in row y of part, by the 3 x 3 operators of Sobel and Laplace; beyond the edges of the
 * field its last row or column is repeated. shift_basis [SHIFT_BASES, part.width] */
CLV_CPU_DISPATCH static void row_basis(const clv_field *f, const float *plane, clv_rect part, int y, float *shift_basis)
{
    const int width = f->width;
    const float *row = plane + (size_t)y * (size_t)width;
    const float *above = y > 0 ? row - width : row, *below = y + 1 < f->height ? row + width : row;
    float *across = shift_basis, *down = shift_basis + part.width, *curve = down + part.width;
    for (int i = 0; i < part.width; i++) {
        const int x = part.x + i, a = x > 0 ? x - 1 : x, b = x + 1 < width ? x + 1 : x;
        across[i] = ((above[b] - above[a]) + 2 * (row[b] - row[a]) + (below[b] - below[a])) / 8;
        down[i] = ((below[a] - above[a]) + 2 * (below[x] - above[x]) + (below[b] - above[b])) / 8;
        curve[i] = above[x] + below[x] + row[a] + row[b] - 4 * row[x];
    }
}

/* The regression of one band. */
typedef struct basis_fit {
    double products[SHIFT_BASES * SHIFT_BASES], weights[SHIFT_BASES];
    double squares;  /* sum of the squared differences before the fit */
    double residual; /* and after it */
    int count;
} basis_fit;

/* Adds the pixels at .. at + width - 1. x: the date; plane: its prediction; shift_basis [SHIFT_BASES, width] */
static void add_row(const clv_gapfill_job *j, int t, size_t at, const float *x, const float *plane,
                    const float *shift_basis, int width, basis_fit *fit)
{
    const uint8_t *train_mask = j->set.train_mask + (size_t)t * (size_t)j->f->n;
    const float limit = CLIPPED * j->outliers.residual_scale[t];
    for (int i = 0; i < width; i++) {
        const size_t p = at + (size_t)i;
        if (!train_mask[p] || !clv_prediction_others_observe(&j->prediction, t, p))
            continue;
        const float residual = x[p] - plane[p];
        const double difference = residual < -limit ? -limit : residual > limit ? limit : residual;
        for (int a = 0; a < SHIFT_BASES; a++) {
            const double basis = shift_basis[a * width + i];
            fit->weights[a] += basis * difference;
            for (int b = 0; b <= a; b++)
                fit->products[b * SHIFT_BASES + a] += basis * (double)shift_basis[b * width + i];
        }
        fit->squares += difference * difference;
        fit->count++;
    }
}

/* The sums become weights. False where there are too few pixels, or no solution. */
static bool solve_fit(basis_fit *fit)
{
    const int n = SHIFT_BASES, one = 1;
    double right[SHIFT_BASES];
    int info = 0;
    if (fit->count < LEAST)
        return false;
    for (int a = 0; a < SHIFT_BASES; a++) {
        right[a] = fit->weights[a];
        fit->products[a * SHIFT_BASES + a] =
            fit->products[a * SHIFT_BASES + a] * (1 + SHRINK) + FLAT * fit->squares + RIDGE;
    }
    dpotf2_("L", &n, fit->products, &n, &info, 1);
    if (info)
        return false;
    dpotrs_("L", &n, &one, fit->products, &n, fit->weights, &n, &info, 1);
    fit->residual = fit->squares;
    for (int a = 0; a < SHIFT_BASES; a++)
        fit->residual -= fit->weights[a] * right[a];
    return true;
}

static bool fit_band(const clv_gapfill_job *j, int t, const float *x, const float *plane, clv_rect part,
                     float *shift_basis, basis_fit *fit)
{
    *fit = (basis_fit){.count = 0};
    for (int y = part.y; y < part.y + part.height; y += ROWS) {
        row_basis(j->f, plane, part, y, shift_basis);
        add_row(j, t, (size_t)y * (size_t)j->f->width + (size_t)part.x, x, plane, shift_basis, part.width, fit);
    }
    return solve_fit(fit);
}

/* Adds the weighted shift basis of a plane to it. shift_basis [SHIFT_BASES, part.width], added [part.height,
 * part.width]: scratch */
CLV_CPU_DISPATCH static void add_basis(const clv_field *f, float *plane, clv_rect part, const float *weights,
                                       float *shift_basis, float *added)
{
    const float a = weights[0], b = weights[1], c = weights[2];
    const size_t w = (size_t)part.width;
    for (int y = 0; y < part.height; y++) {
        row_basis(f, plane, part, part.y + y, shift_basis);
        for (size_t i = 0; i < w; i++)
            added[(size_t)y * w + i] = a * shift_basis[i] + b * shift_basis[w + i] + c * shift_basis[2 * w + i];
    }
    for (int y = 0; y < part.height; y++) {
        float *to = plane + (size_t)(part.y + y) * (size_t)f->width + part.x;
        for (size_t i = 0; i < w; i++)
            to[i] += added[(size_t)y * w + i];
    }
}

bool clv_coregister_learn(clv_gapfill_job *j, clv_gapfill_bands b)
{
    const clv_field *f = j->f;
    const clv_rect whole = clv_pixels_whole(f);
    float *shift_basis = clv_buffer_hold(&j->work->scratch_values, (size_t)f->width, SHIFT_BASES, sizeof *shift_basis);
    if (!shift_basis)
        return false;
    memset(j->shift_basis, 0, (size_t)f->dates * sizeof *j->shift_basis);
    for (int t = 0; t < f->dates; t++) {
        double before = 0, after = 0;
        int fitted = 0;
        for (int c = 0; c < b.count && j->set.usable[t] && j->set.target[t]; c++) {
            const float *plane = j->prediction.values + (size_t)(t * b.count + c) * (size_t)f->n;
            basis_fit fit;
            if (!fit_band(j, t, clv_field_plane(f, t, b.first + c), plane, whole, shift_basis, &fit))
                continue;
            for (int k = 0; k < SHIFT_BASES; k++)
                j->shift_basis[t].weights[c][k] = (float)fit.weights[k];
            before += c < CLV_GAPFILL_COLOURS ? fit.squares : 0;
            after += c < CLV_GAPFILL_COLOURS ? fit.residual : 0;
            fitted++;
        }
        for (int c = 0; c < b.count && fitted; c++)
            for (int k = 0; k < SHIFT_BASES; k++)
                j->shift_basis[t].mean[k] += j->shift_basis[t].weights[c][k] / (float)fitted;
        j->shift_basis[t].residual_share = before > 0 ? fmax(after, 0) / before : 1;
    }
    return true;
}

bool clv_coregister(clv_gapfill_job *j, clv_gapfill_bands b, int t, clv_rect part)
{
    const size_t width = (size_t)part.width;
    float *shift_basis =
        clv_buffer_hold(&j->work->scratch_values, width, (size_t)part.height + SHIFT_BASES, sizeof *shift_basis);
    if (!shift_basis)
        return false;
    for (int c = 0; c < b.count; c++)
        add_basis(j->f, j->prediction.values + (size_t)(t * b.count + c) * (size_t)j->f->n, part,
                  b.first == 0 ? j->shift_basis[t].weights[c] : j->shift_basis[t].mean, shift_basis,
                  shift_basis + SHIFT_BASES * width);
    return true;
}
