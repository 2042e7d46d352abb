/* SPDX-License-Identifier: MIT */
#include "learn/dataset/training_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "image/morphology.h"
#include "learn/dataset/cutting.h"
#include "learn/dataset/set_choice.h"
#include "learn/dataset/shape_pool.h"
#include "synth/dynamics.h"
#include "synth/gaps.h"

#define SIDE CLV_PREPARED_SIDE
#define PIXELS ((size_t)CLV_PREPARED_PIXELS)
#define MOST CLV_TRAINING_SAMPLE_DATES
#define LEAST 5 /* dates of a sample */
#define SHARE_OF_SERIES 0.5
#define LABEL_BUFFER 2 /* pixels around a gap that a missed rim of cloud covers */

typedef struct source {
    int sequence;
    double until; /* cumulative share of the samples of its kind, the last one is 1 */
} source;

struct clv_training_samples {
    const clv_prepared *set;
    clv_training_sample_options options;
    source *series, *pictures;
    int series_count, picture_count;
    clv_shapes shapes;
};

struct clv_training_sample_work {
    clv_gapfill_work *gapfill;
    clv_dynamics_work *dynamics;
    float *x, *truth, *filled;          /* [MOST, 4, PIXELS] */
    uint8_t *gap, *real, *laid, *scope; /* [MOST, PIXELS]; gap: what the network does not see */
    float *picture;                     /* [4, PIXELS] */
    uint8_t *plane;                     /* [PIXELS] */
    double days[MOST];
    int bands, dates;
};

clv_training_sample_work *clv_training_sample_work_new(void)
{
    clv_training_sample_work *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->gapfill = clv_gapfill_work_new();
    w->dynamics = clv_dynamics_work_new(PIXELS);
    w->x = clv_alloc_array(MOST * 4, PIXELS, sizeof *w->x);
    w->truth = clv_alloc_array(MOST * 4, PIXELS, sizeof *w->truth);
    w->filled = clv_alloc_array(MOST * 4, PIXELS, sizeof *w->filled);
    w->picture = clv_alloc_array(4, PIXELS, sizeof *w->picture);
    w->gap = clv_alloc_array(MOST, PIXELS, 1);
    w->real = clv_alloc_array(MOST, PIXELS, 1);
    w->laid = clv_alloc_array(MOST, PIXELS, 1);
    w->scope = clv_alloc_array(MOST, PIXELS, 1);
    w->plane = clv_alloc_array(PIXELS, 1, 1);
    if (w->gapfill && w->dynamics && w->x && w->truth && w->filled && w->picture && w->gap && w->real && w->laid &&
        w->scope && w->plane)
        return w;
    clv_training_sample_work_free(w);
    return NULL;
}

void clv_training_sample_work_free(clv_training_sample_work *w)
{
    if (!w)
        return;
    clv_gapfill_work_free(w->gapfill);
    clv_dynamics_work_free(w->dynamics);
    free(w->x);
    free(w->truth);
    free(w->filled);
    free(w->picture);
    free(w->gap);
    free(w->real);
    free(w->laid);
    free(w->scope);
    free(w->plane);
    free(w);
}

/* ---- Sources ----------------------------------------------------------------------------------- */

static bool takes(const clv_training_samples *samples, const clv_prepared_sequence *s, bool picture)
{
    return (strcmp(s->split, "hold") == 0) == samples->options.hold &&
           !clv_set_choice_names(samples->options.without, s->place) &&
           (picture ? s->dates == 1 : s->clear_dates >= LEAST);
}

/* Places share the samples by the square root of the number of their sequences: a place with many windows has more to
 * tell, but they are of one land. */
static clv_status collect(clv_context *ctx, clv_training_samples *samples, bool picture, source **out, int *count)
{
    const int all = clv_prepared_count(samples->set);
    source *list = clv_alloc_array((size_t)all, 1, sizeof *list);
    double total = 0;
    if (!list)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training samples");
    for (int i = 0; i < all; i++) {
        clv_prepared_sequence s, other;
        int same = 0;
        clv_prepared_get(samples->set, i, &s);
        if (!takes(samples, &s, picture))
            continue;
        for (int k = 0; k < all; k++) {
            clv_prepared_get(samples->set, k, &other);
            same += takes(samples, &other, picture) && strcmp(s.place, other.place) == 0;
        }
        total += 1 / sqrt(same);
        list[(*count)++] = (source){i, total};
    }
    for (int i = 0; i < *count; i++)
        list[i].until /= total;
    *out = list;
    return CLV_OK;
}

