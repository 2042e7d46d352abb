/* SPDX-License-Identifier: MIT
 *
 * md_array: the few questions that netCDF and Zarr files are asked through GDAL's multidimensional interface, with
 * GDAL's own messages kept quiet.
 *
 *     clv_md_file file;
 *     if (clv_md_open("cube.nc", false, &file)) {
 *         char *unit = clv_md_attribute(file.root, NULL, "Conventions");
 *         ...
 *         clv_md_close(&file);
 *     }
 *
 * A file belongs to one thread. Strings and arrays handed out are freed with free().
 */
#ifndef CLV_PRODUCTS_MD_ARRAY_H
#define CLV_PRODUCTS_MD_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gdal.h>

#define CLV_MD_AXES 6

typedef struct clv_md_file {
    GDALDatasetH dataset;
    GDALGroupH root;
} clv_md_file;

typedef struct clv_md_shape {
    int axes;
    char name[CLV_MD_AXES][64];
    uint64_t size[CLV_MD_AXES];
} clv_md_shape;

/* Whether the name is a netCDF file's or a Zarr folder's. */
bool clv_md_has_name(const char *path);
bool clv_md_open(const char *path, bool update, clv_md_file *out);
/* False when what was written may not be in the file. */
bool clv_md_close(clv_md_file *file);
/* NULL when there is none; GDALMDArrayRelease(). */
GDALMDArrayH clv_md_array(GDALGroupH group, const char *name);
/* False when it has more axes than that or a name longer than is kept. */
bool clv_md_shape_of(GDALMDArrayH array, clv_md_shape *out);
/* An attribute as text; NULL when there is none. array NULL: the group's own. */
char *clv_md_attribute(GDALGroupH group, GDALMDArrayH array, const char *name);
/* Up to `count` numbers of an attribute; how many it has. */
size_t clv_md_numbers(GDALGroupH group, GDALMDArrayH array, const char *name, double *values, size_t count);
/* All `count` values of an array over one axis (count 1: also of none) as doubles or as texts; NULL when it has
 * another length or kind. Texts: an array of `count` pointers in one block. */
double *clv_md_read_numbers(GDALMDArrayH array, uint64_t count);
char **clv_md_read_texts(GDALMDArrayH array, uint64_t count);
bool clv_md_is_text(GDALMDArrayH array);

/* The blocks of an array, its own where it has some, so that each is unpacked once:
 *     for (bool more = clv_md_blocks_begin(array, &b); more; more = clv_md_blocks_next(&b)) ... b.start, b.count ... */
typedef struct clv_md_blocks {
    int axes;
    uint64_t size[CLV_MD_AXES], block[CLV_MD_AXES];
    GUInt64 start[CLV_MD_AXES];
    size_t count[CLV_MD_AXES];
} clv_md_blocks;

bool clv_md_blocks_begin(GDALMDArrayH array, clv_md_blocks *blocks);
bool clv_md_blocks_next(clv_md_blocks *blocks);
size_t clv_md_block_values(const clv_md_blocks *blocks);

#endif
