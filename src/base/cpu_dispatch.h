/* SPDX-License-Identifier: MIT
 *
 * cpu_dispatch: CLV_CPU_DISPATCH before a function compiles it for several processors at once; the best is taken when
 * the program starts. Distributions build for the oldest processor; the few loops that take the time should not pay for
 * that. All versions do the same operations in the same order (contraction is off in ISO C), so results do not depend
 * on the machine.
 */
#ifndef CLV_BASE_CPU_DISPATCH_H
#define CLV_BASE_CPU_DISPATCH_H

#include <stddef.h> /* defines __GLIBC__ through features.h */
#include <stdlib.h>

/* Sanitizers instrument the function that chooses, which runs before they are ready. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&                           \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLV_CPU_DISPATCH __attribute__((target_clones("default", "avx2")))
#else
#define CLV_CPU_DISPATCH
#endif

#endif
