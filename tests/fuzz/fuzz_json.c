/* SPDX-License-Identifier: MIT
 *
 * JSON: what is read can be written, and reading that again gives the same.
 */
#include "fuzz.h"

#include "formats/json.h"

static void write_value(clv_json_writer *w, const clv_json *v)
{
    switch (clv_json_kind(v)) {
    case CLV_JSON_NULL:
        clv_jw_null(w);
        break;
    case CLV_JSON_BOOL:
        clv_jw_bool(w, clv_json_bool(v, false));
        break;
    case CLV_JSON_NUMBER:
        clv_jw_number(w, clv_json_number(v, 0));
        break;
    case CLV_JSON_STRING:
        clv_jw_string(w, clv_json_string(v, NULL));
        break;
    case CLV_JSON_ARRAY:
        clv_jw_array(w);
        for (int i = 0; i < clv_json_count(v); i++)
            write_value(w, clv_json_at(v, i));
        clv_jw_end(w);
        break;
    case CLV_JSON_OBJECT:
        clv_jw_object(w);
        for (int i = 0; i < clv_json_count(v); i++) {
            clv_jw_key(w, clv_json_key_at(v, i));
            write_value(w, clv_json_at(v, i));
        }
        clv_jw_end(w);
        break;
    }
}

static void require_equal(const clv_json *a, const clv_json *b)
{
    clv_require(clv_json_kind(a) == clv_json_kind(b) && clv_json_count(a) == clv_json_count(b));
    clv_require(clv_json_number(a, 7) == clv_json_number(b, 7));
    clv_require(clv_json_bool(a, true) == clv_json_bool(b, true));
    clv_require(strcmp(clv_json_string(a, ""), clv_json_string(b, "")) == 0);
    int64_t n = clv_json_integer(a, -7);
    /* An integer beyond 2^53 loses digits as a double, and any may come back in another notation. */
    clv_require(n == -7 || n > (int64_t)1 << 53 || n < -((int64_t)1 << 53) || (double)n == clv_json_number(b, 0.5));
    for (int i = 0; i < clv_json_count(a); i++) {
        if (clv_json_kind(a) == CLV_JSON_OBJECT) {
            const char *key = clv_json_key_at(a, i);
            clv_require(clv_json_get(a, key) == clv_json_at(a, i));
            clv_require(clv_json_get(b, key) == clv_json_at(b, i));
        }
        require_equal(clv_json_at(a, i), clv_json_at(b, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[100];
    clv_json_writer w = {0};
    clv_json *first = clv_json_parse((const char *)data, size, error, sizeof error);

    if (!first) {
        clv_require(error[0]);
        return 0;
    }
    write_value(&w, first);
    char *text = clv_jw_take(&w);
    clv_require(text);
    clv_json *second = clv_json_parse(text, strlen(text), error, sizeof error);
    clv_require(second);
    require_equal(first, second);
    clv_json_free(second);
    clv_json_free(first);
    free(text);
    return 0;
}
