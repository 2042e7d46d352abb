/* SPDX-License-Identifier: MIT */
#include "products/grouping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/input_list.h"
#include "products/product_safe.h"
#include "products/stac_item.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "sentinel2/mgrs.h"

#define TILE_WIDTH 10980 /* pixels of 10 m */
#define SHOWN 4          /* names that messages list */

typedef struct entry {
    clv_band_file file;
    char *full; /* folder/key; NULL for what is a date already */
    int group;  /* -1: by itself */
    bool drop;
} entry;

typedef struct group {
    char *full;
    int first, count;
    bool mosaic;
    int mask; /* entry with the date's classification, -1 */
    char bands[100];
    unsigned seen; /* bit by clv_band_number */
    bool dissolved;
} group;

typedef struct grouping {
    clv_context *ctx;
    clv_inputs *files;
    const char *folder;
    entry *entries;
    group *groups;
    int group_count;
} grouping;

/* ---- Names ------------------------------------------------------------------------------------- */

/* Folders that sort the files of one date by resolution (ESA) or by kind (sen2r). */
static bool is_sorting_folder(const char *name, size_t n)
{
    static const char *const names[] = {"R10m", "R20m", "R60m", "BOA", "TOA", "SCL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && strncmp(name, names[i], n) == 0)
            return true;
    return false;
}

/* The folder without a last part such as R10m, with the slash. */
static size_t folder_length(const char *path)
{
    size_t n = (size_t)(clv_name_base(path) - path);
    size_t begin = n ? n - 1 : 0;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    return n > 0 && is_sorting_folder(path + begin, n - 1 - begin) ? begin : n;
}

static clv_status read_names(grouping *g)
{
    for (int i = 0; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        const char *path = g->files->names[i];
        e->group = -1;
        if (g->files->bundles[i] || strchr(clv_name_base(path), ':') || path[0] == '<')
            continue;
        clv_band_file_read(clv_name_base(path), &e->file);
        e->full = clv_format("%.*s%s", (int)folder_length(path), path, e->file.key);
        if (!e->full)
            return clv_fail_memory(g->ctx);
    }
    return CLV_OK;
}

static int find_group(const grouping *g, const char *full, bool mosaic)
{
    for (int k = g->group_count - 1; k >= 0; k--)
        if (g->groups[k].mosaic == mosaic && strcmp(g->groups[k].full, full) == 0)
            return k;
    return -1;
}

static void make_groups(grouping *g)
{
    for (int i = 0; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        bool mosaic = e->file.kind == CLV_FILE_TILE;
        if (!e->full || (!mosaic && e->file.kind != CLV_FILE_BAND))
            continue;
        e->group = find_group(g, e->full, mosaic);
        if (e->group < 0) {
            e->group = g->group_count++;
            g->groups[e->group] = (group){.full = e->full, .first = i, .mosaic = mosaic, .mask = -1};
        }
        group *k = &g->groups[e->group];
        int band = clv_band_number(e->file.band);
        size_t used = strlen(k->bands);
        if (band >= 0 && !(k->seen & (1u << band)))
            snprintf(k->bands + used, sizeof k->bands - used, "%s%s", used ? " " : "", e->file.band);
        k->seen |= band >= 0 ? 1u << band : 0;
        k->count++;
    }
}

/* ---- Which groups are dates -------------------------------------------------------------------- */

static void dissolve(grouping *g, int k)
{
    g->groups[k].dissolved = true;
    for (int i = g->groups[k].first; i < g->files->count; i++)
        if (g->entries[i].group == k)
            g->entries[i].group = -1;
}

/* Whether the file holds one band. What cannot be opened is left to the one who reads it. */
static bool one_band(const char *path)
{
    GDALDatasetH ds;
    clv_context *quiet = clv_context_new();
    bool one = true;
    if (quiet && clv_raster_open(quiet, path, NULL, &ds) == CLV_OK) {
        one = GDALGetRasterCount(ds) == 1;
        GDALClose(ds);
    }
    clv_context_free(quiet);
    return one;
}

static bool has_colours(const group *k)
{
    const unsigned wanted = 1u << 1 | 1u << 2 | 1u << 3; /* B02 B03 B04 */
    return (k->seen & wanted) == wanted;
}

static clv_status check_groups(grouping *g)
{
    for (int k = 0; k < g->group_count; k++) {
        group *dated = &g->groups[k];
        if (dated->mosaic) {
            if (dated->count == 1)
                dissolve(g, k);
            continue;
        }
        if (!one_band(g->files->names[dated->first])) {
            dissolve(g, k);
            continue;
        }
        if (has_colours(dated))
            continue;
        if (dated->count == 1 && !*g->folder) {
            dissolve(g, k); /* named by itself: what is wrong with it is said when it is opened */
            continue;
        }
        return clv_fail(g->ctx, CLV_ERROR_ARGUMENT,
                        "%s: of this date there %s %s only; red, green and blue (B04, B03, B02) are needed",
                        *clv_name_base(dated->full) ? dated->full : g->files->names[dated->first],
                        dated->count == 1 ? "is" : "are", dated->bands);
    }
    return CLV_OK;
}

/* ---- Masks and what is no reflectance ---------------------------------------------------------- */

/* The raster by itself that this classification belongs to, -1. */
static int raster_of(const grouping *g, const entry *mask)
{
    for (int i = 0; i < g->files->count; i++) {
        const entry *e = &g->entries[i];
        if (e->full && e->group < 0 && !e->drop && e->file.kind == CLV_FILE_RASTER && strcmp(e->full, mask->full) == 0)
            return i;
    }
    return -1;
}

static clv_status set_mask(grouping *g, clv_bundle *b, const entry *e, const char *path)
{
    if (b->facts.mask)
        return CLV_OK;
    b->facts.mask = clv_strdup(path);
    b->facts.mask_kind = e->file.kind == CLV_FILE_SCL ? CLV_MASK_KIND_SCL : CLV_MASK_KIND_FMASK;
    snprintf(b->facts.mask_how, sizeof b->facts.mask_how, "%s of the date's files",
             b->facts.mask_kind == CLV_MASK_KIND_SCL ? "SCL" : "Fmask");
    return b->facts.mask ? CLV_OK : clv_fail_memory(g->ctx);
}

static clv_status place_masks(grouping *g)
{
    for (int i = 0; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        if (!e->full ||
            (e->file.kind != CLV_FILE_SCL && e->file.kind != CLV_FILE_FMASK && e->file.kind != CLV_FILE_AUX))
            continue;
        int k = find_group(g, e->full, false);
        bool grouped = k >= 0 && !g->groups[k].dissolved;
        e->drop = *g->folder || grouped;
        if (e->file.kind == CLV_FILE_AUX)
            continue;
        if (grouped) {
            if (g->groups[k].mask < 0)
                g->groups[k].mask = i;
            continue;
        }
        int r = raster_of(g, e);
        if (r < 0)
            continue;
        e->drop = true;
        clv_inputs *f = g->files;
        if (!f->bundles[r])
            f->bundles[r] = clv_bundle_new(f->names[r], "");
        clv_status status = f->bundles[r] ? set_mask(g, f->bundles[r], e, f->names[i]) : clv_fail_memory(g->ctx);
        if (status != CLV_OK)
            return status;
    }
    return CLV_OK;
}

/* ---- What is known about a date ---------------------------------------------------------------- */

/* Band files that were named one by one may still lie in their product. It tells its offsets
 * when it is complete enough to be opened; else names and values decide. */
static clv_status ask_product(clv_context *ctx, clv_bundle *b)
{
    clv_bundle *product = NULL;
    char *folder = clv_strdup(b->files[0].path);
    if (!folder)
        return clv_fail_memory(ctx);
    char *end = strstr(folder, ".SAFE/");
    if (end)
        end[5] = 0;
    char *metadata = end ? clv_safe_metadata_of(folder) : NULL;
    clv_context *quiet = metadata ? clv_context_new() : NULL;
    if (quiet && clv_safe_open(quiet, metadata, &product) == CLV_OK && product) {
        b->quantification = product->quantification;
        b->sure = true;
        b->baseline = product->baseline;
        b->processing_level = product->processing_level;
        b->facts.has_date = product->facts.has_date;
        b->facts.date = product->facts.date;
        memcpy(b->scale_from, product->scale_from, sizeof b->scale_from);
        memcpy(b->facts.date_how, product->facts.date_how, sizeof b->facts.date_how);
        memcpy(b->product, product->product, sizeof b->product);
        for (int i = 0; i < b->count; i++)
            for (int k = 0; k < product->count; k++)
                if (strcmp(b->files[i].band, product->files[k].band) == 0) {
                    b->files[i].has_offset = true;
                    b->files[i].offset = product->files[k].offset;
                }
    }
    clv_bundle_free(product);
    clv_context_free(quiet);
    free(metadata);
    free(folder);
    return CLV_OK;
}

static void ask_item(const char *folder, const char *name, clv_bundle *b)
{
    char *path = clv_format("%s/%s.json", folder, name);
    if (path && clv_path_look(path) == CLV_PATH_FILE)
        clv_stac_item_apply(path, b);
    free(path);
}

/* The whole tile at any of the archive's pixel sizes. */
static void place_by_tile(clv_bundle *b)
{
    double east, north;
    if (b->has_place || !b->tile[0] || !clv_s2_tile_origin(b->tile, &b->epsg, &east, &north))
        return;
    const double t[6] = {east, 10, 0, north, 0, -10};
    memcpy(b->place, t, sizeof t);
    b->place_width = TILE_WIDTH;
    b->has_place = true;
    snprintf(b->place_from, sizeof b->place_from, "georeference of tile %s", b->tile);
}

static clv_status describe(grouping *g, clv_bundle *b)
{
    char *folder = clv_path_folder(b->files[0].path);
    if (!folder)
        return clv_fail_memory(g->ctx);
    clv_tile_of_name(clv_name_base(b->label), b->tile);
    b->processing_level = clv_processing_level_of_name(b->label);
    clv_status status = ask_product(g->ctx, b);
    if (!b->sure && strncmp(folder, "/vsicurl", 8) != 0) {
        ask_item(folder, clv_name_base(folder), b);
        if (b->quantification == 0)
            ask_item(folder, clv_name_base(b->label), b);
        if (b->quantification == 0)
            ask_item(folder, "item", b);
    }
    place_by_tile(b);
    free(folder);
    return status;
}

/* ---- Dates ------------------------------------------------------------------------------------- */

/* "a/b/" -> "a/b": B04.tif and its like are called after their folder. */
static clv_status make_bundle(grouping *g, int k, clv_bundle **out)
{
    const group *dated = &g->groups[k];
    char *label = clv_strdup(dated->full);
    for (size_t n = label ? strlen(label) : 0; n > 1 && label[n - 1] == '/'; n--)
        label[n - 1] = 0;
    const char *stem = label && *label ? clv_name_base(label) : "series";
    clv_bundle *b = label ? clv_bundle_new(*label ? label : ".", stem) : NULL;
    free(label);
    *out = b;
    if (!b)
        return clv_fail_memory(g->ctx);
    b->mosaic = dated->mosaic;
    clv_status status = CLV_OK;
    for (int i = dated->first; i < g->files->count && status == CLV_OK; i++) {
        const entry *e = &g->entries[i];
        if (e->group == k)
            status = clv_bundle_add(g->ctx, b, g->files->names[i], dated->mosaic ? "" : e->file.band,
                                    dated->mosaic ? 0 : e->file.resolution);
    }
    if (status == CLV_OK && dated->mask >= 0)
        status = set_mask(g, b, &g->entries[dated->mask], g->files->names[dated->mask]);
    if (status == CLV_OK && !dated->mosaic)
        status = describe(g, b);
    return status;
}

static clv_status emit(grouping *g, clv_inputs *dates)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < g->files->count && status == CLV_OK; i++) {
        const entry *e = &g->entries[i];
        clv_bundle *bundle = g->files->bundles[i];
        if (e->drop)
            continue;
        if (e->group < 0) {
            g->files->bundles[i] = NULL;
            status = clv_inputs_add(g->ctx, dates, g->files->names[i], bundle);
        } else if (g->groups[e->group].first == i) {
            status = make_bundle(g, e->group, &bundle);
            if (status == CLV_OK)
                status = clv_inputs_add(g->ctx, dates, bundle->label, bundle);
            else
                clv_bundle_free(bundle);
        }
    }
    return status;
}

