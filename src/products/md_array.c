/* SPDX-License-Identifier: MIT */
#include "products/md_array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/reading.h"
#include "raster/gdal_errors.h"
#include "raster/hdf5_quiet.h"

#define MAX_AXIS 1000000                 /* elements of a coordinate */
#define BLOCK_VALUES ((uint64_t)1 << 23) /* of an array that has no blocks of its own */

bool clv_md_has_name(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return clv_name_ends(path, "nc") || clv_name_ends(path, "nc4") ||
           (n > 5 && EQUALN(path + n - 5, ".zarr", 5)); /* a folder: with or without a slash */
}

bool clv_md_open(const char *path, bool update, clv_md_file *out)
{
    static const char *const netcdf[] = {"netCDF", NULL}, *const zarr[] = {"Zarr", NULL};
    const char *const *drivers = clv_name_ends(path, "nc") || clv_name_ends(path, "nc4") ? netcdf : zarr;
    clv_gdal_errors errors;
    *out = (clv_md_file){0};
    clv_reading(path);
    GDALAllRegister();
    if (drivers == netcdf)
        clv_hdf5_quiet_from_now();
    clv_gdal_errors_begin(&errors);
    unsigned flags = GDAL_OF_MULTIDIM_RASTER | (update ? GDAL_OF_UPDATE : GDAL_OF_READONLY);
    out->dataset = GDALOpenEx(path, flags, drivers, NULL, NULL);
    out->root = out->dataset ? GDALDatasetGetRootGroup(out->dataset) : NULL;
    clv_gdal_errors_end(&errors);
    if (!out->root)
        clv_md_close(out);
    return out->root != NULL;
}

bool clv_md_close(clv_md_file *file)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    if (file->root)
        GDALGroupRelease(file->root);
    if (file->dataset)
        GDALClose(file->dataset);
    *file = (clv_md_file){0};
    return !clv_gdal_errors_end(&errors);
}

GDALMDArrayH clv_md_array(GDALGroupH group, const char *name)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALMDArrayH array = GDALGroupOpenMDArray(group, name, NULL);
    clv_gdal_errors_end(&errors);
    return array;
}

bool clv_md_shape_of(GDALMDArrayH array, clv_md_shape *out)
{
    size_t n = 0;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDimensionH *dims = GDALMDArrayGetDimensions(array, &n);
    *out = (clv_md_shape){.axes = n <= CLV_MD_AXES ? (int)n : 0};
    bool good = n <= CLV_MD_AXES;
    for (size_t i = 0; i < n && good; i++) {
        const char *name = GDALDimensionGetName(dims[i]);
        good = strlen(name) < sizeof out->name[i];
        snprintf(out->name[i], sizeof out->name[i], "%s", name);
        out->size[i] = GDALDimensionGetSize(dims[i]);
    }
    if (dims)
        GDALReleaseDimensions(dims, n);
    clv_gdal_errors_end(&errors);
    return good;
}

static GDALAttributeH attribute(GDALGroupH group, GDALMDArrayH array, const char *name)
{
    return array ? GDALMDArrayGetAttribute(array, name) : GDALGroupGetAttribute(group, name);
}

char *clv_md_attribute(GDALGroupH group, GDALMDArrayH array, const char *name)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALAttributeH a = attribute(group, array, name);
    const char *text = a ? GDALAttributeReadAsString(a) : NULL;
    char *copy = clv_strdup(text);
    if (a)
        GDALAttributeRelease(a);
    clv_gdal_errors_end(&errors);
    return copy;
}

size_t clv_md_numbers(GDALGroupH group, GDALMDArrayH array, const char *name, double *values, size_t count)
{
    clv_gdal_errors errors;
    size_t n = 0;
    clv_gdal_errors_begin(&errors);
    GDALAttributeH a = attribute(group, array, name);
    GDALExtendedDataTypeH type = a ? GDALAttributeGetDataType(a) : NULL;
    bool numeric = type && GDALExtendedDataTypeGetClass(type) == GEDTC_NUMERIC;
    double *all = numeric ? GDALAttributeReadAsDoubleArray(a, &n) : NULL;
    for (size_t i = 0; all && i < n && i < count; i++)
        values[i] = all[i];
    if (!all)
        n = 0;
    CPLFree(all);
    if (type)
        GDALExtendedDataTypeRelease(type);
    if (a)
        GDALAttributeRelease(a);
    clv_gdal_errors_end(&errors);
    return n;
}

