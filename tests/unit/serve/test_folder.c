/* SPDX-License-Identifier: MIT
 *
 * The server's folder: private, locked, gone at the end; what a dead server has left goes, what is another's stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>

#include "serve/folder.h"

static char parent[] = "/tmp/clv-folder-XXXXXX";

static const char *at(const char *folder, const char *name)
{
    static char path[2][300];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void touch(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void life(void **state)
{
    (void)state;
    struct stat look;
    clv_folder folder, other;
    clv_context *ctx = clv_context_new();
    assert_int_equal(clv_folder_begin(ctx, &folder), CLV_OK);
    assert_int_equal(stat(folder.path, &look), 0);
    assert_int_equal(look.st_mode & 0777, 0700);
    assert_int_equal(mkdir(at(folder.path, "a"), 0700), 0);
    touch(at(folder.path, "a/file"));
    /* A second server leaves the first one's folder alone. */
    assert_int_equal(clv_folder_begin(ctx, &other), CLV_OK);
    assert_int_equal(access(at(folder.path, "a/file"), F_OK), 0);
    clv_folder_end(&other);
    char *path = strdup(folder.path);
    clv_folder_end(&folder);
    assert_int_equal(access(path, F_OK), -1);
    clv_folder_end(&folder); /* nothing happens */
    free(path);
    clv_context_free(ctx);
}

static void stale_folders(void **state)
{
    (void)state;
    clv_folder folder;
    clv_context *ctx = clv_context_new();
    touch(at(parent, "kept"));
    assert_int_equal(mkdir(at(parent, "clearvision-serve-dead00"), 0700), 0);
    touch(at(parent, "clearvision-serve-dead00/lock"));
    assert_int_equal(symlink("../../kept", at(parent, "clearvision-serve-dead00/link")), 0);
    assert_int_equal(mkdir(at(parent, "outside"), 0700), 0);
    touch(at(parent, "outside/kept"));
    assert_int_equal(symlink("../outside", at(parent, "clearvision-serve-dead00/folder")), 0);
    assert_int_equal(symlink("outside", at(parent, "clearvision-serve-link00")), 0);
    assert_int_equal(mkdir(at(parent, "clearvision-serve-new000"), 0700), 0); /* just being made: no lock yet */
    assert_int_equal(clv_folder_begin(ctx, &folder), CLV_OK);
    assert_int_equal(access(at(parent, "clearvision-serve-dead00"), F_OK), -1);
    assert_int_equal(access(at(parent, "kept"), F_OK), 0);
    assert_int_equal(access(at(parent, "outside/kept"), F_OK), 0);
    assert_int_equal(access(at(parent, "clearvision-serve-new000"), F_OK), 0);
    assert_int_equal(access(at(parent, "clearvision-serve-link00"), F_OK), 0);
    clv_folder_end(&folder);
    clv_folder_remove(parent);
    assert_int_equal(access(parent, F_OK), -1);
    assert_int_equal(clv_folder_begin(ctx, &folder), CLV_ERROR_WRITE);
    assert_non_null(strstr(clv_context_error(ctx), "CPL_TMPDIR"));
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(life), cmocka_unit_test(stale_folders)};
    if (!mkdtemp(parent))
        return 1;
    CPLSetConfigOption("CPL_TMPDIR", parent);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
