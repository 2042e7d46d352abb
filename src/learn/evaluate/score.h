/* SPDX-License-Identifier: MIT
 *
 * score: how well probabilities of cloud and shadow agree with labels: counts of pixels by class, F1 of a class.
 * Plain values.
 */
#ifndef CLV_LEARN_EVALUATE_SCORE_H
#define CLV_LEARN_EVALUATE_SCORE_H

#include <stddef.h>
#include <stdint.h>

typedef struct clv_score {
    int64_t pixels[3][3]; /* [label][predicted]: clear, cloud, shadow */
} clv_score;

/* Adds n pixels; a pixel is cloud from probability 0.5 on, else shadow from 0.5 on. Unknown labels (255) do not
 * count. */
void clv_score_add(clv_score *score, const uint8_t *label, const float *cloud, const float *shadow, size_t n);
void clv_score_join(clv_score *score, const clv_score *more);
/* Harmonic mean of precision and recall of class 0, 1 or 2; NaN when the labels have no pixel of it. */
double clv_score_f1(const clv_score *score, int class_index);
/* Share of the pixels predicted as the class that are labelled so; NaN when none is predicted. */
double clv_score_precision(const clv_score *score, int class_index);
/* Share of the pixels labelled with the class that are predicted so; NaN when none is. */
double clv_score_recall(const clv_score *score, int class_index);
/* Share of the pixels labelled clear that are predicted cloud or shadow; NaN when there are none. */
double clv_score_false_alarms(const clv_score *score);

#endif
