/* SPDX-License-Identifier: MIT
 *
 * Names of temporary files, and what is removed of those that killed processes have left.
 */
#include "base/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/folder_record.h"
#include "base/unfinished.h"

static char folder[40] = "/tmp/clv_temporary_XXXXXX";
static char warning[2048];
static int warnings;

static void on_log(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CLV_LOG_WARNING) {
        warnings++;
        snprintf(warning, sizeof warning, "%s", message);
    }
}

static void path_of(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s", folder, name);
}

static void make(const char *name)
{
    char path[2400];
    path_of(path, sizeof path, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static bool there(const char *name)
{
    char path[2400];
    struct stat info;
    path_of(path, sizeof path, name);
    return lstat(path, &info) == 0;
}

/* A name of a process that has ended. */
static void name_of_dead(char out[300], const char *name, const char *extension)
{
    int ends[2];
    memset(out, 0, 300);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char *made = clv_temporary_name(name, extension);
        _exit(made && write(ends[1], made, strlen(made)) > 0 ? 0 : 1);
    }
    close(ends[1]);
    assert_true(read(ends[0], out, 299) > 0);
    close(ends[0]);
    waitpid(child, NULL, 0);
}

static void test_names(void **state)
{
    (void)state;
    char *a = clv_temporary_name("a.b.tif", "tif"), *b = clv_temporary_name("a.b.tif", "tif");
    char *target = clv_temporary_target(a);
    size_t length = 0;
    assert_string_not_equal(a, b);
    assert_int_equal(a[0], '.');
    assert_string_equal(target, "a.b.tif");
    assert_int_equal(clv_temporary_owner_of(a, &length), CLV_TEMPORARY_OWN);
    assert_string_equal(a + length, ".tmp.tif");
    static const char *const others[] = {"a.tif",
                                         ".a.tif.tmp",
                                         ".a.abcdef.tmp.tif",
                                         ".a.12345678-1-1.tmp",
                                         ".a.1234567-1-1-abcd.tmp",
                                         ".a.12345678-1-1-abcd.tmpx",
                                         ".12345678-1-1-abcd.tmp",
                                         "a.12345678-1-1-abcd.tmp",
                                         ".a.12345678-1-1-abcde.tmp",
                                         ".a.12345678--1-abcd.tmp"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(clv_temporary_owner_of(others[i], NULL), CLV_TEMPORARY_NO);
    assert_int_equal(clv_temporary_owner_of(".a.12345678-1-1-abcd.tmp", NULL), CLV_TEMPORARY_OTHER);
    free(a);
    free(b);
    free(target);
}

static void test_long_names(void **state)
{
    (void)state;
    char name[301];
    for (int i = 0; i < 300; i += 3)
        memcpy(name + i, "\xE6\x9C\x88", 3);
    name[300] = '\0';
    char *a = clv_temporary_name(name, "tif");
    assert_true(strlen(a) + strlen(".msk.ovr.tmp") <= 255);
    assert_int_equal(clv_temporary_owner_of(a, NULL), CLV_TEMPORARY_OWN);
    char *target = clv_temporary_target(a);
    assert_int_equal(strlen(target) % 3, 0); /* cut between characters */
    free(target);
    free(a);
}

static void test_process(void **state)
{
    (void)state;
    char dead[300];
    name_of_dead(dead, "a.tif", "tif");
    assert_int_equal(clv_temporary_owner_of(dead, NULL), CLV_TEMPORARY_GONE);
    /* A process that took the number later is not the one that made the file. */
    char *own = clv_temporary_name("a", ""), *dash = strrchr(own, '-');
    dash[-1] = dash[-1] == '1' ? '2' : '1';
    assert_int_equal(clv_temporary_owner_of(own, NULL), CLV_TEMPORARY_GONE);
    free(own);
}

/* What the dead have left goes, with folders and what drivers put beside; everything else stays. */
static void test_removal(void **state)
{
    (void)state;
    char dead[300], inner[300], kept[300], text[800], path[760];
    char *own = clv_temporary_name("own.tif", "tif");
    clv_context *ctx = clv_context_new();
    clv_context_set_log(ctx, on_log, NULL);
    name_of_dead(dead, "a.tif", "tif");
    make(dead);
    snprintf(text, sizeof text, "%s.aux.xml", dead);
    make(text);
    name_of_dead(inner, "b.zarr", "");
    path_of(path, sizeof path, inner);
    assert_int_equal(mkdir(path, 0700), 0);
    clv_folder_record_write(path);
    snprintf(path, sizeof path, "%s/0.0", inner);
    make(path);
    make("precious");
    path_of(path, sizeof path, inner);
    snprintf(text, sizeof text, "%s/link", path);
    assert_int_equal(symlink(folder, text), 0); /* not followed */
    name_of_dead(kept, "only.tif", "old");
    make(kept); /* put aside, and nothing is there under its name */
    char other[] = ".c.tif.zzzzzzzz-1-1-abcd.tmp.tif";
    make(other);
    make(own);
    make(".mine.tmp");
    clv_temporary_enter(ctx, folder);
    assert_false(there(dead));
    snprintf(text, sizeof text, "%s.aux.xml", dead);
    assert_false(there(text));
    assert_false(there(inner));
    snprintf(text, sizeof text, "%s.folder", inner);
    assert_false(there(text));
    assert_true(there("precious"));
    assert_true(there(kept));
    assert_true(there(other));
    assert_true(there(own));
    assert_true(there(".mine.tmp"));
    assert_int_equal(warnings, 1);
    /* Once in a process. */
    make(dead);
    clv_temporary_enter(ctx, folder);
    assert_true(there(dead));
    assert_int_equal(warnings, 1);
    /* A signal's handler removes what is this process's, whether it was registered or not. */
    clv_unlink_unfinished();
    assert_false(there(own));
    assert_true(there(dead));
    assert_true(there(kept));
    free(own);
    clv_context_free(ctx);
}

/* Somebody's folder, link or pipe that is called like a temporary file stays; so does a folder in place of ours. */
static void test_foreign(void **state)
{
    (void)state;
    char name[5][300], path[2000], text[2100];
    const char *const extensions[] = {"tif", "", "", "journal", "old"};
    clv_context *ctx = clv_context_new();
    clv_context_set_log(ctx, on_log, NULL);
    assert_int_equal(strlen(strcat(folder, "/f")), strlen("/tmp/clv_temporary_XXXXXX/f"));
    assert_int_equal(mkdir(folder, 0700), 0);
    warnings = 0;
    for (int i = 0; i < 5; i++)
        name_of_dead(name[i], "a", extensions[i]);
    for (int i = 0; i < 2; i++) {
        path_of(path, sizeof path, name[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        snprintf(text, sizeof text, "%s/thesis", name[i]);
        make(text);
    }
    clv_folder_record_write(path); /* of ours, which another one has replaced since */
    snprintf(text, sizeof text, "%s.was", path);
    assert_int_equal(rename(path, text), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(text, sizeof text, "%s/thesis", name[1]);
    make(text);
    path_of(path, sizeof path, name[2]);
    assert_int_equal(symlink(folder, path), 0);
    path_of(path, sizeof path, name[3]);
    assert_int_equal(mkfifo(path, 0600), 0);
    path_of(path, sizeof path, name[4]);
    assert_int_equal(mkdir(path, 0700), 0); /* put aside: may be the last copy */
    clv_temporary_enter(ctx, folder);
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "%s/thesis", name[i]);
        assert_true(there(text));
    }
    for (int i = 0; i < 5; i++)
        assert_true(there(name[i]));
    assert_int_equal(warnings, 2);
    clv_context_free(ctx);
}

static int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    char command[100];
    folder[strlen("/tmp/clv_temporary_XXXXXX")] = '\0';
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_long_names),
                                       cmocka_unit_test(test_process), cmocka_unit_test(test_removal),
                                       cmocka_unit_test(test_foreign)};
    return cmocka_run_group_tests(tests, begin, end);
}
