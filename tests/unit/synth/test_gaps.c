/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "synth/gaps.h"

enum { SIDE = CLV_SHAPE_SIDE, AREA = SIDE * SIDE };

/* Two shapes: the left third, and a corner. */
static clv_shapes make_pool(void)
{
    clv_shapes pool = {0};
    uint8_t mask[AREA] = {0};
    for (int i = 0; i < AREA; i++)
        mask[i] = i % SIDE < SIDE / 3 ? 200 : 0;
    assert_int_equal(clv_shapes_add(&pool, mask, SIDE, SIDE), 1);
    for (int i = 0; i < AREA; i++)
        mask[i] = i % SIDE + i / SIDE < 90;
    assert_int_equal(clv_shapes_add(&pool, mask, SIDE, SIDE), 1);
    return pool;
}

static int laid(const uint8_t *frame, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += frame[i] != 0;
    return count;
}

static void shapes_need_cloud_and_sky(void **state)
{
    (void)state;
    clv_shapes pool = {0};
    uint8_t *mask = calloc(1, (size_t)300 * 260);
    assert_non_null(mask);
    assert_int_equal(clv_shapes_add(&pool, mask, 300, 260), 0); /* 2 x 2 tiles, all clear */
    memset(mask, 1, (size_t)300 * 260);
    assert_int_equal(clv_shapes_add(&pool, mask, 300, 260), 0); /* all cloud */
    for (int y = 0; y < 260; y++)
        memset(mask + y * 300, 0, 64); /* half of the left tiles is clear */
    assert_int_equal(clv_shapes_add(&pool, mask, 300, 260), 2);
    assert_int_equal(laid(pool.data, AREA), AREA / 2);
    /* A small mask is continued by reflection. */
    uint8_t small[20 * 20];
    for (int i = 0; i < 400; i++)
        small[i] = i % 20 < 10;
    assert_int_equal(clv_shapes_add(&pool, small, 20, 20), 1);
    assert_true(laid(pool.data + 2 * AREA, AREA) > AREA / 3);
    free(mask);
    clv_shapes_clear(&pool);
    assert_int_equal(pool.count, 0);
}

static void the_pool_is_bounded(void **state)
{
    (void)state;
    clv_shapes pool = {0};
    uint8_t mask[AREA];
    for (int k = 0; k < CLV_SHAPES_MAX + 5; k++) {
        for (int i = 0; i < AREA; i++)
            mask[i] = i % SIDE < 20 + k % 100;
        assert_int_equal(clv_shapes_add(&pool, mask, SIDE, SIDE), 1);
    }
    assert_int_equal(pool.count, CLV_SHAPES_MAX);
    const int newest = 20 + (CLV_SHAPES_MAX + 4) % 100;
    assert_int_equal(laid(pool.data + 4 * AREA, AREA), newest * SIDE); /* took the place of the fifth */
    clv_shapes_clear(&pool);
}

static void the_protocol_of_utilise(void **state)
{
    (void)state;
    enum { DATES = 8, RUNS = 400 };
    clv_shapes pool = make_pool();
    uint8_t *gap = malloc((size_t)DATES * AREA);
    assert_non_null(gap);
    int total = 0, most = 0, forms[3] = {0};
    for (int run = 0; run < RUNS; run++) {
        clv_random rng;
        clv_random_seed(&rng, (uint64_t)run);
        const clv_gap_options options = {false, false};
        const int masked = clv_gaps_utilise(&rng, &pool, &options, DATES, SIDE, SIDE, gap);
        int frames = 0;
        for (int t = 0; t < DATES; t++) {
            const int count = laid(gap + t * AREA, AREA);
            frames += count > 0;
            if (count)
                assert_true(count == SIDE / 3 * SIDE || count == laid(pool.data + AREA, AREA)); /* one of the shapes */
            forms[0] += count == SIDE / 3 * SIDE && gap[t * AREA];                              /* left or top */
            forms[1] += count == SIDE / 3 * SIDE && gap[t * AREA + SIDE - 1];                   /* right or top */
            forms[2] += count == SIDE / 3 * SIDE && gap[t * AREA + (SIDE - 1) * SIDE];          /* left or bottom */
        }
        assert_int_equal(laid(gap, AREA), 0); /* never the first */
        assert_int_equal(frames, masked);
        assert_true(masked >= 1 && masked <= DATES / 2);
        total += masked;
        most = masked > most ? masked : most;
    }
    /* ceil(n / 2) for n = 1 .. 8: 2.5 in the mean */
    assert_true(total > RUNS * 2.3 && total < RUNS * 2.7);
    assert_int_equal(most, DATES / 2);
    for (int i = 0; i < 3; i++)
        assert_true(forms[i] > 50); /* turned and mirrored */
    free(gap);
    clv_shapes_clear(&pool);
}

