/* SPDX-License-Identifier: MIT
 *
 * pixel_state: why a pixel of a date is not observed, as a byte of bits, and what follows from it: whether it is
 * filled, its class in the mask and quality rasters, and how many days away its nearest observation is.
 *
 * 0 is an observed pixel; any other state is a gap. Stage 1 sets CLOUD, SHADOW, MISSING, EXACT, and PARTLY where some
 * band or native pixel lacks data; stage 2 takes over the first three and adds NOWHERE and OUTSIDE, each together with
 * MISSING, and PARTLY.
 *
 *     uint8_t state = CLV_PIXEL_CLOUD | CLV_PIXEL_MISSING;
 *     clv_pixel_filled(state, false, true);       // false: nodata is kept
 *     clv_pixel_mask_class(state);                // CLV_MASK_CLASS_CLOUD
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_PIXEL_STATE_H
#define CLV_IMAGE_PIXEL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum clv_pixel_state {
    CLV_PIXEL_CLOUD = 1, /* cloud or a user's mask */
    CLV_PIXEL_SHADOW = 2,
    CLV_PIXEL_MISSING = 4,  /* no data at this date */
    CLV_PIXEL_EXACT = 8,    /* cloud or shadow of a user's mask: never dilated */
    CLV_PIXEL_NOWHERE = 16, /* no data at any date: stays nodata */
    CLV_PIXEL_PARTLY = 32,  /* some bands have no data at this date: the prediction is for these only */
    CLV_PIXEL_OUTSIDE = 64, /* outside of the date's raster, or of what is worked: no output has a value for it */
    /* One bit for two things that never meet: whoever reads stage 1's flags (flags.h) takes the first out, and the
     * second is only in what compose_warped.c keeps. */
    CLV_PIXEL_KNOWN = 128,  /* cloud or shadow of -scl: dilated, and never a speck */
    CLV_PIXEL_UNSEEN = 128, /* no date has data in some band: it is not filled */

    CLV_PIXEL_BEYOND = CLV_PIXEL_OUTSIDE | CLV_PIXEL_MISSING, /* what is not worked */
    CLV_PIXEL_OCCLUDED = CLV_PIXEL_CLOUD | CLV_PIXEL_SHADOW,
    CLV_PIXEL_GAP = CLV_PIXEL_OCCLUDED | CLV_PIXEL_MISSING
};

/* Values of a mask raster. */
typedef enum clv_mask_class {
    CLV_MASK_CLASS_CLEAR = 0,
    CLV_MASK_CLASS_CLOUD = 1,
    CLV_MASK_CLASS_SHADOW = 2,
    CLV_MASK_CLASS_NODATA = 255
} clv_mask_class;

/* Values of band 1 of a quality raster. */
typedef enum clv_source {
    CLV_SOURCE_NODATA = 0,   /* outside every date's data */
    CLV_SOURCE_OBSERVED = 1, /* the input's own pixel */
    CLV_SOURCE_FILLED = 2,   /* predicted, observed at another date */
    CLV_SOURCE_NEVER = 3     /* predicted from the surroundings: no date observes the pixel */
} clv_source;

#define CLV_DAYS_NONE 65535      /* band 2 of a quality raster: no date observes the pixel */
#define CLV_DEVIATION_NONE 65535 /* band 3 of a quality raster: not known */
#define CLV_DEVIATION_SCALE 1e-4 /* of band 3: reflectance */

/* Whether the output has the prediction there, in all bands. full: predictions replace observed pixels too.
 * keep_nodata: pixels that are missing at the date stay nodata. */
static inline bool clv_pixel_filled(uint8_t state, bool full, bool keep_nodata)
{
    if (state & (CLV_PIXEL_NOWHERE | CLV_PIXEL_OUTSIDE) || (keep_nodata && (state & CLV_PIXEL_MISSING)))
        return false;
    return full || (state & CLV_PIXEL_GAP);
}

/* Whether there is a prediction that some band may take. */
static inline bool clv_pixel_predicted(uint8_t state, bool full, bool keep_nodata)
{
    return clv_pixel_filled(state, full, keep_nodata) ||
           ((state & CLV_PIXEL_PARTLY) && !keep_nodata && !(state & CLV_PIXEL_NOWHERE));
}

/* The class in a mask raster; cloud hides shadow, and both hide that data is missing. */
clv_mask_class clv_pixel_mask_class(uint8_t state);

/* Days from date t to the nearest date that observes the pixel, rounded and at most CLV_DAYS_NONE - 1; CLV_DAYS_NONE
 * where no date does. state: the pixel's state at the first date; those of the other dates follow `stride` bytes apart.
 * days [dates]. */
uint16_t clv_pixel_days(const uint8_t *state, size_t stride, const double *days, int dates, int t);

/* Band 1 of the quality raster. filled: by clv_pixel_filled(); days: by clv_pixel_days(). */
clv_source clv_pixel_source(uint8_t state, bool filled, uint16_t days);

/* Band 3 of the quality raster: the prediction's standard deviation (reflectance, NaN = not known) in units of
 * CLV_DEVIATION_SCALE where it is filled, 0 where it is observed. */
uint16_t clv_pixel_deviation(uint8_t state, bool filled, double deviation);

#endif
