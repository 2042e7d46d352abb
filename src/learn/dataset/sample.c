/* SPDX-License-Identifier: MIT */
#include "learn/dataset/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "image/windows.h"
#include "learn/dataset/labels.h"
#include "synth/clouds.h"
#include "synth/ground_cover.h"
#include "synth/noise.h"

#define SIDE CLV_SAMPLE_SIDE
#define PIXELS CLV_SAMPLE_PIXELS
#define PLANES 4
#define BASE_PIXEL 20.0  /* metres */
#define WATER_NIR 0.045f /* darker is taken for water */
#define TURN 6.283185307179586

typedef struct source {
    int place, date;
    double until; /* cumulative share of the samples, the last one is 1 */
} source;

struct clv_sampler {
    const clv_places *places;
    clv_sampler_options options;
    source *sources;
    int count;
};

struct clv_sample_work {
    float picture[PLANES * PIXELS];
    float reference[PLANES * PIXELS];
    float alpha[PIXELS], shadow[PIXELS], shade[PIXELS];
    float row[PIXELS];
    uint8_t missing[PIXELS];
    uint8_t dark[PIXELS]; /* water: a shadow on it is not seen */
};

clv_sample_work *clv_sample_work_new(void)
{
    return clv_alloc_array(1, 1, sizeof(clv_sample_work));
}

void clv_sample_work_free(clv_sample_work *work)
{
    free(work);
}

const float *clv_sample_picture(const clv_sample_work *work)
{
    return work->picture;
}

/* ---- Sources ----------------------------------------------------------------------------------- */

static int used_dates(const clv_place *place)
{
    int n = 0;
    for (int t = 0; t < place->dates; t++)
        n += place->use[t] != CLV_USE_NONE;
    return n;
}

clv_status clv_sampler_new(clv_context *ctx, const clv_places *places, const clv_sampler_options *options,
                           clv_sampler **out)
{
    size_t most = 0;
    double total = 0;
    *out = NULL;
    for (int p = 0; p < places->count; p++)
        most += (size_t)places->items[p].dates;
    clv_sampler *sampler = calloc(1, sizeof *sampler);
    if (!sampler || !(sampler->sources = clv_alloc_array(most, 1, sizeof *sampler->sources))) {
        clv_sampler_free(sampler);
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while preparing training samples");
    }
    sampler->places = places;
    sampler->options = *options;
    for (int p = 0; p < places->count; p++) {
        const clv_place *place = &places->items[p];
        int dates = used_dates(place);
        if (place->hold != options->hold || place->weight <= 0)
            continue;
        for (int t = 0; t < place->dates; t++)
            if (place->use[t] != CLV_USE_NONE) {
                total += place->weight / dates;
                sampler->sources[sampler->count++] = (source){p, t, total};
            }
    }
    for (int i = 0; i < sampler->count; i++)
        sampler->sources[i].until /= total;
    if (sampler->count == 0) {
        clv_sampler_free(sampler);
        return CLV_OK;
    }
    *out = sampler;
    return CLV_OK;
}

void clv_sampler_free(clv_sampler *sampler)
{
    if (!sampler)
        return;
    free(sampler->sources);
    free(sampler);
}

static const source *choose_source(const clv_sampler *sampler, double unit)
{
    int low = 0, high = sampler->count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (unit < sampler->sources[middle].until)
            high = middle;
        else
            low = middle + 1;
    }
    return &sampler->sources[low];
}

/* ---- Cutting ----------------------------------------------------------------------------------- */

/* Where output pixels lie in the place: centre and the steps of one output pixel to the right and down. */
typedef struct cut {
    double x, y; /* source pixel coordinates (centres at integers) of output pixel (0, 0) */
    double right_x, right_y, down_x, down_y;
    int fine; /* samples per output pixel and axis */
} cut;

static double centre_on_axis(clv_random *rng, int length, double extent, bool vary)
{
    if (length > extent)
        return clv_random_range(rng, extent / 2, length - extent / 2) - 0.5;
    double room = (extent - length) / 2;
    return length / 2.0 - 0.5 + (vary ? clv_random_range(rng, -room / 2, room / 2) : 0);
}

