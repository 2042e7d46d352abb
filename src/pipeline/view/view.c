/* SPDX-License-Identifier: MIT
 *
 * A view keeps what it has computed in rasters of its own that look exactly like the outputs of clv_remove(): written
 * by the same writers, in memory or in files without a name. Cells of the working grid are filled on demand, all dates
 * and products together (stage 1 and the gap filling look at all dates anyway), each once. Two maps say what is there:
 * flags of stage 1 by squares of the window stride, results by cells of four strides.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clearvision/view.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/options.h"
#include "base/parallel.h"
#include "pipeline/flags.h"
#include "pipeline/native.h"
#include "pipeline/remove/removal.h"
#include "pipeline/view/view_write.h"
#include "raster/paths.h"

#define SQUARE CLV_WINDOW_STRIDE
#define CELL (4 * CLV_WINDOW_STRIDE)
#define MEMORY_BYTES (256.0 * 1024 * 1024)
#define TILE 128      /* pixels of the rasters' tiles */
#define MAX_TILES 8e6 /* of all rasters: their directories are in memory, 16 bytes a tile */

/* Which squares of the working grid are done. */
typedef struct done_map {
    int side, columns, rows;
    bool *done;
} done_map;

struct clv_view {
    clv_context *ctx;
    clv_remove_options options;
    clv_output_options output;
    char *folder;
    clv_removal removal;
    clv_stage1_finder *finder;
    done_map flags, cells;
    long computed;
    char **files;           /* CSL: what it reads */
    char write_failed[600]; /* why results cannot be kept any more, "" while they can */
};

/* ---- Maps of what is done ------------------------------------------------------------------------ */

static clv_status map_new(clv_context *ctx, done_map *map, const clv_grid *grid, int side)
{
    map->side = side;
    map->columns = (grid->width + side - 1) / side;
    map->rows = (grid->height + side - 1) / side;
    map->done = clv_alloc_array((size_t)map->columns, (size_t)map->rows, sizeof *map->done);
    return map->done ? CLV_OK : clv_fail_memory(ctx);
}

/* The squares that touch a rectangle of the working grid, as a rectangle of squares. */
static clv_rect squares_of(const done_map *map, clv_rect r)
{
    int x0 = r.x / map->side, y0 = r.y / map->side;
    int x1 = (r.x + r.width - 1) / map->side, y1 = (r.y + r.height - 1) / map->side;
    return (clv_rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
}

/* The smallest rectangle of squares that holds all those of r which are not done; width 0 when there are none. */
static clv_rect undone(const done_map *map, clv_rect r)
{
    int x0 = r.x + r.width, y0 = r.y + r.height, x1 = -1, y1 = -1;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++) {
            if (map->done[(size_t)y * (size_t)map->columns + (size_t)x])
                continue;
            x0 = x < x0 ? x : x0;
            y0 = y < y0 ? y : y0;
            x1 = x > x1 ? x : x1;
            y1 = y > y1 ? y : y1;
        }
    return x1 < 0 ? (clv_rect){0} : (clv_rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
}

static void mark(done_map *map, clv_rect r)
{
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++)
            map->done[(size_t)y * (size_t)map->columns + (size_t)x] = true;
}

static clv_rect pixels_of(const done_map *map, clv_rect r, const clv_grid *grid)
{
    clv_rect extent = {0, 0, grid->width, grid->height};
    clv_rect all = {r.x * map->side, r.y * map->side, r.width * map->side, r.height * map->side};
    return clv_rect_intersect(all, extent);
}

/* ---- Computing ----------------------------------------------------------------------------------- */

