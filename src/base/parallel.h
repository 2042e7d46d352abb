/* SPDX-License-Identifier: MIT
 *
 * parallel: runs a function for 0 .. n-1 on some threads and waits. The first failure stops the rest; cancellation
 * of the context is checked between items. Results must not depend on the order of items or number of threads.
 */
#ifndef CLV_BASE_PARALLEL_H
#define CLV_BASE_PARALLEL_H

#include "base/context.h"

/* index: the item; worker: 0 .. threads-1, for per-thread work space. */
typedef clv_status (*clv_parallel_fn)(void *arg, int index, int worker);

/* threads <= 0: clv_threads(ctx). Runs inline with one thread. Returns the first failure's status. */
clv_status clv_parallel_for(clv_context *ctx, int n, int threads, clv_parallel_fn fn, void *arg);

/* One task in the background (reading ahead, writing behind). start() copies nothing: arg must live until wait(). */
typedef struct clv_task clv_task;
clv_task *clv_task_start(clv_context *ctx, clv_status (*fn)(void *arg), void *arg); /* NULL: no thread could start */
clv_status clv_task_wait(clv_task *task); /* joins and frees; NULL gives CLV_OK */

/* A mark that a thread carries and hands on to every thread started for it by the functions above. Views use it to
 * know their own threads again when those come back to them through GDAL. Returns what it was. */
bool clv_thread_mark(bool mark);
bool clv_thread_marked(void);

#endif
