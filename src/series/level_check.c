/* SPDX-License-Identifier: MIT */
#include "series/level_check.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/number.h"
#include "base/parallel.h"
#include "raster/paths.h"
#include "series/level_doubts.h"
#include "series/nodata.h"
#include "series/order_check.h"
#include "series/series_private.h"
#include "series/turn_check.h"

enum {
    SIDE = 56,          /* pixels of a window */
    PLACES = 5,         /* windows; where dates show nothing in them, up to MOST_PLACES */
    PACKED_PLACES = 3,  /* of JPEG 2000, which is slow to read */
    MOST_PLACES = 13,   /* a quarter of the first windows is enough for a date */
    BANDS = 6,          /* that are compared */
    FEWEST_PIXELS = 500 /* with data, of every date */
};
#define SMALL_AREA 2000 /* metres */
#define SHADOW 0.35     /* of the light, and less */
#define HALF_SHADOW 0.6 /* ... and more: what thin cloud leaves of it */
#define VEIL 1.7        /* times the level: more is no veil through which the ground is seen */
#define STEP CLV_LEVEL_OFFSET_STEP
/* In sampler.state, beside CLV_LEVEL_MISSING: of an 8-bit date, which is only looked at by check_bytes(). */
#define KEPT_APART 128
#define BYTES_APART                                                                                                    \
    1.7 /* factor between a reflectance in 8 bits and that of the other dates, rounding and seasons in it */
#define DARKEST 0.02F
#define BRIGHTEST 0.35F /* of what is no cloud */
#define NEAR_KNOWN 0.18 /* natural logarithm; a season changes the ground by as much */
#define MOST_CONSTANT 0.35
#define BUDGET 6000000 /* values kept, of all dates together */

typedef struct sampler {
    clv_context *ctx;
    clv_series *series;
    int channel[BANDS], bands; /* channels compared */
    int room, pixels;          /* pixels kept of each date; used so far */
    float *x;                  /* [dates, bands, room] */
    uint8_t *state;            /* [dates, room] clv_level_scene.state */
    clv_rect window;           /* the one in work, on the whole working grid */
    int stride;                /* kept is each such pixel */
    clv_orientation_window windows[MOST_PLACES];
    int window_count;
    float **read;      /* [workers] of [channels, SIDE * SIDE] */
    uint8_t **missing; /* [workers] of [2, SIDE * SIDE] */
} sampler;

/* ---- Sample -------------------------------------------------------------------------------------- */

