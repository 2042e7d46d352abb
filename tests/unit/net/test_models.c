/* SPDX-License-Identifier: MIT
 *
 * Model files that are wrong in one way each: every one gives CLV_ERROR_MODEL (or what fits better) and a line that
 * names the file and what is wrong. Then round trips, devices and precisions.
 */
#include "support.h"

/* Opens a block of memory; the status, with the text in error. */
static clv_status try_open(const void *data, size_t size, const char *device, const char *precision,
                           clv_net_error *error)
{
    clv_net *net = NULL;
    clv_status status = api->open("some.safetensors", data, size, device, precision, &net, error);
    assert_int_equal(status == CLV_OK, net != NULL);
    if (net)
        api->close(net);
    return status;
}

/* A small valid model, to be changed and written again. */
typedef struct model {
    uint8_t *data;
    clv_safetensors *file;
    clv_tensor tensors[256];
    int count;
    const char *metadata[8];
    int pairs;
} model;

static void start(model *m, const char *preset, const char *config)
{
    const char *path = temporary("base");
    clv_net_error error = {{0}};
    if (api->init_weights(preset, config, 4, path, &error) != CLV_OK)
        fail_msg("%s", error.text);
    size_t size = 0;
    m->data = read_whole(path, &size);
    unlink(path);
    assert_int_equal(clv_safetensors_parse(NULL, m->data, size, &m->file), CLV_OK);
    m->count = clv_safetensors_count(m->file);
    assert_in_range(m->count, 1, 255);
    for (int i = 0; i < m->count; i++)
        m->tensors[i] = *clv_safetensors_at(m->file, i);
    static const char *const keys[] = {"clearvision.kind", "clearvision.config"};
    m->pairs = 2;
    for (int i = 0; i < 2; i++) {
        m->metadata[2 * i] = keys[i];
        m->metadata[2 * i + 1] = clv_safetensors_metadata(m->file, keys[i]);
        assert_non_null(m->metadata[2 * i + 1]);
    }
}

static void stop(model *m)
{
    clv_safetensors_free(m->file);
    free(m->data);
}