static clv_status nothing_found(const grouping *g)
{
    char names[200] = "";
    int n = g->files->count;
    for (int i = 0; i < n && i < SHOWN; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.40s", i ? ", " : "", clv_name_base(g->files->names[i]));
    }
    if (n == 0)
        return clv_fail(
            g->ctx, CLV_ERROR_ARGUMENT,
            "%s: is %s that holds no rasters; give one with a raster a date, with a folder a date of B02, B03, "
            "B04 ... files, or with Sentinel-2 products",
            g->folder, clv_path_look(g->folder) == CLV_PATH_FILE ? "an archive" : "a folder");
    return clv_fail(g->ctx, CLV_ERROR_ARGUMENT,
                    "%s: of its %d rasters (%s%s) none is a date; needed are red, green and blue of every date in one "
                    "raster or in files named B04, B03, B02",
                    g->folder, n, names, n > SHOWN ? ", ..." : "");
}

clv_status clv_group_files(clv_context *ctx, clv_inputs *files, const char *folder, clv_inputs *dates)
{
    grouping g = {.ctx = ctx, .files = files, .folder = folder};
    int before = dates->count;
    g.entries = clv_alloc_array((size_t)files->count, 1, sizeof *g.entries);
    g.groups = clv_alloc_array((size_t)files->count, 1, sizeof *g.groups);
    clv_status status = g.entries && g.groups ? read_names(&g) : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        make_groups(&g);
        status = check_groups(&g);
    }
    if (status == CLV_OK)
        status = place_masks(&g);
    if (status == CLV_OK)
        status = emit(&g, dates);
    if (status == CLV_OK && *folder && dates->count == before)
        status = nothing_found(&g);
    for (int i = 0; g.entries && i < files->count; i++)
        free(g.entries[i].full);
    free(g.entries);
    free(g.groups);
    return status;
}