/* Flags of everything that clv_removal_rows() reads for a cell. */
static clv_status find_flags(clv_view *v, const clv_panel *panel, clv_rect cell)
{
    const clv_grid *grid = &v->removal.series->grid;
    clv_rect extent = {0, 0, grid->width, grid->height};
    int first, last, reach = clv_flags_reach(&v->options.detect, grid);
    const clv_window_grid windows = clv_stage2_windows(v->removal.method);
    clv_window_range(grid->height, windows.size, windows.stride, cell.y > 0 ? cell.y - 1 : 0,
                     cell.y + cell.height < grid->height ? cell.y + cell.height + 1 : grid->height, &first, &last);
    int y0 = first * windows.stride - windows.context - reach;
    int y1 = last * windows.stride + windows.size + windows.context + reach;
    clv_rect need = {panel->read0 - reach, y0, panel->read1 - panel->read0 + 2 * reach, y1 - y0};
    clv_rect squares = undone(&v->flags, squares_of(&v->flags, clv_rect_intersect(need, extent)));
    if (squares.width == 0)
        return CLV_OK;
    clv_status status = clv_stage1_region(v->finder, pixels_of(&v->flags, squares, grid));
    if (status == CLV_OK)
        mark(&v->flags, squares);
    return status;
}

static clv_status compute_cell(clv_view *v, clv_rect place)
{
    clv_removal *r = &v->removal;
    const clv_grid *grid = &r->series->grid;
    clv_rect cell = pixels_of(&v->cells, place, grid);
    clv_panel panel = clv_panel_at(grid->width, clv_stage2_windows(r->method), 1, cell.x, cell.x + cell.width);
    clv_status status = find_flags(v, &panel, cell);
    if (status == CLV_OK)
        status = clv_removal_rows(r, &panel, cell.y, cell.y + cell.height, 0, 1);
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        const clv_acquisition *a = &r->series->acquisitions[t];
        clv_rect native = clv_native_rect(a, grid, cell.x, cell.y, cell.x + cell.width, cell.y + cell.height);
        if (!a->warped && native.width > 0 && native.height > 0)
            status = clv_writer_copy_rest(r->outputs[t], native);
    }
    if (status != CLV_OK)
        return status;
    mark(&v->cells, place);
    v->computed++;
    return CLV_OK;
}

/* Working pixels [*from, *to] that native pixels [own, own + size) follow. */
static void working_span(int native, int size, int offset, int factor, int length, int *from, int *to)
{
    int a = (native - offset) / factor, b = (native + size - 1 - offset) / factor;
    *from = native < offset || a < 0 ? 0 : a >= length ? length - 1 : a;
    *to = native + size - 1 < offset || b < 0 ? 0 : b >= length ? length - 1 : b;
}

clv_status clv_view_compute(clv_view *view, int t, int x, int y, int width, int height)
{
    clv_series *series = view->removal.series;
    clv_clear_error(view->ctx);
    if (t < 0 || t >= series->dates)
        return clv_fail(view->ctx, CLV_ERROR_ARGUMENT, "date %d: the series has dates 0 to %d", t, series->dates - 1);
    const clv_acquisition *a = &series->acquisitions[t];
    if (a->warped)
        return clv_fail(view->ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: lies on another grid than the series; use clearvision remove for this date", a->source);
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > a->grid.width - x || height > a->grid.height - y)
        return clv_fail(view->ctx, CLV_ERROR_ARGUMENT, "%s: window %d,%d %dx%d lies outside", a->source, x, y, width,
                        height);
    if (view->write_failed[0])
        return clv_fail(view->ctx, CLV_ERROR_WRITE, "%s", view->write_failed);
    int x0, x1, y0, y1;
    working_span(x, width, a->xoff, a->factor, series->grid.width, &x0, &x1);
    working_span(y, height, a->yoff, a->factor, series->grid.height, &y0, &y1);
    clv_rect cells = squares_of(&view->cells, (clv_rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1});
    clv_status status = CLV_OK;
    bool before = clv_thread_mark(true);
    for (int j = cells.y; j < cells.y + cells.height; j++)
        for (int i = cells.x; i < cells.x + cells.width && status == CLV_OK; i++)
            if (!view->cells.done[(size_t)j * (size_t)view->cells.columns + (size_t)i])
                status = compute_cell(view, (clv_rect){i, j, 1, 1});
    clv_thread_mark(before);
    /* What is marked as done may have been lost with a block that could not be written. */
    if (status == CLV_ERROR_WRITE)
        snprintf(view->write_failed, sizeof view->write_failed, "%s", clv_context_error(view->ctx));
    return status;
}

