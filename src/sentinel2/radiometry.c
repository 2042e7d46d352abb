/* SPDX-License-Identifier: MIT */
#include "sentinel2/radiometry.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUANTIFICATION 10000.0
#define MAX_DN 32767.0 /* the largest valid digital number of a Sentinel-2 product */
#define SATURATED_DN 65535.0
#define RAW_OFFSET_LOW 900.0 /* products with the offset left in have no valid number much below 1000 */

#define LANDSAT_LOW 7000.0 /* Landsat Collection 2 has no land much below 7273, which is reflectance 0 */

#define TINY 0.001           /* no land's 99th percentile */
#define PLAUSIBLE_HIGH 0.005 /* that of water may be as low */
#define PLAUSIBLE_LOW (-0.05)

/* Of the dates of a series together; percentiles of reflectance in red. */
#define BEYOND 100.0     /* reflectances of a scale that is off by so much that each date says it */
#define BRIGHT 1.6       /* the middle date's 99th: clouds and snow are not so bright in most dates */
#define LARGEST_DIM 5e-5 /* scales that are smaller than any that reflectances are stored with, beside 1/65535 */
#define DIM 0.05         /* the middle date's 99th */
#define DIM_CLOUD 0.15   /* the brightest date's */
#define FEW 4            /* of so many dates one with negative reflectance says it */
#define MANY 10          /* from so many on a single too bright date does not */
#define PERCENT_DIM 0.02 /* 99th percentile that a scale leaves of what may be percent in a date alone */

/* ---- Ladder ------------------------------------------------------------------------------------ */

static bool is_float(clv_pixel_type type)
{
    return type == CLV_TYPE_FLOAT32 || type == CLV_TYPE_FLOAT64;
}

static void say(char *text, size_t size, const char *message)
{
    if (size)
        snprintf(text, size, "%s", message);
}

/* printf's %g uses the locale's decimal sign; messages and switches use a point. */
static void number_text(double value, char *text, size_t size)
{
    snprintf(text, size, "%.6g", value);
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '.';
}

static void how_dn(double quantification, double add_offset, const char *source, char *how, size_t size)
{
    char q[32], o[32];
    number_text(quantification, q, sizeof q);
    number_text(add_offset, o, sizeof o);
    if (add_offset != 0)
        snprintf(how, size, "1/%s, offset %s DN (%s)", q, o, source);
    else
        snprintf(how, size, "1/%s (%s)", q, source);
}

static bool is_of_product(const clv_radiometry_hint *h)
{
    return h->quantification > 0 && isfinite(h->quantification) && !is_float(h->type);
}

static bool by_product(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size)
{
    if (!is_of_product(h))
        return false;
    double add = h->has_add_offset && isfinite(h->add_offset) ? h->add_offset : 0;
    *scale = 1 / h->quantification;
    *offset = add / h->quantification;
    how_dn(h->quantification, add, "product metadata", how, size);
    return true;
}

/* Whether these are the 1st and 99th percentile of reflectances of land. */
static bool is_plausible(double low, double high)
{
    return high >= PLAUSIBLE_HIGH && high <= 3 && low >= PLAUSIBLE_LOW;
}

/* Whether these may be the percentiles of reflectances in percent: digital numbers of dark water that are as small are
 * whole numbers. */
static bool is_percent(clv_pixel_type type, double low, double high)
{
    return is_float(type) && high > 3 && high <= 100 && is_plausible(low / 100, high / 100) &&
           (low != floor(low) || high != floor(high));
}

/* How tags and values disagree. */
typedef struct contradiction {
    bool far;   /* next to nothing or far too much is left of the values */
    bool below; /* an offset makes negative reflectance of them */
} contradiction;

static bool is_eight_bit(clv_pixel_type type)
{
    return type == CLV_TYPE_BYTE || type == CLV_TYPE_INT8;
}

/* Whether a scale and an offset are those of Landsat Collection 2, which mean nothing to other numbers. */
static bool is_landsat(double scale, double offset)
{
    return (fabs(scale - 2.75e-5) < 1e-9 && fabs(offset + 0.2) < 1e-6) ||
           (fabs(scale - 2e-5) < 1e-9 && fabs(offset + 0.1) < 1e-6);
}

