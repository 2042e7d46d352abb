/* SPDX-License-Identifier: MIT
 *
 * Training of both networks: what is learned, that a checkpoint goes on bit for bit, that the gradients are those of
 * the loss, and what the loss looks at.
 */
#include "support.h"

#define TINY "\"encoder_widths\":[8,16],\"decoder_widths\":[8,16],\"n_groups\":4,\"n_head\":4,\"d_k\":4"

enum { n = 2, dates = 4, side = 16, area = side * side, bands = 3 };

static clv_net_trainer *open_trainer(const char *kind, const char *config)
{
    clv_net_error error = {{0}};
    clv_net_trainer *trainer = NULL;
    if (api->trainer_open(kind, config, "cpu", "fp32", &trainer, &error) != CLV_OK)
        fail_msg("%s", error.text);
    return trainer;
}

static void save(clv_net_trainer *trainer, const char *path, bool state)
{
    clv_net_error error = {{0}};
    if (api->trainer_save(trainer, path, state, NULL, 0, &error) != CLV_OK)
        fail_msg("%s", error.text);
}

static void load(clv_net_trainer *trainer, const char *path)
{
    clv_net_error error = {{0}};
    if (api->trainer_load(trainer, path, &error) != CLV_OK)
        fail_msg("%s", error.text);
}

/* ---- A problem that can be learned: a gap holds what the date before shows, and a tenth more --------------------- */

typedef struct problem {
    int planes;
    float *in, *target;
    float days[n * dates];
    uint8_t *scope;
} problem;

static problem make_problem(bool gapfill, uint64_t seed)
{
    problem p = {.planes = gapfill ? bands + 3 : bands};
    p.in = calloc((size_t)n * dates * (size_t)p.planes * area, sizeof *p.in);
    p.target = malloc((size_t)n * dates * bands * area * sizeof *p.target);
    p.scope = malloc((size_t)n * dates * area);
    assert_true(p.in && p.target && p.scope);
    for (int f = 0; f < n * dates; f++) {
        const int t = f % dates;
        p.days[f] = 10.0f + 5.0f * (float)t;
        float *in = p.in + (size_t)f * (size_t)p.planes * area, *target = p.target + (size_t)f * bands * area;
        for (int i = 0; i < area; i++) {
            const bool gap = t > 0 && (i / side + i % side + 3 * t) % 8 < 3;
            p.scope[f * area + i] = gap ? 2 : 1;
            for (int c = 0; c < bands; c++) {
                const float *before = target - bands * area;
                float truth = t == 0 ? 0.2f + 0.3f * uniform(&seed) : 1.1f * before[c * area + i];
                target[c * area + i] = truth;
                in[c * area + i] = !gap ? truth : gapfill ? before[c * area + i] : 1.0f;
            }
            if (gapfill) {
                in[bands * area + i] = gap ? 0 : 1;
                in[(bands + 1) * area + i] = gap ? 5 : 0;
                in[(bands + 2) * area + i] = !gap ? 0 : t + 1 < dates ? 5 : -1;
            }
        }
    }
    return p;
}

static void free_problem(problem *p)
{
    free(p->in);
    free(p->target);
    free(p->scope);
}

static double remove_step(clv_net_trainer *trainer, const problem *p)
{
    clv_net_error error = {{0}};
    double loss = NAN;
    if (api->train_remove_step(trainer, p->in, p->days, p->target, p->scope, n, dates, side, side, &loss, &error) !=
        CLV_OK)
        fail_msg("%s", error.text);
    return loss;
}

static double detect_step(clv_net_trainer *trainer, uint64_t seed)
{
    float *in = random_floats((size_t)n * 8 * 32 * 32, seed);
    uint8_t *target = malloc((size_t)n * 32 * 32);
    assert_non_null(target);
    for (int f = 0; f < n; f++)
        for (int i = 0; i < 32 * 32; i++)
            target[f * 1024 + i] = in[f * 8 * 1024 + i] > 0.6f ? 1 : in[f * 8 * 1024 + i] < 0.2f ? 2 : 0;
    clv_net_error error = {{0}};
    double loss = NAN;
    if (api->train_detect_step(trainer, in, target, n, 32, 32, &loss, &error) != CLV_OK)
        fail_msg("%s", error.text);
    free(target);
    free(in);
    return loss;
}

