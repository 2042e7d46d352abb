/* SPDX-License-Identifier: MIT */
#include "image/haze.h"

#include <math.h>
#include <string.h>

#include "base/cpu_dispatch.h"

#define REACH 8            /* pixels: means over 33 x 33, a box of 17 x 17 twice; one box would leave straight edges */
#define LEAST_COMPARED 0.1 /* of the weights of 33 x 33 pixels */
#define HALF_RISE 0.025    /* reflectance where the score is 0.5 */
#define WIDTH 0.01         /* from 0 to 1 */
#define OF_MEAN 0.65       /* of the mean rise counts, where */
#define LEAST_OF_MEAN 0.2  /* the smallest rise is more than this */
#define BLUER_FROM 0.6     /* rise in blue over that in red */
#define BLUER_TO 0.8
#define UNEVEN_FROM 0.8 /* spread over rise */
#define UNEVEN_TO 1.2
#define LEAST_RISE 0.02 /* reflectance: differences spread by this on any day */
#define QUARTILES                                                                                                      \
    1.69 /* from the mean absolute deviation to what the middle half spreads by, of a normal distribution */
#define LIKE_FROM 0.4 /* correlation */
#define LIKE_TO 0.8
#define NOISE 1e-9 /* reflectance squared: a variance that says nothing */

#define BRIGHT 0.35f /* reflectance, mean of red, green and blue: ground that does not tell */
#define AROUND 16    /* most of 65 x 65 pixels, likewise */
#define MOST_FROM 0.4
#define MOST_TO 0.7

/* Planes of work space, three of each colour. */
enum {
    ROWS,
    VALID,
    COMPARED,
    OWN,
    OTHERS = OWN + 3,
    RISE = OTHERS + 3,
    DEVIATION = RISE + 3,
    OWN_SQUARE,
    OTHERS_SQUARE,
    PRODUCT,
    PLANES
};

typedef struct planes {
    int width, height, n;
    float *of[PLANES];
    double *column; /* [width] */
} planes;

/* Sums over the pixels within `reach` columns, of m rows at once: their sums do not wait for each other. */
static inline void box_rows(const float *restrict plane, int w, int reach, int m, float *restrict rows)
{
    double sum[4] = {0};
    for (int x = 0; x < reach && x < w; x++)
        for (int k = 0; k < m; k++)
            sum[k] += (double)plane[k * w + x];
    for (int x = 0; x < w; x++)
        for (int k = 0; k < m; k++) {
            sum[k] += x + reach < w ? (double)plane[k * w + x + reach] : 0;
            sum[k] -= x > reach ? (double)plane[k * w + x - reach - 1] : 0;
            rows[k * w + x] = (float)sum[k];
        }
}

/* Mean of `plane` over the pixels within `reach` rows and columns; what lies outside counts as 0. out may be plane. */
CLV_CPU_DISPATCH static void box(const planes *p, const float *plane, int reach, float *out)
{
    const int w = p->width, h = p->height;
    const double pixels = (2.0 * reach + 1) * (2.0 * reach + 1);
    float *rows = p->of[ROWS];
    double *column = p->column;
    int done = 0;
    for (; done + 4 <= h; done += 4)
        box_rows(plane + done * w, w, reach, 4, rows + done * w);
    for (; done < h; done++)
        box_rows(plane + done * w, w, reach, 1, rows + done * w);
    memset(column, 0, (size_t)w * sizeof *column);
    for (int y = -reach; y < h; y++) {
        if (y + reach < h)
            for (int x = 0; x < w; x++)
                column[x] += (double)rows[(y + reach) * w + x];
        if (y > reach)
            for (int x = 0; x < w; x++)
                column[x] -= (double)rows[(y - reach - 1) * w + x];
        for (int x = 0; x < w && y >= 0; x++)
            out[y * w + x] = (float)(column[x] / pixels);
    }
}

static void smooth(const planes *p, const float *plane, int reach, float *out)
{
    box(p, plane, reach, out);
    box(p, out, reach, out);
}