static clv_status take_shapes(clv_context *ctx, clv_training_samples *samples)
{
    clv_status status = clv_shapes_take(ctx, samples->set, &samples->shapes);
    if (status != CLV_OK || samples->shapes.count)
        return status;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                    "the training set has no cloud shapes; add a line \"shapes PATH...\" to its "
                    "list and prepare it again");
}

static clv_status check_bands(clv_context *ctx, const clv_training_samples *samples, const source *list, int count)
{
    for (int i = 0; i < count; i++) {
        clv_prepared_sequence s;
        clv_prepared_get(samples->set, list[i].sequence, &s);
        if (s.bands < samples->options.form.bands)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "the training set's pictures of %s have %d bands, the network takes %d", s.place, s.bands,
                            samples->options.form.bands);
    }
    return CLV_OK;
}

clv_status clv_training_samples_new(clv_context *ctx, const clv_prepared *set,
                                    const clv_training_sample_options *options, clv_training_samples **out)
{
    *out = NULL;
    clv_status status = clv_set_choice_check(ctx, set, "the training set", "-without", options->without);
    if (status != CLV_OK)
        return status;
    clv_training_samples *samples = calloc(1, sizeof *samples);
    if (!samples)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training samples");
    samples->set = set;
    samples->options = *options;
    status = collect(ctx, samples, false, &samples->series, &samples->series_count);
    if (status == CLV_OK)
        status = collect(ctx, samples, true, &samples->pictures, &samples->picture_count);
    if (status == CLV_OK)
        status = take_shapes(ctx, samples);
    if (status == CLV_OK)
        status = check_bands(ctx, samples, samples->series, samples->series_count);
    if (status == CLV_OK)
        status = check_bands(ctx, samples, samples->pictures, samples->picture_count);
    if (status == CLV_OK && samples->series_count + samples->picture_count > 0)
        *out = samples;
    else
        clv_training_samples_free(samples);
    return status;
}

void clv_training_samples_free(clv_training_samples *samples)
{
    if (!samples)
        return;
    free(samples->series);
    free(samples->pictures);
    clv_shapes_clear(&samples->shapes);
    free(samples);
}

void clv_training_samples_count(const clv_training_samples *samples, int *series, int *pictures)
{
    *series = samples->series_count;
    *pictures = samples->picture_count;
}

static int choose(const source *list, int count, double unit)
{
    int i = 0;
    while (i + 1 < count && unit >= list[i].until)
        i++;
    return list[i].sequence;
}

/* ---- The ground -------------------------------------------------------------------------------- */

/* Numbers of the dates that take part, ascending. */
static int choose_dates(const clv_training_samples *samples, clv_random *rng, int sequence, clv_training_sample_work *w,
                        int *chosen)
{
    clv_prepared_sequence s;
    clv_prepared_get(samples->set, sequence, &s);
    const bool vary = samples->options.vary, cloudy = vary && clv_random_unit(rng) < 0.4;
    int usable[512], count = 0;
    for (int t = 0; t < s.dates && count < 512; t++) {
        clv_prepared_read(samples->set, sequence, t, NULL, w->plane);
        if (clv_cut_cover(w->plane) < (cloudy ? 0.999 : CLV_CUT_CLEAR_BELOW) &&
            (count == 0 || s.days[t] > s.days[usable[count - 1]]))
            usable[count++] = t;
    }
    int wanted = LEAST + clv_random_int(rng, MOST - LEAST + 1);
    if (wanted > count)
        wanted = count;
    /* Out of a stretch of the series, so that a sample of few dates is not one of a whole year only. */
    int stretch = wanted + clv_random_int(rng, (vary ? count : wanted + 2) - wanted + 1);
    stretch = stretch > count ? count : stretch;
    const int first = clv_random_int(rng, count - stretch + 1);
    int left = wanted, n = 0;
    for (int i = 0; i < stretch && left > 0; i++)
        if (clv_random_unit(rng) * (stretch - i) < left) {
            chosen[n++] = usable[first + i];
            left--;
        }
    return n;
}

