/* SPDX-License-Identifier: MIT */
#include "gapfill/date_blend.h"

#include <math.h>
#include <string.h>

#include "base/lapack.h"

#define BLOCK CLV_FIELD_BLOCK
#define LEAST_OBSERVED 0.3 /* share of a date's pixels that must be observed for it to be left out in turn */
#define LATTICE 2048       /* about the number of pixels used */
#define DOUBT 0.05         /* share of the error removed at which the blend has half of its weight */
#define LINE_DAYS 20.0     /* standard deviation of the line's weights in time */
#define LINE_RIDGE 1e-3    /* regularises the line's slope when all dates lie close together */
#define STEPS 10           /* the shares of the predictions are searched in tenths */
#define PASSES 60          /* of the coordinate descent; more change no weight by more than a thousandth */
#define KRIGING_RIDGE 1e-9 /* regularises the equations when two dates are of one day */
#define NOTHING 1e-12
#define WAYS CLV_DATE_BLEND_WAYS

/* Size of the scratch memory of kriging_weights in doubles: the equations and two right-hand sides. */
static size_t kriging_scratch_count(int dates)
{
    return (size_t)dates * ((size_t)dates + 2);
}

size_t clv_date_blend_count(int dates)
{
    const size_t n = (size_t)dates;
    /* noise; half and the equations of the fit, and later in their place those of kriging and the lists of weights */
    return n + n * n + (n + 1) * (n + 2) + (CLV_DATE_BLEND_WAYS + 2) * n;
}

static bool takes_part(const clv_date_blend *m, int u, int t)
{
    return u != t && m->usable[u];
}

static void linear_weights(const clv_date_blend *m, int t, double *w)
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

/* The value at days[t] of the line fitted to the dates around it by weighted least squares. */
static void line_weights(const clv_date_blend *m, int t, double *w)
{
    double nearest = INFINITY, s0 = 0, s1 = 0, s2 = 0;
    memset(w, 0, (size_t)m->dates * sizeof *w);
    for (int u = 0; u < m->dates; u++)
        if (takes_part(m, u, t))
            nearest = fmin(nearest, fabs(m->days[u] - m->days[t]));
    for (int u = 0; u < m->dates; u++) {
        if (!takes_part(m, u, t))
            continue;
        double d = m->days[u] - m->days[t];
        w[u] = exp((nearest * nearest - d * d) / (2 * LINE_DAYS * LINE_DAYS));
        s0 += w[u];
        s1 += w[u] * d;
        s2 += w[u] * d * d;
    }
    /* s0 >= 1, since the nearest date weighs 1; by Cauchy and Schwarz the divisor is positive. */
    s2 += LINE_RIDGE * s0 * LINE_DAYS * LINE_DAYS;
    for (int u = 0; u < m->dates; u++)
        if (w[u] > 0)
            w[u] *= (s2 - s1 * (m->days[u] - m->days[t])) / (s0 * s2 - s1 * s1);
}

/* Best linear unbiased prediction of date t: covariances top - slope * days between two dates, plus each date's noise
 * on the diagonal. Lagrange's condition that weights sum to 1 makes the result independent of `top`. */