static float ramp(double from, double to, double v)
{
    const double s = (v - from) / (to - from);
    return (float)(s < 0 ? 0 : s > 1 ? 1 : s);
}

/* The nearest date beside t in that direction that shows the pixel, neither flagged nor hazy; -1: none. */
static int nearest(const clv_haze_scene *s, int t, int step, int i)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (int u = t + step; u >= 0 && u < s->dates; u += step) {
        const size_t at = (size_t)u * n + (size_t)i;
        if (!s->missing[at] && !s->flagged[at])
            return u;
    }
    return -1;
}

/* Haze adds light and dims what comes from below: over snow, salt and sand these cancel, and what changes there is the
 * ground's own brightness. */
static bool is_bright(const clv_haze_scene *s, int t, int i)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    const float *x = s->x + (size_t)t * (size_t)s->bands * n + (size_t)i;
    return x[0] + x[n] + x[2 * n] > 3 * BRIGHT;
}

/* The date and the mean of the days around it where both are known, else 0. */
static void compare(const clv_haze_scene *s, int t, const planes *p)
{
    const size_t n = (size_t)p->n, date = (size_t)s->bands * n;
    const uint8_t *missing = s->missing + (size_t)t * n, *flagged = s->flagged + (size_t)t * n;
    for (int i = 0; i < p->n; i++) {
        int before = -1, after = -1;
        if (!missing[i] && !(flagged[i] & CLV_HAZE_FLAGGED)) {
            before = nearest(s, t, -1, i);
            after = nearest(s, t, 1, i);
        }
        const bool valid = (before >= 0 || after >= 0) && !is_bright(s, before >= 0 ? before : after, i) &&
                           !is_bright(s, after >= 0 ? after : before, i);
        p->of[VALID][i] = valid;
        p->of[DEVIATION][i] = 0;
        for (int b = 0; b < 3; b++) {
            const size_t band = (size_t)b * n + (size_t)i;
            float own = 0, others = 0;
            if (valid) {
                own = s->x[(size_t)t * date + band];
                others = (s->x[(size_t)(before >= 0 ? before : after) * date + band] +
                          s->x[(size_t)(after >= 0 ? after : before) * date + band]) /
                         2;
            }
            p->of[OWN + b][i] = own;
            p->of[OTHERS + b][i] = others;
            p->of[RISE + b][i] = own - others;
            p->of[DEVIATION][i] += (own - others) / 3;
        }
    }
}

static float mean_rise(const planes *p, int i)
{
    return (p->of[RISE][i] + p->of[RISE + 1][i] + p->of[RISE + 2][i]) / 3;
}

/* Score by rise and colour; RISE becomes its means. False: 0 everywhere. */
static bool score_rise(const planes *p, float *score)
{
    bool any = false;
    smooth(p, p->of[VALID], REACH, p->of[COMPARED]);
    for (int b = 0; b < 3; b++)
        smooth(p, p->of[RISE + b], REACH, p->of[RISE + b]);
    for (int i = 0; i < p->n; i++) {
        score[i] = 0;
        if ((double)p->of[COMPARED][i] < LEAST_COMPARED)
            continue;
        double least = 1;
        for (int b = 0; b < 3; b++) {
            p->of[RISE + b][i] /= p->of[COMPARED][i];
            least = fmin(least, (double)p->of[RISE + b][i]);
        }
        const double mean = (double)mean_rise(p, i);
        const double rise = least > LEAST_OF_MEAN * mean ? fmax(least, OF_MEAN * mean) : least;
        if (rise <= HALF_RISE - WIDTH / 2)
            continue;
        const double bluer = (double)p->of[RISE + 2][i] / (double)p->of[RISE][i]; /* both rise */
        score[i] = fminf(ramp(HALF_RISE - WIDTH / 2, HALF_RISE + WIDTH / 2, rise), ramp(BLUER_FROM, BLUER_TO, bluer));
        any = any || score[i] > 0;
    }
    return any;
}

