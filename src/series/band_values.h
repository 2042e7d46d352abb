/* SPDX-License-Identifier: MIT
 *
 * band_values: a band's numbers to reflectance and back with all that marks missing pixels in it: its nodata value, and
 * the further values that the pixels told (nodata.h).
 *
 *     uint16_t raw[2] = {1200, 0};
 *     uint8_t missing[2] = {0}, select[2] = {1, 0};
 *     float x[2];
 *     const clv_band band = {.type = CLV_TYPE_UINT16, .scale = 1e-4, .has_nodata = true};
 *     clv_band_decode(&band, false, raw, 2, x, missing);
 *     clv_band_encode(&band, x, select, 2, raw);
 *
 * Threads: pure functions.
 */
#ifndef CLV_SERIES_BAND_VALUES_H
#define CLV_SERIES_BAND_VALUES_H

#include "series/series.h"

/* Whether it is a type of floating point numbers, which may be NaN. */
bool clv_type_is_real(clv_pixel_type type);
/* Whether a raw value of the band is 0. */
bool clv_band_is_zero(const clv_band *band, const void *raw);
/* As clv_decode(). all_zero: 0 in this band alone marks nothing (clv_date_facts). */
void clv_band_decode(const clv_band *band, bool all_zero, const void *raw, size_t n, float *x, uint8_t *missing);

/* Adds the pixels of band c that hold a number which products use as no data and which no reflectance has with the
 * band's scale: below -0.5 or above 3, or below -0.05 where no other band is dark. What leads up to it is kept: a
 * number above 3 beside a bright cloud in another band is saturated. bands, raw [core]: the bands that decide and their
 * rows of n pixels; own: row of band `band`, which need not be one of them. x, missing [n]: as clv_band_decode() left
 * them. */
void clv_band_screen(const clv_band *band, const void *own, const clv_band *bands, int core, const uint8_t *const *raw,
                     size_t n, float *x, uint8_t *missing);

/* The same of the band alone, where others have told that the pixel misses some band: marks all such numbers. */
void clv_band_screen_alone(const clv_band *band, const void *own, size_t n, float *x, uint8_t *missing);

/* As clv_encode(): what is written is none of the band's nodata values. */
void clv_band_encode(const clv_band *band, const float *x, const uint8_t *select, size_t n, void *raw);

#endif
