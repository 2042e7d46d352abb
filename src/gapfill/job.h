/* SPDX-License-Identifier: MIT
 *
 * gapfill_job: what the files of the prior share: gapfill.c (the call, the spreading), fill_gaps.c (gaps filled by steps 1
 * and 2), radiometric_fit.c (step 2: the date's level), missed_cloud.c (clouds that the masks have missed), regression.c
 * (step 3: the regression on all dates), shrinkage.c (how far that is trusted), mixture.c (what replaces steps
 * 3 and 4), outlier_review.c (what that is learned from) and coregister.c (how the date lies to the others). Nobody
 * else includes this.
 *
 * A job lives on the stack of one call; its memory is the caller's clv_gapfill_work. Functions that return bool fail only
 * when memory is out.
 */
#ifndef CLV_GAPFILL_JOB_H
#define CLV_GAPFILL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "gapfill/date_blend.h"
#include "gapfill/field.h"
#include "gapfill/gapfill.h"
#include "gapfill/gmm.h"
#include "gapfill/robust_ridge.h"
#include "gapfill/samples.h"
#include "gapfill/spread.h"

#define CLV_GAPFILL_BLOCK CLV_FIELD_BLOCK
#define CLV_GAPFILL_LARGEST 1.5f      /* reflectance of a result */
#define CLV_GAPFILL_MARGIN 0.01f      /* reflectance, */
#define CLV_GAPFILL_MARGIN_SHARE 0.1f /* and of a range: how far outside it a result may lie */
#define CLV_GAPFILL_COLOURS 3         /* bands whose deviation is told */
#define CLV_GAPFILL_LEAST_PIXELS 50   /* below this nothing is learned, whatever min_pixels says */

struct clv_gapfill_work {
    clv_field field;
    clv_ridge_work ridge;
    clv_spread spread;
    clv_buffer train_mask, train_count, scratch, dense, pixels, samples;   /* maps and lists */
    clv_buffer level, features, rows, model, weights, residual;     /* regressions */
    clv_buffer block, coefficients, products, pointers, scratch_values; /* step 3 and the spreading */
    clv_buffer levels;                                            /* of surroundings */
    clv_buffer patches, screened, wider;                            /* the screening */
    clv_buffer without, error, halves, distance;                  /* the guard */
    clv_buffer usable, time_weights;                              /* dates that show too little */
    clv_gmm gmm;
    clv_buffer predicted, variance, outlier, residual_scale, scales, shift_basis, patterns; /* mixture.c */
};

/* What a date differs by from what the others say of it: multiples of that picture's slopes in x and y and of its
 * curvature. */
#define CLV_SHIFT_BASES 3
typedef struct clv_shift_basis {
    float weights[CLV_GMM_BANDS][CLV_SHIFT_BASES]; /* of the first group's bands */
    float mean[CLV_SHIFT_BASES];                         /* of these, for further bands */
    double residual_share;                                       /* share of the squared differences that they leave */
} clv_shift_basis;

/* One call's state. */
typedef struct clv_gapfill_job {
    clv_gapfill_work *work;
    const clv_gapfill_options *options;
    clv_field *f;
    clv_rect roi;
    bool full;            /* observed pixels are predicted, too */
    uint8_t *train_mask;       /* [dates, n] */
    int *train_count;         /* [dates] number of pixels with learn */
    float *level;         /* [dates, bands, bands + 1] step 2: bands and constant of step 1 -> each band */
    uint8_t *scratch;     /* [n] */
    int *pixels;          /* [n + BLOCK] */
    int *samples;         /* [n + BLOCK] */
    int *halves;          /* [n] room for sorting samples */
    uint8_t *target;      /* [dates] the date has a gap, or is wanted in full */
    uint8_t *usable;      /* [dates] the date shows enough to be learned from */
    double *time_weights; /* [dates], then the memory of `missing` */
    clv_date_blend date_blend;
    bool mixed;            /* step 1 is time_weights' mixture of the filled dates, no longer the interpolation */
    uint16_t *distance;    /* [n] of the date at work, see clv_distance; NULL: nothing fades */
    const uint8_t *screened; /* [dates, n] observed pixels that count as gaps but are no targets; NULL: none */
    uint8_t *outlier;       /* [dates, n] gaps, and what the other dates are not to be told from */
    uint64_t *patterns;    /* [n] bits of dates */
    float *residual_scale;          /* [dates] the usual difference of what is seen from what the other dates say of it */
    float *predicted;      /* [dates, bands of a group, n] each date from the others */
    float *variance;       /* [dates, n] of its colours; NULL: not wanted */
    clv_shift_basis *shift_basis; /* [dates] */
    double *scales;        /* [dates] what that is to be multiplied with */
    float *out;
    float *deviation;        /* [dates, roi] standard deviation of the colours; NULL: not wanted */
    double unseen_deviation; /* of ground of which the date shows nothing */
} clv_gapfill_job;

