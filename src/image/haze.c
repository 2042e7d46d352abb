/* SPDX-License-Identifier: MIT */
#include "image/haze.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/select.h"

#define LEAST_PIXELS 200
#define SOME 0.05       /* of the date is flagged: haze has to be clear to see, */
#define MUCH 0.25       /* less so from here on */
#define RISE_SOME 0.025 /* reflectance where the score is 0.5 */
#define RISE_MUCH 0.011
#define WIDTH 0.01 /* from 0 to 1 */
#define EVEN 0.02  /* reflectance: what the middle half of the differences spreads by on any day */

/* The nearest date beside t in that direction that shows the pixel unflagged; -1: none. */
static int nearest(const clv_haze_scene *s, int t, int step, int i)
{
    for (int u = t + step; u >= 0 && u < s->dates; u += step) {
        const size_t at = (size_t)u * (size_t)s->pixels + (size_t)i;
        if (!s->missing[at] && !s->flagged[at])
            return u;
    }
    return -1;
}

static float value(const clv_haze_scene *s, int t, int band, int i)
{
    return s->x[((size_t)t * (size_t)s->bands + (size_t)band) * (size_t)s->pixels + (size_t)i];
}

double clv_haze_score(const clv_haze_scene *s, int t, float *work)
{
    const uint8_t *missing = s->missing + (size_t)t * (size_t)s->pixels;
    const uint8_t *flagged = s->flagged + (size_t)t * (size_t)s->pixels;
    int known = 0, clouded = 0, compared = 0;
    for (int i = 0; i < s->pixels; i++) {
        known += !missing[i];
        clouded += !missing[i] && flagged[i];
    }
    const double share = known > 0 ? (double)clouded / known : 0;
    if (share < SOME || known - clouded < LEAST_PIXELS)
        return 0;
    for (int i = 0; i < s->pixels; i++) {
        if (missing[i] || flagged[i])
            continue;
        const int before = nearest(s, t, -1, i), after = nearest(s, t, 1, i);
        if (before < 0 && after < 0)
            continue;
        for (int b = 0; b < 3; b++) {
            const float a = value(s, before >= 0 ? before : after, b, i),
                        c = value(s, after >= 0 ? after : before, b, i);
            work[b * s->pixels + compared] = value(s, t, b, i) - (a + c) / 2;
        }
        work[3 * s->pixels + compared] =
            (work[compared] + work[s->pixels + compared] + work[2 * s->pixels + compared]) / 3;
        compared++;
    }
    if (compared < LEAST_PIXELS)
        return 0;
    double rise = 1;
    for (int b = 0; b < 3; b++) {
        const double median = clv_median(work + b * s->pixels, compared);
        rise = median < rise ? median : rise;
    }
    float *mean = work + 3 * s->pixels;
    const double spread =
        clv_select(mean, compared, compared * 3 / 4) - (double)clv_select(mean, compared, compared / 4);
    if (spread > EVEN && spread > rise)
        return 0;
    const double half =
        share >= MUCH ? RISE_MUCH : RISE_MUCH + (RISE_SOME - RISE_MUCH) * (MUCH - share) / (MUCH - SOME);
    const double score = 0.5 + (rise - half) / WIDTH;
    return score < 0 ? 0 : score > 1 ? 1 : score;
}
