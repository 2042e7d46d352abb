/* SPDX-License-Identifier: MIT
 * Results made part by part: strips, the manifest, going on after a failure, one report of many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <gdal_utils.h>

#include "base/alloc.h"
#include "pipeline/parts.h"
#include "pipeline/scene.h"

enum { DATES = 2, WIDTH = 64, HEIGHT = 100, ROWS = 40, PARTS = 3 };

typedef struct fixture {
    scene s;
    char out[64], text[8]; /* text: what `describe` says is computed */
    const char *suffixes[2];
    clv_parts parts;
    int calls, fail_at; /* the call that fails, from 1; 0: none */
    double rows[16];    /* first row of each call */
} fixture;

static void describe(clv_json_writer *w, const void *options)
{
    clv_jw_put_string(w, "what", ((const fixture *)options)->text);
}

/* The work: every date's pixels of the crop, as they are. */
static clv_status copy_part(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    fixture *f = (fixture *)(uintptr_t)options; /* the options of this command are the fixture */
    const clv_input_options *input = &f->s.options.input;
    const clv_output_options *output = &f->s.options.output;
    f->rows[f->calls++] = input->srcwin[1];
    if (f->calls == f->fail_at)
        return clv_fail(ctx, CLV_ERROR_READ, "made to fail");
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_number(&w, "share", f->calls == 1 ? 1 : 0);
    clv_jw_put_string(&w, "same", "text");
    clv_jw_key(&w, "outputs");
    clv_jw_array(&w);
    VSIMkdirRecursive(output->path, 0755);
    for (int t = 0; t < count; t++) {
        char *path = clv_format("%s/%s", output->path, strrchr(inputs[t], '/') + 1);
        char window[4][16];
        for (int i = 0; i < 4; i++)
            snprintf(window[i], sizeof window[i], "%g", input->srcwin[i]);
        char *words[] = {"-srcwin", window[0], window[1], window[2], window[3], NULL};
        GDALTranslateOptions *translate = GDALTranslateOptionsNew(words, NULL);
        GDALDatasetH from = GDALOpen(inputs[t], GA_ReadOnly), to = GDALTranslate(path, from, translate, NULL);
        assert_non_null(to);
        GDALClose(to);
        GDALClose(from);
        GDALTranslateOptionsFree(translate);
        clv_jw_string(&w, path);
        free(path);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
    return CLV_OK;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    scene_files(&f->s, DATES, WIDTH, HEIGHT, 20, scene_land, scene_block);
    strcpy(f->out, "/tmp/clv-parts-XXXXXX");
    if (!mkdtemp(f->out))
        return -1;
    CPLSetConfigOption("CLEARVISION_PART_ROWS", "40");
    strcpy(f->text, "one");
    f->suffixes[0] = "";
    f->s.options.output.path = f->out;
    f->s.options.output.format = "VRT";
    f->parts = (clv_parts){.ctx = f->s.ctx,
                           .inputs = f->s.inputs,
                           .count = DATES,
                           .options = f,
                           .detect = &f->s.options.detect,
                           .compute = &f->s.options.compute,
                           .command = "copy",
                           .input = &f->s.options.input,
                           .output = &f->s.options.output,
                           .suffixes = f->suffixes,
                           .describe = describe,
                           .run = copy_part};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    CPLSetConfigOption("CLEARVISION_PART_ROWS", NULL);
    VSIRmdirRecursive(f->out);
    scene_close(&f->s);
    free(f);
    return 0;
}

static bool is_there(const fixture *f, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->out, name);
    return access(path, F_OK) == 0;
}

/* Both VRTs show the inputs' pixels. */
static void assert_vrts(const fixture *f)
{
    for (int t = 0; t < DATES; t++) {
        char path[160];
        uint16_t a[WIDTH * HEIGHT], b[WIDTH * HEIGHT];
        snprintf(path, sizeof path, "%s/a_202206%02d.vrt", f->out, 1 + 5 * t);
        GDALDatasetH vrt = GDALOpen(path, GA_ReadOnly), in = GDALOpen(f->s.names[t], GA_ReadOnly);
        assert_non_null(vrt);
        assert_int_equal(GDALGetRasterYSize(vrt), HEIGHT);
        for (int band = 1; band <= 4; band++) {
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(vrt, band), GF_Read, 0, 0, WIDTH, HEIGHT, a, WIDTH, HEIGHT,
                                          GDT_UInt16, 0, 0),
                             CE_None);
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(in, band), GF_Read, 0, 0, WIDTH, HEIGHT, b, WIDTH, HEIGHT,
                                          GDT_UInt16, 0, 0),
                             CE_None);
            assert_memory_equal(a, b, sizeof a);
        }
        GDALClose(vrt);
        GDALClose(in);
    }
}

