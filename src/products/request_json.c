/* SPDX-License-Identifier: MIT */
#include "products/request_json.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/names.h"
#include "formats/json.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_DEPTH 32
#define LONGEST_RANGE 3.0 /* days */

/* The first object called timeRange, at whatever depth. */
static const clv_json *find_range(const clv_json *value, int depth)
{
    const clv_json *found = clv_json_get(value, "timeRange");
    for (int i = 0; !found && depth < MAX_DEPTH && i < clv_json_count(value); i++)
        found = find_range(clv_json_at(value, i), depth + 1);
    return found;
}

bool clv_request_date(const char *response, clv_date *date)
{
    const char *base = clv_name_base(response);
    if (!EQUAL(base, "response.tiff") && !EQUAL(base, "response.tif"))
        return false;
    char error[100], *path = clv_format("%.*srequest.json", (int)(base - response), response);
    GByte *text = NULL;
    vsi_l_offset size = 0;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    bool read = path && clv_path_is_readable(path) && VSIIngestFile(NULL, path, &text, &size, MAX_BYTES);
    clv_gdal_errors_end(&errors);
    clv_json *request = read ? clv_json_parse((const char *)text, (size_t)size, error, sizeof error) : NULL;
    const clv_json *range = find_range(request, 0);
    const char *from = clv_json_string(clv_json_get(range, "from"), ""),
               *to = clv_json_string(clv_json_get(range, "to"), "");
    clv_date first, last;
    bool known = clv_date_parse(from, &first) && clv_date_parse(to, &last) &&
                 clv_date_days(&last) - clv_date_days(&first) <= LONGEST_RANGE;
    if (known) {
        *date = first;
        date->has_time = false; /* of the range, not of the picture */
        date->hour = date->minute = date->second = 0;
    }
    clv_json_free(request);
    CPLFree(text);
    free(path);
    return known;
}
