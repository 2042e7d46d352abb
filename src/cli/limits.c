/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pthread_setattr_default_np(), syscall() */
#include "cli/limits.h"
#include "cli/faults.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAST_STACK ((rlim_t)512 << 10)
#define USUAL_STACK ((rlim_t)8 << 20)
#define LEAST_MEMORY                                                                                                   \
    ((rlim_t)1150 << 20) /* of addresses: libraries, networks, what threads reserve; measured, 2 threads */
#define MEMORY_PER_THREAD ((rlim_t)40 << 20)
#define FEW_PROCESSES 4096 /* a limit above this is none */
#define MOST_TRIED 256

/* Without the C library's help: it may not have begun yet. */
static void say(const char *const *parts)
{
    char line[300];
    size_t n = 0;
    for (int i = 0; parts[i]; i++)
        for (const char *c = parts[i]; *c && n < sizeof line; c++)
            line[n++] = *c;
    (void)!write(2, line, n);
    _exit(1);
}

static const char *decimal(unsigned long long x, char out[24])
{
    char *at = out + 23;
    *at = '\0';
    do
        *--at = (char)('0' + x % 10);
    while ((x /= 10) > 0);
    return at;
}

void clv_limits_stack(void)
{
    struct rlimit now;
    char kilobytes[24];
    if (getrlimit(RLIMIT_STACK, &now) != 0 || now.rlim_cur == RLIM_INFINITY || now.rlim_cur >= USUAL_STACK / 8)
        return;
    struct rlimit wanted = {USUAL_STACK, now.rlim_max};
    if (wanted.rlim_max != RLIM_INFINITY && wanted.rlim_max < USUAL_STACK)
        wanted.rlim_max = USUAL_STACK; /* for who may */
    if (setrlimit(RLIMIT_STACK, &wanted) != 0) {
        wanted = (struct rlimit){now.rlim_max, now.rlim_max};
        if (setrlimit(RLIMIT_STACK, &wanted) != 0 || wanted.rlim_cur < LEAST_STACK)
            say((const char *const[]){"ERROR 2: a stack of ", decimal(wanted.rlim_cur / 1024, kilobytes),
                                      " kB is too small; raise the limit: ulimit -s 8192\n", NULL});
    }
#ifdef __GLIBC__
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return;
    if (pthread_attr_setstacksize(&attributes, (size_t)wanted.rlim_cur) == 0)
        pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
#endif
}

/* AddressSanitizer reserves terabytes of addresses, and its own beginning must be the first. */
#if defined __GLIBC__ && defined SYS_clone && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__

static long processors(void)
{
    unsigned long set[16] = {0}; /* 1024 processors */
    const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof set, set);
    long n = 0;
    for (long i = 0; i < bytes / (long)sizeof *set; i++)
        n += __builtin_popcountl(set[i]);
    return n > 0 ? n : 1;
}

static long fork_plainly(void)
{
#if defined __s390__ || defined __s390x__ || defined __CRIS__
    return syscall(SYS_clone, 0, (long)SIGCHLD, 0, 0, 0);
#else
    return syscall(SYS_clone, (long)SIGCHLD, 0, 0, 0, 0);
#endif
}

/* Whether so many processes, of which threads are a kind, can be there besides this one. */
static bool can_start(long wanted)
{
    pid_t children[MOST_TRIED];
    const long parent = syscall(SYS_getpid);
    long n = 0;
    for (; n < wanted && n < MOST_TRIED; n++) {
        const long child = fork_plainly();
        if (child == 0) {
            syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* a killed parent leaves none */
            while (syscall(SYS_getppid) == parent)
                syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
            syscall(SYS_exit, 1);
        }
        if (child < 0)
            break;
        children[n] = (pid_t)child;
    }
    const bool all = n == wanted || n == MOST_TRIED;
    for (long i = 0; i < n; i++) {
        syscall(SYS_kill, children[i], SIGKILL);
        syscall(SYS_wait4, children[i], NULL, 0, NULL);
    }
    return all;
}

static void look_first(int argc, char **argv, char **environment)
{
    struct rlimit now;
    char text[24];
    (void)argc;
    (void)argv;
    (void)environment;
    clv_faults_start(); /* libraries take memory when they begin */
    const long threads = processors();
    const rlim_t memory = LEAST_MEMORY + (rlim_t)(threads < 64 ? threads : 64) * MEMORY_PER_THREAD;
    if (syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, &now) == 0 && now.rlim_cur < memory)
        say((const char *const[]){
            "ERROR 2: the limit of memory leaves too little for the libraries; raise it: ulimit -v ",
            decimal(memory / 1024, text), "\n", NULL});
    const long wanted = 3 * threads + 2;
    if (syscall(SYS_prlimit64, 0, RLIMIT_NPROC, NULL, &now) == 0 && now.rlim_cur < FEW_PROCESSES && !can_start(wanted))
        say((const char *const[]){"ERROR 2: too few processes and threads may be started (",
                                  decimal((unsigned long long)wanted, text),
                                  " are needed); raise the limit: ulimit -u\n", NULL});
}

/* Runs before the beginnings of all libraries. */
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = look_first;

#endif
