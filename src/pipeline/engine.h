/* SPDX-License-Identifier: MIT
 *
 * engine: finds and loads the network module on first use, and opens models by name.
 *
 * Module: CLEARVISION_NET (environment), beside the running library or program, then the install folder.
 * Models: a name without a slash is looked for as NAME.safetensors in CLEARVISION_MODEL_PATH (list with ':'), then in
 * share/clearvision/models beside the program's folder, then of the install folder; anything else is a file.
 */
#ifndef CLV_PIPELINE_ENGINE_H
#define CLV_PIPELINE_ENGINE_H

#include "base/context.h"
#include "net/net.h"

/* Folder of the program or shared library this code is in, without a trailing slash; free(); NULL: not known. */
char *clv_program_folder(void);
/* The folder share/clearvision/NAME beside that folder; free(); NULL: there is none. In a build tree a link to the
 * source's. */
char *clv_shared_folder(const char *name);
/* The module of this file for dlsym(), or NULL and dlerror(). Here, so that all load it with the same flags. */
void *clv_engine_load(const char *path);
/* The module's table; CLV_ERROR_UNSUPPORTED with what to do when the build has none or it cannot be loaded. */
clv_status clv_engine_api(clv_context *ctx, const clv_net_api **api);
/* Path of a model; free(). CLV_ERROR_MODEL naming the places looked at when there is none. */
clv_status clv_engine_find_model(clv_context *ctx, const char *name, char **path);
/* SHA-256 of a model's file, without opening it. sha256: 65 bytes. */
clv_status clv_engine_model_sha256(clv_context *ctx, const char *name, char *sha256);
/* Opens a model by name or file; checks that it is of the wanted kind. sha256: 65 bytes or NULL. */
clv_status clv_engine_open(clv_context *ctx, const char *name, clv_net_kind kind, const clv_compute_options *compute,
                           clv_net **net, clv_net_info *info, char *sha256);

#endif