static void read_series(const clv_training_samples *samples, clv_random *rng, int sequence, clv_training_sample_work *w)
{
    clv_prepared_sequence s;
    int chosen[MOST];
    clv_prepared_get(samples->set, sequence, &s);
    w->bands = s.bands;
    w->dates = choose_dates(samples, rng, sequence, w, chosen);
    for (int k = 0; k < w->dates; k++) {
        w->days[k] = s.days[chosen[k]];
        clv_prepared_read(samples->set, sequence, chosen[k], w->x + (size_t)k * (size_t)s.bands * PIXELS,
                          w->real + (size_t)k * PIXELS);
    }
}

static void grow_series(const clv_training_samples *samples, clv_random *rng, int sequence, clv_training_sample_work *w)
{
    clv_prepared_sequence s;
    clv_dynamics_options options;
    clv_prepared_get(samples->set, sequence, &s);
    clv_dynamics_options_init(&options);
    options.growth = clv_random_range(rng, 0.5, 1.8);
    options.haze = clv_random_range(rng, 0.5, 1.6);
    w->bands = s.bands;
    w->dates = LEAST + clv_random_int(rng, MOST - LEAST + 1);
    clv_prepared_read(samples->set, sequence, 0, w->picture, w->plane);
    clv_dynamics_days(rng, w->dates, w->days);
    for (int t = 0; t < w->dates; t++)
        memcpy(w->real + (size_t)t * PIXELS, w->plane, PIXELS);
    clv_dynamics_make(rng, &options, w->picture, s.bands, SIDE, SIDE, w->dates, w->days, w->x, w->dynamics);
}

/* ---- Variations -------------------------------------------------------------------------------- */

/* Where pixel i of a turned or mirrored window comes from; form 0 to 7. */
static int turned(int form, int i)
{
    const int x = form & 1 ? SIDE - 1 - i % SIDE : i % SIDE, y = form & 2 ? SIDE - 1 - i / SIDE : i / SIDE;
    return form & 4 ? x * SIDE + y : y * SIDE + x;
}

static void turn(clv_training_sample_work *w, int form)
{
    for (int plane = 0; plane < w->dates * w->bands; plane++) {
        float *x = w->x + (size_t)plane * PIXELS;
        memcpy(w->picture, x, PIXELS * sizeof *x);
        for (int i = 0; i < (int)PIXELS; i++)
            x[i] = w->picture[turned(form, i)];
    }
    for (int t = 0; t < w->dates; t++) {
        uint8_t *real = w->real + (size_t)t * PIXELS;
        memcpy(w->plane, real, PIXELS);
        for (int i = 0; i < (int)PIXELS; i++)
            real[i] = w->plane[turned(form, i)];
    }
}

static void swap(void *a, void *b, void *room, size_t bytes)
{
    memcpy(room, a, bytes);
    memcpy(a, b, bytes);
    memcpy(b, room, bytes);
}

/* What grows on the way there shrinks on the way back. */
static void reverse_time(clv_training_sample_work *w)
{
    const size_t frame = (size_t)w->bands * PIXELS;
    const double last = w->days[w->dates - 1], first = w->days[0];
    for (int t = 0; t < w->dates / 2; t++) {
        const int u = w->dates - 1 - t;
        swap(w->x + (size_t)t * frame, w->x + (size_t)u * frame, w->picture, frame * sizeof *w->x);
        swap(w->real + (size_t)t * PIXELS, w->real + (size_t)u * PIXELS, w->plane, PIXELS);
        const double day = w->days[t];
        w->days[t] = first + (last - w->days[u]);
        w->days[u] = first + (last - day);
    }
    if (w->dates % 2)
        w->days[w->dates / 2] = first + (last - w->days[w->dates / 2]);
}

static void vary_ground(clv_random *rng, clv_training_sample_work *w)
{
    const double gain = exp(clv_random_range(rng, log(0.75), log(1.3)));
    turn(w, clv_random_int(rng, 8));
    for (int c = 0; c < w->bands; c++) {
        const float g = (float)(gain * clv_random_range(rng, 0.94, 1.06));
        for (int t = 0; t < w->dates; t++) {
            float *plane = w->x + ((size_t)t * (size_t)w->bands + (size_t)c) * PIXELS;
            for (size_t i = 0; i < PIXELS; i++)
                plane[i] = fminf(plane[i] * g, 1.5f);
        }
    }
    if (clv_random_unit(rng) < 0.3)
        reverse_time(w);
}

