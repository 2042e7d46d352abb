/* SPDX-License-Identifier: MIT
 *
 * place: one piece of ground in memory with its dates and labels, as samples are cut from it.
 *
 * A `series` line of a training list becomes one place with all its dates, a `pair` one of two dates, every
 * picture of `labels` and `clear` a place of one date. Pictures are read through series/ (bands by role,
 * reflectance) at the line's pixel size; memory is 16 bytes a pixel and date and two bytes for label and validity.
 *
 *     clv_places *places;
 *     clv_places_open(ctx, list, &places);        // reads everything
 *     ... places->items[i].x ...
 *     clv_places_free(places);
 */
#ifndef CLV_LEARN_DATASET_PLACE_H
#define CLV_LEARN_DATASET_PLACE_H

#include "base/context.h"
#include "learn/dataset/train_list.h"

/* What a date of a place serves for. */
typedef enum clv_use {
    CLV_USE_NONE = 0,   /* part of the reference only */
    CLV_USE_LABELS = 1, /* its labels are learned */
    CLV_USE_GROUND = 2  /* it is clear: simulated clouds are laid on it */
} clv_use;

typedef struct clv_place {
    char *name;
    int dates, width, height;
    double pixel_m; /* metres a pixel */
    bool has_nir, hold;
    double weight;    /* share of the samples, relative */
    float *x;         /* [dates, 4, height, width] reflectance: red, green, blue, NIR (0 without NIR) */
    uint8_t *missing; /* [dates, height, width] */
    uint8_t *label;   /* [dates, height, width], labels.h */
    uint8_t *use;     /* [dates], clv_use */
    float *reference; /* [4, height, width]: lower median of the dates, a pair's clear picture; NULL for one date */
} clv_place;

typedef struct clv_places {
    clv_place *items;
    int count;
} clv_places;

/* Reads all places of an expanded list. Errors: those of clv_series_open; a label file that does not lie on its
 * picture. */
clv_status clv_places_open(clv_context *ctx, const clv_train_list *list, clv_places **out);
/* Adds the places of `more` to `places`; frees `more`. */
clv_status clv_places_join(clv_context *ctx, clv_places *places, clv_places *more);
void clv_places_free(clv_places *places);

#endif
