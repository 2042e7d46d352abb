/* SPDX-License-Identifier: MIT */
#include "gapfill/gmm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/lapack.h"

#define CHUNK CLV_GMM_CHUNK
#define LEAST_VARIANCE 1e-14 /* reflectance squared, */
#define LEAST_SHARE 1e-12    /* and share of the largest variance: added to every diagonal */
#define KMEANS_ROUNDS 10

static const double one = 1;

/* ---- BLAS -----------------------------------------------------------------------------------------
 *
 * OpenBLAS starts threads of its own for larger problems, and divides these by the number of threads. Calls stay below
 * that size, so that results do not depend on the number of threads, and no other threads than the caller's run. */

#define MOST_SOLVED 1023       /* elements of the right sides of dtrsm */
#define MOST_MULTIPLIED 262144 /* products in a dgemm */
_Static_assert(CLV_GMM_DATES * 4 < 100, "dsyrk starts threads from 100 rows on");

static int columns_of(int limit, int rows)
{
    return rows < limit ? limit / rows : 1;
}

/* b [s, n] becomes inverse(root) b, or inverse(root') b. root is lower triangular. */
static void solve(const double *root, bool transposed, int s, double *b, int n)
{
    const int most = columns_of(MOST_SOLVED, s);
    for (int i = 0; i < n; i += most) {
        const int columns = n - i < most ? n - i : most;
        dtrsm_("L", "L", transposed ? "T" : "N", "N", &s, &columns, &one, root, &s, b + (size_t)i * s, &s, 1, 1, 1, 1);
    }
}

/* c [m, n] = alpha a' b + beta c, with a [k, m], b [k, n]. */
static void multiply(int m, int n, int k, double alpha, const double *a, const double *b, double beta, double *c)
{
    const int most = columns_of(MOST_MULTIPLIED, m * k);
    for (int i = 0; i < n; i += most) {
        const int columns = n - i < most ? n - i : most;
        dgemm_("T", "N", &m, &columns, &k, &alpha, a, &k, b + (size_t)i * k, &k, &beta, c + (size_t)i * m, &m, 1, 1);
    }
}

void clv_gmm_free(clv_gmm *g)
{
    clv_buffer *all[] = {&g->store, &g->given_store, &g->matrices, &g->lists, &g->scratch, &g->sums, &g->order};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        clv_buffer_free(all[i]);
}

static bool hold(clv_gmm *g)
{
    const size_t d = (size_t)g->dims, k = (size_t)g->components, chunk = d * CHUNK,
                 kinds = k * (2 * (size_t)g->bands + 1);
    const size_t square = d * d > kinds ? d * d : kinds;
    g->share = clv_buffer_hold(&g->store, k, 1 + d + d * d, sizeof *g->share);
    g->seen = clv_buffer_hold(&g->lists, d, 2, sizeof *g->seen);
    g->given = clv_buffer_hold(&g->given_store, k, sizeof *g->given, 1);
    double *m = clv_buffer_hold(&g->matrices, k, 4 * d * d + d, sizeof *m);
    g->cross = clv_buffer_hold(&g->scratch, square + (2 + k) * chunk + k * CHUNK, 1, sizeof *g->cross);
    if (!g->share || !g->seen || !g->given || !m || !g->cross)
        return false;
    g->mean = g->share + k;
    g->cov = g->mean + k * d;
    g->unobserved = g->seen + d;
    for (size_t c = 0; c < k; c++, m += 4 * d * d + d)
        g->given[c] = (clv_given){m, m + d * d, m + 2 * d * d, m + 3 * d * d, m + 4 * d * d, 0};
    g->centred = g->cross + square;
    g->half = g->centred + chunk;
    g->offset = g->half + chunk;
    g->likelihood = g->offset + k * chunk;
    return true;
}

static double *offset_of(const clv_gmm *g, int k)
{
    return g->offset + (size_t)k * g->dims * CHUNK;
}

/* ---- Conditional distributions, given the seen dates --------------------------------------------- */

