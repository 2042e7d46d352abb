/* SPDX-License-Identifier: MIT */
#include "image/zero_lines.h"

#include <stddef.h>

#define REACH CLV_ZERO_LINES_REACH
#define LONG 32     /* pixels of a line or strip */
#define THIN 2      /* of a line, across */
#define AROUND 12   /* pixels along a line that are looked at */
#define THIN_OF 0.9 /* of these are thin */
#define GAP 8       /* across, of a strip between two detectors, as long as can be seen */
#define STRIP 16    /* across, of a strip along the raster's rim; along a swath's edge it may be REACH */

/* Steps from a pixel in one direction over pixels that are 0 or have no data, at most REACH. */
typedef struct runs {
    uint8_t *left, *right, *up, *down;
} runs;

typedef struct region {
    const uint8_t *zero, *none;
    int width, height;
    const clv_zero_lines_rim *rim;
    runs run;
    uint8_t *thin; /* bit 0: a line along the row is thin here, bit 1: along the column */
} region;

static size_t at(const region *r, int x, int y)
{
    return (size_t)y * (size_t)r->width + (size_t)x;
}

static bool is_dark(const region *r, size_t i)
{
    return r->zero[i] || r->none[i];
}

static uint8_t step(const region *r, const uint8_t *steps, size_t next)
{
    if (!is_dark(r, next))
        return 0;
    return steps[next] < REACH ? (uint8_t)(steps[next] + 1) : REACH;
}

static void count_runs(const region *r)
{
    const int w = r->width, h = r->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            r->run.left[at(r, x, y)] = x > 0 ? step(r, r->run.left, at(r, x - 1, y)) : 0;
            r->run.up[at(r, x, y)] = y > 0 ? step(r, r->run.up, at(r, x, y - 1)) : 0;
        }
    for (int y = h - 1; y >= 0; y--)
        for (int x = w - 1; x >= 0; x--) {
            r->run.right[at(r, x, y)] = x < w - 1 ? step(r, r->run.right, at(r, x + 1, y)) : 0;
            r->run.down[at(r, x, y)] = y < h - 1 ? step(r, r->run.down, at(r, x, y + 1)) : 0;
        }
}

static void mark_thin(const region *r)
{
    for (int y = 0; y < r->height; y++)
        for (int x = 0; x < r->width; x++) {
            const size_t i = at(r, x, y);
            r->thin[i] = 0;
            if (!r->zero[i])
                continue;
            r->thin[i] |= r->run.up[i] + r->run.down[i] < THIN ? 1 : 0;
            r->thin[i] |= r->run.left[i] + r->run.right[i] < THIN ? 2 : 0;
        }
}

/* A long line through the pixel that is thin all along. dx, dy: its direction. before, after: its run. */
static bool on_line(const region *r, int x, int y, int dx, int dy, int before, int after, bool whole)
{
    const uint8_t bit = dx ? 1 : 2;
    if (!(r->thin[at(r, x, y)] & bit) || (before + after + 1 < LONG && !whole))
        return false;
    int seen = 0, thin = 0;
    for (int k = -AROUND; k <= AROUND; k++) {
        const int i = x + k * dx, j = y + k * dy;
        if (k < -before || k > after || i < 0 || j < 0 || i >= r->width || j >= r->height)
            continue;
        if (r->none[at(r, i, j)])
            continue;
        seen++;
        thin += (r->thin[at(r, i, j)] & bit) != 0;
    }
    return thin >= THIN_OF * seen;
}

/* What a run of zeros comes to at its end. */
typedef enum end { GROUND, FAR, SWATH, RIM } end;

/* *zeros: pixels of the run that are 0. */
static end end_of(const region *r, int x, int y, int dx, int dy, int run, bool rim, int *zeros)
{
    for (*zeros = 0; *zeros < run; ++*zeros)
        if (r->none[at(r, x + (*zeros + 1) * dx, y + (*zeros + 1) * dy)])
            return SWATH;
    const int i = x + (run + 1) * dx, j = y + (run + 1) * dy;
    if (i < 0 || j < 0 || i >= r->width || j >= r->height)
        return rim ? RIM : FAR;
    return run < REACH ? GROUND : FAR;
}

/* A strip between the ground and what has no data, `across` pixels wide. along: the run in the strip's direction; cut:
 * by the rim. */
static bool in_strip(end one, end other, int across, int along, bool cut)
{
    if (one == GROUND && other == GROUND)
        return across <= GAP && along == 2 * REACH;
    if (one != GROUND && other != GROUND)
        return false;
    const end outer = one == GROUND ? other : one;
    if (outer == SWATH)
        return across <= REACH && (along + 1 >= LONG || cut);
    return outer == RIM && along + 1 >= LONG && across <= STRIP;
}

static bool is_dead(const region *r, int x, int y)
{
    const size_t i = at(r, x, y);
    const int left = r->run.left[i], right = r->run.right[i], up = r->run.up[i], down = r->run.down[i];
    const clv_zero_lines_rim *rim = r->rim;
    int zeros[4];
    const end w = end_of(r, x, y, -1, 0, left, rim->left, &zeros[0]),
              e = end_of(r, x, y, 1, 0, right, rim->right, &zeros[1]),
              n = end_of(r, x, y, 0, -1, up, rim->top, &zeros[2]),
              s = end_of(r, x, y, 0, 1, down, rim->bottom, &zeros[3]);
    return on_line(r, x, y, 1, 0, left, right, w == RIM && e == RIM) ||
           on_line(r, x, y, 0, 1, up, down, n == RIM && s == RIM) ||
           in_strip(w, e, zeros[0] + zeros[1] + 1, up + down, n == RIM || s == RIM) ||
           in_strip(n, s, zeros[2] + zeros[3] + 1, left + right, w == RIM || e == RIM);
}

void clv_zero_lines(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner,
                    const clv_zero_lines_rim *rim, uint8_t *work, uint8_t *dead)
{
    const size_t n = (size_t)width * (size_t)height;
    const region r = {.zero = zero,
                      .none = none,
                      .width = width,
                      .height = height,
                      .rim = rim,
                      .run = {work, work + n, work + 2 * n, work + 3 * n},
                      .thin = work + 4 * n};
    count_runs(&r);
    mark_thin(&r);
    for (int y = 0; y < inner.height; y++)
        for (int x = 0; x < inner.width; x++)
            if (zero[at(&r, inner.x + x, inner.y + y)] && is_dead(&r, inner.x + x, inner.y + y))
                dead[(size_t)y * (size_t)inner.width + (size_t)x] |= 1;
}
