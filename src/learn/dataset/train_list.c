/* SPDX-License-Identifier: MIT */
#include "learn/dataset/train_list.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>

#include "base/alloc.h"
#include "formats/safetensors.h"
#include "learn/dataset/list_words.h"

#define MAX_LIST_BYTES ((size_t)4 * 1024 * 1024)

/* ---- Growing lists of strings ------------------------------------------------------------------ */

static clv_status push(clv_context *ctx, char ***list, int *count, const char *text)
{
    char **grown = realloc(*list, ((size_t)*count + 1) * sizeof *grown);
    if (!grown)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while reading a training list");
    *list = grown;
    grown[*count] = clv_strdup(text);
    if (!grown[*count])
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while reading a training list");
    ++*count;
    return CLV_OK;
}

static void free_strings(char **list, int count)
{
    for (int i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

static void item_clear(clv_train_item *item)
{
    free_strings(item->paths, item->path_count);
    free_strings(item->label_paths, item->label_count);
    free(item->use);
    free(item->place);
    free(item->licence);
}

void clv_train_list_free(clv_train_list *list)
{
    if (!list)
        return;
    for (int i = 0; i < list->count; i++)
        item_clear(&list->items[i]);
    free(list->items);
    free(list->name);
    free(list->folder);
    free(list);
}

/* ---- One line ---------------------------------------------------------------------------------- */

static bool parse_number(const char *text, double low, double high, double *out)
{
    char *end = NULL;
    double v = CPLStrtod(text, &end);
    if (end == text || *end || !(v >= low && v <= high))
        return false;
    *out = v;
    return true;
}

static bool valid_use(const char *text)
{
    for (const char *p = text;; p++) {
        if (strspn(p, "0123456789") != 8)
            return false;
        p += 8;
        if (*p == '\0')
            return true;
        if (*p != ',')
            return false;
    }
}

static const char *const kind_names[] = {"series", "labels", "clear", "pair", "cube", "shapes"};

typedef struct place_of_error {
    clv_context *ctx;
    const char *name;
    int line;
} place_of_error;

static clv_status set_labels(const place_of_error *at, clv_train_item *item, const char *key, const char *value)
{
    if (item->source != CLV_LABELS_NONE)
        return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: give one of scl=, mask=, classes=, labels=, not several",
                        at->name, at->line);
    if (strcmp(key, "labels") == 0) {
        if (strcmp(value, "clear") == 0)
            item->source = CLV_LABELS_CLEAR;
        else if (strcmp(value, "difference") == 0)
            item->source = CLV_LABELS_DIFFERENCE;
        else if (strcmp(value, "network") == 0)
            item->source = CLV_LABELS_NETWORK;
        else
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: labels=%s: must be clear or difference, or network",
                            at->name, at->line, value);
        return CLV_OK;
    }
    item->source = strcmp(key, "scl") == 0       ? CLV_LABELS_SCL
                   : strcmp(key, "classes") == 0 ? CLV_LABELS_CLASSES
                                                 : CLV_LABELS_MASK;
    return push(at->ctx, &item->label_paths, &item->label_count, value);
}

static clv_status set_number(const place_of_error *at, clv_train_item *item, const char *key, const char *value)
{
    bool ok;
    if (strcmp(key, "tr") == 0)
        ok = parse_number(value, 1, 1000, &item->tr);
    else if (strcmp(key, "pixel") == 0)
        ok = parse_number(value, 1, 1000, &item->pixel);
    else if (strcmp(key, "weight") == 0)
        ok = parse_number(value, 0, 1e6, &item->weight);
    else if (strcmp(key, "scale") == 0)
        ok = parse_number(value, 1e-9, 1e6, &item->scale);
    else
        ok = parse_number(value, -10, 10, &item->offset);
    if (!ok)
        return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: %s=%s: not a number in its range", at->name, at->line, key,
                        value);
    return CLV_OK;
}

static clv_status set_bands(const place_of_error *at, clv_train_item *item, const char *value)
{
    const char *p = value;
    int n = 0;
    for (bool more = true; more && n < 4; n++) {
        char *end = NULL;
        long v = strspn(p, "0123456789") ? strtol(p, &end, 10) : 0;
        if (v < 1 || v > 65535 || (*end && *end != ','))
            break;
        item->bands[n] = (int)v;
        more = *end == ',';
        p = more ? end + 1 : end;
        if (!more && n >= 2) {
            item->band_count = n + 1;
            return CLV_OK;
        }
    }
    return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: b=%s: must be the band numbers of red,green,blue[,NIR]",
                    at->name, at->line, value);
}

