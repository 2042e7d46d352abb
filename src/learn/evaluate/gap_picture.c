/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/gap_picture.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "sentinel2/dates.h"

enum { SAMPLES = 50000 };

clv_status clv_gap_show_start(clv_context *ctx, const bool wanted[CLV_FILL_METHODS], clv_gap_show *show)
{
    *show = (clv_gap_show){0};
    for (int m = CLV_FILL_LINEAR; m < CLV_FILL_METHODS; m++)
        if (wanted[m])
            show->shown[show->count++] = (clv_fill_method)m;
    for (int m = CLV_FILL_LINEAR - 1; m >= 0 && !show->count; m--)
        if (wanted[m])
            show->shown[show->count++] = (clv_fill_method)m;
    show->by = show->shown[show->count ? show->count - 1 : 0];
    return clv_ranking_new(ctx, sizeof(clv_gap_picture), &show->ranking);
}

void clv_gap_show_end(clv_gap_show *show)
{
    clv_ranking_free(show->ranking);
    *show = (clv_gap_show){0};
}

/* Of the known values of all dates, channel by channel. */
static bool find_stretch(const clv_sequence *s, clv_stretch stretch[3])
{
    const size_t n = (size_t)s->width * (size_t)s->height, all = n * (size_t)s->dates, skip = all / SAMPLES + 1;
    float *values = clv_alloc_array(all / skip + 1, 1, sizeof *values);
    for (size_t c = 0; values && c < 3; c++) {
        size_t count = 0;
        for (size_t i = 0; i < all; i += skip)
            if (!s->bad[i])
                values[count++] = s->x[(i / n * (size_t)s->channels + c) * n + i % n];
        stretch[c] = clv_stretch_find(values, count);
    }
    free(values);
    return values != NULL;
}

static void draw(const clv_gap_picture *p, const clv_sequence *s, const float *x, uint8_t *planes)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    const float *from = x + (size_t)p->date * (size_t)s->channels * n;
    for (size_t i = 0; i < 3 * n; i++)
        planes[i] = clv_stretched(&p->stretch[i / n], from[i]);
}

bool clv_gap_picture_begin(clv_gap_picture *p, const clv_gap_show *show, const clv_sequence *s, const uint8_t *scope)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    p->width = s->width;
    p->height = s->height;
    p->dates = s->dates;
    p->share = -1;
    for (int t = 0; t < s->dates; t++) {
        const double share = clv_gap_share(scope + (size_t)t * n, n);
        if (share > p->share) {
            p->share = share;
            p->date = t;
        }
    }
    const clv_date date = clv_date_from_days(s->days[p->date]);
    clv_date_format(&date, p->day);
    p->day[10] = '\0'; /* the day is enough */
    p->count = show->count;
    for (int i = 0; i < show->count; i++)
        p->method[i] = show->shown[i];
    for (size_t i = 0; i < n; i++)
        p->scope[i] = scope[(size_t)p->date * n + i];
    if (!find_stretch(s, p->stretch))
        return false;
    draw(p, s, s->x, p->truth);
    return true;
}

void clv_gap_picture_add(clv_gap_picture *p, clv_fill_method method, const clv_sequence *s, const uint8_t *scope,
                         const float *filled)
{
    const size_t n = (size_t)s->width * (size_t)s->height, frame = (size_t)p->date * (size_t)s->channels * n;
    int k = 0;
    while (k < p->count && p->method[k] != method)
        k++;
    if (k == p->count)
        return;
    clv_errors e = {0};
    scope += (size_t)p->date * n;
    clv_errors_add(&e, filled + frame, s->x + frame, CLV_GAP_SCORED, n, n, scope, CLV_SCOPE_OCCLUDED);
    clv_errors_add(&e, filled + frame, s->x + frame, CLV_GAP_SCORED, n, n, scope, CLV_SCOPE_UNSEEN);
    p->psnr[k] = clv_errors_psnr(&e);
    draw(p, s, filled, p->after[k]);
}

clv_status clv_gap_show_add(clv_context *ctx, clv_gap_show *show, const clv_gap_score score[CLV_FILL_METHODS],
                            clv_gap_picture *p)
{
    const clv_gap_means *m = &score[show->by].occluded;
    p->quality = m->psnrs ? m->psnr / m->psnrs : m->rmses ? INFINITY : NAN;
    return clv_ranking_add(ctx, show->ranking, p->quality, p);
}