/* What the values are where the tags make nothing of them: what a program that applied the tags has left in the file,
 * or what never was meant for them. Decided where the values as they are, or as digital numbers, are reflectances of
 * land; else the tags stay. */
static bool without_tags(const clv_radiometry_hint *h, contradiction found, double s, double o, double *scale,
                         double *offset, char *how, size_t size, char *warn, size_t warn_size)
{
    const char *values, *said = "digital numbers";
    if (isnan(h->sample_high) || is_eight_bit(h->type) || !(found.far || found.below))
        return false;
    if (is_float(h->type) && is_plausible(h->sample_low, h->sample_high)) {
        *scale = 1;
        *offset = 0;
        values = "1 (floating point, values are reflectances";
        said = "reflectances already";
    } else if (is_percent(h->type, h->sample_low, h->sample_high)) {
        *scale = 0.01;
        *offset = 0;
        values = "0.01 (floating point, values are percent";
        said = "percent";
    } else if (found.far && h->sample_high > 100 && h->sample_high <= MAX_DN) {
        const double dn = fabs(o) >= 1 ? o : o * QUANTIFICATION; /* an offset is one of reflectance or one of numbers */
        *scale = 1 / QUANTIFICATION;
        *offset = !is_landsat(s, o) &&
                          is_plausible((h->sample_low + dn) / QUANTIFICATION, (h->sample_high + dn) / QUANTIFICATION)
                      ? dn / QUANTIFICATION
                      : 0;
        values = "1/10000 (values are digital numbers";
    } else {
        return false;
    }
    if (fabs(*scale - s) < 1e-9 * fabs(s) && *offset == o)
        return false;
    char st[32], ot[32], taken[48] = "", tags[96];
    number_text(s, st, sizeof st);
    number_text(o, ot, sizeof ot);
    snprintf(tags, sizeof tags, "scale %s and offset %s", st, ot);
    if (*offset != 0) {
        number_text(*offset, ot, sizeof ot);
        snprintf(taken, sizeof taken, ", offset %s", ot);
    }
    snprintf(how, size, "%s%s; tags left aside: %s)", values, taken, tags);
    if (*offset != 0)
        snprintf(
            warn, warn_size,
            "the values are %s: the file's %s are taken as 1/10000 and %s; -in_scale and -in_offset decide otherwise",
            said, tags, ot);
    else
        snprintf(warn, warn_size,
                 "the values are %s: the file's %s are left aside; -in_scale and -in_offset decide otherwise", said,
                 tags);
    return true;
}

/* The tags as they are; warn: what looks odd with them. */
static void with_tags(const clv_radiometry_hint *h, double s, double o, double *scale, double *offset, char *how,
                      size_t size, char *warn, size_t warn_size)
{
    *scale = s;
    *offset = o;
    char st[32], ot[32];
    number_text(s, st, sizeof st);
    number_text(o, ot, sizeof ot);
    snprintf(how, size, "scale %s, offset %s (band metadata)", st, ot);
    if (h->sample_high * s + o < TINY) { /* false for NaN */
        say(warn, warn_size, "the file's scale leaves next to nothing of the values; check -in_scale and -in_offset");
    } else if (h->sample_high * s + o < PERCENT_DIM && is_percent(h->type, h->sample_low, h->sample_high)) {
        say(warn, warn_size, "the file's scale leaves little of the values; give -in_scale 0.01 when they are percent");
    } else if (h->sample_high * s + o > 3) {
        char v[32];
        number_text(h->sample_high * s + o, v, sizeof v);
        snprintf(warn, warn_size, "the file's scale gives reflectances up to %s; check -in_scale", v);
    } else if (o < 0 && h->sample_low * s + o < PLAUSIBLE_LOW) {
        say(warn, warn_size,
            "the file's offset gives negative reflectances: it may be applied already; then -in_offset 0");
    }
}

