/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/ground_list.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>

#include "base/alloc.h"
#include "formats/safetensors.h"
#include "learn/dataset/list_words.h"

#define MAX_LIST_BYTES ((size_t)1024 * 1024)

static const char *const kinds[] = {"single", "stable", "series", "labels", "land"};
static const char *const measures[] = {"", "flagged", "shadow", "found", "f1", "f1_shadow", "rmse"};

const char *clv_ground_measure_name(clv_ground_measure measure)
{
    return measures[measure];
}

bool clv_ground_measure_at_most(clv_ground_measure measure)
{
    return measure == CLV_MEASURE_FLAGGED || measure == CLV_MEASURE_SHADOW || measure == CLV_MEASURE_RMSE;
}

typedef struct parser {
    clv_context *ctx;
    const char *name;
    const char *const *folders;
    int folder_count, line;
    clv_ground_line *at;
    char *source; /* the line as a training list's */
} parser;

static clv_status wrong(const parser *p, const char *what, const char *value, const char *rule)
{
    return clv_fail(p->ctx, CLV_ERROR_FORMAT, "%s:%d: %s%s: %s", p->name, p->line, what, value, rule);
}

/* ---- Settings ------------------------------------------------------------------------------------- */

static bool number_of(const char *text, double low, double high, double *out)
{
    char *end = NULL;
    const double v = CPLStrtod(text, &end);
    if (end == text || *end || !(v >= low && v <= high))
        return false;
    *out = v;
    return true;
}

static clv_status set_whole(const parser *p, const char *key, const char *value, int low, int high, int *out)
{
    double v = 0;
    char rule[80];
    if (number_of(value, low, high, &v) && v == floor(v)) {
        *out = (int)v;
        return CLV_OK;
    }
    snprintf(rule, sizeof rule, "must be a whole number from %d to %d", low, high);
    return wrong(p, key, value, rule);
}

static clv_status set_makers(const parser *p, char *value)
{
    for (char *name = value, *next; name; name = next) {
        next = strchr(name, ',');
        if (next)
            *next++ = '\0';
        const clv_grounds_maker *maker = clv_grounds_maker_named(name);
        if (!maker) {
            char rule[200];
            snprintf(rule, sizeof rule, "no such maker; there are %s", clv_grounds_maker_names());
            return wrong(p, "make=", name, rule);
        }
        if (p->at->maker_count == CLV_GROUND_MAKERS)
            return wrong(p, "make=", name, "at most four things are laid on one another");
        p->at->makers[p->at->maker_count++] = maker;
    }
    return CLV_OK;
}

static clv_status set_on(const parser *p, const char *value)
{
    p->at->on_all = strcmp(value, "all") == 0;
    for (const char *at = value; !p->at->on_all;) {
        char *end = NULL;
        const long v = strtol(at, &end, 10);
        if (end == at || v == 0 || labs(v) > 512 || (*end && *end != ',') || p->at->on_count == CLV_GROUND_MOST_ON)
            return wrong(p, "on=", value, "must be all, or numbers of dates (1 the first, -1 the last), at most 32");
        p->at->on[p->at->on_count++] = (int)v;
        if (!*end)
            break;
        at = end + 1;
    }
    return CLV_OK;
}

static clv_status set_measure(const parser *p, clv_ground_measure measure, const char *value)
{
    char key[24];
    snprintf(key, sizeof key, "%s=", measures[measure]);
    if (p->at->measure != CLV_MEASURE_NONE)
        return wrong(p, key, value, "one thing is measured a line, and something was wanted before it");
    p->at->measure = measure;
    if (strcmp(value, "-") != 0 && !number_of(value, 0, 1, &p->at->limit))
        return wrong(p, key, value, "must be a number from 0 to 1, or -");
    return CLV_OK;
}

/* Appends a word to the line that the training list's parser reads. */
static clv_status hand_on(parser *p, const char *key, const char *value)
{
    char *more = clv_format("%s %s%s\"%s\"", p->source, key, *key ? "=" : "", value);
    free(p->source);
    p->source = more;
    return more ? CLV_OK : clv_fail_memory(p->ctx);
}

