/* SPDX-License-Identifier: MIT */
#include "base/context.h"

#include "base/file_set.h"
#include "base/number.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 2048
#define MAX_THREADS 256

/* A handler may set the flag while any thread reads it: only a lock-free atomic is safe for both. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "cancellation needs a lock-free atomic int");

struct clv_context {
    pthread_mutex_t state;    /* error, failed, reported */
    pthread_mutex_t logging;  /* one log call at a time; its own, so that a log function may ask for the error */
    pthread_mutex_t progress; /* one progress call at a time, and the three numbers below */
    char error[TEXT_SIZE];
    bool failed;
    bool reported; /* a function has returned CLV_ERROR_CANCELLED for the cancellation that is pending */
    atomic_int cancelled;
    atomic_int threads;
    atomic_bool muted;
    clv_progress_fn progress_fn;
    void *progress_user;
    clv_log_fn log_fn;
    void *log_user;
    double from, to, done;
    double part_from, part_to; /* the whole that phases are parts of */
    double whole[4];           /* clv_whole_window(); under `state` */
    bool pieces;
    clv_file_set *inputs;
};

static const char cancelled_text[] = "cancelled";

/* ---- Status, version, memory ------------------------------------------------------------------- */

const char *clv_status_string(clv_status status)
{
    switch (status) {
    case CLV_OK:
        return "no error";
    case CLV_ERROR_ARGUMENT:
        return "wrong argument";
    case CLV_ERROR_MEMORY:
        return "out of memory";
    case CLV_ERROR_OPEN:
        return "cannot open";
    case CLV_ERROR_READ:
        return "cannot read";
    case CLV_ERROR_WRITE:
        return "cannot write";
    case CLV_ERROR_FORMAT:
        return "malformed content";
    case CLV_ERROR_UNSUPPORTED:
        return "not supported";
    case CLV_ERROR_MODEL:
        return "unusable model";
    case CLV_ERROR_EXISTS:
        return "output exists";
    case CLV_ERROR_CANCELLED:
        return "cancelled";
    case CLV_ERROR_INTERNAL:
        return "internal error";
    }
    return "unknown status";
}

const char *clv_version(void)
{
    return CLV_VERSION;
}

void clv_free(void *p)
{
    free(p);
}

/* ---- Life -------------------------------------------------------------------------------------- */

clv_context *clv_context_new(void)
{
    clv_context *ctx = calloc(1, sizeof *ctx);

    if (!ctx)
        return NULL;
    if (pthread_mutex_init(&ctx->state, NULL) != 0)
        goto no_state;
    if (pthread_mutex_init(&ctx->logging, NULL) != 0)
        goto no_logging;
    if (pthread_mutex_init(&ctx->progress, NULL) != 0)
        goto no_progress;
    if (!(ctx->inputs = clv_file_set_new()))
        goto no_inputs;
    atomic_init(&ctx->cancelled, 0);
    atomic_init(&ctx->threads, 0);
    atomic_init(&ctx->muted, false);
    ctx->to = ctx->part_to = 1;
    return ctx;

no_inputs:
    pthread_mutex_destroy(&ctx->progress);
no_progress:
    pthread_mutex_destroy(&ctx->logging);
no_logging:
    pthread_mutex_destroy(&ctx->state);
no_state:
    free(ctx);
    return NULL;
}

void clv_context_free(clv_context *ctx)
{
    if (!ctx)
        return;
    pthread_mutex_destroy(&ctx->state);
    pthread_mutex_destroy(&ctx->logging);
    pthread_mutex_destroy(&ctx->progress);
    clv_file_set_free(ctx->inputs);
    free(ctx);
}

clv_file_set *clv_context_input_files(clv_context *ctx)
{
    return ctx->inputs;
}

void clv_context_set_progress(clv_context *ctx, clv_progress_fn fn, void *user)
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->progress);
    ctx->progress_fn = fn;
    ctx->progress_user = user;
    pthread_mutex_unlock(&ctx->progress);
}

void clv_context_set_log(clv_context *ctx, clv_log_fn fn, void *user)
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->logging);
    ctx->log_fn = fn;
    ctx->log_user = user;
    pthread_mutex_unlock(&ctx->logging);
}

/* ---- Text -------------------------------------------------------------------------------------- */

/* Formats into out: one line without control characters (a hostile file name must not steer a terminal), cut at a
 * UTF-8 character's border when it is too long. */
static void format_line(char out[TEXT_SIZE], const char *format, va_list args)
{
    locale_t former = clv_locale_enter();
    int length = vsnprintf(out, TEXT_SIZE, format, args);

    clv_locale_leave(former);
    if (length < 0)
        snprintf(out, TEXT_SIZE, "(unprintable message)");
    if (length >= TEXT_SIZE) {
        size_t end = TEXT_SIZE - 4;
        while (end > 0 && ((unsigned char)out[end] & 0xC0) == 0x80)
            end--;
        memcpy(out + end, "...", 4);
    }
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = ' ';
}

clv_status clv_fail(clv_context *ctx, clv_status status, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    if (!ctx)
        return status;
    va_start(args, format);
    format_line(text, format, args);
    va_end(args);
    pthread_mutex_lock(&ctx->state);
    if (!ctx->failed) {
        ctx->failed = true;
        memcpy(ctx->error, text, sizeof text);
    }
    if (status == CLV_ERROR_CANCELLED)
        ctx->reported = true;
    pthread_mutex_unlock(&ctx->state);
    return status;
}

