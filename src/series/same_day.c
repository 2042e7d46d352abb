/* SPDX-License-Identifier: MIT
 *
 * Which inputs of one day are one picture. same_day_vrt.c joins them.
 */
#include "series/same_day.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "raster/gdal_errors.h"
#include "sentinel2/archive_names.h"
#include "sentinel2/band_file.h"
#include "sentinel2/sensor.h"
#include "series/nodata.h"
#include "series/same_day_numbers.h"
#include "series/same_day_private.h"
#include "series/same_day_seam.h"

#define ONE_PASS (15.0 / 1440) /* days: a satellite sees a tile's strips within a minute, and returns after a day */
#define SAMPLES 6              /* windows of an overlap, a side */
#define SAMPLE_SIZE 64         /* pixels of a window, a side */
/* Reflectance: pixels that differ by less on the whole, and nine of ten by less than the second, are of one picture.
 * Two processings of what one satellite saw on a day differ more than parts of one, still less than two days. */
#define SAME_MEDIAN 0.002
#define SAME_MOST 0.01
#define AGAIN_MEDIAN 0.01
#define AGAIN_MOST 0.05
#define NEGLIGIBLE 0.005 /* of the pixels of an overlap: resampled edges */

#define OTHER_GRID "do not lie on one pixel grid"

typedef enum day_kind {
    DAY_DIFFER, /* not one picture */
    DAY_JOIN,   /* parts of one picture */
    DAY_AGAIN   /* all show the same pixels */
} day_kind;

/* ---- Names and times --------------------------------------------------------------------------- */

/* The satellite in the name or in one of the two folders above it. */
static bool satellite_of(const char *name, char satellite[8])
{
    char part[256];
    size_t end = strlen(name);
    for (int depth = 0; depth < 3 && end > 0; depth++) {
        size_t begin = end;
        while (begin > 0 && name[begin - 1] != '/')
            begin--;
        snprintf(part, sizeof part, "%.*s", (int)(end - begin), name + begin);
        if (clv_satellite_of_name(part, satellite))
            return true;
        end = begin > 0 ? begin - 1 : 0;
    }
    return false;
}

static bool is_same_satellite(const char *name_a, const char *name_b)
{
    char a[8], b[8];
    return satellite_of(name_a, a) && satellite_of(name_b, b) && strcmp(a, b) == 0;
}

bool clv_same_day_other_satellite(const char *name_a, const char *name_b)
{
    char a[8], b[8];
    return satellite_of(name_a, a) && satellite_of(name_b, b) && strcmp(a, b) != 0;
}

const char *clv_same_day_advice(const char *why)
{
    /* A VRT of files with different offsets would put a step into the picture. */
    if (strcmp(why, CLV_DAY_OTHER_SCALES) == 0)
        return "store both as reflectance (gdal_translate -ot Float32 -scale) and give -srcnodata";
    if (strcmp(why, CLV_DAY_OTHER_NODATA) == 0)
        return "say which value is missing in both (-srcnodata)";
    if (strcmp(why, OTHER_GRID) == 0)
        return "warp one of them onto the other's pixels (gdalwarp -t_srs -tr -tap)";
    return "merge them (gdalbuildvrt)";
}

/* Whether two dates may be parts of one picture by what is known without pixels. */
static bool is_possible(const clv_day_date *x, const clv_day_date *y)
{
    const clv_date_facts *a = &x->acquisition->facts, *b = &y->acquisition->facts;
    if (!a->has_date || !b->has_date || x->dataset == y->dataset)
        return false;
    double s = clv_date_days(&a->date), t = clv_date_days(&b->date);
    if (floor(s) != floor(t) || (a->date.has_time && b->date.has_time && fabs(s - t) > ONE_PASS))
        return false;
    int l = clv_processing_level_of_name(x->dataset->source), m = clv_processing_level_of_name(y->dataset->source);
    return !clv_same_day_other_satellite(x->dataset->source, y->dataset->source) && (l == 0 || m == 0 || l == m);
}

/* Whether the names are those of products of one satellite and, as far as they say, of one tile: a copy of something
 * else may be a mistake. */
