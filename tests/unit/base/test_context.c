/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/parallel.h"

#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Errors ------------------------------------------------------------------------------------ */

static void test_status_names(void **state)
{
    (void)state;
    for (int i = CLV_OK; i <= CLV_ERROR_INTERNAL; i++) {
        assert_true(strlen(clv_status_string((clv_status)i)) > 0);
        for (int j = CLV_OK; j < i; j++)
            assert_string_not_equal(clv_status_string((clv_status)i), clv_status_string((clv_status)j));
    }
    assert_non_null(clv_status_string((clv_status)99));
    assert_string_equal(clv_version(), CLV_VERSION);
}

static void test_first_failure_wins(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    assert_string_equal(clv_context_error(ctx), "");
    assert_int_equal(clv_fail(ctx, CLV_ERROR_OPEN, "%s: no such file", "a.tif"), CLV_ERROR_OPEN);
    assert_int_equal(clv_fail(ctx, CLV_ERROR_READ, "later"), CLV_ERROR_READ);
    assert_string_equal(clv_context_error(ctx), "a.tif: no such file");
    clv_clear_error(ctx);
    assert_string_equal(clv_context_error(ctx), "");
    clv_fail(ctx, CLV_ERROR_READ, "later");
    assert_string_equal(clv_context_error(ctx), "later");
    clv_context_free(ctx);
}

static void test_message_is_one_line(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    clv_fail(ctx, CLV_ERROR_OPEN, "%s", "a\r\nb\tc\x1b[31md\x7f");
    assert_string_equal(clv_context_error(ctx), "a  b c [31md ");
    clv_context_free(ctx);
}

static void test_decimal_point_in_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "it_IT.UTF-8", "de_AT.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]);
    if (!found) {
        print_message("no locale with a decimal comma is installed: skipped\n");
        skip();
    }
    clv_context *ctx = clv_context_new();
    clv_fail(ctx, CLV_ERROR_ARGUMENT, "-threshold %g", 1.5);
    char *text = clv_format("%.2f", 0.25);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(clv_context_error(ctx), "-threshold 1.5");
    assert_string_equal(text, "0.25");
    free(text);
    clv_context_free(ctx);
}

static void test_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    char text[8000];
    for (size_t shift = 0; shift < 3; shift++) {
        clv_context *ctx = clv_context_new();
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 4); /* the Euro sign */
        clv_fail(ctx, CLV_ERROR_OPEN, "%s", text);
        size_t length = strlen(clv_context_error(ctx));
        assert_true(length > 1000 && length < sizeof text);
        assert_string_equal(clv_context_error(ctx) + length - 3, "...");
        assert_int_equal((length - 3 - shift) % 3, 0);
        clv_context_free(ctx);
    }
}

static void test_null_context(void **state)
{
    (void)state;
    assert_int_equal(clv_fail(NULL, CLV_ERROR_OPEN, "x"), CLV_ERROR_OPEN);
    clv_clear_error(NULL);
    clv_note(NULL, "x");
    clv_warn(NULL, "x");
    clv_debug(NULL, "x");
    clv_progress_phase(NULL, 0, 1);
    clv_context_cancel(NULL);
    clv_context_set_log(NULL, NULL, NULL);
    clv_context_set_progress(NULL, NULL, NULL);
    clv_context_set_threads(NULL, 3);
    assert_int_equal(clv_progress(NULL, 0.5), CLV_OK);
    assert_int_equal(clv_check_cancel(NULL), CLV_OK);
    assert_true(clv_threads(NULL) >= 1);
    assert_string_equal(clv_context_error(NULL), "");
    clv_context_free(NULL);
    clv_free(NULL);
}

/* ---- Log --------------------------------------------------------------------------------------- */

struct lines {
    clv_context *ctx;
    int count;
    clv_log_level level;
    char text[200];
    char error[200];
};

static void keep_line(clv_log_level level, const char *message, void *user)
{
    struct lines *lines = user;
    lines->count++;
    lines->level = level;
    snprintf(lines->text, sizeof lines->text, "%s", message);
    snprintf(lines->error, sizeof lines->error, "%s", clv_context_error(lines->ctx));
}

static void test_log(void **state)
{
    (void)state;
    struct lines lines = {.ctx = clv_context_new()};
    clv_note(lines.ctx, "nobody listens");
    clv_context_set_log(lines.ctx, keep_line, &lines);
    clv_fail(lines.ctx, CLV_ERROR_READ, "broken");
    clv_warn(lines.ctx, "%d\n%s", 7, "dates");
    assert_int_equal(lines.level, CLV_LOG_WARNING);
    assert_string_equal(lines.text, "7 dates");
    assert_string_equal(lines.error, "broken"); /* a log function may ask for the error */
    clv_note(lines.ctx, "a");
    assert_int_equal(lines.level, CLV_LOG_INFO);
    clv_debug(lines.ctx, "b");
    assert_int_equal(lines.level, CLV_LOG_DEBUG);
    assert_int_equal(lines.count, 3);
    clv_context_free(lines.ctx);
}

/* ---- Progress and cancellation ------------------------------------------------------------------ */

struct course {
    double at[64];
    int count, stop_after;
};

static int keep_progress(double complete, const char *message, void *user)
{
    struct course *course = user;
    assert_non_null(message);
    course->at[course->count++] = complete;
    return course->count != course->stop_after;
}

