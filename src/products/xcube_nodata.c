/* SPDX-License-Identifier: MIT
 *
 * What marks the pixels of an array that hold no data. CF's _FillValue and missing_value are what GDAL knows; odc-stac,
 * odc-geo and rioxarray write `nodata`, rasterio and stackstac `nodatavals`.
 */
#include "products/xcube.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>

#include "raster/gdal_errors.h"

/* "0", "nan", "(0.0, 0.0)", "[0 0]" */
static bool first_number(const char *text, double *value)
{
    char *end;
    text += strspn(text, "([ ");
    *value = CPLStrtod(text, &end);
    return end != text;
}

static bool stated_in(GDALGroupH group, GDALMDArrayH array, const char *name, double *value)
{
    if (clv_md_numbers(group, array, name, value, 1) > 0)
        return true;
    char *text = clv_md_attribute(group, array, name);
    bool found = text && first_number(text, value);
    free(text);
    return found;
}

static bool stated(GDALGroupH group, GDALMDArrayH array, double *value)
{
    static const char *const names[] = {"nodata", "nodatavals", "_nodata", "nodata_value"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (stated_in(group, array, names[i], value))
            return true;
    return false;
}

/* Whether what the driver gives is the file's own word: of a netCDF variable without one GDAL's raster interface gives
 * the fill value of the library, which nobody wrote. */
static bool is_declared(GDALMDArrayH array)
{
    int has = FALSE;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALMDArrayGetNoDataValueAsDouble(array, &has);
    clv_gdal_errors_end(&errors);
    return has;
}

/* A number beyond the array's type marks nothing: xarray leaves attributes as they were when it converts the values. */
static bool fits(GDALDataType type, double value)
{
    int clamped = FALSE, rounded = FALSE;
    if (GDALDataTypeIsFloating(type))
        return true;
    if (!isfinite(value))
        return false;
    GDALAdjustValueToDataType(type, value, &clamped, &rounded);
    return !clamped && !rounded;
}

void clv_xcube_nodata(GDALGroupH group, GDALMDArrayH array, bool zarr, clv_vrt_part *part)
{
    double value;
    part->has_nodata = part->has_nodata && is_declared(array);
    if (!part->has_nodata && clv_md_numbers(group, array, "_FillValue", &value, 1) == 1) {
        part->nodata = value;
        part->has_nodata = TRUE;
    }
    /* Where nobody says anything xarray gives floats the fill value NaN, which is a gap anyway, and writers of Zarr 0.
     */
    const bool silent = !part->has_nodata || isnan(part->nodata) || (zarr && part->nodata == 0);
    if (silent && stated(group, array, &value) && fits(part->type, value)) {
        part->nodata = value;
        part->has_nodata = TRUE;
    }
}
