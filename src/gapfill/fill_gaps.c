/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "gapfill/fill_gaps.h"
#include "gapfill/job.h"
#include "gapfill/missed_cloud.h"
#include "gapfill/samples.h"

#define REFILLS 2 /* a third round changes nothing */

/* Steps 1 and 2 of the dates that have a gap anywhere or are wanted in full, as the other dates are regressed on them.
 */
static bool fill_all(clv_gapfill_job *j, const uint8_t *wanted)
{
    clv_field *f = j->f;
    const clv_surroundings around = {&j->work->spread, &j->work->dense, &j->work->pyramid, j->options->smooth};
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *gap = f->gap + (size_t)t * f->n;
        j->set.usable[t] = 1;
        j->set.target[t] = (j->options->full && (!wanted || wanted[t])) || memchr(gap, 1, (size_t)f->n);
        if (!j->set.target[t])
            continue;
        j->set.train_count[t] = clv_train_mask(gap, f->width, f->height, j->options->gap_buffer, j->options->min_pixels,
                                               j->set.train_mask + (size_t)t * f->n, j->scratch);
        j->set.usable[t] =
            j->set.train_count[t] >= j->options->min_pixels && j->set.train_count[t] >= CLV_TRAINING_LEAST_PIXELS;
        if (!clv_field_surround(f, t, false, &around) || !clv_radiometric_fit_learn(j, t))
            return false;
        clv_radiometric_fit_fill(j, t);
    }
    return true;
}

/* The same with the blend of dates as step 1. It needs dates without gaps, so it comes second. Each date is made from
 * the dates before it as this pass has filled them. */
static bool fill_again(clv_gapfill_job *j)
{
    clv_date_blend_learn(&j->start.blend, j->f, j->set.usable, j->start.weights + j->f->dates);
    for (int t = 0; t < j->f->dates; t++) {
        if (!j->set.target[t] || !clv_gapfill_choose_start(&j->start, t))
            continue;
        if (!clv_radiometric_fit_learn(j, t))
            return false;
        clv_radiometric_fit_fill(j, t);
    }
    return true;
}

/* Steps 1 and 2 of all dates. */
static bool fill(clv_gapfill_job *j, const uint8_t *wanted)
{
    j->start.blended = false;
    j->start.blend.dates = 0;
    if (!fill_all(j, wanted))
        return false;
    for (int round = 0; j->options->smooth && round < REFILLS; round++)
        if (!fill_again(j))
            return false;
    return true;
}

/* Clouds that the masks have missed become gaps, and all gaps are filled again. */
static bool refill_screened(clv_gapfill_job *j, const clv_stack *stack, const uint8_t *wanted)
{
    const size_t values = (size_t)stack->dates * (size_t)j->f->n;
    if (!clv_missed_cloud_screen(j))
        return false;
    if (!j->set.screened)
        return true;
    uint8_t *wider = clv_buffer_hold(&j->work->set.wider_gap, values, 1, 1);
    if (!wider)
        return false;
    for (size_t i = 0; i < values; i++)
        wider[i] = j->f->gap[i] || j->set.screened[i];
    clv_stack screened = *stack;
    screened.gap = wider;
    return clv_field_load(j->f, &screened) && fill(j, wanted);
}

bool clv_gapfill_fill(clv_gapfill_job *j, const clv_stack *stack, const uint8_t *wanted)
{
    return fill(j, wanted) && (!j->options->missed_cloud || stack->bands < 3 || refill_screened(j, stack, wanted));
}
