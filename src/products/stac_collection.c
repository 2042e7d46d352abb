/* SPDX-License-Identifier: MIT */
#include "products/stac_collection.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "formats/json.h"
#include "products/href.h"
#include "products/stac_item.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "sentinel2/sensor.h"

#define SHOWN_ID 60

typedef struct reading {
    clv_context *ctx;
    const char *path;
    char *folder; /* relative links begin there */
    clv_inputs *list;
    int items, left_out, damaged;
    char first_left_out[SHOWN_ID + 1];
    char first_damaged[SHOWN_ID + 80]; /* and what is wrong with it */
} reading;

/* ---- Assets ------------------------------------------------------------------------------------ */

/* The one band of an asset: eo:bands, or bands of STAC 1.1; NULL when it does not say. *several: it has more. */
static const clv_json *band_of(const clv_json *asset, bool *several)
{
    static const char *const keys[] = {"eo:bands", "bands"};
    *several = false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const clv_json *bands = clv_json_get(asset, keys[i]);
        *several = *several || clv_json_count(bands) > 1;
        if (clv_json_count(bands) == 1)
            return clv_json_at(bands, 0);
    }
    return NULL;
}

/* Where the sensor has no band of a broad near infrared its near infrared is the narrow one. */
static const char *of_common_name(clv_sensor sensor, const clv_json *band)
{
    const char *name = clv_json_string(clv_json_get(band, "common_name"), NULL);
    if (!name)
        name = clv_json_string(clv_json_get(band, "eo:common_name"), NULL);
    const char *found = name ? clv_band_of_common_name(name) : NULL;
    return found && clv_sensor_is_landsat(sensor) && strcmp(found, "B08") == 0 ? "B8A" : found;
}

/* Sentinel-2's name of the asset's band; NULL: it is none. buffer: 8 bytes that the name may lie in. */
static const char *asset_band(clv_sensor sensor, const char *key, const clv_json *asset, char *buffer)
{
    bool several;
    const clv_json *band = band_of(asset, &several);
    if (several)
        return NULL;
    const char *name = clv_json_string(clv_json_get(band, "name"), NULL), *found = of_common_name(sensor, band);
    if (!found && name)
        found = clv_sensor_band(sensor, name);
    if (found)
        return found;
    clv_band_file f;
    clv_band_file_read_of(sensor, key, &f); /* "B02_10m", "red", "nir08" */
    if (f.kind != CLV_FILE_BAND)
        return NULL;
    snprintf(buffer, 8, "%s", f.band);
    return buffer;
}

static bool has_role(const clv_json *asset, const char *role)
{
    const clv_json *roles = clv_json_get(asset, "roles");
    for (int i = 0; i < clv_json_count(roles); i++)
        if (strcmp(clv_json_string(clv_json_at(roles, i), ""), role) == 0)
            return true;
    return false;
}

typedef enum raster_kind { NO_RASTER, OTHER_RASTER, GEOTIFF } raster_kind;

/* By its media type, else by the end of its link. Pictures for the eye are none. */
static raster_kind kind_of(const clv_json *asset, const char *href)
{
    const char *type = clv_json_string(clv_json_get(asset, "type"), "");
    size_t n = strcspn(href, "?#");
    if (has_role(asset, "thumbnail") || has_role(asset, "overview") || has_role(asset, "visual"))
        return NO_RASTER;
    if (STARTS_WITH_CI(type, "image/tiff") || STARTS_WITH_CI(type, "image/vnd.stac.geotiff"))
        return GEOTIFF;
    if (STARTS_WITH_CI(type, "image/jp2") || STARTS_WITH_CI(type, "application/x-zarr"))
        return OTHER_RASTER;
    if (n > 4 && (EQUALN(href + n - 4, ".tif", 4) || (n > 5 && EQUALN(href + n - 5, ".tiff", 5))))
        return GEOTIFF;
    return n > 4 && EQUALN(href + n - 4, ".jp2", 4) ? OTHER_RASTER : NO_RASTER;
}