static cut choose_cut(clv_random *rng, const clv_place *place, bool vary)
{
    double metres = vary ? BASE_PIXEL * exp2(clv_random_range(rng, -1, 1)) : BASE_PIXEL;
    double step = metres / place->pixel_m;
    double most = fmin(place->width, place->height) / (SIDE / 2.0);
    if (vary && step > most)
        step = most;
    double cx = centre_on_axis(rng, place->width, SIDE * step, vary);
    double cy = centre_on_axis(rng, place->height, SIDE * step, vary);
    int turn = vary ? clv_random_int(rng, 8) : 0;
    cut c = {0};
    if (turn & 4) {
        c.right_y = turn & 1 ? -step : step;
        c.down_x = turn & 2 ? -step : step;
    } else {
        c.right_x = turn & 1 ? -step : step;
        c.down_y = turn & 2 ? -step : step;
    }
    c.x = cx - (SIDE - 1) / 2.0 * (c.right_x + c.down_x);
    c.y = cy - (SIDE - 1) / 2.0 * (c.right_y + c.down_y);
    if (!vary && step == 1) {
        c.x = floor(c.x + 0.5);
        c.y = floor(c.y + 0.5);
    }
    c.fine = step > 1.25 ? (step > 2.5 ? 4 : 2) : 1;
    return c;
}

static float bilinear(const float *plane, int width, int height, double x, double y)
{
    double fx = floor(x), fy = floor(y);
    float u = (float)(x - fx), v = (float)(y - fy);
    int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1, y1 = y0 + 1;
    if (x0 < 0 || y0 < 0 || x1 >= width || y1 >= height) {
        x0 = clv_reflect(x0, width);
        x1 = clv_reflect(x1, width);
        y0 = clv_reflect(y0, height);
        y1 = clv_reflect(y1, height);
    }
    const float *a = plane + (size_t)y0 * (size_t)width, *b = plane + (size_t)y1 * (size_t)width;
    float top = a[x0] + u * (a[x1] - a[x0]), bottom = b[x0] + u * (b[x1] - b[x0]);
    return top + v * (bottom - top);
}

static void cut_plane(const cut *c, const float *plane, int width, int height, float *out)
{
    double part = 1.0 / c->fine, first = (part - 1.0) / 2.0;
    float share = 1.0f / (float)(c->fine * c->fine);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            float sum = 0;
            for (int k = 0; k < c->fine * c->fine; k++) {
                double dj = j + first + part * (k % c->fine), di = i + first + part * (k / c->fine);
                sum += bilinear(plane, width, height, c->x + dj * c->right_x + di * c->down_x,
                                c->y + dj * c->right_y + di * c->down_y);
            }
            out[i * SIDE + j] = sum * share;
        }
}

/* Missing where any neighbour that enters is missing, labels from the nearest pixel. */
static void cut_classes(const cut *c, const uint8_t *missing, const uint8_t *label, int width, int height,
                        uint8_t *missing_out, uint8_t *label_out)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double x = c->x + j * c->right_x + i * c->down_x, y = c->y + j * c->right_y + i * c->down_y;
            int x0 = clv_reflect((int)floor(x), width), x1 = clv_reflect((int)ceil(x), width);
            int y0 = clv_reflect((int)floor(y), height), y1 = clv_reflect((int)ceil(y), height);
            int nx = clv_reflect((int)floor(x + 0.5), width), ny = clv_reflect((int)floor(y + 0.5), height);
            bool gone = missing[y0 * width + x0] || missing[y0 * width + x1] || missing[y1 * width + x0] ||
                        missing[y1 * width + x1];
            missing_out[i * SIDE + j] = gone;
            label_out[i * SIDE + j] = gone ? CLV_LABEL_UNKNOWN : label[ny * width + nx];
        }
}

/* ---- Simulated clouds -------------------------------------------------------------------------- */

static bool all_clear(const uint8_t *label)
{
    for (int i = 0; i < PIXELS; i++)
        if (label[i] != CLV_LABEL_CLEAR && label[i] != CLV_LABEL_UNKNOWN)
            return false;
    return true;
}