/* ---- Learning ---------------------------------------------------------------------------------------------------- */

static void test_loss_falls(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "{\"preset\":\"clear\"," TINY ",\"steps\":60,\"warmup\":5,\"lr\":0.005,\"dropout\":0,\"attn_dropout\":0}",
        "{\"preset\":\"clear\",\"log_variance\":true,\"nll\":\"beta\"," TINY
        ",\"steps\":60,\"warmup\":5,\"lr\":0.005,\"dropout\":0,\"attn_dropout\":0}",
        "{\"preset\":\"reference\"," TINY ",\"steps\":60,\"warmup\":5,\"lr\":0.005,\"dropout\":0,\"attn_dropout\":0}",
    };
    for (size_t k = 0; k < sizeof configs / sizeof *configs; k++) {
        clv_net_trainer *trainer = open_trainer("utilise", configs[k]);
        problem p = make_problem(k < 2, 5);
        double before = remove_step(trainer, &p), after = 0;
        for (int i = 0; i < 59; i++)
            after = remove_step(trainer, &p);
        printf("configuration %d: loss %.5f -> %.5f\n", (int)k, before, after);
        assert_true(isfinite(before) && isfinite(after) && before > 0);
        assert_true(after < 0.7 * before);
        assert_int_equal(api->trainer_step(trainer), 60);
        free_problem(&p);
        api->trainer_close(trainer);
    }
    clv_net_trainer *trainer = open_trainer("unet", "{\"widths\":[8,8],\"steps\":60,\"warmup\":5,\"lr\":0.01}");
    double before = detect_step(trainer, 1), after = 0;
    for (int i = 1; i < 60; i++)
        after = detect_step(trainer, 1);
    printf("unet: loss %.5f -> %.5f\n", before, after);
    assert_true(after < 0.7 * before);
    api->trainer_close(trainer);
}

/* ---- Going on ---------------------------------------------------------------------------------------------------- */

static void assert_same_file(const char *a, const char *b)
{
    size_t size_a = 0, size_b = 0;
    uint8_t *data_a = read_whole(a, &size_a), *data_b = read_whole(b, &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(data_a, data_b, size_a);
    free(data_a);
    free(data_b);
}

static double any_step(clv_net_trainer *trainer, bool detect, const problem *p, uint64_t i)
{
    return detect ? detect_step(trainer, i) : remove_step(trainer, &p[i % 2]);
}

/* Dropout is on: what it draws must go on as well. */
static void test_checkpoints_go_on_bit_for_bit(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "{\"widths\":[8,8],\"steps\":12,\"warmup\":3}",
        "{\"preset\":\"clear\",\"log_variance\":true," TINY ",\"steps\":12,\"warmup\":3}",
        "{\"preset\":\"reference\"," TINY ",\"steps\":12,\"warmup\":3}",
    };
    for (int k = 0; k < 3; k++) {
        const bool detect = k == 0;
        problem p[2] = {make_problem(k == 1, 7), make_problem(k == 1, 8)};
        char half[256], once[256], twice[256];
        snprintf(half, sizeof half, "%s", temporary("half"));
        snprintf(once, sizeof once, "%s", temporary("once"));
        snprintf(twice, sizeof twice, "%s", temporary("twice"));
        const char *kind = detect ? "unet" : "utilise";
        clv_net_trainer *whole = open_trainer(kind, configs[k]);
        double losses[12];
        for (uint64_t i = 0; i < 12; i++) {
            losses[i] = any_step(whole, detect, p, i);
            if (i == 5)
                save(whole, half, true);
        }
        save(whole, once, true);
        api->trainer_close(whole);
        clv_net_trainer *rest = open_trainer(kind, configs[k]);
        load(rest, half);
        assert_int_equal(api->trainer_step(rest), 6);
        for (uint64_t i = 6; i < 12; i++)
            assert_true(any_step(rest, detect, p, i) == losses[i]);
        save(rest, twice, true);
        assert_same_file(once, twice);
        api->trainer_close(rest);
        unlink(half);
        unlink(once);
        unlink(twice);
        free_problem(&p[0]);
        free_problem(&p[1]);
    }
}

