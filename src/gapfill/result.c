/* SPDX-License-Identifier: MIT */
#include "gapfill/result.h"

#include "gapfill/pixels.h"

float *clv_result_plane(const clv_gapfill_result *r, int t, int c)
{
    return r->out + ((size_t)t * r->bands + c) * r->roi.width * r->roi.height;
}

static float in_range(double v, float lowest)
{
    if (v > 0)
        return v < CLV_GAPFILL_LARGEST ? (float)v : CLV_GAPFILL_LARGEST;
    return v < 0 ? v > (double)lowest ? (float)v : lowest : 0.0f; /* NaN becomes 0 */
}

void clv_result_write(const clv_gapfill_result *r, int t, int pixel, int c, double value)
{
    int x = pixel % r->width - r->roi.x, y = pixel / r->width - r->roi.y;
    clv_result_plane(r, t, c)[(size_t)y * r->roi.width + x] = in_range(value, r->lowest ? r->lowest[c] : 0);
}

void clv_result_write_deviation(const clv_gapfill_result *r, int t, int pixel, double deviation)
{
    const size_t x = (size_t)(pixel % r->width - r->roi.x), y = (size_t)(pixel / r->width - r->roi.y);
    r->deviation[((size_t)t * r->roi.height + y) * r->roi.width + x] = (float)deviation;
}

void clv_result_write_observed(const clv_gapfill_result *r, const clv_field *f, int t, const float *x,
                               const uint8_t *screened)
{
    const uint8_t *gap = f->gap + (size_t)t * f->n;
    for (int c = 0; c < r->bands; c++) {
        const float *plane = x + (size_t)c * f->n;
        float *out = clv_result_plane(r, t, c);
        for (int y = 0; y < r->roi.height; y++) {
            size_t from = (size_t)(y + r->roi.y) * r->width + r->roi.x;
            for (int i = 0; i < r->roi.width; i++)
                if (!gap[from + i] || (screened && screened[from + i]))
                    out[(size_t)y * r->roi.width + i] = plane[from + i];
        }
    }
}

int clv_result_list_targets(const clv_gapfill_result *r, const clv_field *f, int t, const uint8_t *screened,
                            uint8_t *scratch, int *pixels)
{
    const uint8_t *gap = f->gap + (size_t)t * f->n;
    if (r->full || !screened)
        return clv_pixels_list(r->full ? NULL : gap, f->width, r->roi, pixels);
    for (int i = 0; i < f->n; i++)
        scratch[i] = gap[i] && !screened[i];
    return clv_pixels_list(scratch, f->width, r->roi, pixels);
}
