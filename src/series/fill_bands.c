/* SPDX-License-Identifier: MIT */
#include "series/fill_bands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/number.h"
#include "raster/gdal_errors.h"
#include "sentinel2/name_words.h"
#include "series/band_sample.h"

#define SHOWN 6 /* names in a message */
#define TOKEN 64
#define QA60_EMPTY_FROM 20220125 /* Earth Engine's catalogue, COPERNICUS/S2_SR_HARMONIZED */
#define QA60_EMPTY_TO 20240228

/* ---- -fill_bands ------------------------------------------------------------------------------- */

static bool is_word(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

static bool by_default(const char *text)
{
    return !text || !*text || is_word(text, "reflectance");
}

/* The next entry of a list with commas, without blanks around it; where the list goes on, NULL at its end. */
static const char *next_entry(const char *list, char entry[TOKEN])
{
    const size_t n = strcspn(list, ",");
    size_t from = 0, to = n;
    while (from < to && list[from] == ' ')
        from++;
    while (to > from && list[to - 1] == ' ')
        to--;
    snprintf(entry, TOKEN, "%.*s", (int)(to - from), list + from);
    return list[n] ? list + n + 1 : NULL;
}

static bool is_number(const char *entry)
{
    return *entry && strspn(entry, "0123456789") == strlen(entry);
}

/* "B05" is "B05_20220601", "B5, central wavelength 705 nm" and "b05". */
static bool names_band(const char *entry, const char *name)
{
    clv_name_words words, wanted;
    char sequence[CLV_NAME_WORDS * CLV_NAME_WORD_SIZE] = "", start[TOKEN];
    if (strcmp(entry, name) == 0)
        return true;
    snprintf(start, sizeof start, "%.*s", (int)strcspn(name, ","), name);
    clv_name_words_read(entry, &wanted);
    clv_name_words_read(start, &words);
    for (int i = 0; i < wanted.count; i++)
        strcat(strcat(sequence, i ? " " : ""), wanted.word[i]);
    const int at = clv_name_words_find(&words, sequence);
    return at >= 0 && clv_name_words_alone(&words, at, wanted.count);
}

static const char *name_of(const clv_band_hint *hint)
{
    return hint->description && *hint->description ? hint->description : hint->band_name ? hint->band_name : "";
}

static bool is_listed(const char *list, const clv_band_hint *hint, int place)
{
    char entry[TOKEN];
    for (const char *at = list; at;) {
        at = next_entry(at, entry);
        if (is_number(entry) ? atoi(entry) == place + 1 : names_band(entry, name_of(hint)))
            return true;
    }
    return false;
}

static clv_status check_numbers(clv_context *ctx, const clv_fill_bands *b, const char *list)
{
    char entry[TOKEN];
    for (const char *at = list; at;) {
        at = next_entry(at, entry);
        if (!*entry)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "-fill_bands %s: give numbers or names of bands with commas between them, all, or "
                            "reflectance",
                            list);
        if (is_number(entry) && (atoi(entry) < 1 || atoi(entry) > b->count))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-fill_bands %s: %s has bands 1 to %d%s", entry, b->name, b->count,
                            b->count == 1 ? "" : " a date");
    }
    return CLV_OK;
}

static bool has_name(const clv_date_facts *facts, const char *entry)
{
    for (int i = 0; i < facts->all_band_count; i++)
        if (names_band(entry, facts->all_bands[i].name))
            return true;
    return false;
}

static clv_status check_names(clv_context *ctx, clv_dataset_acquisition *const *dates, int count, const char *list)
{
    char entry[TOKEN];
    for (const char *at = list; at;) {
        at = next_entry(at, entry);
        bool found = is_number(entry);
        for (int d = 0; d < count && !found; d++)
            found = has_name(&dates[d]->facts, entry);
        if (!found)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "-fill_bands %s: no date has a band of this name; info lists their names", entry);
    }
    return CLV_OK;
}

/* ---- Bands of one date ------------------------------------------------------------------------- */

static double nodata_of(const clv_fill_bands *b, int i, const clv_input_options *options)
{
    int has = FALSE;
    double value = GDALGetRasterNoDataValue(GDALGetRasterBand(b->dataset, b->indices[i]), &has);
    if (options->srcnodata)
        return clv_number_parse(options->srcnodata, &value) ? value : NAN;
    return has ? value : NAN;
}

