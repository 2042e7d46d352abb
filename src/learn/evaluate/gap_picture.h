/* SPDX-License-Identifier: MIT
 *
 * gap_picture: what filled gaps look like: of every sequence the date with the largest gap, its truth, its mask and
 * what some methods made of it, in 8 bits, stretched alike. Those of the best, the middle and the worst sequence can be
 * had in the end.
 *
 *     clv_gap_show show = {0};
 *     status = clv_gap_show_start(ctx, wanted, &show);
 *     clv_gap_picture *picture = calloc(1, sizeof *picture);
 *     clv_gap_picture_begin(picture, &show, &sequence, scope);
 *     clv_gap_picture_add(picture, CLV_FILL_LINEAR, &sequence, scope, filled);    // each method, in any order
 *     status = clv_gap_show_add(ctx, &show, score, picture);
 *     n = clv_ranking_pick(show.ranking, picked);
 *     clv_gap_show_end(&show);
 *
 * A picture is about 210 kB without pointers. Different pictures may be made in different threads; the show belongs to
 * one.
 */
#ifndef CLV_LEARN_EVALUATE_GAP_PICTURE_H
#define CLV_LEARN_EVALUATE_GAP_PICTURE_H

#include "image/stretch.h"
#include "learn/evaluate/fill.h"
#include "learn/evaluate/gap_score.h"
#include "learn/evaluate/ranking.h"
#include "synth/gaps.h"

enum { CLV_GAP_PIXELS = CLV_SHAPE_SIDE * CLV_SHAPE_SIDE, CLV_GAP_SHOWN = CLV_FILL_METHODS - CLV_FILL_LINEAR };

typedef struct clv_gap_show {
    clv_fill_method shown[CLV_GAP_SHOWN];
    int count;
    clv_fill_method by;   /* the ranking is by this method's PSNR in the gaps */
    clv_ranking *ranking; /* NULL: nothing is shown */
} clv_gap_show;

typedef struct clv_gap_picture {
    char name[160]; /* of the sequence; set by the owner */
    char day[32];
    int width, height, dates;
    int date;       /* index of the one shown */
    double share;   /* of it that is masked */
    double quality; /* PSNR in the gaps of the whole sequence by the ranking's method; infinite: no error */
    clv_stretch stretch[3];
    int count;
    clv_fill_method method[CLV_GAP_SHOWN];
    double psnr[CLV_GAP_SHOWN]; /* in the gaps of this date; NaN: nothing to compare */
    /* Planes red, green, blue of width * height pixels each. */
    uint8_t truth[3 * CLV_GAP_PIXELS], scope[CLV_GAP_PIXELS], after[CLV_GAP_SHOWN][3 * CLV_GAP_PIXELS];
} clv_gap_picture;

/* Shows linear, regression, gaussian and model, those that are wanted, else the last method wanted. The ranking is by
 * the last of these. */
clv_status clv_gap_show_start(clv_context *ctx, const bool wanted[CLV_FILL_METHODS], clv_gap_show *show);
/* CLV_ERROR_MEMORY by false. Sides up to CLV_SHAPE_SIDE; the name is kept. */
bool clv_gap_picture_begin(clv_gap_picture *picture, const clv_gap_show *show, const clv_sequence *sequence,
                           const uint8_t *scope);
/* Does nothing for methods that are not shown. */
void clv_gap_picture_add(clv_gap_picture *picture, clv_fill_method method, const clv_sequence *sequence,
                         const uint8_t *scope, const float *filled);
/* score: of this sequence alone, by method. */
clv_status clv_gap_show_add(clv_context *ctx, clv_gap_show *show, const clv_gap_score score[CLV_FILL_METHODS],
                            clv_gap_picture *picture);
void clv_gap_show_end(clv_gap_show *show);

#endif