/* snow: the ground is. An opaque cloud over all of a window of snow looks like the snow, so it is not shown. */
static clv_cloud_options choose_clouds(clv_random *rng, bool snow)
{
    clv_cloud_options o;
    clv_cloud_options_init(&o);
    o.seed = clv_random_next(rng);
    double kind = clv_random_unit(rng);
    o.cover = kind < 0.08 ? 1.0 : kind < 0.5 ? clv_random_range(rng, 0.02, 0.3) : clv_random_range(rng, 0.2, 0.9);
    if (snow)
        o.cover = fmin(o.cover, 0.6);
    double thin = clv_random_unit(rng);
    o.thin = thin < 0.4 ? 0 : thin < 0.85 ? clv_random_range(rng, 0.05, 0.6) : 1.0;
    o.haze = clv_random_unit(rng) < 0.5 ? 0 : clv_random_range(rng, 0, 0.06);
    o.scale = 8 * exp2(clv_random_range(rng, 0, 4.5));
    o.softness = clv_random_unit(rng);
    o.sheet = clv_random_unit(rng) < 0.6 ? clv_random_range(rng, 0, 0.3) : clv_random_range(rng, 0.3, 1);
    double angle = clv_random_range(rng, 0, TURN), length = clv_random_range(rng, 3, 45);
    o.shadow_dx = length * cos(angle);
    o.shadow_dy = length * sin(angle);
    o.brightness = clv_random_range(rng, 0.32, 0.95);
    return o;
}

/* Lays clouds on the planes; labels of pixels known to be clear follow (label may be NULL). */
static void lay_clouds(clv_random *rng, clv_sample_work *work, bool snow, float *planes, uint8_t *label)
{
    clv_cloud_options options = choose_clouds(rng, snow);
    clv_cloud_field field;
    clv_cloud_field_init(&field, &options, SIDE, SIDE);
    clv_cloud_field_render(&field, 0, 0, SIDE, SIDE, work->alpha, work->shadow, work->shade);
    float *const bands[4] = {planes, planes + PIXELS, planes + 2 * PIXELS, planes + 3 * PIXELS};
    for (int i = 0; i < PIXELS; i++)
        work->dark[i] = bands[3][i] != 0 && bands[3][i] < WATER_NIR; /* 0: no NIR */
    clv_clouds_apply(&field, work->alpha, work->shadow, work->shade, PIXELS, bands);
    for (int i = 0; label && i < PIXELS; i++) {
        uint8_t veil = clv_label_of_veil(work->alpha[i], work->shadow[i]);
        if (veil == CLV_LABEL_SHADOW && work->dark[i])
            veil = CLV_LABEL_UNKNOWN;
        /* Under an opaque cloud it does not matter what the ground was called. */
        if (!work->missing[i] && (label[i] == CLV_LABEL_CLEAR || (veil == CLV_LABEL_CLOUD && work->alpha[i] > 0.5f)))
            label[i] = veil;
    }
}

/* A veil over the whole window, nearly even: high cirrus, smoke. White in all bands, unlike haze, which is blue. */
static void lay_veil(clv_random *rng, clv_sample_work *work, uint8_t *label)
{
    clv_noise_cell cache[2] = {{0}};
    uint32_t seed = (uint32_t)clv_random_next(rng);
    double size = clv_random_range(rng, 30, 200), middle = clv_random_range(rng, 0.08, 0.4);
    double swing = clv_random_range(rng, 0, 0.4);
    float white = (float)clv_random_range(rng, 0.3, 0.7);
    for (int i = 0; i < PIXELS; i++) {
        double height = clv_noise_fractal(cache, seed, i % SIDE / size, i / SIDE / size, 2, 0.5);
        float opacity = (float)fmin(0.6, fmax(0, middle * (1 + swing * height)));
        for (int c = 0; c < PLANES; c++)
            work->picture[c * PIXELS + i] += opacity * (white - work->picture[c * PIXELS + i]);
        if (label[i] == CLV_LABEL_CLEAR || label[i] == CLV_LABEL_SHADOW)
            label[i] =
                label[i] == CLV_LABEL_CLEAR || opacity > 0.15f ? clv_label_of_veil(opacity, 0) : CLV_LABEL_UNKNOWN;
    }
}

/* Haze over the whole window, nearly even, strongest in blue. A haze that a series shows is not seen in a picture
 * alone, which could as well be what the air always looks like: only a dense one is cloud there. */
