/* SPDX-License-Identifier: MIT */
#include "learn/train/training_log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"

#define HEADER "step,loss,learning_rate,minutes,held_out"
#define MAX_BYTES ((size_t)64 << 20)

enum { COLUMNS = 5, STEP = 0, LOSS = 1, RATE = 2, MINUTES = 3, HELD = 4 };

/* The chart: two panels one above the other. */
enum { WIDTH = 640, PANEL = 180, LEFT = 64, RIGHT = 16, TOP = 28, BOTTOM = 36 };

typedef struct row {
    double value[COLUMNS];
} row;

struct clv_training_log {
    clv_context *ctx;
    char *path;
    row *rows;
    size_t count, capacity;
};

/* ---- Rows -------------------------------------------------------------------------------------- */

static clv_status append(clv_training_log *log, const row *r)
{
    if (log->count == log->capacity) {
        size_t capacity = log->capacity ? 2 * log->capacity : 256;
        row *bigger = realloc(log->rows, capacity * sizeof *bigger);
        if (!bigger)
            return clv_fail_memory_for(log->ctx, log->path);
        log->rows = bigger;
        log->capacity = capacity;
    }
    log->rows[log->count++] = *r;
    return CLV_OK;
}

clv_status clv_training_log_add(clv_training_log *log, int64_t step, double loss, double rate, double minutes,
                                double held_out)
{
    if (!log)
        return CLV_OK;
    row *last = log->count ? &log->rows[log->count - 1] : NULL;
    if (last && last->value[STEP] >= (double)step) {
        if (isnan(last->value[HELD]))
            last->value[HELD] = held_out;
        return CLV_OK;
    }
    const row r = {{(double)step, loss, rate, minutes, held_out}};
    return append(log, &r);
}

/* One line without its end; false when it is no row. */
static bool parse_row(char *line, row *out)
{
    char *cell = line;
    for (int i = 0; i < COLUMNS; i++) {
        char *end = strchr(cell, ',');
        if ((end == NULL) != (i == COLUMNS - 1))
            return false;
        if (end)
            *end = 0;
        out->value[i] = NAN;
        if (*cell && !clv_number_parse(cell, &out->value[i]))
            return false;
        cell = end ? end + 1 : cell;
    }
    return isfinite(out->value[STEP]);
}

static clv_status parse(clv_training_log *log, char *text, int64_t step)
{
    int number = 1;
    for (char *line = text, *next; line && *line; line = next, number++) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = 0;
        row r;
        if (number == 1 ? strcmp(line, HEADER) != 0 : !parse_row(line, &r))
            return clv_fail(log->ctx, CLV_ERROR_FORMAT, "%s:%d: not the log of a training; name another file with -log",
                            log->path, number);
        clv_status status = number > 1 && r.value[STEP] <= (double)step ? append(log, &r) : CLV_OK;
        if (status != CLV_OK)
            return status;
    }
    return CLV_OK;
}

static clv_status read_rows(clv_training_log *log, int64_t step)
{
    uint8_t *data = NULL;
    size_t size = 0;
    struct stat existing;
    if (step <= 0 || stat(log->path, &existing) != 0)
        return CLV_OK;
    clv_status status = clv_read_own_file(log->ctx, log->path, MAX_BYTES, &data, &size);
    char *text = status == CLV_OK ? clv_alloc_array(size + 1, 1, 1) : NULL;
    if (status == CLV_OK && !text)
        status = clv_fail_memory_for(log->ctx, log->path);
    if (status == CLV_OK) {
        memcpy(text, data, size);
        status = parse(log, text, step);
    }
    free(text);
    free(data);
    return status;
}

clv_status clv_training_log_open(clv_context *ctx, const char *path, int64_t step, clv_training_log **out)
{
    *out = NULL;
    if (!path)
        return CLV_OK;
    const size_t length = strlen(path);
    if (length >= 4 && strcmp(path + length - 4, ".svg") == 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-log %s: names the table; the chart beside it gets the ending .svg",
                        path);
    clv_training_log *log = calloc(1, sizeof *log);
    if (!log || !(log->path = clv_strdup(path))) {
        clv_training_log_free(log);
        return clv_fail_memory_for(ctx, path);
    }
    log->ctx = ctx;
    clv_status status = read_rows(log, step);
    if (status == CLV_OK)
        *out = log;
    else
        clv_training_log_free(log);
    return status;
}