bool clv_md_is_text(GDALMDArrayH array)
{
    GDALExtendedDataTypeH type = GDALMDArrayGetDataType(array);
    bool text = type && GDALExtendedDataTypeGetClass(type) == GEDTC_STRING;
    if (type)
        GDALExtendedDataTypeRelease(type);
    return text;
}

/* Whether the array is one row of `count` values, or a single one. */
static bool has_length(GDALMDArrayH array, uint64_t count)
{
    clv_md_shape shape;
    return count > 0 && count <= MAX_AXIS && clv_md_shape_of(array, &shape) &&
           ((shape.axes == 1 && shape.size[0] == count) || (shape.axes == 0 && count == 1));
}

static bool read_all(GDALMDArrayH array, uint64_t count, GDALExtendedDataTypeH type, void *out)
{
    const GUInt64 start[1] = {0};
    const size_t size[1] = {(size_t)count};
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    int read = type && GDALMDArrayRead(array, start, size, NULL, NULL, type, out, NULL, 0);
    return !clv_gdal_errors_end(&errors) && read;
}

double *clv_md_read_numbers(GDALMDArrayH array, uint64_t count)
{
    if (!has_length(array, count) || clv_md_is_text(array))
        return NULL;
    double *values = clv_alloc_array(1, (size_t)count, sizeof *values);
    GDALExtendedDataTypeH type = GDALExtendedDataTypeCreate(GDT_Float64);
    if (values && !read_all(array, count, type, values)) {
        free(values);
        values = NULL;
    }
    GDALExtendedDataTypeRelease(type);
    return values;
}

/* Pointers and texts in one block. */
static char **pack(char **texts, size_t count)
{
    size_t bytes = count * sizeof *texts;
    for (size_t i = 0; i < count; i++)
        bytes += (texts[i] ? strlen(texts[i]) : 0) + 1;
    char **block = malloc(bytes);
    char *at = block ? (char *)(block + count) : NULL;
    for (size_t i = 0; block && i < count; i++) {
        size_t n = texts[i] ? strlen(texts[i]) : 0;
        memcpy(at, texts[i] ? texts[i] : "", n + 1);
        block[i] = at;
        at += n + 1;
    }
    return block;
}

char **clv_md_read_texts(GDALMDArrayH array, uint64_t count)
{
    if (!has_length(array, count) || !clv_md_is_text(array))
        return NULL;
    char **raw = clv_alloc_array(1, (size_t)count, sizeof *raw), **block = NULL;
    GDALExtendedDataTypeH type = GDALExtendedDataTypeCreateString(0);
    if (raw && read_all(array, count, type, raw))
        block = pack(raw, (size_t)count);
    for (size_t i = 0; raw && i < count; i++)
        CPLFree(raw[i]);
    free(raw);
    GDALExtendedDataTypeRelease(type);
    return block;
}

static void count_block(clv_md_blocks *b)
{
    for (int i = 0; i < b->axes; i++) {
        uint64_t left = b->size[i] - b->start[i];
        b->count[i] = (size_t)(left < b->block[i] ? left : b->block[i]);
    }
}

bool clv_md_blocks_begin(GDALMDArrayH array, clv_md_blocks *b)
{
    clv_md_shape shape;
    size_t n = 0;
    *b = (clv_md_blocks){0};
    if (!clv_md_shape_of(array, &shape))
        return false;
    b->axes = shape.axes;
    GUInt64 *own = GDALMDArrayGetBlockSize(array, &n);
    bool blocked = own && n == (size_t)b->axes;
    for (int i = 0; blocked && i < b->axes; i++)
        blocked = own[i] > 0;
    uint64_t values = 1;
    for (int i = b->axes - 1; i >= 0; i--) {
        b->size[i] = shape.size[i];
        if (b->size[i] == 0) {
            CPLFree(own);
            return false;
        }
        uint64_t fits = values < BLOCK_VALUES ? BLOCK_VALUES / values : 1;
        b->block[i] = blocked ? own[i] : fits;
        if (b->block[i] > b->size[i])
            b->block[i] = b->size[i];
        values *= b->block[i];
    }
    CPLFree(own);
    count_block(b);
    return true;
}

bool clv_md_blocks_next(clv_md_blocks *b)
{
    for (int axis = b->axes - 1; axis >= 0; axis--) {
        b->start[axis] += b->block[axis];
        if (b->start[axis] < b->size[axis]) {
            count_block(b);
            return true;
        }
        b->start[axis] = 0;
    }
    return false;
}

size_t clv_md_block_values(const clv_md_blocks *b)
{
    size_t n = 1;
    for (int i = 0; i < b->axes; i++)
        n *= b->count[i];
    return n;
}