static void lay_haze(clv_random *rng, clv_sample_work *work, bool reference, uint8_t *label)
{
    static const double share[PLANES] = {0.55, 0.78, 1.0, 0.28};
    clv_noise_cell cache[2] = {{0}};
    uint32_t seed = (uint32_t)clv_random_next(rng);
    double size = clv_random_range(rng, 30, 200), middle = clv_random_range(rng, 0.02, 0.2);
    double swing = clv_random_range(rng, 0, 0.3);
    for (int i = 0; i < PIXELS; i++) {
        double height = clv_noise_fractal(cache, seed, i % SIDE / size, i / SIDE / size, 2, 0.5);
        double haze = fmax(0, middle * (1 + swing * height));
        for (int c = 0; c < PLANES; c++)
            work->picture[c * PIXELS + i] += (float)(haze * share[c] - haze * share[c] * work->picture[c * PIXELS + i]);
        if (label[i] != CLV_LABEL_CLEAR && label[i] != CLV_LABEL_SHADOW)
            continue;
        if (haze > (reference ? 0.06 : 0.13))
            label[i] = CLV_LABEL_CLOUD;
        else if (haze > 0.035)
            label[i] = CLV_LABEL_UNKNOWN;
    }
}

/* ---- Covers ------------------------------------------------------------------------------------ */

typedef enum cover_where { COVER_NONE, COVER_PICTURE, COVER_BOTH } cover_where;

typedef struct covered {
    cover_where where;
    clv_ground_cover cover;
} covered;

/* Clear ground that looks like cloud or shadow; of a series on the date alone or always. */
static covered choose_cover(clv_random *rng)
{
    covered c = {COVER_NONE, {0}};
    double kind = clv_random_unit(rng), always = clv_random_unit(rng);
    if (kind >= 0.4)
        return c;
    c.cover = clv_ground_cover_draw(rng, kind < 0.14   ? CLV_COVER_SNOW
                                         : kind < 0.18 ? CLV_COVER_SAND
                                         : kind < 0.26 ? CLV_COVER_PATCHES
                                         : kind < 0.33 ? CLV_COVER_WATER
                                                       : CLV_COVER_BURN);
    static const double both[] = {[CLV_COVER_SNOW] = 0.4,
                                  [CLV_COVER_SAND] = 0.7,
                                  [CLV_COVER_PATCHES] = 0.7,
                                  [CLV_COVER_WATER] = 0.85,
                                  [CLV_COVER_BURN] = 0};
    c.where = always < both[c.cover.kind] ? COVER_BOTH : COVER_PICTURE;
    return c;
}

static void lay_cover(const covered *c, float *planes)
{
    float *const bands[4] = {planes, planes + PIXELS, planes + 2 * PIXELS, planes + 3 * PIXELS};
    clv_ground_cover_lay(&c->cover, bands, SIDE, SIDE);
}

/* ---- Reference --------------------------------------------------------------------------------- */

/* For a picture that came alone: what the lower median of its series could look like. */
static void make_up_reference(clv_random *rng, clv_sample_work *work)
{
    bool uneven = clv_random_unit(rng) < 0.6;
    double size = clv_random_range(rng, 8, 60);
    float gain = (float)clv_random_range(rng, 0.88, 1.1);
    for (int c = 0; c < PLANES; c++) {
        float band = gain * (float)clv_random_range(rng, 0.95, 1.05);
        float offset = (float)clv_random_range(rng, -0.02, 0.015);
        float swing = uneven ? (float)clv_random_range(rng, 0, c == 3 ? 0.12 : 0.08) : 0;
        uint32_t seed = (uint32_t)clv_random_next(rng);
        clv_noise_cell cache[2] = {{0}};
        for (int i = 0; i < PIXELS; i++) {
            float change = 0;
            if (swing > 0)
                change = swing * (float)clv_noise_fractal(cache, seed, i % SIDE / size, i / SIDE / size, 2, 0.5);
            work->reference[c * PIXELS + i] = work->picture[c * PIXELS + i] * band * (1 + change) + offset;
        }
    }
}

