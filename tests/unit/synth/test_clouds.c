/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "synth/clouds.h"

enum { W = 200, H = 160, N = W * H };

static float alpha[N], shadow[N], shade[N];

static void render(const clv_cloud_options *o)
{
    clv_cloud_field field;
    clv_cloud_field_init(&field, o, W, H);
    clv_cloud_field_render(&field, 0, 0, W, H, alpha, shadow, shade);
}

static double share_over(const float *plane, double threshold)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += (double)plane[i] >= threshold;
    return (double)n / N;
}

static uint64_t fnv(const void *data, size_t size, uint64_t hash)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

static void cover_is_reached(void **state)
{
    (void)state;
    for (int k = 0; k < 60; k++) {
        clv_cloud_options o;
        clv_cloud_options_init(&o);
        o.seed = 100 + (uint64_t)k;
        o.cover = (k % 6) * 0.19 + 0.02;
        o.scale = 10.0 + 40.0 * (k % 4);
        o.sheet = (k % 3) * 0.5;
        o.thin = (k % 5) * 0.25;
        o.haze = (k % 2) * 0.08;
        o.softness = (k % 7) / 6.0;
        render(&o);
        if (fabs(share_over(alpha, CLV_CLOUD_ALPHA) - o.cover) > 0.03)
            fail_msg("seed %d: wanted %.3f, got %.3f", 100 + k, o.cover, share_over(alpha, CLV_CLOUD_ALPHA));
    }
}

static void no_cover_is_clear_and_full_cover_is_covered(void **state)
{
    clv_cloud_options o;
    (void)state;
    clv_cloud_options_init(&o);
    o.cover = 0.0;
    o.haze = 0.0;
    render(&o);
    for (int i = 0; i < N; i++)
        assert_true(alpha[i] == 0.0f && shadow[i] == 0.0f);
    o.haze = 1.0; /* brought into its range, where haze is no cloud */
    render(&o);
    assert_true(share_over(alpha, 0.01) > 0.8);
    assert_true(share_over(alpha, CLV_CLOUD_ALPHA) == 0.0);
    o.cover = 1.0;
    render(&o);
    assert_true(share_over(alpha, CLV_CLOUD_ALPHA) > 0.99);
}

static void planes_stay_in_range(void **state)
{
    (void)state;
    for (int k = 0; k < 8; k++) {
        clv_cloud_options o;
        clv_cloud_options_init(&o);
        o.seed = (uint64_t)k;
        o.cover = 0.5;
        o.softness = k / 7.0;
        o.sheet = 1.0 - k / 7.0;
        render(&o);
        for (int i = 0; i < N; i++) {
            assert_true(alpha[i] >= 0.0f && alpha[i] <= 1.0f);
            assert_true(shadow[i] >= 0.0f && shadow[i] <= 1.0f);
            assert_true(shade[i] > 0.3f && shade[i] < 1.4f);
        }
    }
}

static void nonsense_options_are_brought_into_range(void **state)
{
    const clv_cloud_options o = {.seed = 1,
                                 .cover = NAN,
                                 .thin = -1.0,
                                 .haze = 1e30,
                                 .scale = 0.0,
                                 .softness = NAN,
                                 .sheet = 7.0,
                                 .shadow_dx = INFINITY,
                                 .shadow_dy = NAN,
                                 .brightness = -1.0};
    (void)state;
    render(&o);
    for (int i = 0; i < N; i++)
        assert_true(isfinite(alpha[i]) && isfinite(shadow[i]) && isfinite(shade[i]));
}

/* Integer arithmetic and correctly rounded operations only: these hold on every machine, compiler and optimisation. */
static void same_seed_same_bits_everywhere(void **state)
{
    static float planes[3][96 * 96];
    clv_cloud_options o;
    clv_cloud_field field;
    (void)state;
    clv_cloud_options_init(&o);
    o.thin = 0.3;
    clv_cloud_field_init(&field, &o, 96, 96);
    clv_cloud_field_render(&field, 0, 0, 96, 96, planes[0], planes[1], planes[2]);
    assert_true(fnv(planes, sizeof planes, UINT64_C(14695981039346656037)) == UINT64_C(0x7b84d9b700f4ea1e));
    o.seed = 2;
    clv_cloud_field_init(&field, &o, 96, 96);
    clv_cloud_field_render(&field, 0, 0, 96, 96, planes[0], planes[1], planes[2]);
    assert_false(fnv(planes, sizeof planes, UINT64_C(14695981039346656037)) == UINT64_C(0x7b84d9b700f4ea1e));
}