static clv_status set_text(const place_of_error *at, char **slot, const char *value)
{
    free(*slot);
    *slot = clv_strdup(value);
    return *slot ? CLV_OK : clv_fail(at->ctx, CLV_ERROR_MEMORY, "out of memory while reading a training list");
}

static clv_status apply_setting(const place_of_error *at, clv_train_item *item, const char *key, const char *value)
{
    static const char *const numbers[] = {"tr", "pixel", "weight", "scale", "offset"};
    if (*value == '\0')
        return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: %s= has no value", at->name, at->line, key);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i]) == 0)
            return set_number(at, item, key, value);
    if (strcmp(key, "classes") == 0 && (item->kind == CLV_ITEM_PAIR || item->kind == CLV_ITEM_LABELS)) {
        if (item->label_count)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: classes= is given twice", at->name, at->line);
        return push(at->ctx, &item->label_paths, &item->label_count, value);
    }
    if (strcmp(key, "scl") == 0 || strcmp(key, "mask") == 0 || strcmp(key, "classes") == 0 ||
        strcmp(key, "labels") == 0 || strcmp(key, "use") == 0) {
        if (item->kind != CLV_ITEM_SERIES)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: %s= is for series%s only", at->name, at->line, key,
                            strcmp(key, "classes") == 0 ? ", pair and labels" : "");
        if (strcmp(key, "use") != 0)
            return set_labels(at, item, key, value);
        if (!valid_use(value))
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: use=%s: dates must be YYYYMMDD,YYYYMMDD,...", at->name,
                            at->line, value);
        return set_text(at, &item->use, value);
    }
    if (strcmp(key, "place") == 0)
        return set_text(at, &item->place, value);
    if (strcmp(key, "licence") == 0)
        return set_text(at, &item->licence, value);
    if (strcmp(key, "b") == 0)
        return set_bands(at, item, value);
    if (strcmp(key, "shadow") == 0) {
        if (strcmp(value, "unknown") != 0 && strcmp(value, "known") != 0)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: shadow=%s: must be known or unknown", at->name, at->line,
                            value);
        item->shadow_unknown = strcmp(value, "unknown") == 0;
        return CLV_OK;
    }
    if (strcmp(key, "rim") == 0) {
        double width = 0;
        if (!parse_number(value, 0, 100, &width) || width != floor(width))
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: rim=%s: must be a whole number of pixels from 0 to 100",
                            at->name, at->line, value);
        item->label_buffer = (int)width;
        return CLV_OK;
    }
    if (strcmp(key, "hold") == 0) {
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: hold=%s: must be yes or no", at->name, at->line, value);
        item->hold = strcmp(value, "yes") == 0;
        return CLV_OK;
    }
    return clv_fail(
        at->ctx, CLV_ERROR_FORMAT,
        "%s:%d: unknown setting %s= (known: scl, mask, classes, labels, shadow, use, tr, pixel, b, scale, offset, "
        "weight, place, licence, hold)",
        at->name, at->line, key);
}

/* The folder's name of the first path, or the path itself. */
static char *default_place(const char *path)
{
    char *copy = clv_strdup(path);
    if (!copy)
        return NULL;
    char *slash = strrchr(copy, '/');
    if (slash) {
        *slash = '\0';
        char *before = strrchr(copy, '/');
        char *name = clv_strdup(before ? before + 1 : copy);
        free(copy);
        return name;
    }
    return copy;
}

