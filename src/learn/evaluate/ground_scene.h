/* SPDX-License-Identifier: MIT
 *
 * ground_scene: the pictures of a ground (ground_list.h) in memory: read or made, with what is laid on them and the
 * truth.
 *
 *     static clv_status measure(void *user, clv_ground_scene *scene);
 *
 *     status = clv_ground_scenes(ctx, line, seed, measure, user);
 *
 * A scene lives during the call. The same list, line and seed give the same scene.
 */
#ifndef CLV_LEARN_EVALUATE_GROUND_SCENE_H
#define CLV_LEARN_EVALUATE_GROUND_SCENE_H

#include "learn/evaluate/ground_list.h"

typedef struct clv_ground_scene {
    clv_grounds_scene made;
    uint8_t *missing; /* [dates, height, width] */
    float *clean;     /* as made.x, before the last maker */
    bool *on;         /* [dates]: dates that are measured */
} clv_ground_scene;

typedef clv_status (*clv_ground_scene_fn)(void *user, clv_ground_scene *scene);

/* Calls fn for every picture of the line (one for a series), whose files are there. Errors: those of reading. */
clv_status clv_ground_scenes(clv_context *ctx, const clv_ground_line *line, uint64_t seed, clv_ground_scene_fn fn,
                             void *user);

#endif
