/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* sigaltstack() */
#include "cli/faults.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/reading.h"
#include "cli/signals.h"

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static char stack[65536]; /* the main thread's own may be what ran out */

static void add(char *line, size_t size, const char *text)
{
    size_t n = strlen(line);
    for (; *text && n + 1 < size; text++)
        line[n++] = (unsigned char)*text < ' ' || *text == 127 ? '?' : *text;
    line[n] = '\0';
}

static void on_fault(int number)
{
    static const char *const names[] = {"segmentation fault", "bus error", "arithmetic fault", "illegal instruction",
                                        "abort"};
    char line[1400] = "ERROR 7: stopped by a fault";
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        signal(faults[i], SIG_DFL); /* a second one, in here, ends it */
        if (faults[i] == number) {
            add(line, sizeof line, " (");
            add(line, sizeof line, names[i]);
            add(line, sizeof line, ")");
        }
    }
    if (*clv_reading_now()) {
        add(line, sizeof line, " after opening ");
        add(line, sizeof line, clv_reading_now());
        add(line, sizeof line, ": it may be damaged");
    }
    add(line, sizeof line, "; without a damaged file this is a mistake in the program: please report it");
    size_t n = strlen(line);
    line[n] = '\n';
    (void)!write(2, line, n + 1);
    clv_signals_tidy();
    _exit(1);
}

void clv_faults_start(void)
{
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* which tell more */
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    action.sa_handler = on_fault;
    action.sa_flags = SA_NODEFER | (sigaltstack(&own, NULL) == 0 ? SA_ONSTACK : 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigaction(faults[i], &action, NULL);
#else
    (void)on_fault;
    (void)stack;
#endif
}
