/* SPDX-License-Identifier: MIT
 *
 * grounds: ground and air that a cloud detector takes for what they are not, made on pictures for measuring: snow,
 * salt, sand and film at published reflectances with the picture's own texture, ice and lakes, surf, sun glint, plumes
 * and ships, burn scars, haze, cirrus, contrails, and clouds with shadows. The truth is known to the pixel.
 * Implemented by grounds.c (the table of makers, what they share), grounds_land.c, grounds_series.c, grounds_surface.c,
 * grounds_water.c and grounds_air.c.
 *
 *     float x[2 * 4 * 64 * 64] = {0};
 *     uint8_t truth[2 * 64 * 64] = {0};
 *     const bool on[2] = {false, true};
 *     clv_grounds_scene scene = {2, 64, 64, true, x, truth};
 *     const clv_grounds_maker *maker = clv_grounds_maker_named("snow");
 *     bool done = maker->make(&scene, on, maker->amount, 7); // false: out of memory
 *
 * Pixels are 20 m. The same seed gives the same scene. Threads: pure functions of their arguments.
 */
#ifndef CLV_SYNTH_GROUNDS_H
#define CLV_SYNTH_GROUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a pixel is, for whoever measures. */
enum clv_grounds_truth {
    CLV_TRUTH_CLEAR = 0,  /* ground that nothing was done to */
    CLV_TRUTH_GROUND = 1, /* the ground in question: not to be flagged */
    CLV_TRUTH_CLOUD = 2,
    CLV_TRUTH_SHADOW = 3,
    CLV_TRUTH_UNKNOWN = 255 /* edges of clouds: neither way is wrong */
};

typedef struct clv_grounds_scene {
    int dates, width, height;
    bool has_nir;
    float *x;       /* [dates, 4, height, width] reflectance: red, green, blue, NIR (without meaning unless has_nir) */
    uint8_t *truth; /* [dates, height, width] clv_grounds_truth */
} clv_grounds_scene;

typedef enum clv_grounds_when {
    CLV_GROUNDS_ALL,   /* on all dates */
    CLV_GROUNDS_LAST,  /* on the last two */
    CLV_GROUNDS_MIDDLE /* on the middle date */
} clv_grounds_when;

typedef struct clv_grounds_maker {
    const char *name;
    double amount;         /* if nothing else is said; what it means is told beside the function */
    double least, most;    /* bounds of the amount */
    clv_grounds_when when; /* if nothing else is said */
    bool surface;          /* lies on the ground: made before clv_grounds_vary */
    bool cloud;            /* makes CLV_TRUTH_CLOUD (and, with the name cloud, SHADOW), not CLV_TRUTH_GROUND */
    /* Changes the scene's dates that are on, and says so in its truth. False: out of memory. */
    bool (*make)(clv_grounds_scene *scene, const bool *on, double amount, uint64_t seed);
} clv_grounds_maker;

/* By its name, or NULL. */
const clv_grounds_maker *clv_grounds_maker_named(const char *name);
/* The names of all makers, "snow, salt, ...". */
const char *clv_grounds_maker_names(void);

/* Fills x with an invented land (landscape.h): one picture of June, or dates every twelve days from May on. False: out
 * of memory. */
bool clv_grounds_land(clv_grounds_scene *scene, uint64_t seed);
/* Dates that are copies of one picture become a series of stable ground: gain (5 % by date, 1 % by band), haze (up to
 * 0.015 in blue), noise (0.002), registration shifts of up to a third of a pixel. False: out of memory. */
bool clv_grounds_vary(clv_grounds_scene *scene, uint64_t seed);
/* water [height, width]: 1 = water, by the mean of the dates. Without NIR by colour. */
void clv_grounds_find_water(const clv_grounds_scene *scene, uint8_t *water);

/* ---- Makers; `amount` is ... ---------------------------------------------------------------------- */

bool clv_grounds_snow(clv_grounds_scene *, const bool *, double, uint64_t);     /* reflectance of bright snow in red */
bool clv_grounds_salt(clv_grounds_scene *, const bool *, double, uint64_t);     /* reflectance in red */
bool clv_grounds_sand(clv_grounds_scene *, const bool *, double, uint64_t);     /* reflectance in red */
bool clv_grounds_film(clv_grounds_scene *, const bool *, double, uint64_t);     /* share of the fields under film */
bool clv_grounds_lake(clv_grounds_scene *, const bool *, double, uint64_t);     /* share of the picture */
bool clv_grounds_ice(clv_grounds_scene *, const bool *, double, uint64_t);      /* share of the picture that is lake */
bool clv_grounds_burn(clv_grounds_scene *, const bool *, double, uint64_t);     /* share of the picture */
bool clv_grounds_surf(clv_grounds_scene *, const bool *, double, uint64_t);     /* width, pixels */
bool clv_grounds_glint(clv_grounds_scene *, const bool *, double, uint64_t);    /* reflectance added */
bool clv_grounds_plume(clv_grounds_scene *, const bool *, double, uint64_t);    /* radius, pixels */
bool clv_grounds_ships(clv_grounds_scene *, const bool *, double, uint64_t);    /* number */
bool clv_grounds_haze(clv_grounds_scene *, const bool *, double, uint64_t);     /* path radiance in blue */
bool clv_grounds_cirrus(clv_grounds_scene *, const bool *, double, uint64_t);   /* reflectance added */
bool clv_grounds_contrail(clv_grounds_scene *, const bool *, double, uint64_t); /* reflectance added */
bool clv_grounds_cloud(clv_grounds_scene *, const bool *, double, uint64_t);    /* cover; with soft edges and shadows */

#endif
