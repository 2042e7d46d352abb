/* SPDX-License-Identifier: MIT
 *
 * unfinished: the names of temporary files that are being written, kept so that a signal handler can remove them.
 *
 * Everything that creates a temporary file registers it here before writing and says done when the file has been
 * renamed or removed. clv_unlink_unfinished() (public header) unlinks what is left, together with the sidecars GDAL's
 * drivers put beside a file. It takes no lock and no memory, so that a second Ctrl-C can call it at any moment.
 *
 *     clv_unfinished *guard = clv_unfinished_add(temporary);
 *     ... write, rename ...
 *     clv_unfinished_done(guard);
 *
 * Threads: all functions from any thread; clv_unlink_unfinished() from a signal handler too. A forked child never
 * unlinks its parent's files.
 */
#ifndef CLV_RASTER_UNFINISHED_H
#define CLV_RASTER_UNFINISHED_H

typedef struct clv_unfinished clv_unfinished;

/* NULL for paths the operating system does not know (/vsimem/ and the like) and when memory is out. Relative
 * paths are made absolute, so that a later chdir() does no harm. */
clv_unfinished *clv_unfinished_add(const char *path);
/* A folder that goes with all that lies in it. */
clv_unfinished *clv_unfinished_add_folder(const char *path);
void clv_unfinished_done(clv_unfinished *entry); /* NULL allowed */

/* Suffixes of the sidecars that GDAL's drivers may leave beside a file; ends with NULL. */
extern const char *const clv_sidecars[];

#endif