static bool is_same_product(const char *name_a, const char *name_b)
{
    char a[6], b[6];
    clv_tile_of_name(clv_name_base(name_a), a);
    clv_tile_of_name(clv_name_base(name_b), b);
    return is_same_satellite(name_a, name_b) && (!*a || !*b || strcmp(a, b) == 0);
}

/* The last moment (YYYYMMDDTHHMMSS) of a path: products carry the time of their processing behind that of sensing. */
static void last_moment(const char *name, char moment[16])
{
    moment[0] = 0;
    for (const char *p = name; *p; p++) {
        size_t days = strspn(p, "0123456789");
        if (days == 8 && p[8] == 'T' && strspn(p + 9, "0123456789") == 6 && strncmp(p, moment, 15) > 0)
            snprintf(moment, 16, "%.15s", p);
        p += days ? days - 1 : 0;
    }
}

/* The baseline of a product's name ("_N0510_"), 0 unknown. */
static int baseline_of(const char *name)
{
    for (const char *p = strstr(name, "_N"); p; p = strstr(p + 2, "_N"))
        if (strspn(p + 2, "0123456789") == 4 && p[6] == '_')
            return atoi(p + 2);
    return 0;
}

static int processed_last(clv_dataset *const *pieces, int count)
{
    int last = 0;
    char moment[16], best[16];
    last_moment(pieces[0]->source, best);
    for (int i = 1; i < count; i++) {
        int a = baseline_of(pieces[i]->source), b = baseline_of(pieces[last]->source);
        last_moment(pieces[i]->source, moment);
        int order = strcmp(moment, best);
        if (order > 0 || (order == 0 && a >= b)) {
            last = i;
            memcpy(best, moment, sizeof best);
        }
    }
    return last;
}

/* ---- Grids ------------------------------------------------------------------------------------- */

static bool touch(clv_rect a, clv_rect b)
{
    return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/* Whether one can go from each piece to each other over pieces that touch. */
static bool connected(const clv_rect *places, int count, bool *reached)
{
    int found = 1;
    bool grown = true;
    reached[0] = true;
    while (grown) {
        grown = false;
        for (int i = 0; i < count; i++)
            for (int k = 0; k < count && !reached[i]; k++)
                if (reached[k] && touch(places[i], places[k])) {
                    reached[i] = grown = true;
                    found++;
                }
    }
    return found == count;
}

static bool same_place(clv_rect a, clv_rect b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/* ---- Bands ------------------------------------------------------------------------------------- */

/* Empty when the bands are the same, else why they cannot be joined one by one. */
static const char *compare_bands(const clv_dataset *a, const clv_dataset *b)
{
    const clv_dataset_acquisition *x = &a->acquisition[0], *y = &b->acquisition[0];
    if (x->channels != y->channels)
        return "have different bands";
    for (int c = 0; c < x->channels; c++)
        if (x->bands[c].index != y->bands[c].index || x->bands[c].role != y->bands[c].role ||
            strcmp(x->bands[c].name, y->bands[c].name) != 0 || x->bands[c].type != y->bands[c].type)
            return "have different bands";
    return "";
}

/* ---- Pixels ------------------------------------------------------------------------------------ */

typedef struct overlap {
    long both, only_a, only_b;
    int differences;
    double *difference; /* [SAMPLES^2 * SAMPLE_SIZE^2] */
} overlap;

static bool is_missing(const clv_band *band, double v)
{
    return !isfinite(v) || (band->has_nodata && v == band->nodata);
}

static clv_status read_red(clv_context *ctx, const clv_dataset *piece, clv_rect part, double *values)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error =
        GDALRasterIO(GDALGetRasterBand(piece->dataset, piece->acquisition[0].bands[0].index), GF_Read, part.x, part.y,
                     part.width, part.height, values, part.width, part.height, GDT_Float64, 0, 0);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", piece->source, clv_gdal_errors_text(&errors));
    return CLV_OK;
}

static clv_status compare_window(clv_context *ctx, clv_dataset *const pair[2], clv_rect a, clv_rect b, double *values,
                                 overlap *o)
{
    const clv_band *x = &pair[0]->acquisition[0].bands[0], *y = &pair[1]->acquisition[0].bands[0];
    size_t n = (size_t)a.width * (size_t)a.height;
    clv_status status = read_red(ctx, pair[0], a, values);
    if (status == CLV_OK)
        status = read_red(ctx, pair[1], b, values + n);
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        bool no_a = is_missing(x, values[i]), no_b = is_missing(y, values[n + i]);
        o->only_a += !no_a && no_b;
        o->only_b += no_a && !no_b;
        if (no_a || no_b)
            continue;
        o->both++;
        o->difference[o->differences++] = fabs(values[i] * x->scale + x->offset - values[n + i] * y->scale - y->offset);
    }
    return status;
}

