/* SPDX-License-Identifier: MIT
 *
 * How well the ground under clouds is predicted: real cloud shapes are laid on clear dates, every method fills them,
 * and the result is compared with what was there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "core/alloc.h"
#include "core/gaps.h"
#include "core/json.h"
#include "core/metrics.h"
#include "core/parallel.h"
#include "geo/scene.h"
#include "learn/fill.h"
#include "learn/sequence.h"
#include "learn/subject.h"
#include "pipeline/report.h"

enum { SIDE = CLV_SHAPE_SIDE, SCORED = 3, SEED_FRAMES = 10, LEAST_DATES = 5, FAMILIES = 3, COVERS = 4 };

/* What a pixel of a sequence is to the score. */
enum {
    SCOPE_OBSERVED = 0,
    SCOPE_OCCLUDED = 1,
    SCOPE_IGNORED = 2,
    SCOPE_UNSEEN = 3 /* occluded, on a frame that shows nothing */
};

/* Sums over sequences of one scope's figures. */
typedef struct mean_figures {
    double psnr, rmse, mae, ssim, sam;
    int psnrs, rmses, ssims, sams;
} mean_figures;

typedef struct method_score {
    mean_figures occluded, observed, all, unseen, nir; /* means of the sequences' figures */
    clv_errors by_gap[FAMILIES]; /* occluded pixels of frames in a run of 1, 2, 3 or more masked frames */
    clv_errors by_cover[COVERS]; /* ... that are masked by up to 30, 60, 90, 100 % */
    clv_errors pooled;           /* seed: all pixels, in the seed's units */
} method_score;

/* A sequence with its gaps, waiting to be filled. */
typedef struct job {
    clv_sequence sequence;
    uint8_t *gap;   /* [dates, n] what the methods do not see: laid gaps and what is bad */
    uint8_t *scope; /* [dates, n] */
    double range;   /* seed: maximum - minimum of the true values */
    double largest; /* seed: the largest true value in these units */
    method_score score[CLV_FILL_METHODS];
} job;

typedef struct evaluation {
    clv_context *ctx;
    const clv_evaluate_remove_options *options;
    bool wanted[CLV_FILL_METHODS];
    clv_shapes shapes;
    bool own_shapes; /* the pool grows with the inputs' own clouds */
    clv_sequence_rule rule;
    clv_predictor *predictor;
    char sha256[65];
    int workers;
    clv_prior_work **work; /* [workers] */
    job *jobs;             /* [capacity] */
    int waiting, capacity;
    int64_t sequences, windows; /* measured; looked at */
    int channels;               /* of the first subject: a predictor is made for it */
    bool has_nir;
    double seed_largest;
    method_score total[CLV_FILL_METHODS];
} evaluation;

/* ---- Scores --------------------------------------------------------------------------------------- */

static void add_mean(mean_figures *m, const clv_errors *e, double ssim)
{
    if (!e->values)
        return;
    const double psnr = clv_errors_psnr(e), sam = clv_errors_sam(e);
    if (isfinite(psnr)) { /* a sequence without any error has no figure in dB */
        m->psnr += psnr;
        m->psnrs++;
    }
    m->rmse += clv_errors_rmse(e);
    m->mae += clv_errors_mae(e);
    m->rmses++;
    if (!isnan(sam)) {
        m->sam += sam;
        m->sams++;
    }
    if (!isnan(ssim)) {
        m->ssim += ssim;
        m->ssims++;
    }
}

static void join_mean(mean_figures *m, const mean_figures *more)
{
    m->psnr += more->psnr;
    m->rmse += more->rmse;
    m->mae += more->mae;
    m->ssim += more->ssim;
    m->sam += more->sam;
    m->psnrs += more->psnrs;
    m->rmses += more->rmses;
    m->ssims += more->ssims;
    m->sams += more->sams;
}

