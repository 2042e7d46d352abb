/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static locale_t c_locale; /* lives as long as the program */

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t clv_locale_enter(void)
{
    pthread_once(&locale_once, make_locale);
    return uselocale(c_locale); /* without memory for a locale (0) this asks only, and the program's locale serves */
}

void clv_locale_leave(locale_t former)
{
    uselocale(former);
}

bool clv_number_parse(const char *text, double *out)
{
    char *end;

    if (!text || !*text || isspace((unsigned char)*text))
        return false;
    locale_t former = clv_locale_enter();
    double value = strtod(text, &end);
    clv_locale_leave(former);
    if (end == text || *end)
        return false;
    *out = value;
    return true;
}

void clv_number_format(double value, char out[CLV_NUMBER_SIZE])
{
    if (isnan(value)) {
        memcpy(out, "nan", 4);
        return;
    }
    if (isinf(value)) {
        snprintf(out, CLV_NUMBER_SIZE, value > 0 ? "inf" : "-inf");
        return;
    }
    /* 15 digits always survive in a normal double and %g drops their zeros, so fewer need no try. */
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    locale_t former = clv_locale_enter();
    for (; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(out, CLV_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    clv_locale_leave(former);
}
