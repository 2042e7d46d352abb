/* SPDX-License-Identifier: MIT
 *
 * The ladder of dates: band metadata, dataset metadata, the file's name, TIFFTAG_DATETIME, names of folders.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_minixml.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/number.h"
#include "products/request_json.h"
#include "sentinel2/band_file.h"
#include "sentinel2/roles.h"

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

bool clv_vrt_source_name(GDALRasterBandH band, char name[128])
{
    char **sources = *GDALGetDescription(band) ? NULL : GDALGetMetadata(band, "vrt_sources");
    const char *xml = CSLCount(sources) == 1 ? strchr(sources[0], '<') : NULL;
    CPLXMLNode *root = xml ? CPLParseXMLString(xml) : NULL;
    const char *file = root ? CPLGetXMLValue(root, "SourceFilename", "") : "";
    const char *base = strcmp(CPLGetXMLValue(root, "SourceBand", "1"), "1") == 0 ? clv_name_base(file) : "";
    const char *dot = strrchr(base, '.');
    clv_band_file f;
    snprintf(name, 128, "%.*s", dot && dot != base ? (int)(dot - base) : (int)strlen(base), base);
    clv_band_file_read(base, &f);
    CPLDestroyXMLNode(root);
    return f.kind == CLV_FILE_BAND || f.kind == CLV_FILE_SCL || f.kind == CLV_FILE_FMASK;
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
    char source[128];
    if (clv_vrt_source_name(band, source) && clv_date_find(source, date)) {
        snprintf(how, how_size, "names of the VRT's files");
        return true;
    }
    return false;
}

bool clv_is_aux_band(GDALRasterBandH band)
{
    bool known;
    return GDALGetRasterColorInterpretation(band) == GCI_AlphaBand ||
           clv_role_of_name(GDALGetDescription(band), &known) == CLV_ROLE_AUX;
}

/* The order of the numbers at this position of all bands' descriptions, where they are days and not all the same;
 * written [bands]. */
static clv_date_order band_order(GDALDatasetH ds, clv_written_kind kind, int position, clv_written_date *written,
                                 bool *sure)
{
    const int bands = GDALGetRasterCount(ds);
    int n = 0;
    bool differ = false;
    for (int b = 1; b <= bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, b);
        if (clv_written_date_find(GDALGetDescription(band), kind, position, &written[n]))
            differ = differ || strcmp(written[n].text, written[0].text) != 0;
        else if (clv_is_aux_band(band))
            continue;
        else
            return CLV_ORDER_NONE;
        n++;
    }
    return differ ? clv_written_dates_order(written, n, sure) : CLV_ORDER_NONE;
}

bool clv_written_band_dates(GDALDatasetH ds, clv_date *dates, char doubtful[16], const char **taken_as)
{
    const int bands = GDALGetRasterCount(ds);
    clv_written_date *written = clv_alloc_array((size_t)bands, 1, sizeof *written);
    clv_written_kind kind = CLV_WRITTEN_YEAR_LAST;
    clv_date_order order = CLV_ORDER_NONE;
    bool sure = false, any = false;
    int at = 0, possible = 0;
    doubtful[0] = 0;
    if (written)
        order = band_order(ds, kind, 0, written, &sure);
    for (int k = 0; written && order == CLV_ORDER_NONE && k < CLV_NAME_DATES; k++)
        if (band_order(ds, CLV_WRITTEN_SIX, k, written, &any) != CLV_ORDER_NONE) {
            possible++;
            at = k;
        }
    if (written && possible == 1) {
        kind = CLV_WRITTEN_SIX;
        order = band_order(ds, kind, at, written, &any);
    }
    for (int b = 1; b <= bands && order != CLV_ORDER_NONE; b++) {
        clv_written_date w;
        dates[b - 1] = (clv_date){0};
        if (clv_written_date_find(GDALGetDescription(GDALGetRasterBand(ds, b)), kind, at, &w))
            clv_written_date_read(&w, order, &dates[b - 1]);
    }
    if (order != CLV_ORDER_NONE && !sure)
        memcpy(doubtful, written[0].text, sizeof written[0].text);
    *taken_as = clv_date_order_name(kind, order);
    free(written);
    return order != CLV_ORDER_NONE;
}

