/* SPDX-License-Identifier: MIT */
#include "base/reading.h"

#include <stdio.h>

static _Thread_local char last[1024];

void clv_reading(const char *name)
{
    snprintf(last, sizeof last, "%s", name);
}

const char *clv_reading_now(void)
{
    return last;
}
