/* SPDX-License-Identifier: MIT */
#include "series/turn_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "image/level_pixels.h"
#include "series/series_private.h"

#define ENOUGH 8 /* dates whose answer is asked for */
#define ALONE 2  /* answers that are needed, where there are so many other dates */

typedef struct votes {
    int as_it_is, turned[CLV_TURNS];
} votes;

static const float *plane(const clv_order_sample *s, int t, int c)
{
    return s->x + ((size_t)t * (size_t)s->bands + (size_t)c) * (size_t)s->pixels;
}

/* A date that covers another part of the grid would be turned about another point. */
static bool covers_all(const clv_series *series, int t)
{
    const clv_grid *whole = &series->private_data->whole;
    const clv_rect extent = series->acquisitions[t].extent;
    return extent.width == whole->width && extent.height == whole->height;
}

static void ask_others(const clv_series *series, const clv_orientation_scene *scene, const float *structures, int t,
                       votes *v)
{
    const size_t size = (size_t)scene->cells * CLV_ORIENTATION_FEATURES;
    int asked = 0;
    for (int away = 1; away < series->dates; away++)
        for (int side = -1; side <= 1; side += 2) {
            const int u = t + side * away;
            if (u < 0 || u >= series->dates || asked >= ENOUGH || !covers_all(series, u))
                continue;
            const clv_orientation found =
                clv_orientation_find(scene, structures + (size_t)t * size, structures + (size_t)u * size);
            if (!found.known)
                continue;
            asked++;
            if (found.turn == 0)
                v->as_it_is++;
            else
                v->turned[found.turn]++;
        }
}

/* The turn that the others agree on, 0: none. Half of a series against the other half says of neither that it is
 * wrong; of two dates one is. */
static int turn_of(const votes *v, int dates)
{
    int best = 0, all = 0;
    for (int turn = 1; turn < CLV_TURNS; turn++) {
        all += v->turned[turn];
        best = v->turned[turn] > v->turned[best] || best == 0 ? turn : best;
    }
    const bool enough = v->turned[best] >= (dates > ALONE ? ALONE : dates - 1);
    return enough && v->turned[best] == all && all > 2 * v->as_it_is ? best : 0;
}

clv_status clv_series_check_turns(clv_context *ctx, const clv_series *series, const clv_order_sample *s,
                                  clv_orientation_scene *scene)
{
    clv_orientation_layout(scene);
    const size_t size = (size_t)scene->cells * CLV_ORIENTATION_FEATURES, n = (size_t)s->pixels;
    if (scene->cells == 0 || series->dates < 2)
        return CLV_OK;
    float *structures = clv_alloc_array((size_t)series->dates, size, sizeof *structures);
    float *scratch = clv_alloc_array(2, (size_t)scene->cells, sizeof *scratch);
    uint8_t *use = clv_alloc_array(n, 1, 1);
    clv_status status = structures && scratch && use ? CLV_OK : clv_fail_memory(ctx);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        const float *const planes[CLV_ORIENTATION_FEATURES] = {plane(s, t, 0), plane(s, t, s->bands > 3 ? 3 : 1)};
        for (size_t i = 0; i < n; i++)
            use[i] = !s->state[(size_t)t * n + i] && !clv_level_is_white(plane(s, t, 0) + i, n, 0);
        clv_orientation_structures(scene, planes, use, scratch, structures + (size_t)t * size);
    }
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        votes v = {0, {0}};
        if (!covers_all(series, t))
            continue;
        ask_others(series, scene, structures, t, &v);
        const int turn = turn_of(&v, series->dates);
        if (turn == 0)
            continue;
        clv_warn(ctx,
                 "%s: it lies %s against the other dates, as far as their structures tell. Nothing is changed, and its "
                 "ground may be taken for change or cloud: write the file with its rows and columns as those of the "
                 "others, or leave the date out",
                 clv_name_base(series->acquisitions[t].source), clv_orientation_text(turn));
        if (series->dates == 2)
            break; /* one of the two; once is enough */
    }
    free(structures);
    free(scratch);
    free(use);
    return status;
}