clv_status clv_fail_memory(clv_context *ctx)
{
    return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
}

clv_status clv_fail_memory_for(clv_context *ctx, const char *subject)
{
    return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory", subject);
}

void clv_clear_error(clv_context *ctx)
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->state);
    ctx->failed = false;
    ctx->error[0] = 0;
    if (ctx->reported) {
        ctx->reported = false;
        atomic_store(&ctx->cancelled, 0);
    }
    pthread_mutex_unlock(&ctx->state);
    clv_file_set_forget(ctx->inputs);
    clv_progress_part(ctx, 0, 1);
    clv_progress_phase(ctx, 0, 1);
}

const char *clv_context_error(const clv_context *ctx)
{
    return ctx ? ctx->error : "";
}

static void log_line(clv_context *ctx, clv_log_level level, const char *format, va_list args)
{
    char text[TEXT_SIZE];

    if (!ctx || (atomic_load(&ctx->muted) && level != CLV_LOG_DEBUG))
        return;
    pthread_mutex_lock(&ctx->logging);
    if (ctx->log_fn) {
        format_line(text, format, args);
        ctx->log_fn(level, text, ctx->log_user);
    }
    pthread_mutex_unlock(&ctx->logging);
}

void clv_debug(clv_context *ctx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(ctx, CLV_LOG_DEBUG, format, args);
    va_end(args);
}

void clv_note(clv_context *ctx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(ctx, CLV_LOG_INFO, format, args);
    va_end(args);
}

void clv_warn(clv_context *ctx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(ctx, CLV_LOG_WARNING, format, args);
    va_end(args);
}

/* ---- Progress and cancellation ------------------------------------------------------------------ */

static double clamp01(double x)
{
    return x > 0 ? (x < 1 ? x : 1) : 0; /* NaN gives 0 */
}

void clv_context_cancel(clv_context *ctx)
{
    if (ctx)
        atomic_store(&ctx->cancelled, 1);
}

clv_status clv_check_cancel(clv_context *ctx)
{
    if (!ctx || !atomic_load_explicit(&ctx->cancelled, memory_order_relaxed))
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_CANCELLED, "%s", cancelled_text);
}

clv_status clv_progress(clv_context *ctx, double complete)
{
    if (!ctx)
        return CLV_OK;
    pthread_mutex_lock(&ctx->progress);
    double now = ctx->from + (ctx->to - ctx->from) * clamp01(complete);
    now = ctx->part_from + (ctx->part_to - ctx->part_from) * now;
    if (now > ctx->done)
        ctx->done = now;
    bool go_on = !ctx->progress_fn || ctx->progress_fn(ctx->done, "", ctx->progress_user);
    pthread_mutex_unlock(&ctx->progress);
    if (!go_on)
        clv_context_cancel(ctx);
    return clv_check_cancel(ctx);
}

void clv_set_whole_window(clv_context *ctx, const double window[4])
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->state);
    ctx->pieces = window != NULL;
    if (window)
        memcpy(ctx->whole, window, sizeof ctx->whole);
    pthread_mutex_unlock(&ctx->state);
}

bool clv_whole_window(clv_context *ctx, double window[4])
{
    if (!ctx)
        return false;
    pthread_mutex_lock(&ctx->state);
    const bool pieces = ctx->pieces;
    memcpy(window, ctx->whole, sizeof ctx->whole);
    pthread_mutex_unlock(&ctx->state);
    return pieces;
}

void clv_mute(clv_context *ctx, bool mute)
{
    if (ctx)
        atomic_store(&ctx->muted, mute);
}

void clv_progress_part(clv_context *ctx, double from, double to)
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->progress);
    ctx->part_from = clamp01(from);
    ctx->part_to = clamp01(to);
    pthread_mutex_unlock(&ctx->progress);
}

void clv_progress_phase(clv_context *ctx, double from, double to)
{
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->progress);
    ctx->from = clamp01(from);
    ctx->to = clamp01(to);
    if (ctx->to < ctx->from)
        ctx->to = ctx->from;
    if (ctx->from <= 0 && ctx->part_from <= 0)
        ctx->done = 0;
    pthread_mutex_unlock(&ctx->progress);
}

/* ---- Threads ----------------------------------------------------------------------------------- */

void clv_context_set_threads(clv_context *ctx, int threads)
{
    if (ctx)
        atomic_store(&ctx->threads, threads > 0 ? threads : 0);
}

int clv_threads_replace(clv_context *ctx, int threads)
{
    return ctx ? atomic_exchange(&ctx->threads, threads) : 0;
}

/* GDAL's own variable, so that one setting serves both; 0 when it says nothing usable. */
static int threads_of_environment(void)
{
    const char *text = getenv("GDAL_NUM_THREADS");
    char *end;

    if (!text || !*text)
        return 0;
    long n = strtol(text, &end, 10);
    if (*end || n < 1) /* ALL_CPUS and nonsense alike: the number of processors */
        return 0;
    return n > MAX_THREADS ? MAX_THREADS : (int)n;
}

int clv_threads(const clv_context *ctx)
{
    int threads = ctx ? atomic_load(&ctx->threads) : 0;

    if (threads <= 0)
        threads = threads_of_environment();
    if (threads <= 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        threads = processors < 1 ? 1 : processors > MAX_THREADS ? MAX_THREADS : (int)processors;
    }
    return threads > MAX_THREADS ? MAX_THREADS : threads;
}
