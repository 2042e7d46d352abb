/* SPDX-License-Identifier: MIT
 *
 * Lessons of stage 2: that they are functions of their number, that what the network sees holds no truth under a gap,
 * and that targets are what the pictures hold.
 */
#include "learn/pictures.h"

#include <math.h>

#include "base/alloc.h"
#include "base/context.h"
#include "learn/dataset/training_sample.h"

#define PICTURE 128
#define DATES 7

enum { AREA = CLV_PREPARED_PIXELS, BANDS = 3, PLANES = BANDS + 3 };

typedef struct fixture {
    clv_context *ctx;
    char *folder;
    clv_prepared *set;
    clv_training_sample_work *work;
    clv_training_sample a, b;
} fixture;

/* Dates that rise evenly, on a ground of stripes; `hold` has a cloud in a corner of every date. */
static void write_series(const char *folder, const char *place, double level)
{
    const size_t n = (size_t)PICTURE * PICTURE;
    double *values = malloc(4 * n * sizeof *values);
    char name[64];
    assert_non_null(values);
    for (int t = 0; t < DATES; t++) {
        for (size_t i = 0; i < 4 * n; i++)
            values[i] = level + 300 * (double)(i / n) + 20 * t + 40 * (double)(i % 7) + (double)(i / PICTURE % 50);
        snprintf(name, sizeof name, "%s_202206%02d.tif", place, 4 * t + 1);
        write_raster(folder, name, 4, PICTURE, 20, values);
    }
    for (size_t i = 0; i < n; i++)
        values[i] = i % PICTURE > 40 && i % PICTURE < 90 && i / PICTURE > 30 && i / PICTURE < 80;
    write_raster(folder, "clouds.tif", 1, PICTURE, 20, values);
    free(values);
}

static void sample_new(clv_training_sample *sample)
{
    sample->in = clv_alloc_array(CLV_TRAINING_SAMPLE_DATES * PLANES, AREA, sizeof(float));
    sample->days = clv_alloc_array(CLV_TRAINING_SAMPLE_DATES, 1, sizeof(float));
    sample->target = clv_alloc_array(CLV_TRAINING_SAMPLE_DATES * BANDS, AREA, sizeof(float));
    sample->scope = clv_alloc_array(CLV_TRAINING_SAMPLE_DATES, AREA, 1);
    assert_true(sample->in && sample->days && sample->target && sample->scope);
}

