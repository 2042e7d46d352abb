/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lengths in the picture's own units, which are pixels on a narrow phone. */
enum { WIDTH = 340, LABEL = 78, VALUE = 62, BAR = 14, STEP = 19, TITLE = 20, GAP = 8, LONGEST = 50 };

static double largest(const clv_bar_group *groups, int count)
{
    double most = 0;
    for (int g = 0; g < count; g++)
        for (int i = 0; i < groups[g].count; i++)
            if (isfinite(groups[g].bars[i].value))
                most = fmax(most, groups[g].bars[i].value);
    return most > 0 ? most : 1;
}

static int height_of(const clv_bar_group *groups, int count)
{
    int height = 0;
    for (int g = 0; g < count; g++)
        height += (groups[g].title ? TITLE : 0) + groups[g].count * STEP + GAP;
    return height;
}

static void put_value(clv_page *p, double value, const char *unit, int digits)
{
    if (!isfinite(value)) {
        clv_page_markup(p, "\xe2\x80\x93");
        return;
    }
    clv_page_format(p, "%.*f", digits, value);
    if (*unit) {
        clv_page_markup(p, " ");
        clv_page_text(p, unit);
    }
}

/* What a reader who cannot see the chart is told. */
static void put_description(clv_page *p, const char *caption, const char *unit, int digits, const clv_bar_group *groups,
                            int count)
{
    clv_page_markup(p, "<title>");
    clv_page_text(p, caption);
    clv_page_markup(p, "</title><desc>");
    for (int g = 0; g < count; g++) {
        if (groups[g].title) {
            clv_page_text(p, groups[g].title);
            clv_page_markup(p, ": ");
        }
        for (int i = 0; i < groups[g].count; i++) {
            clv_page_markup(p, i ? ", " : "");
            clv_page_text(p, groups[g].bars[i].label);
            clv_page_markup(p, " ");
            put_value(p, groups[g].bars[i].value, unit, digits);
        }
        clv_page_markup(p, ". ");
    }
    clv_page_markup(p, "</desc>\n");
}

/* Long names lose their middle: cubes differ at the end, dates at the start. */
static void put_title(clv_page *p, const char *title, int y)
{
    const size_t length = strlen(title);
    size_t head = length, tail = length;
    if (length > LONGEST) {
        head = LONGEST / 2;
        tail = length - LONGEST / 2;
        while (head > 0 && ((unsigned char)title[head] & 0xC0) == 0x80) /* between characters */
            head--;
        while (tail < length && ((unsigned char)title[tail] & 0xC0) == 0x80)
            tail++;
    }
    char start[LONGEST + 1];
    snprintf(start, sizeof start, "%.*s", (int)head, title);
    clv_page_format(p, "<text class=\"soft\" x=\"0\" y=\"%d\">", y);
    clv_page_text(p, start);
    clv_page_markup(p, tail < length ? "\xe2\x80\xa6" : "");
    clv_page_text(p, title + tail);
    clv_page_markup(p, "</text>\n");
}

static void put_bar(clv_page *p, const clv_bar *bar, int y, double most, const char *unit, int digits)
{
    const double room = WIDTH - LABEL - VALUE;
    const double length = bar->value > 0 && isfinite(bar->value) ? room * bar->value / most : 0;
    clv_page_format(p, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL - 6, y + BAR - 3);
    clv_page_text(p, bar->label);
    clv_page_format(p, "</text><rect class=\"c%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"></rect>", bar->color,
                    LABEL, y, length, BAR);
    clv_page_format(p, "<text x=\"%.1f\" y=\"%d\">", LABEL + length + 5, y + BAR - 3);
    put_value(p, bar->value, unit, digits);
    clv_page_markup(p, "</text>\n");
}

void clv_chart_bars(clv_page *p, const char *caption, const char *unit, int digits, const clv_bar_group *groups,
                    int count)
{
    const double most = largest(groups, count);
    const int height = height_of(groups, count);
    int y = 0;
    clv_page_markup(p, "<figure><figcaption>");
    clv_page_text(p, caption);
    clv_page_markup(p, "</figcaption>\n");
    clv_page_format(p, "<svg role=\"img\" viewBox=\"0 0 %d %d\">\n", WIDTH, height);
    put_description(p, caption, unit, digits, groups, count);
    for (int g = 0; g < count; g++) {
        if (groups[g].title) {
            put_title(p, groups[g].title, y + TITLE - 7);
            y += TITLE;
        }
        clv_page_format(p, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"></line>\n", LABEL, LABEL, y - 2,
                        y + groups[g].count * STEP - 2);
        for (int i = 0; i < groups[g].count; i++, y += STEP)
            put_bar(p, &groups[g].bars[i], y, most, unit, digits);
        y += GAP;
    }
    clv_page_markup(p, "</svg></figure>\n");
}
