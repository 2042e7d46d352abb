/* SPDX-License-Identifier: MIT
 *
 * Putting a series together: inputs, dates, channels, working grid, masks, names.
 */
#include "series/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/names.h"
#include "base/number.h"
#include "products/damaged.h"
#include "products/inputs.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "raster/regrid.h"
#include "series/date_doubts.h"
#include "series/earthnet.h"
#include "series/byte_nodata.h"
#include "series/empty_bands.h"
#include "series/fill_bands.h"
#include "series/same_day.h"
#include "series/nodata.h"
#include "series/given_scales.h"
#include "series/level_check.h"
#include "series/mask_order.h"
#include "series/series_private.h"
#include "series/impossible_offsets.h"
#include "series/item_offsets.h"
#include "series/tag_scales.h"

#define OFFSET_LOW 0.09         /* no reflectance of a product that keeps its -1000 offset is much below 0.1 */
#define SAYS_NOTHING 0.005      /* floating point values up to it may be reflectances or what a wrong scale left */
#define NODATA_NAMED 8          /* values that a message lists */
#define OFFSET_FROM 2022, 1, 25 /* when processing baseline 04.00 began */
#define MAX_PIECES (CLV_MAX_INPUTS + CLV_MAX_DATES) /* dates before those of one day are joined */

/* A series under construction. Acquisitions are moved out of their datasets into dates. */
typedef struct build {
    clv_context *ctx;
    const clv_input_options *options;
    clv_inputs inputs;
    clv_dataset *datasets; /* [inputs.count] */
    char **partner;        /* [inputs.count]: the other file of a joined cube */
    struct date {
        clv_dataset_acquisition *acquisition;
        int input, number; /* number: acquisition within the input */
    } *dates;
    int count, capacity;
    clv_day_date *days; /* [count before joining]: what became of the inputs of one day */
    int day_count;
    clv_series *series;
    int margin;                          /* around a crop */
    const clv_detect_settings *dilation; /* further pixels around it; NULL: none */
    bool unites;                         /* the working grid covers all dates */
    clv_grid reference;                  /* native grid of the first input or -ref */
} build;

/* ---- Opening ----------------------------------------------------------------------------------- */

/* A cube whose other part was already read with it. */
static bool is_joined(const build *b, int input)
{
    for (int i = 0; i < input; i++)
        if (b->partner[i] && strcmp(b->partner[i], b->inputs.names[input]) == 0)
            return true;
    return false;
}

static clv_status too_many_dates(build *b)
{
    return clv_fail(b->ctx, CLV_ERROR_UNSUPPORTED, "the inputs hold more than %d dates; process the series in parts",
                    CLV_MAX_DATES);
}

static clv_status add_dates(build *b, int input)
{
    clv_dataset *opened = &b->datasets[input];
    for (int f = 0; f < opened->acquisitions; f++) {
        if (b->count == MAX_PIECES)
            return too_many_dates(b);
        b->dates[b->count++] = (struct date){&opened->acquisition[f], input, f};
    }
    return CLV_OK;
}

/* What came through a stream is named after it, and the name of its copy tells no date. */
static clv_status name_stream(build *b, int input)
{
    clv_dataset *opened = &b->datasets[input];
    const char *origin = clv_stream_copy_origin(&b->series->private_data->copies, b->inputs.names[input]);
    if (!origin)
        return CLV_OK;
    free(opened->stem);
    free(opened->source);
    opened->stem = clv_strdup(clv_stream_copy_is_stdin(origin) ? "stdin" : clv_name_base(origin));
    opened->source = clv_strdup(origin);
    if (!opened->stem || !opened->source)
        return clv_fail_memory(b->ctx);
    for (int f = 0; f < opened->acquisitions; f++)
        if (opened->acquisition[f].date_of_folder) {
            opened->acquisition[f].facts.has_date = false;
            opened->acquisition[f].written.kind = CLV_WRITTEN_NONE;
        }
    return CLV_OK;
}

static clv_status open_raster(build *b, int input, int dates)
{
    clv_open_options *how = &b->series->private_data->open_options;
    const char *name = b->inputs.names[input], *origin = clv_stream_copy_origin(&b->series->private_data->copies, name);
    GDALDatasetH probe = NULL;
    /* Nobody knows the copy's name. */
    if (origin && clv_raster_open(NULL, name, how, &probe) != CLV_OK)
        return clv_fail(b->ctx, CLV_ERROR_OPEN, "%s: not a raster that GDAL can open", origin);
    if (probe)
        GDALClose(probe);
    const clv_input_options options = clv_given_scales_from(b->options, b->count);
    clv_status status = clv_dataset_open(b->ctx, name, how, &options, dates, &b->datasets[input]);
    how->warns = false;
    return status;
}

