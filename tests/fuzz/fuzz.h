/* SPDX-License-Identifier: MIT
 *
 * fuzz: what the targets share. A target is a function of one block of bytes, as libFuzzer calls it; it must return 0
 * for every block, without a crash, a sanitizer's report, a leak or a broken promise (clv_require).
 *
 *     cmake -B build/fuzz -DCLV_FUZZ=ON -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
 *     ninja -C build/fuzz fuzz_json && build/fuzz/tests/fuzz_json -max_total_time=60 NEW_FOLDER tests/fuzz/corpus/json
 *
 * Without CLV_FUZZ the same target is linked to replay.c, and ctest runs it over the corpus.
 */
#ifndef CLV_TESTS_FUZZ_H
#define CLV_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the function under test. */
#define clv_require(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The bytes as a C string (free()), up to their first NUL. */
static inline char *clv_fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    clv_require(text);
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    return text;
}

#endif
