/* SPDX-License-Identifier: MIT */
#include "pipeline/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

typedef struct merge {
    clv_json_writer w;
    const double *weights;
    int count;
    char *(*rename)(const char *text, void *user);
    void *user;
    bool failed;
} merge;

static void merge_value(merge *m, const clv_json *const *values);

/* Shares of the strips' pixels; what is the same everywhere stays as it is. */
static void merge_number(merge *m, const clv_json *const *values)
{
    double first = clv_json_number(values[0], NAN), sum = 0, weight = 0;
    bool same = true;
    for (int i = 0; i < m->count; i++) {
        double v = clv_json_number(values[i], NAN);
        same = same && (v == first || (isnan(v) && isnan(first)));
        sum += isnan(v) ? 0 : v * m->weights[i];
        weight += isnan(v) ? 0 : m->weights[i];
    }
    clv_jw_number(&m->w, same ? first : round(sum / (weight > 0 ? weight : 1) * 1e4) / 1e4);
}

/* A date may have no file in some strips. Where two texts are no files, they must be the same: another network between
 * two parts of one picture would show. */
static void merge_text(merge *m, const clv_json *const *values)
{
    char *found = NULL;
    for (int i = 0; i < m->count; i++) {
        const char *text = clv_json_string(values[i], NULL);
        char *now = text ? m->rename(text, m->user) : NULL;
        if (found && now && strcmp(found, now) != 0)
            m->failed = true;
        if (!found)
            found = now;
        else
            free(now);
    }
    clv_jw_string(&m->w, found);
    free(found);
}

static void merge_members(merge *m, const clv_json *const *values, bool object)
{
    int members = clv_json_count(values[0]);
    const clv_json **inner = clv_alloc_array((size_t)m->count, 1, sizeof *inner);
    if (!inner) {
        m->failed = true;
        return;
    }
    if (object)
        clv_jw_object(&m->w);
    else
        clv_jw_array(&m->w);
    for (int k = 0; k < members; k++) {
        const char *key = object ? clv_json_key_at(values[0], k) : NULL;
        for (int i = 0; i < m->count; i++)
            inner[i] = object ? clv_json_get(values[i], key) : clv_json_at(values[i], k);
        if (object)
            clv_jw_key(&m->w, key);
        merge_value(m, inner);
    }
    clv_jw_end(&m->w);
    free(inner);
}

static void merge_value(merge *m, const clv_json *const *values)
{
    clv_json_type kind = CLV_JSON_NULL;
    for (int i = 0; i < m->count && kind == CLV_JSON_NULL; i++)
        kind = clv_json_kind(values[i]);
    switch (kind) {
    case CLV_JSON_OBJECT:
    case CLV_JSON_ARRAY:
        merge_members(m, values, kind == CLV_JSON_OBJECT);
        break;
    case CLV_JSON_NUMBER:
        merge_number(m, values);
        break;
    case CLV_JSON_STRING:
        merge_text(m, values);
        break;
    case CLV_JSON_BOOL:
        clv_jw_bool(&m->w, clv_json_bool(values[0], false));
        break;
    case CLV_JSON_NULL:
        clv_jw_null(&m->w);
        break;
    }
}

char *clv_parts_report(const clv_json *const *reports, const double *weights, int count,
                       char *(*rename)(const char *text, void *user), void *user)
{
    merge m = {.weights = weights, .count = count, .rename = rename, .user = user};
    merge_value(&m, reports);
    char *text = clv_jw_take(&m.w);
    if (!m.failed)
        return text;
    free(text);
    return NULL;
}
