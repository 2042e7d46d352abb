/* SPDX-License-Identifier: MIT
 *
 * Building a series: its channels, the bands that all dates have, and what becomes of the other bands.
 */
#include "series/build_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "series/fill_bands.h"

/* A band's name without dates and separators: "B05_20220801" and "b05" are one. */
static void name_key(const char *name, char key[64])
{
    size_t n = 0;
    for (const char *c = name; *c && n < 63;) {
        size_t digits = strspn(c, "0123456789");
        if (digits >= 4) {
            c += digits;
        } else {
            char ch = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
            if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
                key[n++] = ch;
            c++;
        }
    }
    key[n] = 0;
}

/* Bands of known wavelengths are paired by them, never by number: B05 is red edge in one sensor, near infrared in
 * another. */
static int find_paired(const clv_dataset_acquisition *acquisition, const char *pair)
{
    for (int c = 0; c < acquisition->channels; c++)
        if (acquisition->bands[c].role == CLV_ROLE_OTHER && strcmp(acquisition->bands[c].pair, pair) == 0)
            return c;
    return -1;
}

static int find_named(const clv_dataset_acquisition *acquisition, const clv_band *band)
{
    char key[64], other[64];
    name_key(band->name, key);
    for (int c = 0; c < acquisition->channels; c++) {
        const clv_band *found = &acquisition->bands[c];
        if (found->role != CLV_ROLE_OTHER || strcmp(found->pair, band->pair) != 0)
            continue;
        name_key(found->name, other);
        if (strcmp(key, other) == 0)
            return c;
    }
    return -1;
}

static int find_placed(const clv_dataset_acquisition *acquisition, int place)
{
    for (int c = 0; c < acquisition->channels; c++)
        if (acquisition->bands[c].role == CLV_ROLE_OTHER && acquisition->bands[c].place == place)
            return c;
    return -1;
}

/* Position of the acquisition's band that matches a band of the first date, -1 when it has none. */
static int match_band(const clv_dataset_acquisition *acquisition, const clv_band *band, bool by_place)
{
    if (band->role != CLV_ROLE_OTHER) {
        for (int c = 0; c < acquisition->channels; c++)
            if (acquisition->bands[c].role == band->role)
                return c;
        return -1;
    }
    if (by_place)
        return find_placed(acquisition, band->place);
    int named = find_named(acquisition, band);
    return named >= 0 || !band->pair[0] ? named : find_paired(acquisition, band->pair);
}

void clv_build_agree_on_nir(clv_series_build *b)
{
    bool landsat = false;
    for (int d = 0; d < b->count; d++)
        landsat = landsat || clv_sensor_is_landsat(b->dates[d].acquisition->sensor);
    for (int d = 0; landsat && b->options->band_count < 4 && d < b->count; d++) {
        clv_dataset_acquisition *a = b->dates[d].acquisition;
        int narrow = find_paired(a, "B8A");
        if (narrow < 0 || a->channels < 4 || a->bands[3].role != CLV_ROLE_NIR)
            continue;
        clv_band broad = a->bands[3];
        a->bands[3] = a->bands[narrow];
        a->bands[3].role = CLV_ROLE_NIR;
        memmove(&a->bands[5], &a->bands[4], (size_t)(narrow - 4) * sizeof broad);
        broad.role = CLV_ROLE_OTHER;
        a->bands[4] = broad;
    }
}

static bool is_nameless(const clv_band *band)
{
    return strncmp(band->name, "band ", 5) == 0;
}

bool clv_series_lacks(const clv_series *series, int t, int band)
{
    const clv_acquisition *a = &series->acquisitions[t];
    for (int c = series->channels; c < a->bands_found; c++)
        if (a->bands[c].index == band)
            return !is_nameless(&a->bands[c]) && !a->bands[c].absent;
    return false;
}

bool clv_build_is_single_stack(const clv_series_build *b)
{
    return b->inputs.count == 1 && b->count > 1 && !b->dates[0].acquisition->memory;
}

