/* SPDX-License-Identifier: MIT
 *
 * The plug-in's only door: GDAL calls it when it registers its drivers.
 */
#include <gdal.h>

#include "gdal/drivers.h"

extern "C" CPL_DLL void GDALRegister_CLEARVISION(void);

void GDALRegister_CLEARVISION(void)
{
    if (!GDAL_CHECK_VERSION("CLEARVISION driver"))
        return;
    clv_register_earthnet();
    clv_register_functions();
    clv_register_view();
}