static void join_score(method_score *to, const method_score *from)
{
    join_mean(&to->occluded, &from->occluded);
    join_mean(&to->observed, &from->observed);
    join_mean(&to->all, &from->all);
    join_mean(&to->unseen, &from->unseen);
    join_mean(&to->nir, &from->nir);
    for (int i = 0; i < FAMILIES; i++)
        clv_errors_join(&to->by_gap[i], &from->by_gap[i]);
    for (int i = 0; i < COVERS; i++)
        clv_errors_join(&to->by_cover[i], &from->by_cover[i]);
    clv_errors_join(&to->pooled, &from->pooled);
}

static double laid_share(const uint8_t *scope, size_t n)
{
    size_t laid = 0;
    for (size_t i = 0; i < n; i++)
        laid += scope[i] == SCOPE_OCCLUDED || scope[i] == SCOPE_UNSEEN;
    return (double)laid / (double)n;
}

/* Length of the run of masked frames that frame t belongs to. */
static int run_length(const double *share, int dates, int t)
{
    int first = t, last = t;
    while (first > 0 && share[first - 1] > 0)
        first--;
    while (last + 1 < dates && share[last + 1] > 0)
        last++;
    return last - first + 1;
}

static int cover_class(double share)
{
    return share <= 0.3 ? 0 : share <= 0.6 ? 1 : share <= 0.9 ? 2 : 3;
}

static double frame_ssim(const float *a, const float *b, const clv_sequence *s)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    double sum = 0;
    for (int c = 0; c < SCORED; c++)
        sum += clv_ssim(a + (size_t)c * n, b + (size_t)c * n, s->width, s->height);
    return sum / SCORED;
}

/* Seed: values divided by the sequence's range, every pixel of every frame. */
static void add_pooled(clv_errors *e, const float *a, const float *b, size_t count, double range)
{
    for (size_t i = 0; i < count; i++) {
        const double d = ((double)a[i] - (double)b[i]) / range;
        e->squares += d * d;
    }
    e->values += (int64_t)count;
}

static void score(const job *j, const float *filled, bool has_nir, bool seed, method_score *out)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height, frame = (size_t)s->channels * n;
    clv_errors occluded = {0}, observed = {0}, unseen = {0}, all, nir = {0};
    double ssim[2] = {0, 0}; /* of frames without, with gaps */
    int frames[2] = {0, 0};
    double share[512];
    for (int t = 0; t < s->dates; t++)
        share[t] = laid_share(j->scope + (size_t)t * n, n);
    for (int t = 0; t < s->dates; t++) {
        const float *a = filled + (size_t)t * frame, *b = s->x + (size_t)t * frame;
        const uint8_t *scope = j->scope + (size_t)t * n;
        clv_errors here = {0};
        clv_errors_add(&observed, a, b, SCORED, n, n, scope, SCOPE_OBSERVED);
        clv_errors_add(&here, a, b, SCORED, n, n, scope, SCOPE_OCCLUDED);
        clv_errors_add(&here, a, b, SCORED, n, n, scope, SCOPE_UNSEEN);
        clv_errors_add(&unseen, a, b, SCORED, n, n, scope, SCOPE_UNSEEN);
        clv_errors_join(&occluded, &here);
        if (has_nir) {
            clv_errors_add(&nir, a + SCORED * n, b + SCORED * n, 1, n, n, scope, SCOPE_OCCLUDED);
            clv_errors_add(&nir, a + SCORED * n, b + SCORED * n, 1, n, n, scope, SCOPE_UNSEEN);
        }
        const int masked = share[t] > 0;
        ssim[masked] += frame_ssim(a, b, s);
        frames[masked]++;
        if (masked) {
            const int run = run_length(share, s->dates, t);
            clv_errors_join(&out->by_gap[(run < FAMILIES ? run : FAMILIES) - 1], &here);
            clv_errors_join(&out->by_cover[cover_class(share[t])], &here);
        }
        if (seed)
            add_pooled(&out->pooled, a, b, SCORED * n, j->range);
    }
    all = occluded;
    clv_errors_join(&all, &observed);
    add_mean(&out->occluded, &occluded, frames[1] ? ssim[1] / frames[1] : NAN);
    add_mean(&out->observed, &observed, frames[0] ? ssim[0] / frames[0] : NAN);
    add_mean(&out->all, &all, (ssim[0] + ssim[1]) / s->dates);
    add_mean(&out->unseen, &unseen, NAN);
    add_mean(&out->nir, &nir, NAN);
}

