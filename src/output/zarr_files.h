/* SPDX-License-Identifier: MIT
 *
 * zarr_files: what lies in a Zarr folder and is no part of one: it would go with the folder when that is replaced.
 *
 *     char *foreign = clv_zarr_find_foreign("a.zarr");   // "notes/a.txt"; NULL: nothing
 *
 * Any thread.
 */
#ifndef CLV_OUTPUT_ZARR_FILES_H
#define CLV_OUTPUT_ZARR_FILES_H

/* The first file whose name no version of Zarr gives, or link, by its path in the folder; a folder that cannot be
 * looked into. free(). NULL: there is none. */
char *clv_zarr_find_foreign(const char *folder);

#endif
