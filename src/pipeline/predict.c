/* SPDX-License-Identifier: MIT */
#include "pipeline/predict.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "gapfill/fill_input.h"
#include "gapfill/merge_by_variance.h"

#define SIZE CLV_WINDOW_SIZE
#define PIXELS ((size_t)SIZE * SIZE)

/* Buffers and network of one thread; sized for the largest stack seen. */
typedef struct predict_worker {
    clv_net *net;
    float *in, *out, *days;
    float *deviation; /* [dates, PIXELS] of the gap filling, for networks that say how sure they are */
    int dates;
} predict_worker;

struct clv_predictor {
    const clv_net_api *api;
    clv_net_info info;
    int workers;
    predict_worker *worker;
    bool shared; /* one network for all threads: a GPU */
    pthread_mutex_t lock;
};

static clv_status check_fit(clv_context *ctx, const clv_predictor *p, bool has_nir, const char *model)
{
    int planes = p->info.bands + (p->info.needs_gapfill ? 3 : 0);
    if (p->info.bands < 3 || p->info.bands > 4 || p->info.in_channels != planes || p->info.out_channels < p->info.bands)
        return clv_fail(ctx, CLV_ERROR_MODEL,
                        "model '%s': takes %d planes and gives %d; remove works with models of red, green, "
                        "blue and optionally near infrared",
                        model, p->info.in_channels, p->info.out_channels);
    if (p->info.bands == 4 && !has_nir)
        return clv_fail(ctx, CLV_ERROR_MODEL,
                        "model '%s': needs a near infrared band that the input does not have; name it with "
                        "-b R,G,B,NIR or use -method gaussian",
                        model);
    if (SIZE % p->info.multiple != 0)
        return clv_fail(ctx, CLV_ERROR_MODEL, "model '%s': its windows must be multiples of %d pixels, which %d is not",
                        model, p->info.multiple, SIZE);
    return CLV_OK;
}

clv_status clv_predictor_new(clv_context *ctx, bool has_nir, const char *model, const clv_compute_options *compute,
                             int workers, clv_predictor **out, char sha256[65])
{
    clv_predictor *p = calloc(1, sizeof *p);
    *out = p;
    if (!p)
        return clv_fail_memory(ctx);
    pthread_mutex_init(&p->lock, NULL);
    p->workers = workers;
    p->worker = calloc((size_t)workers, sizeof *p->worker);
    clv_status status = p->worker ? clv_engine_api(ctx, &p->api) : clv_fail_memory(ctx);
    if (status == CLV_OK)
        p->api->set_threads(1);
    for (int i = 0; i < workers && status == CLV_OK && !(i > 0 && p->shared); i++) {
        status =
            clv_engine_open(ctx, model, CLV_NET_UTILISE, compute, &p->worker[i].net, &p->info, i == 0 ? sha256 : NULL);
        p->shared = status == CLV_OK && strncmp(p->info.device, "cpu", 3) != 0;
    }
    if (status == CLV_OK)
        status = check_fit(ctx, p, has_nir, model);
    if (status != CLV_OK) {
        clv_predictor_free(p);
        *out = NULL;
    }
    return status;
}