/* Metres, 0 unknown. */
static double pixel_of(const clv_json *item, const clv_json *asset, const char *key)
{
    double transform[6];
    const clv_json *own = clv_json_get(asset, "proj:transform");
    if (own && clv_stac_item_transform(item, asset, transform) && fabs(transform[1]) >= 1)
        return fabs(transform[1]);
    double pixel =
        clv_json_number(clv_json_get(clv_json_at(clv_json_get(asset, "raster:bands"), 0), "spatial_resolution"), 0);
    if (!(pixel >= 1))
        pixel =
            clv_json_number(clv_json_get(clv_json_at(clv_json_get(asset, "bands"), 0), "raster:spatial_resolution"), 0);
    if (!(pixel >= 1))
        pixel = clv_json_number(clv_json_get(asset, "raster:spatial_resolution"), 0);
    if (!(pixel >= 1)) {
        clv_band_file f;
        clv_band_file_read(key, &f);
        pixel = f.resolution;
    }
    if (!(pixel >= 1))
        pixel = clv_json_number(clv_json_get(asset, "gsd"), 0);
    return pixel >= 1 && pixel < 1000 ? pixel : 0;
}

static bool has_file(const clv_bundle *b, const char *band, double pixel)
{
    for (int i = 0; i < b->count; i++)
        if (strcmp(b->files[i].band, band) == 0 && b->files[i].pixel == pixel)
            return true;
    return false;
}

/* raster:bands of the asset; in STAC 1.1 the asset's band, or the asset for all of its bands. "nan" and the like are a
 * float's own. */
static void set_nodata(const clv_json *asset, clv_bundle_file *file)
{
    static const char *const keys[] = {"raster:bands", "bands"};
    const clv_json *value = NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !value; i++)
        value = clv_json_get(clv_json_at(clv_json_get(asset, keys[i]), 0), "nodata");
    if (!value)
        value = clv_json_get(asset, "nodata");
    file->nodata = clv_json_number(value, NAN);
    file->has_nodata = !isnan(file->nodata);
}

/* Whether the asset is a variant of which the item has a better one: nbar beside Digital Earth Australia's nbart. */
static bool is_lesser(const clv_json *assets, const char *key)
{
    char better[64];
    if (strncmp(key, "nbar_", 5) != 0)
        return false;
    snprintf(better, sizeof better, "nbart_%s", key + 5);
    return clv_json_get(assets, better) != NULL;
}

/* The assets of one kind of file that are bands. of_file [CLV_BUNDLE_FILES]: the asset of each file. */
static clv_status add_bands(reading *r, const clv_json *item, clv_sensor sensor, raster_kind kind, clv_bundle *b,
                            const clv_json **of_file)
{
    const clv_json *assets = clv_json_get(item, "assets");
    clv_status status = CLV_OK;
    for (int i = 0; i < clv_json_count(assets) && status == CLV_OK && b->count < CLV_BUNDLE_FILES; i++) {
        char buffer[8];
        const clv_json *asset = clv_json_at(assets, i);
        const char *key = clv_json_key_at(assets, i), *href = clv_json_string(clv_json_get(asset, "href"), NULL);
        const char *band = href && kind_of(asset, href) == kind ? asset_band(sensor, key, asset, buffer) : NULL;
        double pixel = band ? pixel_of(item, asset, key) : 0;
        if (!band || has_file(b, band, pixel) || is_lesser(assets, key))
            continue;
        char *path = clv_href_path(href, r->folder);
        status = path ? clv_bundle_add(r->ctx, b, path, band, pixel) : clv_fail_memory(r->ctx);
        free(path);
        if (status == CLV_OK) {
            clv_band_file f;
            clv_band_file_read_of(sensor, key, &f);
            memcpy(b->files[b->count - 1].own, f.own, sizeof f.own);
            of_file[b->count - 1] = asset;
            set_nodata(asset, &b->files[b->count - 1]);
        }
    }
    return status;
}

static bool has_colours(const clv_bundle *b)
{
    return clv_bundle_has(b, "B02") && clv_bundle_has(b, "B03") && clv_bundle_has(b, "B04");
}

/* The item's scene classification, quality bits and other masks that are known. */
static clv_status add_masks(reading *r, const clv_json *item, clv_bundle *b)
{
    const clv_json *assets = clv_json_get(item, "assets");
    bool found = false;
    for (int kind = GEOTIFF; kind >= OTHER_RASTER && !found; kind--)
        for (int i = 0; i < clv_json_count(assets); i++) {
            const clv_json *asset = clv_json_at(assets, i);
            const char *key = clv_json_key_at(assets, i), *href = clv_json_string(clv_json_get(asset, "href"), NULL);
            clv_mask_kind mask;
            const char *shown;
            char how[60];
            if (!href || (int)kind_of(asset, href) != kind || !clv_mask_kind_of_name(key, &mask, &shown))
                continue;
            char *path = clv_href_path(href, r->folder);
            snprintf(how, sizeof how, "%s of the STAC item", shown);
            bool added = path && clv_date_facts_add_mask(&b->facts, path, mask, 1, how);
            free(path);
            if (!added)
                return clv_fail_memory(r->ctx);
            found = true;
        }
    return CLV_OK;
}