static void test_foreign_checkpoints_are_refused(void **state)
{
    (void)state;
    const char *path = temporary("foreign");
    clv_net_trainer *a = open_trainer("utilise", "{\"preset\":\"clear\"," TINY "}");
    save(a, path, true);
    clv_net_trainer *b = open_trainer("utilise", "{\"preset\":\"reference\"," TINY "}");
    clv_net_trainer *c = open_trainer("unet", NULL);
    clv_net_error error = {{0}};
    assert_int_equal(api->trainer_load(b, path, &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "another network"));
    assert_int_equal(api->trainer_load(c, path, &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "not a training checkpoint of a unet"));
    save(a, path, false); // weights alone are no checkpoint either
    assert_int_equal(api->trainer_load(a, path, &error), CLV_ERROR_MODEL);
    assert_int_equal(api->train_detect_step(a, NULL, NULL, 1, 16, 16, NULL, &error), CLV_ERROR_ARGUMENT);
    unlink(path);
    api->trainer_close(a);
    api->trainer_close(b);
    api->trainer_close(c);
}

/* ---- Averaged weights -------------------------------------------------------------------------------------------- */

/* What the trainer predicts is what the file it writes predicts. */
static void test_predictions_are_those_of_the_file(void **state)
{
    (void)state;
    for (int gapfill = 0; gapfill < 2; gapfill++) {
        const char *config =
            gapfill ? "{\"preset\":\"clear\",\"log_variance\":true," TINY "}" : "{\"preset\":\"reference\"," TINY "}";
        clv_net_trainer *trainer = open_trainer("utilise", config);
        problem p = make_problem(gapfill, 9);
        for (int i = 0; i < 5; i++)
            remove_step(trainer, &p);
        const char *path = temporary("average");
        save(trainer, path, false);
        clv_net *net = open_file(path);
        unlink(path);
        clv_net_info a, b;
        api->trainer_info(trainer, &a);
        api->info(net, &b);
        assert_int_equal(a.in_channels, b.in_channels);
        assert_int_equal(a.out_channels, b.out_channels);
        assert_int_equal(a.parameters, b.parameters);
        assert_int_equal(a.needs_gapfill, b.needs_gapfill);
        size_t count = (size_t)n * dates * (size_t)a.out_channels * area;
        float *x = random_floats(count, 1), *y = random_floats(count, 2);
        clv_net_error error = {{0}};
        assert_int_equal(api->trainer_predict(trainer, p.in, p.days, n, dates, side, side, x, &error), CLV_OK);
        assert_int_equal(api->predict(net, p.in, p.days, n, dates, side, side, y, &error), CLV_OK);
        assert_true(largest_difference(x, y, count) < 1e-5);
        free(x);
        free(y);
        free_problem(&p);
        api->close(net);
        api->trainer_close(trainer);
    }
}

/* A training that begins with a file's weights predicts what that file predicts, and learns from there. */
static void test_begins_with_weights(void **state)
{
    (void)state;
    const char *config = "{\"preset\":\"clear\"," TINY "}", *path = temporary("begin");
    clv_net_trainer *a = open_trainer("utilise", config), *b = open_trainer("utilise", config);
    problem p = make_problem(true, 4);
    clv_net_error error = {{0}};
    for (int i = 0; i < 5; i++)
        remove_step(a, &p);
    save(a, path, false);
    assert_int_equal(api->trainer_begin(b, path, &error), CLV_OK);
    assert_int_equal(api->trainer_step(b), 0);
    const size_t count = (size_t)n * dates * bands * area;
    float *x = random_floats(count, 1), *y = random_floats(count, 2);
    assert_int_equal(api->trainer_predict(a, p.in, p.days, n, dates, side, side, x, &error), CLV_OK);
    assert_int_equal(api->trainer_predict(b, p.in, p.days, n, dates, side, side, y, &error), CLV_OK);
    assert_memory_equal(x, y, count * sizeof *x);
    remove_step(b, &p);
    assert_int_equal(api->trainer_predict(b, p.in, p.days, n, dates, side, side, y, &error), CLV_OK);
    assert_true(largest_difference(x, y, count) > 0);

    save(a, path, true); // a checkpoint is resumed, not begun with
    assert_int_equal(api->trainer_begin(b, path, &error), CLV_ERROR_MODEL);
    clv_net_trainer *c = open_trainer("unet", NULL);
    save(c, path, false);
    assert_int_equal(api->trainer_begin(b, path, &error), CLV_ERROR_MODEL);
    assert_non_null(strstr(error.text, "not the weights of a utilise"));
    unlink(path);
    free(x);
    free(y);
    free_problem(&p);
    api->trainer_close(a);
    api->trainer_close(b);
    api->trainer_close(c);
}