/* Bands beyond red, green, blue and NIR that are surely reflectance of land. */
static bool is_known_reflectance(const char *name)
{
    static const char *const words[] = {"b05",   "b8a",   "b11",    "b12",    "swir",
                                        "swir1", "swir2", "swir16", "swir22", "nir08"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (clv_name_has_word(name, words[i]))
            return true;
    return false;
}

static void choose_bands(sampler *s)
{
    const clv_series *series = s->series;
    for (int c = 0; c < series->channels && s->bands < BANDS; c++)
        if (c < 3 || (c == 3 && series->has_nir) || is_known_reflectance(series->acquisitions[0].bands[c].name))
            s->channel[s->bands++] = c;
}

static bool is_left_out(const clv_acquisition *a)
{
    return a->bands[0].type == CLV_TYPE_BYTE || a->bands[0].type == CLV_TYPE_INT8;
}

/* What cannot be read is not compared; whoever needs these pixels hears of it. */
static clv_status read_date(void *arg, int t, int worker)
{
    sampler *s = arg;
    const size_t n = (size_t)s->window.width * (size_t)s->window.height, dates_room = (size_t)s->room;
    float *read = s->read[worker];
    uint8_t *missing = s->missing[worker], *masked = missing + n, *state = s->state + (size_t)t * dates_room;
    const clv_acquisition *a = &s->series->acquisitions[t];
    bool known = clv_series_read_whole(NULL, s->series, t, s->window, read, missing) == CLV_OK;
    memset(masked, 0, n);
    if (known && a->facts.mask_how[0] && clv_series_read_mask_whole(NULL, s->series, t, s->window, masked) != CLV_OK)
        memset(masked, 0, n);
    int at = s->pixels;
    for (size_t i = 0; i < n && at < s->room; i += (size_t)s->stride, at++) {
        state[at] = (uint8_t)(!known || missing[i] ? CLV_LEVEL_MISSING : masked[i] ? CLV_LEVEL_MASKED : 0);
        if (state[at] == 0 && is_left_out(a))
            state[at] = CLV_LEVEL_MISSING | KEPT_APART;
        for (int b = 0; b < s->bands; b++)
            s->x[((size_t)t * (size_t)s->bands + (size_t)b) * dates_room + (size_t)at] =
                known ? read[(size_t)s->channel[b] * n + i] : 0;
    }
    return CLV_OK;
}

static clv_status sample_window(sampler *s, clv_rect window)
{
    const int n = window.width * window.height, kept = (n + s->stride - 1) / s->stride;
    s->window = window;
    clv_status status = clv_parallel_for(s->ctx, s->series->dates, 0, read_date, s);
    s->windows[s->window_count++] =
        (clv_orientation_window){.x = window.x,
                                 .y = window.y,
                                 .width = window.width,
                                 .height = window.height,
                                 .first = s->pixels,
                                 .count = kept < s->room - s->pixels ? kept : s->room - s->pixels};
    s->pixels = s->pixels + kept < s->room ? s->pixels + kept : s->room;
    return status;
}

static bool every_date_seen(const sampler *s)
{
    for (int t = 0; t < s->series->dates; t++) {
        int seen = 0;
        for (int i = 0; i < s->pixels; i++)
            seen += !(s->state[(size_t)t * (size_t)s->room + (size_t)i] & CLV_LEVEL_MISSING);
        if (seen < FEWEST_PIXELS && seen < s->pixels / 4 && !is_left_out(&s->series->acquisitions[t]))
            return false;
    }
    return true;
}

static bool is_remote(const clv_series *series)
{
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        if (clv_path_is_remote(a->source) || clv_path_is_remote(a->facts.vrt))
            return true;
    }
    return false;
}

/* Where the windows may lie: everywhere, so that a crop decides as the whole does; of what comes through a network only
 * what is asked for, which is the same for all parts of a run. */
static clv_rect sampled_area(const clv_series *series)
{
    const struct clv_series_private *p = series->private_data;
    if (is_remote(series))
        return p->asked;
    return (clv_rect){0, 0, p->whole.width, p->whole.height};
}

static clv_status sample_places(sampler *s, clv_rect area, bool packed)
{
    static const double places[MOST_PLACES][2] = {{.5, .5},   {.2, .2},   {.8, .8},  {.8, .2}, {.2, .8},
                                                  {.5, .2},   {.5, .8},   {.2, .5},  {.8, .5}, {.05, .05},
                                                  {.95, .95}, {.95, .05}, {.05, .95}};
    const int width = area.width < SIDE ? area.width : SIDE, height = area.height < SIDE ? area.height : SIDE;
    const int first = packed ? PACKED_PLACES : PLACES;
    clv_status status = CLV_OK;
    for (int i = 0; i < MOST_PLACES && status == CLV_OK; i++) {
        if ((i >= first && every_date_seen(s)) || (i > 0 && width == area.width && height == area.height))
            break;
        status = sample_window(s, (clv_rect){area.x + (int)(places[i][0] * (area.width - width)),
                                             area.y + (int)(places[i][1] * (area.height - height)), width, height});
    }
    return status;
}

static bool new_buffers(sampler *s, int workers)
{
    s->read = clv_alloc_array((size_t)workers, 1, sizeof *s->read);
    s->missing = clv_alloc_array((size_t)workers, 1, sizeof *s->missing);
    bool ok = s->read && s->missing;
    for (int i = 0; i < workers && ok; i++) {
        s->read[i] = clv_alloc_array((size_t)s->series->channels, SIDE * SIDE, sizeof **s->read);
        s->missing[i] = clv_alloc_array(2, SIDE * SIDE, 1);
        ok = s->read[i] && s->missing[i];
    }
    return ok;
}

