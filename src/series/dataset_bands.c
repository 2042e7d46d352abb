/* SPDX-License-Identifier: MIT
 *
 * The ladders of bands, scale and nodata for one date of a dataset.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_minixml.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/number.h"
#include "raster/gdal_errors.h"
#include "raster/gdal_version.h"
#include "raster/pixel_type.h"
#include "sentinel2/band_file.h"
#include "sentinel2/sensor.h"
#include "series/fill_bands.h"
#include "series/nodata.h"

#define SAMPLE_WIDTH 128
#define SAMPLE_HEIGHT 32
#define SAMPLE_EVERY 2    /* of its rows and columns */
#define SAMPLE_ENOUGH 200 /* valid pixels */
#define USUAL_SCALE 1e-4
#define PERCENT 0.01

/* ---- Roles ------------------------------------------------------------------------------------- */

static int color_letter(GDALRasterBandH band)
{
    switch (GDALGetRasterColorInterpretation(band)) {
    case GCI_RedBand:
        return 'R';
    case GCI_GreenBand:
        return 'G';
    case GCI_BlueBand:
        return 'B';
    case GCI_AlphaBand:
    case GCI_PaletteIndex:
        return 'A';
    default:
        return clv_gdal_3_10_is_nir(GDALGetRasterColorInterpretation(band)) ? 'N' : 0;
    }
}

static double wavelength_um(GDALRasterBandH band)
{
    const char *um = GDALGetMetadataItem(band, "CENTRAL_WAVELENGTH_UM", "IMAGERY");
    const char *plain = um ? um : GDALGetMetadataItem(band, "WAVELENGTH", NULL);
    if (!plain)
        return 0;
    double value = CPLAtof(plain);
    return value > 100 ? value / 1000 : value; /* nanometres */
}

/* source: the hint's name may lie in it. */
static clv_band_hint hint_of(GDALRasterBandH band, char source[128])
{
    static const char *const names[] = {"BANDNAME", "NETCDF_VARNAME", "long_name"};
    clv_band_hint hint = {
        .description = GDALGetDescription(band), .wavelength_um = wavelength_um(band), .color = color_letter(band)};
    for (size_t i = 0; i < sizeof names / sizeof *names && !hint.band_name; i++)
        hint.band_name = GDALGetMetadataItem(band, names[i], NULL);
    if (!hint.band_name && clv_vrt_source_name(band, source))
        hint.band_name = source;
    return hint;
}

/* -b: roles for the numbered bands; the rest keeps what its names say, except the roles that are taken. */
static clv_status roles_by_user(clv_context *ctx, const char *name, const clv_input_options *o,
                                const clv_band_hint *hints, int count, clv_role *roles)
{
    if (o->band_count < 3 || o->band_count > 4)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-b: give the numbers of red, green, blue and, if there is one, NIR");
    bool nir_found = o->band_count == 4;
    for (int i = 0; i < count; i++) {
        bool known;
        clv_role role = clv_role_of_name(hints[i].description, &known);
        if (!known)
            role = clv_role_of_name(hints[i].band_name, &known);
        if (!known && hints[i].color == 'A')
            role = CLV_ROLE_AUX;
        bool is_nir = role == CLV_ROLE_NIR && !nir_found;
        roles[i] = role == CLV_ROLE_AUX || is_nir ? role : CLV_ROLE_OTHER;
        for (int k = 0; k < o->band_count; k++)
            if (o->bands[k] == i + 1)
                is_nir = false;
        nir_found = nir_found || is_nir;
        if (role == CLV_ROLE_NIR && !is_nir)
            roles[i] = CLV_ROLE_OTHER;
    }
    for (int k = 0; k < o->band_count; k++) {
        if (o->bands[k] < 1 || o->bands[k] > count)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-b %d: %s has bands 1 to %d%s", o->bands[k], name, count,
                            count == 1 ? "" : " a date");
        for (int j = 0; j < k; j++)
            if (o->bands[j] == o->bands[k])
                return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-b: band %d is named twice", o->bands[k]);
        roles[o->bands[k] - 1] = (clv_role)k;
    }
    return CLV_OK;
}

/* Positions of the channels among the acquisition's bands, in role order. */
static int order_channels(const clv_role *roles, int count, int *order)
{
    int n = 0;
    for (clv_role r = CLV_ROLE_RED; r <= CLV_ROLE_OTHER; r++)
        for (int i = 0; i < count; i++)
            if (roles[i] == r)
                order[n++] = i;
    return n;
}