/* ---- Lists of pixels, results (gapfill.c) --------------------------------------------------------- */

/* Fills up the last block by repeating the last pixel. Returns the padded length; count must be at least 1. */
int clv_gapfill_pad(int *pixels, int count);
/* Pixels of a rectangle with mask != 0 (NULL: all). Returns how many. */
int clv_gapfill_list(const uint8_t *mask, int width, clv_rect r, int *pixels);
clv_rect clv_gapfill_whole(const clv_field *f);
/* A part of the stack and what is carried into it from around; the same around the listed pixels. */
clv_rect clv_gapfill_near(const clv_field *f, clv_rect part);
clv_rect clv_gapfill_reach(const clv_field *f, const int *pixels, int count);
/* The pixels of date t that are to be predicted, into j->pixels. Returns how many. */
int clv_gapfill_list_targets(clv_gapfill_job *j, int t);
/* Observed pixels of date t that count as gaps; NULL when there are none. */
const uint8_t *clv_gapfill_screened(const clv_gapfill_job *j, int t);
/* Where the results of date t, band c, go: [roi.height, roi.width]. */
float *clv_gapfill_out_plane(const clv_gapfill_job *j, int t, int c);
/* A result of the job, and how far it may be off. */
void clv_gapfill_write(clv_gapfill_job *j, int t, int pixel, int c, double value);
void clv_gapfill_write_deviation(clv_gapfill_job *j, int t, int pixel, double deviation);

/* ---- Filling by steps 1 and 2 (fill_gaps.c) --------------------------------------------------- */

/* Fills all gaps, also those that the screening adds; wanted as in clv_gapfill(). */
bool clv_gapfill_fill(clv_gapfill_job *j, const clv_stack *stack, const uint8_t *wanted);
/* What step 1 is to be for date t: the mixture, where that is wanted and there are dates to mix. Whether it is. */
bool clv_gapfill_choose_start(clv_gapfill_job *j, int t);

/* ---- Clouds that the masks have missed (missed_cloud.c) ---------------------------------------- */

/* Sets j->hidden, when any are found. The stack's first three bands are red, green, blue; its gaps have been filled.
 * Learns step 2 anew. */
bool clv_missed_cloud_screen(clv_gapfill_job *j);

/* ---- A regression's memory (radiometric_fit.c) ----------------------------------------------------- */

/* Memory of a regression: rows of features and targets, coefficients, weights, misfits. */
typedef struct clv_gapfill_regression {
    clv_ridge ridge;
    float *values;      /* [regressors + targets, padded] */
    const float **rows; /* pointers into values */
    double *shrink, *toward;
} clv_gapfill_regression;

bool clv_gapfill_hold_regression(clv_gapfill_work *w, const clv_gapfill_options *options, int regressors, int targets,
                               int samples, clv_gapfill_regression *r);
/* The bands of date t at the job's samples. values [bands, padded] */
void clv_gapfill_gather_targets(const clv_gapfill_job *j, int t, int padded, float *values);
void clv_gapfill_set_ones(float *row, int n);

/* ---- Step 2 (radiometric_fit.c) -------------------------------------------------------------------- */

/* Learns how date t's bands follow from step 1; the identity where t shows too little. */
bool clv_radiometric_fit_learn(clv_gapfill_job *j, int t);
/* Puts step 2 into the gaps of date t. */
void clv_radiometric_fit_fill(clv_gapfill_job *j, int t);
/* Step 2 at a block of pixels, after the gaps have been filled with it. out [bands, CLV_GAPFILL_BLOCK] */
void clv_radiometric_fit_block(const clv_gapfill_job *j, int t, const int *pixels, float *out);

