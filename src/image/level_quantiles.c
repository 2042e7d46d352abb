/* SPDX-License-Identifier: MIT */
#include "image/level_quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/select.h"
#include "image/level_peak.h"
#include "image/level_pixels.h"

enum {
    QUANTILES = 4,
    MOST_BANDS = 8,
    PAIR_PIXELS = 3000, /* compared in a pair, about */
    FEWEST = 150,       /* left in a pair */
    PLANTS_PAIRS = 4,   /* of which one may speak alone, by its plants: of many, one errs */
    FEWEST_POINTS = 6,  /* percentiles of all bands together */
    REACH = 8           /* each date is compared with so many before and after it */
};
static const double parts[QUANTILES] = {0.1, 0.25, 0.5, 0.75};

#define GREY 0.7        /* darkest to brightest visible band: cloud and snow; towns, rock and turbid water too */
#define CLOUD_FROM 0.25 /* of what is grey in both dates, this and brighter */
#define LEAST_KEPT 0.1  /* of the pixels in common, beside cloud and snow */
#define SEEN 0.015      /* darker percentiles are noise to a ratio */
#define BRIGHT 0.08     /* without ground so bright there is only water, whose glint is any factor */
#define CONTRAST 0.05   /* range of ground on which a constant can be told from a veil */
#define SAME_LOG 0.3    /* natural logarithm of factors between dates of one level */
#define SAME_SPREAD 0.7 /* and how unlike they may be */
#define LEAST_LOG 0.45  /* 1.57: smaller factors are the sun's */
#define LEAST_PIXEL_LOG 0.35
#define LOG_SPREAD 0.45   /* of a factor's percentiles: growth and haze are in it */
#define LARGE_LOG 1.8     /* 6: next to nothing else is so far away and so alike */
#define LOG_SPREAD_OF 0.7 /* the same of such a factor, in parts of it */
#define ASIDE 12          /* of so many percentiles one at each end does not count: a band under remains of cloud */
#define WEAK 1.4          /* so much wider a pair still supports another */
#define LEAST_WEAK 0.5    /* where each percentile says so much of the factor */
#define SHAPED 2          /* brightest to darkest percentile: a veil over water has no such range */
#define LEAST_CONSTANT 0.045
#define LEAST_BELOW 0.025 /* where dark ground lies below 0 */
#define BELOW (-0.005)
#define CONSTANT_SPREAD 0.01 /* of a constant's percentiles */
#define CONSTANT_SPREAD_OF 0.25
#define CONSTANT_SPREAD_MOST 0.06
#define MOST_VEIL 0.07     /* no veil adds more to all bands alike */
#define VEIL_CONTRAST 0.02 /* range of a band of which a veil shows that it takes of it */
#define VEIL_KEPT 0.7      /* what it leaves is less */
#define VISIBLE_SPREAD 0.01
#define VISIBLE_SPREAD_OF 0.08
#define SURE_LOG 0.95    /* 2.6: haze and remains of cloud make no more of what is left of the ground */
#define LEAST_SLOPE 0.55 /* in parts of a smaller factor */
#define AGREE_LOG 0.25   /* of a pair's factor to the middle one */
#define AGREE_CONSTANT 0.022
#define ALONE 0.6 /* a single pair must be so much narrower */
#define NEAR_STEP 0.025
#define USUAL_DARK 0.02 /* of land, in the darkest band */
#define USUAL_WEIGHT 10 /* of what is darker or brighter, beside the brightness of the rest */
/* Where the ground stayed as it was, the pixels tell more than their percentiles. */
#define SHARE 0.4          /* of the pixels in a peak */
#define SHARE_ALONE 0.6    /* of a single pair */
#define KEPT_CONTRAST 0.93 /* a veil takes more of it */
/* Plants that stayed as they were tell the most. */
#define PLANTS 0.1         /* of the pixels in common in a peak */
#define SCALED_PLANTS 0.15 /* the same of ratios */
#define PLANTS_ALONE 0.15  /* of a single pair */
#define SCALED_ALONE 0.4
#define PLANTS_CONTRAST 0.65  /* in parts of the darker date's; growth takes of it too */
#define PLANTS_PATCHES 1.5    /* of the visible bands, mean */
#define FEWEST_PLANTS 100     /* pixels */
#define PLANTS_SAME 0.03      /* differences between dates of one level */
#define PLANTS_CONSTANT 0.055 /* smaller ones may be haze and only support others */
#define VEIL_ABOVE 0.55       /* a veil's brightness over the ground's */
#define VEIL_PART 0.8         /* of what it takes of near infrared, at least */
#define PLANTS_LOG 0.6        /* natural logarithm; smaller factors are the sun's */

