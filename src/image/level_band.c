/* SPDX-License-Identifier: MIT */
#include "image/level_band.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/select.h"
#include "image/level_peak.h"
#include "image/level_pixels.h"

enum {
    VISIBLE = 3,
    REACH = 4,          /* each date is compared with so many before and after it */
    PAIR_PIXELS = 4000, /* compared in a pair, about */
    FEWEST = 100        /* in a peak */
};
#define OTHERS_APART 0.02F /* most that the other two visible bands' differences differ */
#define OTHERS_AWAY 0.04F  /* and that they lie away */
#define NIR_AWAY 0.05F     /* near infrared beside them */
#define SHARE 0.12         /* of the pixels in common in a peak */
#define LEAST 0.055        /* smaller differences are haze and growth */
#define LEAST_LOG 0.9      /* 2.5: of what is dark less is haze */
#define AGREE 0.02         /* of two pairs' constants */
#define AGREE_LOG 0.25     /* of their factors */

typedef struct finding {
    bool constant, factor;
    double difference, log_factor;
} finding;

/* Date t against date u, band c. */
static finding compare(const clv_level_scene *s, int t, int u, int c)
{
    int differences[CLV_PEAK_BINS] = {0}, ratios[CLV_PEAK_BINS] = {0};
    const size_t n = (size_t)s->pixels, stride = n > 2 * (size_t)PAIR_PIXELS ? n / PAIR_PIXELS : 1;
    const float *a = s->x + (size_t)t * (size_t)s->bands * n, *b = s->x + (size_t)u * (size_t)s->bands * n;
    const uint8_t *sa = s->state + (size_t)t * n, *sb = s->state + (size_t)u * n;
    const size_t own = (size_t)c * n, one = (size_t)((c + 1) % VISIBLE) * n, two = (size_t)((c + 2) % VISIBLE) * n;
    clv_peak constant = {0}, factor = {0};
    for (size_t i = 0; i < n; i += stride) {
        if (sa[i] | sb[i])
            continue;
        constant.common++;
        const float d1 = a[one + i] - b[one + i], d2 = a[two + i] - b[two + i], others = 0.5F * (d1 + d2);
        if (fabsf(d1 - d2) > OTHERS_APART || fabsf(others) > OTHERS_AWAY ||
            (s->bands > VISIBLE && fabsf(a[VISIBLE * n + i] - b[VISIBLE * n + i] - others) > NIR_AWAY))
            continue;
        clv_peak_count(differences, a[own + i] - b[own + i] - others, CLV_LEVEL_BIN);
        if (fminf(a[own + i], b[own + i]) > 1e-4F)
            clv_peak_count(ratios, logf(a[own + i] / b[own + i]), CLV_LEVEL_LOG_BIN);
    }
    factor.common = constant.common;
    clv_peak_find(differences, CLV_LEVEL_BIN, &constant);
    clv_peak_find(ratios, CLV_LEVEL_LOG_BIN, &factor);
    finding f = {.difference = constant.at, .log_factor = factor.at};
    f.constant = constant.narrow && constant.share >= SHARE && constant.share * constant.common >= FEWEST &&
                 fabs(constant.at) >= LEAST;
    f.factor = factor.narrow && factor.share >= SHARE && factor.share * factor.common >= FEWEST &&
               fabs(factor.at) >= LEAST_LOG && (!f.constant || factor.share > constant.share);
    f.constant = f.constant && !f.factor;
    return f;
}

/* What the pairs of date t say of band c in common; how many. */
static int agreeing(const clv_level_scene *s, int t, int c, bool factor, double *value)
{
    float values[2 * REACH];
    int n = 0, agree = 0;
    for (int u = t - REACH; u <= t + REACH; u++) {
        if (u < 0 || u >= s->dates || u == t)
            continue;
        const finding f = compare(s, t, u, c);
        if (factor ? f.factor : f.constant)
            values[n++] = (float)(factor ? f.log_factor : f.difference);
    }
    if (n == 0)
        return 0;
    float sorted[2 * REACH];
    for (int i = 0; i < n; i++)
        sorted[i] = values[i];
    *value = clv_median(sorted, n);
    for (int i = 0; i < n; i++)
        agree += fabs(values[i] - *value) <= (factor ? AGREE_LOG : AGREE);
    return agree;
}

bool clv_levels_by_band(const clv_level_scene *scene, clv_level *levels)
{
    typedef struct vote {
        int agree;
        double value;
    } vote;
    vote *votes = clv_alloc_array((size_t)scene->dates, 2 * VISIBLE, sizeof *votes);
    if (!votes)
        return false;
    for (int t = 0; t < scene->dates; t++)
        for (int k = 0; k < 2 * VISIBLE; k++) {
            vote *v = &votes[t * 2 * VISIBLE + k];
            v->agree = agreeing(scene, t, k % VISIBLE, k >= VISIBLE, &v->value);
        }
    /* A date that is away makes one pair with each other date, so that it has more of them than they have. */
    for (int k = 0; k < 2 * VISIBLE; k++)
        for (int t = 0; t < scene->dates; t++) {
            const vote *v = &votes[t * 2 * VISIBLE + k];
            clv_level *l = &levels[t];
            bool most = v->agree >= 2 && l->band == 0 && l->state <= CLV_LEVEL_FITS &&
                        !(scene->trust && scene->trust[t] == CLV_LEVEL_TRUST_USER);
            for (int u = 0; u < scene->dates && most; u++)
                most = u == t || abs(u - t) > REACH || votes[u * 2 * VISIBLE + k].agree < v->agree ||
                       (votes[u * 2 * VISIBLE + k].value > 0) == (v->value > 0);
            if (!most)
                continue;
            l->band = k % VISIBLE + 1;
            l->band_difference = k < VISIBLE ? v->value : 0;
            l->band_factor = k < VISIBLE ? 1 : exp(v->value);
        }
    free(votes);
    return true;
}
