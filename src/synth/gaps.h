/* SPDX-License-Identifier: MIT
 *
 * gaps: simulated gaps, real cloud shapes laid on frames that are clear, so that what is beneath them is known.
 *
 *     clv_shapes pool = {0};
 *     clv_shapes_add(&pool, mask, 128, 128);                        // any mask with clouds in it
 *     clv_random rng;
 *     clv_random_seed(&rng, clv_hash_seed(seed, sequence));
 *     clv_gaps_utilise(&rng, &pool, &options, dates, width, height, gap);   // gap [dates, height, width]
 *     clv_shapes_clear(&pool);
 *
 * The same stream of random numbers and the same pool give the same gaps. Threads: the pool is read-only while gaps are
 * laid; a stream belongs to one thread.
 */
#ifndef CLV_SYNTH_GAPS_H
#define CLV_SYNTH_GAPS_H

#include <stdbool.h>

#include "base/context.h"
#include "base/random.h"

enum { CLV_SHAPE_SIDE = 128, CLV_SHAPES_MAX = 1024 };
#define CLV_SHAPE_LEAST 0.1 /* share of a shape that is cloud, at least */

typedef struct clv_shapes {
    uint8_t *data; /* [count, CLV_SHAPE_SIDE, CLV_SHAPE_SIDE]: 0 or 1 */
    int count, capacity;
    int64_t seen; /* all that were added; beyond CLV_SHAPES_MAX the oldest are replaced */
} clv_shapes;

/* Adds the shapes that tiles of a mask give (non-zero = cloud; smaller masks are continued by reflection); those with
 * less cloud than CLV_SHAPE_LEAST or nothing else are left out. Returns how many were added, -1 when out of memory. */
int clv_shapes_add(clv_shapes *pool, const uint8_t *mask, int width, int height);
void clv_shapes_clear(clv_shapes *pool);

typedef struct clv_gap_options {
    bool whole_frames; /* a third of the masked frames shows nothing at all */
    bool consecutive;  /* the masked frames follow one another */
} clv_gap_options;

/* U-TILISE's protocol: of T frames n = 1 .. T are drawn and ceil(n / 2) of them masked, never the first, each with a
 * random shape of the pool, turned or mirrored. gap [dates, height, width], sides up to CLV_SHAPE_SIDE; 1 = masked. The
 * pool must not be empty. Returns the number of masked frames (0 for a single date). */
int clv_gaps_utilise(clv_random *rng, const clv_shapes *pool, const clv_gap_options *options, int dates, int width,
                     int height, uint8_t *gap);

/* The pooled protocol: the first k of `count` masks of the same place, k = 1 .. min(dates / 2, count), laid on frames
 * in random order. masks [count, n]; gap [dates, n]. Returns k. */
int clv_gaps_seed(clv_random *rng, const uint8_t *masks, int count, int dates, size_t n, uint8_t *gap);

#endif