/* The sample's bands: red, green, blue, what else is reflectance, then those that are asked about (`asked` [count]). */
typedef struct looked {
    int *place; /* [count] of the bands in the date */
    int count;
    clv_value_sample sample;
} looked;

static clv_status look(clv_context *ctx, const clv_fill_bands *b, const clv_input_options *options,
                       const clv_role *roles, const clv_band_known *known, const bool *asked, bool others, looked *out)
{
    *out = (looked){.place = clv_alloc_array((size_t)b->count, 1, sizeof *out->place)};
    int *indices = clv_alloc_array((size_t)b->count, 1, sizeof *indices);
    double *nodata = clv_alloc_array((size_t)b->count, 1, sizeof *nodata);
    clv_status status = out->place && indices && nodata ? CLV_OK : clv_fail_memory(ctx);
    int visible[3] = {0}, other = 0;
    for (int i = 0; i < b->count && status == CLV_OK; i++) {
        const bool helps = others && roles[i] == CLV_ROLE_NIR;
        if (roles[i] > CLV_ROLE_BLUE && !asked[i] && !helps)
            continue;
        if (roles[i] <= CLV_ROLE_BLUE)
            visible[roles[i]] = out->count;
        else if (helps)
            other = out->count;
        indices[out->count] = b->indices[i];
        nodata[out->count] = nodata_of(b, i, options);
        if (known[i] == CLV_BAND_QUALITY && nodata[out->count] == 0)
            nodata[out->count] = NAN; /* the file's tag is for all its bands; in masks 0 is a value */
        out->place[out->count++] = i;
    }
    if (status == CLV_OK)
        status = clv_band_sample_take(ctx, b->dataset, b->name, indices, out->count, nodata, &out->sample);
    memcpy(out->sample.visible, visible, sizeof visible);
    out->sample.other_count = other > 0;
    out->sample.others[0] = other;
    free(nodata);
    free(indices);
    return status;
}

static void look_clear(looked *l)
{
    clv_band_sample_clear(&l->sample);
    free(l->place);
}

/* Kinds in which 255 stands for what nobody computed. */
static bool has_fill_255(clv_mask_kind kind)
{
    return kind != CLV_MASK_KIND_PLAIN && kind != CLV_MASK_KIND_CLASSI && kind != CLV_MASK_KIND_SHADOWS;
}

/* Values of a mask where red, green and blue show something. */
static clv_mask_values values_of(const clv_value_sample *s, int band, clv_mask_kind kind)
{
    clv_mask_values v = {.smallest = INFINITY, .largest = -INFINITY, .whole = true};
    int zeros = 0, ones = 0;
    double sums[2] = {0}; /* of what is not 0, of what is */
    for (int i = 0; i < s->count; i++) {
        const double value = (double)s->values[(size_t)band * (size_t)s->count + (size_t)i];
        bool shown = !isnan(value) && !(value == 255 && has_fill_255(kind));
        double visible = 0;
        for (int k = 0; k < 3; k++) {
            const float ground = s->values[(size_t)s->visible[k] * (size_t)s->count + (size_t)i];
            shown = shown && ground > 0;
            visible += (double)ground;
        }
        if (!shown)
            continue;
        v.count++;
        v.smallest = fmin(v.smallest, value);
        v.largest = fmax(v.largest, value);
        v.whole = v.whole && value == floor(value);
        zeros += value == 0;
        ones += value == 1;
        sums[value == 0] += visible;
    }
    v.bright = v.count > zeros ? sums[0] / (v.count - zeros) : 0;
    v.bright_0 = zeros > 0 ? sums[1] / zeros : 0;
    v.share_0 = v.count ? (double)zeros / v.count : 0;
    v.share_1 = v.count ? (double)ones / v.count : 0;
    return v;
}

static bool has_mask(const clv_fill_bands *b, const char *name)
{
    clv_mask_kind kind;
    const char *shown;
    for (int i = 0; i < b->count; i++)
        if (clv_mask_kind_of_name(name_of(&b->hints[i]), &kind, &shown) && strcmp(shown, name) == 0)
            return true;
    return false;
}

