/* SPDX-License-Identifier: MIT */
#include "image/time_review.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_dispatch.h"
#include "image/vote.h"

#define NEAREST 24           /* dates compared with */
#define REACH 3              /* structure is compared over 7 x 7 pixels */
#define TOLERANCE 0.02f      /* reflectance: haze, sun and view of clear days */
#define TOLERANCE_PART 0.08f /* of the value itself */
#define SPEAKING 2           /* bands that differ at all */
#define LIKE 0.75f           /* correlation of structures that are one */
#define MUCH_LIKE 0.85f
#define SOMEWHAT_LIKE 0.6f
#define DARKER 0.015f   /* reflectance, mean of red, green and blue: the haze's own light */
#define CONTRAST 0.03f  /* standard deviation of a strong structure */
#define NOISE 1e-8f     /* product of two variances (0.01 each) that says nothing */
#define BETWEEN_DAYS 45 /* longer apart, a whole season lies between two dates */
#define STABLE 0.6
#define OFTEN 0.1
#define VOTE 2 /* 5 x 5 pixels */

/* What the other dates say of one pixel: numbers of dates. */
typedef struct counts {
    uint8_t valid;      /* dates that show it */
    uint8_t seen;       /* same values, not flagged */
    uint8_t seen_alike; /* ... and structure */
    uint8_t same;       /* same values, flagged or not */
    uint8_t same_alike; /* ... and structure */
    uint8_t same_much;  /* ... and much the same structure */
    uint8_t marked;     /* strong structure, flagged */
    uint8_t darker;     /* the same structure darker, not flagged */
    int before, after;  /* nearest dates that show the ground, counted from 1; 0: none */
} counts;

typedef struct bounds {
    int x0, y0, x1, y1; /* [x0, x1), [y0, y1) */
} bounds;

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static bounds grown(bounds b, int by, int width, int height)
{
    return (bounds){clamp(b.x0 - by, 0, width), clamp(b.y0 - by, 0, height), clamp(b.x1 + by, 0, width),
                    clamp(b.y1 + by, 0, height)};
}