/* ---- Gaps -------------------------------------------------------------------------------------- */

static clv_status lay_gaps(clv_context *ctx, const clv_training_samples *samples, clv_random *rng,
                           clv_training_sample_work *w)
{
    const bool vary = samples->options.vary;
    const clv_gap_options options = {.whole_frames = !vary || clv_random_unit(rng) < 0.6,
                                     .consecutive = vary && clv_random_unit(rng) < 0.3};
    clv_gaps_utilise(rng, &samples->shapes, &options, w->dates, SIDE, SIDE, w->laid);
    if (!vary)
        return CLV_OK;
    /* The protocol never hides the first date; users' first dates are cloudy too. */
    if (clv_random_unit(rng) < 0.3)
        for (int t = 0; t < w->dates / 2; t++)
            swap(w->laid + (size_t)t * PIXELS, w->laid + (size_t)(w->dates - 1 - t) * PIXELS, w->plane, PIXELS);
    if (clv_random_unit(rng) < 0.4) {
        const int radius = 1 + clv_random_int(rng, 3);
        for (int t = 0; t < w->dates; t++) {
            uint8_t *laid = w->laid + (size_t)t * PIXELS;
            memcpy(w->plane, laid, PIXELS);
            if (clv_dilate(w->plane, SIDE, SIDE, radius, laid) != 0)
                return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training samples");
        }
    }
    return CLV_OK;
}

/* Masks are never perfect: around some gaps the cloud's rim is left in the picture. Truth stays what it was. */
static clv_status leave_rims(clv_context *ctx, clv_random *rng, clv_training_sample_work *w)
{
    const float opacity = (float)clv_random_range(rng, 0.05, 0.4), white = (float)clv_random_range(rng, 0.3, 0.8);
    for (int t = 0; t < w->dates; t++) {
        const uint8_t *laid = w->laid + (size_t)t * PIXELS;
        for (int ring = 1; ring <= LABEL_BUFFER; ring++) {
            if (clv_dilate(laid, SIDE, SIDE, ring, w->plane) != 0)
                return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training samples");
            for (size_t i = 0; i < PIXELS; i++)
                for (int c = 0; c < w->bands && w->plane[i] && !laid[i]; c++) {
                    float *x = w->x + ((size_t)t * (size_t)w->bands + (size_t)c) * PIXELS + i;
                    *x += opacity / LABEL_BUFFER * (white - *x);
                    w->scope[(size_t)t * PIXELS + i] = CLV_TRAINING_SAMPLE_IGNORED;
                }
        }
    }
    return CLV_OK;
}

/* ... and some clouds' shadows, which lie aside. */
static void leave_shadows(clv_random *rng, clv_training_sample_work *w)
{
    const int dx = clv_random_int(rng, 41) - 20, dy = clv_random_int(rng, 41) - 20;
    const float light = (float)clv_random_range(rng, 0.5, 0.85);
    for (int t = 0; t < w->dates; t++) {
        const uint8_t *laid = w->laid + (size_t)t * PIXELS;
        for (int i = 0; i < (int)PIXELS; i++) {
            const int x = i % SIDE - dx, y = i / SIDE - dy;
            if (x < 0 || y < 0 || x >= SIDE || y >= SIDE || !laid[y * SIDE + x] || laid[i])
                continue;
            for (int c = 0; c < w->bands; c++)
                w->x[((size_t)t * (size_t)w->bands + (size_t)c) * PIXELS + (size_t)i] *= light;
            w->scope[(size_t)t * PIXELS + (size_t)i] = CLV_TRAINING_SAMPLE_IGNORED;
        }
    }
}

