/* SPDX-License-Identifier: MIT
 *
 * cube_copy_private: what cube_names.c finds out about the cubes of a series, for cube_copy.c, which makes their
 * copies.
 */
#ifndef CLV_OUTPUT_CUBE_COPY_PRIVATE_H
#define CLV_OUTPUT_CUBE_COPY_PRIVATE_H

#include "output/cube_copy.h"

#define CLV_CUBE_FILES 256

/* Where a channel of a date lies. */
typedef struct clv_cube_place {
    int file;    /* -1: not known */
    char *array; /* owned */
    int band;    /* of GDAL's raster interface, from 1 */
    int x, y, repeat, factor;
} clv_cube_place;

typedef struct clv_cube_file {
    char *path, *output; /* owned */
    int input;           /* of the series; files of one input are joined */
} clv_cube_file;

struct clv_cube_copies {
    const clv_series *series;
    clv_cube_file files[CLV_CUBE_FILES];
    int count;
    clv_cube_place *places; /* [dates, channels]; owned */
    bool other_order;       /* one of the cubes has its axes in another order than time, band, y, x */
};

#endif
