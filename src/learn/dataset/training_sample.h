/* SPDX-License-Identifier: MIT
 *
 * training_sample: training samples of stage 2, drawn from a prepared set: up to ten dates of a window in which real
 * cloud shapes hide what the network has to find, and what the gap filling makes of them.
 *
 * Half of the samples are real series, the others single clear pictures that synth/dynamics.h turns into series (only
 * one kind where the set has no other). Varied: place and dates, orientation, direction of time, light, gaps
 * (synth/gaps.h: scattered, consecutive, whole frames; dilated), rims of cloud that the mask missed, shadows that it
 * missed. Real gaps stay gaps; nobody knows the truth there.
 *
 * Sample number k is a pure function of (set, options, k): batches can be made in any order, on any thread, and a
 * resumed training sees what an uninterrupted one would have seen.
 *
 *     clv_training_sample_options options = {.seed = 1, .vary = true, .form = {3, true}, .side = 128};
 *     clv_training_samples *samples;
 *     status = clv_training_samples_new(ctx, set, &options, &samples);
 *     status = clv_training_samples_draw(ctx, samples, k, work, &sample);       // sample's arrays are the caller's
 *     clv_training_samples_free(samples);
 *
 * Threads: samples are read-only after creation; draw from any thread, each with its own work space.
 */
#ifndef CLV_LEARN_DATASET_TRAINING_SAMPLE_H
#define CLV_LEARN_DATASET_TRAINING_SAMPLE_H

#include "gapfill/fill_input.h"
#include "learn/dataset/prepared.h"

#define CLV_TRAINING_SAMPLE_DATES 10

enum { CLV_TRAINING_SAMPLE_IGNORED = 0, CLV_TRAINING_SAMPLE_OBSERVED = 1, CLV_TRAINING_SAMPLE_OCCLUDED = 2 };

typedef struct clv_training_sample_options {
    uint64_t seed;
    bool hold;                  /* the sequences held out instead of the others */
    bool vary;                  /* false: clear dates only, as they are, scattered gaps, a third of them whole frames */
    const char *const *without; /* names of places to leave out, ended by NULL; or NULL */
    clv_fill_form form;
    int side; /* pixels of a sample, at most 128: a part of the window; the gap filling sees all of it */
} clv_training_sample_options;

typedef struct clv_training_sample {
    float *in;      /* [CLV_TRAINING_SAMPLE_DATES, planes, side, side]; all 0 in dates that only fill up */
    float *days;    /* [CLV_TRAINING_SAMPLE_DATES] */
    float *target;  /* [CLV_TRAINING_SAMPLE_DATES, bands, side, side] */
    uint8_t *scope; /* [CLV_TRAINING_SAMPLE_DATES, side, side]: CLV_TRAINING_SAMPLE_... */
    int dates;      /* set by a draw: how many are real */
    int sequence;   /* set by a draw: which of the set it came from */
} clv_training_sample;

typedef struct clv_training_samples clv_training_samples;
typedef struct clv_training_sample_work clv_training_sample_work;

/* The set must outlive the samples. *out is NULL (and CLV_OK) when there is nothing to draw from. Errors: a place in
 * `without` that the set does not have, no cloud shapes, too few bands. */
clv_status clv_training_samples_new(clv_context *ctx, const clv_prepared *set,
                                    const clv_training_sample_options *options, clv_training_samples **out);
void clv_training_samples_free(clv_training_samples *samples);
/* Number of sequences with five clear dates or more, and of single pictures. */
void clv_training_samples_count(const clv_training_samples *samples, int *series, int *pictures);

clv_training_sample_work *clv_training_sample_work_new(void); /* NULL when out of memory */
void clv_training_sample_work_free(clv_training_sample_work *work);

clv_status clv_training_samples_draw(clv_context *ctx, const clv_training_samples *samples, uint64_t number,
                                     clv_training_sample_work *work, clv_training_sample *sample);

#endif
