/* SPDX-License-Identifier: MIT
 *
 * dynamics: one clear picture made into a believable series of the same ground, for training where real series are few.
 * Single clear pictures there are from everywhere; what is learned from is how ground goes on from date to date.
 *
 *     double days[10];
 *     float *x = clv_alloc_array(10 * 4, 128 * 128, sizeof *x);
 *     clv_dynamics_options options;
 *     clv_dynamics_options_init(&options);
 *     clv_dynamics_work *work = clv_dynamics_work_new(128 * 128);       // NULL: out of memory
 *     clv_random rng;
 *     clv_random_seed(&rng, clv_hash_seed(seed, number));
 *     clv_dynamics_days(&rng, 10, days);
 *     clv_dynamics_make(&rng, &options, picture, 4, 128, 128, 10, days, x, work);
 *     clv_dynamics_work_free(work);
 *
 * What is modelled, and why:
 *
 * 1. Ground that changes (`growth`). Of all that differs between two clear dates, this is what a network has to learn
 *    to carry over: it differs from field to field and is much the same within one. Regions are parcels
 * (synth/parcels.h; in some scenes crooked patches) cut by classes of the picture's own greenness and brightness, which
 * part where the picture is steep, so that edges of regions lie partly on real edges. Every region has a course: nearly
 * still (most woods and towns; water and snow wholly), a rise and fall with the season, which the scene shares but for
 * shift and height, or besides that events at a day: harvest, ploughing, irrigation. Bare ground darkens after rain
 * everywhere at once. The picture itself is the state at one day within the series.
 *
 *    More vegetation takes red down, blue and green less, and NIR up; less does the opposite; moisture is one factor
 *    for all bands. In scenes of fields about one pixel in fifty goes beyond 0.65 .. 1.55 times its usual red or
 *    0.7 .. 1.4 times its NIR. Only what is brighter than the picture's darkest pixels changes: the rest is the air's.
 *    Ground that is green already grows less and hides its soil, bare ground loses less. Within a region the change is
 *    uneven, with fractal texture: over flat changes a network could copy one pixel to a whole field.
 *
 * 2. Light of the dates (`haze`): gain of all bands together (also with the season) and a little of each, a
 *    low-frequency pattern of gain (view and sun), and haze that is added, most in blue, uneven at the scale of
 *    kilometres. Nearly all pixels of a date share it, so a network has to learn to take it from the pixels around a
 *    gap. Most dates are mild, some strong, as real ones.
 * 3. Registration (`jitter`): a shift of a part of a pixel per date, by a cubic kernel whose sharpness differs too, so
 *    that edges do not stand still; without it a network learns to copy edges more exactly than real series allow.
 * 4. Noise of the sensor (`noise`): independent per pixel, more in bright ones.
 *
 * What is not: snow that comes and goes, floods, tides, growing towns, relief's shadows with the sun, clouds
 * (synth/clouds.h).
 *
 * The same stream, options, picture and days give the same bytes, on every machine with IEEE floats (no libm but sqrt).
 * Threads: a stream and a work belong to one thread at a time; there is nothing else.
 */
#ifndef CLV_SYNTH_DYNAMICS_H
#define CLV_SYNTH_DYNAMICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"

typedef struct clv_dynamics_options {
    double growth; /* strength of the ground's changes, 0 .. 2; 1 = usual */
    double haze;   /* strength of haze and light of the dates, 0 .. 2; 1 = usual */
    double jitter; /* shift of a date, pixels each way, at most (to 64); usual 0.35 */
    double noise;  /* strength of the noise, 0 .. 2; 1 = usual: standard deviation 0.001 to 0.003 at reflectance 0.13 */
} clv_dynamics_options;

void clv_dynamics_options_init(clv_dynamics_options *options); /* the usual */

/* Memory for pictures of up to `pixels` pixels; NULL when out of memory or pixels is 0. */
typedef struct clv_dynamics_work clv_dynamics_work;
clv_dynamics_work *clv_dynamics_work_new(size_t pixels);
void clv_dynamics_work_free(clv_dynamics_work *work); /* NULL is allowed */

/* Makes up days of acquisition, days since 1970-01-01, ascending: the first in 2017 .. 2024, then every 5 days, every
 * 10, or alternately 2 and 3 (two orbits), with gaps where dates were left out. */
void clv_dynamics_days(clv_random *rng, int dates, double *days);

/* picture [bands, height, width]: reflectance, red, green, blue (bands 3) and NIR (4); days [dates] ascending;
 * x [dates, bands, height, width] within 0 .. 1.5. A picture's values beyond that are cut, NaN counts as 0; with
 * strengths of 0 every date is the picture. The stream goes on by one number, whatever the options. Returns false, and
 * writes nothing, for other bands, no dates, an empty picture or one larger than the work. */
bool clv_dynamics_make(clv_random *rng, const clv_dynamics_options *options, const float *picture, int bands, int width,
                       int height, int dates, const double *days, float *x, clv_dynamics_work *work);

#endif