typedef enum relation_kind { NOT_SEEN, UNLIKE, SAME, FACTOR, CONSTANT } relation_kind;

typedef struct relation {
    int a, b;
    relation_kind kind;
    double value;  /* of a over b: natural logarithm of the factor, or the constant */
    double unlike; /* how much the percentiles contradict, 0 to 1 */
    bool narrow;   /* enough for a single pair */
    bool weak;     /* not enough without another pair that is not */
    bool plants;   /* told by plants: pairs that see none do not speak against it */
} relation;

typedef struct pairs {
    const clv_level_scene *scene;
    const clv_level *levels;
    int bands;
    float *values[2]; /* [bands, room] of the pixels compared */
    float *sorted;    /* [room] */
    int room;
    relation *found;
    int count;
    int *group; /* [dates] */
} pairs;

/* ---- Two dates ----------------------------------------------------------------------------------- */

typedef struct look {
    float low, high; /* of the visible bands */
    bool grey;
} look;

static look look_at(const float *x, size_t n, size_t i, float add)
{
    look l;
    l.low = fminf(fminf(x[i], x[n + i]), x[2 * n + i]) + add;
    l.high = fmaxf(fmaxf(x[i], x[n + i]), x[2 * n + i]) + add;
    l.grey = l.low > 0 && l.low > (float)GREY * l.high;
    return l;
}

/* Added to a date that is known to lie a constant away. */
static float correction(const pairs *p, int t)
{
    const clv_level_state state = p->levels[t].state;
    if (state == CLV_LEVEL_CONSTANT)
        return (float)-p->levels[t].difference;
    return state == CLV_LEVEL_OFFSET || state == CLV_LEVEL_DOUBTFUL
               ? (float)(-CLV_LEVEL_OFFSET_STEP * p->levels[t].steps)
               : 0;
}

/* Whether some band of the pixel is stored as 0: what an unsigned type makes of everything below. */
static bool is_clipped(const pairs *p, const float *x, size_t i, double offset)
{
    for (int c = 0; c < p->bands; c++)
        if (fabs((double)x[(size_t)c * (size_t)p->scene->pixels + i] - offset) < 1e-9)
            return true;
    return false;
}

/* Cloud and snow. A factor changes no colour: what is grey in one date alone is cloud in it. */
typedef enum leave_out { GREY_IN_ONE, WHITE_IN_ONE, WHITE_IN_BOTH } leave_out;

static bool is_left_out(const look *a, const look *b, leave_out which)
{
    const bool white_a = a->grey && a->low > (float)CLOUD_FROM, white_b = b->grey && b->low > (float)CLOUD_FROM;
    switch (which) {
    case GREY_IN_ONE:
        return a->grey != b->grey || white_a || white_b;
    case WHITE_IN_ONE:
        return white_a || white_b;
    default:
        return white_a && white_b;
    }
}

/* Takes the pixels of both dates that are neither cloud nor snow. Returns how many; *common: with cloud and snow. */
static int take_pixels(pairs *p, int t, int u, leave_out which, int *common)
{
    const clv_level_scene *s = p->scene;
    const size_t n = (size_t)s->pixels;
    const float *x[2] = {s->x + (size_t)t * (size_t)s->bands * n, s->x + (size_t)u * (size_t)s->bands * n};
    const float add[2] = {correction(p, t), correction(p, u)};
    const uint8_t *st = s->state + (size_t)t * n, *su = s->state + (size_t)u * n;
    const size_t stride = n > 2 * (size_t)PAIR_PIXELS ? n / PAIR_PIXELS : 1;
    int kept = 0;
    *common = 0;
    for (size_t i = 0; i < n && kept < p->room; i += stride) {
        if ((st[i] | su[i]) || is_clipped(p, x[0], i, s->offset[t]) || is_clipped(p, x[1], i, s->offset[u]))
            continue;
        ++*common;
        const look a = look_at(x[0], n, i, add[0]), b = look_at(x[1], n, i, add[1]);
        if (is_left_out(&a, &b, which))
            continue;
        for (int side = 0; side < 2; side++)
            for (int c = 0; c < p->bands; c++)
                p->values[side][(size_t)c * (size_t)p->room + (size_t)kept] = x[side][(size_t)c * n + i] + add[side];
        kept++;
    }
    return kept;
}