/* ---- Opening ------------------------------------------------------------------------------------- */

/* What all results take: pictures, mask (1 byte) and quality (3 x 2 bytes) of every date. */
static double bytes_of(const clv_series *series)
{
    double sum = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        double pixel = 7;
        for (int c = 0; c < series->channels; c++)
            pixel += (double)clv_pixel_size(a->bands[c].type);
        sum += pixel * a->grid.width * a->grid.height;
    }
    return sum;
}

/* What a view cannot be. */
static clv_status check(const clv_view *v)
{
    const clv_series *series = v->removal.series;
    double tiles = 0;
    for (int t = 0; t < series->dates; t++)
        tiles += 3.0 * ceil(series->acquisitions[t].grid.width / (double)TILE) *
                 ceil(series->acquisitions[t].grid.height / (double)TILE);
    if (tiles > MAX_TILES)
        return clv_fail(
            v->ctx, CLV_ERROR_UNSUPPORTED,
            "%s: a series of %d dates of %dx%d pixels is too large for a view; use clearvision remove, or cut it",
            series->acquisitions[0].source, series->dates, series->acquisitions[0].grid.width,
            series->acquisitions[0].grid.height);
    return CLV_OK;
}

/* In memory what is small, in files the rest, so that memory does not grow with the scene. */
static clv_status choose_folder(clv_view *v, const char *cache, const clv_series *series)
{
    static atomic_int number;
    bool memory =
        !cache || strcmp(cache, "auto") == 0 ? bytes_of(series) <= MEMORY_BYTES : strcmp(cache, "memory") == 0;
    if (cache && strcmp(cache, "auto") != 0 && strcmp(cache, "memory") != 0 && strcmp(cache, "disk") != 0)
        return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "cache %s: must be auto, memory or disk", cache);
    v->folder = clv_format("%s/clearvision-view.%ld.%d/", memory ? "/vsimem" : clv_temporary_folder(), (long)getpid(),
                           atomic_fetch_add(&number, 1));
    v->output.path = v->folder;
    return v->folder ? CLV_OK : clv_fail_memory(v->ctx);
}

static clv_status hash_detector(clv_view *v)
{
    if (!clv_stage1_wants_network(v->finder))
        return CLV_OK;
    const char *model = v->options.detect.model ? v->options.detect.model : "detect";
    return clv_engine_model_sha256(v->ctx, model, v->removal.stage1.model_sha256);
}

static bool note_file(const char *name, void *user)
{
    clv_view *v = user;
    char **longer = CSLAddString(v->files, name);
    v->files = longer ? longer : v->files;
    return longer != NULL;
}

clv_status clv_view_open(clv_context *ctx, const char *const *inputs, int count, const clv_remove_options *options,
                         const char *cache, clv_view **out)
{
    static const char *const creation[] = {
        "TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "COMPRESS=NONE", "SPARSE_OK=YES", "BIGTIFF=YES", NULL};
    clv_clear_error(ctx);
    *out = NULL;
    clv_remove_options own;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_remove_options_init);
    if (status != CLV_OK)
        return status;
    clv_view *v = calloc(1, sizeof *v);
    if (!v)
        return clv_fail_memory(ctx);
    v->ctx = ctx;
    v->options = own;
    v->options.stack = false;
    v->options.masks = v->options.quality = true;
    v->options.preview = NULL;
    v->options.output = (clv_output_options){.path = "/vsimem/"}; /* the real one is chosen when the size is known */
    v->output = (clv_output_options){.format = "GTiff", .creation = creation, .overwrite = true};
    v->removal = (clv_removal){.ctx = ctx, .options = &v->options, .output = &v->output, .view = true};
    clv_removal *r = &v->removal;
    bool before = clv_thread_mark(true);
    status = clv_view_check_options(ctx, &own);
    /* GDAL is opening a dataset of this driver, with locks held in this thread: no other one may open files for it. */
    const int threads = clv_threads_replace(ctx, 1);
    if (status == CLV_OK)
        status = clv_removal_open_series(r, inputs, count);
    clv_threads_replace(ctx, threads);
    if (status == CLV_OK)
        status = check(v);
    if (status == CLV_OK)
        status = choose_folder(v, cache, r->series);
    if (status == CLV_OK)
        status = clv_removal_open_outputs(r);
    if (status == CLV_OK)
        status = clv_removal_prepare(r);
    if (status == CLV_OK)
        status = clv_stage1_open(ctx, r->series, &r->stage1, &v->finder);
    if (status == CLV_OK)
        status = hash_detector(v);
    if (status == CLV_OK)
        status = clv_removal_create_outputs(r);
    if (status == CLV_OK)
        status = clv_removal_compose(r);
    if (status == CLV_OK)
        status = map_new(ctx, &v->flags, &r->series->grid, SQUARE);
    if (status == CLV_OK)
        status = map_new(ctx, &v->cells, &r->series->grid, CELL);
    clv_thread_mark(before);
    if (status == CLV_OK) {
        clv_input_files_each(ctx, note_file, v); /* the next call on the context forgets them */
        clv_outputs_unlink_temporaries(r->set);
        *out = v;
    } else {
        clv_view_free(v);
    }
    return status;
}

