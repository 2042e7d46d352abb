/* SPDX-License-Identifier: MIT
 *
 * evaluate_grounds: the table of grounds: for every line of a list (ground_list.h) what stage 1, or the whole run, does
 * on it, and what is wanted of it. Pictures go through GDAL's memory and are opened as any user's; nothing reaches the
 * disk but temporary files.
 *
 * flagged, shadow and found count pixels as a user gets them, dilated. For F1, clear ground within two pixels of what
 * is labelled does not count, since dilation is meant to reach it.
 *
 *     status = clv_evaluate_grounds(ctx, options, &text);     // JSON; free()
 */
#ifndef CLV_LEARN_EVALUATE_EVALUATE_GROUNDS_H
#define CLV_LEARN_EVALUATE_EVALUATE_GROUNDS_H

#include "base/context.h"

/* options->grounds names the list, options->seed what is made. Lines whose files are missing are skipped and say so. */
clv_status clv_evaluate_grounds(clv_context *ctx, const clv_evaluate_detect_options *options, char **json);

#endif
