/* SPDX-License-Identifier: MIT
 * The viewer's data: whatever names hold, it stays data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pipeline/viewer_json.h"
#include "unit/writing.h"
#include "web/files.h"

#define NASTY "</script><b>\"it's\" & \xe2\x80\xa8 \xc3\xa9 \xff\n"

static void expect_href(const char *folder, const char *path, const char *expected)
{
    char *href = clv_viewer_href(folder, path);
    assert_non_null(href);
    assert_string_equal(href, expected);
    free(href);
}

static void links_are_relative_and_encoded(void **state)
{
    (void)state;
    expect_href("/a/b/report", "/a/b/clear/x.tif", "../clear/x.tif");
    expect_href("/a/b/report", "/a/b/x.tif", "../x.tif");
    expect_href("/a/b/report", "/a/b/report/x.tif", "./x.tif");
    expect_href("/a/b/report", "/a/b/report2/x.tif", "../report2/x.tif");
    expect_href("/a/b/report2", "/a/b/report/x.tif", "../report/x.tif");
    expect_href("/a/b/report", "/c/x.tif", "../../../c/x.tif");
    expect_href("/report", "/x.tif", "../x.tif");
    expect_href("/", "/x.tif", "./x.tif");
    expect_href("/a", "/a/javascript:alert(1)", "./javascript%3Aalert%281%29");
    expect_href("/a", "/a/100% \"<\xc3\xa9>?#.tif", "./100%25%20%22%3C%C3%A9%3E%3F%23.tif");
}

static void scripts_cannot_be_ended_by_text(void **state)
{
    (void)state;
    char *script = clv_viewer_script("{\"a\":\"</script><!--\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa6\"}");
    assert_non_null(script);
    assert_string_equal(
        script, "window.clearvisionSeries = {\"a\":\"\\u003c/script>\\u003c!--\\u2028\\u2029\xe2\x80\xa6\"};\n");
    free(script);
}

static clv_series *open_series(bench *b)
{
    char *paths[2];
    for (int t = 0; t < 2; t++) {
        char name[32];
        snprintf(name, sizeof name, "a_202206%02d.tif", t + 1);
        paths[t] = in_folder(b, name);
        GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), paths[t], 30, 20, 3, GDT_UInt16, NULL);
        double transform[6] = {674990, 20, 0, 5154960, 0, -20};
        GDALSetGeoTransform(ds, transform);
        GDALSetProjection(ds, "EPSG:32632");
        for (int k = 1; k <= 3; k++)
            GDALFillRaster(GDALGetRasterBand(ds, k), 800, 0);
        GDALClose(ds);
    }
    const int bands[] = {1, 2, 3};
    clv_input_options o = {.in_scale = 0.0001, .in_offset = 0, .bands = bands, .band_count = 3};
    clv_series *series = NULL;
    assert_int_equal(clv_series_open(b->ctx, (const char *const *)paths, 2, &o, &series), CLV_OK);
    return series;
}

static void data_reads_back(void **state)
{
    bench *b = *state;
    clv_series *series = open_series(b);
    clv_output_options output = {.path = in_folder(b, "out")};
    clv_outputs *set;
    clv_pictures *pictures;
    assert_int_equal(clv_outputs_new(b->ctx, &output, &set), CLV_OK);
    assert_int_equal(clv_pictures_new(b->ctx, set, series, &pictures), CLV_OK);
    clv_check check = {.name = "dates", .state = CLV_CHECK_WARNING, .text = NASTY, .advice = ""};
    clv_viewer_date dates[2] = {
        {.date = "2022-06-01", .stem = NASTY, .source = NASTY, .cloud = 0.123456, .never = NAN, .file_count = 2},
        {.date = "2022-06-02", .stem = "b", .source = "b", .file_count = 1}};
    dates[0].files[0] = (clv_viewer_file){"output", "/x/out/<a>.tif", 1e10};
    dates[0].files[1] = (clv_viewer_file){"mask", "/x/out/m.tif", 0};
    dates[1].files[0] = (clv_viewer_file){"output", NULL, 0};
    clv_viewer_data data = {.title = NASTY,
                            .folder = "/x/report",
                            .grid = &series->grid,
                            .pictures = pictures,
                            .checks = &check,
                            .check_count = 1,
                            .settings = {{"method", "linear"}},
                            .setting_count = 1,
                            .dates = dates,
                            .date_count = 2};
    char *text = clv_viewer_json(&data), error[100];
    assert_non_null(text);
    clv_json *json = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_non_null(json);
    const char *title = clv_json_string(clv_json_get(json, "title"), NULL);
    assert_non_null(title);
    assert_memory_equal(title, NASTY, strlen("</script><b>\"it's\" & \xe2\x80\xa8 \xc3\xa9 ")); /* then: no UTF-8 */
    assert_string_equal(clv_json_string(clv_json_get(json, "crs"), ""), "EPSG:32632");
    const clv_json *grid = clv_json_get(json, "grid"), *first = clv_json_at(clv_json_get(json, "dates"), 0);
    assert_int_equal(clv_json_integer(clv_json_get(grid, "width"), 0), 30);
    assert_string_equal(clv_json_string(clv_json_get(grid, "unit"), ""), "metre");
    assert_true(clv_json_number(clv_json_at(clv_json_get(grid, "geotransform"), 3), 0) == 5154960);
    assert_true(clv_json_number(clv_json_get(first, "cloud"), 0) == 0.1235);
    assert_int_equal(clv_json_kind(clv_json_get(first, "never")), CLV_JSON_NULL);
    const clv_json *file = clv_json_get(first, "output");
    assert_string_equal(clv_json_string(clv_json_get(file, "href"), ""), "../out/%3Ca%3E.tif");
    assert_string_equal(clv_json_string(clv_json_get(file, "name"), ""), "<a>.tif");
    assert_true(clv_json_number(clv_json_get(file, "bytes"), 0) == 1e10);
    const clv_json *extra = clv_json_at(clv_json_get(first, "extra"), 0);
    assert_string_equal(clv_json_string(clv_json_get(extra, "what"), ""), "mask");
    assert_int_equal(clv_json_kind(clv_json_get(extra, "bytes")), CLV_JSON_NULL);
    const clv_json *second = clv_json_at(clv_json_get(json, "dates"), 1);
    assert_int_equal(clv_json_kind(clv_json_get(second, "output")), CLV_JSON_NULL);
    assert_string_equal(clv_json_string(clv_json_get(clv_json_get(second, "images"), "clear"), ""),
                        "pictures/001_clear.png");
    assert_int_equal(clv_json_count(clv_json_get(clv_json_get(json, "legend"), "mask")), 3);
    const clv_json *advice = clv_json_at(clv_json_get(json, "guidance"), 0);
    assert_string_equal(clv_json_string(clv_json_get(advice, "state"), ""), "warning");
    assert_int_equal(clv_json_kind(clv_json_get(advice, "advice")), CLV_JSON_NULL);
    clv_json_free(json);
    free(text);
    clv_pictures_free(pictures);
    clv_outputs_free(set);
    clv_series_free(series);
}

static void files_are_in_the_program(void **state)
{
    (void)state;
    static const char *const names[] = {"viewer/index.html", "viewer/viewer.css", "viewer/viewer.js"};
    for (int i = 0; i < 3; i++) {
        const clv_web_file *file = clv_web_file_find(names[i]);
        assert_non_null(file);
        assert_true(file->size > 500 && strstr(file->type, "utf-8"));
    }
    assert_null(clv_web_file_find("viewer/"));
    assert_null(clv_web_file_find("../README.md"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(links_are_relative_and_encoded),
        T(scripts_cannot_be_ended_by_text),
        T(data_reads_back),
        T(files_are_in_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
