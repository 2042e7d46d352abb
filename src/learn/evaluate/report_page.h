/* SPDX-License-Identifier: MIT
 *
 * report_page: one self-contained HTML page in memory: headings, tables, pictures. It loads nothing: style, charts and
 * pictures are in it.
 *
 *     clv_page page = {0};
 *     clv_page_begin(&page, "Filled gaps");
 *     clv_page_heading(&page, "All sequences");
 *     clv_page_table(&page, "Figures by method", heads, 3);
 *     clv_page_row(&page, "linear"); clv_page_number(&page, 33.25, 2); ... clv_page_row_end(&page);
 *     clv_page_table_end(&page);
 *     status = clv_page_end(ctx, &page);
 *     if (page.failed) ... out of memory ...
 *     clv_page_free(&page);
 *
 * Text is escaped unless a function says that it takes markup. The page owns its memory. One thread at a time.
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_PAGE_H
#define CLV_LEARN_EVALUATE_REPORT_PAGE_H

#include "base/context.h"

typedef struct clv_page {
    char *text;
    size_t length, capacity;
    bool failed; /* out of memory; what follows does nothing */
} clv_page;

void clv_page_begin(clv_page *page, const char *title);
/* Ends the page; CLV_ERROR_MEMORY when any of it could not be held. */
clv_status clv_page_end(clv_context *ctx, clv_page *page);
void clv_page_free(clv_page *page);

void clv_page_markup(clv_page *page, const char *markup);
/* printf with a decimal point in any locale; the result is markup. */
void clv_page_format(clv_page *page, const char *format, ...) CLV_PRINTF(2, 3);
void clv_page_text(clv_page *page, const char *text);
void clv_page_heading(clv_page *page, const char *text); /* of a section */
void clv_page_subheading(clv_page *page, const char *text);
void clv_page_paragraph(clv_page *page, const char *text);

/* A table with a caption; heads [count]. */
void clv_page_table(clv_page *page, const char *caption, const char *const *heads, int count);
void clv_page_row(clv_page *page, const char *name); /* the row's heading is its first cell */
void clv_page_cell(clv_page *page, const char *text);
void clv_page_number(clv_page *page, double value, int digits); /* a dash for NaN */
void clv_page_row_end(clv_page *page);
void clv_page_table_end(clv_page *page);

/* Pictures stand side by side in a strip. planes [3, height, width] red, green, blue; alt: what can be seen. */
void clv_page_strip(clv_page *page);
clv_status clv_page_picture(clv_context *ctx, clv_page *page, const uint8_t *planes, int width, int height,
                            const char *alt, const char *caption);
void clv_page_strip_end(clv_page *page);

#endif