static clv_status take_sample(sampler *s, int workers)
{
    const size_t dates = (size_t)s->series->dates;
    bool packed = false;
    for (size_t t = 0; t < dates; t++)
        packed = packed || s->series->acquisitions[t].facts.packed;
    const int most = MOST_PLACES * SIDE * SIDE, afford = (int)(BUDGET / (dates * (size_t)s->bands));
    s->stride = 1 + PLACES * SIDE * SIDE / (afford > 1 ? afford : 1);
    if (PLACES * SIDE * SIDE <= afford)
        s->stride = 1;
    s->room = most / s->stride + MOST_PLACES;
    s->x = clv_alloc_array(dates * (size_t)s->bands, (size_t)s->room, sizeof *s->x);
    s->state = clv_alloc_array(dates, (size_t)s->room, 1);
    if (!s->x || !s->state || !new_buffers(s, workers))
        return clv_fail_memory(s->ctx);
    memset(s->state, CLV_LEVEL_MISSING, dates * (size_t)s->room);
    return sample_places(s, sampled_area(s->series), packed);
}

static void free_sample(sampler *s, int workers)
{
    for (int i = 0; i < workers; i++) {
        if (s->read)
            free(s->read[i]);
        if (s->missing)
            free(s->missing[i]);
    }
    free(s->read);
    free(s->missing);
    free(s->x);
    free(s->state);
}

/* ---- What is said -------------------------------------------------------------------------------- */

static void number_text(double value, int decimals, char text[CLV_NUMBER_SIZE])
{
    double unit = pow(10, decimals);
    value = floor(value * unit + 0.5) / unit;
    clv_number_format(value == 0 ? 0 : value, text); /* no "-0" */
}

static void date_text(const clv_acquisition *a, char text[160])
{
    char day[32];
    clv_date_format(&a->facts.date, day);
    day[10] = 0;
    if (a->facts.date.year > 0)
        snprintf(text, 160, "%s (%.120s)", day, clv_name_base(a->source));
    else
        snprintf(text, 160, "%.150s", clv_name_base(a->source));
}

enum { MOST_NAMED = 8, NAMES_SIZE = 480 };

static void short_text(const clv_acquisition *a, char text[64])
{
    char day[32];
    clv_date_format(&a->facts.date, day);
    snprintf(text, 64, "%.60s", a->facts.date.year > 0 ? day : clv_name_base(a->source));
    if (a->facts.date.year > 0)
        text[10] = 0;
}

/* The dates for which chosen is set: the first with its file, a few more by their day, the rest by their number. */
static int name_dates(const clv_series *series, const uint8_t *chosen, int first, char text[NAMES_SIZE])
{
    int n = 0, named = 1, count = 0;
    for (int t = 0; t < series->dates; t++)
        count += chosen[t];
    if (count == 0)
        return 0;
    char who[160], more[64];
    date_text(&series->acquisitions[first], who);
    n = snprintf(text, NAMES_SIZE, "%s", who);
    const int listed = count <= MOST_NAMED ? count : MOST_NAMED;
    for (int t = 0; t < series->dates && named < listed; t++) {
        if (!chosen[t] || t == first)
            continue;
        short_text(&series->acquisitions[t], more);
        const bool last = ++named == count;
        n += snprintf(text + n, NAMES_SIZE - (size_t)n, "%s%.36s", last ? " and " : ", ", more);
    }
    if (count > named)
        snprintf(text + n, NAMES_SIZE - (size_t)n, " and %d more date%s", count - named, count - named == 1 ? "" : "s");
    return count;
}

/* Dates that may need the same, who knows. */
static void name_unknown(const clv_series *series, uint8_t *chosen, char text[NAMES_SIZE + 80])
{
    char names[NAMES_SIZE];
    int first = -1;
    for (int t = 0; t < series->dates; t++) {
        chosen[t] = series->acquisitions[t].level.state == CLV_LEVEL_UNKNOWN &&
                    !is_left_out(&series->acquisitions[t]) && !series->acquisitions[t].facts.scale_by_user;
        first = chosen[t] && first < 0 ? t : first;
    }
    text[0] = 0;
    const int n = name_dates(series, chosen, first, names);
    if (n > 0)
        snprintf(text, NAMES_SIZE + 80, "; %s %s too little clear ground and could not be compared", names,
                 n == 1 ? "shows" : "show");
}

/* Three digits are enough for what is estimated. */
static void estimate_text(double value, char text[CLV_NUMBER_SIZE])
{
    const double unit = value != 0 && isfinite(value) ? pow(10, 2 - floor(log10(fabs(value)))) : 1;
    clv_number_format(floor(value * unit + 0.5) / unit, text);
}

