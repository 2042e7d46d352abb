/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/ground_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "learn/dataset/labels.h"
#include "learn/dataset/place.h"

enum { BANDS = 4, LEAST_SIDE = 32 };

static size_t pixels_of(const clv_ground_scene *c)
{
    return (size_t)c->made.width * (size_t)c->made.height;
}

static void scene_clear(clv_ground_scene *c)
{
    free(c->made.x);
    free(c->made.truth);
    free(c->missing);
    free(c->clean);
    free(c->on);
    *c = (clv_ground_scene){0};
}

static bool allocate(clv_ground_scene *c, int dates, int width, int height)
{
    c->made.dates = dates;
    c->made.width = width;
    c->made.height = height;
    const size_t n = pixels_of(c), t = (size_t)dates;
    c->made.x = clv_alloc_array(t * BANDS, n, sizeof *c->made.x);
    c->made.truth = clv_alloc_array(t, n, 1);
    c->missing = clv_alloc_array(t, n, 1);
    c->clean = clv_alloc_array(t * BANDS, n, sizeof *c->clean);
    c->on = clv_alloc_array(t, 1, sizeof *c->on);
    if (!c->made.x || !c->made.truth || !c->missing || !c->clean || !c->on)
        return false;
    memset(c->missing, 0, t * n);
    memset(c->made.truth, CLV_TRUTH_CLEAR, t * n);
    for (int k = 0; k < dates; k++)
        c->on[k] = true;
    return true;
}

/* ---- Read and made ----------------------------------------------------------------------------------------- */

static uint8_t truth_of_label(uint8_t label)
{
    return label == CLV_LABEL_CLEAR    ? CLV_TRUTH_CLEAR
           : label == CLV_LABEL_CLOUD  ? CLV_TRUTH_CLOUD
           : label == CLV_LABEL_SHADOW ? CLV_TRUTH_SHADOW
                                       : CLV_TRUTH_UNKNOWN;
}

/* The middle of date `from` of the place becomes date `to`. */
static void copy_date(const clv_place *place, int from, bool labels, clv_ground_scene *c, int to)
{
    const size_t n = pixels_of(c), all = (size_t)place->width * (size_t)place->height;
    const int x0 = (place->width - c->made.width) / 2, y0 = (place->height - c->made.height) / 2;
    for (size_t i = 0; i < n; i++) {
        const size_t x = i % (size_t)c->made.width + (size_t)x0, y = i / (size_t)c->made.width + (size_t)y0;
        const size_t at = y * (size_t)place->width + x;
        for (size_t b = 0; b < BANDS; b++)
            c->made.x[((size_t)to * BANDS + b) * n + i] = place->x[((size_t)from * BANDS + b) * all + at];
        c->missing[(size_t)to * n + i] = place->missing[(size_t)from * all + at];
        if (labels)
            c->made.truth[(size_t)to * n + i] = truth_of_label(place->label[(size_t)from * all + at]);
    }
}

static clv_status take_place(clv_context *ctx, const clv_ground_line *line, const clv_place *place, clv_ground_scene *c)
{
    const bool copies = line->kind == CLV_GROUND_STABLE;
    const int width = place->width < line->size ? place->width : line->size;
    const int height = place->height < line->size ? place->height : line->size;
    int dates = 0;
    for (int t = 0; t < place->dates; t++)
        dates += place->use[t] != CLV_USE_NONE;
    if (!dates || width < LEAST_SIDE || height < LEAST_SIDE)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %d dates of %dx%d pixels: at least one of %dx%d is needed",
                        line->name, dates, width, height, LEAST_SIDE, LEAST_SIDE);
    if (!allocate(c, copies ? line->dates : dates, width, height))
        return clv_fail_memory(ctx);
    c->made.has_nir = place->has_nir;
    for (int t = 0, to = 0; t < place->dates; t++)
        if (place->use[t] != CLV_USE_NONE)
            copy_date(place, t, line->kind == CLV_GROUND_LABELS, c, to++);
    for (int t = 1; copies && t < line->dates; t++)
        copy_date(place, 0, false, c, t);
    return CLV_OK;
}

static clv_status make_land(clv_context *ctx, const clv_ground_line *line, uint64_t seed, clv_ground_scene *c)
{
    return allocate(c, line->dates, line->size, line->size) && clv_grounds_land(&c->made, seed) ? CLV_OK
                                                                                                : clv_fail_memory(ctx);
}

