/* SPDX-License-Identifier: MIT
 *
 * surer: where a network that says how sure it is may change what the prior has filled. Plain memory, no state, any
 * thread.
 *
 *     clv_merge_by_variance(n, bands, gap, network, plane, log_variance, out, plane, deviation);
 */
#ifndef CLV_GAPFILL_MERGE_BY_VARIANCE_H
#define CLV_GAPFILL_MERGE_BY_VARIANCE_H

#include <stddef.h>
#include <stdint.h>

/* n pixels of a date. out [bands] planes `out_plane` apart: the prior's, which become the network's (planes
 * `network_plane` apart), but stay in the gaps where the network is less sure than the prior: where its variance,
 * exp(log_variance), in reflectance squared, is above the prior's, or is no number. deviation [n]: the prior's standard
 * deviation, NaN where it is not known (then the network is believed); in the gaps it becomes the smaller of both. */
void clv_merge_by_variance(size_t n, int bands, const uint8_t *gap, const float *network, size_t network_plane,
                    const float *log_variance, float *out, size_t out_plane, float *deviation);

#endif
