/* SPDX-License-Identifier: MIT */
#include "series/nodata.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"
#include "sentinel2/nodata_rule.h"
#include "series/band_values.h"

#define SIDE 64
#define WHOLE (4 * SIDE) /* a raster of that size is read as one window */
#define DARKEST (-0.02)  /* reflectance: below it 0 is no dark place, but what no product clips to */
#define ABSENT 0.98      /* share of the sample */
#define EMPTY 0.1        /* ... of a band's zeros among ground that is there in the others */
#define SHARP 0.8        /* of the neighbours of these are as bright as the band's ground */
#define LIT 0.15         /* times the brightest band's median: a band that is no dark forest's */

static bool is_integer(clv_pixel_type type)
{
    return type != CLV_TYPE_FLOAT32 && type != CLV_TYPE_FLOAT64;
}

/* ---- Tags ---------------------------------------------------------------------------------------- */

static bool is_channel(const clv_dataset_acquisition *acquisition, int index)
{
    for (int c = 0; c < acquisition->channels; c++)
        if (acquisition->bands[c].index == index)
            return true;
    return false;
}

static bool alpha_is_channel(GDALDatasetH ds, const clv_dataset_acquisition *acquisition)
{
    for (int b = 1; b <= GDALGetRasterCount(ds); b++)
        if (GDALGetRasterColorInterpretation(GDALGetRasterBand(ds, b)) == GCI_AlphaBand)
            return is_channel(acquisition, b);
    return false;
}

static clv_status nodata_by_user(clv_context *ctx, const char *text, clv_dataset_acquisition *acquisition)
{
    double value = 0;
    bool none = EQUAL(text, "none");
    if (!none && !clv_number_parse(text, &value))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-srcnodata %s: give a number, nan or none", text);
    for (int c = 0; c < acquisition->channels; c++) {
        acquisition->bands[c].has_nodata = !none;
        acquisition->bands[c].nodata = value;
    }
    if (none)
        acquisition->facts.use_mask = false;
    return CLV_OK;
}

/* Products without their offset are clipped at 0 in dark places, most of all in blue (a quarter of a clear date was
 * seen): a 0 there is dark ground. Where there are no data, every band is 0. Of floats only the user's 0 is for each
 * band alone. */
static bool zero_is_joint(const clv_dataset_acquisition *acquisition, bool by_user)
{
    bool zero = false, all = true;
    for (int c = 0; c < acquisition->channels; c++) {
        const clv_band *band = &acquisition->bands[c];
        const bool here = band->has_nodata && band->nodata == 0;
        zero = zero || here;
        all = all && here && is_integer(band->type);
    }
    return by_user ? all : zero;
}

/* ---- A sample of the pixels ---------------------------------------------------------------------- */

typedef struct sample {
    clv_context *ctx;
    GDALDatasetH ds;
    const char *name;
    const clv_dataset_acquisition *acquisition;
    int width, height, bands; /* of the raster; bands that are compared */
    double *planes;           /* [bands, WHOLE * WHOLE] */
    double candidates[CLV_NODATA_CANDIDATES];
    clv_nodata_evidence evidence[CLV_NODATA_CANDIDATES];
    int count;
    double typical; /* the highest median of red of a window, where it may be a reflectance */
    bool remote;
} sample;

static clv_status read_plane(const sample *s, int c, clv_rect r, double *to)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    const CPLErr error = GDALRasterIO(GDALGetRasterBand(s->ds, s->acquisition->bands[c].index), GF_Read, r.x, r.y,
                                      r.width, r.height, to, r.width, r.height, GDT_Float64, 0, 0);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(s->ctx, CLV_ERROR_READ, "%s: reading failed: %s", s->name, clv_gdal_errors_text(&errors));
    return CLV_OK;
}

