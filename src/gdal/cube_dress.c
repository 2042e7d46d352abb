/* SPDX-License-Identifier: MIT */
#include "gdal/cube_dress.h"

#include <stddef.h>

/* Centres and widths of Sentinel-2A's bands. */
const clv_band_dress clv_cube_bands[CLV_CUBE_BANDS] = {
    {"B02", "0.490", "0.065"}, {"B03", "0.560", "0.035"}, {"B04", "0.665", "0.030"}, {"B8A", "0.865", "0.020"}};

static const char *const quality[] = {"good", "bad", NULL};
static const unsigned char quality_colors[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}};

static const char *const deep[] = {"clear", "cloud", "thin cloud", "shadow", NULL};
static const unsigned char deep_colors[][4] = {
    {0, 0, 0, 0}, {255, 255, 255, 255}, {200, 200, 200, 255}, {70, 70, 110, 255}};

/* Sen2Cor's classes in the colours of its own products. */
static const char *const scl[] = {"no data",
                                  "saturated or defective",
                                  "dark area",
                                  "cloud shadow",
                                  "vegetation",
                                  "bare soil",
                                  "water",
                                  "unclassified",
                                  "cloud, medium probability",
                                  "cloud, high probability",
                                  "thin cirrus",
                                  "snow or ice",
                                  NULL};
static const unsigned char scl_colors[][4] = {{0, 0, 0, 0},         {255, 0, 0, 255},     {47, 47, 47, 255},
                                              {100, 50, 0, 255},    {0, 160, 0, 255},     {255, 230, 90, 255},
                                              {0, 0, 255, 255},     {128, 128, 128, 255}, {192, 192, 192, 255},
                                              {255, 255, 255, 255}, {100, 200, 255, 255}, {255, 150, 255, 255}};

static const clv_mask_dress dresses[] = {{"quality mask", quality, quality_colors, -1, ""},
                                         {"cloud mask s2_dlmask", deep, deep_colors, 255, ""},
                                         {"Sen2Cor cloud probability", NULL, NULL, 255, "%"},
                                         {"Sen2Cor scene classification", scl, scl_colors, 0, ""}};

const clv_mask_dress *clv_cube_mask_dress(bool minicube, clv_cube_layer layer)
{
    return &dresses[layer == CLV_CUBE_SCL ? 3 : layer == CLV_CUBE_CLD ? 2 : minicube];
}
