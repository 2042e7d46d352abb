/* SPDX-License-Identifier: MIT */
#include "products/product_safe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"
#include "sentinel2/radiometry.h"

#define MAX_XML_BYTES (16 * 1024 * 1024) /* real ones have 60 kB */
#define MAX_DEPTH 64
#define MAX_IMAGES 2000

static const char *const names[] = {"MTD_MSIL2A.xml", "MTD_MSIL1C.xml"};

typedef struct safe {
    clv_context *ctx;
    const char *path; /* the metadata file */
    char *folder;
    CPLXMLNode *document, *root;    /* root: its first element, behind <?xml ...?> */
    const char *images[MAX_IMAGES]; /* IMAGE_FILE elements; of the tree */
    int image_count;
    bool plain; /* only names without folders: the format before December 2016 */
    clv_bundle *bundle;
    int missing, present; /* image files */
    char first_missing[160];
    char missing_at[3][64]; /* bands whose files are missing at 10, 20 and 60 m */
    bool missing_10m;
} safe;

bool clv_safe_is_metadata(const char *name)
{
    const char *base = clv_name_base(name);
    return EQUAL(base, names[0]) || EQUAL(base, names[1]);
}

char *clv_safe_metadata_of(const char *folder)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *name = clv_path_join(folder, names[i]);
        if (name && clv_path_look(name) == CLV_PATH_FILE)
            return name;
        free(name);
    }
    return NULL;
}

/* ---- XML --------------------------------------------------------------------------------------- */

static clv_status parse(safe *s)
{
    GByte *text = NULL;
    vsi_l_offset size = 0;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    clv_input_files_add(s->ctx, s->path);
    int ok = clv_path_is_readable(s->path) && VSIIngestFile(NULL, s->path, &text, &size, MAX_XML_BYTES);
    if (ok && strlen((const char *)text) == size)
        s->document = CPLParseXMLString((const char *)text);
    CPLFree(text);
    clv_gdal_errors_end(&errors);
    if (!ok)
        return clv_fail(s->ctx, CLV_ERROR_OPEN, "%s: cannot be read (a product's metadata have at most %d MB)", s->path,
                        MAX_XML_BYTES >> 20);
    for (s->root = s->document; s->root && (s->root->eType != CXT_Element || s->root->pszValue[0] == '?');)
        s->root = s->root->psNext;
    if (s->root)
        CPLStripXMLNamespace(s->root, NULL, TRUE);
    if (!s->root || !CPLSearchXMLNode(s->root, "General_Info"))
        return clv_fail(s->ctx, CLV_ERROR_FORMAT, "%s: is not the metadata of a Sentinel-2 product", s->path);
    return CLV_OK;
}

static const char *value_of(const safe *s, const char *element)
{
    CPLXMLNode *node = CPLSearchXMLNode(s->root, element);
    return node ? CPLGetXMLValue(node, NULL, NULL) : NULL;
}

static void find_images(safe *s, const CPLXMLNode *node, int depth)
{
    for (; node && depth < MAX_DEPTH; node = node->psNext) {
        bool image = node->eType == CXT_Element &&
                     (EQUAL(node->pszValue, "IMAGE_FILE") || EQUAL(node->pszValue, "IMAGE_FILE_2A") ||
                      EQUAL(node->pszValue, "IMAGE_ID") || EQUAL(node->pszValue, "IMAGE_ID_2A"));
        const char *text = image ? CPLGetXMLValue(node, NULL, "") : "";
        if (image && *text && s->image_count < MAX_IMAGES) {
            s->images[s->image_count++] = text;
            s->plain = s->plain || !strchr(text, '/');
        }
        find_images(s, node->psChild, depth + 1);
    }
}

