/* SPDX-License-Identifier: MIT */
#include "output/cube_copy_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "output/outputs_private.h"
#include "products/md_array.h"
#include "products/md_copy.h"
#include "products/xcube.h"
#include "raster/gdal_errors.h"
#include "series/series_private.h"

/* One array of a copy, and what is written into it. */
typedef struct target {
    clv_outputs *set;
    clv_cube_copies *copies;
    const char *path; /* of the output, for messages */
    GDALMDArrayH array;
    clv_md_shape shape;
    bool turned;
    GDALDataType type;
    GDALExtendedDataTypeH full_type;
    size_t size;
} target;

/* One plane of an array: a date's band. */
typedef struct plane {
    int date, channel;
    uint64_t at[CLV_MD_AXES]; /* along the axes before y and x */
    int x, y, repeat, factor;
} plane;

/* ---- Pixels ------------------------------------------------------------------------------------- */

/* What was written for a date, and where: the item that its raster is. */
static const clv_item *item_of(const clv_outputs *set, int t)
{
    for (int i = 0; i < set->count; i++)
        if (set->items[i]->poured && set->items[i]->writer && set->items[i]->writer->only_date == t)
            return set->items[i];
    return NULL;
}

/* Values of the result and of the input in a window of the date's grid. */
static clv_status read_both(target *g, const plane *p, clv_rect w, double *result, double *source)
{
    clv_outputs *set = g->set;
    const clv_item *item = item_of(set, p->date);
    const clv_acquisition *a = &g->copies->series->acquisitions[p->date];
    GDALDatasetH input = clv_series_dataset((clv_series *)g->copies->series, p->date);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH made = item ? GDALOpen(item->temporary, GA_ReadOnly) : NULL;
    int band = made ? clv_writer_channel(item->writer, p->date, p->channel) : 0;
    CPLErr e = made && input ? CE_None : CE_Failure;
    if (e == CE_None)
        e = GDALRasterIO(GDALGetRasterBand(made, band), GF_Read, w.x, w.y, w.width, w.height, result, w.width, w.height,
                         GDT_Float64, 0, 0);
    if (e == CE_None)
        e = GDALRasterIO(GDALGetRasterBand(input, a->bands[p->channel].index), GF_Read, w.x, w.y, w.width, w.height,
                         source, w.width, w.height, GDT_Float64, 0, 0);
    if (made)
        GDALClose(made);
    if (clv_gdal_errors_end(&errors) || e != CE_None)
        return clv_outputs_fail_write(set, g->path, "cannot be made from its dates", clv_gdal_errors_text(&errors));
    return CLV_OK;
}

static bool differs(double a, double b)
{
    return a != b && !(isnan(a) && isnan(b));
}

/* The mean of what was filled of the date's pixels that make one of the array's; false: nothing was. */
static bool filled_value(const double *result, const double *source, int stride, int x0, int y0, int x1, int y1,
                         double *value)
{
    double sum = 0;
    int n = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            size_t i = (size_t)y * (size_t)stride + (size_t)x;
            if (differs(result[i], source[i])) {
                sum += result[i];
                n++;
            }
        }
    *value = n ? sum / n : 0;
    return n > 0;
}

