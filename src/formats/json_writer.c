/* SPDX-License-Identifier: MIT */
#include "formats/json.h"

#include "base/number.h"
#include "formats/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(clv_json_writer *w, const char *text, size_t length)
{
    if (w->failed)
        return;
    if (length >= w->capacity - w->length) {
        size_t capacity = w->capacity ? w->capacity : 256;
        while (capacity <= SIZE_MAX / 2 && length >= capacity - w->length)
            capacity *= 2;
        char *bigger = length < capacity - w->length ? realloc(w->text, capacity) : NULL;
        if (!bigger) {
            w->failed = true;
            return;
        }
        w->text = bigger;
        w->capacity = capacity;
    }
    memcpy(w->text + w->length, text, length);
    w->length += length;
    w->text[w->length] = 0;
}

/* A key ends in ':' and no value does, so this tells whether a key waits for its value. */
static bool key_waits(const clv_json_writer *w)
{
    return w->length > 0 && w->text[w->length - 1] == ':';
}

static bool in_object(const clv_json_writer *w)
{
    return w->depth > 0 && w->stack[w->depth - 1] == '{';
}

/* Called before every value: the comma, and whether a value may stand here at all. */
static void before_value(clv_json_writer *w)
{
    if (in_object(w) ? !key_waits(w) : w->depth == 0 && w->length > 0)
        w->failed = true;
    if (!in_object(w) && w->comma)
        put(w, ",", 1);
    w->comma = true;
}

static void put_quoted(clv_json_writer *w, const char *text)
{
    size_t left = strlen(text);
    uint32_t code;
    char escape[8];

    put(w, "\"", 1);
    while (left > 0) {
        int n = clv_utf8_decode(text, left, &code);
        if (n == 0) {
            put(w, "\xEF\xBF\xBD", 3);
            n = 1;
        } else if (code == '"' || code == '\\') {
            escape[0] = '\\';
            escape[1] = (char)code;
            put(w, escape, 2);
        } else if (code == '\n') {
            put(w, "\\n", 2);
        } else if (code < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)code);
            put(w, escape, 6);
        } else {
            put(w, text, (size_t)n);
        }
        text += n;
        left -= (size_t)n;
    }
    put(w, "\"", 1);
}

static void open_container(clv_json_writer *w, char kind)
{
    before_value(w);
    if (w->depth == (int)sizeof w->stack) {
        w->failed = true;
        return;
    }
    w->stack[w->depth++] = kind;
    w->comma = false;
    put(w, &kind, 1);
}

void clv_jw_object(clv_json_writer *w)
{
    open_container(w, '{');
}

void clv_jw_array(clv_json_writer *w)
{
    open_container(w, '[');
}

void clv_jw_end(clv_json_writer *w)
{
    if (w->depth == 0 || key_waits(w)) {
        w->failed = true;
        return;
    }
    put(w, w->stack[--w->depth] == '{' ? "}" : "]", 1);
    w->comma = true;
}

void clv_jw_key(clv_json_writer *w, const char *key)
{
    if (!in_object(w) || key_waits(w) || !key) {
        w->failed = true;
        return;
    }
    if (w->comma)
        put(w, ",", 1);
    put_quoted(w, key);
    put(w, ":", 1);
}

void clv_jw_string(clv_json_writer *w, const char *value)
{
    if (!value) {
        clv_jw_null(w);
        return;
    }
    before_value(w);
    put_quoted(w, value);
}

void clv_jw_number(clv_json_writer *w, double value)
{
    char text[CLV_NUMBER_SIZE];

    if (!isfinite(value)) {
        clv_jw_null(w);
        return;
    }
    before_value(w);
    clv_number_format(value, text);
    put(w, text, strlen(text));
}

void clv_jw_integer(clv_json_writer *w, int64_t value)
{
    char text[24];

    before_value(w);
    snprintf(text, sizeof text, "%" PRId64, value);
    put(w, text, strlen(text));
}

void clv_jw_bool(clv_json_writer *w, bool value)
{
    before_value(w);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void clv_jw_null(clv_json_writer *w)
{
    before_value(w);
    put(w, "null", 4);
}

void clv_jw_raw(clv_json_writer *w, const char *json)
{
    if (!json) {
        clv_jw_null(w);
        return;
    }
    before_value(w);
    put(w, json, strlen(json));
}

void clv_jw_put_string(clv_json_writer *w, const char *key, const char *value)
{
    clv_jw_key(w, key);
    clv_jw_string(w, value);
}

void clv_jw_put_number(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value);
}

void clv_jw_put_integer(clv_json_writer *w, const char *key, int64_t value)
{
    clv_jw_key(w, key);
    clv_jw_integer(w, value);
}

void clv_jw_put_bool(clv_json_writer *w, const char *key, bool value)
{
    clv_jw_key(w, key);
    clv_jw_bool(w, value);
}

char *clv_jw_take(clv_json_writer *w)
{
    char *text = w->text;

    if (w->failed || w->depth != 0 || w->length == 0) {
        free(text);
        text = NULL;
    }
    memset(w, 0, sizeof *w);
    return text;
}
