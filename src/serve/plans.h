/* SPDX-License-Identifier: MIT
 *
 * plans: what a visitor chose, read from a request's JSON and checked against the job.
 *
 *     {"pictures": [0, 2, 1], "dates": ["2020-01-01", null, "2020-01-11"]}
 *     {"options": ...}: {"method": "auto", "dilate": 2 or "40m", "threshold": 0.5, "stack": false, "full": false,
 * "masks": true, "quality": true, "keep_nodata": false}, all of them optional
 *
 * Dates: of a picture that has one, null keeps it. With the server's lock held.
 */
#ifndef CLV_SERVE_PLANS_H
#define CLV_SERVE_PLANS_H

#include "serve/job.h"
#include "serve/serve.h"

#define CLV_PLAN_WHY 240

/* False: `why` says what is wrong. The plan is cleared with clv_plan_clear() either way. */
bool clv_plan_read(const clv_json *doc, const clv_job *job, clv_plan *plan, char why[CLV_PLAN_WHY]);
/* doc: the options; NULL gives the defaults. */
bool clv_run_options_read(const clv_json *doc, const clv_serve_options *defaults, clv_run_options *out,
                          char why[CLV_PLAN_WHY]);

#endif
