/* SPDX-License-Identifier: MIT
 *
 * Pixel functions for derived bands of VRT files (see clearvision-cubes(7)): exact, a pixel's result depends on that
 * pixel of the sources alone. GDAL calls them from any thread; they keep nothing.
 *
 * Values are compared as double, which holds every number of the types up to 32 bits exactly, and copied in the
 * sources' type, so that what is kept is kept to the bit, in 64-bit integers too.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>

#include "base/alloc.h"
#include "gdal/drivers.h"

#define MAX_VALUES 64

/* One call: the window, and a row of every source as double. */
typedef struct call {
    const char *name;
    void **sources;
    int count, width, height;
    GDALDataType type;
    char *out;
    GDALDataType out_type;
    int pixel_space;
    GPtrDiff_t line_space;
    double nodata;
    double *rows; /* [count, width] */
} call;

static CPLErr complain(const call *c, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", c->name, what);
    return CE_Failure;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* A whole text as a number, "nan" too. */
static bool parse_number(const char *text, double *value)
{
    char *end;
    *value = CPLStrtod(text, &end);
    while (*end == ' ')
        end++;
    return *text && *end == 0;
}

/* The number as the type holds it, so that 0.1 finds 0.1f. */
static double in_type(GDALDataType type, double value)
{
    char raw[16] = {0};
    double back;
    GDALCopyWords(&value, GDT_Float64, 0, raw, type, 0, 1);
    GDALCopyWords(raw, type, 0, &back, GDT_Float64, 0, 1);
    return back;
}

/* nodata= as the type of the sources holds it; without one it is NaN, or 0 where there is no NaN. */
static CPLErr read_nodata(call *c, CSLConstList args)
{
    const char *text = CSLFetchNameValue(args, "nodata");
    double value;
    c->nodata = GDALDataTypeIsFloating(c->type) ? (double)NAN : 0;
    if (!text)
        return CE_None;
    if (!parse_number(text, &value))
        return complain(c, "nodata is not a number");
    c->nodata = in_type(c->type, value);
    bool held = GDALDataTypeIsFloating(c->type) ? isnan(value) == isnan(c->nodata) && isinf(value) == isinf(c->nodata)
                                                : same(value, c->nodata);
    return held ? CE_None : complain(c, "nodata is not a number of the sources' type (SourceTransferType)");
}

static CPLErr prepare(call *c, CSLConstList args)
{
    if (GDALDataTypeIsComplex(c->type) || GDALDataTypeIsComplex(c->out_type))
        return complain(c, "complex numbers have no order and no nodata; give it real bands");
    if (read_nodata(c, args) != CE_None)
        return CE_Failure;
    c->rows = clv_alloc_array((size_t)c->count, (size_t)c->width, sizeof *c->rows);
    return c->rows ? CE_None : complain(c, "out of memory");
}

static void load_row(const call *c, int source, int y)
{
    int bytes = GDALGetDataTypeSizeBytes(c->type);
    const char *from = (const char *)c->sources[source] + (size_t)y * (size_t)c->width * (size_t)bytes;
    GDALCopyWords(from, c->type, bytes, c->rows + (size_t)source * (size_t)c->width, GDT_Float64, sizeof(double),
                  c->width);
}

static char *target(const call *c, int x, int y)
{
    return c->out + (GPtrDiff_t)y * c->line_space + (GPtrDiff_t)x * c->pixel_space;
}

/* The source's own bits, converted only where the output's type differs. */
static void keep(const call *c, int source, int x, int y)
{
    int bytes = GDALGetDataTypeSizeBytes(c->type);
    const char *from = (const char *)c->sources[source] + ((size_t)y * (size_t)c->width + (size_t)x) * (size_t)bytes;
    if (c->type == c->out_type)
        memcpy(target(c, x, y), from, (size_t)bytes);
    else
        GDALCopyWords(from, c->type, 0, target(c, x, y), c->out_type, 0, 1);
}

static void put(const call *c, double value, int x, int y)
{
    GDALCopyWords(&value, GDT_Float64, 0, target(c, x, y), c->out_type, 0, 1);
}

/* ---- clv_apply_mask ---------------------------------------------------------------------------- */

/* values= "8,9,10": which mask values count. */
static int read_values(const call *c, CSLConstList args, double values[MAX_VALUES])
{
    const char *text = CSLFetchNameValue(args, "values");
    char **list = text ? CSLTokenizeString2(text, ", ", 0) : NULL;
    int count = CSLCount(list);
    for (int i = 0; i < count && i < MAX_VALUES; i++)
        if (!parse_number(list[i], &values[i]))
            count = -1;
    CSLDestroy(list);
    if (count > MAX_VALUES || count < 0 || (text && count == 0)) {
        complain(c, "values is not a list of at most 64 numbers, such as 8,9,10");
        return -1;
    }
    return count;
}

/* NaN says that nothing is known, and masks. */
static bool masks(double value, const double *values, int count)
{
    if (isnan(value))
        return true;
    if (count == 0)
        return value != 0;
    for (int i = 0; i < count; i++)
        if (value == values[i])
            return true;
    return false;
}

static CPLErr apply_mask(void **sources, int count, void *out, int width, int height, GDALDataType type,
                         GDALDataType out_type, int pixel_space, int line_space, CSLConstList args)
{
    call c = {"clv_apply_mask", sources, count, width, height, type, out, out_type, pixel_space, line_space, 0, NULL};
    double values[MAX_VALUES];
    if (count != 2)
        return complain(&c, "takes two sources, the image and the mask");
    int n = read_values(&c, args, values);
    if (n < 0 || prepare(&c, args) != CE_None)
        return CE_Failure;
    const double *mask = c.rows + width;
    for (int y = 0; y < height; y++) {
        load_row(&c, 1, y);
        for (int x = 0; x < width; x++)
            if (masks(mask[x], values, n))
                put(&c, c.nodata, x, y);
            else
                keep(&c, 0, x, y);
    }
    free(c.rows);
    return CE_None;
}

/* ---- clv_composite ----------------------------------------------------------------------------- */

typedef enum method { FIRST, LAST, MEDIAN } method;

static bool read_method(CSLConstList args, method *out)
{
    static const char *const names[] = {"first", "last", "median"};
    const char *text = CSLFetchNameValueDef(args, "method", "median");
    for (int i = 0; i < 3; i++)
        if (EQUAL(text, names[i])) {
            *out = (method)i;
            return true;
        }
    return false;
}

static bool is_valid(const call *c, double value)
{
    return !isnan(value) && value != c->nodata;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Middle of the valid values, the mean of both middles of an even number; false when there is none. */
static bool median_of(const call *c, int x, double *scratch, double *out)
{
    int n = 0;
    for (int s = 0; s < c->count; s++) {
        double v = c->rows[(size_t)s * (size_t)c->width + (size_t)x];
        if (is_valid(c, v))
            scratch[n++] = v;
    }
    if (n == 0)
        return false;
    qsort(scratch, (size_t)n, sizeof *scratch, by_value);
    *out = n % 2 ? scratch[n / 2] : scratch[n / 2 - 1] / 2 + scratch[n / 2] / 2;
    return true;
}

/* Number of the first (step 1, from 0) or last (step -1, from the end) source that is valid there, -1. */
static int find_valid(const call *c, int x, int step)
{
    for (int s = step > 0 ? 0 : c->count - 1; s >= 0 && s < c->count; s += step)
        if (is_valid(c, c->rows[(size_t)s * (size_t)c->width + (size_t)x]))
            return s;
    return -1;
}

static CPLErr composite(void **sources, int count, void *out, int width, int height, GDALDataType type,
                        GDALDataType out_type, int pixel_space, int line_space, CSLConstList args)
{
    call c = {"clv_composite", sources, count, width, height, type, out, out_type, pixel_space, line_space, 0, NULL};
    method how;
    double *scratch = NULL, value;
    if (count < 1)
        return complain(&c, "needs at least one source");
    if (!read_method(args, &how))
        return complain(&c, "method must be first, last or median");
    if (prepare(&c, args) != CE_None)
        return CE_Failure;
    scratch = clv_alloc_array((size_t)count, 1, sizeof *scratch);
    if (!scratch) {
        free(c.rows);
        return complain(&c, "out of memory");
    }
    for (int y = 0; y < height; y++) {
        for (int s = 0; s < count; s++)
            load_row(&c, s, y);
        for (int x = 0; x < width; x++) {
            int s = how == MEDIAN ? -1 : find_valid(&c, x, how == FIRST ? 1 : -1);
            if (s >= 0)
                keep(&c, s, x, y);
            else if (how == MEDIAN && median_of(&c, x, scratch, &value))
                put(&c, value, x, y);
            else
                put(&c, c.nodata, x, y);
        }
    }
    free(scratch);
    free(c.rows);
    return CE_None;
}

/* ---- Registration ------------------------------------------------------------------------------ */

static const char apply_mask_arguments[] =
    "<PixelFunctionArgumentsList>"
    "<Argument name='nodata' type='string' description='value of masked pixels' />"
    "<Argument name='values' type='string' description='mask values that count; all but 0' />"
    "</PixelFunctionArgumentsList>";

static const char composite_arguments[] =
    "<PixelFunctionArgumentsList>"
    "<Argument name='method' type='string' description='first, last or median' default='median' />"
    "<Argument name='nodata' type='string' description='value of missing pixels' />"
    "</PixelFunctionArgumentsList>";

void clv_register_functions(void)
{
    GDALAddDerivedBandPixelFuncWithArgs("clv_apply_mask", apply_mask, apply_mask_arguments);
    GDALAddDerivedBandPixelFuncWithArgs("clv_composite", composite, composite_arguments);
}
