/* SPDX-License-Identifier: MIT */
#include "raster/gdal_errors.h"

#include <stdio.h>

static void CPL_STDCALL catch_error(CPLErr level, CPLErrorNum number, const char *message)
{
    (void)number;
    clv_trap *trap = CPLGetErrorHandlerUserData();
    bool first;
    if (level >= CE_Failure) {
        first = trap->failures++ == 0;
    } else if (level == CE_Warning) {
        first = trap->warnings++ == 0 && trap->failures == 0;
    } else {
        return;
    }
    if (!first)
        return;
    snprintf(trap->text, sizeof trap->text, "%s", message);
    for (char *p = trap->text; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

void clv_trap_begin(clv_trap *trap)
{
    *trap = (clv_trap){0};
    CPLErrorReset();
    CPLPushErrorHandlerEx(catch_error, trap);
}

bool clv_trap_end(clv_trap *trap)
{
    CPLPopErrorHandler();
    CPLErrorReset();
    return trap->failures > 0;
}

const char *clv_trap_text(const clv_trap *trap)
{
    return trap->text[0] ? trap->text : "unknown error";
}