static void quantiles_of(pairs *p, int side, int n, float out[MOST_BANDS][QUANTILES])
{
    for (int c = 0; c < p->bands; c++) {
        memcpy(p->sorted, p->values[side] + (size_t)c * (size_t)p->room, (size_t)n * sizeof *p->sorted);
        for (int q = 0; q < QUANTILES; q++)
            out[c][q] = clv_select(p->sorted, n, (int)(parts[q] * (n - 1)));
    }
}

typedef struct spread {
    double middle, low, high;
} spread;

/* Range of the values without the `aside` highest and lowest ones. */
static spread spread_of(float *values, int n, int aside)
{
    spread s;
    s.low = clv_select(values, n, aside);
    s.high = clv_select(values, n, n - 1 - aside);
    s.middle = clv_median(values, n);
    return s;
}

static void compare_factor(float a[MOST_BANDS][QUANTILES], float b[MOST_BANDS][QUANTILES], int bands, relation *r)
{
    float logs[MOST_BANDS * QUANTILES], brightest[2] = {0, 0}, darkest[2] = {INFINITY, INFINITY};
    int n = 0;
    for (int c = 0; c < bands; c++)
        for (int q = 0; q < QUANTILES; q++) {
            brightest[0] = fmaxf(brightest[0], a[c][q]);
            brightest[1] = fmaxf(brightest[1], b[c][q]);
            darkest[0] = fminf(darkest[0], a[c][q]);
            darkest[1] = fminf(darkest[1], b[c][q]);
            if (fmaxf(a[c][q], b[c][q]) < (float)SEEN)
                continue;
            if (!(fminf(a[c][q], b[c][q]) > 0))
                return;
            logs[n++] = logf(a[c][q] / b[c][q]);
        }
    if (n < FEWEST_POINTS)
        return;
    const spread s = spread_of(logs, n, n / ASIDE);
    const double wide = s.high - s.low, middle = fabs(s.middle), least = s.middle > 0 ? s.low : -s.high,
                 limit = middle >= LARGE_LOG ? LOG_SPREAD_OF * middle : LOG_SPREAD;
    const bool shaped = brightest[0] >= SHAPED * darkest[0] && brightest[1] >= SHAPED * darkest[1];
    if (middle <= SAME_LOG && wide <= SAME_SPREAD) {
        r->kind = SAME;
    } else if (middle >= LEAST_LOG && shaped && fmaxf(brightest[0], brightest[1]) >= (float)BRIGHT &&
               (wide <= limit || (wide <= WEAK * limit && least >= LEAST_WEAK * middle))) {
        r->kind = FACTOR;
        r->value = s.middle;
        r->unlike = wide / limit;
        r->narrow = r->unlike <= ALONE;
        r->weak = wide > limit;
    }
}

/* Smaller constants are haze, unless they put dark ground below 0. */
static double least_constant(float a[MOST_BANDS][QUANTILES], float b[MOST_BANDS][QUANTILES], int bands)
{
    float dark = INFINITY;
    for (int c = 0; c < bands; c++)
        dark = fminf(dark, fminf(a[c][0], b[c][0]));
    return dark < (float)BELOW ? LEAST_BELOW : LEAST_CONSTANT;
}

/* Ground that grows changes near infrared most. The visible bands alone tell a constant where the brighter date has
 * more of near infrared too, and all of its contrast, which no veil leaves; or where dark ground lies below 0. */
