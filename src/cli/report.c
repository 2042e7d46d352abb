/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_progress.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool quiet, progress;
    bool bar;   /* a bar has begun and not ended */
    bool ours;  /* the CPLError being raised is the program's own */
    char *held; /* remarks that wait for the end of the bar */
    size_t held_length;
    pthread_mutex_t lock;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static CPLErrorNum error_number(clv_status status)
{
    switch (status) {
    case CLV_ERROR_ARGUMENT:
        return CPLE_IllegalArg;
    case CLV_ERROR_MEMORY:
        return CPLE_OutOfMemory;
    case CLV_ERROR_OPEN:
        return CPLE_OpenFailed;
    case CLV_ERROR_READ:
    case CLV_ERROR_WRITE:
        return CPLE_FileIO;
    case CLV_ERROR_UNSUPPORTED:
        return CPLE_NotSupported;
    case CLV_ERROR_CANCELLED:
        return CPLE_UserInterrupt;
    case CLV_ERROR_INTERNAL:
        return CPLE_AssertionFailed;
    default:
        return CPLE_AppDefined;
    }
}

/* One message is one line, whatever a file is called. */
static char *one_line(const char *text)
{
    char *copy = CPLStrdup(text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    return copy;
}

static void CPL_STDCALL on_gdal_message(CPLErr class, CPLErrorNum number, const char *text)
{
    if (class == CE_Failure && !state.ours)
        CPLDebug("GDAL", "Error %d: %s", number, text);
    else
        CPLDefaultErrorHandler(class, number, text);
}

static void raise_line(CPLErr class, CPLErrorNum number, const char *text)
{
    char *line = one_line(text);
    state.ours = true;
    CPLError(class, number, "%s", line);
    state.ours = false;
    CPLFree(line);
}

/* Keeps a remark until the bar has ended: text in its middle would break it for people and for programs that parse it.
 * */
static void hold(const char *line)
{
    const size_t length = strlen(line);
    char *grown = realloc(state.held, state.held_length + length + 2);
    if (!grown)
        return;
    memcpy(grown + state.held_length, line, length);
    grown[state.held_length + length] = '\n';
    grown[state.held_length + length + 1] = '\0';
    state.held = grown;
    state.held_length += length + 1;
}

static void say_held(void)
{
    if (state.held)
        fputs(state.held, stdout);
    free(state.held);
    state.held = NULL;
    state.held_length = 0;
}

static void on_log(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CLV_LOG_DEBUG) {
        CPLDebug("CLEARVISION", "%s", message);
        return;
    }
    pthread_mutex_lock(&state.lock);
    if (level == CLV_LOG_WARNING) {
        raise_line(CE_Warning, CPLE_AppDefined, message);
    } else if (!state.quiet) {
        char *line = one_line(message);
        if (state.bar)
            hold(line);
        else
            puts(line);
        CPLFree(line);
    }
    pthread_mutex_unlock(&state.lock);
}

static int on_progress(double complete, const char *message, void *user)
{
    (void)message;
    (void)user;
    pthread_mutex_lock(&state.lock);
    state.bar = complete < 1;
    GDALTermProgress(complete, NULL, NULL);
    if (!state.bar)
        say_held();
    pthread_mutex_unlock(&state.lock);
    return 1;
}

void clv_report_start(clv_context *ctx, bool quiet, bool progress)
{
    state.quiet = quiet;
    state.progress = progress && !quiet;
    CPLSetErrorHandler(on_gdal_message);
    clv_context_set_log(ctx, on_log, NULL);
    if (state.progress)
        clv_context_set_progress(ctx, on_progress, NULL);
}

void clv_report_end(void)
{
    pthread_mutex_lock(&state.lock);
    if (state.bar)
        putchar('\n');
    state.bar = false;
    say_held();
    fflush(stdout);
    pthread_mutex_unlock(&state.lock);
}

void clv_report_failure(clv_status status, const char *text)
{
    raise_line(CE_Failure, error_number(status), text && *text ? text : clv_status_string(status));
}

void clv_report_usage(bool wrong_value, const char *text)
{
    raise_line(CE_Failure, wrong_value ? CPLE_IllegalArg : CPLE_AppDefined, text);
}

bool clv_report_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    raise_line(CE_Failure, CPLE_FileIO, "Standard output cannot be written");
    return false;
}