/* ---- Items ------------------------------------------------------------------------------------- */

static clv_sensor sensor_of(const clv_json *item)
{
    static const char *const keys[] = {"platform", "constellation"};
    clv_sensor sensor = clv_sensor_of_name(clv_json_string(clv_json_get(item, "id"), ""));
    for (size_t i = 0; i < sizeof keys / sizeof *keys && sensor == CLV_SENSOR_UNKNOWN; i++)
        sensor = clv_sensor_of_name(clv_json_string(clv_json_get(clv_json_get(item, "properties"), keys[i]), ""));
    return sensor;
}

static void leave_out(reading *r, const char *id)
{
    if (r->left_out++ == 0)
        snprintf(r->first_left_out, sizeof r->first_left_out, "%s", id);
}

/* What keeps an element of a collection from being an item. */
static const char *fault_of(const clv_json *item)
{
    const clv_json *properties = clv_json_get(item, "properties");
    if (clv_json_kind(item) != CLV_JSON_OBJECT || strcmp(clv_json_string(clv_json_get(item, "type"), ""), "Feature"))
        return "is no Feature";
    if (clv_json_kind(clv_json_get(item, "assets")) != CLV_JSON_OBJECT)
        return "has no assets";
    return clv_json_kind(properties) == CLV_JSON_OBJECT ? "has no stac_version and no datetime" : "has no properties";
}

static void set_aside(reading *r, const clv_json *item)
{
    const char *id = clv_json_string(clv_json_get(item, "id"), NULL);
    r->items++;
    if (r->damaged++ > 0)
        return;
    if (id)
        snprintf(r->first_damaged, sizeof r->first_damaged, "%.*s %s", SHOWN_ID, id, fault_of(item));
    else
        snprintf(r->first_damaged, sizeof r->first_damaged, "item %d %s", r->items, fault_of(item));
}

/* Whether the raster's own names of its bands are those that the asset gives them. */
static bool same_names(clv_sensor sensor, const char *path, const clv_json *bands)
{
    clv_context *quiet = clv_context_new();
    GDALDatasetH ds = NULL;
    bool same =
        quiet && clv_raster_open(quiet, path, NULL, &ds) == CLV_OK && GDALGetRasterCount(ds) == clv_json_count(bands);
    for (int i = 0; same && i < clv_json_count(bands); i++) {
        const char *name = clv_json_string(clv_json_get(clv_json_at(bands, i), "name"), "");
        clv_band_file said, own;
        clv_band_file_read_of(sensor, name, &said);
        clv_band_file_read_of(sensor, GDALGetDescription(GDALGetRasterBand(ds, i + 1)), &own);
        same = said.kind == own.kind && strcmp(said.band, own.band) == 0;
    }
    if (ds)
        GDALClose(ds);
    clv_context_free(quiet);
    return same;
}

/* An asset of all bands, as openEO saves its results: a raster by itself, which names them too. *added: there is one.
 */
static clv_status add_whole(reading *r, const clv_json *item, clv_sensor sensor, bool *added)
{
    const clv_json *assets = clv_json_get(item, "assets");
    clv_status status = CLV_OK;
    *added = false;
    for (int i = 0; i < clv_json_count(assets) && status == CLV_OK && !*added; i++) {
        const clv_json *asset = clv_json_at(assets, i), *bands = clv_json_get(asset, "eo:bands");
        const char *href = clv_json_string(clv_json_get(asset, "href"), NULL);
        unsigned seen = 0;
        bands = bands ? bands : clv_json_get(asset, "bands");
        for (int b = 0; b < clv_json_count(bands); b++) {
            clv_band_file f;
            clv_band_file_read_of(sensor, clv_json_string(clv_json_get(clv_json_at(bands, b), "name"), ""), &f);
            const int number = f.kind == CLV_FILE_BAND ? clv_band_number(f.band) : -1;
            seen |= number >= 0 ? 1u << number : 0;
        }
        if (!href || kind_of(asset, href) == NO_RASTER || (seen & 0xe) != 0xe) /* B02 B03 B04 */
            continue;
        char *path = clv_href_path(href, r->folder);
        if (!path)
            return clv_fail_memory(r->ctx);
        if (same_names(sensor, path, bands)) {
            clv_bundle *b = clv_bundle_new(path, "");
            status = b ? CLV_OK : clv_fail_memory(r->ctx);
            if (b) {
                clv_stac_item_read(r->path, item, b);
                status = clv_inputs_add(r->ctx, r->list, path, b);
            }
            *added = true;
        }
        free(path);
    }
    return status;
}