/* Pixels of a date that are flagged; false: none. */
static bool flagged_bounds(const uint8_t *flagged, int width, int height, bounds *out)
{
    *out = (bounds){width, height, 0, 0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (flagged[y * width + x]) {
                out->x0 = x < out->x0 ? x : out->x0;
                out->x1 = x >= out->x1 ? x + 1 : out->x1;
                out->y0 = y < out->y0 ? y : out->y0;
                out->y1 = y + 1;
            }
    return out->x1 > 0;
}

/* Difference of each pixel to the mean of the 3 x 3 around it; 0 at the borders and where one of the nine is missing,
 * since the edge of a swath is no structure of the ground. */
CLV_CPU_DISPATCH static void find_structure(const clv_time_review *r, int t, float *structure)
{
    const int w = r->width, h = r->height, n = w * h;
    const uint8_t *missing = r->missing + (size_t)t * (size_t)n;
    memset(structure, 0, (size_t)r->bands * (size_t)n * sizeof *structure);
    for (int b = 0; b < r->bands; b++) {
        const float *v = r->x + ((size_t)t * (size_t)r->bands + (size_t)b) * (size_t)n;
        float *out = structure + (size_t)b * (size_t)n;
        for (int y = 1; y < h - 1; y++) {
            const float *up = v + (y - 1) * w, *here = v + y * w, *down = v + (y + 1) * w;
            const uint8_t *m0 = missing + (y - 1) * w, *m1 = missing + y * w, *m2 = missing + (y + 1) * w;
            for (int x = 1; x < w - 1; x++) {
                const float sum = up[x - 1] + up[x] + up[x + 1] + here[x - 1] + here[x] + here[x + 1] + down[x - 1] +
                                  down[x] + down[x + 1];
                const int hidden =
                    m0[x - 1] | m0[x] | m0[x + 1] | m1[x - 1] | m1[x] | m1[x + 1] | m2[x - 1] | m2[x] | m2[x + 1];
                out[y * w + x] = hidden ? 0 : here[x] - sum / 9;
            }
        }
    }
}

/* Sums over the up to 7 pixels of the row around each of [x0, x1). */
static void add_ends(const float *products, bounds wide, int x0, int x1, float *sums)
{
    for (int x = x0; x < x1; x++) {
        const int from = x - REACH > wide.x0 ? x - REACH : wide.x0;
        const int to = x + REACH < wide.x1 - 1 ? x + REACH : wide.x1 - 1;
        sums[x] = 0;
        for (int k = from; k <= to; k++)
            sums[x] += products[k];
    }
}

/* out = mean over 7 x 7 pixels and the bands of a * b, within the bounds. row [height, width]: work space. */
CLV_CPU_DISPATCH static void mean_product(const clv_time_review *r, const float *a, const float *b, bounds area,
                                          float *row, float *out)
{
    const int w = r->width, n = w * r->height;
    const bounds wide = grown(area, REACH, w, r->height);
    for (int y = wide.y0; y < wide.y1; y++) {
        float *restrict products = out + y * w;
        for (int x = wide.x0; x < wide.x1; x++)
            products[x] = 0;
        for (int c = 0; c < r->bands; c++) {
            const float *restrict p = a + c * n + y * w, *restrict q = b + c * n + y * w;
            for (int x = wide.x0; x < wide.x1; x++)
                products[x] += p[x] * q[x];
        }
        /* Where all seven are there without looking for ends: most of the row. */
        const int first = clamp(wide.x0 + REACH, area.x0, area.x1), last = clamp(wide.x1 - REACH, first, area.x1);
        float *restrict sums = row + y * w;
        add_ends(products, wide, area.x0, first, sums);
        for (int x = first; x < last; x++) {
            const float *p = products + x;
            sums[x] = p[-3] + p[-2] + p[-1] + p[0] + p[1] + p[2] + p[3];
        }
        add_ends(products, wide, last, area.x1, sums);
    }
    const float scale = 1.0f / (float)((2 * REACH + 1) * (2 * REACH + 1) * r->bands);
    for (int y = area.y0; y < area.y1; y++) {
        const int from = y - REACH > wide.y0 ? y - REACH : wide.y0;
        const int to = y + REACH < wide.y1 - 1 ? y + REACH : wide.y1 - 1;
        float *restrict to_row = out + y * w;
        for (int x = area.x0; x < area.x1; x++)
            to_row[x] = 0;
        for (int k = from; k <= to; k++)
            for (int x = area.x0; x < area.x1; x++)
                to_row[x] += row[k * w + x] * scale;
    }
}

static bool one_day(const clv_time_review *r, int t, int u)
{
    return fabs(r->days[t] - r->days[u]) < 0.5;
}

/* The dates nearest to t in their order. Returns their number. */
static int nearest_dates(const clv_time_review *r, int t, int *list)
{
    int count = 0;
    for (int before = t - 1, after = t + 1; count < NEAREST && (before >= 0 || after < r->dates);) {
        const bool back =
            after >= r->dates || (before >= 0 && r->days[t] - r->days[before] <= r->days[after] - r->days[t]);
        const int u = back ? before-- : after++;
        if (!one_day(r, t, u))
            list[count++] = u;
    }
    return count;
}

/* Adds what date u says of the flagged pixels of date t. product: mean product of their structures. cloudy: where dates
 * do not show the ground. */
static void compare(const clv_time_review *r, int t, int u, bounds area, const float *spread, const float *product,
                    const uint8_t *flagged, const uint8_t *cloudy, counts *count)
{
    const int w = r->width, n = w * r->height, bands = r->bands;
    const float *a = r->x + (size_t)t * (size_t)bands * (size_t)n, *b = r->x + (size_t)u * (size_t)bands * (size_t)n;
    const float *spread_t = spread + (size_t)t * (size_t)n, *spread_u = spread + (size_t)u * (size_t)n;
    const uint8_t *flag_t = flagged + (size_t)t * (size_t)n, *cloud_u = cloudy + (size_t)u * (size_t)n;
    const uint8_t *missing = r->missing + (size_t)u * (size_t)n;
    for (int y = area.y0; y < area.y1; y++)
        for (int i = y * w + area.x0; i < y * w + area.x1; i++) {
            if (!flag_t[i] || missing[i])
                continue;
            int speaking = 0;
            bool same = true;
            for (int c = 0; c < bands; c++) {
                const float d = fabsf(a[c * n + i] - b[c * n + i]);
                speaking += d > 0;
                same = same && d <= TOLERANCE + TOLERANCE_PART * fabsf(a[c * n + i]);
            }
            if (speaking < SPEAKING)
                continue;
            counts *k = &count[i];
            const bool clear = !cloud_u[i];
            const float likeness = product[i] / sqrtf(spread_t[i] * spread_u[i] + NOISE);
            const bool strong = fminf(spread_t[i], spread_u[i]) > CONTRAST * CONTRAST;
            k->valid++;
            if (clear && u < t && !k->before)
                k->before = u + 1;
            if (clear && u > t && !k->after)
                k->after = u + 1;
            k->seen += same && clear;
            k->seen_alike += same && clear && likeness > LIKE;
            k->same += same;
            k->same_alike += same && likeness > LIKE;
            k->same_much += same && likeness > MUCH_LIKE;
            k->marked += !clear && strong && likeness > MUCH_LIKE;
            if (clear && !same && likeness > SOMEWHAT_LIKE) {
                const float brighter = a[i] - b[i] + a[n + i] - b[n + i] + a[2 * n + i] - b[2 * n + i];
                k->darker += brighter > 3 * DARKER;
            }
        }
}

static bool is_ground(const counts *k)
{
    const bool seen = k->seen_alike >= 1 || k->seen >= 2;
    const bool stable = k->same >= 2 && k->same > STABLE * k->valid;
    const bool structured =
        !k->darker && (k->same_much >= 1 || (k->same_alike >= 2 && k->same_alike > OFTEN * k->valid));
    return seen || stable || structured || k->marked >= 1;
}

/* Whether date t lies between the nearest dates that show the pixel, in every band: ground that changes as they do. */
static bool lies_between(const clv_time_review *r, int t, int i, const counts *k)
{
    if (!r->cloudy || !k->before || !k->after || r->days[k->after - 1] - r->days[k->before - 1] > BETWEEN_DAYS)
        return false;
    const int n = r->width * r->height, size = r->bands * n;
    const float *x = r->x + (size_t)t * (size_t)size, *a = r->x + (size_t)(k->before - 1) * (size_t)size,
                *b = r->x + (size_t)(k->after - 1) * (size_t)size;
    bool between = true;
    for (int c = 0; c < r->bands; c++) {
        const float v = x[c * n + i], p = a[c * n + i], q = b[c * n + i];
        const float tolerance = TOLERANCE + TOLERANCE_PART * fabsf(v);
        between = between && v >= fminf(p, q) - tolerance && v <= fmaxf(p, q) + tolerance;
    }
    return between;
}

/* refuted [height, width]: 1 where half of the flagged pixels of 5 x 5 are ground, of those that are. ground, flagged
 * likewise. */
static void vote(const clv_time_review *r, int t, bounds area, const uint8_t *flagged, const counts *count,
                 uint8_t *ground, uint8_t *refuted)
{
    const int w = r->width;
    for (int y = area.y0; y < area.y1; y++)
        for (int i = y * w + area.x0; i < y * w + area.x1; i++)
            ground[i] = flagged[i] && (is_ground(&count[i]) || lies_between(r, t, i, &count[i]));
    clv_vote(ground, flagged, w, (clv_rect){area.x0, area.y0, area.x1 - area.x0, area.y1 - area.y0}, VOTE, refuted);
}

bool clv_time_review_run(const clv_time_review *r, clv_time_review_work *work, uint8_t *flagged)
{
    const int w = r->width, h = r->height, n = w * h;
    const size_t pixels = (size_t)n, dates = (size_t)r->dates, planes = (size_t)r->bands * pixels;
    const bounds whole = {0, 0, w, h};
    bounds area;
    float *structure = clv_buffer_hold(&work->structure, dates, planes, sizeof *structure);
    float *spread = clv_buffer_hold(&work->spread, dates, pixels, sizeof *spread);
    float *product = clv_buffer_hold(&work->product, 2, pixels, sizeof *product);
    counts *count = clv_buffer_hold(&work->counts, 1, pixels, sizeof *count);
    uint8_t *refuted = clv_buffer_hold(&work->refuted, dates + 1, pixels, 1);
    if (!structure || !spread || !product || !count || !refuted)
        return false;
    uint8_t *ground = refuted + dates * pixels;
    bool any = false;
    for (int t = 0; t < r->dates && !any; t++)
        any = flagged_bounds(flagged + (size_t)t * pixels, w, h, &area);
    for (int t = 0; t < r->dates && any; t++) {
        float *s = structure + (size_t)t * planes;
        find_structure(r, t, s);
        mean_product(r, s, s, whole, product, spread + (size_t)t * pixels);
    }
    /* All dates are judged by the flags as they came. */
    memset(refuted, 0, dates * pixels);
    for (int t = 0; t < r->dates && any; t++) {
        const uint8_t *flags = flagged + (size_t)t * pixels;
        if (!flagged_bounds(flags, w, h, &area))
            continue;
        int list[NEAREST];
        const int others = nearest_dates(r, t, list);
        memset(count, 0, pixels * sizeof *count);
        for (int k = 0; k < others; k++) {
            mean_product(r, structure + (size_t)t * planes, structure + (size_t)list[k] * planes, area, product + n,
                         product);
            compare(r, t, list[k], area, spread, product, flagged, r->cloudy ? r->cloudy : flagged, count);
        }
        vote(r, t, area, flags, count, ground, refuted + (size_t)t * pixels);
    }
    for (size_t i = 0; i < dates * pixels && any; i++)
        flagged[i] = refuted[i] ? 0 : flagged[i];
    return true;
}

void clv_time_review_free(clv_time_review_work *work)
{
    clv_buffer_free(&work->structure);
    clv_buffer_free(&work->spread);
    clv_buffer_free(&work->product);
    clv_buffer_free(&work->counts);
    clv_buffer_free(&work->refuted);
}
