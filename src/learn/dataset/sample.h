/* SPDX-License-Identifier: MIT
 *
 * sample: cuts training windows of 128x128 pixels out of places and varies them, the channels of
 * image/detect_input.h with their labels.
 *
 * Sample number k is a pure function of (places, options, k): batches can be made in any order, on any thread, and
 * a resumed training sees what an uninterrupted one would have seen. Varied: place and date, position, pixel size,
 * orientation, registration against the reference, simulated clouds and shadows on clear ground, brightness and
 * haze, noise, blur, NIR there or not, reference there or not, swath edges.
 *
 *     clv_sampler_options options = {.seed = 1, .vary = true};
 *     clv_sampler *sampler;
 *     clv_sampler_new(ctx, places, &options, &sampler);
 *     clv_sampler_draw(sampler, k, work, in, label);
 *     clv_sampler_free(sampler);
 *
 * Threads: a sampler is read-only after creation; draw from any thread, each with its own work space.
 */
#ifndef CLV_LEARN_DATASET_SAMPLE_H
#define CLV_LEARN_DATASET_SAMPLE_H

#include "base/context.h"
#include "image/detect_input.h"
#include "learn/dataset/place.h"

#define CLV_SAMPLE_SIDE 128
#define CLV_SAMPLE_PIXELS (CLV_SAMPLE_SIDE * CLV_SAMPLE_SIDE)

typedef struct clv_sampler_options {
    uint64_t seed;
    bool hold; /* draw from places held out instead of the others */
    bool vary; /* false: 20 m pixels, upright, as they are, with reference and NIR where there are any; clouds are
                  simulated on clear ground all the same */
    bool without_reference; /* with !vary: as if every picture came alone */
} clv_sampler_options;

typedef struct clv_sampler clv_sampler;
typedef struct clv_sample_work clv_sample_work;

/* Places must outlive the sampler. *out is NULL (and CLV_OK) when there is nothing to draw from. */
clv_status clv_sampler_new(clv_context *ctx, const clv_places *places, const clv_sampler_options *options,
                           clv_sampler **out);
void clv_sampler_free(clv_sampler *sampler);

clv_sample_work *clv_sample_work_new(void); /* NULL when out of memory */
void clv_sample_work_free(clv_sample_work *work);

/* in [CLV_DETECT_CHANNELS, 128, 128], label [128, 128]. Returns the index of the place it came from. */
int clv_sampler_draw(const clv_sampler *sampler, uint64_t number, clv_sample_work *work, float *in, uint8_t *label);
/* The picture behind the latest draw with this work space: [4, 128, 128] reflectance (tests, pictures for the
 * eye). */
const float *clv_sample_picture(const clv_sample_work *work);

#endif