static clv_status open_datasets(build *b)
{
    int open = 0, given = 0;
    bool guessed = false; /* said once: a series is made of one kind */
    clv_status status = CLV_OK;
    clv_damaged_warn(b->ctx, &b->inputs);
    while (b->options->dates && b->options->dates[given])
        given++;
    b->datasets = clv_alloc_array(1, (size_t)b->inputs.count, sizeof *b->datasets);
    b->partner = clv_alloc_array(1, (size_t)b->inputs.count, sizeof *b->partner);
    b->dates = clv_alloc_array(1, MAX_PIECES, sizeof *b->dates);
    if (!b->datasets || !b->partner || !b->dates)
        return clv_fail_memory(b->ctx);
    for (int i = 0; i < b->inputs.count && status == CLV_OK; i++) {
        const char *name = b->inputs.names[i];
        status = clv_check_cancel(b->ctx);
        if (status != CLV_OK || is_joined(b, i))
            continue;
        if (clv_cube_is(name)) {
            status = b->series->private_data->open_options.overview >= 0
                         ? clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s: a cube has no overviews; leave out -ovr", name)
                         : clv_earthnet_open(b->ctx, name, &b->datasets[i]);
            b->partner[i] = clv_earthnet_partner(name);
        } else if (b->inputs.bundles[i]) {
            const clv_input_options options = clv_given_scales_from(b->options, b->count);
            status = clv_dataset_open_bundle(b->ctx, b->inputs.bundles[i], &b->series->private_data->open_options,
                                             &options, b->inputs.count == 1 ? given : 0, &b->datasets[i]);
        } else {
            status = open_raster(b, i, b->inputs.count == 1 ? given : 0);
        }
        if (status == CLV_OK)
            status = name_stream(b, i);
        if (status != CLV_OK)
            break;
        if (b->datasets[i].dataset && ++open > CLV_MAX_OPEN / 2) {
            GDALClose(b->datasets[i].dataset);
            b->datasets[i].dataset = NULL;
        }
        if (b->datasets[i].acquisition[0].guess && !guessed)
            clv_warn(b->ctx, "%s: %s; give -b when that is wrong", name, b->datasets[i].acquisition[0].facts.bands_how);
        guessed = guessed || b->datasets[i].acquisition[0].guess;
        status = add_dates(b, i);
    }
    return status;
}

static const char *source_of(const build *b, int d)
{
    return b->datasets[b->dates[d].input].source;
}

static const clv_grid *grid_of(const build *b, int d)
{
    return &b->datasets[b->dates[d].input].grid;
}

/* ---- Dates ------------------------------------------------------------------------------------- */

static clv_status dates_by_user(build *b)
{
    int given = 0;
    while (b->options->dates[given])
        given++;
    if (given != b->count)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "-date: %d given, but the inputs hold %d dates; give one each, in the inputs' order", given,
                        b->count);
    for (int d = 0; d < b->count; d++) {
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        if (!clv_date_parse(b->options->dates[d], &acquisition->facts.date))
            return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "-date %s: is not a date; write YYYY-MM-DD",
                            b->options->dates[d]);
        acquisition->facts.has_date = true;
        acquisition->date_of_folder = false;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "-date");
    }
    return CLV_OK;
}

static clv_status check_dates(build *b)
{
    int known = 0, unknown = -1;
    if (b->options->dates && b->options->dates[0])
        return dates_by_user(b);
    clv_dated *dated = clv_alloc_array((size_t)b->count, 1, sizeof *dated);
    if (!dated)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count; d++)
        dated[d] = (clv_dated){source_of(b, d), b->dates[d].acquisition, &b->datasets[b->dates[d].input]};
    clv_status status = clv_order_dates(b->ctx, dated, b->count);
    clv_find_short_dates(dated, b->count);
    if (status == CLV_OK)
        status = clv_choose_name_dates(b->ctx, dated, b->count, &b->series->private_data->open_options);
    clv_doubt_folder_dates(dated, b->count);
    if (status == CLV_OK)
        clv_doubt_dates(b->ctx, dated, b->count);
    free(dated);
    if (status != CLV_OK)
        return status;
    for (int d = 0; d < b->count; d++) {
        known += b->dates[d].acquisition->facts.has_date;
        if (!b->dates[d].acquisition->facts.has_date && unknown < 0)
            unknown = d;
    }
    if (known == b->count || b->count == 1)
        return CLV_OK;
    if (known == 0)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "no input tells its date (%s): give -date YYYY-MM-DD %d times, in the inputs' order",
                        clv_name_base(source_of(b, 0)), b->count);
    return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                    "%s: its date is not known; give -date YYYY-MM-DD %d times, once for every date in the "
                    "inputs' order",
                    source_of(b, unknown), b->count);
}

static int by_time(const void *a, const void *b)
{
    const struct date *x = a, *y = b;
    double dx = clv_date_days(&x->acquisition->facts.date), dy = clv_date_days(&y->acquisition->facts.date);
    if (dx != dy)
        return dx < dy ? -1 : 1;
    return x->input != y->input ? (x->input > y->input) - (x->input < y->input)
                                : (x->number > y->number) - (x->number < y->number);
}

/* Inputs that are parts of one picture become one date. */
static clv_status join_days(build *b)
{
    int kept = 0;
    qsort(b->dates, (size_t)b->count, sizeof *b->dates, by_time);
    b->days = clv_alloc_array(1, (size_t)b->count, sizeof *b->days);
    if (!b->days)
        return clv_fail_memory(b->ctx);
    b->day_count = b->count;
    for (int d = 0; d < b->count; d++)
        b->days[d] = (clv_day_date){.dataset = &b->datasets[b->dates[d].input], .acquisition = b->dates[d].acquisition};
    clv_status status = clv_same_day_join(b->ctx, b->days, b->count, &b->series->private_data->open_options);
    for (int d = 0; d < b->count && status == CLV_OK; d++)
        if (b->days[d].into == d)
            b->dates[kept++] = b->dates[d];
    b->count = status == CLV_OK ? kept : b->count;
    return status == CLV_OK && kept > CLV_MAX_DATES ? too_many_dates(b) : status;
}

static const char *why_not_joined(const build *b, int d)
{
    for (int i = 0; i < b->day_count; i++)
        if (b->days[i].acquisition == b->dates[d].acquisition)
            return b->days[i].why;
    return "";
}

