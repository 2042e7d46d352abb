/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

static void test_defaults(void **state)
{
    (void)state;
    clv_remove_options remove;
    clv_simulate_options simulate;
    clv_info_options info;
    memset(&remove, 0xA5, sizeof remove);
    memset(&simulate, 0xA5, sizeof simulate);
    memset(&info, 0xA5, sizeof info);
    clv_remove_options_init(&remove);
    clv_simulate_options_init(&simulate);
    clv_info_options_init(&info);
    assert_true(isnan(remove.input.in_scale) && isnan(remove.input.in_offset));
    assert_null(remove.input.bands);
    assert_null(remove.model);
    assert_null(remove.output.path);
    assert_int_equal(remove.detect.dilate, -1);
    assert_float_equal(remove.detect.dilate_m, 40, 0);
    assert_float_equal(remove.detect.threshold, 0.5, 0);
    assert_int_equal(remove.window, 15);
    assert_int_equal(remove.compute.device, CLV_DEVICE_AUTO);
    assert_int_equal(remove.input.resampling, CLV_RESAMPLING_BILINEAR);
    assert_int_equal(remove.compute.precision, CLV_PRECISION_AUTO);
    assert_false(remove.stack || remove.full || remove.quality || remove.masks || remove.keep_nodata);
    assert_int_equal(simulate.width, 384);
    assert_int_equal(simulate.height, 384);
    assert_int_equal(simulate.dates, 8);
    assert_int_equal(simulate.seed, 1);
    assert_true(simulate.nir);
    assert_float_equal(simulate.cloud_share, 0.3, 0);
    assert_true(info.cloud_share);
    assert_true(isnan(info.input.in_scale));
}

/* A struct of an earlier version gets defaults for what it lacks; one of none or of a later version is refused. */
static void test_sizes(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    clv_remove_options given, own;
    clv_remove_options_init(&given);
    assert_int_equal(given.size, sizeof given);
    given.window = 7;
    given.quality = true;
    given.report = "page";
    assert_int_equal(CLV_OPTIONS_TAKE(ctx, &own, &given, clv_remove_options_init), CLV_OK);
    assert_memory_equal(&own, &given, sizeof own);
    assert_int_equal(CLV_OPTIONS_TAKE(ctx, &own, NULL, clv_remove_options_init), CLV_OK);
    assert_int_equal(own.window, 15);

    given.size = offsetof(clv_remove_options, report);
    assert_int_equal(CLV_OPTIONS_TAKE(ctx, &own, &given, clv_remove_options_init), CLV_OK);
    assert_int_equal(own.window, 7);
    assert_true(own.quality);
    assert_null(own.report);
    assert_int_equal(own.size, sizeof own);
    given.size = sizeof given.size; /* nothing else: defaults that are not zero, too */
    assert_int_equal(CLV_OPTIONS_TAKE(ctx, &own, &given, clv_remove_options_init), CLV_OK);
    assert_int_equal(own.window, 15);

    const size_t wrong[] = {0, 1, sizeof given + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        clv_clear_error(ctx);
        given.size = wrong[i];
        assert_int_equal(CLV_OPTIONS_TAKE(ctx, &own, &given, clv_remove_options_init), CLV_ERROR_ARGUMENT);
        assert_non_null(strstr(clv_context_error(ctx), "clv_remove_options_init()"));
    }
    clv_context_free(ctx);
}

/* Every *_init sets the size of its own struct. */
static void test_inits(void **state)
{
    (void)state;
#define HOLDS(type, init)                                                                                              \
    do {                                                                                                               \
        type options;                                                                                                  \
        memset(&options, 0xA5, sizeof options);                                                                        \
        init(&options);                                                                                                \
        assert_int_equal(options.size, sizeof options);                                                                \
        assert_ptr_equal(&options.size, &options);                                                                     \
    } while (0)
    HOLDS(clv_info_options, clv_info_options_init);
    HOLDS(clv_detect_options, clv_detect_options_init);
    HOLDS(clv_remove_options, clv_remove_options_init);
    HOLDS(clv_simulate_options, clv_simulate_options_init);
    HOLDS(clv_evaluate_detect_options, clv_evaluate_detect_options_init);
    HOLDS(clv_evaluate_remove_options, clv_evaluate_remove_options_init);
    HOLDS(clv_prepare_options, clv_prepare_options_init);
    HOLDS(clv_train_options, clv_train_detect_options_init);
    HOLDS(clv_train_remove_options, clv_train_remove_options_init);
    HOLDS(clv_fill_options, clv_fill_options_init);
#undef HOLDS
}

/* A program that was compiled with another version has a smaller or a larger struct. */
static void test_init_sizes(void **state)
{
    (void)state;
    struct {
        clv_remove_options options;
        char more[64];
    } program;
    memset(&program, 0xA5, sizeof program);
    clv_remove_options_init_size(&program.options, offsetof(clv_remove_options, window));
    assert_int_equal(program.options.size, offsetof(clv_remove_options, window));
    assert_float_equal(program.options.detect.threshold, 0.5, 0);
    for (const unsigned char *p = (unsigned char *)&program.options.window; p < (unsigned char *)(&program + 1); p++)
        assert_int_equal(*p, 0xA5);
    clv_remove_options_init_size(&program.options, sizeof program);
    assert_int_equal(program.options.size, sizeof program);
    assert_int_equal(program.options.window, 15);
    for (size_t i = 0; i < sizeof program.more; i++)
        assert_int_equal(program.more[i], 0);
    memset(&program, 0xA5, sizeof program);
    clv_remove_options_init_size(&program.options, 1); /* no room for the size itself */
    assert_int_equal(*(unsigned char *)&program, 0xA5);
}

static void test_precisions(void **state)
{
    (void)state;
    assert_string_equal(clv_precision_name(CLV_PRECISION_AUTO), "auto");
    assert_string_equal(clv_precision_name(CLV_PRECISION_FP32), "fp32");
    assert_string_equal(clv_precision_name(CLV_PRECISION_BF16), "bf16");
    assert_string_equal(clv_precision_name(CLV_PRECISION_FP16), "fp16");
    assert_string_equal(clv_precision_name((clv_precision)4), "unknown");
}

static void test_version(void **state)
{
    (void)state;
    int major, minor, patch;
    assert_int_equal(sscanf(CLV_VERSION, "%d.%d.%d", &major, &minor, &patch), 3);
    assert_int_equal(CLV_VERSION_NUM, major * 10000 + minor * 100 + patch);
    assert_true(CLV_COMPUTE_VERSION(0, 2, 0) > CLV_COMPUTE_VERSION(0, 1, 99));
    assert_int_equal(CLV_COMPUTE_VERSION(1, 2, 3), 10203);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_sizes),      cmocka_unit_test(test_inits),
        cmocka_unit_test(test_init_sizes), cmocka_unit_test(test_precisions), cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
