/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/parallel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/clv_file_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int count_files(void)
{
    DIR *dir = opendir(folder);
    int n = 0;
    for (struct dirent *e; (e = readdir(dir));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a test has left something behind */
}

static char *in_folder(const char *name)
{
    return clv_format("%s/%s", folder, name);
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void expect_content(const char *path, const char *text)
{
    uint8_t *data;
    size_t size;
    assert_int_equal(clv_read_file(NULL, path, 1 << 20, &data, &size), CLV_OK);
    assert_int_equal(size, strlen(text));
    assert_string_equal((char *)data, text);
    free(data);
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static void test_read(void **state)
{
    (void)state;
    char *path = in_folder("a b\n\xC3\xA4");
    clv_context *ctx = clv_context_new();
    uint8_t *data = NULL;
    size_t size = 0;
    put(path, "");
    expect_content(path, "");
    put(path, "0123456789");
    expect_content(path, "0123456789");
    assert_int_equal(clv_read_file(ctx, path, 10, &data, &size), CLV_OK);
    free(data);
    assert_int_equal(clv_read_file(ctx, path, 9, &data, &size), CLV_ERROR_FORMAT);
    assert_null(data);
    assert_non_null(strstr(clv_context_error(ctx), "10 bytes"));
    clv_clear_error(ctx);
    unlink(path);
    assert_int_equal(clv_read_file(ctx, path, 10, &data, &size), CLV_ERROR_OPEN);
    assert_null(data);
    clv_clear_error(ctx);
    assert_int_equal(clv_read_file(ctx, folder, 10, &data, &size), CLV_ERROR_OPEN);
    assert_non_null(strstr(clv_context_error(ctx), "folder"));
    clv_clear_error(ctx);
    clv_context_cancel(ctx);
    put(path, "x");
    assert_int_equal(clv_read_file(ctx, path, 10, &data, &size), CLV_ERROR_CANCELLED);
    assert_null(data);
    unlink(path);
    free(path);
    clv_context_free(ctx);
}

/* Files whose size the system does not tell. */
static void test_read_endless(void **state)
{
    (void)state;
    uint8_t *data;
    size_t size;
    assert_int_equal(clv_read_file(NULL, "/dev/zero", 300000, &data, &size), CLV_ERROR_FORMAT);
    assert_null(data);
    assert_int_equal(clv_read_file(NULL, "/dev/null", 0, &data, &size), CLV_OK);
    assert_int_equal(size, 0);
    free(data);
}

/* A sparse file that claims far more than is allowed is refused before memory is asked for. */
static void test_read_sparse(void **state)
{
    (void)state;
    char *path = in_folder("sparse");
    uint8_t *data;
    size_t size;
    put(path, "x");
    if (truncate(path, (off_t)1 << 40) == 0)
        assert_int_equal(clv_read_file(NULL, path, 1 << 20, &data, &size), CLV_ERROR_FORMAT);
    unlink(path);
    free(path);
}

enum { PIPED = 700000 };

static clv_status feed(void *arg)
{
    int fd = open(arg, O_WRONLY);
    char block[1000];
    memset(block, 'p', sizeof block);
    for (size_t sent = 0; fd >= 0 && sent < PIPED; sent += sizeof block)
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
            break;
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? CLV_OK : CLV_ERROR_WRITE;
}

static void test_read_pipe(void **state)
{
    (void)state;
    char *path = in_folder("pipe");
    uint8_t *data;
    size_t size;
    assert_int_equal(mkfifo(path, 0600), 0);
    clv_task *task = clv_task_start(NULL, feed, path);
    assert_int_equal(clv_read_file(NULL, path, 1 << 20, &data, &size), CLV_OK);
    assert_int_equal(clv_task_wait(task), CLV_OK);
    assert_int_equal(size, PIPED);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(data[i], 'p');
    assert_int_equal(data[size], 0);
    free(data);
    unlink(path);
    free(path);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void test_write_replaces_at_the_end(void **state)
{
    (void)state;
    char *path = in_folder("out");
    clv_file_writer *w;
    put(path, "old");
    assert_int_equal(clv_file_create(NULL, path, &w), CLV_OK);
    assert_int_equal(clv_file_write(w, "new ", 4), CLV_OK);
    expect_content(path, "old");
    assert_int_equal(count_files(), 2);
    assert_int_equal(clv_file_write(w, NULL, 0), CLV_OK);
    assert_int_equal(clv_file_write(w, "text", 4), CLV_OK);
    assert_int_equal(clv_file_finish(w, true), CLV_OK);
    expect_content(path, "new text");
    assert_int_equal(count_files(), 1);
    unlink(path);
    free(path);
    assert_int_equal(clv_file_finish(NULL, true), CLV_OK);
}

static void test_write_given_up(void **state)
{
    (void)state;
    char *path = in_folder("out");
    clv_context *ctx = clv_context_new();
    clv_file_writer *w;
    put(path, "old");
    assert_int_equal(clv_file_create(ctx, path, &w), CLV_OK);
    clv_file_write(w, "new", 3);
    assert_int_equal(clv_file_finish(w, false), CLV_OK);
    expect_content(path, "old");
    assert_int_equal(count_files(), 1);

    assert_int_equal(clv_file_create(ctx, path, &w), CLV_OK);
    clv_context_cancel(ctx);
    assert_int_equal(clv_file_write(w, "new", 3), CLV_ERROR_CANCELLED);
    assert_int_equal(clv_file_finish(w, true), CLV_ERROR_CANCELLED);
    expect_content(path, "old");
    assert_int_equal(count_files(), 1);
    unlink(path);
    free(path);
    clv_context_free(ctx);
}

static void test_write_to_impossible_places(void **state)
{
    (void)state;
    char *nowhere = in_folder("missing/out");
    clv_context *ctx = clv_context_new();
    clv_file_writer *w;
    assert_int_equal(clv_file_create(ctx, nowhere, &w), CLV_ERROR_WRITE);
    assert_null(w);
    assert_non_null(strstr(clv_context_error(ctx), "missing/out"));
    assert_int_equal(clv_file_create(ctx, folder, &w), CLV_ERROR_WRITE);
    assert_int_equal(clv_file_create(ctx, "/dev/null", &w), CLV_ERROR_WRITE); /* must not be renamed over */
    assert_int_equal(count_files(), 0);
    free(nowhere);
    clv_context_free(ctx);
}

static void test_two_writers_of_one_file(void **state)
{
    (void)state;
    char *path = in_folder("out");
    clv_file_writer *a, *b;
    assert_int_equal(clv_file_create(NULL, path, &a), CLV_OK);
    assert_int_equal(clv_file_create(NULL, path, &b), CLV_OK);
    clv_file_write(a, "aaaa", 4);
    clv_file_write(b, "bb", 2);
    assert_int_equal(clv_file_finish(a, true), CLV_OK);
    expect_content(path, "aaaa");
    assert_int_equal(clv_file_finish(b, true), CLV_OK);
    expect_content(path, "bb");
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_endless),
        cmocka_unit_test(test_read_sparse),
        cmocka_unit_test(test_read_pipe),
        cmocka_unit_test(test_write_replaces_at_the_end),
        cmocka_unit_test(test_write_given_up),
        cmocka_unit_test(test_write_to_impossible_places),
        cmocka_unit_test(test_two_writers_of_one_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
