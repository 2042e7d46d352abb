/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gapfill/merge_by_variance.h"

enum { N = 5, BANDS = 2 };

/* Observed; in a gap: the network surer, the prior surer, the prior unknown; observed with a network that is unsure. */
static void the_smaller_variance_is_taken(void **state)
{
    (void)state;
    const uint8_t gap[N] = {0, 1, 1, 1, 0};
    const float network[BANDS * 8] = {1, 2, 3, 4, 5, 0, 0, 0, 11, 12, 13, 14, 15, 0, 0, 0};
    const float log_variance[N] = {2 * logf(0.01f), 2 * logf(0.01f), 2 * logf(0.03f), 2 * logf(0.5f), 2 * logf(0.5f)};
    float out[BANDS * N] = {-1, -2, -3, -4, -5, -11, -12, -13, -14, -15};
    float deviation[N] = {0, 0.02f, 0.02f, NAN, 0};
    clv_merge_by_variance(N, BANDS, gap, network, 8, log_variance, out, N, deviation);
    const float expected[BANDS * N] = {1, 2, -3, 4, 5, 11, 12, -13, 14, 15};
    for (int i = 0; i < BANDS * N; i++)
        assert_float_equal(out[i], expected[i], 0);
    assert_float_equal(deviation[0], 0, 0);
    assert_float_equal(deviation[4], 0, 0);
    assert_float_equal(deviation[1], 0.01, 1e-6);
    assert_float_equal(deviation[2], 0.02, 0);
    assert_float_equal(deviation[3], 0.5, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_smaller_variance_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