static clv_status sort_dates(build *b)
{
    qsort(b->dates, (size_t)b->count, sizeof *b->dates, by_time);
    for (int d = 1; d < b->count; d++) {
        const clv_date *x = &b->dates[d - 1].acquisition->facts.date, *y = &b->dates[d].acquisition->facts.date;
        bool same_day = floor(clv_date_days(x)) == floor(clv_date_days(y));
        bool told_apart = (x->has_time && y->has_time && clv_date_days(x) != clv_date_days(y)) ||
                          clv_same_day_other_satellite(source_of(b, d - 1), source_of(b, d));
        if (!same_day || told_apart)
            continue;
        char day[32];
        clv_date_format(x, day);
        day[10] = 0;
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "%s and %s are both of %s and %s; leave one out, merge them (gdalbuildvrt), or give -date "
                        "with a time for each (YYYY-MM-DDTHH:MM:SS)",
                        source_of(b, d - 1), source_of(b, d), day,
                        *why_not_joined(b, d) ? why_not_joined(b, d) : "are not parts of one picture");
    }
    return CLV_OK;
}

/* ---- Channels ---------------------------------------------------------------------------------- */

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

/* Beside Landsat, whose near infrared is narrow, Sentinel-2's narrow band is the near infrared. */
static void agree_on_nir(build *b)
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

/* All dates came from one raster. */
static bool is_single_stack(const build *b)
{
    return b->inputs.count == 1 && b->count > 1 && !b->dates[0].acquisition->memory;
}

/* Bands that some dates lack cannot be filled, and are in no output but the stack that is like the one input. */
static void warn_left_out(const build *b, int kept)
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
            for (int e = 0; e < b->count && !*lacking && !is_single_stack(b); e++)
                if (match_band(b->dates[e].acquisition, &a->bands[c], false) < 0)
                    snprintf(lacking, sizeof lacking, " (%.160s has no %s)", source_of(b, e), a->bands[c].name);
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
                 kept, dates, is_single_stack(b) ? ", but copied as they are, clouds and all, by -stack" : "", names,
                 lacking);
}

/* Every date gets the channels that all dates have, in the first date's order. */
static clv_status common_channels(build *b)
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

static clv_status settle_tags(build *b)
{
    clv_dataset_acquisition **dates = clv_alloc_array((size_t)b->count, 1, sizeof *dates);
    if (!dates)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count; d++)
        dates[d] = b->dates[d].acquisition;
    clv_status status = clv_tag_scales_settle(b->ctx, dates, b->count, b->series->channels);
    if (status == CLV_OK)
        status = clv_item_offsets_settle(b->ctx, dates, b->count, b->series->channels);
    if (status == CLV_OK)
        status = clv_impossible_offsets_drop(b->ctx, dates, b->count, b->series->channels);
    free(dates);
    return status;
}

static clv_status settle_bands(build *b)
{
    clv_dataset_acquisition **dates = clv_alloc_array((size_t)b->count, 1, sizeof *dates);
    const char **sources = clv_alloc_array((size_t)b->count, 1, sizeof *sources);
    clv_status status = dates && sources ? CLV_OK : clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count && status == CLV_OK; d++) {
        dates[d] = b->dates[d].acquisition;
        sources[d] = source_of(b, d);
    }
    if (status == CLV_OK)
        status = clv_fill_bands_settle(b->ctx, dates, sources, b->count, b->series->channels, b->options);
    free((void *)sources);
    free(dates);
    return status;
}

/* A date in which nothing valid was seen gets the scale of the dates of its type: what is filled in must look like
 * them. So does a date that shows too little to contradict tags that the others do. */
static void adopt_scales(build *b)
{
    for (int d = 0; d < b->count; d++) {
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        const bool dark = acquisition->sample_high < SAYS_NOTHING && !acquisition->tags_aside;
        if (acquisition->facts.scale_by_user || acquisition->facts.scale_sure ||
            !(isnan(acquisition->sample_high) || dark))
            continue;
        for (int e = 0; e < b->count; e++) {
            const clv_dataset_acquisition *other = b->dates[e].acquisition;
            const bool alike = acquisition->scale_of_type && !dark ? other->scale_of_type : other->tags_aside;
            if (isnan(other->sample_high) || !alike || other->bands[0].type != acquisition->bands[0].type)
                continue;
            for (int c = 0; c < b->series->channels; c++) {
                acquisition->bands[c].scale = other->bands[c].scale;
                acquisition->bands[c].offset = other->bands[c].offset;
            }
            memcpy(acquisition->facts.scale_how, other->facts.scale_how, sizeof acquisition->facts.scale_how);
            break;
        }
    }
}

/* Appends a value that is not there yet; how many there are then. */
static int add_value(double *values, int count, double value)
{
    for (int k = 0; k < count; k++)
        if (values[k] == value || (isnan(values[k]) && isnan(value)))
            return count;
    if (count < NODATA_NAMED)
        values[count++] = value;
    return count;
}

/* Dates without a tag take the values that other dates declare. What the pixels told is said once. */
static void share_nodata(build *b)
{
    int first = -1, found = 0, values = 0;
    double value[NODATA_NAMED];
    for (int d = 0; d < b->count; d++) {
        for (int e = 0; e < b->count; e++)
            clv_nodata_adopt(b->dates[d].acquisition, b->dates[e].acquisition);
        const clv_date_facts *facts = &b->dates[d].acquisition->facts;
        if (facts->nodata_found_count == 0)
            continue;
        first = first < 0 ? d : first;
        found++;
        for (int k = 0; k < facts->nodata_found_count; k++)
            values = add_value(value, values, facts->nodata_found[k]);
    }
    if (first < 0)
        return;
    char numbers[NODATA_NAMED * (CLV_NUMBER_SIZE + 5)] = "", more[48] = "";
    for (int k = 0; k < values; k++) {
        char number[CLV_NUMBER_SIZE];
        clv_number_format(value[k], number);
        snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%s%s",
                 k == 0            ? ""
                 : k == values - 1 ? " and "
                                   : ", ",
                 number);
    }
    if (found > 1)
        snprintf(more, sizeof more, " and %d more date%s", found - 1, found > 2 ? "s" : "");
    clv_warn(b->ctx,
             "%s%s: %s fill%s all bands at once in whole areas and %s taken as no data; give -srcnodata VALUE or none "
             "when that is wrong",
             source_of(b, first), more, numbers, values > 1 ? "" : "s", values > 1 ? "are" : "is");
}