/* Scale and offset of the file's tags; false where they say nothing, as those of writers that copy GDAL's defaults. */
static bool tags_of(const clv_radiometry_hint *h, double *s, double *o)
{
    *s = h->has_scale ? h->scale : 1;
    *o = h->has_offset ? h->offset : 0;
    return isfinite(*s) && isfinite(*o) && *s != 0 && !(*s == 1 && *o == 0);
}

static bool by_file(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size, char *warn,
                    size_t warn_size)
{
    double s, o;
    if (!tags_of(h, &s, &o))
        return false;
    const double low = h->sample_low * s + o, high = h->sample_high * s + o;
    const contradiction found = {high < TINY || high > 3, o < 0 && low < PLAUSIBLE_LOW};
    if (!without_tags(h, found, s, o, scale, offset, how, size, warn, warn_size))
        with_tags(h, s, o, scale, offset, how, size, warn, warn_size);
    return true;
}

/* ---- Tags of several dates ----------------------------------------------------------------------- */

bool clv_radiometry_by_tags(const clv_radiometry_hint *h)
{
    double s, o;
    return !is_of_product(h) && tags_of(h, &s, &o);
}

bool clv_radiometry_tags_alone(const clv_radiometry_hint *h)
{
    double s, o;
    if (!tags_of(h, &s, &o) || isnan(h->sample_high))
        return false;
    const double high = h->sample_high * s + o;
    return (high < TINY && is_float(h->type) && h->sample_high <= 3) || high > BEYOND;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void clv_radiometry_find_common(const clv_radiometry_hint *hint, double *lows, double *highs, int count, double *scale,
                                double *offset, char *how, size_t how_size, char *warn, size_t warn_size)
{
    clv_radiometry_hint middle = *hint;
    double s, o;
    contradiction found = {false, false};
    say(how, how_size, "");
    say(warn, warn_size, "");
    tags_of(hint, &s, &o);
    middle.sample_low = middle.sample_high = NAN;
    if (count > 0) {
        int below = 0, huge = 0, nothing = 0;
        for (int i = 0; i < count; i++) {
            below += o < 0 && lows[i] * s + o < PLAUSIBLE_LOW;
            huge += highs[i] * s + o > 3;
            nothing += highs[i] * s + o < TINY;
        }
        qsort(lows, (size_t)count, sizeof *lows, by_value);
        qsort(highs, (size_t)count, sizeof *highs, by_value);
        middle.sample_low = lows[(count - 1) / 2];
        middle.sample_high = highs[count / 2];
        const double usual = middle.sample_high * s + o, brightest = highs[count - 1] * s + o;
        const bool dim = o == 0 && s <= LARGEST_DIM && fabs(s * 65535 - 1) > 0.01 && count >= 2 && usual < DIM &&
                         brightest < DIM_CLOUD && is_plausible(0, middle.sample_high / QUANTIFICATION);
        const int few = (count + FEW - 1) / FEW;
        const bool percent = count >= 2 && usual < DIM && brightest < DIM_CLOUD && highs[count - 1] < 200 &&
                             is_percent(hint->type, middle.sample_low, middle.sample_high);
        /* Most dates are below 0, and clouds are what is left: not the offset alone is wrong. */
        const bool other_scale =
            2 * below > count && fabs(s * QUANTIFICATION - 1) > 0.01 && (usual < DIM || nothing >= few);
        found.below = below >= few;
        found.far = huge >= (count < MANY ? 1 : 2) || (count >= 3 && usual > BRIGHT) || usual < TINY || dim ||
                    percent || other_scale;
    }
    if (found.below && lows[0] * s + o < PLAUSIBLE_LOW && !found.far)
        middle.sample_low = lows[0]; /* what the warning is about */
    if (!without_tags(&middle, found, s, o, scale, offset, how, how_size, warn, warn_size))
        with_tags(&middle, s, o, scale, offset, how, how_size, warn, warn_size);
}

/* Landsat Collection 2, UInt16. Level 2: DN * 2.75e-5 - 0.2, valid from 7273 to 43636 (USGS, LSDS-1619); Level 1 of
 * OLI: DN * 2e-5 - 0.1, without the sun's angle (LSDS-1574). Numbers below were converted already. */
static bool by_landsat(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size)
{
    static const struct {
        double scale, offset, low;
        const char *how;
    } levels[] = {{2e-5, -0.1, 4000, "scale 2e-05, offset -0.1 (Landsat Collection 2 Level-1)"},
                  {2.75e-5, -0.2, 5000, "scale 2.75e-05, offset -0.2 (Landsat Collection 2 Level-2)"}};
    if (h->landsat_level < 1 || h->landsat_level > 2 || h->type != CLV_TYPE_UINT16 ||
        h->sample_low < levels[h->landsat_level - 1].low)
        return false;
    *scale = levels[h->landsat_level - 1].scale;
    *offset = levels[h->landsat_level - 1].offset;
    say(how, size, levels[h->landsat_level - 1].how);
    return true;
}

static bool by_baseline(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size, char *warn,
                        size_t warn_size)
{
    /* 99.99 is what reprocessing test beds write: it says nothing. */
    if (h->baseline < 0 || h->baseline > 2000 || is_float(h->type) || h->type == CLV_TYPE_BYTE ||
        h->type == CLV_TYPE_INT8)
        return false;
    double add = clv_baseline_offset(h->baseline);
    char source[64];
    snprintf(source, sizeof source, "processing baseline %02d.%02d in the name", h->baseline / 100, h->baseline % 100);
    *scale = 1 / QUANTIFICATION;
    *offset = add / QUANTIFICATION;
    how_dn(QUANTIFICATION, add, source, how, size);
    if (add != 0 && h->sample_low < 500)
        say(warn, warn_size, "digital numbers below 500: the offset may be applied already; then give -in_offset 0");
    return true;
}

/* Offers what makes reflectances of such numbers: the power of ten, as of digital numbers times 10, and of UInt16 its
 * whole range. */
static void ask_for_scale(const clv_radiometry_hint *h, char *how, size_t size)
{
    char high[32], ten[32], whole[48] = "";
    double one = QUANTIFICATION;
    while (h->sample_high > 3 * one)
        one *= 10;
    const int digits = (int)(log10(one) + 0.5);
    number_text(h->sample_high, high, sizeof high);
    snprintf(ten, sizeof ten, "0.%0*d", digits, 1);
    if (h->type == CLV_TYPE_UINT16)
        snprintf(whole, sizeof whole, ", 0.0000152590 if 65535 is");
    if (h->type == CLV_TYPE_UINT16 && h->sample_low >= LANDSAT_LOW) {
        snprintf(how, size,
                 "values up to %s: give -in_scale 0.0000275 -in_offset -0.2 (Landsat Collection 2), -in_scale %s (%.0f "
                 "is reflectance 1) or -srcnodata %s",
                 high, ten, one, high);
        return;
    }
    snprintf(how, size,
             "values up to %s: give -in_scale %s (others: auto), one a date, if %.0f is reflectance 1%s; -srcnodata %s "
             "if it is no data",
             high, ten, one, whole, high);
}

static bool integers(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size, char *warn,
                     size_t warn_size)
{
    if (h->sample_high > MAX_DN && h->sample_high != SATURATED_DN) {
        ask_for_scale(h, how, size);
        return false;
    }
    *scale = 1 / QUANTIFICATION;
    *offset = 0;
    static const char *const names[] = {"Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64"};
    snprintf(how, size, "1/10000 (%s, no offset known)", names[h->type]);
    if (h->sample_low >= RAW_OFFSET_LOW)
        say(warn, warn_size,
            "values begin near 1000: the offset of processing baseline 04.00 may not be applied; then "
            "give -in_offset -0.1");
    return true;
}

static bool floats(const clv_radiometry_hint *h, double *scale, double *offset, char *how, size_t size)
{
    *scale = 1;
    *offset = 0;
    if (isnan(h->sample_high)) {
        say(how, size, "1 (floating point, no valid value seen)");
        return true;
    }
    if (h->sample_high <= 3) {
        say(how, size, "1 (floating point, values are reflectances)");
        return true;
    }
    if (h->sample_high > 100) {
        *scale = 1 / QUANTIFICATION;
        say(how, size, "1/10000 (floating point, values are digital numbers)");
        return true;
    }
    char high[32];
    number_text(h->sample_high, high, sizeof high);
    snprintf(how, size, "floating point values up to %s: give -in_scale 0.01 when they are percent, or -in_scale 1",
             high);
    return false;
}

bool clv_radiometry_find(const clv_radiometry_hint *hint, double *scale, double *offset, char *how, size_t how_size,
                         char *warn, size_t warn_size)
{
    *scale = 1;
    *offset = 0;
    say(how, how_size, "");
    say(warn, warn_size, "");
    if (by_product(hint, scale, offset, how, how_size) ||
        by_file(hint, scale, offset, how, how_size, warn, warn_size) ||
        by_landsat(hint, scale, offset, how, how_size) ||
        by_baseline(hint, scale, offset, how, how_size, warn, warn_size))
        return true;
    switch (hint->type) {
    case CLV_TYPE_BYTE:
        *scale = 1 / 255.0;
        say(how, how_size, "1/255 (Byte)");
        return true;
    case CLV_TYPE_INT8:
        say(how, how_size, "8-bit signed values: give -in_scale");
        return false;
    case CLV_TYPE_FLOAT32:
    case CLV_TYPE_FLOAT64:
        return floats(hint, scale, offset, how, how_size);
    default:
        return integers(hint, scale, offset, how, how_size, warn, warn_size);
    }
}

/* ---- Values ------------------------------------------------------------------------------------ */

size_t clv_pixel_size(clv_pixel_type type)
{
    switch (type) {
    case CLV_TYPE_BYTE:
    case CLV_TYPE_INT8:
        return 1;
    case CLV_TYPE_UINT16:
    case CLV_TYPE_INT16:
        return 2;
    case CLV_TYPE_FLOAT64:
        return 8;
    default:
        return 4;
    }
}

/* Integers: a nodata value that the type cannot hold marks nothing. */
#define DECODE_INTEGER(T, LOW, HIGH)                                                                                   \
    do {                                                                                                               \
        const T *v = raw;                                                                                              \
        const bool test = has_nodata && nodata >= (LOW) && nodata <= (HIGH) && nodata == floor(nodata);                \
        const T none = test ? (T)nodata : (T)0;                                                                        \
        for (size_t i = 0; i < n; i++)                                                                                 \
            x[i] = (float)(v[i] * scale + offset);                                                                     \
        for (size_t i = 0; test && i < n; i++)                                                                         \
            if (v[i] == none) {                                                                                        \
                missing[i] = 1;                                                                                        \
                x[i] = 0;                                                                                              \
            }                                                                                                          \
    } while (0)

#define DECODE_FLOAT(T)                                                                                                \
    do {                                                                                                               \
        const T *v = raw;                                                                                              \
        const T none = (T)nodata;                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                                               \
            float r = (float)((double)v[i] * scale + offset);                                                          \
            bool bad = !isfinite(r) || !isfinite(v[i]) || (has_nodata && v[i] == none);                                \
            x[i] = bad ? 0 : r;                                                                                        \
            missing[i] |= bad;                                                                                         \
        }                                                                                                              \
    } while (0)

