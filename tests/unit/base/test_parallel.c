/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define N 1000

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* ---- Items ------------------------------------------------------------------------------------- */

struct job {
    clv_context *ctx;
    int threads;
    double result[N];
    atomic_int times[N];
    atomic_int done;
    atomic_int busy[64]; /* a worker's number belongs to one thread at a time */
    atomic_bool wrong;
    int fail_at;
    int cancel_at;
};

static clv_status compute(void *arg, int index, int worker)
{
    struct job *job = arg;
    if (worker < 0 || worker >= job->threads || atomic_fetch_add(&job->busy[worker], 1) != 0)
        job->wrong = true;
    double x = index;
    for (int i = 0; i < 50; i++)
        x = x * 0.999 + 1.0 / (i + 1 + index);
    job->result[index] = x;
    atomic_fetch_add(&job->times[index], 1);
    if (worker >= 0 && worker < job->threads)
        atomic_fetch_sub(&job->busy[worker], 1);
    return CLV_OK;
}

static void test_every_item_once_with_any_number_of_threads(void **state)
{
    (void)state;
    static struct job one, many;
    const int threads[] = {2, 3, 8, 64};
    memset(&one, 0, sizeof one);
    one.threads = 1;
    assert_int_equal(clv_parallel_for(NULL, N, 1, compute, &one), CLV_OK);
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        memset(&many, 0, sizeof many);
        many.threads = threads[t];
        assert_int_equal(clv_parallel_for(NULL, N, threads[t], compute, &many), CLV_OK);
        assert_false(many.wrong);
        for (int i = 0; i < N; i++)
            assert_int_equal(many.times[i], 1);
        assert_memory_equal(one.result, many.result, sizeof one.result);
    }
}

static clv_status never(void *arg, int index, int worker)
{
    (void)index;
    (void)worker;
    *(bool *)arg = true;
    return CLV_ERROR_INTERNAL;
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    bool called = false;
    assert_int_equal(clv_parallel_for(NULL, 0, 4, never, &called), CLV_OK);
    assert_int_equal(clv_parallel_for(NULL, -5, 4, never, &called), CLV_OK);
    assert_false(called);
}

static pthread_t caller;

static clv_status same_thread(void *arg, int index, int worker)
{
    (void)index;
    if (worker != 0 || !pthread_equal(pthread_self(), caller))
        *(bool *)arg = false;
    return CLV_OK;
}

static void test_one_thread_runs_inline(void **state)
{
    (void)state;
    bool same = true;
    caller = pthread_self();
    assert_int_equal(clv_parallel_for(NULL, 20, 1, same_thread, &same), CLV_OK);
    assert_int_equal(clv_parallel_for(NULL, 1, 8, same_thread, &same), CLV_OK); /* one item needs one thread */
    assert_true(same);
}

static clv_status fail_there(void *arg, int index, int worker)
{
    struct job *job = arg;
    (void)worker;
    atomic_fetch_add(&job->done, 1);
    if (index == job->cancel_at)
        clv_context_cancel(job->ctx);
    if (index == job->fail_at)
        return clv_fail(job->ctx, CLV_ERROR_READ, "item %d", index);
    pause_ms(1);
    return CLV_OK;
}

static void test_failure_stops_the_rest(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads += 3) {
        static struct job job;
        memset(&job, 0, sizeof job);
        job.ctx = clv_context_new();
        job.fail_at = 5;
        job.cancel_at = -1;
        assert_int_equal(clv_parallel_for(job.ctx, N, threads, fail_there, &job), CLV_ERROR_READ);
        assert_string_equal(clv_context_error(job.ctx), "item 5");
        assert_true(job.done >= 6 && job.done < N / 2);
        clv_context_free(job.ctx);
    }
}

static void test_cancellation_stops_the_rest(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads += 3) {
        static struct job job;
        memset(&job, 0, sizeof job);
        job.ctx = clv_context_new();
        job.fail_at = -1;
        job.cancel_at = 7;
        assert_int_equal(clv_parallel_for(job.ctx, N, threads, fail_there, &job), CLV_ERROR_CANCELLED);
        assert_string_equal(clv_context_error(job.ctx), "cancelled");
        assert_true(job.done >= 8 && job.done < N / 2);
        clv_context_free(job.ctx);
    }
}

static clv_status nested(void *arg, int index, int worker)
{
    (void)index;
    (void)worker;
    static struct job inner[8];
    struct job *job = &inner[index];
    memset(job, 0, sizeof *job);
    job->threads = 2;
    clv_status status = clv_parallel_for(NULL, N, 2, compute, job);
    for (int i = 0; i < N; i++)
        if (job->times[i] != 1)
            *(bool *)arg = false;
    return status;
}

static void test_nested(void **state)
{
    (void)state;
    bool right = true;
    assert_int_equal(clv_parallel_for(NULL, 8, 3, nested, &right), CLV_OK);
    assert_true(right);
}

static clv_status signals_blocked(void *arg, int index, int worker)
{
    struct job *job = arg;
    sigset_t set;
    (void)index;
    pause_ms(5); /* so that other workers get items too */
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    bool blocked = sigismember(&set, SIGINT) && sigismember(&set, SIGTERM) && sigismember(&set, SIGHUP);
    if (worker == 0 ? blocked : !blocked || sigismember(&set, SIGSEGV))
        job->wrong = true;
    return CLV_OK;
}

static void test_workers_leave_signals_to_the_program(void **state)
{
    (void)state;
    static struct job job;
    memset(&job, 0, sizeof job);
    assert_int_equal(clv_parallel_for(NULL, 16, 4, signals_blocked, &job), CLV_OK);
    assert_false(job.wrong);
}

/* ---- One task ---------------------------------------------------------------------------------- */

struct work {
    atomic_bool go;
    bool done;
    clv_status status;
};

static clv_status wait_and_answer(void *arg)
{
    struct work *work = arg;
    while (!work->go)
        pause_ms(1);
    work->done = true;
    return work->status;
}

static void test_task(void **state)
{
    (void)state;
    struct work work = {.status = CLV_ERROR_WRITE};
    clv_task *task = clv_task_start(NULL, wait_and_answer, &work);
    assert_non_null(task);
    work.go = true; /* it runs beside us, or this line would never be reached */
    assert_int_equal(clv_task_wait(task), CLV_ERROR_WRITE);
    assert_true(work.done);
    assert_int_equal(clv_task_wait(NULL), CLV_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_once_with_any_number_of_threads),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_one_thread_runs_inline),
        cmocka_unit_test(test_failure_stops_the_rest),
        cmocka_unit_test(test_cancellation_stops_the_rest),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_workers_leave_signals_to_the_program),
        cmocka_unit_test(test_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
