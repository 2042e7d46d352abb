/* SPDX-License-Identifier: MIT */
#include "raster/gdal_errors.h"

#include <stdio.h>

#include "raster/hdf5_quiet.h"

static void CPL_STDCALL catch_error(CPLErr level, CPLErrorNum number, const char *message)
{
    (void)number;
    clv_gdal_errors *errors = CPLGetErrorHandlerUserData();
    bool first;
    if (level >= CE_Failure) {
        first = errors->failures++ == 0;
    } else if (level == CE_Warning) {
        first = errors->warnings++ == 0 && errors->failures == 0;
    } else {
        return;
    }
    if (!first)
        return;
    snprintf(errors->text, sizeof errors->text, "%s", message);
    for (char *p = errors->text; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

void clv_gdal_errors_begin(clv_gdal_errors *errors)
{
    *errors = (clv_gdal_errors){0};
    clv_hdf5_quiet();
    CPLErrorReset();
    CPLPushErrorHandlerEx(catch_error, errors);
}

bool clv_gdal_errors_end(clv_gdal_errors *errors)
{
    CPLPopErrorHandler();
    CPLErrorReset();
    return errors->failures > 0;
}

const char *clv_gdal_errors_text(const clv_gdal_errors *errors)
{
    return errors->text[0] ? errors->text : "unknown error";
}
