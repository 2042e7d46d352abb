/* SPDX-License-Identifier: MIT
 *
 * Building a series: the masks of -mask and -scl, each to its date.
 */
#include "series/build_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "series/mask_order.h"

static clv_status expand_masks(clv_series_build *b, const char *const *names, const char *option, clv_inputs *list)
{
    int count = 0;
    while (names && names[count])
        count++;
    clv_status status = clv_inputs_expand(b->ctx, names, count, option, list);
    while (status == CLV_OK && list->count > 0 && list->count < b->inputs.count && !strcmp(list->names[0], "none") &&
           count == 1)
        status = clv_inputs_add(b->ctx, list, "none", NULL); /* one "none" is for all */
    if (status == CLV_OK)
        status = clv_stream_copy_inputs(b->ctx, &b->series->private_data->copies, list);
    if (status == CLV_OK && list->count > 0 && list->count != b->inputs.count)
        status = clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                          "%s: %d given for %d inputs; give one each, in the inputs' order (none for an input "
                          "without one)",
                          option, list->count, b->inputs.count);
    return status;
}

static void say_mask(clv_acquisition *a, const char *option, const char *name)
{
    char how[80];
    snprintf(how, sizeof how, "%s %.60s", option, clv_name_base(name));
    clv_date_facts_say_mask(&a->facts, how);
    a->facts.masks_doubtful = false;
}

/* The masks that the user gave for the inputs of a joined date, as one: its name in the list becomes that of a VRT. */
static clv_status join_given_masks(clv_series_build *b, clv_inputs *list)
{
    clv_status status = CLV_OK;
    const char **names = clv_alloc_array(1, (size_t)b->day_count, sizeof(const char *));
    if (!names)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->day_count && list->count > 0 && status == CLV_OK; d++) {
        int n = 0, first = 0;
        bool any = false, all = true;
        for (int e = d; e < b->day_count && b->days[d].into == d; e++) {
            if (b->days[e].into != d || b->days[e].again)
                continue;
            const char *name = list->names[b->days[e].dataset - b->datasets];
            first = b->days[d].first == e ? n : first;
            names[n++] = strcmp(name, "none") ? name : NULL;
            any = any || names[n - 1];
            all = all && names[n - 1];
        }
        if (n < 2 || !any)
            continue;
        if (!all)
            status = clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                              "%s: is joined with other inputs of its day; give masks for all of them, or none",
                              b->days[d].dataset->source);
        char *vrt = NULL, **to = &list->names[b->days[d].dataset - b->datasets];
        if (status == CLV_OK)
            status =
                clv_same_day_join_masks(b->ctx, names, n, &b->series->private_data->open_options, 1, first, 0, &vrt);
        if (status == CLV_OK) {
            free(*to);
            *to = vrt;
        }
    }
    free(names);
    return status;
}

/* The name for people of a mask that was joined. */
static const char *shown_mask(const clv_series_build *b, const clv_acquisition *a, const char *name)
{
    return clv_mask_is_joined(name) ? b->datasets[a->input].stem : name;
}

static clv_status order_masks(clv_series_build *b)
{
    struct clv_series_private *p = b->series->private_data;
    const clv_series *s = b->series;
    double *days = clv_alloc_array((size_t)b->inputs.count, 1, sizeof *days);
    if (!days)
        return clv_fail_memory(b->ctx);
    for (int i = 0; i < b->inputs.count; i++)
        days[i] = NAN;
    for (int d = 0; d < s->dates; d++) {
        const clv_acquisition *a = &s->acquisitions[d];
        if (a->facts.has_date && b->datasets[a->input].acquisitions == 1)
            days[a->input] = floor(clv_date_days(&a->facts.date));
    }
    clv_status status = clv_masks_by_day(b->ctx, &p->masks, "-mask", days, b->inputs.names);
    if (status == CLV_OK)
        status = clv_masks_by_day(b->ctx, &p->scls, "-scl", days, b->inputs.names);
    free(days);
    return status;
}

clv_status clv_build_attach_masks(clv_series_build *b)
{
    struct clv_series_private *p = b->series->private_data;
    clv_series *s = b->series;
    clv_status status = expand_masks(b, b->options->masks, "-mask", &p->masks);
    if (status == CLV_OK)
        status = expand_masks(b, b->options->scls, "-scl", &p->scls);
    if (status == CLV_OK)
        status = order_masks(b);
    for (int i = 0; i < p->masks.count && status == CLV_OK; i++)
        status = clv_build_keep_name(b, p->masks.names[i]);
    for (int i = 0; i < p->scls.count && status == CLV_OK; i++)
        status = clv_build_keep_name(b, p->scls.names[i]);
    if (status == CLV_OK)
        status = join_given_masks(b, &p->masks);
    if (status == CLV_OK)
        status = join_given_masks(b, &p->scls);
    if (status != CLV_OK)
        return status;
    s->mask_mode = b->options->mask_mode;
    s->masks_cover_all = true;
    for (int d = 0; d < s->dates; d++) {
        clv_acquisition *a = &s->acquisitions[d];
        clv_date_files *f = &p->files[d];
        const char *mask = p->masks.count ? p->masks.names[a->input] : "none",
                   *scl = p->scls.count ? p->scls.names[a->input] : "none";
        f->mask = strcmp(mask, "none") ? mask : NULL;
        f->scl = strcmp(scl, "none") ? scl : NULL;
        f->mask_band = f->scl_band = a->step + 1;
        bool without = p->scls.count && !f->scl; /* "-scl none": not the product's either */
        if ((s->mask_mode == CLV_MASK_REPLACE && (f->mask || f->scl)) || without)
            clv_date_facts_clear_masks(&a->facts);
        if (f->mask)
            say_mask(a, "-mask", shown_mask(b, a, f->mask));
        if (f->scl)
            say_mask(a, "-scl", shown_mask(b, a, f->scl));
        s->has_masks = s->has_masks || a->facts.mask_how[0];
        s->masks_cover_all = s->masks_cover_all && clv_date_facts_masked(&a->facts);
    }
    return CLV_OK;
}
