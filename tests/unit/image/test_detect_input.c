/* SPDX-License-Identifier: MIT
 * detect_input: what the channels of stage 1 promise: range, order, what missing things look like.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/detect_input.h"

#define N 7

static const float red[N] = {0, 0.02f, 0.1f, 0.25f, 0.5f, 1.0f, 1.2f};
static const float dark[N] = {0, 0, 0, 0, 0, 0, 0};

static void values_rise_within_the_range(void **state)
{
    (void)state;
    const float *bands[4] = {red, red, red, red};
    float out[CLV_DETECT_CHANNELS * N];
    clv_detect_input(bands, NULL, NULL, N, out);
    for (int c = 0; c < 4; c++)
        for (int i = 0; i < N; i++) {
            assert_true(out[c * N + i] >= -2.0f && out[c * N + i] <= 2.0f);
            assert_true(i == 0 || out[c * N + i] > out[c * N + i - 1]);
            assert_true(out[c * N + i] == out[i]);
        }
    assert_true(fabsf(out[3]) < 1e-6f);
    for (int i = 4 * N; i < 8 * N; i++)
        assert_true(out[i] == 0.0f);
}

static void differences_are_odd_and_rise(void **state)
{
    (void)state;
    const float *bands[4] = {red, dark, red, NULL}, *reference[4] = {dark, red, NULL, dark};
    float out[CLV_DETECT_CHANNELS * N];
    clv_detect_input(bands, reference, NULL, N, out);
    for (int i = 0; i < N; i++) {
        assert_true(out[4 * N + i] == -out[5 * N + i]);
        assert_true(fabsf(out[4 * N + i]) <= 2.0f);
        assert_true(i == 0 ? out[4 * N] == 0.0f : out[4 * N + i] > out[4 * N + i - 1]);
        assert_true(out[6 * N + i] == 0.0f);                           /* no reference of this band */
        assert_true(out[3 * N + i] == 0.0f && out[7 * N + i] == 0.0f); /* no NIR */
    }
}

static void missing_pixels_are_zero_everywhere(void **state)
{
    (void)state;
    const float *bands[4] = {red, red, red, red}, *reference[4] = {dark, dark, dark, dark};
    const uint8_t missing[N] = {0, 1, 0, 0, 255, 0, 1};
    float out[CLV_DETECT_CHANNELS * N], whole[CLV_DETECT_CHANNELS * N];
    clv_detect_input(bands, reference, missing, N, out);
    clv_detect_input(bands, reference, NULL, N, whole);
    for (int c = 0; c < CLV_DETECT_CHANNELS; c++)
        for (int i = 0; i < N; i++)
            assert_true(out[c * N + i] == (missing[i] ? 0.0f : whole[c * N + i]));
}

static void strange_values_stay_finite(void **state)
{
    (void)state;
    const float odd[N] = {NAN, INFINITY, -INFINITY, -0.2f, 1e30f, -1e30f, 0};
    const float *bands[4] = {odd, odd, odd, odd}, *reference[4] = {dark, odd, red, dark};
    float out[CLV_DETECT_CHANNELS * N];
    clv_detect_input(bands, reference, NULL, N, out);
    for (int i = 0; i < CLV_DETECT_CHANNELS * N; i++)
        assert_true(out[i] >= -2.0f && out[i] <= 2.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_rise_within_the_range),
        cmocka_unit_test(differences_are_odd_and_rise),
        cmocka_unit_test(missing_pixels_are_zero_everywhere),
        cmocka_unit_test(strange_values_stay_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
