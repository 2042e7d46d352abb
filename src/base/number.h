/* SPDX-License-Identifier: MIT
 *
 * number: reading and writing numbers with a decimal point whatever the program's locale says. Any thread.
 *
 *     double x;
 *     if (!clv_number_parse("0.25", &x)) ...     // the whole string must be the number
 *     char text[CLV_NUMBER_SIZE];
 *     clv_number_format(0.1, text);              // "0.1"
 */
#ifndef CLV_BASE_NUMBER_H
#define CLV_BASE_NUMBER_H

#include <locale.h>
#include <stdbool.h>

#define CLV_NUMBER_SIZE 40

/* From enter to leave, printf and scanf in the calling thread use a decimal point; leave takes what enter returned. */
locale_t clv_locale_enter(void);
void clv_locale_leave(locale_t former);
/* The whole string is a number as strtod knows it ("nan" and "inf" included), without white space around it. */
bool clv_number_parse(const char *text, double *out);
/* The fewest digits that read back as the same double; "nan", "inf", "-inf" for these. */
void clv_number_format(double value, char out[CLV_NUMBER_SIZE]);

#endif