/* ---- Filling -------------------------------------------------------------------------------------- */

static clv_status fill_job(void *arg, int index, int worker)
{
    evaluation *e = arg;
    job *j = &e->jobs[index];
    const clv_sequence *s = &j->sequence;
    const size_t values = (size_t)s->dates * (size_t)s->channels * (size_t)s->width * (size_t)s->height;
    const clv_stack stack = {s->x, j->gap, s->days, s->dates, s->channels, s->height, s->width};
    float *filled = clv_alloc_array(values, 1, sizeof *filled);
    clv_status status = filled ? CLV_OK : clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    for (int m = 0; m < CLV_FILL_METHODS && status == CLV_OK; m++) {
        if (!e->wanted[m])
            continue;
        status = clv_fill_run(e->ctx, (clv_fill_method)m, &stack, e->options->window, e->predictor, worker,
                              e->work[worker], filled);
        if (status == CLV_OK)
            score(j, filled, e->has_nir, e->options->protocol == CLV_PROTOCOL_SEED, &j->score[m]);
    }
    free(filled);
    return status;
}

static void clear_job(job *j)
{
    clv_sequence_clear(&j->sequence);
    free(j->gap);
    free(j->scope);
    *j = (job){0};
}

/* Fills what waits; results are added in the order of the sequences, whatever thread was first. */
static clv_status fill_waiting(evaluation *e)
{
    clv_status status = clv_parallel_for(e->ctx, e->waiting, e->workers, fill_job, e);
    for (int i = 0; i < e->waiting; i++) {
        for (int m = 0; m < CLV_FILL_METHODS && status == CLV_OK; m++)
            join_score(&e->total[m], &e->jobs[i].score[m]);
        if (status == CLV_OK) {
            e->sequences++;
            e->seed_largest = fmax(e->seed_largest, e->jobs[i].largest);
        }
        clear_job(&e->jobs[i]);
    }
    e->waiting = 0;
    return status;
}

/* ---- Sequences ------------------------------------------------------------------------------------ */

static void set_scope(job *j)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (int t = 0; t < s->dates; t++) {
        uint8_t *gap = j->gap + (size_t)t * n, *scope = j->scope + (size_t)t * n;
        const uint8_t *bad = s->bad + (size_t)t * n;
        bool seen = false;
        for (size_t i = 0; i < n; i++)
            seen = seen || !(gap[i] || bad[i]);
        for (size_t i = 0; i < n; i++) {
            scope[i] = bad[i] ? SCOPE_IGNORED : !gap[i] ? SCOPE_OBSERVED : seen ? SCOPE_OCCLUDED : SCOPE_UNSEEN;
            gap[i] = gap[i] || bad[i];
        }
    }
}

static void set_range(job *j)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    double low = INFINITY, high = -INFINITY;
    for (int t = 0; t < s->dates; t++)
        for (size_t i = 0; i < SCORED * n; i++) {
            const double v = s->x[(size_t)t * (size_t)s->channels * n + i];
            low = fmin(low, v);
            high = fmax(high, v);
        }
    j->range = high > low ? high - low : 1;
    j->largest = high / j->range;
}

/* Lays gaps on the sequence of the next job. False when none could be laid. */
static bool lay_gaps(evaluation *e, job *j)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    const clv_gap_options options = {e->options->whole_frames, e->options->consecutive};
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(e->options->seed, (uint64_t)e->windows));
    if (e->options->protocol == CLV_PROTOCOL_SEED)
        return clv_gaps_seed(&rng, s->cloudy, s->cloudy_dates, s->dates, n, j->gap) > 0;
    return e->shapes.count && clv_gaps_utilise(&rng, &e->shapes, &options, s->dates, s->width, s->height, j->gap) > 0;
}

