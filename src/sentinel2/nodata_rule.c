/* SPDX-License-Identifier: MIT */
#include "sentinel2/nodata_rule.h"

#include <float.h>
#include <math.h>

#define LEAST_PIXELS 24 /* of the sample */
#define LEAST_LINE 32   /* pixels of a strip that is narrower than a block */
#define ALL_OF_RED 0.9  /* where red has it, so have all bands */
#define CORE_OF_RED 0.2 /* the same of the fill values that are in use */
#define MOST_OF_RED 0.5 /* the same of 0 */
#define BEYOND_ABOVE 4  /* times the usual number: no reflectance, of the highest numbers of a type */
#define BEYOND_BELOW -2 /* the same, of any number */
#define HUGE_NUMBER 1e6 /* of floats: no digital number */
#define MAX_DN 32767    /* the largest valid digital number of a Sentinel-2 product */
#define NOTHING 0.02    /* times the usual number: below it ground is dark or clipped */
#define ALL_OF_ANY 0.95 /* where one band has such a number, so have all: dark places are clipped in some */
#define FEWEST_EDGES 16
#define SHARP 0.25        /* times the usual number: at the edge one band differs by as much */
#define SHARP_ABOVE 0.5   /* times the number itself: all bands do */
#define WHOLE_WINDOW 2048 /* pixels: so large an area needs no edge in the sample, where no ground is like it */

static bool is_known(double v)
{
    static const double known[] = {0, -999, -9999, -10000, -32767, -32768, 32767, 65535, -99999, -1};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (v == known[i])
            return true;
    return fabs(v) > HUGE_NUMBER;
}

/* Four equal pixels along a row or column: real ground differs in at least one of them. */
static bool begins_run(const clv_nodata_window *w, int x, int y, int dx, int dy)
{
    const double *v = w->values[0] + (long)y * w->width + x;
    const long step = dx + (long)dy * w->width;
    if (x + CLV_NODATA_BLOCK * dx > w->width || y + CLV_NODATA_BLOCK * dy > w->height)
        return false;
    for (int i = 1; i < CLV_NODATA_BLOCK; i++)
        if (v[i * step] != v[0])
            return false;
    return !isnan(v[0]);
}

int clv_nodata_candidates(const clv_nodata_window *w, clv_pixel_type type, double *found)
{
    int count = 0;
    if (type == CLV_TYPE_BYTE || type == CLV_TYPE_INT8)
        return 0; /* black and white are colours of pictures */
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            bool old = !(x % CLV_NODATA_BLOCK == 0 && begins_run(w, x, y, 1, 0)) &&
                       !(y % CLV_NODATA_BLOCK == 0 && begins_run(w, x, y, 0, 1));
            const double v = w->values[0][(long)y * w->width + x];
            for (int i = 0; i < count && !old; i++)
                old = found[i] == v;
            if (!old && count < CLV_NODATA_CANDIDATES)
                found[count++] = v;
        }
    return count;
}

static bool all_bands(const clv_nodata_window *w, long i, double value)
{
    for (int b = 0; b < w->bands; b++)
        if (w->values[b][i] != value)
            return false;
    return true;
}

static bool fills_block(const clv_nodata_window *w, int x, int y, double value)
{
    if (x + CLV_NODATA_BLOCK > w->width || y + CLV_NODATA_BLOCK > w->height)
        return false;
    for (int j = 0; j < CLV_NODATA_BLOCK; j++)
        for (int i = 0; i < CLV_NODATA_BLOCK; i++)
            if (!all_bands(w, (long)(y + j) * w->width + x + i, value))
                return false;
    return true;
}

static bool at_rim(const clv_nodata_window *w, int x, int y)
{
    return (w->left && x == 0) || (w->right && x + CLV_NODATA_BLOCK == w->width) || (w->top && y == 0) ||
           (w->bottom && y + CLV_NODATA_BLOCK == w->height);
}

/* Steps over pixels that have the value in all bands, from one on. */
static long run_from(const clv_nodata_window *w, int x, int y, int dx, int dy, double value)
{
    long n = 0;
    while (x >= 0 && y >= 0 && x < w->width && y < w->height && all_bands(w, (long)y * w->width + x, value)) {
        n++;
        x += dx;
        y += dy;
    }
    return n;
}

