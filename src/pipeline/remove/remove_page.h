/* SPDX-License-Identifier: MIT
 *
 * remove_page: the report of `remove`: a folder with the viewer (src/web), its data and its pictures.
 *
 *     clv_remove_page_begin(&page);       // names are checked before any work
 *     ... compose fills page.pictures ...
 *     clv_remove_page_write(&page);       // outputs are prepared, not yet published: sizes are known
 *     clv_outputs_publish(set);           // the page gets its name with them
 *     clv_remove_page_keep(&page);        // it stays
 *     clv_remove_page_free(&page);        // else it is undone
 *
 * The caller owns what the members point to. One thread at a time.
 */
#ifndef CLV_PIPELINE_REMOVE_REMOVE_PAGE_H
#define CLV_PIPELINE_REMOVE_REMOVE_PAGE_H

#include "output/new_folder.h"
#include "pipeline/compose.h"
#include "pipeline/stage1.h"
#include "pipeline/viewer_json.h"

/* Places of one date's outputs in the set; -1: not written. */
typedef struct clv_page_outputs {
    int image, mask, quality;
} clv_page_outputs;

typedef struct clv_remove_page {
    clv_context *ctx;
    clv_outputs *set;
    clv_series *series;
    const clv_remove_options *options;
    const char *const *inputs; /* as they were named */
    int input_count;
    /* What the run says of itself, for clv_remove_page_write(). */
    const clv_stage1 *stage1;
    const clv_compose_date *counts;
    const clv_page_outputs *outputs; /* [dates] */
    const char *method, *model_sha256;
    /* Made by begin. */
    clv_new_folder *folder;
    clv_pictures *pictures;
} clv_remove_page;

/* Does nothing when options->report is NULL. Call it when all outputs have their names. */
clv_status clv_remove_page_begin(clv_remove_page *page);
/* Pictures need scratch space; call it when the long work begins. */
clv_status clv_remove_page_collect(clv_remove_page *page);
/* Reports progress in [0, 1] of the current phase. */
clv_status clv_remove_page_write(clv_remove_page *page);
void clv_remove_page_keep(clv_remove_page *page);
void clv_remove_page_free(clv_remove_page *page);

#endif
