/* SPDX-License-Identifier: MIT
 *
 * eval_case: what an evaluation looks at as one: a series of rasters, a cube, or with `each` a single picture; and its
 * clouds as stage 1 or known masks tell them.
 *
 *     static clv_status look(void *user, const clv_eval_case *eval_case);
 *
 *     status = clv_eval_cases(ctx, inputs, count, &options->input, false, look, user);
 *
 * Names in a case live during the call. A clv_found owns its series; close it also after a failure.
 */
#ifndef CLV_LEARN_EVALUATE_EVAL_CASE_H
#define CLV_LEARN_EVALUATE_EVAL_CASE_H

#include "pipeline/stage1.h"

typedef struct clv_eval_case {
    const char *const *names;
    int count;
    clv_input_options input; /* of these inputs alone */
    bool cube;
} clv_eval_case;

typedef clv_status (*clv_eval_case_fn)(void *user, const clv_eval_case *eval_case);

/* Calls fn for every case, with the progress phase set to its share. Cubes are cases by themselves; the
 * context and target files of one are taken once. Text files are expanded. Errors: cubes beside rasters, masks that do
 * not match. */
clv_status clv_eval_cases(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *input,
                          bool each, clv_eval_case_fn fn, void *user);

typedef struct clv_found {
    clv_series *series;
    clv_outputs *set;
    clv_scratch *flags; /* see clv_flags_read */
    clv_stage1 stage;
} clv_found;

/* Opens the series and finds its clouds. network_only: known masks stay out of the flags; otherwise they replace the
 * network where there are any. */
clv_status clv_found_open(clv_context *ctx, const clv_eval_case *eval_case, const clv_detect_settings *settings,
                          const clv_compute_options *compute, bool network_only, clv_found *out);
void clv_found_close(clv_found *found);

#endif
