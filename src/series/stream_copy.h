/* SPDX-License-Identifier: MIT
 *
 * stream_copy: inputs that can be read but once. Standard input ("-", /vsistdin/) and named pipes (a FIFO, <(command)
 * of a shell) are copied into temporary files (CPL_TMPDIR, TMPDIR or /tmp), because windows are read in any order and
 * more than once. The files live as long as the clv_stream_copy.
 *
 * A clv_stream_copy belongs to one series; it is filled by one thread and only read afterwards.
 *
 *     clv_stream_copy copies = {0};
 *     clv_status status = clv_stream_copy_inputs(ctx, &copies, list);      // names of streams become names of files
 *     const char *name = clv_stream_copy_origin(&copies, list->names[0]);    // "/vsistdin/"; NULL: not a stream
 *     clv_stream_copy_clear(&copies);
 */
#ifndef CLV_SERIES_STREAM_COPY_H
#define CLV_SERIES_STREAM_COPY_H

#include "products/inputs.h"
#include "base/unfinished.h"

typedef struct clv_stream_copy {
    struct clv_stream_copied {
        char *file;            /* the copy */
        char *name;            /* what it is a copy of */
        clv_unfinished *guard; /* so that a second Ctrl-C removes it */
    } *items;
    int count;
    bool stdin_used;
} clv_stream_copy;

bool clv_stream_copy_is_stdin(const char *name); /* "-", /vsistdin/, /vsistdin? */
bool clv_stream_copy_is_stream(const char *name);
/* Copies what is a stream and replaces its names by those of the copies. Standard input can be named once in a run. */
clv_status clv_stream_copy_inputs(clv_context *ctx, clv_stream_copy *copies, clv_inputs *list);
const char *clv_stream_copy_origin(const clv_stream_copy *copies, const char *file);
void clv_stream_copy_clear(clv_stream_copy *copies);

#endif
