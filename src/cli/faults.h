/* SPDX-License-Identifier: MIT
 *
 * faults: a crash, of a library that reads a damaged file as a rule, becomes one line and exit status 1. What is
 * unfinished is removed first. A debugger sees the fault before. So does an exception that a library throws and nobody
 * catches, which most often is memory that has run out.
 */
#ifndef CLV_CLI_FAULTS_H
#define CLV_CLI_FAULTS_H

/* From here on until the process ends. Main thread only; also before the libraries have begun. */
void clv_faults_start(void);

#endif
