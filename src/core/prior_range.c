/* SPDX-License-Identifier: MIT
 *
 * How far a date's prediction may lie from its interpolation in time: as far as the date's own observed pixels do, and
 * a little more. Where a date shows only a beach, or clouds that the mask has missed, a regression learned there says
 * wild things about fields and water; what the date did to the ground that it shows is the best guide to what it can
 * have done elsewhere. */
#include "core/prior_job.h"
#include "core/samples.h"
#include "core/select.h"

#define BLOCK CLV_PRIOR_BLOCK
#define RANGE_SAMPLES 2048
#define TAIL 0.1           /* share of the observed differences left out at either end */
#define MARGIN 0.02f       /* reflectance */
#define MARGIN_SHARE 0.25f /* of the observed range */

bool clv_prior_learn_range(clv_prior_job *j, int t, clv_prior_range *range)
{
    const clv_field *f = j->f;
    int count =
        clv_pick_samples(j->learn + (size_t)t * f->n, f->width, f->height, j->learned[t], RANGE_SAMPLES, j->samples);
    int padded = clv_prior_pad(j->samples, count);
    float *difference = clv_buffer_hold(&j->work->residual, (size_t)f->bands, (size_t)padded, sizeof *difference);
    if (!difference)
        return false;
    for (int s = 0; s < padded; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        clv_field_interpolate(f, t, false, j->samples + s, block);
        for (int c = 0; c < f->bands; c++)
            for (int i = 0; i < BLOCK; i++)
                difference[(size_t)c * (size_t)padded + (size_t)(s + i)] =
                    clv_field_plane(f, t, c)[j->samples[s + i]] - block[c * BLOCK + i];
    }
    int tail = (int)(TAIL * count);
    for (int c = 0; c < f->bands; c++) {
        float *d = difference + (size_t)c * (size_t)padded;
        float low = clv_select(d, count, tail), high = clv_select(d, count, count - 1 - tail);
        float margin = MARGIN + MARGIN_SHARE * (high - low);
        range->low[c] = low - margin;
        range->high[c] = high + margin;
    }
    return true;
}

void clv_prior_keep_range(const clv_prior_job *j, const clv_prior_range *range, int t, const int *pixels, float *values)
{
    float base[CLV_SPREAD_PLANES * BLOCK];
    clv_field_interpolate(j->f, t, false, pixels, base);
    for (int c = 0; c < j->f->bands; c++)
        for (int i = 0; i < BLOCK; i++) {
            float *v = &values[c * BLOCK + i], low = base[c * BLOCK + i] + range->low[c],
                  high = base[c * BLOCK + i] + range->high[c];
            *v = *v < low ? low : *v > high ? high : *v;
        }
}
