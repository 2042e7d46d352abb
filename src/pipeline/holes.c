/* SPDX-License-Identifier: MIT */
#include "pipeline/holes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "series/band_values.h"
#include "series/dataset.h"

void clv_holes_clear(clv_holes *holes)
{
    free(holes->pixels);
    *holes = (clv_holes){0};
}

clv_status clv_holes_find(clv_context *ctx, clv_series *series, int t, clv_rect window, bool any,
                          const void *const *raw, clv_holes *out)
{
    clv_holes_clear(out);
    if (!any || !clv_series_may_miss(series, t))
        return CLV_OK;
    const size_t width = (size_t)window.width, height = (size_t)window.height;
    out->pixels = clv_alloc_array(width + 1, height, 1);
    if (!out->pixels)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    out->rows = out->pixels + width * height;
    out->window = window;
    const clv_status status = clv_series_native_missing(ctx, series, t, window, raw, out->pixels);
    for (size_t y = 0; y < height && status == CLV_OK; y++) {
        out->rows[y] = 0;
        for (size_t x = 0; x < width; x++)
            out->rows[y] |= out->pixels[y * width + x];
    }
    return status;
}

clv_status clv_holes_read(clv_context *ctx, clv_series *series, int t, clv_rect window, clv_holes *out)
{
    clv_holes_clear(out);
    if (!clv_series_may_miss(series, t))
        return CLV_OK;
    void *raw[CLV_MAX_CHANNELS] = {0};
    clv_status status = CLV_OK;
    for (int k = 0; k < series->channels && status == CLV_OK; k++) {
        raw[k] = clv_alloc_array((size_t)window.width * (size_t)window.height,
                                 clv_pixel_size(series->acquisitions[t].bands[k].type), 1);
        status = raw[k] ? clv_series_read_raw(ctx, series, t, k, window, raw[k]) : clv_fail_memory(ctx);
    }
    if (status == CLV_OK)
        status = clv_holes_find(ctx, series, t, window, true, (const void *const *)raw, out);
    for (int k = 0; k < series->channels; k++)
        free(raw[k]);
    return status;
}

const uint8_t *clv_holes_row(const clv_holes *holes, int y)
{
    const int row = y - holes->window.y;
    if (!holes->pixels || row < 0 || row >= holes->window.height || !holes->rows[row])
        return NULL;
    return holes->pixels + (size_t)row * (size_t)holes->window.width;
}

void clv_holes_band(const clv_series *series, int t, int k, const uint8_t *row, const void *raw, size_t n,
                    float *values, uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    memset(missing, 0, n);
    clv_band_decode(&a->bands[k], a->facts.all_zero, raw, n, values, missing);
    clv_band_screen_alone(&a->bands[k], raw, n, values, missing);
    for (size_t i = 0; i < n; i++)
        missing[i] = row[i] == CLV_NATIVE_MISSING || (row[i] && missing[i]);
    if (!memchr(row, CLV_NATIVE_DEAD, n))
        return;
    const size_t size = clv_pixel_size(a->bands[k].type);
    for (size_t i = 0; i < n; i++)
        missing[i] |= row[i] == CLV_NATIVE_DEAD && clv_band_is_zero(&a->bands[k], (const uint8_t *)raw + i * size);
}

bool clv_holes_filled(uint8_t hole, bool filled, bool keep_nodata, uint8_t *state)
{
    const bool whole = hole == CLV_NATIVE_MISSING;
    if (filled) {
        *state |= whole ? CLV_PIXEL_MISSING : 0;
        return !(whole && keep_nodata);
    }
    const bool fills = !keep_nodata && !(*state & CLV_PIXEL_NOWHERE);
    if (fills || whole || (*state & CLV_PIXEL_PARTLY))
        *state |= CLV_PIXEL_MISSING;
    return fills;
}

uint8_t clv_holes_warped_state(uint8_t hole, bool filled, bool full, uint8_t state)
{
    /* Pixels of the date that have data keep it where their working pixel has none. */
    if (!full && !(state & (CLV_PIXEL_OCCLUDED | CLV_PIXEL_OUTSIDE)))
        state &= (uint8_t)~CLV_PIXEL_MISSING;
    return hole == CLV_NATIVE_MISSING || (hole && filled) ? state | CLV_PIXEL_MISSING : state;
}
