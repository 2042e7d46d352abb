/* SPDX-License-Identifier: MIT
 *
 * date_doubts_private: what the files that implement date_doubts.h share. Not for other parts.
 */
#ifndef CLV_SERIES_DATE_DOUBTS_PRIVATE_H
#define CLV_SERIES_DATE_DOUBTS_PRIVATE_H

#include "series/date_doubts.h"

/* Whether both show the same ground, and are no parts of one picture. */
bool clv_dated_same_ground(const clv_dated *a, const clv_dated *b);

#endif