static void test_progress_is_mapped_and_never_goes_back(void **state)
{
    (void)state;
    struct course course = {.count = 0};
    clv_context *ctx = clv_context_new();
    clv_context_set_progress(ctx, keep_progress, &course);
    clv_progress_phase(ctx, 0, 0.25);
    assert_int_equal(clv_progress(ctx, 0.5), CLV_OK);
    assert_float_equal(course.at[0], 0.125, 1e-12);
    clv_progress(ctx, 1);
    assert_float_equal(course.at[1], 0.25, 1e-12);
    clv_progress(ctx, 0.2);
    assert_float_equal(course.at[2], 0.25, 1e-12);
    clv_progress(ctx, NAN);
    assert_float_equal(course.at[3], 0.25, 1e-12);
    clv_progress_phase(ctx, 0.25, 1);
    clv_progress(ctx, 0);
    assert_float_equal(course.at[4], 0.25, 1e-12);
    clv_progress(ctx, 7);
    assert_float_equal(course.at[5], 1, 1e-12);
    clv_progress_phase(ctx, 0, 1); /* a new whole */
    clv_progress(ctx, -3);
    assert_float_equal(course.at[6], 0, 1e-12);
    clv_progress_phase(ctx, 0.5, 0.6);
    clv_progress(ctx, 1);
    assert_float_equal(course.at[7], 0.6, 1e-12);
    clv_clear_error(ctx); /* the next call, which knows no phases */
    clv_progress(ctx, 0.25);
    assert_float_equal(course.at[8], 0.25, 1e-12);
    clv_context_free(ctx);
}

static void test_progress_function_cancels(void **state)
{
    (void)state;
    struct course course = {.stop_after = 2};
    clv_context *ctx = clv_context_new();
    clv_context_set_progress(ctx, keep_progress, &course);
    assert_int_equal(clv_progress(ctx, 0.1), CLV_OK);
    assert_int_equal(clv_progress(ctx, 0.2), CLV_ERROR_CANCELLED);
    assert_string_equal(clv_context_error(ctx), "cancelled");
    assert_int_equal(clv_check_cancel(ctx), CLV_ERROR_CANCELLED);
    clv_clear_error(ctx); /* the next call starts afresh */
    assert_int_equal(clv_check_cancel(ctx), CLV_OK);
    clv_context_free(ctx);
}

static void test_cancellation_between_calls_is_not_lost(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    clv_context_cancel(ctx);
    clv_clear_error(ctx);
    assert_int_equal(clv_check_cancel(ctx), CLV_ERROR_CANCELLED);
    clv_context_free(ctx);
}

static clv_context *signalled;

static void on_signal(int number)
{
    (void)number;
    clv_context_cancel(signalled);
}

static void test_cancel_from_a_signal_handler(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_signal}, before;
    signalled = clv_context_new();
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    assert_int_equal(clv_check_cancel(signalled), CLV_ERROR_CANCELLED);
    clv_context_free(signalled);
}

/* ---- Many threads at once ----------------------------------------------------------------------- */

static int inside, most_inside, calls;

static int count_inside(double complete, const char *message, void *user)
{
    (void)complete;
    (void)message;
    (void)user;
    inside++; /* not atomic: the context promises one call at a time, and ThreadSanitizer checks it */
    if (inside > most_inside)
        most_inside = inside;
    calls++;
    inside--;
    return 1;
}

static clv_status report(void *arg, int index, int worker)
{
    (void)worker;
    clv_note(arg, "item %d", index);
    return clv_progress(arg, index / 999.0);
}

static void test_many_threads(void **state)
{
    (void)state;
    struct lines lines = {.ctx = clv_context_new()};
    inside = most_inside = calls = 0;
    clv_context_set_progress(lines.ctx, count_inside, NULL);
    clv_context_set_log(lines.ctx, keep_line, &lines);
    assert_int_equal(clv_parallel_for(lines.ctx, 1000, 8, report, lines.ctx), CLV_OK);
    assert_int_equal(calls, 1000);
    assert_int_equal(most_inside, 1);
    assert_int_equal(lines.count, 1000);
    clv_context_free(lines.ctx);
}

/* ---- Threads ----------------------------------------------------------------------------------- */

static void test_number_of_threads(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    unsetenv("GDAL_NUM_THREADS");
    int processors = clv_threads(ctx);
    assert_true(processors >= 1);
    setenv("GDAL_NUM_THREADS", "7", 1);
    assert_int_equal(clv_threads(ctx), 7);
    clv_context_set_threads(ctx, 3);
    assert_int_equal(clv_threads(ctx), 3);
    clv_context_set_threads(ctx, 0);
    assert_int_equal(clv_threads(ctx), 7);
    const char *all[] = {"ALL_CPUS", "", "-2", "0", "3 and more"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        setenv("GDAL_NUM_THREADS", all[i], 1);
        assert_int_equal(clv_threads(ctx), processors);
    }
    setenv("GDAL_NUM_THREADS", "99999999999999999999", 1);
    assert_in_range(clv_threads(ctx), 1, 1024);
    clv_context_set_threads(ctx, 1000000);
    assert_in_range(clv_threads(ctx), 1, 1024);
    unsetenv("GDAL_NUM_THREADS");
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_first_failure_wins),
        cmocka_unit_test(test_message_is_one_line),
        cmocka_unit_test(test_decimal_point_in_any_locale),
        cmocka_unit_test(test_long_message_is_cut_between_characters),
        cmocka_unit_test(test_null_context),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_progress_is_mapped_and_never_goes_back),
        cmocka_unit_test(test_progress_function_cancels),
        cmocka_unit_test(test_cancellation_between_calls_is_not_lost),
        cmocka_unit_test(test_cancel_from_a_signal_handler),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