/* One plane of a block: rows [y, y + h) and columns [x, x + w) of the array, whose values are at `values`. */
static clv_status pour_plane(target *g, const plane *p, int x, int y, int w, int h, unsigned char *values,
                             bool *changed)
{
    const clv_grid *grid = &g->copies->series->private_data->files[p->date].native;
    int height = (int)g->shape.size[g->shape.axes - 2];
    int top = g->turned ? height - y - h : y; /* the first row as the raster interface counts them */
    /* The pixels of the date under them. */
    int x0 = p->x + (p->repeat > 1 ? x * p->repeat : x / p->factor);
    int y0 = p->y + (p->repeat > 1 ? top * p->repeat : top / p->factor);
    int x1 = p->x + (p->repeat > 1 ? (x + w) * p->repeat : (x + w - 1) / p->factor + 1);
    int y1 = p->y + (p->repeat > 1 ? (top + h) * p->repeat : (top + h - 1) / p->factor + 1);
    clv_rect window = {x0 > 0 ? x0 : 0, y0 > 0 ? y0 : 0, 0, 0};
    window.width = (x1 < grid->width ? x1 : grid->width) - window.x;
    window.height = (y1 < grid->height ? y1 : grid->height) - window.y;
    if (window.width <= 0 || window.height <= 0)
        return CLV_OK;
    double *both = clv_alloc_array((size_t)window.width * (size_t)window.height, 2, sizeof *both);
    if (!both)
        return clv_fail_memory_for(g->set->ctx, g->path);
    double *source = both + (size_t)window.width * (size_t)window.height;
    clv_status status = read_both(g, p, window, both, source);
    for (int row = 0; row < h && status == CLV_OK; row++) {
        int r = g->turned ? height - 1 - (y + row) : y + row;
        for (int k = 0; k < w; k++) {
            int c = x + k, fx = p->repeat > 1 ? c * p->repeat : c / p->factor;
            int fy = p->repeat > 1 ? r * p->repeat : r / p->factor, n = p->repeat > 1 ? p->repeat : 1;
            int left = p->x + fx - window.x, upper = p->y + fy - window.y, right = left + n, lower = upper + n;
            left = left > 0 ? left : 0;
            upper = upper > 0 ? upper : 0;
            right = right < window.width ? right : window.width;
            lower = lower < window.height ? lower : window.height;
            double value;
            if (!filled_value(both, source, window.width, left, upper, right, lower, &value))
                continue;
            GDALCopyWords64(&value, GDT_Float64, 0, values + ((size_t)row * (size_t)w + (size_t)k) * g->size, g->type,
                            0, 1);
            *changed = true;
        }
    }
    free(both);
    return status;
}

/* ---- Blocks ------------------------------------------------------------------------------------- */

static bool in_block(const plane *p, int axes, const GUInt64 *start, const size_t *count)
{
    for (int i = 0; i < axes - 2; i++)
        if (p->at[i] < start[i] || p->at[i] >= start[i] + count[i])
            return false;
    return true;
}

static clv_status pour_block(target *g, const plane *planes, int plane_count, const GUInt64 *start, const size_t *count)
{
    int axes = g->shape.axes;
    size_t w = count[axes - 1], h = count[axes - 2], all = 1;
    bool any = false, changed = false;
    for (int i = 0; i < axes; i++)
        all *= count[i];
    for (int i = 0; i < plane_count && !any; i++)
        any = in_block(&planes[i], axes, start, count);
    if (!any)
        return clv_check_cancel(g->set->ctx);
    unsigned char *values = clv_alloc_array(all, g->size, 1);
    if (!values)
        return clv_fail_memory_for(g->set->ctx, g->path);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    int good = GDALMDArrayRead(g->array, start, count, NULL, NULL, g->full_type, values, NULL, 0);
    clv_gdal_errors_end(&errors);
    clv_status status = clv_check_cancel(g->set->ctx);
    for (int i = 0; i < plane_count && good && status == CLV_OK; i++) {
        if (!in_block(&planes[i], axes, start, count))
            continue;
        size_t at = 0;
        for (int k = 0; k < axes - 2; k++)
            at = at * count[k] + (size_t)(planes[i].at[k] - start[k]);
        status = pour_plane(g, &planes[i], (int)start[axes - 1], (int)start[axes - 2], (int)w, (int)h,
                            values + at * w * h * g->size, &changed);
    }
    if (good && changed && status == CLV_OK) {
        clv_gdal_errors_begin(&errors);
        good = GDALMDArrayWrite(g->array, start, count, NULL, NULL, g->full_type, values, NULL, 0);
        if (clv_gdal_errors_end(&errors))
            good = FALSE;
    }
    free(values);
    if (status == CLV_OK && !good)
        status = clv_outputs_fail_write(g->set, g->path, "an array cannot be written", clv_gdal_errors_text(&errors));
    return status;
}

static clv_status pour_array(target *g, const plane *planes, int count)
{
    clv_md_blocks b;
    clv_status status = CLV_OK;
    for (bool more = clv_md_blocks_begin(g->array, &b); more && status == CLV_OK; more = clv_md_blocks_next(&b))
        status = pour_block(g, planes, count, b.start, b.count);
    return status;
}

/* ---- Cubes -------------------------------------------------------------------------------------- */

