/* SPDX-License-Identifier: MIT
 *
 * What the networks promise whatever their weights are: shapes, cost, the prior as the starting point of `clear`,
 * results that do not depend on the batch, deaf ears for what does not count, equivalence under what must not matter.
 */
#include "support.h"

static void predict(clv_net *net, const float *in, const float *days, int n, int dates, int h, int w, float *out)
{
    clv_net_error error = {{0}};
    if (api->predict(net, in, days, n, dates, h, w, out, &error) != CLV_OK)
        fail_msg("%s", error.text);
}

static void detect(clv_net *net, const float *in, int n, int h, int w, float *out)
{
    clv_net_error error = {{0}};
    if (api->detect(net, in, n, h, w, out, &error) != CLV_OK)
        fail_msg("%s", error.text);
}

/* A model file of the preset whose every tensor holds random numbers, the starting zeros too, so that nothing is
 * hidden. */
static clv_net *noisy(const char *preset, const char *config)
{
    const char *path = temporary("noisy");
    clv_net_error error = {{0}};
    if (api->init_weights(preset, config, 3, path, &error) != CLV_OK)
        fail_msg("%s", error.text);
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    clv_safetensors *file = NULL;
    assert_int_equal(clv_safetensors_parse(NULL, data, size, &file), CLV_OK);
    uint64_t seed = 11;
    int count = clv_safetensors_count(file);
    clv_tensor *tensors = calloc((size_t)count, sizeof *tensors);
    assert_non_null(tensors);
    for (int i = 0; i < count; i++) {
        tensors[i] = *clv_safetensors_at(file, i);
        float *values = malloc(tensors[i].bytes);
        assert_non_null(values);
        memcpy(values, tensors[i].data, tensors[i].bytes);
        for (size_t k = 0; k < tensors[i].bytes / sizeof *values; k++)
            values[k] = values[k] + 0.2f * uniform(&seed) - (strstr(tensors[i].name, "running_var") ? 0.0f : 0.1f);
        tensors[i].data = values;
    }
    const char *metadata[] = {"clearvision.kind", clv_safetensors_metadata(file, "clearvision.kind"),
                              "clearvision.config", clv_safetensors_metadata(file, "clearvision.config")};
    assert_int_equal(clv_safetensors_write(NULL, path, tensors, count, metadata, 2), CLV_OK);
    for (int i = 0; i < count; i++)
        free((void *)(uintptr_t)tensors[i].data);
    free(tensors);
    clv_safetensors_free(file);
    free(data);
    clv_net *net = open_file(path);
    unlink(path);
    return net;
}

/* ---- Stage 1 ---------------------------------------------------------------------------------------------------- */

static void test_unet_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        int in, multiple;
        bool shadow;
    } cases[] = {
        {NULL, 8, 16, true},
        {"{\"in_channels\":3,\"classes\":2,\"widths\":[64,128,256,512,512],\"stem\":\"conv\"}", 3, 16, false},
        {"{\"in_channels\":4,\"widths\":[8,16],\"stem\":\"conv\",\"down\":\"stride\",\"norm\":\"none\"}", 4, 2, true},
        {"{\"widths\":[8]}", 8, 2, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clv_net *net = fresh("unet", cases[i].config, 5);
        clv_net_info info;
        api->info(net, &info);
        assert_int_equal(info.kind, CLV_NET_UNET);
        assert_int_equal(info.in_channels, cases[i].in);
        assert_int_equal(info.out_channels, 2);
        assert_int_equal(info.multiple, cases[i].multiple);
        assert_true(info.parameters > 0);
        assert_string_equal(info.device, "cpu");
        assert_string_equal(info.precision, "fp32");
        enum { h = 32, w = 48, n = 3 };
        float *in = random_floats((size_t)n * (size_t)info.in_channels * h * w, 1);
        float *out = random_floats((size_t)n * 2 * h * w, 2);
        detect(net, in, n, h, w, out);
        double shadow = 0;
        for (int f = 0; f < n; f++)
            for (int p = 0; p < h * w; p++) {
                float a = out[(f * 2) * h * w + p], b = out[(f * 2 + 1) * h * w + p];
                assert_true(a >= 0 && b >= 0 && a + b <= 1.00001f);
                shadow += b;
            }
        assert_int_equal(shadow > 0, cases[i].shadow);
        clv_net_error error;
        assert_int_equal(api->detect(net, in, 1, h + 1, w, out, &error), CLV_ERROR_ARGUMENT);
        assert_non_null(strstr(error.text, "multiples"));
        free(out);
        free(in);
        api->close(net);
    }
}

