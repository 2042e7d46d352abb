/* SPDX-License-Identifier: MIT */
#include "series/same_day_seam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/level.h"
#include "raster/gdal_errors.h"

enum {
    LINES = 6,          /* lines and columns along which the seam is looked for */
    SIDE = 48,          /* pixels of a window */
    APART = 4,          /* pixels between the two of a pair, at most */
    BANDS = 4,          /* that are compared */
    FEWEST_PAIRS = 60,  /* else nothing is said */
    MOST_PAIRS = 20000, /* kept */
    MOST_HALVINGS = 12
};
#define STEP CLV_LEVEL_OFFSET_STEP
#define NEAR_STEP 0.012 /* of the median of each band; ground does not step in all bands alike */
#define ALIKE 0.006     /* between bands: haze adds less to what is bright */
#define LOW 0.09        /* no ground is much darker where an offset of 0.1 was left in ... */
#define MOST_LOW 0.01   /* ... share of the pixels of the higher piece, wherever it was looked at */
#define BRIGHT 0.35     /* cloud or snow ... */
#define MOST_BRIGHT 0.5 /* ... share of the lower piece */

typedef enum side { SIDE_NONE, SIDE_A, SIDE_B, SIDE_SEAM } side;

typedef struct seam {
    clv_context *ctx;
    clv_dataset *const *pair;
    const clv_rect *places;
    clv_rect common;
    int width, height, bands; /* of a window */
    double *values;           /* [2, BANDS, SIDE * SIDE] reflectance; NaN: missing */
    double *differences;      /* [BANDS, MOST_PAIRS] second less first */
    int pairs;
    long seen[2], low[2], bright[2]; /* pixels of each piece, in the first band; below LOW, above BRIGHT */
} seam;

static bool is_missing(const clv_band *band, double v)
{
    bool missing = !isfinite(v) || (band->has_nodata && v == band->nodata);
    for (int k = 0; k < band->other_count; k++)
        missing = missing || v == band->other_nodata[k];
    return missing;
}

static clv_status read_band(seam *s, int p, int c, clv_rect window)
{
    const clv_dataset *piece = s->pair[p];
    const clv_band *band = &piece->acquisition[0].bands[c];
    double *values = s->values + ((size_t)p * BANDS + (size_t)c) * SIDE * SIDE;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALRasterIO(GDALGetRasterBand(piece->dataset, band->index), GF_Read, window.x - s->places[p].x,
                                window.y - s->places[p].y, window.width, window.height, values, window.width,
                                window.height, GDT_Float64, 0, 0);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(s->ctx, CLV_ERROR_READ, "%s: reading failed: %s", piece->source, clv_gdal_errors_text(&errors));
    for (int i = 0; i < window.width * window.height; i++) {
        values[i] = is_missing(band, values[i]) ? NAN : values[i] * band->scale + band->offset;
        if (c > 0 || isnan(values[i]))
            continue;
        s->seen[p]++;
        s->low[p] += values[i] < LOW;
        s->bright[p] += values[i] > BRIGHT;
    }
    return CLV_OK;
}

/* Which of the two shows the window, by the first band. */
static clv_status look(seam *s, int x, int y, side *found)
{
    const clv_rect window = {x, y, s->width, s->height};
    const int n = window.width * window.height;
    int seen[2] = {0, 0};
    clv_status status = read_band(s, 0, 0, window);
    if (status == CLV_OK)
        status = read_band(s, 1, 0, window);
    for (int p = 0; p < 2 && status == CLV_OK; p++)
        for (int i = 0; i < n; i++)
            seen[p] += !isnan(s->values[(size_t)p * BANDS * SIDE * SIDE + (size_t)i]);
    *found = seen[0] && seen[1] ? SIDE_SEAM : seen[0] ? SIDE_A : seen[1] ? SIDE_B : SIDE_NONE;
    return status;
}

static void keep_pair(seam *s, int a, int b)
{
    if (s->pairs == MOST_PAIRS)
        return;
    for (int c = 0; c < s->bands; c++) {
        const double x = s->values[(size_t)c * SIDE * SIDE + (size_t)a],
                     y = s->values[((size_t)BANDS + (size_t)c) * SIDE * SIDE + (size_t)b];
        if (isnan(x) || isnan(y))
            return;
        s->differences[(size_t)c * MOST_PAIRS + (size_t)s->pairs] = y - x;
    }
    s->pairs++;
}

/* Neighbours in a line of the window: `first`, and `count` pixels `step` apart. */
static void take_line(seam *s, int first, int count, int step)
{
    const double *a = s->values, *b = s->values + (size_t)BANDS * SIDE * SIDE;
    for (int i = 0; i < count; i++) {
        keep_pair(s, first + i * step, first + i * step); /* of a narrow overlap */
        for (int k = i + 1; k < count && k <= i + APART; k++) {
            const int p = first + i * step, q = first + k * step;
            const bool ab = !isnan(a[p]) && isnan(a[q]) && isnan(b[p]) && !isnan(b[q]);
            const bool ba = isnan(a[p]) && !isnan(a[q]) && !isnan(b[p]) && isnan(b[q]);
            if (ab)
                keep_pair(s, p, q);
            else if (ba)
                keep_pair(s, q, p);
        }
    }
}