static void name_band(clv_band *band, const clv_band_hint *hint)
{
    static const char *const roles[] = {"red", "green", "blue", "nir"};
    band->named = (hint->description && *hint->description) || (hint->band_name && *hint->band_name);
    if (hint->description && *hint->description)
        snprintf(band->name, sizeof band->name, "%s", hint->description);
    else if (hint->band_name && *hint->band_name)
        snprintf(band->name, sizeof band->name, "%s", hint->band_name);
    else if (band->role <= CLV_ROLE_NIR)
        snprintf(band->name, sizeof band->name, "%s", roles[band->role]);
    else
        snprintf(band->name, sizeof band->name, "band %d", band->index);
}

/* All bands of a Sentinel-2 product in order: their number tells it, or -b agrees with it. */
static bool in_products_order(const clv_input_options *o, int count, const char *how)
{
    if (o->band_count == 0)
        return strstr(how, "taken as") != NULL;
    return (count == 12 || count == 13) && o->bands[0] == 4 && o->bands[1] == 3 && o->bands[2] == 2 &&
           (o->band_count == 3 || o->bands[3] == 8);
}

/* Of names alone: where that does not tell, names of bands that only one sensor has. */
static clv_sensor sensor_of(const char *name, const clv_band_hint *hints, int count)
{
    const char *names[CLV_MAX_CHANNELS];
    clv_sensor sensor = clv_sensor_of_path(name);
    int n = 0;
    for (; n < count && n < CLV_MAX_CHANNELS; n++)
        names[n] = hints[n].description;
    return sensor != CLV_SENSOR_UNKNOWN ? sensor : clv_sensor_of_bands(names, n);
}

static const char *own_name(const clv_band_hint *hint)
{
    return hint->description && *hint->description ? hint->description : hint->band_name ? hint->band_name : "";
}

/* Sentinel-2's name of a band of known number or common name; NULL: not known. file: the name may lie in it. */
static const char *pair_of(clv_sensor sensor, const clv_band_hint *hint, clv_band_file *file)
{
    const char *name = own_name(hint), *pair = NULL;
    if (clv_sensor_is_landsat(sensor))
        pair = clv_sensor_band(sensor, name);
    if (pair)
        return pair;
    clv_band_file_read_of(sensor, name, file);
    return file->kind == CLV_FILE_BAND ? file->band : NULL;
}

/* Landsat's numbers as Sentinel-2's, so that roles are told by them; what has no partner (thermal, panchromatic) is no
 * band that can be filled. */
static void renumber(clv_sensor sensor, const char *const *pairs, clv_band_hint *hints, int count)
{
    for (int i = 0; i < count && clv_sensor_is_landsat(sensor); i++) {
        const char *name = own_name(&hints[i]), *digit = strpbrk(name, "0123456789");
        if (pairs[i])
            hints[i].description = pairs[i];
        else if (digit && digit > name && (digit[-1] == 'B' || digit[-1] == 'b'))
            hints[i] = (clv_band_hint){.description = "", .color = 'A'};
    }
}