static clv_status set(parser *p, const char *key, char *value)
{
    static const char *const handed_on[] = {"use", "tr", "pixel", "b", "scale", "offset"};
    if (!*value)
        return wrong(p, key, "=", "has no value");
    for (int m = CLV_MEASURE_FLAGGED; m <= CLV_MEASURE_RMSE; m++)
        if (strcmp(key, measures[m]) == 0)
            return set_measure(p, (clv_ground_measure)m, value);
    if (strcmp(key, "name") == 0) {
        free(p->at->name);
        p->at->name = clv_strdup(value);
        return p->at->name ? CLV_OK : clv_fail_memory(p->ctx);
    }
    if (strcmp(key, "make") == 0)
        return set_makers(p, value);
    if (strcmp(key, "amount") == 0)
        return number_of(value, 0, 1000, &p->at->amount)
                   ? CLV_OK
                   : wrong(p, "amount=", value, "must be a number from 0 to 1000");
    if (strcmp(key, "on") == 0)
        return set_on(p, value);
    if (strcmp(key, "dates") == 0)
        return set_whole(p, "dates=", value, 1, 100, &p->at->dates);
    if (strcmp(key, "count") == 0)
        return set_whole(p, "count=", value, 1, 100, &p->at->count);
    if (strcmp(key, "size") == 0)
        return set_whole(p, "size=", value, 32, 1024, &p->at->size);
    if (strcmp(key, "seed") == 0)
        return set_whole(p, "seed=", value, 0, 1000000, &p->at->seed);
    if (strcmp(key, "area") == 0) {
        p->at->water = true;
        return strcmp(value, "water") == 0 ? CLV_OK : wrong(p, "area=", value, "must be water");
    }
    for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++)
        if (strcmp(key, handed_on[i]) == 0)
            return hand_on(p, key, value);
    return wrong(p, key, "=",
                 "no such setting; there are name, make, amount, on, dates, count, size, seed, area, flagged, shadow, "
                 "found, f1, "
                 "f1_shadow, rmse, use, tr, pixel, b, scale, offset");
}

/* ---- Files ---------------------------------------------------------------------------------------- */

/* Hands on the files that a pattern matches in the first folder that has any; without any they are missing. */
static clv_status find_files(parser *p, const char *pattern)
{
    clv_status status = CLV_OK;
    bool any = false;
    for (int k = 0; k < p->folder_count && !any && status == CLV_OK; k++) {
        glob_t found = {0};
        char *full = pattern[0] == '/' ? clv_strdup(pattern) : clv_format("%s/%s", p->folders[k], pattern);
        if (!full)
            return clv_fail_memory(p->ctx);
        any = glob(full, 0, NULL, &found) == 0 && found.gl_pathc > 0;
        for (size_t i = 0; any && i < found.gl_pathc && status == CLV_OK; i++)
            status = hand_on(p, "", found.gl_pathv[i]);
        globfree(&found);
        free(full);
    }
    if (any || status != CLV_OK || p->at->missing)
        return status;
    p->at->missing = clv_format("no file %s", pattern);
    return p->at->missing ? CLV_OK : clv_fail_memory(p->ctx);
}

/* ---- A line --------------------------------------------------------------------------------------- */

static clv_status check(const parser *p, int paths)
{
    clv_ground_line *at = p->at;
    const clv_grounds_maker *last = at->maker_count ? at->makers[at->maker_count - 1] : NULL;
    const bool made_dates = at->kind == CLV_GROUND_STABLE || at->kind == CLV_GROUND_LAND;
    if (!at->name)
        return wrong(p, kinds[at->kind], "", "has no name=");
    if (at->measure == CLV_MEASURE_NONE)
        return wrong(p, at->name, "", "nothing is wanted: add flagged=, shadow=, found=, f1=, f1_shadow= or rmse=");
    if (at->kind == CLV_GROUND_LAND ? paths > 0 : paths == 0)
        return wrong(p, at->name, "", paths ? "land is made from the seed and takes no files" : "names no files");
    if (at->dates && !made_dates)
        return wrong(p, at->name, "", "dates= is for stable and land");
    if (at->count && at->kind != CLV_GROUND_LAND)
        return wrong(p, at->name, "", "count= is for land");
    if (at->kind == CLV_GROUND_LABELS && at->maker_count)
        return wrong(p, at->name, "", "what was made has a truth of its own: labels takes no make=");
    if (!last && (!isnan(at->amount) || at->on_count || at->on_all))
        return wrong(p, at->name, "", "amount= and on= belong to make=");
    const bool cloud = at->kind == CLV_GROUND_LABELS || (last && last->cloud);
    if (at->measure != CLV_MEASURE_RMSE && cloud == clv_ground_measure_at_most(at->measure))
        return wrong(
            p, at->name, "",
            cloud ? "clouds are to be found: found=, f1= or f1_shadow="
                  : "there is no cloud to be found; flagged= or shadow=, or make= haze, cirrus, contrail, cloud");
    if (!last && at->measure == CLV_MEASURE_RMSE)
        return wrong(p, at->name, "", "rmse= belongs to make=");
    if (last && !isnan(at->amount) && !(at->amount >= last->least && at->amount <= last->most)) {
        char rule[80];
        snprintf(rule, sizeof rule, "amount= of %s must be from %g to %g", last->name, last->least, last->most);
        return wrong(p, at->name, "", rule);
    }
    if (last && isnan(at->amount))
        at->amount = last->amount;
    if (!at->count)
        at->count = 1;
    if (!at->dates)
        at->dates = at->kind == CLV_GROUND_STABLE ? 8 : 1;
    return CLV_OK;
}

