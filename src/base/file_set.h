/* SPDX-License-Identifier: MIT
 *
 * file_set: a growing set of files, by device and inode, so that links count, and by name. A context has one, of its
 * call's inputs (input_files.h). All functions may be called from any thread.
 *
 *     clv_file_set *files = clv_file_set_new();
 *     clv_file_set_add(files, "NETCDF:\"a.nc\":b02");
 *     if (clv_file_set_find(files, "./a.nc", NULL) != CLV_FILE_NONE) ...
 *     clv_file_set_free(files);
 */
#ifndef CLV_BASE_FILE_SET_H
#define CLV_BASE_FILE_SET_H

#include <stdbool.h>

typedef struct clv_file_set clv_file_set;

clv_file_set *clv_file_set_new(void); /* NULL when out of memory */
void clv_file_set_free(clv_file_set *files);
/* Empties the set, unless it is kept. */
void clv_file_set_forget(clv_file_set *files);
void clv_file_set_keep(clv_file_set *files, bool keep);

/* name: a path, or a name of GDAL's with the path of a file in it (NETCDF:"a.nc":b02, /vsizip/a.zip/b.tif): then that
 * file. Names that lead to no file of this machine are remembered as they are. */
void clv_file_set_add(clv_file_set *files, const char *name);

typedef enum clv_file_found {
    CLV_FILE_NONE,
    CLV_FILE_FOUND,
    CLV_FILE_UNSURE /* memory ran out when files were added, or now */
} clv_file_found;

/* Whether path leads to a file of the set. *name: the name under which it is there, when it is found (free()); name may
 * be NULL. */
clv_file_found clv_file_set_find(clv_file_set *files, const char *path, char **name);
/* Calls visit for every file of this machine until it returns false; visit must not call back. */
void clv_file_set_each(clv_file_set *files, bool (*visit)(const char *name, void *user), void *user);

#endif
