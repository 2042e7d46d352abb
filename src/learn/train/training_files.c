/* SPDX-License-Identifier: MIT */
#include "learn/train/training_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "learn/train/training_log.h"
#include "raster/paths.h"

enum { WEIGHTS, CHECKPOINT, LOG, CHART, FILES };
static const char *const option_of[FILES] = {"-o", "-checkpoint", "-log", "the chart of -log"};

/* Names of what is written, NULL where an option is not given; chart is freed by clear(). */
typedef struct names {
    const char *name[FILES];
    char *chart;
} names;

static clv_status list(clv_context *ctx, const clv_train_options *o, names *n)
{
    *n = (names){.name = {o->output.path, o->checkpoint, o->log}};
    if (o->log && !(n->chart = clv_training_log_chart(o->log)))
        return clv_fail_memory_for(ctx, "train");
    n->name[CHART] = n->chart;
    return CLV_OK;
}

static bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool clv_training_files_same(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0)
        return true;
    if (stat(a, &x) == 0 && stat(b, &y) == 0)
        return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    char *full_a = clv_path_absolute(a), *full_b = clv_path_absolute(b);
    bool same = full_a && full_b && strcmp(full_a, full_b) == 0;
    free(full_a);
    free(full_b);
    return same;
}

/* The chart has no name of its own that could be changed: only -log has. */
static clv_status check_different(clv_context *ctx, const names *n)
{
    for (int i = 0; i < FILES; i++)
        for (int k = i + 1; k < FILES; k++)
            if (n->name[i] && n->name[k] && !(i == LOG && k == CHART) && /* clv_training_log_open() says it better */
                clv_training_files_same(n->name[i], n->name[k]))
                return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: is named by %s and by %s; give each a file of its own",
                                n->name[k], option_of[i], option_of[k]);
    return CLV_OK;
}

clv_status clv_training_files_spare(clv_context *ctx, const clv_train_options *o, const char *path)
{
    if (o->resume && o->checkpoint && strcmp(path, o->checkpoint) == 0 && clv_training_files_same(path, o->resume))
        return CLV_OK;
    return clv_input_files_spare(ctx, path);
}

static clv_status spare_inputs(clv_context *ctx, const clv_train_options *o, const names *n)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < FILES && status == CLV_OK; i++)
        if (n->name[i])
            status = clv_training_files_spare(ctx, o, n->name[i]);
    return status;
}

static clv_status fail_existing(clv_context *ctx, const clv_train_options *o, const char *path, int file)
{
    if (o->resume)
        return clv_fail(ctx, CLV_ERROR_EXISTS,
                        "%s %s: exists, and does not belong to the training of %s; give -overwrite or another name",
                        option_of[file], path, o->resume);
    return clv_fail(ctx, CLV_ERROR_EXISTS, "%s: exists already; give -overwrite or another name%s", path,
                    file == CHECKPOINT ? ", or -resume it" : "");
}

clv_status clv_training_files_check(clv_context *ctx, const clv_train_options *o)
{
    names n;
    clv_status status = list(ctx, o, &n);
    clv_input_files_add(ctx, o->init);
    clv_input_files_add(ctx, o->resume);
    if (status == CLV_OK)
        status = check_different(ctx, &n);
    if (status == CLV_OK)
        status = spare_inputs(ctx, o, &n);
    for (int i = 0; i < FILES && status == CLV_OK && !o->output.overwrite && !o->resume; i++)
        if (n.name[i] && exists(n.name[i]))
            status = fail_existing(ctx, o, n.name[i], i);
    free(n.chart);
    return status;
}

/* Whether the training of the checkpoint has written the file. Checkpoints without the name of a log are older: then
 * the log's content must do, which is checked when it is read. */
static bool belongs(const clv_train_options *o, const clv_json *course, const char *path, int file)
{
    if (file == CHECKPOINT)
        return clv_training_files_same(path, o->resume);
    const clv_json *member = clv_json_get(course, file == WEIGHTS ? "output" : "log");
    if (file != WEIGHTS && !member)
        return course != NULL;
    const char *own = clv_json_string(member, NULL);
    if (!own)
        return false;
    char *chart = file == CHART ? clv_training_log_chart(own) : NULL;
    const bool same = (file != CHART || chart) && clv_training_files_same(path, chart ? chart : own);
    free(chart);
    return same;
}

clv_status clv_training_files_claim(clv_context *ctx, const clv_train_options *o, const clv_json *course)
{
    names n;
    clv_status status = list(ctx, o, &n);
    if (status == CLV_OK)
        status = spare_inputs(ctx, o, &n);
    for (int i = 0; i < FILES && status == CLV_OK && !o->output.overwrite; i++)
        if (n.name[i] && exists(n.name[i]) && !(o->resume && belongs(o, course, n.name[i], i)))
            status = fail_existing(ctx, o, n.name[i], i);
    free(n.chart);
    return status;
}
