/* SPDX-License-Identifier: MIT
 *
 * cube_part: names of the datasets inside a cube:
 *
 *     EARTHNET:"cube.npz":2017-06-24            one date: its bands
 *     EARTHNET:"cube.npz":step3                 the same by number, from 1; where dates are not known
 *     EARTHNET:"cube.npz":stack                 all dates
 *     EARTHNET:"cube.npz":mask:2017-06-24       one date's mask; mask:stack: all; likewise CLD:, SCL:
 *     EARTHNET:"cube.npz":highresstatic         a raster beside the series; mesodynamic:RR
 *
 * Quotes may be left away: the part begins after the first colon behind which only a part's name stands.
 *
 *     char *path;
 *     clv_cube_part part;
 *     if (clv_cube_part_split(name, &path, &part)) { ... free(path); }
 *
 * Pure functions; any thread.
 */
#ifndef CLV_GDAL_CUBE_PART_H
#define CLV_GDAL_CUBE_PART_H

#include "products/cube.h"
#include "sentinel2/dates.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_EARTHNET_PREFIX "EARTHNET:"

typedef enum clv_part_kind {
    CLV_PART_WHOLE, /* the list of parts */
    CLV_PART_DATE,
    CLV_PART_STEP,
    CLV_PART_STACK,
    CLV_PART_EXTRA
} clv_part_kind;

typedef struct clv_cube_part {
    clv_part_kind kind;
    bool picture;         /* the four bands; else the layer below */
    clv_cube_layer layer; /* of a mask */
    clv_date date;        /* CLV_PART_DATE */
    int step;             /* CLV_PART_STEP: from 0 */
    char extra[32];       /* CLV_PART_EXTRA */
} clv_cube_part;

/* "EARTHNET:..." into the file's path (free()) and the part. False, *path NULL, when the name has not that form or
 * memory is out. */
bool clv_cube_part_split(const char *name, char **path, clv_cube_part *part);
/* EARTHNET:"path":text; free(); NULL when out of memory. */
char *clv_cube_part_join(const char *path, const char *text);
/* Name of a mask in parts' names: "mask", "CLD", "SCL". */
const char *clv_cube_layer_name(clv_cube_layer layer);

#ifdef __cplusplus
}
#endif
#endif