static void harder_gaps(void **state)
{
    (void)state;
    enum { DATES = 10, W = 40, H = 24, N = W * H };
    clv_shapes pool = make_pool();
    uint8_t gap[DATES * N], again[DATES * N];
    int whole = 0, masked = 0;
    for (int run = 0; run < 300; run++) {
        clv_random rng;
        const clv_gap_options options = {true, true};
        clv_random_seed(&rng, (uint64_t)run);
        const int count = clv_gaps_utilise(&rng, &pool, &options, DATES, W, H, gap);
        clv_random_seed(&rng, (uint64_t)run);
        assert_int_equal(clv_gaps_utilise(&rng, &pool, &options, DATES, W, H, again), count);
        assert_memory_equal(gap, again, sizeof gap);
        int first = 0, last = 0;
        for (int t = 0; t < DATES; t++)
            if (laid(gap + t * N, N)) {
                first = first ? first : t;
                last = t;
                whole += laid(gap + t * N, N) == N;
                masked++;
            }
        assert_int_equal(last - first + 1, count); /* one run, not at the start */
        assert_true(first > 0);
    }
    assert_true(whole > 0.2 * masked && whole < 0.6 * masked); /* a third, and small cuts that are all cloud */
    uint8_t one[N];
    clv_random rng;
    clv_random_seed(&rng, 1);
    const clv_gap_options plain = {false, false};
    assert_int_equal(clv_gaps_utilise(&rng, &pool, &plain, 1, W, H, one), 0);
    assert_int_equal(laid(one, N), 0);
    assert_int_equal(clv_gaps_utilise(&rng, &pool, &plain, 2, W, H, gap), 1);
    clv_shapes_clear(&pool);
}

static void the_pooled_protocol(void **state)
{
    (void)state;
    enum { DATES = 6, N = 50, MASKS = 4 };
    uint8_t masks[MASKS * N] = {0}, gap[DATES * N];
    for (int k = 0; k < MASKS; k++)
        memset(masks + k * N, 9, (size_t)(k + 1) * 10);
    int seen[4] = {0}, first_frame = 0;
    for (int run = 0; run < 300; run++) {
        clv_random rng;
        clv_random_seed(&rng, (uint64_t)run);
        const int k = clv_gaps_seed(&rng, masks, MASKS, DATES, N, gap);
        assert_true(k >= 1 && k <= 3);
        seen[k]++;
        int sum = 0;
        for (int t = 0; t < DATES; t++)
            sum += laid(gap + t * N, N);
        assert_int_equal(sum, 10 * k * (k + 1) / 2); /* the first k masks, each once */
        first_frame += laid(gap, N) > 0;
    }
    assert_true(seen[1] > 60 && seen[2] > 60 && seen[3] > 60);
    assert_true(first_frame > 50);
    clv_random rng;
    clv_random_seed(&rng, 1);
    assert_int_equal(clv_gaps_seed(&rng, masks, 0, DATES, N, gap), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_need_cloud_and_sky), cmocka_unit_test(the_pool_is_bounded),
        cmocka_unit_test(the_protocol_of_utilise),   cmocka_unit_test(harder_gaps),
        cmocka_unit_test(the_pooled_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
