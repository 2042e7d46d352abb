/* SPDX-License-Identifier: MIT */
#include "image/zero_lines.h"

#include <stddef.h>
#include <stdlib.h>

#define REACH 48       /* pixels that a run is followed */
#define LONG 32        /* pixels of a line or strip */
#define THIN 2         /* of a line, across */
#define AROUND 12      /* pixels along a line that are looked at */
#define THIN_OF 0.9    /* of these are thin */
#define LINE_ZEROS 100 /* around a pixel of a line, its own and a crossing one's with it */
#define THICK 8        /* pixels without data beyond a strip, fewer are dark places themselves */
#define BEYOND 16      /* pixels of ground beside a strip that are looked at */
#define BESIDE 8       /* and to both sides of it */
#define GROUND_OF 0.1  /* of these are 0 at most */
#define SWATH_STRIP 32 /* across */
#define STRIP 16       /* the same, along the raster's rim */

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

static int zeros_in(const region *r, int x0, int y0, int x1, int y1, int *pixels)
{
    int sum = 0;
    *pixels = 0;
    for (int y = y0 < 0 ? 0 : y0; y <= y1 && y < r->height; y++)
        for (int x = x0 < 0 ? 0 : x0; x <= x1 && x < r->width; x++) {
            sum += r->zero[at(r, x, y)];
            ++*pixels;
        }
    return sum;
}

/* A long line through the pixel that is thin all along. dx, dy: its direction. before, after: its run. */
static bool on_line(const region *r, int x, int y, int dx, int dy, int before, int after, bool whole)
{
    const uint8_t bit = dx ? 1 : 2;
    if (!(r->thin[at(r, x, y)] & bit) || (before + after + 1 < LONG && !whole))
        return false;
    int seen = 0, thin = 0, pixels;
    if (zeros_in(r, x - AROUND, y - AROUND, x + AROUND, y + AROUND, &pixels) > LINE_ZEROS)
        return false;
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

/* Enough pixels without data follow, or the rim. */
static bool is_thick(const region *r, int x, int y, int dx, int dy)
{
    for (int k = 1; k <= THICK; k++) {
        const int i = x + k * dx, j = y + k * dy;
        if (i < 0 || j < 0 || i >= r->width || j >= r->height)
            return k > 1;
        if (!r->none[at(r, i, j)])
            return false;
    }
    return true;
}

/* What a run of zeros comes to at its end. */
typedef enum end { GROUND, FAR, SWATH, RIM } end;

/* *zeros: pixels of the run that are 0. */
static end end_of(const region *r, int x, int y, int dx, int dy, int run, bool rim, int *zeros)
{
    for (*zeros = 0; *zeros < run; ++*zeros)
        if (r->none[at(r, x + (*zeros + 1) * dx, y + (*zeros + 1) * dy)])
            return is_thick(r, x + *zeros * dx, y + *zeros * dy, dx, dy) ? SWATH : FAR;
    const int i = x + (run + 1) * dx, j = y + (run + 1) * dy;
    if (i < 0 || j < 0 || i >= r->width || j >= r->height)
        return rim ? RIM : FAR;
    return run < REACH ? GROUND : FAR;
}

/* Beyond the strip, in direction dx, dy after `zeros` pixels, is ground with hardly a 0. */
static bool is_ground(const region *r, int x, int y, int dx, int dy, int zeros)
{
    const int x0 = x + (zeros + 1) * dx, y0 = y + (zeros + 1) * dy, x1 = x0 + BEYOND * dx, y1 = y0 + BEYOND * dy;
    const int sx = dy ? BESIDE : 0, sy = dx ? BESIDE : 0;
    int pixels;
    const int sum = zeros_in(r, (x0 < x1 ? x0 : x1) - sx, (y0 < y1 ? y0 : y1) - sy, (x0 > x1 ? x0 : x1) + sx,
                             (y0 > y1 ? y0 : y1) + sy, &pixels);
    return sum <= GROUND_OF * pixels;
}

/* Steps over zeros from a pixel. */
static int steps_of(const region *r, int x, int y, int dx, int dy)
{
    int n = 0;
    while (x >= 0 && y >= 0 && x < r->width && y < r->height && r->zero[at(r, x, y)] && n <= STRIP + BESIDE) {
        n++;
        x += dx;
        y += dy;
    }
    return n;
}

/* The strip along the rim that ends at the pixel's own has about this width to both sides. */
static bool is_straight(const region *r, int x, int y, int dx, int dy, int outer, int across)
{
    const int rim_x = x + outer * dx, rim_y = y + outer * dy;
    for (int k = -STRIP; k <= STRIP; k += STRIP / 4) {
        const int i = rim_x + (dy ? k : 0), j = rim_y + (dx ? k : 0);
        if (i < 0 || j < 0 || i >= r->width || j >= r->height || r->none[at(r, i, j)])
            continue;
        const int width = steps_of(r, i, j, -dx, -dy), most = 1 + abs(k) / 4;
        if (abs(width - across) > most)
            return false;
    }
    return true;
}

/* A strip between the ground and what has no data. dx, dy: outwards. inner, outer: zeros to both sides of the pixel.
 * along: the run in the strip's direction; cut: by the rim. */
static bool in_strip(const region *r, int x, int y, int dx, int dy, end outside, int inner, int outer, int along,
                     bool cut)
{
    const int across = inner + outer + 1;
    if (outside == SWATH)
        return across <= SWATH_STRIP && (along + 1 >= LONG || cut) && is_ground(r, x, y, -dx, -dy, inner);
    return outside == RIM && across <= STRIP && along + 1 >= LONG && is_ground(r, x, y, -dx, -dy, inner) &&
           is_straight(r, x, y, dx, dy, outer, across);
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
           (e == GROUND && in_strip(r, x, y, -1, 0, w, zeros[1], zeros[0], up + down, n == RIM || s == RIM)) ||
           (w == GROUND && in_strip(r, x, y, 1, 0, e, zeros[0], zeros[1], up + down, n == RIM || s == RIM)) ||
           (s == GROUND && in_strip(r, x, y, 0, -1, n, zeros[3], zeros[2], left + right, w == RIM || e == RIM)) ||
           (n == GROUND && in_strip(r, x, y, 0, 1, s, zeros[2], zeros[3], left + right, w == RIM || e == RIM));
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
