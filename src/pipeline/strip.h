/* SPDX-License-Identifier: MIT
 *
 * strip: the rows of a scene that are in memory. A scene is worked panel by panel (columns), each panel from top to
 * bottom, one row of windows at a time; a strip holds all dates of the panel's rows that the current row of windows
 * needs. So memory depends on the panel's width and the number of dates, never on the scene.
 *
 *     clv_panel *panels;
 *     int count = clv_panels_plan(width, windows, pad, bytes_per_column, budget, &panels);
 *     for (int i = 0; i < count; i++) {
 *         clv_strip_new(ctx, &stack, panels[i].read0, panels[i].read1 - panels[i].read0, capacity, &strip);
 *         for (int y = 0; y < height; y += windows.stride)
 *             clv_strip_advance(ctx, strip, y, y + capacity, NULL);    // rows that were held are not read again
 *         clv_strip_free(strip);
 *     }
 *     free(panels);
 *
 * Threads: advance reads dates in parallel; everything else is plain memory.
 */
#ifndef CLV_PIPELINE_STRIP_H
#define CLV_PIPELINE_STRIP_H

#include "pipeline/stack_reader.h"

typedef struct clv_strip {
    clv_stack_reader stack;
    int dates, channels;
    int x, width;     /* columns [x, x + width) of the working grid */
    int capacity;     /* rows there is room for */
    int y0, y1;       /* rows held */
    float *values;    /* [dates, channels, capacity, width] reflectance, 0 where missing; row y is at y - y0 */
    uint8_t *missing; /* [dates, capacity, width] clv_missing_bits */
    uint8_t *gap;     /* [dates, capacity, width] for the user of the strip; shifted along with the rest */
} clv_strip;

clv_status clv_strip_new(clv_context *ctx, const clv_stack_reader *stack, int x, int width, int capacity,
                         clv_strip **out);
void clv_strip_free(clv_strip *strip);
/* Moves to rows [y0, y1): y0 and y1 never go back. New rows' gap is 0. *fresh (may be NULL): the first row newly read.
 */
clv_status clv_strip_advance(clv_context *ctx, clv_strip *strip, int y0, int y1, int *fresh);

static inline size_t clv_strip_plane(const clv_strip *s)
{
    return (size_t)s->capacity * (size_t)s->width;
}
/* Pointers to pixel (x, y) of the working grid, which must be held. */
static inline float *clv_strip_value(const clv_strip *s, int t, int c, int x, int y)
{
    return s->values + ((size_t)t * (size_t)s->channels + (size_t)c) * clv_strip_plane(s) +
           (size_t)(y - s->y0) * (size_t)s->width + (size_t)(x - s->x);
}
static inline uint8_t *clv_strip_flag(const clv_strip *s, uint8_t *flags, int t, int x, int y)
{
    return flags + (size_t)t * clv_strip_plane(s) + (size_t)(y - s->y0) * (size_t)s->width + (size_t)(x - s->x);
}

/* ---- Panels ------------------------------------------------------------------------------------- */

typedef struct clv_panel {
    int x0, x1;       /* columns this panel answers for */
    int first, last;  /* windows of the horizontal axis that touch them */
    int read0, read1; /* columns that must be read: the windows and their context, inside the scene */
} clv_panel;

#define CLV_PANEL_STEP 768 /* a multiple of the windows' strides and of the outputs' 256-pixel tiles */

/* Windows of a row that are worked at once: enough to keep every thread busy, few enough to hold their results. */
static inline int clv_window_group(clv_window_grid windows, int workers)
{
    return (windows.size > CLV_WINDOW_SIZE ? 2 : 4) * workers;
}

/* Splits `width` columns into panels of a multiple of CLV_PANEL_STEP such that bytes_per_column * columns read stays
 * under budget (at least one step). `pad` columns on each side must be covered by a panel's windows too. Returns the
 * number of panels; free(*panels). 0 when out of memory. */
int clv_panels_plan(int width, clv_window_grid windows, int pad, double bytes_per_column, double budget,
                    clv_panel **panels);

/* The panel of columns [x0, x1) of a scene `width` wide; windows and pad as above. */
clv_panel clv_panel_at(int width, clv_window_grid windows, int pad, int x0, int x1);

/* First pixel of an axis that window `index` needs: its start, or less where its end is mirrored at the scene's end. */
int clv_window_read_start(clv_window_grid windows, int index, int length);

/* The buffers' budget in bytes: options->memory_mb, else a quarter of the machine's memory, at most 1000 MB. */
double clv_memory_budget(const clv_compute_options *options);

#endif