static void compare_visible(float a[MOST_BANDS][QUANTILES], float b[MOST_BANDS][QUANTILES], int bands, relation *r)
{
    float differences[3 * QUANTILES];
    for (int c = 0; c < 3; c++)
        for (int q = 0; q < QUANTILES; q++)
            differences[c * QUANTILES + q] = a[c][q] - b[c][q];
    const spread s = spread_of(differences, 3 * QUANTILES, 0);
    const double middle = fabs(s.middle), least = least_constant(a, b, bands);
    if (middle < least || s.high - s.low > VISIBLE_SPREAD + VISIBLE_SPREAD_OF * middle)
        return;
    const double sign = s.middle > 0 ? 1 : -1;
    for (int c = 3; c < bands && least > LEAST_BELOW; c++) {
        const double low = sign * ((double)a[c][0] - b[c][0]),
                     high = sign * ((double)a[c][QUANTILES - 1] - b[c][QUANTILES - 1]);
        if (low < middle - VISIBLE_SPREAD || high < low)
            return;
    }
    r->kind = CONSTANT;
    r->value = s.middle;
    r->unlike = (s.high - s.low) / (VISIBLE_SPREAD + VISIBLE_SPREAD_OF * middle);
}

/* alone: there are so few dates that a pair may speak for itself. */
static void compare_constant(float a[MOST_BANDS][QUANTILES], float b[MOST_BANDS][QUANTILES], int bands, bool alone,
                             relation *r)
{
    float differences[MOST_BANDS * QUANTILES], range = 0;
    for (int c = 0; c < bands; c++) {
        range = fmaxf(range, fminf(a[c][QUANTILES - 1] - a[c][0], b[c][QUANTILES - 1] - b[c][0]));
        for (int q = 0; q < QUANTILES; q++)
            differences[c * QUANTILES + q] = a[c][q] - b[c][q];
    }
    if (range < (float)CONTRAST)
        return;
    const spread s = spread_of(differences, bands * QUANTILES, 0);
    const double wide = s.high - s.low, middle = fabs(s.middle),
                 limit = fmin(CONSTANT_SPREAD + CONSTANT_SPREAD_OF * middle, CONSTANT_SPREAD_MOST);
    if (middle < least_constant(a, b, bands) || wide > limit) {
        if (bands > 3)
            compare_visible(a, b, bands, r);
        return;
    }
    r->kind = CONSTANT;
    r->value = s.middle;
    r->unlike = wide / limit;
    r->narrow = r->unlike <= ALONE && alone;
}

/* How much the brighter date changes with the darker one from pixel to pixel, mean of the bands' regressions: a factor
 * stretches the ground by itself, haze and a constant do not. */
static double slope_of(const pairs *p, int n, bool first_brighter)
{
    double sum = 0;
    for (int c = 0; c < p->bands; c++) {
        const float *y = p->values[!first_brighter] + (size_t)c * (size_t)p->room,
                    *x = p->values[first_brighter] + (size_t)c * (size_t)p->room;
        double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
        for (int i = 0; i < n; i++) {
            mean_x += x[i] / n;
            mean_y += y[i] / n;
        }
        for (int i = 0; i < n; i++) {
            xx += (x[i] - mean_x) * (x[i] - mean_x);
            xy += (x[i] - mean_x) * (y[i] - mean_y);
        }
        sum += xx > 0 ? xy / xx : 0;
    }
    return sum / p->bands;
}

/* The ratio, or the difference, that most of the pixels taken have in all bands; false: none. */
static bool ratio_peak(const pairs *p, int n, clv_peak *out)
{
    int histogram[CLV_PEAK_BINS] = {0};
    float ratio;
    *out = (clv_peak){.common = n};
    for (int i = 0; i < n; i++)
        if (clv_level_in_proportion(p->values[0] + i, p->values[1] + i, (size_t)p->room, p->bands, &ratio))
            clv_peak_count(histogram, ratio, CLV_LEVEL_LOG_BIN);
    clv_peak_find(histogram, CLV_LEVEL_LOG_BIN, out);
    return out->narrow && out->share >= SHARE;
}

