/* SPDX-License-Identifier: MIT */
#include "image/level_raised.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/select.h"
#include "image/level_pixels.h"

enum {
    MOST_BANDS = 4,     /* visible and near infrared */
    PAIR_PIXELS = 6000, /* compared in a pair, about */
    FEWEST = 150,       /* left in a pair */
    REFERENCES = 12     /* dates that a date is compared with, the nearest in time */
};
#define LEAST 0.045         /* smaller constants are haze */
#define LEAST_KEPT 0.4      /* of the pixels in common, beside cloud and snow */
#define TIGHT 0.031         /* quartile range of the differences: clouds and haze in patches have more */
#define CORRELATION 0.5     /* mean of the visible bands: the same ground is seen, not a veil's own shapes */
#define BLUER 0.03          /* haze brightens blue more than red */
#define VISIBLE_APART 0.035 /* most between the visible bands' differences */
#define MOST_CONTRAST 1.6   /* mean of the visible bands: a factor raises it */
#define LEAST_CONTRAST 0.93 /* of near infrared, to one of the dates at least: a veil takes of it */
#define EVEN 0.018          /* quartile range of the differences where plants may speak for it instead */
#define LEAST_PLANTS 0.2    /* of the pixels compared */
#define BRIGHTEST_VEIL 0.8  /* over the ground; what scatters so much back takes twice that of the light */
#define PAIR_CONTRAST 0.3   /* of each visible band in every pair */
#define OTHER_DARK 0.05     /* the dark ground of all bands may be so much less raised */
#define NEAR_BELOW 0.02     /* of CLV_LEVEL_OFFSET_STEP: less is another constant */
#define NEAR_ABOVE 0.026    /* some haze may be in it */

typedef struct comparer {
    const clv_level_scene *scene;
    const clv_level *levels;
    int bands;
    int room;
    float *values[2];  /* [bands, room] */
    float *difference; /* [room] */
    float *scratch;    /* [room] */
} comparer;

typedef struct verdict {
    bool seen;       /* the same ground, tightly compared */
    bool raised;     /* by a constant, as far as this pair tells */
    double by;       /* difference of the visible bands */
    double contrast; /* of near infrared, of the other's; 1 without that band */
    double taken;    /* of the plants' near infrared, where the rise is even; NaN: not seen */
} verdict;

static float percentile(comparer *c, const float *x, int n, double part)
{
    memcpy(c->scratch, x, (size_t)n * sizeof *x);
    return clv_select(c->scratch, n, (int)(part * (n - 1)));
}

static double range_of(comparer *c, const float *x, int n)
{
    return (double)percentile(c, x, n, 0.9) - percentile(c, x, n, 0.1);
}

static double correlation(const float *x, const float *y, int n)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        sx += x[i];
        sy += y[i];
    }
    sx /= n;
    sy /= n;
    for (int i = 0; i < n; i++) {
        xx += (x[i] - sx) * (x[i] - sx);
        yy += (y[i] - sy) * (y[i] - sy);
        xy += (x[i] - sx) * (y[i] - sy);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Whether some band is stored as 0: what an unsigned type makes of everything below. */
static bool is_clipped(const clv_level_scene *s, const float *x, size_t i, double offset)
{
    for (int c = 0; c < s->bands; c++)
        if (fabs((double)x[(size_t)c * (size_t)s->pixels + i] - offset) < 1e-9)
            return true;
    return false;
}

static int take_pixels(comparer *c, int t, int u, int *common)
{
    const clv_level_scene *s = c->scene;
    const size_t n = (size_t)s->pixels, stride = n > PAIR_PIXELS ? n / PAIR_PIXELS : 1;
    const float *a = s->x + (size_t)t * (size_t)s->bands * n, *b = s->x + (size_t)u * (size_t)s->bands * n;
    const uint8_t *sa = s->state + (size_t)t * n, *sb = s->state + (size_t)u * n;
    const float add = c->levels[u].state != CLV_LEVEL_FITS ? (float)(-CLV_LEVEL_OFFSET_STEP * c->levels[u].steps) : 0;
    int kept = 0;
    *common = 0;
    for (size_t i = 0; i < n && kept < c->room; i += stride) {
        if ((sa[i] | sb[i]) || is_clipped(s, a, i, s->offset[t]) || is_clipped(s, b, i, s->offset[u]))
            continue;
        ++*common;
        if (clv_level_is_white(a + i, n, 0) || clv_level_is_white(b + i, n, add))
            continue;
        for (int k = 0; k < c->bands; k++) {
            c->values[0][(size_t)k * (size_t)c->room + (size_t)kept] = a[(size_t)k * n + i];
            c->values[1][(size_t)k * (size_t)c->room + (size_t)kept] = b[(size_t)k * n + i] + add;
        }
        kept++;
    }
    return kept;
}

/* What plants lack in near infrared, in parts of their contrast; NaN: the rise is in patches, or few plants are seen.
 */
static double taken_of_plants(comparer *c, int n, double by, double wide)
{
    double taken = NAN;
    if (c->bands <= 3 || wide > EVEN)
        return NAN;
    const int plants = clv_level_plants_taken(c->values[0], c->values[1], (size_t)c->room, n, by, c->scratch, &taken);
    return plants >= FEWEST && plants >= LEAST_PLANTS * n ? taken : NAN;
}

/* Date t against date u of the right level. */
static verdict compare(comparer *c, int t, int u)
{
    verdict v = {.contrast = 1, .taken = NAN};
    int common;
    const int n = take_pixels(c, t, u, &common);
    const size_t room = (size_t)c->room;
    if (n < FEWEST || n < LEAST_KEPT * common)
        return v;
    double contrast[MOST_BANDS], apart[3], together = 0, dark_apart = 0;
    for (int k = 0; k < c->bands; k++) {
        float *a = c->values[0] + (size_t)k * room, *b = c->values[1] + (size_t)k * room;
        together += k < 3 ? correlation(a, b, n) / 3 : 0;
        contrast[k] = range_of(c, a, n) / fmax(range_of(c, b, n), 1e-4);
        dark_apart += ((double)percentile(c, a, n, 0.1) - percentile(c, b, n, 0.1)) / c->bands;
    }
    if (together < CORRELATION)
        return v;
    float *a = c->values[0], *b = c->values[1];
    for (int i = 0; i < n; i++) { /* the middle one of the three */
        const float d[3] = {a[i] - b[i], a[room + (size_t)i] - b[room + (size_t)i],
                            a[2 * room + (size_t)i] - b[2 * room + (size_t)i]};
        c->difference[i] = fmaxf(fminf(d[0], d[1]), fminf(fmaxf(d[0], d[1]), d[2]));
    }
    v.by = percentile(c, c->difference, n, 0.5);
    const double wide = (double)percentile(c, c->difference, n, 0.75) - percentile(c, c->difference, n, 0.25);
    v.seen = wide <= TIGHT;
    v.taken = taken_of_plants(c, n, v.by, wide);
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < n; i++)
            a[(size_t)k * room + (size_t)i] -= b[(size_t)k * room + (size_t)i];
        apart[k] = percentile(c, a + (size_t)k * room, n, 0.5);
    }
    const double low = fmin(fmin(apart[0], apart[1]), apart[2]), high = fmax(fmax(apart[0], apart[1]), apart[2]);
    v.raised = v.seen && v.by >= LEAST && high - low <= VISIBLE_APART && apart[2] - apart[0] <= BLUER &&
               dark_apart >= v.by - OTHER_DARK && (contrast[0] + contrast[1] + contrast[2]) / 3 <= MOST_CONTRAST;
    for (int k = 0; k < 3; k++)
        v.raised = v.raised && contrast[k] >= PAIR_CONTRAST;
    v.contrast = c->bands > 3 ? contrast[3] : fmin(fmin(contrast[0], contrast[1]), contrast[2]);
    return v;
}