static void test_unet_does_not_depend_on_the_batch(void **state)
{
    (void)state;
    enum { n = 7, h = 64, w = 64, frame = h * w };
    clv_net *net = noisy("unet", NULL);
    float *in = random_floats((size_t)n * 8 * frame, 3);
    float *all = random_floats((size_t)n * 2 * frame, 4), *one = random_floats(2 * frame, 5);
    detect(net, in, n, h, w, all);
    double spread = 0;
    for (int f = 0; f < n; f++) {
        detect(net, in + (size_t)f * 8 * frame, 1, h, w, one);
        assert_memory_equal(one, all + (size_t)f * 2 * frame, sizeof(float) * 2 * frame);
        spread = fmax(spread, largest_difference(one, all, 2 * frame));
    }
    assert_true(spread > 1e-4); // frames do differ
    free(one);
    free(all);
    free(in);
    api->close(net);
}

/* A shift of the picture by the network's multiple shifts the result, away from the edges. */
static void test_unet_is_stationary(void **state)
{
    (void)state;
    enum { side = 160, shift = 8, n = side * side, margin = 64 };
    clv_net *net = noisy("unet", "{\"widths\":[8,8,8]}");
    float *in = random_floats((size_t)8 * n, 6), *moved = random_floats((size_t)8 * n, 7);
    for (int c = 0; c < 8; c++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                if (y >= shift && x >= shift)
                    moved[c * n + y * side + x] = in[c * n + (y - shift) * side + x - shift];
    float *a = random_floats(2 * n, 8), *b = random_floats(2 * n, 9);
    detect(net, in, 1, side, side, a);
    detect(net, moved, 1, side, side, b);
    double most = 0, spread = 0;
    for (int y = margin + shift; y < side - margin; y++)
        for (int x = margin + shift; x < side - margin; x++) {
            most = fmax(most, fabs(b[y * side + x] - a[(y - shift) * side + x - shift]));
            spread = fmax(spread, fabs(b[y * side + x] - a[y * side + x]));
        }
    assert_true(most < 1e-5);
    assert_true(spread > 1e-4);
    free(b);
    free(a);
    free(moved);
    free(in);
    api->close(net);
}

/* ---- Stage 2 ---------------------------------------------------------------------------------------------------- */

/* A series for `clear`: bands, validity, days to the previous and the next observation. */
static float *series(int n, int dates, int bands, int area, uint64_t seed)
{
    const int planes = bands + 3;
    float *x = random_floats((size_t)n * (size_t)dates * (size_t)planes * (size_t)area, seed);
    for (int f = 0; f < n * dates; f++) {
        float *frame = x + (size_t)f * (size_t)planes * (size_t)area;
        for (int p = 0; p < area; p++) {
            bool seen = frame[(size_t)bands * (size_t)area + (size_t)p] < 0.7f;
            frame[(size_t)bands * (size_t)area + (size_t)p] = seen ? 1.0f : 0.0f;
            for (int k = 1; k <= 2; k++) {
                float *days = &frame[(size_t)(bands + k) * (size_t)area + (size_t)p];
                *days = seen ? 0 : *days < 0.1f ? -1 : 60 * *days;
            }
        }
    }
    return x;
}

static void test_clear_starts_at_the_gapfill(void **state)
{
    (void)state;
    enum { n = 2, dates = 5, h = 32, w = 40, area = h * w };
    for (int bands = 3; bands <= 4; bands++) {
        char config[80];
        snprintf(config, sizeof config, "{\"input_dim\":%d,\"log_variance\":%s}", bands + 3,
                 bands == 4 ? "true" : "false");
        clv_net *net = fresh("clear", config, 1);
        clv_net_info info;
        api->info(net, &info);
        assert_int_equal(info.kind, CLV_NET_UTILISE);
        assert_int_equal(info.in_channels, bands + 3);
        assert_int_equal(info.bands, bands);
        assert_int_equal(info.out_channels, bands + (bands == 4));
        assert_int_equal(info.log_variance, bands == 4);
        assert_int_equal(info.multiple, 8);
        assert_true(info.needs_gapfill && !info.half_pixel_fill);
        float *in = series(n, dates, bands, area, 21), days[n * dates];
        for (int i = 0; i < n * dates; i++)
            days[i] = 18000.0f + 5.0f * (float)(i % dates);
        size_t planes = (size_t)info.out_channels;
        float *out = random_floats((size_t)n * dates * planes * area, 22);
        predict(net, in, days, n, dates, h, w, out);
        for (size_t f = 0; f < (size_t)n * dates; f++) {
            assert_memory_equal(out + f * planes * area, in + f * (size_t)info.in_channels * area,
                                sizeof(float) * (size_t)bands * area);
            for (int p = 0; bands == 4 && p < area; p++) // ln of 0.02^2
                assert_true(fabsf(out[(f * planes + 4) * area + (size_t)p] + 7.824046f) < 1e-4f);
        }
        free(out);
        free(in);
        api->close(net);
    }
}

static void test_sequences_do_not_depend_on_the_batch(void **state)
{
    (void)state;
    static const char *const presets[] = {"clear", "reference"};
    for (int k = 0; k < 2; k++) {
        enum { n = 3, dates = 6, h = 32, w = 32, area = h * w };
        clv_net *net = noisy(presets[k], "{\"encoder_widths\":[16,16,32],\"decoder_widths\":[16,16,32]}");
        clv_net_info info;
        api->info(net, &info);
        size_t in_size = (size_t)dates * (size_t)info.in_channels * area, out_size = (size_t)dates * 3 * area;
        float *in = k == 0 ? series(n, dates, 3, area, 31) : random_floats(n * in_size, 31), days[n * dates];
        for (int i = 0; i < n * dates; i++)
            days[i] = 10.0f + 7.0f * (float)i;
        float *all = random_floats(n * out_size, 32), *one = random_floats(out_size, 33);
        predict(net, in, days, n, dates, h, w, all);
        for (size_t i = 0; i < n; i++) {
            predict(net, in + i * in_size, days + i * dates, 1, dates, h, w, one);
            assert_memory_equal(one, all + i * out_size, out_size * sizeof *one);
        }
        assert_true(largest_difference(one, all, out_size) > 1e-3);
        // The attention of the latest call: rows sum to one.
        int64_t shape[6];
        clv_net_error error;
        assert_int_equal(api->attention(net, NULL, shape, &error), CLV_OK);
        const int64_t cells = shape[4] * shape[5];
        assert_int_equal(shape[1], 1);
        assert_int_equal(shape[2], dates);
        assert_int_equal(shape[3], dates);
        float *weights = random_floats((size_t)(shape[0] * dates * dates * cells), 34);
        assert_int_equal(api->attention(net, weights, shape, &error), CLV_OK);
        for (int64_t row = 0; row < shape[0] * dates; row++)
            for (int64_t c = 0; c < cells; c++) {
                double sum = 0;
                for (int s = 0; s < dates; s++)
                    sum += weights[(row * dates + s) * cells + c];
                assert_true(fabs(sum - 1) < 1e-5);
            }
        free(weights);
        free(one);
        free(all);
        free(in);
        api->close(net);
    }
}

/* `clear` knows days by their differences alone: another epoch changes nothing, another spacing does; and the order in
 * which the dates are given goes through to the result. */
static void test_clear_and_its_days(void **state)
{
    (void)state;
    enum { dates = 4, h = 32, w = 32, area = h * w, frame = 6 * area, result = 3 * area };
    clv_net *net = noisy("clear", "{\"encoder_widths\":[16,16,32],\"decoder_widths\":[16,16,32]}");
    float *in = series(1, dates, 3, area, 41);
    const float days[dates] = {100, 105, 125, 200}, later[dates] = {1100, 1105, 1125, 1200},
                wider[dates] = {100, 110, 150, 300};
    float *a = random_floats(dates * result, 1), *b = random_floats(dates * result, 2);
    predict(net, in, days, 1, dates, h, w, a);
    predict(net, in, later, 1, dates, h, w, b);
    assert_true(largest_difference(a, b, dates * result) < 1e-6);
    predict(net, in, wider, 1, dates, h, w, b);
    assert_true(largest_difference(a, b, dates * result) > 1e-5);
    float *turned = malloc(sizeof(float) * dates * frame), back[dates];
    assert_non_null(turned);
    for (int t = 0; t < dates; t++) {
        memcpy(turned + t * frame, in + (dates - 1 - t) * frame, sizeof(float) * frame);
        back[t] = days[dates - 1 - t];
    }
    predict(net, turned, back, 1, dates, h, w, b);
    for (int t = 0; t < dates; t++)
        assert_true(largest_difference(a + t * result, b + (dates - 1 - t) * result, result) < 1e-5);
    free(turned);
    free(b);
    free(a);
    free(in);
    api->close(net);
}

/* Frames of zeros at day 0 fill a batch up: the others come out as without them. */
static void test_padding_is_left_out(void **state)
{
    (void)state;
    static const char *const presets[] = {"clear", "reference"};
    for (int k = 0; k < 2; k++) {
        enum { dates = 4, more = 6, h = 32, w = 32, area = h * w };
        clv_net *net = noisy(presets[k], "{\"encoder_widths\":[16,16,32],\"decoder_widths\":[16,16,32]}");
        clv_net_info info;
        api->info(net, &info);
        size_t in_size = (size_t)info.in_channels * area;
        float *in = k == 0 ? series(1, more, 3, area, 51) : random_floats(more * in_size, 51);
        memset(in + dates * in_size, 0, (more - dates) * in_size * sizeof *in);
        const float days[more] = {100, 105, 125, 200, 0, 0};
        float *a = random_floats(more * 3 * area, 1), *b = random_floats(more * 3 * area, 2);
        predict(net, in, days, 1, more, h, w, a);
        predict(net, in, days, 1, dates, h, w, b);
        assert_true(largest_difference(a, b, dates * 3 * area) < 1e-5);
        free(b);
        free(a);
        free(in);
        api->close(net);
    }
}

/* The result does not depend on the number of threads. */
static void test_threads(void **state)
{
    (void)state;
    enum { dates = 5, h = 64, w = 64, area = h * w };
    clv_net *net = noisy("clear", NULL);
    float *in = series(1, dates, 3, area, 61);
    const float days[dates] = {100, 105, 125, 200, 210};
    float *a = random_floats(dates * 3 * area, 1), *b = random_floats(dates * 3 * area, 2);
    predict(net, in, days, 1, dates, h, w, a);
    api->set_threads(1);
    predict(net, in, days, 1, dates, h, w, b);
    api->set_threads(2);
    assert_memory_equal(a, b, sizeof(float) * dates * 3 * area);
    free(b);
    free(a);
    free(in);
    api->close(net);
}

/* Other numbers of levels, heads, norms, ways up: they build, run, and stay finite; bf16 stays near fp32. */
static void test_options(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "{\"encoder_widths\":[16],\"decoder_widths\":[16]}",
        "{\"encoder_widths\":[16,32],\"decoder_widths\":[8,32],\"encoder_norm\":\"batch\",\"decoder_norm\":"
        "\"instance\",\"skip_norm\":\"batch\"}",
        "{\"encoder_widths\":[8,8,8,8,16],\"decoder_widths\":[8,8,8,8,16],\"upconv_type\":\"bilinear\",\"agg_mode\":"
        "null}",
        "{\"encoder_widths\":[8,8,16],\"decoder_widths\":[8,8,16],\"upconv_type\":\"bilinear\",\"decoder_norm\":"
        "\"group\",\"agg_mode\":\"att_mean\"}",
        "{\"input_dim\":15,\"output_dim\":13,\"encoder_widths\":[8,16],\"decoder_widths\":[8,16],\"n_head\":8,\"d_k\":"
        "3,\"bias_qk\":true,"
        "\"ltae_norm\":\"layer\",\"norm_first\":false,\"n_temporal_encoding_layers\":2,\"output_activation\":false}",
        "{\"encoder_widths\":[8,16],\"decoder_widths\":[8,16],\"activation\":\"gelu\",\"padding_mode\":\"zeros\","
        "\"positional_encoding\":false,"
        "\"stem\":\"s2d\",\"projections\":true,\"widening\":3,\"day_bias\":true}",
    };
    enum { dates = 3, h = 32, w = 32, area = h * w };
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        clv_net *net = fresh("reference", configs[i], 9);
        clv_net_info info;
        api->info(net, &info);
        float *in = random_floats((size_t)dates * (size_t)info.in_channels * area, 71);
        size_t count = (size_t)dates * (size_t)info.out_channels * area;
        float *out = random_floats(count, 72);
        const float days[dates] = {100, 105, 125};
        predict(net, in, days, 1, dates, h, w, out);
        for (size_t k = 0; k < count; k++)
            assert_true(isfinite(out[k]));
        free(out);
        free(in);
        api->close(net);
    }
}