/* Date d's own warning, for all dates that have the same; once. */
static void warn_alike(build *b, int d)
{
    const char *text = b->dates[d].acquisition->scale_warn;
    int same = 0;
    for (int e = 0; e < b->count; e++) {
        const clv_dataset_acquisition *other = b->dates[e].acquisition;
        if (other->scale_of_type || b->series->acquisitions[e].level_taken != 0 || strcmp(other->scale_warn, text) != 0)
            continue;
        if (e < d)
            return;
        same++;
    }
    if (same > 1)
        clv_warn(b->ctx, "%s and %d more date%s: %s", source_of(b, d), same - 1, same == 2 ? "" : "s", text);
    else
        clv_warn(b->ctx, "%s: %s", source_of(b, d), text);
}

static void note_bytes(const build *b)
{
    for (int d = 0; d < b->count; d++)
        if (b->dates[d].acquisition->scale_of_type && b->series->acquisitions[d].bands[0].type == CLV_TYPE_BYTE) {
            clv_note(b->ctx,
                     "%s: 8-bit values are taken as reflectance * 255; pictures stretched for the eye are less exact",
                     source_of(b, d));
            return;
        }
}

/* One warning a kind: the radiometry's own, and the offset's when no date of its time shows a low value. */
static void warn_radiometry(build *b)
{
    const clv_date begin = {OFFSET_FROM, 0, 0, 0, false};
    const clv_series *s = b->series;
    note_bytes(b);
    double early = INFINITY, late = INFINITY;
    int late_dates = 0;
    bool taken = false, told = false;
    for (int d = 0; d < b->count; d++) {
        const clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        const clv_acquisition *a = &s->acquisitions[d];
        taken = taken || a->level_taken != 0;
        if (a->level_taken != 0)
            continue; /* said with more certainty (level_check.h) */
        if (!acquisition->scale_of_type && acquisition->scale_warn[0]) {
            warn_alike(b, d);
            told = true;
            continue;
        }
        const clv_band *red = &a->bands[0];
        if (!(acquisition->scale_of_type || (acquisition->by_tags && red->offset >= 0)) ||
            isnan(acquisition->sample_low) || red->type == CLV_TYPE_BYTE || red->type == CLV_TYPE_INT8)
            continue;
        const double low = acquisition->sample_low * red->scale + red->offset;
        if (a->facts.has_date && clv_date_days(&a->facts.date) >= clv_date_days(&begin)) {
            late = fmin(late, low);
            late_dates++;
        } else {
            early = fmin(early, low);
        }
    }
    if (late_dates == 0 || late < OFFSET_LOW || taken || told)
        return;
    if (early < OFFSET_LOW)
        clv_warn(b->ctx, "values of the dates from 2022-01-25 on begin near 1000 (reflectance 0.1), earlier ones "
                         "lower: the -1000 offset "
                         "of processing "
                         "baseline 04.00 seems to be left in; subtract it (gdal_calc.py) or process both parts apart, "
                         "the later with -in_offset -0.1");
    else
        clv_warn(b->ctx, "values begin near 1000 (reflectance 0.1): the offset of processing baseline 04.00 may not be "
                         "applied; if so "
                         "give -in_offset -0.1");
}

/* ---- Grids ------------------------------------------------------------------------------------- */

static const char *reference_name(const build *b)
{
    return b->options->ref ? b->options->ref : b->datasets[0].source;
}

static clv_status choose_grid(build *b)
{
    clv_status status;
    struct clv_series_private *p = b->series->private_data;
    if (!b->options->ref) {
        if (clv_grid_copy(&b->datasets[0].grid, &b->reference) != CLV_OK)
            return clv_fail_memory(b->ctx);
        return clv_working_grid(b->ctx, reference_name(b), &b->reference, b->options->tr, &b->series->grid);
    }
    GDALDatasetH ds;
    clv_open_options how = p->open_options;
    how.overview = CLV_OVERVIEW_NONE;
    status = clv_raster_open(b->ctx, b->options->ref, &how, &ds);
    if (status != CLV_OK)
        return status;
    status = clv_grid_of_dataset(b->ctx, ds, &b->reference);
    GDALClose(ds);
    if (status == CLV_OK)
        status = clv_working_grid(b->ctx, b->options->ref, &b->reference, b->options->tr, &b->series->grid);
    p->reference = clv_strdup(b->options->ref);
    if (status == CLV_OK && !p->reference)
        status = clv_fail_memory(b->ctx);
    return status;
}

/* Pixels of the reference in a pixel of the working grid. */
static int reference_factor(const build *b)
{
    double ratio = b->reference.pixel_m > 0 ? b->series->grid.pixel_m / b->reference.pixel_m : 1;
    return ratio > 1 ? (int)floor(ratio + 0.5) : 1;
}

