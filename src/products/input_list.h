/* SPDX-License-Identifier: MIT
 *
 * input_list: names of inputs, and beside each the files of a date that is more than one dataset. It owns both; one
 * thread fills it, any may read it afterwards.
 *
 *     clv_inputs list = {0};
 *     clv_status status = clv_inputs_add(ctx, &list, "a.tif", NULL);
 *     clv_inputs_clear(&list);
 */
#ifndef CLV_PRODUCTS_INPUT_LIST_H
#define CLV_PRODUCTS_INPUT_LIST_H

#include "base/context.h"
#include "products/bundle.h"

#define CLV_MAX_INPUTS 4096
#define CLV_MAX_FILES 65536 /* behind the inputs */
#define CLV_MAX_DATES 512

typedef struct clv_inputs {
    char **names;
    clv_bundle *
        *bundles; /* beside the names: the files of a date that is more than one dataset; NULL for others; owned */
    int count, capacity;
} clv_inputs;

/* Appends a copy of the name; the bundle (may be NULL) goes over to the list, also on failure. */
clv_status clv_inputs_add(clv_context *ctx, clv_inputs *list, const char *name, clv_bundle *bundle);
void clv_inputs_clear(clv_inputs *list);

#endif
