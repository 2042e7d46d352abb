/* SPDX-License-Identifier: MIT
 *
 * sensor: which satellite a name speaks of, and what its band numbers mean in Sentinel-2's.
 *
 * Band numbers of different sensors must never be paired: B05 is red edge in Sentinel-2 and near infrared in Landsat 8.
 * Bands are therefore named after the Sentinel-2 band whose wavelengths they share, as NASA's HLS v2.0 user guide
 * pairs them (section 5.1: OLI 1-7 and 9 with MSI 1, 2, 3, 4, 8A, 11, 12, 10).
 *
 *     clv_sensor sensor = clv_sensor_of_name("HLS.L30.T32TPS.2022213T101559.v2.0.B05.tif");
 *     const char *band = clv_sensor_band(sensor, "B05");   // "B8A"
 *
 * Constant tables; any thread.
 */
#ifndef CLV_SENTINEL2_SENSOR_H
#define CLV_SENTINEL2_SENSOR_H

#include <stdbool.h>

typedef enum clv_sensor {
    CLV_SENSOR_UNKNOWN, /* band numbers are taken as Sentinel-2's */
    CLV_SENSOR_MSI,     /* Sentinel-2, and HLS S30 */
    CLV_SENSOR_OLI,     /* Landsat 8 and 9, and HLS L30 */
    CLV_SENSOR_TM       /* Landsat 4, 5 and 7 (TM and ETM+) */
} clv_sensor;

/* By the parts of a file's, folder's or item's name (HLS.L30, L30, LC08, LT05, LND08, LS8C, S2A, SEN2B, landsat-9,
 * ...). */
clv_sensor clv_sensor_of_name(const char *name);
/* The satellite in a name as "S2A", "L8", or HLS's "L30", "S30", which join several; false, and "", when there is
 * none. */
bool clv_satellite_of_name(const char *name, char satellite[8]);
/* The same for a path: by the last part, else by the folder above it. */
clv_sensor clv_sensor_of_path(const char *path);
/* By the names of bands of Landsat Collection 2 ("SR_B1" .. "SR_B7"): OLI has an SR_B6, TM has none; and by those that
 * Digital Earth Australia gives one of Sentinel-2 and Landsat alone ("nbart_nir_1", "nbart_swir_1"; OLI for any
 * Landsat).
 */
clv_sensor clv_sensor_of_bands(const char *const *names, int count);

/* Landsat: whether its band numbers are not Sentinel-2's. */
bool clv_sensor_is_landsat(clv_sensor sensor);

/* Sentinel-2's name ("B04", "B8A") for a band in the sensor's own numbers ("B4", "B04", "SR_B5"); NULL for bands
 * without a partner (panchromatic, thermal) and for names that are no band number. */
const char *clv_sensor_band(clv_sensor sensor, const char *band);

/* "Sentinel-2", "Landsat 8/9", "Landsat 4/5/7", "unknown sensor". */
const char *clv_sensor_name(clv_sensor sensor);

#endif