static clv_status cannot_fit(build *b, int d)
{
    const clv_grid *native = grid_of(b, d), *working = &b->series->grid;
    const char *reference = reference_name(b);
    if (native->has_transform != working->has_transform)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "%s has %s georeference while %s has %s; give all inputs one (gdal_translate -a_srs -a_ullr) "
                        "or none",
                        source_of(b, d), native->has_transform ? "a" : "no", reference,
                        native->has_transform ? "none" : "one");
    if (!native->has_transform)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "%s has %dx%d pixels, %s %dx%d: without georeference all must have one size", source_of(b, d),
                        native->width, native->height, reference, working->width, working->height);
    if (!native->wkt != !working->wkt)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s: its CRS is not known; set it: gdal_edit.py -a_srs",
                        native->wkt ? reference : source_of(b, d));
    return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s does not overlap %s; leave it out, or choose the extent with -ref",
                    source_of(b, d), reference);
}

static bool touches(const clv_grid *native, const clv_grid *working, const clv_acquisition *a)
{
    clv_rect there =
        clv_rect_intersect((clv_rect){0, 0, native->width, native->height},
                           (clv_rect){a->xoff, a->yoff, working->width * a->factor, working->height * a->factor});
    return there.width > 0 && there.height > 0;
}

static void say_direct(clv_acquisition *a, const clv_dataset *opened, const clv_grid *working)
{
    char averaged[64] = "";
    if (a->factor > 1)
        snprintf(averaged, sizeof averaged, ", %dx%d pixels averaged", a->factor, a->factor);
    int full_width = working->width * a->factor, full_height = working->height * a->factor;
    bool same = a->xoff == 0 && a->yoff == 0 && a->grid.width > full_width - a->factor && a->grid.width <= full_width &&
                a->grid.height > full_height - a->factor && a->grid.height <= full_height;
    if (same)
        snprintf(a->grid_how, sizeof a->grid_how, "own grid%s", averaged);
    else if (a->xoff == 0 && a->yoff == 0)
        snprintf(a->grid_how, sizeof a->grid_how, "other extent%s", averaged);
    else
        snprintf(a->grid_how, sizeof a->grid_how, "shifted by %d, %d pixels%s", -a->xoff, -a->yoff, averaged);
    if (opened->grid_note[0])
        snprintf(a->grid_how + strlen(a->grid_how), sizeof a->grid_how - strlen(a->grid_how), "; %s",
                 opened->grid_note);
}

static clv_status fit_date(build *b, int d)
{
    clv_acquisition *a = &b->series->acquisitions[d];
    clv_date_files *f = &b->series->private_data->files[d];
    const clv_grid *native = grid_of(b, d), *working = &b->series->grid;
    if (clv_grid_copy(native, &a->grid) != CLV_OK)
        return clv_fail_memory(b->ctx);
    if (clv_grid_fits(native, working, &a->factor, &a->xoff, &a->yoff)) {
        if (!b->unites && !touches(native, working, a))
            return cannot_fit(b, d);
        say_direct(a, &b->datasets[b->dates[d].input], working);
        return CLV_OK;
    }
    if (!native->has_transform || !working->has_transform || !native->wkt != !working->wkt ||
        (!b->unites && !clv_grids_overlap(native, working)))
        return cannot_fit(b, d);
    a->warped = true;
    a->factor = 1;
    a->xoff = a->yoff = 0;
    clv_resampling_algorithm(b->options->resampling, &f->resampling);
    double relative = clv_grid_relative_pixel(native, working);
    if (relative > 0 && relative < 0.75)
        f->resampling = GRA_Average;
    char crs[80];
    clv_grid_crs_name(native, crs, sizeof crs);
    snprintf(a->grid_how, sizeof a->grid_how, "warped %s from %s%s", clv_resampling_algorithm_name(f->resampling), crs,
             clv_grid_same_crs(native, working) ? ", another pixel grid" : "");
    return CLV_OK;
}

/* How date d lies on the working grid. With -tr its output lies there too. */
static clv_status place_date(build *b, int d)
{
    clv_acquisition *a = &b->series->acquisitions[d];
    clv_date_files *f = &b->series->private_data->files[d];
    const clv_grid *working = &b->series->grid;
    clv_status status = fit_date(b, d);
    if (status != CLV_OK)
        return status;
    if (clv_grid_copy(&a->grid, &f->native) != CLV_OK)
        return clv_fail_memory(b->ctx);
    f->factor = a->factor;
    f->xoff = a->xoff;
    f->yoff = a->yoff;
    f->warped = a->warped;
    bool there = !a->warped && a->factor == 1 && a->xoff == 0 && a->yoff == 0 && a->grid.width == working->width &&
                 a->grid.height == working->height;
    if (b->options->tr == 0 || there)
        return CLV_OK;
    f->regridded = true;
    a->warped = false;
    a->factor = 1;
    a->xoff = a->yoff = 0;
    clv_grid_clear(&a->grid);
    return clv_grid_copy(working, &a->grid) == CLV_OK ? CLV_OK : clv_fail_memory(b->ctx);
}

/* ---- Extent ------------------------------------------------------------------------------------ */

/* The working grid over all dates, or a word on what it leaves out. */
static clv_status choose_extent(build *b, bool cropped)
{
    const clv_input_options *o = b->options;
    const char **sources = clv_alloc_array((size_t)b->count, 1, sizeof *sources);
    int first = 0;
    if (!sources)
        return clv_fail_memory(b->ctx);
    for (int d = b->count - 1; d >= 0; d--) {
        sources[d] = source_of(b, d);
        first = b->dates[d].input == 0 ? d : first;
    }
    clv_status status = clv_series_extents(b->ctx, b->series, sources, first, b->unites);
    if (status == CLV_OK && !b->unites && !cropped && b->series->grid.has_transform)
        clv_series_warn_outside(b->ctx, b->series, sources, reference_name(b),
                                o->ref       ? "; leave out -ref to work on all of them"
                                : o->tr != 0 ? "; leave out -tr to work on all of them"
                                             : "");
    free(sources);
    return status;
}

/* ---- Crop -------------------------------------------------------------------------------------- */

