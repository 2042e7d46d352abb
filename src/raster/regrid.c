/* SPDX-License-Identifier: MIT */
#include "raster/regrid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_alg.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/options.h"
#include "raster/gdal_errors.h"

#define ERROR_THRESHOLD 0.125 /* source pixels: what the approximation of the transformation may be off */
#define TR_TOLERANCE 0.1
#define MESH 21 /* points a side by which overlap is judged */

/* ---- Working grid ------------------------------------------------------------------------------ */

static void metres_text(double metres, char text[CLV_NUMBER_SIZE])
{
    clv_number_format(floor(metres * 1000 + 0.5) / 1000, text);
}

static clv_status factor_of_tr(clv_context *ctx, const char *name, const clv_grid *reference, double tr, int *factor)
{
    if (!isfinite(tr) || tr < 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-tr: give a pixel size in metres");
    if (!(reference->pixel_m > 0))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-tr: %s has no georeference, so its pixel size in metres is not known; leave -tr out", name);
    double ratio = tr / reference->pixel_m, k = floor(ratio + 0.5);
    if (k >= 1 && k <= 10000 && fabs(ratio / k - 1) <= TR_TOLERANCE) {
        *factor = (int)k;
        return CLV_OK;
    }
    double below = floor(ratio) < 1 ? 1 : floor(ratio);
    char wanted[CLV_NUMBER_SIZE], own[CLV_NUMBER_SIZE], lower[CLV_NUMBER_SIZE], upper[CLV_NUMBER_SIZE];
    metres_text(tr, wanted);
    metres_text(reference->pixel_m, own);
    metres_text(below * reference->pixel_m, lower);
    metres_text((below + 1) * reference->pixel_m, upper);
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-tr %s is not a multiple of the pixel size of %s, %s m; give %s or %s",
                    wanted, name, own, lower, upper);
}

clv_status clv_working_grid(clv_context *ctx, const char *name, const clv_grid *reference, double tr, clv_grid *out)
{
    int factor = 1;
    clv_status status = CLV_OK;
    if (tr != 0)
        status = factor_of_tr(ctx, name, reference, tr, &factor);
    else if (reference->pixel_m > 0 && reference->pixel_m < CLV_WORKING_METRES)
        factor = (int)fmin(10000, fmax(1, floor(CLV_WORKING_METRES / reference->pixel_m + 0.5)));
    if (status != CLV_OK)
        return status;
    if (clv_grid_coarsen(reference, factor, out) != CLV_OK)
        return clv_fail_memory(ctx);
    if (out->width >= CLV_MIN_SIDE && out->height >= CLV_MIN_SIDE)
        return CLV_OK;
    char own[CLV_NUMBER_SIZE];
    metres_text(reference->pixel_m, own);
    bool own_is_enough = reference->width >= CLV_MIN_SIDE && reference->height >= CLV_MIN_SIDE;
    status = own_is_enough
                 ? clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "%s: %dx%d pixels are too few at that pixel size (%d a side are needed); give -tr %s", name,
                            out->width, out->height, CLV_MIN_SIDE, own)
                 : clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %dx%d pixels are too few, at least %dx%d are needed", name,
                            reference->width, reference->height, CLV_MIN_SIDE, CLV_MIN_SIDE);
    clv_grid_clear(out);
    return status;
}

/* ---- Where one grid lies on another ------------------------------------------------------------ */

