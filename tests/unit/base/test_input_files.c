/* SPDX-License-Identifier: MIT
 * The files that a call has read: by names, links, archives and GDAL's names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/input_files.h"

static char folder[64];

static const char *in(const char *name)
{
    static char path[4][160];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    strcpy(folder, "/tmp/clv-inputs-XXXXXX");
    *state = clv_context_new();
    return *state && mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[100];
    clv_context_free(*state);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void every_spelling_leads_to_the_input(void **state)
{
    clv_context *ctx = *state;
    put("a.tif", "a");
    put("b.tif", "b");
    assert_int_equal(symlink("a.tif", in("soft.tif")), 0);
    assert_int_equal(link(in("a.tif"), in("hard.tif")), 0);
    assert_int_equal(symlink(".", in("self")), 0);
    clv_input_files_add(ctx, in("a.tif"));
    static const char *const same[] = {"a.tif",           "./a.tif",  "self/self/a.tif",
                                       "self/./soft.tif", "soft.tif", "hard.tif"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(clv_input_files_has(ctx, in(same[i])));
        assert_int_equal(clv_input_files_spare(ctx, in(same[i])), CLV_ERROR_ARGUMENT);
    }
    assert_non_null(strstr(clv_context_error(ctx), "is also an input"));
    assert_false(clv_input_files_has(ctx, in("b.tif")));
    assert_int_equal(clv_input_files_spare(ctx, in("none.tif")), CLV_OK);
    assert_int_equal(chdir(folder), 0);
    assert_true(clv_input_files_has(ctx, "a.tif"));
    assert_int_equal(chdir("/"), 0);
}

static void names_of_gdal_hold_files(void **state)
{
    clv_context *ctx = *state;
    char name[260];
    static const char *const files[] = {"c.nc", "d.zip", "e.zip", "f.xml", "g.tif", "h:1.nc"};
    static const char *const forms[] = {"NETCDF:\"%s\":b02",  "/vsizip/%s/in/x.tif",
                                        "/vsizip/{%s}/x.tif", "SENTINEL2_L1C:%s:10m:EPSG_32632",
                                        "GTIFF_DIR:2:%s",     "HDF5:\"%s\"://b"};
    for (int i = 0; i < 6; i++) {
        put(files[i], "x");
        snprintf(name, sizeof name, forms[i], in(files[i]));
        assert_false(clv_input_files_has(ctx, in(files[i])));
        clv_input_files_add(ctx, name);
        assert_true(clv_input_files_has(ctx, in(files[i])));
    }
}

/* An inode that is used again belongs to another file. */
static void a_file_that_is_gone_does_not_count_by_its_inode(void **state)
{
    clv_context *ctx = *state;
    put("t.tif", "t");
    assert_int_equal(link(in("t.tif"), in("u.tif")), 0);
    clv_input_files_add(ctx, in("t.tif"));
    assert_true(clv_input_files_has(ctx, in("u.tif")));
    assert_int_equal(unlink(in("t.tif")), 0);
    assert_false(clv_input_files_has(ctx, in("u.tif")));
    assert_true(clv_input_files_has(ctx, in("t.tif")));
}

static void what_is_read_is_not_written(void **state)
{
    clv_context *ctx = *state;
    uint8_t *data = NULL;
    size_t size = 0;
    clv_file_writer *w = NULL;
    put("list.txt", "text");
    put("log.csv", "text");
    assert_int_equal(clv_read_file(ctx, in("list.txt"), 100, &data, &size), CLV_OK);
    free(data);
    assert_int_equal(clv_file_create(ctx, in("list.txt"), &w), CLV_ERROR_ARGUMENT);
    assert_null(w);
    assert_int_equal(clv_read_own_file(ctx, in("log.csv"), 100, &data, &size), CLV_OK);
    free(data);
    assert_int_equal(clv_file_create(ctx, in("log.csv"), &w), CLV_OK);
    clv_input_files_add(ctx, in("log.csv")); /* read while it is written */
    assert_int_equal(clv_file_finish(w, true), CLV_ERROR_ARGUMENT);
}

static void a_call_begins_with_none(void **state)
{
    clv_context *ctx = *state;
    char name[40];
    put("a.tif", "a");
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "/nowhere/%d.tif", i);
        clv_input_files_add(ctx, name);
    }
    clv_input_files_add(ctx, in("a.tif"));
    assert_true(clv_input_files_has(ctx, "/nowhere/0.tif") && clv_input_files_has(ctx, "/nowhere/999.tif"));
    clv_input_files_keep(ctx, true);
    clv_clear_error(ctx);
    assert_true(clv_input_files_has(ctx, in("a.tif")));
    clv_input_files_keep(ctx, false);
    clv_clear_error(ctx);
    assert_false(clv_input_files_has(ctx, in("a.tif")));
    assert_false(clv_input_files_has(NULL, in("a.tif")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_spelling_leads_to_the_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_gdal_hold_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_gone_does_not_count_by_its_inode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_read_is_not_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_begins_with_none, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
