/* SPDX-License-Identifier: MIT
 *
 * observed: what a mask says about a series: per-pixel days to the nearest observation, the source classes of the
 * quality raster, the series' clear reference for stage 1.
 */
#ifndef CLV_IMAGE_OBSERVED_H
#define CLV_IMAGE_OBSERVED_H

#include <stdint.h>

typedef enum clv_source {
    CLV_SOURCE_NODATA = 0,   /* outside every date's data */
    CLV_SOURCE_OBSERVED = 1, /* the input's own pixel */
    CLV_SOURCE_FILLED = 2,   /* predicted, observed at another date */
    CLV_SOURCE_NEVER = 3     /* predicted from surroundings: no date shows this ground */
} clv_source;

/* For date t: distance in days from days[t] to the nearest date that observes the pixel (0 where t itself does);
 * -1 where none does. gap [T, n]; out [n]. */
void clv_days_to_observation(const uint8_t *gap, const double *days, int dates, int n, int t, float *out);

/* Per-pixel, per-band lower median over time of the pixels not missing: element (k-1)/2 of the k sorted values.
 * x [T, C, n], missing [T, n]; out [C, n] (0 where no date has data), count [n] dates used (may be NULL). T <= 512. */
void clv_lower_median(const float *x, const uint8_t *missing, int dates, int bands, int n, float *out, uint16_t *count);

#endif
