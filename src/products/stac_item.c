/* SPDX-License-Identifier: MIT */
#include "products/stac_item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/names.h"
#include "formats/json.h"
#include "products/damaged.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"
#include "sentinel2/radiometry.h"

#define MAX_ITEM_BYTES (4 * 1024 * 1024)
#define QUANTIFICATION 10000.0

static clv_json *load(const char *path, clv_bundle *b)
{
    GByte *text = NULL;
    vsi_l_offset size = 0;
    char error[80] = "", why[140];
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    int ok = clv_path_is_readable(path) && VSIIngestFile(NULL, path, &text, &size, MAX_ITEM_BYTES);
    clv_gdal_errors_end(&errors);
    clv_json *item = ok ? clv_json_parse((const char *)text, (size_t)size, error, sizeof error) : NULL;
    CPLFree(text);
    if (item)
        return item;
    if (ok)
        snprintf(why, sizeof why, "is no JSON (%s)", error);
    else
        snprintf(why, sizeof why, "cannot be read, or has more than %d MB", MAX_ITEM_BYTES >> 20);
    clv_damaged_note(b, path, why);
    return NULL;
}

/* A flag as true or false, 1 or 0, or the words; false: absent or something else, which `wrong` then tells apart. */
static bool flag_of(const clv_json *value, bool *flag, bool *wrong)
{
    const char *text = clv_json_string(value, NULL);
    const double number = clv_json_number(value, NAN);
    *flag = clv_json_bool(value, false) || number == 1 || (text && EQUAL(text, "true"));
    const bool known = clv_json_kind(value) == CLV_JSON_BOOL || number == 0 || number == 1 ||
                       (text && (EQUAL(text, "true") || EQUAL(text, "false")));
    *wrong = value && clv_json_kind(value) != CLV_JSON_NULL && !known;
    return known;
}

/* Text, or a number written without quotes. */
static double number_of(const clv_json *value)
{
    const char *text = clv_json_string(value, NULL);
    return text ? CPLAtof(text) : clv_json_number(value, NAN);
}

/* The asset whose file has this name, else the one that is called like the band. */
static const clv_json *asset_of(const clv_json *assets, const char *path, const char *band)
{
    const char *base = clv_name_base(path);
    for (int i = 0; i < clv_json_count(assets); i++) {
        const clv_json *asset = clv_json_at(assets, i);
        const char *href = clv_json_string(clv_json_get(asset, "href"), NULL);
        if (!href)
            continue;
        size_t n = strcspn(href, "?");
        size_t m = strlen(base);
        if (n >= m && strncmp(href + n - m, base, m) == 0 && (n == m || href[n - m - 1] == '/'))
            return asset;
    }
    return clv_json_get(assets, band);
}

/* datetime, which is null where the item spans a time; then where that begins, or ends. */
static void read_time(const char *path, const clv_json *properties, clv_bundle *b)
{
    static const char *const keys[] = {"datetime", "start_datetime", "end_datetime"};
    const clv_json *value = NULL;
    const char *key = keys[0];
    char why[120];
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !value; i++) {
        key = keys[i];
        value = clv_json_get(properties, key);
        value = clv_json_kind(value) == CLV_JSON_NULL ? NULL : value;
    }
    const char *text = clv_json_string(value, NULL);
    if (text && clv_date_parse(text, &b->facts.date)) {
        b->facts.has_date = true;
        snprintf(b->facts.date_how, sizeof b->facts.date_how, "STAC item's %s", key);
        return;
    }
    if (value)
        snprintf(why, sizeof why, "its %s (%.40s) is no time", key, text ? text : "no text");
    else
        snprintf(why, sizeof why, "has neither datetime nor start_datetime");
    clv_damaged_note(b, path, why);
}

static void read_product(const clv_json *properties, clv_bundle *b)
{
    double value = number_of(clv_json_get(properties, "s2:processing_baseline"));
    if (isnan(value))
        value = number_of(clv_json_get(properties, "processing:version"));
    const char *uri = clv_json_string(clv_json_get(properties, "s2:product_uri"), NULL);
    if (value > 0 && value < 20)
        b->baseline = (int)(value * 100 + 0.5);
    if (uri)
        snprintf(b->product, sizeof b->product, "%s", uri);
    if (uri && !b->processing_level)
        b->processing_level = clv_processing_level_of_name(uri);
}

/* An asset's own scale and offset: reflectance. */
static bool asset_offset(const clv_json *asset, double *scale, double *offset)
{
    static const char *const lists[] = {"raster:bands", "bands"}; /* the latter of STAC 1.1 */
    const clv_json *values = asset;
    const char *scale_key = "raster:scale", *offset_key = "raster:offset";
    for (size_t i = 0; i < sizeof lists / sizeof *lists && values == asset; i++) {
        const clv_json *band = clv_json_at(clv_json_get(asset, lists[i]), 0);
        if (clv_json_get(band, "scale")) { /* members of raster:bands have no prefix */
            values = band;
            scale_key = "scale";
            offset_key = "offset";
        } else if (clv_json_get(band, scale_key)) {
            values = band;
        }
    }
    *scale = clv_json_number(clv_json_get(values, scale_key), NAN);
    *offset = clv_json_number(clv_json_get(values, offset_key), 0);
    return *scale > 0 && isfinite(*scale) && isfinite(*offset);
}

