/* SPDX-License-Identifier: MIT
 *
 * same_day_numbers: parts of one picture whose numbers differ in scale, offset or nodata value, as where the offset of
 * processing baseline 04.00 was applied to one of them only. They are brought to the numbers of one of them, exactly:
 * of integers to those with the lowest offset, as adding cannot go below 0.
 *
 *     int reference = clv_day_reference(pieces, count);
 *     const char *why = clv_day_cannot_convert(pieces, count, reference);   // "": it can be done
 *     clv_day_change change = clv_day_change_of(pieces[1]->acquisition, pieces[reference]->acquisition, 0);
 *
 * Not for other parts than same_day.c and same_day_vrt.c.
 */
#ifndef CLV_SERIES_SAME_DAY_NUMBERS_H
#define CLV_SERIES_SAME_DAY_NUMBERS_H

#include "series/dataset.h"

/* Why pieces are not joined. */
#define CLV_DAY_OTHER_SCALES "have different scales or offsets"
#define CLV_DAY_OTHER_NODATA "have different or several nodata values"

/* New number = number * ratio + add. */
typedef struct clv_day_change {
    double ratio, add;
    bool zero_counts; /* a 0 marks missing pixels only where all channels are 0, and would not mean the same in the new
                         numbers: elsewhere it becomes `add` */
} clv_day_change;

/* Whether scale, offset or nodata value of a channel differ; both have the same channels. */
bool clv_day_numbers_differ(const clv_dataset_acquisition *a, const clv_dataset_acquisition *b);
/* The piece to whose numbers the others are brought. */
int clv_day_reference(clv_dataset *const *pieces, int count);
/* "", or why the pieces cannot be brought to the reference's numbers without loss. */
const char *clv_day_cannot_convert(clv_dataset *const *pieces, int count, int reference);
clv_day_change clv_day_change_of(const clv_dataset_acquisition *piece, const clv_dataset_acquisition *reference,
                                 int channel);
/* The first piece, which becomes the whole, gets what the reference says of its numbers, where they differ. */
void clv_day_take_numbers(clv_dataset *const *pieces, int count);
/* "offsets 0 and -1000", "nodata values 0 and 65535": what differs first, of pieces a and b. */
void clv_day_numbers_text(const clv_dataset_acquisition *a, const clv_dataset_acquisition *b, char *text, size_t size);

#endif
