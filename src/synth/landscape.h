/* SPDX-License-Identifier: MIT
 *
 * landscape: pictures of an invented land on any day of the year, window by window: farmland whose fields grow and are
 * harvested, woods, hills with the sun's shading, rivers, lakes, roads and towns, seen through that day's haze by a
 * sensor with noise and sub-pixel misregistration.
 *
 * The land is surveyed once a window (expensive, the same for every date) and then rendered for as many dates as
 * wanted:
 *
 *     clv_landscape land;
 *     clv_landscape_init(&land, seed, 20.0);
 *     clv_ground *ground = clv_alloc_array(1, clv_landscape_ground_count(w, h), sizeof *ground);
 *     float *work = clv_alloc_array(1, clv_landscape_work_count(w, h), sizeof *work);
 *     clv_landscape_survey(&land, x, y, w, 0, clv_landscape_survey_rows(h), ground);
 *     clv_landscape_day day;
 *     clv_landscape_day_init(&day, &land, 0, 125);
 *     clv_landscape_render(&land, &day, ground, x, y, w, h, bands, work);     // reflectance by clv_role
 *
 * A pixel does not depend on the window it was rendered in. Pixel (0, 0) lies at the land's origin; x east, y south. No
 * libm: the same bits on every machine with IEEE floats. Threads: everything is read-only after init; render and survey
 * from any thread into memory of their own.
 */
#ifndef CLV_SYNTH_LANDSCAPE_H
#define CLV_SYNTH_LANDSCAPE_H

#include <stddef.h>
#include <stdint.h>

#include "synth/surface.h"
#include "synth/terrain.h"

typedef struct clv_landscape {
    uint64_t seed;
    double pixel_m; /* metres */
    double late;    /* days by which this land's spring is late */
    clv_terrain terrain;
    uint32_t seeds[8];
} clv_landscape;

/* What lies at one sample of the ground (two samples a pixel and axis). */
typedef struct clv_ground {
    uint64_t id;            /* of the parcel, block, house */
    float height;           /* metres */
    float slope_x, slope_y; /* metres of rise a metre to the east and south */
    float texture;          /* brightness relative to the kind's spectrum */
    float stress;           /* -1 .. 1: how the crop does here, relative to its field */
    uint8_t kind, over;     /* clv_ground_kind; `over` covers `kind` by cover / 255 */
    uint8_t cover;
} clv_ground;

/* One acquisition. */
typedef struct clv_landscape_day {
    double day_of_year;
    double sun[3]; /* unit vector to the sun: east, south, up */
    clv_weather weather;
    double haze;             /* mean path reflectance in the blue */
    double gain[4];          /* by clv_role */
    double shift_x, shift_y; /* misregistration in pixels, within +-0.25 */
    uint64_t seed;
} clv_landscape_day;

void clv_landscape_init(clv_landscape *land, uint64_t seed, double pixel_m);
/* Date `index` of a series: sun, weather, haze and misregistration of its own. */
void clv_landscape_day_init(clv_landscape_day *day, const clv_landscape *land, int index, double day_of_year);

/* Elements of clv_ground for a window, and rows in which it can be surveyed (by several threads). */
size_t clv_landscape_ground_count(int width, int height);
int clv_landscape_survey_rows(int height);
/* Rows [from, to) of the window's survey. */
void clv_landscape_survey(const clv_landscape *land, int x, int y, int width, int from, int to, clv_ground *ground);

/* Floats of work space for rendering a window. */
size_t clv_landscape_work_count(int width, int height);
/* Reflectance seen on a day, without clouds and sensor noise. bands: planes of width * height by clv_role, NULL = not
 * wanted. */
void clv_landscape_render(const clv_landscape *land, const clv_landscape_day *day, const clv_ground *ground, int x,
                          int y, int width, int height, float *const bands[4], float *work);

/* What the sensor makes of a reflectance: noise of its own for every pixel, band and day, then reflectance * 10000, at
 * least 1 (0 is nodata). The noise does not depend on the reflectance's history: clear pixels with and without clouds
 * elsewhere agree. */
uint16_t clv_landscape_digital(const clv_landscape_day *day, int role, int x, int y, float reflectance);

#endif