static void limit_uneven(const planes *p, float *score)
{
    float *deviation = p->of[DEVIATION];
    for (int i = 0; i < p->n; i++)
        deviation[i] = p->of[VALID][i] > 0 && (double)p->of[COMPARED][i] >= LEAST_COMPARED
                           ? fabsf(deviation[i] - mean_rise(p, i))
                           : 0;
    smooth(p, deviation, REACH, deviation);
    for (int i = 0; i < p->n; i++) {
        if (score[i] <= 0)
            continue;
        const double spread = QUARTILES * (double)deviation[i] / (double)p->of[COMPARED][i];
        const double uneven = spread / fmax((double)mean_rise(p, i), LEAST_RISE);
        score[i] = fminf(score[i], 1 - ramp(UNEVEN_FROM, UNEVEN_TO, uneven));
    }
}

static void limit_unlike(const planes *p, float *score)
{
    float *own_square = p->of[OWN_SQUARE], *others_square = p->of[OTHERS_SQUARE], *product = p->of[PRODUCT],
          *sum = p->of[RISE];
    for (int i = 0; i < p->n; i++)
        own_square[i] = others_square[i] = product[i] = 0;
    for (int b = 0; b < 3; b++) {
        float *own = p->of[OWN + b], *others = p->of[OTHERS + b];
        for (int k = 0; k < 2; k++) {
            float *plane = k ? others : own;
            smooth(p, plane, REACH, sum);
            for (int i = 0; i < p->n; i++)
                plane[i] = p->of[VALID][i] > 0 ? plane[i] - sum[i] / p->of[COMPARED][i] : 0;
        }
        for (int i = 0; i < p->n; i++) {
            own_square[i] += own[i] * own[i];
            others_square[i] += others[i] * others[i];
            product[i] += own[i] * others[i];
        }
    }
    smooth(p, own_square, REACH, own_square);
    smooth(p, others_square, REACH, others_square);
    smooth(p, product, REACH, product);
    for (int i = 0; i < p->n; i++) {
        if (score[i] <= 0)
            continue;
        const double squares = sqrt(fmax((double)own_square[i] * (double)others_square[i], 0));
        score[i] = fminf(score[i], ramp(LIKE_FROM, LIKE_TO, (double)product[i] / (squares + NOISE)));
    }
}

/* Where most of what the date shows around a pixel is hazy, the pixel is too, though it does not tell: water, ground
 * that has changed. It would be filled with the haze's look else, and so would all around it. What is not judged gets
 * 0. */
static void add_surrounded(const clv_haze_scene *s, int t, const planes *p, float *score)
{
    const size_t date = (size_t)t * (size_t)p->n;
    float *judged = p->of[VALID], *hazy = p->of[DEVIATION], *around = p->of[COMPARED];
    for (int i = 0; i < p->n; i++) {
        judged[i] = !s->missing[date + (size_t)i] && !(s->flagged[date + (size_t)i] & CLV_HAZE_FLAGGED);
        hazy[i] = judged[i] * score[i];
    }
    smooth(p, judged, AROUND, around);
    smooth(p, hazy, AROUND, hazy);
    for (int i = 0; i < p->n; i++)
        score[i] = judged[i] > 0 ? fmaxf(score[i], ramp(MOST_FROM, MOST_TO, (double)(hazy[i] / around[i]))) : 0;
}

bool clv_haze_score(const clv_haze_scene *s, int t, clv_buffer *work, float *score)
{
    planes p = {.width = s->width, .height = s->height, .n = s->width * s->height};
    const size_t n = (size_t)p.n, columns = (size_t)s->width;
    p.column = clv_buffer_hold(work, columns * sizeof(double) + PLANES * n * sizeof(float), 1, 1);
    if (!p.column)
        return false;
    for (size_t k = 0; k < PLANES; k++)
        p.of[k] = (float *)(void *)(p.column + columns) + k * n;
    compare(s, t, &p);
    if (!score_rise(&p, score))
        return true;
    limit_uneven(&p, score);
    limit_unlike(&p, score);
    add_surrounded(s, t, &p, score);
    return true;
}