/* ---- Step 3 (regression.c) -------------------------------------------------------------------- */

/* Regressors of a date: `lead` bands of every other date, its own step 2 in all bands, the constant; behind these, for
 * each further band, that band of every other date. */
typedef struct clv_gapfill_layout {
    int others, lead, bands;
    int common; /* others * lead + bands + 1 */
    int all;    /* with the further bands' */
} clv_gapfill_layout;

/* What step 3 has learned of a date. */
typedef struct clv_gapfill_model {
    clv_gapfill_layout l;
    float *lead;    /* [lead, common] */
    float *further; /* [bands - lead, common + others] */
    float *without; /* [CLV_SAMPLE_PARTS, lead, common] lead without a part of the samples; NULL: no guard */
    double *error;  /* [lead] mean squared error of step 2 */
    float trust;
    double limit; /* residuals beyond are clipped before they are spread */
} clv_gapfill_model;

/* Learns date t from all other dates. Uses up the job's samples. */
bool clv_gapfill_learn_model(clv_gapfill_job *j, int t, clv_gapfill_model *m);
/* The model at a block of pixels, guarded where that is asked for and possible. out [bands, CLV_GAPFILL_BLOCK] */
void clv_gapfill_model_block(const clv_gapfill_job *j, const clv_gapfill_model *m, int t, const int *pixels, bool guarded,
                           float *out);

/* ---- Instead of steps 3 and 4 (mixture.c, outlier_review.c, coregister.c) -------------- */

/* Bands that are learned together. */
typedef struct clv_gapfill_bands {
    int first, count;
} clv_gapfill_bands;

/* By the patterns at hand, some date but t shows the pixel. */
static inline bool clv_gapfill_others_show(const clv_gapfill_job *j, int t, size_t pixel)
{
    return (j->patterns[pixel] & ~((uint64_t)1 << t)) != 0;
}

/* Results of all usable dates that are wanted; of none if there is nothing to learn from (then none is usable). */
bool clv_gapfill_mixture(clv_gapfill_job *j, const uint8_t *wanted);
/* Sets learn, learned, unlike and usual from j->predicted of the whole field. */
bool clv_outlier_review(clv_gapfill_job *j, clv_gapfill_bands b);
/* Sets forms from j->predicted of the whole field. */
bool clv_coregister_learn(clv_gapfill_job *j, clv_gapfill_bands b);
/* Shifts and sharpens j->predicted of date t in `part`, where it has been predicted. */
bool clv_coregister(clv_gapfill_job *j, clv_gapfill_bands b, int t, clv_rect part);

/* v, or the end of the range and its margin that it lies beyond. */
static inline float clv_gapfill_inside(float low, float high, float v)
{
    const float margin = CLV_GAPFILL_MARGIN + CLV_GAPFILL_MARGIN_SHARE * (high - low);
    return v < low - margin ? low - margin : v > high + margin ? high + margin : v;
}

/* ---- How far step 3 may be trusted (shrinkage.c) --------------------------------------------- */

/* What is believed of a date's regressions for the number of pixels that it shows, 0 to 1. */
double clv_shrinkage_trust(const clv_gapfill_job *j, int t);
/* Takes what the guard needs over from a regression that has been made: step 2's error, the models without a part. */
void clv_shrinkage_learn(const clv_gapfill_regression *r, clv_gapfill_model *m);
/* Draws step 3 towards step 2 where it is unsure. rows: the regressors of a block; out [bands, CLV_GAPFILL_BLOCK] */
void clv_shrinkage_block(const clv_gapfill_model *m, const float *rows, float *out);
/* Finds how far the pixels of date t lie from what it shows. */
bool clv_shrinkage_begin_fade(clv_gapfill_job *j, int t);
/* Lets results fade into step 1 far from there. out [bands, CLV_GAPFILL_BLOCK]; weight [CLV_GAPFILL_BLOCK] is set to what
 * is left of them, 0 to 1. */
void clv_shrinkage_fade_block(const clv_gapfill_job *j, const int *pixels, float *out, float *weight);

#endif