/* Dates of which the crop shows nothing are looked at, as without the crop, but have no output. */
static clv_status say_outside(build *b)
{
    int shown = 0;
    for (int d = 0; d < b->count; d++) {
        bool empty = b->series->acquisitions[d].grid.width == 0;
        if (empty)
            clv_warn(b->ctx, "%s: shows nothing of the crop; it gets no output", source_of(b, d));
        shown += !empty;
    }
    return shown > 0 ? CLV_OK : clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "no input shows anything of the crop");
}

/* What the run asks for, of which this series may be a piece. */
static clv_status find_asked(build *b, const clv_crop_reference *reference, const clv_grid *whole)
{
    struct clv_series_private *p = b->series->private_data;
    double window[4];
    p->asked = (clv_rect){p->x, p->y, b->series->grid.width, b->series->grid.height};
    if (!clv_whole_window(b->ctx, window))
        return CLV_OK;
    clv_input_options options = *b->options;
    clv_crop crop;
    options.srcwin = window;
    clv_status status = clv_crop_of(b->ctx, &options, reference, whole, &crop);
    if (status == CLV_OK)
        p->asked = clv_crop_pixels(&crop, 0, 0, 1, whole->width, whole->height);
    return status;
}

static clv_status cut(build *b)
{
    clv_crop crop;
    clv_series *s = b->series;
    const clv_crop_reference reference = {reference_name(b), &b->reference, reference_factor(b), s->first.x,
                                          s->first.y};
    clv_status status = clv_crop_of(b->ctx, b->options, &reference, &s->grid, &crop);
    if (status == CLV_OK)
        s->window = clv_crop_window(&crop, &reference, &s->grid);
    if (status == CLV_OK)
        status = clv_series_cut(b->ctx, s, &crop,
                                b->margin + (b->dilation ? clv_dilation_pixels(b->dilation, s->grid.pixel_m) : 0));
    s->window_factor = reference.factor;
    if (status == CLV_OK)
        status = find_asked(b, &reference, &s->private_data->whole);
    return status == CLV_OK && crop.wanted ? say_outside(b) : status;
}

/* ---- Masks ------------------------------------------------------------------------------------- */

static clv_status keep_name(build *b, const char *name)
{
    return clv_path_look(name) == CLV_PATH_FILE ? clv_inputs_add(b->ctx, &b->series->private_data->named, name, NULL)
                                                : CLV_OK;
}

static clv_status keep_names(build *b, const char *const *names, int count)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = names[i] ? keep_name(b, names[i]) : CLV_OK;
    for (int i = 0; i < b->inputs.count && status == CLV_OK; i++)
        status = b->inputs.bundles[i] ? CLV_OK : keep_name(b, b->inputs.names[i]);
    return status;
}

static clv_status expand_masks(build *b, const char *const *names, const char *option, clv_inputs *list)
{
    int count = 0;
    while (names && names[count])
        count++;
    clv_status status = clv_inputs_expand(b->ctx, names, count, option, list);
    while (status == CLV_OK && list->count > 0 && list->count < b->inputs.count && !strcmp(list->names[0], "none") &&
           count == 1)
        status = clv_inputs_add(b->ctx, list, "none", NULL); /* one "none" is for all */
    if (status == CLV_OK)
        status = clv_stream_copy_inputs(b->ctx, &b->series->private_data->copies, list);
    if (status == CLV_OK && list->count > 0 && list->count != b->inputs.count)
        status = clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                          "%s: %d given for %d inputs; give one each, in the inputs' order (none for an input "
                          "without one)",
                          option, list->count, b->inputs.count);
    return status;
}

static void say_mask(clv_acquisition *a, const char *option, const char *name)
{
    char how[80];
    snprintf(how, sizeof how, "%s %.60s", option, clv_name_base(name));
    clv_date_facts_say_mask(&a->facts, how);
    a->facts.masks_doubtful = false;
}

/* The masks that the user gave for the inputs of a joined date, as one: its name in the list becomes that of a VRT. */
static clv_status join_given_masks(build *b, clv_inputs *list)
{
    clv_status status = CLV_OK;
    const char **names = clv_alloc_array(1, (size_t)b->day_count, sizeof(const char *));
    if (!names)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->day_count && list->count > 0 && status == CLV_OK; d++) {
        int n = 0, first = 0;
        bool any = false, all = true;
        for (int e = d; e < b->day_count && b->days[d].into == d; e++) {
            if (b->days[e].into != d || b->days[e].again)
                continue;
            const char *name = list->names[b->days[e].dataset - b->datasets];
            first = b->days[d].first == e ? n : first;
            names[n++] = strcmp(name, "none") ? name : NULL;
            any = any || names[n - 1];
            all = all && names[n - 1];
        }
        if (n < 2 || !any)
            continue;
        if (!all)
            status = clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                              "%s: is joined with other inputs of its day; give masks for all of them, or none",
                              b->days[d].dataset->source);
        char *vrt = NULL, **to = &list->names[b->days[d].dataset - b->datasets];
        if (status == CLV_OK)
            status =
                clv_same_day_join_masks(b->ctx, names, n, &b->series->private_data->open_options, 1, first, 0, &vrt);
        if (status == CLV_OK) {
            free(*to);
            *to = vrt;
        }
    }
    free(names);
    return status;
}

/* The name for people of a mask that was joined. */
static const char *shown_mask(const build *b, const clv_acquisition *a, const char *name)
{
    return clv_mask_is_joined(name) ? b->datasets[a->input].stem : name;
}

