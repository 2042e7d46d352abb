/* SPDX-License-Identifier: MIT
 *
 * request_json: the date of a response.tiff as sentinelhub-py keeps it: in the request.json beside it, as the time
 * range that was asked for. Ranges of more than three days are no date.
 *
 *     if (clv_request_date("download/3f2a.../response.tiff", &date)) ...
 */
#ifndef CLV_PRODUCTS_REQUEST_JSON_H
#define CLV_PRODUCTS_REQUEST_JSON_H

#include <stdbool.h>

#include "sentinel2/dates.h"

bool clv_request_date(const char *response, clv_date *date);

#endif
