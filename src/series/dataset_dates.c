/* SPDX-License-Identifier: MIT
 *
 * The ladder of dates: band metadata, dataset metadata, the file's name, TIFFTAG_DATETIME, names of folders.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "products/request_json.h"

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

/* First date in a part of the path, from the file's name upwards; *folder: it was not the file's own name. day_of_year:
 * the number that is taken as one, "" when the date is a calendar's. */
static bool path_date(const char *name, clv_date *date, bool *folder, char day_of_year[16])
{
    char part[512];
    size_t end = strlen(name);
    *folder = false;
    while (end > 0) {
        size_t begin = end;
        while (begin > 0 && name[begin - 1] != '/' && name[begin - 1] != '\\')
            begin--;
        size_t n = end - begin < sizeof part - 1 ? end - begin : sizeof part - 1;
        memcpy(part, name + begin, n);
        part[n] = 0;
        day_of_year[0] = 0;
        if (clv_date_find(part, date) || clv_date_find_day_of_year(part, date, day_of_year))
            return true;
        *folder = *folder || n > 0;
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
    clv_date named, tagged;
    bool folder;
    char day_of_year[16] = "";
    acquisition->facts.has_date = true;
    if (common_band_date(ds, &acquisition->facts.date, acquisition->facts.date_how, sizeof acquisition->facts.date_how))
        return;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (item_date(ds, &items[i], &acquisition->facts.date)) {
            snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s", items[i].key);
            return;
        }
    if (clv_request_date(name, &acquisition->facts.date)) {
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "request.json");
        return;
    }
    bool has_name = path_date(name, &named, &folder, day_of_year), has_tag = item_date(ds, &tag, &tagged);
    /* The tag often tells when the file was written; a date in the file's name, or a folder's, knows better when they
     * differ. */
    if (has_tag && (!has_name || same_day(&named, &tagged))) {
        acquisition->facts.date = tagged;
        if (has_name && !folder && named.has_time && !tagged.has_time)
            acquisition->facts.date = named;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "TIFFTAG_DATETIME");
    } else if (has_name) {
        acquisition->facts.date = named;
        acquisition->date_of_folder = folder;
        acquisition->has_tag_date = has_tag;
        if (has_tag)
            acquisition->tag_date = tagged;
        memcpy(acquisition->day_of_year, day_of_year, sizeof day_of_year);
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s name%s%s",
                 folder ? "folder" : "file", day_of_year[0] ? ", day of year" : "",
                 has_tag ? " (not TIFFTAG_DATETIME)" : "");
    } else {
        acquisition->facts.has_date = false;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "unknown");
    }
}
