/* SPDX-License-Identifier: MIT */
#include "products/bundle_vrt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"

void clv_vrt_part_read(GDALDatasetH ds, clv_vrt_part *part)
{
    GDALRasterBandH band = GDALGetRasterBand(ds, 1);
    GDALDriverH driver = GDALGetDatasetDriver(ds);
    part->packed = driver && EQUALN(GDALGetDriverShortName(driver), "JP2", 3);
    part->type = GDALGetRasterDataType(band);
    GDALGetBlockSize(band, &part->block_width, &part->block_height);
    part->nodata = GDALGetRasterNoDataValue(band, &part->has_nodata);
    part->scale = GDALGetRasterScale(band, &part->has_scale);
    part->offset = GDALGetRasterOffset(band, &part->has_offset);
    if (part->scale == 1 && part->offset == 0)
        part->has_scale = part->has_offset = FALSE; /* said nothing */
}

void clv_vrt_set_number(CPLXMLNode *node, const char *path, double value)
{
    char text[40];
    if (isnan(value))
        snprintf(text, sizeof text, "nan");
    else
        CPLsnprintf(text, sizeof text, "%.17g", value);
    CPLSetXMLValue(node, path, text);
}

static CPLXMLNode *add_element(CPLXMLNode *parent, CPLXMLNode **last, const char *name)
{
    CPLXMLNode *node = CPLCreateXMLNode(NULL, CXT_Element, name);
    if (*last)
        (*last)->psNext = node;
    else
        CPLAddXMLChild(parent, node);
    *last = node;
    return node;
}

static void add_rectangle(CPLXMLNode *source, const char *name, int x, int y, int width, int height)
{
    CPLXMLNode *node = CPLCreateXMLNode(source, CXT_Element, name);
    clv_vrt_set_number(node, "#xOff", x);
    clv_vrt_set_number(node, "#yOff", y);
    clv_vrt_set_number(node, "#xSize", width);
    clv_vrt_set_number(node, "#ySize", height);
}

static void add_open_option(CPLXMLNode *source, const char *key, const char *value)
{
    CPLXMLNode *options = CPLGetXMLNode(source, "OpenOptions");
    if (!options)
        options = CPLCreateXMLNode(source, CXT_Element, "OpenOptions");
    CPLSetXMLValue(CPLCreateXMLElementAndValue(options, "OOI", value), "#key", key);
}

static void add_source(CPLXMLNode *band, const clv_vrt_part *part, int index)
{
    const clv_grid *g = &part->grid;
    CPLXMLNode *source = CPLCreateXMLNode(band, CXT_Element, part->factor > 1 ? "ComplexSource" : "SimpleSource");
    if (part->factor > 1)
        CPLSetXMLValue(source, "#resampling", "average");
    CPLSetXMLValue(source, "SourceFilename", part->file->path);
    CPLSetXMLValue(source, "SourceFilename.#relativeToVRT", "0");
    CPLSetXMLValue(source, "SourceFilename.#shared", "0");
    clv_vrt_set_number(source, "SourceBand", index);
    if (part->any_axes)
        add_open_option(source, "IGNORE_XY_AXIS_NAME_CHECKS", "YES");
    /* Means of the pixels: reduced levels of JPEG 2000 are none, and mix what is there with the 0 beside it. */
    if (part->factor > 1)
        add_open_option(source, "OVERVIEW_LEVEL", "NONE");
    CPLXMLNode *properties = CPLCreateXMLNode(source, CXT_Element, "SourceProperties");
    clv_vrt_set_number(properties, "#RasterXSize", g->width);
    clv_vrt_set_number(properties, "#RasterYSize", g->height);
    CPLSetXMLValue(properties, "#DataType",
                   GDALGetDataTypeName(part->source_type != GDT_Unknown ? part->source_type : part->type));
    clv_vrt_set_number(properties, "#BlockXSize", part->block_width);
    clv_vrt_set_number(properties, "#BlockYSize", part->block_height);
    add_rectangle(source, "SrcRect", 0, 0, g->width, g->height);
    int width = (g->width + part->factor - 1) / part->factor, height = (g->height + part->factor - 1) / part->factor;
    if (part->repeat > 1) {
        width *= part->repeat;
        height *= part->repeat;
    }
    add_rectangle(source, "DstRect", part->x, part->y, width, height);
    if (part->factor > 1) /* 0 is no value of Sentinel-2's: means leave it out */
        clv_vrt_set_number(source, "NODATA", part->has_nodata ? part->nodata : 0);
}

