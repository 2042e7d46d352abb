/* SPDX-License-Identifier: MIT
 *
 * faults: a crash, of a library that reads a damaged file as a rule, becomes one line and exit status 1. What is
 * unfinished is removed first. A debugger sees the fault before.
 */
#ifndef CLV_CLI_FAULTS_H
#define CLV_CLI_FAULTS_H

/* From here on until the process ends. Main thread only. */
void clv_faults_start(void);

#endif