static clv_status add_item(reading *r, const clv_json *item)
{
    const clv_json **of_file = clv_alloc_array(CLV_BUNDLE_FILES, 1, sizeof *of_file);
    const char *id = clv_json_string(clv_json_get(item, "id"), "");
    char *stem = clv_strdup(*id ? id : "item");
    size_t n = stem ? strlen(stem) : 0;
    if (n > 5 && EQUAL(stem + n - 5, ".SAFE"))
        stem[n - 5] = 0;
    for (char *c = stem; c && *c; c++)
        if ((unsigned char)*c < 32 || strchr("/\\:\"*?<>|", *c))
            *c = '_';
    clv_bundle *b = stem ? clv_bundle_new(id, stem) : NULL;
    clv_status status = of_file && b ? CLV_OK : clv_fail_memory(r->ctx);
    const clv_sensor sensor = sensor_of(item);
    r->items++;
    if (status == CLV_OK)
        status = add_bands(r, item, sensor, GEOTIFF, b, of_file);
    if (status == CLV_OK && !has_colours(b)) /* archives with JPEG 2000 beside GeoTIFF: the latter is read by parts */
        status = add_bands(r, item, sensor, OTHER_RASTER, b, of_file);
    if (status == CLV_OK && !has_colours(b)) {
        bool added;
        status = add_whole(r, item, sensor, &added);
        if (!added)
            leave_out(r, id);
        goto cleanup;
    }
    if (status == CLV_OK)
        status = add_masks(r, item, b);
    if (status == CLV_OK) {
        clv_tile_of_name(id, b->tile);
        b->processing_level = clv_processing_level_of_name(id);
        char *place = clv_format("%s, item %s", r->path, id);
        clv_stac_item_read(place ? place : r->path, item, b);
        free(place);
        clv_stac_item_offsets(r->path, item, of_file, b);
        clv_stac_item_place(item, of_file[0], b);
        status = clv_inputs_add(r->ctx, r->list, b->label, b);
        b = NULL;
    }

cleanup:
    clv_bundle_free(b);
    free(stem);
    free(of_file);
    return status;
}

/* An answer that holds one page of several. */
static void warn_pages(const reading *r, const clv_json *root)
{
    const clv_json *links = clv_json_get(root, "links");
    int64_t matched = clv_json_integer(clv_json_get(root, "numberMatched"), 0);
    if (matched == 0)
        matched = clv_json_integer(clv_json_get(clv_json_get(root, "context"), "matched"), 0);
    bool more = false;
    for (int i = 0; i < clv_json_count(links); i++)
        more = more || strcmp(clv_json_string(clv_json_get(clv_json_at(links, i), "rel"), ""), "next") == 0;
    if (matched > r->items)
        clv_warn(r->ctx, "%s: holds %d of the %lld items that the search found; ask for all of them (limit, next page)",
                 r->path, r->items, (long long)matched);
    else if (more && matched == 0)
        clv_warn(r->ctx, "%s: its %d items are one page of a search (it has a link to the next one)", r->path,
                 r->items);
}

/* The elements of a collection, or of an array of items, as programs save them without the collection around them. */
static const clv_json *elements_of(const clv_json *root)
{
    return clv_json_kind(root) == CLV_JSON_ARRAY ? root : clv_json_get(root, "features");
}

/* Whether an element was meant to be an item: other GeoJSON has neither. */
static bool is_meant(const clv_json *element)
{
    return clv_stac_item_is(element) || clv_json_get(element, "stac_version") ||
           clv_json_kind(clv_json_get(element, "assets")) == CLV_JSON_OBJECT;
}

