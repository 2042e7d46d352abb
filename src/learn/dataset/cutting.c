/* SPDX-License-Identifier: MIT */
#include "learn/dataset/cutting.h"

#include <math.h>
#include <string.h>

#include "image/windows.h"

int clv_cut_count(int length, int stride)
{
    if (length < CLV_CUT_SIDE || stride < 1)
        return 0;
    int regular = (length - CLV_CUT_SIDE) / stride + 1;
    int left = length - ((regular - 1) * stride + CLV_CUT_SIDE);
    return regular + (left >= CLV_CUT_SIDE / 4);
}

int clv_cut_position(int length, int stride, int index)
{
    int at = index * stride;
    return at + CLV_CUT_SIDE <= length ? at : length - CLV_CUT_SIDE;
}

void clv_cut_quantise(const float *x, int bands, uint8_t *gap, int16_t *value)
{
    for (int c = 0; c < bands; c++)
        for (int i = 0; i < CLV_CUT_PIXELS; i++)
            if (!isfinite(x[(size_t)c * CLV_CUT_PIXELS + (size_t)i]))
                gap[i] |= CLV_PIXEL_MISSING;
    for (int c = 0; c < bands; c++)
        for (int i = 0; i < CLV_CUT_PIXELS; i++) {
            size_t k = (size_t)c * CLV_CUT_PIXELS + (size_t)i;
            double v = gap[i] ? 0 : floor((double)x[k] * 10000 + 0.5);
            value[k] = (int16_t)fmin(fmax(v, 0), 32767);
        }
}

double clv_cut_cover(const uint8_t *gap)
{
    int n = 0;
    for (int i = 0; i < CLV_CUT_PIXELS; i++)
        n += gap[i] != 0;
    return (double)n / CLV_CUT_PIXELS;
}

bool clv_cut_shape(const uint8_t *gap, uint8_t *shape)
{
    for (int i = 0; i < CLV_CUT_PIXELS; i++) {
        shape[i] = gap[i] & CLV_PIXEL_CLOUD ? 1 : gap[i] & CLV_PIXEL_SHADOW ? 2 : 0;
        if (gap[i] & CLV_PIXEL_MISSING)
            shape[i] = 0;
    }
    return clv_cut_cover(shape) >= CLV_CUT_SHAPE_COVER;
}

void clv_cut_mirrored(const uint8_t *raster, int width, int height, int x0, int y0, uint8_t *gap)
{
    for (int y = 0; y < CLV_CUT_SIDE; y++) {
        const uint8_t *row = raster + (size_t)clv_reflect(y0 + y, height) * (size_t)width;
        for (int x = 0; x < CLV_CUT_SIDE; x++) {
            uint8_t v = row[clv_reflect(x0 + x, width)];
            gap[y * CLV_CUT_SIDE + x] = v <= 2 ? v : 0; /* 1 and 2 are cloud's and shadow's gaps too */
        }
    }
}
