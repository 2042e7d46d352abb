/* SPDX-License-Identifier: MIT */
#include "core/missing.h"

#include <math.h>
#include <string.h>

#define BLOCK CLV_FIELD_BLOCK
#define LINE_DAYS 20.0    /* dates this far away weigh 0.6; 10 and 40 days did worse on real series */
#define LINE_STEADY 1e-3  /* holds the line's slope when all dates lie close together */
#define LEAST_SHOWN 0.3   /* share of a date's pixels seen for it to be left out in turn */
#define LATTICE 2048      /* pixels looked at, about */
#define DOUBT 0.01        /* share of the error explained at which the line is trusted by half */
#define NOTHING 1e-12

static void linear_weights(const double *days, const uint8_t *usable, int dates, int t, double *w)
{
    int before = t - 1, after = t + 1;
    while (before >= 0 && !usable[before])
        before--;
    while (after < dates && !usable[after])
        after++;
    if (before < 0) {
        w[after] = 1;
    } else if (after >= dates) {
        w[before] = 1;
    } else {
        double span = days[after] - days[before];
        w[after] = span > 0 ? (days[t] - days[before]) / span : 0.5;
        w[before] = 1 - w[after];
    }
}

/* The value at days[t] of the line that fits the dates around best, as weights of the dates. */
static void line_weights(const double *days, const uint8_t *usable, int dates, int t, double *w)
{
    double nearest = INFINITY, s0 = 0, s1 = 0, s2 = 0;
    for (int u = 0; u < dates; u++)
        if (u != t && usable[u])
            nearest = fmin(nearest, fabs(days[u] - days[t]));
    for (int u = 0; u < dates; u++) {
        if (u == t || !usable[u])
            continue;
        double d = days[u] - days[t];
        w[u] = exp((nearest * nearest - d * d) / (2 * LINE_DAYS * LINE_DAYS));
        s0 += w[u];
        s1 += w[u] * d;
        s2 += w[u] * d * d;
    }
    /* s0 >= 1, since the nearest date weighs 1; by Cauchy and Schwarz the divisor is positive. */
    s2 += LINE_STEADY * s0 * LINE_DAYS * LINE_DAYS;
    for (int u = 0; u < dates; u++)
        if (w[u] > 0)
            w[u] *= (s2 - s1 * (days[u] - days[t])) / (s0 * s2 - s1 * s1);
}

bool clv_missing_weights(const double *days, const uint8_t *usable, int dates, int t, double *linear, double *line)
{
    int others = 0;
    memset(linear, 0, (size_t)dates * sizeof *linear);
    memset(line, 0, (size_t)dates * sizeof *line);
    for (int u = 0; u < dates; u++)
        others += u != t && usable[u];
    if (!others)
        return false;
    linear_weights(days, usable, dates, t, linear);
    line_weights(days, usable, dates, t, line);
    return true;
}

/* What leaving out dates has shown: sums over dates of means over pixels. */
typedef struct trial {
    double error;    /* squared error of linear interpolation */
    double distance; /* squared difference of the two predictions */
    double product;  /* error * difference */
} trial;

static trial leave_out(const clv_field *f, int t, const double *linear, const double *line, int step)
{
    trial sum = {0};
    int seen = 0, looked = 0;
    for (int y = step / 2; y < f->height; y += step)
        for (int x = step / 2; x < f->width; x += step) {
            int p = y * f->width + x;
            looked++;
            if (f->gap[(size_t)t * f->n + p])
                continue;
            seen++;
            for (int c = 0; c < f->bands; c++) {
                double a = 0, b = 0;
                for (int u = 0; u < f->dates; u++) {
                    double v = clv_field_plane(f, u, c)[p];
                    a += linear[u] * v;
                    b += line[u] * v;
                }
                double e = clv_field_plane(f, t, c)[p] - a, d = b - a;
                sum.error += e * e;
                sum.distance += d * d;
                sum.product += e * d;
            }
        }
    if (seen < LEAST_SHOWN * looked || !seen)
        return (trial){0};
    return (trial){sum.error / seen, sum.distance / seen, sum.product / seen};
}

double clv_missing_share(const clv_field *f, const uint8_t *usable, double *scratch)
{
    double *linear = scratch, *line = scratch + f->dates;
    int step = (int)sqrt((double)f->n / LATTICE), many = 0;
    trial sum = {0};
    for (int t = 0; t < f->dates; t++)
        many += usable[t] != 0;
    if (many < 3) /* with one date left, the two predictions are the same */
        return 0;
    for (int t = 0; t < f->dates; t++) {
        if (!usable[t] || !clv_missing_weights(f->days, usable, f->dates, t, linear, line))
            continue;
        trial one = leave_out(f, t, linear, line, step > 1 ? step : 1);
        sum.error += one.error;
        sum.distance += one.distance;
        sum.product += one.product;
    }
    if (sum.product <= 0 || sum.distance < NOTHING || sum.error < NOTHING)
        return 0;
    double share = sum.product / sum.distance, explained = sum.product * share / sum.error;
    return (share < 1 ? share : 1) * explained / (explained + DOUBT);
}

void clv_missing_block(const clv_field *f, const double *weights, const int *pixels, float *out)
{
    float values[BLOCK];
    clv_runs runs;
    clv_field_runs(pixels, &runs);
    memset(out, 0, (size_t)f->bands * BLOCK * sizeof *out);
    for (int u = 0; u < f->dates; u++) {
        if (weights[u] == 0)
            continue;
        float w = (float)weights[u];
        for (int c = 0; c < f->bands; c++) {
            clv_field_gather(clv_field_plane(f, u, c), &runs, values);
            for (int i = 0; i < BLOCK; i++)
                out[c * BLOCK + i] += w * values[i];
        }
    }
}
