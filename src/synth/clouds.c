/* SPDX-License-Identifier: MIT */
#include "synth/clouds.h"

#include <math.h>
#include <stdbool.h>

#include "base/random.h"
#include "synth/noise.h"

CLV_EXACT_FLOATS

#define SAMPLES 48   /* per axis, for finding the thresholds */
#define NO_CLOUD 1e9 /* a zero level above every height */

enum { SEED_CLUMP, SEED_DETAIL, SEED_WARP, SEED_SHEET, SEED_CIRRUS, SEED_HAZE };

/* Colour of thick cloud and how much of the light a full shadow takes, by clv_role (red, green, blue, NIR). Level-2A
 * medians: cloud is a little brighter towards blue; what is left in shadow is skylight, so blue darkens least and NIR
 * most. */
static const float CLOUD_COLOUR[4] = {1.00f, 1.03f, 1.08f, 1.02f};
static const float THIN_COLOUR[4] = {0.00f, 0.03f, 0.10f, -0.04f};
static const float SHADOW_TAKES[4] = {0.62f, 0.56f, 0.47f, 0.65f};

void clv_cloud_options_init(clv_cloud_options *options)
{
    *options = (clv_cloud_options){.seed = 1,
                                   .cover = 0.3,
                                   .thin = 0.15,
                                   .haze = 0.03,
                                   .scale = 60.0,
                                   .softness = 0.3,
                                   .sheet = 0.2,
                                   .shadow_dx = -9.0,
                                   .shadow_dy = -7.0,
                                   .brightness = 0.65};
}

static double clamp(double x, double low, double high)
{
    return x >= low ? (x <= high ? x : high) : low; /* NaN gives low */
}

/* 1 - exp(-depth), near enough and without libm. */
static double opacity(double depth)
{
    if (!(depth > 0.0))
        return 0.0;
    return 1.0 - 1.0 / (1.0 + depth * (1.0 + depth * (0.5 + depth * (1.0 / 6.0 + depth * (1.0 / 24.0)))));
}

/* As many octaves as reach down to structures of about `finest` pixels. */
static int octaves_for(double scale, double finest)
{
    int n = 2;
    while (n < 8 && scale > finest * (double)(1 << (n - 1)))
        n++;
    return n;
}

/* Lattice cells for walking over a picture, a set for every displacement at which heights are looked up. */
typedef struct thick_cache {
    clv_noise_cell warp_x, warp_y, gather;
    clv_noise_cell body[CLV_NOISE_OCTAVES], layer[CLV_NOISE_OCTAVES];
} thick_cache;

typedef struct thin_cache {
    clv_noise_cell bend[CLV_NOISE_OCTAVES], fibres[CLV_NOISE_OCTAVES], veil[CLV_NOISE_OCTAVES];
} thin_cache;

typedef struct walk {
    thick_cache top, sun, shadow;
    thin_cache thin, thin_shadow;
    clv_noise_cell haze[CLV_NOISE_OCTAVES];
} walk;

/* Height of cloud tops (standard deviation about 1) at a point; `finest` is the smallest structure wanted, in pixels.
 */
