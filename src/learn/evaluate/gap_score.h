/* SPDX-License-Identifier: MIT
 *
 * gap_score: the figures of a method that filled the simulated gaps of sequences.
 *
 * Means are over sequences, as U-TILISE's evaluation takes them; by length of the gap and by cover the pixels of all
 * sequences are pooled. The first three channels (red, green, blue) are scored, and NIR by itself.
 *
 *     clv_gap_score one = {0}, total = {0};
 *     clv_gap_score_add(&one, &sequence, scope, filled, true, 0);
 *     clv_gap_score_join(&total, &one);
 *
 * Plain values without ownership. Threads: pure functions.
 */
#ifndef CLV_LEARN_EVALUATE_GAP_SCORE_H
#define CLV_LEARN_EVALUATE_GAP_SCORE_H

#include "image/metrics.h"
#include "learn/evaluate/sequence.h"

enum { CLV_GAP_SCORED = 3, CLV_GAP_FAMILIES = 3, CLV_GAP_COVERS = 4, CLV_GAP_DEVIATIONS = 2, CLV_GAP_MOST_DATES = 512 };

/* What a pixel of a sequence is to the score. */
enum {
    CLV_SCOPE_OBSERVED = 0,
    CLV_SCOPE_OCCLUDED = 1,
    CLV_SCOPE_IGNORED = 2,
    CLV_SCOPE_UNSEEN = 3 /* occluded, on a frame that shows nothing */
};

/* Sums over sequences of one scope's figures, and how many went into each. */
typedef struct clv_gap_means {
    double psnr, rmse, mae, ssim, sam;
    int psnrs, rmses, ssims, sams;
} clv_gap_means;

typedef struct clv_gap_score {
    clv_gap_means occluded, observed, all, unseen, nir;
    clv_errors by_gap[CLV_GAP_FAMILIES]; /* occluded pixels of frames in a run of 1, 2, 3 or more masked frames */
    clv_errors by_cover[CLV_GAP_COVERS]; /* ... that are masked by up to 30, 60, 90, 100 % */
    clv_errors pooled;                   /* all pixels of all frames, in units of each sequence's range */
    int64_t within[CLV_GAP_DEVIATIONS]; /* values in gaps that are off by at most 1, 2 times what was to be expected, */
    int64_t expected;                   /* of so many */
} clv_gap_score;

/* Share of a frame's n pixels on which a gap was laid. */
double clv_gap_share(const uint8_t *scope, size_t n);

/* Adds one sequence of at most CLV_GAP_MOST_DATES dates. scope [dates, height, width]; filled as s->x; range: of the
 * sequence's values, for the pooled figures; 0 = no such figures. */
void clv_gap_score_add(clv_gap_score *out, const clv_sequence *s, const uint8_t *scope, const float *filled,
                       bool has_nir, double range);
/* Counts how many errors in the gaps lie within deviation [dates, height, width] (NaN: not told). */
void clv_gap_score_add_deviation(clv_gap_score *out, const clv_sequence *s, const uint8_t *scope, const float *filled,
                                 const float *deviation);
void clv_gap_score_join(clv_gap_score *to, const clv_gap_score *from);

#endif
