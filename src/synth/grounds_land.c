/* SPDX-License-Identifier: MIT
 *
 * grounds: the invented land (landscape.h) as a scene.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "synth/grounds_private.h"
#include "synth/landscape.h"

/* From the tenth of May on, every twelve days; a single picture in June. */
static double day_of(int dates, int t)
{
    return dates == 1 ? 165 : 130 + 12 * t;
}

bool clv_grounds_land(clv_grounds_scene *s, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    clv_ground *ground = clv_alloc_array(clv_landscape_ground_count(s->width, s->height), 1, sizeof *ground);
    float *work = clv_alloc_array(clv_landscape_work_count(s->width, s->height), 1, sizeof *work);
    const bool done = ground && work;
    clv_landscape land;
    clv_landscape_init(&land, seed, 20);
    if (done)
        clv_landscape_survey(&land, 0, 0, s->width, 0, clv_landscape_survey_rows(s->height), ground);
    for (int t = 0; t < s->dates && done; t++) {
        float *x = clv_grounds_date(s, t), *const bands[CLV_GROUNDS_BANDS] = {x, x + n, x + 2 * n, x + 3 * n};
        clv_landscape_day day;
        clv_landscape_day_init(&day, &land, t, day_of(s->dates, t));
        clv_landscape_render(&land, &day, ground, 0, 0, s->width, s->height, bands, work);
        for (size_t i = 0; i < CLV_GROUNDS_BANDS * n; i++)
            x[i] = (float)clv_landscape_digital(&day, (int)(i / n), (int)(i % n % (size_t)s->width),
                                                (int)(i % n / (size_t)s->width), x[i]) /
                   10000;
    }
    s->has_nir = true;
    free(ground);
    free(work);
    return done;
}