static clv_status take_window(evaluation *e, clv_found *found, clv_rect window)
{
    job *j = &e->jobs[e->waiting];
    clv_sequence *s = &j->sequence;
    clv_status status =
        clv_sequence_read(e->ctx, found->series, found->flags, &e->options->detect, window, &e->rule, s);
    if (status != CLV_OK)
        return status;
    const size_t n = (size_t)s->width * (size_t)s->height;
    e->windows++;
    for (int i = 0; e->own_shapes && i < s->cloudy_dates; i++)
        if (clv_shapes_add(&e->shapes, s->cloudy + (size_t)i * n, s->width, s->height) < 0)
            status = clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory for cloud shapes");
    j->gap = clv_alloc_array((size_t)s->dates, n, 1);
    j->scope = clv_alloc_array((size_t)s->dates, n, 1);
    if (status == CLV_OK && (!j->gap || !j->scope))
        status = clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    if (status != CLV_OK || s->dates < e->rule.least || s->dates > 512 || !lay_gaps(e, j)) {
        clear_job(j);
        return status;
    }
    set_scope(j);
    set_range(j);
    /* The pool changes only while nothing waits for it: gaps are laid at once. */
    return ++e->waiting == e->capacity ? fill_waiting(e) : CLV_OK;
}

static clv_status open_model(evaluation *e, const clv_found *found)
{
    if (!e->wanted[CLV_FILL_MODEL] || e->predictor)
        return CLV_OK;
    return clv_predictor_new(e->ctx, found->series, e->options->model, &e->options->compute, e->workers, &e->predictor,
                             e->sha256);
}

static clv_status check_bands(evaluation *e, const clv_subject *subject, const clv_found *found)
{
    if (!e->channels) {
        e->channels = found->series->channels;
        e->has_nir = found->series->has_nir;
    }
    if (found->series->channels == e->channels && found->series->has_nir == e->has_nir)
        return CLV_OK;
    return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: has %d bands, the first input %d; judge them apart",
                    subject->names[0], found->series->channels, e->channels);
}

static clv_status take_subject(void *user, const clv_subject *subject)
{
    evaluation *e = user;
    clv_found found;
    if (e->options->protocol == CLV_PROTOCOL_SEED && !subject->cube)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: -protocol seed is for EarthNet2021 cubes (.npz)",
                        subject->names[0]);
    clv_status status = clv_found_open(e->ctx, subject, &e->options->detect, &e->options->compute, false, &found);
    if (status == CLV_OK)
        status = check_bands(e, subject, &found);
    if (status == CLV_OK)
        status = open_model(e, &found);
    if (status != CLV_OK)
        goto cleanup;
    const clv_grid *grid = &found.series->grid;
    const int width = grid->width < SIDE ? grid->width : SIDE, height = grid->height < SIDE ? grid->height : SIDE;
    const int across = grid->width / width, down = grid->height / height;
    const int x0 = (grid->width - across * width) / 2, y0 = (grid->height - down * height) / 2;
    for (int i = 0; i < across * down && status == CLV_OK; i++) {
        const clv_rect window = {x0 + i % across * width, y0 + i / across * height, width, height};
        status = take_window(e, &found, window);
        if (status == CLV_OK)
            status = clv_progress(e->ctx, (double)(i + 1) / (across * down));
    }
    /* A network is bound to the bands of its series, not to the series. */
    if (status == CLV_OK)
        status = fill_waiting(e);

cleanup:
    clv_found_close(&found);
    return status;
}

/* ---- Options -------------------------------------------------------------------------------------- */

static clv_status choose_methods(evaluation *e)
{
    const clv_evaluate_remove_options *o = e->options;
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        e->wanted[m] = !o->methods && (m != CLV_FILL_MODEL || o->model);
    for (int i = 0; o->methods && o->methods[i]; i++) {
        const clv_fill_method m = clv_fill_find(o->methods[i]);
        if (m == CLV_FILL_METHODS)
            return clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                            "-method %s: is none of last, next, closest, median, linear, regression, model",
                            o->methods[i]);
        e->wanted[m] = true;
    }
    if (e->wanted[CLV_FILL_MODEL] && !o->model)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "-method model: name the weights with -model FILE");
    return CLV_OK;
}

