/* SPDX-License-Identifier: MIT */
#include "image/zero_lines.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define REACH 48       /* pixels that a run is followed */
#define LONG 32        /* pixels of a line or strip */
#define THIN 2         /* of a line, across */
#define WIDE 8         /* the same, of one with two straight edges */
#define WIDE_LONG 64   /* pixels of such a line */
#define WIDE_REACH 72  /* pixels that it is followed */
#define WIDE_STEP 8    /* pixels between the places along it at which its edges are looked for */
#define WIDE_SURE 24   /* of these stand between ground on both sides */
#define SURE_OF 0.25   /* ... and so many of those that are looked at */
#define RAGGED_OF 0.4  /* at most have ground on one side */
#define AROUND 12      /* pixels along a line that are looked at */
#define THIN_OF 0.9    /* of these are thin */
#define LINE_ZEROS 100 /* around a pixel of a line, its own and a crossing one's with it */
#define THICK 8        /* pixels without data beyond a strip, fewer are dark places themselves */
#define BEYOND 16      /* pixels of ground beside a strip that are looked at */
#define BESIDE 8       /* and to both sides of it */
#define GROUND_OF 0.1  /* of these are 0 at most */
#define SWATH_STRIP 32 /* across */
#define STRIP 16       /* the same, along the raster's rim */
#define EDGE 32        /* pixels around, of the edge that is looked at */
#define EDGE_LEAST 12  /* pixels of an edge that tell */
#define EDGE_OF 0.8    /* of these the band does not reach */
#define GROWTH 24      /* pixels of a strip beyond what is sure */

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
    uint8_t *dead;
    /* [height + 1, width + 1] sums over what is above and to the left: pixels without data that have a neighbour with
     * some, and those of them whose neighbour is a 0. */
    int32_t *edge, *edge_zero;
} region;

/* In region.dead: of any kind; of a strip by itself; as narrow as one. Further bits are of grow(). */
enum { SURE = 1, IN_STRIP = 2, NARROW = 4, GROWN = 8 };

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

/* Pixels of the raster's; beyond it nothing is 0. */
static bool zero_at(const region *r, int x, int y)
{
    return x >= 0 && y >= 0 && x < r->width && y < r->height && r->zero[at(r, x, y)];
}

/* What one place along a wide line looks like. */
typedef struct wide_counts {
    int zeros, sure, ragged;
} wide_counts;

/* Follows a line whose edges are `before` and `after` beside the pixel's; true: to the rim or to pixels without data.
 */
static bool follow(const region *r, int x, int y, int dx, int dy, int before, int after, bool rim, wide_counts *sum)
{
    const int cx = dy ? 1 : 0, cy = dx ? 1 : 0;
    for (int k = 1; k <= WIDE_REACH; k++) {
        const int i = x + k * dx, j = y + k * dy;
        if (i < 0 || j < 0 || i >= r->width || j >= r->height)
            return rim;
        if (r->none[at(r, i, j)])
            return true;
        for (int m = -before; m <= after; m++)
            if (!zero_at(r, i + m * cx, j + m * cy))
                return false;
        const bool one = zero_at(r, i - (before + 1) * cx, j - (before + 1) * cy),
                   other = zero_at(r, i + (after + 1) * cx, j + (after + 1) * cy);
        sum->zeros++;
        sum->sure += !one && !other;
        sum->ragged += one != other;
    }
    return false;
}

/* A line with these edges runs through the pixel. */
static bool has_edges(const region *r, int x, int y, int dx, int dy, int before, int after, bool before_rim,
                      bool after_rim)
{
    const int cx = dy ? 1 : 0, cy = dx ? 1 : 0;
    for (int m = -before; m <= after; m++)
        if (!zero_at(r, x + m * cx, y + m * cy))
            return false;
    wide_counts sum = {.zeros = 1};
    const bool back = follow(r, x, y, -dx, -dy, before, after, before_rim, &sum);
    const bool forth = follow(r, x, y, dx, dy, before, after, after_rim, &sum);
    return (sum.zeros >= WIDE_LONG || (back && forth && sum.zeros >= WIDE_SURE)) && sum.sure >= WIDE_SURE &&
           sum.sure >= SURE_OF * sum.zeros && sum.ragged <= RAGGED_OF * sum.zeros;
}

