/* SPDX-License-Identifier: MIT
 *
 * The same of pixels finer than the working grid.
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
    make(&f, 780, 400, 10);
    compare(&f, NULL, 2);
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