static bool difference_peak(const pairs *p, int n, clv_peak *out)
{
    int histogram[CLV_PEAK_BINS] = {0};
    float difference;
    *out = (clv_peak){.common = n};
    for (int i = 0; i < n; i++)
        if (clv_level_alike(p->values[0] + i, p->values[1] + i, (size_t)p->room, p->bands, &difference))
            clv_peak_count(histogram, difference, CLV_LEVEL_BIN);
    clv_peak_find(histogram, CLV_LEVEL_BIN, out);
    return out->narrow && out->share >= SHARE;
}

static double range_of(float *values, int n)
{
    const double low = clv_select(values, n, n / 10);
    return clv_select(values, n, n - 1 - n / 10) - low;
}

/* Whether the brighter date's plants have the contrast of the other's: a veil takes of it, a veil in patches adds its
 * own to the visible bands. */
static bool plants_keep_contrast(pairs *p, int n, bool first_brighter)
{
    const size_t room = (size_t)p->room;
    double least = INFINITY, visible = 0;
    for (int c = 0; c < p->bands; c++) {
        double range[2] = {0};
        for (int side = 0; side < 2; side++) {
            int count = 0;
            for (int i = 0; i < n; i++)
                if (clv_level_is_plant(p->values[0] + i, p->values[1] + i, room))
                    p->sorted[count++] = p->values[side][(size_t)c * room + (size_t)i];
            range[side] = count > 0 ? range_of(p->sorted, count) : 0;
        }
        const double kept = range[!first_brighter] / fmax(range[first_brighter], 1e-4);
        least = fmin(least, kept);
        visible += c < 3 ? kept / 3 : 0;
    }
    return least >= PLANTS_CONTRAST && visible <= PLANTS_PATCHES;
}

/* An even veil of thin cloud, by what it takes of plants; nothing shown is taken for one. */
static bool is_veil(pairs *p, int n, double at)
{
    double taken;
    return !clv_level_plants_taken(p->values[0], p->values[1], (size_t)p->room, n, at, p->sorted, &taken) ||
           taken > VEIL_PART * fabs(at) / VEIL_ABOVE;
}

/* What plants say, of which few need to stay as they were: neither haze nor a season moves all their bands alike. Of
 * the pixels taken; `common` with cloud and snow. False: nothing. */
static bool relate_plants(pairs *p, int n, int common, relation *r)
{
    int differences[CLV_PEAK_BINS] = {0}, ratios[CLV_PEAK_BINS] = {0};
    const size_t room = (size_t)p->room;
    clv_peak constant = {.common = common}, factor = {.common = common};
    for (int i = 0; i < n; i++) {
        const float *a = p->values[0] + i, *b = p->values[1] + i;
        float value;
        if (clv_level_is_plant(a, b, room) && clv_level_alike(a, b, room, p->bands, &value))
            clv_peak_count(differences, value, CLV_LEVEL_BIN);
        if (clv_level_is_scaled_plant(a, b, room, &value))
            clv_peak_count(ratios, value, CLV_LEVEL_LOG_BIN);
    }
    clv_peak_find(differences, CLV_LEVEL_BIN, &constant);
    clv_peak_find(ratios, CLV_LEVEL_LOG_BIN, &factor);
    if (constant.narrow && constant.share >= PLANTS && constant.share * common >= FEWEST_PLANTS) {
        const bool same = fabs(constant.at) <= PLANTS_SAME;
        if (!same && (!plants_keep_contrast(p, n, constant.at > 0) || is_veil(p, n, constant.at)))
            return false;
        *r = (relation){.a = r->a, .b = r->b, .kind = same ? SAME : CONSTANT, .value = same ? 0 : constant.at};
        r->weak = fabs(constant.at) < PLANTS_CONSTANT;
        r->narrow = constant.share >= PLANTS_ALONE && !r->weak;
        r->plants = r->narrow;
        return true;
    }
    if (factor.narrow && factor.share >= SCALED_PLANTS && factor.share * common >= FEWEST_PLANTS &&
        fabs(factor.at) >= PLANTS_LOG) {
        *r = (relation){.a = r->a, .b = r->b, .kind = FACTOR, .value = factor.at};
        r->narrow = factor.share >= SCALED_ALONE;
        r->plants = r->narrow;
        return true;
    }
    return false;
}

