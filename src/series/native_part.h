/* SPDX-License-Identifier: MIT
 *
 * native_part: a part of a read: a rectangle of a date's own pixels, read at once, and what is missing in it by the
 * mask band, by zeros in all channels and by the channels' own values. What needs the pixels around it:
 * part_zero_lines.h.
 *
 *     clv_native_part_read(&p);
 *     if (p.all_zero)
 *         clv_native_part_apply_all_zero(&p);
 *     clv_native_part_decode(&p, 0, p.raw, missing);    // reflectance of channel 0 in p.plane
 *
 * The part owns nothing. Threads: one thread at a time reads a date; the rest are pure functions.
 */
#ifndef CLV_SERIES_NATIVE_PART_H
#define CLV_SERIES_NATIVE_PART_H

#include "image/byte_areas.h"
#include "series/empty_areas.h"
#include "series/series.h"

/* One part of a read. Planes are [height, width] of fine pixels, of which `inside` (relative to the planes) is in the
 * raster. */
typedef struct clv_native_part {
    GDALDatasetH ds;
    const int *indices; /* dataset band of each channel */
    int width, height;
    clv_rect inside;
    int x, y; /* dataset position of inside's corner */
    const clv_band *bands;
    const double *fill; /* nodata of each channel in a view, NULL: the bands' own */
    int channels, core; /* core: those that decide what is missing */
    bool use_mask, all_zero;
    bool zero_lines;              /* lines and strips of 0 in one band are no measurement */
    const clv_empty_areas *empty; /* ... nor are these areas */
    const clv_byte_areas *bytes;  /* areas without data of 8-bit pictures, NULL: none */
    int raster_width, raster_height;
    uint8_t *raw;     /* [channels] compact planes of inside */
    float *plane;     /* of one channel */
    uint8_t *missing; /* [2]: in every channel, in one channel */
} clv_native_part;

/* Channels that decide what is missing: red, green, blue and NIR. */
int clv_core_channels(const clv_series *series);
/* Nothing inside the raster can be missing in the first channels. */
bool clv_never_missing(const clv_acquisition *a, int channels);
/* Some channel has more to mark missing pixels than 0. */
bool clv_bands_mixed(const clv_band *bands, int channels);
/* Whether all `size` bytes of a number are 0. */
static inline bool clv_raw_is_zero(const uint8_t *value, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= value[i];
    return any == 0;
}

/* Reads all channels of `inside` into p->raw, each in its band's type. The error is GDAL's, and said by it. */
CPLErr clv_native_part_read(const clv_native_part *p);
/* p->missing |= 1 where the mask band of the dataset says so. */
CPLErr clv_native_part_apply_mask_band(const clv_native_part *p);
/* p->missing |= 1 as clv_mark_all_zero() says. */
void clv_native_part_apply_all_zero(const clv_native_part *p);
/* p->missing |= 1 in p->bytes, which is not NULL. */
void clv_native_part_apply_bytes(const clv_native_part *p);
/* p->plane: reflectance of channel c of the part, whose numbers are raw. missing: |= 1 where the channel is missing. */
void clv_native_part_decode(const clv_native_part *p, int c, const uint8_t *raw, uint8_t *missing);

/* missing [count]: |= 1 where every channel is 0, or another value that marks missing pixels (mixed: there are such).
 * raw [channels]: rows of `count` pixels. */
void clv_mark_all_zero(const clv_band *bands, int channels, bool mixed, const uint8_t *const *raw, size_t count,
                       uint8_t *missing);
/* The same where every channel has a value that marks missing pixels, and 0 is none. */
void clv_mark_all_missing(const clv_band *bands, int channels, const uint8_t *const *raw, size_t count,
                          uint8_t *missing);

#endif
