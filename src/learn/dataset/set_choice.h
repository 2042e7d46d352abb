/* SPDX-License-Identifier: MIT
 *
 * set_choice: which sequences of a training set are wanted, by place and split.
 *
 *     if ((status = clv_set_choice_check(ctx, set, path, "-place", places)) != CLV_OK) return status;
 *     for (int i = 0; i < clv_prepared_count(set); i++)
 *         if (clv_set_choice_has(set, i, places, split)) ...
 *
 * places: NULL-terminated names, NULL = all. Nothing is owned; any thread.
 */
#ifndef CLV_LEARN_DATASET_SET_CHOICE_H
#define CLV_LEARN_DATASET_SET_CHOICE_H

#include "learn/dataset/prepared.h"

/* Whether an input's name is that of a training set. */
bool clv_is_set_name(const char *name);
/* CLV_ERROR_ARGUMENT: a place that the set does not have. option: the one that named it, for the message. */
clv_status clv_set_choice_check(clv_context *ctx, const clv_prepared *set, const char *path, const char *option,
                                const char *const *places);
/* Whether `name` is one of `names`; not, when these are NULL. */
bool clv_set_choice_names(const char *const *names, const char *name);
/* Whether sequence i is the first of its place. */
bool clv_set_choice_first(const clv_prepared *set, int i);
bool clv_set_choice_has(const clv_prepared *set, int i, const char *const *places, clv_split split);

#endif