/* Windows spread evenly over what both rasters cover. */
static clv_status sample_overlap(clv_context *ctx, clv_dataset *const pair[2], clv_rect a, clv_rect b, overlap *o)
{
    clv_rect common = clv_rect_intersect(a, b);
    double *values = clv_alloc_array(2, (size_t)SAMPLE_SIZE * SAMPLE_SIZE, sizeof *values);
    clv_status status = values ? CLV_OK : clv_fail_memory(ctx);
    int w = common.width < SAMPLE_SIZE ? common.width : SAMPLE_SIZE;
    int h = common.height < SAMPLE_SIZE ? common.height : SAMPLE_SIZE;
    int nx = common.width / w < SAMPLES ? common.width / w : SAMPLES;
    int ny = common.height / h < SAMPLES ? common.height / h : SAMPLES;
    for (int i = 0; i < nx * ny && status == CLV_OK; i++) {
        int x = common.x + (nx > 1 ? (int)((double)(common.width - w) * (i % nx) / (nx - 1)) : (common.width - w) / 2);
        int y =
            common.y + (ny > 1 ? (int)((double)(common.height - h) * (i / nx) / (ny - 1)) : (common.height - h) / 2);
        status = compare_window(ctx, pair, (clv_rect){x - a.x, y - a.y, w, h}, (clv_rect){x - b.x, y - b.y, w, h},
                                values, o);
    }
    free(values);
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef enum likeness { LIKE_PARTS, LIKE_NEARLY, LIKE_EXACTLY } likeness;

/* Two pieces where they overlap: agree, or *why; *like: whether they show the same ground, all but a few pixels of it,
 * or no more and no less. */
static clv_status compare_pair(clv_context *ctx, clv_dataset *const pair[2], clv_rect a, clv_rect b, likeness *like,
                               char *why, size_t size)
{
    overlap o = {0};
    clv_rect common = clv_rect_intersect(a, b);
    *like = LIKE_PARTS;
    if (common.width <= 0 || common.height <= 0)
        return CLV_OK;
    o.difference = clv_alloc_array(SAMPLES * SAMPLES, (size_t)SAMPLE_SIZE * SAMPLE_SIZE, sizeof *o.difference);
    clv_status status = o.difference ? sample_overlap(ctx, pair, a, b, &o) : clv_fail_memory(ctx);
    if (status == CLV_OK && o.both > NEGLIGIBLE * (double)(o.only_a + o.only_b + o.both)) {
        qsort(o.difference, (size_t)o.differences, sizeof *o.difference, by_value);
        double median = o.difference[o.differences / 2], most = o.difference[(int)((o.differences - 1) * 0.9)];
        bool one = is_same_satellite(pair[0]->source, pair[1]->source);
        if (median > (one ? AGAIN_MEDIAN : SAME_MEDIAN) || most > (one ? AGAIN_MOST : SAME_MOST))
            snprintf(why, size, "differ where both show the ground (in red by %.3f on the whole, a tenth by over %.3f)",
                     median, most);
        else if (same_place(a, b) && (double)(o.only_a + o.only_b) <= NEGLIGIBLE * (double)o.both)
            *like = o.only_a + o.only_b == 0 ? LIKE_EXACTLY : LIKE_NEARLY;
    }
    free(o.difference);
    return status;
}

/* ---- The whole --------------------------------------------------------------------------------- */

static const char *cannot_join(const clv_dataset *piece)
{
    const clv_dataset_acquisition *a = &piece->acquisition[0];
    if (piece->acquisitions != 1 || a->memory || a->channels < 1)
        return "hold several dates";
    if (a->facts.overview >= 0)
        return "are read through overviews";
    if (a->facts.use_mask)
        return "have mask bands";
    return "";
}

/* Puts the pieces on the first one's pixels; why not, when they cannot be. */
static clv_status look_at_grids(clv_context *ctx, clv_dataset *const *pieces, int count, clv_rect *places, char *why,
                                size_t size)
{
    for (int i = 0; i < count && !*why; i++) {
        snprintf(why, size, "%s", cannot_join(pieces[i]));
        if (!*why && !clv_day_place(&pieces[i]->grid, &pieces[0]->grid, &places[i]))
            snprintf(why, size, "%s", OTHER_GRID);
    }
    bool *reached = clv_alloc_array(1, (size_t)count, sizeof *reached);
    if (!reached)
        return clv_fail_memory(ctx);
    if (!*why && !connected(places, count, reached))
        snprintf(why, size, "do not touch each other (give one place at a time)");
    free(reached);
    return CLV_OK;
}

/* Integers of which no value means "missing": a gap between the pieces would be taken for black ground. */
static bool leaves_a_hole(clv_dataset *const *pieces, const clv_rect *places, int count)
{
    const clv_dataset_acquisition *a = &pieces[0]->acquisition[0];
    bool told = true;
    for (int c = 0; c < a->channels; c++)
        told = told &&
               (a->bands[c].has_nodata || a->bands[c].type == CLV_TYPE_FLOAT32 || a->bands[c].type == CLV_TYPE_FLOAT64);
    if (told)
        return false;
    double area = 0;
    clv_rect all = places[0];
    for (int i = 0; i < count; i++) {
        int right = all.x + all.width, bottom = all.y + all.height;
        area += (double)places[i].width * places[i].height;
        for (int k = 0; k < i; k++) {
            clv_rect twice = clv_rect_intersect(places[i], places[k]);
            if (twice.width > 0 && twice.height > 0)
                return true;
        }
        right = places[i].x + places[i].width > right ? places[i].x + places[i].width : right;
        bottom = places[i].y + places[i].height > bottom ? places[i].y + places[i].height : bottom;
        all.x = places[i].x < all.x ? places[i].x : all.x;
        all.y = places[i].y < all.y ? places[i].y : all.y;
        all.width = right - all.x;
        all.height = bottom - all.y;
    }
    return area < (double)all.width * all.height;
}

/* All pairs that overlap; *like: how alike the least alike are. */
static clv_status look_at_pixels(clv_context *ctx, clv_dataset *const *pieces, const clv_rect *places, int count,
                                 const clv_open_options *how, likeness *like, char *why, size_t size)
{
    clv_status status = CLV_OK;
    *like = LIKE_EXACTLY;
    for (int i = 1; i < count && status == CLV_OK && !*why; i++)
        for (int k = 0; k < i && status == CLV_OK && !*why; k++) {
            clv_dataset *pair[2] = {pieces[k], pieces[i]};
            likeness pair_like = LIKE_PARTS;
            bool mine[2] = {pair[0]->dataset != NULL, pair[1]->dataset != NULL};
            status = clv_day_open(ctx, pair[0], how);
            if (status == CLV_OK)
                status = clv_day_open(ctx, pair[1], how);
            if (status == CLV_OK)
                status = compare_pair(ctx, pair, places[k], places[i], &pair_like, why, size);
            for (int p = 0; p < 2; p++)
                if (!mine[p] && pair[p]->dataset) {
                    GDALClose(pair[p]->dataset);
                    pair[p]->dataset = NULL;
                }
            *like = pair_like < *like ? pair_like : *like;
        }
    return status;
}

clv_status clv_same_day_differ(clv_context *ctx, clv_dataset *a, clv_dataset *b, const clv_open_options *how,
                               bool *differ)
{
    const clv_day_date x = {.dataset = a, .acquisition = a->acquisition},
                       y = {.dataset = b, .acquisition = b->acquisition};
    clv_dataset *pieces[2] = {a, b};
    clv_rect places[2];
    likeness like;
    char why[sizeof x.why] = "";
    *differ = false;
    if (!is_possible(&x, &y) || *cannot_join(a) || *cannot_join(b) || !clv_day_place(&a->grid, &a->grid, &places[0]) ||
        !clv_day_place(&b->grid, &a->grid, &places[1]))
        return CLV_OK;
    clv_status status = look_at_pixels(ctx, pieces, places, 2, how, &like, why, sizeof why);
    *differ = why[0] != 0;
    return status;
}

/* Whether GDAL opens the piece's file inside a VRT, where -if does not reach, with the same driver. Options of -oo go
 * into the VRT. */
static bool opens_alike(const clv_dataset *piece, const clv_open_options *how)
{
    if (!how || !how->drivers || piece->acquisition[0].facts.vrt)
        return true;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDriverH driver = GDALIdentifyDriverEx(piece->source, GDAL_OF_RASTER, NULL, NULL);
    clv_gdal_errors_end(&errors);
    return driver && CSLFindString(how->drivers, GDALGetDriverShortName(driver)) >= 0;
}

/* The name without folders, with the last one where the other is called the same. */
static const char *short_name(const char *name, const char *other)
{
    const char *base = clv_name_base(name);
    if (strcmp(base, clv_name_base(other)) != 0 || base <= name + 1)
        return base;
    const char *folder = base - 1;
    while (folder > name && folder[-1] != '/')
        folder--;
    return folder;
}

/* Of two pieces one lies the offset of processing baseline 04.00 higher along the seam: it is subtracted there, unless
 * metadata or the user say that it is right. Whether both now lie right the level of the whole date tells. */
static void mend_step(clv_context *ctx, clv_dataset *const pair[2], double step)
{
    const int high = step > 0;
    clv_dataset_acquisition *a = &pair[high]->acquisition[0];
    const bool told = a->facts.scale_by_user || a->facts.scale_sure;
    clv_warn(ctx,
             "%s lies 0.1 above %s along the seam of the two, alike in every band, as where the -1000 offset of "
             "processing baseline 04.00 is subtracted in one of them only: %s; -in_offset, one value for each "
             "input, decides otherwise",
             short_name(pair[high]->source, pair[!high]->source), short_name(pair[!high]->source, pair[high]->source),
             told ? "the offsets stay as they were told" : "it is subtracted in the first, too");
    if (told)
        return;
    for (int c = 0; c < a->channels; c++) {
        a->bands[c].offset -= fabs(step);
        if (fabs(a->bands[c].offset) < 1e-9)
            a->bands[c].offset = 0;
    }
    clv_nodata_settle(&a->facts, a->bands, a->channels);
    snprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/%.6g, offset %.0f DN (the pixels along the seam)",
             1 / a->bands[0].scale, a->bands[0].offset / a->bands[0].scale);
    a->by_tags = false;
    a->claimed_offset = 0;
    a->scale_of_type = false;
}

