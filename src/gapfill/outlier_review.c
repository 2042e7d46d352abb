/* SPDX-License-Identifier: MIT
 *
 * Each observation's difference from what the other dates predict for it is divided by the date's residual scale,
 * squared, and averaged over the bands and the 3 x 3 pixels around it. Small values join the train mask, also in the
 * gap buffers, which were left out before because masks tend to be too small. Large values are outliers: cloud or
 * shadow that the mask has missed, for which the limit is lower in a gap buffer. Pixels that only one date observes
 * can't be compared, and keep their train mask. */
#include <math.h>
#include <string.h>

#include "base/select.h"
#include "gapfill/job.h"

#define TRAINED 12.0f /* squared differences in units of the residual scale: below, a pixel joins the train mask */
#define OUTLIER_AT_GAP 100.0f
#define OUTLIER 1600.0f
#define RESIDUAL_SCALE 1.4826f /* standard deviation of normally distributed differences with a median of 1 */
#define LEAST 1e-3f            /* reflectance; smaller differences are noise */

/* differences [n]: of date t, squared, in units of the residual scale, whose mean over the bands is returned. sorted
 * [n]: scratch */
static float find_differences(const clv_gapfill_job *j, clv_gapfill_bands b, int t, float *differences, float *sorted)
{
    const int n = j->f->n;
    const uint8_t *train_mask = j->set.train_mask + (size_t)t * (size_t)n;
    float sum = 0;
    memset(differences, 0, (size_t)n * sizeof *differences);
    for (int c = 0; c < b.count; c++) {
        const float *x = clv_field_plane(j->f, t, b.first + c);
        const float *others = j->prediction.values + (size_t)(t * b.count + c) * (size_t)n;
        int count = 0;
        for (int p = 0; p < n; p++)
            if (train_mask[p] && clv_prediction_others_observe(&j->prediction, t, (size_t)p))
                sorted[count++] = fabsf(x[p] - others[p]);
        const float residual_scale = (count ? RESIDUAL_SCALE * (float)clv_median(sorted, count) : 0) + LEAST;
        sum += residual_scale;
        const float scale = 1 / (residual_scale * residual_scale * (float)b.count);
        for (int p = 0; p < n; p++)
            if (clv_prediction_others_observe(&j->prediction, t, (size_t)p))
                differences[p] += (x[p] - others[p]) * (x[p] - others[p]) * scale;
    }
    return sum / (float)b.count;
}

/* For each pixel the sum over the observed ones of it and its two neighbours in the row, and their number. */
static void add_neighbours(const clv_field *f, const uint8_t *gap, const float *differences, float *sums, float *counts)
{
    for (int p = 0; p < f->n; p++) {
        const int x = p % f->width;
        sums[p] = counts[p] = 0;
        for (int q = x > 0 ? p - 1 : p; q <= (x + 1 < f->width ? p + 1 : p); q++)
            if (!gap[q]) {
                sums[p] += differences[q];
                counts[p]++;
            }
    }
}

/* Mean of the observed pixels among the 3 x 3 around an observed one. */
static float mean_around(const clv_field *f, const float *sums, const float *counts, int p)
{
    float sum = sums[p], count = counts[p];
    if (p >= f->width) {
        sum += sums[p - f->width];
        count += counts[p - f->width];
    }
    if (p + f->width < f->n) {
        sum += sums[p + f->width];
        count += counts[p + f->width];
    }
    return sum / count;
}

bool clv_outlier_review(clv_gapfill_job *j, clv_gapfill_bands b)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n;
    float *differences = clv_buffer_hold(&j->work->scratch_values, n, 3, sizeof *differences);
    if (!differences)
        return false;
    float *sums = differences + n, *counts = sums + n; /* sums: used for sorting first */
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *gap = f->gap + (size_t)t * n;
        uint8_t *train_mask = j->set.train_mask + (size_t)t * n, *outlier = j->outliers.mask + (size_t)t * n;
        if (!j->set.usable[t])
            continue;
        j->outliers.residual_scale[t] = find_differences(j, b, t, differences, sums);
        add_neighbours(f, gap, differences, sums, counts);
        int train_count = 0;
        for (int p = 0; p < f->n; p++) {
            if (gap[p])
                continue;
            const float d = mean_around(f, sums, counts, p);
            const bool alone = !clv_prediction_others_observe(&j->prediction, t, (size_t)p);
            outlier[p] = !alone && d > (train_mask[p] ? OUTLIER : OUTLIER_AT_GAP);
            j->scratch[p] = alone ? train_mask[p] : d < TRAINED;
            train_count += j->scratch[p];
        }
        for (int p = 0; p < f->n; p++)
            train_mask[p] = !gap[p] && j->scratch[p];
        j->set.train_count[t] = train_count;
    }
    return true;
}
