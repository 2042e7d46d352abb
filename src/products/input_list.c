/* SPDX-License-Identifier: MIT */
#include "products/input_list.h"

#include <stdlib.h>

#include "base/alloc.h"

clv_status clv_inputs_add(clv_context *ctx, clv_inputs *list, const char *name, clv_bundle *bundle)
{
    clv_status status = CLV_OK;
    if (list->count == CLV_MAX_FILES) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "more than %d files; process the series in parts", CLV_MAX_FILES);
    } else if (list->count == list->capacity) {
        int capacity = list->capacity ? list->capacity * 2 : 16;
        char **names = realloc(list->names, (size_t)capacity * sizeof *names);
        if (names)
            list->names = names;
        clv_bundle **bundles = realloc(list->bundles, (size_t)capacity * sizeof *bundles);
        if (bundles)
            list->bundles = bundles;
        if (names && bundles)
            list->capacity = capacity;
        else
            status = clv_fail_memory(ctx);
    }
    char *copy = status == CLV_OK ? clv_strdup(name) : NULL;
    if (status == CLV_OK && !copy)
        status = clv_fail_memory(ctx);
    if (status != CLV_OK) {
        clv_bundle_free(bundle);
        return status;
    }
    list->names[list->count] = copy;
    list->bundles[list->count++] = bundle;
    return CLV_OK;
}

void clv_inputs_clear(clv_inputs *list)
{
    for (int i = 0; i < list->count; i++) {
        free(list->names[i]);
        clv_bundle_free(list->bundles[i]);
    }
    free(list->names);
    free(list->bundles);
    *list = (clv_inputs){0};
}