/* Whether the brighter date (a, where the difference is positive) has the darker one's contrast, in every band that has
 * some: a veil takes of it. */
static bool keeps_contrast(float a[MOST_BANDS][QUANTILES], float b[MOST_BANDS][QUANTILES], int bands, double difference,
                           double range, double kept)
{
    double least = INFINITY;
    for (int c = 0; c < bands; c++) {
        const double in_a = (double)a[c][QUANTILES - 1] - a[c][0], in_b = (double)b[c][QUANTILES - 1] - b[c][0],
                     there = difference > 0 ? in_b : in_a;
        if (there >= range)
            least = fmin(least, (difference > 0 ? in_a : in_b) / there);
    }
    return !isinf(least) && least >= kept;
}

/* Cloud and snow are left out of both dates, else of the darker one: a large constant makes all of a date look like it.
 */
static relation relate_constant(pairs *p, int t, int u)
{
    float a[MOST_BANDS][QUANTILES], b[MOST_BANDS][QUANTILES];
    relation r = {.a = t, .b = u, .kind = NOT_SEEN};
    static const leave_out both[] = {WHITE_IN_ONE, WHITE_IN_BOTH};
    for (int k = 0; k < 2 && r.kind != CONSTANT; k++) {
        clv_peak peak;
        int common;
        const int n = take_pixels(p, t, u, both[k], &common);
        if (n < FEWEST || n < LEAST_KEPT * common)
            continue;
        r.kind = UNLIKE;
        quantiles_of(p, 0, n, a);
        quantiles_of(p, 1, n, b);
        compare_constant(a, b, p->bands, p->scene->dates <= CLV_LEVEL_FEW_DATES, &r);
        if (r.kind == CONSTANT && both[k] == WHITE_IN_BOTH &&
            !keeps_contrast(a, b, p->bands, r.value, CONTRAST, KEPT_CONTRAST))
            r.kind = UNLIKE;
        if (r.kind == CONSTANT && fabs(r.value) < MOST_VEIL &&
            !keeps_contrast(a, b, p->bands, r.value, VEIL_CONTRAST, VEIL_KEPT))
            r.kind = UNLIKE;
        if (r.kind == UNLIKE && difference_peak(p, n, &peak) && fabs(peak.at) >= least_constant(a, b, p->bands) &&
            keeps_contrast(a, b, p->bands, peak.at, CONTRAST, KEPT_CONTRAST)) {
            r.kind = CONSTANT;
            r.value = peak.at;
            r.unlike = 1 - peak.share;
            r.narrow = peak.share >= SHARE_ALONE;
        }
    }
    return r;
}

static relation relate(pairs *p, int t, int u)
{
    float a[MOST_BANDS][QUANTILES], b[MOST_BANDS][QUANTILES];
    relation r = {.a = t, .b = u, .kind = NOT_SEEN};
    clv_peak peak;
    int common, n = take_pixels(p, t, u, WHITE_IN_BOTH, &common);
    relation weak = r;
    if (p->bands > 3 && relate_plants(p, n, common, &weak) && !weak.weak)
        return weak;
    n = take_pixels(p, t, u, GREY_IN_ONE, &common);
    if (n >= FEWEST && n >= LEAST_KEPT * common) {
        r.kind = UNLIKE;
        quantiles_of(p, 0, n, a);
        quantiles_of(p, 1, n, b);
        compare_factor(a, b, p->bands, &r);
        if (r.kind == FACTOR && fabs(r.value) < SURE_LOG &&
            slope_of(p, n, r.value > 0) < LEAST_SLOPE * exp(fabs(r.value)))
            r.kind = UNLIKE;
        if ((r.kind == UNLIKE || r.weak) && ratio_peak(p, n, &peak) && fabs(peak.at) >= LEAST_PIXEL_LOG) {
            r.kind = FACTOR;
            r.weak = false;
            r.value = peak.at;
            r.unlike = 1 - peak.share;
            r.narrow = peak.share >= SHARE_ALONE;
        }
    }
    if (r.kind == SAME)
        return r;
    const relation c = relate_constant(p, t, u);
    if (c.kind == CONSTANT && (r.kind != FACTOR || c.unlike < r.unlike))
        return c;
    if (r.kind != FACTOR && weak.kind == CONSTANT)
        return weak;
    return r.kind == NOT_SEEN ? c : r;
}

