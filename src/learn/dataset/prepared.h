/* SPDX-License-Identifier: MIT
 *
 * prepared: reader of a prepared training set, as `clearvision prepare` writes it. Needs no GDAL.
 *
 * One safetensors file. For sequence i = 000000, 000001, ...: "seq.NNNNNN.x" I16 [T, C, 128, 128] (reflectance * 10000,
 * 0 where not observed), "seq.NNNNNN.gap" U8 [T, 128, 128] (0 observed, 1 cloud, 2 shadow, 4 missing; or'ed),
 * "seq.NNNNNN.days" F64 [T] (days since 1970-01-01, ascending). C is 3 (red, green, blue) or 4 (and NIR); a single
 * clear picture is a sequence with T = 1. Then "shapes" U8 [N, 128, 128]: clouds for simulated gaps (0 clear, 1 cloud,
 * 2 shadow). Metadata: "clearvision.prepared" = "1", "clearvision.manifest": where all of it comes from (JSON).
 *
 *     clv_prepared *set;
 *     if ((status = clv_prepared_open(ctx, "set.safetensors", &set)) != CLV_OK) return status;
 *     for (int i = 0; i < clv_prepared_count(set); i++) {
 *         clv_prepared_sequence s;
 *         clv_prepared_get(set, i, &s);
 *         for (int t = 0; t < s.dates; t++) clv_prepared_read(set, i, t, x, gap);
 *     }
 *     clv_prepared_free(set);
 *
 * The file is mapped, not read: it may be larger than memory, and must not be changed while the set is open (a file
 * that is replaced by renaming stays what it was). What is handed out belongs to the set. Many threads may read.
 */
#ifndef CLV_LEARN_DATASET_PREPARED_H
#define CLV_LEARN_DATASET_PREPARED_H

#include "base/context.h"

#define CLV_PREPARED_SIDE 128
#define CLV_PREPARED_PIXELS (CLV_PREPARED_SIDE * CLV_PREPARED_SIDE)

typedef struct clv_prepared clv_prepared;

typedef struct clv_prepared_sequence {
    int dates, bands;
    const double *days; /* [dates] */
    const char *place;
    const char *split;   /* "train" or "hold" */
    const char *licence; /* "" when not known */
    int clear_dates;     /* dates that are gaps for less than 5 % */
} clv_prepared_sequence;

/* CLV_ERROR_OPEN: no such file; CLV_ERROR_FORMAT: not a prepared set, or damaged. */
clv_status clv_prepared_open(clv_context *ctx, const char *path, clv_prepared **out);
void clv_prepared_free(clv_prepared *set);
int clv_prepared_count(const clv_prepared *set);
/* i in [0, count). */
void clv_prepared_get(const clv_prepared *set, int i, clv_prepared_sequence *out);
/* Date t of sequence i: x [bands, 128, 128] reflectance, gap [128, 128]; either may be NULL. */
void clv_prepared_read(const clv_prepared *set, int i, int t, float *x, uint8_t *gap);
/* shapes [*count, 128, 128]; *count may be 0. */
const uint8_t *clv_prepared_shapes(const clv_prepared *set, int64_t *count);

#endif