/* Numbers that the bands' values already mark. */
static bool is_told(const clv_dataset_acquisition *acquisition, double v)
{
    for (int c = 0; c < acquisition->channels && c < CLV_NODATA_BANDS; c++) {
        const clv_band *band = &acquisition->bands[c];
        const bool float32 = band->type == CLV_TYPE_FLOAT32;
        if (!band->has_nodata || !(band->nodata == v || (float32 && (float)band->nodata == (float)v)))
            return false;
    }
    return isfinite(v);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the window's red, where it is none of the numbers in question. */
static void learn_typical(sample *s, const clv_nodata_window *w, double *scratch)
{
    size_t n = 0;
    for (long i = 0; i < (long)w->width * w->height; i++) {
        const double v = w->values[0][i];
        bool odd = !isfinite(v) || v == 0 || fabs(v) > 1e6 || is_told(s->acquisition, v);
        for (int k = 0; k < s->count && !odd; k++)
            odd = v == s->candidates[k];
        if (!odd)
            scratch[n++] = v;
    }
    if (n < 16)
        return;
    qsort(scratch, n, sizeof *scratch, by_value);
    if (isnan(s->typical) || scratch[n / 2] > s->typical)
        s->typical = scratch[n / 2];
}

static clv_status look_at(sample *s, clv_rect r, double *scratch)
{
    const size_t n = (size_t)r.width * (size_t)r.height;
    clv_nodata_window w = {.bands = s->bands,
                           .width = r.width,
                           .height = r.height,
                           .left = r.x == 0,
                           .right = r.x + r.width == s->width,
                           .top = r.y == 0,
                           .bottom = r.y + r.height == s->height};
    double found[CLV_NODATA_CANDIDATES];
    for (int b = 0; b < s->bands; b++)
        w.values[b] = s->planes + (size_t)b * n;
    clv_status status = read_plane(s, 0, r, s->planes);
    if (status != CLV_OK)
        return status;
    const int count = clv_nodata_candidates(&w, s->acquisition->bands[0].type, found);
    bool wanted = false;
    for (int k = 0; k < count; k++) {
        int at = 0;
        if (is_told(s->acquisition, found[k]))
            continue;
        while (at < s->count && s->candidates[at] != found[k])
            at++;
        if (at == s->count && s->count < CLV_NODATA_CANDIDATES)
            s->candidates[s->count++] = found[k];
        wanted = wanted || at < CLV_NODATA_CANDIDATES;
    }
    learn_typical(s, &w, scratch);
    for (int b = 1; b < s->bands && wanted && status == CLV_OK; b++)
        status = read_plane(s, b, r, s->planes + (size_t)b * n);
    for (int k = 0; k < s->count && wanted && status == CLV_OK; k++)
        clv_nodata_count(&w, s->candidates[k], &s->evidence[k]);
    return status;
}

/* A window of the sample around a place, its parts of width and height. */
static clv_rect window_at(const sample *s, double x, double y)
{
    const int width = s->width < SIDE ? s->width : SIDE, height = s->height < SIDE ? s->height : SIDE;
    return (clv_rect){(int)(x * (s->width - width)), (int)(y * (s->height - height)), width, height};
}

static clv_status look_everywhere(sample *s, double *scratch)
{
    static const double places[][2] = {{0, 0},       {1, 0},       {0, 1},      {1, 1},     {0.5, 0},
                                       {0, 0.5},     {1, 0.5},     {0.5, 1},    {0.5, 0.5}, {0.25, 0.25},
                                       {0.75, 0.75}, {0.75, 0.25}, {0.25, 0.75}};
    clv_status status = CLV_OK;
    if (s->remote)
        return look_at(s, window_at(s, 0.5, 0.5), scratch);
    if (s->width <= WHOLE && s->height <= WHOLE)
        return look_at(s, (clv_rect){0, 0, s->width, s->height}, scratch);
    for (size_t i = 0; i < sizeof places / sizeof *places && status == CLV_OK; i++)
        status = look_at(s, window_at(s, places[i][0], places[i][1]), scratch);
    return status;
}

/* ---- What the sample tells ----------------------------------------------------------------------- */

static void add_other(clv_band *band, double value)
{
    for (int k = 0; k < band->other_count; k++)
        if (band->other_nodata[k] == value)
            return;
    if (band->other_count < CLV_OTHER_NODATA)
        band->other_nodata[band->other_count++] = value;
}

static void take_value(clv_dataset_acquisition *acquisition, double value)
{
    for (int c = 0; c < acquisition->channels; c++)
        add_other(&acquisition->bands[c], value);
    acquisition->facts.zero_joint = acquisition->facts.zero_joint || value == 0;
}

/* Channels beyond the first four of which the date shows nothing are not filled. */
static clv_status find_absent(sample *s, clv_dataset_acquisition *acquisition)
{
    const clv_rect r = window_at(s, 0.5, 0.5);
    const size_t n = (size_t)r.width * (size_t)r.height;
    clv_status status = CLV_OK;
    for (int c = 4; c < acquisition->channels && status == CLV_OK; c++) {
        const clv_band *band = &acquisition->bands[c];
        long there = 0, missing = 0;
        status = read_plane(s, 0, r, s->planes);
        if (status == CLV_OK)
            status = read_plane(s, c, r, s->planes + n);
        for (size_t i = 0; i < n && status == CLV_OK; i++) {
            const double red = s->planes[i], v = s->planes[n + i];
            if (!isfinite(red) || (acquisition->bands[0].has_nodata && red == acquisition->bands[0].nodata))
                continue;
            there++;
            missing += !isfinite(v) || (band->has_nodata && v == band->nodata);
        }
        acquisition->bands[c].absent = there > 0 && (double)missing > ABSENT * (double)there;
    }
    return status;
}

static double median_of(const double *v, size_t n, double *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]) && v[i] > 0)
            scratch[count++] = v[i];
    if (count == 0)
        return 0;
    qsort(scratch, count, sizeof *scratch, by_value);
    return scratch[count / 2];
}

