/* SPDX-License-Identifier: MIT
 *
 * The ladder of dates: band metadata, dataset metadata, the file's name, TIFFTAG_DATETIME, names of folders.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_port.h>

#include "base/number.h"
#include "products/request_json.h"

/* Items of the properties that Earth Engine's images have, in the order in which they are believed. */
#define EE_TIME "system:time_start"
#define EE_INDEX "system:index"

typedef struct item {
    const char *domain, *key;
} item;

/* An acquisition time at midnight to the second is a day whose time is unknown. */
static void drop_midnight(clv_date *date)
{
    if (date->hour == 0 && date->minute == 0 && date->second == 0)
        date->has_time = false;
}

/* The item's value as a date; HLS writes several times, "2022-03-19T09:20:29.0Z; 2022-...": the first counts. */
static bool item_date(GDALMajorObjectH object, const item *from, clv_date *date)
{
    const char *value = GDALGetMetadataItem(object, from->key, from->domain);
    if (!value)
        return false;
    char text[64];
    size_t n = strcspn(value, ";,");
    while (n > 0 && value[n - 1] == ' ')
        n--;
    if (n >= sizeof text)
        return false;
    memcpy(text, value, n);
    text[n] = 0;
    if (!clv_date_parse(text, date))
        return false;
    drop_midnight(date);
    return true;
}

/* The value of one of Earth Engine's items. GDAL takes the colon in their names for the end of the name, and writes
 * system=time_start=1681380961000 into files. */
static const char *ee_item(GDALMajorObjectH object, const char *key)
{
    const size_t n = strlen(key), prefix = strcspn(key, ":") + 1;
    const char *const *all = (const char *const *)GDALGetMetadata(object, NULL);
    for (; all && *all; all++)
        if (EQUALN(*all, key, prefix - 1) &&
            ((*all)[prefix - 1] == ':' || (*all)[prefix - 1] == '=' || (*all)[prefix - 1] == '_') &&
            EQUALN(*all + prefix, key + prefix, n - prefix) && ((*all)[n] == '=' || (*all)[n] == ':'))
            return *all + n + 1;
    return NULL;
}

static bool ee_date(GDALMajorObjectH object, clv_date *date, const char **key)
{
    double number;
    const char *value = ee_item(object, *key = EE_TIME);
    if (value &&
        (clv_number_parse(value, &number) ? clv_date_of_milliseconds(number, date) : clv_date_parse(value, date))) {
        drop_midnight(date);
        return true;
    }
    value = ee_item(object, *key = EE_INDEX);
    return value && clv_date_find(value, date);
}

bool clv_band_date(GDALRasterBandH band, clv_date *date, char *how, size_t how_size)
{
    static const item items[] = {{"IMAGERY", "ACQUISITIONDATETIME"},
                                 {NULL, "ACQUISITIONDATETIME"},
                                 {NULL, "DATETIME"},
                                 {NULL, "datetime"},
                                 {NULL, "acquisition_date"},
                                 {NULL, "date"},
                                 {NULL, "time"}};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (item_date(band, &items[i], date)) {
            snprintf(how, how_size, "band metadata %s", items[i].key);
            return true;
        }
    const char *key;
    if (ee_date(band, date, &key)) {
        snprintf(how, how_size, "band metadata %s", key);
        return true;
    }
    if (clv_date_find(GDALGetDescription(band), date)) {
        snprintf(how, how_size, "band descriptions");
        return true;
    }
    return false;
}

/* The date that all bands with a date agree on. */
static bool common_band_date(GDALDatasetH ds, clv_date *date, char *how, size_t how_size)
{
    for (int b = 1; b <= GDALGetRasterCount(ds); b++)
        if (clv_band_date(GDALGetRasterBand(ds, b), date, how, how_size))
            return true;
    return false;
}

static bool same_day(const clv_date *a, const clv_date *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day;
}