static void kriging_weights(const clv_date_blend *m, int t, double *w)
{
    const int n_most = m->dates;
    double *k = m->scratch, *right = k + (size_t)n_most * (size_t)n_most; /* right [2, dates] */
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
        k[(size_t)i * (size_t)n + (size_t)i] += m->noise[u] + KRIGING_RIDGE * top;
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

/* w [CLV_DATE_BLEND_WAYS, dates] */
static bool all_weights(const clv_date_blend *m, int t, double *w)
{
    int others = 0;
    for (int u = 0; u < m->dates; u++)
        others += takes_part(m, u, t);
    if (!others)
        return false;
    linear_weights(m, t, w);
    line_weights(m, t, w + m->dates);
    kriging_weights(m, t, w + 2 * m->dates);
    return true;
}

bool clv_date_blend_weights(const clv_date_blend *m, int t, double *weights)
{
    double *w = m->scratch + kriging_scratch_count(m->dates);
    if (!all_weights(m, t, w))
        return false;
    for (int u = 0; u < m->dates; u++) {
        weights[u] = 0;
        for (int k = 0; k < CLV_DATE_BLEND_WAYS; k++)
            weights[u] += m->share[k] * w[k * m->dates + u];
    }
    return true;
}

/* ---- Learning ---------------------------------------------------------------------------------- */

/* half [dates, dates]: half the mean squared difference of two usable dates over the lattice, each band's divided by
 * its mean over all pairs, averaged over the bands. */
static void compare_dates(const clv_date_blend *m, const clv_field *f, int step, double *half, double *band)
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
static void fit_variances(clv_date_blend *m, const double *half, double *gram, double *right)
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

/* Leaves date t out, and adds the mean products of the errors of the three predictions, relative to the squared error
 * of linear interpolation. False when the date observes too little. */
static bool leave_out(const clv_field *f, int t, const double *w, int step, double sums[WAYS][WAYS])
{
    double products[WAYS][WAYS] = {{0}};
    int seen = 0, looked = 0;
    for (int y = step / 2; y < f->height; y += step)
        for (int x = step / 2; x < f->width; x += step) {
            int p = y * f->width + x;
            looked++;
            if (f->gap[(size_t)t * f->n + p])
                continue;
            seen++;
            for (int c = 0; c < f->bands; c++) {
                double error[WAYS];
                for (int k = 0; k < WAYS; k++)
                    error[k] = -clv_field_plane(f, t, c)[p];
                for (int u = 0; u < f->dates; u++)
                    for (int k = 0; k < WAYS; k++)
                        error[k] += w[k * f->dates + u] * clv_field_plane(f, u, c)[p];
                for (int k = 0; k < WAYS; k++)
                    for (int l = 0; l < WAYS; l++)
                        products[k][l] += error[k] * error[l];
            }
        }
    if (seen < LEAST_OBSERVED * looked || !seen || products[0][0] < NOTHING)
        return false;
    for (int k = 0; k < WAYS; k++)
        for (int l = 0; l < WAYS; l++)
            sums[k][l] += products[k][l] / products[0][0];
    return true;
}

static double error_of(double sums[WAYS][WAYS], const double *share)
{
    double sum = 0;
    for (int k = 0; k < WAYS; k++)
        for (int l = 0; l < WAYS; l++)
            sum += share[k] * share[l] * sums[k][l];
    return sum;
}

static void find_shares(clv_date_blend *m, const clv_field *f, int step, double *w)
{
    double sums[WAYS][WAYS] = {{0}}, best[WAYS] = {1, 0, 0}, least;
    for (int t = 0; t < f->dates; t++)
        if (m->usable[t] && all_weights(m, t, w))
            leave_out(f, t, w, step, sums);
    if (sums[0][0] <= 0)
        return;
    least = sums[0][0];
    for (int a = 0; a <= STEPS; a++)
        for (int b = 0; a + b <= STEPS; b++) {
            const double share[WAYS] = {(double)(STEPS - a - b) / STEPS, (double)a / STEPS, (double)b / STEPS};
            const double error = error_of(sums, share);
            if (error < least) {
                least = error;
                memcpy(best, share, sizeof best);
            }
        }
    const double explained = 1 - least / sums[0][0], trust = explained / (explained + DOUBT);
    for (int k = 0; k < WAYS; k++)
        m->share[k] = trust * best[k] + (1 - trust) * (k == 0);
}

void clv_date_blend_learn(clv_date_blend *m, const clv_field *f, const uint8_t *usable, double *memory)
{
    const size_t dates = (size_t)f->dates, square = dates * dates;
    const int lattice = (int)sqrt((double)f->n / LATTICE), step = lattice > 1 ? lattice : 1;
    int many = 0;
    *m = (clv_date_blend){
        .dates = f->dates, .days = f->days, .usable = usable, .noise = memory, .scratch = memory + dates, .share = {1}};
    memset(m->noise, 0, dates * sizeof *m->noise);
    for (int t = 0; t < f->dates; t++)
        many += usable[t] != 0;
    if (many < 3) /* predictions from a single date are all the same */
        return;
    double *half = m->scratch, *band = half + square;
    compare_dates(m, f, step, half, band);
    double *gram = band, *right = gram + (dates + 1) * (dates + 1);
    fit_variances(m, half, gram, right);
    find_shares(m, f, step, m->scratch + kriging_scratch_count(f->dates));
}

void clv_date_blend_block(const clv_field *f, const double *weights, const int *pixels, float *out)
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

bool clv_gapfill_choose_start(clv_gapfill_start *start, int t)
{
    start->blended = start->blend.dates > 0 && clv_date_blend_weights(&start->blend, t, start->weights);
    return start->blended;
}
