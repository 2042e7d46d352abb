/* SPDX-License-Identifier: MIT */
#include "gapfill/pixels.h"

#define BLOCK CLV_FIELD_BLOCK

int clv_pixels_pad(int *pixels, int count)
{
    int padded = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (int i = count; i < padded; i++)
        pixels[i] = pixels[count - 1];
    return padded;
}

int clv_pixels_list(const uint8_t *mask, int width, clv_rect r, int *pixels)
{
    int count = 0;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++)
            if (!mask || mask[(size_t)y * width + x])
                pixels[count++] = y * width + x;
    return count;
}

clv_rect clv_pixels_whole(const clv_field *f)
{
    return (clv_rect){0, 0, f->width, f->height};
}

clv_rect clv_pixels_near(const clv_field *f, clv_rect r)
{
    const clv_rect wide = {r.x - CLV_SPREAD_REACH, r.y - CLV_SPREAD_REACH, r.width + 2 * CLV_SPREAD_REACH,
                           r.height + 2 * CLV_SPREAD_REACH};
    return clv_rect_intersect(wide, clv_pixels_whole(f));
}

clv_rect clv_pixels_reach(const clv_field *f, const int *pixels, int count)
{
    int x0 = f->width, x1 = 0, y0 = pixels[0] / f->width, y1 = pixels[count - 1] / f->width;
    for (int i = 0; i < count; i++) {
        int x = pixels[i] % f->width;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
    }
    return clv_pixels_near(f, (clv_rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1});
}