static clv_status check_item(const place_of_error *at, clv_train_item *item)
{
    switch (item->kind) {
    case CLV_ITEM_SERIES:
        if (item->path_count == 0)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: series names no files", at->name, at->line);
        if (item->source == CLV_LABELS_NONE)
            return clv_fail(
                at->ctx, CLV_ERROR_FORMAT,
                "%s:%d: series does not say where its labels come from: add scl=, mask=, classes= or labels=", at->name,
                at->line);
        break;
    case CLV_ITEM_LABELS:
    case CLV_ITEM_PAIR:
        if (item->path_count != 2)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: %s needs two files, %d given", at->name, at->line,
                            item->kind == CLV_ITEM_PAIR ? "pair (CLEAR CLOUDY)" : "labels (IMAGE MASK)",
                            item->path_count);
        item->source = item->kind == CLV_ITEM_PAIR ? CLV_LABELS_DIFFERENCE : CLV_LABELS_MASK;
        break;
    case CLV_ITEM_CLEAR:
    case CLV_ITEM_CUBE:
    case CLV_ITEM_SHAPES:
        if (item->path_count == 0)
            return clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: %s names no files", at->name, at->line,
                            kind_names[item->kind]);
        item->source = item->kind == CLV_ITEM_CLEAR ? CLV_LABELS_CLEAR : CLV_LABELS_MASK;
        break;
    }
    if (!item->place)
        item->place = default_place(item->paths[0]);
    return item->place ? CLV_OK : clv_fail(at->ctx, CLV_ERROR_MEMORY, "out of memory while reading a training list");
}

static bool kind_of(const char *word, clv_item_kind *kind)
{
    for (int i = 0; i < (int)(sizeof kind_names / sizeof *kind_names); i++)
        if (strcmp(word, kind_names[i]) == 0) {
            *kind = (clv_item_kind)i;
            return true;
        }
    return false;
}

static clv_train_item new_item(int line)
{
    return (clv_train_item){.tr = 20, .pixel = 10, .weight = 1, .scale = NAN, .offset = NAN, .line = line};
}

/* Parses one line (changed in place) into *item; *empty when it holds nothing. */
static clv_status parse_line(const place_of_error *at, char *line, clv_train_item *item, bool *empty)
{
    bool open_quote = false;
    char *cursor = line, *word = clv_list_word(&cursor, &open_quote);
    *item = new_item(at->line);
    *empty = word == NULL;
    if (!word)
        return CLV_OK;
    if (!kind_of(word, &item->kind))
        return clv_fail(at->ctx, CLV_ERROR_FORMAT,
                        "%s:%d: unknown kind \"%s\": must be series, labels, clear, pair, cube or shapes", at->name,
                        at->line, word);
    clv_status status = CLV_OK;
    while (status == CLV_OK && (word = clv_list_word(&cursor, &open_quote)) != NULL) {
        char *value = clv_list_setting(word);
        if (open_quote)
            status = clv_fail(at->ctx, CLV_ERROR_FORMAT, "%s:%d: a quote is not closed", at->name, at->line);
        else if (value)
            status = apply_setting(at, item, word, value);
        else
            status = push(at->ctx, &item->paths, &item->path_count, word);
    }
    return status == CLV_OK ? check_item(at, item) : status;
}

static clv_status append_item(clv_context *ctx, clv_train_list *list, const clv_train_item *item)
{
    clv_train_item *grown = realloc(list->items, ((size_t)list->count + 1) * sizeof *grown);
    if (!grown)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while reading a training list");
    list->items = grown;
    grown[list->count++] = *item;
    return CLV_OK;
}

clv_status clv_train_list_parse(clv_context *ctx, const char *name, const char *folder, const char *text, size_t length,
                                clv_train_list **out)
{
    clv_status status = CLV_OK;
    clv_train_list *list = calloc(1, sizeof *list);
    char *copy = malloc(length + 1);
    *out = NULL;
    if (!list || !copy || !(list->name = clv_strdup(name)) || !(list->folder = clv_strdup(folder))) {
        status = clv_fail_memory_for(ctx, name);
        goto cleanup;
    }
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    if (strlen(copy) != length) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: not a text file (it holds zero bytes)", name);
        goto cleanup;
    }
    int number = 0;
    for (char *line = copy, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        place_of_error at = {ctx, name, ++number};
        clv_train_item item;
        bool empty;
        status = parse_line(&at, line, &item, &empty);
        if (status == CLV_OK && !empty)
            status = append_item(ctx, list, &item);
        if (status != CLV_OK) {
            item_clear(&item);
            goto cleanup;
        }
    }
    if (list->count == 0) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: names nothing to train on", name);
        goto cleanup;
    }
    *out = list;
    list = NULL;
cleanup:
    free(copy);
    clv_train_list_free(list);
    return status;
}