/* Share of the window where band b alone is 0 though no dark place leads up to it; 0: of no matter. */
static double empty_share(const sample *s, clv_rect r, int b, double *scratch)
{
    const size_t n = (size_t)r.width * (size_t)r.height;
    const double *v = s->planes + (size_t)b * n, usual = median_of(v, n, scratch);
    double lowest = INFINITY, highest = usual;
    long alone = 0, there = 0, beside = 0, bright = 0;
    for (int k = 0; k < s->bands; k++) {
        const double median = k == b ? 0 : median_of(s->planes + (size_t)k * n, n, scratch);
        lowest = k != b && median < lowest ? median : lowest;
        highest = median > highest ? median : highest;
    }
    for (int y = 0; y < r.height; y++)
        for (int x = 0; x < r.width; x++) {
            const size_t i = (size_t)y * (size_t)r.width + (size_t)x;
            bool others = true, lit = false; /* water is dark in all bands */
            for (int k = 0; k < s->bands && others; k++) {
                others = k == b || s->planes[(size_t)k * n + i] > 0;
                lit = lit || (k != b && s->planes[(size_t)k * n + i] > LIT * highest);
            }
            others = others && lit;
            there += others;
            if (!others || v[i] != 0)
                continue;
            alone++;
            if (x + 1 < r.width && v[i + 1] != 0)
                beside++, bright += v[i + 1] > 0.5 * usual;
            if (y + 1 < r.height && v[i + (size_t)r.width] != 0)
                beside++, bright += v[i + (size_t)r.width] > 0.5 * usual;
            if (x > 0 && v[i - 1] != 0)
                beside++, bright += v[i - 1] > 0.5 * usual;
        }
    const double share = there * 2 > (long)n ? (double)alone / (double)there : 0;
    const bool whole = share > ABSENT && lowest > LIT * highest;
    return whole || (share > EMPTY && beside > 0 && (double)bright > SHARP * (double)beside) ? share : 0;
}

