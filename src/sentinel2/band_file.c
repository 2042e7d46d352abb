/* SPDX-License-Identifier: MIT */
#include "sentinel2/band_file.h"

#include <stdio.h>
#include <string.h>

#include "sentinel2/archive_names.h"

#define MAX_TOKENS 40
#define TOKEN_SIZE 16

typedef struct token {
    char text[TOKEN_SIZE]; /* lower case; "" when longer than any word of ours */
    size_t from, to;       /* in the name */
    bool drop;             /* tells the files of one date apart */
} token;

static const char *const bands[13] = {"B01", "B02", "B03", "B04", "B05", "B06", "B07",
                                      "B08", "B8A", "B09", "B10", "B11", "B12"};

static const struct {
    const char *word, *band;
} words[] = {{"red", "B04"},        {"green", "B03"},    {"blue", "B02"},       {"nir", "B08"},
             {"nir08", "B8A"},      {"nir09", "B09"},    {"coastal", "B01"},    {"rededge1", "B05"},
             {"rededge2", "B06"},   {"rededge3", "B07"}, {"rededge071", "B05"}, {"rededge075", "B06"},
             {"rededge078", "B07"}, {"swir16", "B11"},   {"swir22", "B12"},     {"cirrus", "B10"}};

static const char *const aux_words[] = {
    "aot", "wvp",    "tci",    "visual", "pvi",       "preview",   "thumbnail", "ql",    "overview", "cld", "snw",
    "msk", "cldprb", "snwprb", "mask",   "quality",   "qa",        "clp",       "dem",   "sza",      "vza", "saa",
    "vaa", "classi", "browse", "angles", "cloudmask", "cloudprob", "mskcld",    "label", "labels"};

/* Words that tell pictures of one date from its masks, and no more. */
static const char *const picture_words[] = {"boa", "toa", "bgrn", "rgbn", "bgr", "rgb", "rgbnir", "stack", "sr", "raw"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

static int tokenise(const char *name, size_t length, token tokens[MAX_TOKENS])
{
    int count = 0;
    for (size_t i = 0; i < length && count < MAX_TOKENS;) {
        size_t n = 0;
        while (i + n < length && is_alnum(name[i + n]))
            n++;
        if (n == 0) {
            i++;
            continue;
        }
        token *t = &tokens[count++];
        *t = (token){.from = i, .to = i + n};
        for (size_t k = 0; n < TOKEN_SIZE && k < n; k++)
            t->text[k] = is_upper(name[i + k]) ? (char)(name[i + k] + 32) : name[i + k];
        i += n;
    }
    return count;
}

/* "b4", "b04", "b8a", "b08a", "b12" */
static const char *band_of_code(const char *t)
{
    if (t[0] != 'b' || !is_digit(t[1]))
        return NULL;
    int n = t[1] - '0', at = 2;
    if (is_digit(t[2]))
        n = n * 10 + (t[at++] - '0');
    if (t[at] == 'a' && !t[at + 1])
        return n == 8 ? "B8A" : NULL;
    if (t[at] || n < 1 || n > 12)
        return NULL;
    return bands[n <= 8 ? n - 1 : n];
}

static const char *band_of_word(const char *t)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, t) == 0)
            return words[i].band;
    return NULL;
}

const char *clv_band_of_common_name(const char *name)
{
    return band_of_word(name);
}

static bool is_one_of(const char *t, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], t) == 0)
            return true;
    return false;
}

static int resolution_of(const char *t)
{
    static const struct {
        const char *text;
        int metres;
    } known[] = {{"10m", 10}, {"20m", 20}, {"30m", 30}, {"60m", 60}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].text, t) == 0)
            return known[i].metres;
    return 0;
}

static bool is_tile_number(const token *t)
{
    return t->to - t->from == 10 && strspn(t->text, "0123456789") == 10;
}

/* The name without the dropped tokens and the separators before them (after them at the beginning). */
static void make_key(const char *name, size_t length, const token *tokens, int count, char *key)
{
    bool keep[CLV_BAND_FILE_KEY];
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        keep[i] = true;
    for (int t = 0; t < count; t++) {
        if (!tokens[t].drop)
            continue;
        size_t from = tokens[t].from;
        while (from > 0 && !is_alnum(name[from - 1]))
            from--;
        for (size_t i = from; i < tokens[t].to; i++)
            keep[i] = false;
    }
    for (size_t i = 0; i < length; i++)
        if (keep[i] && (n > 0 || is_alnum(name[i])))
            key[n++] = name[i];
    while (n > 0 && !is_alnum(key[n - 1]))
        n--;
    key[n] = 0;
}

static size_t stem_length(const char *base)
{
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? (size_t)(dot - base) : strlen(base);
}