void clv_decode(clv_pixel_type type, const void *raw, size_t n, double scale, double offset, bool has_nodata,
                double nodata, float *x, uint8_t *missing)
{
    if (isnan(nodata))
        has_nodata = false; /* NaN is missing anyway */
    if (!has_nodata)
        nodata = 0;
    switch (type) {
    case CLV_TYPE_BYTE:
        DECODE_INTEGER(uint8_t, 0, UINT8_MAX);
        break;
    case CLV_TYPE_INT8:
        DECODE_INTEGER(int8_t, INT8_MIN, INT8_MAX);
        break;
    case CLV_TYPE_UINT16:
        DECODE_INTEGER(uint16_t, 0, UINT16_MAX);
        break;
    case CLV_TYPE_INT16:
        DECODE_INTEGER(int16_t, INT16_MIN, INT16_MAX);
        break;
    case CLV_TYPE_UINT32:
        DECODE_INTEGER(uint32_t, 0, UINT32_MAX);
        break;
    case CLV_TYPE_INT32:
        DECODE_INTEGER(int32_t, INT32_MIN, INT32_MAX);
        break;
    case CLV_TYPE_FLOAT32:
        if (nodata > FLT_MAX || nodata < -FLT_MAX)
            nodata = nodata > 0 ? FLT_MAX : -FLT_MAX; /* -1.7976e308 in a Float32 file is stored as -FLT_MAX */
        DECODE_FLOAT(float);
        break;
    case CLV_TYPE_FLOAT64:
        DECODE_FLOAT(double);
        break;
    }
}