/* Notes where one band is 0 over an area and the others show ground: other dates may tell why (empty_bands.h). */
static clv_status find_empty(sample *s, clv_dataset_acquisition *acquisition)
{
    const clv_rect r = window_at(s, 0.5, 0.5);
    const size_t n = (size_t)r.width * (size_t)r.height;
    clv_status status = CLV_OK;
    for (int c = 0; c < s->bands; c++)
        if (acquisition->bands[c].type == CLV_TYPE_BYTE)
            return CLV_OK;
    for (int c = 0; c < s->bands && status == CLV_OK; c++)
        status = read_plane(s, c, r, s->planes + (size_t)c * n);
    for (int c = 0; c < s->bands && s->bands > 2 && status == CLV_OK; c++)
        acquisition->bands[c].empty_share = empty_share(s, r, c, s->planes + (size_t)s->bands * n);
    return status;
}

/* What comes through a network is not read for the sake of a sample, beyond the window that tells the range of values.
 */
static bool is_remote(GDALDatasetH ds)
{
    char **xml = GDALGetMetadata(ds, "xml:VRT");
    return clv_path_is_remote(GDALGetDescription(ds)) || (xml && clv_path_is_remote(xml[0]));
}

static clv_status take_sample(clv_context *ctx, GDALDatasetH ds, const char *name, clv_dataset_acquisition *acquisition)
{
    sample s = {.ctx = ctx,
                .ds = ds,
                .name = name,
                .acquisition = acquisition,
                .width = GDALGetRasterXSize(ds),
                .height = GDALGetRasterYSize(ds),
                .bands = acquisition->channels < CLV_NODATA_BANDS ? acquisition->channels : CLV_NODATA_BANDS,
                .typical = NAN,
                .remote = is_remote(ds)};
    const bool whole = s.width <= WHOLE && s.height <= WHOLE;
    const size_t n = whole ? (size_t)s.width * (size_t)s.height : (size_t)SIDE * SIDE;
    s.planes = clv_alloc_array((size_t)s.bands + 1, n, sizeof *s.planes);
    clv_status status = s.planes ? look_everywhere(&s, s.planes + (size_t)s.bands * n) : clv_fail_memory(ctx);
    for (int k = 0; k < s.count && status == CLV_OK; k++) {
        if (!clv_nodata_sure(s.candidates[k], s.typical, &s.evidence[k]))
            continue;
        take_value(acquisition, s.candidates[k]);
        if (acquisition->facts.nodata_found_count < CLV_NODATA_FOUND)
            acquisition->facts.nodata_found[acquisition->facts.nodata_found_count++] = s.candidates[k];
    }
    if (status == CLV_OK && !s.remote)
        status = find_absent(&s, acquisition);
    if (status == CLV_OK && !s.remote)
        status = find_empty(&s, acquisition);
    free(s.planes);
    return status;
}

clv_status clv_nodata_find(clv_context *ctx, GDALDatasetH ds, const char *name, const clv_input_options *options,
                           clv_dataset_acquisition *acquisition)
{
    bool declared = false, all_uint16 = true, all_real = true;
    clv_status status = CLV_OK;
    clv_date_facts *facts = &acquisition->facts;
    int flags = GDALGetMaskFlags(GDALGetRasterBand(ds, acquisition->bands[0].index));
    facts->use_mask = (flags & GMF_PER_DATASET) && !((flags & GMF_ALPHA) && alpha_is_channel(ds, acquisition));
    facts->use_alpha = facts->use_mask && (flags & GMF_ALPHA);
    for (int c = 0; c < acquisition->channels; c++) {
        clv_band *band = &acquisition->bands[c];
        int has = FALSE;
        double value = GDALGetRasterNoDataValue(GDALGetRasterBand(ds, band->index), &has);
        band->has_nodata = band->declares_nodata = has;
        band->nodata = has ? value : 0;
        band->screened = !options->srcnodata && clv_pixel_size(band->type) > 1;
        declared = declared || has;
        all_uint16 = all_uint16 && band->type == CLV_TYPE_UINT16;
        all_real = all_real && !is_integer(band->type);
    }
    facts->nodata_from = declared ? CLV_NODATA_DECLARED : facts->use_mask ? CLV_NODATA_MASK : CLV_NODATA_USUAL;
    if (options->srcnodata) {
        facts->nodata_from = CLV_NODATA_USER;
        status = nodata_by_user(ctx, options->srcnodata, acquisition);
    } else if (!declared && !facts->use_mask) {
        for (int c = 0; c < acquisition->channels; c++) {
            clv_band *band = &acquisition->bands[c];
            band->has_nodata = all_uint16 || band->type == CLV_TYPE_INT16;
            band->nodata = band->has_nodata && !all_uint16 ? -9999 : 0;
        }
    }
    facts->zero_joint = zero_is_joint(acquisition, options->srcnodata != NULL);
    facts->all_zero = facts->zero_joint;
    if (status == CLV_OK && !options->srcnodata && !facts->use_mask) {
        if (all_real) /* no reflectance is 0 in every band to the last digit */
            take_value(acquisition, 0);
        status = take_sample(ctx, ds, name, acquisition);
    }
    return status;
}

