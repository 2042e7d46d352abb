/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gapfill/pushpull.h"

enum { W = 61, H = 43, N = W * H };

static void fill(float *values, int planes, const uint8_t *known, int width, int height)
{
    clv_buffer room = {0};
    assert_true(clv_pushpull(values, planes, known, width, height, &room));
    clv_buffer_free(&room);
}

/* What is known stays, what is not lies between what is known; whatever stood there before is not read. */
static void known_values_stay(void **state)
{
    (void)state;
    static float values[2 * N], before[2 * N];
    static uint8_t known[N];
    for (int i = 0; i < N; i++) {
        known[i] = (uint32_t)i * 2654435761u >> 28 == 0;
        for (int c = 0; c < 2; c++)
            values[c * N + i] = known[i] ? 0.2f * (float)c + 0.001f * (float)(i % W) : NAN;
    }
    memcpy(before, values, sizeof values);
    fill(values, 2, known, W, H);
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < N; i++) {
            assert_true(!known[i] || values[c * N + i] == before[c * N + i]);
            assert_true(values[c * N + i] > 0.2f * (float)c - 1e-6f && values[c * N + i] < 0.2f * (float)c + 0.0601f);
        }
}

static void a_constant_stays_one(void **state)
{
    (void)state;
    const int sizes[][2] = {{1, 1}, {2, 1}, {1, 7}, {5, 3}, {64, 64}, {W, H}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const int n = sizes[k][0] * sizes[k][1];
        float *values = calloc((size_t)n, sizeof *values);
        uint8_t *known = calloc((size_t)n, 1);
        assert_true(values && known);
        fill(values, 1, known, sizes[k][0], sizes[k][1]);
        assert_true(values[0] == 0); /* nothing is known */
        values[n / 2] = 0.25f;
        known[n / 2] = 1;
        fill(values, 1, known, sizes[k][0], sizes[k][1]);
        for (int i = 0; i < n; i++)
            assert_true(fabsf(values[i] - 0.25f) < 1e-6f);
        free(values);
        free(known);
    }
}

/* A hole in a ramp follows the ramp, smoothly; a bright pixel in its middle colours only what is near. */
static void a_hole_is_smooth(void **state)
{
    (void)state;
    static float values[N];
    static uint8_t known[N];
    for (int speck = 0; speck < 2; speck++) {
        for (int i = 0; i < N; i++) {
            const int x = i % W, y = i / W;
            known[i] = x < 10 || x >= 50 || y < 6 || y >= 36;
            values[i] = 0.004f * (float)x;
        }
        if (speck) {
            known[20 * W + 30] = 1;
            values[20 * W + 30] = 1;
        }
        fill(values, 1, known, W, H);
        for (int y = 7; y < 36; y++)
            for (int x = 11; x < 50; x++) {
                const int dx = abs(x - 30), dy = abs(y - 20);
                if (speck && dx < 12 && dy < 12)
                    continue;
                assert_true(fabsf(values[y * W + x] - 0.004f * (float)x) < (speck ? 0.1f : 0.04f));
                assert_true(fabsf(values[y * W + x] - values[y * W + x - 1]) < (speck ? 0.03f : 0.02f));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_stay),
        cmocka_unit_test(a_constant_stays_one),
        cmocka_unit_test(a_hole_is_smooth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
