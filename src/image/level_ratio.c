/* SPDX-License-Identifier: MIT */
#include "image/level_ratio.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/select.h"
#include "image/level_peak.h"
#include "image/level_pixels.h"

enum {
    BANDS = 4,          /* visible and near infrared */
    REACH = 6,          /* each date is compared with so many before and after it */
    PAIR_PIXELS = 3000, /* compared in a pair, about */
    FEWEST_COMMON = 200,
    FEWEST = 150,       /* land in common */
    FEW_DATES = 10,     /* in so few a date has few pairs */
    FEWEST_PAIRS = 2,   /* that are clear, of a date */
    FEWEST_OF_MANY = 3, /* the same of more dates than FEW_DATES */
    ENOUGH = 4,         /* of these, where the factor is not LARGE_LOG */
    MANY = 6            /* which cloud in one of the dates does not all reach */
};
#define LEAST_LAND 0.1F /* of the pixels in common */
#define LAND 0.12F      /* the brightest band of one of the dates: not water, whose glint is any factor */
#define LAND_NEAR 0.05F /* near infrared of both */
#define SEEN 0.003F     /* darker is noise to a ratio */
#define ALIKE 0.35F     /* of the ratios of all bands of a pixel, natural logarithm */
#define SHARE 0.2       /* of the land in the peak */
#define SPREAD 0.35     /* of the bands' median ratios */
#define QUARTILES 0.55  /* of the pixels' ratios */
#define OFF_PEAK 0.12   /* of the median ratio to the peak */
#define LEAST_LOG 0.2   /* of a date's middle pair */
#define SUPPORT_LOG 0.12
#define SUPPORT 0.75  /* of the date's pairs */
#define LARGE_LOG 0.3 /* needed where all pairs lie on one side of the date in time: a season does less */
#define CONTRAST 0.5  /* in parts of the factor, logarithms: haze adds none, a factor stretches it alike */

typedef struct pair {
    bool clear;
    float ratio, contrast; /* natural logarithm of the first date's over the second's */
} pair;

typedef struct comparer {
    const clv_level_scene *scene;
    const clv_level *levels;
    int bands, room;
    float *x[2]; /* [bands, room] land of both dates */
    float *work; /* [room] */
} comparer;

/* Added to a date that is known to lie a constant away. */
static float correction(const clv_level *l)
{
    switch (l->state) {
    case CLV_LEVEL_CONSTANT:
        return (float)-l->difference;
    case CLV_LEVEL_OFFSET:
    case CLV_LEVEL_DOUBTFUL:
        return (float)(-CLV_LEVEL_OFFSET_STEP * l->steps);
    default:
        return 0;
    }
}

static int take_land(comparer *c, int t, int u, int *common)
{
    const clv_level_scene *s = c->scene;
    const size_t n = (size_t)s->pixels, stride = n > 2 * (size_t)PAIR_PIXELS ? n / PAIR_PIXELS : 1;
    const float *a = s->x + (size_t)t * (size_t)s->bands * n, *b = s->x + (size_t)u * (size_t)s->bands * n;
    const uint8_t *sa = s->state + (size_t)t * n, *sb = s->state + (size_t)u * n;
    const float add_a = correction(&c->levels[t]), add_b = correction(&c->levels[u]);
    int land = 0;
    *common = 0;
    for (size_t i = 0; i < n && land < c->room; i += stride) {
        if (sa[i] | sb[i])
            continue;
        ++*common;
        if (clv_level_is_white(a + i, n, add_a) || clv_level_is_white(b + i, n, add_b))
            continue;
        float darkest = INFINITY, brightest = 0;
        for (int k = 0; k < c->bands; k++) {
            const float p = a[(size_t)k * n + i] + add_a, q = b[(size_t)k * n + i] + add_b;
            darkest = fminf(darkest, fminf(p, q));
            brightest = fmaxf(brightest, fmaxf(p, q));
            c->x[0][(size_t)k * (size_t)c->room + (size_t)land] = p;
            c->x[1][(size_t)k * (size_t)c->room + (size_t)land] = q;
        }
        const size_t last = (size_t)(c->bands - 1) * (size_t)c->room + (size_t)land;
        land += darkest > SEEN && brightest > LAND && fminf(c->x[0][last], c->x[1][last]) > LAND_NEAR;
    }
    return land;
}

static double range_of(comparer *c, const float *x, int n)
{
    for (int i = 0; i < n; i++)
        c->work[i] = x[i];
    const double low = clv_select(c->work, n, n / 10);
    return clv_select(c->work, n, n - 1 - n / 10) - low;
}

