/* SPDX-License-Identifier: MIT */
#include "base/random.h"

CLV_EXACT_FLOATS

uint64_t clv_hash(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

uint64_t clv_hash_seed(uint64_t seed, uint64_t salt)
{
    return clv_hash(clv_hash(seed + UINT64_C(0x9E3779B97F4A7C15)) ^ (salt * UINT64_C(0xD1342543DE82EF95)));
}

uint64_t clv_hash2(uint64_t seed, int64_t x, int64_t y)
{
    return clv_hash(seed ^ ((uint64_t)x * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)y * UINT64_C(0xC2B2AE3D27D4EB4F)));
}

double clv_hash_unit(uint64_t hash)
{
    return (double)(hash >> 11) * (1.0 / 9007199254740992.0);
}

double clv_hash_part(uint64_t hash, int part)
{
    return (double)((hash >> (16 * part)) & 0xFFFF) * (1.0 / 65536.0);
}

double clv_hash_gauss(uint64_t hash)
{
    /* Four 16-bit uniforms: mean 131070, variance 4 (2^32 - 1) / 12. */
    const uint64_t sum = (hash & 0xFFFF) + ((hash >> 16) & 0xFFFF) + ((hash >> 32) & 0xFFFF) + (hash >> 48);
    return ((double)sum - 131070.0) * (1.0 / 37837.2268003);
}

void clv_random_seed(clv_random *rng, uint64_t seed)
{
    rng->state = seed;
}

uint64_t clv_random_next(clv_random *rng)
{
    rng->state += UINT64_C(0x9E3779B97F4A7C15);
    return clv_hash(rng->state);
}

double clv_random_unit(clv_random *rng)
{
    return clv_hash_unit(clv_random_next(rng));
}

double clv_random_range(clv_random *rng, double low, double high)
{
    return low + (high - low) * clv_random_unit(rng);
}

int clv_random_int(clv_random *rng, int n)
{
    if (n < 1)
        return 0;
    return (int)(((clv_random_next(rng) >> 32) * (uint64_t)n) >> 32);
}

double clv_random_gauss(clv_random *rng)
{
    double sum = 0.0; /* twelve uniforms have variance one */
    for (int i = 0; i < 12; i++)
        sum += clv_random_unit(rng);
    return sum - 6.0;
}