/* The scale that mends a factor: of the powers of ten and the full range of 16 bits, one that is near, as these are
 * what files are stored with; else what was measured. */
static double fitting_scale(double scale, double factor)
{
    static const double known[] = {1e-4, 1e-3, 1e-2, 1e-5, 1, 1.0 / 65535, 1.0 / 255};
    const double fit = scale / factor;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fabs(log(fit / known[i])) <= NEAR_KNOWN)
            return known[i];
    return fit;
}

/* Whether one warning can speak of both: the same thing to do, by the same amount. */
static bool is_alike(const clv_level *a, const clv_level *b)
{
    if (a->state != b->state)
        return false;
    switch (a->state) {
    case CLV_LEVEL_OFFSET:
        return (a->steps > 0) == (b->steps > 0);
    case CLV_LEVEL_DOUBTFUL:
        return (a->steps > 0) == (b->steps > 0) && a->sure == b->sure;
    case CLV_LEVEL_CONSTANT:
        return fabs(a->difference - b->difference) <= 0.02 && a->sure == b->sure;
    case CLV_LEVEL_FACTOR:
        return fabs(log(a->factor / b->factor)) <= 0.2 && a->sure == b->sure;
    default:
        return false;
    }
}

/* Whether the date is judged at the level of the others. More than a few tenths is added by snow alone. */
static bool is_taken(const clv_level *l)
{
    return l->state >= CLV_LEVEL_OFFSET && l->sure &&
           !(l->state == CLV_LEVEL_CONSTANT && fabs(l->difference) > MOST_CONSTANT);
}

/* A cloud's shadow or a veil can lie over all of a small area. */
static bool is_small(const clv_series *series)
{
    const clv_grid *grid = &series->grid;
    return grid->pixel_m > 0 && fmin(grid->width, grid->height) * grid->pixel_m < SMALL_AREA;
}

/* Whether a shadow or a veil could have done it: no number that files are stored with explains the factor. */
static bool could_be_weather(const clv_acquisition *a)
{
    const double scale = a->bands[0].scale;
    const bool dark = a->level.factor < SHADOW || (a->level.factor > HALF_SHADOW && a->level.factor < 1);
    const bool bright = a->level.factor > 1 && a->level.factor < VEIL;
    return a->level.state == CLV_LEVEL_FACTOR && (dark || bright) && !a->facts.scale_open &&
           fitting_scale(scale, a->level.factor) == scale / a->level.factor;
}

/* found: what was found for the dates before the pixels decided, "" where nothing. */
static void warn_of(clv_context *ctx, const clv_series *series, uint8_t *chosen, int first, const char *found)
{
    const clv_acquisition *a = &series->acquisitions[first];
    const clv_band *red = &a->bands[0];
    const clv_level *l = &a->level;
    char who[NAMES_SIZE], away[CLV_NUMBER_SIZE], fit[CLV_NUMBER_SIZE], was[200] = "", unknown[NAMES_SIZE + 80] = "";
    const int count = name_dates(series, chosen, first, who);
    const bool above = l->state == CLV_LEVEL_CONSTANT ? l->difference > 0 : l->steps > 0;
    const char *verb = count > 1 ? "lie" : "lies", *side = above ? "above" : "below";
    const char *others = l->compared == 1
                             ? "that of the one date that it could be compared with (one of the two is wrong)"
                             : "the level of the other dates";
    if (l->state == CLV_LEVEL_OFFSET)
        name_unknown(series, chosen, unknown);
    number_text(fabs(l->difference), 3, away);
    if (*found)
        snprintf(was, sizeof was, ", against what was found (%.150s)", found);
    const bool taken = is_taken(l);
    const char *done = taken ? "clouds and gaps are judged at the level of the others, observed pixels stay as they are"
                             : "nothing is changed",
               *value = taken ? "is taken here" : "would fit here";
    if (l->state == CLV_LEVEL_FACTOR && !taken && could_be_weather(a) && is_small(series))
        done = l->factor < 1 ? "nothing is changed, since a cloud's shadow may lie over all of so small an area"
                             : "nothing is changed, since a veil may lie over all of so small an area";
    number_text(red->offset - (taken ? 0 : l->state == CLV_LEVEL_CONSTANT ? l->difference : l->steps * STEP), 3, fit);
    switch (l->state) {
    case CLV_LEVEL_OFFSET:
        clv_warn(ctx,
                 "%s %s %s %s the level of the other dates, alike in every band: the -1000 offset of processing "
                 "baseline 04.00 %s%s; %s%s. -in_offset, one value for each date, decides otherwise",
                 who, verb, away, side, above ? "is left in" : "is applied already", was,
                 above ? "clouds and gaps are judged without it, the pixels keep it" : "it is not subtracted again",
                 unknown);
        return;
    case CLV_LEVEL_DOUBTFUL:
        clv_warn(
            ctx,
            "%s %s %s %s the level of the other dates, alike in every band: the -1000 offset of processing "
            "baseline 04.00 may be left in or subtracted twice in one of them; %s. -in_offset, one value for each date "
            "(%s %s), decides otherwise",
            who, verb, away, side, done, fit, value);
        return;
    case CLV_LEVEL_CONSTANT:
        clv_warn(ctx,
                 "%s %s %s %s %s, alike in every band, which is no offset that is known; %s. -in_offset, one value for "
                 "each date (%s %s), decides otherwise",
                 who, verb, away, side, others, done, fit, value);
        return;
    default:
        estimate_text(l->factor, away);
        estimate_text(taken ? red->scale : fitting_scale(red->scale, l->factor), fit);
        clv_warn(ctx,
                 "%s: reflectances are %s times those of %s, alike in every band; %s. -in_scale, one value for each "
                 "date (about %s %s), decides otherwise",
                 who, away,
                 l->compared == 1 ? "the one date that could be compared (one of the two is wrong)" : "the other dates",
                 done, fit, value);
    }
}