static double thick_height(const clv_cloud_field *f, thick_cache *c, double x, double y, double finest)
{
    const double scale = f->options.scale, sheet = f->options.sheet;
    const int octaves = octaves_for(scale, finest);
    const double qx = x / scale, qy = y / scale;
    /* A slow warp bends the outlines; a strong one would draw the fine octaves out into threads. */
    const double wx = clv_noise(&c->warp_x, f->seeds[SEED_WARP], qx * 0.9, qy * 0.9) * 0.35;
    const double wy = clv_noise(&c->warp_y, f->seeds[SEED_WARP] + 77u, qx * 0.9, qy * 0.9) * 0.35;
    double height = 0.0;
    if (sheet < 1.0) {
        /* Clumps gather where the slow field is high; the fine octaves are stronger high up: crisp tops, smooth gaps.
         */
        const double gather = clv_noise(&c->gather, f->seeds[SEED_CLUMP], qx * 0.31, qy * 0.31) * (1.0 / CLV_NOISE_SD);
        const double body = clv_noise_fractal(c->body, f->seeds[SEED_DETAIL], qx + wx, qy + wy, octaves, 0.53);
        height += (1.0 - sheet) * (0.55 * gather + 0.84 * body);
    }
    if (sheet > 0.0) {
        const double along = qx * f->streak_x + qy * f->streak_y, across = qy * f->streak_x - qx * f->streak_y;
        const double layer = clv_noise_fractal(c->layer, f->seeds[SEED_SHEET], 0.38 * along + 0.4 * wx,
                                               0.6 * across + 0.4 * wy, octaves + 1 < 8 ? octaves + 1 : 8, 0.6);
        height += sheet * layer;
    }
    return height;
}

/* Fibres stretched along the wind, bent by a slow warp. */
static double thin_height(const clv_cloud_field *f, thin_cache *c, double x, double y)
{
    const double scale = f->options.scale * 1.6;
    const double qx = x / scale, qy = y / scale;
    const double bend = clv_noise_fractal(c->bend, f->seeds[SEED_WARP] + 991u, qx * 0.5, qy * 0.5, 2, 0.5);
    const double along = qx * f->streak_x + qy * f->streak_y;
    const double across = qy * f->streak_x - qx * f->streak_y + 0.25 * bend;
    const double fibres = clv_noise_fractal(c->fibres, f->seeds[SEED_CIRRUS], 0.25 * along, 1.3 * across, 5, 0.55);
    const double veil = clv_noise_fractal(c->veil, f->seeds[SEED_CIRRUS] + 5u, 0.5 * qx, 0.5 * qy, 4, 0.5);
    return 0.6 * fibres + 0.8 * veil;
}

static double haze_opacity(const clv_cloud_field *f, clv_noise_cell *c, double x, double y)
{
    const double scale = f->options.scale * 3.0;
    const double n = clv_noise_fractal(c, f->seeds[SEED_HAZE], x / scale, y / scale, 3, 0.5);
    return f->options.haze * clamp(0.55 + 0.3 * n, 0.0, 1.0);
}

static double thick_depth(const clv_cloud_field *f, double height)
{
    /* Thin at the rim, then quickly thick. */
    const double depth = (height - f->thick_zero) * f->thick_gain;
    return depth > 0.0 ? depth * (0.35 + 0.3 * depth) : 0.0;
}

/* Cirrus stays translucent however high the field rises. */
static double thin_opacity(const clv_cloud_field *f, double height)
{
    return 0.55 * opacity((height - f->thin_zero) * f->thin_gain);
}

static double join(double a, double b)
{
    return 1.0 - (1.0 - a) * (1.0 - b);
}

typedef struct samples {
    int count;
    float thick[SAMPLES * SAMPLES], thin[SAMPLES * SAMPLES], haze[SAMPLES * SAMPLES];
} samples;

static void take_samples(const clv_cloud_field *f, int width, int height, samples *s)
{
    walk w = {0};
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(f->options.seed, 9));
    const int nx = width < SAMPLES ? width : SAMPLES, ny = height < SAMPLES ? height : SAMPLES;
    s->count = 0;
    for (int j = 0; j < ny; j++) {
        for (int i = 0; i < nx; i++) {
            /* Whole pixels, one at random in every cell. */
            const double x = floor((i + clv_random_unit(&rng)) * width / nx);
            const double y = floor((j + clv_random_unit(&rng)) * height / ny);
            s->thick[s->count] = (float)thick_height(f, &w.top, x, y, 1.5);
            s->thin[s->count] = f->options.thin > 0.0 ? (float)thin_height(f, &w.thin, x, y) : 0.0f;
            s->haze[s->count] = (float)haze_opacity(f, w.haze, x, y);
            s->count++;
        }
    }
}

