/* SPDX-License-Identifier: MIT */
#include "raster/creation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"

/* ---- Drivers --------------------------------------------------------------------------------------- */

static bool has(GDALDriverH driver, const char *capability)
{
    const char *value = GDALGetMetadataItem(driver, capability, NULL);
    return value && CPLTestBool(value);
}

/* MEM's files vanish, VRT's would point at our temporary file. */
static bool is_writable(GDALDriverH driver)
{
    const char *name = GDALGetDriverShortName(driver);
    return has(driver, GDAL_DCAP_RASTER) && (has(driver, GDAL_DCAP_CREATE) || has(driver, GDAL_DCAP_CREATECOPY)) &&
           !EQUAL(name, "MEM") && !EQUAL(name, "VRT");
}

static char *writable_names(void)
{
    char **names = NULL;
    for (int i = 0; i < GDALGetDriverCount(); i++)
        if (is_writable(GDALGetDriver(i)))
            names = CSLAddString(names, GDALGetDriverShortName(GDALGetDriver(i)));
    char *text = clv_strdup("");
    for (int i = 0; names && names[i] && text; i++) {
        char *longer = clv_format("%s%s%s", text, i ? ", " : "", names[i]);
        free(text);
        text = longer;
    }
    CSLDestroy(names);
    return text;
}

static bool is_zarr(GDALDriverH driver)
{
    return EQUAL(GDALGetDriverShortName(driver), "Zarr");
}

static bool has_extension(GDALDriverH driver, const char *extension)
{
    if (is_zarr(driver) && EQUAL(extension, "zarr")) /* which GDAL knows from 3.8 on only */
        return true;
    const char *list = GDALGetMetadataItem(driver, GDAL_DMD_EXTENSIONS, NULL);
    char **each = CSLTokenizeString2(list ? list : "", " .", 0);
    bool found = CSLFindString(each, extension) >= 0;
    CSLDestroy(each);
    return found;
}

/* The first registered driver wins, as with GDAL's own programs: GTiff before COG. */
static GDALDriverH driver_of_extension(const char *extension)
{
    for (int i = 0; *extension && i < GDALGetDriverCount(); i++)
        if (is_writable(GDALGetDriver(i)) && has_extension(GDALGetDriver(i), extension))
            return GDALGetDriver(i);
    return NULL;
}

bool clv_creation_known_extension(const char *extension)
{
    return driver_of_extension(extension) != NULL;
}

bool clv_creation_any_extension(const char *extension)
{
    for (int i = 0; *extension && i < GDALGetDriverCount(); i++)
        if (has(GDALGetDriver(i), GDAL_DCAP_RASTER) && has_extension(GDALGetDriver(i), extension))
            return true;
    return false;
}

clv_status clv_creation_driver(clv_context *ctx, const char *format, const char *extension, GDALDriverH *driver)
{
    if (format && *format) {
        *driver = GDALGetDriverByName(format);
        if (*driver && is_writable(*driver))
            return CLV_OK;
        char *names = writable_names();
        clv_status status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-of %s: %s; formats that can be written: %s", format,
                                     *driver ? "this format cannot be written" : "no such format", names ? names : "");
        *driver = NULL;
        free(names);
        return status;
    }
    *driver = *extension ? driver_of_extension(extension) : GDALGetDriverByName("GTiff");
    if (*driver)
        return CLV_OK;
    if (*extension)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-o: no format that can be written has the extension .%s; give the format with -of, or end "
                        "the name of a folder with /",
                        extension);
    return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "this GDAL has no GTiff driver");
}

