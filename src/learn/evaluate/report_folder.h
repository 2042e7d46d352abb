/* SPDX-License-Identifier: MIT
 *
 * report_folder: where a report goes: DIR/index.html, whole or not at all.
 *
 *     clv_report report = {.path = "out", .make = make_page, .user = &evaluation};
 *     if ((status = clv_report_folder_check(ctx, &report)) != CLV_OK) return status;    // before the long work
 *     ...
 *     status = clv_report_finish(ctx, &report, text, json);
 *
 * See output/new_folder.h: a folder that is not there appears with its page; with overwrite the page of a folder that
 * exists is replaced, and whatever else lies there stays. One thread at a time.
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_FOLDER_H
#define CLV_LEARN_EVALUATE_REPORT_FOLDER_H

#include "base/context.h"
#include "learn/evaluate/report_page.h"

typedef struct clv_report {
    const char *path; /* of the folder; NULL: no page is wanted */
    bool overwrite;
    /* Makes the page from the evaluation's result as JSON; it is freed by the caller, also after a failure. */
    clv_status (*make)(void *user, const char *json, clv_page *page);
    void *user;
} clv_report;

/* CLV_ERROR_EXISTS: the folder exists and overwrite is false; CLV_ERROR_WRITE: it cannot be made or written into;
 * CLV_ERROR_UNSUPPORTED: GDAL writes no PNG. CLV_OK when no page is wanted. */
clv_status clv_report_folder_check(clv_context *ctx, const clv_report *report);

/* The end of an evaluation: completes the progress, writes the page, and hands the result over: text (malloc'ed, taken
 * over; NULL is CLV_ERROR_MEMORY) becomes *json, or is freed when json is NULL or something fails. */
clv_status clv_report_finish(clv_context *ctx, const clv_report *report, char *text, char **json);

#endif
