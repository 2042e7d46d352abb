/* SPDX-License-Identifier: MIT */
#include "formats/json.h"

#include "base/number.h"
#include "formats/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
/* A value needs two bytes of input but 32 of memory: the cap keeps hostile input from turning 100 MB into gigabytes. */
#define MAX_VALUES ((size_t)4 * 1024 * 1024)
#define MAX_NUMBER_LENGTH 1000

struct clv_json {
    clv_json_type type;
    int count;       /* elements or members */
    const char *key; /* of a member; in the document's text */
    union {
        const char *text; /* string, or number as it was written */
        clv_json *items;  /* elements or members, owned */
    } a;
    union {
        double number;
        bool truth;
        const clv_json **sorted; /* an object's members by key, owned */
    } b;
};

/* What clv_json_parse hands out is the root, the first member. */
typedef struct document {
    clv_json root;
    char *text; /* all strings and numbers, each with its terminator */
} document;

typedef struct parser {
    const char *start, *p, *end;
    char *out;       /* free part of the document's text; decoded text is never longer than its source */
    clv_json *stack; /* finished values whose container is still open */
    size_t stacked, capacity;
    size_t values;
    int depth;
    char *error;
    size_t error_size;
} parser;

static bool parse_value(parser *s, clv_json *out);

/* ---- Small things ------------------------------------------------------------------------------ */

static bool fail(parser *s, const char *what)
{
    if (s->error && s->error_size)
        snprintf(s->error, s->error_size, "byte %zu: %s", (size_t)(s->p - s->start), what);
    return false;
}

static void skip_space(parser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

/* The next character after white space, 0 at the end of the input. A NUL in the input is no token either. */
static char peek(parser *s)
{
    skip_space(s);
    return s->p < s->end ? *s->p : 0;
}

static bool is_digit(const parser *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static void free_content(clv_json *v)
{
    if (v->type != CLV_JSON_ARRAY && v->type != CLV_JSON_OBJECT)
        return;
    for (int i = 0; i < v->count; i++)
        free_content(&v->a.items[i]);
    free(v->a.items);
    if (v->type == CLV_JSON_OBJECT)
        free((void *)v->b.sorted);
}

static bool push(parser *s, const clv_json *v)
{
    if (s->stacked == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 64;
        clv_json *stack = realloc(s->stack, capacity * sizeof *stack);
        if (!stack)
            return fail(s, "out of memory");
        s->stack = stack;
        s->capacity = capacity;
    }
    s->stack[s->stacked++] = *v;
    return true;
}

/* ---- Strings ----------------------------------------------------------------------------------- */

static bool parse_hex4(parser *s, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, s->p++) {
        char c = s->p < s->end ? *s->p : 0;
        if (c >= '0' && c <= '9')
            *code = *code << 4 | (uint32_t)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            *code = *code << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return fail(s, "\\u needs four hexadecimal digits");
    }
    return true;
}

/* After "\u": one character, from a pair of surrogates where needed. */
static bool parse_unicode(parser *s)
{
    uint32_t code, low;

    if (!parse_hex4(s, &code))
        return false;
    if (code >= 0xDC00 && code <= 0xDFFF)
        return fail(s, "lone surrogate");
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
            return fail(s, "lone surrogate");
        s->p += 2;
        if (!parse_hex4(s, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(s, "lone surrogate");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code == 0)
        return fail(s, "NUL in a string"); /* would cut a C string short, and so make two keys look alike */
    s->out += clv_utf8_encode(code, s->out);
    return true;
}

static bool parse_escape(parser *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = s->p < s->end ? *s->p : 0;

    if (c == 'u') {
        s->p++;
        return parse_unicode(s);
    }
    const char *at = c ? strchr(from, c) : NULL;
    if (!at)
        return fail(s, "unknown escape");
    *s->out++ = to[at - from];
    s->p++;
    return true;
}

static bool parse_string(parser *s, const char **out)
{
    uint32_t code;

    *out = s->out;
    s->p++;
    while (s->p < s->end && *s->p != '"') {
        if (*s->p == '\\') {
            s->p++;
            if (!parse_escape(s))
                return false;
            continue;
        }
        int n = clv_utf8_decode(s->p, (size_t)(s->end - s->p), &code);
        if (n == 0)
            return fail(s, "invalid UTF-8");
        if (code < 0x20)
            return fail(s, "control character in a string");
        memcpy(s->out, s->p, (size_t)n);
        s->out += n;
        s->p += n;
    }
    if (s->p == s->end)
        return fail(s, "unfinished string");
    s->p++;
    *s->out++ = 0;
    return true;
}

/* ---- Numbers and words ------------------------------------------------------------------------- */

static bool skip_digits(parser *s)
{
    if (!is_digit(s))
        return fail(s, "digit expected");
    while (is_digit(s))
        s->p++;
    return true;
}

static bool parse_number(parser *s, clv_json *out)
{
    const char *start = s->p;

    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!skip_digits(s))
        return false;
    if (is_digit(s))
        return fail(s, "number with leading zero");
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!skip_digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        if (!skip_digits(s))
            return false;
    }
    size_t length = (size_t)(s->p - start);
    if (length > MAX_NUMBER_LENGTH)
        return fail(s, "number too long");
    memcpy(s->out, start, length);
    s->out[length] = 0;
    out->type = CLV_JSON_NUMBER;
    out->a.text = s->out;
    s->out += length + 1;
    if (!clv_number_parse(out->a.text, &out->b.number) || !isfinite(out->b.number))
        return fail(s, "number out of range");
    return true;
}