static clv_status order_masks(build *b)
{
    struct clv_series_private *p = b->series->private_data;
    const clv_series *s = b->series;
    double *days = clv_alloc_array((size_t)b->inputs.count, 1, sizeof *days);
    if (!days)
        return clv_fail_memory(b->ctx);
    for (int i = 0; i < b->inputs.count; i++)
        days[i] = NAN;
    for (int d = 0; d < s->dates; d++) {
        const clv_acquisition *a = &s->acquisitions[d];
        if (a->facts.has_date && b->datasets[a->input].acquisitions == 1)
            days[a->input] = floor(clv_date_days(&a->facts.date));
    }
    clv_status status = clv_masks_by_day(b->ctx, &p->masks, "-mask", days, b->inputs.names);
    if (status == CLV_OK)
        status = clv_masks_by_day(b->ctx, &p->scls, "-scl", days, b->inputs.names);
    free(days);
    return status;
}

static clv_status attach_masks(build *b)
{
    struct clv_series_private *p = b->series->private_data;
    clv_series *s = b->series;
    clv_status status = expand_masks(b, b->options->masks, "-mask", &p->masks);
    if (status == CLV_OK)
        status = expand_masks(b, b->options->scls, "-scl", &p->scls);
    if (status == CLV_OK)
        status = order_masks(b);
    for (int i = 0; i < p->masks.count && status == CLV_OK; i++)
        status = keep_name(b, p->masks.names[i]);
    for (int i = 0; i < p->scls.count && status == CLV_OK; i++)
        status = keep_name(b, p->scls.names[i]);
    if (status == CLV_OK)
        status = join_given_masks(b, &p->masks);
    if (status == CLV_OK)
        status = join_given_masks(b, &p->scls);
    if (status != CLV_OK)
        return status;
    s->mask_mode = b->options->mask_mode;
    s->masks_cover_all = true;
    for (int d = 0; d < s->dates; d++) {
        clv_acquisition *a = &s->acquisitions[d];
        clv_date_files *f = &p->files[d];
        const char *mask = p->masks.count ? p->masks.names[a->input] : "none",
                   *scl = p->scls.count ? p->scls.names[a->input] : "none";
        f->mask = strcmp(mask, "none") ? mask : NULL;
        f->scl = strcmp(scl, "none") ? scl : NULL;
        f->mask_band = f->scl_band = a->step + 1;
        bool without = p->scls.count && !f->scl; /* "-scl none": not the product's either */
        if ((s->mask_mode == CLV_MASK_REPLACE && (f->mask || f->scl)) || without)
            clv_date_facts_clear_masks(&a->facts);
        if (f->mask)
            say_mask(a, "-mask", shown_mask(b, a, f->mask));
        if (f->scl)
            say_mask(a, "-scl", shown_mask(b, a, f->scl));
        s->has_masks = s->has_masks || a->facts.mask_how[0];
        s->masks_cover_all = s->masks_cover_all && clv_date_facts_masked(&a->facts);
    }
    return CLV_OK;
}

/* ---- Names ------------------------------------------------------------------------------------- */

static bool stem_taken(const clv_series *s, int t, const char *stem)
{
    for (int i = 0; i < t; i++)
        if (s->acquisitions[i].stem && strcmp(s->acquisitions[i].stem, stem) == 0)
            return true;
    return false;
}

/* The input's name; with the date when the input holds several or the name is taken; with a number when that is taken
 * too. */
static char *make_stem(const build *b, int d)
{
    const clv_dataset *opened = &b->datasets[b->dates[d].input];
    const clv_date *date = &b->series->acquisitions[d].facts.date;
    char *stem = opened->acquisitions == 1 ? clv_strdup(opened->stem) : NULL;
    for (int n = 1; !stem || stem_taken(b->series, d, stem); n++) {
        char suffix[48], number[16] = "";
        if (n > 1)
            snprintf(number, sizeof number, "_%d", n);
        if (date->has_time)
            snprintf(suffix, sizeof suffix, "_%04d%02d%02dT%02d%02d%02d%s", date->year, date->month, date->day,
                     date->hour, date->minute, date->second, number);
        else
            snprintf(suffix, sizeof suffix, "_%04d%02d%02d%s", date->year, date->month, date->day, number);
        free(stem);
        stem = clv_format("%s%s", opened->stem, suffix);
        if (!stem)
            return NULL;
    }
    return stem;
}

/* ---- The whole --------------------------------------------------------------------------------- */

/* Moves what the acquisitions own into acquisitions and files; the datasets keep nothing that is needed later. */
static clv_status move_dates(build *b)
{
    clv_series *s = b->series;
    for (int d = 0; d < b->count; d++) {
        clv_acquisition *a = &s->acquisitions[d];
        clv_date_files *f = &s->private_data->files[d];
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        clv_dataset *opened = &b->datasets[b->dates[d].input];
        a->input = b->dates[d].input;
        a->step = b->dates[d].number;
        a->facts = acquisition->facts;
        acquisition->facts = (clv_date_facts){0};
        a->days = a->facts.has_date ? clv_date_days(&a->facts.date) : 0;
        a->bands = acquisition->bands;
        a->bands_found = acquisition->channels;
        acquisition->bands = NULL;
        f->memory = acquisition->memory;
        f->memory_mask = acquisition->memory_mask;
        acquisition->memory = acquisition->memory_mask = NULL;
        const char *name = b->inputs.names[a->input];
        if (clv_stream_copy_origin(&s->private_data->copies, name) && !(f->copy = clv_strdup(name)))
            return clv_fail_memory(b->ctx);
        a->source = clv_strdup(opened->source);
        a->stem = make_stem(b, d);
        if (!a->source || !a->stem)
            return clv_fail_memory(b->ctx);
        if (opened->dataset) {
            clv_series_adopt(s, d, opened->dataset);
            opened->dataset = NULL;
        }
    }
    return CLV_OK;
}

