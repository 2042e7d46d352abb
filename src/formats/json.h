/* SPDX-License-Identifier: MIT
 *
 * json: a small bounded reader and a writer. Reader: strict RFC 8259, depth <= 64, duplicate keys are an error, input
 * up to CLV_JSON_MAX bytes and 4 million values, numbers kept as double and as text and within a double's range, no NUL
 * in strings (they are C strings). What is read belongs to the root. Writer: appends to a growing string, escapes,
 * writes doubles with the fewest digits that read back the same, independent of the locale; NaN and Inf become null.
 *
 *     clv_json *doc = clv_json_parse(text, length, error, sizeof error);
 *     const clv_json *shape = clv_json_get(clv_json_get(doc, "weights.a"), "shape");
 *     for (int i = 0; i < clv_json_count(shape); i++) n *= clv_json_number(clv_json_at(shape, i), -1);
 *     clv_json_free(doc);
 *
 *     clv_json_writer w = {0};
 *     clv_jw_object(&w); clv_jw_key(&w, "dates"); clv_jw_array(&w); ... clv_jw_end(&w); clv_jw_end(&w);
 *     char *text = clv_jw_take(&w);     // NULL when out of memory at any point; always call it, it empties the writer
 *
 * Any thread may use a document or a writer, one at a time; a finished document may be read by many.
 */
#ifndef CLV_FORMATS_JSON_H
#define CLV_FORMATS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_JSON_MAX ((size_t)100 * 1024 * 1024)

typedef struct clv_json clv_json;
typedef enum clv_json_type {
    CLV_JSON_NULL,
    CLV_JSON_BOOL,
    CLV_JSON_NUMBER,
    CLV_JSON_STRING,
    CLV_JSON_ARRAY,
    CLV_JSON_OBJECT
} clv_json_type;

clv_json *clv_json_parse(const char *text, size_t length, char *error, size_t error_size); /* NULL: see error */
void clv_json_free(clv_json *root);
/* All of these accept NULL and wrong types: NULL, 0, or the fallback. */
clv_json_type clv_json_kind(const clv_json *v);
int clv_json_count(const clv_json *v);                            /* elements or members */
const clv_json *clv_json_at(const clv_json *v, int index);        /* element, or member's value */
const char *clv_json_key_at(const clv_json *v, int index);        /* member's name */
const clv_json *clv_json_get(const clv_json *v, const char *key); /* member by name */
double clv_json_number(const clv_json *v, double fallback);
int64_t clv_json_integer(const clv_json *v, int64_t fallback); /* only if it is an integer that fits */
bool clv_json_bool(const clv_json *v, bool fallback);
const char *clv_json_string(const clv_json *v, const char *fallback);

typedef struct clv_json_writer {
    char *text;
    size_t length, capacity;
    char stack[64];
    int depth;
    bool comma, failed;
} clv_json_writer;

void clv_jw_object(clv_json_writer *w);
void clv_jw_array(clv_json_writer *w);
void clv_jw_end(clv_json_writer *w); /* closes the innermost object or array */
void clv_jw_key(clv_json_writer *w, const char *key);
void clv_jw_string(clv_json_writer *w, const char *value); /* NULL gives null; invalid UTF-8 is replaced */
void clv_jw_number(clv_json_writer *w, double value);
void clv_jw_integer(clv_json_writer *w, int64_t value);
void clv_jw_bool(clv_json_writer *w, bool value);
void clv_jw_null(clv_json_writer *w);
void clv_jw_raw(clv_json_writer *w, const char *json); /* a value that is JSON text already; NULL gives null */
/* A member: key and value. */
void clv_jw_put_string(clv_json_writer *w, const char *key, const char *value);
void clv_jw_put_number(clv_json_writer *w, const char *key, double value);
void clv_jw_put_integer(clv_json_writer *w, const char *key, int64_t value);
void clv_jw_put_bool(clv_json_writer *w, const char *key, bool value);
char *clv_jw_take(clv_json_writer *w); /* the text (free()), or NULL when memory was out or it is unbalanced */

#ifdef __cplusplus
}
#endif
#endif
