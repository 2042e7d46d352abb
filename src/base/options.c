/* SPDX-License-Identifier: MIT
 *
 * The defaults of the public options. What is not named here is zero: detect it, or use the built-in choice.
 */
#include "base/options.h"

#include <math.h>
#include <string.h>

clv_status clv_options_overlay(clv_context *ctx, void *own, size_t known, const void *given, const char *init)
{
    size_t size;
    if (!given)
        return CLV_OK;
    memcpy(&size, given, sizeof size);
    if (size < sizeof size || size > known)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "options: their size is %zu bytes, which this version (%s, %zu bytes) does not know; begin with %s()",
                        size, CLV_VERSION, known, init);
    memcpy(own, given, size);
    memcpy(own, &known, sizeof known);
    return CLV_OK;
}

const char *clv_precision_name(clv_precision precision)
{
    static const char *const names[] = {"auto", "fp32", "bf16", "fp16"};
    return (unsigned)precision < sizeof names / sizeof *names ? names[precision] : "unknown";
}

static void init_input(clv_input_options *input)
{
    input->in_scale = NAN;
    input->in_offset = NAN;
    input->mask_mode = CLV_MASK_JOIN;
}

static void init_detect(clv_detect_settings *detect)
{
    detect->threshold = 0.5;
    detect->shadow_threshold = 0.5;
    detect->dilate = 2;
}

static void init_compute(clv_compute_options *compute)
{
    compute->device = "auto";
    compute->precision = CLV_PRECISION_AUTO;
}

void clv_info_options_init(clv_info_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_input(&options->input);
    options->cloud_share = true;
}

void clv_detect_options_init(clv_detect_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
}

void clv_remove_options_init(clv_remove_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->method = CLV_METHOD_AUTO;
    options->window = 15;
}

void clv_simulate_options_init(clv_simulate_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->seed = 1;
    options->dates = 8;
    options->width = 384;
    options->height = 384;
    options->pixel_size = 20;
    options->cloud_share = 0.3;
    options->nir = true;
}

void clv_evaluate_detect_options_init(clv_evaluate_detect_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
}

void clv_evaluate_remove_options_init(clv_evaluate_remove_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->seed = 1;
    options->window = 15;
}

void clv_prepare_options_init(clv_prepare_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->stride = 128;
    options->clear_dates = 5;
}

void clv_train_detect_options_init(clv_train_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    init_compute(&options->compute);
    options->seed = 1;
    options->steps = 2000;
    options->batch = 16;
    options->learning_rate = 1e-3;
    options->every = 500;
}

void clv_train_remove_options_init(clv_train_remove_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    clv_train_detect_options_init(&options->train);
    options->train.steps = 20000;
    options->train.batch = 4;
    options->train.learning_rate = 0;
    options->preset = "clear";
    options->side = 128;
}

void clv_fill_options_init(clv_fill_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->method = CLV_METHOD_AUTO;
}