/* Neighbours that hardly overlap tell nothing of each other's level but along their seam. */
static clv_status look_at_seams(clv_context *ctx, clv_dataset *const *pieces, const clv_rect *places, int count,
                                const clv_open_options *how)
{
    clv_status status = CLV_OK;
    for (int i = 1; i < count && status == CLV_OK; i++)
        for (int k = 0; k < i && status == CLV_OK; k++) {
            clv_dataset *pair[2] = {pieces[k], pieces[i]};
            const clv_rect two[2] = {places[k], places[i]};
            const clv_dataset_acquisition *a = &pair[0]->acquisition[0], *b = &pair[1]->acquisition[0];
            const bool mine[2] = {pair[0]->dataset != NULL, pair[1]->dataset != NULL};
            double step = 0;
            if (clv_pixel_size(a->bands[0].type) < 2 || (a->facts.scale_by_user && b->facts.scale_by_user))
                continue;
            status = clv_day_open(ctx, pair[0], how);
            if (status == CLV_OK)
                status = clv_day_open(ctx, pair[1], how);
            if (status == CLV_OK)
                status = clv_day_seam_step(ctx, pair, two, &step);
            for (int p = 0; p < 2; p++)
                if (!mine[p] && pair[p]->dataset) {
                    GDALClose(pair[p]->dataset);
                    pair[p]->dataset = NULL;
                }
            if (status == CLV_OK && step != 0)
                mend_step(ctx, pair, step);
        }
    return status;
}