/* Fields are harvested, ploughed, watered and grow between the reference and the date: patches become other land. */
static void change_land(clv_random *rng, clv_sample_work *work)
{
    int patches = 1 + clv_random_int(rng, 8);
    for (int k = 0; k < patches; k++) {
        double cx = clv_random_range(rng, 0, SIDE), cy = clv_random_range(rng, 0, SIDE);
        double rx = clv_random_range(rng, 2, 18), ry = clv_random_range(rng, 2, 18);
        bool round = clv_random_unit(rng) < 0.4;
        double all = exp(clv_random_range(rng, -0.5, 0.35));
        float factor[PLANES];
        for (int c = 0; c < PLANES; c++)
            factor[c] = (float)(all * exp(clv_random_range(rng, -0.25, 0.25) * (c == 0 || c == 3 ? 2 : 1)));
        for (int y = (int)fmax(0, cy - ry); y < fmin(SIDE, cy + ry); y++)
            for (int x = (int)fmax(0, cx - rx); x < fmin(SIDE, cx + rx); x++) {
                double u = (x - cx) / rx, v = (y - cy) / ry;
                if (round && u * u + v * v > 1)
                    continue;
                for (int c = 0; c < PLANES; c++)
                    work->reference[c * PIXELS + y * SIDE + x] *= factor[c];
            }
    }
}

static void cut_reference(clv_random *rng, const clv_place *place, cut c, bool vary, clv_sample_work *work)
{
    size_t n = (size_t)place->width * (size_t)place->height;
    if (vary && clv_random_unit(rng) < 0.4) {
        double scale = fabs(c.right_x) + fabs(c.right_y);
        c.x += scale * clv_random_range(rng, -0.6, 0.6);
        c.y += scale * clv_random_range(rng, -0.6, 0.6);
    }
    for (int b = 0; b < PLANES; b++)
        cut_plane(&c, place->reference + (size_t)b * n, place->width, place->height, work->reference + b * PIXELS);
}

/* ---- Light ------------------------------------------------------------------------------------- */

/* Gains and offsets as they differ between products (L1C, L2A), sensors' scalings and days. Haze is strongest in
 * blue. */
static void change_light(clv_random *rng, float *planes, double gain_low, double gain_high, double haze_low,
                         double haze_high)
{
    static const double haze_share[PLANES] = {0.5, 0.75, 1.0, 0.25};
    double gain = exp(clv_random_range(rng, log(gain_low), log(gain_high)));
    double haze = clv_random_range(rng, haze_low, haze_high);
    for (int c = 0; c < PLANES; c++) {
        float g = (float)(gain * clv_random_range(rng, 0.96, 1.04)), h = (float)(haze * haze_share[c]);
        for (int i = 0; i < PIXELS; i++)
            planes[c * PIXELS + i] = planes[c * PIXELS + i] * g + h;
    }
}

static void add_noise(clv_random *rng, float *planes)
{
    float sigma = (float)clv_random_range(rng, 0, 0.008);
    uint64_t seed = clv_random_next(rng);
    for (int i = 0; i < PLANES * PIXELS; i++)
        planes[i] += sigma * (float)clv_hash_gauss(clv_hash_seed(seed, (uint64_t)i));
}

static void blur_plane(float *plane, float *copy)
{
    memcpy(copy, plane, PIXELS * sizeof *copy);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float sum = 0;
            for (int v = -1; v <= 1; v++)
                for (int u = -1; u <= 1; u++)
                    sum += copy[clv_reflect(y + v, SIDE) * SIDE + clv_reflect(x + u, SIDE)];
            plane[y * SIDE + x] = sum / 9;
        }
}

static void cut_swath(clv_random *rng, uint8_t *missing, uint8_t *label)
{
    double angle = clv_random_range(rng, 0, TURN), at = clv_random_range(rng, -SIDE / 2.0, SIDE / 2.0);
    double nx = cos(angle), ny = sin(angle);
    for (int i = 0; i < PIXELS; i++)
        if ((i % SIDE - SIDE / 2.0) * nx + (i / SIDE - SIDE / 2.0) * ny > at) {
            missing[i] = 1;
            label[i] = CLV_LABEL_UNKNOWN;
        }
}

