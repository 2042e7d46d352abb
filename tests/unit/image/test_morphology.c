/* SPDX-License-Identifier: MIT
 * morphology: dilation against a search of the disc, distances against a search of all pixels, specks against repeated
 * spreading of labels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/morphology.h"

#define W 37
#define H 29

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void random_mask(uint8_t *mask, int n, uint32_t one_in, uint32_t seed)
{
    for (int i = 0; i < n; i++)
        mask[i] = next_random(&seed) % one_in == 0 ? (uint8_t)(1 + next_random(&seed) % 255) : 0;
}

static int near(const uint8_t *mask, int w, int h, int x, int y, int64_t radius)
{
    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u++)
            if (mask[v * w + u] && (int64_t)(u - x) * (u - x) + (int64_t)(v - y) * (v - y) <= radius * radius)
                return 1;
    return 0;
}

static void check_dilate(const uint8_t *mask, int w, int h, int radius)
{
    uint8_t out[W * H];
    memset(out, 77, sizeof out);
    assert_int_equal(clv_dilate(mask, w, h, radius, out), 0);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (out[y * w + x] != near(mask, w, h, x, y, radius))
                fail_msg("radius %d, pixel %d %d: %d", radius, x, y, out[y * w + x]);
}

static void dilation_equals_search(void **state)
{
    (void)state;
    uint8_t mask[W * H];
    const int radii[] = {0, 1, 2, 3, 4, 5, 7, 10, 20, 36, 66, 1000000};
    const uint32_t densities[] = {2, 20, 400};
    for (int d = 0; d < 3; d++) {
        random_mask(mask, W * H, densities[d], 5u + (uint32_t)d);
        for (size_t r = 0; r < sizeof radii / sizeof radii[0]; r++)
            check_dilate(mask, W, H, radii[r]);
    }
    for (size_t r = 0; r < sizeof radii / sizeof radii[0]; r++) {
        check_dilate(mask, W * H, 1, radii[r]);
        check_dilate(mask, 1, W * H, radii[r]);
    }
    memset(mask, 0, sizeof mask);
    check_dilate(mask, W, H, 9);
    mask[0] = 1;
    check_dilate(mask, 1, 1, 3);
}

/* Every masked pixel takes the smallest label around it until nothing changes. */
/* Between two pixels the shortest way takes as many diagonal steps as it can. */
static void distances_equal_search(void **state)
{
    (void)state;
    static uint8_t mask[W * H];
    static uint16_t distance[W * H];
    for (uint32_t seed = 1; seed < 6; seed++) {
        random_mask(mask, W * H, seed * 40, seed);
        clv_distance(mask, W, H, distance);
        for (int i = 0; i < W * H; i++) {
            int least = CLV_DISTANCE_MOST;
            for (int k = 0; k < W * H; k++) {
                const int dx = abs(i % W - k % W), dy = abs(i / W - k / W), both = dx < dy ? dx : dy;
                const int d = 3 * (dx + dy) - 2 * both;
                least = mask[k] && d < least ? d : least;
            }
            assert_int_equal(distance[i], least);
        }
    }
    memset(mask, 0, sizeof mask);
    clv_distance(mask, W, H, distance);
    assert_int_equal(distance[W], CLV_DISTANCE_MOST);
    clv_distance(mask, 1, 1, distance);
    assert_int_equal(distance[0], CLV_DISTANCE_MOST);
}

static void components(const uint8_t *mask, int w, int h, int *label)
{
    for (int i = 0; i < w * h; i++)
        label[i] = mask[i] ? i + 1 : 0;
    for (int changed = 1; changed;) {
        changed = 0;
        for (int i = 0; i < w * h; i++)
            for (int dy = -1; dy <= 1 && label[i]; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    int x = i % w + dx, y = i / w + dy;
                    if (x < 0 || y < 0 || x >= w || y >= h || !label[y * w + x] || label[y * w + x] >= label[i])
                        continue;
                    label[i] = label[y * w + x];
                    changed = 1;
                }
    }
}

static void specks_equal_labelling(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 12; seed++) {
        uint8_t mask[W * H], before[W * H];
        int label[W * H], size[W * H + 1] = {0};
        random_mask(mask, W * H, 2 + seed % 4, seed);
        memcpy(before, mask, sizeof mask);
        components(mask, W, H, label);
        for (int i = 0; i < W * H; i++)
            size[label[i]]++;
        int least = (int)seed;
        assert_int_equal(clv_remove_specks(mask, W, H, least), 0);
        for (int i = 0; i < W * H; i++)
            assert_int_equal(mask[i], before[i] && size[label[i]] >= least ? before[i] : 0);
    }
}

static void specks_of_full_and_empty_masks(void **state)
{
    (void)state;
    uint8_t mask[W * H];
    memset(mask, 1, sizeof mask);
    assert_int_equal(clv_remove_specks(mask, W, H, W * H), 0);
    for (int i = 0; i < W * H; i++)
        assert_int_equal(mask[i], 1);
    assert_int_equal(clv_remove_specks(mask, W, H, W * H + 1), 0);
    for (int i = 0; i < W * H; i++)
        assert_int_equal(mask[i], 0);
    assert_int_equal(clv_remove_specks(mask, W, H, 5), 0);
    mask[3] = 1;
    assert_int_equal(clv_remove_specks(mask, W, H, 0), 0);
    assert_int_equal(mask[3], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dilation_equals_search),
        cmocka_unit_test(distances_equal_search),
        cmocka_unit_test(specks_equal_labelling),
        cmocka_unit_test(specks_of_full_and_empty_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
