/* SPDX-License-Identifier: MIT
 *
 * surface: what kinds of ground reflect in red, green, blue and near infrared on a day of the year: crops by their
 * calendar, woods, water, roads, roofs. Magnitudes follow Sentinel-2 Level-2A over central Europe.
 *
 *     clv_spectrum s = clv_surface(CLV_GROUND_CROP, parcel_id, day_of_year, &weather);    // s.band[CLV_ROLE_NIR]
 *
 * No libm: the same bits on every machine. Pure functions.
 */
#ifndef CLV_SYNTH_SURFACE_H
#define CLV_SYNTH_SURFACE_H

#include <stdint.h>

typedef enum clv_ground_kind {
    CLV_GROUND_CROP,  /* arable, meadow or orchard: which, and when it grows and is cut, follows from the id */
    CLV_GROUND_GRASS, /* pasture, verges, clearings */
    CLV_GROUND_CONIFER,
    CLV_GROUND_BROADLEAF,
    CLV_GROUND_ROCK,
    CLV_GROUND_RIVER,
    CLV_GROUND_LAKE,
    CLV_GROUND_GRAVEL,
    CLV_GROUND_ASPHALT,
    CLV_GROUND_TRACK, /* field track: pale earth with grass */
    CLV_GROUND_TOWN,  /* a roof, yard or garden: which follows from the id */
    CLV_GROUND_WORKS  /* large roofs and yards */
} clv_ground_kind;

/* The day's state of the ground. */
typedef struct clv_weather {
    double wet;    /* 0 dry .. 1 after rain: darkens soil, makes rivers turbid */
    double glint;  /* sun glint on water, in reflectance; mostly 0 */
    double spring; /* days by which the year is late (> 0) or early */
} clv_weather;

typedef struct clv_spectrum {
    float band[4]; /* by clv_role: red, green, blue, NIR */
} clv_spectrum;

clv_spectrum clv_surface(clv_ground_kind kind, uint64_t id, double day_of_year, const clv_weather *weather);
/* Whether the rows of a crop show (orchards and vines): strength 0 .. 1. */
double clv_surface_rows(clv_ground_kind kind, uint64_t id);

#endif
