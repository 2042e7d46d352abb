/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_folder.h"

#include <string.h>

#include "output/new_folder.h"

static const char page_name[] = "index.html";

static bool is_page(const char *relative)
{
    return strcmp(relative, page_name) == 0;
}

clv_status clv_report_folder_check(clv_context *ctx, const char *path, bool overwrite)
{
    clv_new_folder *folder;
    clv_status status = clv_new_folder_begin(ctx, "-report", path, overwrite, is_page, &folder);
    clv_new_folder_free(folder);
    return status;
}

clv_status clv_report_folder_write(clv_context *ctx, const char *path, bool overwrite, const char *html, size_t length)
{
    clv_new_folder *folder;
    clv_status status = clv_new_folder_begin(ctx, "-report", path, overwrite, is_page, &folder);
    if (status == CLV_OK)
        status = clv_new_folder_write(folder, page_name, html, length);
    if (status == CLV_OK)
        status = clv_new_folder_place(folder);
    if (status == CLV_OK)
        clv_new_folder_keep(folder);
    clv_new_folder_free(folder);
    return status;
}
