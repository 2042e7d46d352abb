/* SPDX-License-Identifier: MIT */
#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* ---- Threads that leave signals to the program -------------------------------------------------- */

/* Signals sent to the process are for the program's own threads; only those that a thread causes itself stay open. */
static int start_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE};
    sigset_t blocked, before;

    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&blocked, own[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    int result = pthread_create(thread, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static _Thread_local bool marked;

bool clv_thread_mark(bool mark)
{
    bool before = marked;
    marked = mark;
    return before;
}

bool clv_thread_marked(void)
{
    return marked;
}

/* ---- Many items -------------------------------------------------------------------------------- */

typedef struct clv_crew {
    clv_context *ctx;
    clv_parallel_fn fn;
    void *arg;
    int n;
    atomic_int next;   /* the next item to take; n and more when all are taken */
    atomic_int status; /* the first failure's */
    bool mark;         /* of the thread that waits */
} clv_crew;

typedef struct clv_worker {
    clv_crew *crew;
    int number;
    pthread_t thread;
} clv_worker;

static int take_item(clv_crew *crew)
{
    int item = atomic_load_explicit(&crew->next, memory_order_relaxed);

    /* Not a plain increment: with n near INT_MAX the workers' last, vain turns would overflow it. */
    while (item < crew->n && !atomic_compare_exchange_weak(&crew->next, &item, item + 1)) {
    }
    return item;
}

static void work(clv_crew *crew, int worker)
{
    while (atomic_load(&crew->status) == CLV_OK) {
        int item = take_item(crew);
        if (item >= crew->n)
            return;
        clv_status status = clv_check_cancel(crew->ctx);
        if (status == CLV_OK)
            status = crew->fn(crew->arg, item, worker);
        if (status != CLV_OK) {
            int none = CLV_OK;
            atomic_compare_exchange_strong(&crew->status, &none, (int)status);
        }
    }
}

static void *worker_main(void *arg)
{
    clv_worker *worker = arg;
    clv_thread_mark(worker->crew->mark);
    work(worker->crew, worker->number);
    return NULL;
}

clv_status clv_parallel_for(clv_context *ctx, int n, int threads, clv_parallel_fn fn, void *arg)
{
    clv_crew crew = {.ctx = ctx, .fn = fn, .arg = arg, .n = n, .mark = marked};
    clv_worker *workers = NULL;
    int started = 0;

    if (n <= 0)
        return CLV_OK;
    if (threads <= 0)
        threads = clv_threads(ctx);
    if (threads > n)
        threads = n;
    atomic_init(&crew.next, 0);
    atomic_init(&crew.status, CLV_OK);
    if (threads > 1)
        workers = calloc((size_t)threads, sizeof *workers);
    /* The caller is worker 0. Where the system gives fewer threads, or no memory for them, those there do the work. */
    for (int i = 1; workers && i < threads; i++) {
        workers[started].crew = &crew;
        workers[started].number = i;
        if (start_thread(&workers[started].thread, worker_main, &workers[started]) != 0)
            break;
        started++;
    }
    work(&crew, 0);
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
    return (clv_status)atomic_load(&crew.status);
}

/* ---- One task ---------------------------------------------------------------------------------- */

struct clv_task {
    clv_status (*fn)(void *arg);
    void *arg;
    clv_status status;
    bool mark;
    pthread_t thread;
};

static void *task_main(void *arg)
{
    clv_task *task = arg;
    clv_thread_mark(task->mark);
    task->status = task->fn(task->arg);
    return NULL;
}

clv_task *clv_task_start(clv_context *ctx, clv_status (*fn)(void *arg), void *arg)
{
    clv_task *task = calloc(1, sizeof *task);

    if (task) {
        task->fn = fn;
        task->arg = arg;
        task->mark = marked;
        if (start_thread(&task->thread, task_main, task) == 0)
            return task;
    }
    clv_debug(ctx, "no background thread could be started");
    free(task);
    return NULL;
}

clv_status clv_task_wait(clv_task *task)
{
    if (!task)
        return CLV_OK;
    pthread_join(task->thread, NULL);
    clv_status status = task->status;
    free(task);
    return status;
}
