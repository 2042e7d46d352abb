/* SPDX-License-Identifier: MIT
 *
 * number: what is read and written is read again as the same.
 */
#include "fuzz.h"

#include "base/number.h"

#include <math.h>

static void require_round_trip(double value)
{
    char text[CLV_NUMBER_SIZE];
    double back;

    clv_number_format(value, text);
    clv_require(clv_number_parse(text, &back));
    clv_require(isnan(value) ? isnan(back) != 0 : memcmp(&back, &value, sizeof back) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = clv_fuzz_text(data, size);
    double value;

    if (clv_number_parse(text, &value))
        require_round_trip(value);
    if (size >= sizeof value) {
        memcpy(&value, data, sizeof value);
        require_round_trip(value);
    }
    free(text);
    return 0;
}
