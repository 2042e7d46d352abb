/* SPDX-License-Identifier: MIT
 *
 * Which arrays of which files a series was read from, and the names of their copies.
 */
#include "output/cube_copy_private.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_minixml.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "output/outputs_private.h"
#include "raster/turned_array.h"
#include "series/series_private.h"

/* ---- What the series is made of ----------------------------------------------------------------- */

void clv_cube_copies_free(clv_cube_copies *c)
{
    if (!c)
        return;
    for (int i = 0; i < c->count; i++) {
        free(c->files[i].path);
        free(c->files[i].output);
    }
    for (int i = 0; c->places && i < c->series->dates * c->series->channels; i++)
        free(c->places[i].array);
    free(c->places);
    free(c);
}

/* NETCDF:"file":array -> both, in a copy of the name (free()); NULL for other names. */
static char *split_name(const char *name, const char **file, const char **array)
{
    char *copy = strncmp(name, "NETCDF:\"", 8) == 0 ? clv_strdup(name + 8) : NULL;
    char *end = copy ? strstr(copy, "\":") : NULL;
    for (char *next = end; next; next = strstr(next + 1, "\":"))
        end = next;
    if (!end) {
        free(copy);
        return NULL;
    }
    *end = 0;
    *file = copy;
    *array = end + 2;
    return copy;
}

static int number_of(const CPLXMLNode *node, const char *path)
{
    return atoi(CPLGetXMLValue(node, path, "0"));
}

static int file_number(clv_cube_copies *c, const char *path)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->files[i].path, path) == 0)
            return i;
    if (c->count == CLV_CUBE_FILES)
        return -1;
    c->files[c->count] = (clv_cube_file){.path = clv_strdup(path), .input = -1};
    return c->files[c->count].path ? c->count++ : -1;
}

/* The source of one band of a date's VRT; false when it is no array of a netCDF file. */
static bool read_place(clv_cube_copies *c, const CPLXMLNode *band, clv_cube_place *out)
{
    const CPLXMLNode *source = CPLGetXMLNode((CPLXMLNode *)band, "SimpleSource");
    if (!source)
        source = CPLGetXMLNode((CPLXMLNode *)band, "ComplexSource");
    for (const CPLXMLNode *next = source ? source->psNext : NULL; next; next = next->psNext)
        if (next->eType == CXT_Element && strstr(next->pszValue, "Source"))
            return false; /* files of one day that were joined: a pixel has no one place */
    const char *file, *array, *as_stored = CPLGetXMLValue((CPLXMLNode *)source, "SourceFilename", "");
    if (strncmp(as_stored, CLV_TURNED_ARRAY_BEGIN, strlen(CLV_TURNED_ARRAY_BEGIN)) == 0)
        c->other_order = c->other_order || !strstr(as_stored, ".zarr\":"); /* Zarr's dates become netCDF files */
    char *name = source ? split_name(CPLGetXMLValue(source, "SourceFilename", ""), &file, &array) : NULL;
    if (!name)
        return false;
    int from = number_of(source, "SrcRect.xSize"), to = number_of(source, "DstRect.xSize");
    out->file = file_number(c, file);
    out->array = clv_strdup(array);
    out->band = number_of(source, "SourceBand");
    out->x = number_of(source, "DstRect.xOff");
    out->y = number_of(source, "DstRect.yOff");
    out->repeat = from > 0 && to > from ? to / from : 1;
    out->factor = to > 0 && from > to ? (from + to - 1) / to : 1;
    free(name);
    return out->file >= 0 && out->array;
}

static bool read_date(clv_cube_copies *c, int t)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    CPLXMLNode *root = a->facts.vrt ? CPLParseXMLString(a->facts.vrt) : NULL;
    bool good = root != NULL;
    int number = 0, found = 0;
    for (CPLXMLNode *node = root ? root->psChild : NULL; node && good; node = node->psNext) {
        if (node->eType != CXT_Element || strcmp(node->pszValue, "VRTRasterBand") != 0)
            continue;
        number++;
        for (int k = 0; k < c->series->channels && good; k++)
            if (a->bands[k].index == number) {
                clv_cube_place *p = &c->places[t * c->series->channels + k];
                good = read_place(c, node, p);
                if (good)
                    c->files[p->file].input = a->input;
                found++;
            }
    }
    CPLDestroyXMLNode(root);
    return good && found == c->series->channels;
}

