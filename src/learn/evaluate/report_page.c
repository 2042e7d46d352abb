/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "formats/utf8.h"
#include "output/png.h"

/* Colours of the bars are far enough from both papers, and told apart by their labels too. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fdfdfb;--ink:#1d2126;--soft:#5a626b;--line:#d5d8dc;--band:#f1f2f0;"
    "--c0:#8a929b;--c1:#b07d2b;--c2:#6d8f3c;--c3:#a2589b;--c4:#2f7fb8;--c5:#c2502f;--c6:#1f9a82;--c7:#7a5cc4}"
    "@media(prefers-color-scheme:dark){:root{--paper:#16191d;--ink:#e6e8ea;--soft:#a4acb5;--line:#3a4048;"
    "--band:#20252b;--c0:#8d96a0;--c1:#d5a04a;--c2:#93b95c;--c3:#c983c2;--c4:#5aa7dc;--c5:#e57d5c;--c6:#45c2a9;--c7:#"
    "a48ae6}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.45 system-ui,sans-serif}"
    "h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 "
    ".4rem}p{max-width:46rem;color:var(--soft);margin:.4rem 0}"
    ".scroll{overflow-x:auto;margin:.6rem 0 1.2rem}"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:var(--soft);padding:.2rem 0 .4rem}"
    "th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}"
    "tbody th{text-align:left;font-weight:600}thead th:nth-child(-n+2){text-align:left}td.text{text-align:left;"
    "white-space:normal;overflow-wrap:anywhere}"
    "tbody tr:nth-child(even){background:var(--band)}"
    ".charts{columns:20rem auto;column-gap:1.5rem}.charts figure{break-inside:avoid;padding-bottom:1.5rem}"
    "figure{margin:0}figcaption{font-size:.85rem;color:var(--soft);padding:.2rem 0}"
    "svg{display:block;width:100%;max-width:30rem;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}"
    "svg .soft{fill:var(--soft)}svg .c0{fill:var(--c0)}svg .c1{fill:var(--c1)}svg .c2{fill:var(--c2)}"
    "svg .c3{fill:var(--c3)}svg .c4{fill:var(--c4)}svg .c5{fill:var(--c5)}svg .c6{fill:var(--c6)}svg "
    ".c7{fill:var(--c7)}"
    "svg line{stroke:var(--line)}"
    ".strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(30%,10rem),1fr));gap:.8rem}"
    ".strip img{display:block;width:100%;height:auto;image-rendering:pixelated;border:1px solid var(--line)}";

/* ---- Growing -------------------------------------------------------------------------------------- */

/* Room for so many more bytes and the 0 behind them; NULL when memory is out. */
static char *grow(clv_page *p, size_t more)
{
    if (p->failed)
        return NULL;
    if (more >= p->capacity - p->length) {
        size_t capacity = p->capacity ? p->capacity : 65536;
        while (capacity <= SIZE_MAX / 2 && more >= capacity - p->length)
            capacity *= 2;
        char *text = more < capacity - p->length ? realloc(p->text, capacity) : NULL;
        if (!text) {
            p->failed = true;
            return NULL;
        }
        p->text = text;
        p->capacity = capacity;
    }
    return p->text + p->length;
}

static void put(clv_page *p, const char *text, size_t length)
{
    char *to = grow(p, length);
    if (!to)
        return;
    memcpy(to, text, length);
    to[length] = '\0';
    p->length += length;
}

void clv_page_markup(clv_page *p, const char *markup)
{
    put(p, markup, strlen(markup));
}

void clv_page_format(clv_page *p, const char *format, ...)
{
    char text[2000];
    va_list args;
    va_start(args, format);
    const locale_t former = clv_locale_enter();
    const int n = vsnprintf(text, sizeof text, format, args);
    clv_locale_leave(former);
    va_end(args);
    if (n < 0 || n >= (int)sizeof text)
        p->failed = true;
    else
        put(p, text, (size_t)n);
}

/* Bytes that are no UTF-8 (file names may have some) and control characters become question marks. */
void clv_page_text(clv_page *p, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code;
        const int n = clv_utf8_decode(text, left, &code);
        const char *name = *text == '&'    ? "&amp;"
                           : *text == '<'  ? "&lt;"
                           : *text == '>'  ? "&gt;"
                           : *text == '"'  ? "&quot;"
                           : *text == '\'' ? "&#39;"
                                           : NULL;
        if (name)
            clv_page_markup(p, name);
        else if (n == 0 || code < 32 || code == 127)
            put(p, "?", 1);
        else
            put(p, text, (size_t)n);
        text += n ? n : 1;
        left -= (size_t)(n ? n : 1);
    }
}

