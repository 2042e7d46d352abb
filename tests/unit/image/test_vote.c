/* SPDX-License-Identifier: MIT
 *
 * Votes of the pixels around: majorities, borders, what lies outside the area.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/vote.h"

enum { W = 12, H = 8 };

static void half_of_those_asked_is_enough(void **state)
{
    uint8_t asked[W * H] = {0}, yes[W * H] = {0}, carried[W * H];
    const clv_rect all = {0, 0, W, H};
    (void)state;
    asked[3 * W + 3] = asked[3 * W + 4] = 1; /* one of two */
    yes[3 * W + 3] = 1;
    clv_vote(yes, asked, W, all, 2, carried);
    assert_int_equal(carried[3 * W + 3], 1);
    assert_int_equal(carried[3 * W + 4], 0); /* it did not say yes itself */
    asked[4 * W + 4] = 1;                    /* one of three */
    clv_vote(yes, asked, W, all, 2, carried);
    assert_int_equal(carried[3 * W + 3], 0);
    asked[4 * W + 4] = 0;
    asked[3 * W + 6] = 1; /* three pixels away */
    clv_vote(yes, asked, W, all, 2, carried);
    assert_int_equal(carried[3 * W + 3], 1);
}

static void the_area_alone_is_read_and_written(void **state)
{
    uint8_t asked[W * H], yes[W * H] = {0}, carried[W * H];
    const clv_rect area = {2, 1, 5, 4};
    (void)state;
    memset(asked, 1, sizeof asked);
    memset(carried, 7, sizeof carried);
    for (int y = 1; y < 5; y++)
        for (int x = 2; x < 7; x++)
            yes[y * W + x] = 1;
    clv_vote(yes, asked, W, area, 2, carried);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            assert_int_equal(carried[y * W + x], y >= 1 && y < 5 && x >= 2 && x < 7 ? 1 : 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_of_those_asked_is_enough),
        cmocka_unit_test(the_area_alone_is_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
