/* SPDX-License-Identifier: MIT
 *
 * gap_json: the figures of filled gaps as JSON, see clearvision-evaluate-remove(1).
 */
#ifndef CLV_LEARN_EVALUATE_GAP_JSON_H
#define CLV_LEARN_EVALUATE_GAP_JSON_H

#include "formats/json.h"
#include "learn/evaluate/gap_job.h"

typedef struct clv_gap_facts {
    const clv_evaluate_remove_options *options;
    const clv_gap_queue *queue;
    int64_t windows;          /* looked at */
    const char *model_sha256; /* "" = no model */
} clv_gap_facts;

/* The whole object; free(). NULL when out of memory. */
char *clv_gap_json(const clv_gap_facts *facts);

#endif
