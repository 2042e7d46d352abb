/* SPDX-License-Identifier: MIT
 *
 * report_remove: the page of `evaluate remove`: its JSON object as tables and charts, and pictures.
 *
 *     clv_page page = {0};
 *     status = clv_report_remove(ctx, inputs, count, options, &show, json, &page);
 *     ... page.text ...
 *     clv_page_free(&page);                    // also after a failure
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_REMOVE_H
#define CLV_LEARN_EVALUATE_REPORT_REMOVE_H

#include "learn/evaluate/gap_picture.h"
#include "learn/evaluate/report_page.h"

clv_status clv_report_remove(clv_context *ctx, const char *const *inputs, int count,
                             const clv_evaluate_remove_options *options, const clv_gap_show *show, const char *json,
                             clv_page *page);

#endif
