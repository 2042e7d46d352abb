/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/detect_picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/stretch.h"
#include "learn/dataset/labels.h"
#include "sentinel2/dates.h"

enum { SIDE = CLV_DETECT_SIDE, LEAST_SIDE = 32 };
#define LEAST_CLOUD 0.05 /* share of a window that has to be cloud, and that has to be something else */

clv_status clv_detect_show_start(clv_context *ctx, clv_detect_show *show)
{
    clv_status status = CLV_OK;
    *show = (clv_detect_show){0};
    for (int i = 0; i < CLV_DETECT_SHOWN && status == CLV_OK; i++)
        status = clv_ranking_new(ctx, sizeof(clv_detect_picture), &show->kept[i]);
    return status;
}

void clv_detect_show_end(clv_detect_show *show)
{
    for (int i = 0; i < CLV_DETECT_SHOWN; i++)
        clv_ranking_free(show->kept[i]);
    free(show->windows);
    *show = (clv_detect_show){0};
}

/* ---- Ranking -------------------------------------------------------------------------------------- */

/* F1 of cloud, or -1 for a window that is no candidate. */
static double f1_of(clv_rect rows, clv_rect window, const uint8_t *label, const uint8_t *found)
{
    int hit = 0, miss = 0, false_alarm = 0, known = 0;
    for (int y = 0; y < window.height; y++)
        for (int x = 0; x < window.width; x++) {
            const size_t i = (size_t)(window.y - rows.y + y) * (size_t)rows.width + (size_t)(window.x + x);
            if (found[i] == CLV_LABEL_UNKNOWN)
                continue;
            const bool truth = label[i] == CLV_LABEL_CLOUD, cloud = found[i] == CLV_LABEL_CLOUD;
            known++;
            hit += truth && cloud;
            miss += truth && !cloud;
            false_alarm += !truth && cloud;
        }
    const double least = LEAST_CLOUD * known;
    if (2 * known < window.width * window.height || hit + miss + false_alarm < least || known - hit - miss < least)
        return -1;
    return hit + miss + false_alarm ? 2.0 * hit / (2 * hit + miss + false_alarm) : -1;
}

clv_status clv_detect_show_rank(clv_context *ctx, clv_detect_show *show, int t, clv_rect rows, const uint8_t *label,
                                const uint8_t *found)
{
    for (int y = 0; y < rows.height; y += SIDE)
        for (int x = 0; x < rows.width; x += SIDE) {
            clv_rect w = {x, rows.y + y, rows.width - x, rows.height - y};
            w.width = w.width < SIDE ? w.width : SIDE;
            w.height = w.height < SIDE ? w.height : SIDE;
            const double f1 = f1_of(rows, w, label, found);
            /* Slivers at the border say little, unless the whole picture is one. */
            if (f1 < 0 || (x > 0 && w.width < LEAST_SIDE) || (rows.y + y > 0 && w.height < LEAST_SIDE))
                continue;
            if (show->count == show->capacity) {
                const int capacity = show->capacity ? 2 * show->capacity : 64;
                clv_detect_window *windows = realloc(show->windows, (size_t)capacity * sizeof *windows);
                if (!windows)
                    return clv_fail_memory(ctx);
                show->windows = windows;
                show->capacity = capacity;
            }
            show->windows[show->count++] = (clv_detect_window){f1, t, w};
        }
    return CLV_OK;
}

static int compare(const void *a, const void *b)
{
    const clv_detect_window *x = a, *y = b;
    if (x->f1 != y->f1)
        return x->f1 > y->f1 ? -1 : 1;
    if (x->date != y->date)
        return x->date - y->date;
    return x->window.y != y->window.y ? x->window.y - y->window.y : x->window.x - y->window.x;
}

bool clv_detect_show_pick(clv_detect_show *show, clv_detect_window picked[CLV_DETECT_SHOWN])
{
    const int n = show->count;
    if (!n)
        return false;
    qsort(show->windows, (size_t)n, sizeof *show->windows, compare);
    picked[0] = show->windows[0];
    picked[1] = show->windows[n / 2];
    picked[2] = show->windows[n - 1];
    show->count = 0;
    return true;
}

/* ---- Pictures ------------------------------------------------------------------------------------- */

clv_status clv_detect_picture_read(clv_context *ctx, clv_series *series, int t, clv_detect_picture *p)
{
    const size_t n = (size_t)p->window.width * (size_t)p->window.height;
    float *x = clv_alloc_array((size_t)series->channels + 1, n, sizeof *x); /* the last plane is for sorting */
    uint8_t *missing = clv_alloc_array(n, 1, 1);
    clv_status status = x && missing ? clv_series_read(ctx, series, t, p->window, x, missing) : clv_fail_memory(ctx);
    for (size_t c = 0; c < 3 && status == CLV_OK; c++) {
        float *sorted = x + (size_t)series->channels * n;
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            if (!missing[i])
                sorted[count++] = x[c * n + i];
        const clv_stretch stretch = clv_stretch_find(sorted, count);
        for (size_t i = 0; i < n; i++)
            p->picture[c * n + i] = missing[i] ? 0 : clv_stretched(&stretch, x[c * n + i]);
    }
    clv_date_format(&series->acquisitions[t].facts.date, p->day);
    p->day[10] = '\0'; /* the day is enough */
    free(x);
    free(missing);
    return status;
}

clv_status clv_detect_show_add(clv_context *ctx, clv_detect_show *show, int which, const clv_detect_picture *picture)
{
    return clv_ranking_add(ctx, show->kept[which], picture->f1, picture);
}

clv_status clv_detect_show_read(clv_context *ctx, const clv_detect_show *show, int which, bool *there,
                                clv_detect_picture *picture)
{
    int picked[3];
    const int n = clv_ranking_pick(show->kept[which], picked);
    *there = n > 0;
    if (!n)
        return CLV_OK;
    return clv_ranking_read(ctx, show->kept[which], picked[which == 2 ? n - 1 : which == 1 && n == 3 ? 1 : 0], picture);
}