static void windows_agree_with_the_whole(void **state)
{
    static float a[40 * 30], s[40 * 30], h[40 * 30];
    clv_cloud_options o;
    clv_cloud_field field;
    (void)state;
    clv_cloud_options_init(&o);
    o.cover = 0.5;
    clv_cloud_field_init(&field, &o, W, H);
    clv_cloud_field_render(&field, 0, 0, W, H, alpha, shadow, shade);
    clv_cloud_field_render(&field, 77, 51, 40, 30, a, s, h);
    for (int y = 0; y < 30; y++) {
        assert_memory_equal(a + y * 40, alpha + (y + 51) * W + 77, 40 * sizeof *a);
        assert_memory_equal(s + y * 40, shadow + (y + 51) * W + 77, 40 * sizeof *s);
        assert_memory_equal(h + y * 40, shade + (y + 51) * W + 77, 40 * sizeof *h);
    }
    clv_cloud_field_render(&field, 77, 51, 40, 30, s, NULL, NULL);
    assert_memory_equal(a, s, sizeof a);
}

/* The shadow is where the options say: its darkness correlates best with the cloud's opacity at that displacement. */
static void shadows_lie_where_the_sun_throws_them(void **state)
{
    clv_cloud_options o;
    double best = -1.0;
    int best_dx = 0, best_dy = 0;
    (void)state;
    clv_cloud_options_init(&o);
    o.haze = 0.0;
    o.shadow_dx = 14.0;
    o.shadow_dy = -10.0;
    render(&o);
    for (int dy = -20; dy <= 20; dy += 2)
        for (int dx = -20; dx <= 20; dx += 2) {
            double product = 0.0;
            for (int y = 20; y < H - 20; y++)
                for (int x = 20; x < W - 20; x++)
                    product += (double)(shadow[y * W + x] * alpha[(y - dy) * W + x - dx]);
            if (product > best) {
                best = product;
                best_dx = dx;
                best_dy = dy;
            }
        }
    assert_int_equal(best_dx, 14);
    assert_int_equal(best_dy, -10);
}

static void radiometry_is_believable(void **state)
{
    const clv_cloud_field field = {.options = {.brightness = 0.6}};
    /* clear, full shadow, thick cloud, haze */
    const float a[4] = {0.0f, 0.0f, 1.0f, 0.05f}, s[4] = {0.0f, 1.0f, 0.5f, 0.0f}, h[4] = {0.8f, 0.8f, 1.0f, 0.8f};
    float red[4], green[4], blue[4], nir[4];
    float *bands[4] = {red, green, blue, nir};
    (void)state;
    for (int i = 0; i < 4; i++) {
        red[i] = 0.04f;
        green[i] = 0.06f;
        blue[i] = 0.03f;
        nir[i] = 0.40f;
    }
    clv_clouds_apply(&field, a, s, h, 4, bands);
    assert_true(red[0] == 0.04f && green[0] == 0.06f && blue[0] == 0.03f && nir[0] == 0.40f);
    /* Shadow darkens blue least, NIR most, and nothing to black. */
    assert_true(blue[1] / 0.03f > green[1] / 0.06f && green[1] / 0.06f > red[1] / 0.04f &&
                red[1] / 0.04f > nir[1] / 0.40f);
    assert_true(nir[1] > 0.08f && nir[1] < 0.2f);
    /* Thick cloud hides the ground and what falls on it. */
    for (int b = 0; b < 4; b++)
        assert_true(bands[b][2] > 0.55f && bands[b][2] < 0.7f);
    /* Haze brightens the visible, bluish. */
    assert_true(blue[3] - 0.03f > red[3] - 0.04f && red[3] > 0.05f && fabsf(nir[3] - 0.40f) < 0.02f);

    float only[4] = {0.04f, NAN, 0.04f, 0.04f};
    float *some[4] = {only, NULL, NULL, NULL};
    clv_clouds_apply(&field, a, NULL, NULL, 4, some);
    assert_true(only[0] == 0.04f && isnan(only[1]) && only[2] == 0.6f);
}

static void masks_follow_the_thresholds(void **state)
{
    const float a[6] = {0.0f, 0.09f, 0.11f, 1.0f, 0.0f, 0.5f}, s[6] = {0.0f, 0.1f, 0.0f, 1.0f, 0.3f, 0.9f};
    const uint8_t expected[6] = {0, 0, 1, 1, 2, 1}, without[6] = {0, 0, 1, 1, 0, 1};
    uint8_t mask[6];
    (void)state;
    clv_clouds_mask(a, s, 6, mask);
    assert_memory_equal(mask, expected, 6);
    clv_clouds_mask(a, NULL, 6, mask);
    assert_memory_equal(mask, without, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cover_is_reached),
        cmocka_unit_test(no_cover_is_clear_and_full_cover_is_covered),
        cmocka_unit_test(planes_stay_in_range),
        cmocka_unit_test(nonsense_options_are_brought_into_range),
        cmocka_unit_test(same_seed_same_bits_everywhere),
        cmocka_unit_test(windows_agree_with_the_whole),
        cmocka_unit_test(shadows_lie_where_the_sun_throws_them),
        cmocka_unit_test(radiometry_is_believable),
        cmocka_unit_test(masks_follow_the_thresholds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
