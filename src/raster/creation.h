/* SPDX-License-Identifier: MIT
 *
 * creation: which GDAL driver writes the outputs, and with which creation options.
 *
 * Rasters are always written as GeoTIFF first; a format that cannot be written window by window (COG, PNG, JPEG 2000,
 * ...) is made from that file when it is complete. What the user gives with -co always wins over our defaults.
 */
#ifndef CLV_RASTER_CREATION_H
#define CLV_RASTER_CREATION_H

#include <gdal.h>

#include "base/context.h"

typedef struct clv_creation_shape {
    GDALDataType type;
    int bands;
    bool signed_byte;              /* GDT_Byte that holds int8, see gdal_version.h */
    bool categories;               /* values are classes: not to be averaged, predictors do not help */
    const GDALColorInterp *colors; /* [bands], NULL = nothing known */
    bool palette;
} clv_creation_shape;

/* The driver by name (-of); NULL: by the extension, GTiff when there is none. The error lists the writable drivers. */
clv_status clv_creation_driver(clv_context *ctx, const char *format, const char *extension, GDALDriverH *driver);
/* Whether some driver writes files with this extension. */
bool clv_creation_known_extension(const char *extension);
/* Whether some driver reads or writes rasters with this extension. */
bool clv_creation_any_extension(const char *extension);
/* The driver's own extension, "" when it has none. */
const char *clv_creation_extension(GDALDriverH driver);
/* Every option must be NAME=VALUE, known to the driver and of the right kind. */
clv_status clv_creation_check(clv_context *ctx, GDALDriverH driver, const char *const *user);

/* Options for a file that is written window by window (GTiff only): the user's, then our defaults. CSLDestroy(). */
char **clv_creation_options(clv_context *ctx, GDALDriverH gtiff, const char *const *user,
                            const clv_creation_shape *shape);
/* Options for making the driver's file from a complete one (GDALCreateCopy). CSLDestroy(). */
char **clv_creation_copy_options(clv_context *ctx, GDALDriverH driver, const char *const *user,
                                 const clv_creation_shape *shape);
/* Options for temporary GeoTIFFs: fast, small enough. CSLDestroy(). */
char **clv_creation_temporary_options(clv_context *ctx, GDALDriverH gtiff, const clv_creation_shape *shape);

/* Whether the driver's datasets get no .aux.xml: a folder of MRF is read by its files of XML, and one more of them
 * beside each is taken for a raster. Names of bands, dates and other metadata have no place in them then. */
bool clv_creation_no_sidecars(GDALDriverH driver);
/* Whether the driver's file has to be made from a complete GeoTIFF. */
bool clv_creation_needs_copy(GDALDriverH driver, const char *const *user, int bands);

/* How far an output may differ from what it is made from. */
typedef struct clv_creation_loss {
    enum { CLV_LOSS_NONE, CLV_LOSS_BOUNDED, CLV_LOSS_PICTURE } kind;
    double most; /* CLV_LOSS_BOUNDED: of any value */
} clv_creation_loss;

clv_creation_loss clv_creation_loss_of(GDALDriverH driver, const char *const *user, const clv_creation_shape *shape);
/* Whether an option (NAME=VALUE) rounds pixels, or a compression that does. */
bool clv_creation_is_lossy(const char *option);
/* Whether the driver puts the picture onto a grid of its own. */
bool clv_creation_resamples(GDALDriverH driver, const char *const *user);

#endif