/* What another mask of the same source says better: Cloud Score+'s cs_cdf; Sen2Cor's classes, made of its probability.
 */
static bool is_superseded(const clv_fill_bands *b, const char *shown)
{
    if (strcmp(shown, "cs") == 0)
        return has_mask(b, "cs_cdf");
    return (strstr(shown, "CLDPRB") || strcmp(shown, "CLD") == 0) && has_mask(b, "SCL");
}

static clv_status add_masks(clv_context *ctx, const clv_fill_bands *b, const clv_band_known *known,
                            clv_date_facts *facts, bool *asked, bool *any)
{
    for (int i = 0; i < b->count; i++) {
        clv_mask_kind kind;
        const char *shown;
        char how[48];
        if (known[i] != CLV_BAND_QUALITY || (!clv_mask_kind_of_name(b->hints[i].description, &kind, &shown) &&
                                             !clv_mask_kind_of_name(b->hints[i].band_name, &kind, &shown)))
            continue;
        if (is_superseded(b, shown))
            continue;
        snprintf(how, sizeof how, "band %.40s", shown);
        if (!clv_date_facts_add_mask(facts, NULL, kind, b->indices[i], how))
            return clv_fail_memory(ctx);
        *any = asked[i] = true;
    }
    return CLV_OK;
}

/* Of blocks all over the band. */
static double largest_of(const clv_fill_bands *b, int index, clv_mask_kind kind)
{
    double range[2] = {0, 0};
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALComputeRasterMinMax(GDALGetRasterBand(b->dataset, index), TRUE, range);
    const bool failed = clv_gdal_errors_end(&errors); /* whoever needs the band hears of it */
    /* Beyond it lies what fills the pixels without data. */
    const double limit = kind == CLV_MASK_KIND_PROBABILITY ? 100 : 254;
    return !failed && range[1] <= limit ? range[1] : 0;
}

static void keep_values(const clv_fill_bands *b, const looked *l, clv_date_facts *facts)
{
    for (int k = 0; k < l->count; k++)
        for (int m = 0; m < facts->mask_count; m++) {
            clv_date_mask *mask = &facts->masks[m];
            if (mask->name || mask->band != b->indices[l->place[k]])
                continue;
            mask->values = values_of(&l->sample, k, mask->kind);
            if (clv_mask_kind_is_open(&mask->values, mask->kind))
                mask->values.most = largest_of(b, mask->band, mask->kind);
            mask->sampled = true;
        }
}

/* Twice: indices may be made of bands without names, once those that are none are out of the way. */
static void judge(looked *l, const clv_band_known *known, const bool *asked, clv_role *roles, const char **why)
{
    const int room = (int)(sizeof l->sample.others / sizeof *l->sample.others);
    for (int pass = 0; pass < 2; pass++) {
        int spectral[CLV_MAX_CHANNELS], n = 0; /* in the sample */
        for (int k = 0; k < l->count && n < CLV_MAX_CHANNELS; k++) {
            const int i = l->place[k];
            if (known[i] == CLV_BAND_NAMELESS && roles[i] == CLV_ROLE_OTHER && asked[i])
                spectral[n++] = k;
        }
        for (int m = 0; m < n; m++) {
            const int i = l->place[spectral[m]], others = l->sample.other_count;
            for (int k = 0; pass == 1 && k < n && l->sample.other_count < room; k++)
                if (k != m)
                    l->sample.others[l->sample.other_count++] = spectral[k];
            why[i] = clv_value_sample_unlike(&l->sample, spectral[m]);
            if (why[i])
                roles[i] = CLV_ROLE_AUX;
            l->sample.other_count = others;
        }
    }
}