/* Whether the date's level is known, so that others can be compared with it. */
static bool is_known(const clv_level *l)
{
    return l->state == CLV_LEVEL_FITS || l->state == CLV_LEVEL_OFFSET || (l->state == CLV_LEVEL_DOUBTFUL && l->sure);
}

/* Dates of the right level agree that this one is raised, and none that sees the same ground contradicts. */
static void judge(comparer *c, int t, const clv_level *known, clv_level *out)
{
    const int dates = c->scene->dates;
    double by = 0, contrast = 0, taken = 0;
    int compared = 0, agree = 0;
    for (int away = 1; away < dates && compared < REFERENCES; away++)
        for (int side = -1; side <= 1 && compared < REFERENCES; side += 2) {
            const int u = t + side * away;
            if (u < 0 || u >= dates || !is_known(&known[u]))
                continue;
            const verdict v = compare(c, t, u);
            compared += v.seen;
            if (!v.raised && v.seen && v.by < LEAST / 2)
                return;
            if (!v.raised)
                continue;
            by += v.by;
            agree++;
            contrast = fmax(contrast, v.contrast);
            taken += v.taken;
        }
    const double mean = by / agree, step = CLV_LEVEL_OFFSET_STEP;
    const bool bare = mean >= step - NEAR_BELOW && taken * BRIGHTEST_VEIL < by;
    if (agree < 2 || 2 * agree <= compared || !(contrast >= LEAST_CONTRAST || bare))
        return;
    const bool is_step = mean >= step - NEAR_BELOW && mean <= step + NEAR_ABOVE;
    *out = (clv_level){.state = is_step ? CLV_LEVEL_DOUBTFUL : CLV_LEVEL_CONSTANT,
                       .difference = mean,
                       .steps = is_step,
                       .compared = agree,
                       .sure = true};
}

bool clv_levels_raised(const clv_level_scene *scene, clv_level *levels)
{
    const size_t dates = (size_t)scene->dates;
    comparer c = {.scene = scene,
                  .levels = levels,
                  .bands = scene->bands < MOST_BANDS ? scene->bands : MOST_BANDS,
                  .room = 2 * PAIR_PIXELS};
    clv_level *found = clv_alloc_array(dates, 1, sizeof *found);
    c.values[0] = clv_alloc_array(2 * (size_t)c.bands + 2, (size_t)c.room, sizeof *c.values[0]);
    const bool ok = found && c.values[0];
    if (ok) {
        c.values[1] = c.values[0] + (size_t)c.bands * (size_t)c.room;
        c.difference = c.values[1] + (size_t)c.bands * (size_t)c.room;
        c.scratch = c.difference + c.room;
        memcpy(found, levels, dates * sizeof *found);
        for (int t = 0; t < scene->dates; t++)
            if (levels[t].state == CLV_LEVEL_UNKNOWN && !(scene->trust && scene->trust[t] == CLV_LEVEL_TRUST_USER))
                judge(&c, t, levels, &found[t]);
        memcpy(levels, found, dates * sizeof *found);
    }
    free(found);
    free(c.values[0]);
    return ok;
}
