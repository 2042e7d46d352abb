/* SPDX-License-Identifier: MIT */
#include "image/level_peak.h"

#include <math.h>

#define HALF_WINDOW 3 /* bins to each side of a peak */
#define NARROW 2.0    /* a peak is so much higher than its flanks */

void clv_peak_count(int *histogram, double value, double bin)
{
    double i = floor(value / bin + 0.5) + CLV_PEAK_BINS / 2;
    if (i >= 0 && i < CLV_PEAK_BINS)
        histogram[(int)i]++;
}

static int window_sum(const int *histogram, int centre)
{
    int sum = 0;
    for (int i = centre - HALF_WINDOW; i <= centre + HALF_WINDOW; i++)
        sum += i >= 0 && i < CLV_PEAK_BINS ? histogram[i] : 0;
    return sum;
}

void clv_peak_find(const int *histogram, double bin, clv_peak *out)
{
    int best = 0, highest = -1;
    for (int i = 0; i < CLV_PEAK_BINS; i++) {
        int sum = window_sum(histogram, i);
        if (sum > highest) {
            highest = sum;
            best = i;
        }
    }
    int aside = 2 * HALF_WINDOW + 2, left = window_sum(histogram, best - aside),
        right = window_sum(histogram, best + aside), flank = left > right ? left : right;
    double sum = 0;
    for (int i = best - HALF_WINDOW; i <= best + HALF_WINDOW; i++)
        sum += i >= 0 && i < CLV_PEAK_BINS ? (double)histogram[i] * (i - CLV_PEAK_BINS / 2) * bin : 0;
    out->at = highest > 0 ? sum / highest : 0;
    out->share = out->common > 0 ? (double)highest / out->common : 0;
    out->narrow = highest >= NARROW * flank;
}