/* Whether the outputs lie where the inputs do. */
static bool same_grids(const clv_series *series)
{
    for (int t = 0; t < series->dates; t++) {
        const clv_grid *out = &series->acquisitions[t].grid, *in = &series->private_data->files[t].native;
        int factor, x, y;
        if (out->width != in->width || out->height != in->height || !clv_grid_fits(out, in, &factor, &x, &y) ||
            factor != 1 || x != 0 || y != 0)
            return false;
    }
    return true;
}

clv_status clv_outputs_keep_cubes(clv_outputs *set, const clv_series *series, bool stack)
{
    if (!EQUAL(GDALGetDriverShortName(set->driver), "netCDF"))
        return CLV_OK;
    clv_cube_copies *c = calloc(1, sizeof *c);
    if (!c)
        return clv_fail_memory(set->ctx);
    c->series = series;
    c->places = clv_alloc_array((size_t)series->dates, (size_t)series->channels, sizeof *c->places);
    clv_status status = c->places ? CLV_OK : clv_fail_memory(set->ctx);
    bool cubes = status == CLV_OK;
    for (int t = 0; t < series->dates && cubes; t++)
        cubes = read_date(c, t);
    if (cubes && (stack || set->target || !same_grids(series)))
        status =
            clv_fail(set->ctx, CLV_ERROR_ARGUMENT,
                     "-of netCDF: a cube comes back whole and on its own grid; leave out -stack, -srcwin, -projwin, "
                     "-te, -tr, -t_srs and -tap, or write GeoTIFFs (without -of)");
    if (status == CLV_OK && c->other_order)
        status =
            clv_fail(set->ctx, CLV_ERROR_UNSUPPORTED,
                     "-of netCDF: a cube whose axes stand in another order than time, band, y, x does not come back "
                     "as a cube; bring them into that order first (xarray: transpose), or write GeoTIFFs (without "
                     "-of)");
    if (status == CLV_OK && cubes && (set->creation || set->tags || set->a_srs))
        clv_warn(set->ctx, "-co, -mo, -a_srs: a cube keeps its own encodings and attributes");
    if (status != CLV_OK || !cubes) {
        clv_cube_copies_free(c);
        return status;
    }
    set->copies = c;
    set->driver = set->gtiff; /* of the dates until they are poured, and of masks beside the cubes */
    CSLDestroy(set->creation);
    CSLDestroy(set->lossless);
    set->creation = set->lossless = NULL;
    return CLV_OK;
}

/* ---- Names -------------------------------------------------------------------------------------- */

static char *name_in_folder(const clv_cube_file *f, const char *folder)
{
    char *name = clv_strdup(clv_name_base(f->path));
    char *dot = name ? strrchr(name, '.') : NULL;
    if (dot && dot != name)
        *dot = 0;
    char *file = name ? clv_format("%s.nc", name) : NULL;
    char *full = file ? clv_path_join(folder, file) : NULL;
    free(file);
    free(name);
    return full;
}

/* All copies get their names with the first date's. */
static clv_status name_all(clv_outputs *set)
{
    clv_cube_copies *c = set->copies;
    if (!set->folder && c->count > 1)
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "-o %s: is one file, but %d cubes come back; give a folder",
                        set->path, c->count);
    for (int i = 0; i < c->count; i++) {
        char *name = set->folder ? name_in_folder(&c->files[i], set->path) : clv_strdup(set->path);
        if (!name)
            return clv_fail_memory(set->ctx);
        bool taken = clv_cube_copies_owns(c, name);
        c->files[i].output = name;
        if (taken)
            return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s: two cubes would have this name", name);
    }
    return CLV_OK;
}

clv_status clv_cube_copies_name(clv_outputs *set, const clv_series *series, const char *stem, char **path)
{
    clv_cube_copies *c = set->copies;
    clv_status status = c->files[0].output ? CLV_OK : name_all(set);
    *path = NULL;
    if (status == CLV_OK && !set->folder && !set->file_stem) { /* masks get names beside it */
        set->file_stem = clv_strdup(stem);
        set->file_suffix = clv_strdup("");
    }
    for (int t = 0; t < series->dates && status == CLV_OK && !*path; t++)
        if (strcmp(series->acquisitions[t].stem, stem) == 0) {
            *path = clv_strdup(c->files[c->places[t * series->channels].file].output);
            status = *path ? CLV_OK : clv_fail_memory(set->ctx);
        }
    if (status == CLV_OK && !*path)
        status = clv_fail(set->ctx, CLV_ERROR_INTERNAL, "'%s' is no date of the series", stem);
    return status;
}

bool clv_cube_copies_owns(const clv_cube_copies *c, const char *path)
{
    for (int i = 0; c && i < c->count; i++)
        if (c->files[i].output && strcmp(c->files[i].output, path) == 0)
            return true;
    return false;
}
