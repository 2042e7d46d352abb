/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall() */
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/unfinished.h"

#define GRACE_MICROSECONDS 700000 /* for the run to end by itself: with what follows less than a second */
#define AGAIN_MICROSECONDS 50000
#define MOST_AGAIN 200 /* while names change */
#define HALT SIGUSR2   /* stops a thread of ours for good */
#define HALT_TRIES 30  /* of 5 ms */

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
#define WATCHED (sizeof watched / sizeof watched[0])

static volatile sig_atomic_t caught;
static clv_context *running;
static atomic_int halted, ending, again;

/* Dies of the signal: the default action happens when it is unblocked, at the latest on return from the handler. */
static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- Ending at once ---------------------------------------------------------------------------------- */

static void on_halt(int number)
{
    (void)number;
    atomic_fetch_add(&halted, 1);
    for (;;)
        pause();
}

#if defined SYS_getdents64 && defined SYS_tgkill
/* Sends HALT to all threads but this one; how many there are. */
static int halt_threads(void)
{
    _Alignas(uint64_t) char list[2048];
    const long own = syscall(SYS_gettid);
    int threads = 0;
    long size;
    int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && (size = syscall(SYS_getdents64, fd, list, sizeof list)) > 0)
        for (long at = 0; at < size;) {
            /* struct linux_dirent64: inode, offset (8 bytes each), length (2), type (1), name */
            unsigned short length;
            memcpy(&length, list + at + 16, sizeof length);
            long thread = 0;
            for (const char *c = list + at + 19; *c >= '0' && *c <= '9'; c++)
                thread = thread * 10 + (*c - '0');
            at += length;
            if (thread > 0 && thread != own && syscall(SYS_tgkill, getpid(), thread, HALT) == 0)
                threads++;
        }
    if (fd >= 0)
        close(fd);
    return threads;
}
#else
static int halt_threads(void)
{
    return 0;
}
#endif

/* The other threads are stopped first, so that none makes a file behind our back. */
void clv_signals_tidy(void)
{
    const struct timespec tick = {0, 5000000};
    if (atomic_exchange(&ending, 1)) /* another thread's handler does it */
        for (;;)
            pause();
    struct sigaction action; /* libraries have threads before a run begins, and may fail after it */
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    action.sa_handler = on_halt;
    sigaction(HALT, &action, NULL);
    const int threads = halt_threads();
    for (int i = 0; i < HALT_TRIES && atomic_load(&halted) < threads; i++)
        nanosleep(&tick, NULL); /* one that waits for a disk does not come */
    clv_unlink_unfinished();
}

static void end_now(int number)
{
    clv_signals_tidy();
    die_of(number);
}

static void wait_then_end(long microseconds)
{
    const struct itimerval once = {.it_value = {.tv_usec = microseconds}};
    setitimer(ITIMER_REAL, &once, NULL);
}

static void on_time(int number)
{
    const int error = errno;
    (void)number;
    if (caught && clv_unfinished_held() && atomic_fetch_add(&again, 1) < MOST_AGAIN)
        wait_then_end(AGAIN_MICROSECONDS);
    else if (caught)
        end_now(caught);
    errno = error;
}

/* The first asks the run to end, and gives it a moment; a library may hold it up for longer. */
static void on_signal(int number)
{
    const int error = errno;
    const bool first = !caught;
    if (first)
        caught = number;
    if (first && running)
        clv_context_cancel(running);
    if (first)
        wait_then_end(GRACE_MICROSECONDS);
    else
        on_time(number);
    errno = error;
}

/* ---- Beginning and end of a run ---------------------------------------------------------------------- */

static bool is_ours(const struct sigaction *action)
{
    return action->sa_handler == on_signal || action->sa_handler == on_time || action->sa_handler == on_halt;
}

static void handle(int number, void (*handler)(int), bool unless_ignored)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask); /* one handler at a time */
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART; /* libraries do not expect their reads to be interrupted */
    if (sigaction(number, NULL, &before) == 0 && !(unless_ignored && before.sa_handler == SIG_IGN))
        sigaction(number, &action, NULL);
}

void clv_signals_start(clv_context *ctx)
{
    running = ctx;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a quota is a write error like any other */
    handle(SIGALRM, on_time, false);
    handle(HALT, on_halt, false);
    for (size_t i = 0; i < WATCHED; i++)
        handle(watched[i], on_signal, true);
}

void clv_signals_end(void)
{
    struct sigaction now;
    running = NULL;
    for (size_t i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &now) == 0 && is_ours(&now))
            signal(watched[i], SIG_DFL);
    if (caught)
        return; /* what is left to do may hang too */
    signal(SIGALRM, SIG_DFL);
    signal(HALT, SIG_DFL);
}

void clv_signals_die_if_caught(void)
{
    if (caught)
        die_of(caught);
}