/* Position along the axes before y and x of a band of GDAL's raster interface. */
static void find_position(const clv_md_shape *shape, int band, uint64_t *at)
{
    uint64_t rest = (uint64_t)(band - 1);
    for (int i = shape->axes - 3; i >= 0; i--) {
        at[i] = rest % shape->size[i];
        rest /= shape->size[i];
    }
}

/* Planes of a layer: those that were read from it, else (of a band that another file has on finer pixels) those that
 * take that one's pixels. How many. */
static int find_planes(const clv_cube_copies *c, int file, const clv_xlayer *layer, const char *array,
                       const clv_md_shape *shape, plane *planes)
{
    const clv_series *s = c->series;
    int n = 0;
    for (int t = 0; t < s->dates; t++) {
        const clv_acquisition *a = &s->acquisitions[t];
        int main_file = c->places[t * s->channels].file, factor, x, y;
        for (int k = 0; k < s->channels; k++) {
            const clv_cube_place *p = &c->places[t * s->channels + k];
            int band = layer->first + a->step * layer->step;
            bool own = p->file == file && strcmp(p->array, array) == 0 && p->band == band;
            plane made = {.date = t, .channel = k, .x = p->x, .y = p->y, .repeat = p->repeat, .factor = p->factor};
            if (!own) {
                if (p->file == file || main_file == file || c->files[file].input != a->input ||
                    strcmp(a->bands[k].name, layer->name) != 0 ||
                    !clv_grid_fits(&s->private_data->files[t].native, &layer->part.grid, &factor, &x, &y))
                    continue;
                made.x = x;
                made.y = y;
                made.repeat = factor;
                made.factor = 1;
            }
            find_position(shape, band, made.at);
            planes[n++] = made;
            break;
        }
    }
    return n;
}

static clv_status pour_layer(target *g, int file, const clv_xlayer *layer, plane *planes, int *count)
{
    const char *array = strrchr(layer->array, '/') == layer->array ? layer->array + 1 : layer->array;
    clv_status status = CLV_OK;
    *count = 0;
    if (!g->array || !clv_md_shape_of(g->array, &g->shape))
        return clv_outputs_fail_write(g->set, g->path, "an array is not in the copy", layer->array);
    g->full_type = GDALMDArrayGetDataType(g->array);
    g->type = GDALExtendedDataTypeGetNumericDataType(g->full_type);
    g->size = GDALExtendedDataTypeGetSize(g->full_type);
    g->turned = layer->turned;
    *count = find_planes(g->copies, file, layer, array, &g->shape, planes);
    if (*count > 0)
        status = pour_array(g, planes, *count);
    GDALExtendedDataTypeRelease(g->full_type);
    return status;
}

/* "/group/B02" -> its array; groups one deep, as xcube looks. */
static GDALMDArrayH open_array(GDALGroupH root, const char *full)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALMDArrayH array = GDALGroupOpenMDArrayFromFullname(root, full, NULL);
    clv_gdal_errors_end(&errors);
    return array;
}

static clv_status pour_cube(clv_outputs *set, int file, const clv_xcube *cube, GDALGroupH root, const char *path)
{
    plane *planes = clv_alloc_array((size_t)set->copies->series->dates, 1, sizeof *planes);
    char left[80] = "";
    clv_status status = planes ? CLV_OK : clv_fail_memory_for(set->ctx, path);
    for (int i = 0; i < cube->count && status == CLV_OK; i++) {
        const clv_xlayer *layer = &cube->layers[i];
        int count;
        if (layer->mask)
            continue;
        target g = {.set = set, .copies = set->copies, .path = path, .array = open_array(root, layer->array)};
        status = pour_layer(&g, file, layer, planes, &count);
        if (g.array)
            GDALMDArrayRelease(g.array);
        size_t used = strlen(left);
        if (status == CLV_OK && count == 0 && used + strlen(layer->name) + 2 < sizeof left)
            snprintf(left + used, sizeof left - used, "%s%s", used ? " " : "", layer->name);
    }
    if (status == CLV_OK && left[0])
        clv_warn(set->ctx, "%s: its bands %s are as they were: they were not among those that are filled", path, left);
    free(planes);
    return status;
}

