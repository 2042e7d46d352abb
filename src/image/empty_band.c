/* SPDX-License-Identifier: MIT */
#include "image/empty_band.h"

#include <math.h>
#include <string.h>

#define FEWEST 48       /* pixels of a block that tell */
#define LIT 0.04        /* reflectance of a band that is not dark: no correction of the atmosphere takes that away */
#define LIT_OF 0.4      /* ... and of the mean of the date's other bands: water reflects less in near infrared */
#define DARK 0.02       /* of one that is */
#define ALIKE 2.5       /* factor between two dates' bands of the same ground */
#define SAME_ZERO 1e-6f /* reflectance: what sums of equal numbers differ by */
#define FEWEST_SURE 2   /* blocks */
#define SURE_OF_DARK 0.1
#define SOLID 6   /* pixels: side of a square of an area */
#define GROWTH 24 /* pixels of an area beyond its squares */

/* ---- Blocks -------------------------------------------------------------------------------------- */

/* Mean of a date's band; NaN where too little is known. *zeros: all of it is 0. */
static double mean_of(const clv_empty_block *b, int t, int c, bool *zeros)
{
    const float *x = b->x + ((size_t)t * (size_t)b->channels + (size_t)c) * b->plane;
    const uint8_t *missing = b->missing + (size_t)t * b->plane;
    const float zero = b->zero[t * b->channels + c];
    double sum = 0;
    int n = 0;
    *zeros = true;
    for (int j = 0; j < b->height; j++)
        for (int i = 0; i < b->width; i++) {
            const size_t at = (size_t)j * b->row + (size_t)i;
            if (missing[at])
                continue;
            n++;
            sum += (double)x[at];
            *zeros = *zeros && fabsf(x[at] - zero) <= SAME_ZERO;
        }
    *zeros = *zeros && n > 0;
    return n >= FEWEST ? sum / n : NAN;
}

/* Dates t and u show the same ground in the bands that t shows beside c. */
static bool is_alike(const clv_empty_block *b, int t, int c, int u, int *lit, double *usual)
{
    *lit = 0;
    *usual = 0;
    for (int k = 0; k < b->channels; k++) {
        bool empty, other_empty;
        if (k == c)
            continue;
        const double own = mean_of(b, t, k, &empty);
        if (empty)
            continue;
        const double other = mean_of(b, u, k, &other_empty);
        if (!(own > 0) || !(other > 0) || own > ALIKE * other || other > ALIKE * own)
            return false;
        ++*lit;
        *usual += own;
    }
    *usual /= *lit > 0 ? *lit : 1;
    return *lit >= 2;
}

clv_empty_verdict clv_empty_block_judge(const clv_empty_block *b, int t, int c)
{
    bool empty;
    const double own = mean_of(b, t, c, &empty);
    int show = 0, dark = 0;
    if (!empty)
        return CLV_EMPTY_NO;
    for (int u = 0; u < b->dates && isfinite(own); u++) {
        bool zeros;
        int lit;
        double usual;
        const double other = u == t ? NAN : mean_of(b, u, c, &zeros);
        if (!isfinite(other) || (other >= DARK && other < LIT) || !is_alike(b, t, c, u, &lit, &usual))
            continue;
        show += other >= LIT && other >= LIT_OF * usual;
        dark += other < DARK;
    }
    return show > dark ? CLV_EMPTY_SURE : dark > 0 ? CLV_EMPTY_DARK : CLV_EMPTY_UNKNOWN;
}

bool clv_empty_blocks_join(uint8_t *verdict, int width, int height, int *stack)
{
    long sure = 0, dark = 0, n = 0;
    for (int i = 0; i < width * height; i++) {
        dark += verdict[i] == CLV_EMPTY_DARK;
        if (verdict[i] == CLV_EMPTY_SURE)
            stack[n++] = i;
    }
    sure = n;
    if (sure < FEWEST_SURE || (double)sure < SURE_OF_DARK * (double)dark)
        return false;
    while (n > 0) {
        const int at = stack[--n], x = at % width, y = at / width;
        for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < height; j++)
            for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < width; i++) {
                uint8_t *v = &verdict[j * width + i];
                if (*v != CLV_EMPTY_UNKNOWN && *v != CLV_EMPTY_DARK)
                    continue;
                *v = CLV_EMPTY_SURE;
                stack[n++] = j * width + i;
            }
    }
    return true;
}

