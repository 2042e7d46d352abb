/* SPDX-License-Identifier: MIT
 *
 * random: small deterministic random numbers, as a stream (clv_random) and as a hash of coordinates (clv_hash*).
 *
 * Only integer arithmetic and correctly rounded float operations are used, no libm: the same seed gives the same
 * numbers on every machine with IEEE floats, whatever the compiler and the order of calls elsewhere.
 *
 *     clv_random rng;
 *     clv_random_seed(&rng, 42);
 *     double gain = clv_random_range(&rng, 0.9, 1.1);
 *     double noise = clv_hash_gauss(clv_hash2(seed, x, y));     // the same for pixel (x, y), whoever asks
 *
 * Threads: plain values; a stream belongs to one thread at a time, the hashes are pure functions.
 */
#ifndef CLV_BASE_RANDOM_H
#define CLV_BASE_RANDOM_H

#include <stdint.h>

/* Arithmetic that promises the same bits everywhere must not be fused. GCC keeps it apart under -std=c11; clang has to
 * be told. To be written once at file scope. */
#if defined(__clang__)
#define CLV_EXACT_FLOATS _Pragma("STDC FP_CONTRACT OFF")
#else
#define CLV_EXACT_FLOATS
#endif

/* splitmix64 (Steele, Lea, Flood 2014). */
typedef struct clv_random {
    uint64_t state;
} clv_random;

void clv_random_seed(clv_random *rng, uint64_t seed);
uint64_t clv_random_next(clv_random *rng);                         /* 64 random bits */
double clv_random_unit(clv_random *rng);                           /* [0, 1) */
double clv_random_range(clv_random *rng, double low, double high); /* [low, high) */
int clv_random_int(clv_random *rng, int n);                        /* 0 .. n-1; 0 for n < 1 */
double clv_random_gauss(clv_random *rng);                          /* mean 0, variance 1, within +-6 */

/* Finaliser: every bit of the result depends on every bit of x. */
uint64_t clv_hash(uint64_t x);
/* A seed of its own for part `salt` of a thing seeded by `seed`. */
uint64_t clv_hash_seed(uint64_t seed, uint64_t salt);
uint64_t clv_hash2(uint64_t seed, int64_t x, int64_t y);
double clv_hash_unit(uint64_t hash); /* [0, 1) from the upper bits */
/* [0, 1) from 16 of its bits, part 0 .. 3: four small numbers from one hash. */
double clv_hash_part(uint64_t hash, int part);
double clv_hash_gauss(uint64_t hash); /* mean 0, variance 1, four summed uniforms: within +-3.47 */

#endif