static void set_mask(clv_band_file *out, clv_mask_kind kind, const char *shown)
{
    if (clv_mask_kind_rank(kind) <= out->mask_rank)
        return;
    out->kind = kind == CLV_MASK_KIND_SCL ? CLV_FILE_SCL : kind == CLV_MASK_KIND_FMASK ? CLV_FILE_FMASK : CLV_FILE_MASK;
    out->mask = kind;
    out->mask_shown = shown;
    out->mask_rank = clv_mask_kind_rank(kind);
}

/* What the word means in this archive's names; false: nothing. */
static bool by_archive(clv_archive archive, const char *base, token *at, clv_band_file *out)
{
    const clv_archive_word *word = clv_archive_word_of(archive, at->text);
    clv_mask_kind kind = CLV_MASK_KIND_SCL;
    const char *shown = "CLOUD";
    if (!word)
        return false;
    at->drop = true;
    switch (word->meaning) {
    case CLV_WORD_AUX:
        out->kind = out->mask_rank > 0 ? out->kind : CLV_FILE_AUX;
        break;
    case CLV_WORD_MASK: /* sits' CLOUD of Sentinel-2 is Sen2Cor's classification */
        if (archive == CLV_ARCHIVE_SITS || clv_mask_kind_of_name(base, &kind, &shown))
            set_mask(out, kind, shown);
        break;
    case CLV_WORD_VARIANT:
        snprintf(out->variant, sizeof out->variant, "%.*s", (int)(at->to - at->from), base + at->from);
        out->variant_rank = word->value;
        break;
    case CLV_WORD_RESOLUTION:
        out->resolution = word->value;
        break;
    case CLV_WORD_COMMON:
        break;
    }
    return true;
}

static bool by_mask(token *tokens, int i, int count, clv_band_file *out)
{
    clv_mask_kind kind;
    const char *shown;
    const int taken = clv_mask_kind_of_words(tokens[i].text, i + 1 < count ? tokens[i + 1].text : NULL, &kind, &shown);
    for (int k = 0; k < taken; k++)
        tokens[i + k].drop = true;
    if (taken > 0)
        set_mask(out, kind, shown);
    return taken > 0;
}

/* The band in Sentinel-2's numbers; NULL for a band of Landsat without a partner (thermal, panchromatic). */
static const char *partner_of(clv_sensor sensor, const char *band, const char *word, bool is_code, clv_band_file *out)
{
    const char *partner = band;
    if (!clv_sensor_is_landsat(sensor))
        return band;
    if (is_code)
        partner = clv_sensor_band(sensor, band);
    else if (strcmp(band, "B08") == 0)
        partner = "B8A"; /* "nir": its only near infrared */
    if (partner && (!is_code || strcmp(partner, band) != 0))
        snprintf(out->own, sizeof out->own, "%.7s", is_code ? band : word);
    return partner;
}

/* "nbart_swir_2" to the end of the name, as Digital Earth Australia's measurements are called; NULL: no such one. */
static const char *by_measurement(clv_sensor sensor, const char *base, token *tokens, int i, int last,
                                  clv_band_file *out)
{
    const clv_archive_word *variant = clv_archive_word_of(CLV_ARCHIVE_DEA, tokens[i].text);
    char name[3 * TOKEN_SIZE] = "";
    if (!variant || variant->meaning != CLV_WORD_VARIANT || i == last || last - i > 3)
        return NULL;
    for (int k = i + 1; k <= last; k++)
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s", k > i + 1 ? "_" : "", tokens[k].text);
    const char *band = clv_archive_measurement(sensor, name);
    if (!band)
        return NULL;
    for (int k = i; k <= last; k++)
        tokens[k].drop = true;
    snprintf(out->variant, sizeof out->variant, "%.*s", (int)(tokens[i].to - tokens[i].from), base + tokens[i].from);
    out->variant_rank = variant->value;
    for (size_t k = 0; clv_sensor_is_landsat(sensor) && !out->own[0] && k < sizeof words / sizeof *words; k++)
        if (strcmp(words[k].band, band) == 0)
            snprintf(out->own, sizeof out->own, "%.7s", words[k].word);
    return band;
}