static clv_status take_window(seam *s, int x, int y)
{
    const clv_rect window = {x, y, s->width, s->height};
    clv_status status = CLV_OK;
    for (int p = 0; p < 2; p++)
        for (int c = 0; c < s->bands && status == CLV_OK; c++)
            status = read_band(s, p, c, window);
    for (int j = 0; j < window.height && status == CLV_OK; j++)
        take_line(s, j * window.width, window.width, 1);
    for (int i = 0; i < window.width && status == CLV_OK; i++)
        take_line(s, i, window.height, window.width);
    return status;
}

/* Between two places of which one part shows the one and the other part the other: where the seam is. */
static clv_status halve(seam *s, int x0, int y0, side first, int x1, int y1)
{
    clv_status status = CLV_OK;
    for (int k = 0; k < MOST_HALVINGS && status == CLV_OK; k++) {
        const int x = x0 + (x1 - x0) / 2, y = y0 + (y1 - y0) / 2;
        side found;
        status = look(s, x, y, &found);
        if (status != CLV_OK || found == SIDE_NONE)
            return status;
        if (found == SIDE_SEAM || (x == x0 && y == y0))
            return take_window(s, x, y);
        if (found == first) {
            x0 = x;
            y0 = y;
        } else {
            x1 = x;
            y1 = y;
        }
    }
    return status;
}

static int spread(int size, int window, int number)
{
    return (int)((double)(size - window) * number / (LINES - 1));
}

static clv_status find_pairs(seam *s)
{
    side found[LINES][LINES];
    int at[LINES][LINES][2];
    clv_status status = CLV_OK;
    for (int j = 0; j < LINES && status == CLV_OK; j++)
        for (int i = 0; i < LINES && status == CLV_OK; i++) {
            at[j][i][0] = s->common.x + spread(s->common.width, s->width, i);
            at[j][i][1] = s->common.y + spread(s->common.height, s->height, j);
            status = look(s, at[j][i][0], at[j][i][1], &found[j][i]);
            if (status == CLV_OK && found[j][i] == SIDE_SEAM)
                status = take_window(s, at[j][i][0], at[j][i][1]);
        }
    for (int j = 0; j < LINES && status == CLV_OK; j++)
        for (int i = 0; i < LINES; i++)
            for (int down = 0; down < 2 && status == CLV_OK; down++) {
                const int y = j + down, x = i + 1 - down;
                if (x < LINES && y < LINES && found[j][i] + found[y][x] == SIDE_A + SIDE_B &&
                    found[j][i] != SIDE_NONE && found[y][x] != SIDE_NONE)
                    status = halve(s, at[j][i][0], at[j][i][1], found[j][i], at[y][x][0], at[y][x][1]);
            }
    return status;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double step_of(seam *s)
{
    double least = INFINITY, most = -INFINITY;
    if (s->pairs < FEWEST_PAIRS)
        return 0;
    for (int c = 0; c < s->bands; c++) {
        double *d = s->differences + (size_t)c * MOST_PAIRS;
        qsort(d, (size_t)s->pairs, sizeof *d, by_value);
        least = fmin(least, d[s->pairs / 2]);
        most = fmax(most, d[s->pairs / 2]);
    }
    if (most - least > ALIKE || fmax(fabs(fabs(most) - STEP), fabs(fabs(least) - STEP)) > NEAR_STEP)
        return 0;
    const int higher = least > 0 ? 1 : 0, lower = 1 - higher;
    if ((double)s->low[higher] > MOST_LOW * (double)s->seen[higher] ||
        (double)s->bright[lower] > MOST_BRIGHT * (double)s->seen[lower])
        return 0;
    return least > 0 ? STEP : -STEP;
}

clv_status clv_day_seam_step(clv_context *ctx, clv_dataset *const pair[2], const clv_rect places[2], double *step)
{
    seam s = {.ctx = ctx, .pair = pair, .places = places, .common = clv_rect_intersect(places[0], places[1])};
    *step = 0;
    if (s.common.width < 2 || s.common.height < 2)
        return CLV_OK;
    s.width = s.common.width < SIDE ? s.common.width : SIDE;
    s.height = s.common.height < SIDE ? s.common.height : SIDE;
    s.bands = pair[0]->acquisition[0].channels < BANDS ? pair[0]->acquisition[0].channels : BANDS;
    s.values = clv_alloc_array(2 * BANDS, SIDE * SIDE, sizeof *s.values);
    s.differences = clv_alloc_array(BANDS, MOST_PAIRS, sizeof *s.differences);
    clv_status status = s.values && s.differences ? find_pairs(&s) : clv_fail_memory(ctx);
    if (status == CLV_OK && s.bands >= 3)
        *step = step_of(&s);
    free(s.values);
    free(s.differences);
    return status;
}
