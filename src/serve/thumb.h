/* SPDX-License-Identifier: MIT
 *
 * thumb: a small picture of an uploaded one, for the page: red, green and blue of its first date, stretched.
 *
 *     char *path = clv_thumb_make(series, folder, number);     // NULL: none could be made; free()
 *
 * Any thread that may use the series.
 */
#ifndef CLV_SERVE_THUMB_H
#define CLV_SERVE_THUMB_H

#include "series/series.h"

/* Writes a PNG of at most CLV_SERVE_THUMB pixels a side into the folder, named by the number; its path. A picture too
 * odd for it is still worked on. */
char *clv_thumb_make(clv_series *series, const char *folder, int number);

#endif
