/* SPDX-License-Identifier: MIT
 *
 * cube: one file of the EarthNet family, with its pictures, quality masks and what lies beside them:
 *   .npz  EarthNet2021: highresdynamic [H, W, C, T], channels B02 B03 B04 B8A [CLD SCL] mask; georeference and dates
 *         come from the name (cube_name.h);
 *   .nc   GreenEarthNet (EarthNet2021x) minicubes: s2_B02, s2_B03, s2_B04, s2_B8A, s2_dlmask, s2_SCL over (time, lat,
 *         lon); only the days on which something was seen are steps. Needs GDAL's netCDF driver.
 *
 * A minicube's lon and lat are those of the diagonal of a window in UTM, not of its rows and columns: taken as a grid
 * of degrees they misplace pixels by up to 140 m. Projecting the pairs (lon[i], lat[i]) gives back the columns'
 * eastings and the rows' northings, and so a grid whose pixels are some centimetres to decimetres off 20 m and not
 * quite square.
 *
 *     clv_cube *cube;
 *     if ((status = clv_cube_open(ctx, "cube.npz", &cube)) != CLV_OK) return status;
 *     for (int t = 0; t < cube->steps; t++)
 *         status = clv_cube_read(ctx, cube, CLV_CUBE_B04, t, plane);     // float [height, width]
 *     clv_cube_free(cube);
 *
 * Opening looks at the archive's directory and headers; values are unpacked once, when the first of them is asked for
 * (a minicube's bands when it is opened, since they tell which days show anything). Limits: 4096 pixels a side, 512 MB
 * an array. Threads: a cube belongs to one thread at a time; different cubes, of one file too, do not know each other.
 */
#ifndef CLV_PRODUCTS_CUBE_H
#define CLV_PRODUCTS_CUBE_H

#include "raster/grid.h"
#include "sentinel2/dates.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_CUBE_BANDS 4

/* CLV_CUBE_MASK is the set's own: EarthNet2021: 0 good, 1 bad; minicubes' s2_dlmask: 0 clear, 1 cloud, 2 thin cloud,
 * 3 shadow. CLD: Sen2Cor's probability of cloud, 0 to 100. SCL: Sen2Cor's classes, 0 to 11. */
typedef enum clv_cube_layer {
    CLV_CUBE_B02,
    CLV_CUBE_B03,
    CLV_CUBE_B04,
    CLV_CUBE_B8A,
    CLV_CUBE_MASK,
    CLV_CUBE_CLD,
    CLV_CUBE_SCL,
    CLV_CUBE_LAYERS
} clv_cube_layer;

/* A raster beside the series: ground heights, weather. */
typedef struct clv_cube_extra {
    char name[32];    /* "highresstatic", "mesodynamic:RR", "cop_dem" */
    const char *what; /* one phrase */
    const char *unit; /* of value * scale + offset; "" unknown */
    double scale, offset;
    int width, height, bands;
    bool on_grid; /* on the cube's grid; else it has no georeference */
    bool daily;   /* one band a day from first_day on (which is 0 when unknown) */
    double first_day;
    int source, channel; /* cube*.c's */
} clv_cube_extra;

typedef struct clv_cube {
    bool is_minicube;
    char *path;
    clv_grid grid;          /* without georeference when neither name nor content tells it */
    char georeference[192]; /* how it was made; "" without one */
    int steps;
    clv_date *dates; /* [steps], or NULL when they are not known */
    bool has[CLV_CUBE_LAYERS];
    clv_cube_extra *extras; /* found by clv_cube_find_extras() */
    int extra_count;
    bool extras_known;
    const struct clv_cube_reader *reader;
    void *state; /* the reader's */
} clv_cube;

/* Whether the name's extension is one of theirs. */
bool clv_cube_has_name(const char *path);
/* Whether the file is taken for a cube: any .npz, and an .nc that is a minicube (which is opened to see). */
bool clv_cube_is(const char *path);
bool clv_cube_is_minicube(const char *path);
/* On failure *out is NULL. */
clv_status clv_cube_open(clv_context *ctx, const char *path, clv_cube **out);
void clv_cube_free(clv_cube *cube);
/* One layer of one step, plane [height, width]. Bands: reflectance. NaN where nothing is known, but in an EarthNet2021
 * mask, where that is bad too. */
clv_status clv_cube_read(clv_context *ctx, clv_cube *cube, clv_cube_layer layer, int step, float *plane);
/* Fills cube->extras; damaged ones are left out. */
clv_status clv_cube_find_extras(clv_context *ctx, clv_cube *cube);
/* One band (from 0) as stored: plane [extra->height, extra->width], NaN where nothing is known. */
clv_status clv_cube_read_extra(clv_context *ctx, clv_cube *cube, const clv_cube_extra *extra, int band, float *plane);

#ifdef __cplusplus
}
#endif
#endif
