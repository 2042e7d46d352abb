/* SPDX-License-Identifier: MIT */
#include "products/grouping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "products/damaged.h"
#include "products/input_list.h"
#include "products/product_safe.h"
#include "products/stac_item.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "sentinel2/archive_names.h"
#include "sentinel2/mgrs.h"

#define TILE_WIDTH 10980 /* pixels of 10 m */
#define SHOWN 4          /* names that messages list */
#define MAX_LOOKED 1000  /* files of a folder without rasters */

typedef struct entry {
    clv_band_file file;
    char *full; /* folder/key; NULL for what is a date already */
    int group;  /* -1: by itself */
    int mask;   /* of a raster by itself: entry with the date's classification, -1 */
    bool drop;
} entry;

typedef struct group {
    char *full;
    int first, count;
    bool mosaic;
    int mask; /* entry with the date's classification, -1 */
    int rank; /* of the variant that is used */
    char bands[100], variant[8], others[24];
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

/* Folders that sort the files of one date by resolution (ESA) or by kind (sen2r, Theia, Digital Earth Australia, and
 * Sen2Like, whose masks lie in QI_DATA and whose bands of their native resolution in IMG_DATA/NATIVE). */
static bool is_sorting_folder(const char *name, size_t n)
{
    static const char *const names[] = {"R10m",  "R20m", "R60m",  "BOA",      "TOA",    "SCL",
                                        "MASKS", "NBAR", "NBART", "IMG_DATA", "NATIVE", "QI_DATA"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && strncmp(name, names[i], n) == 0)
            return true;
    return false;
}

/* The folder without last parts such as IMG_DATA/R10m, with the slash. */
static size_t folder_length(const char *path)
{
    size_t n = (size_t)(clv_name_base(path) - path);
    for (int level = 0; level < 2 && n > 0; level++) {
        size_t begin = n - 1;
        while (begin > 0 && path[begin - 1] != '/')
            begin--;
        if (!is_sorting_folder(path + begin, n - 1 - begin))
            break;
        n = begin;
    }
    return n;
}

/* Names of datasets inside files hold colons ("NETCDF:a.nc:B02"), and so do files of Sentinel Hub's browser. */
static bool is_file(const char *path)
{
    return path[0] != '<' && (!strchr(clv_name_base(path), ':') || clv_path_look(path) == CLV_PATH_FILE);
}

/* A folder that is called like a band or mask, with a file a date in it: B04/20230413.tif. The key is the file's then,
 * in the folder above. */
static clv_status read_band_folder(grouping *g, const char *path, entry *e)
{
    const char *base = clv_name_base(path);
    char folder[64];
    clv_band_file f;
    size_t end = (size_t)(base - path);
    if (e->file.kind != CLV_FILE_RASTER || end < 2)
        return CLV_OK;
    size_t begin = --end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    if (end - begin >= sizeof folder)
        return CLV_OK;
    snprintf(folder, sizeof folder, "%.*s", (int)(end - begin), path + begin);
    clv_band_file_read_of(clv_sensor_of_path(path), folder, &f);
    if ((f.kind != CLV_FILE_BAND && f.kind != CLV_FILE_SCL && f.kind != CLV_FILE_FMASK) || f.key[0])
        return CLV_OK;
    memcpy(f.key, e->file.key, sizeof f.key);
    e->file = f;
    e->full = clv_format("%.*s%s", (int)begin, path, e->file.key);
    return e->full ? CLV_OK : clv_fail_memory(g->ctx);
}

static clv_status read_names(grouping *g)
{
    for (int i = 0; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        const char *path = g->files->names[i];
        e->group = e->mask = -1;
        if (g->files->bundles[i] || !is_file(path))
            continue;
        clv_band_file_read_of(clv_sensor_of_path(path), clv_name_base(path), &e->file);
        clv_status status = read_band_folder(g, path, e);
        if (status != CLV_OK)
            return status;
        if (!e->full)
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
        g->groups[e->group].count++;
    }
}

/* Bands of a group's files of one variant. */
static unsigned bands_seen(const grouping *g, int k, int rank)
{
    unsigned seen = 0;
    for (int i = g->groups[k].first; i < g->files->count; i++) {
        const entry *e = &g->entries[i];
        int band = clv_band_number(e->file.band);
        if (e->group == k && e->file.variant_rank == rank && band >= 0)
            seen |= 1u << band;
    }
    return seen;
}

static bool has_colours(unsigned seen)
{
    const unsigned wanted = 1u << 1 | 1u << 2 | 1u << 3; /* B02 B03 B04 */
    return (seen & wanted) == wanted;
}

/* One variant's files make the date, never those of several: that of the highest rank with red, green and blue, else
 * the highest. The files of the others are left out. */
static void choose_variant(grouping *g, int k)
{
    group *dated = &g->groups[k];
    bool found = false;
    for (int i = dated->first; i < g->files->count; i++) {
        const clv_band_file *f = &g->entries[i].file;
        if (g->entries[i].group != k)
            continue;
        bool whole = has_colours(bands_seen(g, k, f->variant_rank)), best = has_colours(bands_seen(g, k, dated->rank));
        if (!found || (whole && !best) || (whole == best && f->variant_rank > dated->rank)) {
            dated->rank = f->variant_rank;
            snprintf(dated->variant, sizeof dated->variant, "%s", f->variant);
            found = true;
        }
    }
    for (int i = dated->first; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        size_t used = strlen(dated->bands), named = strlen(dated->others);
        int band = clv_band_number(e->file.band);
        if (e->group != k)
            continue;
        if (e->file.variant_rank != dated->rank) {
            e->drop = true;
            if (!strstr(dated->others, e->file.variant))
                snprintf(dated->others + named, sizeof dated->others - named, "%s%s", named ? " " : "",
                         e->file.variant);
            continue;
        }
        if (band >= 0 && !(dated->seen & (1u << band)))
            snprintf(dated->bands + used, sizeof dated->bands - used, "%s%s", used ? " " : "", e->file.band);
        dated->seen |= band >= 0 ? 1u << band : 0;
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

/* Number of bands; 0 for what cannot be opened, which is left to the one who reads it. */
static int bands_of(const char *path)
{
    GDALDatasetH ds;
    clv_context *quiet = clv_context_new();
    int bands = 0;
    if (quiet && clv_raster_open(quiet, path, NULL, &ds) == CLV_OK) {
        bands = GDALGetRasterCount(ds);
        GDALClose(ds);
    }
    clv_context_free(quiet);
    return bands;
}

/* Whether one name is the other with something put in: "a/S2_20220801_NDVI" and "a/S2_20220801". */
static bool is_longer(const char *name, const char *than)
{
    size_t n = strlen(name), m = strlen(than), begin = 0, end = 0;
    while (begin < m && name[begin] == than[begin])
        begin++;
    while (end < m && n > end && name[n - 1 - end] == than[m - 1 - end])
        end++;
    return *clv_name_base(than) && n >= m && begin + end >= m;
}

/* A date of band files that the file of this name lies beside, -1. */
static int date_beside(const grouping *g, const char *full, int not_this)
{
    for (int k = 0; k < g->group_count; k++)
        if (k != not_this && !g->groups[k].dissolved && !g->groups[k].mosaic && has_colours(g->groups[k].seen) &&
            is_longer(full, g->groups[k].full))
            return k;
    return -1;
}

static void set_group_aside(grouping *g, int k)
{
    for (int i = g->groups[k].first; i < g->files->count; i++)
        if (g->entries[i].group == k)
            g->entries[i].drop = true;
}

/* Whether files named B02, B03, B04 have this number of bands each: one band of many dates. */
static bool is_brick(const grouping *g, int k, int bands)
{
    bool alike = has_colours(bands_seen(g, k, g->entries[g->groups[k].first].file.variant_rank));
    for (int i = g->groups[k].first; alike && i < g->files->count; i++)
        if (g->entries[i].group == k)
            alike = bands_of(g->files->names[i]) == bands;
    return alike;
}

static clv_status check_groups(grouping *g)
{
    int aside = 0;
    for (int k = 0; k < g->group_count; k++) {
        group *dated = &g->groups[k];
        if (dated->mosaic) {
            if (dated->count == 1)
                dissolve(g, k);
            continue;
        }
        int bands = bands_of(g->files->names[dated->first]);
        if (bands > 1 && is_brick(g, k, bands))
            return clv_fail(g->ctx, CLV_ERROR_ARGUMENT,
                            "%s and the files of the other bands hold %d bands each, as files of one band with all "
                            "dates do; make a folder a date: gdal_translate -b 1 %s DATE1/%s, and so for every band "
                            "and date",
                            g->files->names[dated->first], bands, clv_name_base(g->files->names[dated->first]),
                            clv_name_base(g->files->names[dated->first]));
        if (bands > 1) {
            dissolve(g, k);
            continue;
        }
        choose_variant(g, k);
    }
    for (int k = 0; k < g->group_count; k++) {
        group *dated = &g->groups[k];
        if (dated->mosaic || dated->dissolved || has_colours(dated->seen))
            continue;
        int beside = date_beside(g, dated->full, k);
        if (beside >= 0) {
            if (aside++ == 0)
                clv_note(g->ctx, "%s: its %s are left out: by their names they are no bands of %s",
                         clv_name_base(dated->full), dated->bands, clv_name_base(g->groups[beside].full));
            set_group_aside(g, k);
            continue;
        }
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

static clv_status set_mask(grouping *g, clv_bundle *b, int mask)
{
    char how[64];
    if (mask < 0 || b->facts.mask_count > 0)
        return CLV_OK;
    const clv_band_file *f = &g->entries[mask].file;
    snprintf(how, sizeof how, "%s of the date's files", f->mask_shown);
    return clv_date_facts_add_mask(&b->facts, g->files->names[mask], f->mask, 1, how) ? CLV_OK
                                                                                      : clv_fail_memory(g->ctx);
}

/* Of a date's masks the one that tells most, at its finest pixel. */
static void keep_better(const grouping *g, int *mask, int other)
{
    if (*mask >= 0) {
        const clv_band_file *old = &g->entries[*mask].file, *new = &g->entries[other].file;
        bool finer = new->resolution > 0 && new->resolution < old->resolution;
        if (new->mask_rank < old->mask_rank || (new->mask_rank == old->mask_rank && !finer))
            return;
    }
    *mask = other;
}

static clv_status place_masks(grouping *g)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < g->files->count; i++) {
        entry *e = &g->entries[i];
        if (!e->full || (e->file.mask_rank == 0 && e->file.kind != CLV_FILE_AUX))
            continue;
        int k = find_group(g, e->full, false), r = -1;
        bool grouped = k >= 0 && !g->groups[k].dissolved;
        if (!grouped)
            r = raster_of(g, e);
        /* What was named by itself is a date if it can be one: a raster may be called a mask. */
        e->drop = *g->folder || grouped || (r >= 0 && (e->file.mask_rank > 0 || bands_of(g->files->names[i]) < 3));
        if (e->file.mask_rank > 0 && grouped)
            keep_better(g, &g->groups[k].mask, i);
        else if (e->file.mask_rank > 0 && r >= 0)
            keep_better(g, &g->entries[r].mask, i);
    }
    for (int i = 0; i < g->files->count && status == CLV_OK; i++) {
        if (g->entries[i].mask < 0)
            continue;
        if (!g->files->bundles[i])
            g->files->bundles[i] = clv_bundle_new(g->files->names[i], "");
        status = g->files->bundles[i] ? set_mask(g, g->files->bundles[i], g->entries[i].mask) : clv_fail_memory(g->ctx);
    }
    return status;
}

/* ---- Files that are no dates ------------------------------------------------------------------- */

static bool is_raster_by_itself(const entry *e)
{
    return e->full && e->group < 0 && !e->drop && e->file.kind == CLV_FILE_RASTER;
}

/* Whether there is a date without the rasters of fewer than three bands. */
static bool has_dates(const grouping *g, const int *bands)
{
    for (int i = 0; i < g->files->count; i++)
        if (!g->entries[i].drop && (!is_raster_by_itself(&g->entries[i]) || bands[i] == 0 || bands[i] > 2))
            return true;
    return false;
}

/* Whether two names differ in digits alone: the same layer of two dates. */
static bool is_same_layer(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* Indices, counts, angles and whatever else lies beside the dates. */
static clv_status set_extras_aside(grouping *g)
{
    char names[300] = "";
    const char *shown[SHOWN];
    int *bands = clv_alloc_array(1, (size_t)g->files->count + 1, sizeof *bands), set_aside = 0, layers = 0;
    if (!bands)
        return clv_fail_memory(g->ctx);
    for (int i = 0; i < g->files->count; i++) {
        const char *path = g->files->names[i];
        bool cube = clv_name_ends(path, "nc") || clv_name_ends(path, "npz");
        if (is_raster_by_itself(&g->entries[i]) && (*g->folder || date_beside(g, g->entries[i].full, -1) >= 0))
            bands[i] = cube ? 0 : bands_of(path);
    }
    bool dates = has_dates(g, bands);
    for (int i = 0; i < g->files->count && dates; i++) {
        entry *e = &g->entries[i];
        if (!is_raster_by_itself(e) || bands[i] == 0 || (bands[i] > 2 && date_beside(g, e->full, -1) < 0))
            continue;
        const char *base = clv_name_base(g->files->names[i]);
        e->drop = true;
        if (bands[i] < 3 && clv_archive_is_extra(base))
            continue; /* known, and known to be none of ours */
        set_aside++;
        bool named = false;
        for (int n = 0; n < layers && n < SHOWN; n++)
            named = named || is_same_layer(shown[n], base);
        if (named || layers++ >= SHOWN)
            continue;
        size_t used = strlen(names);
        shown[layers - 1] = base;
        snprintf(names + used, sizeof names - used, "%s%.70s", used ? ", " : "", base);
    }
    free(bands);
    if (set_aside > 0)
        clv_note(g->ctx, "%d file%s left out, no date%s: %s%s", set_aside, set_aside == 1 ? " is" : "s are",
                 set_aside == 1 ? "" : "s", names, set_aside > layers || layers > SHOWN ? ", ..." : "");
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
    clv_input_files_add(ctx, metadata);
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
    } else if (quiet && strncmp(clv_context_error(quiet), metadata, strlen(metadata)) == 0) {
        /* Of the metadata themselves, not of files that are missing. */
        clv_damaged_note(b, metadata, clv_context_error(quiet) + strlen(metadata) + 2);
    }
    clv_bundle_free(product);
    clv_context_free(quiet);
    free(metadata);
    free(folder);
    return CLV_OK;
}

static void ask_item(clv_context *ctx, const char *folder, const char *name, clv_bundle *b)
{
    char *path = clv_format("%s/%s.json", folder, name);
    if (path && clv_path_look(path) == CLV_PATH_FILE) {
        clv_input_files_add(ctx, path);
        clv_stac_item_apply(path, b);
    }
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
        ask_item(g->ctx, folder, clv_name_base(folder), b);
        if (b->quantification == 0)
            ask_item(g->ctx, folder, clv_name_base(b->label), b);
        if (b->quantification == 0)
            ask_item(g->ctx, folder, "item", b);
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
    clv_date date;
    char text[3], day[16];
    /* "13" of 2023/04/13 alone is no name, nor is "0" of 2023/4/13/0, its part of the day. */
    size_t end = label ? strlen(label) : 0;
    if (stem[0] >= '0' && stem[0] <= '9' && !stem[1] && end > 2 && label[end - 2] == '/')
        end -= 2;
    if (label && (clv_date_of_folders(label, strlen(label), false, &date, text) ||
                  clv_date_of_folders(label, end, false, &date, text))) {
        snprintf(day, sizeof day, "%04d%02d%02d", date.year % 10000, date.month % 100, date.day % 100);
        stem = day;
    }
    clv_bundle *b = label ? clv_bundle_new(*label ? label : ".", stem) : NULL;
    free(label);
    *out = b;
    if (!b)
        return clv_fail_memory(g->ctx);
    b->mosaic = dated->mosaic;
    clv_status status = CLV_OK;
    for (int i = dated->first; i < g->files->count && status == CLV_OK; i++) {
        const entry *e = &g->entries[i];
        if (e->group == k && !e->drop)
            status = clv_bundle_add(g->ctx, b, g->files->names[i], dated->mosaic ? "" : e->file.band,
                                    dated->mosaic ? 0 : e->file.resolution);
        if (e->group == k && !e->drop && status == CLV_OK)
            memcpy(b->files[b->count - 1].own, e->file.own, sizeof e->file.own);
    }
    if (status == CLV_OK)
        status = set_mask(g, b, dated->mask);
    if (dated->others[0])
        snprintf(b->variant, sizeof b->variant, "%s (not %s)", dated->variant, dated->others);
    else
        snprintf(b->variant, sizeof b->variant, "%s", dated->variant);
    if (status == CLV_OK && !dated->mosaic)
        status = describe(g, b);
    return status;
}

/* The first of a group's files that is used. */
static int first_kept(const grouping *g, int k)
{
    int i = g->groups[k].first;
    while (i < g->files->count && (g->entries[i].group != k || g->entries[i].drop))
        i++;
    return i;
}

static clv_status emit(grouping *g, clv_inputs *dates)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < g->files->count && status == CLV_OK; i++) {
        const entry *e = &g->entries[i];
        clv_bundle *bundle = g->files->bundles[i];
        bool first = e->group >= 0 && first_kept(g, e->group) == i;
        if (e->drop)
            continue;
        if (e->group < 0) {
            g->files->bundles[i] = NULL;
            status = clv_inputs_add(g->ctx, dates, g->files->names[i], bundle);
        } else if (first) {
            status = make_bundle(g, e->group, &bundle);
            if (status == CLV_OK)
                status = clv_inputs_add(g->ctx, dates, bundle->label, bundle);
            else
                clv_bundle_free(bundle);
        }
    }
    return status;
}

static bool holds_json(const char *folder)
{
    char **names = clv_path_look(folder) == CLV_PATH_FOLDER ? VSIReadDirEx(folder, MAX_LOOKED) : NULL;
    bool found = false;
    for (int i = 0; names && names[i] && !found; i++)
        found = clv_name_ends(names[i], "json") || clv_name_ends(names[i], "geojson");
    CSLDestroy(names);
    return found;
}

static clv_status nothing_found(const grouping *g)
{
    char names[200] = "";
    int n = g->files->count;
    for (int i = 0; i < n && i < SHOWN; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.40s", i ? ", " : "", clv_name_base(g->files->names[i]));
    }
    if (n == 0 && holds_json(g->folder))
        return clv_fail(g->ctx, CLV_ERROR_ARGUMENT,
                        "%s: is a folder that holds no rasters, but JSON files; if they are STAC items name them, for "
                        "example %s%s*.json",
                        g->folder, g->folder, g->folder[strlen(g->folder) - 1] == '/' ? "" : "/");
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
        status = set_extras_aside(&g);
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