/* ---- What is laid on it --------------------------------------------------------------------------- */

/* The dates that a maker works on. Makers before the last one work on all. */
static void choose_dates(const clv_ground_line *line, int k, int dates, bool *on)
{
    const clv_grounds_maker *maker = line->makers[k];
    const bool all = dates == 1 || k + 1 < line->maker_count || line->on_all;
    for (int t = 0; t < dates; t++)
        on[t] = all || (!line->on_count &&
                        (maker->when == CLV_GROUNDS_ALL || (maker->when == CLV_GROUNDS_LAST && t >= dates - 2) ||
                         (maker->when == CLV_GROUNDS_MIDDLE && t == dates / 2)));
    for (int i = 0; i < line->on_count && !all; i++) {
        const int t = line->on[i] > 0 ? line->on[i] - 1 : dates + line->on[i];
        if (t >= 0 && t < dates)
            on[t] = true;
    }
}

/* Surfaces first, then the series varies, then air and what is on the water. */
static bool lay_all(const clv_ground_line *line, uint64_t seed, clv_ground_scene *c)
{
    const size_t n = pixels_of(c), all = (size_t)c->made.dates * BANDS * n;
    bool done = true, vary = line->kind == CLV_GROUND_STABLE;
    for (int k = 0; k < line->maker_count; k++)
        vary |= line->makers[k]->surface && c->made.dates > 1;
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < line->maker_count && done; k++) {
            const clv_grounds_maker *maker = line->makers[k];
            const bool last = k + 1 == line->maker_count;
            if (maker->surface != (pass == 0))
                continue;
            memset(c->made.truth, CLV_TRUTH_CLEAR, (size_t)c->made.dates * n);
            memcpy(c->clean, c->made.x, all * sizeof *c->clean);
            choose_dates(line, k, c->made.dates, c->on);
            done = maker->make(&c->made, c->on, last ? line->amount : maker->amount,
                               clv_hash_seed(seed, 100 + (uint64_t)k));
        }
        if (pass == 0 && vary && done)
            done = clv_grounds_vary(&c->made, clv_hash_seed(seed, 50));
    }
    return done;
}

static bool keep_water(clv_ground_scene *c)
{
    const size_t n = pixels_of(c);
    uint8_t *water = clv_alloc_array(n, 1, 1);
    if (!water)
        return false;
    clv_grounds_find_water(&c->made, water);
    for (size_t i = 0; i < (size_t)c->made.dates * n; i++)
        if (!water[i % n])
            c->made.truth[i] = CLV_TRUTH_UNKNOWN;
    free(water);
    return true;
}

static clv_status finish(clv_context *ctx, const clv_ground_line *line, uint64_t seed, clv_ground_scene *c)
{
    const size_t all = (size_t)c->made.dates * pixels_of(c);
    if (!line->maker_count && line->kind != CLV_GROUND_LABELS)
        memset(c->made.truth, CLV_TRUTH_GROUND, all);
    if (!lay_all(line, seed, c) || (line->water && !keep_water(c)))
        return clv_fail_memory(ctx);
    for (size_t i = 0; i < all; i++)
        if (c->missing[i])
            c->made.truth[i] = CLV_TRUTH_UNKNOWN;
    return CLV_OK;
}

clv_status clv_ground_scenes(clv_context *ctx, const clv_ground_line *line, uint64_t seed, clv_ground_scene_fn fn,
                             void *user)
{
    clv_places *places = NULL;
    const bool land = line->kind == CLV_GROUND_LAND;
    clv_status status = land ? CLV_OK : clv_places_open(ctx, line->source, &places);
    for (int i = 0; i < (land ? line->count : places ? places->count : 0) && status == CLV_OK; i++) {
        const uint64_t own = clv_hash_seed(clv_hash_seed(seed, (uint64_t)line->seed), (uint64_t)i);
        clv_ground_scene c = {0};
        status = land ? make_land(ctx, line, own, &c) : take_place(ctx, line, &places->items[i], &c);
        if (status == CLV_OK)
            status = finish(ctx, line, own, &c);
        if (status == CLV_OK)
            status = fn(user, &c);
        scene_clear(&c);
    }
    clv_places_free(places);
    return status;
}