static clv_tensor *tensor(model *m, const char *name)
{
    for (int i = 0; i < m->count; i++)
        if (strcmp(m->tensors[i].name, name) == 0)
            return &m->tensors[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

static clv_status try_model(const model *m, clv_net_error *error)
{
    const char *path = temporary("changed");
    assert_int_equal(clv_safetensors_write(NULL, path, m->tensors, m->count, m->metadata, m->pairs), CLV_OK);
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    unlink(path);
    clv_status status = try_open(data, size, "cpu", "fp32", error);
    free(data);
    return status;
}

static void expect(const model *m, const char *words)
{
    clv_net_error error = {{0}};
    clv_status status = try_model(m, &error);
    if (status != CLV_ERROR_MODEL || !strstr(error.text, words) || strncmp(error.text, "some.safetensors: ", 18) != 0 ||
        strchr(error.text, '\n'))
        fail_msg("status %d, \"%s\" instead of \"%s\"", (int)status, error.text, words);
}

#define SMALL "{\"widths\":[4,8],\"in_channels\":4}"

static void test_not_a_model(void **state)
{
    (void)state;
    clv_net_error error;
    assert_int_equal(try_open("", 0, "cpu", "fp32", &error), CLV_ERROR_MODEL);
    assert_int_equal(try_open("not a model at all", 18, "cpu", "fp32", &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "some.safetensors"));
    assert_int_equal(try_open("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10, "cpu", "fp32", &error), CLV_ERROR_MODEL);
    assert_int_equal(try_open("\x02\0\0\0\0\0\0\0{}", 10, "cpu", "fp32", &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "clearvision.kind"));
}

static void test_every_truncation(void **state)
{
    (void)state;
    const char *path = temporary("cut");
    clv_net_error error = {{0}};
    assert_int_equal(api->init_weights("unet", "{\"widths\":[1],\"in_channels\":1}", 1, path, &error), CLV_OK);
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    unlink(path);
    assert_int_equal(try_open(data, size, "cpu", "fp32", &error), CLV_OK);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *part = malloc(cut + 1); // its own block, so that a checker sees reads beyond
        assert_non_null(part);
        memcpy(part, data, cut);
        assert_int_equal(try_open(part, cut, "cpu", "fp32", &error), CLV_ERROR_MODEL);
        free(part);
    }
    free(data);
}

static void test_tensors(void **state)
{
    (void)state;
    model m;
    start(&m, "unet", SMALL);
    clv_net_error error;
    assert_int_equal(try_model(&m, &error), CLV_OK);

    clv_tensor *t = tensor(&m, "encoder.1.conv1.weight"), kept = *t;
    t->name = "encoder.1.conv9.weight";
    expect(&m, "tensor encoder.1.conv1.weight is missing");
    *t = kept;

    m.tensors[m.count] = *tensor(&m, "head.bias");
    m.tensors[m.count++].name = "stowaway";
    expect(&m, "tensor stowaway does not belong");
    m.count--;

    t->shape[0] = 4, t->shape[1] = 8; // as many numbers, another shape
    expect(&m, "encoder.1.conv1.weight has shape [4, 8, 3, 3]; the configuration asks for [8, 4, 3, 3]");
    *t = kept;
    t->dims = 3, t->shape[2] = 9;
    expect(&m, "has shape [8, 4, 9]");
    *t = kept;

    t->dtype = CLV_I32;
    expect(&m, "encoder.1.conv1.weight is not of type");
    *t = kept;

    float *values = malloc(t->bytes);
    assert_non_null(values);
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        memcpy(values, kept.data, kept.bytes);
        values[kept.bytes / sizeof *values - 1] = bad[i];
        t->data = values;
        expect(&m, "encoder.1.conv1.weight holds values that are not finite");
    }
    free(values);
    *t = kept;

    // What training leaves behind in published checkpoints is not in the way.
    static const int64_t counter = 12345;
    m.tensors[m.count++] =
        (clv_tensor){.name = "encoder.0.norm1.num_batches_tracked", .dtype = CLV_I64, .data = &counter, .bytes = 8};
    assert_int_equal(try_model(&m, &error), CLV_OK);
    stop(&m);
}

static void test_configurations(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *config, *words;
    } cases[] = {
        {"unet", " ", "not valid JSON"},
        {"unet", "{", "not valid JSON"},
        {"unet", "[1]", "not a JSON object"},
        {"unet", "{\"widths\":[]}", "widths is not a list of 1 to 8"},
        {"unet", "{\"widths\":[0,8]}", "widths is not a list"},
        {"unet", "{\"widths\":[4,8.5]}", "widths is not a list"},
        {"unet", "{\"widths\":[4,1e30]}", "widths is not a list"},
        {"unet", "{\"widths\":[4,99999999]}", "widths is not a list"},
        {"unet", "{\"widths\":[4,4,4,4,4,4,4,4,4]}", "widths is not a list"},
        {"unet", "{\"widths\":\"many\"}", "widths is not a list"},
        {"unet", "{\"in_channels\":-1}", "in_channels is not an integer from 1 to 64"},
        {"unet", "{\"classes\":7}", "classes is not an integer"},
        {"unet", "{\"norm\":\"weird\"}", "norm is not one of: batch, none"},
        {"unet", "{\"colour\":1}", "unknown hyper-parameter colour"},
        {"unet", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048,2048]}", "asks for [2048, 32, 3, 3]"},
        {"transformer", "{}", "networks of kind transformer are unknown"},
        {"utilise", "{\"encoder_widths\":[64,64],\"decoder_widths\":[64]}", "encoder_widths and decoder_widths must"},
        {"utilise", "{\"encoder_widths\":[64,30],\"decoder_widths\":[64,30]}",
         "encoder width 30 is not a multiple of n_head 4"},
        {"utilise", "{\"n_head\":0}", "n_head is not an integer"},
        {"utilise", "{\"d_k\":100000}", "d_k is not an integer"},
        {"utilise", "{\"dropout\":2}", "dropout is not a number"},
        {"utilise", "{\"bias_qk\":1}", "bias_qk is neither true nor false"},
        {"utilise", "{\"str_conv_k\":3}", "str_conv_k is not an integer from 4 to 4"},
        {"utilise", "{\"preset\":\"muddy\"}", "preset is not one of"},
        {"utilise", "{\"preset\":\"clear\",\"input_dim\":3}", "output_dim"},
        {"utilise", "{\"preset\":\"clear\",\"input_dim\":7,\"output_dim\":3}",
         "input_dim 7 does not go with output_dim 3"},
        {"utilise", "{\"input_dim\":3,\"output_dim\":4}", "does not go with"},
        {"utilise", "{\"validity_bias\":true}", "validity_bias needs prior"},
        {"utilise", "{\"log_variance\":true}", "log_variance needs prior"},
        {"utilise", "{\"encoder_norm\":\"group\",\"n_groups\":7}", "64 channels cannot be normalised"},
        {"utilise", "{\"band_spread\":0}", "band_spread is not a number"},
    };
    model m;
    start(&m, "unet", SMALL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        m.metadata[1] = cases[i].kind;
        m.metadata[3] = cases[i].config;
        expect(&m, cases[i].words);
    }
    stop(&m);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const presets[] = {"unet", "reference", "wide", "clear"};
    for (int i = 0; i < 4; i++) {
        const char *a = temporary("a"), *b = temporary("b"), *c = temporary("c");
        clv_net_error error = {{0}};
        assert_int_equal(api->init_weights(presets[i], NULL, 42, a, &error), CLV_OK);
        assert_int_equal(api->init_weights(presets[i], NULL, 42, b, &error), CLV_OK);
        assert_int_equal(api->init_weights(presets[i], NULL, 43, c, &error), CLV_OK);
        size_t sizes[3];
        uint8_t *data[3] = {read_whole(a, &sizes[0]), read_whole(b, &sizes[1]), read_whole(c, &sizes[2])};
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(data[0], data[1], sizes[0]);
        assert_true(sizes[0] != sizes[2] || memcmp(data[0], data[2], sizes[0]) != 0);
        assert_int_equal(try_open(data[0], sizes[0], "cpu", "fp32", &error), CLV_OK);
        for (int k = 0; k < 3; k++)
            free(data[k]);
        unlink(a);
        unlink(b);
        unlink(c);
    }
    clv_net_error error = {{0}};
    assert_int_equal(api->init_weights("muddy", NULL, 1, "/tmp/never", &error), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, "muddy"));
    assert_int_equal(api->init_weights("unet", NULL, 1, "/no/such/folder/x.safetensors", &error), CLV_ERROR_WRITE);
}