void clv_page_free(clv_page *p)
{
    free(p->text);
    *p = (clv_page){0};
}

/* ---- Page and text -------------------------------------------------------------------------------- */

static void element(clv_page *p, const char *name, const char *text)
{
    clv_page_format(p, "<%s>", name);
    clv_page_text(p, text);
    clv_page_format(p, "</%s>\n", name);
}

void clv_page_begin(clv_page *p, const char *title)
{
    clv_page_markup(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    element(p, "title", title);
    clv_page_markup(p, "<style>");
    clv_page_markup(p, style);
    clv_page_markup(p, "</style>\n</head>\n<body>\n<main>\n");
    element(p, "h1", title);
}

clv_status clv_page_end(clv_context *ctx, clv_page *p)
{
    clv_page_markup(p, "</main>\n</body>\n</html>\n");
    return p->failed ? clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for the report") : CLV_OK;
}

void clv_page_heading(clv_page *p, const char *text)
{
    element(p, "h2", text);
}

void clv_page_subheading(clv_page *p, const char *text)
{
    element(p, "h3", text);
}

void clv_page_paragraph(clv_page *p, const char *text)
{
    element(p, "p", text);
}

/* ---- Tables --------------------------------------------------------------------------------------- */

void clv_page_table(clv_page *p, const char *caption, const char *const *heads, int count)
{
    clv_page_markup(p, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    clv_page_text(p, caption);
    clv_page_markup(p, "\">\n<table>\n");
    element(p, "caption", caption);
    clv_page_markup(p, "<thead><tr>");
    for (int i = 0; i < count; i++) {
        clv_page_markup(p, "<th scope=\"col\">");
        clv_page_text(p, heads[i]);
        clv_page_markup(p, "</th>");
    }
    clv_page_markup(p, "</tr></thead>\n<tbody>\n");
}

void clv_page_row(clv_page *p, const char *name)
{
    clv_page_markup(p, "<tr><th scope=\"row\">");
    clv_page_text(p, name);
    clv_page_markup(p, "</th>");
}

void clv_page_cell(clv_page *p, const char *text)
{
    clv_page_markup(p, "<td class=\"text\">");
    clv_page_text(p, text);
    clv_page_markup(p, "</td>");
}

void clv_page_number(clv_page *p, double value, int digits)
{
    if (isnan(value))
        clv_page_markup(p, "<td>\xe2\x80\x93</td>");
    else
        clv_page_format(p, "<td>%.*f</td>", digits, value);
}

void clv_page_row_end(clv_page *p)
{
    clv_page_markup(p, "</tr>\n");
}

void clv_page_table_end(clv_page *p)
{
    clv_page_markup(p, "</tbody>\n</table>\n</div>\n");
}

/* ---- Pictures ------------------------------------------------------------------------------------- */

static void put_base64(clv_page *p, const uint8_t *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t length = (size + 2) / 3 * 4;
    char *to = grow(p, length);
    if (!to)
        return;
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t three =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = left > 1 ? letters[three >> 6 & 63] : '=';
        *to++ = left > 2 ? letters[three & 63] : '=';
    }
    *to = '\0';
    p->length += length;
}

void clv_page_strip(clv_page *p)
{
    clv_page_markup(p, "<div class=\"strip\">\n");
}

clv_status clv_page_picture(clv_context *ctx, clv_page *p, const uint8_t *planes, int width, int height,
                            const char *alt, const char *caption)
{
    uint8_t *bytes;
    size_t size;
    clv_status status = clv_png_encode(ctx, planes, width, height, &bytes, &size);
    if (status != CLV_OK)
        return status;
    clv_page_format(p, "<figure><img width=\"%d\" height=\"%d\" alt=\"", width, height);
    clv_page_text(p, alt);
    clv_page_markup(p, "\" src=\"data:image/png;base64,");
    put_base64(p, bytes, size);
    clv_page_markup(p, "\"><figcaption>");
    clv_page_text(p, caption);
    clv_page_markup(p, "</figcaption></figure>\n");
    free(bytes);
    return CLV_OK;
}

void clv_page_strip_end(clv_page *p)
{
    clv_page_markup(p, "</div>\n");
}