/* A band in Landsat's numbers keeps them, behind the word for what it is: "nir_B05"; a word stays. */
static void describe(const clv_bundle_file *file, char *text, size_t size)
{
    static const char *const words[][2] = {{"B01", "coastal"}, {"B02", "blue"},   {"B03", "green"},  {"B04", "red"},
                                           {"B8A", "nir"},     {"B10", "cirrus"}, {"B11", "swir16"}, {"B12", "swir22"}};
    snprintf(text, size, "%s", file->own[0] ? file->own : file->band);
    for (size_t i = 0; file->own[0] == 'B' && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], file->band) == 0)
            snprintf(text, size, "%s_%s", words[i][1], file->own);
}

static const char *color_of(const char *band)
{
    return strcmp(band, "B04") == 0   ? "Red"
           : strcmp(band, "B03") == 0 ? "Green"
           : strcmp(band, "B02") == 0 ? "Blue"
                                      : "Undefined";
}

static CPLXMLNode *root_of(clv_vrt *vrt)
{
    if (!vrt->root)
        vrt->root = CPLCreateXMLNode(NULL, CXT_Element, "VRTDataset");
    return vrt->root;
}

static CPLXMLNode *start_band(clv_vrt *vrt, GDALDataType type)
{
    CPLXMLNode *band = add_element(root_of(vrt), &vrt->last, "VRTRasterBand");
    CPLSetXMLValue(band, "#dataType", GDALGetDataTypeName(type));
    clv_vrt_set_number(band, "#band", ++vrt->bands);
    return band;
}

clv_status clv_vrt_add_band(clv_context *ctx, clv_vrt *vrt, const clv_bundle *b, const clv_vrt_part *part)
{
    const clv_bundle_file *file = part->file;
    char name[24];
    if (GDALDataTypeIsComplex(part->type))
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: is of type %s", file->path, GDALGetDataTypeName(part->type));
    CPLXMLNode *band = start_band(vrt, part->type);
    describe(file, name, sizeof name);
    CPLSetXMLValue(band, "Description", name);
    if (part->has_nodata || file->has_nodata || b->sure)
        clv_vrt_set_number(band, "NoDataValue", part->has_nodata ? part->nodata : file->has_nodata ? file->nodata : 0);
    bool own = (part->has_scale || part->has_offset) && !b->sure;
    if (own || (b->quantification > 0 && file->has_offset)) {
        double scale = own ? part->scale : 1 / b->quantification;
        clv_vrt_set_number(band, "Offset", own ? part->offset : file->offset / b->quantification);
        clv_vrt_set_number(band, "Scale", scale);
    }
    CPLSetXMLValue(band, "ColorInterp", color_of(file->band));
    add_source(band, part, 1);
    return CLV_OK;
}

/* Description, nodata, scale and the like of a band of the first tile. */
static void like_band(CPLXMLNode *node, GDALRasterBandH band)
{
    int has;
    if (GDALGetDescription(band)[0])
        CPLSetXMLValue(node, "Description", GDALGetDescription(band));
    double value = GDALGetRasterNoDataValue(band, &has);
    if (has)
        clv_vrt_set_number(node, "NoDataValue", value);
    value = GDALGetRasterOffset(band, &has);
    if (has && value != 0)
        clv_vrt_set_number(node, "Offset", value);
    value = GDALGetRasterScale(band, &has);
    if (has && value != 1)
        clv_vrt_set_number(node, "Scale", value);
    CPLSetXMLValue(node, "ColorInterp", GDALGetColorInterpretationName(GDALGetRasterColorInterpretation(band)));
}

clv_status clv_vrt_add_mosaic(clv_context *ctx, clv_vrt *vrt, const clv_vrt_part *parts, int count)
{
    GDALDatasetH first;
    clv_status status = clv_raster_open(ctx, parts[0].file->path, NULL, &first);
    if (status != CLV_OK)
        return status;
    for (int i = 1; i <= parts[0].bands; i++) {
        GDALRasterBandH band = GDALGetRasterBand(first, i);
        CPLXMLNode *node = start_band(vrt, GDALGetRasterDataType(band));
        like_band(node, band);
        for (int p = 0; p < count; p++)
            add_source(node, &parts[p], i);
    }
    GDALClose(first);
    return CLV_OK;
}

