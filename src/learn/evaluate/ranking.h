/* SPDX-License-Identifier: MIT
 *
 * ranking: records of which only the best, the middle and the worst are wanted in the end.
 *
 * Which one is in the middle shows only when all have been seen, so the records wait in a temporary file without a name
 * (it goes with the process, whatever happens); in memory are their keys.
 *
 *     clv_ranking *r;
 *     if ((status = clv_ranking_new(ctx, sizeof record, &r)) != CLV_OK) return status;
 *     clv_ranking_add(ctx, r, psnr, &record);
 *     int picked[3], n = clv_ranking_pick(r, picked);         // best, middle, worst
 *     for (int i = 0; i < n; i++) clv_ranking_read(ctx, r, picked[i], &record);
 *     clv_ranking_free(r);
 *
 * One thread at a time.
 */
#ifndef CLV_LEARN_EVALUATE_RANKING_H
#define CLV_LEARN_EVALUATE_RANKING_H

#include "base/context.h"

typedef struct clv_ranking clv_ranking;

/* record: bytes of one. The file lies where CPL_TMPDIR or TMPDIR says. */
clv_status clv_ranking_new(clv_context *ctx, size_t record, clv_ranking **out);
/* Higher keys are better; a record whose key is NaN is left out. */
clv_status clv_ranking_add(clv_context *ctx, clv_ranking *ranking, double key, const void *record);
/* Fills `picked` with the numbers of the best, the middle and the worst record, for clv_ranking_read(), each once;
 * returns how many: 3, or all when there are fewer (then best first, worst last). Among equal ones the first added
 * counts as the better. */
int clv_ranking_pick(const clv_ranking *ranking, int picked[3]);
clv_status clv_ranking_read(clv_context *ctx, const clv_ranking *ranking, int number, void *record);
void clv_ranking_free(clv_ranking *ranking);

#endif