static void list_dims(clv_gmm *g, uint64_t pattern)
{
    g->seen_dims = g->unobserved_dims = 0;
    for (int i = 0; i < g->dims; i++)
        if (pattern >> (i / g->bands) & 1)
            g->seen[g->seen_dims++] = i;
        else
            g->unobserved[g->unobserved_dims++] = i;
}

/* Cholesky factor of the seen values' covariance, whose diagonal is increased until the factor exists. */
static void factorise(const clv_gmm *g, const double *cov, double *root)
{
    const int s = g->seen_dims, d = g->dims;
    double scale = 0;
    for (int i = 0; i < s; i++)
        scale = fmax(scale, cov[(size_t)g->seen[i] * d + g->seen[i]]);
    /* NOLINTNEXTLINE(cert-flp30-c): few steps, each a hundredfold */
    for (double more = LEAST_SHARE * scale + LEAST_VARIANCE; isfinite(more); more *= 100) {
        for (int j = 0; j < s; j++) {
            for (int i = 0; i < s; i++)
                root[(size_t)j * s + i] = cov[(size_t)g->seen[j] * d + g->seen[i]];
            root[(size_t)j * s + j] += more;
        }
        int info = 0;
        dpotf2_("L", &s, root, &s, &info, 1);
        if (info == 0)
            return;
    }
}

/* A component's regression of the unobserved values on the seen ones, and their conditional covariance. */
static void condition(clv_gmm *g, int k)
{
    const int s = g->seen_dims, h = g->unobserved_dims, d = g->dims;
    const double *cov = g->cov + (size_t)k * d * d;
    clv_given *o = &g->given[k];
    o->constant = log(g->share[k] + 1e-9);
    for (int j = 0; j < h; j++)
        for (int i = 0; i < h; i++)
            o->rest[(size_t)j * h + i] = cov[(size_t)g->unobserved[j] * d + g->unobserved[i]];
    if (s == 0)
        return;
    factorise(g, cov, o->root);
    for (int i = 0; i < s; i++)
        o->constant -= log(o->root[(size_t)i * s + i]);
    if (h == 0)
        return;
    for (int j = 0; j < h; j++)
        for (int i = 0; i < s; i++)
            g->cross[(size_t)j * s + i] = cov[(size_t)g->unobserved[j] * d + g->seen[i]];
    memcpy(o->slope, g->cross, (size_t)s * h * sizeof *o->slope);
    solve(o->root, false, s, o->slope, h);
    solve(o->root, true, s, o->slope, h);
    multiply(h, h, s, -1, g->cross, o->slope, 1, o->rest);
}

/* Expectation step of component k for up to CHUNK pixels: seen values less the mean in `centred`, all values less the
 * mean in offset_of(k), with the expected ones where they are unobserved; log likelihoods. */
static void expect(const clv_gmm *g, int k, const double *values, int count)
{
    const int s = g->seen_dims, h = g->unobserved_dims, d = g->dims;
    const double *mean = g->mean + (size_t)k * d;
    const clv_given *o = &g->given[k];
    double *offset = offset_of(g, k), *likelihood = g->likelihood + (size_t)k * CHUNK;
    for (int p = 0; p < count; p++)
        for (int i = 0; i < s; i++) {
            const double v = values[(size_t)p * d + g->seen[i]] - mean[g->seen[i]];
            g->centred[(size_t)p * s + i] = v;
            offset[(size_t)p * d + g->seen[i]] = v;
        }
    for (int p = 0; p < count; p++)
        likelihood[p] = o->constant;
    if (h && s) {
        multiply(h, count, s, 1, o->slope, g->centred, 0, g->half);
        for (int p = 0; p < count; p++)
            for (int i = 0; i < h; i++)
                offset[(size_t)p * d + g->unobserved[i]] = g->half[(size_t)p * h + i];
    } else {
        for (int p = 0; p < count; p++)
            for (int i = 0; i < h; i++)
                offset[(size_t)p * d + g->unobserved[i]] = 0;
    }
    if (g->components == 1 || s == 0)
        return;
    memcpy(g->half, g->centred, (size_t)s * count * sizeof *g->half);
    solve(o->root, false, s, g->half, count);
    for (int p = 0; p < count; p++)
        for (int i = 0; i < s; i++)
            likelihood[p] -= 0.5 * g->half[(size_t)p * s + i] * g->half[(size_t)p * s + i];
}

