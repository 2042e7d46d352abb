/* SPDX-License-Identifier: MIT
 *
 * report: everything the program says, in GDAL's way: `ERROR n: text` and `Warning n: text` on standard error through
 * CPLError (so that CPL_LOG and --debug work as for GDAL's own programs), remarks and GDALTermProgress on standard
 * output.
 *
 * GDAL's own errors during a call are kept for --debug: the library says in one line what went wrong and what to do,
 * and one failure gives one ERROR line. Process-wide; call from the main thread (the log callback comes from any).
 */
#ifndef CLV_CLI_REPORT_H
#define CLV_CLI_REPORT_H

#include <clearvision/clearvision.h>

/* Installs GDAL's error handler and the context's callbacks. quiet: no remarks and no progress. */
void clv_report_start(clv_context *ctx, bool quiet, bool progress);
/* Ends an unfinished progress bar and says the remarks that waited for its end. */
void clv_report_end(void);
/* `ERROR n: text`, n after the status. */
void clv_report_failure(clv_status status, const char *text);
/* `ERROR 1: text` for a command line not understood, 5 when a value is wrong. Needs no clv_report_start(). */
void clv_report_usage(bool wrong_value, const char *text);
/* Flushes standard output; false (and an error line) when something could not be written. */
bool clv_report_flush(void);

#endif