static clv_status find_channels(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices, int count,
                                const clv_input_options *options, clv_dataset_acquisition *acquisition)
{
    clv_status status = CLV_OK;
    char how[400];
    clv_band_hint *hints = clv_alloc_array(2, (size_t)count, sizeof *hints), *paired = hints ? hints + count : NULL;
    clv_band_file *files = clv_alloc_array(1, (size_t)count, sizeof *files);
    const char **pairs = clv_alloc_array(1, (size_t)count, sizeof *pairs);
    clv_role *roles = clv_alloc_array(1, (size_t)count, sizeof *roles);
    int *order = clv_alloc_array(1, (size_t)count, sizeof *order);
    char(*sources)[128] = clv_alloc_array(1, (size_t)count, sizeof *sources);
    if (!hints || !files || !pairs || !roles || !order || !sources) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    for (int i = 0; i < count; i++)
        hints[i] = paired[i] = hint_of(GDALGetRasterBand(ds, indices[i]), sources[i]);
    acquisition->sensor = sensor_of(name, hints, count);
    for (int i = 0; i < count; i++)
        pairs[i] = pair_of(acquisition->sensor, &hints[i], &files[i]);
    renumber(acquisition->sensor, pairs, paired, count);
    if (count == 1 && GDALGetRasterColorInterpretation(GDALGetRasterBand(ds, indices[0])) == GCI_PaletteIndex) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: has a colour table; expand it first: gdal_translate -expand rgb", name);
        goto cleanup;
    }
    if (options->band_count > 0) {
        status = roles_by_user(ctx, name, options, paired, count, roles);
        if (status != CLV_OK)
            goto cleanup;
        snprintf(acquisition->facts.bands_how, sizeof acquisition->facts.bands_how, "-b");
    } else if (clv_roles_find(paired, count, clv_name_base(name), roles, &acquisition->guess, how, sizeof how)) {
        const bool landsat = clv_sensor_is_landsat(acquisition->sensor);
        snprintf(acquisition->facts.bands_how, sizeof acquisition->facts.bands_how, "%.120s%s%s", how,
                 landsat ? ", numbers of " : "", landsat ? clv_sensor_name(acquisition->sensor) : "");
    } else {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %s", name, how);
        goto cleanup;
    }
    const clv_fill_bands bands = {.dataset = ds,
                                  .name = name,
                                  .hints = hints,
                                  .indices = indices,
                                  .count = count,
                                  .by_place = in_products_order(options, count, acquisition->facts.bands_how)};
    status = clv_fill_bands_choose(ctx, &bands, options, roles, &acquisition->facts);
    if (status != CLV_OK)
        goto cleanup;
    acquisition->channels = order_channels(roles, count, order);
    if (acquisition->channels > CLV_MAX_CHANNELS) {
        status =
            clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                     "%s: %d spectral bands a date are more than %d; when they are several dates, give -date once a "
                     "date, else select some: gdal_translate -b",
                     name, acquisition->channels, CLV_MAX_CHANNELS);
        goto cleanup;
    }
    acquisition->bands = clv_alloc_array(1, (size_t)acquisition->channels, sizeof *acquisition->bands);
    if (!acquisition->bands) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    for (int c = 0; c < acquisition->channels; c++) {
        clv_band *band = &acquisition->bands[c];
        band->index = indices[order[c]];
        band->place = order[c];
        band->role = roles[order[c]];
        name_band(band, &hints[order[c]]);
        snprintf(band->pair, sizeof band->pair, "%s", pairs[order[c]] ? pairs[order[c]] : "");
        GDALRasterBandH raster = GDALGetRasterBand(ds, band->index);
        if (!clv_pixel_type_of(raster, &band->type)) {
            status =
                clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: band %d is of type %s; convert it: gdal_translate -ot UInt16",
                         name, band->index, GDALGetDataTypeName(GDALGetRasterDataType(raster)));
            goto cleanup;
        }
    }

cleanup:
    free(sources);
    free(order);
    free(roles);
    free(pairs);
    free(files);
    free(hints);
    return status;
}

/* ---- Radiometry -------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Appends the valid values of one block's corner to values; the number there is then. */
static clv_status sample_block(clv_context *ctx, GDALRasterBandH band, const char *name, const clv_band *b, int at_x,
                               int at_y, double *values, int *n)
{
    int bx, by, width = GDALGetRasterBandXSize(band), height = GDALGetRasterBandYSize(band);
    GDALGetBlockSize(band, &bx, &by);
    int x = at_x / bx * bx, y = at_y / by * by;
    int rows = by >= SAMPLE_HEIGHT ? SAMPLE_HEIGHT : by >= 8 ? by : 8; /* strips of one row: a few of them */
    int w = width - x < SAMPLE_WIDTH ? width - x : SAMPLE_WIDTH, h = height - y < rows ? height - y : rows;
    int taken_w = (w + SAMPLE_EVERY - 1) / SAMPLE_EVERY, taken_h = (h + SAMPLE_EVERY - 1) / SAMPLE_EVERY;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALRasterIO(band, GF_Read, x, y, w, h, values + *n, taken_w, taken_h, GDT_Float64, 0, 0);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
    int kept = *n;
    for (int i = *n, end = *n + taken_w * taken_h; i < end; i++) {
        double v = values[i];
        bool missing = !isfinite(v) || (b->has_nodata && v == b->nodata) || (v == 0 && b->type != CLV_TYPE_BYTE);
        for (int k = 0; k < b->other_count; k++)
            missing = missing || v == b->other_nodata[k];
        if (!missing)
            values[kept++] = v;
    }
    *n = kept;
    return CLV_OK;
}