/* first: the piece that was processed last. */
static clv_status look(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how,
                       day_kind *kind, char *why, size_t size)
{
    likeness like = LIKE_PARTS;
    const char *bands = "";
    *kind = DAY_DIFFER;
    why[0] = 0;
    for (int i = 0; i < count && !*why; i++)
        if (!opens_alike(pieces[i], how))
            snprintf(why, size, "are opened by another driver without -if");
    if (*why)
        return CLV_OK;
    clv_rect *places = clv_alloc_array(1, (size_t)count, sizeof *places);
    clv_status status = places ? look_at_grids(ctx, pieces, count, places, why, size) : clv_fail_memory(ctx);
    for (int i = 1; i < count && !*bands && !*why; i++)
        bands = compare_bands(pieces[0], pieces[i]);
    if (status == CLV_OK && !*why && !*bands)
        status = look_at_seams(ctx, pieces, places, count, how);
    if (status == CLV_OK && !*why)
        status = look_at_pixels(ctx, pieces, places, count, how, &like, why, size);
    bool convert = false;
    for (int i = 1; i < count && !*bands && !*why; i++)
        convert = convert || clv_day_numbers_differ(&pieces[0]->acquisition[0], &pieces[i]->acquisition[0]);
    bool again = like == LIKE_EXACTLY || (like == LIKE_NEARLY && (*bands || convert));
    if (convert && !again)
        bands = clv_day_cannot_convert(pieces, count, clv_day_reference(pieces, count));
    for (int i = 1; i < count && !*why && again; i++)
        if (!is_same_product(pieces[0]->source, pieces[i]->source))
            snprintf(why, size, "show the same pixels");
    if (!*why && !again)
        snprintf(why, size, "%s", bands);
    if (status == CLV_OK && !*why && !again && leaves_a_hole(pieces, places, count))
        snprintf(why, size, "tell no value for missing pixels (give -srcnodata)");
    if (status == CLV_OK && !*why)
        *kind = again ? DAY_AGAIN : DAY_JOIN;
    free(places);
    return status;
}

