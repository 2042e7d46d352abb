/* SPDX-License-Identifier: MIT
 *
 * context: error text, log, progress and cancellation of one call, for every folder of the library.
 *
 * Functions return clv_status; the text of a failure is put into the context by clv_fail(), which returns its
 * status so that a caller can write `return clv_fail(ctx, CLV_ERROR_OPEN, "%s: no such file", path);`.
 * A message is one line that says what is wrong and what to do; it starts with the file or option it is about. Numbers
 * in messages have a decimal point in any locale.
 * All functions may be called from several threads; ctx may be NULL (then nothing is recorded).
 */
#ifndef CLV_BASE_CONTEXT_H
#define CLV_BASE_CONTEXT_H

#include <clearvision/clearvision.h>

#if defined(__GNUC__)
#define CLV_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define CLV_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Records the message (the first failure of a call wins until clv_clear_error) and returns status. */
clv_status clv_fail(clv_context *ctx, clv_status status, const char *format, ...) CLV_PRINTF(3, 4);
/* CLV_ERROR_MEMORY with the text "out of memory"; _for puts "SUBJECT: " before it, the file or the command. */
clv_status clv_fail_memory(clv_context *ctx);
clv_status clv_fail_memory_for(clv_context *ctx, const char *subject);
/* Every public call starts with it, and only they: forgets the error, the progress, and a cancellation that has been
 * reported (one that came between two calls stops the next). */
void clv_clear_error(clv_context *ctx);

void clv_debug(clv_context *ctx, const char *format, ...) CLV_PRINTF(2, 3);
void clv_note(clv_context *ctx, const char *format, ...) CLV_PRINTF(2, 3);
void clv_warn(clv_context *ctx, const char *format, ...) CLV_PRINTF(2, 3);

/* Reports progress in [0, 1] of the current phase; CLV_ERROR_CANCELLED (with text) when the user wants to stop. */
clv_status clv_progress(clv_context *ctx, double complete);
/* The next clv_progress calls' [0, 1] is mapped to [from, to] of the whole. What is reported never goes backwards; a
 * phase from 0 starts a new whole. */
void clv_progress_phase(clv_context *ctx, double from, double to);
/* What follows, with all its phases, is the part [from, to] of the whole: for work that is done piece by piece. */
void clv_progress_part(clv_context *ctx, double from, double to);
/* While muted, remarks and warnings are dropped: what is done piece by piece has been described before. */
void clv_mute(clv_context *ctx, bool mute);
/* The four numbers of the window (-srcwin) that is worked piece by piece from here on; NULL: none. What is decided for
 * the whole is decided in it, so that all pieces decide alike. */
void clv_set_whole_window(clv_context *ctx, const double window[4]);
/* false where nothing is worked piece by piece. */
bool clv_whole_window(clv_context *ctx, double window[4]);
/* CLV_OK, or CLV_ERROR_CANCELLED with its text. Cheap: call it once a window. */
clv_status clv_check_cancel(clv_context *ctx);

/* The files that the call has read, see input_files.h. ctx is not NULL. */
struct clv_file_set *clv_context_input_files(clv_context *ctx);

/* Number of worker threads to use, at least 1. */
int clv_threads(const clv_context *ctx);
/* As clv_context_set_threads(), for the time of a call: returns the former setting, to be set again at its end. */
int clv_threads_replace(clv_context *ctx, int threads);

#ifdef __cplusplus
}
#endif
#endif