static void strips_become_one_result(void **state)
{
    fixture *f = *state;
    char *json = NULL, error[200];
    assert_true(clv_parts_wanted(f->parts.output));
    if (clv_parts_run(&f->parts, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(f->s.ctx));
    assert_int_equal(f->calls, PARTS);
    for (int i = 0; i < PARTS; i++)
        assert_true(f->rows[i] == i * ROWS);
    assert_vrts(f);
    assert_true(is_there(f, "a_20220601_tiles/0001/a_20220601.tif"));
    assert_true(is_there(f, "a_20220601_tiles/0003/report.json"));
    assert_true(is_there(f, "a_20220601_tiles/manifest.json"));

    /* One report: shares by rows (40 of 100), names of files are those of the VRTs. */
    clv_json *doc = clv_json_parse(json, strlen(json), error, sizeof error);
    assert_non_null(doc);
    assert_float_equal(clv_json_number(clv_json_get(doc, "share"), -1), 0.4, 1e-9);
    assert_string_equal(clv_json_string(clv_json_get(doc, "same"), ""), "text");
    const char *path = clv_json_string(clv_json_at(clv_json_get(doc, "outputs"), 1), "");
    assert_string_equal(path + strlen(f->out), "/a_20220606.vrt");
    clv_json_free(doc);
    free(json);
}

static void a_run_goes_on_where_it_stopped(void **state)
{
    fixture *f = *state;
    f->fail_at = 2;
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_ERROR_READ);
    assert_non_null(strstr(clv_context_error(f->s.ctx), "made to fail"));
    assert_true(is_there(f, "a_20220601_tiles/0001/report.json"));
    assert_false(is_there(f, "a_20220601.vrt")); /* written last */

    f->fail_at = 0;
    f->calls = 0;
    if (clv_parts_run(&f->parts, NULL) != CLV_OK)
        fail_msg("%s", clv_context_error(f->s.ctx));
    assert_int_equal(f->calls, PARTS - 1);
    assert_true(f->rows[0] == ROWS);
    assert_vrts(f);
}

static void a_part_without_its_report_is_made_again(void **state)
{
    fixture *f = *state;
    char path[160];
    f->fail_at = 3;
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_ERROR_READ);
    snprintf(path, sizeof path, "%s/a_20220601_tiles/0002/report.json", f->out);
    assert_int_equal(unlink(path), 0);
    f->fail_at = f->calls = 0;
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_OK);
    assert_int_equal(f->calls, 2);
    assert_vrts(f);
}

/* Parts of a run with other settings are refused and left alone, and replaced by -overwrite. */
static void parts_of_another_run_are_not_taken(void **state)
{
    fixture *f = *state;
    f->fail_at = 2;
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_ERROR_READ);
    f->fail_at = f->calls = 0;
    strcpy(f->text, "two");
    clv_clear_error(f->s.ctx); /* the first failure's text stays otherwise */
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_ERROR_EXISTS);
    assert_non_null(strstr(clv_context_error(f->s.ctx), "-overwrite"));
    assert_int_equal(f->calls, 0);
    assert_true(is_there(f, "a_20220601_tiles/0001/report.json"));
    f->s.options.output.overwrite = true;
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_OK);
    assert_int_equal(f->calls, PARTS);
    assert_vrts(f);
}

static void a_folder_that_is_no_folder_of_parts_stays(void **state)
{
    fixture *f = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/a_20220601_tiles/letter.txt", f->out);
    VSIMkdirRecursive(CPLGetDirname(path), 0755);
    write_text(path, "keep me");
    assert_int_equal(clv_parts_run(&f->parts, NULL), CLV_ERROR_EXISTS);
    assert_int_equal(f->calls, 0);
    assert_true(is_there(f, "a_20220601_tiles/letter.txt"));
    assert_false(is_there(f, "a_20220601_tiles/manifest.json"));
}

static char *same_text(const char *text, void *user)
{
    (void)user;
    return clv_strdup(text);
}

/* Two parts made with different models are not one picture. */
static void reports_of_different_runs_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"model\": \"a\", \"n\": 1, \"none\": null}",
                                        "{\"model\": \"a\", \"n\": 3, \"none\": 5}",
                                        "{\"model\": \"b\", \"n\": 3, \"none\": 5}"};
    const double weights[] = {1, 3};
    char error[200];
    clv_json *docs[3];
    for (int i = 0; i < 3; i++)
        docs[i] = clv_json_parse(texts[i], strlen(texts[i]), error, sizeof error);
    char *json = clv_parts_report((const clv_json *const[]){docs[0], docs[1]}, weights, 2, same_text, NULL);
    assert_non_null(json);
    clv_json *doc = clv_json_parse(json, strlen(json), error, sizeof error);
    assert_float_equal(clv_json_number(clv_json_get(doc, "n"), -1), 2.5, 1e-9);
    assert_float_equal(clv_json_number(clv_json_get(doc, "none"), -1), 5, 1e-9); /* unknown in one part */
    clv_json_free(doc);
    free(json);
    assert_null(clv_parts_report((const clv_json *const[]){docs[0], docs[2]}, weights, 2, same_text, NULL));
    for (int i = 0; i < 3; i++)
        clv_json_free(docs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strips_become_one_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_goes_on_where_it_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_without_its_report_is_made_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_of_another_run_are_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_no_folder_of_parts_stays, set_up, tear_down),
        cmocka_unit_test(reports_of_different_runs_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
