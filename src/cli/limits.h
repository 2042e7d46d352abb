/* SPDX-License-Identifier: MIT
 *
 * limits: limits of the system (ulimit) that libraries do not bear. With too few processes OpenBLAS prints lines of its
 * own and interrupts the program while it is loaded, or waits for threads that were never made; with too little memory
 * it tries again for ever; on a small stack anything may crash. These are looked at before: processes and memory even
 * before the libraries' own beginnings, by a function that the linker puts first.
 *
 * One line and exit status 1 where they do not suffice. Main thread only.
 */
#ifndef CLV_CLI_LIMITS_H
#define CLV_CLI_LIMITS_H

/* Gives this thread and those to come a stack of the usual size where the limit may be raised; else ends the program.
 */
void clv_limits_stack(void);

#endif
