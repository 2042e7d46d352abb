/* SPDX-License-Identifier: MIT */
#include "image/orientation.h"

#include <math.h>
#include <stdlib.h>

#define FEWEST 120   /* cells in common */
#define LIKE 0.5     /* correlation of the turn that fits */
#define BETTER 0.35  /* than the one in which the dates lie */
#define AHEAD 0.2    /* than any other: grids of streets and fields look alike both ways */
#define CELL_LEAST 3 /* pixels in a cell */

enum { CELL = CLV_ORIENTATION_CELL };

void clv_orientation_layout(clv_orientation_scene *s)
{
    s->cells = 0;
    for (int j = 0; j < s->windows; j++) {
        clv_orientation_window *w = &s->window[j];
        w->columns = w->width / CELL;
        w->rows = w->height / CELL;
        w->cell = s->cells;
        s->cells += w->columns * w->rows;
    }
}

/* Means of the cells, that lie in the middle of the window; NaN: too few pixels. */
static void means_of(const clv_orientation_scene *s, const clv_orientation_window *w, const float *plane,
                     const uint8_t *use, float *mean, float *count)
{
    const int left = w->width % CELL / 2, top = w->height % CELL / 2, cells = w->columns * w->rows;
    for (int i = 0; i < cells; i++)
        mean[i] = count[i] = 0;
    for (int k = 0; k < w->count; k++) {
        const int at = k * s->stride, x = at % w->width - left, y = at / w->width - top;
        if (!use[w->first + k] || x < 0 || y < 0 || x >= w->columns * CELL || y >= w->rows * CELL)
            continue;
        const int i = y / CELL * w->columns + x / CELL;
        mean[i] += plane[w->first + k];
        count[i]++;
    }
    for (int i = 0; i < cells; i++)
        mean[i] = count[i] >= CELL_LEAST ? mean[i] / count[i] : NAN;
}

/* A cell less its four neighbours: clouds' edges, haze and slopes of brightness are wider. */
static void structures_of(const clv_orientation_window *w, const float *mean, float *out)
{
    for (int y = 0; y < w->rows; y++)
        for (int x = 0; x < w->columns; x++) {
            const int i = y * w->columns + x;
            const bool inside = x > 0 && y > 0 && x + 1 < w->columns && y + 1 < w->rows;
            out[i] =
                inside ? mean[i] - (mean[i - 1] + mean[i + 1] + mean[i - w->columns] + mean[i + w->columns]) / 4 : NAN;
        }
}

void clv_orientation_structures(const clv_orientation_scene *s, const float *const *planes, const uint8_t *use,
                                float *scratch, float *structures)
{
    for (int f = 0; f < CLV_ORIENTATION_FEATURES; f++)
        for (int j = 0; j < s->windows; j++) {
            const clv_orientation_window *w = &s->window[j];
            means_of(s, w, planes[f], use, scratch, scratch + s->cells);
            structures_of(w, scratch, structures + (size_t)f * (size_t)s->cells + w->cell);
        }
}

/* The window that lies where w comes to lie when the picture is turned; NULL: it was not sampled. */
static const clv_orientation_window *partner(const clv_orientation_scene *s, const clv_orientation_window *w, int turn)
{
    int x = w->x, y = w->y;
    if (turn & CLV_TURN_EXCHANGED) {
        if (s->width != s->height || w->width != w->height)
            return NULL;
        x = w->y;
        y = w->x;
    }
    x = turn & CLV_TURN_COLUMNS ? s->width - w->width - x : x;
    y = turn & CLV_TURN_ROWS ? s->height - w->height - y : y;
    for (int j = 0; j < s->windows; j++) {
        const clv_orientation_window *v = &s->window[j];
        if (abs(v->x - x) <= 1 && abs(v->y - y) <= 1 && v->width == w->width && v->height == w->height)
            return v;
    }
    return NULL;
}

typedef struct sums {
    double n, a, b, aa, bb, ab;
} sums;

static double correlation(const sums *s)
{
    const double va = s->aa - s->a * s->a / s->n, vb = s->bb - s->b * s->b / s->n;
    return va > 0 && vb > 0 ? (s->ab - s->a * s->b / s->n) / sqrt(va * vb) : 0;
}

/* Mean correlation of the features when own is turned; NaN: too few cells. */
static double likeness(const clv_orientation_scene *s, const float *own, const float *other, int turn)
{
    double mean = 0;
    for (int f = 0; f < CLV_ORIENTATION_FEATURES; f++) {
        sums sum = {0, 0, 0, 0, 0, 0};
        const float *a = own + (size_t)f * (size_t)s->cells, *b = other + (size_t)f * (size_t)s->cells;
        for (int j = 0; j < s->windows; j++) {
            const clv_orientation_window *w = &s->window[j], *v = partner(s, w, turn);
            for (int i = 0; v && i < w->columns * w->rows; i++) {
                int x = i % w->columns, y = i / w->columns;
                if (turn & CLV_TURN_EXCHANGED) {
                    const int swap = x;
                    x = y;
                    y = swap;
                }
                x = turn & CLV_TURN_COLUMNS ? v->columns - 1 - x : x;
                y = turn & CLV_TURN_ROWS ? v->rows - 1 - y : y;
                const double p = a[w->cell + i], q = b[v->cell + y * v->columns + x];
                if (isnan(p) || isnan(q))
                    continue;
                sum.n++;
                sum.a += p;
                sum.b += q;
                sum.aa += p * p;
                sum.bb += q * q;
                sum.ab += p * q;
            }
        }
        if (sum.n < FEWEST)
            return NAN;
        mean += correlation(&sum) / CLV_ORIENTATION_FEATURES;
    }
    return mean;
}

clv_orientation clv_orientation_find(const clv_orientation_scene *s, const float *own, const float *other)
{
    clv_orientation found = {false, 0};
    double as_it_is = likeness(s, own, other, 0), best = as_it_is, next = -1;
    if (isnan(as_it_is))
        return found;
    for (int turn = 1; turn < CLV_TURNS; turn++) {
        const double like = likeness(s, own, other, turn);
        if (like > best) {
            next = best;
            best = like;
            found.turn = turn;
        } else if (like > next) {
            next = like;
        }
    }
    found.known =
        found.turn == 0 ? best >= LIKE / 2 : best >= LIKE && best >= as_it_is + BETTER && best >= next + AHEAD;
    return found;
}

const char *clv_orientation_text(int turn)
{
    static const char *const text[CLV_TURNS] = {
        "as the others",
        "mirrored left to right",
        "mirrored top to bottom",
        "upside down (turned by 180 degrees)",
        "with rows and columns exchanged",
        "turned by 90 degrees",
        "turned by 90 degrees",
        "with rows and columns exchanged and both reversed",
    };
    return text[turn & (CLV_TURNS - 1)];
}
