/* SPDX-License-Identifier: MIT */
#include "series/band_values.h"

#include <string.h>

#include <math.h>

#define BLOCK 256

void clv_band_decode(const clv_band *band, bool all_zero, const void *raw, size_t n, float *x, uint8_t *missing)
{
    for (int k = 0; k < band->other_count; k++)
        if (!(all_zero && band->other_nodata[k] == 0))
            clv_decode(band->type, raw, n, band->scale, band->offset, true, band->other_nodata[k], x, missing);
    clv_decode(band->type, raw, n, band->scale, band->offset, band->has_nodata && !(all_zero && band->nodata == 0),
               band->nodata, x, missing);
    for (size_t i = 0; band->other_count > 0 && i < n; i++)
        x[i] = missing[i] ? 0 : x[i];
}

static bool is_real(clv_pixel_type type)
{
    return type == CLV_TYPE_FLOAT32 || type == CLV_TYPE_FLOAT64;
}

/* Moves what became `other` by rounding to the next number. */
static void step_off(const clv_band *band, double other, const float *x, const uint8_t *select, size_t n, char *raw)
{
    float value[BLOCK];
    uint8_t equal[BLOCK];
    const size_t size = clv_pixel_size(band->type);
    for (size_t from = 0; from < n; from += BLOCK) {
        const size_t count = n - from < BLOCK ? n - from : BLOCK;
        bool any = false;
        for (size_t i = 0; i < count; i++)
            equal[i] = 0;
        clv_decode(band->type, raw + from * size, count, 1, 0, true, other, value, equal);
        for (size_t i = 0; i < count; i++) {
            equal[i] = equal[i] && select[from + i] && isfinite(x[from + i]);
            value[i] = (float)((other + 1) * band->scale + band->offset);
            any = any || equal[i];
        }
        if (any)
            clv_encode(band->type, value, equal, count, band->scale, band->offset, band->has_nodata, band->nodata,
                       raw + from * size);
    }
}

void clv_band_encode(const clv_band *band, const float *x, const uint8_t *select, size_t n, void *raw)
{
    clv_encode(band->type, x, select, n, band->scale, band->offset, band->has_nodata, band->nodata, raw);
    for (int k = 0; k < band->other_count; k++)
        if (fabs(band->other_nodata[k]) < 1e6 &&
            !(is_real(band->type) && band->other_nodata[k] == 0)) /* no reflectance comes near the others */
            step_off(band, band->other_nodata[k], x, select, n, raw);
}

bool clv_band_is_zero(const clv_band *band, const void *raw)
{
    static const uint8_t zero[sizeof(double)] = {0};
    return memcmp(raw, zero, clv_pixel_size(band->type)) == 0;
}