/* DN, where all assets that have one say the same; else 0. */
static double claimed_offset(const clv_json *const *assets, int count)
{
    double scale, offset, claimed = 0;
    for (int i = 0; i < count; i++) {
        const double dn = asset_offset(assets[i], &scale, &offset) ? floor(offset / scale + 0.5) : 0;
        if (dn != 0 && claimed != 0 && dn != claimed)
            return 0;
        claimed = dn != 0 ? dn : claimed;
    }
    return claimed;
}

void clv_stac_item_offsets(const char *path, const clv_json *item, const clv_json *const *assets, clv_bundle *b)
{
    double scale = NAN, offset = 0, unit = NAN;
    bool applied, wrong, known;
    known = flag_of(clv_json_get(clv_json_get(item, "properties"), "earthsearch:boa_offset_applied"), &applied, &wrong);
    if (wrong)
        clv_damaged_note(b, path, "its earthsearch:boa_offset_applied is neither true nor false");
    for (int i = 0; i < b->count && isnan(unit); i++)
        if (asset_offset(assets[i], &scale, &offset))
            unit = 1 / scale;
    /* An offset of -0.1 stands in many items, whether it was subtracted or not: alone it is a claim. */
    bool usual = isnan(unit) || fabs(unit / QUANTIFICATION - 1) < 1e-6;
    if (!known && b->baseline < 0 && usual) {
        b->claimed = claimed_offset(assets, b->count);
        return;
    }
    b->quantification = known || usual ? QUANTIFICATION : unit;
    b->applied = known && applied;
    for (int i = 0; i < b->count; i++) {
        clv_bundle_file *f = &b->files[i];
        f->has_offset = true;
        if (known)
            f->offset = b->applied ? 0 : clv_baseline_offset(b->baseline);
        else if (asset_offset(assets[i], &scale, &offset) && fabs(scale * b->quantification - 1) < 1e-6)
            f->offset = b->quantification == QUANTIFICATION ? floor(offset / scale + 0.5) : offset / scale;
        else
            f->offset = clv_baseline_offset(b->baseline);
    }
    snprintf(b->scale_from, sizeof b->scale_from, "STAC item%s", b->applied ? ": offset applied already" : "");
}

static double place_member(const clv_json *item, const clv_json *asset, const char *key, int at)
{
    const clv_json *list = clv_json_get(asset, key);
    if (!list)
        list = clv_json_get(clv_json_get(item, "properties"), key);
    return clv_json_number(clv_json_at(list, at), NAN);
}

bool clv_stac_item_transform(const clv_json *item, const clv_json *asset, double transform[6])
{
    /* Row by row: pixel width, rotation, left; rotation, pixel height, top. */
    static const int order[6] = {1, 2, 0, 4, 5, 3};
    for (int i = 0; i < 6; i++)
        transform[order[i]] = place_member(item, asset, "proj:transform", i);
    for (int i = 0; i < 6; i++)
        if (!isfinite(transform[i]))
            return false;
    return transform[1] != 0 && transform[5] != 0;
}

void clv_stac_item_place(const clv_json *item, const clv_json *asset, clv_bundle *b)
{
    const clv_json *properties = clv_json_get(item, "properties");
    int64_t epsg = clv_json_integer(clv_json_get(properties, "proj:epsg"), 0);
    const char *text = clv_json_string(clv_json_get(asset, "proj:code"), NULL);
    if (!text)
        text = clv_json_string(clv_json_get(properties, "proj:code"), NULL);
    if (epsg == 0 && text && EQUALN(text, "EPSG:", 5))
        epsg = atoi(text + 5);
    double width = place_member(item, asset, "proj:shape", 1), place[6];
    if (epsg < 1 || epsg > 1000000 || !(width > 0) || !clv_stac_item_transform(item, asset, place))
        return;
    memcpy(b->place, place, sizeof place);
    b->has_place = true;
    b->epsg = (int)epsg;
    b->place_width = width;
    snprintf(b->place_from, sizeof b->place_from, "georeference of the STAC item");
}

bool clv_stac_item_is(const clv_json *item)
{
    return strcmp(clv_json_string(clv_json_get(item, "type"), ""), "Feature") == 0 &&
           clv_json_kind(clv_json_get(item, "assets")) == CLV_JSON_OBJECT &&
           (clv_json_get(item, "stac_version") || clv_json_get(clv_json_get(item, "properties"), "datetime"));
}

void clv_stac_item_read(const char *path, const clv_json *item, clv_bundle *b)
{
    const clv_json *properties = clv_json_get(item, "properties");
    read_time(path, properties, b);
    read_product(properties, b);
}

void clv_stac_item_apply(const char *path, clv_bundle *b)
{
    clv_json *item = load(path, b);
    const clv_json **of_file = clv_alloc_array((size_t)b->count, 1, sizeof *of_file);
    const bool is_item = clv_stac_item_is(item);
    if (item && !is_item)
        clv_damaged_note(b, path, "is no STAC item");
    if (of_file && is_item) {
        const clv_json *assets = clv_json_get(item, "assets");
        for (int i = 0; i < b->count; i++)
            of_file[i] = asset_of(assets, b->files[i].path, b->files[i].band);
        if (clv_json_kind(clv_json_get(item, "properties")) != CLV_JSON_OBJECT)
            clv_damaged_note(b, path, "is a STAC item whose properties are no object");
        clv_stac_item_read(path, item, b);
        clv_stac_item_offsets(path, item, of_file, b);
        if (b->count)
            clv_stac_item_place(item, of_file[0], b);
    }
    free(of_file);
    clv_json_free(item);
}
