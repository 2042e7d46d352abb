/* SPDX-License-Identifier: MIT
 *
 * clearvision: views, for readers that want a part of a scene now. GDAL's driver CLEARVISION is made of them; other
 * programs are better served by clv_remove(), or by GDAL and that driver. Since 0.1.
 *
 * The conventions of clearvision.h on ownership, strings and threads hold here too.
 */
#ifndef CLEARVISION_VIEW_H
#define CLEARVISION_VIEW_H

#include <clearvision/clearvision.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A series without clouds whose pixels are computed when they are asked for, equal to those that clv_remove() writes
 * bit for bit; for readers that want a part of a scene now, such as GDAL's driver CLEARVISION.
 *
 *     clv_view *view;
 *     if (clv_view_open(ctx, inputs, 3, &options, "auto", &view) != CLV_OK) ...
 *     GDALDatasetH raster = clv_view_raster(view, 0, CLV_VIEW_CLEAR);   // size, bands, metadata: all there
 *     clv_view_compute(view, 0, 100, 100, 256, 256);                    // now its pixels of this window are true
 *     GDALRasterIO(GDALGetRasterBand(raster, 1), GF_Read, 100, 100, 256, 256, row, 256, 256, GDT_Float32, 0, 0);
 *     clv_view_free(view);
 *
 * A view keeps its context; it and the context serve one thread at a time, reading from its rasters included. */

typedef struct clv_view clv_view;

typedef enum clv_view_product { CLV_VIEW_CLEAR = 0, CLV_VIEW_MASK = 1, CLV_VIEW_QUALITY = 2 } clv_view_product;

/* Opens the series; nothing is computed, and no network loaded but that of the method clear. Crops and reprojection
 * (te, projwin, srcwin, t_srs, tap) are errors: GDAL does these on what it reads. Of the options, output, preview,
 * stack, masks and quality mean nothing here; the strings in them must live as long as the view. cache: where results
 * are kept: "memory", "disk" (files without a name in CPL_TMPDIR, TMPDIR or /tmp), or "auto" (NULL): in memory up to
 * 256 MB for the whole series. */
CLV_MUST_USE CLV_API clv_status clv_view_open(clv_context *ctx, const char *const *inputs, int count,
                                              const clv_remove_options *options, const char *cache, clv_view **out);
CLV_API void clv_view_free(clv_view *view);
CLV_API int clv_view_dates(const clv_view *view);
/* Base name of date t's output, without extension. */
CLV_API const char *clv_view_name(const clv_view *view, int t);
/* "2022-06-05T10:15:59Z", or only a date, or "" when none is known. */
CLV_API void clv_view_date(const clv_view *view, int t, char text[32]);
/* Pixel size of date t in metres; 0 without georeference. */
CLV_API double clv_view_pixel_m(const clv_view *view, int t);
/* Size of date t in a view of the same series whose `tr` is n times its pixel size, which then covers the same ground.
 * False: there is no such view (no georeference, another extent than the series, too small). */
CLV_API bool clv_view_reduced(const clv_view *view, int t, int n, int *width, int *height);
/* GDALDatasetH of date t's product, owned by the view, on the date's own grid. Its pixels are undefined outside of what
 * clv_view_compute() was called for. NULL: there is no such date, or it lies on another grid than the series. */
CLV_API void *clv_view_raster(clv_view *view, int t, clv_view_product product);
/* Makes a window of date t's rasters (all products) true. CLV_ERROR_UNSUPPORTED for dates on another grid. After
 * CLV_ERROR_WRITE (a full disk) the view is of no more use: close it and open another. */
CLV_MUST_USE CLV_API clv_status clv_view_compute(clv_view *view, int t, int x, int y, int width, int height);
/* Whether this thread is at work for clv_view_open() or clv_view_compute(): a driver refuses to open or read a view
 * then, for a view that is an input of itself would wait for itself. */
CLV_API bool clv_view_inside(void);
/* Cells of 384 x 384 working pixels computed so far: each is computed once. */
CLV_API long clv_view_computed(const clv_view *view);

/* A file of this machine that the view reads (pictures, masks, lists, weights), numbered from 0; NULL: there are no
 * more. Who reads a view and writes files spares them. */
CLV_API const char *clv_view_file(const clv_view *view, int index);

#ifdef __cplusplus
}
#endif
#endif