/* ---- All dates ----------------------------------------------------------------------------------- */

static int root_of(const int *group, int t)
{
    while (group[t] != t)
        t = group[t];
    return t;
}

static void relate_all(pairs *p)
{
    for (int t = 0; t < p->scene->dates; t++)
        p->group[t] = t;
    for (int t = 0; t < p->scene->dates; t++)
        for (int u = t + 1; u < p->scene->dates && u <= t + REACH; u++) {
            const relation r = relate(p, t, u);
            if (r.kind == NOT_SEEN)
                continue;
            p->found[p->count++] = r;
            if (r.kind == SAME)
                p->group[root_of(p->group, t)] = root_of(p->group, u);
        }
    for (int t = 0; t < p->scene->dates; t++)
        p->group[t] = root_of(p->group, t);
}

static bool is_by_user(const clv_level_scene *s, int t)
{
    return s->trust && s->trust[t] == CLV_LEVEL_TRUST_USER;
}

/* How far the brightest and darkest ground of a group's dates is from that of land: of two groups of one size the
 * nearer is right. */
static double strangeness(pairs *p, int group)
{
    const clv_level_scene *s = p->scene;
    const size_t n = (size_t)s->pixels;
    double sum = 0;
    int dates = 0;
    for (int t = 0; t < s->dates; t++) {
        if (p->group[t] != group)
            continue;
        float brightest = 0, darkest = INFINITY;
        for (int c = 0; c < p->bands; c++) {
            const float *x = s->x + ((size_t)t * (size_t)s->bands + (size_t)c) * n;
            const size_t stride = n > (size_t)p->room ? n / (size_t)p->room + 1 : 1;
            int count = 0;
            for (size_t i = 0; i < n; i += stride)
                if (!s->state[(size_t)t * n + i])
                    p->sorted[count++] = x[i];
            if (count > 0) {
                brightest = fmaxf(brightest, clv_select(p->sorted, count, count / 2));
                darkest = fminf(darkest, clv_select(p->sorted, count, count / 50));
            }
        }
        sum += brightest > 0 ? fabs(log(brightest / 0.25)) + USUAL_WEIGHT * fabs(darkest - USUAL_DARK) : 10;
        dates++;
    }
    return dates ? sum / dates : INFINITY;
}

static int main_group(pairs *p)
{
    const clv_level_scene *s = p->scene;
    int best = -1, most = 0;
    double strangest = INFINITY;
    for (int g = 0; g < s->dates; g++) {
        int weight = 0; /* a user's word before any number of dates; of equal numbers those that fit others already */
        for (int t = 0; t < s->dates; t++)
            if (p->group[t] == g)
                weight += 2 + (p->levels[t].state == CLV_LEVEL_FITS) + (is_by_user(s, t) ? 3 * s->dates : 0);
        if (weight == 0 || weight < most)
            continue;
        const double strange = strangeness(p, g);
        if (weight > most || strange < strangest) {
            best = g;
            most = weight;
            strangest = strange;
        }
    }
    return best;
}

typedef struct agreement {
    int agree;           /* pairs that say the same, none where all are weak */
    int seen, speaking;  /* all pairs; those that say something */
    double value;        /* what they say */
    bool narrow, plants; /* of one of them at least */
} agreement;

/* The pairs of `group` and the main group that say one thing of one kind. */
static agreement agreeing(pairs *p, int group, int right, relation_kind kind)
{
    agreement g = {0};
    int n = 0;
    bool strong = false;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < p->count; i++) {
            const relation *r = &p->found[i];
            const int a = p->group[r->a], b = p->group[r->b];
            if (!((a == group && b == right) || (a == right && b == group)))
                continue;
            if (pass == 0) {
                g.seen++;
                g.speaking += r->kind == CONSTANT || r->kind == FACTOR;
            }
            if (r->kind != kind)
                continue;
            const double v = a == group ? r->value : -r->value;
            if (pass == 0 && n < p->room)
                p->sorted[n++] = (float)v;
            else if (pass == 1 && fabs(v - g.value) <= (kind == FACTOR ? AGREE_LOG : AGREE_CONSTANT)) {
                g.agree++;
                strong = strong || !r->weak;
                g.narrow = g.narrow || r->narrow;
                g.plants = g.plants || r->plants;
            }
        }
        if (n == 0)
            return g;
        if (pass == 0)
            g.value = clv_median(p->sorted, n);
    }
    g.agree = strong ? g.agree : 0;
    return g;
}