const char *clv_creation_extension(GDALDriverH driver)
{
    const char *extension = GDALGetMetadataItem(driver, GDAL_DMD_EXTENSION, NULL);
    if (extension)
        return extension;
    /* COG and others name theirs in the list only, Zarr from GDAL 3.8 on. PAux has none, and takes what follows the
     * last dot of the whole path for it, that of a folder too. */
    static const char *const usual[][2] = {{"COG", "tif"},   {"SAGA", "sdat"}, {"KMLSUPEROVERLAY", "kml"},
                                           {"Zarr", "zarr"}, {"PAux", "raw"},  {"FITS", "fits"},
                                           {"ILWIS", "mpr"}, {"ISIS3", "lbl"}, {"GRIB", "grb"},
                                           {"PNM", "pgm"},   {"DTED", "dt1"},  {"CALS", "cal"},
                                           {"NTv2", "gsb"},  {"BYN", "byn"}};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (EQUAL(GDALGetDriverShortName(driver), usual[i][0]))
            return usual[i][1];
    return "";
}

/* ---- Options --------------------------------------------------------------------------------------- */

clv_status clv_creation_check(clv_context *ctx, GDALDriverH driver, const char *const *user)
{
    for (int i = 0; user && user[i]; i++) {
        const char *equals = strchr(user[i], '=');
        if (!equals || equals == user[i])
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-co %s: give it as NAME=VALUE", user[i]);
        char **one = CSLAddString(NULL, user[i]);
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        int valid = GDALValidateCreationOptions(driver, one);
        clv_gdal_errors_end(&errors);
        CSLDestroy(one);
        if (!valid || errors.warnings)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-co %s: %s (gdalinfo --format %s lists the options)", user[i],
                            clv_gdal_errors_text(&errors), GDALGetDriverShortName(driver));
    }
    return CLV_OK;
}

/* Whether the driver has the option, and (value not NULL) lists the value among its choices. */
static bool knows(GDALDriverH driver, const char *option, const char *value)
{
    const char *list = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, NULL);
    char quoted[64], tag[64];
    snprintf(quoted, sizeof quoted, "name='%s'", option);
    const char *found = list ? strstr(list, quoted) : NULL;
    if (list && !found) {
        snprintf(quoted, sizeof quoted, "name=\"%s\"", option);
        found = strstr(list, quoted);
    }
    if (!found || !value)
        return found != NULL;
    const char *end = strstr(found, "</Option>");
    snprintf(tag, sizeof tag, ">%s</Value>", value);
    const char *choice = strstr(found, tag);
    return choice && (!end || choice < end);
}

static char **add_default(char **options, GDALDriverH driver, const char *name, const char *value)
{
    if (CSLFetchNameValue(options, name) || !knows(driver, name, NULL))
        return options;
    return CSLSetNameValue(options, name, value);
}

static char **copy_user(const char *const *user)
{
    char **options = NULL;
    for (int i = 0; user && user[i]; i++)
        options = CSLAddString(options, user[i]);
    return options;
}

static char **add_threads(clv_context *ctx, char **options, GDALDriverH driver)
{
    char number[16];
    snprintf(number, sizeof number, "%d", clv_threads(ctx));
    return add_default(options, driver, "NUM_THREADS", number);
}

/* Measured on Bolzano's 12 dates (63 MB, tiles of 256, predictor 2, one core): ZSTD level 1 gives 40.9 MB in 0.34 s,
 * level 9 (GDAL's default) 39.7 MB in 1.6 s; DEFLATE level 1 gives 40.2 MB in 0.65 s, level 6 (GDAL's default) 41.1 MB
 * in 1.7 s. */
static char **add_compression(char **options, GDALDriverH driver)
{
    bool zstd = knows(driver, "COMPRESS", "ZSTD");
    if (!CSLFetchNameValue(options, "COMPRESS")) {
        if (!zstd && !knows(driver, "COMPRESS", "DEFLATE"))
            return options;
        options = CSLSetNameValue(options, "COMPRESS", zstd ? "ZSTD" : "DEFLATE");
        options = add_default(options, driver, zstd ? "ZSTD_LEVEL" : "ZLEVEL", "1");
        if (!EQUAL(GDALGetDriverShortName(driver), "GTiff"))
            options = add_default(options, driver, "LEVEL", "1"); /* COG's name for it */
    }
    return options;
}

