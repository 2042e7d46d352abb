/* SPDX-License-Identifier: MIT
 *
 * report_folder: where a report goes: DIR/index.html, whole or not at all.
 *
 *     if ((status = clv_report_folder_check(ctx, "out", false)) != CLV_OK) return status;    // before the long work
 *     ...
 *     status = clv_report_folder_write(ctx, "out", false, html, length);
 *
 * See output/new_folder.h: a folder that is not there appears with its page; with overwrite the page of a folder that
 * exists is replaced, and whatever else lies there stays. One thread at a time.
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_FOLDER_H
#define CLV_LEARN_EVALUATE_REPORT_FOLDER_H

#include "base/context.h"

/* CLV_ERROR_EXISTS: the folder exists and overwrite is false; CLV_ERROR_WRITE: it cannot be made or written into. */
clv_status clv_report_folder_check(clv_context *ctx, const char *path, bool overwrite);
clv_status clv_report_folder_write(clv_context *ctx, const char *path, bool overwrite, const char *html, size_t length);

#endif
