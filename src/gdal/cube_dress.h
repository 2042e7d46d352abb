/* SPDX-License-Identifier: MIT
 *
 * cube_dress: what GDAL users see of a cube's layers beside numbers: names, classes, colours. Constant tables; any
 * thread.
 */
#ifndef CLV_GDAL_CUBE_DRESS_H
#define CLV_GDAL_CUBE_DRESS_H

#include "products/cube.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clv_band_dress {
    const char *name;               /* "B02" */
    const char *wavelength, *width; /* micrometres, as GDAL's IMAGERY domain has them */
} clv_band_dress;

/* The four bands, in the cube's order. */
extern const clv_band_dress clv_cube_bands[CLV_CUBE_BANDS];

typedef struct clv_mask_dress {
    const char *what;
    const char *const *classes;       /* NULL-terminated, or NULL for plain numbers */
    const unsigned char (*colors)[4]; /* RGBA of each class */
    int nodata;                       /* what stands for "unknown"; -1: there is none */
    const char *unit;
} clv_mask_dress;

/* Of CLV_CUBE_MASK, CLV_CUBE_CLD, CLV_CUBE_SCL. */
const clv_mask_dress *clv_cube_mask_dress(bool minicube, clv_cube_layer layer);

#ifdef __cplusplus
}
#endif
#endif
