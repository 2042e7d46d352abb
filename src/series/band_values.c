/* SPDX-License-Identifier: MIT */
#include "series/band_values.h"

#include <string.h>

#include <math.h>

#define BLOCK 256
#define LOWEST (-0.5F)      /* reflectance: no correction of the atmosphere goes below */
#define SUSPECT (-0.05F)    /* ... and below it dark water in all bands alone */
#define HIGHEST 3.0F        /* neither glint nor fire is above */
#define BRIGHT 0.7F         /* of a cloud whose other bands may be saturated */
#define LIT 0.05F           /* of ground */
#define HUGE_NUMBER 1000000 /* no digital number */

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

bool clv_type_is_real(clv_pixel_type type)
{
    return type == CLV_TYPE_FLOAT32 || type == CLV_TYPE_FLOAT64;
}

/* Numbers that products use as no data; of UInt16 the negative ones as they are stored there too. */
static bool is_fill(double v)
{
    static const double fills[] = {-1,     -99,    -999,   -3000, -9999, -10000, -19999, -20000, -28672, -32766,
                                   -32767, -32768, -99999, 32767, 65535, 65534,  64537,  55537,  55536};
    for (unsigned i = 0; i < sizeof fills / sizeof *fills; i++)
        if (v == fills[i])
            return true;
    return fabs(v) > HUGE_NUMBER;
}

/* Whether the number in question, of reflectance x, is one. */
static bool is_impossible(const clv_band *band, float x, const void *raw)
{
    float value;
    uint8_t missing = 0;
    if (!(x < SUSPECT || x > HIGHEST))
        return false;
    clv_decode(band->type, raw, 1, 1, 0, false, 0, &value, &missing);
    return missing || is_fill((double)value);
}

/* What the other bands say of a number of reflectance x: it may be a measurement. at: pixel. */
static bool may_be_measured(const clv_band *band, float x, const clv_band *bands, int core, const uint8_t *const *raw,
                            size_t at)
{
    float highest = -INFINITY;
    if (x < LOWEST)
        return false;
    for (int c = 0; c < core; c++) {
        const uint8_t *other = raw[c] + at * clv_pixel_size(bands[c].type);
        float value;
        uint8_t missing = 0;
        if (bands[c].index == band->index)
            continue;
        clv_band_decode(&bands[c], false, other, 1, &value, &missing);
        if (missing || is_impossible(&bands[c], value, other))
            continue;
        highest = value > highest ? value : highest;
    }
    if (!isfinite(highest)) /* no other has data */
        return false;
    return x > HIGHEST ? highest > BRIGHT : highest < LIT;
}

void clv_band_screen(const clv_band *band, const void *own, const clv_band *bands, int core, const uint8_t *const *raw,
                     size_t n, float *x, uint8_t *missing)
{
    const size_t size = clv_pixel_size(band->type);
    for (size_t i = 0; band->screened && i < n; i++) {
        if (missing[i] || !is_impossible(band, x[i], (const uint8_t *)own + i * size) ||
            may_be_measured(band, x[i], bands, core, raw, i))
            continue;
        missing[i] = 1;
        x[i] = 0;
    }
}

void clv_band_screen_alone(const clv_band *band, const void *own, size_t n, float *x, uint8_t *missing)
{
    clv_band_screen(band, own, NULL, 0, NULL, n, x, missing);
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
            !(clv_type_is_real(band->type) && band->other_nodata[k] == 0)) /* no reflectance comes near the others */
            step_off(band, band->other_nodata[k], x, select, n, raw);
}

bool clv_band_is_zero(const clv_band *band, const void *raw)
{
    static const uint8_t zero[sizeof(double)] = {0};
    return memcmp(raw, zero, clv_pixel_size(band->type)) == 0;
}
