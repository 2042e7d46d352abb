/* SPDX-License-Identifier: MIT
 *
 * cf_time: units that are read count days of the calendar, whatever the number.
 */
#include "fuzz.h"

#include <math.h>

#include "sentinel2/cf_time.h"
#include "sentinel2/dates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double value = 0, days;
    clv_cf_time time;
    if (size >= sizeof value)
        memcpy(&value, data + size - sizeof value, sizeof value);
    char *text = clv_fuzz_text(data, size >= sizeof value ? size - sizeof value : size);
    const char *const calendars[] = {NULL, "noleap"};
    for (int i = 0; i < 2; i++)
        if (clv_cf_time_read(text, calendars[i], &time)) {
            clv_require(isfinite(time.origin) && time.step > 0);
            const double values[] = {0, value, 1, -400};
            for (int k = 0; k < 4; k++)
                if (clv_cf_time_days(&time, values[k], &days)) {
                    clv_date date = clv_date_from_days(floor(days));
                    clv_require(date.year >= 1899 && date.year <= 2200);
                }
        }
    free(text);
    return 0;
}
