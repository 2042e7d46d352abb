/* SPDX-License-Identifier: MIT
 *
 * reading: the file that this thread has opened last, for the line that is said when a library crashes in it.
 *
 *     clv_reading("a_20200101.tif");
 *
 * Any thread; clv_reading_now() from a signal handler too.
 */
#ifndef CLV_BASE_READING_H
#define CLV_BASE_READING_H

void clv_reading(const char *name); /* copied, long names cut */
/* "" when the thread has opened none. */
const char *clv_reading_now(void);

#endif
