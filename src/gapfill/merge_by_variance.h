/* SPDX-License-Identifier: MIT
 *
 * merge_by_variance: replaces the result of the gap filling by that of a network where the network's variance is
 * smaller. Threads: pure function.
 *
 *     clv_merge_by_variance(n, bands, gap, network, plane, log_variance, out, plane, deviation);
 */
#ifndef CLV_GAPFILL_MERGE_BY_VARIANCE_H
#define CLV_GAPFILL_MERGE_BY_VARIANCE_H

#include <stddef.h>
#include <stdint.h>

/* n pixels of a date. out: `bands` planes, out_plane values apart, with the gap filling's result. It is replaced by the
 * network's (planes network_plane apart), except in gaps where the network's variance exp(log_variance), in reflectance
 * squared, is larger than the gap filling's, or NaN. deviation [n]: the gap filling's standard deviation, NaN where it
 * is not known (the network's result is used there); in gaps it becomes the smaller one of both. gap, log_variance [n].
 */
void clv_merge_by_variance(size_t n, int bands, const uint8_t *gap, const float *network, size_t network_plane,
                           const float *log_variance, float *out, size_t out_plane, float *deviation);

#endif
