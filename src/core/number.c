/* SPDX-License-Identifier: MIT */
#include "core/number.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
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

/* The calling thread's locale becomes "C"; the former one is returned for uselocale(). */
static locale_t enter_c_locale(void)
{
    pthread_once(&locale_once, make_locale);
    return uselocale(c_locale); /* without memory for a locale (0) this asks only, and the program's locale serves */
}

bool clv_number_parse(const char *text, double *out)
{
    char *end;

    if (!text || !*text || isspace((unsigned char)*text))
        return false;
    locale_t former = enter_c_locale();
    double value = strtod(text, &end);
    uselocale(former);
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
    locale_t former = enter_c_locale();
    for (; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(out, CLV_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    uselocale(former);
}