/* One warning for the dates that are away alike. */
static clv_status warn_all(clv_context *ctx, const clv_series *series, const char *above, const char *below)
{
    static const clv_level_state order[] = {CLV_LEVEL_OFFSET, CLV_LEVEL_DOUBTFUL, CLV_LEVEL_CONSTANT, CLV_LEVEL_FACTOR};
    const size_t dates = (size_t)series->dates;
    uint8_t *said = clv_alloc_array(2, dates, 1), *chosen = said ? said + dates : NULL;
    if (!said)
        return clv_fail_memory(ctx);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t t = 0; t < dates; t++) {
            const clv_level *l = &series->acquisitions[t].level;
            if (said[t] || l->state != order[i])
                continue;
            size_t first = t;
            for (size_t u = 0; u < dates; u++) {
                const clv_level *other = &series->acquisitions[u].level;
                chosen[u] = !said[u] && is_alike(l, other);
                said[u] |= chosen[u];
                if (chosen[u] && isnan(series->acquisitions[first].level.difference) && !isnan(other->difference))
                    first = u;
            }
            warn_of(ctx, series, chosen, (int)first, l->state != CLV_LEVEL_OFFSET ? "" : l->steps > 0 ? above : below);
        }
    free(said);
    return CLV_OK;
}

/* ---- What is done -------------------------------------------------------------------------------- */

static void describe_level(clv_acquisition *a)
{
    const clv_level *l = &a->level;
    char away[CLV_NUMBER_SIZE], more[CLV_NUMBER_SIZE];
    number_text(l->difference, 3, away);
    const char *plus = l->difference > 0 ? "+" : "";
    const bool taken = is_taken(l);
    switch (l->state) {
    case CLV_LEVEL_FITS:
        snprintf(a->level_how, sizeof a->level_how, "that of the other dates");
        break;
    case CLV_LEVEL_OFFSET:
        number_text(a->level_taken, 3, more);
        if (l->compared == 0)
            snprintf(a->level_how, sizeof a->level_how, "that of its neighbours in time; offset %s taken", more);
        else
            snprintf(a->level_how, sizeof a->level_how, "%s%s to the other dates; offset %s taken", plus, away, more);
        break;
    case CLV_LEVEL_DOUBTFUL:
    case CLV_LEVEL_CONSTANT:
        number_text(a->level_taken, 3, more);
        snprintf(a->level_how, sizeof a->level_how, "%s%s to the other dates; %s%s", plus, away,
                 taken ? "judged with offset " : "nothing changed", taken ? more : "");
        break;
    case CLV_LEVEL_FACTOR:
        estimate_text(l->factor, away);
        estimate_text(a->bands[0].scale, more);
        snprintf(a->level_how, sizeof a->level_how, "%s times the other dates; %s%s", away,
                 taken ? "judged with scale " : "nothing changed", taken ? more : "");
        break;
    default:
        if (a->facts.scale_by_user)
            return;
        snprintf(a->level_how, sizeof a->level_how, is_left_out(a) ? "not compared: 8 bit" : CLV_LEVEL_NOT_COMPARED);
    }
}

