/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "synth/parcels.h"

/* Parcels are connected pieces: along a line the id changes only where an edge is close. */
static void ids_change_at_edges_only(void **state)
{
    int changes = 0;
    (void)state;
    for (int line = 0; line < 20; line++) {
        clv_parcel before = clv_parcel_at(5, 0.0, line * 311.0, 640.0);
        for (int i = 1; i < 4000; i++) {
            const clv_parcel here = clv_parcel_at(5, i * 2.0, line * 311.0, 640.0);
            assert_true(here.edge_m >= 0.0 && here.block_m >= here.edge_m);
            if (here.id != before.id) {
                assert_true(here.edge_m <= 2.01 || before.edge_m <= 2.01);
                changes++;
            }
            if (here.block != before.block)
                assert_true(here.block_m <= 2.01 && before.block_m <= 2.01);
            before = here;
        }
    }
    /* Fields of about 40 to 500 m. */
    assert_in_range(changes, 20 * 8000 / 500, 20 * 8000 / 40);
}

static void blocks_have_the_asked_size(void **state)
{
    int small = 0, large = 0;
    (void)state;
    for (int i = 1; i < 5000; i++) {
        small += clv_parcel_at(1, i * 5.0, 77.0, 300.0).block != clv_parcel_at(1, i * 5.0 - 5.0, 77.0, 300.0).block;
        large += clv_parcel_at(1, i * 5.0, 77.0, 900.0).block != clv_parcel_at(1, i * 5.0 - 5.0, 77.0, 900.0).block;
    }
    assert_in_range(small, 25000 / 450, 25000 / 170);
    assert_in_range(large, 25000 / 1350, 25000 / 510);
}

static void works_on_the_other_side_of_zero(void **state)
{
    int ids = 0;
    uint64_t before = 0;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        const clv_parcel p = clv_parcel_at(1, -5000.0 + i * 5.0, -12345.0, 640.0);
        assert_true(isfinite(p.edge_m) && isfinite(p.row));
        ids += p.id != before;
        before = p.id;
    }
    assert_true(ids > 20);
}

static void seeds_differ(void **state)
{
    int same = 0;
    (void)state;
    for (int i = 0; i < 500; i++)
        same += clv_parcel_at(1, i * 37.0, i * 11.0, 640.0).id == clv_parcel_at(2, i * 37.0, i * 11.0, 640.0).id;
    assert_int_equal(same, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_change_at_edges_only),
        cmocka_unit_test(blocks_have_the_asked_size),
        cmocka_unit_test(works_on_the_other_side_of_zero),
        cmocka_unit_test(seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