/* Whether a pair of the date itself says it, not only those of dates like it. */
static bool says_it(const pairs *p, int t, int right, relation_kind kind, double value)
{
    for (int i = 0; i < p->count; i++) {
        const relation *r = &p->found[i];
        const int other = r->a == t ? r->b : r->b == t ? r->a : -1;
        if (other >= 0 && r->kind == kind && p->group[other] == right &&
            fabs((r->a == t ? r->value : -r->value) - value) <= (kind == FACTOR ? AGREE_LOG : AGREE_CONSTANT))
            return true;
    }
    return false;
}

static void judge(pairs *p, int group, int right, clv_level *levels)
{
    const clv_level_scene *s = p->scene;
    const agreement by[2] = {agreeing(p, group, right, FACTOR), agreeing(p, group, right, CONSTANT)};
    const int kind = by[1].agree > by[0].agree;
    const agreement *g = &by[kind];
    const bool several = g->agree >= 2 && 3 * g->agree >= g->seen,
               alone = g->agree == 1 && g->narrow &&
                       (g->seen == 1 || (g->plants && g->speaking == 1 && g->seen <= PLANTS_PAIRS));
    if (!several && !alone)
        return;
    for (int t = 0; t < s->dates; t++) {
        if (p->group[t] != group || is_by_user(s, t) || !says_it(p, t, right, kind ? CONSTANT : FACTOR, g->value) ||
            (levels[t].state != CLV_LEVEL_UNKNOWN && levels[t].state != CLV_LEVEL_FITS))
            continue;
        clv_level *l = &levels[t];
        *l = (clv_level){
            .difference = NAN, .compared = g->agree, .sure = several || g->plants || s->dates <= CLV_LEVEL_FEW_DATES};
        if (kind == 0) {
            l->state = CLV_LEVEL_FACTOR;
            l->factor = exp(g->value);
            continue;
        }
        l->difference = g->value;
        l->steps = (int)floor(g->value / CLV_LEVEL_OFFSET_STEP + 0.5);
        if (abs(l->steps) != 1 || fabs(g->value - CLV_LEVEL_OFFSET_STEP * l->steps) > NEAR_STEP)
            l->steps = 0;
        l->state = l->steps ? CLV_LEVEL_DOUBTFUL : CLV_LEVEL_CONSTANT;
    }
}

bool clv_levels_by_quantiles(const clv_level_scene *scene, clv_level *levels)
{
    const size_t dates = (size_t)scene->dates;
    pairs p = {.scene = scene, .levels = levels, .bands = scene->bands < MOST_BANDS ? scene->bands : MOST_BANDS};
    p.room = 2 * PAIR_PIXELS;
    if (p.room < scene->dates * REACH)
        p.room = scene->dates * REACH; /* `sorted` holds what the pairs say too */
    p.values[0] = clv_alloc_array(2 * (size_t)p.bands, (size_t)p.room, sizeof *p.values[0]);
    p.values[1] = p.values[0] ? p.values[0] + (size_t)p.bands * (size_t)p.room : NULL;
    p.sorted = clv_alloc_array((size_t)p.room, 1, sizeof *p.sorted);
    p.found = clv_alloc_array(dates, REACH, sizeof *p.found);
    p.group = clv_alloc_array(dates, 1, sizeof *p.group);
    const bool ok = p.values[0] && p.sorted && p.found && p.group;
    if (ok) {
        relate_all(&p);
        const int right = main_group(&p);
        for (int g = 0; g < scene->dates; g++)
            if (g != right)
                judge(&p, g, right, levels);
    }
    free(p.values[0]);
    free(p.sorted);
    free(p.found);
    free(p.group);
    return ok;
}