/* Items that are not used: an error when there are no others. */
static clv_status tell_unused(reading *r)
{
    if (r->damaged == r->items)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: none of its %d STAC items can be used (first: %s)", r->path,
                        r->items, r->first_damaged);
    if (r->left_out + r->damaged == r->items)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT,
                        "%s: none of its %d STAC items has GeoTIFF or JPEG 2000 assets of red, green and blue (first: "
                        "%s)",
                        r->path, r->items, r->first_left_out);
    if (r->damaged)
        clv_warn(r->ctx, "%s: %d of its %d items %s damaged and left out (%s%s)", r->path, r->damaged, r->items,
                 r->damaged == 1 ? "is" : "are", r->damaged == 1 ? "" : "first: ", r->first_damaged);
    if (r->left_out)
        clv_warn(r->ctx, "%s: %d of its %d items have no assets of red, green and blue and are left out (first: %s)",
                 r->path, r->left_out, r->items, r->first_left_out);
    return CLV_OK;
}

/* What else of STAC is saved by mistake in place of items; *is_stac. */
static clv_status refuse_other(reading *r, const clv_json *root, bool *is_stac)
{
    static const char wanted[] =
        "give an item, a collection of items (FeatureCollection) or a saved answer of a search";
    const char *type = clv_json_string(clv_json_get(root, "type"), "");
    const char *said = clv_json_string(clv_json_get(root, "description"), NULL);
    if (!said)
        said = clv_json_string(clv_json_get(root, "detail"), NULL);
    if (!said)
        said = clv_json_string(clv_json_get(root, "message"), NULL);
    const bool collection = strcmp(type, "Collection") == 0, catalog = strcmp(type, "Catalog") == 0;
    const bool failed = clv_json_kind(root) == CLV_JSON_OBJECT && !*type && said && !clv_json_get(root, "features");
    *is_stac = collection || catalog || failed;
    if (collection || catalog)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: is a STAC %s, which describes items but holds none; %s", r->path,
                        type, wanted);
    if (failed)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: is a server's message (%.80s) and no STAC items; %s", r->path,
                        said, wanted);
    return CLV_OK;
}

static clv_status add_root(reading *r, const clv_json *root, bool *is_stac)
{
    const clv_json *elements = elements_of(root);
    clv_status status = CLV_OK;
    if (clv_stac_item_is(root)) {
        *is_stac = true;
        status = add_item(r, root);
        return status == CLV_OK ? tell_unused(r) : status;
    }
    if (clv_json_kind(elements) == CLV_JSON_ARRAY && clv_json_count(elements) == 0) {
        *is_stac = true;
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: holds no STAC items; the search found nothing", r->path);
    }
    if (!elements)
        return refuse_other(r, root, is_stac);
    for (int i = 0; !*is_stac && i < clv_json_count(elements); i++)
        *is_stac = is_meant(clv_json_at(elements, i));
    for (int i = 0; *is_stac && i < clv_json_count(elements) && status == CLV_OK; i++) {
        const clv_json *element = clv_json_at(elements, i);
        if (clv_stac_item_is(element))
            status = add_item(r, element);
        else
            set_aside(r, element);
    }
    if (status == CLV_OK && *is_stac)
        status = tell_unused(r);
    if (status == CLV_OK && *is_stac)
        warn_pages(r, root);
    return status;
}

clv_status clv_stac_collection_add(clv_context *ctx, const char *path, bool *is_stac, clv_inputs *list)
{
    reading r = {.ctx = ctx, .path = path, .list = list};
    GByte *text = NULL;
    vsi_l_offset size = 0;
    char error[160] = "";
    clv_gdal_errors errors;
    *is_stac = false;
    clv_gdal_errors_begin(&errors);
    clv_input_files_add(ctx, path);
    int ok = clv_path_is_readable(path) && VSIIngestFile(NULL, path, &text, &size, (GIntBig)CLV_JSON_MAX);
    clv_gdal_errors_end(&errors);
    if (!ok)
        return CLV_OK;
    clv_json *root = clv_json_parse((const char *)text, (size_t)size, error, sizeof error);
    CPLFree(text);
    if (!root) {
        *is_stac = true; /* nothing else that is read ends in .json */
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is damaged as JSON: %s", path, error);
    }
    r.folder = clv_path_folder(path);
    clv_status status = r.folder ? add_root(&r, root, is_stac) : clv_fail_memory(ctx);
    free(r.folder);
    clv_json_free(root);
    return status;
}