void clv_vrt_add_dated(clv_vrt *vrt, const clv_vrt_part *part, int index, const char *date)
{
    CPLXMLNode *node = start_band(vrt, part->type);
    if (date) {
        CPLXMLNode *metadata = CPLCreateXMLNode(node, CXT_Element, "Metadata");
        CPLXMLNode *item = CPLCreateXMLElementAndValue(metadata, "MDI", date);
        CPLSetXMLValue(item, "#key", "ACQUISITIONDATETIME");
    }
    CPLSetXMLValue(node, "Description", part->name ? part->name : part->file->band);
    if (part->has_nodata)
        clv_vrt_set_number(node, "NoDataValue", part->nodata);
    if (part->has_offset)
        clv_vrt_set_number(node, "Offset", part->offset);
    if (part->has_scale)
        clv_vrt_set_number(node, "Scale", part->scale);
    CPLSetXMLValue(node, "ColorInterp", color_of(part->file->band));
    add_source(node, part, index);
}

static void add_item(CPLXMLNode *metadata, const char *key, const char *value)
{
    CPLXMLNode *item = CPLCreateXMLElementAndValue(metadata, "MDI", value);
    CPLSetXMLValue(item, "#key", key);
}

/* What the whole says: the items of one file that describe the date, and the product's name and baseline. */
static void add_metadata(CPLXMLNode *root, const clv_vrt *vrt, const clv_bundle *b)
{
    CPLXMLNode *node = CPLCreateXMLNode(root, CXT_Element, "Metadata");
    for (char **item = vrt->metadata; item && *item; item++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*item, &key);
        if (key && value && !STARTS_WITH_CI(key, "STATISTICS_") && !STARTS_WITH_CI(key, "OVR_RESAMPLING"))
            add_item(node, key, value);
        CPLFree(key);
    }
    if (b->product[0])
        add_item(node, "PRODUCT_URI", b->product);
    if (b->baseline >= 0) {
        char text[16];
        snprintf(text, sizeof text, "%02d.%02d", b->baseline / 100 % 100, b->baseline % 100);
        add_item(node, "PROCESSING_BASELINE", text);
    }
}

clv_status clv_vrt_finish(clv_context *ctx, clv_vrt *vrt, const clv_bundle *b, char **text)
{
    CPLXMLNode *root = root_of(vrt);
    clv_vrt_set_number(root, "#rasterXSize", vrt->grid.width);
    clv_vrt_set_number(root, "#rasterYSize", vrt->grid.height);
    if (vrt->grid.wkt)
        CPLSetXMLValue(root, "SRS", vrt->grid.wkt);
    if (vrt->grid.has_transform) {
        char numbers[240];
        const double *t = vrt->grid.transform;
        CPLsnprintf(numbers, sizeof numbers, "%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", t[0], t[1], t[2], t[3], t[4],
                    t[5]);
        CPLSetXMLValue(root, "GeoTransform", numbers);
    }
    add_metadata(root, vrt, b);
    char *xml = CPLSerializeXMLTree(root);
    *text = clv_strdup(xml);
    CPLFree(xml);
    return *text ? CLV_OK : clv_fail_memory(ctx);
}

void clv_vrt_clear(clv_vrt *vrt)
{
    CPLDestroyXMLNode(vrt->root);
    clv_grid_clear(&vrt->grid);
    *vrt = (clv_vrt){0};
}

char *clv_vrt_thin(const char *text, int first, int count)
{
    static const char begin[] = "<VRTRasterBand ", end[] = "</VRTRasterBand>";
    char *thin = malloc(strlen(text) + 1), *to = thin;
    int number = 0;
    while (thin && *text) {
        const char *band = strstr(text, begin), *close = band ? strstr(band, end) : NULL;
        size_t n = close ? (size_t)(band - text) : strlen(text);
        memcpy(to, text, n);
        to += n;
        text += n;
        if (!close)
            break;
        number++;
        const char *attributes = strchr(text, '>');
        n = (size_t)(close - text) + sizeof end - 1;
        if (number >= first && number < first + count) {
            memcpy(to, text, n);
            to += n;
        } else {
            size_t head = (size_t)(attributes - text);
            memcpy(to, text, head);
            to += head;
            *to++ = '/';
            *to++ = '>';
        }
        text += n;
    }
    if (thin)
        *to = 0;
    return thin;
}