/* Bands that some dates lack cannot be filled, and are in no output but the stack that is like the one input. */
static void warn_left_out(const clv_series_build *b, int kept)
{
    char names[120] = "", key[64];
    char lacking[240] = "";
    int dates = 0;
    for (int d = 0; d < b->count; d++) {
        const clv_dataset_acquisition *a = b->dates[d].acquisition;
        bool lacks = false;
        for (int c = kept; c < a->channels; c++) {
            if (is_nameless(&a->bands[c]) || a->bands[c].absent)
                continue;
            lacks = true;
            for (int e = 0; e < b->count && !*lacking && !clv_build_is_single_stack(b); e++)
                if (match_band(b->dates[e].acquisition, &a->bands[c], false) < 0)
                    snprintf(lacking, sizeof lacking, " (%.160s has no %s)", clv_build_source(b, e), a->bands[c].name);
            size_t used = strlen(names);
            snprintf(key, sizeof key, "%s", a->bands[c].name);
            if (!strstr(names, key) && used + strlen(key) + 8 < sizeof names)
                snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", key);
        }
        dates += lacks;
    }
    if (dates > 0)
        clv_warn(b->ctx,
                 "%d bands are common to all dates; bands that some dates lack cannot be filled and are left out of "
                 "the outputs of %d dates%s: %s%s",
                 kept, dates, clv_build_is_single_stack(b) ? ", but copied as they are, clouds and all, by -stack" : "",
                 names, lacking);
}

clv_status clv_build_common_channels(clv_series_build *b)
{
    clv_dataset_acquisition *first = b->dates[0].acquisition;
    int kept = 0, most = first->channels;
    bool equal_counts = true, equal_bands = true; /* filled; filled or copied */
    for (int d = 1; d < b->count; d++) {
        equal_bands = equal_bands && b->dates[d].acquisition->facts.all_band_count == first->facts.all_band_count;
        equal_bands = equal_bands && b->dates[d].acquisition->sensor == first->sensor;
        equal_counts = equal_counts && b->dates[d].acquisition->sensor == first->sensor &&
                       b->dates[d].acquisition->channels == first->channels;
        most = b->dates[d].acquisition->channels > most ? b->dates[d].acquisition->channels : most;
    }
    for (int c = 0; c < first->channels; c++) {
        clv_band band = first->bands[c];
        bool everywhere = true, by_place = (equal_counts || equal_bands) && is_nameless(&band);
        for (int d = 1; d < b->count && everywhere; d++)
            everywhere = match_band(b->dates[d].acquisition, &band, by_place) >= kept;
        bool absent = band.absent; /* a band that no date has data in is no channel; one that some lack is filled */
        for (int d = 1; d < b->count && everywhere && absent; d++)
            absent = b->dates[d].acquisition->bands[match_band(b->dates[d].acquisition, &band, by_place)].absent;
        if (!everywhere || absent)
            continue;
        for (int d = 0; d < b->count; d++) {
            clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
            int at = d == 0 ? c : match_band(acquisition, &band, by_place);
            clv_band found = acquisition->bands[at];
            memmove(&acquisition->bands[kept + 1], &acquisition->bands[kept], (size_t)(at - kept) * sizeof found);
            acquisition->bands[kept] = found;
            acquisition->bands[kept].absent = false;
        }
        kept++;
    }
    if (kept < most)
        warn_left_out(b, kept);
    b->series->channels = kept;
    b->series->has_nir = kept > 3 && first->bands[3].role == CLV_ROLE_NIR;
    return CLV_OK;
}

clv_status clv_build_settle_bands(clv_series_build *b)
{
    clv_dataset_acquisition **dates = clv_alloc_array((size_t)b->count, 1, sizeof *dates);
    const char **sources = clv_alloc_array((size_t)b->count, 1, sizeof *sources);
    clv_status status = dates && sources ? CLV_OK : clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count && status == CLV_OK; d++) {
        dates[d] = b->dates[d].acquisition;
        sources[d] = clv_build_source(b, d);
    }
    if (status == CLV_OK)
        status = clv_fill_bands_settle(b->ctx, dates, sources, b->count, b->series->channels, b->options);
    free((void *)sources);
    free(dates);
    return status;
}
