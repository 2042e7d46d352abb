/* SPDX-License-Identifier: MIT
 *
 * fill_input: the input planes of a stage-2 network for a date, from a stack and the result of its gap filling. The
 * same in training and in use.
 *
 * A network that starts from the gap filling gets the filled bands, validity (1 observed, 0 filled), and the days to
 * the pixel's latest observation before the date and to the next after it (0 where the date observes it, -1 for none).
 * One that does not gets the bands alone, limited to [0, 1], with gaps set to 1.
 *
 * Threads: pure functions.
 *
 *     clv_fill_form form = {.bands = 3, .from_gapfill = true};
 *     float *in = clv_alloc_array(clv_fill_planes(&form), (size_t)side * side, sizeof *in);
 *     clv_fill_input(&form, &stack, roi, t, filled, side, in);
 */
#ifndef CLV_GAPFILL_FILL_INPUT_H
#define CLV_GAPFILL_FILL_INPUT_H

#include "gapfill/gapfill.h"

typedef struct clv_fill_form {
    int bands; /* the first ones of the stack */
    bool from_gapfill;
} clv_fill_form;

int clv_fill_planes(const clv_fill_form *form);
/* Date t within roi, continued by reflection to side x side pixels. filled: clv_gapfill's result for roi
 * [dates, stack->bands, roi]; in [planes, side, side]. */
void clv_fill_input(const clv_fill_form *form, const clv_stack *stack, clv_rect roi, int t, const float *filled,
                    int side, float *in);
/* The network's input for the date's time: days since the first, or the day of the year (from 0). */
float clv_fill_day(const clv_fill_form *form, const clv_stack *stack, int t);

#endif
