/* SPDX-License-Identifier: MIT */
#include "series/date_files.h"

#include "base/reading.h"
#include "series/series_private.h"

void clv_series_close_files(clv_date_files *f)
{
    for (int m = f->mask_count - 1; m >= 0; m--) /* the first of a file's bands owns the handle */
        clv_mask_close(&f->masks[m]);
    f->mask_count = 0;
    f->masks_open = false;
    if (f->view)
        GDALClose(f->view);
    if (f->image)
        GDALClose(f->image);
    f->view = f->image = NULL;
    f->open = 0;
}

/* Closes idle dates until there is room for what one date may open. With the lock held. */
static void make_room(clv_series *series)
{
    struct clv_series_private *p = series->private_data;
    while (p->total > CLV_MAX_OPEN - CLV_DATE_MASKS - 2) {
        int oldest = -1;
        for (int t = 0; t < series->dates; t++) {
            const clv_date_files *f = &p->files[t];
            if (f->open > 0 && f->users == 0 && (oldest < 0 || f->used < p->files[oldest].used))
                oldest = t;
        }
        if (oldest < 0)
            return;
        p->total -= p->files[oldest].open;
        clv_series_close_files(&p->files[oldest]);
    }
}

clv_date_files *clv_date_files_begin(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    clv_date_files *f = &p->files[t];
    clv_reading(series->acquisitions[t].source);
    f->users++;
    f->used = ++p->clock;
    make_room(series);
    pthread_mutex_unlock(&p->lock);
    return f;
}

void clv_date_files_end(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    p->files[t].users--;
    pthread_mutex_unlock(&p->lock);
}

void clv_date_files_count_open(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    p->files[t].open++;
    p->total++;
    pthread_mutex_unlock(&p->lock);
}

void clv_series_adopt(clv_series *series, int t, GDALDatasetH image)
{
    series->private_data->files[t].image = image;
    clv_date_files_count_open(series, t);
}

clv_status clv_date_files_image(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out)
{
    const clv_acquisition *a = &series->acquisitions[t];
    clv_status status = CLV_OK;
    *out = f->memory ? f->memory : f->image;
    if (*out)
        return CLV_OK;
    clv_open_options how = series->private_data->open_options;
    how.overview = a->facts.overview;
    status = a->facts.vrt ? clv_bundle_open(ctx, a->facts.vrt, a->source, &f->image)
                          : clv_raster_open(ctx, f->copy ? f->copy : a->source, &how, &f->image);
    if (status != CLV_OK)
        return status;
    clv_date_files_count_open(series, t);
    *out = f->image;
    if (GDALGetRasterXSize(f->image) != f->native.width || GDALGetRasterYSize(f->image) != f->native.height ||
        GDALGetRasterCount(f->image) < a->bands[0].index)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: has changed since it was first opened", a->source);
    return CLV_OK;
}

GDALDatasetH clv_series_dataset(clv_series *series, int t)
{
    GDALDatasetH ds = NULL;
    clv_date_files *f = clv_date_files_begin(series, t);
    clv_status status = clv_date_files_image(NULL, series, t, f, &ds);
    clv_date_files_end(series, t);
    return status == CLV_OK ? ds : NULL;
}