/* ---- Pixels -------------------------------------------------------------------------------------- */

typedef struct area {
    int width, height;
    uint8_t *in;    /* of an area */
    uint8_t *other; /* work space */
    int32_t *sums;  /* [height + 1, width + 1] */
} area;

static void sum_up(const area *a, const uint8_t *plane, const uint8_t * or)
{
    const size_t row = (size_t)a->width + 1;
    memset(a->sums, 0, row * sizeof *a->sums);
    for (int y = 0; y < a->height; y++) {
        int32_t *to = a->sums + ((size_t)y + 1) * row, sum = 0;
        to[0] = 0;
        for (int x = 0; x < a->width; x++) {
            const size_t i = (size_t)y * (size_t)a->width + (size_t)x;
            sum += plane[i] || (or &&or [i]);
            to[x + 1] = to[x + 1 - (long)row] + sum;
        }
    }
}

static int32_t sum_of(const area *a, int x0, int y0, int x1, int y1)
{
    const size_t row = (size_t)a->width + 1;
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > a->width ? a->width : x1;
    y1 = y1 > a->height ? a->height : y1;
    return a->sums[(size_t)y1 * row + (size_t)x1] - a->sums[(size_t)y0 * row + (size_t)x1] -
           a->sums[(size_t)y1 * row + (size_t)x0] + a->sums[(size_t)y0 * row + (size_t)x0];
}

/* Zeros that lie in a square of them. */
static void mark_solid(const area *a, const uint8_t *zero, const uint8_t *none)
{
    sum_up(a, zero, none);
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++)
            a->other[(size_t)y * (size_t)a->width + (size_t)x] = x + SOLID <= a->width && y + SOLID <= a->height &&
                                                                 sum_of(a, x, y, x + SOLID, y + SOLID) == SOLID * SOLID;
    sum_up(a, a->other, NULL);
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++) {
            const size_t i = (size_t)y * (size_t)a->width + (size_t)x;
            a->in[i] = zero[i] && sum_of(a, x - SOLID + 1, y - SOLID + 1, x + 1, y + 1) > 0;
        }
}

/* An area goes on over zeros, within `part`. */
static void grow(const area *a, const uint8_t *zero, clv_rect part)
{
    for (int k = 0; k < GROWTH; k++) {
        bool any = false;
        memcpy(a->other, a->in, (size_t)a->width * (size_t)a->height);
        for (int y = part.y; y < part.y + part.height; y++)
            for (int x = part.x; x < part.x + part.width; x++) {
                const size_t i = (size_t)y * (size_t)a->width + (size_t)x;
                if (!zero[i] || a->in[i])
                    continue;
                bool beside = false;
                for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < a->height && !beside; j++)
                    for (int m = x > 0 ? x - 1 : 0; m <= x + 1 && m < a->width && !beside; m++)
                        beside = a->other[(size_t)j * (size_t)a->width + (size_t)m];
                if (beside)
                    a->in[i] = 1, any = true;
            }
        if (!any)
            return;
    }
}

void clv_zero_areas(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner, uint8_t *work,
                    int32_t *sums, uint8_t *dead)
{
    const area a = {
        .width = width, .height = height, .in = work, .other = work + (size_t)width * (size_t)height, .sums = sums};
    const clv_rect part = clv_rect_intersect(
        (clv_rect){0, 0, width, height},
        (clv_rect){inner.x - GROWTH, inner.y - GROWTH, inner.width + 2 * GROWTH, inner.height + 2 * GROWTH});
    mark_solid(&a, zero, none);
    grow(&a, zero, part);
    for (int y = 0; y < inner.height; y++)
        for (int x = 0; x < inner.width; x++)
            dead[(size_t)y * (size_t)inner.width + (size_t)x] |=
                a.in[(size_t)(inner.y + y) * (size_t)width + (size_t)(inner.x + x)];
}
