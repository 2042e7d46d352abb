/* SPDX-License-Identifier: MIT */
#include "core/missing.h"

#include <math.h>
#include <string.h>

#include "core/lapack.h"

#define BLOCK CLV_FIELD_BLOCK
#define LEAST_SHOWN 0.3 /* share of a date's pixels seen for it to be left out in turn */
#define LATTICE 2048    /* pixels looked at, about */
#define DOUBT 0.05      /* share of the error explained at which kriging is trusted by half */
#define PASSES 60       /* of the descent; more change no weight by more than a thousandth */
#define STEADY 1e-9     /* holds the equations when two dates are of one day */
#define NOTHING 1e-12

/* Doubles that kriging_weights needs: the equations and two right-hand sides. */
static size_t room_of_kriging(int dates)
{
    return (size_t)dates * ((size_t)dates + 2);
}

size_t clv_missing_count(int dates)
{
    const size_t n = (size_t)dates;
    /* noise; half and the equations of the fit, and later in their place those of kriging and two lists of weights */
    return n + n * n + (n + 1) * (n + 2) + 4 * n;
}

static bool takes_part(const clv_missing *m, int u, int t)
{
    return u != t && m->usable[u];
}

static void linear_weights(const clv_missing *m, int t, double *w)
{
    int before = t - 1, after = t + 1;
    memset(w, 0, (size_t)m->dates * sizeof *w);
    while (before >= 0 && !takes_part(m, before, t))
        before--;
    while (after < m->dates && !takes_part(m, after, t))
        after++;
    if (before < 0) {
        w[after] = 1;
    } else if (after >= m->dates) {
        w[before] = 1;
    } else {
        double span = m->days[after] - m->days[before];
        w[after] = span > 0 ? (m->days[t] - m->days[before]) / span : 0.5;
        w[before] = 1 - w[after];
    }
}

/* Best linear unbiased prediction of date t: covariances top - slope * days between two dates, and each date's own
 * noise on the diagonal. Lagrange's condition that weights sum to 1 makes the result independent of `top`. */
static void kriging_weights(const clv_missing *m, int t, double *w)
{
    const int n_most = m->dates;
    double *k = m->room, *right = k + (size_t)n_most * (size_t)n_most; /* right [2, dates] */
    double span = 0, largest = NOTHING, sum_ones = 0, sum_target = 0;
    int n = 0, info = 0;
    const int two = 2;
    for (int u = 0; u < m->dates; u++) {
        span = fmax(span, fabs(m->days[u] - m->days[t]));
        n += takes_part(m, u, t);
        largest = fmax(largest, m->noise[u]);
    }
    const double top = 2 * m->slope * span + largest;
    for (int u = 0, i = 0; u < m->dates; u++) {
        if (!takes_part(m, u, t))
            continue;
        for (int v = 0, j = 0; v < m->dates; v++)
            if (takes_part(m, v, t)) {
                k[(size_t)i * (size_t)n + (size_t)j] = top - m->slope * fabs(m->days[u] - m->days[v]);
                j++;
            }
        k[(size_t)i * (size_t)n + (size_t)i] += m->noise[u] + STEADY * top;
        right[i] = 1;
        right[n + i] = top - m->slope * fabs(m->days[u] - m->days[t]);
        i++;
    }
    dpotf2_("L", &n, k, &n, &info, 1);
    if (info == 0)
        dpotrs_("L", &n, &two, k, &n, right, &n, &info, 1);
    for (int i = 0; info == 0 && i < n; i++) {
        sum_ones += right[i];
        sum_target += right[n + i];
    }
    memset(w, 0, (size_t)m->dates * sizeof *w);
    for (int u = 0, i = 0; u < m->dates; u++) {
        if (!takes_part(m, u, t))
            continue;
        w[u] = info == 0 && sum_ones > 0 ? right[n + i] + right[i] * (1 - sum_target) / sum_ones : 1.0 / n;
        i++;
    }
}

static bool both_weights(const clv_missing *m, int t, double *linear, double *kriging)
{
    int others = 0;
    for (int u = 0; u < m->dates; u++)
        others += takes_part(m, u, t);
    if (!others)
        return false;
    linear_weights(m, t, linear);
    kriging_weights(m, t, kriging);
    return true;
}

bool clv_missing_weights(const clv_missing *m, int t, double *weights)
{
    double *kriging = m->room + room_of_kriging(m->dates);
    if (!both_weights(m, t, weights, kriging))
        return false;
    for (int u = 0; u < m->dates; u++)
        weights[u] += m->share * (kriging[u] - weights[u]);
    return true;
}

/* ---- Learning ---------------------------------------------------------------------------------- */

/* half [dates, dates]: half the mean squared difference of two usable dates over the lattice, each band's divided by its
 * mean over all pairs, averaged over the bands. */