/* v is the exact value wanted; rounds, clamps, steps off the nodata value. */
static double to_integer(double v, double low, double high, bool has_nodata, double nodata)
{
    v = v <= low ? low : v >= high ? high : floor(v + 0.5);
    if (has_nodata && v == nodata)
        v = v < high ? v + 1 : v - 1;
    return v;
}

#define ENCODE_INTEGER(T, LOW, HIGH)                                                                                   \
    do {                                                                                                               \
        T *v = raw;                                                                                                    \
        for (size_t i = 0; i < n; i++)                                                                                 \
            if (select[i] && isfinite(x[i]))                                                                           \
                v[i] = (T)to_integer(((double)x[i] - offset) / scale, LOW, HIGH, has_nodata, nodata);                  \
    } while (0)

#define ENCODE_FLOAT(T, NEXT)                                                                                          \
    do {                                                                                                               \
        T *v = raw;                                                                                                    \
        for (size_t i = 0; i < n; i++)                                                                                 \
            if (select[i] && isfinite(x[i])) {                                                                         \
                v[i] = (T)(((double)x[i] - offset) / scale);                                                           \
                if (has_nodata && v[i] == (T)nodata)                                                                   \
                    v[i] = NEXT(v[i], (T)1e30f);                                                                       \
            }                                                                                                          \
    } while (0)

