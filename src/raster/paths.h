/* SPDX-License-Identifier: MIT
 *
 * paths: where outputs and their temporary files lie. Paths are GDAL's: the operating system's, or /vsi.../.
 *
 * A temporary file is a hidden sibling of what it will become (base/temporary.h), so that renaming never crosses file
 * systems, and is created exclusively. Strings handed out are freed with free().
 */
#ifndef CLV_RASTER_PATHS_H
#define CLV_RASTER_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/context.h"

typedef enum clv_path_kind {
    CLV_PATH_NATIVE, /* a file of the operating system */
    CLV_PATH_MEMORY, /* /vsimem/ */
    CLV_PATH_STREAM  /* bytes are sent to it, nothing can be renamed: /vsistdout/, network stores, pipes, devices */
} clv_path_kind;

clv_path_kind clv_path_kind_of(const char *path);
bool clv_path_is_stdout(const char *path); /* "-", /vsistdout/, /dev/stdout */

typedef enum clv_path_type { CLV_PATH_NONE, CLV_PATH_FILE, CLV_PATH_FOLDER, CLV_PATH_OTHER } clv_path_type;

/* What is there now; links are followed. */
clv_path_type clv_path_look(const char *path);
/* Not a pipe, a socket or a device, of which a file that was only found would be waited for. */
bool clv_path_is_readable(const char *path);

/* Whether a dataset's name, or the text of a VRT, names files that come through a network (/vsicurl/, /vsis3/, ...). */
bool clv_path_is_remote(const char *text);
/* The URL behind a name of /vsicurl, without its query, which may hold a signature; NULL for other names (free()). */
char *clv_network_url(const char *name);

/* "a/b.tif" -> "a", "b.tif" -> ".", "/b" -> "/". */
char *clv_path_folder(const char *path);
const char *clv_path_name(const char *path);      /* the part after the last slash, inside path */
const char *clv_path_extension(const char *path); /* without the dot, inside path; "" when there is none */
char *clv_path_join(const char *folder, const char *name);

/* From "/", links resolved as far as the path exists; NULL when out of memory. */
char *clv_path_absolute(const char *path);
/* Whether the path is the folder or lies in it; both absolute. */
bool clv_path_within(const char *path, const char *folder);

/* Makes the folder and those above it. *made: the uppermost folder that had to be made (NULL when it was there), for
 * undoing. */
clv_status clv_folder_make(clv_context *ctx, const char *folder, char **made);
/* Whether files can be put into the folder, or into the nearest folder above that exists. */
clv_status clv_folder_check(clv_context *ctx, const char *folder);
/* Removes `folder` and the empty folders above it up to and including `top`; stops at the first that is not empty. */
void clv_folder_unmake(const char *folder, const char *top);

/* Creates an empty file `.NAME.TOKEN.tmp.EXT` (base/temporary.h) in the folder. */
clv_status clv_temporary_create(clv_context *ctx, const char *folder, const char *name, const char *extension,
                                char **path);
/* Makes an empty folder `.NAME.TOKEN.tmp` in the folder. */
clv_status clv_temporary_make_folder(clv_context *ctx, const char *folder, const char *name, char **path);
/* With all that is in it; links in it would be followed, so only what this process has made. */
void clv_temporary_remove_folder(const char *path);
/* CPL_TMPDIR (GDAL's), TMPDIR, or /tmp. */
const char *clv_temporary_folder(void);

/* An input of the call (input_files.h) that lies in the folder: *name, NULL when none does (free()). */
clv_status clv_folder_find_input(clv_context *ctx, const char *folder, char **name);

#endif
