/* SPDX-License-Identifier: MIT
 *
 * spool: inputs that can be read but once. Standard input ("-", /vsistdin/) and named pipes (a FIFO, <(command) of a
 * shell) are copied into temporary files (CPL_TMPDIR, TMPDIR or /tmp), because windows are read in any order and more
 * than once. The files live as long as the spool.
 *
 * One spool belongs to one series; it is filled by one thread and only read afterwards.
 *
 *     clv_spool spool = {0};
 *     clv_status status = clv_spool_list(ctx, &spool, &inputs);          // names of streams become names of files
 *     const char *name = clv_spool_origin(&spool, inputs.names[0]);      // "/vsistdin/", or NULL for an ordinary input
 *     clv_spool_clear(&spool);
 */
#ifndef CLV_SERIES_STREAM_COPY_H
#define CLV_SERIES_STREAM_COPY_H

#include "products/inputs.h"
#include "raster/unfinished.h"

typedef struct clv_spool {
    struct clv_spooled {
        char *file;            /* the copy */
        char *name;            /* what it is a copy of */
        clv_unfinished *guard; /* so that a second Ctrl-C removes it */
    } * items;
    int count;
    bool stdin_used;
} clv_spool;

bool clv_spool_is_stdin(const char *name); /* "-", /vsistdin/, /vsistdin? */
bool clv_spool_is_stream(const char *name);
/* Copies what is a stream and replaces its names by those of the copies. Standard input can be named once in a run. */
clv_status clv_spool_list(clv_context *ctx, clv_spool *spool, clv_inputs *list);
const char *clv_spool_origin(const clv_spool *spool, const char *file);
void clv_spool_clear(clv_spool *spool);

#endif
