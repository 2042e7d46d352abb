/* SPDX-License-Identifier: MIT
 * Training itself: the loss falls, resuming changes nothing, the weights that come out can be used. Needs the
 * network module.
 */
#include "learn/pictures.h"

#include "formats/json.h"
#include "formats/safetensors.h"
#include "learn/dataset/sample.h"
#include "learn/train/batch.h"
#include "pipeline/engine.h"

#define CONFIG "{\"widths\":[8,12,16],\"steps\":40,\"warmup\":4,\"lr\":0.01,\"seed\":3,\"ema\":0.9}"
#define BATCH 2

typedef struct fixture {
    clv_context *ctx;
    const clv_net_api *api; /* NULL without the module */
    char *folder, *list;
    clv_places *places;
    clv_sampler *sampler;
} fixture;

static int open_fixture(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    clv_sampler_options options = {.seed = 1, .vary = true};
    clv_train_list *list = NULL;
    char path[1024];
    *state = f;
    f->ctx = clv_context_new();
    clv_context_set_threads(f->ctx, 1);
    f->folder = make_folder();
    for (int k = 0; k < 3; k++) {
        double *ground = make_ground(96, (uint64_t)(100 + k));
        char name[32];
        snprintf(name, sizeof name, "ground_%d.tif", k);
        write_raster(f->folder, name, 4, 96, 20, ground);
        free(ground);
    }
    write_text(f->folder, "list.txt", "clear ground_0.tif ground_1.tif\nclear ground_2.tif hold=yes place=held\n");
    snprintf(path, sizeof path, "%s/list.txt", f->folder);
    f->list = strdup(path);
    if (clv_train_list_open(f->ctx, f->list, &list) != CLV_OK || clv_places_open(f->ctx, list, &f->places) != CLV_OK ||
        clv_sampler_new(f->ctx, f->places, &options, &f->sampler) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
    clv_train_list_free(list);
    if (clv_engine_api(f->ctx, &f->api) != CLV_OK) {
        print_message("no network module: %s\n", clv_context_error(f->ctx));
        f->api = NULL;
    } else {
        f->api->set_threads(1);
    }
    clv_clear_error(f->ctx);
    return 0;
}

static int close_fixture(void **state)
{
    fixture *f = *state;
    clv_sampler_free(f->sampler);
    clv_places_free(f->places);
    remove_folder(f->folder);
    free(f->list);
    clv_context_free(f->ctx);
    free(f);
    return 0;
}

static clv_net_trainer *open_trainer(const fixture *f, const char *config)
{
    clv_net_error error = {""};
    clv_net_trainer *trainer = NULL;
    if (f->api->trainer_open("unet", config, "cpu", "fp32", &trainer, &error) != CLV_OK)
        fail_msg("%s", error.text);
    return trainer;
}

typedef struct maker {
    const fixture *f;
    clv_sample_work *work;
    float *in[2];
    uint8_t *label[2];
} maker;

static clv_status make_batch(void *user, int64_t step, int room)
{
    maker *m = user;
    for (int i = 0; i < BATCH; i++)
        clv_sampler_draw(m->f->sampler, (uint64_t)(step * BATCH + i), m->work,
                         m->in[room] + i * CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS,
                         m->label[room] + i * CLV_SAMPLE_PIXELS);
    return CLV_OK;
}

/* Steps up to step `until`; the losses go to loss[step]. */
static void train_until(const fixture *f, clv_net_trainer *trainer, int until, double *loss)
{
    clv_batches *batches = NULL;
    clv_net_error error = {""};
    maker m = {.f = f, .work = clv_sample_work_new()};
    for (int k = 0; k < 2; k++) {
        m.in[k] = malloc(BATCH * CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS * sizeof(float));
        m.label[k] = malloc(BATCH * CLV_SAMPLE_PIXELS);
    }
    int64_t step = f->api->trainer_step(trainer);
    assert_int_equal(clv_batches_new(f->ctx, make_batch, &m, step, &batches), CLV_OK);
    for (; step < until; step++) {
        int room = -1;
        assert_int_equal(clv_batches_next(batches, &room), CLV_OK);
        if (f->api->train_detect_step(trainer, m.in[room], m.label[room], BATCH, CLV_SAMPLE_SIDE, CLV_SAMPLE_SIDE,
                                      &loss[step], &error) != CLV_OK)
            fail_msg("%s", error.text);
    }
    clv_batches_free(batches);
    for (int k = 0; k < 2; k++) {
        free(m.in[k]);
        free(m.label[k]);
    }
    clv_sample_work_free(m.work);
}

static void save(const fixture *f, clv_net_trainer *trainer, const char *name, bool whole, char path[1024])
{
    clv_net_error error = {""};
    snprintf(path, 1024, "%s/%s", f->folder, name);
    if (f->api->trainer_save(trainer, path, whole, NULL, 0, &error) != CLV_OK)
        fail_msg("%s", error.text);
}

static void test_loss_falls(void **state)
{
    const fixture *f = *state;
    double loss[30] = {0}, first = 0, last = 0;
    if (!f->api)
        skip();
    clv_net_trainer *trainer = open_trainer(f, CONFIG);
    train_until(f, trainer, 30, loss);
    for (int i = 0; i < 6; i++) {
        first += loss[i];
        last += loss[24 + i];
    }
    print_message("mean loss %.3f -> %.3f\n", first / 6, last / 6);
    assert_true(last < 0.9 * first);
    f->api->trainer_close(trainer);
}

static void test_resume_changes_nothing(void **state)
{
    const fixture *f = *state;
    double loss[8] = {0}, again[8] = {0};
    char path[1024], straight_path[1024], resumed_path[1024];
    clv_net_error error = {""};
    if (!f->api)
        skip();
    clv_net_trainer *trainer = open_trainer(f, CONFIG);
    train_until(f, trainer, 3, loss);
    save(f, trainer, "half.ckpt", true, path);
    train_until(f, trainer, 7, loss);
    save(f, trainer, "straight.ckpt", true, straight_path);
    f->api->trainer_close(trainer);

    trainer = open_trainer(f, CONFIG);
    if (f->api->trainer_load(trainer, path, &error) != CLV_OK)
        fail_msg("%s", error.text);
    assert_int_equal(f->api->trainer_step(trainer), 3);
    train_until(f, trainer, 7, again);
    save(f, trainer, "resumed.ckpt", true, resumed_path);
    f->api->trainer_close(trainer);
    for (int i = 3; i < 7; i++)
        assert_true(loss[i] == again[i]);

    uint8_t *a = NULL, *b = NULL;
    size_t na = 0, nb = 0;
    assert_int_equal(clv_read_file(f->ctx, straight_path, (size_t)1 << 30, &a, &na), CLV_OK);
    assert_int_equal(clv_read_file(f->ctx, resumed_path, (size_t)1 << 30, &b, &nb), CLV_OK);
    assert_int_equal(na, nb);
    assert_memory_equal(a, b, na);
    free(a);
    free(b);
}

static void test_wrong_checkpoints(void **state)
{
    const fixture *f = *state;
    char weights[1024], other[1024], text[1024];
    clv_net_error error = {""};
    if (!f->api)
        skip();
    clv_net_trainer *trainer = open_trainer(f, CONFIG);
    save(f, trainer, "weights.safetensors", false, weights);
    save(f, trainer, "other.ckpt", true, other);
    write_text(f->folder, "text.ckpt", "this is no checkpoint at all");
    snprintf(text, sizeof text, "%s/text.ckpt", f->folder);
    assert_int_equal(f->api->trainer_load(trainer, weights, &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "not a training checkpoint"));
    assert_int_not_equal(f->api->trainer_load(trainer, text, &error), CLV_OK);
    assert_true(error.text[0] != '\0');
    f->api->trainer_close(trainer);
    trainer = open_trainer(f, "{\"widths\":[8,12]}");
    assert_int_equal(f->api->trainer_load(trainer, other, &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "another network"));
    f->api->trainer_close(trainer);
    trainer = NULL;
    assert_int_not_equal(f->api->trainer_open("unet", "{\"lr\":\"fast\"}", "cpu", "fp32", &trainer, &error), CLV_OK);
    assert_non_null(strstr(error.text, "lr"));
    assert_int_not_equal(f->api->trainer_open("unet", "{\"wings\":2}", "cpu", "fp32", &trainer, &error), CLV_OK);
    assert_non_null(strstr(error.text, "wings"));
    assert_null(trainer);
}

/* A batch in which nothing is labelled, and one with numbers that are none, leave usable weights. */
static void test_hostile_batches(void **state)
{
    const fixture *f = *state;
    clv_net_error error = {""};
    double loss = 0;
    size_t n = (size_t)CLV_DETECT_CHANNELS * 32 * 32;
    if (!f->api)
        skip();
    float *in = calloc(n, sizeof *in), out[2 * 32 * 32];
    uint8_t label[32 * 32];
    memset(label, 255, sizeof label);
    clv_net_trainer *trainer = open_trainer(f, CONFIG);
    assert_int_equal(f->api->train_detect_step(trainer, in, label, 1, 32, 32, &loss, &error), CLV_OK);
    assert_true(loss >= 0 && loss < 1e6);
    assert_int_equal(f->api->trainer_detect(trainer, in, 1, 32, 32, out, &error), CLV_OK);
    for (int i = 0; i < 2 * 32 * 32; i++)
        assert_true(out[i] >= 0 && out[i] <= 1);
    assert_int_equal(f->api->train_detect_step(trainer, in, label, 1, 31, 32, &loss, &error), CLV_ERROR_ARGUMENT);
    f->api->trainer_close(trainer);
    free(in);
}

static void test_from_list_to_weights(void **state)
{
    const fixture *f = *state;
    clv_train_options options;
    char output[1024], checkpoint[1024], *json = NULL, error_text[200];
    const char *inputs[] = {f->list};
    if (!f->api)
        skip();
    snprintf(output, sizeof output, "%s/detect.safetensors", f->folder);
    snprintf(checkpoint, sizeof checkpoint, "%s/detect.ckpt", f->folder);
    clv_train_detect_options_init(&options);
    options.output.path = output;
    options.checkpoint = checkpoint;
    options.compute.device = CLV_DEVICE_CPU;
    options.steps = 2;
    options.batch = 1;
    options.licence = "CC0-1.0";
    if (clv_train_detect(f->ctx, inputs, 1, &options, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
    clv_json *doc = clv_json_parse(json, strlen(json), error_text, sizeof error_text);
    assert_non_null(doc);
    assert_int_equal(clv_json_integer(clv_json_get(doc, "steps"), -1), 2);
    const clv_json *held = clv_json_get(clv_json_get(clv_json_get(doc, "metrics"), "places"), "held");
    assert_true(clv_json_integer(clv_json_get(held, "pixels"), 0) > 0);
    clv_json_free(doc);
    clv_free(json);

    clv_net *net = NULL;
    clv_net_info info;
    clv_compute_options compute = {.device = CLV_DEVICE_CPU, .precision = CLV_PRECISION_FP32};
    if (clv_engine_open(f->ctx, output, CLV_NET_UNET, &compute, &net, &info, NULL) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
    assert_int_equal(info.in_channels, CLV_DETECT_CHANNELS);
    f->api->close(net);

    /* The licence is in the file; the name is taken now; going on from the checkpoint reaches step 3. */
    uint8_t *data = NULL;
    size_t size = 0;
    clv_safetensors *st = NULL;
    assert_int_equal(clv_read_file(f->ctx, output, (size_t)1 << 30, &data, &size), CLV_OK);
    assert_int_equal(clv_safetensors_parse(f->ctx, data, size, &st), CLV_OK);
    assert_string_equal(clv_safetensors_metadata(st, "clearvision.licence"), "CC0-1.0");
    clv_safetensors_free(st);
    free(data);
    assert_int_equal(clv_train_detect(f->ctx, inputs, 1, &options, NULL), CLV_ERROR_EXISTS);
    options.resume = checkpoint;
    options.steps = 3;
    assert_int_equal(clv_train_detect(f->ctx, inputs, 1, &options, &json), CLV_OK);
    assert_non_null(strstr(json, "\"steps\":3"));
    clv_free(json);
}

static void test_options(void **state)
{
    const fixture *f = *state;
    clv_train_options options;
    const char *inputs[] = {f->list};
    clv_train_detect_options_init(&options);
    assert_int_equal(clv_train_detect(f->ctx, inputs, 1, &options, NULL), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(f->ctx), "-o"));
    options.output.path = "/nonexistent/folder/x.safetensors";
    assert_int_equal(clv_train_detect(f->ctx, inputs, 0, &options, NULL), CLV_ERROR_ARGUMENT);
    options.steps = 0;
    assert_int_equal(clv_train_detect(f->ctx, inputs, 1, &options, NULL), CLV_ERROR_ARGUMENT);
    options.steps = 1;
    options.learning_rate = -1;
    assert_int_equal(clv_train_detect(f->ctx, inputs, 1, &options, NULL), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(f->ctx), "-lr"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss_falls),           cmocka_unit_test(test_resume_changes_nothing),
        cmocka_unit_test(test_wrong_checkpoints),    cmocka_unit_test(test_hostile_batches),
        cmocka_unit_test(test_from_list_to_weights), cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