/* The longest straight run that lies along the raster's rim or begins at it. */
static long longest_at_rim(const clv_nodata_window *w, double value)
{
    const int right = w->width - 1, bottom = w->height - 1;
    long best = 0;
    for (int x = 0; x < w->width; x++) {
        const long runs[4] = {w->top ? run_from(w, x, 0, 1, 0, value) : 0, w->top ? run_from(w, x, 0, 0, 1, value) : 0,
                              w->bottom ? run_from(w, x, bottom, 1, 0, value) : 0,
                              w->bottom ? run_from(w, x, bottom, 0, -1, value) : 0};
        for (int k = 0; k < 4; k++)
            best = runs[k] > best ? runs[k] : best;
    }
    for (int y = 0; y < w->height; y++) {
        const long runs[4] = {
            w->left ? run_from(w, 0, y, 0, 1, value) : 0, w->left ? run_from(w, 0, y, 1, 0, value) : 0,
            w->right ? run_from(w, right, y, 0, 1, value) : 0, w->right ? run_from(w, right, y, -1, 0, value) : 0};
        for (int k = 0; k < 4; k++)
            best = runs[k] > best ? runs[k] : best;
    }
    return best;
}

/* Between a pixel that has the value in all bands and pixel i beside it. */
static void add_edge(const clv_nodata_window *w, long i, double value, clv_nodata_evidence *sum)
{
    double most = 0, least = INFINITY;
    for (int b = 0; b < w->bands; b++) {
        const double apart = fabs(w->values[b][i] - value);
        if (isnan(apart))
            return;
        most = apart > most ? apart : most;
        least = apart < least ? apart : least;
    }
    if (most == 0)
        return; /* no edge */
    sum->edges++;
    sum->most += log(fmax(most, DBL_MIN));
    sum->least += log(fmax(least, DBL_MIN));
}

static void add_edges(const clv_nodata_window *w, int x, int y, double value, clv_nodata_evidence *sum)
{
    const long i = (long)y * w->width + x;
    if (x > 0)
        add_edge(w, i - 1, value, sum);
    if (x + 1 < w->width)
        add_edge(w, i + 1, value, sum);
    if (y > 0)
        add_edge(w, i - w->width, value, sum);
    if (y + 1 < w->height)
        add_edge(w, i + w->width, value, sum);
}

static bool any_band(const clv_nodata_window *w, long i, double value)
{
    for (int b = 0; b < w->bands; b++)
        if (w->values[b][i] == value)
            return true;
    return false;
}

void clv_nodata_count(const clv_nodata_window *w, double value, clv_nodata_evidence *sum)
{
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const long i = (long)y * w->width + x;
            sum->pixels++;
            sum->any += any_band(w, i, value);
            if (w->values[0][i] != value)
                continue;
            sum->red++;
            if (!all_bands(w, i, value))
                continue;
            sum->all++;
            add_edges(w, x, y, value, sum);
            if ((!sum->block || (!sum->rim && at_rim(w, x, y))) && fills_block(w, x, y, value)) {
                sum->block = true;
                sum->rim = sum->rim || at_rim(w, x, y);
            }
        }
    const long line = sum->all > 0 ? longest_at_rim(w, value) : 0;
    sum->line = line > sum->line ? line : sum->line;
}

/* No reflectance has that number, by the numbers of the date. Above, clouds are clipped to round numbers. */
static bool is_beyond(double v, double typical)
{
    if (fabs(v) > HUGE_NUMBER)
        return true;
    const bool highest = v == 65535 || v == 32767;
    return typical > 0 && ((highest && v > BEYOND_ABOVE * typical) || v < BEYOND_BELOW * typical);
}

/* A number that nobody is known to use, but that ground has at most where it is dark or saturated. */
static bool ends_sharply(double value, double typical, const clv_nodata_evidence *e)
{
    const bool above = value > MAX_DN && value > BEYOND_ABOVE * typical;
    if (!(typical > 0) || !(above || value < NOTHING * typical) || (double)e->all < ALL_OF_ANY * (double)e->any)
        return false;
    if (e->edges < FEWEST_EDGES)
        return e->all >= WHOLE_WINDOW && (above || value < 0);
    const double edges = (double)e->edges;
    return above ? e->least > edges * log(SHARP_ABOVE * value) : e->most > edges * log(SHARP * typical);
}

bool clv_nodata_sure(double value, double typical, const clv_nodata_evidence *e)
{
    const bool beyond = is_beyond(value, typical);
    /* Bands do not see the same ground at the edge of a swath: of the field's fill values a core is enough, of 0,
     * which dark places have too, most. */
    const double share = !is_known(value) ? ALL_OF_RED : value == 0 ? MOST_OF_RED : CORE_OF_RED;
    if (e->all < LEAST_PIXELS || (double)e->all < share * (double)e->red)
        return false;
    /* A number that is in use and that nothing has in all bands at once needs no shape. */
    if (is_known(value))
        return beyond || (e->block && e->rim) || e->line >= LEAST_LINE;
    return e->block && (beyond || (e->rim && ends_sharply(value, typical, e)));
}