void clv_view_free(clv_view *view)
{
    if (!view)
        return;
    clv_stage1_close(view->finder);
    clv_removal_clear(&view->removal);
    free(view->flags.done);
    free(view->cells.done);
    free(view->folder);
    CSLDestroy(view->files);
    free(view);
}

/* ---- What is in it ------------------------------------------------------------------------------- */

int clv_view_dates(const clv_view *view)
{
    return view->removal.series->dates;
}

const char *clv_view_name(const clv_view *view, int t)
{
    return t >= 0 && t < clv_view_dates(view) ? view->removal.series->acquisitions[t].stem : NULL;
}

void clv_view_date(const clv_view *view, int t, char text[32])
{
    text[0] = 0;
    if (t >= 0 && t < clv_view_dates(view) && view->removal.series->acquisitions[t].facts.date.year > 0)
        clv_date_format(&view->removal.series->acquisitions[t].facts.date, text);
}

double clv_view_pixel_m(const clv_view *view, int t)
{
    return t >= 0 && t < clv_view_dates(view) ? view->removal.series->acquisitions[t].grid.pixel_m : 0;
}

bool clv_view_reduced(const clv_view *view, int t, int n, int *width, int *height)
{
    const clv_series *s = view->removal.series;
    if (t < 0 || t >= s->dates || n < 1)
        return false;
    const clv_acquisition *a = &s->acquisitions[t];
    const clv_grid *grid = &a->grid;
    int f = n * s->window_factor;
    bool covers = !a->warped && a->xoff == 0 && a->yoff == 0 &&
                  (grid->width + a->factor - 1) / a->factor == s->grid.width &&
                  (grid->height + a->factor - 1) / a->factor == s->grid.height;
    if (!covers || f % a->factor != 0 || !(grid->pixel_m > 0))
        return false;
    f /= a->factor; /* pixels of the reference's native grid */
    *width = (s->window.width + f - 1) / f;
    *height = (s->window.height + f - 1) / f;
    return *width >= CLV_MIN_SIDE && *height >= CLV_MIN_SIDE;
}

void *clv_view_raster(clv_view *view, int t, clv_view_product product)
{
    if (t < 0 || t >= clv_view_dates(view) || view->removal.series->acquisitions[t].warped)
        return NULL;
    const clv_removal *r = &view->removal;
    return clv_writer_dataset(product == CLV_VIEW_MASK      ? r->masks[t]
                              : product == CLV_VIEW_QUALITY ? r->quality[t]
                                                            : r->outputs[t]);
}

bool clv_view_inside(void)
{
    return clv_thread_marked();
}

const char *clv_view_file(const clv_view *view, int index)
{
    return index >= 0 && index < CSLCount(view->files) ? view->files[index] : NULL;
}

long clv_view_computed(const clv_view *view)
{
    return view->computed;
}
