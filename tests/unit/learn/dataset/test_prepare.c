/* SPDX-License-Identifier: MIT
 *
 * clv_prepare and the reader of what it writes, on small pictures whose every number is known.
 */
#include "learn/pictures.h"

#include <math.h>
#include <unistd.h>

#include "base/context.h"
#include "base/file.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "learn/dataset/prepared.h"

#define SIDE 160
#define DATES 6

/* Six dates of `place` at 20 m, digital numbers rising by date; on the third the upper left 64x64 pixels are cloud. */
static void write_series(const char *folder, const char *place, double level)
{
    size_t n = (size_t)SIDE * SIDE;
    double *values = malloc(4 * n * sizeof *values), *mask = calloc(n, sizeof *mask);
    char name[64];
    assert_non_null(values);
    assert_non_null(mask);
    for (int t = 0; t < DATES; t++) {
        for (size_t i = 0; i < 4 * n; i++)
            values[i] = level + 1000 * (double)(i / n) + 10 * t + (double)(i % 7);
        for (size_t i = 0; i < n; i++)
            mask[i] = t == 2 && i % SIDE < 64 && i / SIDE < 64;
        snprintf(name, sizeof name, "%s_202206%02d.tif", place, 5 * t + 1);
        write_raster(folder, name, 4, SIDE, 20, values);
        snprintf(name, sizeof name, "%s_mask_202206%02d.tif", place, 5 * t + 1);
        write_raster(folder, name, 1, SIDE, 20, mask);
    }
    free(values);
    free(mask);
}

