/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/gap_score.h"

#include <math.h>

enum { SCORED = CLV_GAP_SCORED };

static void add_mean(clv_gap_means *m, const clv_errors *e, double ssim)
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

static void join_mean(clv_gap_means *m, const clv_gap_means *more)
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

void clv_gap_score_join(clv_gap_score *to, const clv_gap_score *from)
{
    join_mean(&to->occluded, &from->occluded);
    join_mean(&to->observed, &from->observed);
    join_mean(&to->all, &from->all);
    join_mean(&to->unseen, &from->unseen);
    join_mean(&to->nir, &from->nir);
    for (int i = 0; i < CLV_GAP_FAMILIES; i++)
        clv_errors_join(&to->by_gap[i], &from->by_gap[i]);
    for (int i = 0; i < CLV_GAP_COVERS; i++)
        clv_errors_join(&to->by_cover[i], &from->by_cover[i]);
    clv_errors_join(&to->pooled, &from->pooled);
    for (int i = 0; i < CLV_GAP_DEVIATIONS; i++)
        to->within[i] += from->within[i];
    to->expected += from->expected;
}

void clv_gap_score_add_deviation(clv_gap_score *out, const clv_sequence *s, const uint8_t *scope, const float *filled,
                                 const float *deviation)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (size_t i = 0; i < (size_t)s->dates * n; i++) {
        if ((scope[i] != CLV_SCOPE_OCCLUDED && scope[i] != CLV_SCOPE_UNSEEN) || isnan(deviation[i]))
            continue;
        for (size_t c = 0; c < SCORED; c++) {
            const size_t at = (i / n * (size_t)s->channels + c) * n + i % n;
            const float error = fabsf(filled[at] - s->x[at]);
            for (int k = 0; k < CLV_GAP_DEVIATIONS; k++)
                out->within[k] += error <= (float)(k + 1) * deviation[i];
            out->expected++;
        }
    }
}

double clv_gap_share(const uint8_t *scope, size_t n)
{
    size_t laid = 0;
    for (size_t i = 0; i < n; i++)
        laid += scope[i] == CLV_SCOPE_OCCLUDED || scope[i] == CLV_SCOPE_UNSEEN;
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

static void add_pooled(clv_errors *e, const float *a, const float *b, size_t count, double range)
{
    for (size_t i = 0; i < count; i++) {
        const double d = ((double)a[i] - (double)b[i]) / range;
        e->squares += d * d;
    }
    e->values += (int64_t)count;
}

void clv_gap_score_add(clv_gap_score *out, const clv_sequence *s, const uint8_t *scopes, const float *filled,
                       bool has_nir, double range)
{
    const size_t n = (size_t)s->width * (size_t)s->height, frame = (size_t)s->channels * n;
    clv_errors occluded = {0}, observed = {0}, unseen = {0}, all, nir = {0};
    double ssim[2] = {0, 0}; /* of frames without, with gaps */
    int frames[2] = {0, 0};
    double share[CLV_GAP_MOST_DATES];
    for (int t = 0; t < s->dates; t++)
        share[t] = clv_gap_share(scopes + (size_t)t * n, n);
    for (int t = 0; t < s->dates; t++) {
        const float *a = filled + (size_t)t * frame, *b = s->x + (size_t)t * frame;
        const uint8_t *scope = scopes + (size_t)t * n;
        clv_errors here = {0};
        clv_errors_add(&observed, a, b, SCORED, n, n, scope, CLV_SCOPE_OBSERVED);
        clv_errors_add(&here, a, b, SCORED, n, n, scope, CLV_SCOPE_OCCLUDED);
        clv_errors_add(&here, a, b, SCORED, n, n, scope, CLV_SCOPE_UNSEEN);
        clv_errors_add(&unseen, a, b, SCORED, n, n, scope, CLV_SCOPE_UNSEEN);
        clv_errors_join(&occluded, &here);
        if (has_nir) {
            clv_errors_add(&nir, a + SCORED * n, b + SCORED * n, 1, n, n, scope, CLV_SCOPE_OCCLUDED);
            clv_errors_add(&nir, a + SCORED * n, b + SCORED * n, 1, n, n, scope, CLV_SCOPE_UNSEEN);
        }
        const int masked = share[t] > 0;
        ssim[masked] += frame_ssim(a, b, s);
        frames[masked]++;
        if (masked) {
            const int run = run_length(share, s->dates, t);
            clv_errors_join(&out->by_gap[(run < CLV_GAP_FAMILIES ? run : CLV_GAP_FAMILIES) - 1], &here);
            clv_errors_join(&out->by_cover[cover_class(share[t])], &here);
        }
        if (range > 0)
            add_pooled(&out->pooled, a, b, SCORED * n, range);
    }
    all = occluded;
    clv_errors_join(&all, &observed);
    add_mean(&out->occluded, &occluded, frames[1] ? ssim[1] / frames[1] : NAN);
    add_mean(&out->observed, &observed, frames[0] ? ssim[0] / frames[0] : NAN);
    add_mean(&out->all, &all, (ssim[0] + ssim[1]) / s->dates);
    add_mean(&out->unseen, &unseen, NAN);
    add_mean(&out->nir, &nir, NAN);
}
