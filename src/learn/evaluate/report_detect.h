/* SPDX-License-Identifier: MIT
 *
 * report_detect: the page of `evaluate detect`: its JSON object as tables and charts, and pictures.
 *
 *     clv_page page = {0};
 *     status = clv_report_detect(ctx, inputs, count, options, &show, json, &page);
 *     ... page.text ...
 *     clv_page_free(&page);                    // also after a failure
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_DETECT_H
#define CLV_LEARN_EVALUATE_REPORT_DETECT_H

#include "learn/evaluate/detect_picture.h"
#include "learn/evaluate/report_page.h"

clv_status clv_report_detect(clv_context *ctx, const char *const *inputs, int count,
                             const clv_evaluate_detect_options *options, const clv_detect_show *show, const char *json,
                             clv_page *page);

#endif