static clv_status copy_bytes(clv_outputs *set, const char *from, const char *to, const char *path)
{
    enum { CHUNK = 1 << 20 };
    char *buffer = malloc(CHUNK);
    if (!buffer)
        return clv_fail_memory_for(set->ctx, path);
    clv_status status = CLV_OK;
    VSILFILE *in = VSIFOpenL(from, "rb"), *out = in ? VSIFOpenL(to, "wb") : NULL;
    bool good = out != NULL;
    for (size_t n; good && status == CLV_OK && (n = VSIFReadL(buffer, 1, CHUNK, in)) > 0;) {
        good = VSIFWriteL(buffer, 1, n, out) == n;
        status = clv_check_cancel(set->ctx);
    }
    if (out && VSIFCloseL(out) != 0)
        good = false;
    if (in)
        VSIFCloseL(in);
    free(buffer);
    if (status == CLV_OK && !good)
        status = clv_outputs_fail_write(set, path, "the cube cannot be copied", from);
    return status;
}

/* Every array of bands can be opened again, and one value of each be read. */
static bool can_be_read(const char *file, const clv_xcube *cube)
{
    clv_md_file again;
    bool good = clv_md_open(file, false, &again);
    for (int i = 0; good && i < cube->count; i++) {
        GDALMDArrayH array = open_array(again.root, cube->layers[i].array);
        const GUInt64 start[CLV_MD_AXES] = {0};
        const size_t count[CLV_MD_AXES] = {1, 1, 1, 1, 1, 1};
        double value;
        GDALExtendedDataTypeH type = GDALExtendedDataTypeCreate(GDT_Float64);
        good = array && GDALMDArrayRead(array, start, count, NULL, NULL, type, &value, NULL, 0);
        GDALExtendedDataTypeRelease(type);
        if (array)
            GDALMDArrayRelease(array);
    }
    if (good)
        clv_md_close(&again);
    return good;
}

static clv_status make_cube(clv_outputs *set, int file)
{
    const clv_cube_file *f = &set->copies->files[file];
    clv_item *item = NULL;
    clv_xcube *cube = NULL;
    clv_md_file copy;
    clv_status status = clv_outputs_reserve(set, f->output, NULL, "nc", &item);
    if (status != CLV_OK)
        return status;
    item->poured = false;
    status = copy_bytes(set, f->path, item->temporary, f->output);
    if (status == CLV_OK)
        status = clv_xcube_open(set->ctx, f->path, &cube);
    if (status == CLV_OK && !cube)
        status = clv_outputs_fail_write(set, f->output, "the cube cannot be read again", f->path);
    bool open = status == CLV_OK && clv_md_open(item->temporary, true, &copy);
    if (status == CLV_OK && !open) { /* libnetcdf changes only what keeps an order of creation */
        status = clv_md_copy(set->ctx, f->path, item->temporary, f->output);
        open = status == CLV_OK && clv_md_open(item->temporary, true, &copy);
    }
    if (status == CLV_OK && !open)
        status = clv_outputs_fail_write(set, f->output, "cannot be opened for writing", "GDAL's netCDF driver refuses");
    else if (status == CLV_OK) {
        status = pour_cube(set, file, cube, copy.root, f->output);
        if (!clv_md_close(&copy) && status == CLV_OK)
            status = clv_outputs_fail_write(set, f->output, "cannot be written", "closing it failed");
    }
    if (status == CLV_OK && !can_be_read(item->temporary, cube))
        status = clv_outputs_fail_write(set, f->output, "verification failed", "it cannot be read");
    if (status == CLV_OK)
        item->files = CSLAddString(NULL, item->temporary);
    clv_xcube_free(cube);
    return status;
}

/* The rasters of the dates have done their part; what is asked about them is answered for their cube. */
static void drop_rasters(clv_outputs *set)
{
    for (int i = 0; i < set->count; i++) {
        clv_item *item = set->items[i];
        if (!item->poured)
            continue;
        clv_temporary_remove(item->temporary, false);
        clv_unfinished_done(item->guard);
        item->guard = NULL;
        for (int k = 0; k < set->count; k++)
            if (!set->items[k]->poured && strcmp(set->items[k]->path, item->path) == 0) {
                CSLDestroy(item->files);
                item->files = CSLDuplicate(set->items[k]->files);
            }
    }
}

clv_status clv_cube_copies_make(clv_outputs *set)
{
    clv_status status = CLV_OK;
    for (int i = 0; set->copies && i < set->copies->count && status == CLV_OK; i++)
        status = make_cube(set, i);
    if (set->copies && status == CLV_OK)
        drop_rasters(set);
    return status;
}
