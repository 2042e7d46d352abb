/* SPDX-License-Identifier: MIT
 *
 * report_chart: bar charts for a report's page, as SVG inside it: horizontal bars from zero, in groups, each with its
 * label and value, so that colour says nothing that text does not.
 *
 *     clv_page_markup(&page, "<div class=\"charts\">");
 *     const clv_bar bars[] = {{"linear", 33.2, 4}, {"regression", 37.9, 5}};
 *     const clv_bar_group group = {NULL, bars, 2};
 *     clv_chart_bars(&page, "PSNR in gaps", "dB", 2, &group, 1);
 *     clv_page_markup(&page, "</div>");
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_CHART_H
#define CLV_LEARN_EVALUATE_REPORT_CHART_H

#include "learn/evaluate/report_page.h"

enum { CLV_CHART_COLORS = 8 };

typedef struct clv_bar {
    const char *label;
    double value; /* NaN: a dash */
    int color;    /* 0 .. CLV_CHART_COLORS - 1 */
} clv_bar;

typedef struct clv_bar_group {
    const char *title; /* NULL: none */
    const clv_bar *bars;
    int count;
} clv_bar_group;

/* digits: behind the decimal point. unit: "" for none. */
void clv_chart_bars(clv_page *page, const char *caption, const char *unit, int digits, const clv_bar_group *groups,
                    int count);

#endif
