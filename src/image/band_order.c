/* SPDX-License-Identifier: MIT */
#include "image/band_order.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define BRIGHT 0.35F /* reflectance of cloud and snow, in any of the first three bands */
#define FEWEST 400   /* pixels */
#define PAIRS 6      /* of four bands */
#define LIKE 0.55    /* mean correlation of the differences in the order that fits */
#define LEAST 0.25   /* ... and of any of them */
#define TURNED (-0.3)
#define BETTER 0.3 /* than the order that is claimed, in the mean */

enum { MAX_ORDERS = 24 };

/* Sums over pixels of the differences of two pairs of bands. */
typedef struct sums {
    double a, b, aa, bb, ab;
} sums;

/* Correlation of differences: of their pattern, and with the level. */
typedef struct likeness {
    double pattern, level;
} likeness;

static int pairs_of(int bands, int pairs[PAIRS][2])
{
    int n = 0;
    for (int i = 0; i < bands; i++)
        for (int j = i + 1; j < bands; j++) {
            pairs[n][0] = i;
            pairs[n++][1] = j;
        }
    return n;
}

static bool is_clear(const float *const *x, int i)
{
    for (int c = 0; c < 3; c++)
        if (!(x[c][i] < BRIGHT))
            return false;
    return true;
}

static likeness likeness_of(const sums *s, double n)
{
    const double va = s->aa - s->a * s->a / n, vb = s->bb - s->b * s->b / n;
    likeness l = {0, 0};
    if (va > 0 && vb > 0)
        l.pattern = (s->ab - s->a * s->b / n) / sqrt(va * vb);
    if (s->aa > 0 && s->bb > 0)
        l.level = s->ab / sqrt(s->aa * s->bb);
    return l;
}

/* table [pairs of own, pairs of other] */
static bool compare(const float *const *own, const float *const *other, const uint8_t *use, int bands, int pixels,
                    likeness table[PAIRS][PAIRS])
{
    int pairs[PAIRS][2], n = 0;
    const int count = pairs_of(bands, pairs);
    sums s[PAIRS][PAIRS];
    memset(s, 0, sizeof s);
    for (int i = 0; i < pixels; i++) {
        if (!use[i] || !is_clear(own, i) || !is_clear(other, i))
            continue;
        n++;
        for (int p = 0; p < count; p++) {
            const double a = (double)own[pairs[p][0]][i] - (double)own[pairs[p][1]][i];
            for (int q = 0; q < count; q++) {
                const double b = (double)other[pairs[q][0]][i] - (double)other[pairs[q][1]][i];
                s[p][q].a += a;
                s[p][q].b += b;
                s[p][q].aa += a * a;
                s[p][q].bb += b * b;
                s[p][q].ab += a * b;
            }
        }
    }
    for (int p = 0; p < count && n >= FEWEST; p++)
        for (int q = 0; q < count; q++)
            table[p][q] = likeness_of(&s[p][q], n);
    return n >= FEWEST;
}

static int pair_number(int bands, int i, int j)
{
    int pairs[PAIRS][2];
    const int count = pairs_of(bands, pairs);
    for (int p = 0; p < count; p++)
        if (pairs[p][0] == i && pairs[p][1] == j)
            return p;
    return -1;
}

/* What the dates are like when own plane order[c] is band c: the mean and the worst pattern, the mean level. */
static void score(likeness table[PAIRS][PAIRS], int bands, const int *order, likeness *mean, likeness *worst)
{
    int pairs[PAIRS][2];
    const int count = pairs_of(bands, pairs);
    *mean = (likeness){0, 0};
    *worst = (likeness){1, 1};
    for (int q = 0; q < count; q++) {
        const int i = order[pairs[q][0]], j = order[pairs[q][1]], sign = i < j ? 1 : -1;
        const likeness *l = &table[pair_number(bands, i < j ? i : j, i < j ? j : i)][q];
        mean->pattern += sign * l->pattern / count;
        mean->level += sign * l->level / count;
        if (sign * l->pattern < worst->pattern)
            *worst = (likeness){sign * l->pattern, sign * l->level};
    }
}

static int orders_of(int bands, int orders[MAX_ORDERS][CLV_ORDER_BANDS])
{
    int n = 0, all = 1;
    for (int i = 0; i < bands; i++)
        all *= bands;
    for (int code = 0; code < all; code++) {
        int used = 0, rest = code, order[CLV_ORDER_BANDS];
        for (int i = bands - 1; i >= 0; i--, rest /= bands) {
            order[i] = rest % bands;
            used |= 1 << order[i];
        }
        if (used == (1 << bands) - 1)
            memcpy(orders[n++], order, sizeof order);
    }
    return n; /* the first is 0, 1, 2, ... */
}

clv_order_verdict clv_band_order(const float *const *own, const float *const *other, const uint8_t *use, int bands,
                                 int pixels, int *order)
{
    likeness table[PAIRS][PAIRS], claimed, claimed_worst, best = {-1, -1}, best_worst = {-1, -1};
    int orders[MAX_ORDERS][CLV_ORDER_BANDS] = {{0}}, at = 0;
    if (bands < 3 || bands > CLV_ORDER_BANDS || !compare(own, other, use, bands, pixels, table))
        return CLV_ORDER_UNKNOWN;
    const int count = orders_of(bands, orders);
    score(table, bands, orders[0], &claimed, &claimed_worst);
    for (int k = 0; k < count; k++) {
        likeness mean, worst;
        score(table, bands, orders[k], &mean, &worst);
        if (mean.pattern <= best.pattern)
            continue;
        best = mean;
        best_worst = worst;
        at = k;
    }
    if (at == 0)
        return best.pattern >= LIKE ? CLV_ORDER_SAME : CLV_ORDER_UNKNOWN;
    if (best.pattern < LIKE || best_worst.pattern < LEAST || claimed_worst.pattern > TURNED ||
        claimed_worst.level > 0 || best.pattern < claimed.pattern + BETTER || best.level < claimed.level + BETTER)
        return CLV_ORDER_UNKNOWN;
    /* Without near infrared a harvest looks like green and red swapped; red and blue it leaves in their order. */
    const likeness *red_blue = &table[pair_number(bands, 0, 2)][pair_number(bands, 0, 2)];
    if (bands == 3 && (red_blue->pattern > TURNED || red_blue->level > 0))
        return CLV_ORDER_UNKNOWN;
    memcpy(order, orders[at], (size_t)bands * sizeof *order);
    return CLV_ORDER_OTHER;
}