/* What was done, said once. */
typedef struct report {
    int joined, left_out;
    bool tiles; /* of FORCE's grid */
    char first_joined[300], first_left_out[320];
    int converted;
    char first_converted[460];
} report;

static void note_joined(report *r, const clv_day_date *days, const int *members, int count)
{
    char day[32];
    const char *a = days[members[0]].dataset->source, *b = days[members[1]].dataset->source;
    clv_date_format(&days[members[0]].acquisition->facts.date, day);
    day[10] = 0;
    if (r->joined++ == 0)
        snprintf(r->first_joined, sizeof r->first_joined, "%s: %.100s and %.100s%s", day, short_name(a, b),
                 short_name(b, a), count > 2 ? " ..." : "");
    const char *folder = short_name(a, b);
    r->tiles = r->tiles || clv_archive_is_tile_folder(folder, (int)strcspn(folder, "/"));
}

/* Before the first piece becomes the whole, with the numbers of all. */
static void note_converted(report *r, const clv_day_date *day, clv_dataset *const *pieces, int count)
{
    const int reference = clv_day_reference(pieces, count);
    const clv_dataset *to = pieces[reference], *other = NULL;
    for (int i = 0; i < count && !other; i++)
        if (clv_day_numbers_differ(&pieces[i]->acquisition[0], &to->acquisition[0]))
            other = pieces[i];
    if (!other || r->converted++ > 0)
        return;
    char date[32], numbers[80];
    clv_date_format(&day->acquisition->facts.date, date);
    date[10] = 0;
    clv_day_numbers_text(&other->acquisition[0], &to->acquisition[0], numbers, sizeof numbers);
    snprintf(r->first_converted, sizeof r->first_converted,
             "%.90s and %.90s are parts of %s with %s: the first is brought to the numbers of the second",
             short_name(other->source, to->source), short_name(to->source, other->source), date, numbers);
}