static void test_half_precision(void **state)
{
    (void)state;
    enum { dates = 3, h = 32, w = 32, area = h * w };
    const char *path = CLV_TEST_GOLDEN "/utilise_single_frame.safetensors";
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    clv_net *exact = open_file(path), *coarse = NULL;
    clv_net_error error;
    assert_int_equal(api->open(path, data, size, "cpu", "bf16", &coarse, &error), CLV_OK);
    clv_net_info info;
    api->info(coarse, &info);
    assert_string_equal(info.precision, "bf16");
    float *in = random_floats(dates * 3 * area, 81), *a = random_floats(dates * 3 * area, 82),
          *b = random_floats(dates * 3 * area, 83);
    const float days[dates] = {100, 105, 125};
    predict(exact, in, days, 1, dates, h, w, a);
    predict(coarse, in, days, 1, dates, h, w, b);
    double difference = largest_difference(a, b, dates * 3 * area);
    assert_true(difference > 0 && difference < 0.05);
    free(b);
    free(a);
    free(in);
    free(data);
    api->close(exact);
    api->close(coarse);
}

/* ---- Cost ------------------------------------------------------------------------------------------------------- */

/* Multiply-adds times two of one 128x128 frame among 10 dates, from the shapes of the tensors in a fresh file of
 * `clear` and the resolution that each tensor's name implies: an account independent of the code that runs them. */
