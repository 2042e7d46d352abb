/* SPDX-License-Identifier: MIT
 *
 * What visitors choose: pictures, dates, settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "serve/plans.h"

static clv_upload good(char *path, char *name, const char *day, int dates)
{
    clv_upload u = {.state = CLV_UPLOAD_GOOD,
                    .owned = true,
                    .path = path,
                    .name = name,
                    .dates = dates,
                    .width = 100,
                    .height = 100};
    strcpy(u.first, day);
    return u;
}

/* NULL when it was taken, else why not. */
static const char *read_plan(const clv_job *job, const char *text, clv_plan *plan)
{
    static char why[CLV_PLAN_WHY];
    char error[100];
    clv_json *doc = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_non_null(doc);
    const bool taken = clv_plan_read(doc, job, plan, why);
    clv_json_free(doc);
    return taken ? NULL : why;
}

static void pictures_and_dates(void **state)
{
    (void)state;
    clv_job *job = calloc(1, sizeof *job);
    clv_plan plan;
    job->count = 6;
    job->uploads[0] = good("/t/a", "a", "2020-01-01", 1);
    job->uploads[1] = good("/t/b", "b", "2020-01-11", 1);
    job->uploads[2] = good("/t/c", "c", "", 1);
    job->uploads[3] = good("/t/stack", "stack", "2020-01-01", 5);
    job->uploads[4] = good("/t/bad", "bad", "2020-01-01", 1);
    job->uploads[4].state = CLV_UPLOAD_BAD;
    job->uploads[5] = good("/t/large", "large", "2020-01-01", 60);
    job->uploads[5].width = job->uploads[5].height = 10000;

    assert_null(read_plan(job, "{\"pictures\": [1, 0]}", &plan));
    assert_int_equal(plan.count, 2);
    assert_string_equal(plan.paths[0], "/t/b");
    assert_false(plan.dated);
    assert_true(plan.uploads);
    clv_plan_clear(&plan);
    assert_null(read_plan(job, "{\"pictures\": [0, 2], \"dates\": [null, \"2020-02-01\"]}", &plan));
    assert_true(plan.dated);
    assert_string_equal(plan.dates[0], "2020-01-01");
    assert_string_equal(plan.dates[1], "2020-02-01");
    clv_plan_clear(&plan);
    assert_null(read_plan(job, "{\"pictures\": [3]}", &plan)); /* a stack is a series */
    clv_plan_clear(&plan);
    /* Cubes are held in memory. */
    job->uploads[3].kind = clv_upload_sniff((const uint8_t *)"PK\3\4", 4);
    job->uploads[3].channels = 4;
    assert_null(read_plan(job, "{\"pictures\": [3]}", &plan));
    clv_plan_clear(&plan);
    job->uploads[3].width = 70000;
    assert_non_null(strstr(read_plan(job, "{\"pictures\": [3]}", &plan), "cubes"));
    clv_plan_clear(&plan);
    static const char *const bad[] = {"{}",
                                      "{\"pictures\": 3}",
                                      "{\"pictures\": [0]}",
                                      "{\"pictures\": [0, 0]}",
                                      "{\"pictures\": [0, 4]}",
                                      "{\"pictures\": [0, 6]}",
                                      "{\"pictures\": [0, -1]}",
                                      "{\"pictures\": [0, 1e300]}",
                                      "{\"pictures\": [0, 2]}",
                                      "{\"pictures\": [0, 2], \"dates\": [null, null]}",
                                      "{\"pictures\": [0, 1], \"dates\": [\"2020-01-01\"]}",
                                      "{\"pictures\": [0, 1], \"dates\": [\"2020-01-01\", \"2020-02-30\"]}",
                                      "{\"pictures\": [0, 3], \"dates\": [\"2020-01-01\", null]}",
                                      "{\"pictures\": [5]}",
                                      "{\"pictures\": [0, 1], \"dates\": [\"2020-01-01\", \"20200101\"]}",
                                      "{\"pictures\": [5, 0, 1]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *why = read_plan(job, bad[i], &plan);
        if (!why)
            fail_msg("taken: %s", bad[i]);
        assert_true(strlen(why) > 5);
        clv_plan_clear(&plan);
    }
    free(job);
}

static void settings(void **state)
{
    (void)state;
    clv_serve_options defaults;
    clv_run_options o;
    char why[CLV_PLAN_WHY], error[100];
    clv_serve_options_init(&defaults);
    assert_true(clv_run_options_read(NULL, &defaults, &o, why));
    assert_true(o.dilate < 0 && o.dilate_m == 40);
    assert_int_equal(o.method, CLV_METHOD_AUTO);
    static const char text[] =
        "{\"method\": \"linear\", \"dilate\": 5, \"threshold\": 0.25, \"stack\": true, \"quality\": true}";
    clv_json *doc = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_true(clv_run_options_read(doc, &defaults, &o, why));
    assert_true(o.method == CLV_METHOD_LINEAR && o.dilate == 5 && o.threshold == 0.25 && o.stack && o.quality &&
                !o.masks);
    clv_json_free(doc);
    static const struct {
        const char *text;
        bool good;
        int dilate;
        double dilate_m;
    } dilations[] = {{"{\"dilate\": \"25.5m\"}", true, -1, 25.5}, {"{\"dilate\": 0}", true, 0, 40},
                     {"{\"dilate\": \"2\"}", false, 0, 0},        {"{\"dilate\": \"m\"}", false, 0, 0},
                     {"{\"dilate\": \"-1m\"}", false, 0, 0},      {"{\"dilate\": 65}", false, 0, 0},
                     {"{\"dilate\": 1.5}", false, 0, 0},          {"{\"dilate\": null}", false, 0, 0}};
    for (size_t i = 0; i < sizeof dilations / sizeof *dilations; i++) {
        doc = clv_json_parse(dilations[i].text, strlen(dilations[i].text), error, sizeof error);
        assert_int_equal(clv_run_options_read(doc, &defaults, &o, why), dilations[i].good);
        assert_true(!dilations[i].good || (o.dilate == dilations[i].dilate && o.dilate_m == dilations[i].dilate_m));
        clv_json_free(doc);
    }
}

static void texts_for_visitors(void **state)
{
    (void)state;
    clv_plan plan = {.count = 2,
                     .uploads = true,
                     .paths = {"/tmp/x/job/inaa/a.tif", "/tmp/x/job/inab/b.tif"},
                     .names = {"a.tif", "b.tif"}};
    char *text = clv_job_text(
        "/tmp/x/job", &plan,
        "/tmp/x/job/inaa/a.tif: differs from /tmp/x/job/inab/b.tif and /tmp/x/job/result, /tmp/x/job/inaa/a.tif");
    assert_string_equal(text, "a.tif: differs from b.tif and the temporary folder/result, a.tif");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_and_dates), cmocka_unit_test(settings),
                                       cmocka_unit_test(texts_for_visitors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