static pair compare(comparer *c, int t, int u)
{
    int histogram[CLV_PEAK_BINS] = {0}, common;
    const int n = take_land(c, t, u, &common);
    const size_t room = (size_t)c->room;
    pair found = {false, 0, 0};
    if (common < FEWEST_COMMON || n < FEWEST || (float)n < LEAST_LAND * (float)common)
        return found;
    double least = INFINITY, most = -INFINITY, mean = 0, contrast = 0;
    for (int k = 0; k < c->bands; k++) {
        float *p = c->x[0] + (size_t)k * room, *q = c->x[1] + (size_t)k * room;
        contrast += log(fmax(range_of(c, p, n), 1e-4) / fmax(range_of(c, q, n), 1e-4)) / c->bands;
        for (int i = 0; i < n; i++) {
            p[i] = logf(p[i] / q[i]);
            c->work[i] = p[i];
        }
        const double median = clv_median(c->work, n);
        least = fmin(least, median);
        most = fmax(most, median);
        mean += median / c->bands;
    }
    for (int i = 0; i < n; i++) {
        float low = INFINITY, high = -INFINITY, sum = 0;
        for (int k = 0; k < c->bands; k++) {
            const float r = c->x[0][(size_t)k * room + (size_t)i];
            low = fminf(low, r);
            high = fmaxf(high, r);
            sum += r;
        }
        c->work[i] = sum / (float)c->bands;
        if (high - low <= ALIKE)
            clv_peak_count(histogram, c->work[i], CLV_LEVEL_LOG_BIN);
    }
    clv_peak peak = {.common = n};
    clv_peak_find(histogram, CLV_LEVEL_LOG_BIN, &peak);
    const double low = clv_select(c->work, n, n / 4), high = clv_select(c->work, n, n - 1 - n / 4);
    found.clear =
        peak.share >= SHARE && most - least <= SPREAD && high - low <= QUARTILES && fabs(mean - peak.at) <= OFF_PEAK;
    found.ratio = (float)peak.at;
    found.contrast = (float)contrast;
    return found;
}

/* What the pairs of date t say; 0: nothing, or that it fits. *agree: pairs that say it. The nearest dates before and
 * after it have to say the same: rain and seasons part those before from those after. */
static double factor_of(const clv_level_scene *s, const clv_level *levels, const pair *pairs, int t, int *agree)
{
    float ratios[2 * REACH], contrasts[2 * REACH], sorted[2 * REACH], nearest[2] = {NAN, NAN};
    int n = 0;
    *agree = 0;
    for (int away = 1; away <= REACH; away++)
        for (int side = 0; side < 2; side++) {
            const int u = side ? t + away : t - away;
            if (u < 0 || u >= s->dates || levels[u].state == CLV_LEVEL_FACTOR)
                continue;
            const pair *p = side ? &pairs[t * REACH + away - 1] : &pairs[u * REACH + away - 1];
            if (!p->clear)
                continue;
            ratios[n] = sorted[n] = side ? p->ratio : -p->ratio;
            contrasts[n] = side ? p->contrast : -p->contrast;
            nearest[side] = isnan(nearest[side]) ? ratios[n] : nearest[side];
            n++;
        }
    if (n < (s->dates > FEW_DATES ? FEWEST_OF_MANY : FEWEST_PAIRS))
        return 0;
    const double middle = clv_median(sorted, n), sign = middle > 0 ? 1 : -1;
    for (int i = 0; i < n; i++)
        *agree += sign * ratios[i] >= SUPPORT_LOG;
    const bool few = s->dates > FEW_DATES && n < ENOUGH, aside = isnan(nearest[0]) || isnan(nearest[1]);
    if (sign * nearest[0] < SUPPORT_LOG || sign * nearest[1] < SUPPORT_LOG ||
        fabs(middle) < (aside || few ? LARGE_LOG : LEAST_LOG) || *agree < SUPPORT * n ||
        (n < MANY && sign * clv_median(contrasts, n) < CONTRAST * fabs(middle)))
        return 0;
    return middle;
}

/* The date that most pairs say it of comes first: it is what is wrong in the others' pairs with it. */
static void judge_all(const clv_level_scene *s, const pair *pairs, clv_level *levels)
{
    for (;;) {
        int best = -1, most = 0;
        double value = 0;
        for (int t = 0; t < s->dates; t++) {
            int agree;
            if (levels[t].state > CLV_LEVEL_FITS || (s->trust && s->trust[t] == CLV_LEVEL_TRUST_USER))
                continue;
            const double factor = factor_of(s, levels, pairs, t, &agree);
            if (factor == 0 || agree < most || (agree == most && fabs(factor) <= fabs(value)))
                continue;
            best = t;
            most = agree;
            value = factor;
        }
        if (best < 0)
            return;
        levels[best] = (clv_level){
            .state = CLV_LEVEL_FACTOR, .difference = NAN, .factor = exp(value), .compared = most, .sure = true};
    }
}

bool clv_levels_by_ratio(const clv_level_scene *scene, clv_level *levels)
{
    comparer c = {.scene = scene,
                  .levels = levels,
                  .bands = scene->bands < BANDS ? scene->bands : BANDS,
                  .room = 2 * PAIR_PIXELS};
    pair *pairs = clv_alloc_array((size_t)scene->dates, REACH, sizeof *pairs);
    c.x[0] = clv_alloc_array(2 * (size_t)c.bands + 1, (size_t)c.room, sizeof *c.x[0]);
    const bool ok = pairs && c.x[0];
    if (ok) {
        c.x[1] = c.x[0] + (size_t)c.bands * (size_t)c.room;
        c.work = c.x[1] + (size_t)c.bands * (size_t)c.room;
        for (int t = 0; t < scene->dates; t++)
            for (int u = t + 1; u <= t + REACH; u++)
                pairs[t * REACH + u - t - 1] = u < scene->dates ? compare(&c, t, u) : (pair){false, 0, 0};
        judge_all(scene, pairs, levels);
    }
    free(pairs);
    free(c.x[0]);
    return ok;
}
