/* SPDX-License-Identifier: MIT
 *
 * empty_band: a band that a date lacks over an area where its number is 0 and no tag tells: a block of pixels that is 0
 * in one band throughout while the date's other bands show the ground that other dates show, and these dates show the
 * band there, well above 0. Where the other dates are dark in the band too, as water is in near infrared, or their
 * ground is another one, nothing is known.
 *
 *     float x[2 * 4 * 64] = {0}, zero[2 * 4] = {0};
 *     uint8_t missing[2 * 64] = {0};
 *     clv_empty_block block = {.dates = 2, .channels = 4, .width = 8, .height = 8, .row = 8, .plane = 64};
 *     block.x = x, block.zero = zero, block.missing = missing;
 *     clv_empty_verdict verdict = clv_empty_block_judge(&block, 1, 3);
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_EMPTY_BAND_H
#define CLV_IMAGE_EMPTY_BAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/windows.h"

#define CLV_EMPTY_SIDE 8        /* pixels: side of a block */
#define CLV_EMPTY_AREA_REACH 32 /* pixels that clv_zero_areas() depends on */

/* A block of all dates. */
typedef struct clv_empty_block {
    int dates, channels;
    int width, height;
    size_t row, plane;      /* pixels from one row, one channel to the next */
    const float *x;         /* [dates, channels, height, width] reflectance */
    const uint8_t *missing; /* [dates, height, width] not 0: of no use; planes are `plane` apart */
    const float *zero;      /* [dates, channels] the reflectance that the number 0 stands for */
} clv_empty_block;

typedef enum clv_empty_verdict {
    CLV_EMPTY_NO,      /* the date shows the band */
    CLV_EMPTY_UNKNOWN, /* all 0, and the other dates do not tell why */
    CLV_EMPTY_DARK,    /* ... as the place is dark */
    CLV_EMPTY_SURE     /* ... as the date lacks the band here */
} clv_empty_verdict;

clv_empty_verdict clv_empty_block_judge(const clv_empty_block *block, int t, int c);

/* Blocks of a date's band: [height, width] clv_empty_verdict. True where some are surely lacking and what is dark does
 * not outweigh them; then those that are 0 throughout and joined with these are CLV_EMPTY_SURE too. stack [height *
 * width]: work space. */
bool clv_empty_blocks_join(uint8_t *verdict, int width, int height, int *stack);

/* Pixels of areas: zero [height, width]: 0 where the band may lack data. none: no band has data. inner: the part that
 * is asked for; the planes go CLV_EMPTY_AREA_REACH beyond it, or to the raster's rim. work [2, height, width], sums
 * [height + 1, width + 1]: work space. dead [inner.height, inner.width]: |= 1. */
void clv_zero_areas(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner, uint8_t *work,
                    int32_t *sums, uint8_t *dead);

#endif
