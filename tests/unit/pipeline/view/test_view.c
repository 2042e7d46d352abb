/* SPDX-License-Identifier: MIT
 *
 * A view's pixels, window by window, are those of clv_remove().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "view_scene.h"

static void parts_equal_the_whole(void **state)
{
    (void)state;
    fixture f;
    make(&f, 780, 400, 20); /* 3 x 2 cells of 384 pixels */
    compare(&f, "memory", 6);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_equal_the_whole),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