/* Turns log likelihoods into probabilities of the components. */
static void decide(const clv_gmm *g, int count)
{
    for (int p = 0; p < count; p++) {
        double most = -INFINITY, sum = 0;
        for (int k = 0; k < g->components; k++)
            most = fmax(most, g->likelihood[(size_t)k * CHUNK + p]);
        for (int k = 0; k < g->components; k++)
            sum += g->likelihood[(size_t)k * CHUNK + p] = exp(g->likelihood[(size_t)k * CHUNK + p] - most);
        for (int k = 0; k < g->components; k++)
            g->likelihood[(size_t)k * CHUNK + p] /= sum;
    }
}

/* ---- Fitting ----------------------------------------------------------------------------------- */

/* Sums over the pixels, for each component. */
typedef struct sums {
    double *weight;         /* [components] */
    double *first;          /* [components, dims] */
    double *second;         /* [components, dims, dims]; the lower triangle, stored by columns */
    double *pooled, *start; /* [dims, dims] */
    double *values;         /* [count, dims] sorted by pattern */
    uint64_t *seen;         /* [count] */
} sums;

static bool hold_sums(clv_gmm *g, int count, sums *s)
{
    const size_t d = (size_t)g->dims, k = (size_t)g->components;
    s->weight = clv_buffer_hold(&g->sums, k * (1 + d + d * d) + 2 * d * d + (size_t)count * (d + 1), 1, sizeof(double));
    if (!s->weight)
        return false;
    s->first = s->weight + k;
    s->second = s->first + k * d;
    s->pooled = s->second + k * d * d;
    s->start = s->pooled + d * d;
    s->values = s->start + d * d;
    s->seen = (uint64_t *)(s->values + (size_t)count * d);
    return true;
}

static int by_pattern(const void *a, const void *b)
{
    const clv_seen_pixel *x = a, *y = b;
    return x->seen != y->seen ? (x->seen > y->seen ? 1 : -1) : x->pixel - y->pixel;
}

void clv_sort_by_pattern(clv_seen_pixel *pixels, int count)
{
    qsort(pixels, (size_t)count, sizeof *pixels, by_pattern);
}

static bool sort_by_pattern(clv_gmm *g, int count, const double *values, const uint64_t *seen, sums *s)
{
    clv_seen_pixel *order = clv_buffer_hold(&g->order, (size_t)count, 1, sizeof *order);
    if (!order)
        return false;
    for (int i = 0; i < count; i++)
        order[i] = (clv_seen_pixel){seen[i], i};
    clv_sort_by_pattern(order, count);
    for (int i = 0; i < count; i++) {
        s->seen[i] = order[i].seen;
        memcpy(s->values + (size_t)i * g->dims, values + (size_t)order[i].pixel * g->dims,
               (size_t)g->dims * sizeof *values);
    }
    return true;
}

static void clear_sums(const clv_gmm *g, sums *s)
{
    const size_t d = (size_t)g->dims;
    memset(s->weight, 0, (size_t)g->components * (1 + d + d * d) * sizeof *s->weight);
}

/* Adds pixels at `offset` from component k's mean, with these weights. Overwrites offset. */
static void add_pixels(const clv_gmm *g, int k, double *offset, const double *weight, int count, sums *s)
{
    const int d = g->dims;
    double *first = s->first + (size_t)k * d, *second = s->second + (size_t)k * d * d;
    for (int p = 0; p < count; p++) {
        const double root = sqrt(weight[p]);
        s->weight[k] += weight[p];
        for (int i = 0; i < d; i++) {
            first[i] += weight[p] * offset[(size_t)p * d + i];
            offset[(size_t)p * d + i] *= root;
        }
    }
    dsyrk_("L", "N", &d, &count, &one, offset, &d, &one, second, &d, 1, 1);
}

