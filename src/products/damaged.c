/* SPDX-License-Identifier: MIT */
#include "products/damaged.h"

#include <stdio.h>

void clv_damaged_note(clv_bundle *bundle, const char *path, const char *why)
{
    if (!bundle->damaged[0])
        snprintf(bundle->damaged, sizeof bundle->damaged, "%.240s: %.140s", path, why);
}

void clv_damaged_warn(clv_context *ctx, const clv_inputs *inputs)
{
    const char *first = NULL;
    int more = -1;
    for (int i = 0; i < inputs->count; i++)
        if (inputs->bundles && inputs->bundles[i] && inputs->bundles[i]->damaged[0]) {
            first = first ? first : inputs->bundles[i]->damaged;
            more++;
        }
    if (!first)
        return;
    char others[64] = "";
    if (more > 0)
        snprintf(others, sizeof others, " (and the metadata of %d more date%s)", more, more == 1 ? "" : "s");
    clv_warn(
        ctx,
        "%s%s; names and values decide without it. Repair it or remove it, or give -date, -in_scale and -in_offset",
        first, others);
}