/* Every band of a raster is a mask. */
static clv_status read_shapes(evaluation *e, const char *name)
{
    GDALDatasetH ds = NULL;
    clv_status status = clv_raster_open(e->ctx, name, &ds);
    if (status != CLV_OK)
        return status;
    const int width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds);
    uint8_t *mask = clv_alloc_array((size_t)width, (size_t)height, 1);
    if (!mask)
        status = clv_fail(e->ctx, CLV_ERROR_MEMORY, "%s: out of memory", name);
    for (int b = 1; b <= GDALGetRasterCount(ds) && status == CLV_OK; b++) {
        if (GDALRasterIO(GDALGetRasterBand(ds, b), GF_Read, 0, 0, width, height, mask, width, height, GDT_Byte, 0, 0) !=
            CE_None)
            status = clv_fail(e->ctx, CLV_ERROR_READ, "%s: band %d cannot be read", name, b);
        else if (clv_shapes_add(&e->shapes, mask, width, height) < 0)
            status = clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory for cloud shapes");
    }
    free(mask);
    GDALClose(ds);
    return status;
}

static clv_status prepare(evaluation *e)
{
    const clv_evaluate_remove_options *o = e->options;
    const clv_output_options nowhere = {.path = "."};
    const bool seed = o->protocol == CLV_PROTOCOL_SEED;
    clv_status status = clv_check_settings(e->ctx, &o->detect, &nowhere);
    if (status == CLV_OK && o->window < 2)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "-window %d: must be at least 2", o->window);
    if (status == CLV_OK && seed && (o->shapes || o->whole_frames || o->consecutive))
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                          "-protocol seed has its own gaps; leave out -shapes, -whole_frames and -consecutive");
    if (status == CLV_OK)
        status = choose_methods(e);
    e->rule = seed ? (clv_sequence_rule){0, LEAST_DATES, SEED_FRAMES} : (clv_sequence_rule){0.05, LEAST_DATES, 0};
    e->own_shapes = !o->shapes && !seed;
    e->workers = clv_threads(e->ctx);
    e->capacity = 2 * e->workers;
    e->jobs = calloc((size_t)e->capacity, sizeof *e->jobs);
    e->work = calloc((size_t)e->workers, sizeof *e->work);
    for (int i = 0; e->work && i < e->workers; i++)
        e->work[i] = clv_prior_work_new();
    if (status == CLV_OK && (!e->jobs || !e->work || !e->work[e->workers - 1]))
        status = clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    for (int i = 0; o->shapes && o->shapes[i] && status == CLV_OK; i++)
        status = read_shapes(e, o->shapes[i]);
    if (status == CLV_OK && o->shapes && !e->shapes.count)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: has no mask with 10 %% of cloud or more", o->shapes[0]);
    return status;
}

static void release(evaluation *e)
{
    for (int i = 0; e->jobs && i < e->capacity; i++)
        clear_job(&e->jobs[i]);
    for (int i = 0; e->work && i < e->workers; i++)
        clv_prior_work_free(e->work[i]);
    free(e->jobs);
    free(e->work);
    clv_predictor_free(e->predictor);
    clv_shapes_clear(&e->shapes);
}

/* ---- Report --------------------------------------------------------------------------------------- */

static void number(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value); /* null for NaN and for infinite dB */
}

static double mean(double sum, int count)
{
    return count ? sum / count : NAN;
}

static void write_mean(clv_json_writer *w, const char *key, const mean_figures *m)
{
    clv_jw_key(w, key);
    clv_jw_object(w);
    number(w, "psnr", mean(m->psnr, m->psnrs));
    number(w, "rmse", mean(m->rmse, m->rmses));
    number(w, "mae", mean(m->mae, m->rmses));
    number(w, "ssim", mean(m->ssim, m->ssims));
    number(w, "sam", mean(m->sam, m->sams));
    clv_jw_key(w, "sequences");
    clv_jw_integer(w, m->rmses);
    clv_jw_end(w);
}

