/* SPDX-License-Identifier: MIT
 *
 * Files get their names together. What other processes have put there meanwhile is not replaced unasked, whatever the
 * file system can do: renameat2() is ours here.
 */
#define _GNU_SOURCE
#include "output/moves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "base/rename.h"
#include "base/temporary.h"
#include "unit/writing.h"

/* 0: what the system does; else it fails with this. `before` is called first. */
static int refusal;
static void (*before)(const char *to);

int __real_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (before)
        before(to);
    errno = refusal;
    return refusal ? -1 : __real_renameat2(from_folder, from, to_folder, to, flags);
}

static const int refusals[] = {0, EINVAL, ENOSYS};

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What a file says; "-": it is not there. */
static const char *say(const char *path)
{
    static char line[64];
    FILE *file = fopen(path, "r");
    snprintf(line, sizeof line, "-");
    if (file && !fgets(line, sizeof line, file))
        *line = '\0';
    if (file)
        fclose(file);
    return line;
}

static char *temporary(const bench *b, const char *name, const char *text)
{
    char *hidden = clv_temporary_name(name, ""), *path = in_folder(b, hidden);
    free(hidden);
    if (text)
        put(path, text);
    else
        assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static void empty(const bench *b)
{
    char command[200];
    snprintf(command, sizeof command, "rm -rf %s/* %s/.[!.]*", b->folder, b->folder);
    assert_int_equal(system(command), 0);
    refusal = 0;
    before = NULL;
    clv_clear_error(b->ctx);
}

static void put_theirs(const char *to)
{
    put(to, "theirs");
}

static void make_theirs(const char *to)
{
    mkdir(to, 0700);
}

/* Two files; something appears under the name of each in the last moment. */
static void what_has_appeared_is_not_replaced(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 6; i++) {
        const bool overwrite = i >= 3;
        empty(b);
        clv_moves *m = clv_moves_new(b->ctx, overwrite);
        char *from = temporary(b, "a", "ours"), *to = in_folder(b, "a");
        assert_int_equal(clv_moves_add(m, from, to, false), CLV_OK);
        assert_int_equal(clv_moves_add(m, temporary(b, "b", "ours too"), in_folder(b, "b"), false), CLV_OK);
        refusal = refusals[i % 3];
        before = put_theirs;
        assert_int_equal(clv_moves_run(m), overwrite ? CLV_OK : CLV_ERROR_EXISTS);
        if (!overwrite)
            assert_non_null(strstr(clv_context_error(b->ctx), "has appeared while it was being made; use -overwrite"));
        clv_moves_free(m, overwrite);
        assert_string_equal(say(to), overwrite ? "ours" : "theirs");
        assert_string_equal(say(in_folder(b, "b")), overwrite ? "ours too" : "-");
        unlink(from);
        assert_int_equal(count_files(b->folder), 2);
    }
}

/* A folder is not moved away for a file, with overwrite neither. */
static void a_folder_that_has_appeared_stays(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 6; i++) {
        empty(b);
        clv_moves *m = clv_moves_new(b->ctx, i >= 3);
        char *to = in_folder(b, "a");
        assert_int_equal(clv_moves_add(m, temporary(b, "a", "ours"), to, false), CLV_OK);
        refusal = refusals[i % 3];
        before = make_theirs;
        assert_int_equal(clv_moves_run(m), CLV_ERROR_EXISTS);
        clv_moves_free(m, false);
        assert_int_equal(count_files(to), 0);
    }
}

/* Forward and back, by an exchange and without one; what lies behind a link in the old folder stays. */
static void folders_are_replaced(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 6; i++) {
        const bool keep = i >= 3;
        empty(b);
        char *to = in_folder(b, "a"), *from = temporary(b, "a", NULL), *mine = in_folder(b, "mine");
        mkdir(to, 0750);
        put(in_folder(b, "a/x"), "old");
        mkdir(mine, 0700);
        put(in_folder(b, "mine/thesis"), "chapter");
        assert_int_equal(symlink(mine, in_folder(b, "a/link")), 0);
        char path[600];
        snprintf(path, sizeof path, "%s/x", from);
        put(path, "new");
        clv_moves *m = clv_moves_new(b->ctx, true);
        assert_int_equal(clv_moves_add(m, from, to, true), CLV_OK);
        refusal = refusals[i % 3];
        assert_int_equal(clv_moves_run(m), CLV_OK);
        assert_string_equal(say(in_folder(b, "a/x")), "new");
        clv_moves_free(m, keep);
        assert_string_equal(say(in_folder(b, "a/x")), keep ? "new" : "old");
        assert_string_equal(say(in_folder(b, "mine/thesis")), "chapter");
        assert_int_equal(count_files(b->folder), 2);
        struct stat info;
        assert_int_equal(stat(to, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0750);
    }
}

/* What a run that has to put back finds under the old one's name is kept. */
static void names_that_are_free(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 3; i++) {
        empty(b);
        refusal = refusals[i];
        char *from = in_folder(b, "from"), *to = in_folder(b, "to");
        put(from, "one");
        assert_int_equal(clv_rename_new(AT_FDCWD, from, to), 0);
        assert_string_equal(say(to), "one");
        assert_int_equal(count_files(b->folder), 1);
        put(from, "two");
        assert_int_equal(clv_rename_new(AT_FDCWD, from, to), -1);
        assert_int_equal(errno, EEXIST);
        assert_string_equal(say(to), "one");
        unlink(to);
        assert_int_equal(symlink("nowhere", to), 0);
        assert_int_equal(clv_rename_new(AT_FDCWD, from, to), -1);
        assert_int_equal(errno, EEXIST);
        unlink(to);
        assert_int_equal(clv_rename_new(AT_FDCWD, in_folder(b, "none"), to), -1);
        assert_int_equal(errno, ENOENT);
        mkdir(to, 0700);
        mkdir(in_folder(b, "folder"), 0700);
        assert_int_equal(clv_rename_new(AT_FDCWD, in_folder(b, "folder"), to), -1);
        assert_int_equal(errno, EEXIST);
        assert_int_equal(count_files(b->folder), 3);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(what_has_appeared_is_not_replaced),
        T(a_folder_that_has_appeared_stays),
        T(folders_are_replaced),
        T(names_that_are_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
