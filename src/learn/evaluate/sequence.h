/* SPDX-License-Identifier: MIT
 *
 * sequence: the clear dates of a window, as U-TILISE and the pooled protocol take them for training and measuring, and
 * the masks of its cloudy dates.
 *
 * A date is clear when at most `most_bad` of its window is flagged (cloud, shadow, no data). What is flagged of a clear
 * date counts as not observed and is never measured, since nobody knows the truth there.
 *
 *     clv_sequence s;
 *     clv_sequence_read(ctx, series, flags, settings, window, rule, &s);
 *     if (s.dates >= rule->least) ... s.x, s.bad ...
 *     clv_sequence_clear(&s);
 */
#ifndef CLV_LEARN_EVALUATE_SEQUENCE_H
#define CLV_LEARN_EVALUATE_SEQUENCE_H

#include "learn/dataset/prepared.h"
#include "output/writer.h"

typedef struct clv_sequence_rule {
    double most_bad; /* share of a window that a clear date may have flagged: 0.05 (U-TILISE's test), 0 (seed) */
    int least;       /* clear dates that a sequence has to have: 5 */
    int frames;      /* only the first so many frames of each input take part; 0 = all */
} clv_sequence_rule;

typedef struct clv_sequence {
    int dates, channels, width, height;
    float *x;        /* [dates, channels, height, width] reflectance, clipped to [0, 1]; 0 where bad */
    uint8_t *bad;    /* [dates, height, width]: 1 = not observed */
    double *days;    /* [dates] */
    uint8_t *cloudy; /* [cloudy_dates, height, width]: the masks of the dates that are not clear, 1 = not observed */
    int cloudy_dates;
} clv_sequence;

/* Reads a window of all dates. flags: of clv_stage1_run, with which masks are read by clv_flags_read. Dates with the
 * same day number as the one before are left out. */
clv_status clv_sequence_read(clv_context *ctx, clv_series *series, clv_scratch *flags,
                             const clv_detect_settings *settings, clv_rect window, const clv_sequence_rule *rule,
                             clv_sequence *out);
/* The same of sequence i of a training set, whose gaps are the flags; the set's own dates take part, not frames. */
clv_status clv_sequence_take(clv_context *ctx, const clv_prepared *set, int i, const clv_sequence_rule *rule,
                             clv_sequence *out);
void clv_sequence_clear(clv_sequence *sequence);

#endif