static void compare_dates(const clv_missing *m, const clv_field *f, int step, double *half, double *band)
{
    const size_t dates = (size_t)m->dates;
    memset(half, 0, dates * dates * sizeof *half);
    for (int c = 0; c < f->bands; c++) {
        double total = 0;
        memset(band, 0, dates * dates * sizeof *band);
        for (int y = step / 2; y < f->height; y += step)
            for (int x = step / 2; x < f->width; x += step)
                for (int u = 0; u < m->dates; u++)
                    for (int v = 0; v < u && m->usable[u]; v++) {
                        double d = m->usable[v] ? clv_field_plane(f, u, c)[y * f->width + x] -
                                                      clv_field_plane(f, v, c)[y * f->width + x]
                                                : 0;
                        band[(size_t)u * dates + (size_t)v] += d * d;
                    }
        for (size_t i = 0; i < dates * dates; i++)
            total += band[i];
        for (size_t i = 0; i < dates * dates && total > NOTHING; i++)
            half[i] += band[i] / total;
    }
}

/* Fits half = slope * days + (noise_u + noise_v) / 2 with nothing negative, errors relative to the value: coordinate
 * descent on the normal equations. */
static void fit_variances(clv_missing *m, const double *half, double *gram, double *right)
{
    const size_t n = (size_t)m->dates + 1;
    double least = NOTHING;
    memset(gram, 0, n * n * sizeof *gram);
    memset(right, 0, n * sizeof *right);
    for (int u = 0; u < m->dates; u++)
        for (int v = 0; v < u; v++)
            least = fmax(least, 1e-3 * half[(size_t)u * (n - 1) + (size_t)v]);
    for (size_t u = 0; u + 1 < n; u++)
        for (size_t v = 0; v < u; v++) {
            if (!m->usable[u] || !m->usable[v])
                continue;
            const double value = half[u * (n - 1) + v], weight = 1 / fmax(value * value, least * least);
            const double lag = m->days[u] - m->days[v];
            const size_t place[3] = {u, v, n - 1};
            const double row[3] = {0.5, 0.5, lag};
            for (int a = 0; a < 3; a++) {
                right[place[a]] += weight * row[a] * value;
                for (int b = 0; b < 3; b++)
                    gram[place[a] * n + place[b]] += weight * row[a] * row[b];
            }
        }
    memset(m->noise, 0, (n - 1) * sizeof *m->noise);
    m->slope = 0;
    for (int pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < n; i++) {
            double *x = i + 1 < n ? &m->noise[i] : &m->slope, left = right[i];
            for (size_t k = 0; k < n; k++)
                left -= gram[i * n + k] * (k + 1 < n ? m->noise[k] : m->slope);
            if (gram[i * n + i] > 0)
                *x = fmax(0, *x + left / gram[i * n + i]);
        }
}

/* What leaving a date out shows, relative to the error of linear interpolation. */
typedef struct trial {
    double distance; /* squared difference of the two predictions */
    double product;  /* error of the interpolation * difference */
    bool told;
} trial;

static trial leave_out(const clv_field *f, int t, const double *linear, const double *kriging, int step)
{
    double error = 0, distance = 0, product = 0;
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
                    b += kriging[u] * v;
                }
                double e = clv_field_plane(f, t, c)[p] - a, d = b - a;
                error += e * e;
                distance += d * d;
                product += e * d;
            }
        }
    if (seen < LEAST_SHOWN * looked || !seen || error < NOTHING)
        return (trial){0};
    return (trial){distance / error, product / error, true};
}

static double find_share(const clv_missing *m, const clv_field *f, int step, double *linear, double *kriging)
{
    double distance = 0, product = 0;
    int told = 0;
    for (int t = 0; t < f->dates; t++) {
        if (!m->usable[t] || !both_weights(m, t, linear, kriging))
            continue;
        trial one = leave_out(f, t, linear, kriging, step);
        distance += one.distance;
        product += one.product;
        told += one.told;
    }
    if (product <= 0 || distance < NOTHING || !told)
        return 0;
    const double share = fmin(1, product / distance);
    const double explained = share * (2 * product - share * distance) / told;
    return share * explained / (explained + DOUBT);
}

void clv_missing_learn(clv_missing *m, const clv_field *f, const uint8_t *usable, double *memory)
{
    const size_t dates = (size_t)f->dates, square = dates * dates;
    const int lattice = (int)sqrt((double)f->n / LATTICE), step = lattice > 1 ? lattice : 1;
    int many = 0;
    *m = (clv_missing){.dates = f->dates, .days = f->days, .usable = usable, .noise = memory, .room = memory + dates};
    memset(m->noise, 0, dates * sizeof *m->noise);
    for (int t = 0; t < f->dates; t++)
        many += usable[t] != 0;
    if (many < 3) /* with one date left, the two predictions are the same */
        return;
    double *half = m->room, *band = half + square;
    compare_dates(m, f, step, half, band);
    double *gram = band, *right = gram + (dates + 1) * (dates + 1);
    fit_variances(m, half, gram, right);
    double *linear = m->room + room_of_kriging(f->dates), *kriging = linear + dates;
    m->share = find_share(m, f, step, linear, kriging);
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
