/* SPDX-License-Identifier: MIT */
#include "image/lower_median.h"

#include <stddef.h>

#include "base/select.h"

#define MAX_DATES 512

void clv_lower_median(const float *x, const uint8_t *missing, int dates, int bands, int n, float *out, uint16_t *count)
{
    float values[MAX_DATES];
    int used = dates < MAX_DATES ? dates : MAX_DATES;
    for (int c = 0; c < bands; c++) {
        for (int i = 0; i < n; i++) {
            int k = 0;
            for (int t = 0; t < used; t++)
                if (!missing[(size_t)t * n + i])
                    values[k++] = x[((size_t)t * bands + c) * n + i];
            out[(size_t)c * n + i] = k ? clv_select(values, k, (k - 1) / 2) : 0.0f;
        }
    }
    if (!count)
        return;
    for (int i = 0; i < n; i++) {
        count[i] = 0;
        for (int t = 0; t < used; t++)
            count[i] = (uint16_t)(count[i] + !missing[(size_t)t * n + i]);
    }
}