/* New means and covariances from the sums. */
static void maximise(clv_gmm *g, const clv_gmm_options *o, int count, bool initial, sums *s)
{
    const int d = g->dims;
    const size_t dd = (size_t)d * d;
    memset(s->pooled, 0, dd * sizeof *s->pooled);
    for (int k = 0; k < g->components; k++) {
        double *second = s->second + k * dd, *mean = g->mean + (size_t)k * d;
        const double *first = s->first + (size_t)k * d, weight = s->weight[k] + 1e-9;
        for (int j = 0; j < d; j++) {
            for (int i = j; i < d; i++) {
                const double v = second[(size_t)j * d + i] - first[i] * first[j] / weight;
                second[(size_t)j * d + i] = second[(size_t)i * d + j] = v;
            }
            mean[j] += first[j] / weight;
        }
        for (size_t i = 0; i < dd; i++)
            s->pooled[i] += second[i];
        g->share[k] = s->weight[k] / count;
    }
    const double before = initial ? 0 : o->first;
    for (size_t i = 0; i < dd; i++) {
        s->pooled[i] = (s->pooled[i] + before * s->start[i]) / (count + before);
        if (initial)
            s->start[i] = s->pooled[i];
    }
    for (int k = 0; k < g->components; k++) {
        double *cov = g->cov + k * dd;
        const double pooled = o->pooled > 1e-6 ? o->pooled : 1e-6; /* a component may be empty */
        for (size_t i = 0; i < dd; i++)
            cov[i] = (s->second[k * dd + i] + pooled * s->pooled[i]) / (s->weight[k] + pooled);
        for (int i = 0; i < d; i++)
            cov[(size_t)i * d + i] += o->noise;
    }
}

/* Splits the pixels by k-means of their mean over time, bands scaled to unit variance; the first centres lie along the
 * band with the largest variance. kind [count] */
static void split(const clv_gmm *g, int count, const double *values, int *kind, double *mean_values)
{
    const int b = g->bands, k = g->components;
    double middle[CLV_GMM_BANDS] = {0}, square[CLV_GMM_BANDS] = {0};
    for (int i = 0; i < count; i++)
        for (int c = 0; c < b; c++) {
            double v = 0;
            for (int t = 0; t < g->dates; t++)
                v += values[(size_t)i * g->dims + t * b + c] / g->dates;
            mean_values[(size_t)i * b + c] = v;
            middle[c] += v / count;
        }
    for (int i = 0; i < count; i++)
        for (int c = 0; c < b; c++) {
            const double v = mean_values[(size_t)i * b + c] -= middle[c];
            square[c] += v * v / count;
        }
    int widest = 0;
    for (int c = 1; c < b; c++)
        widest = square[c] > square[widest] ? c : widest;
    for (int i = 0; i < count; i++)
        for (int c = 0; c < b; c++)
            mean_values[(size_t)i * b + c] /= sqrt(square[c] + LEAST_VARIANCE);
    double *centre = g->cross, *sum = centre + (size_t)k * b, *size = sum + (size_t)k * b;
    memset(centre, 0, (size_t)k * b * sizeof *centre);
    for (int a = 0; a < k; a++)
        centre[a * b + widest] = 2.0 * (a + 0.5) / k - 1;
    for (int round = 0; round < KMEANS_ROUNDS; round++) {
        memset(sum, 0, (size_t)k * (b + 1) * sizeof *sum);
        for (int i = 0; i < count; i++) {
            double least = INFINITY;
            for (int a = 0; a < k; a++) {
                double distance = 0;
                for (int c = 0; c < b; c++) {
                    const double v = mean_values[(size_t)i * b + c] - centre[a * b + c];
                    distance += v * v;
                }
                if (distance < least) {
                    least = distance;
                    kind[i] = a;
                }
            }
            size[kind[i]]++;
            for (int c = 0; c < b; c++)
                sum[kind[i] * b + c] += mean_values[(size_t)i * b + c];
        }
        for (int a = 0; a < k; a++)
            for (int c = 0; c < b && size[a] > 0; c++)
                centre[a * b + c] = sum[a * b + c] / size[a];
    }
}

