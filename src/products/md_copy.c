/* SPDX-License-Identifier: MIT */
#include "products/md_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "products/md_array.h"
#include "raster/gdal_errors.h"

#define MAX_DIMENSIONS 64

typedef struct copy {
    clv_context *ctx;
    const char *from, *shown;
    GDALGroupH source, target;
    GDALDimensionH dims[MAX_DIMENSIONS];
    int count;
} copy;

static const char *const all[] = {"SHOW_ALL=YES", NULL};

static clv_status refuse(const copy *c, const char *what, const char *name)
{
    return clv_fail(c->ctx, CLV_ERROR_UNSUPPORTED,
                    "%s: cannot be written as %s is: %s %s cannot be kept; write GeoTIFFs (without -of)", c->shown,
                    c->from, what, name);
}

/* What libnetcdf and libhdf5 keep for themselves. */
static bool is_internal(const char *name)
{
    static const char *const names[] = {"_NCProperties", "_NetCDF4Dimid",  "_NetCDF4Coordinates", "CLASS",
                                        "NAME",          "DIMENSION_LIST", "REFERENCE_LIST",      "_Netcdf4Dimid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static clv_status copy_attribute(const copy *c, GDALAttributeH from, GDALMDArrayH array)
{
    const char *name = GDALAttributeGetName(from);
    size_t axes = 0;
    if (is_internal(name))
        return CLV_OK;
    GUInt64 *sizes = GDALAttributeGetDimensionsSize(from, &axes);
    GDALExtendedDataTypeH type = GDALAttributeGetDataType(from);
    GDALAttributeH to = array ? GDALMDArrayCreateAttribute(array, name, axes, sizes, type, NULL)
                              : GDALGroupCreateAttribute(c->target, name, axes, sizes, type, NULL);
    int good = FALSE;
    if (to && GDALExtendedDataTypeGetClass(type) == GEDTC_NUMERIC) {
        size_t bytes = 0;
        GByte *raw = GDALAttributeReadAsRaw(from, &bytes);
        good = raw && GDALAttributeWriteRaw(to, raw, bytes);
        if (raw)
            GDALAttributeFreeRawResult(from, raw, bytes);
    } else if (to && GDALExtendedDataTypeGetClass(type) == GEDTC_STRING && axes == 0) {
        const char *text = GDALAttributeReadAsString(from);
        good = text && GDALAttributeWriteString(to, text);
    } else if (to && GDALExtendedDataTypeGetClass(type) == GEDTC_STRING) {
        char **texts = GDALAttributeReadAsStringArray(from);
        good = texts && GDALAttributeWriteStringArray(to, (CSLConstList)texts);
        CSLDestroy(texts);
    }
    if (to)
        GDALAttributeRelease(to);
    GDALExtendedDataTypeRelease(type);
    CPLFree(sizes);
    return good ? CLV_OK : refuse(c, "attribute", name);
}

static clv_status copy_attributes(const copy *c, GDALMDArrayH from, GDALMDArrayH to)
{
    size_t n = 0;
    clv_status status = CLV_OK;
    GDALAttributeH *list = from ? GDALMDArrayGetAttributes(from, &n, (CSLConstList)all)
                                : GDALGroupGetAttributes(c->source, &n, (CSLConstList)all);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        status = copy_attribute(c, list[i], to);
    GDALReleaseAttributes(list, n);
    return status;
}

static clv_status copy_dimensions(copy *c)
{
    size_t n = 0;
    clv_status status = CLV_OK;
    GDALDimensionH *list = GDALGroupGetDimensions(c->source, &n, NULL);
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        const char *name = GDALDimensionGetName(list[i]);
        if (c->count < MAX_DIMENSIONS)
            c->dims[c->count] =
                GDALGroupCreateDimension(c->target, name, NULL, NULL, GDALDimensionGetSize(list[i]), NULL);
        if (c->count == MAX_DIMENSIONS || !c->dims[c->count++])
            status = refuse(c, "axis", name);
    }
    if (list)
        GDALReleaseDimensions(list, n);
    return status;
}

static clv_status copy_values(const copy *c, const char *name, GDALMDArrayH from, GDALMDArrayH to)
{
    clv_md_blocks b;
    clv_status status = CLV_OK;
    GDALExtendedDataTypeH type = GDALMDArrayGetDataType(from);
    bool text = GDALExtendedDataTypeGetClass(type) == GEDTC_STRING;
    bool good = clv_md_blocks_begin(from, &b);
    for (bool more = good; more && good && status == CLV_OK; more = clv_md_blocks_next(&b)) {
        size_t n = clv_md_block_values(&b);
        void *values = clv_alloc_array(n, GDALExtendedDataTypeGetSize(type), 1);
        if (!values)
            status = clv_fail_memory_for(c->ctx, c->shown);
        good = values && GDALMDArrayRead(from, b.start, b.count, NULL, NULL, type, values, NULL, 0) &&
               GDALMDArrayWrite(to, b.start, b.count, NULL, NULL, type, values, NULL, 0);
        for (size_t i = 0; text && values && i < n; i++)
            CPLFree(((char **)values)[i]);
        free(values);
        if (status == CLV_OK)
            status = clv_check_cancel(c->ctx);
    }
    GDALExtendedDataTypeRelease(type);
    return status != CLV_OK || good ? status : refuse(c, "values of", name);
}

/* Blocks and compression as they are, as far as GDAL tells. */
static char **creation_options(GDALMDArrayH array, const clv_md_shape *shape)
{
    char **options = NULL, text[200] = "";
    size_t n = 0;
    GUInt64 *block = GDALMDArrayGetBlockSize(array, &n);
    bool blocked = block && n > 0 && n == (size_t)shape->axes;
    for (size_t i = 0; blocked && i < n; i++)
        blocked = block[i] > 0;
    for (size_t i = 0; blocked && i < n; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%llu", used ? "," : "", (unsigned long long)block[i]);
    }
    if (blocked)
        options = CSLSetNameValue(options, "BLOCKSIZE", text);
    CPLFree(block);
    const char *compress = CSLFetchNameValue((char **)GDALMDArrayGetStructuralInfo(array), "COMPRESS");
    if (compress && EQUAL(compress, "DEFLATE")) {
        options = CSLSetNameValue(options, "COMPRESS", "DEFLATE");
        options = CSLSetNameValue(options, "ZLEVEL", "4"); /* xarray's own; the file does not tell */
    }
    return options;
}

static clv_status copy_array(copy *c, const char *name)
{
    clv_md_shape shape;
    GDALDimensionH dims[CLV_MD_AXES] = {0};
    GDALMDArrayH from = clv_md_array(c->source, name), to = NULL;
    bool good = from && clv_md_shape_of(from, &shape);
    for (int i = 0; good && i < shape.axes; i++) {
        for (int k = 0; k < c->count && !dims[i]; k++)
            if (strcmp(GDALDimensionGetName(c->dims[k]), shape.name[i]) == 0)
                dims[i] = c->dims[k];
        good = dims[i] != NULL;
    }
    GDALExtendedDataTypeH type = from ? GDALMDArrayGetDataType(from) : NULL;
    if (good && GDALExtendedDataTypeGetClass(type) != GEDTC_COMPOUND) {
        char **options = creation_options(from, &shape);
        to = GDALGroupCreateMDArray(c->target, name, (size_t)shape.axes, dims, type, (CSLConstList)options);
        CSLDestroy(options);
    }
    clv_status status = to ? copy_attributes(c, from, to) : refuse(c, "array", name);
    if (status == CLV_OK)
        status = copy_values(c, name, from, to);
    if (type)
        GDALExtendedDataTypeRelease(type);
    if (from)
        GDALMDArrayRelease(from);
    if (to)
        GDALMDArrayRelease(to);
    return status;
}

static clv_status copy_group(copy *c)
{
    char **groups = GDALGroupGetGroupNames(c->source, NULL);
    char **names = GDALGroupGetMDArrayNames(c->source, (CSLConstList)all);
    clv_status status = groups && groups[0] ? refuse(c, "group", groups[0]) : copy_attributes(c, NULL, NULL);
    if (status == CLV_OK)
        status = copy_dimensions(c);
    for (int i = 0; names && names[i] && status == CLV_OK; i++)
        status = copy_array(c, names[i]);
    CSLDestroy(groups);
    CSLDestroy(names);
    return status;
}

clv_status clv_md_copy(clv_context *ctx, const char *from, const char *to, const char *shown)
{
    static const char *const plain[] = {"CONVENTIONS=", NULL};
    clv_md_file source, target = {0};
    clv_gdal_errors errors;
    if (!clv_md_open(from, false, &source))
        return clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read again", from);
    clv_gdal_errors_begin(&errors);
    GDALDriverH driver = GDALGetDriverByName("netCDF");
    target.dataset = driver ? GDALCreateMultiDimensional(driver, to, NULL, (CSLConstList)plain) : NULL;
    target.root = target.dataset ? GDALDatasetGetRootGroup(target.dataset) : NULL;
    copy c = {.ctx = ctx, .from = from, .shown = shown, .source = source.root, .target = target.root};
    clv_status status = target.root
                            ? copy_group(&c)
                            : clv_fail(ctx, CLV_ERROR_WRITE, "%s: GDAL's netCDF driver cannot create it", shown);
    if (c.count > 0)
        for (int i = 0; i < c.count; i++)
            GDALDimensionRelease(c.dims[i]);
    clv_gdal_errors_end(&errors);
    if (!clv_md_close(&target) && status == CLV_OK)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: closing it failed", shown);
    clv_md_close(&source);
    return status;
}