/* The date's files are opened again with what follows from another offset: whether 0 is a dark place. */
static void settle_nodata(const clv_series *series, clv_acquisition *a)
{
    struct clv_series_private *p = series->private_data;
    clv_date_files *f = &p->files[a - series->acquisitions];
    if (f->memory)
        return;
    clv_nodata_settle(&a->facts, a->bands, series->channels);
    p->total -= f->open;
    clv_series_close_files(f);
}

static void say_scale(clv_acquisition *a, const char *level)
{
    const clv_band *red = &a->bands[0];
    const double dn = floor(red->offset / red->scale + 0.5);
    char scale[CLV_NUMBER_SIZE];
    number_text(1 / red->scale, 4, scale);
    if (fabs(red->scale * 10000 - 1) < 1e-6)
        snprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/10000, offset %.0f DN (the pixels: %s)",
                 dn == 0 ? 0.0 : dn, level);
    else
        snprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/%.20s, offset %.3g (the pixels: %s)", scale,
                 red->offset, level);
}

static void shift_offset(const clv_series *series, clv_acquisition *a, double change)
{
    for (int c = 0; c < series->channels; c++) {
        a->bands[c].offset += change;
        if (fabs(a->bands[c].offset) < 1e-9)
            a->bands[c].offset = 0;
    }
    a->level_taken = change;
}

/* Takes what the pixels say. found: what had been found for the first date of its kind, "" where only the type told. */
static void take_offset(const clv_series *series, clv_acquisition *a, char found[160])
{
    char level[64] = "its neighbours in time", away[CLV_NUMBER_SIZE];
    if (!found[0] && a->facts.scale_told)
        memcpy(found, a->facts.scale_how, sizeof a->facts.scale_how);
    shift_offset(series, a, -a->level.steps * STEP);
    settle_nodata(series, a);
    if (a->level.compared > 0) {
        number_text(fabs(a->level.difference), 3, away);
        snprintf(level, sizeof level, "%s %s %d other date%s", away, a->level.steps > 0 ? "above" : "below",
                 a->level.compared, a->level.compared == 1 ? "" : "s");
    }
    say_scale(a, level);
}

/* A date that is away for a reason that is not known, or not surely, is still compared with the others on their level:
 * a clear date must not become cloud for it, and what is filled lies on the date's own level. What marks missing pixels
 * stays what the files say. */
static void take_level(const clv_series *series, clv_acquisition *a)
{
    const clv_level *l = &a->level;
    char text[64], away[CLV_NUMBER_SIZE];
    if (l->state == CLV_LEVEL_FACTOR) {
        for (int c = 0; c < series->channels; c++) {
            a->bands[c].scale = fitting_scale(a->bands[c].scale, l->factor);
            a->bands[c].offset /= l->factor;
        }
        estimate_text(l->factor, away);
        snprintf(text, sizeof text, "%s times %d other date%s", away, l->compared, l->compared == 1 ? "" : "s");
    } else {
        shift_offset(series, a, l->state == CLV_LEVEL_DOUBTFUL ? -l->steps * STEP : -l->difference);
        number_text(fabs(l->difference), 3, away);
        snprintf(text, sizeof text, "%s %s %d other date%s", away, l->difference > 0 ? "above" : "below", l->compared,
                 l->compared == 1 ? "" : "s");
    }
    say_scale(a, text);
}