/* The first means and covariances, from all values, the initial ones of unobserved dates included. */
static bool begin(clv_gmm *g, const clv_gmm_options *o, int count, sums *s)
{
    const int d = g->dims;
    int *kind = clv_buffer_hold(&g->order, (size_t)count + 1, sizeof *kind + (size_t)g->bands * sizeof(double), 1);
    if (!kind)
        return false;
    double *scratch = (double *)(void *)(kind + (count + count % 2));
    split(g, count, s->values, kind, scratch);
    clear_sums(g, s);
    for (int i = 0; i < d; i++) { /* all start from the common mean: a component may stay empty */
        double sum = 0;
        for (int p = 0; p < count; p++)
            sum += s->values[(size_t)p * d + i];
        for (int k = 0; k < g->components; k++)
            g->mean[(size_t)k * d + i] = sum / count;
    }
    for (int k = 0; k < g->components; k++)
        for (int i = 0; i < count;) {
            double weight[CHUNK];
            int m = 0;
            for (; i < count && m < CHUNK; i++)
                if (kind[i] == k) {
                    for (int c = 0; c < d; c++)
                        g->offset[(size_t)m * d + c] = s->values[(size_t)i * d + c] - g->mean[(size_t)k * d + c];
                    weight[m++] = 1;
                }
            if (m)
                add_pixels(g, k, g->offset, weight, m, s);
        }
    maximise(g, o, count, true, s);
    return true;
}

static void add_pattern(clv_gmm *g, const double *values, int count, sums *s)
{
    const int h = g->unobserved_dims, d = g->dims;
    double weight_of[CLV_GMM_COMPONENTS] = {0};
    for (int k = 0; k < g->components; k++)
        condition(g, k);
    for (int i = 0; i < count; i += CHUNK) {
        const int m = count - i < CHUNK ? count - i : CHUNK;
        for (int k = 0; k < g->components; k++)
            expect(g, k, values + (size_t)i * d, m);
        decide(g, m);
        for (int k = 0; k < g->components; k++) {
            const double *weight = g->likelihood + (size_t)k * CHUNK;
            for (int p = 0; p < m; p++)
                weight_of[k] += weight[p];
            add_pixels(g, k, offset_of(g, k), weight, m, s);
        }
    }
    for (int k = 0; k < g->components; k++) {
        double *second = s->second + (size_t)k * d * d;
        for (int j = 0; j < h; j++)
            for (int i = j; i < h; i++)
                second[(size_t)g->unobserved[j] * d + g->unobserved[i]] +=
                    weight_of[k] * g->given[k].rest[(size_t)j * h + i];
    }
}

bool clv_gmm_fit(clv_gmm *g, const clv_gmm_options *options, int dates, int bands, int count, const double *values,
                 const uint64_t *seen)
{
    g->dates = dates;
    g->bands = bands;
    g->dims = dates * bands;
    g->components = options->components;
    sums s;
    if (!hold(g) || !hold_sums(g, count, &s) || !sort_by_pattern(g, count, values, seen, &s) ||
        !begin(g, options, count, &s))
        return false;
    for (int round = 0; round < options->rounds; round++) {
        clear_sums(g, &s);
        for (int i = 0, end; i < count; i = end) {
            for (end = i + 1; end < count && s.seen[end] == s.seen[i];)
                end++;
            list_dims(g, s.seen[i]);
            add_pattern(g, s.values + (size_t)i * g->dims, end - i, &s);
        }
        maximise(g, options, count, false, &s);
    }
    return true;
}

/* ---- Predictions ------------------------------------------------------------------------------- */

/* For each seen date given the other seen ones: with P the inverse of the seen values' covariance, the residuals of the
 * date's values are inverse(P_tt) times their rows of P times all seen values (and their variance is the diagonal of
 * inverse(P_tt)). Stores inverse(P_tt) times those rows of P in `inverse`. */
