/* SPDX-License-Identifier: MIT
 *
 * byte_areas: where 0 or 255 in all bands of an 8-bit picture is no data, by how the pixels lie. Black and white are
 * colours of pictures too: dark places are clipped to 0, clouds and snow to 255. An area is no data where it lies along
 * the picture's rim, ends sharply, and ends in straight lines: what leads up to a saturated cloud is nearly white, dark
 * places are 0 in some bands first, and the outlines of both are ragged. Each area is judged by itself, so that a cloud
 * beside a swath's end stays a cloud.
 *
 *     clv_byte_areas *areas = clv_byte_areas_new(3, 10980, 10980);
 *     for (int row = 0; row < areas->rows; row++)              // planes: rows `top` to top + count - 1 of each band
 *         clv_byte_areas_look(areas, row, planes, top, count); // CLV_BYTE_AREAS_AROUND more rows where there are any
 *     if (clv_byte_areas_decide(areas, told, &memory))
 *         clv_byte_areas_mark(areas, window, planes, missing, window.width, 1);
 *     clv_byte_areas_free(areas);
 *
 * Threads: once decided, reading is free.
 */
#ifndef CLV_IMAGE_BYTE_AREAS_H
#define CLV_IMAGE_BYTE_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/windows.h"

#define CLV_BYTE_AREAS_BLOCK 16 /* pixels: side of a block */
#define CLV_BYTE_AREAS_AROUND 4 /* rows above and below it that tell how an area ends */
#define CLV_BYTE_AREAS_BANDS 4
#define CLV_BYTE_AREAS_VALUES 2

extern const uint8_t clv_byte_areas_value[CLV_BYTE_AREAS_VALUES]; /* 0 and 255 */

typedef struct clv_byte_areas {
    int bands, width, height;                             /* pixels */
    int columns, rows;                                    /* blocks */
    struct clv_byte_block *blocks[CLV_BYTE_AREAS_VALUES]; /* [rows, columns] until it is decided; owned */
    uint8_t *in;                       /* [rows, columns]: bit k: it holds a part of an area of the k-th value; owned */
    bool found[CLV_BYTE_AREAS_VALUES]; /* the k-th value fills such an area */
    uint8_t *work;                     /* owned */
} clv_byte_areas;

/* bands: at most CLV_BYTE_AREAS_BANDS. NULL: out of memory. */
clv_byte_areas *clv_byte_areas_new(int bands, int width, int height);
void clv_byte_areas_free(clv_byte_areas *areas);

/* A row of blocks. planes [bands]: whole rows of the picture, from `top` on. */
void clv_byte_areas_look(clv_byte_areas *areas, int row, const uint8_t *const *planes, int top, int count);

/* Once all rows were looked at. told [VALUES]: values that are marked anyhow and not asked for. Whether there are
 * areas; *memory: false when out of memory. */
bool clv_byte_areas_decide(clv_byte_areas *areas, const bool *told, bool *memory);

/* missing [rows of `stride`]: |= value in the areas. planes [bands]: of the area of the picture. */
void clv_byte_areas_mark(const clv_byte_areas *areas, clv_rect area, const uint8_t *const *planes, uint8_t *missing,
                         size_t stride, uint8_t value);

#endif