static bool parse_word(parser *s, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(s->end - s->p) < length || memcmp(s->p, word, length) != 0)
        return fail(s, "value expected");
    s->p += length;
    return true;
}

/* ---- Containers -------------------------------------------------------------------------------- */

/* Moves the values stacked since `base` into out, which becomes their container. */
static bool close_container(parser *s, clv_json *out, clv_json_type type, size_t base)
{
    size_t count = s->stacked - base;

    out->type = type;
    out->count = 0;
    out->a.items = NULL;
    out->b.sorted = NULL;
    if (count == 0)
        return true;
    clv_json *items = malloc(count * sizeof *items);
    if (!items)
        return fail(s, "out of memory");
    memcpy(items, s->stack + base, count * sizeof *items);
    s->stacked = base;
    out->a.items = items;
    out->count = (int)count;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(const clv_json *const *)a)->key, (*(const clv_json *const *)b)->key);
}

/* Members by key: for looking up, and so that duplicates lie side by side. */
static bool sort_members(parser *s, clv_json *object)
{
    if (object->count == 0)
        return true;
    const clv_json **sorted = malloc((size_t)object->count * sizeof *sorted);
    if (!sorted)
        return fail(s, "out of memory");
    object->b.sorted = sorted;
    for (int i = 0; i < object->count; i++)
        sorted[i] = &object->a.items[i];
    qsort((void *)sorted, (size_t)object->count, sizeof *sorted, compare_keys);
    for (int i = 1; i < object->count; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            return fail(s, "object with a duplicate key");
    return true;
}

static bool parse_item(parser *s, clv_json_type type)
{
    const char *key = NULL;
    clv_json item;

    if (type == CLV_JSON_OBJECT) {
        if (peek(s) != '"')
            return fail(s, "key expected");
        if (!parse_string(s, &key))
            return false;
        if (peek(s) != ':')
            return fail(s, "':' expected");
        s->p++;
    }
    if (!parse_value(s, &item))
        return false;
    item.key = key;
    if (!push(s, &item)) {
        free_content(&item);
        return false;
    }
    return true;
}

static bool parse_container(parser *s, clv_json *out, clv_json_type type, char close)
{
    size_t base = s->stacked;

    s->p++;
    if (++s->depth > MAX_DEPTH)
        return fail(s, "nested too deeply");
    if (peek(s) != close) {
        do {
            if (!parse_item(s, type))
                return false;
        } while (peek(s) == ',' && s->p++);
    }
    if (peek(s) != close)
        return fail(s, type == CLV_JSON_ARRAY ? "',' or ']' expected" : "',' or '}' expected");
    s->p++;
    s->depth--;
    if (!close_container(s, out, type, base))
        return false;
    if (type == CLV_JSON_OBJECT && !sort_members(s, out)) {
        free_content(out);
        return false;
    }
    return true;
}

/* On failure *out owns nothing; what is finished lies on the stack. */
static bool parse_value(parser *s, clv_json *out)
{
    memset(out, 0, sizeof *out);
    if (++s->values > MAX_VALUES)
        return fail(s, "too many values");
    switch (peek(s)) {
    case '{':
        return parse_container(s, out, CLV_JSON_OBJECT, '}');
    case '[':
        return parse_container(s, out, CLV_JSON_ARRAY, ']');
    case '"':
        out->type = CLV_JSON_STRING;
        return parse_string(s, &out->a.text);
    case 't':
        out->type = CLV_JSON_BOOL;
        out->b.truth = true;
        return parse_word(s, "true");
    case 'f':
        out->type = CLV_JSON_BOOL;
        return parse_word(s, "false");
    case 'n':
        return parse_word(s, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return parse_number(s, out);
    default:
        return fail(s, "value expected");
    }
}

clv_json *clv_json_parse(const char *text, size_t length, char *error, size_t error_size)
{
    parser s = {.start = text, .p = text, .end = text + length, .error = error, .error_size = error_size};
    document *doc = NULL;

    if (error && error_size)
        error[0] = 0;
    if (length > CLV_JSON_MAX) {
        fail(&s, "JSON of more than 100 MB");
        return NULL;
    }
    doc = calloc(1, sizeof *doc);
    if (!doc || !(doc->text = malloc(length + 1))) {
        fail(&s, "out of memory");
        goto failed;
    }
    s.out = doc->text;
    if (!parse_value(&s, &doc->root))
        goto failed;
    if (peek(&s) || s.p < s.end) {
        fail(&s, "text after the value");
        free_content(&doc->root);
        goto failed;
    }
    free(s.stack);
    return &doc->root;

failed:
    for (size_t i = 0; i < s.stacked; i++)
        free_content(&s.stack[i]);
    free(s.stack);
    if (doc)
        free(doc->text);
    free(doc);
    return NULL;
}

void clv_json_free(clv_json *root)
{
    document *doc = (document *)root;

    if (!doc)
        return;
    free_content(&doc->root);
    free(doc->text);
    free(doc);
}

/* ---- Access ------------------------------------------------------------------------------------ */

clv_json_type clv_json_kind(const clv_json *v)
{
    return v ? v->type : CLV_JSON_NULL;
}

int clv_json_count(const clv_json *v)
{
    return v && (v->type == CLV_JSON_ARRAY || v->type == CLV_JSON_OBJECT) ? v->count : 0;
}

const clv_json *clv_json_at(const clv_json *v, int index)
{
    return index >= 0 && index < clv_json_count(v) ? &v->a.items[index] : NULL;
}

const char *clv_json_key_at(const clv_json *v, int index)
{
    const clv_json *item = clv_json_at(v, index);
    return item ? item->key : NULL;
}

const clv_json *clv_json_get(const clv_json *v, const char *key)
{
    if (!v || v->type != CLV_JSON_OBJECT || !key)
        return NULL;
    for (int low = 0, high = v->count; low < high;) {
        int middle = low + (high - low) / 2;
        int order = strcmp(key, v->b.sorted[middle]->key);
        if (order == 0)
            return v->b.sorted[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

double clv_json_number(const clv_json *v, double fallback)
{
    return v && v->type == CLV_JSON_NUMBER ? v->b.number : fallback;
}

int64_t clv_json_integer(const clv_json *v, int64_t fallback)
{
    char *end;

    if (!v || v->type != CLV_JSON_NUMBER)
        return fallback;
    errno = 0;
    long long n = strtoll(v->a.text, &end, 10);
    return *end || errno ? fallback : (int64_t)n;
}

bool clv_json_bool(const clv_json *v, bool fallback)
{
    return v && v->type == CLV_JSON_BOOL ? v->b.truth : fallback;
}

const char *clv_json_string(const clv_json *v, const char *fallback)
{
    return v && v->type == CLV_JSON_STRING ? v->a.text : fallback;
}
