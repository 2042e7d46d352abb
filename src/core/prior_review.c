/* SPDX-License-Identifier: MIT
 *
 * What the dates show, looked through once it is known how they go together. Each pixel's difference from what the
 * other dates say of it is put in units of the date's usual difference, squared, averaged over bands and the 3 x 3
 * pixels around. What is near the usual is learned from, also at the rims of gaps, which were left out before as masks
 * tend to be too tight; what is far from it is no longer shown to the other dates: cloud or shadow that the mask has
 * missed, more readily so at a rim. */
#include <math.h>
#include <string.h>

#include "core/prior_job.h"
#include "core/select.h"

#define REACH 1
#define LEARNED 12.0f /* times the usual, squared */
#define UNLIKE_AT_RIM 100.0f
#define UNLIKE 1600.0f
#define USUAL 1.4826f /* standard deviation of a median difference of 1 */
#define LEAST 1e-3f   /* reflectance; differences below are noise */

/* differences [n]: of date t, squared, in units of the usual. sorted [n] */
static void find_differences(const clv_prior_job *j, clv_prior_bands b, int t, float *differences, float *sorted)
{
    const int n = j->f->n;
    const uint8_t *learn = j->learn + (size_t)t * (size_t)n;
    memset(differences, 0, (size_t)n * sizeof *differences);
    for (int c = 0; c < b.count; c++) {
        const float *x = clv_field_plane(j->f, t, b.first + c);
        const float *others = j->predicted + (size_t)(t * b.count + c) * (size_t)n;
        int count = 0;
        for (int p = 0; p < n; p++)
            if (learn[p])
                sorted[count++] = fabsf(x[p] - others[p]);
        const float usual = USUAL * clv_median(sorted, count) + LEAST;
        const float scale = 1 / (usual * usual * (float)b.count);
        for (int p = 0; p < n; p++)
            differences[p] += (x[p] - others[p]) * (x[p] - others[p]) * scale;
    }
}

/* Mean of the observed pixels around (x, y), which is one of them. */
static float mean_around(const clv_field *f, const uint8_t *gap, const float *differences, int x, int y)
{
    float sum = 0;
    int count = 0;
    for (int v = y > REACH ? y - REACH : 0; v <= y + REACH && v < f->height; v++)
        for (int u = x > REACH ? x - REACH : 0; u <= x + REACH && u < f->width; u++)
            if (!gap[v * f->width + u]) {
                sum += differences[v * f->width + u];
                count++;
            }
    return sum / (float)count;
}

bool clv_prior_review(clv_prior_job *j, clv_prior_bands b)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n;
    float *differences = clv_buffer_hold(&j->work->residual, n, 2, sizeof *differences);
    if (!differences)
        return false;
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *gap = f->gap + (size_t)t * n;
        uint8_t *learn = j->learn + (size_t)t * n, *unlike = j->unlike + (size_t)t * n;
        if (!j->usable[t])
            continue;
        find_differences(j, b, t, differences, differences + n);
        int learned = 0;
        for (int p = 0; p < f->n; p++) {
            if (gap[p])
                continue;
            const float d = mean_around(f, gap, differences, p % f->width, p / f->width);
            unlike[p] = d > (learn[p] ? UNLIKE : UNLIKE_AT_RIM);
            j->scratch[p] = d < LEARNED;
            learned += j->scratch[p];
        }
        for (int p = 0; p < f->n; p++)
            learn[p] = !gap[p] && j->scratch[p];
        j->learned[t] = learned;
    }
    return true;
}
