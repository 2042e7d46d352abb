/* SPDX-License-Identifier: MIT
 *
 * The table of a training and its chart: written, continued from an earlier step, and refused when it is no such table.
 */
#include "learn/pictures.h"

#include <math.h>

#include "base/context.h"
#include "base/file.h"
#include "learn/train/training_log.h"

typedef struct fixture {
    clv_context *ctx;
    char *folder;
    char csv[1024], svg[1024];
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->ctx = clv_context_new();
    f->folder = make_folder();
    snprintf(f->csv, sizeof f->csv, "%s/a.course.csv", f->folder);
    snprintf(f->svg, sizeof f->svg, "%s/a.course.svg", f->folder);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    remove_folder(f->folder);
    clv_context_free(f->ctx);
    free(f);
    return 0;
}

static char *text_of(const fixture *f, const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(clv_read_file(f->ctx, path, 1 << 20, &data, &size), CLV_OK);
    char *text = calloc(size + 1, 1);
    memcpy(text, data, size);
    free(data);
    return text;
}

static clv_training_log *three_rows(const fixture *f)
{
    clv_training_log *log = NULL;
    assert_int_equal(clv_training_log_open(f->ctx, f->csv, 0, &log), CLV_OK);
    assert_int_equal(clv_training_log_add(log, 50, 0.5, 0.001, 1, NAN), CLV_OK);
    assert_int_equal(clv_training_log_add(log, 100, 0.25, 0.002, 2, NAN), CLV_OK);
    assert_int_equal(clv_training_log_add(log, 100, 0.25, 0.002, 2, 40.5), CLV_OK); /* fills the cell in */
    assert_int_equal(clv_training_log_add(log, 150, 0.125, 0.001, 3, NAN), CLV_OK);
    assert_int_equal(clv_training_log_write(log), CLV_OK);
    return log;
}

static void test_written(void **state)
{
    const fixture *f = *state;
    clv_training_log_free(three_rows(f));
    char *text = text_of(f, f->csv), *chart = text_of(f, f->svg);
    assert_string_equal(text, "step,loss,learning_rate,minutes,held_out\n50,0.5,0.001,1,\n100,0.25,0.002,2,40.5\n"
                              "150,0.125,0.001,3,\n");
    assert_non_null(strstr(chart, "<polyline"));
    assert_non_null(strstr(chart, "</svg>"));
    free(text);
    free(chart);
}

static void test_continued(void **state)
{
    const fixture *f = *state;
    clv_training_log *log = NULL;
    clv_training_log_free(three_rows(f));
    assert_int_equal(clv_training_log_open(f->ctx, f->csv, 100, &log), CLV_OK); /* the row of step 150 is not kept */
    assert_int_equal(clv_training_log_add(log, 150, 0.0625, 0.001, 4, NAN), CLV_OK);
    assert_int_equal(clv_training_log_write(log), CLV_OK);
    clv_training_log_free(log);
    char *text = text_of(f, f->csv);
    assert_string_equal(text, "step,loss,learning_rate,minutes,held_out\n50,0.5,0.001,1,\n100,0.25,0.002,2,40.5\n"
                              "150,0.0625,0.001,4,\n");
    free(text);
}

static void test_refused(void **state)
{
    const fixture *f = *state;
    clv_training_log *log = NULL;
    static const char *const bad[] = {"name,size\n1,2\n", "step,loss,learning_rate,minutes,held_out\n1,2,3,4\n",
                                      "step,loss,learning_rate,minutes,held_out\n1,2,3,4,x\n",
                                      "step,loss,learning_rate,minutes,held_out\n,2,3,4,5\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text(f->folder, "a.course.csv", bad[i]);
        assert_int_equal(clv_training_log_open(f->ctx, f->csv, 5, &log), CLV_ERROR_FORMAT);
        assert_null(log);
        assert_non_null(strstr(clv_context_error(f->ctx), "a.course.csv:"));
    }
    /* A new training replaces it. */
    assert_int_equal(clv_training_log_open(f->ctx, f->csv, 0, &log), CLV_OK);
    clv_training_log_free(log);
    assert_int_equal(clv_training_log_open(f->ctx, NULL, 5, &log), CLV_OK);
    assert_null(log);
    assert_int_equal(clv_training_log_add(log, 1, 1, 1, 1, 1), CLV_OK);
    assert_int_equal(clv_training_log_write(log), CLV_OK);
}

static void test_nothing_measured(void **state)
{
    const fixture *f = *state;
    clv_training_log *log = NULL;
    assert_int_equal(clv_training_log_open(f->ctx, f->csv, 0, &log), CLV_OK);
    assert_int_equal(clv_training_log_write(log), CLV_OK);
    clv_training_log_free(log);
    char *chart = text_of(f, f->svg);
    assert_null(strstr(chart, "<polyline"));
    assert_null(strstr(chart, "nan"));
    free(chart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_continued, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_measured, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