/* ---- Gradients --------------------------------------------------------------------------------------------------- */

typedef struct state_file {
    uint8_t *data;
    clv_safetensors *file;
    clv_tensor *tensors;
    int count;
} state_file;

static state_file read_state(const char *path)
{
    state_file s = {0};
    size_t size = 0;
    s.data = read_whole(path, &size);
    assert_int_equal(clv_safetensors_parse(NULL, s.data, size, &s.file), CLV_OK);
    s.count = clv_safetensors_count(s.file);
    s.tensors = calloc((size_t)s.count, sizeof *s.tensors);
    assert_non_null(s.tensors);
    for (int i = 0; i < s.count; i++) {
        s.tensors[i] = *clv_safetensors_at(s.file, i);
        float *values = malloc(s.tensors[i].bytes + 1);
        assert_non_null(values);
        memcpy(values, s.tensors[i].data, s.tensors[i].bytes);
        s.tensors[i].data = values;
    }
    return s;
}

static float *values_of(const state_file *s, int i)
{
    return (float *)(uintptr_t)s->tensors[i].data;
}

static void write_state(const state_file *s, const char *path)
{
    const char *metadata[] = {"clearvision.kind",   clv_safetensors_metadata(s->file, "clearvision.kind"),
                              "clearvision.config", clv_safetensors_metadata(s->file, "clearvision.config"),
                              "clearvision.step",   clv_safetensors_metadata(s->file, "clearvision.step")};
    assert_int_equal(clv_safetensors_write(NULL, path, s->tensors, s->count, metadata, 3), CLV_OK);
}

static void free_state(state_file *s)
{
    for (int i = 0; i < s->count; i++)
        free(values_of(s, i));
    free(s->tensors);
    clv_safetensors_free(s->file);
    free(s->data);
}

static double loss_at(clv_net_trainer *trainer, const state_file *s, const char *path, const problem *p)
{
    write_state(s, path);
    load(trainer, path);
    return remove_step(trainer, p);
}

/* After the first step Adam's first moment is a tenth of the gradient. Along it the loss must grow as the gradient
 * says, tensor by tensor: central differences. */
static void check_gradients(const char *config, bool gapfill)
{
    const char *path = temporary("gradients");
    clv_net_trainer *trainer = open_trainer("utilise", config);
    problem p = make_problem(gapfill, 13);
    save(trainer, path, true);
    state_file at = read_state(path);
    uint64_t seed = 17;
    for (int i = 0; i < at.count; i++) // the starting zeros hide what comes before them
        if (strncmp(at.tensors[i].name, "weights.", 8) == 0)
            for (size_t k = 0; k < at.tensors[i].bytes / sizeof(float); k++)
                values_of(&at, i)[k] += 0.2f * uniform(&seed) - 0.1f;
    loss_at(trainer, &at, path, &p);
    save(trainer, path, true);
    state_file after = read_state(path);
    int checked = 0;
    for (int i = 0; i < at.count; i++) {
        if (strncmp(at.tensors[i].name, "weights.", 8) != 0)
            continue;
        char name[300];
        snprintf(name, sizeof name, "optimiser.%s.first", at.tensors[i].name + 8);
        const clv_tensor *moment = clv_safetensors_find(after.file, name);
        assert_non_null(moment);
        const float *g = (const float *)moment->data;
        const size_t count = moment->bytes / sizeof *g;
        double norm = 0;
        for (size_t k = 0; k < count; k++)
            norm += 100.0 * (double)g[k] * (double)g[k];
        norm = sqrt(norm);
        if (norm < 1e-3) // too little to be told from rounding
            continue;
        const double reach = 2e-3;
        float *w = values_of(&at, i), *kept = malloc(count * sizeof *kept);
        assert_non_null(kept);
        memcpy(kept, w, count * sizeof *kept);
        double loss[2];
        for (int sign = 0; sign < 2; sign++) {
            for (size_t k = 0; k < count; k++)
                w[k] = kept[k] + (float)((sign ? 1 : -1) * reach * 10.0 * (double)g[k] / norm);
            loss[sign] = loss_at(trainer, &at, path, &p);
        }
        memcpy(w, kept, count * sizeof *kept);
        free(kept);
        const double slope = (loss[1] - loss[0]) / (2 * reach);
        if (fabs(slope - norm) > 0.03 * norm + 2e-4)
            fail_msg("%s: slope %.6f, gradient %.6f", at.tensors[i].name, slope, norm);
        checked++;
    }
    printf("%d tensors checked\n", checked);
    assert_true(checked >= 12);
    free_state(&after);
    free_state(&at);
    free_problem(&p);
    unlink(path);
    api->trainer_close(trainer);
}