void clv_training_log_free(clv_training_log *log)
{
    if (!log)
        return;
    free(log->path);
    free(log->rows);
    free(log);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void put(clv_file_writer *w, const char *text)
{
    clv_file_write(w, text, strlen(text));
}

static void put_number(clv_file_writer *w, double value)
{
    char text[CLV_NUMBER_SIZE];
    clv_number_format(value, text);
    put(w, text);
}

/* A coordinate: a tenth of a pixel is enough. */
static void put_place(clv_file_writer *w, double value)
{
    put_number(w, floor(value * 10 + 0.5) / 10);
}

static clv_status write_table(const clv_training_log *log)
{
    clv_file_writer *w = NULL;
    clv_status status = clv_file_create(log->ctx, log->path, &w);
    if (status != CLV_OK)
        return status;
    put(w, HEADER "\n");
    for (size_t i = 0; i < log->count; i++)
        for (int c = 0; c < COLUMNS; c++) {
            if (!isnan(log->rows[i].value[c]))
                put_number(w, log->rows[i].value[c]);
            put(w, c + 1 < COLUMNS ? "," : "\n");
        }
    return clv_file_finish(w, true);
}

/* Smallest and largest finite value of a column; false when there is none. */
static bool extent(const clv_training_log *log, int column, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < log->count; i++)
        if (isfinite(log->rows[i].value[column])) {
            *low = fmin(*low, log->rows[i].value[column]);
            *high = fmax(*high, log->rows[i].value[column]);
        }
    if (*low == *high) {
        *low -= 0.5;
        *high += 0.5;
    }
    return *low < *high;
}

static void put_text(clv_file_writer *w, double x, double y, const char *anchor, const char *text)
{
    put(w, "<text x=\"");
    put_place(w, x);
    put(w, "\" y=\"");
    put_place(w, y);
    put(w, "\" text-anchor=\"");
    put(w, anchor);
    put(w, "\">");
    put(w, text);
    put(w, "</text>\n");
}

static void put_short(clv_file_writer *w, double x, double y, const char *anchor, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    put_text(w, x, y, anchor, text);
}

static void put_panel(clv_file_writer *w, const clv_training_log *log, int column, const char *title, int top)
{
    double low, high, first, last;
    const double right = WIDTH - RIGHT, bottom = top + PANEL - BOTTOM;
    put_text(w, LEFT, top + TOP - 10, "start", title);
    if (!extent(log, column, &low, &high) || !extent(log, STEP, &first, &last)) {
        put_text(w, LEFT, top + TOP + 20, "start", "nothing measured");
        return;
    }
    put(w, "<path class=\"axis\" d=\"M");
    put_place(w, LEFT);
    put(w, " ");
    put_place(w, top + TOP);
    put(w, "V");
    put_place(w, bottom);
    put(w, "H");
    put_place(w, right);
    put(w, "\"/>\n<polyline points=\"");
    for (size_t i = 0; i < log->count; i++) {
        const double *v = log->rows[i].value;
        if (!isfinite(v[column]))
            continue;
        put_place(w, LEFT + (v[STEP] - first) / (last - first) * (right - LEFT));
        put(w, ",");
        put_place(w, bottom - (v[column] - low) / (high - low) * (bottom - top - TOP));
        put(w, " ");
    }
    put(w, "\"/>\n");
    put_short(w, LEFT - 6, top + TOP + 4, "end", high);
    put_short(w, LEFT - 6, bottom, "end", low);
    put_short(w, LEFT, bottom + 16, "middle", first);
    put_short(w, right, bottom + 16, "end", last);
    put_text(w, (LEFT + right) / 2, bottom + 16, "middle", "step");
}

char *clv_training_log_chart(const char *log)
{
    const char *dot = strrchr(log, '.'), *slash = strrchr(log, '/');
    int stem = dot && (!slash || dot > slash + 1) ? (int)(dot - log) : (int)strlen(log);
    return clv_format("%.*s.svg", stem, log);
}

static clv_status write_chart(const clv_training_log *log)
{
    char *path = clv_training_log_chart(log->path);
    clv_file_writer *w = NULL;
    clv_status status = path ? clv_file_create(log->ctx, path, &w) : clv_fail_memory_for(log->ctx, log->path);
    free(path);
    if (status != CLV_OK)
        return status;
    put(w,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" width=\"640\" height=\"360\" role=\"img\" "
        "aria-label=\"Course of the training\">\n<style>text{font:12px sans-serif;fill:#222}polyline{fill:none;"
        "stroke:#1769aa;stroke-width:1.5}.axis{fill:none;stroke:#888}</style>\n"
        "<rect width=\"640\" height=\"360\" fill=\"#fff\"/>\n");
    put_panel(w, log, LOSS, "Loss of the training", 0);
    put_panel(w, log, HELD, "Score of what was held out", PANEL);
    put(w, "</svg>\n");
    return clv_file_finish(w, true);
}

clv_status clv_training_log_write(clv_training_log *log)
{
    if (!log)
        return CLV_OK;
    clv_status status = write_table(log);
    return status == CLV_OK ? write_chart(log) : status;
}