static clv_status hide(clv_context *ctx, const clv_training_samples *samples, clv_random *rng,
                       clv_training_sample_work *w)
{
    clv_status status = lay_gaps(ctx, samples, rng, w);
    if (status != CLV_OK)
        return status;
    for (size_t i = 0; i < (size_t)w->dates * PIXELS; i++) {
        w->gap[i] = w->real[i] || w->laid[i];
        w->scope[i] = w->real[i]   ? CLV_TRAINING_SAMPLE_IGNORED
                      : w->laid[i] ? CLV_TRAINING_SAMPLE_OCCLUDED
                                   : CLV_TRAINING_SAMPLE_OBSERVED;
    }
    memcpy(w->truth, w->x, (size_t)w->dates * (size_t)w->bands * PIXELS * sizeof *w->x);
    if (!samples->options.vary)
        return CLV_OK;
    if (clv_random_unit(rng) < 0.25)
        status = leave_rims(ctx, rng, w);
    if (status == CLV_OK && clv_random_unit(rng) < 0.12)
        leave_shadows(rng, w);
    return status;
}

/* ---- A sample ---------------------------------------------------------------------------------- */

static void copy_part(const float *from, clv_rect roi, float *to)
{
    for (int y = 0; y < roi.height; y++)
        memcpy(to + (size_t)y * (size_t)roi.width, from + (size_t)(roi.y + y) * SIDE + roi.x,
               (size_t)roi.width * sizeof *to);
}

static void copy_scope(const uint8_t *from, clv_rect roi, uint8_t *to)
{
    for (int y = 0; y < roi.height; y++)
        memcpy(to + (size_t)y * (size_t)roi.width, from + (size_t)(roi.y + y) * SIDE + roi.x, (size_t)roi.width);
}

static void write_sample(const clv_training_samples *samples, const clv_training_sample_work *w, const clv_stack *stack,
                         clv_rect roi, clv_training_sample *sample)
{
    const clv_fill_form *form = &samples->options.form;
    const size_t area = (size_t)roi.width * (size_t)roi.height, planes = (size_t)clv_fill_planes(form);
    const size_t bands = (size_t)form->bands;
    memset(sample->in, 0, MOST * planes * area * sizeof *sample->in);
    memset(sample->target, 0, MOST * bands * area * sizeof *sample->target);
    memset(sample->scope, CLV_TRAINING_SAMPLE_IGNORED, MOST * area);
    memset(sample->days, 0, MOST * sizeof *sample->days);
    sample->dates = w->dates;
    for (int t = 0; t < w->dates; t++) {
        clv_fill_input(form, stack, roi, t, w->filled, roi.width, sample->in + (size_t)t * planes * area);
        sample->days[t] = clv_fill_day(form, stack, t);
        for (size_t c = 0; c < bands; c++)
            copy_part(w->truth + ((size_t)t * (size_t)w->bands + c) * PIXELS, roi,
                      sample->target + ((size_t)t * bands + c) * area);
        copy_scope(w->scope + (size_t)t * PIXELS, roi, sample->scope + (size_t)t * area);
    }
}

clv_status clv_training_samples_draw(clv_context *ctx, const clv_training_samples *samples, uint64_t number,
                                     clv_training_sample_work *w, clv_training_sample *sample)
{
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(samples->options.seed, number));
    const double share = samples->series_count == 0 ? 0 : samples->picture_count == 0 ? 1 : SHARE_OF_SERIES;
    const bool series = clv_random_unit(&rng) < share;
    const double unit = clv_random_unit(&rng);
    sample->sequence = series ? choose(samples->series, samples->series_count, unit)
                              : choose(samples->pictures, samples->picture_count, unit);
    (series ? read_series : grow_series)(samples, &rng, sample->sequence, w);
    if (w->dates < 1)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "training set: sequence %d has fewer clear dates than its manifest says",
                        sample->sequence);
    if (samples->options.vary)
        vary_ground(&rng, w);
    clv_status status = hide(ctx, samples, &rng, w);
    if (status != CLV_OK)
        return status;

    const int side = samples->options.side;
    const clv_rect roi = {clv_random_int(&rng, SIDE - side + 1), clv_random_int(&rng, SIDE - side + 1), side, side};
    const clv_stack stack = {w->x, w->gap, w->days, w->dates, w->bands, SIDE, SIDE};
    clv_gapfill_options options = clv_gapfill_options_gaussian();
    status = clv_gapfill(ctx, w->gapfill, &options, &stack, roi, NULL, w->filled, NULL);
    if (status == CLV_OK)
        write_sample(samples, w, &stack, roi, sample);
    return status;
}