/* Takes away what is no reflectance. why [count]: what is said of bands that are copied. */
static clv_status choose(clv_context *ctx, const clv_fill_bands *b, const clv_input_options *options,
                         const clv_band_known *known, clv_role *roles, const char **why, bool *asked,
                         clv_date_facts *facts)
{
    const char *list = options->fill_bands;
    bool masks = false, nameless = false;
    looked l;
    clv_status status = add_masks(ctx, b, known, facts, asked, &masks);
    for (int i = 0; i < b->count && status == CLV_OK; i++) {
        const bool free_to_choose = roles[i] >= CLV_ROLE_OTHER && b->hints[i].color != 'A';
        if (!free_to_choose)
            continue;
        if (is_word(list, "all") || (!by_default(list) && is_listed(list, &b->hints[i], i))) {
            roles[i] = CLV_ROLE_OTHER;
        } else if (!by_default(list) || known[i] == CLV_BAND_QUALITY) {
            roles[i] = CLV_ROLE_AUX;
        } else if (known[i] == CLV_BAND_UNKNOWN && roles[i] == CLV_ROLE_OTHER) {
            roles[i] = CLV_ROLE_AUX;
            why[i] = "its name says nothing of reflectance";
        } else if (known[i] == CLV_BAND_NAMELESS && roles[i] == CLV_ROLE_OTHER && !b->by_place) {
            nameless = asked[i] = true;
        }
    }
    if (status != CLV_OK || (!masks && !nameless))
        return status;
    status = look(ctx, b, options, roles, known, asked, nameless, &l);
    if (status == CLV_OK)
        keep_values(b, &l, facts);
    if (status == CLV_OK && nameless)
        judge(&l, known, asked, roles, why);
    look_clear(&l);
    return status;
}

static clv_status keep_bands(clv_context *ctx, const clv_fill_bands *b, const char *const *why, clv_date_facts *facts)
{
    facts->all_bands = clv_alloc_array((size_t)b->count, 1, sizeof *facts->all_bands);
    if (!facts->all_bands)
        return clv_fail_memory(ctx);
    facts->all_band_count = b->count;
    for (int i = 0; i < b->count; i++) {
        clv_date_band *band = &facts->all_bands[i];
        *band = (clv_date_band){.index = b->indices[i], .why = why[i]};
        if (*name_of(&b->hints[i]))
            snprintf(band->name, sizeof band->name, "%s", name_of(&b->hints[i]));
        else
            snprintf(band->name, sizeof band->name, "band %d", b->indices[i]);
    }
    return CLV_OK;
}

clv_status clv_fill_bands_choose(clv_context *ctx, const clv_fill_bands *b, const clv_input_options *options,
                                 clv_role *roles, clv_date_facts *facts)
{
    const char *list = options->fill_bands;
    const size_t n = (size_t)b->count;
    clv_band_known *known = clv_alloc_array(n, 1, sizeof *known);
    const char **why = clv_alloc_array(n, 1, sizeof *why);
    bool *asked = clv_alloc_array(n, 1, sizeof *asked);
    clv_status status = known && why && asked ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && !by_default(list) && !is_word(list, "all"))
        status = check_numbers(ctx, b, list);
    if (status == CLV_OK) {
        memset(why, 0, n * sizeof *why);
        memset(asked, 0, n * sizeof *asked);
        clv_bands_known(b->hints, b->count, known);
        status = choose(ctx, b, options, known, roles, why, asked, facts);
    }
    if (status == CLV_OK)
        status = keep_bands(ctx, b, why, facts);
    bool judged = false;
    for (int i = 0; i < b->count && status == CLV_OK; i++)
        judged = judged || (known[i] == CLV_BAND_NAMELESS && asked[i]);
    if (!by_default(list))
        snprintf(facts->fill_how, sizeof facts->fill_how, "-fill_bands %.40s", list);
    else
        snprintf(facts->fill_how, sizeof facts->fill_how, "%s", judged ? "names and values" : "names");
    free(asked);
    free((void *)why);
    free(known);
    return status;
}

/* ---- Masks of all dates ------------------------------------------------------------------------ */

static void merge(clv_mask_values *all, const clv_mask_values *v)
{
    if (v->count == 0)
        return;
    const double n = all->count, m = v->count;
    if (all->count == 0) {
        *all = *v;
        return;
    }
    const double zeros = all->share_0 * n + v->share_0 * m, others = n + m - zeros;
    if (zeros > 0)
        all->bright_0 = (all->bright_0 * all->share_0 * n + v->bright_0 * v->share_0 * m) / zeros;
    if (others > 0)
        all->bright = (all->bright * (1 - all->share_0) * n + v->bright * (1 - v->share_0) * m) / others;
    all->share_0 = zeros / (n + m);
    all->share_1 = (all->share_1 * n + v->share_1 * m) / (n + m);
    all->most = fmax(all->most, v->most);
    all->smallest = fmin(all->smallest, v->smallest);
    all->largest = fmax(all->largest, v->largest);
    all->whole = all->whole && v->whole;
    all->count += v->count < 1000000 ? v->count : 1000000; /* a weight */
}

