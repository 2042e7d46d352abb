/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/eval_case.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "pipeline/report.h"
#include "products/inputs.h"
#include "series/earthnet.h"

static int list_length(const char *const *list)
{
    int n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* Whether input i is the other half of a cube that was named before: both are read as one. */
static bool seen_before(const clv_inputs *inputs, int i)
{
    char *partner = clv_name_ends(inputs->names[i], "npz") ? clv_earthnet_partner(inputs->names[i]) : NULL;
    bool seen = false;
    for (int k = 0; partner && k < i && !seen; k++)
        seen = strcmp(partner, inputs->names[k]) == 0;
    free(partner);
    return seen;
}

static clv_status each_input(clv_context *ctx, const clv_inputs *inputs, const clv_input_options *input,
                             clv_eval_case_fn fn, void *user)
{
    const int masks = list_length(input->masks), scls = list_length(input->scls);
    if ((masks && masks != inputs->count) || (scls && scls != inputs->count))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %d given for %d inputs; give one per input, in their order",
                        masks ? "-mask" : "-scl", masks ? masks : scls, inputs->count);
    clv_status status = CLV_OK;
    for (int i = 0; i < inputs->count && status == CLV_OK; i++) {
        if (seen_before(inputs, i))
            continue;
        const char *const mask[] = {masks ? input->masks[i] : NULL, NULL};
        const char *const scl[] = {scls ? input->scls[i] : NULL, NULL};
        const char *const name = inputs->names[i];
        clv_eval_case eval_case = {.names = &name, .count = 1, .input = *input, .cube = clv_name_ends(name, "npz")};
        eval_case.input.masks = masks ? mask : NULL;
        eval_case.input.scls = scls ? scl : NULL;
        clv_progress_phase(ctx, (double)i / inputs->count, (double)(i + 1) / inputs->count);
        status = fn(user, &eval_case);
    }
    return status;
}

clv_status clv_eval_cases(clv_context *ctx, const char *const *names, int count, const clv_input_options *input,
                          bool each, clv_eval_case_fn fn, void *user)
{
    clv_inputs inputs = {0};
    int cubes = 0;
    clv_status status = clv_inputs_expand(ctx, names, count, "input", &inputs);
    if (status != CLV_OK)
        goto cleanup;
    for (int i = 0; i < inputs.count; i++)
        cubes += clv_cube_is(inputs.names[i]);
    if (cubes && cubes < inputs.count) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "cubes and rasters cannot be evaluated together: call twice");
    } else if (cubes || each) {
        status = each_input(ctx, &inputs, input, fn, user);
    } else {
        const clv_eval_case eval_case = {(const char *const *)inputs.names, inputs.count, *input, false};
        status = fn(user, &eval_case);
    }

cleanup:
    clv_inputs_clear(&inputs);
    return status;
}

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

clv_status clv_found_open(clv_context *ctx, const clv_eval_case *eval_case, const clv_detect_settings *settings,
                          const clv_compute_options *compute, bool network_only, clv_found *f)
{
    const clv_output_options place = {.path = temporary_folder()};
    clv_input_options input = eval_case->input;
    if (!network_only)
        input.mask_mode = CLV_MASK_REPLACE;
    *f = (clv_found){.stage = {.settings = settings,
                               .compute = compute,
                               /* Masks that serve as truth are taken as they are. */
                               .user_masks = !network_only || input.masks != NULL,
                               .network_only = network_only}};
    clv_status status = clv_series_open(ctx, eval_case->names, eval_case->count, &input, &f->series);
    if (status == CLV_OK)
        status = clv_check_dilation(ctx, settings, &f->series->grid);
    if (status != CLV_OK)
        return status;
    if (network_only && !f->series->has_masks)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: no labels to compare with: give a mask or a scene classification per input with -mask or "
                        "-scl",
                        eval_case->names[0]);
    clv_report_series(ctx, f->series);
    f->stage.dates = calloc((size_t)f->series->dates, sizeof *f->stage.dates);
    if (!f->stage.dates)
        return clv_fail_memory(ctx);
    if ((status = clv_outputs_new(ctx, &place, &f->set)) != CLV_OK ||
        (status = clv_scratch_new(f->set, &f->series->grid, GDT_Byte, f->series->dates, &f->flags)) != CLV_OK)
        return status;
    f->stage.flags = f->flags;
    return clv_stage1_run(ctx, f->series, &f->stage);
}

void clv_found_close(clv_found *f)
{
    clv_scratch_free(f->flags);
    clv_outputs_free(f->set);
    free(f->stage.dates);
    clv_series_free(f->series);
    *f = (clv_found){0};
}
