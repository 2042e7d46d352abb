/* SPDX-License-Identifier: MIT
 *
 * signals: Ctrl-C, SIGTERM and SIGHUP stop a run cleanly. The first one cancels the context, the run then removes
 * what it has not finished and returns; a second one, or 0.7 s that a library has held it up, stops all threads,
 * unlinks unfinished files and ends the process, but for moments in which names change that belong together. Signals
 * that were ignored when the program started (background jobs of a shell) stay ignored. Main thread only.
 */
#ifndef CLV_CLI_SIGNALS_H
#define CLV_CLI_SIGNALS_H

#include <clearvision/clearvision.h>

/* Watches for signals until clv_signals_end(). SIGPIPE and SIGXFSZ are ignored from here on: writes fail with an error
 * then. */
void clv_signals_start(clv_context *ctx);
void clv_signals_end(void);
/* From a signal handler, before the process ends: stops the other threads for good, unlinks what is unfinished. */
void clv_signals_tidy(void);
/* When a signal has come: does not return, the process dies of it, so that the shell sees 130, 143 or 129. */
void clv_signals_die_if_caught(void);

#endif
