/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_folder.h"

#include <stdlib.h>
#include <string.h>

#include "output/new_folder.h"
#include "output/png.h"

static const char page_name[] = "index.html";

static bool is_page(const char *relative)
{
    return strcmp(relative, page_name) == 0;
}

clv_status clv_report_folder_check(clv_context *ctx, const clv_report *report)
{
    if (!report->path)
        return CLV_OK;
    clv_new_folder *folder;
    clv_status status = clv_new_folder_begin(ctx, "-report", report->path, report->overwrite, is_page, &folder);
    clv_new_folder_free(folder);
    return status == CLV_OK ? clv_png_check(ctx, "-report") : status;
}

static clv_status write_page(clv_context *ctx, const clv_report *report, const clv_page *page)
{
    clv_new_folder *folder;
    clv_status status = clv_new_folder_begin(ctx, "-report", report->path, report->overwrite, is_page, &folder);
    if (status == CLV_OK)
        status = clv_new_folder_write(folder, page_name, page->text, page->length);
    if (status == CLV_OK)
        status = clv_new_folder_place(folder);
    if (status == CLV_OK)
        clv_new_folder_keep(folder);
    clv_new_folder_free(folder);
    return status;
}

clv_status clv_report_finish(clv_context *ctx, const clv_report *report, char *text, char **json)
{
    clv_page page = {0};
    clv_progress_phase(ctx, 0, 1);
    clv_progress(ctx, 1);
    clv_status status = text ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && report->path)
        status = report->make(report->user, text, &page);
    if (status == CLV_OK && report->path)
        status = write_page(ctx, report, &page);
    clv_page_free(&page);
    if (status == CLV_OK && json)
        *json = text;
    else
        free(text);
    return status;
}