/* The parameter counts that follow from the published description. */
static void test_published_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *preset, *config;
        int64_t parameters;
    } cases[] = {
        {"reference", "{\"input_dim\":4}", 1075972},
        {"reference", NULL, 1074819},
        {"reference", "{\"input_dim\":4,\"output_dim\":3}", 1075395},
        {"reference", "{\"input_dim\":13,\"encoder_widths\":[64,64,64,64,128],\"decoder_widths\":[64,64,64,64,128]}",
         1357133},
        {"reference", "{\"input_dim\":4,\"decoder_widths\":[32,32,64,128]}", 879012},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clv_net *net = fresh(cases[i].preset, cases[i].config, 1);
        clv_net_info info;
        api->info(net, &info);
        assert_int_equal(info.parameters, cases[i].parameters);
        api->close(net);
    }
}

static void test_devices(void **state)
{
    (void)state;
    const char *path = temporary("device");
    clv_net_error error = {{0}};
    assert_int_equal(api->init_weights("unet", SMALL, 1, path, &error), CLV_OK);
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    unlink(path);
    assert_int_equal(try_open(data, size, "auto", "auto", &error), CLV_OK);
    assert_int_equal(try_open(data, size, NULL, NULL, &error), CLV_OK);
    assert_int_equal(try_open(data, size, "toaster", "fp32", &error), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, "this machine has"));
    assert_int_equal(try_open(data, size, "cuda:x", "fp32", &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(try_open(data, size, "cuda:99", "fp32", &error), CLV_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "cpu"));
    assert_int_equal(try_open(data, size, "cuda", "fp32", &error), api->has_cuda() ? CLV_OK : CLV_ERROR_UNSUPPORTED);
    assert_int_equal(try_open(data, size, "cpu", "fp16", &error), CLV_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "fp16"));
    assert_int_equal(try_open(data, size, "cpu", "fp99", &error), CLV_ERROR_ARGUMENT);
    free(data);
    assert_true(strlen(api->torch_version()) >= 3);
}

static void test_wrong_use(void **state)
{
    (void)state;
    clv_net *unet = fresh("unet", SMALL, 1), *utilise = fresh("clear", NULL, 1);
    float number = 0;
    int64_t shape[6];
    clv_net_error error;
    assert_int_equal(api->predict(unet, &number, &number, 1, 1, 8, 8, &number, &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(api->detect(utilise, &number, 1, 8, 8, &number, &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(api->detect(NULL, &number, 1, 8, 8, &number, &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(api->attention(utilise, NULL, shape, &error), CLV_ERROR_ARGUMENT);
    static const int sizes[][2] = {{0, 8}, {-8, 8}, {8, 12}, {4, 8}, {1 << 20, 8}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_int_equal(api->predict(utilise, &number, &number, 1, 1, sizes[i][0], sizes[i][1], &number, &error),
                         CLV_ERROR_ARGUMENT);
    assert_int_equal(api->predict(utilise, &number, &number, 1, 0, 8, 8, &number, &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(api->predict(utilise, &number, &number, -1, 1, 8, 8, &number, &error), CLV_ERROR_ARGUMENT);
    assert_int_equal(api->predict(utilise, &number, &number, 0, 1, 8, 8, &number, &error), CLV_OK); // nothing to do
    assert_int_equal(api->detect(unet, &number, 0, 8, 8, &number, NULL), CLV_OK);
    api->close(unet);
    api->close(utilise);
    api->close(NULL);
}

int main(void)
{
    int missing = load_module();
    if (missing)
        return missing;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_a_model), cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_tensors),     cmocka_unit_test(test_configurations),
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_published_sizes),
        cmocka_unit_test(test_devices),     cmocka_unit_test(test_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
