/* SPDX-License-Identifier: MIT
 *
 * band_values: a band's numbers to reflectance and back with all that marks missing pixels in it: its nodata value, and
 * the further values that the pixels told (nodata.h).
 *
 *     clv_band_decode(&date->bands[c], date->facts.all_zero, raw, n, x, missing);
 *     clv_band_encode(&date->bands[c], x, select, n, raw);
 *
 * Threads: pure functions.
 */
#ifndef CLV_SERIES_BAND_VALUES_H
#define CLV_SERIES_BAND_VALUES_H

#include "series/series.h"

/* As clv_decode(). all_zero: 0 in this band alone marks nothing (clv_date_facts). */
void clv_band_decode(const clv_band *band, bool all_zero, const void *raw, size_t n, float *x, uint8_t *missing);

/* As clv_encode(): what is written is none of the band's nodata values. */
void clv_band_encode(const clv_band *band, const float *x, const uint8_t *select, size_t n, void *raw);

#endif