/* A predictor must suit the compression, the type and the number of bits, or the driver refuses the file. */
static const char *predictor(char **options, const clv_creation_shape *shape)
{
    const char *compress = CSLFetchNameValueDef(options, "COMPRESS", "NONE");
    if (!EQUAL(compress, "ZSTD") && !EQUAL(compress, "DEFLATE") && !EQUAL(compress, "LZW"))
        return NULL;
    if (shape->categories || shape->palette || CSLFetchNameValue(options, "NBITS"))
        return NULL;
    int bits = GDALGetDataTypeSizeBits(shape->type);
    if (GDALDataTypeIsComplex(shape->type) || bits > 64)
        return NULL;
    if (GDALDataTypeIsFloating(shape->type))
        return bits >= 32 ? "3" : NULL;
    return bits <= 32 ? "2" : NULL;
}

/* What the colours are has to be known at creation: by default four bands of Byte become RGBA. */
static char **add_colors(char **options, GDALDriverH driver, const clv_creation_shape *shape)
{
    const GDALColorInterp *c = shape->colors;
    bool rgb = c && shape->bands >= 3 && c[0] == GCI_RedBand && c[1] == GCI_GreenBand && c[2] == GCI_BlueBand;
    bool alpha = false;
    for (int i = 0; c && i < shape->bands; i++)
        alpha |= c[i] == GCI_AlphaBand;
    if (shape->palette)
        return options;
    bool lossy = EQUAL(CSLFetchNameValueDef(options, "COMPRESS", ""), "JPEG");
    if (!lossy || !rgb)
        options = add_default(options, driver, "PHOTOMETRIC", rgb ? "RGB" : "MINISBLACK");
    if (shape->bands > (rgb ? 3 : 1))
        options = add_default(options, driver, "ALPHA", alpha ? "YES" : "NO");
    return options;
}

/* These compressions look at all bands of a pixel together. */
static bool wants_pixels(char **options)
{
    const char *compress = CSLFetchNameValueDef(options, "COMPRESS", "");
    return EQUAL(compress, "WEBP") || EQUAL(compress, "JPEG");
}

static char **gtiff_options(clv_context *ctx, GDALDriverH gtiff, const char *const *user,
                            const clv_creation_shape *shape)
{
    char **options = add_compression(copy_user(user), gtiff);
    const char *kind = predictor(options, shape);
    if (kind)
        options = add_default(options, gtiff, "PREDICTOR", kind);
    if (!CSLFetchBoolean(options, "STREAMABLE_OUTPUT", FALSE))
        options = add_default(options, gtiff, "TILED", "YES");
    if (CSLFetchBoolean(options, "TILED", FALSE)) {
        options = add_default(options, gtiff, "BLOCKXSIZE", "256");
        options = add_default(options, gtiff, "BLOCKYSIZE", "256");
    }
    if (shape->bands > 1 && !wants_pixels(options))
        options = add_default(options, gtiff, "INTERLEAVE", "BAND");
    options = add_default(options, gtiff, "BIGTIFF", "IF_SAFER");
    if (shape->signed_byte)
        options = add_default(options, gtiff, "PIXELTYPE", "SIGNEDBYTE");
    return add_threads(ctx, options, gtiff);
}

char **clv_creation_options(clv_context *ctx, GDALDriverH gtiff, const char *const *user,
                            const clv_creation_shape *shape)
{
    return add_colors(gtiff_options(ctx, gtiff, user, shape), gtiff, shape);
}

/* Between clear and cloud lies shadow, between two days a third one: overviews, and pictures that the driver brings to
 * a grid of its own, take one of the pixels, whatever the user's options say of the pictures. */
