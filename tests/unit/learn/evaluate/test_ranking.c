/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <math.h>

#include <cmocka.h>

#include "learn/evaluate/ranking.h"

static void add(clv_ranking *r, double key, int value)
{
    assert_int_equal(clv_ranking_add(NULL, r, key, &value), CLV_OK);
}

static int read_back(const clv_ranking *r, int number)
{
    int value = -1;
    assert_int_equal(clv_ranking_read(NULL, r, number, &value), CLV_OK);
    return value;
}

static void best_middle_and_worst(void **state)
{
    (void)state;
    int picked[3];
    clv_ranking *r;
    assert_int_equal(clv_ranking_new(NULL, sizeof(int), &r), CLV_OK);
    assert_int_equal(clv_ranking_pick(r, picked), 0);
    add(r, NAN, 99);
    assert_int_equal(clv_ranking_pick(r, picked), 0);
    add(r, 5, 50);
    assert_int_equal(clv_ranking_pick(r, picked), 1);
    assert_int_equal(read_back(r, picked[0]), 50);
    add(r, 7, 70);
    assert_int_equal(clv_ranking_pick(r, picked), 2);
    assert_int_equal(read_back(r, picked[0]), 70);
    assert_int_equal(read_back(r, picked[1]), 50);
    add(r, INFINITY, 1000); /* may be added after a pick */
    add(r, 1, 10);
    add(r, 6, 60);
    assert_int_equal(clv_ranking_pick(r, picked), 3);
    assert_int_equal(read_back(r, picked[0]), 1000);
    assert_int_equal(read_back(r, picked[1]), 60);
    assert_int_equal(read_back(r, picked[2]), 10);
    clv_ranking_free(r);
}

static void equal_ones_keep_their_order(void **state)
{
    (void)state;
    int picked[3];
    clv_ranking *r;
    assert_int_equal(clv_ranking_new(NULL, sizeof(int), &r), CLV_OK);
    for (int i = 0; i < 1001; i++)
        add(r, 1, i);
    assert_int_equal(clv_ranking_pick(r, picked), 3);
    assert_int_equal(read_back(r, picked[0]), 0);
    assert_int_equal(read_back(r, picked[1]), 500);
    assert_int_equal(read_back(r, picked[2]), 1000);
    clv_ranking_free(r);
    clv_ranking_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_middle_and_worst),
        cmocka_unit_test(equal_ones_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
