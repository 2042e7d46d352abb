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

/* What is thrown by a library of C++ and caught by nobody: without memory as a rule. The C++ ABI's names, so that the
 * program needs no C++ of its own: the type's second word is its name. */
typedef void (*terminate_fn)(void);
terminate_fn set_terminate(terminate_fn) __asm__("_ZSt13set_terminatePFvvE");
struct type {
    const void *functions;
    const char *name;
};
struct type *current_exception_type(void) __asm__("__cxa_current_exception_type");

static void on_terminate(void)
{
    static const char memory[] = "ERROR 2: out of memory\n";
    const struct type *type = current_exception_type();
    if (!type || strcmp(type->name, "St9bad_alloc") != 0)
        on_fault(SIGABRT);
    (void)!write(2, memory, sizeof memory - 1);
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
    set_terminate(on_terminate);
#else
    (void)on_terminate;
    (void)on_fault;
    (void)stack;
#endif
}
