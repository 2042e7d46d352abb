/* SPDX-License-Identifier: MIT
 * Folders of several files appear whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "output/new_folder.h"
#include "unit/writing.h"

static bool owned(const char *relative)
{
    return strcmp(relative, "index.html") == 0 || strncmp(relative, "pictures/a", 10) == 0;
}

static clv_status begin(bench *b, const char *path, bool overwrite, clv_new_folder **f)
{
    clv_clear_error(b->ctx);
    return clv_new_folder_begin(b->ctx, "-report", path, overwrite, owned, f);
}

static void write_some(clv_new_folder *f, const char *text)
{
    assert_int_equal(clv_new_folder_write(f, "index.html", text, strlen(text)), CLV_OK);
    assert_int_equal(clv_new_folder_write(f, "pictures/a.png", text, strlen(text)), CLV_OK);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect_text(const char *path, const char *text)
{
    char line[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_string_equal(line, text);
}

static void make(bench *b, const char *path, const char *text, bool overwrite)
{
    clv_new_folder *f;
    assert_int_equal(begin(b, path, overwrite, &f), CLV_OK);
    write_some(f, text);
    assert_int_equal(clv_new_folder_place(f), CLV_OK);
    clv_new_folder_keep(f);
    clv_new_folder_free(f);
}

static void appears_when_placed(void **state)
{
    bench *b = *state;
    clv_new_folder *f;
    const char *path = in_folder(b, "deep/er/report");
    assert_int_equal(begin(b, in_folder(b, "deep/er/report//"), false, &f), CLV_OK);
    assert_string_equal(clv_new_folder_path(f), path);
    assert_int_equal(count_files(b->folder), 0); /* nothing is made by asking */
    write_some(f, "one");
    assert_int_equal(count_files(path), -1);
    assert_int_equal(clv_new_folder_place(f), CLV_OK);
    assert_int_equal(count_files(path), 2);
    clv_new_folder_keep(f);
    clv_new_folder_free(f);
    expect_text(in_folder(b, "deep/er/report/pictures/a.png"), "one");
    assert_int_equal(count_files(in_folder(b, "deep/er")), 1);
}

static void is_undone_unless_kept(void **state)
{
    bench *b = *state;
    for (int placed = 0; placed < 2; placed++) {
        clv_new_folder *f;
        assert_int_equal(begin(b, in_folder(b, "deep/er/report"), false, &f), CLV_OK);
        write_some(f, "one");
        if (placed)
            assert_int_equal(clv_new_folder_place(f), CLV_OK);
        clv_new_folder_free(f);
        assert_int_equal(count_files(b->folder), 0);
    }
    clv_new_folder_free(NULL);
}

static void old_one_comes_back(void **state)
{
    bench *b = *state;
    const char *path = in_folder(b, "report");
    make(b, path, "one", false);
    put(in_folder(b, "report/mine"), "mine");
    clv_new_folder *f;
    assert_int_equal(begin(b, path, true, &f), CLV_OK);
    write_some(f, "two");
    assert_int_equal(clv_new_folder_place(f), CLV_OK);
    expect_text(in_folder(b, "report/index.html"), "two");
    clv_new_folder_free(f);
    expect_text(in_folder(b, "report/index.html"), "one");
    expect_text(in_folder(b, "report/mine"), "mine");
    assert_int_equal(count_files(path), 3);
    assert_int_equal(count_files(b->folder), 1);
}

/* What an earlier run wrote goes, whatever else lies there stays. */
static void others_files_stay(void **state)
{
    bench *b = *state;
    const char *path = in_folder(b, "report");
    make(b, path, "one", false);
    put(in_folder(b, "report/mine"), "mine");
    put(in_folder(b, "report/pictures/b.png"), "mine too");
    put(in_folder(b, "report/pictures/a_of_before.png"), "old");
    mkdir(in_folder(b, "report/folder"), 0777);
    put(in_folder(b, "report/folder/index.html"), "in a folder of mine");
    chmod(path, 0750);
    make(b, path, "two", true);
    expect_text(in_folder(b, "report/index.html"), "two");
    expect_text(in_folder(b, "report/mine"), "mine");
    expect_text(in_folder(b, "report/pictures/b.png"), "mine too");
    expect_text(in_folder(b, "report/folder/index.html"), "in a folder of mine");
    assert_int_equal(count_files(in_folder(b, "report/pictures")), 2);
    assert_int_equal(count_files(path), 4);
    assert_int_equal(count_files(b->folder), 1);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0750);
}