/* "GRANULE/NAME/": whether all images lie in one. */
static bool one_granule(const safe *s)
{
    size_t length = 0;
    for (int i = 0; i < s->image_count; i++) {
        const char *slash = strchr(s->images[i], '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
        size_t n = second ? (size_t)(second - s->images[i]) : 0;
        if (i == 0)
            length = n;
        if (n != length || strncmp(s->images[i], s->images[0], n) != 0)
            return false;
    }
    return true;
}

/* A name inside the product, not above it. */
static bool is_inside(const char *name)
{
    if (name[0] == '/' || name[0] == '\\' || strchr(name, ':') || strchr(name, '\\'))
        return false;
    for (const char *p = name; (p = strstr(p, "..")); p += 2)
        if ((p == name || p[-1] == '/') && (p[2] == '/' || !p[2]))
            return false;
    return true;
}

/* ---- Radiometry, time, names ------------------------------------------------------------------- */

static double number_of(const char *text)
{
    double value = text ? CPLAtof(text) : NAN;
    return isfinite(value) ? value : NAN;
}

/* Offsets by band_id into offsets[13]; how many were found. */
static int find_offsets(const CPLXMLNode *node, double offsets[13], int depth)
{
    int found = 0;
    for (; node && depth < MAX_DEPTH; node = node->psNext) {
        if (node->eType == CXT_Element &&
            (EQUAL(node->pszValue, "RADIO_ADD_OFFSET") || EQUAL(node->pszValue, "BOA_ADD_OFFSET"))) {
            int id = atoi(CPLGetXMLValue(node, "band_id", "-1"));
            double value = number_of(CPLGetXMLValue(node, NULL, NULL));
            if (id >= 0 && id < 13 && isfinite(value)) {
                offsets[id] = value;
                found++;
            }
        }
        found += find_offsets(node->psChild, offsets, depth + 1);
    }
    return found;
}

static clv_status read_radiometry(safe *s)
{
    clv_bundle *b = s->bundle;
    double offsets[13] = {0};
    double baseline = number_of(value_of(s, "PROCESSING_BASELINE"));
    if (baseline >= 0 && baseline < 99)
        b->baseline = (int)(baseline * 100 + 0.5);
    double q = number_of(value_of(s, "BOA_QUANTIFICATION_VALUE"));
    if (!(q > 0))
        q = number_of(value_of(s, "QUANTIFICATION_VALUE"));
    if (!(q > 0))
        return clv_fail(s->ctx, CLV_ERROR_FORMAT, "%s: has no QUANTIFICATION_VALUE; give -in_scale and -in_offset",
                        s->path);
    b->quantification = q;
    int found = find_offsets(s->root, offsets, 0);
    for (int i = 0; i < b->count; i++) {
        int n = clv_band_number(b->files[i].band);
        b->files[i].has_offset = true;
        b->files[i].offset = n < 0 ? 0 : found ? offsets[n] : clv_baseline_offset(b->baseline);
    }
    b->sure = true;
    snprintf(b->scale_from, sizeof b->scale_from, "%s, baseline %02d.%02d", clv_name_base(s->path),
             b->baseline < 0 ? 0 : b->baseline / 100, b->baseline < 0 ? 0 : b->baseline % 100);
    return CLV_OK;
}

static void read_time(safe *s)
{
    static const char *const elements[] = {"DATATAKE_SENSING_START", "PRODUCT_START_TIME"};
    for (size_t i = 0; i < sizeof elements / sizeof *elements && !s->bundle->facts.has_date; i++) {
        const char *text = value_of(s, elements[i]);
        if (text && clv_date_parse(text, &s->bundle->facts.date)) {
            s->bundle->facts.has_date = true;
            snprintf(s->bundle->facts.date_how, sizeof s->bundle->facts.date_how, "%s", elements[i]);
        }
    }
}

static clv_status make_bundle(safe *s)
{
    char *stem = NULL;
    const char *uri = value_of(s, "PRODUCT_URI"), *folder = clv_name_base(s->folder);
    bool named = clv_name_ends(folder, "SAFE");
    stem = clv_strdup(named || !uri || !is_inside(uri) || strchr(uri, '/') ? folder : uri);
    if (!stem)
        return clv_fail_memory(s->ctx);
    if (clv_name_ends(stem, "SAFE"))
        stem[strlen(stem) - 5] = 0;
    s->bundle = clv_bundle_new(s->folder, stem);
    if (s->bundle) {
        clv_bundle *b = s->bundle;
        snprintf(b->product, sizeof b->product, "%s", uri ? uri : stem);
        b->processing_level = strstr(clv_name_base(s->path), "L1C") ? 1 : 2;
        clv_tile_of_name(uri ? uri : stem, b->tile);
    }
    free(stem);
    return s->bundle ? CLV_OK : clv_fail_memory(s->ctx);
}

/* ---- Files ------------------------------------------------------------------------------------- */

/* Level 1C's names carry no resolution. */
static int resolution_of(const clv_band_file *f)
{
    static const int metres[13] = {60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20};
    int n = clv_band_number(f->band);
    return f->resolution ? f->resolution : n >= 0 ? metres[n] : 0;
}

static void note_missing(safe *s, const char *band, int metres)
{
    char *text = s->missing_at[metres == 10 ? 0 : metres == 20 ? 1 : 2];
    size_t used = strlen(text);
    snprintf(text + used, sizeof s->missing_at[0] - used, "%s%s", used ? " " : "", band);
}

/* "B02 B03 B04 B08 at 10 m, B05 ... at 20 m" */
static void say_missing(const safe *s, char *text, size_t size)
{
    static const char *const metres[] = {"10", "20", "60"};
    text[0] = 0;
    for (int i = 0; i < 3; i++) {
        size_t used = strlen(text);
        if (s->missing_at[i][0])
            snprintf(text + used, size - used, "%s%s at %s m", used ? ", " : "", s->missing_at[i], metres[i]);
    }
}

static clv_status add_image(safe *s, const char *image)
{
    clv_band_file f;
    if (!is_inside(image))
        return clv_fail(s->ctx, CLV_ERROR_FORMAT, "%s: names a file outside of the product: %.120s", s->path, image);
    clv_band_file_read(clv_name_base(image), &f);
    if (f.kind != CLV_FILE_BAND && f.kind != CLV_FILE_SCL)
        return CLV_OK;
    static const char *const extensions[] = {"jp2", "tif"};
    char *path = NULL;
    for (size_t i = 0; i < 2 && !path; i++) {
        path = clv_format("%s/%s.%s", s->folder, image, extensions[i]);
        if (!path)
            return clv_fail_memory(s->ctx);
        if (clv_path_look(path) != CLV_PATH_FILE) {
            free(path);
            path = NULL;
        }
    }
    int metres = resolution_of(&f);
    if (!path) {
        bool needed = f.kind == CLV_FILE_BAND && metres == 10;
        if (s->missing++ == 0 || (needed && !s->missing_10m))
            snprintf(s->first_missing, sizeof s->first_missing, "%.150s.jp2", clv_name_base(image));
        s->missing_10m = s->missing_10m || needed;
        if (f.kind == CLV_FILE_BAND)
            note_missing(s, f.band, metres);
        return CLV_OK;
    }
    s->present++;
    clv_status status = CLV_OK;
    if (f.kind == CLV_FILE_BAND)
        status = clv_bundle_add(s->ctx, s->bundle, path, f.band, metres);
    else if (s->bundle->facts.mask_count == 0 || f.resolution == 20) {
        clv_date_facts_clear_masks(&s->bundle->facts);
        if (!clv_date_facts_add_mask(&s->bundle->facts, path, CLV_MASK_KIND_SCL, 1, "SCL of the product"))
            status = clv_fail_memory(s->ctx);
    }
    free(path);
    return status;
}

/* Finest pixel at which a band is there; 0 when it is not. */
static double finest(const clv_bundle *b, const char *band)
{
    double pixel = 0;
    for (int i = 0; i < b->count; i++)
        if (strcmp(b->files[i].band, band) == 0 && (pixel == 0 || b->files[i].pixel < pixel))
            pixel = b->files[i].pixel;
    return pixel;
}

static clv_status check_files(const safe *s)
{
    static const char *const needed[] = {"B04", "B03", "B02", "B08"};
    const clv_bundle *b = s->bundle;
    int at_10 = 0, colours = 0;
    double coarsest = 0;
    char missing[260];
    say_missing(s, missing, sizeof missing);
    for (int i = 0; i < 4; i++) {
        double pixel = finest(b, needed[i]);
        at_10 += pixel == 10;
        if (i < 3 && pixel > 0) {
            colours++;
            coarsest = fmax(coarsest, pixel);
        }
    }
    /* Without any 10 m band the folder was left out on purpose: 20 m may do. */
    if (s->missing_10m && at_10 > 0)
        return clv_fail(s->ctx, CLV_ERROR_FORMAT,
                        "%s: the product is incomplete: %s and %d other files that its metadata name are missing; "
                        "download it again",
                        s->folder, s->first_missing, s->missing - 1);
    if (colours < 3)
        return clv_fail(s->ctx, CLV_ERROR_FORMAT,
                        "%s: the band files B02, B03 and B04 are not all there (TCI and quick looks are pictures "
                        "for the eye, not measurements); download the whole product (missing are %s)",
                        s->folder, missing[0] ? missing : "B02, B03 or B04 in its metadata");
    if (coarsest >= 60)
        return clv_fail(s->ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: has red, green and blue at 60 m only, too coarse for clouds and fields; download its 10 m "
                        "(R10m) or 20 m (R20m) bands (missing are %s)",
                        s->folder, missing);
    if (s->missing > 0)
        clv_note(s->ctx, "%s: %d of %d band files that its metadata name are missing; the others are used", s->folder,
                 s->missing, s->missing + s->present);
    return CLV_OK;
}

clv_status clv_safe_open(clv_context *ctx, const char *metadata, clv_bundle **out)
{
    *out = NULL;
    safe *s = calloc(1, sizeof *s);
    if (!s)
        return clv_fail_memory(ctx);
    s->ctx = ctx;
    s->path = metadata;
    s->folder = clv_path_folder(metadata);
    clv_status status = s->folder ? parse(s) : clv_fail_memory(ctx);
    if (status != CLV_OK)
        goto cleanup;
    find_images(s, s->root, 0);
    if (s->image_count == 0) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: names no image files", metadata);
        goto cleanup;
    }
    if (s->plain || !one_granule(s))
        goto cleanup;
    status = make_bundle(s);
    for (int i = 0; i < s->image_count && status == CLV_OK; i++)
        status = add_image(s, s->images[i]);
    if (status == CLV_OK)
        status = check_files(s);
    if (status == CLV_OK)
        status = read_radiometry(s);
    if (status == CLV_OK) {
        read_time(s);
        *out = s->bundle;
        s->bundle = NULL;
    }

cleanup:
    clv_bundle_free(s->bundle);
    CPLDestroyXMLNode(s->document);
    free(s->folder);
    free(s);
    return status;
}
