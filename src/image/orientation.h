/* SPDX-License-Identifier: MIT
 *
 * orientation: how a date lies against another one: as it is, mirrored, or with rows and columns exchanged, by the
 * correlation of their small structures in windows that lie symmetrically in the picture.
 *
 *     clv_orientation_window whole = {.width = 64, .height = 64, .count = 64 * 64};
 *     clv_orientation_scene scene = {.width = 64, .height = 64, .stride = 1, .windows = 1, .window = &whole};
 *     float own[2 * 16 * 16] = {0}, other[2 * 16 * 16] = {0}; // of clv_orientation_structures()
 *     clv_orientation_layout(&scene);
 *     clv_orientation found = clv_orientation_find(&scene, own, other);
 *     if (found.known && found.turn != 0)
 *         puts(clv_orientation_text(found.turn));
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_ORIENTATION_H
#define CLV_IMAGE_ORIENTATION_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of a turn: first rows and columns are exchanged, then they are put in reverse order. */
enum { CLV_TURN_COLUMNS = 1, CLV_TURN_ROWS = 2, CLV_TURN_EXCHANGED = 4, CLV_TURNS = 8 };
enum {
    CLV_ORIENTATION_CELL = 4, /* pixels of a cell's side */
    CLV_ORIENTATION_FEATURES = 2
};

typedef struct clv_orientation_window {
    int x, y, width, height; /* pixels of the picture */
    int first, count;        /* its pixels in the sample: each `stride`-th, by rows */
    int columns, rows;       /* its cells; set by clv_orientation_layout() */
    int cell;                /* the first of them */
} clv_orientation_window;

typedef struct clv_orientation_scene {
    int width, height; /* of the whole picture */
    int stride;
    int windows;
    clv_orientation_window *window;
    int cells; /* of all windows; set by clv_orientation_layout() */
} clv_orientation_scene;

typedef struct clv_orientation {
    bool known; /* one of the turns fits, clearly better than the others */
    int turn;
} clv_orientation;

void clv_orientation_layout(clv_orientation_scene *scene);

/* One date's small structures. planes [features][pixels]: reflectance; use [pixels]: it shows ground. scratch
 * [2 * cells]. structures [features][cells]: NaN where nothing is shown. */
void clv_orientation_structures(const clv_orientation_scene *scene, const float *const *planes, const uint8_t *use,
                                float *scratch, float *structures);

/* own, other: of clv_orientation_structures(). turn: what `own` has to be turned by to lie as `other` does. */
clv_orientation clv_orientation_find(const clv_orientation_scene *scene, const float *own, const float *other);

/* "mirrored top to bottom". */
const char *clv_orientation_text(int turn);

#endif