static void condition_on_others(clv_gmm *g, int k)
{
    const int s = g->seen_dims, b = g->bands;
    clv_given *o = &g->given[k];
    int info = 0;
    double *p = g->cross;
    memset(p, 0, (size_t)s * s * sizeof *p);
    for (int i = 0; i < s; i++)
        p[(size_t)i * s + i] = 1;
    solve(o->root, false, s, p, s);
    solve(o->root, true, s, p, s);
    for (int first = 0; first < s; first += b) {
        double block[CLV_GMM_BANDS * CLV_GMM_BANDS], unit[CLV_GMM_BANDS * CLV_GMM_BANDS] = {0};
        for (int j = 0; j < b; j++) {
            for (int i = 0; i < b; i++)
                block[j * b + i] = p[(size_t)(first + j) * s + first + i];
            unit[j * b + j] = 1;
        }
        dpotf2_("L", &b, block, &b, &info, 1);
        dpotrs_("L", &b, &b, block, &b, unit, &b, &info, 1);
        for (int i = 0; i < b; i++)
            o->spread[g->seen[first + i]] = unit[i * b + i];
        /* rows first .. first + b of P, as columns of the symmetric matrix: P[:, rows] * inverse(P_tt) */
        for (int j = 0; j < b; j++)
            for (int i = 0; i < s; i++) {
                double sum = 0;
                for (int c = 0; c < b; c++)
                    sum += p[(size_t)(first + c) * s + i] * unit[j * b + c];
                o->inverse[(size_t)(first + j) * s + i] = sum;
            }
    }
}

void clv_gmm_set(clv_gmm *g, uint64_t pattern, bool others)
{
    list_dims(g, pattern);
    for (int k = 0; k < g->components; k++) {
        condition(g, k);
        for (int i = 0; i < g->unobserved_dims; i++)
            g->given[k].spread[g->unobserved[i]] = g->given[k].rest[(size_t)i * g->unobserved_dims + i];
        if (others && g->seen_dims)
            condition_on_others(g, k);
    }
}

/* Component k's part of pixel p's mean and mean square. predicted, square [dims]; square may be NULL */
static void add_prediction(const clv_gmm *g, int k, int p, double *predicted, double *square)
{
    const double *offset = offset_of(g, k) + (size_t)p * g->dims, *mean = g->mean + (size_t)k * g->dims;
    const double weight = g->likelihood[(size_t)k * CHUNK + p];
    for (int i = 0; i < g->dims; i++)
        predicted[i] += weight * (mean[i] + offset[i]);
    for (int i = 0; i < g->dims && square; i++)
        square[i] += weight * (g->given[k].spread[i] + (mean[i] + offset[i]) * (mean[i] + offset[i]));
}

void clv_gmm_predict(const clv_gmm *g, const double *values, bool others, double *predicted, double *variance)
{
    const int s = g->seen_dims, d = g->dims, count = CHUNK;
    for (int k = 0; k < g->components; k++) {
        double *offset = offset_of(g, k);
        expect(g, k, values, count);
        if (!others || !s)
            continue;
        multiply(s, count, s, 1, g->given[k].inverse, g->centred, 0, g->half);
        for (int p = 0; p < count; p++)
            for (int i = 0; i < s; i++)
                offset[(size_t)p * d + g->seen[i]] -= g->half[(size_t)p * s + i];
    }
    decide(g, count);
    memset(predicted, 0, (size_t)count * d * sizeof *predicted);
    if (variance)
        memset(variance, 0, (size_t)count * d * sizeof *variance);
    for (int k = 0; k < g->components; k++)
        for (int p = 0; p < count; p++)
            add_prediction(g, k, p, predicted + (size_t)p * d, variance ? variance + (size_t)p * d : NULL);
    for (int i = 0; i < count * d && variance; i++)
        variance[i] = fmax(variance[i] - predicted[i] * predicted[i], 0);
}
