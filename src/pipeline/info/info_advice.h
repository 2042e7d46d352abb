/* SPDX-License-Identifier: MIT
 *
 * info_advice: whether a series suits cloud removal, and what to do where it does not.
 */
#ifndef CLV_PIPELINE_INFO_INFO_ADVICE_H
#define CLV_PIPELINE_INFO_INFO_ADVICE_H

#include "pipeline/info/info_sample.h"

typedef enum clv_check_state { CLV_CHECK_OK, CLV_CHECK_NOTE, CLV_CHECK_WARNING } clv_check_state;

typedef struct clv_check {
    const char *name; /* dates, time, cloud, never, pixel, sharpness, grid */
    clv_check_state state;
    char text[320];   /* what was found */
    char advice[320]; /* what to do, "" when nothing */
} clv_check;

#define CLV_CHECKS 7

/* Fills checks[CLV_CHECKS] and returns how many there are. sample may be NULL (no pixels were read). */
int clv_series_advice(const clv_series *series, const clv_series_sample *sample, clv_check *checks);

#endif