/* The line's pictures as a training list of one item; empty lines before it keep messages at the right line. */
static clv_status open_source(const parser *p)
{
    static const char *const as[] = {"clear", "clear", "series labels=clear", "labels"};
    if (p->at->kind == CLV_GROUND_LAND || p->at->missing)
        return CLV_OK;
    char *text = clv_format("%*s%s%s", p->line - 1, "", as[p->at->kind], p->source);
    if (!text)
        return clv_fail_memory(p->ctx);
    memset(text, '\n', (size_t)(p->line - 1));
    const clv_status status = clv_train_list_parse(p->ctx, p->name, "/", text, strlen(text), &p->at->source);
    free(text);
    return status;
}

/* The two keys with figures in them are this list's own. */
static char *setting_of(char *word)
{
    static const char *const own[] = {"f1", "f1_shadow"};
    for (int i = 0; i < 2; i++) {
        const size_t n = strlen(own[i]);
        if (strncmp(word, own[i], n) == 0 && word[n] == '=') {
            word[n] = '\0';
            return word + n + 1;
        }
    }
    return clv_list_setting(word);
}

static clv_status parse_line(parser *p, char *line, bool *empty)
{
    bool open_quote = false;
    char *word = clv_list_word(&line, &open_quote);
    int kind = 0, paths = 0;
    *empty = word == NULL;
    if (!word)
        return CLV_OK;
    while (kind < (int)(sizeof kinds / sizeof *kinds) && strcmp(word, kinds[kind]) != 0)
        kind++;
    if (kind == (int)(sizeof kinds / sizeof *kinds))
        return wrong(p, word, "", "no such kind; there are single, stable, series, labels, land");
    p->at->kind = (clv_ground_kind_of_line)kind;
    clv_status status = CLV_OK;
    while (status == CLV_OK && (word = clv_list_word(&line, &open_quote)) != NULL) {
        char *value = setting_of(word);
        if (open_quote)
            status = wrong(p, word, "", "a quote is not closed");
        else if (value)
            status = set(p, word, value);
        else if (++paths)
            status = find_files(p, word);
    }
    if (status == CLV_OK)
        status = check(p, paths);
    return status == CLV_OK ? open_source(p) : status;
}

/* ---- The list ------------------------------------------------------------------------------------- */

void clv_ground_list_free(clv_ground_list *list)
{
    for (int i = 0; list && i < list->count; i++) {
        free(list->lines[i].name);
        free(list->lines[i].missing);
        clv_train_list_free(list->lines[i].source);
    }
    if (list)
        free(list->lines);
    free(list);
}

static clv_status next_line(parser *p, clv_ground_list *list, char *text)
{
    clv_ground_line *more = realloc(list->lines, ((size_t)list->count + 1) * sizeof *more);
    if (!more)
        return clv_fail_memory(p->ctx);
    list->lines = more;
    p->at = &more[list->count++];
    *p->at = (clv_ground_line){.line = p->line, .amount = NAN, .limit = NAN, .size = 128};
    p->source = clv_strdup("");
    if (!p->source)
        return clv_fail_memory(p->ctx);
    bool empty;
    const clv_status status = parse_line(p, text, &empty);
    free(p->source);
    if (status == CLV_OK && empty)
        list->count--;
    return status;
}

clv_status clv_ground_list_parse(clv_context *ctx, const char *name, const char *const *folders, int folder_count,
                                 const char *text, clv_ground_list **out)
{
    parser p = {.ctx = ctx, .name = name, .folders = folders, .folder_count = folder_count};
    clv_ground_list *list = calloc(1, sizeof *list);
    char *copy = clv_strdup(text);
    clv_status status = list && copy ? CLV_OK : clv_fail_memory(ctx);
    *out = NULL;
    for (char *line = copy, *next; line && status == CLV_OK; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        p.line++;
        status = next_line(&p, list, line);
    }
    if (status == CLV_OK && !list->count)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: names no grounds", name);
    free(copy);
    if (status != CLV_OK) {
        clv_ground_list_free(list);
        return status;
    }
    *out = list;
    return CLV_OK;
}

clv_status clv_ground_list_open(clv_context *ctx, const char *path, clv_ground_list **out)
{
    uint8_t *data = NULL;
    size_t size = 0;
    *out = NULL;
    clv_status status = clv_read_file(ctx, path, MAX_LIST_BYTES, &data, &size);
    if (status != CLV_OK)
        return status;
    const char *shared = getenv("CLV_SHARED_DIR"), *folder = CPLGetPath(path);
    char *text = calloc(1, size + 1), *own = clv_strdup(folder[0] ? folder : ".");
    char *inside = clv_format("%s/data", shared && *shared ? shared : ".");
    if (!text || !own || !inside) {
        status = clv_fail_memory(ctx);
    } else {
        const char *const folders[] = {own, shared, inside};
        memcpy(text, data, size);
        if (strlen(text) != size)
            status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: not a text file (it holds zero bytes)", path);
        else
            status = clv_ground_list_parse(ctx, path, folders, shared && *shared ? 3 : 1, text, out);
    }
    free(data);
    free(text);
    free(own);
    free(inside);
    return status;
}
