/* SPDX-License-Identifier: MIT
 *
 * view_library: the functions of libclearvision that views need, loaded when the first view is opened. Every GDAL
 * process maps the plug-in, so it must not bring the library, its linear algebra or libtorch along.
 *
 * The library is looked for in the file that the configuration option CLEARVISION_LIBRARY names, beside the plug-in, in
 * the folder above it, in the install folder, then where the system looks. Any thread; what was loaded stays.
 *
 *     const clv_view_library *lib = clv_view_library_get(error, sizeof error);
 *     if (!lib) ...
 *     status = lib->view_open(ctx, inputs, count, &options, "auto", &view);
 */
#ifndef CLV_GDAL_VIEW_LIBRARY_H
#define CLV_GDAL_VIEW_LIBRARY_H

#include <clearvision/view.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clv_view_library {
    clv_context *(*context_new)(void);
    void (*context_free)(clv_context *ctx);
    void (*context_set_log)(clv_context *ctx, clv_log_fn fn, void *user);
    void (*context_set_threads)(clv_context *ctx, int threads);
    const char *(*context_error)(const clv_context *ctx);
    void (*remove_options_init_size)(clv_remove_options *options, size_t size);
    clv_status (*view_open)(clv_context *ctx, const char *const *inputs, int count, const clv_remove_options *options,
                            const char *cache, clv_view **out);
    void (*view_free)(clv_view *view);
    int (*view_dates)(const clv_view *view);
    const char *(*view_name)(const clv_view *view, int t);
    void (*view_date)(const clv_view *view, int t, char text[32]);
    double (*view_pixel_m)(const clv_view *view, int t);
    bool (*view_reduced)(const clv_view *view, int t, int n, int *width, int *height);
    void *(*view_raster)(clv_view *view, int t, clv_view_product product);
    clv_status (*view_compute)(clv_view *view, int t, int x, int y, int width, int height);
    bool (*view_inside)(void);
    long (*view_computed)(const clv_view *view);
    const char *(*view_file)(const clv_view *view, int index);
} clv_view_library;

/* NULL: one line in error. */
const clv_view_library *clv_view_library_get(char *error, size_t error_size);

#ifdef __cplusplus
}
#endif
#endif