/* Percentiles of red in the block at the centre, and of further blocks only while there is little valid in it. */
static clv_status sample_red(clv_context *ctx, GDALDatasetH ds, const char *name, clv_dataset_acquisition *acquisition)
{
    static const double places[5][2] = {{0.5, 0.5}, {0.25, 0.25}, {0.75, 0.75}, {0.75, 0.25}, {0.25, 0.75}};
    double *values = clv_alloc_array(6, SAMPLE_WIDTH * SAMPLE_HEIGHT, sizeof *values);
    clv_status status = values ? CLV_OK : clv_fail_memory(ctx);
    GDALRasterBandH band = GDALGetRasterBand(ds, acquisition->bands[0].index);
    int n = 0;
    acquisition->sample_low = acquisition->sample_dark = acquisition->sample_high = NAN;
    for (int i = 0; i < 5 && n < SAMPLE_ENOUGH && status == CLV_OK; i++)
        status =
            sample_block(ctx, band, name, &acquisition->bands[0], (int)(places[i][0] * (GDALGetRasterXSize(ds) - 1)),
                         (int)(places[i][1] * (GDALGetRasterYSize(ds) - 1)), values, &n);
    if (status == CLV_OK && n > 0) {
        qsort(values, (size_t)n, sizeof *values, by_value);
        acquisition->sample_low = values[n / 100];
        acquisition->sample_dark = values[n / 10];
        acquisition->sample_high = values[(int)((n - 1) * 0.99)];
    }
    free(values);
    return status;
}

/* The baseline of a product's name: "_N0400_"; -1 when there is none. */
static int baseline_of_name(const char *name)
{
    for (const char *p = strstr(name, "_N"); p; p = strstr(p + 2, "_N")) {
        size_t n = strspn(p + 2, "0123456789");
        if (n == 4 && (p[6] == '_' || p[6] == '.'))
            return atoi(p + 2);
    }
    return -1;
}

static const CPLXMLNode *xml_find(const CPLXMLNode *root, const char *element)
{
    return CPLSearchXMLNode((CPLXMLNode *)root, element);
}

/* GDAL's SENTINEL2 driver hands the product's metadata through as XML and applies nothing of it. */
static void product_hint(GDALDatasetH ds, clv_radiometry_hint *hint)
{
    static const char *const quantifications[] = {"BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE"};
    static const char *const offsets[] = {"BOA_ADD_OFFSET", "RADIO_ADD_OFFSET"};
    char **xml = GDALGetMetadata(ds, "xml:SENTINEL2");
    const char *baseline = GDALGetMetadataItem(ds, "PROCESSING_BASELINE", NULL);
    if (baseline && hint->baseline < 0)
        hint->baseline = (int)(CPLAtof(baseline) * 100 + 0.5);
    CPLXMLNode *root = xml && xml[0] ? CPLParseXMLString(xml[0]) : NULL;
    for (int i = 0; root && i < 2; i++) {
        const CPLXMLNode *q = xml_find(root, quantifications[i]), *o = xml_find(root, offsets[i]);
        if (q && !(hint->quantification > 0))
            hint->quantification = CPLAtof(CPLGetXMLValue(q, NULL, "0"));
        if (o && !hint->has_add_offset) {
            hint->has_add_offset = true; /* the same for every band of a product so far */
            hint->add_offset = CPLAtof(CPLGetXMLValue(o, NULL, "0"));
        }
    }
    CPLDestroyXMLNode(root);
}

static void user_radiometry(const clv_input_options *o, clv_band *band, bool found, char *how, size_t size)
{
    char scale[CLV_NUMBER_SIZE], offset[CLV_NUMBER_SIZE];
    if (!isnan(o->in_scale))
        band->scale = o->in_scale;
    if (!isnan(o->in_offset))
        band->offset = o->in_offset;
    else if (!found)
        band->offset = 0;
    clv_number_format(band->scale, scale);
    clv_number_format(band->offset, offset);
    snprintf(how, size, "scale %s%s, offset %s%s", scale, isnan(o->in_scale) ? "" : " (-in_scale)", offset,
             isnan(o->in_offset) ? "" : " (-in_offset)");
}

/* Level of Landsat Collection 2 by the product's name or those of its bands, 0 for others. */
static int landsat_level(const char *name, const clv_dataset_acquisition *acquisition)
{
    if (!clv_sensor_is_landsat(acquisition->sensor))
        return 0;
    if (clv_name_has_word(name, "l2sp") || clv_name_has_word(name, "l2sr"))
        return 2;
    for (int c = 0; c < acquisition->channels; c++)
        if (strstr(acquisition->bands[c].name, "SR_B"))
            return 2;
    bool raw = clv_name_has_word(name, "l1tp") || clv_name_has_word(name, "l1gt") || clv_name_has_word(name, "l1gs");
    return raw && acquisition->sensor == CLV_SENSOR_OLI ? 1 : 0;
}

