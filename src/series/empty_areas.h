/* SPDX-License-Identifier: MIT
 *
 * empty_areas: where a date's bands are 0 and that is no measurement, as empty_bands.h has found it: blocks of pixels
 * of the date's own grid, which reading asks for (part_zero_lines.c).
 *
 *     clv_empty_areas *areas = clv_empty_areas_new(4, 10980, 10980);
 *     areas->in[3] = clv_alloc_array(areas->width, areas->height, 1);        // channel 3 lacks data
 *     clv_empty_areas_free(areas);
 *
 * Threads: reading is free.
 */
#ifndef CLV_SERIES_EMPTY_AREAS_H
#define CLV_SERIES_EMPTY_AREAS_H

#include "image/windows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLV_EMPTY_AREAS_BLOCK 16 /* pixels: side of a block */

typedef struct clv_empty_areas {
    int channels, width, height; /* blocks */
    uint8_t **in; /* [channels][height, width] in an area or beside one; NULL: nothing is lacking; owned */
} clv_empty_areas;

/* width, height: of the raster, in pixels. NULL: out of memory. */
clv_empty_areas *clv_empty_areas_new(int channels, int width, int height);
void clv_empty_areas_free(clv_empty_areas *areas);

/* Whether the date lacks channel c anywhere. areas NULL: it lacks none. */
bool clv_empty_areas_has(const clv_empty_areas *areas, int c);

/* zero [area]: pixels of a rectangle of the date's own grid; set to 0 where it does not lack channel c around. */
void clv_empty_areas_keep(const clv_empty_areas *areas, int c, clv_rect area, uint8_t *zero);

#endif