/* What a path tells. */
typedef struct path_dates {
    clv_date date[CLV_NAME_DATES]; /* those of the part that tells any, in its order; the first counts */
    int count;
    bool folder;          /* that part is not the file's own name */
    char doubtful[16];    /* the number that may be one of another kind; "" when the date is a calendar's */
    const char *taken_as; /* ... what it is taken as */
} path_dates;

/* First date in a part of the path, from the file's name upwards, or in three folders above each other. */
static bool path_date(const char *name, path_dates *out)
{
    char part[512];
    size_t end = strlen(name);
    *out = (path_dates){0};
    while (end > 0) {
        size_t begin = end;
        while (begin > 0 && name[begin - 1] != '/' && name[begin - 1] != '\\')
            begin--;
        size_t n = end - begin < sizeof part - 1 ? end - begin : sizeof part - 1;
        memcpy(part, name + begin, n);
        part[n] = 0;
        out->count = clv_date_find_all(part, out->date, CLV_NAME_DATES);
        if (out->count > 0)
            return true;
        out->count = 1;
        if (clv_date_of_folders(name, end, false, out->date, out->doubtful)) {
            out->doubtful[0] = 0;
            return true;
        }
        out->taken_as = "day of year";
        if (clv_date_find_day_of_year(part, out->date, out->doubtful))
            return true;
        out->taken_as = "day of the month of its folders";
        if (!out->folder && clv_date_of_folders(name, end, true, out->date, out->doubtful))
            return true;
        out->count = 0;
        out->doubtful[0] = 0;
        out->folder = out->folder || n > 0;
        end = begin > 0 ? begin - 1 : 0;
    }
    return false;
}

void clv_dataset_find_date(GDALDatasetH ds, const char *name, clv_dataset_acquisition *acquisition)
{
    static const item items[] = {{"IMAGERY", "ACQUISITIONDATETIME"},
                                 {NULL, "ACQUISITIONDATETIME"},
                                 {NULL, "DATATAKE_1_DATATAKE_SENSING_START"},
                                 {NULL, "PRODUCT_START_TIME"},
                                 {NULL, "SENSING_TIME"},
                                 {NULL, "DATETIME"},
                                 {NULL, "datetime"},
                                 {NULL, "acquisition_date"}};
    static const item tag = {NULL, "TIFFTAG_DATETIME"};
    clv_date tagged;
    path_dates named;
    const char *key;
    acquisition->facts.has_date = true;
    if (common_band_date(ds, &acquisition->facts.date, acquisition->facts.date_how, sizeof acquisition->facts.date_how))
        return;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (item_date(ds, &items[i], &acquisition->facts.date)) {
            snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s", items[i].key);
            return;
        }
    if (ee_date(ds, &acquisition->facts.date, &key)) {
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s", key);
        return;
    }
    if (clv_request_date(name, &acquisition->facts.date)) {
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "request.json");
        return;
    }
    bool has_name = path_date(name, &named), has_tag = item_date(ds, &tag, &tagged);
    if (has_name) {
        memcpy(acquisition->name_date, named.date, sizeof named.date);
        acquisition->name_dates = named.count;
    }
    /* The tag often tells when the file was written; a date in the file's name, or a folder's, knows better when they
     * differ. */
    if (has_tag && (!has_name || same_day(&named.date[0], &tagged))) {
        acquisition->facts.date = tagged;
        if (has_name && !named.folder && named.date[0].has_time && !tagged.has_time)
            acquisition->facts.date = named.date[0];
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "TIFFTAG_DATETIME");
    } else if (has_name) {
        acquisition->facts.date = named.date[0];
        acquisition->date_of_folder = named.folder;
        acquisition->has_tag_date = has_tag;
        if (has_tag)
            acquisition->tag_date = tagged;
        memcpy(acquisition->doubtful, named.doubtful, sizeof named.doubtful);
        acquisition->taken_as = named.taken_as;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s name%s%s%s",
                 named.folder ? "folder" : "file", named.doubtful[0] ? ", " : "",
                 named.doubtful[0] ? named.taken_as : "", has_tag ? " (not TIFFTAG_DATETIME)" : "");
    } else {
        acquisition->facts.has_date = false;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "unknown");
    }
}
