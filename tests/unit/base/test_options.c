/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include <clearvision/clearvision.h>

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
    assert_int_equal(remove.detect.dilate, 2);
    assert_float_equal(remove.detect.threshold, 0.5, 0);
    assert_int_equal(remove.window, 15);
    assert_string_equal(remove.compute.device, "auto");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
