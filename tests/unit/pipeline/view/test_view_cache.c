/* SPDX-License-Identifier: MIT
 *
 * What a view keeps on disk: the same pixels, and nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "view_scene.h"

static void pixels_from_disk_are_the_same(void **state)
{
    compare(*state, "disk", 2);
}

/* Neither in memory nor on disk anything is left, also while the view lives. */
static void nothing_is_left(void **state)
{
    const fixture *f = *state;
    char folder[] = "/tmp/clearvision-test-view.XXXXXX";
    assert_non_null(mkdtemp(folder));
    CPLSetConfigOption("CPL_TMPDIR", folder);
    clv_context *ctx = clv_context_new();
    clv_view *view = open_view(ctx, f, "disk");
    assert_int_equal(clv_view_compute(view, 2, 0, 0, 10, 10), CLV_OK);
    char **list = VSIReadDir(folder);
    for (char **name = list; name && *name; name++)
        assert_true(strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0);
    CSLDestroy(list);
    clv_view_free(view);
    CPLSetConfigOption("CPL_TMPDIR", NULL);
    assert_int_equal(VSIRmdir(folder), 0); /* empty */
    clv_context_free(ctx);
    char **memory = VSIReadDirRecursive("/vsimem/");
    for (char **name = memory; name && *name; name++)
        if (strstr(*name, "clearvision-view"))
            fail_msg("/vsimem/%s is left", *name);
    CSLDestroy(memory);
}

static void unknown_caches_are_refused(void **state)
{
    const fixture *f = *state;
    clv_context *ctx = clv_context_new();
    clv_view *view = NULL;
    assert_int_equal(clv_view_open(ctx, f->inputs, DATES, &f->options, "tape", &view), CLV_ERROR_ARGUMENT);
    assert_null(view);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_from_disk_are_the_same),
        cmocka_unit_test(nothing_is_left),
        cmocka_unit_test(unknown_caches_are_refused),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