static void write_pools(clv_json_writer *w, const clv_errors *pools, const char *const *names, int count)
{
    clv_jw_object(w);
    for (int i = 0; i < count; i++) {
        clv_jw_key(w, names[i]);
        clv_jw_object(w);
        number(w, "psnr", clv_errors_psnr(&pools[i]));
        number(w, "rmse", clv_errors_rmse(&pools[i]));
        clv_jw_key(w, "pixels");
        clv_jw_integer(w, pools[i].values / SCORED);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static void write_method(clv_json_writer *w, const evaluation *e, const method_score *s)
{
    clv_jw_object(w);
    write_mean(w, "occluded", &s->occluded);
    write_mean(w, "observed", &s->observed);
    write_mean(w, "all", &s->all);
    write_mean(w, "unseen_frames", &s->unseen);
    if (e->has_nir)
        write_mean(w, "occluded_nir", &s->nir);
    if (e->options->protocol == CLV_PROTOCOL_SEED) {
        clv_jw_key(w, "seed");
        clv_jw_object(w);
        const double rmse = clv_errors_rmse(&s->pooled);
        number(w, "psnr", 20 * log10(e->seed_largest / rmse));
        number(w, "rmse", rmse);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static char *report(const evaluation *e)
{
    static const char *const protocols[] = {"utilise", "seed"};
    static const char *const gaps[FAMILIES] = {"1", "2", "3+"};
    static const char *const covers[COVERS] = {"0-30", "30-60", "60-90", "90-100"};
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "protocol");
    clv_jw_string(&w, protocols[e->options->protocol]);
    number(&w, "seed", (double)e->options->seed);
    clv_jw_key(&w, "sequences");
    clv_jw_integer(&w, e->sequences);
    clv_jw_key(&w, "windows");
    clv_jw_integer(&w, e->windows);
    clv_jw_key(&w, "model_sha256");
    clv_jw_string(&w, e->sha256[0] ? e->sha256 : NULL);
    clv_jw_key(&w, "methods");
    clv_jw_object(&w);
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        if (e->wanted[m]) {
            clv_jw_key(&w, clv_fill_name((clv_fill_method)m));
            write_method(&w, e, &e->total[m]);
        }
    clv_jw_end(&w);
    for (int kind = 0; kind < 2; kind++) {
        clv_jw_key(&w, kind ? "by_cover" : "by_gap");
        clv_jw_object(&w);
        for (int m = 0; m < CLV_FILL_METHODS; m++)
            if (e->wanted[m]) {
                const method_score *s = &e->total[m];
                clv_jw_key(&w, clv_fill_name((clv_fill_method)m));
                write_pools(&w, kind ? s->by_cover : s->by_gap, kind ? covers : gaps, kind ? COVERS : FAMILIES);
            }
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_evaluate_remove(clv_context *ctx, const char *const *inputs, int count,
                               const clv_evaluate_remove_options *options, char **json)
{
    evaluation e = {.ctx = ctx, .options = options};
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = prepare(&e);
    if (status == CLV_OK)
        status = clv_subjects(ctx, inputs, count, &options->input, false, take_subject, &e);
    if (status != CLV_OK)
        goto cleanup;
    if (!e.sequences) {
        status =
            clv_fail(ctx, CLV_ERROR_ARGUMENT,
                     "nothing to measure: none of %lld windows has %d clear dates and a cloud shape to lay on them; "
                     "give more dates, or shapes with -shapes",
                     (long long)e.windows, LEAST_DATES);
        goto cleanup;
    }
    clv_progress_phase(ctx, 0, 1);
    clv_progress(ctx, 1);
    if (json && !(*json = report(&e)))
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");

cleanup:
    release(&e);
    return status;
}