void clv_encode(clv_pixel_type type, const float *x, const uint8_t *select, size_t n, double scale, double offset,
                bool has_nodata, double nodata, void *raw)
{
    switch (type) {
    case CLV_TYPE_BYTE:
        ENCODE_INTEGER(uint8_t, 0, UINT8_MAX);
        break;
    case CLV_TYPE_INT8:
        ENCODE_INTEGER(int8_t, INT8_MIN, INT8_MAX);
        break;
    case CLV_TYPE_UINT16:
        ENCODE_INTEGER(uint16_t, 0, UINT16_MAX);
        break;
    case CLV_TYPE_INT16:
        ENCODE_INTEGER(int16_t, INT16_MIN, INT16_MAX);
        break;
    case CLV_TYPE_UINT32:
        ENCODE_INTEGER(uint32_t, 0, UINT32_MAX);
        break;
    case CLV_TYPE_INT32:
        ENCODE_INTEGER(int32_t, INT32_MIN, INT32_MAX);
        break;
    case CLV_TYPE_FLOAT32:
        if (has_nodata && !(fabs(nodata) <= FLT_MAX))
            has_nodata = false; /* not a value that a finite result could be taken for */
        ENCODE_FLOAT(float, nextafterf);
        break;
    case CLV_TYPE_FLOAT64:
        ENCODE_FLOAT(double, nextafter);
        break;
    }
}

/* ---- Between the grids ------------------------------------------------------------------------- */

void clv_block_mean(const float *x, const uint8_t *missing, int width, int height, int factor, float *out,
                    uint8_t *missing_out)
{
    size_t row = (size_t)width * (size_t)factor;
    for (int j = 0; j < height; j++) {
        for (int i = 0; i < width; i++) {
            const size_t first = (size_t)j * (size_t)factor * row + (size_t)i * (size_t)factor;
            double sum = 0;
            int seen = 0;
            for (int b = 0; b < factor; b++)
                for (int a = 0; a < factor; a++) {
                    size_t p = first + (size_t)b * row + (size_t)a;
                    if (!missing || !missing[p]) {
                        sum += x[p];
                        seen++;
                    }
                }
            const size_t o = (size_t)j * (size_t)width + (size_t)i;
            out[o] = seen ? (float)(sum / seen) : 0;
            if (missing_out)
                missing_out[o] = !seen;
        }
    }
}