/* What one mask's bands hold at all dates. */
static clv_mask_values values_of_all(clv_dataset_acquisition *const *dates, int count, const clv_date_mask *like)
{
    clv_mask_values all = {0};
    for (int d = 0; d < count; d++)
        for (int m = 0; m < dates[d]->facts.mask_count; m++) {
            const clv_date_mask *mask = &dates[d]->facts.masks[m];
            if (mask->sampled && strcmp(mask->how, like->how) == 0)
                merge(&all, &mask->values);
        }
    return all;
}

/* Zeros alone say nothing in masks that are empty where nobody computed them. */
static bool may_be_empty(clv_mask_kind kind)
{
    switch (kind) {
    case CLV_MASK_KIND_CLASSI:
    case CLV_MASK_KIND_SHADOWS:
    case CLV_MASK_KIND_PROBABILITY:
    case CLV_MASK_KIND_PROBABILITY_1:
    case CLV_MASK_KIND_PROBABILITY_255:
    case CLV_MASK_KIND_PROBABILITY_10000:
    case CLV_MASK_KIND_LANDSAT_QA:
        return true;
    default:
        return false;
    }
}

static bool in_qa60_gap(const clv_date_facts *facts)
{
    const int day = (facts->date.year * 100 + facts->date.month) * 100 + facts->date.day;
    return facts->has_date && day >= QA60_EMPTY_FROM && day <= QA60_EMPTY_TO;
}

static bool says_nothing(const clv_date_facts *facts, const clv_date_mask *mask, const clv_mask_values *all)
{
    if (!mask->sampled)
        return false;
    if (mask->kind == CLV_MASK_KIND_QA60)
        return in_qa60_gap(facts) && mask->values.count > 0 && mask->values.largest == 0;
    return may_be_empty(mask->kind) && all->largest == 0 && all->smallest == 0;
}

static void say_unused(clv_context *ctx, const char *how, const clv_mask_values *v, clv_mask_kind kind)
{
    if (v->count == 0)
        clv_note(ctx, "%s is not used as a mask: it is empty", how);
    else if (kind == CLV_MASK_KIND_CLASSI && v->whole && v->smallest == 0 && v->largest <= 255)
        clv_warn(ctx, "%s is not used as a mask: it flags dark ground and leaves out what is bright; give -mask", how);
    else
        clv_warn(ctx, "%s is not used as a mask: its values, %g to %g, are not those of one; give -mask", how,
                 v->smallest, v->largest);
}

/* One mask of all dates: its kind by its values, or away with it. The kinds of the dates are changed after this, so
 * that all of them are seen as they were. */
static void settle_mask(clv_context *ctx, clv_dataset_acquisition *const *dates, int count, const char *how)
{
    clv_mask_values all = {0};
    clv_mask_kind kind = CLV_MASK_KIND_PLAIN;
    bool found = false;
    for (int d = 0; d < count; d++)
        for (int m = 0; m < dates[d]->facts.mask_count && !found; m++)
            if (dates[d]->facts.masks[m].sampled && strcmp(dates[d]->facts.masks[m].how, how) == 0) {
                all = values_of_all(dates, count, &dates[d]->facts.masks[m]);
                kind = dates[d]->facts.masks[m].kind;
                found = true;
            }
    const bool usable = found && clv_mask_kind_by_values(&all, &kind);
    if (found && !usable)
        say_unused(ctx, how, &all, kind);
    for (int d = 0; d < count && found; d++)
        for (int m = dates[d]->facts.mask_count - 1; m >= 0; m--) {
            clv_date_mask *mask = &dates[d]->facts.masks[m];
            if (!mask->sampled || strcmp(mask->how, how) != 0)
                continue;
            mask->kind = kind;
            if (!usable)
                clv_date_facts_drop_mask(&dates[d]->facts, m);
        }
}