/* One band alone that is away is judged at the level of the others too. */
static void take_band(clv_context *ctx, clv_acquisition *a)
{
    const clv_level *l = &a->level;
    clv_band *band = &a->bands[l->band - 1];
    char who[160], away[CLV_NUMBER_SIZE], text[120];
    band->scale = l->band_factor == 1 ? band->scale : fitting_scale(band->scale, l->band_factor);
    band->offset = band->offset / l->band_factor - l->band_difference;
    if (l->band_factor == 1) {
        number_text(fabs(l->band_difference), 3, away);
        snprintf(text, sizeof text, "lies %s %s the same band of the other dates", away,
                 l->band_difference > 0 ? "above" : "below");
    } else {
        estimate_text(l->band_factor, away);
        snprintf(text, sizeof text, "is %s times the same band of the other dates", away);
    }
    date_text(a, who);
    clv_warn(ctx,
             "%s: %.60s alone %s; clouds and gaps are judged at the level of the others, observed pixels stay as they "
             "are. -in_scale or -in_offset for this date decides otherwise",
             who, band->name, text);
    snprintf(a->level_how, sizeof a->level_how, "%.40s alone %.100s", band->name, text);
}

/* Planes without the room that was not needed. */
static void close_up(sampler *s)
{
    const size_t planes = (size_t)s->series->dates * (size_t)s->bands, room = (size_t)s->room, n = (size_t)s->pixels;
    for (size_t i = 1; i < planes; i++)
        memmove(s->x + i * n, s->x + i * room, n * sizeof *s->x);
    for (size_t t = 1; t < (size_t)s->series->dates; t++)
        memmove(s->state + t * n, s->state + t * room, n);
}

static clv_status judge(sampler *s)
{
    clv_series *series = s->series;
    const size_t dates = (size_t)series->dates;
    double *offset = clv_alloc_array(dates, 1, sizeof *offset);
    uint8_t *trust = clv_alloc_array(dates, 1, 1);
    clv_level *found = clv_alloc_array(dates, 1, sizeof *found);
    char above[160] = "", below[160] = "";
    const bool small = is_small(series);
    clv_status status = offset && trust && found ? CLV_OK : clv_fail_memory(s->ctx);
    for (size_t t = 0; t < dates && status == CLV_OK; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        offset[t] = a->bands[0].offset;
        trust[t] = a->facts.scale_by_user ? CLV_LEVEL_TRUST_USER
                   : a->facts.scale_sure  ? CLV_LEVEL_TRUST_PRODUCT
                                          : CLV_LEVEL_TRUST_NONE;
    }
    const clv_level_scene scene = {.dates = series->dates,
                                   .bands = s->bands,
                                   .pixels = s->pixels,
                                   .x = s->x,
                                   .state = s->state,
                                   .offset = offset,
                                   .trust = trust};
    if (status == CLV_OK && !clv_levels_find(&scene, found))
        status = clv_fail_memory(s->ctx);
    for (size_t t = 0; t < dates && status == CLV_OK; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        a->level = found[t];
        a->level.sure = found[t].sure && !(small && could_be_weather(a));
        if (a->level.state == CLV_LEVEL_OFFSET)
            take_offset(series, a, a->level.steps > 0 ? above : below);
        else if (is_taken(&a->level))
            take_level(series, a);
        describe_level(a);
        if (a->level.band > 0)
            take_band(s->ctx, a);
    }
    if (status == CLV_OK)
        status = warn_all(s->ctx, series, above, below);
    free(offset);
    free(trust);
    free(found);
    return status;
}

/* Whether date t, in 8 bits, is as bright as the dates of more bits where these are no cloud. */
static bool bytes_fit(const sampler *s, int t)
{
    const size_t n = (size_t)s->pixels;
    long compared = 0, apart = 0;
    for (size_t i = 0; i < n; i++)
        for (int u = 0; u < s->series->dates && s->state[(size_t)t * n + i] == (CLV_LEVEL_MISSING | KEPT_APART); u++) {
            bool usable = s->state[(size_t)u * n + i] == 0, away = false;
            for (int b = 0; b < 3 && usable; b++) {
                const float own = s->x[((size_t)t * (size_t)s->bands + (size_t)b) * n + i],
                            other = s->x[((size_t)u * (size_t)s->bands + (size_t)b) * n + i];
                usable = other < BRIGHTEST;
                away = away || (fmaxf(own, other) > DARKEST && (own > BYTES_APART * fmaxf(other, DARKEST) ||
                                                                other > BYTES_APART * fmaxf(own, DARKEST)));
            }
            compared += usable;
            apart += usable && away;
        }
    return compared < FEWEST_PIXELS || apart * 2 < compared;
}