static void note_left_out(report *r, const char *dropped, const char *kept)
{
    if (r->left_out++ > 0)
        return;
    if (strcmp(dropped, kept) == 0)
        snprintf(r->first_left_out, sizeof r->first_left_out, "%.260s is given twice; one of the two is used", dropped);
    else
        snprintf(r->first_left_out, sizeof r->first_left_out,
                 "%.120s shows the same pixels as %.120s; the one that was processed last is used", dropped, kept);
}

static void say(clv_context *ctx, const report *r)
{
    if (r->joined > 0)
        clv_note(ctx, "%d date%s made of several inputs of one day, joined (%s)%s", r->joined,
                 r->joined == 1 ? " is" : "s are", r->first_joined,
                 r->tiles ? "; to keep FORCE's tiles apart give one tile's folder at a time" : "");
    if (r->converted > 0)
        clv_note(ctx, "%s%s", r->first_converted, r->converted > 1 ? "; so are those of other days" : "");
    if (r->left_out > 0)
        clv_warn(ctx, "%s%s", r->first_left_out, r->left_out > 1 ? ", here and on other days" : "");
}

/* The dates days[members[..]] of one day: joined, thinned, or left with a reason. */
static clv_status settle(clv_context *ctx, clv_day_date *days, const int *members, int count,
                         const clv_open_options *how, report *r)
{
    day_kind kind;
    clv_dataset **pieces = clv_alloc_array(1, (size_t)count, sizeof(clv_dataset *));
    if (!pieces)
        return clv_fail_memory(ctx);
    for (int i = 0; i < count; i++)
        pieces[i] = days[members[i]].dataset;
    char why[sizeof days->why];
    int first = processed_last(pieces, count);
    clv_status status = look(ctx, pieces, count, how, &kind, why, sizeof why);
    if (status == CLV_OK && kind == DAY_JOIN) {
        note_converted(r, &days[members[0]], pieces, count);
        status = clv_day_make(ctx, pieces, count, how, first);
        note_joined(r, days, members, count);
    }
    for (int i = 0; i < count && status == CLV_OK; i++) {
        clv_day_date *date = &days[members[i]];
        memcpy(date->why, why, sizeof date->why);
        date->first = members[first];
        date->into = kind == DAY_JOIN ? members[0] : kind == DAY_AGAIN ? members[first] : members[i];
        date->again = kind == DAY_AGAIN && i != first;
        if (date->again)
            note_left_out(r, pieces[i]->source, pieces[first]->source);
    }
    free(pieces);
    return status;
}

clv_status clv_same_day_join(clv_context *ctx, clv_day_date *days, int count, const clv_open_options *how)
{
    report r = {0};
    int *members = clv_alloc_array(1, (size_t)count, sizeof *members);
    bool *settled = clv_alloc_array(1, (size_t)count, sizeof *settled);
    clv_status status = members && settled ? CLV_OK : clv_fail_memory(ctx);
    for (int d = 0; d < count; d++)
        days[d].into = d;
    for (int d = 0; d < count && status == CLV_OK; d++) {
        int n = 0;
        for (int e = d; e < count && !settled[d]; e++)
            if (!settled[e] && (e == d || is_possible(&days[d], &days[e])))
                members[n++] = e;
        for (int i = 0; i < n; i++)
            settled[members[i]] = true;
        if (n > 1)
            status = settle(ctx, days, members, n, how, &r);
    }
    if (status == CLV_OK)
        say(ctx, &r);
    free(members);
    free(settled);
    return status;
}