static double count_operations(const char *path)
{
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    clv_safetensors *file = NULL;
    assert_int_equal(clv_safetensors_parse(NULL, data, size, &file), CLV_OK);
    double total = 0;
    const double levels = 3;
    for (int i = 0; i < clv_safetensors_count(file); i++) {
        const clv_tensor *t = clv_safetensors_at(file, i);
        double multiplications = 1;
        for (int d = 0; d < t->dims; d++)
            multiplications *= (double)t->shape[d];
        int block = 0;
        double level = 0; // 64x64 positions
        if (t->dims < 2 || strstr(t->name, ".days"))
            continue; // not a matrix that pixels go through
        if (sscanf(t->name, "down_blocks.%d.", &block) == 1)
            level = block + 1;
        else if (sscanf(t->name, "up_blocks.%d.", &block) == 1)
            level = levels - 2 - block + (strstr(t->name, ".convtrans.") ? 1 : 0); // before the enlargement
        else if (strncmp(t->name, "temporal_encoder.", 17) == 0)
            level = levels - 1;
        const double positions = 64.0 * 64.0 / pow(4, level);
        total += 2 * multiplications * positions;
        if (strstr(t->name, "fc_q.weight")) // logits, and the values they weigh
            total += 2 * 10 * (double)(t->shape[0] + t->shape[1]) * positions;
        if (strstr(t->name, "skip_conv")) // every date's features weighted for every date
            total += 2 * 10 * (double)t->shape[1] * positions;
    }
    clv_safetensors_free(file);
    free(data);
    return total;
}

static void test_cost_of_clear(void **state)
{
    (void)state;
    const char *path = temporary("cost");
    for (int bands = 3; bands <= 4; bands++) {
        char config[80];
        snprintf(config, sizeof config, "{\"input_dim\":%d,\"log_variance\":true}", bands + 3);
        clv_net_error error;
        assert_int_equal(api->init_weights("clear", config, 1, path, &error), CLV_OK);
        double gflop = count_operations(path) * 1e-9;
        printf("clear, %d bands: %.3f GFLOP per 128x128 frame\n", bands, gflop);
        assert_true(gflop > 0.5 && gflop <= 2.3);
        unlink(path);
    }
}

int main(void)
{
    int missing = load_module();
    if (missing)
        return missing;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unet_shapes),
        cmocka_unit_test(test_unet_does_not_depend_on_the_batch),
        cmocka_unit_test(test_unet_is_stationary),
        cmocka_unit_test(test_clear_starts_at_the_gapfill),
        cmocka_unit_test(test_sequences_do_not_depend_on_the_batch),
        cmocka_unit_test(test_clear_and_its_days),
        cmocka_unit_test(test_padding_is_left_out),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_half_precision),
        cmocka_unit_test(test_cost_of_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
