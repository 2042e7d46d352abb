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
#include "raster/gdal_errors.h"
#include "sentinel2/radiometry.h"

#define MAX_ITEM_BYTES (4 * 1024 * 1024)
#define QUANTIFICATION 10000.0

static clv_json *load(const char *path)
{
    GByte *text = NULL;
    vsi_l_offset size = 0;
    char error[160];
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    int ok = VSIIngestFile(NULL, path, &text, &size, MAX_ITEM_BYTES);
    clv_gdal_errors_end(&errors);
    clv_json *item = ok ? clv_json_parse((const char *)text, (size_t)size, error, sizeof error) : NULL;
    CPLFree(text);
    return item;
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

static void read_time(const clv_json *properties, clv_bundle *b)
{
    const char *text = clv_json_string(clv_json_get(properties, "datetime"), NULL);
    if (text && clv_date_parse(text, &b->facts.date)) {
        b->facts.has_date = true;
        snprintf(b->facts.date_how, sizeof b->facts.date_how, "STAC item's datetime");
    }
}

static void read_product(const clv_json *properties, clv_bundle *b)
{
    const char *baseline = clv_json_string(clv_json_get(properties, "s2:processing_baseline"), NULL);
    if (!baseline)
        baseline = clv_json_string(clv_json_get(properties, "processing:version"), NULL);
    const char *uri = clv_json_string(clv_json_get(properties, "s2:product_uri"), NULL);
    double value = baseline ? CPLAtof(baseline) : NAN;
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
    const clv_json *bands = clv_json_get(asset, "raster:bands");
    const clv_json *values = bands ? clv_json_at(bands, 0) : asset;
    const clv_json *s = clv_json_get(values, bands ? "scale" : "raster:scale"),
                   *o = clv_json_get(values, bands ? "offset" : "raster:offset");
    *scale = clv_json_number(s, NAN);
    *offset = clv_json_number(o, 0);
    return *scale > 0 && isfinite(*scale) && isfinite(*offset);
}

static void read_offsets(const clv_json *item, const clv_json *properties, clv_bundle *b)
{
    const clv_json *applied = clv_json_get(properties, "earthsearch:boa_offset_applied");
    const clv_json *assets = clv_json_get(item, "assets");
    double scale, offset;
    bool known = clv_json_kind(applied) == CLV_JSON_BOOL;
    if (!known && b->baseline < 0)
        return;
    b->quantification = QUANTIFICATION;
    b->applied = known && clv_json_bool(applied, false);
    for (int i = 0; i < b->count; i++) {
        clv_bundle_file *f = &b->files[i];
        f->has_offset = true;
        if (known)
            f->offset = b->applied ? 0 : clv_baseline_offset(b->baseline);
        else if (asset_offset(asset_of(assets, f->path, f->band), &scale, &offset) &&
                 fabs(scale * QUANTIFICATION - 1) < 1e-6)
            f->offset = floor(offset / scale + 0.5);
        else
            f->offset = clv_baseline_offset(b->baseline);
    }
    snprintf(b->scale_from, sizeof b->scale_from, "STAC item%s", b->applied ? ": offset applied already" : "");
}

static void read_place(const clv_json *item, const clv_json *properties, clv_bundle *b)
{
    const clv_json *assets = clv_json_get(item, "assets");
    const clv_json *asset = b->count ? asset_of(assets, b->files[0].path, b->files[0].band) : NULL;
    const clv_json *transform = clv_json_get(asset, "proj:transform"), *shape = clv_json_get(asset, "proj:shape"),
                   *code = clv_json_get(properties, "proj:epsg");
    int64_t epsg = clv_json_integer(code, 0);
    const char *text = clv_json_string(clv_json_get(properties, "proj:code"), NULL);
    if (epsg == 0 && text && EQUALN(text, "EPSG:", 5))
        epsg = atoi(text + 5);
    double width = clv_json_number(clv_json_at(shape, 1), 0);
    if (epsg < 1 || epsg > 1000000 || clv_json_count(transform) < 6 || !(width > 0))
        return;
    /* Row by row: pixel width, rotation, left; rotation, pixel height, top. */
    static const int order[6] = {1, 2, 0, 4, 5, 3};
    for (int i = 0; i < 6; i++)
        b->place[order[i]] = clv_json_number(clv_json_at(transform, i), NAN);
    for (int i = 0; i < 6; i++)
        if (!isfinite(b->place[i]))
            return;
    b->has_place = b->place[1] != 0;
    b->epsg = (int)epsg;
    b->place_width = width;
    snprintf(b->place_from, sizeof b->place_from, "georeference of the STAC item");
}

void clv_stac_item_apply(const char *path, clv_bundle *b)
{
    clv_json *item = load(path);
    const clv_json *properties = clv_json_get(item, "properties");
    if (strcmp(clv_json_string(clv_json_get(item, "type"), ""), "Feature") == 0 && clv_json_get(item, "stac_version")) {
        read_time(properties, b);
        read_product(properties, b);
        read_offsets(item, properties, b);
        read_place(item, properties, b);
    }
    clv_json_free(item);
}
