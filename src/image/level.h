/* SPDX-License-Identifier: MIT
 *
 * level: finds the dates of a series whose reflectance lies a constant away from that of the other dates, such as
 * 0.1 where the offset of processing baseline 04.00 was left in or subtracted twice.
 *
 * Each date is compared with others pixel by pixel. On unchanged ground a constant gives the same difference in every
 * band, on dark ground and on bright ground: a narrow peak. Cloud, haze, snow and growth do not: their differences
 * are broad or differ between the bands. Dates that are linked by such peaks make a group in which all differences
 * are known; dark ground tells which of its levels is right, since reflectance is hardly ever below 0.
 *
 *     float x[3 * 4 * 1000] = {0};       // [dates, bands, pixels]
 *     uint8_t state[3 * 1000] = {0};
 *     const double offset[3] = {0};
 *     clv_level_scene scene = {.dates = 3, .bands = 4, .pixels = 1000, .x = x, .state = state, .offset = offset};
 *     clv_level found[3];
 *     if (clv_levels_find(&scene, found) && found[1].state == CLV_LEVEL_OFFSET)
 *         printf("date 1 lies %.3f above the others\n", found[1].difference);
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LEVEL_H
#define CLV_IMAGE_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#define CLV_LEVEL_OFFSET_STEP 0.1 /* the offset of processing baseline 04.00, in reflectance */

/* Bits of clv_level_scene.state. */
enum { CLV_LEVEL_MISSING = 1, CLV_LEVEL_MASKED = 2 };

/* How much is known of a date's scale and offset besides its pixels. */
typedef enum clv_level_trust { CLV_LEVEL_TRUST_NONE, CLV_LEVEL_TRUST_PRODUCT, CLV_LEVEL_TRUST_USER } clv_level_trust;

typedef struct clv_level_scene {
    int dates, bands, pixels; /* bands: at least 3, of which the first three are visible */
    const float *x;           /* [dates, bands, pixels] reflectance */
    const uint8_t *state;     /* [dates, pixels]: 0 or CLV_LEVEL_MISSING, CLV_LEVEL_MASKED */
    const double *offset;     /* [dates] the offset that x was made with, in reflectance */
    const uint8_t *trust;     /* [dates] clv_level_trust; NULL: none */
} clv_level_scene;

typedef enum clv_level_state {
    CLV_LEVEL_UNKNOWN,  /* nothing that could be compared */
    CLV_LEVEL_FITS,     /* the level of the others */
    CLV_LEVEL_OFFSET,   /* a multiple of CLV_LEVEL_OFFSET_STEP away: to be subtracted */
    CLV_LEVEL_DOUBTFUL, /* the same, but which of the dates are right is not sure */
    CLV_LEVEL_CONSTANT, /* another constant away */
    CLV_LEVEL_FACTOR    /* a factor away */
} clv_level_state;

typedef struct clv_level {
    clv_level_state state;
    double difference; /* median difference to the dates compared with, as they should be; NaN: unknown */
    double factor;     /* CLV_LEVEL_FACTOR: of the others' reflectance */
    int steps;         /* CLV_LEVEL_OFFSET, CLV_LEVEL_DOUBTFUL: difference in CLV_LEVEL_OFFSET_STEP */
    int compared;      /* dates it was compared with; 0 with CLV_LEVEL_OFFSET: concluded from its neighbours in time */
    int band;          /* 1-based: of this band alone (level_band.h); 0: none */
    double band_difference, band_factor;
    bool sure; /* away: enough to judge the date at the level of the others, not only to say it */
} clv_level;

enum { CLV_LEVEL_FEW_DATES = 3 }; /* of which a single pair is believed */

/* out [dates]. Dates whose trust is that of the user are never found to be away. False: out of memory. */
bool clv_levels_find(const clv_level_scene *scene, clv_level *out);

#endif
