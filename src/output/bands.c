/* SPDX-License-Identifier: MIT */
#include "output/bands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"

static bool take_own(clv_bands *b)
{
    b->count = GDALGetRasterCount(b->dataset);
    b->width = GDALGetRasterXSize(b->dataset);
    b->height = GDALGetRasterYSize(b->dataset);
    b->list = clv_alloc_array((size_t)b->count, 1, sizeof *b->list);
    for (int i = 0; b->list && i < b->count; i++)
        b->list[i] = GDALGetRasterBand(b->dataset, i + 1);
    return b->list != NULL;
}

/* Coordinates are arrays too: of one row, or named so. */
static bool is_band(GDALDatasetH part, const clv_bands *b)
{
    return GDALGetRasterCount(part) == 1 && GDALGetRasterYSize(part) > 1 &&
           (b->count == 0 || (GDALGetRasterXSize(part) == b->width && GDALGetRasterYSize(part) == b->height));
}

/* Arrays are called Band1, Band2, ..., and listed in the order of their letters: Band10 before Band2. */
static int number_of(const char *name)
{
    size_t n = strlen(name);
    while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    return atoi(name + n);
}

static int by_number(const void *a, const void *b)
{
    const int x = number_of(*(char *const *)a), y = number_of(*(char *const *)b);
    return (x > y) - (x < y);
}

/* NAME of every subdataset; CSL */
static char **part_names(GDALDatasetH dataset)
{
    char **all = GDALGetMetadata(dataset, "SUBDATASETS"), **names = NULL;
    for (int i = 1;; i++) {
        char key[40];
        snprintf(key, sizeof key, "SUBDATASET_%d_NAME", i);
        const char *name = CSLFetchNameValue(all, key);
        if (!name)
            break;
        names = CSLAddString(names, name);
    }
    if (names)
        qsort(names, (size_t)CSLCount(names), sizeof *names, by_number);
    return names;
}

static bool take_parts(clv_bands *b, int most)
{
    char **names = part_names(b->dataset);
    b->parts = calloc((size_t)most, sizeof *b->parts);
    b->list = calloc((size_t)most, sizeof *b->list);
    for (int i = 0; b->parts && b->list && names && names[i] && b->count < most; i++) {
        GDALDatasetH part = GDALOpenEx(names[i], GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
        if (!part || !is_band(part, b)) {
            if (part)
                GDALClose(part);
            continue;
        }
        b->width = GDALGetRasterXSize(part);
        b->height = GDALGetRasterYSize(part);
        b->parts[b->count] = part;
        b->list[b->count++] = GDALGetRasterBand(part, 1);
    }
    CSLDestroy(names);
    return b->parts && b->list;
}

bool clv_bands_open(const char *path, int most, clv_bands *out)
{
    *out = (clv_bands){0};
    out->dataset = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (out->dataset && (GDALGetRasterCount(out->dataset) > 0 ? take_own(out) : take_parts(out, most)))
        return true;
    clv_bands_close(out);
    return false;
}

bool clv_bands_of(GDALDatasetH dataset, clv_bands *out)
{
    *out = (clv_bands){.dataset = dataset, .borrowed = true};
    return take_own(out);
}

void clv_bands_close(clv_bands *b)
{
    for (int i = 0; b->parts && i < b->count; i++)
        GDALClose(b->parts[i]);
    if (b->dataset && !b->borrowed)
        GDALClose(b->dataset);
    free(b->parts);
    free(b->list);
    *b = (clv_bands){0};
}
