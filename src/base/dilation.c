/* SPDX-License-Identifier: MIT */
#include "base/dilation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

clv_dilation_error clv_dilation_parse(const char *text, int *pixels, double *metres)
{
    char copy[64];
    size_t length = strlen(text);
    const bool in_metres = length > 0 && text[length - 1] == 'm';
    double value;
    if (in_metres)
        length -= 1 + (length > 1 && text[length - 2] == ' ');
    /* "nan", "inf" and hexadecimal numbers are none here. */
    if (length == 0 || length >= sizeof copy || strspn(text, "0123456789+-.eE") < length)
        return CLV_DILATION_NO_NUMBER;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!clv_number_parse(copy, &value))
        return CLV_DILATION_NO_NUMBER;
    if (!(value >= 0 && value <= (in_metres ? CLV_DILATION_MOST_M : CLV_DILATION_MOST)))
        return CLV_DILATION_RANGE;
    if (in_metres) {
        *pixels = -1;
        *metres = value;
        return CLV_DILATION_GOOD;
    }
    if (value != floor(value) || strpbrk(copy, ".eE"))
        return CLV_DILATION_NO_INTEGER;
    *pixels = (int)value;
    return CLV_DILATION_GOOD;
}

const char *clv_dilation_mistake(clv_dilation_error error)
{
    if (error == CLV_DILATION_NO_NUMBER)
        return "is not a number; write pixels such as 2, or metres such as 40m";
    if (error == CLV_DILATION_NO_INTEGER)
        return "is not a whole number of pixels; for metres write 40m";
    return "is out of range; give 0 to 64 pixels, or metres such as 40m";
}

void clv_dilation_text(const clv_detect_settings *settings, char text[CLV_NUMBER_SIZE + 1])
{
    if (settings->dilate >= 0) {
        snprintf(text, CLV_NUMBER_SIZE, "%d", settings->dilate);
        return;
    }
    clv_number_format(settings->dilate_m, text);
    memcpy(text + strlen(text), "m", 2);
}

bool clv_dilation_same(const clv_detect_settings *a, const clv_detect_settings *b)
{
    if (a->dilate >= 0 || b->dilate >= 0)
        return a->dilate == b->dilate;
    return a->dilate_m == b->dilate_m;
}

int clv_dilation_pixels(const clv_detect_settings *settings, double pixel_m)
{
    if (settings->dilate >= 0)
        return settings->dilate;
    const double pixels = floor(settings->dilate_m / (pixel_m > 0 ? pixel_m : CLV_DILATION_UNKNOWN) + 0.5);
    return pixels >= 0 ? (int)fmin(pixels, CLV_DILATION_MOST) : 0;
}
