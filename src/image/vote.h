/* SPDX-License-Identifier: MIT
 *
 * vote: single pixels do not decide: what is found counts where the pixels around agree.
 *
 *     uint8_t asked[100] = {0}, yes[100] = {0}, carried[100];
 *     clv_vote(yes, asked, 10, (clv_rect){0, 0, 10, 10}, 2, carried);
 *
 * Threads: pure function of its arguments.
 */
#ifndef CLV_IMAGE_VOTE_H
#define CLV_IMAGE_VOTE_H

#include <stdint.h>

#include "image/windows.h"

/* carried: 1 where `yes` is set and so it is on half at least of the `asked` pixels within `radius` pixels, both ways;
 * else 0. All are planes whose rows are `width` long; only `area` is read and written. yes implies asked. */
void clv_vote(const uint8_t *yes, const uint8_t *asked, int width, clv_rect area, int radius, uint8_t *carried);

#endif