/* The date that all bands with a date agree on. */
static bool common_band_date(GDALDatasetH ds, clv_date *date, char *how, size_t how_size)
{
    const int bands = GDALGetRasterCount(ds);
    for (int b = 1; b <= bands; b++)
        if (clv_band_date(GDALGetRasterBand(ds, b), date, how, how_size))
            return true;
    for (int b = 1; b <= bands; b++) {
        clv_written_date written;
        bool sure;
        if (clv_written_date_find(GDALGetDescription(GDALGetRasterBand(ds, b)), CLV_WRITTEN_YEAR_LAST, 0, &written) &&
            clv_written_date_read(&written, clv_written_dates_order(&written, 1, &sure), date) && sure) {
            snprintf(how, how_size, "band descriptions");
            return true;
        }
    }
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
    bool folder;              /* that part is not the file's own name */
    char doubtful[16];        /* the number that may be one of another kind; "" when the date is a calendar's */
    const char *taken_as;     /* ... what it is taken as */
    clv_written_date written; /* numbers whose order is open, kind NONE when the date is not of these */
} path_dates;

/* A date of a part of the path whose order is open. Where there is another date it must stand before it, and not with
 * underscores, between which the name's other numbers stand too. */
static bool open_date(char *part, path_dates *out)
{
    clv_date first, before;
    bool sure; /* one name alone: the other names will tell more */
    clv_written_date w;
    if (!clv_written_date_find(part, CLV_WRITTEN_YEAR_LAST, 0, &w) ||
        !clv_written_date_read(&w, clv_written_dates_order(&w, 1, &sure), &first))
        return false;
    const char at = part[w.at];
    part[w.at] = 0;
    const bool is_second = out->count > 0 && (w.separator == '_' || clv_date_find(part, &before));
    part[w.at] = at;
    if (is_second)
        return false;
    if (out->count == CLV_NAME_DATES)
        out->count--;
    memmove(&out->date[1], &out->date[0], (size_t)out->count * sizeof *out->date);
    out->date[0] = first;
    out->count++;
    out->written = w;
    return true;
}

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
        if (open_date(part, out) || out->count > 0)
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

/* Where the tag tells the order of the numbers in the name the date is read in it. */
static void order_by_tag(path_dates *named, const clv_date *tagged, clv_date_order *order)
{
    clv_date day;
    for (clv_date_order o = CLV_ORDER_DMY; o <= CLV_ORDER_MDY && *order == CLV_ORDER_NONE; o++)
        if (clv_written_date_read(&named->written, o, &day) && same_day(&day, tagged)) {
            named->date[0] = day;
            *order = o;
        }
}

/* Where nothing better tells: items that may also be times of a processing. */
static void any_date(GDALDatasetH ds, clv_dataset_acquisition *acquisition)
{
    static const item items[] = {{NULL, "acquisition_time"}, {NULL, "sensing_time"}, {NULL, "date"}, {NULL, "time"}};
    for (size_t i = 0; i < sizeof items / sizeof *items && !acquisition->facts.has_date; i++)
        if (item_date(ds, &items[i], &acquisition->facts.date)) {
            acquisition->facts.has_date = true;
            snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "metadata %s", items[i].key);
        }
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
    if (has_tag && has_name)
        order_by_tag(&named, &tagged, &acquisition->tag_order);
    if (has_name) {
        acquisition->written = named.written;
        acquisition->date_of_folder = named.folder;
        memcpy(acquisition->name_date, named.date, sizeof named.date);
        acquisition->name_dates = named.count;
    }
    /* The tag often tells when the file was written; a date in the file's name, or a folder's, knows better when they
     * differ. */
    if (has_tag && (!has_name || same_day(&named.date[0], &tagged))) {
        acquisition->facts.date = tagged;
        if (has_name && !named.folder && named.date[0].has_time && !tagged.has_time)
            acquisition->facts.date = named.date[0];
        acquisition->date_of_tag = true;
        acquisition->date_of_folder = false;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "TIFFTAG_DATETIME");
    } else if (has_name) {
        acquisition->facts.date = named.date[0];
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
        any_date(ds, acquisition);
    }
}