static OGRSpatialReferenceH srs_of(const clv_grid *grid)
{
    OGRSpatialReferenceH srs = grid->wkt ? OSRNewSpatialReference(NULL) : NULL;
    if (srs && OSRImportFromWkt(srs, &(char *){grid->wkt}) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    if (srs)
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

bool clv_grid_map_pixels(const clv_grid *grid, const clv_grid *target, int n, double *x, double *y, int *ok)
{
    const double *a = grid->transform, *b = target->transform, det = b[1] * b[5] - b[2] * b[4];
    bool done = true;
    for (int i = 0; i < n; i++) {
        double px = x[i], py = y[i];
        x[i] = a[0] + a[1] * px + a[2] * py;
        y[i] = a[3] + a[4] * px + a[5] * py;
        ok[i] = 1;
    }
    if (!clv_grid_same_crs(grid, target)) {
        OGRSpatialReferenceH from = srs_of(grid), to = srs_of(target);
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        OGRCoordinateTransformationH t = from && to ? OCTNewCoordinateTransformation(from, to) : NULL;
        done = t != NULL;
        if (t) {
            OCTTransformEx(t, n, x, y, NULL, ok);
            OCTDestroyCoordinateTransformation(t);
        }
        clv_gdal_errors_end(&errors);
        OSRDestroySpatialReference(from);
        OSRDestroySpatialReference(to);
    }
    for (int i = 0; done && i < n; i++) {
        double gx = x[i] - b[0], gy = y[i] - b[3];
        x[i] = (b[5] * gx - b[2] * gy) / det;
        y[i] = (b[1] * gy - b[4] * gx) / det;
        ok[i] = ok[i] && isfinite(x[i]) && isfinite(y[i]);
    }
    return done;
}

/* First point of a mesh over `grid` that lies inside `target`, as pixel of `grid`. */
static bool mesh_meets(const clv_grid *grid, const clv_grid *target, double *at_x, double *at_y)
{
    double x[MESH * MESH], y[MESH * MESH];
    int ok[MESH * MESH];
    for (int i = 0; i < MESH * MESH; i++) {
        x[i] = (i % MESH + 0.5) / MESH * grid->width;
        y[i] = (i / MESH + 0.5) / MESH * grid->height;
    }
    if (!clv_grid_map_pixels(grid, target, MESH * MESH, x, y, ok))
        return false;
    for (int i = 0; i < MESH * MESH; i++)
        if (ok[i] && x[i] > 0 && x[i] < target->width && y[i] > 0 && y[i] < target->height) {
            *at_x = (i % MESH + 0.5) / MESH * grid->width;
            *at_y = (i / MESH + 0.5) / MESH * grid->height;
            return true;
        }
    return false;
}

bool clv_grids_overlap(const clv_grid *grid, const clv_grid *target)
{
    double x, y;
    return mesh_meets(grid, target, &x, &y) || mesh_meets(target, grid, &x, &y);
}

double clv_grid_relative_pixel(const clv_grid *grid, const clv_grid *target)
{
    double x[3], y[3];
    int ok[3];
    if (!mesh_meets(grid, target, &x[0], &y[0])) {
        x[0] = grid->width / 2.0;
        y[0] = grid->height / 2.0;
    }
    x[1] = x[0] + 1;
    y[1] = y[0];
    x[2] = x[0];
    y[2] = y[0] + 1;
    if (!clv_grid_map_pixels(grid, target, 3, x, y, ok) || !ok[0] || !ok[1] || !ok[2])
        return 0;
    return sqrt(fabs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])));
}

/* ---- Views ------------------------------------------------------------------------------------- */

static const GDALResampleAlg algorithms[] = {GRA_NearestNeighbour, GRA_Bilinear, GRA_Cubic,
                                             GRA_CubicSpline,      GRA_Lanczos,  GRA_Average}; /* of clv_resampling */

bool clv_resampling_algorithm(clv_resampling resampling, GDALResampleAlg *out)
{
    if ((unsigned)resampling >= sizeof algorithms / sizeof *algorithms)
        return false;
    *out = algorithms[resampling];
    return true;
}

const char *clv_resampling_algorithm_name(GDALResampleAlg algorithm)
{
    unsigned i = 0;
    while (i < sizeof algorithms / sizeof *algorithms && algorithms[i] != algorithm)
        i++;
    return clv_resampling_name((clv_resampling)i);
}

static double *copy_doubles(const double *values, int n)
{
    double *copy = values ? CPLMalloc((size_t)n * sizeof *copy) : NULL;
    if (copy)
        memcpy(copy, values, (size_t)n * sizeof *copy);
    return copy;
}

static void set_scale(GDALWarpOptions *w, const char *name, double scale)
{
    char text[40];
    CPLsnprintf(text, sizeof text, "%.10g", scale);
    w->papszWarpOptions = CSLSetNameValue(w->papszWarpOptions, name, text);
}

