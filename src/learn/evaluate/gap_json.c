/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/gap_json.h"

#include <math.h>

static void number(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value); /* null for NaN and for infinite dB */
}

static double mean(double sum, int count)
{
    return count ? sum / count : NAN;
}

static void write_mean(clv_json_writer *w, const char *key, const clv_gap_means *m)
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
        clv_jw_integer(w, pools[i].values / CLV_GAP_SCORED);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

/* How many errors lie within the deviation that the method tells, and within twice that. */
static void write_deviation(clv_json_writer *w, const clv_gap_score *s)
{
    clv_jw_key(w, "deviation");
    clv_jw_object(w);
    number(w, "within_1", (double)s->within[0] / (double)s->expected);
    number(w, "within_2", (double)s->within[1] / (double)s->expected);
    clv_jw_end(w);
}

static void write_method(clv_json_writer *w, const clv_gap_queue *q, const clv_gap_score *s)
{
    clv_jw_object(w);
    write_mean(w, "occluded", &s->occluded);
    write_mean(w, "observed", &s->observed);
    write_mean(w, "all", &s->all);
    write_mean(w, "unseen_frames", &s->unseen);
    if (q->has_nir)
        write_mean(w, "occluded_nir", &s->nir);
    if (s->expected)
        write_deviation(w, s);
    if (q->pooled) {
        clv_jw_key(w, "seed");
        clv_jw_object(w);
        const double rmse = clv_errors_rmse(&s->pooled);
        number(w, "psnr", 20 * log10(q->largest / rmse));
        number(w, "rmse", rmse);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static void write_methods(clv_json_writer *w, const clv_gap_queue *q)
{
    clv_jw_key(w, "methods");
    clv_jw_object(w);
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        if (q->wanted[m]) {
            clv_jw_key(w, clv_fill_name((clv_fill_method)m));
            write_method(w, q, &q->total[m]);
        }
    clv_jw_end(w);
}

static void write_place(clv_json_writer *w, const clv_gap_queue *q, const clv_gap_place *place)
{
    clv_jw_key(w, place->name);
    clv_jw_object(w);
    clv_jw_key(w, "sequences");
    clv_jw_integer(w, place->sequences);
    clv_jw_key(w, "methods");
    clv_jw_object(w);
    for (int m = 0; m < CLV_FILL_METHODS; m++) {
        const clv_gap_score *s = &place->total[m];
        if (!q->wanted[m])
            continue;
        clv_jw_key(w, clv_fill_name((clv_fill_method)m));
        clv_jw_object(w);
        write_mean(w, "occluded", &s->occluded);
        write_mean(w, "unseen_frames", &s->unseen);
        if (s->nir.rmses)
            write_mean(w, "occluded_nir", &s->nir);
        if (s->expected)
            write_deviation(w, s);
        clv_jw_end(w);
    }
    clv_jw_end(w);
    clv_jw_end(w);
}

static void write_places(clv_json_writer *w, const clv_gap_queue *q)
{
    clv_jw_key(w, "places");
    clv_jw_object(w);
    for (int i = 0; i < q->place_count; i++)
        if (q->places[i].sequences)
            write_place(w, q, &q->places[i]);
    clv_jw_end(w);
}

static void write_pooled(clv_json_writer *w, const clv_gap_queue *q, bool cover)
{
    static const char *const gaps[CLV_GAP_FAMILIES] = {"1", "2", "3+"};
    static const char *const covers[CLV_GAP_COVERS] = {"0-30", "30-60", "60-90", "90-100"};
    clv_jw_key(w, cover ? "by_cover" : "by_gap");
    clv_jw_object(w);
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        if (q->wanted[m]) {
            const clv_gap_score *s = &q->total[m];
            clv_jw_key(w, clv_fill_name((clv_fill_method)m));
            write_pools(w, cover ? s->by_cover : s->by_gap, cover ? covers : gaps,
                        cover ? CLV_GAP_COVERS : CLV_GAP_FAMILIES);
        }
    clv_jw_end(w);
}

char *clv_gap_json(const clv_gap_facts *facts)
{
    static const char *const protocols[] = {"utilise", "pooled"};
    const clv_gap_queue *q = facts->queue;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "protocol");
    clv_jw_string(&w, protocols[facts->options->protocol]);
    number(&w, "seed", (double)facts->options->seed);
    clv_jw_key(&w, "sequences");
    clv_jw_integer(&w, q->sequences);
    clv_jw_key(&w, "windows");
    clv_jw_integer(&w, facts->windows);
    clv_jw_key(&w, "model_sha256");
    clv_jw_string(&w, facts->model_sha256[0] ? facts->model_sha256 : NULL);
    if (facts->options->report) {
        clv_jw_key(&w, "report");
        clv_jw_string(&w, facts->options->report);
    }
    write_methods(&w, q);
    if (q->place_count)
        write_places(&w, q);
    write_pooled(&w, q, false);
    write_pooled(&w, q, true);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}
