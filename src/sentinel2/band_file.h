/* SPDX-License-Identifier: MIT
 *
 * band_file: what the name of a raster tells about it: one band of a date, a scene classification, something that is
 * no reflectance, or a raster of its own; and what its date's files have in common.
 *
 *     clv_band_file f;
 *     clv_band_file_read("T32TQR_20220801T101559_B04_10m.jp2", &f);
 *     // f.kind CLV_FILE_BAND, f.band "B04", f.resolution 10, f.key "T32TQR_20220801T101559"
 *
 * Plain values; any thread.
 */
#ifndef CLV_SENTINEL2_BAND_FILE_H
#define CLV_SENTINEL2_BAND_FILE_H

#include <stdbool.h>

#include "sentinel2/mask_kind.h"
#include "sentinel2/sensor.h"

#define CLV_BAND_FILE_KEY 256

typedef enum clv_file_kind {
    CLV_FILE_RASTER, /* nothing known: a raster of its own */
    CLV_FILE_BAND,   /* one band of a date */
    CLV_FILE_SCL,    /* Sen2Cor's scene classification */
    CLV_FILE_FMASK,  /* HLS's bits */
    CLV_FILE_MASK,   /* another mask that the archives keep beside the bands */
    CLV_FILE_AUX,    /* true colour, cloud probability, aerosol, masks, quick looks ...: no reflectance */
    CLV_FILE_TILE    /* part of an export that was cut into files: NAME-0000000000-0000012288.tif */
} clv_file_kind;

typedef struct clv_band_file {
    clv_file_kind kind;
    char band[8];           /* CLV_FILE_BAND: Sentinel-2's name ("B04", "B8A") by its code or its word (red, nir08) */
    char own[8];            /* ... Landsat's own name of it where that is another one: "B05" or "nir" for B8A */
    int resolution;         /* metres, by a token such as 10m; 0 unknown */
    clv_mask_kind mask;     /* CLV_FILE_SCL, _FMASK, _MASK */
    const char *mask_shown; /* ... its usual name; constant text */
    int mask_rank;          /* ... of several masks of a date the one with the highest is used */
    char variant[8];  /* CLV_FILE_BAND: how the date was processed, where an archive has it in several ways (SRE, FRE;
                         nbar, nbart); "" else */
    int variant_rank; /* ... of several the one with the highest is wanted */
    char key[CLV_BAND_FILE_KEY]; /* the name without extension and without the tokens that tell the files of one date
                                    apart; "" when nothing is left */
} clv_band_file;

/* base: a file name without folders. Names too long for the key are rasters of their own. Band codes may stand
 * anywhere, words only at the end ("x_red.tif"): a river may be red. Two bands in a name name none. */
void clv_band_file_read(const char *base, clv_band_file *out);
/* The same where something else than the name tells the sensor; CLV_SENSOR_UNKNOWN: the name does. */
void clv_band_file_read_of(clv_sensor sensor, const char *base, clv_band_file *out);

/* Position of a band among Sentinel-2's thirteen (B01 0 .. B07 6, B08 7, B8A 8, B09 9 .. B12 12), as products number
 * them; -1 for other names. */
int clv_band_number(const char *band);

/* Sentinel-2's band of a common name ("red", "nir08", "swir16", ...), as STAC's eo extension has them, in lower case;
 * NULL for others and for names that several bands share ("rededge"). */
const char *clv_band_of_common_name(const char *name);

/* The tile of the Sentinel-2 grid in a name ("T33TWM" or "33TWM" between separators), "" when there is none. */
void clv_tile_of_name(const char *name, char tile[6]);

/* Whether a word (lower case) stands in a name between other characters than letters and digits, in either case. */
bool clv_name_has_word(const char *name, const char *word);

/* Processing level in a name: 1 (L1C, MSIL1C), 2 (L2A, MSIL2A), 0 unknown. */
int clv_processing_level_of_name(const char *name);

#endif