/* Everything that is varied beside geometry, clouds and reference. */
static void vary_light(clv_random *rng, clv_sample_work *work, bool reference, uint8_t *label)
{
    uint64_t common = clv_random_next(rng);
    bool hazy = clv_random_unit(rng) < 0.5;
    double low = hazy ? 0 : -0.03, high = hazy ? 0.1 : 0.02;
    clv_random same = {common};
    change_light(&same, work->picture, 0.8, 1.25, low, high);
    if (reference) {
        same.state = common;
        change_light(&same, work->reference, 0.8, 1.25, low, high);
        change_light(rng, work->reference, 0.95, 1.05, -0.02, 0.01);
    }
    if (clv_random_unit(rng) < 0.15)
        for (int c = 0; c < PLANES; c++)
            blur_plane(work->picture + c * PIXELS, work->row);
    if (clv_random_unit(rng) < 0.5)
        add_noise(rng, work->picture);
    if (clv_random_unit(rng) < 0.08)
        cut_swath(rng, work->missing, label);
}

/* ---- A sample ---------------------------------------------------------------------------------- */

static void pack(const clv_sample_work *work, bool nir, bool reference, float *in)
{
    const float *bands[4] = {work->picture, work->picture + PIXELS, work->picture + 2 * PIXELS,
                             nir ? work->picture + 3 * PIXELS : NULL};
    const float *ground[4] = {work->reference, work->reference + PIXELS, work->reference + 2 * PIXELS,
                              nir ? work->reference + 3 * PIXELS : NULL};
    clv_detect_input(bands, reference ? ground : NULL, work->missing, PIXELS, in);
}

int clv_sampler_draw(const clv_sampler *sampler, uint64_t number, clv_sample_work *work, float *in, uint8_t *label)
{
    clv_random rng;
    bool vary = sampler->options.vary;
    clv_random_seed(&rng, clv_hash_seed(sampler->options.seed, number));
    const source *from = choose_source(sampler, clv_random_unit(&rng));
    const clv_place *place = &sampler->places->items[from->place];
    size_t n = (size_t)place->width * (size_t)place->height, t = (size_t)from->date;
    cut c = choose_cut(&rng, place, vary);
    for (size_t b = 0; b < PLANES; b++)
        cut_plane(&c, place->x + (t * PLANES + b) * n, place->width, place->height, work->picture + b * PIXELS);
    cut_classes(&c, place->missing + t * n, place->label + t * n, place->width, place->height, work->missing, label);

    /* A date of a series alone has no reference of its own; a picture alone gets one made up, in training only. */
    bool reference = vary ? clv_random_unit(&rng) < 0.5 : place->reference && !sampler->options.without_reference;
    bool own = place->reference && !(place->use[t] == CLV_USE_GROUND && place->dates == 2);
    bool ground = place->use[t] == CLV_USE_GROUND;
    /* Labels of a picture alone with real clouds cannot go with a made-up reference: it would hold the same
     * clouds. */
    if (!own && !ground)
        reference = false;
    covered over = {COVER_NONE, {0}};
    if (vary && ground)
        over = choose_cover(&rng);
    if (reference && own)
        cut_reference(&rng, place, c, vary, work);
    else if (reference)
        make_up_reference(&rng, work);
    if (over.where != COVER_NONE)
        lay_cover(&over, work->picture);
    if (reference && over.where == COVER_BOTH)
        lay_cover(&over, work->reference);
    if (reference && vary && clv_random_unit(&rng) < 0.6)
        change_land(&rng, work);
    if (reference && vary && clv_random_unit(&rng) < 0.05)
        lay_clouds(&rng, work, false, work->reference, NULL);

    bool clouds = ground ? clv_random_unit(&rng) < 0.8 : vary && clv_random_unit(&rng) < 0.5 && all_clear(label);
    if (clouds)
        lay_clouds(&rng, work, over.where != COVER_NONE && over.cover.kind == CLV_COVER_SNOW, work->picture, label);
    if (vary && ground && clv_random_unit(&rng) < 0.08)
        lay_veil(&rng, work, label);
    if (vary && ground && clv_random_unit(&rng) < 0.07)
        lay_haze(&rng, work, reference, label);
    if (vary)
        vary_light(&rng, work, reference, label);
    bool nir = place->has_nir && !(vary && clv_random_unit(&rng) < 0.3);
    pack(work, nir, reference, in);
    return from->place;
}
