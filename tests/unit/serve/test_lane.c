/* SPDX-License-Identifier: MIT
 *
 * Visitors take turns; what was dropped is not done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "serve/lane.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char doing[64];
static int released;
static bool gate; /* tasks wait for it */
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;

static void work(void *user, const clv_task *task)
{
    (void)user;
    pthread_mutex_lock(&lock);
    while (!gate)
        pthread_cond_wait(&opened, &lock);
    char name[4];
    snprintf(name, sizeof name, "%c%d", task->job->visitor[0], task->kind);
    strcat(doing, name);
    pthread_cond_signal(&finished);
    pthread_mutex_unlock(&lock);
}

static void done(void *user, clv_job *job)
{
    (void)user;
    job->references--;
    released++;
}

static void turns(void **state)
{
    (void)state;
    static clv_job a[4] = {{.visitor = "a"}, {.visitor = "a"}, {.visitor = "a"}, {.visitor = "a"}},
                   b = {.visitor = "b"}, c = {.visitor = "c"};
    clv_lane lane;
    assert_true(clv_lane_start(&lane, &lock, work, done, NULL));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 4; i++)
        assert_true(clv_lane_add(&lane, &a[i], i));
    assert_true(clv_lane_add(&lane, &b, 4));
    assert_true(clv_lane_add(&lane, &b, 4)); /* is there already */
    assert_true(clv_lane_add(&lane, &b, 5));
    assert_true(clv_lane_add(&lane, &c, 6));
    assert_int_equal(b.references, 2);
    /* Nothing has begun yet: the lane's thread waits for the lock. a0 b4 c6 a1 b5 a2 a3 */
    assert_int_equal(clv_lane_position(&lane, &a[0]), 1);
    assert_int_equal(clv_lane_position(&lane, &b), 2);
    assert_int_equal(clv_lane_position(&lane, &c), 3);
    assert_int_equal(clv_lane_position(&lane, &a[1]), 4);
    assert_int_equal(clv_lane_position(&lane, &a[3]), 7);
    clv_lane_drop(&lane, &a[2], -1);
    clv_lane_drop(&lane, &b, 5);
    assert_int_equal(clv_lane_position(&lane, &a[2]), 0);
    assert_int_equal(clv_lane_position(&lane, &a[3]), 5);
    gate = true;
    pthread_cond_broadcast(&opened);
    while (strlen(doing) < 10)
        pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
    clv_lane_stop(&lane);
    assert_string_equal(doing, "a0b4c6a1a3");
    assert_int_equal(released, 7);
    assert_int_equal(
        a[0].references + a[1].references + a[2].references + a[3].references + b.references + c.references, 0);
}

/* Who was served last waits for the others. */
static void the_last_one_waits(void **state)
{
    (void)state;
    static clv_job a = {.visitor = "a"}, b = {.visitor = "b"};
    clv_lane lane = {.lock = &lock, .done = done};
    snprintf(lane.turns[5].visitor, sizeof lane.turns[5].visitor, "a");
    lane.turns[5].when = lane.taken = 3;
    clv_task second = {.job = &b}, first = {.job = &a, .next = &second};
    lane.first = &first;
    assert_int_equal(clv_lane_position(&lane, &b), 1);
    assert_int_equal(clv_lane_position(&lane, &a), 2);
}

static void stopped_with_tasks_waiting(void **state)
{
    (void)state;
    static clv_job a = {.visitor = "a"};
    clv_lane lane;
    released = 0;
    gate = false;
    assert_true(clv_lane_start(&lane, &lock, work, done, NULL));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 5; i++)
        clv_lane_add(&lane, &a, i);
    lane.stop = true; /* before the thread has taken one */
    gate = true;
    pthread_mutex_unlock(&lock);
    clv_lane_stop(&lane);
    assert_int_equal(released, 5);
    assert_int_equal(a.references, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(turns), cmocka_unit_test(the_last_one_waits),
                                       cmocka_unit_test(stopped_with_tasks_waiting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