static void test_gradients(void **state)
{
    (void)state;
#define STILL                                                                                                          \
    TINY ",\"dropout\":0,\"attn_dropout\":0,\"clip\":1000000,\"loss\":\"charbonnier\",\"charbonnier_epsilon\":0.1"
    check_gradients("{\"preset\":\"clear\",\"log_variance\":true,\"nll\":\"beta\",\"nll_beta\":0,\"nll_weight\":0.001,"
                    "\"activation\":\"gelu\"," STILL "}",
                    true);
    check_gradients("{\"preset\":\"clear\"," STILL "}", true);
    check_gradients("{\"preset\":\"reference\"," STILL "}", false);
    check_gradients("{\"preset\":\"clear\"," TINY
                    ",\"dropout\":0,\"attn_dropout\":0,\"clip\":1000000,\"loss\":\"relative\"}",
                    true);
}

/* ---- What the loss looks at -------------------------------------------------------------------------------------- */

static void test_scope(void **state)
{
    (void)state;
    // Untrained, `clear` gives the prior: the loss is that of the problem, known by heart.
    clv_net_trainer *trainer = open_trainer("utilise", "{\"preset\":\"clear\"," TINY ",\"loss\":\"l1\",\"lr\":0}");
    problem p = make_problem(true, 19);
    double sum = 0, weight = 0;
    for (int f = 0; f < n * dates; f++)
        for (int i = 0; i < area; i++) {
            p.scope[f * area + i] = i % 7 == 0 ? 0 : p.scope[f * area + i];
            const double w = p.scope[f * area + i] == 2 ? 1 : p.scope[f * area + i] == 1 ? 0.1 : 0;
            for (int c = 0; c < bands; c++) {
                const size_t to = ((size_t)f * bands + (size_t)c) * area + (size_t)i;
                const float shown = p.in[((size_t)f * (bands + 3) + (size_t)c) * area + (size_t)i];
                sum += w * fabs((double)p.target[to] - (double)shown);
                p.target[to] = w > 0 ? p.target[to] : NAN; // ignored: whatever it holds
            }
            weight += w * bands;
        }
    const double loss = remove_step(trainer, &p);
    assert_true(loss > 0 && fabs(loss - sum / weight) < 1e-6);
    memset(p.scope, 0, (size_t)n * dates * area); // nothing known: nothing learned, nothing broken
    assert_true(remove_step(trainer, &p) == 0);
    free_problem(&p);
    api->trainer_close(trainer);
}

/* Untrained, `clear` is no better than the prior on any date: the relative loss is 1, whatever is ignored or observed.
 */
static void test_relative_loss(void **state)
{
    (void)state;
    clv_net_trainer *trainer =
        open_trainer("utilise", "{\"preset\":\"clear\"," TINY ",\"loss\":\"relative\",\"lr\":0}");
    problem p = make_problem(true, 19);
    for (int i = 0; i < n * dates * area; i++)
        p.scope[i] = i % 7 == 0 ? 0 : p.scope[i];
    assert_true(fabs(remove_step(trainer, &p) - 1) < 1e-5);
    memset(p.scope, 1, (size_t)n * dates * area);
    assert_true(remove_step(trainer, &p) == 0);
    free_problem(&p);
    api->trainer_close(trainer);
}

int main(void)
{
    int missing = load_module();
    if (missing)
        return missing;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss_falls),
        cmocka_unit_test(test_checkpoints_go_on_bit_for_bit),
        cmocka_unit_test(test_foreign_checkpoints_are_refused),
        cmocka_unit_test(test_predictions_are_those_of_the_file),
        cmocka_unit_test(test_begins_with_weights),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_scope),
        cmocka_unit_test(test_relative_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