/* How wide the kernel is: pixels of the view per pixel of the source, along the source's columns and rows. GDAL would
 * estimate it block by block from the source window that holds the block, which is too large where the grids are turned
 * against each other: the picture is blurred, and differently in every block. */
static void set_scales(clv_context *ctx, GDALWarpOptions *w, GDALDatasetH source, const clv_grid *target)
{
    clv_grid own = {0};
    double x[3] = {0}, y[3] = {0};
    int ok[3];
    bool known = clv_grid_of_dataset(ctx, source, &own) == CLV_OK && own.has_transform && target->has_transform &&
                 mesh_meets(target, &own, &x[0], &y[0]);
    x[1] = x[0] + 1;
    y[1] = y[0];
    x[2] = x[0];
    y[2] = y[0] + 1;
    known = known && clv_grid_map_pixels(target, &own, 3, x, y, ok) && ok[0] && ok[1] && ok[2];
    clv_grid_clear(&own);
    if (!known)
        return;
    const double across = hypot(x[1] - x[0], x[2] - x[0]), down = hypot(y[1] - y[0], y[2] - y[0]);
    if (!(across > 0 && down > 0))
        return;
    set_scale(w, "XSCALE", 1 / across);
    set_scale(w, "YSCALE", 1 / down);
}

static GDALWarpOptions *warp_options(GDALDatasetH source, const clv_regrid_options *o)
{
    GDALWarpOptions *w = GDALCreateWarpOptions();
    w->hSrcDS = source;
    w->eResampleAlg = o->resampling;
    w->nBandCount = o->band_count;
    w->panSrcBands = CPLMalloc((size_t)o->band_count * sizeof(int));
    w->panDstBands = CPLMalloc((size_t)o->band_count * sizeof(int));
    for (int b = 0; b < o->band_count; b++) {
        w->panSrcBands[b] = o->bands[b];
        w->panDstBands[b] = b + 1;
    }
    w->padfSrcNoDataReal = copy_doubles(o->nodata, o->band_count);
    w->padfDstNoDataReal = copy_doubles(o->fill, o->band_count);
    w->nSrcAlphaBand = o->alpha;
    char background[16];
    snprintf(background, sizeof background, "%d", o->background);
    w->papszWarpOptions = CSLSetNameValue(w->papszWarpOptions, "INIT_DEST", o->fill ? "NO_DATA" : background);
    w->papszWarpOptions = CSLSetNameValue(w->papszWarpOptions, "UNIFIED_SRC_NODATA", o->unified ? "YES" : "NO");
    return w;
}

clv_status clv_regrid_open(clv_context *ctx, const char *name, GDALDatasetH source, const clv_grid *target,
                           const clv_regrid_options *options, GDALDatasetH *out)
{
    clv_gdal_errors errors;
    char **transform_options = NULL;
    *out = NULL;
    clv_gdal_errors_begin(&errors);
    if (target->wkt)
        transform_options = CSLSetNameValue(transform_options, "DST_SRS", target->wkt);
    void *transformer = GDALCreateGenImgProjTransformer2(source, NULL, transform_options);
    CSLDestroy(transform_options);
    if (transformer) {
        GDALSetGenImgProjTransformerDstGeoTransform(transformer, target->transform);
        GDALWarpOptions *w = warp_options(source, options);
        set_scales(ctx, w, source, target);
        w->pTransformerArg = GDALCreateApproxTransformer(GDALGenImgProjTransform, transformer, ERROR_THRESHOLD);
        w->pfnTransformer = GDALApproxTransform;
        GDALApproxTransformerOwnsSubtransformer(w->pTransformerArg, TRUE);
        *out = GDALCreateWarpedVRT(source, target->width, target->height, (double *)target->transform, w);
        if (!*out)
            GDALDestroyTransformer(w->pTransformerArg);
        GDALDestroyWarpOptions(w);
    }
    clv_gdal_errors_end(&errors);
    if (!*out)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be put on the series' grid: %s", name,
                        clv_gdal_errors_text(&errors));
    return CLV_OK;
}