/* Kind and band by the tokens; marks those that the key does without. */
static void classify(clv_sensor sensor, const char *base, token *tokens, int count, clv_band_file *out)
{
    clv_archive archive = clv_archive_of_name(base);
    int band_at = -1, found = 0, last = count - 1;
    while (last > 0 && resolution_of(tokens[last].text))
        last--;
    for (int i = 0; i < count; i++) {
        const char *t = tokens[i].text, *band = band_of_code(t);
        const char *measured = by_measurement(sensor, base, tokens, i, last, out);
        char code[8];
        int metres = resolution_of(t);
        if (measured) {
            snprintf(out->band, sizeof out->band, "%s", measured);
            band_at = i;
            found++;
            i = last;
            continue;
        }
        if (clv_archive_band(archive, t, code))
            band = band_of_code(code);
        const bool is_code = band != NULL;
        if (!band && i == last)
            band = band_of_word(t);
        if (band) {
            const char *partner = partner_of(sensor, band, t, is_code, out);
            band_at = i;
            found++;
            snprintf(out->band, sizeof out->band, "%s", partner ? partner : "");
            if (!partner)
                out->kind = CLV_FILE_AUX;
            tokens[i].drop = !partner;
        } else if (metres) {
            out->resolution = metres;
            tokens[i].drop = true;
        } else if (by_archive(archive, base, &tokens[i], out) || by_mask(tokens, i, count, out)) {
            continue;
        } else if ((out->kind == CLV_FILE_RASTER || out->kind == CLV_FILE_AUX) &&
                   is_one_of(t, aux_words, sizeof aux_words / sizeof *aux_words)) {
            out->kind = CLV_FILE_AUX;
            tokens[i].drop = true;
        } else if (is_one_of(t, picture_words, sizeof picture_words / sizeof *picture_words)) {
            tokens[i].drop = true;
            if (i + 1 < count && (strcmp(tokens[i + 1].text, "10") == 0 || strcmp(tokens[i + 1].text, "20") == 0))
                tokens[i + 1].drop = true; /* sen2r's "_BOA_10" */
        }
    }
    if (out->kind == CLV_FILE_SCL && count > 1 &&
        (strcmp(tokens[count - 1].text, "10") == 0 || strcmp(tokens[count - 1].text, "20") == 0))
        tokens[count - 1].drop = true;
    if (out->kind == CLV_FILE_RASTER && found == 1) {
        out->kind = CLV_FILE_BAND;
        tokens[band_at].drop = true;
    }
    if (out->kind != CLV_FILE_BAND)
        out->band[0] = out->own[0] = 0;
    if (out->kind == CLV_FILE_RASTER && count > 2 && is_tile_number(&tokens[count - 1]) &&
        is_tile_number(&tokens[count - 2])) {
        out->kind = CLV_FILE_TILE;
        tokens[count - 1].drop = tokens[count - 2].drop = true;
    }
}

void clv_band_file_read(const char *base, clv_band_file *out)
{
    clv_band_file_read_of(CLV_SENSOR_UNKNOWN, base, out);
}

void clv_band_file_read_of(clv_sensor sensor, const char *base, clv_band_file *out)
{
    token tokens[MAX_TOKENS];
    *out = (clv_band_file){.kind = CLV_FILE_RASTER};
    size_t length = stem_length(base);
    if (length >= CLV_BAND_FILE_KEY) {
        snprintf(out->key, sizeof out->key, "%s", base);
        return;
    }
    int count = tokenise(base, length, tokens);
    classify(sensor != CLV_SENSOR_UNKNOWN ? sensor : clv_sensor_of_name(base), base, tokens, count, out);
    make_key(base, length, tokens, count, out->key);
}

int clv_band_number(const char *band)
{
    for (int i = 0; i < 13; i++)
        if (strcmp(bands[i], band) == 0)
            return i;
    return -1;
}

static bool is_tile(const char *t)
{
    return is_digit(t[0]) && is_digit(t[1]) && is_upper(t[2]) && is_upper(t[3]) && is_upper(t[4]) && !is_alnum(t[5]);
}

void clv_tile_of_name(const char *name, char tile[6])
{
    tile[0] = 0;
    for (const char *p = name; *p; p++) {
        if (p > name && is_alnum(p[-1]))
            continue;
        const char *t = *p == 'T' ? p + 1 : p;
        if (is_tile(t)) {
            memcpy(tile, t, 5);
            tile[5] = 0;
            return;
        }
    }
}

bool clv_name_has_word(const char *name, const char *word)
{
    token tokens[MAX_TOKENS];
    int count = name ? tokenise(name, strlen(name), tokens) : 0;
    for (int i = 0; i < count; i++)
        if (strcmp(tokens[i].text, word) == 0)
            return true;
    return false;
}

int clv_processing_level_of_name(const char *name)
{
    if (strstr(name, "MSIL1C") || strstr(name, "_L1C") || strstr(name, "S2A1C_") || strstr(name, "S2B1C_"))
        return 1;
    if (strstr(name, "MSIL2A") || strstr(name, "_L2A") || strstr(name, "MSIL2F") || strstr(name, "MSIL2H") ||
        strstr(name, "S2A2A_") || strstr(name, "S2B2A_"))
        return 2;
    return 0;
}