static double thin_share(const clv_cloud_field *f, const samples *s)
{
    int n = 0;
    for (int i = 0; i < s->count; i++)
        n += join(thin_opacity(f, (double)s->thin[i]), (double)s->haze[i]) >= CLV_CLOUD_ALPHA;
    return (double)n / s->count;
}

static double whole_share(const clv_cloud_field *f, const samples *s)
{
    int n = 0;
    for (int i = 0; i < s->count; i++) {
        const double thick = opacity(thick_depth(f, (double)s->thick[i]));
        const double thin = f->options.thin > 0.0 ? thin_opacity(f, (double)s->thin[i]) : 0.0;
        n += join(join(thick, thin), (double)s->haze[i]) >= CLV_CLOUD_ALPHA;
    }
    return (double)n / s->count;
}

/* Lowers *zero from "no cloud" until share() reaches the wanted one. */
static void find_zero(const clv_cloud_field *f, double *zero, const samples *s, double wanted,
                      double (*share)(const clv_cloud_field *, const samples *))
{
    double low = -12.0, high = 12.0;
    for (int i = 0; i < 40; i++) {
        *zero = 0.5 * (low + high);
        if (share(f, s) > wanted)
            low = *zero;
        else
            high = *zero;
    }
}

static clv_cloud_options in_range(const clv_cloud_options *o)
{
    clv_cloud_options r = *o;
    r.cover = clamp(o->cover, 0.0, 1.0);
    r.thin = clamp(o->thin, 0.0, 1.0);
    r.haze = clamp(o->haze, 0.0, 0.09);
    r.scale = clamp(o->scale, 4.0, 1e5);
    r.softness = clamp(o->softness, 0.0, 1.0);
    r.sheet = clamp(o->sheet, 0.0, 1.0);
    r.shadow_dx = clamp(o->shadow_dx, -1e5, 1e5);
    r.shadow_dy = clamp(o->shadow_dy, -1e5, 1e5);
    r.brightness = clamp(o->brightness, 0.05, 1.5);
    return r;
}

void clv_cloud_field_init(clv_cloud_field *field, const clv_cloud_options *options, int width, int height)
{
    clv_random rng;
    clv_cloud_field f = {.options = in_range(options)};
    const clv_cloud_options *o = &f.options;
    for (int i = 0; i < 6; i++)
        f.seeds[i] = (uint32_t)clv_hash_seed(o->seed, (uint64_t)i + 1);
    clv_random_seed(&rng, clv_hash_seed(o->seed, 8));
    do {
        f.streak_x = clv_random_range(&rng, -1.0, 1.0);
        f.streak_y = clv_random_range(&rng, -1.0, 1.0);
    } while (f.streak_x * f.streak_x + f.streak_y * f.streak_y < 0.01);
    const double streak = sqrt(f.streak_x * f.streak_x + f.streak_y * f.streak_y);
    f.streak_x /= streak;
    f.streak_y /= streak;
    const double throw = sqrt(o->shadow_dx * o->shadow_dx + o->shadow_dy * o->shadow_dy);
    f.sun_x = throw > 0.0 ? -o->shadow_dx / throw : 0.0;
    f.sun_y = throw > 0.0 ? -o->shadow_dy / throw : 0.0;
    f.thick_gain = (1.0 - 0.5 * o->sheet) / (0.06 + 0.9 * o->softness * o->softness + 0.3 * o->softness);
    f.thin_gain = 0.9;
    f.thick_zero = f.thin_zero = NO_CLOUD;

    samples s;
    take_samples(&f, width > 1 ? width : 1, height > 1 ? height : 1, &s);
    if (o->thin > 0.0 && o->cover > 0.0)
        find_zero(&f, &f.thin_zero, &s, o->thin * o->cover, thin_share);
    if (o->cover > 0.0 && o->thin < 1.0)
        find_zero(&f, &f.thick_zero, &s, o->cover, whole_share);
    *field = f;
}

