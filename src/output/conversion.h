/* SPDX-License-Identifier: MIT
 *
 * conversion: a driver's dataset made from a complete GeoTIFF, in a hidden folder under the names that it will have, so
 * that files that name each other still do when they have moved; then opened and compared with the GeoTIFF.
 */
#ifndef CLV_OUTPUT_CONVERSION_H
#define CLV_OUTPUT_CONVERSION_H

#include "output/outputs_private.h"

/* What a small raster like the output showed before the work began; the set keeps one for each kind of output. */
struct clv_probe {
    clv_probe *next;
    GDALDataType type;
    int bands;
    bool product, categories, palette;
    int remarks;     /* failures that GDAL reports although all values are there */
    char *extension; /* of the main file, where the driver chooses it: ILWIS writes a list of maps */
};

/* Converts a small raster with the metadata of the writer's dataset. CLV_ERROR_ARGUMENT with the driver's reason: it
 * cannot hold such rasters. Nothing is left; does nothing for files that need no conversion. */
clv_status clv_conversion_probe(clv_writer *writer);
/* Makes the output from item->temporary, which is removed then: item->staged, item->files. */
clv_status clv_conversion_make(clv_outputs *set, clv_item *item);

#endif
