/* SPDX-License-Identifier: MIT
 *
 * alloc: sizes that come from files are multiplied with an overflow check, and big buffers are aligned.
 * Everything returned here is freed with free().
 *
 *     float *x = clv_alloc_array(n_dates, (size_t)w * h, sizeof *x);   // NULL: too large or out of memory
 */
#ifndef CLV_BASE_ALLOC_H
#define CLV_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* a * b into *out; false on overflow. */
bool clv_size_mul(size_t a, size_t b, size_t *out);
/* a * b * size bytes, zeroed, 64-byte aligned; NULL when it overflows or memory is out. 0 bytes become 64. */
void *clv_alloc_array(size_t a, size_t b, size_t size);
char *clv_strdup(const char *s); /* NULL for NULL */
/* As printf, with a decimal point in any locale; NULL when out of memory. */
char *clv_format(const char *format, ...) CLV_PRINTF(1, 2);

#ifdef __cplusplus
}
#endif
#endif