static void wrong_places_are_refused(void **state)
{
    bench *b = *state;
    clv_new_folder *f;
    make(b, in_folder(b, "report"), "one", false);
    put(in_folder(b, "file"), "x");
    assert_int_equal(begin(b, in_folder(b, "report"), false, &f), CLV_ERROR_EXISTS);
    assert_null(f);
    assert_int_equal(begin(b, in_folder(b, "file"), true, &f), CLV_ERROR_WRITE);
    assert_int_equal(begin(b, in_folder(b, "file/report"), true, &f), CLV_ERROR_WRITE);
    assert_int_equal(begin(b, "/vsimem/report", false, &f), CLV_ERROR_ARGUMENT);
    assert_int_equal(begin(b, "", false, &f), CLV_ERROR_ARGUMENT);
    assert_int_equal(count_files(b->folder), 2);
}

static void another_that_appeared_is_not_replaced(void **state)
{
    bench *b = *state;
    clv_new_folder *f;
    assert_int_equal(begin(b, in_folder(b, "report"), false, &f), CLV_OK);
    write_some(f, "one");
    mkdir(in_folder(b, "report"), 0777);
    put(in_folder(b, "report/theirs"), "theirs");
    assert_int_equal(clv_new_folder_place(f), CLV_ERROR_EXISTS);
    clv_new_folder_free(f);
    expect_text(in_folder(b, "report/theirs"), "theirs");
    assert_int_equal(count_files(in_folder(b, "report")), 1);
    assert_int_equal(count_files(b->folder), 1);
}

static void the_second_interrupt_leaves_no_file(void **state)
{
    bench *b = *state;
    clv_new_folder *f;
    assert_int_equal(begin(b, in_folder(b, "report"), false, &f), CLV_OK);
    write_some(f, "one");
    char *path;
    assert_int_equal(clv_new_folder_file(f, "index.html", &path), CLV_OK);
    assert_int_equal(access(path, F_OK), 0);
    clv_unlink_unfinished();
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    clv_new_folder_free(f);
    assert_int_equal(count_files(b->folder), 0);
}

/* Killed after the exchange of the folders and before anything else: what is the user's is in place. The next run
 * removes what was hidden. */
static void killed_in_the_exchange(void **state)
{
    bench *b = *state;
    char path[100], name[200];
    snprintf(path, sizeof path, "%s/out", b->folder);
    make(b, path, "one", false);
    snprintf(name, sizeof name, "%s/notes.txt", path);
    put(name, "mine");
    snprintf(name, sizeof name, "%s/thesis", path);
    assert_int_equal(mkdir(name, 0750), 0);
    snprintf(name, sizeof name, "%s/thesis/deep", path);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof name, "%s/thesis/deep/a.tex", path);
    put(name, "chapter");
    snprintf(name, sizeof name, "%s/pictures/own.png", path);
    put(name, "own");
    pid_t child = fork();
    if (child == 0) {
        clv_new_folder *f;
        if (begin(b, path, true, &f) == CLV_OK && clv_new_folder_write(f, "index.html", "two", 3) == CLV_OK)
            clv_new_folder_place(f);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(count_files(b->folder), 4); /* the old one, its record, a journal */
    for (int run = 0; run < 2; run++) {
        snprintf(name, sizeof name, "%s/index.html", path);
        expect_text(name, run ? "three" : "two");
        snprintf(name, sizeof name, "%s/notes.txt", path);
        expect_text(name, "mine");
        snprintf(name, sizeof name, "%s/thesis/deep/a.tex", path);
        expect_text(name, "chapter");
        snprintf(name, sizeof name, "%s/pictures/own.png", path);
        expect_text(name, "own");
        if (run == 0 && (child = fork()) == 0) { /* a process looks for what is left once */
            make(b, path, "three", true);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    assert_int_equal(count_files(b->folder), 1);
    struct stat info;
    snprintf(name, sizeof name, "%s/thesis", path);
    assert_int_equal(stat(name, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0750);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(appears_when_placed),
        T(is_undone_unless_kept),
        T(old_one_comes_back),
        T(others_files_stay),
        T(wrong_places_are_refused),
        T(another_that_appeared_is_not_replaced),
        T(the_second_interrupt_leaves_no_file),
        T(killed_in_the_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
