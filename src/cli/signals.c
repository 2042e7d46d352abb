/* SPDX-License-Identifier: MIT */
#include "cli/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
#define WATCHED (sizeof watched / sizeof watched[0])

static volatile sig_atomic_t caught;
static clv_context *running;

/* Dies of the signal: the default action happens when it is unblocked, at the latest on return from the handler. */
static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void on_signal(int number)
{
    if (caught) {
        clv_unlink_unfinished();
        die_of(number);
        return;
    }
    caught = number;
    if (running)
        clv_context_cancel(running);
}

void clv_signals_start(clv_context *ctx)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    running = ctx;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a quota is a write error like any other */
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART; /* libraries do not expect their reads to be interrupted */
    for (size_t i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
}

void clv_signals_end(void)
{
    struct sigaction now;
    running = NULL;
    for (size_t i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler == on_signal)
            signal(watched[i], SIG_DFL);
}

void clv_signals_die_if_caught(void)
{
    if (caught)
        die_of(caught);
}