static char *path_in(const char *folder, const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_list(const char *folder)
{
    write_text(folder, "list.txt",
               "series north_2022*.tif mask=north_mask_*.tif place=north licence=MIT\n"
               "series south_2022*.tif mask=south_mask_*.tif place=south hold=yes\n"
               "clear north_20220601.tif place=single licence=CC0-1.0\n"
               "shapes clouds.tif place=clouds pixel=10\n");
}

static char *make_data(void)
{
    char *folder = make_folder();
    double *cloud = calloc(300 * 300, sizeof *cloud);
    assert_non_null(cloud);
    write_series(folder, "north", 500);
    write_series(folder, "south", 700);
    for (int i = 0; i < 300 * 300; i++)
        cloud[i] = i % 300 >= 150;
    write_raster(folder, "clouds.tif", 1, 300, 10, cloud); /* 150x150 at 20 m */
    free(cloud);
    write_list(folder);
    return folder;
}

static clv_status prepare(clv_context *ctx, const char *folder, const char *out, char **json)
{
    const char *inputs[] = {path_in(folder, "list.txt")};
    clv_prepare_options options;
    clv_prepare_options_init(&options);
    options.output.path = path_in(folder, out);
    options.output.overwrite = true;
    return clv_prepare(ctx, inputs, 1, &options, json);
}

/* The upper left window of a place. */
static void check_sequence(const clv_prepared *set, int i, const char *place, const char *split, double level)
{
    static float x[4 * CLV_PREPARED_PIXELS];
    static uint8_t gap[CLV_PREPARED_PIXELS];
    clv_prepared_sequence s;
    clv_prepared_get(set, i, &s);
    assert_int_equal(s.dates, DATES);
    assert_int_equal(s.bands, 4);
    assert_string_equal(s.place, place);
    assert_string_equal(s.split, split);
    for (int t = 0; t < DATES; t++) {
        assert_true(s.days[t] == 19144 + 5 * t); /* 2022-06-01 on */
        clv_prepared_read(set, i, t, x, gap);
        for (int k = 0; k < CLV_PREPARED_PIXELS; k++) {
            bool cloud = t == 2 && k % 128 < 64 && k / 128 < 64;
            size_t own = (size_t)(k / 128) * SIDE + (size_t)(k % 128); /* in the file, whose third band is red */
            double red = level + 2000 + 10 * t + (double)((2 * (size_t)SIDE * SIDE + own) % 7);
            assert_int_equal(gap[k], cloud ? 1 : 0);
            assert_true(fabs((double)x[k] - (cloud ? 0 : red * 1e-4)) < 1e-6);
        }
    }
}

static void test_prepare_and_read(void **state)
{
    char *folder = make_data(), *json = NULL, error[160];
    clv_context *ctx = clv_context_new();
    clv_prepared *set = NULL;
    clv_prepared_sequence s;
    int64_t shapes;
    (void)state;
    if (prepare(ctx, folder, "set.safetensors", &json) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    clv_json *result = clv_json_parse(json, strlen(json), error, sizeof error);
    assert_int_equal(clv_json_integer(clv_json_get(result, "train"), -1), 8);
    assert_int_equal(clv_json_integer(clv_json_get(result, "hold"), -1), 4);
    clv_json_free(result);
    clv_free(json);
    assert_int_equal(access(path_in(folder, "set.safetensors.part"), F_OK), -1);

    assert_int_equal(clv_prepared_open(ctx, path_in(folder, "set.safetensors"), &set), CLV_OK);
    assert_int_equal(clv_prepared_count(set), 12); /* 160 pixels: 2x2 windows a place */
    check_sequence(set, 0, "north", "train", 500);
    check_sequence(set, 4, "south", "hold", 700);
    clv_prepared_get(set, 0, &s);
    assert_string_equal(s.licence, "MIT");
    assert_int_equal(s.clear_dates, DATES - 1);
    clv_prepared_get(set, 4, &s);
    assert_string_equal(s.licence, "");
    clv_prepared_get(set, 8, &s);
    assert_int_equal(s.dates, 1);
    assert_string_equal(s.place, "single");
    /* Shapes: the cloud of the trained place, in each of its windows that has at least a tenth of it (one has 64x64,
     * two 32x64 pixels = 12.5 %, one 32x32), not the held one's; and the raster's half. */
    const uint8_t *shape = clv_prepared_shapes(set, &shapes);
    assert_int_equal(shapes, 4);
    assert_int_equal(shape[0], 1);
    assert_int_equal(shape[64], 0);
    const uint8_t *last = shape + 3 * CLV_PREPARED_PIXELS;
    assert_int_equal(last[74], 0);
    assert_int_equal(last[75], 1);
    clv_prepared_free(set);
    clv_context_free(ctx);
    remove_folder(folder);
}

static void test_same_bytes(void **state)
{
    char *folder = make_data();
    clv_context *ctx = clv_context_new();
    uint8_t *a = NULL, *b = NULL;
    size_t na, nb;
    (void)state;
    assert_int_equal(prepare(ctx, folder, "a.safetensors", NULL), CLV_OK);
    clv_context_set_threads(ctx, 1);
    assert_int_equal(prepare(ctx, folder, "b.safetensors", NULL), CLV_OK);
    assert_int_equal(clv_read_file(ctx, path_in(folder, "a.safetensors"), 1u << 30, &a, &na), CLV_OK);
    assert_int_equal(clv_read_file(ctx, path_in(folder, "b.safetensors"), 1u << 30, &b, &nb), CLV_OK);
    assert_int_equal(na, nb);
    assert_memory_equal(a, b, na);
    free(a);
    free(b);
    clv_context_free(ctx);
    remove_folder(folder);
}

/* Cancels when the first source is done. */
static int stop_at_half(double complete, const char *message, void *user)
{
    (void)message;
    (void)user;
    return complete < 0.45;
}

static void test_resumes(void **state)
{
    char *folder = make_data(), *json = NULL, error[160];
    clv_context *ctx = clv_context_new();
    (void)state;
    clv_context_set_progress(ctx, stop_at_half, NULL);
    assert_int_equal(prepare(ctx, folder, "set.safetensors", NULL), CLV_ERROR_CANCELLED);
    assert_int_equal(access(path_in(folder, "set.safetensors"), F_OK), -1);
    clv_context_set_progress(ctx, NULL, NULL);
    assert_int_equal(prepare(ctx, folder, "set.safetensors", &json), CLV_OK);
    clv_json *result = clv_json_parse(json, strlen(json), error, sizeof error);
    assert_true(clv_json_integer(clv_json_get(result, "groups_ready"), 0) >= 1);
    assert_int_equal(clv_json_integer(clv_json_get(result, "groups"), 0), 4);
    clv_json_free(result);
    clv_free(json);
    clv_context_free(ctx);
    remove_folder(folder);
}

static void expect_error(const char *folder, const char *list, clv_status wanted, const char *says)
{
    clv_context *ctx = clv_context_new();
    write_text(folder, "list.txt", list);
    if (prepare(ctx, folder, "bad.safetensors", NULL) != wanted || !strstr(clv_context_error(ctx), says))
        fail_msg("\"%s\" gave \"%s\"", list, clv_context_error(ctx));
    assert_int_equal(access(path_in(folder, "bad.safetensors"), F_OK), -1);
    clv_context_free(ctx);
}

static void test_bad_lists(void **state)
{
    char *folder = make_data();
    (void)state;
    expect_error(folder,
                 "series north_2022*.tif mask=north_mask_*.tif place=a\nclear south_20220601.tif place=a hold=yes\n",
                 CLV_ERROR_ARGUMENT, "held out in one line");
    expect_error(folder, "pair north_20220601.tif south_20220601.tif\n", CLV_ERROR_ARGUMENT, "for train detect");
    expect_error(folder, "series north_2022*.tif labels=difference\n", CLV_ERROR_ARGUMENT, "labels=difference");
    expect_error(folder, "shapes clouds.tif hold=yes\n", CLV_ERROR_ARGUMENT, "never held out");
    expect_error(folder, "shapes clouds.tif\n", CLV_ERROR_FORMAT, "nothing to train on");
    expect_error(folder, "clear north_20220601.tif tr=40\n", CLV_ERROR_FORMAT, "less than a window");
    remove_folder(folder);
}

/* Writes what is no prepared set, or a damaged one; open_options says so. */
static void test_reader_refuses(void **state)
{
    char *folder = make_folder();
    clv_context *ctx = clv_context_new();
    clv_prepared *set = (clv_prepared *)ctx;
    const char *path = path_in(folder, "x.safetensors");
    static uint8_t shapes[CLV_PREPARED_PIXELS];
    const double back[2] = {5, 4};
    static int16_t x[2 * 3 * CLV_PREPARED_PIXELS];
    static uint8_t gap[2 * CLV_PREPARED_PIXELS];
    (void)state;
    assert_int_equal(clv_prepared_open(ctx, path, &set), CLV_ERROR_OPEN);
    assert_null(set);
    write_text(folder, "x.safetensors", "short");
    clv_clear_error(ctx);
    assert_int_equal(clv_prepared_open(ctx, path, &set), CLV_ERROR_FORMAT);
    clv_tensor tensors[] = {{"seq.000000.x", CLV_I16, 4, {2, 3, 128, 128}, x, sizeof x},
                            {"seq.000000.gap", CLV_U8, 3, {2, 128, 128}, gap, sizeof gap},
                            {"seq.000000.days", CLV_F64, 1, {2}, back, sizeof back},
                            {"shapes", CLV_U8, 3, {1, 128, 128}, shapes, sizeof shapes}};
    const char *manifest = "{\"version\":1,\"window\":128,\"sources\":[],\"sequences\":[{\"place\":\"a\",\"split\":"
                           "\"train\",\"source\":0}]}";
    const char *const metadata[] = {"clearvision.prepared", "1", "clearvision.manifest", manifest};
    const char *const other[] = {"clearvision.kind", "unet"};
    const char *const later[] = {"clearvision.prepared", "2", "clearvision.manifest", manifest};
    struct {
        const char *const *metadata;
        int pairs, tensors;
        clv_status status;
        const char *says;
    } bad[] = {{other, 1, 4, CLV_ERROR_FORMAT, "clearvision prepare"},
               {later, 2, 4, CLV_ERROR_UNSUPPORTED, "version 2"},
               {metadata, 2, 3, CLV_ERROR_FORMAT, "another number"},
               {metadata, 2, 4, CLV_ERROR_FORMAT, "do not ascend"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        clv_clear_error(ctx);
        assert_int_equal(clv_safetensors_write(ctx, path, tensors, bad[i].tensors, bad[i].metadata, bad[i].pairs),
                         CLV_OK);
        if (clv_prepared_open(ctx, path, &set) != bad[i].status || !strstr(clv_context_error(ctx), bad[i].says))
            fail_msg("case %zu gave \"%s\"", i, clv_context_error(ctx));
        assert_null(set);
    }
    const double forth[2] = {4, 5};
    tensors[2].data = forth;
    clv_clear_error(ctx);
    assert_int_equal(clv_safetensors_write(ctx, path, tensors, 4, metadata, 2), CLV_OK);
    assert_int_equal(clv_prepared_open(ctx, path, &set), CLV_OK);
    clv_prepared_free(set);
    tensors[1].dtype = CLV_I8;
    assert_int_equal(clv_safetensors_write(ctx, path, tensors, 4, metadata, 2), CLV_OK);
    assert_int_equal(clv_prepared_open(ctx, path, &set), CLV_ERROR_FORMAT);
    assert_int_equal(truncate(path, 300), 0);
    clv_clear_error(ctx);
    assert_int_equal(clv_prepared_open(ctx, path, &set), CLV_ERROR_FORMAT);
    assert_non_null(strstr(clv_context_error(ctx), path));
    clv_context_free(ctx);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prepare_and_read), cmocka_unit_test(test_same_bytes),     cmocka_unit_test(test_resumes),
        cmocka_unit_test(test_bad_lists),        cmocka_unit_test(test_reader_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
