/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/ground_tally.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "image/morphology.h"
#include "image/pixel_state.h"

#define RIM 2 /* pixels */

static bool occludes(uint8_t truth)
{
    return truth == CLV_TRUTH_CLOUD || truth == CLV_TRUTH_SHADOW;
}

/* k: 0 cloud, 1 shadow. */
static void count_class(clv_ground_tally *tally, int k, bool is, bool found)
{
    tally->hit[k] += is && found;
    tally->missed[k] += is && !found;
    tally->false_alarm[k] += !is && found;
}

bool clv_ground_tally_add(clv_ground_tally *tally, const uint8_t *truth, const uint8_t *flags, int width, int height)
{
    const size_t n = (size_t)width * (size_t)height;
    uint8_t *labelled = clv_alloc_array(2, n, 1);
    if (!labelled)
        return false;
    uint8_t *around = labelled + n;
    for (size_t i = 0; i < n; i++)
        labelled[i] = occludes(truth[i]);
    if (clv_dilate(labelled, width, height, RIM, around) != 0) {
        free(labelled);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const bool cloud = flags[i] & CLV_PIXEL_CLOUD, shadow = !cloud && (flags[i] & CLV_PIXEL_SHADOW);
        if (truth[i] == CLV_TRUTH_UNKNOWN)
            continue;
        tally->pixels++;
        if (truth[i] == CLV_TRUTH_GROUND) {
            tally->ground++;
            tally->ground_cloud += cloud;
            tally->ground_shadow += shadow;
        } else if (truth[i] == CLV_TRUTH_CLOUD) {
            tally->cloud++;
            tally->cloud_found += cloud || shadow;
        }
        if (!occludes(truth[i]) && around[i])
            continue;
        count_class(tally, 0, truth[i] == CLV_TRUTH_CLOUD, cloud);
        count_class(tally, 1, truth[i] == CLV_TRUTH_SHADOW, shadow);
    }
    free(labelled);
    return true;
}

static double share(int64_t part, int64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static double f1(const clv_ground_tally *t, int k)
{
    return t->hit[k] + t->missed[k] ? share(2 * t->hit[k], 2 * t->hit[k] + t->missed[k] + t->false_alarm[k]) : NAN;
}

double clv_ground_tally_value(const clv_ground_tally *t, clv_ground_measure measure)
{
    switch (measure) {
    case CLV_MEASURE_FLAGGED:
        return share(t->ground_cloud + t->ground_shadow, t->ground);
    case CLV_MEASURE_SHADOW:
        return share(t->ground_shadow, t->ground);
    case CLV_MEASURE_FOUND:
        return share(t->cloud_found, t->cloud);
    case CLV_MEASURE_F1:
        return f1(t, 0);
    case CLV_MEASURE_F1_SHADOW:
        return f1(t, 1);
    case CLV_MEASURE_RMSE:
        return t->values > 0 ? sqrt(t->squares / t->values) : NAN;
    case CLV_MEASURE_NONE:
        break;
    }
    return NAN;
}
