/* SPDX-License-Identifier: MIT */
#include "base/input_files.h"

#include <stdlib.h>

#include "base/file_set.h"

void clv_input_files_add(clv_context *ctx, const char *name)
{
    /* A VRT's text or a view's request as a name are no files; what they name is added by itself. */
    if (ctx && name && *name && *name != '<' && *name != '{')
        clv_file_set_add(clv_context_input_files(ctx), name);
}

clv_status clv_input_files_spare(clv_context *ctx, const char *path)
{
    char *name = NULL;
    clv_status status = CLV_OK;
    const clv_file_found found = ctx ? clv_file_set_find(clv_context_input_files(ctx), path, &name) : CLV_FILE_NONE;
    if (found == CLV_FILE_UNSURE)
        status = clv_fail_memory(ctx);
    else if (found == CLV_FILE_FOUND)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: is also an input (%s); write somewhere else", path, name);
    free(name);
    return status;
}

bool clv_input_files_has(clv_context *ctx, const char *path)
{
    return ctx && clv_file_set_find(clv_context_input_files(ctx), path, NULL) != CLV_FILE_NONE;
}

void clv_input_files_each(clv_context *ctx, bool (*visit)(const char *name, void *user), void *user)
{
    if (ctx)
        clv_file_set_each(clv_context_input_files(ctx), visit, user);
}

void clv_input_files_keep(clv_context *ctx, bool keep)
{
    if (ctx)
        clv_file_set_keep(clv_context_input_files(ctx), keep);
}
