/* SPDX-License-Identifier: MIT */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE /* VSIStatBufL */
#endif
#include "gdal/view_request.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/dilation.h"
#include "base/number.h"
#include "formats/json.h"
#include "gapfill/methods.h"
#include "products/inputs.h"

#define MAX_FILE_BYTES (4 * 1024 * 1024)

typedef enum setting_kind { WORD, CHOICE, MODEL, NUMBER, NUMBERS, INTEGER, DILATION, FLAG, BANDS, FILES } setting_kind;

typedef struct setting {
    const char *key;
    setting_kind kind;
    const char *const *choices;
    double min, max;
    const char *help;
} setting;

static const char *const products[] = {"clear", "mask", "quality", NULL};
/* The last one is another name of the first. */
static const char *const resamplings[] = {"near",    "bilinear", "cubic",   "cubicspline",
                                          "lanczos", "average",  "nearest", NULL};
static const char *const haze_modes[] = {"keep", "fill", NULL};
static const char *const modes[] = {"join", "replace", NULL};
static const char *const caches[] = {"auto", "memory", "disk", NULL};

static const setting settings[] = {
    {"date", WORD, NULL, 0, 0, "Date of the series (2022-06-05), or the base name of its output"},
    {"product", CHOICE, products, 0, 0, "The clear picture, the cloud mask, or the quality raster"},
    {"method", CHOICE, clv_method_names, 0, 0, "How gaps are filled"},
    {"model", MODEL, NULL, 0, 0, "Name of weights of stage 2 in the model path"},
    {"detect_model", MODEL, NULL, 0, 0, "Name of weights of stage 1 in the model path"},
    {"window", INTEGER, NULL, 2, 64, "Dates looked at together"},
    {"threshold", NUMBER, NULL, 0, 1, "Probability from which a pixel is cloud"},
    {"shadow_threshold", NUMBER, NULL, 0, 1, "Probability from which a pixel is shadow"},
    {"dilate", DILATION, NULL, 0, 0, "Pixels (2) or metres (40m) added around cloud and shadow"},
    {"haze", CHOICE, haze_modes, 0, 0, "Whether what lies under haze is kept or filled"},
    {"no_review", FLAG, NULL, 0, 0, "The network's clouds as they are, not compared with the other dates"},
    {"full", FLAG, NULL, 0, 0, "The prediction everywhere"},
    {"keep_nodata", FLAG, NULL, 0, 0, "Fill clouds only"},
    {"bands", BANDS, NULL, 0, 0, "Band numbers of red, green, blue and near infrared"},
    {"in_scale", NUMBERS, NULL, 0, 0, "Reflectance = DN * in_scale + in_offset"},
    {"in_offset", NUMBERS, NULL, 0, 0, "Reflectance = DN * in_scale + in_offset"},
    {"srcnodata", WORD, NULL, 0, 0, "Value that marks missing pixels"},
    {"fill_bands", WORD, NULL, 0, 0, "Bands that are filled, with commas; all; reflectance"},
    {"mask", FILES, NULL, 0, 0, "One mask per input, with ; between them"},
    {"scl", FILES, NULL, 0, 0, "One scene classification per input, with ; between them"},
    {"mask_mode", CHOICE, modes, 0, 0, "Whether masks join the network's or replace them"},
    {"dates", WORD, NULL, 0, 0, "One date per date of the series, with commas between them"},
    {"ref", FILES, NULL, 0, 0, "Raster whose grid the series is put on"},
    {"tr", NUMBER, NULL, 1, 1000, "Pixel size in metres to work with and of the result"},
    {"resampling", CHOICE, resamplings, 0, 0, "Resampling of dates that do not lie on the series' grid"},
    {"cache", CHOICE, caches, 0, 0, "Where results are kept"},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static bool wrong(char *error, size_t size, const char *format, ...) CPL_PRINT_FUNC_FORMAT(3, 4);
static bool wrong(char *error, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    CPLvsnprintf(error, size, format, args);
    va_end(args);
    return false;
}

static char *append(char *text, const char *more)
{
    size_t a = text ? strlen(text) : 0, b = strlen(more);
    char *longer = CPLRealloc(text, a + b + 1);
    memcpy(longer + a, more, b + 1);
    return longer;
}

/* ---- Lists of names ------------------------------------------------------------------------------ */

/* a;b;"c;d": a name that holds a semicolon stands between double quotes. CSL. */
static char **names_of(const char *text)
{
    char **names = NULL;
    while (*text) {
        const char *end = NULL;
        for (const char *c = text[0] == '"' ? strchr(text + 1, '"') : NULL; c && !end; c = strchr(c + 1, '"'))
            if (c[1] == ';' || !c[1])
                end = c;
        const char *from = end ? text + 1 : text;
        const size_t n = end ? (size_t)(end - from) : strcspn(text, ";");
        char *name = CPLStrdup(from);
        name[n] = 0;
        if (n > 0)
            names = CSLAddString(names, name);
        CPLFree(name);
        text = end ? end + 1 : text + n;
        text += *text == ';';
    }
    return names;
}

/* `list` (CPLFree(); NULL: none yet) with one more name. */
static char *append_name(char *list, const char *name)
{
    const bool quoted = strchr(name, ';') || name[0] == '"';
    if (list)
        list = append(list, ";");
    list = append(list, quoted ? "\"" : "");
    list = append(list, name);
    return append(list, quoted ? "\"" : "");
}

static const setting *find(const char *key)
{
    for (int i = 0; i < SETTINGS; i++)
        if (EQUAL(settings[i].key, key))
            return &settings[i];
    return NULL;
}

/* ---- Values -------------------------------------------------------------------------------------- */

static int choice_of(const setting *s, const char *value)
{
    for (int i = 0; s->choices[i]; i++)
        if (EQUAL(s->choices[i], value))
            return i;
    return -1;
}

static bool check_choice(const setting *s, const char *value, char *error, size_t size)
{
    if (choice_of(s, value) >= 0)
        return true;
    char list[100] = "";
    for (int i = 0; s->choices[i]; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", s->choices[i]);
    return wrong(error, size, "%s=%.40s: must be one of %s", s->key, value, list);
}

static bool check_model(const setting *s, const char *value, char *error, size_t size)
{
    bool plain = *value && strlen(value) <= 64 && value[0] != '.';
    for (const char *c = value; *c; c++)
        plain &= (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("-_.", *c);
    if (plain && !strstr(value, ".safetensors"))
        return true;
    return wrong(error, size, "%s=%.60s: must be the name of a model in CLEARVISION_MODEL_PATH, not a file", s->key,
                 value);
}

static bool check_number(const setting *s, const char *value, char *error, size_t size)
{
    double number;
    if (!clv_number_parse(value, &number) || !isfinite(number))
        return wrong(error, size, "%s=%.40s: is not a number", s->key, value);
    if ((s->min != 0 || s->max != 0) && (number < s->min || number > s->max))
        return wrong(error, size, "%s=%.40s: must be %g to %g", s->key, value, s->min, s->max);
    if (s->kind == INTEGER && number != floor(number))
        return wrong(error, size, "%s=%.40s: must be a whole number", s->key, value);
    return true;
}

/* A number for all dates, or one each with commas between them; "auto" is NaN. The list, CPLFree(); NULL: none. */
static double *numbers_of(const char *value, int *count)
{
    char **words = CSLTokenizeString2(value, ",", CSLT_ALLOWEMPTYTOKENS);
    *count = CSLCount(words);
    double *numbers = CPLMalloc(((size_t)*count + 1) * sizeof *numbers);
    bool good = *count > 0;
    for (int i = 0; good && i < *count; i++) {
        numbers[i] = NAN;
        good = EQUAL(words[i], "auto") || (clv_number_parse(words[i], &numbers[i]) && isfinite(numbers[i]));
    }
    CSLDestroy(words);
    if (good)
        return numbers;
    CPLFree(numbers);
    return NULL;
}

static bool check_numbers(const setting *s, const char *value, char *error, size_t size)
{
    int count;
    double *numbers = numbers_of(value, &count);
    const bool good = numbers != NULL;
    CPLFree(numbers);
    return good || wrong(error, size, "%s=%.40s: is not a number, or one for each date with commas between them",
                         s->key, value);
}

static bool check_bands(const char *value, int bands[4], int *count, char *error, size_t size)
{
    char **words = CSLTokenizeString2(value, ",", 0);
    *count = CSLCount(words);
    bool good = *count == 3 || *count == 4;
    for (int i = 0; good && i < *count; i++) {
        double number;
        good = clv_number_parse(words[i], &number) && number >= 1 && number <= 65535 && number == floor(number);
        bands[i] = good ? (int)number : 0;
    }
    CSLDestroy(words);
    return good || wrong(error, size, "bands=%.40s: give three or four band numbers, as in bands=3,2,1,4", value);
}

static bool check_dilation(const setting *s, const char *value, char *error, size_t size)
{
    int pixels;
    double metres;
    const clv_dilation_error mistake = clv_dilation_parse(value, &pixels, &metres);
    return mistake == CLV_DILATION_GOOD ||
           wrong(error, size, "%s=%.40s: %s", s->key, value, clv_dilation_mistake(mistake));
}

static bool check(const setting *s, const char *value, char *error, size_t size)
{
    int bands[4], count;
    switch (s->kind) {
    case CHOICE:
        return check_choice(s, value, error, size);
    case MODEL:
        return check_model(s, value, error, size);
    case NUMBERS:
        return check_numbers(s, value, error, size);
    case DILATION:
        return check_dilation(s, value, error, size);
    case NUMBER:
    case INTEGER:
        return check_number(s, value, error, size);
    case FLAG:
        return EQUAL(value, "YES") || EQUAL(value, "NO") || EQUAL(value, "true") || EQUAL(value, "false") ||
               EQUAL(value, "ON") || EQUAL(value, "OFF") || EQUAL(value, "1") || EQUAL(value, "0") ||
               wrong(error, size, "%s=%.40s: must be YES or NO", s->key, value);
    case BANDS:
        return check_bands(value, bands, &count, error, size);
    default:
        return *value || wrong(error, size, "%s: has no value", s->key);
    }
}

bool clv_view_request_set(clv_view_request *name, const char *key, const char *value, char *error, size_t error_size)
{
    const setting *s = find(key);
    if (!s)
        return wrong(error, error_size, "%.40s: is not a setting of a view; gdalinfo --format CLEARVISION lists them",
                     key);
    if (!check(s, value, error, error_size))
        return false;
    name->settings = CSLSetNameValue(name->settings, s->key, value);
    return true;
}

const char *clv_view_request_get(const clv_view_request *name, const char *key)
{
    return CSLFetchNameValue(name->settings, key);
}

/* ---- Connection strings -------------------------------------------------------------------------- */

/* The '?' after which only settings follow; names of files may have one of their own. */
static const char *settings_in(const char *text)
{
    const char *mark = strrchr(text, '?');
    if (!mark)
        return NULL;
    size_t n = strcspn(mark + 1, "=&");
    char key[40];
    if (mark[1 + n] != '=' || n == 0 || n >= sizeof key)
        return NULL;
    memcpy(key, mark + 1, n);
    key[n] = 0;
    for (const char *c = key; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_'))
            return NULL;
    return mark;
}

static bool take_settings(clv_view_request *name, const char *text, char *error, size_t size)
{
    char **words = CSLTokenizeString2(text, "&", 0);
    bool good = true;
    for (int i = 0; words && words[i] && good; i++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(words[i], &key);
        good = key && value ? clv_view_request_set(name, key, value, error, size)
                            : wrong(error, size, "%.60s: is not a setting; write KEY=VALUE", words[i]);
        CPLFree(key);
    }
    CSLDestroy(words);
    return good;
}

/* One name that ends as a view's file does; with a semicolon in it, only where there is such a file. */
static bool is_view_file(const char *path)
{
    size_t n = strlen(path), m = strlen("." CLV_VIEW_EXTENSION);
    VSIStatBufL info;
    return n > m && EQUAL(path + n - m, "." CLV_VIEW_EXTENSION) && (!strchr(path, ';') || VSIStatL(path, &info) == 0);
}

/* ---- Files --------------------------------------------------------------------------------------- */

/* A name in a view's file is relative to its folder, as in VRT files. */
static char *beside(const char *file, const char *name)
{
    const char *colon = strchr(name, ':'), *slash = strchr(name, '/');
    bool alone = !CPLIsFilenameRelative(name) || EQUAL(name, "none") /* scl */ || (colon && (!slash || colon < slash));
    return CPLStrdup(alone ? name : CPLProjectRelativeFilename(CPLGetPath(file), name));
}

static bool take_list(const clv_json *value, const char *file, char ***list, char *error, size_t size)
{
    for (int i = 0; i < clv_json_count(value); i++) {
        const char *text = clv_json_string(clv_json_at(value, i), NULL);
        if (!text || !*text)
            return wrong(error, size, "%s: its lists must hold names of files", file);
        char *full = beside(file, text);
        *list = CSLAddString(*list, full);
        CPLFree(full);
    }
    return true;
}

static bool take_member(clv_view_request *name, const char *file, const char *key, const clv_json *value, char *error,
                        size_t size)
{
    char number[CLV_NUMBER_SIZE];
    const setting *s = find(key);
    if (s && s->kind == FILES && clv_json_kind(value) == CLV_JSON_STRING) {
        char *full = beside(file, clv_json_string(value, "")), *list = append_name(NULL, full);
        bool good = clv_view_request_set(name, key, list, error, size);
        CPLFree(list);
        CPLFree(full);
        return good;
    }
    if (s && s->kind == FILES && clv_json_kind(value) == CLV_JSON_ARRAY) {
        char **list = NULL, *joined = NULL;
        bool good = take_list(value, file, &list, error, size);
        for (int i = 0; good && list && list[i]; i++)
            joined = append_name(joined, list[i]);
        good = good && clv_view_request_set(name, key, joined ? joined : "", error, size);
        CPLFree(joined);
        CSLDestroy(list);
        return good;
    }
    switch (clv_json_kind(value)) {
    case CLV_JSON_STRING:
        return clv_view_request_set(name, key, clv_json_string(value, ""), error, size);
    case CLV_JSON_BOOL:
        return clv_view_request_set(name, key, clv_json_bool(value, false) ? "YES" : "NO", error, size);
    case CLV_JSON_NUMBER:
        clv_number_format(clv_json_number(value, 0), number);
        return clv_view_request_set(name, key, number, error, size);
    default:
        return wrong(error, size, "%s: \"%.40s\" must be a text, a number, true or false", file, key);
    }
}

static bool take_document(clv_view_request *name, const char *file, const clv_json *doc, char *error, size_t size)
{
    if (strcmp(clv_json_string(clv_json_get(doc, "type"), ""), CLV_VIEW_TYPE) != 0)
        return wrong(error, size, "%s: is not a view: its \"type\" is not \"" CLV_VIEW_TYPE "\"", file);
    if (!take_list(clv_json_get(doc, "inputs"), file, &name->inputs, error, size))
        return false;
    for (int i = 0; i < clv_json_count(doc); i++) {
        const char *key = clv_json_key_at(doc, i);
        if (strcmp(key, "type") != 0 && strcmp(key, "inputs") != 0 &&
            !take_member(name, file, key, clv_json_at(doc, i), error, size))
            return false;
    }
    return name->inputs != NULL || wrong(error, size, "%s: has no \"inputs\"", file);
}

static bool take_file(clv_view_request *name, const char *file, char *error, size_t size)
{
    GByte *text = NULL;
    vsi_l_offset length = 0;
    char reason[200] = "";
    CPLPushErrorHandler(CPLQuietErrorHandler);
    int read = VSIIngestFile(NULL, file, &text, &length, MAX_FILE_BYTES);
    CPLPopErrorHandler();
    if (!read)
        return wrong(error, size, "%s: cannot be read as a view's file (at most 4 MB)", file);
    clv_json *doc = clv_json_parse((const char *)text, (size_t)length, reason, sizeof reason);
    bool good = doc ? take_document(name, file, doc, error, size) : wrong(error, size, "%s: %s", file, reason);
    clv_json_free(doc);
    VSIFree(text);
    name->file = CPLStrdup(file);
    name->of_file = CSLDuplicate(name->settings);
    return good;
}

bool clv_view_request_parse(const char *text, clv_view_request *out, char *error, size_t error_size)
{
    *out = (clv_view_request){0};
    bool prefixed = EQUALN(text, CLV_VIEW_PREFIX, strlen(CLV_VIEW_PREFIX));
    const char *names = prefixed ? text + strlen(CLV_VIEW_PREFIX) : text;
    const char *mark = prefixed ? settings_in(names) : NULL;
    char *list = CPLStrdup(names);
    if (mark)
        list[mark - names] = 0;
    const bool whole = is_view_file(list);
    char **inputs = whole ? CSLAddString(NULL, list) : names_of(list);
    bool good = true;
    if (!inputs || !inputs[0])
        good = wrong(error, error_size, "%.200s: names no inputs; write " CLV_VIEW_PREFIX "a.tif;b.tif;c.tif?date=...",
                     text);
    else if (whole || (!inputs[1] && is_view_file(inputs[0])))
        good = take_file(out, inputs[0], error, error_size);
    else
        out->inputs = CSLDuplicate(inputs);
    if (good && mark)
        good = take_settings(out, mark + 1, error, error_size);
    CSLDestroy(inputs);
    CPLFree(list);
    if (!good)
        clv_view_request_clear(out);
    return good;
}

void clv_view_request_clear(clv_view_request *name)
{
    CSLDestroy(name->inputs);
    CSLDestroy(name->settings);
    CSLDestroy(name->masks);
    CSLDestroy(name->scls);
    CSLDestroy(name->dates);
    CSLDestroy(name->of_file);
    CPLFree(name->scales);
    CPLFree(name->offsets);
    CPLFree(name->file);
    *name = (clv_view_request){0};
}

/* ---- What it means ------------------------------------------------------------------------------- */

static double number_of(const clv_view_request *name, const char *key, double fallback)
{
    double value;
    const char *text = clv_view_request_get(name, key);
    return text && clv_number_parse(text, &value) ? value : fallback;
}

/* Into *value where there is one number, else into *list, which the name owns. */
static void take_numbers(const clv_view_request *name, const char *key, double *value, double **list, int *count)
{
    const char *text = clv_view_request_get(name, key);
    CPLFree(*list);
    *list = text ? numbers_of(text, count) : NULL;
    if (*list && *count == 1)
        *value = (*list)[0];
    if (!*list || *count == 1)
        *count = 0;
}

static int choice_in(const clv_view_request *name, const char *key, int fallback)
{
    const char *text = clv_view_request_get(name, key);
    return text ? choice_of(find(key), text) : fallback;
}

bool clv_view_request_apply(clv_view_request *name, clv_remove_options *o, char *error, size_t error_size)
{
    const char *bands = clv_view_request_get(name, "bands"), *mask = clv_view_request_get(name, "mask");
    const char *scl = clv_view_request_get(name, "scl"), *dilation = clv_view_request_get(name, "dilate");
    o->method = (clv_method)choice_in(name, "method", o->method);
    o->model = clv_view_request_get(name, "model");
    o->detect.model = clv_view_request_get(name, "detect_model");
    o->window = (int)number_of(name, "window", o->window);
    o->detect.threshold = number_of(name, "threshold", o->detect.threshold);
    o->detect.shadow_threshold = number_of(name, "shadow_threshold", o->detect.shadow_threshold);
    if (dilation) /* checked when it was set */
        clv_dilation_parse(dilation, &o->detect.dilate, &o->detect.dilate_m);
    o->detect.haze = (clv_haze)choice_in(name, "haze", o->detect.haze);
    o->detect.no_review = CPLFetchBool(name->settings, "no_review", false);
    o->full = CPLFetchBool(name->settings, "full", false);
    o->keep_nodata = CPLFetchBool(name->settings, "keep_nodata", false);
    take_numbers(name, "in_scale", &o->input.in_scale, &name->scales, &o->input.in_scale_count);
    take_numbers(name, "in_offset", &o->input.in_offset, &name->offsets, &o->input.in_offset_count);
    o->input.in_scales = o->input.in_scale_count > 0 ? name->scales : NULL;
    o->input.in_offsets = o->input.in_offset_count > 0 ? name->offsets : NULL;
    o->input.srcnodata = clv_view_request_get(name, "srcnodata");
    o->input.fill_bands = clv_view_request_get(name, "fill_bands");
    o->input.mask_mode = (clv_mask_mode)choice_in(name, "mask_mode", o->input.mask_mode);
    if (bands && !check_bands(bands, name->bands, &name->band_count, error, error_size))
        return false;
    o->input.bands = bands ? name->bands : NULL;
    o->input.band_count = bands ? name->band_count : 0;
    const char *dates = clv_view_request_get(name, "dates");
    CSLDestroy(name->masks);
    CSLDestroy(name->scls);
    CSLDestroy(name->dates);
    name->dates = dates ? CSLTokenizeString2(dates, ",", 0) : NULL;
    o->input.dates = (const char *const *)name->dates;
    o->input.ref = clv_view_request_get(name, "ref");
    o->input.tr = number_of(name, "tr", o->input.tr);
    const int resampling = choice_in(name, "resampling", o->input.resampling);
    o->input.resampling = resampling > CLV_RESAMPLING_AVERAGE ? CLV_RESAMPLING_NEAR : (clv_resampling)resampling;
    name->masks = mask ? names_of(mask) : NULL;
    name->scls = scl ? names_of(scl) : NULL;
    o->input.masks = (const char *const *)name->masks;
    o->input.scls = (const char *const *)name->scls;
    return true;
}

/* Inputs, then the settings but those named in `without`, in the table's order; short: the file instead of the inputs
 * and of the settings that it has. */
static char *write_name(const clv_view_request *name, const char *const *without, bool brief, bool *any)
{
    char *text = NULL;
    brief = brief && name->file;
    if (brief)
        text = append_name(text, name->file);
    for (int i = 0; !brief && name->inputs && name->inputs[i]; i++)
        text = append_name(text, name->inputs[i]);
    *any = false;
    for (int i = 0; i < SETTINGS; i++) {
        const char *value = CSLFetchNameValue(name->settings, settings[i].key);
        const char *has = brief ? CSLFetchNameValue(name->of_file, settings[i].key) : NULL;
        bool left = !value || (has && strcmp(has, value) == 0);
        for (int k = 0; without[k]; k++)
            left |= strcmp(without[k], settings[i].key) == 0;
        if (left)
            continue;
        text = append(text, *any ? "&" : "?");
        text = append(text, settings[i].key);
        text = append(text, "=");
        text = append(text, value);
        *any = true;
    }
    return text ? text : CPLStrdup("");
}

/* The product that a name means which does not say. */
static const char *brief_product(const clv_view_request *name)
{
    const char *product = name->file ? CSLFetchNameValue(name->of_file, "product") : NULL;
    return product ? product : "clear";
}

char *clv_view_request_text(const clv_view_request *name, const char *date, const char *product)
{
    static const char *const without[] = {"date", "product", NULL};
    bool any;
    char *rest = write_name(name, without, true, &any);
    char *text = CPLStrdup(CLV_VIEW_PREFIX);
    text = append(text, rest);
    text = append(text, any ? "&date=" : "?date=");
    text = append(text, date);
    const char *usual = brief_product(name);
    if (strcmp(product, usual) != 0) {
        text = append(text, "&product=");
        text = append(text, product);
    }
    CPLFree(rest);
    return text;
}

/* The name from the root, and when the file was changed: relative names mean other files after a chdir(), and a file
 * that has changed is another series. */
static char *append_stamped(char *key, const char *name)
{
    VSIStatBufL info;
    char stamp[80] = "|";
    if (VSIStatL(name, &info) == 0) {
        char *folder = CPLIsFilenameRelative(name) ? CPLGetCurrentDir() : NULL;
        if (folder) {
            key = append(key, folder);
            key = append(key, "/");
        }
        CPLFree(folder);
        snprintf(stamp, sizeof stamp, "|%lld:%lld|", (long long)info.st_mtime, (long long)info.st_size);
    }
    key = append(key, name);
    return append(key, stamp);
}

static char *append_all(char *key, const char *const *names, int count)
{
    clv_inputs list = {0};
    if (count > 0 && clv_inputs_expand(NULL, names, count, "input", &list) == CLV_OK)
        for (int i = 0; i < list.count; i++)
            key = append_stamped(key, list.names[i]);
    clv_inputs_clear(&list);
    for (int i = 0; i < count; i++)
        key = append_stamped(key, names[i]);
    return key;
}

char *clv_view_request_key(const clv_view_request *name)
{
    static const char *const without[] = {"date", "product", NULL}, *const files[] = {"mask", "scl", "ref", NULL};
    bool any;
    char *key = append(write_name(name, without, false, &any), "|");
    key = append_all(key, (const char *const *)name->inputs, CSLCount(name->inputs));
    for (int i = 0; files[i]; i++) {
        const char *value = clv_view_request_get(name, files[i]);
        char **list = value ? names_of(value) : NULL;
        key = append_all(key, (const char *const *)list, CSLCount(list));
        CSLDestroy(list);
    }
    return key;
}

char *clv_view_request_option_list(void)
{
    static const char *const types[] = {"string", "string-select", "string", "float",
                                        "int",    "boolean",       "string", "string"};
    char *text = CPLStrdup("<OpenOptionList>");
    for (int i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        text = append(
            text, CPLSPrintf("<Option name=\"%s\" type=\"%s\" description=\"%s\">", s->key, types[s->kind], s->help));
        for (int k = 0; s->kind == CHOICE && s->choices[k]; k++)
            text = append(text, CPLSPrintf("<Value>%s</Value>", s->choices[k]));
        text = append(text, "</Option>");
    }
    return append(text, "</OpenOptionList>");
}