/* Darkness on the ground below the point of the field that stands between it and the sun. Coarser than the cloud
 * itself: the sun is no point and the air between scatters. */
static double shadow_at(const clv_cloud_field *f, walk *w, double x, double y)
{
    const double px = x - f->options.shadow_dx, py = y - f->options.shadow_dy;
    double thick = 0.0, thin = 0.0;
    if (f->thick_zero < NO_CLOUD)
        thick = opacity(0.7 * thick_depth(f, thick_height(f, &w->shadow, px, py, 4.0)));
    if (f->thin_zero < NO_CLOUD)
        thin = 0.4 * thin_opacity(f, thin_height(f, &w->thin_shadow, px, py));
    return join(thick, thin);
}

/* Tops that face the sun are brighter, thick cloud is brighter than thin. */
static double shade_at(const clv_cloud_field *f, walk *w, double x, double y, double height)
{
    const double reach = clamp(f->options.scale * 0.05, 1.0, 4.0);
    const double thickness = opacity(0.3 * thick_depth(f, height));
    const double towards = thick_height(f, &w->sun, x + reach * f->sun_x, y + reach * f->sun_y, 2.5);
    const double lit = clamp((height - towards) * 0.4, -0.22, 0.2);
    return 0.55 + 0.5 * thickness + (0.3 + 0.7 * thickness) * lit;
}

void clv_cloud_field_render(const clv_cloud_field *f, int x, int y, int width, int height, float *alpha, float *shadow,
                            float *shade)
{
    walk w = {0};
    const bool has_thick = f->thick_zero < NO_CLOUD, has_thin = f->thin_zero < NO_CLOUD;
    for (int j = 0; j < height; j++) {
        for (int i = 0; i < width; i++) {
            const size_t at = (size_t)j * (size_t)width + (size_t)i;
            const double px = (double)x + i, py = (double)y + j;
            const double top = has_thick ? thick_height(f, &w.top, px, py, 1.5) : 0.0;
            const double thick = has_thick ? opacity(thick_depth(f, top)) : 0.0;
            const double thin = has_thin ? thin_opacity(f, thin_height(f, &w.thin, px, py)) : 0.0;
            alpha[at] = (float)join(join(thick, thin), haze_opacity(f, w.haze, px, py));
            if (shadow)
                shadow[at] = (float)shadow_at(f, &w, px, py);
            if (shade) {
                /* Cirrus has a brightness of its own; what lies below shows through it. */
                const double own = thick > 0.0 ? shade_at(f, &w, px, py, top) : 0.0;
                shade[at] = (float)((thick * own + thin * 0.8 + 1e-3) / (thick + thin + 1e-3 / 0.8));
            }
        }
    }
}

void clv_clouds_apply(const clv_cloud_field *f, const float *alpha, const float *shadow, const float *shade,
                      size_t count, float *const bands[4])
{
    for (int b = 0; b < 4; b++) {
        float *band = bands[b];
        if (!band)
            continue;
        const float bright = (float)f->options.brightness;
        for (size_t i = 0; i < count; i++) {
            const float a = alpha[i];
            const float ground = band[i] * (shadow ? 1.0f - SHADOW_TAKES[b] * shadow[i] : 1.0f);
            const float cloud = bright * (shade ? shade[i] : 1.0f) * (CLOUD_COLOUR[b] + THIN_COLOUR[b] * (1.0f - a));
            band[i] = ground * (1.0f - a) + cloud * a;
        }
    }
}

void clv_clouds_mask(const float *alpha, const float *shadow, size_t count, uint8_t *mask)
{
    for (size_t i = 0; i < count; i++) {
        if (alpha[i] >= (float)CLV_CLOUD_ALPHA)
            mask[i] = CLV_CLOUD_CLASS_CLOUD;
        else
            mask[i] = shadow && shadow[i] >= (float)CLV_CLOUD_SHADOW ? CLV_CLOUD_CLASS_SHADOW : CLV_CLOUD_CLASS_CLEAR;
    }
}