/* A long line of a few pixels across, whose edges both lie along one row or column: no water does. dx, dy: its
 * direction. Where it crosses a dark place its edges are known from further along. */
static bool on_wide_line(const region *r, int x, int y, int dx, int dy, int run, bool before_rim, bool after_rim)
{
    int seen_before = -1, seen_after = -1;
    if (run + 1 < WIDE_SURE)
        return false;
    for (int k = 0; k <= WIDE_REACH; k = k > 0 ? -k : WIDE_STEP - k) {
        const int i = x + k * dx, j = y + k * dy;
        if (!zero_at(r, i, j))
            continue;
        const int before = (dx ? r->run.up : r->run.left)[at(r, i, j)],
                  after = (dx ? r->run.down : r->run.right)[at(r, i, j)];
        if (before + after + 1 > WIDE || (before == seen_before && after == seen_after))
            continue;
        seen_before = before;
        seen_after = after;
        if (has_edges(r, x, y, dx, dy, before, after, before_rim, after_rim))
            return true;
    }
    return false;
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

/* Beyond the strip, in direction dx, dy after `zeros` pixels, is ground with hardly a 0. before, after: pixels beside
 * the direction that are looked at. */
static bool is_ground(const region *r, int x, int y, int dx, int dy, int zeros, int before, int after)
{
    const int x0 = x + (zeros + 1) * dx, y0 = y + (zeros + 1) * dy, x1 = x0 + BEYOND * dx, y1 = y0 + BEYOND * dy;
    int pixels;
    const int sum = zeros_in(r, (x0 < x1 ? x0 : x1) - (dy ? before : 0), (y0 < y1 ? y0 : y1) - (dx ? before : 0),
                             (x0 > x1 ? x0 : x1) + (dy ? after : 0), (y0 > y1 ? y0 : y1) + (dx ? after : 0), &pixels);
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

/* Width of the strip along the rim at k pixels from the pixel at x, y of the rim; -1: there is none. */
static int width_at(const region *r, int x, int y, int dx, int dy, int k)
{
    const int i = x + (dy ? k : 0), j = y + (dx ? k : 0);
    if (i < 0 || j < 0 || i >= r->width || j >= r->height || r->none[at(r, i, j)])
        return -1;
    return steps_of(r, i, j, -dx, -dy);
}

/* The strip's width changes evenly to the side of `side` and back to nothing, as a slanted edge makes it. x, y: at the
 * rim. */
static bool is_slanted(const region *r, int x, int y, int dx, int dy, int across, int side)
{
    int last = 0, first = 0;
    while (last < EDGE && width_at(r, x, y, dx, dy, side * (last + 1)) > 0)
        last++;
    while (first < EDGE && width_at(r, x, y, dx, dy, -side * (first + 1)) > 0)
        first++;
    const int from = width_at(r, x, y, dx, dy, -side * first), to = width_at(r, x, y, dx, dy, side * last);
    if (first + last < EDGE - 1 || to - from < 2 || from > across || to > STRIP + BESIDE)
        return false;
    for (int k = -first; k <= last; k++) {
        const double expected = from + (double)(to - from) * (k + first) / (first + last);
        if (fabs(width_at(r, x, y, dx, dy, side * k) - expected) > 1.01)
            return false;
    }
    return true;
}

/* The strip along the rim that ends at the pixel's own is long and has about this width to both sides, or is slanted.
 */
static bool is_straight(const region *r, int x, int y, int dx, int dy, int outer, int across, int along)
{
    const int rim_x = x + outer * dx, rim_y = y + outer * dy;
    bool level = along + 1 >= LONG;
    for (int k = -STRIP; k <= STRIP && level; k += STRIP / 4) {
        const int width = width_at(r, rim_x, rim_y, dx, dy, k), most = 1 + abs(k) / 4;
        level = width < 0 || abs(width - across) <= most;
    }
    return level || is_slanted(r, rim_x, rim_y, dx, dy, across, 1) || is_slanted(r, rim_x, rim_y, dx, dy, across, -1);
}

/* ---- The edge of what has no data ---------------------------------------------------------------- */

static void count_edge(const region *r)
{
    const int w = r->width, h = r->height;
    const size_t row = (size_t)w + 1;
    memset(r->edge, 0, row * sizeof *r->edge);
    memset(r->edge_zero, 0, row * sizeof *r->edge_zero);
    for (int y = 0; y < h; y++) {
        int32_t edges = 0, zeros = 0;
        int32_t *to = r->edge + ((size_t)y + 1) * row, *to_zero = r->edge_zero + ((size_t)y + 1) * row;
        to[0] = to_zero[0] = 0;
        for (int x = 0; x < w; x++) {
            if (r->none[at(r, x, y)]) {
                bool is_edge = false, is_zero = false;
                static const int steps[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
                for (int k = 0; k < 4; k++) {
                    const int i = x + steps[k][0], j = y + steps[k][1];
                    if (i < 0 || j < 0 || i >= w || j >= h || r->none[at(r, i, j)])
                        continue;
                    is_edge = true;
                    is_zero = is_zero || r->zero[at(r, i, j)];
                }
                edges += is_edge;
                zeros += is_zero;
            }
            to[x + 1] = to[x + 1 - (long)row] + edges;
            to_zero[x + 1] = to_zero[x + 1 - (long)row] + zeros;
        }
    }
}

static int32_t sum_around(const region *r, const int32_t *sums, int x, int y)
{
    const int x0 = x - EDGE < 0 ? 0 : x - EDGE, y0 = y - EDGE < 0 ? 0 : y - EDGE;
    const int x1 = x + EDGE + 1 > r->width ? r->width : x + EDGE + 1,
              y1 = y + EDGE + 1 > r->height ? r->height : y + EDGE + 1;
    const size_t row = (size_t)r->width + 1;
    return sums[(size_t)y1 * row + (size_t)x1] - sums[(size_t)y0 * row + (size_t)x1] -
           sums[(size_t)y1 * row + (size_t)x0] + sums[(size_t)y0 * row + (size_t)x0];
}

/* The band does not reach the edge anywhere around. */
static bool edge_is_zero(const region *r, int x, int y)
{
    const int32_t edge = sum_around(r, r->edge, x, y);
    return edge >= EDGE_LEAST && sum_around(r, r->edge_zero, x, y) >= EDGE_OF * edge;
}

/* A strip between the ground and what has no data. dx, dy: outwards. inner, outer: zeros to both sides of the pixel.
 * along: the run in the strip's direction; cut: by the rim. Bits of region.dead: it is a seed of grow() where all
 * around tells the same. */
static uint8_t in_strip(const region *r, int x, int y, int dx, int dy, end outside, int inner, int outer, int along,
                        bool cut)
{
    const int across = inner + outer + 1;
    if (outside == SWATH && across <= SWATH_STRIP && edge_is_zero(r, x, y) &&
        (is_ground(r, x, y, -dx, -dy, inner, BESIDE, 0) || is_ground(r, x, y, -dx, -dy, inner, 0, BESIDE)))
        return SURE | IN_STRIP;
    if (outside == GROUND || outside == FAR || !is_ground(r, x, y, -dx, -dy, inner, BESIDE, BESIDE))
        return 0;
    if (outside == SWATH) { /* thinner than a pixel in places, or little of its edge lies around */
        const int most = sum_around(r, r->edge, x, y) < EDGE_LEAST ? SWATH_STRIP : THIN;
        return across <= most && (along + 1 >= LONG || cut) ? SURE : 0;
    }
    return across <= STRIP && is_straight(r, x, y, dx, dy, outer, across, along) ? SURE : 0;
}

/* No wider than a strip between the ground and what has no data, or the rim. */
static bool is_narrow(const end ends[4], const int zeros[4])
{
    for (int k = 0; k < 4; k += 2)
        if (zeros[k] + zeros[k + 1] + 1 <= SWATH_STRIP && (ends[k] == GROUND) != (ends[k + 1] == GROUND))
            return true;
    return false;
}

static bool is_wide_line(const region *r, int x, int y)
{
    const size_t i = at(r, x, y);
    return on_wide_line(r, x, y, 1, 0, r->run.left[i] + r->run.right[i], r->rim->left, r->rim->right) ||
           on_wide_line(r, x, y, 0, 1, r->run.up[i] + r->run.down[i], r->rim->top, r->rim->bottom);
}

/* Bits of region.dead. */
static uint8_t judge(const region *r, int x, int y)
{
    const size_t i = at(r, x, y);
    const int left = r->run.left[i], right = r->run.right[i], up = r->run.up[i], down = r->run.down[i];
    const clv_zero_lines_rim *rim = r->rim;
    int zeros[4];
    const end w = end_of(r, x, y, -1, 0, left, rim->left, &zeros[0]),
              e = end_of(r, x, y, 1, 0, right, rim->right, &zeros[1]),
              n = end_of(r, x, y, 0, -1, up, rim->top, &zeros[2]),
              s = end_of(r, x, y, 0, 1, down, rim->bottom, &zeros[3]);
    uint8_t strip = 0;
    if (e == GROUND)
        strip |= in_strip(r, x, y, -1, 0, w, zeros[1], zeros[0], up + down, n == RIM || s == RIM);
    if (w == GROUND)
        strip |= in_strip(r, x, y, 1, 0, e, zeros[0], zeros[1], up + down, n == RIM || s == RIM);
    if (s == GROUND)
        strip |= in_strip(r, x, y, 0, -1, n, zeros[3], zeros[2], left + right, w == RIM || e == RIM);
    if (n == GROUND)
        strip |= in_strip(r, x, y, 0, 1, s, zeros[2], zeros[3], left + right, w == RIM || e == RIM);
    if (strip & IN_STRIP)
        return strip;
    const bool line = on_line(r, x, y, 1, 0, left, right, w == RIM && e == RIM) ||
                      on_line(r, x, y, 0, 1, up, down, n == RIM && s == RIM);
    const end ends[4] = {w, e, n, s};
    return (uint8_t)(strip | (line ? SURE : 0) | (is_narrow(ends, zeros) ? NARROW : 0));
}

/* A strip goes on where it is too short or too near a corner to be one by itself: by GROWTH steps over zeros, within
 * `part`. */
static void grow(const region *r, clv_rect part)
{
    for (int k = 0; k < GROWTH; k++) {
        const uint8_t bit = (uint8_t)(GROWN << (k & 1)), from = k ? (uint8_t)(GROWN << !(k & 1)) : IN_STRIP;
        bool any = false;
        for (int y = part.y; y < part.y + part.height; y++)
            for (int x = part.x; x < part.x + part.width; x++) {
                const size_t i = at(r, x, y);
                if (!(r->dead[i] & NARROW) || (r->dead[i] & ~(SURE | NARROW)))
                    continue;
                bool beside = false;
                for (int j = -1; j <= 1 && !beside; j++)
                    for (int m = -1; m <= 1 && !beside; m++)
                        beside = x + m >= part.x && y + j >= part.y && x + m < part.x + part.width &&
                                 y + j < part.y + part.height && (r->dead[at(r, x + m, y + j)] & from);
                if (beside)
                    r->dead[i] |= bit | SURE, any = true;
            }
        if (!any)
            return;
    }
}

/* The part of the region that `inner` depends on by growing. */
static clv_rect wider(const region *r, clv_rect inner)
{
    return clv_rect_intersect(
        (clv_rect){0, 0, r->width, r->height},
        (clv_rect){inner.x - GROWTH, inner.y - GROWTH, inner.width + 2 * GROWTH, inner.height + 2 * GROWTH});
}

void clv_zero_lines(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner,
                    const clv_zero_lines_rim *rim, uint8_t *work, int32_t *sums, uint8_t *dead)
{
    const size_t n = (size_t)width * (size_t)height;
    const region r = {.zero = zero,
                      .none = none,
                      .width = width,
                      .height = height,
                      .rim = rim,
                      .run = {work, work + n, work + 2 * n, work + 3 * n},
                      .thin = work + 4 * n,
                      .dead = work + 5 * n,
                      .edge = sums,
                      .edge_zero = sums + ((size_t)width + 1) * ((size_t)height + 1)};
    const clv_rect part = wider(&r, inner);
    count_runs(&r);
    mark_thin(&r);
    count_edge(&r);
    memset(r.dead, 0, n);
    for (int y = part.y; y < part.y + part.height; y++)
        for (int x = part.x; x < part.x + part.width; x++)
            if (zero[at(&r, x, y)])
                r.dead[at(&r, x, y)] = judge(&r, x, y);
    grow(&r, part);
    for (int y = 0; y < inner.height; y++)
        for (int x = 0; x < inner.width; x++) {
            const size_t i = at(&r, inner.x + x, inner.y + y);
            dead[(size_t)y * (size_t)inner.width + (size_t)x] |=
                (r.dead[i] & SURE) || (zero[i] && is_wide_line(&r, inner.x + x, inner.y + y));
        }
}