static clv_status find_radiometry(clv_context *ctx, GDALDatasetH ds, const char *name, const clv_input_options *o,
                                  clv_dataset_acquisition *acquisition)
{
    bool user = !isnan(o->in_scale) || !isnan(o->in_offset);
    if ((!isnan(o->in_scale) && (!isfinite(o->in_scale) || o->in_scale == 0)) || isinf(o->in_offset))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-in_scale and -in_offset: finite numbers, and the scale not 0");
    clv_radiometry_hint common = {.baseline = baseline_of_name(name)};
    clv_status status = sample_red(ctx, ds, name, acquisition);
    if (status != CLV_OK)
        return status;
    common.sample_low = acquisition->sample_low;
    common.sample_high = acquisition->sample_high;
    common.landsat_level = landsat_level(name, acquisition);
    product_hint(ds, &common);
    acquisition->by_tags = !user;
    for (int c = acquisition->channels - 1; c >= 0; c--) { /* red last: its words stay */
        clv_band *band = &acquisition->bands[c];
        GDALRasterBandH raster = GDALGetRasterBand(ds, band->index);
        clv_radiometry_hint hint = common;
        int has_scale = FALSE, has_offset = FALSE;
        hint.type = band->type;
        hint.scale = GDALGetRasterScale(raster, &has_scale);
        hint.offset = GDALGetRasterOffset(raster, &has_offset);
        if (hint.scale == 1 && hint.offset == 0)
            has_scale = has_offset = FALSE; /* VRTs always say so */
        hint.has_scale = has_scale;
        hint.has_offset = has_offset;
        const clv_radiometry_hint *last = &acquisition->tags;
        acquisition->by_tags = acquisition->by_tags && clv_radiometry_by_tags(&hint) &&
                               (c == acquisition->channels - 1 ||
                                (last->type == hint.type && last->scale == hint.scale && last->offset == hint.offset));
        acquisition->tags = hint;
        bool found = clv_radiometry_find(&hint, &band->scale, &band->offset, acquisition->facts.scale_how,
                                         sizeof acquisition->facts.scale_how, acquisition->scale_warn,
                                         sizeof acquisition->scale_warn);
        if (!found && isnan(o->in_scale)) {
            const bool real = band->type == CLV_TYPE_FLOAT32 || band->type == CLV_TYPE_FLOAT64;
            if (!acquisition->facts.scale_open)
                acquisition->facts.scale_open = clv_format("band %d: %s", band->index, acquisition->facts.scale_how);
            if (!acquisition->facts.scale_open)
                return clv_fail_memory(ctx);
            band->scale = real ? PERCENT : USUAL_SCALE; /* until other dates tell (level_check.h) */
            band->offset = 0;
        }
        acquisition->scale_of_type =
            hint.quantification <= 0 && hint.baseline < 0 && !has_scale && !has_offset && !user && !hint.landsat_level;
        acquisition->tags_aside = found && hint.quantification <= 0 && (has_scale || has_offset) &&
                                  strstr(acquisition->facts.scale_how, "tags left aside");
        acquisition->facts.scale_told =
            hint.quantification > 0 || hint.baseline >= 0 || hint.landsat_level || has_scale || has_offset;
        acquisition->facts.scale_by_user = user;
        if (user) {
            user_radiometry(o, band, found, acquisition->facts.scale_how, sizeof acquisition->facts.scale_how);
            acquisition->scale_warn[0] = 0;
        }
    }
    return CLV_OK;
}

clv_status clv_dataset_describe_acquisition(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices,
                                            int count, const clv_input_options *options,
                                            clv_dataset_acquisition *acquisition)
{
    clv_status status = find_channels(ctx, ds, name, indices, count, options, acquisition);
    if (status == CLV_OK)
        status = clv_nodata_find(ctx, ds, name, options, acquisition);
    if (status == CLV_OK)
        status = find_radiometry(ctx, ds, name, options, acquisition);
    if (status == CLV_OK)
        clv_nodata_settle(&acquisition->facts, acquisition->bands, acquisition->channels);
    return status;
}