static char **keep_classes(char **options, GDALDriverH driver)
{
    static const char *const names[] = {"RESAMPLING", "OVERVIEW_RESAMPLING", "WARP_RESAMPLING"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (knows(driver, names[i], NULL))
            options = CSLSetNameValue(options, names[i], "NEAREST");
    return options;
}

char **clv_creation_copy_options(clv_context *ctx, GDALDriverH driver, const char *const *user,
                                 const clv_creation_shape *shape)
{
    const char *name = GDALGetDriverShortName(driver);
    if (EQUAL(name, "GTiff")) {
        char **gtiff = gtiff_options(ctx, driver, user, shape); /* colours come with the source */
        /* A copy begins with its directory, and its blocks follow in order: that is all that a reader of a stream
         * needs. GDAL's own way to make sure of it writes the directory twice, and with libtiff 4.7 the second time
         * behind the first where the first ends at an odd byte; pixels are then written over it. */
        return CSLSetNameValue(gtiff, "STREAMABLE_OUTPUT", NULL);
    }
    char **options = copy_user(user);
    if (shape->categories)
        options = keep_classes(options, driver);
    if (EQUAL(name, "COG")) {
        options = add_compression(options, driver);
        if (predictor(options, shape))
            options = add_default(options, driver, "PREDICTOR", "YES");
        options = add_default(options, driver, "BIGTIFF", "IF_SAFER");
    }
    if (shape->categories)
        options = add_default(options, driver, "TILE_FORMAT", "PNG"); /* GPKG: JPEG where nothing is transparent */
    return add_threads(ctx, options, driver);
}

char **clv_creation_temporary_options(clv_context *ctx, GDALDriverH gtiff, const clv_creation_shape *shape)
{
    return clv_creation_options(ctx, gtiff, NULL, shape);
}

/* ---- What changes values ------------------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const *list)
{
    for (int i = 0; list[i]; i++)
        if (EQUALN(text, list[i], strlen(list[i])))
            return true;
    return false;
}

bool clv_creation_is_lossy(const char *option)
{
    static const char *const keys[] = {
        "DISCARD_LSB=", "DISCARD_LSB_OVERVIEW=", "NBITS=",      "MAX_Z_ERROR=", "MAX_Z_ERROR_OVERVIEW=",
        "QUALITY=",     "JPEG_QUALITY=",         "WEBP_LEVEL=", "JXL_",         NULL};
    static const char *const methods[] = {"JPEG", "WEBP", "LERC", "JXL", NULL};
    return is_one_of(option, keys) || (EQUALN(option, "COMPRESS=", 9) && is_one_of(option + 9, methods));
}

static bool says(char **options, const char *name, const char *value)
{
    return EQUAL(CSLFetchNameValueDef(options, name, ""), value);
}

/* Drivers that only know pictures, or store heights in steps; tile formats that choose JPEG by themselves. */
static bool driver_is_lossy(GDALDriverH driver)
{
    static const char *const drivers[] = {"JPEG", "WEBP", "JP2", "JPEGXL", "JPEGLS",  "AVIF", "HEIF", "ECW",
                                          "PDF",  "GPKG", "KML", "HF2",    "MBTiles", "BLX",  NULL};
    return is_one_of(GDALGetDriverShortName(driver), drivers);
}

static clv_creation_loss loss_of_tiff(char **options)
{
    const char *compress = CSLFetchNameValueDef(options, "COMPRESS", "");
    const char *bits = CSLFetchNameValue(options, "DISCARD_LSB");
    if (EQUAL(compress, "JPEG"))
        return (clv_creation_loss){.kind = CLV_LOSS_PICTURE};
    if (EQUAL(compress, "WEBP"))
        return (clv_creation_loss){
            says(options, "WEBP_LOSSLESS", "YES") || says(options, "QUALITY", "100") ? CLV_LOSS_NONE : CLV_LOSS_PICTURE,
            0};
    if (EQUAL(compress, "JXL"))
        return (clv_creation_loss){says(options, "JXL_LOSSLESS", "NO") ? CLV_LOSS_PICTURE : CLV_LOSS_NONE, 0};
    if (EQUALN(compress, "LERC", 4)) {
        double most = CPLAtof(CSLFetchNameValueDef(options, "MAX_Z_ERROR", "0"));
        return (clv_creation_loss){most > 0 ? CLV_LOSS_BOUNDED : CLV_LOSS_NONE, most};
    }
    if (bits) /* a list: one a band */
        return (clv_creation_loss){.kind = CLV_LOSS_PICTURE};
    return (clv_creation_loss){0};
}

clv_creation_loss clv_creation_loss_of(GDALDriverH driver, const char *const *user, const clv_creation_shape *shape)
{
    if (shape->categories)
        return (clv_creation_loss){0};
    const char *name = GDALGetDriverShortName(driver);
    char **options = copy_user(user);
    clv_creation_loss loss = {0};
    if (EQUAL(name, "GTiff") || EQUAL(name, "COG")) {
        loss = loss_of_tiff(options);
        if (loss.kind == CLV_LOSS_NONE && CSLFetchNameValue(options, "NBITS") && GDALDataTypeIsFloating(shape->type))
            loss.kind = CLV_LOSS_PICTURE; /* half floats */
    } else if (driver_is_lossy(driver)) {
        bool lossless = says(options, "LOSSLESS", "YES") || says(options, "REVERSIBLE", "YES");
        loss.kind = lossless && !CSLFetchNameValue(options, "QUALITY") ? CLV_LOSS_NONE : CLV_LOSS_PICTURE;
    } else {
        for (int i = 0; options && options[i]; i++) {
            const char *value = strchr(options[i], '=');
            static const char *const methods[] = {"JPEG", "JPG", "WEBP", "LERC", "JXL", "C8", "C3", "M8", "M3", NULL};
            if (clv_creation_is_lossy(options[i]) || (value && is_one_of(value + 1, methods)))
                loss.kind = CLV_LOSS_PICTURE;
        }
    }
    CSLDestroy(options);
    return loss;
}

bool clv_creation_resamples(GDALDriverH driver, const char *const *user)
{
    const char *name = GDALGetDriverShortName(driver);
    char **options = copy_user(user);
    const char *scheme = CSLFetchNameValueDef(options, "TILING_SCHEME", "CUSTOM");
    bool tiles = (EQUAL(name, "COG") || EQUAL(name, "GPKG")) && !EQUAL(scheme, "CUSTOM");
    bool other = EQUAL(name, "COG") && (CSLFetchNameValue(options, "TARGET_SRS") || CSLFetchNameValue(options, "RES") ||
                                        CSLFetchNameValue(options, "EXTENT"));
    CSLDestroy(options);
    return tiles || other || EQUAL(name, "MBTiles");
}

/* These give back what they get. Others are compared with the file that they are made from. */
static bool keeps_values(char **options)
{
    static const char *const plain[] = {"NONE", "LZW", "DEFLATE", "ZSTD", "PACKBITS", "LZMA", NULL};
    for (int i = 0; options && options[i]; i++)
        if (clv_creation_is_lossy(options[i]))
            return false;
    return is_one_of(CSLFetchNameValueDef(options, "COMPRESS", "NONE"), plain);
}

bool clv_creation_no_sidecars(GDALDriverH driver)
{
    return EQUAL(GDALGetDriverShortName(driver), "MRF");
}

bool clv_creation_needs_copy(GDALDriverH driver, const char *const *user, int bands)
{
    if (!EQUAL(GDALGetDriverShortName(driver), "GTiff"))
        return true;
    char **options = copy_user(user);
    /* Bands come one after the other: with pixel interleaving every tile would be compressed once per band. */
    const char *interleave = CSLFetchNameValueDef(options, "INTERLEAVE", wants_pixels(options) ? "PIXEL" : "BAND");
    bool copy = bands > 1 && EQUAL(interleave, "PIXEL");
    copy = copy || CSLFetchBoolean(options, "STREAMABLE_OUTPUT", FALSE) || !keeps_values(options);
    CSLDestroy(options);
    return copy;
}
