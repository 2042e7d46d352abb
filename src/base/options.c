/* SPDX-License-Identifier: MIT
 *
 * The defaults of the public options. What is not named here is zero: detect it, or use the built-in choice.
 */
#include "base/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

clv_status clv_options_overlay(clv_context *ctx, void *own, size_t known, const void *given, const char *init)
{
    size_t size;
    if (!given)
        return CLV_OK;
    memcpy(&size, given, sizeof size);
    if (size < sizeof size || size > known)
        return clv_fail(
            ctx, CLV_ERROR_ARGUMENT,
            "options: their size is %zu bytes, which version %s (%zu bytes) does not know; begin with %s(), "
            "and use a library that is not older than the program",
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

const char *clv_resampling_name(clv_resampling resampling)
{
    static const char *const names[] = {"near", "bilinear", "cubic", "cubicspline", "lanczos", "average"};
    return (unsigned)resampling < sizeof names / sizeof *names ? names[resampling] : "unknown";
}

const char *clv_device_name(const clv_compute_options *compute, char text[24])
{
    static const char *const names[] = {"auto", "cpu", "cuda"};
    if ((unsigned)compute->device >= sizeof names / sizeof *names)
        return "unknown";
    if (compute->device != CLV_DEVICE_CUDA || compute->device_index == 0)
        return names[compute->device];
    snprintf(text, 24, "cuda:%d", compute->device_index);
    return text;
}

static void init_input(clv_input_options *input)
{
    input->in_scale = NAN;
    input->in_offset = NAN;
    input->resampling = CLV_RESAMPLING_BILINEAR;
    input->mask_mode = CLV_MASK_JOIN;
}

static void init_detect(clv_detect_settings *detect)
{
    detect->threshold = 0.5;
    detect->shadow_threshold = 0.5;
    detect->haze = CLV_HAZE_FILL;
    detect->dilate = -1;
    detect->dilate_m = 40;
}

static void init_compute(clv_compute_options *compute)
{
    compute->device = CLV_DEVICE_AUTO;
    compute->precision = CLV_PRECISION_AUTO;
}

static void info_defaults(clv_info_options *options)
{
    init_input(&options->input);
    options->cloud_share = true;
}

static void detect_defaults(clv_detect_options *options)
{
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
}

static void remove_defaults(clv_remove_options *options)
{
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->method = CLV_METHOD_AUTO;
    options->window = 15;
}

static void simulate_defaults(clv_simulate_options *options)
{
    options->seed = 1;
    options->dates = 8;
    options->width = 384;
    options->height = 384;
    options->pixel_size = 20;
    options->cloud_share = 0.3;
    options->nir = true;
}

static void evaluate_detect_defaults(clv_evaluate_detect_options *options)
{
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->seed = 1;
}

static void evaluate_remove_defaults(clv_evaluate_remove_options *options)
{
    init_input(&options->input);
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->seed = 1;
    options->window = 15;
}

static void prepare_defaults(clv_prepare_options *options)
{
    init_detect(&options->detect);
    init_compute(&options->compute);
    options->stride = 128;
    options->clear_dates = 5;
}

static void train_detect_defaults(clv_train_options *options)
{
    init_compute(&options->compute);
    options->seed = 1;
    options->steps = 2000;
    options->batch = 16;
    options->learning_rate = 1e-3;
    options->every = 500;
}

static void train_remove_defaults(clv_train_remove_options *options)
{
    train_detect_defaults(&options->train);
    options->train.size = sizeof options->train;
    options->train.steps = 20000;
    options->train.batch = 4;
    options->train.learning_rate = 0;
    options->preset = "clear";
    options->side = 128;
}

static void fill_defaults(clv_fill_options *options)
{
    options->method = CLV_METHOD_AUTO;
}

/* ---- For programs of any version ------------------------------------------------------------------- */

/* Hands `known` bytes of defaults to a struct of `size` bytes, of an earlier or a later version. */
static void hand_out(void *options, size_t size, const void *defaults, size_t known)
{
    if (size < sizeof size)
        return;
    memset(options, 0, size);
    memcpy(options, defaults, size < known ? size : known);
    memcpy(options, &size, sizeof size);
}

#define DEFINE_INIT(name, type)                                                                                        \
    void clv_##name##_options_init_size(type *options, size_t size)                                                    \
    {                                                                                                                  \
        type full;                                                                                                     \
        memset(&full, 0, sizeof full);                                                                                 \
        name##_defaults(&full);                                                                                        \
        hand_out(options, size, &full, sizeof full);                                                                   \
    }

DEFINE_INIT(info, clv_info_options)
DEFINE_INIT(detect, clv_detect_options)
DEFINE_INIT(remove, clv_remove_options)
DEFINE_INIT(simulate, clv_simulate_options)
DEFINE_INIT(evaluate_detect, clv_evaluate_detect_options)
DEFINE_INIT(evaluate_remove, clv_evaluate_remove_options)
DEFINE_INIT(prepare, clv_prepare_options)
DEFINE_INIT(train_detect, clv_train_options)
DEFINE_INIT(train_remove, clv_train_remove_options)
DEFINE_INIT(fill, clv_fill_options)
