/* SPDX-License-Identifier: MIT
 *
 * radiometry: digital numbers to reflectance and back. reflectance = DN * scale + offset.
 */
#ifndef CLV_SENTINEL2_RADIOMETRY_H
#define CLV_SENTINEL2_RADIOMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum clv_pixel_type {
    CLV_TYPE_BYTE,
    CLV_TYPE_INT8,
    CLV_TYPE_UINT16,
    CLV_TYPE_INT16,
    CLV_TYPE_UINT32,
    CLV_TYPE_INT32,
    CLV_TYPE_FLOAT32,
    CLV_TYPE_FLOAT64
} clv_pixel_type;

/* What has to be added to the stored numbers of a processing baseline (04.00 as 400, -1: not known): from 04.00 on they
 * are 1000 higher than before, so that negative reflectance can be stored. */
static inline double clv_baseline_offset(int baseline)
{
    return baseline >= 400 ? -1000 : 0;
}

/* What is known about the values of a band, for the ladder. */
typedef struct clv_radiometry_hint {
    clv_pixel_type type;
    bool has_scale, has_offset; /* set by the file (GDALGetRasterScale/Offset) */
    double scale, offset;
    double quantification; /* from product metadata, 0 = unknown */
    bool has_add_offset;
    double add_offset; /* DN, from product metadata (e.g. -1000) */
    int landsat_level; /* of Landsat Collection 2: 1 top of atmosphere (OLI), 2 surface reflectance; 0 none */
    int baseline;      /* processing baseline * 100 from a name (_N0400_ -> 400), -1 = unknown */
    double sample_low, sample_high; /* 1st and 99th percentile of valid DN in red, NaN = unknown */
} clv_radiometry_hint;

/* The ladder: product metadata -> file's scale/offset, unless the values contradict them -> Landsat's names -> baseline
 * token -> type and range (UInt16/Int16: 1/10000; floats up to about 3: 1; floats beyond 100: 1/10000; Byte: 1/255).
 * Returns false when it cannot tell (how says what to give). warn: non-empty when it should be said (e.g. offset may
 * not be applied). how: one phrase, e.g. "1/10000, offset -1000 DN (processing baseline 04.00 in the name)". */
bool clv_radiometry_find(const clv_radiometry_hint *hint, double *scale, double *offset, char *how, size_t how_size,
                         char *warn, size_t warn_size);

/* Whether the file's scale and offset are what decides: they say something, and nothing above them does. */
bool clv_radiometry_by_tags(const clv_radiometry_hint *hint);
/* Whether a date whose tags (scale, offset) decide is to be decided by itself: they leave nothing of what looks like
 * reflectances, or make far too much, as where one file of a series holds reflectances and the next the numbers that
 * the tags were meant for. */
bool clv_radiometry_tags_alone(const clv_radiometry_hint *hint);
/* One decision for all dates of one type and of the same tags, which a dark or a snowy date alone could not tell:
 * whether the tags hold. hint: type and tags. lows, highs [count]: sample_low and sample_high of the dates that have
 * them; both are sorted. Otherwise as clv_radiometry_find(). */
void clv_radiometry_find_common(const clv_radiometry_hint *hint, double *lows, double *highs, int count, double *scale,
                                double *offset, char *how, size_t how_size, char *warn, size_t warn_size);

size_t clv_pixel_size(clv_pixel_type type);
/* n raw values to reflectance; missing[i] |= 1 where nodata (NaN nodata too), NaN or Inf; x there is 0. */
void clv_decode(clv_pixel_type type, const void *raw, size_t n, double scale, double offset, bool has_nodata,
                double nodata, float *x, uint8_t *missing);
/* Reflectance to raw where select[i] != 0, others untouched: rounded to nearest, clamped to the type's range, never to
 * the nodata value: the next valid one is taken. Pixels whose x is NaN or Inf stay untouched too. */
void clv_encode(clv_pixel_type type, const float *x, const uint8_t *select, size_t n, double scale, double offset,
                bool has_nodata, double nodata, void *raw);
/* Mask-aware mean over factor x factor blocks: in [height*factor, width*factor] -> out [height, width]; out is 0 and
 * missing_out 1 where all are missing. missing may be NULL (none), missing_out too. */
void clv_block_mean(const float *x, const uint8_t *missing, int width, int height, int factor, float *out,
                    uint8_t *missing_out);

#endif
