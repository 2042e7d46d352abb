/* SPDX-License-Identifier: MIT
 *
 * training_files: which files a training may write: weights (-o), checkpoint, log and its chart. None of them may be
 * an input, none the same as another, and what exists is replaced with -overwrite only, or when it belongs to the
 * training that -resume goes on with: the checkpoint itself, and the weights and the log that the checkpoint names.
 *
 * One thread; nothing is kept.
 */
#ifndef CLV_LEARN_TRAIN_TRAINING_FILES_H
#define CLV_LEARN_TRAIN_TRAINING_FILES_H

#include "base/context.h"
#include "formats/json.h"

/* Before anything is read: the names alone, and, without -resume, that nothing exists. Notes -init and -resume as
 * inputs. */
clv_status clv_training_files_check(clv_context *ctx, const clv_train_options *options);
/* After all has been read and before anything is written. course: what the checkpoint of -resume tells of its training,
 * NULL without. */
clv_status clv_training_files_claim(clv_context *ctx, const clv_train_options *options, const clv_json *course);
/* Before each writing of the weights or the checkpoint, which another context does. */
clv_status clv_training_files_spare(clv_context *ctx, const clv_train_options *options, const char *path);

/* Whether both lead to one file. */
bool clv_training_files_same(const char *a, const char *b);

#endif