static void check_bytes(const sampler *s)
{
    int apart = 0, first = -1;
    char more[48] = "";
    for (int t = 0; t < s->series->dates; t++) {
        const clv_acquisition *a = &s->series->acquisitions[t];
        if (is_left_out(a) && !a->facts.scale_by_user && !bytes_fit(s, t))
            first = apart++ == 0 ? t : first;
    }
    if (apart > 1)
        snprintf(more, sizeof more, " and %d more date%s", apart - 1, apart > 2 ? "s" : "");
    if (apart > 0)
        clv_warn(
            s->ctx,
            "%s%s: 8-bit values, taken as reflectance * 255, do not fit the dates of more bits: a picture stretched "
            "for the eye holds no reflectance and spoils the others. Leave it out, or give -in_scale and "
            "-in_offset, one value for each date",
            s->series->acquisitions[first].source, more);
}

/* What the user said wrong, or another program has done to single dates. */
static clv_status doubt(const sampler *s, const clv_order_sample *sample)
{
    clv_series_doubt_copies(s->ctx, s->series, sample);
    clv_status status = clv_series_doubt_scales(s->ctx, s->series, sample);
    return status == CLV_OK ? clv_series_doubt_clipped(s->ctx, s->series, sample) : status;
}

/* Dates whose values are beyond what is known were read with the usual scale so that they could be compared: an error
 * where that has not told their own. */
static clv_status check_open_scales(clv_context *ctx, clv_series *series)
{
    int open = 0, first = -1;
    char scale[CLV_NUMBER_SIZE];
    for (int t = 0; t < series->dates; t++)
        open += series->acquisitions[t].facts.scale_open != NULL;
    for (int t = 0; t < series->dates; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        const bool fits = a->level.state == CLV_LEVEL_FITS && 2 * open < series->dates;
        if (a->facts.scale_open && !fits && !(a->level.state == CLV_LEVEL_FACTOR && is_taken(&a->level)))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %s", a->source, a->facts.scale_open);
        if (!a->facts.scale_open || !fits)
            continue;
        first = first < 0 ? t : first;
        clv_number_format(a->bands[0].scale, scale);
        snprintf(a->facts.scale_how, sizeof a->facts.scale_how, "%s, which fits the other dates", scale);
    }
    if (first >= 0) {
        const clv_acquisition *a = &series->acquisitions[first];
        clv_number_format(a->bands[0].scale, scale);
        clv_warn(ctx,
                 "%s: nothing tells the scale, and %s fits the other dates: it is taken. -in_scale decides otherwise",
                 clv_name_base(a->source), scale);
    }
    return CLV_OK;
}

static clv_status check_sample(sampler *s, int comparable, int open)
{
    clv_series *series = s->series;
    const clv_order_sample sample = {s->bands, s->pixels, s->x, s->state};
    const clv_grid *whole = &series->private_data->whole;
    clv_orientation_scene scene = {.width = whole->width,
                                   .height = whole->height,
                                   .stride = s->stride,
                                   .windows = s->window_count,
                                   .window = s->windows};
    clv_status status = clv_series_check_turns(s->ctx, series, &sample, &scene);
    if (status == CLV_OK)
        status = clv_series_check_order(s->ctx, series, &sample);
    if (status == CLV_OK)
        status = doubt(s, &sample);
    if (status == CLV_OK && series->dates > 1 && comparable < series->dates)
        check_bytes(s);
    if (status == CLV_OK && comparable > 1 && open > 0)
        status = judge(s);
    return status;
}

clv_status clv_series_check_levels(clv_context *ctx, clv_series *series)
{
    sampler s = {.ctx = ctx, .series = series};
    const int workers = clv_threads(ctx);
    int comparable = 0, open = 0, by_user = 0;
    for (int t = 0; t < series->dates; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        a->level = (clv_level){.difference = NAN};
        comparable += !is_left_out(a);
        open += !is_left_out(a) && !a->facts.scale_by_user;
        by_user += a->facts.scale_by_user;
    }
    if (comparable == 0 || (series->dates < 2 && by_user == 0))
        return check_open_scales(ctx, series);
    choose_bands(&s);
    clv_status status = take_sample(&s, workers);
    if (status == CLV_OK) {
        close_up(&s);
        status = check_sample(&s, comparable, open);
    }
    if (status == CLV_OK)
        status = check_open_scales(ctx, series);
    free_sample(&s, workers);
    return status;
}
