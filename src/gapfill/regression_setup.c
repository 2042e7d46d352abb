/* SPDX-License-Identifier: MIT */
#include "gapfill/regression_setup.h"

#include <string.h>

#define BLOCK CLV_FIELD_BLOCK
#define MEDIAN_STEP 4 /* of a sample of the pixels, every so many-th residual is enough for the median */

_Static_assert(CLV_FIELD_BLOCK == CLV_RIDGE_BLOCK, "lists of pixels and samples share their blocks");

void clv_regression_buffers_free(clv_regression_buffers *buffers)
{
    clv_ridge_work_free(&buffers->ridge);
    clv_buffer_free(&buffers->features);
    clv_buffer_free(&buffers->rows);
    clv_buffer_free(&buffers->coefficients);
    clv_buffer_free(&buffers->weights);
    clv_buffer_free(&buffers->residual);
}

bool clv_regression_hold(clv_regression_buffers *buffers, const clv_gapfill_options *options, int regressors,
                         int targets, int samples, clv_regression *r)
{
    int padded = (samples + BLOCK - 1) / BLOCK * BLOCK, all = regressors + targets;
    size_t coefficients = (size_t)regressors * targets;
    r->values = clv_buffer_hold(&buffers->features, (size_t)all, (size_t)padded, sizeof *r->values);
    r->rows = clv_buffer_hold(&buffers->rows, (size_t)all, 1, sizeof *r->rows);
    double *b = clv_buffer_hold(&buffers->coefficients, 2 * coefficients + (size_t)regressors, 1, sizeof *b);
    float *root = clv_buffer_hold(&buffers->weights, (size_t)targets, (size_t)padded, sizeof *root);
    float *residual = clv_buffer_hold(&buffers->residual, (size_t)targets, (size_t)padded, sizeof *residual);
    if (!r->values || !r->rows || !b || !root || !residual)
        return false;
    for (int i = 0; i < all; i++)
        r->rows[i] = r->values + (size_t)i * padded;
    r->toward = b + coefficients;
    r->shrink = r->toward + coefficients;
    memset(r->toward, 0, coefficients * sizeof *r->toward);
    r->ridge = (clv_ridge){.samples = samples,
                           .padded = padded,
                           .rows = r->rows,
                           .regressors = regressors,
                           .y = r->rows + regressors,
                           .targets = targets,
                           .shrink = r->shrink,
                           .toward = r->toward,
                           .passes = options->passes,
                           .share = options->share_weights,
                           .median_step = options->sample_pixels > 0 ? MEDIAN_STEP : 1,
                           .b = b,
                           .root = root,
                           .residual = residual};
    return true;
}

void clv_regression_set_ones(float *row, int n)
{
    for (int i = 0; i < n; i++)
        row[i] = 1;
}

void clv_regression_gather_targets(const clv_field *f, int t, const int *pixels, int padded, float *values)
{
    for (int s = 0; s < padded; s += BLOCK) {
        clv_runs runs;
        clv_field_runs(pixels + s, &runs);
        for (int c = 0; c < f->bands; c++)
            clv_field_gather(clv_field_plane(f, t, c), &runs, values + (size_t)c * padded + s);
    }
}
