/* SPDX-License-Identifier: MIT
 *
 * detect_picture: what agreeing and disagreeing masks look like: windows of a picture with its labels and what was
 * found, those where F1 of cloud is best, in the middle and worst.
 *
 * Of every case the best, the middle and the worst window are kept while its series is open; in the end the best
 * of the best, the middle of the middle ones and the worst of the worst are shown.
 *
 *     clv_detect_show show = {0};
 *     status = clv_detect_show_start(ctx, &show);
 *     for (int i = 0; i < cases; i++) {
 *         status = clv_detect_show_rank(ctx, &show, t, rows, label, found);    // every block of rows of every date
 *         if (clv_detect_show_pick(&show, picked)) {
 *             ... draw picked[which] into a clv_detect_picture ...
 *             status = clv_detect_show_add(ctx, &show, which, picture);        // best, middle, worst
 *         }
 *     }
 *     status = clv_detect_show_read(ctx, &show, which, &there, picture);
 *     clv_detect_show_end(&show);
 *
 * One thread at a time.
 */
#ifndef CLV_LEARN_EVALUATE_DETECT_PICTURE_H
#define CLV_LEARN_EVALUATE_DETECT_PICTURE_H

#include "image/windows.h"
#include "learn/evaluate/ranking.h"
#include "series/series.h"

enum { CLV_DETECT_SIDE = 128, CLV_DETECT_PIXELS = CLV_DETECT_SIDE * CLV_DETECT_SIDE, CLV_DETECT_SHOWN = 3 };

typedef struct clv_detect_picture {
    char name[160]; /* of the eval_case */
    char day[32];
    clv_rect window;
    double f1; /* of cloud */
    /* Planes red, green, blue of width * height pixels each; classes as in clv_score, 255 = not compared. */
    uint8_t picture[3 * CLV_DETECT_PIXELS], label[CLV_DETECT_PIXELS], found[CLV_DETECT_PIXELS];
} clv_detect_picture;

typedef struct clv_detect_window {
    double f1;
    int date;
    clv_rect window;
} clv_detect_window;

typedef struct clv_detect_show {
    clv_ranking *kept[CLV_DETECT_SHOWN]; /* best, middle, worst of the eval_cases; NULL: nothing is shown */
    clv_detect_window *windows;          /* of the eval_case at work */
    int count, capacity;
} clv_detect_show;

clv_status clv_detect_show_start(clv_context *ctx, clv_detect_show *show);
/* Ranks the windows of whole rows of date t; rows.y is a multiple of CLV_DETECT_SIDE. label, found [rows]. Windows
 * without clouds, labelled or found, or with nothing else, or less than half of which is compared, are no candidates.
 */
clv_status clv_detect_show_rank(clv_context *ctx, clv_detect_show *show, int t, clv_rect rows, const uint8_t *label,
                                const uint8_t *found);
/* The best, the middle and the worst window of the eval_case, in this order (with fewer, the same one stands in twice);
 * false when there is none. Empties the list for the next eval_case. */
bool clv_detect_show_pick(clv_detect_show *show, clv_detect_window picked[CLV_DETECT_SHOWN]);
/* Reads the colours of picture->window of date t. */
clv_status clv_detect_picture_read(clv_context *ctx, clv_series *series, int t, clv_detect_picture *picture);
/* which: 0 best, 1 middle, 2 worst. */
clv_status clv_detect_show_add(clv_context *ctx, clv_detect_show *show, int which, const clv_detect_picture *picture);
/* The picture to show; *there false when there is none. */
clv_status clv_detect_show_read(clv_context *ctx, const clv_detect_show *show, int which, bool *there,
                                clv_detect_picture *picture);
void clv_detect_show_end(clv_detect_show *show);

#endif
