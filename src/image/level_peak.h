/* SPDX-License-Identifier: MIT
 *
 * level_peak: the highest place of a histogram of differences, or of logarithms of ratios, around 0.
 *
 *     double difference[100] = {0};
 *     int histogram[CLV_PEAK_BINS] = {0};
 *     clv_peak found = {.common = 100};
 *     for (int i = 0; i < found.common; i++)
 *         clv_peak_count(histogram, difference[i], 0.005);      // -0.7 to 0.7
 *     clv_peak_find(histogram, 0.005, &found);
 */
#ifndef CLV_IMAGE_LEVEL_PEAK_H
#define CLV_IMAGE_LEVEL_PEAK_H

#include <stdbool.h>

enum { CLV_PEAK_BINS = 281 };

typedef struct clv_peak {
    int common;   /* pixels compared, counted or not; set by the caller */
    double share; /* of the common pixels */
    double at;
    bool narrow; /* stands out of what lies beside it */
} clv_peak;

/* Values beyond the histogram are not counted. */
void clv_peak_count(int *histogram, double value, double bin);
void clv_peak_find(const int *histogram, double bin, clv_peak *out);

#endif
