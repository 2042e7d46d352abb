/* SPDX-License-Identifier: MIT
 *
 * part_zero_lines: lines, strips and areas of 0 in one channel of a part that are no measurement (image/zero_lines.h,
 * empty_areas.h). To know them, the pixels around the part are read too, but only where some channel is 0 alone.
 *
 *     clv_surroundings around = {0};
 *     bool lines;
 *     clv_status status = clv_surroundings_read(ctx, name, p, NULL, &around, &lines);
 *     if (status == CLV_OK && lines)
 *         clv_native_part_add_zero_lines(p, &around, c, dead, missing);
 *     clv_surroundings_clear(&around);
 *
 * Threads: as native_part.h.
 */
#ifndef CLV_SERIES_PART_ZERO_LINES_H
#define CLV_SERIES_PART_ZERO_LINES_H

#include "series/native_part.h"

/* Raw numbers of the part and what is around it, for clv_zero_lines(). */
typedef struct clv_surroundings {
    clv_native_part wide; /* raw: read; missing: in every channel */
    clv_rect inner;       /* of the part in it */
    uint8_t *work;        /* [7]: of clv_zero_lines(), and where a channel is 0 */
    int32_t *sums;        /* of clv_zero_lines() */
} clv_surroundings;

/* Reads the surroundings of a part where they are needed; *needed: they were. planes [channels]: the part's numbers, or
 * NULL: its own. name: for messages. */
clv_status clv_surroundings_read(clv_context *ctx, const char *name, const clv_native_part *p,
                                 const void *const *planes, clv_surroundings *s, bool *needed);
void clv_surroundings_clear(clv_surroundings *s);
/* dead [inside of the part, rows of its `width` pixels]: |= 1 where the channel's 0 is no measurement. False: there is
 * none to look at. */
bool clv_surroundings_mark(const clv_surroundings *s, int c, uint8_t *dead);
/* missing [height, width] of the part: |= 1 at these pixels. dead [inside of the part]: work space. */
void clv_native_part_add_zero_lines(const clv_native_part *p, const clv_surroundings *around, int c, uint8_t *dead,
                                    uint8_t *missing);

#endif