void clv_predictor_free(clv_predictor *p)
{
    if (!p)
        return;
    for (int i = 0; p->worker && i < p->workers; i++) {
        if (p->worker[i].net)
            p->api->close(p->worker[i].net);
        free(p->worker[i].in);
        free(p->worker[i].out);
        free(p->worker[i].days);
        free(p->worker[i].deviation);
    }
    free(p->worker);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static clv_status make_room(clv_context *ctx, const clv_predictor *p, predict_worker *w, int dates)
{
    if (dates <= w->dates)
        return CLV_OK;
    free(w->in);
    free(w->out);
    free(w->days);
    free(w->deviation);
    w->in = clv_alloc_array((size_t)dates * (size_t)p->info.in_channels, PIXELS, sizeof *w->in);
    w->out = clv_alloc_array((size_t)dates * (size_t)p->info.out_channels, PIXELS, sizeof *w->out);
    w->days = clv_alloc_array((size_t)dates, 1, sizeof *w->days);
    w->deviation = p->info.log_variance ? clv_alloc_array((size_t)dates, PIXELS, sizeof *w->deviation) : NULL;
    w->dates = w->in && w->out && w->days && (w->deviation || !p->info.log_variance) ? dates : 0;
    return w->dates ? CLV_OK : clv_fail_memory(ctx);
}

/* The network's picture of date t becomes the result, where it is not less sure of it than the gap filling.
 * deviation [roi] */
static void take_date(const clv_predictor *p, predict_worker *w, const clv_stack *s, clv_rect roi, int t, float *out,
                      float *deviation)
{
    const size_t width = (size_t)roi.width, plane = width * (size_t)roi.height;
    const float *network = w->out + (size_t)t * (size_t)p->info.out_channels * PIXELS;
    const uint8_t *gap = s->gap + ((size_t)t * (size_t)s->height + (size_t)roi.y) * (size_t)s->width + roi.x;
    for (size_t y = 0; y < (size_t)roi.height; y++) {
        float *to = out + (size_t)t * (size_t)s->bands * plane + y * width;
        const float *from = network + y * SIZE;
        if (p->info.log_variance)
            clv_merge_by_variance(width, p->info.bands, gap + y * (size_t)s->width, from, PIXELS,
                                  from + (size_t)p->info.bands * PIXELS, to, plane, deviation + y * width);
        for (size_t c = 0; !p->info.log_variance && c < (size_t)p->info.bands; c++)
            memcpy(to + c * plane, from + c * PIXELS, width * sizeof *to);
    }
}

/* The network's picture of what was observed has no known deviation. */
static void forget_observed(const clv_stack *s, clv_rect roi, float *deviation)
{
    for (int t = 0; t < s->dates; t++)
        for (int y = 0; y < roi.height; y++) {
            const uint8_t *gap = s->gap + ((size_t)t * (size_t)s->height + (size_t)(roi.y + y)) * (size_t)s->width;
            for (int x = 0; x < roi.width; x++, deviation++)
                if (!gap[roi.x + x])
                    *deviation = NAN;
        }
}

clv_status clv_predictor_run(clv_context *ctx, clv_predictor *p, int worker, clv_gapfill_work *work,
                             const clv_gapfill_options *options, const clv_stack *s, clv_rect roi,
                             const uint8_t *wanted, float *out, float *deviation)
{
    predict_worker *w = &p->worker[worker];
    size_t roi_plane = (size_t)roi.width * (size_t)roi.height;
    clv_gapfill_options fill = *options;
    fill.full = false; /* the network sees what was observed */
    const clv_fill_form form = {p->info.bands, p->info.needs_gapfill};
    clv_status status = make_room(ctx, p, w, s->dates);
    float *known = !p->info.needs_gapfill ? NULL : deviation ? deviation : p->info.log_variance ? w->deviation : NULL;
    if (status == CLV_OK)
        status = clv_gapfill(ctx, work, &fill, s, roi, NULL, out, known);
    if (status != CLV_OK)
        return status;
    for (size_t i = 0; deviation && !p->info.needs_gapfill && i < (size_t)s->dates * roi_plane; i++)
        deviation[i] = NAN;
    for (int t = 0; t < s->dates; t++) {
        clv_fill_input(&form, s, roi, t, out, SIZE, w->in + (size_t)t * (size_t)p->info.in_channels * PIXELS);
        w->days[t] = clv_fill_day(&form, s, t);
    }
    clv_net_error error = {{0}};
    if (p->shared)
        pthread_mutex_lock(&p->lock);
    status =
        p->api->predict(p->shared ? p->worker[0].net : w->net, w->in, w->days, 1, s->dates, SIZE, SIZE, w->out, &error);
    if (p->shared)
        pthread_mutex_unlock(&p->lock);
    if (status != CLV_OK)
        return clv_fail(ctx, status, "%s", error.text);
    for (int t = 0; t < s->dates; t++)
        if (wanted[t])
            take_date(p, w, s, roi, t, out, known ? known + (size_t)t * roi_plane : NULL);
    if (deviation && options->full)
        forget_observed(s, roi, deviation);
    return CLV_OK;
}
