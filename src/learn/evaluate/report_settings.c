/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_settings.h"

#include <stdio.h>

#include "base/number.h"

enum { MOST_NAMES = 12 };

void clv_settings_begin(clv_page *p)
{
    static const char *const heads[] = {"setting", "value"};
    clv_page_heading(p, "Settings");
    clv_page_table(p, "What was measured, and how", heads, 2);
    clv_setting(p, "program", clv_version());
}

void clv_setting(clv_page *p, const char *name, const char *value)
{
    if (!value)
        return;
    clv_page_row(p, name);
    clv_page_cell(p, value);
    clv_page_row_end(p);
}

void clv_setting_number(clv_page *p, const char *name, double value)
{
    char text[CLV_NUMBER_SIZE];
    clv_number_format(value, text);
    clv_setting(p, name, text);
}

static void put_list(clv_page *p, const char *name, const char *const *list, int count)
{
    clv_page_row(p, name);
    clv_page_markup(p, "<td class=\"text\">");
    for (int i = 0; i < count && i < MOST_NAMES; i++) {
        clv_page_markup(p, i ? ", " : "");
        clv_page_text(p, list[i]);
    }
    if (count > MOST_NAMES)
        clv_page_format(p, " and %d more", count - MOST_NAMES);
    clv_page_markup(p, "</td>");
    clv_page_row_end(p);
}

void clv_setting_list(clv_page *p, const char *name, const char *const *list)
{
    int count = 0;
    while (list && list[count])
        count++;
    if (count)
        put_list(p, name, list, count);
}

void clv_settings_inputs(clv_page *p, const char *const *inputs, int count)
{
    put_list(p, "input", inputs, count);
}

void clv_settings_end(clv_page *p)
{
    clv_page_table_end(p);
}