clv_status clv_train_list_of_cubes(clv_context *ctx, const char *const *paths, int count, clv_train_list **out)
{
    clv_train_list *list = calloc(1, sizeof *list);
    clv_train_item item = new_item(0);
    place_of_error at = {ctx, "cubes", 0};
    item.kind = CLV_ITEM_CUBE;
    *out = NULL;
    clv_status status = CLV_OK;
    if (!list || !(list->name = clv_strdup("cubes")) || !(list->folder = clv_strdup(".")))
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while listing cubes");
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = push(ctx, &item.paths, &item.path_count, paths[i]);
    if (status == CLV_OK)
        status = check_item(&at, &item);
    if (status == CLV_OK)
        status = append_item(ctx, list, &item);
    if (status == CLV_OK) {
        *out = list;
    } else {
        item_clear(&item);
        clv_train_list_free(list);
    }
    return status;
}

bool clv_train_item_uses(const clv_train_item *item, const clv_date *date)
{
    char text[16];
    if (!item->use)
        return true;
    snprintf(text, sizeof text, "%04d%02d%02d", date->year, date->month, date->day);
    return strstr(item->use, text) != NULL;
}

/* ---- Patterns ---------------------------------------------------------------------------------- */

static clv_status expand_one(clv_context *ctx, const clv_train_list *list, int line, const char *pattern, char ***paths,
                             int *count)
{
    clv_status status = CLV_OK;
    glob_t found = {0};
    char *full = pattern[0] == '/' ? clv_strdup(pattern) : clv_format("%s/%s", list->folder, pattern);
    if (!full)
        return clv_fail_memory_for(ctx, list->name);
    int rc = glob(full, 0, NULL, &found);
    if (rc == 0) {
        for (size_t i = 0; i < found.gl_pathc && status == CLV_OK; i++)
            status = push(ctx, paths, count, found.gl_pathv[i]);
        globfree(&found);
    } else if (rc == GLOB_NOMATCH) {
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s:%d: %s: no such file", list->name, line, full);
    } else {
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s:%d: %s: the folder cannot be read", list->name, line, full);
    }
    free(full);
    return status;
}

static clv_status expand_all(clv_context *ctx, const clv_train_list *list, int line, char ***paths, int *count)
{
    char **old = *paths;
    int old_count = *count;
    clv_status status = CLV_OK;
    *paths = NULL;
    *count = 0;
    for (int i = 0; i < old_count && status == CLV_OK; i++)
        status = expand_one(ctx, list, line, old[i], paths, count);
    free_strings(old, old_count);
    return status;
}

clv_status clv_train_list_expand(clv_context *ctx, clv_train_list *list)
{
    for (int i = 0; i < list->count; i++) {
        clv_train_item *item = &list->items[i];
        clv_status status = expand_all(ctx, list, item->line, &item->paths, &item->path_count);
        if (status == CLV_OK)
            status = expand_all(ctx, list, item->line, &item->label_paths, &item->label_count);
        if (status != CLV_OK)
            return status;
        if ((item->kind == CLV_ITEM_LABELS || item->kind == CLV_ITEM_PAIR) && item->path_count != 2)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s:%d: the patterns match %d files, two are needed", list->name,
                            item->line, item->path_count);
        const int needed = item->kind == CLV_ITEM_SERIES ? item->path_count : 1;
        if (item->label_count && item->label_count != needed)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s:%d: %d pictures but %d label files: one for each is needed",
                            list->name, item->line, needed, item->label_count);
    }
    return CLV_OK;
}

clv_status clv_train_list_open(clv_context *ctx, const char *path, clv_train_list **out)
{
    uint8_t *data = NULL;
    size_t size = 0;
    clv_train_list *list = NULL;
    *out = NULL;
    clv_status status = clv_read_file(ctx, path, MAX_LIST_BYTES, &data, &size);
    if (status != CLV_OK)
        return status;
    const char *folder = CPLGetPath(path);
    status = clv_train_list_parse(ctx, path, folder[0] ? folder : ".", (const char *)data, size, &list);
    free(data);
    if (status == CLV_OK)
        status = clv_train_list_expand(ctx, list);
    if (status != CLV_OK) {
        clv_train_list_free(list);
        return status;
    }
    *out = list;
    return CLV_OK;
}