static void sample_clear(clv_training_sample *sample)
{
    free(sample->in);
    free(sample->days);
    free(sample->target);
    free(sample->scope);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    char list[1024], set[1024];
    clv_prepare_options options;
    f->ctx = clv_context_new();
    f->folder = make_folder();
    write_series(f->folder, "north", 1000);
    write_series(f->folder, "south", 2000);
    write_text(f->folder, "list.txt",
               "series north_2022*.tif labels=clear place=north\n"
               "series south_2022*.tif labels=clear place=south hold=yes\n"
               "clear north_20220601.tif place=single\n"
               "shapes clouds.tif place=clouds pixel=20\n");
    snprintf(list, sizeof list, "%s/list.txt", f->folder);
    snprintf(set, sizeof set, "%s/set.safetensors", f->folder);
    const char *inputs[] = {list};
    clv_prepare_options_init(&options);
    options.output.path = set;
    if (clv_prepare(f->ctx, inputs, 1, &options, NULL) != CLV_OK || clv_prepared_open(f->ctx, set, &f->set) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
    assert_non_null(f->work = clv_training_sample_work_new());
    sample_new(&f->a);
    sample_new(&f->b);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    sample_clear(&f->a);
    sample_clear(&f->b);
    clv_training_sample_work_free(f->work);
    clv_prepared_free(f->set);
    remove_folder(f->folder);
    clv_context_free(f->ctx);
    free(f);
    return 0;
}

static clv_training_samples *open_samples(const fixture *f, clv_training_sample_options options)
{
    clv_training_samples *samples = NULL;
    options.form = (clv_fill_form){BANDS, true};
    if (clv_training_samples_new(f->ctx, f->set, &options, &samples) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
    return samples;
}

static void draw(const fixture *f, const clv_training_samples *samples, uint64_t number, clv_training_sample *sample)
{
    if (clv_training_samples_draw(f->ctx, samples, number, f->work, sample) != CLV_OK)
        fail_msg("%s", clv_context_error(f->ctx));
}

static void test_function_of_number(void **state)
{
    const fixture *f = *state;
    clv_training_samples *samples = open_samples(f, (clv_training_sample_options){.seed = 5, .vary = true, .side = 64});
    const size_t in = CLV_TRAINING_SAMPLE_DATES * PLANES * 64 * 64, scope = CLV_TRAINING_SAMPLE_DATES * 64 * 64;
    int series = 0, pictures = 0, of_series = 0, of_pictures = 0;
    clv_training_samples_count(samples, &series, &pictures);
    assert_int_equal(series, 1);
    assert_int_equal(pictures, 1);
    for (uint64_t k = 0; k < 24; k++) {
        clv_prepared_sequence s;
        draw(f, samples, k, &((fixture *)f)->a);
        draw(f, samples, k + 1, &((fixture *)f)->b);
        assert_true(memcmp(f->a.in, f->b.in, in * sizeof(float)) != 0);
        draw(f, samples, k, &((fixture *)f)->b);
        assert_memory_equal(f->a.in, f->b.in, in * sizeof(float));
        assert_memory_equal(f->a.scope, f->b.scope, scope);
        assert_int_equal(f->a.dates, f->b.dates);
        assert_in_range(f->a.dates, 5, CLV_TRAINING_SAMPLE_DATES);
        clv_prepared_get(f->set, f->a.sequence, &s);
        assert_string_not_equal(s.place, "south");
        *(s.dates == 1 ? &of_pictures : &of_series) += 1;
    }
    assert_true(of_series > 3 && of_pictures > 3);
    clv_training_samples_free(samples);
}

/* Where it is observed, the network is shown what is true, but for rims and shadows that masks miss; under a gap it is
 * not; what fills the batch up is nothing. */
static void test_truth(void **state)
{
    const fixture *f = *state;
    clv_training_samples *samples =
        open_samples(f, (clv_training_sample_options){.seed = 6, .vary = true, .side = 128});
    int occluded = 0, whole = 0, first = 0;
    for (uint64_t k = 0; k < 16; k++) {
        draw(f, samples, k, &((fixture *)f)->a);
        for (int t = 0; t < CLV_TRAINING_SAMPLE_DATES; t++) {
            const float *in = f->a.in + (size_t)t * PLANES * AREA, *target = f->a.target + (size_t)t * BANDS * AREA;
            const uint8_t *scope = f->a.scope + (size_t)t * AREA;
            int under = 0;
            assert_true(t == 0 || t >= f->a.dates || f->a.days[t] > f->a.days[t - 1]);
            for (int i = 0; i < AREA; i++) {
                if (t >= f->a.dates) {
                    assert_int_equal(scope[i], CLV_TRAINING_SAMPLE_IGNORED);
                    assert_true(in[i] == 0 && in[BANDS * AREA + i] == 0);
                    continue;
                }
                under += scope[i] == CLV_TRAINING_SAMPLE_OCCLUDED;
                assert_true(isfinite(in[i]) && in[i] >= 0 && in[i] <= 1.5f);
                if (scope[i] != CLV_TRAINING_SAMPLE_IGNORED)
                    assert_float_equal(in[BANDS * AREA + i], scope[i] == CLV_TRAINING_SAMPLE_OBSERVED, 0);
                if (scope[i] == CLV_TRAINING_SAMPLE_OBSERVED)
                    assert_float_equal(in[AREA + i], target[AREA + i], 1e-6);
            }
            occluded += under > 0;
            whole += under == AREA;
            first += under > 0 && t == 0;
        }
    }
    assert_true(occluded > 16 && whole > 2 && first > 0);
    clv_training_samples_free(samples);
}

static void test_held_out(void **state)
{
    const fixture *f = *state;
    clv_training_samples *samples =
        open_samples(f, (clv_training_sample_options){.seed = 7, .hold = true, .side = 128});
    for (uint64_t k = 0; k < 6; k++) {
        clv_prepared_sequence s;
        float x[4 * AREA];
        draw(f, samples, k, &((fixture *)f)->a);
        clv_prepared_get(f->set, f->a.sequence, &s);
        assert_string_equal(s.place, "south");
        /* As they are: the first date of the sample is one of the place's. */
        bool found = false;
        for (int t = 0; t < s.dates && !found; t++) {
            clv_prepared_read(f->set, f->a.sequence, t, x, NULL);
            found = memcmp(x, f->a.target, BANDS * AREA * sizeof(float)) == 0;
        }
        assert_true(found);
    }
    clv_training_samples_free(samples);
}

static void test_left_out(void **state)
{
    const fixture *f = *state;
    const char *const north[] = {"north", NULL}, *const both[] = {"north", "single", NULL},
                      *const mars[] = {"mars", NULL};
    clv_training_samples *samples =
        open_samples(f, (clv_training_sample_options){.without = north, .vary = true, .side = 64});
    int series = 0, pictures = 0;
    clv_training_samples_count(samples, &series, &pictures);
    assert_int_equal(series, 0);
    assert_int_equal(pictures, 1);
    draw(f, samples, 0, &((fixture *)f)->a);
    clv_training_samples_free(samples);
    assert_null(open_samples(f, (clv_training_sample_options){.without = both, .side = 64}));
    const clv_training_sample_options unknown = {.without = mars, .form = {BANDS, true}, .side = 64};
    assert_int_equal(clv_training_samples_new(f->ctx, f->set, &unknown, &samples), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(f->ctx), "mars"));
    const clv_training_sample_options many = {.form = {5, true}, .side = 64};
    assert_int_equal(clv_training_samples_new(f->ctx, f->set, &many, &samples), CLV_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_function_of_number),
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_held_out),
        cmocka_unit_test(test_left_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