static clv_status assemble(build *b)
{
    clv_series *s = b->series;
    GDALResampleAlg any;
    clv_status status = CLV_OK;
    if (!clv_resampling_algorithm(b->options->resampling, &any))
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "-r %d: give near, bilinear, cubic, cubicspline, lanczos or average",
                        (int)b->options->resampling);
    if (b->inputs.count == 0)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "no inputs; name the rasters of the series");
    if ((status = open_datasets(b)) != CLV_OK || (status = check_dates(b)) != CLV_OK ||
        (status = clv_given_scales_check(b->ctx, b->options, b->count)) != CLV_OK ||
        (status = join_days(b)) != CLV_OK || (status = choose_grid(b)) != CLV_OK ||
        (status = sort_dates(b)) != CLV_OK || (agree_on_nir(b), status = common_channels(b)) != CLV_OK ||
        (status = settle_bands(b)) != CLV_OK || (status = settle_tags(b)) != CLV_OK)
        return status;
    adopt_scales(b);
    share_nodata(b);
    s->dates = b->count;
    s->inputs = b->inputs.count;
    s->single_stack = is_single_stack(b);
    s->acquisitions = clv_alloc_array(1, (size_t)b->count, sizeof *s->acquisitions);
    s->private_data->files = clv_alloc_array(1, (size_t)b->count, sizeof *s->private_data->files);
    if (!s->acquisitions || !s->private_data->files)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count && status == CLV_OK; d++)
        status = place_date(b, d);
    if (status == CLV_OK)
        status = choose_extent(b, b->options->srcwin || b->options->te || b->options->projwin);
    if (status == CLV_OK)
        status = cut(b);
    if (status == CLV_OK)
        status = move_dates(b);
    if (status == CLV_OK)
        status = attach_masks(b);
    if (status == CLV_OK)
        status = clv_series_find_byte_nodata(b->ctx, s);
    if (status == CLV_OK) /* before the levels, which would take a band of zeros for one that lies low */
        status = clv_series_find_empty_bands(b->ctx, s);
    if (status == CLV_OK)
        status = clv_series_check_levels(b->ctx, s);
    if (status == CLV_OK)
        warn_radiometry(b);
    return status;
}

clv_status clv_series_open(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *options,
                           clv_series **out)
{
    return clv_series_open_around(ctx, inputs, count, options, CLV_EXTENT_REFERENCE, 0, NULL, out);
}

clv_status clv_series_open_around(clv_context *ctx, const char *const *inputs, int count,
                                  const clv_input_options *options, clv_extent extent, int margin,
                                  const clv_detect_settings *dilation, clv_series **out)
{
    build b = {.ctx = ctx, .options = options, .margin = margin, .dilation = dilation};
    b.unites = extent == CLV_EXTENT_ALL && !options->ref && options->tr == 0;
    clv_status status = CLV_OK;
    *out = NULL;
    GDALAllRegister();
    b.series = calloc(1, sizeof *b.series);
    if (b.series)
        b.series->private_data = calloc(1, sizeof *b.series->private_data);
    if (!b.series || !b.series->private_data || pthread_mutex_init(&b.series->private_data->lock, NULL) != 0) {
        if (b.series)
            free(b.series->private_data);
        free(b.series);
        return clv_fail_memory(ctx);
    }
    status = clv_open_options_of(ctx, options, &b.series->private_data->open_options);
    /* Where the drivers are limited, names may come from strangers: one file is one raster, no archive, no VRT of ours.
     */
    if (status == CLV_OK)
        status = clv_inputs_expand(ctx, inputs, count, options->drivers ? "file" : "input", &b.inputs);
    if (status == CLV_OK)
        status = keep_names(&b, inputs, count);
    if (status == CLV_OK)
        status = clv_stream_copy_inputs(ctx, &b.series->private_data->copies, &b.inputs);
    if (status == CLV_OK)
        status = assemble(&b);
    clv_grid_clear(&b.reference);
    for (int i = 0; i < b.inputs.count; i++) {
        if (b.datasets)
            clv_dataset_clear(&b.datasets[i]);
        if (b.partner)
            free(b.partner[i]);
    }
    free(b.datasets);
    free(b.partner);
    free(b.dates);
    free(b.days);
    clv_inputs_clear(&b.inputs);
    if (status == CLV_OK)
        *out = b.series;
    else
        clv_series_free(b.series);
    return status;
}

void clv_series_free(clv_series *series)
{
    if (!series)
        return;
    struct clv_series_private *p = series->private_data;
    for (int t = 0; t < series->dates; t++) {
        if (p->files) {
            clv_series_close_files(&p->files[t]);
            if (p->files[t].memory)
                GDALClose(p->files[t].memory);
            if (p->files[t].memory_mask)
                GDALClose(p->files[t].memory_mask);
            clv_grid_clear(&p->files[t].native);
            clv_empty_areas_free(p->files[t].empty);
            clv_byte_areas_free(p->files[t].bytes);
            free(p->files[t].copy);
        }
        if (series->acquisitions) {
            clv_acquisition *a = &series->acquisitions[t];
            free(a->source);
            free(a->stem);
            free(a->bands);
            clv_date_facts_clear(&a->facts);
            clv_grid_clear(&a->grid);
        }
    }
    free(p->files);
    clv_inputs_clear(&p->masks);
    clv_inputs_clear(&p->named);
    clv_inputs_clear(&p->scls);
    clv_open_options_clear(&p->open_options);
    clv_stream_copy_clear(&p->copies);
    clv_grid_clear(&p->whole);
    free(p->reference);
    pthread_mutex_destroy(&p->lock);
    free(p);
    free(series->acquisitions);
    clv_grid_clear(&series->grid);
    free(series);
}
