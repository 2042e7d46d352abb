/* SPDX-License-Identifier: MIT */
#include "gapfill/merge_by_variance.h"

#include <math.h>

void clv_merge_by_variance(size_t n, int bands, const uint8_t *gap, const float *network, size_t network_plane,
                           const float *log_variance, float *out, size_t out_plane, float *deviation)
{
    for (size_t i = 0; i < n; i++) {
        const float own = expf(log_variance[i] / 2), gapfill = gap[i] ? deviation[i] : NAN;
        if (!isnan(gapfill) && !(own <= gapfill))
            continue;
        for (size_t c = 0; c < (size_t)bands; c++)
            out[c * out_plane + i] = network[c * network_plane + i];
        if (gap[i])
            deviation[i] = own;
    }
}
