/* SPDX-License-Identifier: MIT */
#include "image/unlike_reflectance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"

#define ENOUGH 200           /* pixels */
#define FEW_VALUES 12        /* Sen2Cor's scene classification has as many */
#define EQUAL_NEIGHBOURS 0.6 /* share; ground seldom repeats a number */
#define SMOOTH 0.003         /* of the range: second difference of angles between pixels of 10 to 60 m */
#define ROUGH 0.02           /* ... of ground */
#define NOISE 0.15           /* correlation of neighbours, at most; */
#define LOUD 0.25            /* of the brightest visible band: less is what a sensor sees of dark water */
#define PATTERN 0.45         /* ... of ground, at least */
#define INDEX_R2 0.99        /* not 1: numbers are rounded, and cut off at 0 */

typedef struct summary {
    int count, distinct;
    double low, median, high; /* 1st, 50th, 99th percentile */
    double smallest, largest;
    double equal, bend; /* share of equal neighbours; mean second difference / (high - low) */
    double neighbours;  /* correlation of a pixel with the one before it */
    double zero;        /* share of exact zeros */
    bool whole;
} summary;

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static const float *plane(const clv_value_sample *s, int band)
{
    return s->values + (size_t)band * (size_t)s->count;
}

/* Pixels that red, green and blue show, and the band. What is not above 0 may be no data that no tag tells. */
static bool counts(const clv_value_sample *s, int band, int i)
{
    bool shown = !isnan(plane(s, band)[i]);
    for (int k = 0; k < 3; k++)
        shown = shown && plane(s, s->visible[k])[i] > 0;
    return shown;
}

typedef struct correlation {
    double n, x, y, xx, yy, xy; /* sums */
} correlation;

static void add_pair(correlation *c, double x, double y)
{
    c->n++;
    c->x += x;
    c->y += y;
    c->xx += x * x;
    c->yy += y * y;
    c->xy += x * y;
}

/* 0 where it can't be told. */
static double correlation_of(const correlation *c)
{
    const double vx = c->n * c->xx - c->x * c->x, vy = c->n * c->yy - c->y * c->y;
    return c->n >= ENOUGH && vx > 0 && vy > 0 ? (c->n * c->xy - c->x * c->y) / sqrt(vx * vy) : 0;
}

/* False when out of memory. */
static bool summarise(const clv_value_sample *s, int band, summary *out)
{
    const float *v = plane(s, band);
    float *sorted = clv_alloc_array((size_t)s->count, 1, sizeof *sorted);
    int pairs = 0, equal = 0, triples = 0, zeros = 0;
    double bend = 0;
    correlation neighbours = {0};
    *out = (summary){.whole = true};
    if (!sorted)
        return false;
    for (int i = 0; i < s->count; i++) {
        if (!counts(s, band, i))
            continue;
        sorted[out->count++] = v[i];
        zeros += v[i] == 0;
        out->whole = out->whole && v[i] == floorf(v[i]);
        if (i == 0 || !s->follows[i] || !counts(s, band, i - 1))
            continue;
        pairs++;
        equal += v[i] == v[i - 1];
        add_pair(&neighbours, (double)v[i - 1], (double)v[i]);
        if (i == 1 || !s->follows[i - 1] || !counts(s, band, i - 2))
            continue;
        triples++;
        bend += fabs((double)v[i] - 2 * (double)v[i - 1] + (double)v[i - 2]);
    }
    if (out->count > 0) {
        qsort(sorted, (size_t)out->count, sizeof *sorted, by_value);
        out->distinct = 1;
        for (int i = 1; i < out->count; i++)
            out->distinct += sorted[i] != sorted[i - 1];
        out->smallest = sorted[0];
        out->largest = sorted[out->count - 1];
        out->low = sorted[out->count / 100];
        out->median = sorted[out->count / 2];
        out->high = sorted[(int)((out->count - 1) * 0.99)];
        out->zero = (double)zeros / out->count;
        out->neighbours = correlation_of(&neighbours);
        out->equal = pairs > 0 ? (double)equal / pairs : 0;
        out->bend = triples > 0 && out->high > out->low ? bend / triples / (out->high - out->low) : INFINITY;
    }
    free(sorted);
    return true;
}

/* Share of pixels below a limit. */
static double share_below(const clv_value_sample *s, int band, double limit, int count)
{
    int below = 0;
    for (int i = 0; i < s->count; i++)
        below += counts(s, band, i) && (double)plane(s, band)[i] < limit;
    return (double)below / count;
}

/* Squared correlation of the band with (a - b) / (a + b). */
static double index_r2(const clv_value_sample *s, int band, int a, int b)
{
    correlation c = {0};
    for (int i = 0; i < s->count; i++) {
        const double p = (double)plane(s, a)[i], q = (double)plane(s, b)[i];
        if (!counts(s, band, i) || isnan(p) || isnan(q) || !(p + q > 0))
            continue;
        add_pair(&c, (p - q) / (p + q), (double)plane(s, band)[i]);
    }
    const double r = correlation_of(&c);
    return r * r;
}

/* A normalised difference of two bands that are reflectance. */
static bool is_index(const clv_value_sample *s, int band)
{
    int known[3 + 16], n = 0;
    for (int k = 0; k < 3; k++)
        known[n++] = s->visible[k];
    for (int k = 0; k < s->other_count; k++)
        known[n++] = s->others[k];
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            if (index_r2(s, band, known[i], known[k]) > INDEX_R2)
                return true;
    return false;
}

const char *clv_value_sample_unlike(const clv_value_sample *s, int band)
{
    summary v, red, green, blue;
    if (!summarise(s, band, &v) || !summarise(s, s->visible[0], &red) || !summarise(s, s->visible[1], &green) ||
        !summarise(s, s->visible[2], &blue))
        return NULL;
    const double bright = fmax(red.high, fmax(green.high, blue.high)), typical = fmax(red.median, green.median);
    const int shades = red.distinct < green.distinct ? red.distinct : green.distinct;
    if (v.count < ENOUGH || shades < 4 * FEW_VALUES || !(bright > 0))
        return NULL;
    if (v.distinct == 1)
        return v.largest == 0 ? NULL : "one value everywhere"; /* 0: the band is not there at this date */
    const bool bytes = red.whole && bright <= 255;             /* dark ground has few values then */
    if (v.distinct <= (bytes ? 3 : FEW_VALUES) && v.equal > EQUAL_NEIGHBOURS &&
        v.equal > 2 * fmax(red.equal, green.equal))
        return "few values, as classes have";
    if (v.whole && v.zero > 0.3 && v.smallest == 0 && v.largest <= 255 && typical > 300)
        return "many zeros and no value above 255, as probabilities have";
    if (share_below(s, band, -0.5 * bright, v.count) > 0.02)
        return "values far below zero";
    if (v.median > 20 * bright)
        return "values far above those of red, green and blue";
    if (v.bend < SMOOTH && red.bend > ROUGH && green.bend > ROUGH)
        return "smooth as angles and heights are";
    if (v.high - v.low > LOUD * bright && v.neighbours < NOISE && red.neighbours > PATTERN &&
        green.neighbours > PATTERN)
        return "no pattern that neighbouring pixels share";
    return is_index(s, band) ? "an index of other bands" : NULL;
}
