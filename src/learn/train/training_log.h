/* SPDX-License-Identifier: MIT
 *
 * training_log: the course of a training as a table (CSV: step, loss, learning_rate, minutes, held_out) and as a chart
 * of it (SVG, the same name with .svg). Both are written whole and replaced as the training goes on.
 *
 *     clv_training_log *log;
 *     clv_training_log_open(ctx, "course.csv", step, &log);       // rows up to `step` of an earlier run are kept
 *     clv_training_log_add(log, step, loss, rate, minutes, NAN);  // NaN: not measured; the cell stays empty
 *     clv_training_log_write(log);
 *     clv_training_log_free(log);
 *
 * One thread at a time. The log owns its rows.
 */
#ifndef CLV_LEARN_TRAIN_TRAINING_LOG_H
#define CLV_LEARN_TRAIN_TRAINING_LOG_H

#include "base/context.h"

typedef struct clv_training_log clv_training_log;

/* path NULL: *log is NULL, which all functions accept. A file that is no such table is an error when it is to be
 * continued (step > 0), and replaced when not. */
clv_status clv_training_log_open(clv_context *ctx, const char *path, int64_t step, clv_training_log **log);
clv_status clv_training_log_add(clv_training_log *log, int64_t step, double loss, double rate, double minutes,
                                double held_out);
clv_status clv_training_log_write(clv_training_log *log);
void clv_training_log_free(clv_training_log *log);
/* The name of the chart beside the table; NULL when out of memory. free() */
char *clv_training_log_chart(const char *path);

#endif