/* ---- Afterwards ---------------------------------------------------------------------------------- */

void clv_nodata_adopt(clv_dataset_acquisition *acquisition, const clv_dataset_acquisition *other)
{
    const clv_band *from = &other->bands[0], *to = &acquisition->bands[0];
    if (acquisition->facts.nodata_from != CLV_NODATA_USUAL || other->facts.nodata_from != CLV_NODATA_DECLARED ||
        from->type != to->type || !from->has_nodata || isnan(from->nodata) || is_told(acquisition, from->nodata))
        return;
    take_value(acquisition, from->nodata);
    acquisition->facts.nodata_adopted = true;
    clv_nodata_settle(&acquisition->facts, acquisition->bands, acquisition->channels);
}

static void say(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    if (used + 3 < size) {
        snprintf(text + used, size - used, "%s", used ? "; " : "");
        vsnprintf(text + strlen(text), size - strlen(text), format, args);
    }
    va_end(args);
}

static bool was_found(const clv_date_facts *facts, double value)
{
    for (int k = 0; k < facts->nodata_found_count; k++)
        if (facts->nodata_found[k] == value)
            return true;
    return false;
}

void clv_nodata_settle(clv_date_facts *facts, const clv_band *bands, int channels)
{
    static const char *const from[] = {"usual for the type", "declared", "", "-srcnodata"};
    const clv_band *band = &bands[0];
    char *how = facts->nodata_how, number[CLV_NUMBER_SIZE];
    const size_t size = sizeof facts->nodata_how;
    /* With an offset 0 is never measured. */
    facts->all_zero = facts->zero_joint && (facts->nodata_from == CLV_NODATA_USER || !(band->offset < DARKEST));
    const bool zero_alone = band->has_nodata && band->nodata == 0 && !facts->all_zero;
    facts->zero_lines =
        clv_pixel_size(band->type) > 1 && !zero_alone && (facts->nodata_from != CLV_NODATA_USER || facts->all_zero);
    const char *joint = facts->all_zero ? " in all bands" : "";
    how[0] = 0;
    if (facts->use_mask)
        say(how, size, "mask band");
    if (band->has_nodata) {
        clv_number_format(band->nodata, number);
        say(how, size, "%s%s, %s", number, band->nodata == 0 ? joint : "", from[facts->nodata_from]);
    } else if (facts->nodata_from == CLV_NODATA_USER) {
        say(how, size, "none (-srcnodata)");
    }
    for (int k = 0; k < band->other_count; k++) {
        clv_number_format(band->other_nodata[k], number);
        say(how, size, "%s%s, %s", number, band->other_nodata[k] == 0 ? joint : "",
            was_found(facts, band->other_nodata[k])                 ? "by how the pixels lie"
            : band->other_nodata[k] == 0 && !is_integer(band->type) ? "of real numbers"
                                                                    : "as other dates declare");
    }
    if (!how[0])
        say(how, size, is_integer(band->type) ? "none" : "NaN");
    for (int c = 0; c < channels; c++)
        if (bands[c].absent)
            say(how, size, "%s holds no data", bands[c].name);
}