static void settle_masks(clv_context *ctx, clv_dataset_acquisition *const *dates, int count)
{
    int empty = 0;
    for (int d = 0; d < count; d++)
        for (int m = 0; m < dates[d]->facts.mask_count; m++) {
            const clv_date_mask *mask = &dates[d]->facts.masks[m];
            bool earlier = !mask->sampled;
            for (int e = 0; e < d && !earlier; e++)
                for (int k = 0; k < dates[e]->facts.mask_count; k++)
                    earlier = earlier || strcmp(dates[e]->facts.masks[k].how, mask->how) == 0;
            char how[sizeof mask->how];
            memcpy(how, mask->how, sizeof how);
            const int before = dates[d]->facts.mask_count;
            if (!earlier)
                settle_mask(ctx, dates, count, how);
            m -= before - dates[d]->facts.mask_count;
        }
    for (int d = 0; d < count; d++) {
        clv_date_facts *facts = &dates[d]->facts;
        facts->masks_doubtful = facts->mask_count > 0;
        bool qa60 = false;
        for (int m = 0; m < facts->mask_count; m++) {
            const clv_mask_values all = values_of_all(dates, count, &facts->masks[m]);
            const bool nothing = says_nothing(facts, &facts->masks[m], &all);
            facts->masks_doubtful = facts->masks_doubtful && nothing;
            qa60 = qa60 || facts->masks[m].kind == CLV_MASK_KIND_QA60;
        }
        empty += facts->masks_doubtful && qa60;
    }
    if (empty > 0)
        clv_note(
            ctx,
            "QA60 flags nothing at %d date%s between 2022-01-25 and 2024-02-28, when it was not filled in: it is not "
            "relied on there",
            empty, empty == 1 ? "" : "s");
}

/* ---- What is said ------------------------------------------------------------------------------ */

static bool is_filled(const clv_dataset_acquisition *date, int channels, int index)
{
    for (int c = 0; c < channels; c++)
        if (date->bands[c].index == index)
            return true;
    return false;
}

static void warn_of_copied(clv_context *ctx, clv_dataset_acquisition *const *dates, const char *const *sources,
                           int count, int channels)
{
    const clv_date_band *shown[SHOWN];
    char text[400] = "";
    const char *source = "";
    int n = 0, dates_of_it = 0;
    bool more = false;
    for (int d = 0; d < count; d++) {
        bool any = false;
        for (int i = 0; i < dates[d]->facts.all_band_count; i++) {
            const clv_date_band *band = &dates[d]->facts.all_bands[i];
            if (!band->why || is_filled(dates[d], channels, band->index))
                continue;
            any = true;
            source = n ? source : sources[d];
            bool said = false;
            for (int k = 0; k < n; k++)
                said = said || names_band(shown[k]->name, band->name) || names_band(band->name, shown[k]->name);
            if (!said && n == SHOWN)
                more = true;
            else if (!said)
                shown[n++] = band;
        }
        dates_of_it += any;
    }
    for (int k = 0; k < n; k++) {
        const size_t used = strlen(text);
        const bool same = k + 1 < n && shown[k]->why == shown[k + 1]->why;
        if (same)
            snprintf(text + used, sizeof text - used, "%.40s, ", shown[k]->name);
        else
            snprintf(text + used, sizeof text - used, "%.40s (%s)%s", shown[k]->name, shown[k]->why,
                     k + 1 < n ? ", " : "");
    }
    char others[40] = "";
    if (dates_of_it > 1)
        snprintf(others, sizeof others, " and %d other date%s", dates_of_it - 1, dates_of_it == 2 ? "" : "s");
    if (n > 0)
        clv_warn(ctx, "%s%s: copied, not filled: %s%s; -fill_bands decides", clv_name_base(source), others, text,
                 more ? ", ..." : "");
}

clv_status clv_fill_bands_settle(clv_context *ctx, clv_dataset_acquisition *const *dates, const char *const *sources,
                                 int count, int channels, const clv_input_options *options)
{
    const char *list = options->fill_bands;
    clv_status status = CLV_OK;
    if (!by_default(list) && !is_word(list, "all"))
        status = check_names(ctx, dates, count, list);
    if (status == CLV_OK) {
        settle_masks(ctx, dates, count);
        warn_of_copied(ctx, dates, sources, count, channels);
    }
    return status;
}
