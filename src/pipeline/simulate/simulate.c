/* SPDX-License-Identifier: MIT
 *
 * clv_simulate: an invented land on some dates of a year, below clouds, without them, and the masks.
 *
 * The scene is made tile by tile: the ground of a tile is surveyed once, then every date renders it, lays its clouds on
 * it and writes three rasters. Memory is that of a tile and its dates' writers, whatever the scene's size.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/parallel.h"
#include "base/random.h"
#include "formats/json.h"
#include "image/windows.h"
#include "output/writer.h"
#include "raster/paths.h"
#include "sentinel2/dates.h"
#include "sentinel2/roles.h"
#include "synth/clouds.h"
#include "synth/landscape.h"

CLV_EXACT_FLOATS

#define TILE 256
#define SURVEY_ROWS 32 /* of samples, that a thread surveys at a time */
#define MAX_DATES 366
#define MAX_SIDE 1000000
#define EPSG 32632
/* Upper left corner, on Sentinel-2's grid at every multiple of 5 m up to 60 m. */
#define EAST 660000.0
#define NORTH 5160000.0
#define FIRST_DAY 19448.0 /* 2023-04-01 */
#define MOST_COVER 0.93   /* of one date, unless more is asked for on the whole */

/* One date: what it looks like and where it goes. */
typedef struct shot {
    clv_date date;
    clv_landscape_day day;
    clv_cloud_field clouds;
    double cover;
    clv_writer *picture, *truth, *mask;
    double clouded; /* pixels so far */
} shot;

/* Buffers of one thread. */
typedef struct bench {
    float *ground[4], *seen[4], *alpha, *shadow, *shade, *work;
    uint16_t *raw;
    uint8_t *mask;
} bench;

typedef struct simulation {
    clv_context *ctx;
    const clv_simulate_options *options;
    clv_landscape land;
    clv_grid grid;
    int band_count;
    clv_role order[4]; /* of the output's bands */
    shot *shots;
    bench *benches;
    int threads;
    clv_ground *ground;
    clv_rect tile;
} simulation;

/* ---- The plan --------------------------------------------------------------------------------------- */

static clv_status check_options(clv_context *ctx, const clv_simulate_options *o)
{
    if (o->dates < 1 || o->dates > MAX_DATES)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-dates %d: give 1 to %d", o->dates, MAX_DATES);
    if (o->width < CLV_MIN_SIDE || o->height < CLV_MIN_SIDE || o->width > MAX_SIDE || o->height > MAX_SIDE)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-size %d %d: give %d to %d pixels for width and height", o->width,
                        o->height, CLV_MIN_SIDE, MAX_SIDE);
    if (!(o->pixel_size >= 1.0 && o->pixel_size <= 1000.0))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-tr %g: give a pixel size of 1 to 1000 metres", o->pixel_size);
    if (!(o->cloud_share >= 0.0 && o->cloud_share <= 1.0))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-clouds %g: give a share between 0 and 1", o->cloud_share);
    return CLV_OK;
}

/* Acquisitions lie on Sentinel-2's five-day rhythm; some passes are skipped, so that 8 dates span about two months. */
static void plan_dates(simulation *sim)
{
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(sim->options->seed, 1));
    double day = FIRST_DAY + clv_random_int(&rng, 20);
    for (int t = 0; t < sim->options->dates; t++) {
        clv_date date = clv_date_from_days(day);
        date.hour = 10;
        date.minute = 20;
        date.second = clv_random_int(&rng, 60);
        date.has_time = true;
        sim->shots[t].date = date;
        clv_landscape_day_init(&sim->shots[t].day, &sim->land, t, clv_day_of_year(&date));
        day += clv_random_unit(&rng) < 0.6 ? 5.0 : 10.0;
    }
}

static double sum_of_covers(const double *weight, int n, double factor, double most)
{
    double sum = 0.0;
    for (int t = 0; t < n; t++)
        sum += fmin(most, weight[t] * factor);
    return sum;
}

/* How much of each date is clouded: one date nearly all, up to half of them partly, the others hardly, so that the
 * whole comes to the share asked for. Only a share that cannot be reached otherwise clouds the rest too. */
static void plan_covers(simulation *sim)
{
    const int n = sim->options->dates;
    const double wanted = sim->options->cloud_share * n, most = fmax(MOST_COVER, sim->options->cloud_share);
    double weight[MAX_DATES];
    int order[MAX_DATES];
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(sim->options->seed, 2));
    for (int t = 0; t < n; t++)
        order[t] = t;
    for (int t = n - 1; t > 0; t--) {
        const int other = clv_random_int(&rng, t + 1), keep = order[t];
        order[t] = order[other];
        order[other] = keep;
    }
    /* The overcast date lies between others that show its ground. */
    for (int t = 0; t < n && n >= 3 && (order[0] == 0 || order[0] == n - 1); t++) {
        const int keep = order[0];
        memmove(order, order + 1, sizeof *order * (size_t)(n - 1));
        order[n - 1] = keep;
    }
    const int clouded = n / 2 > 1 ? n / 2 : 1;
    for (int i = 0; i < n; i++)
        weight[order[i]] = i == 0 ? 1.0 : i < clouded ? 0.8 - 0.5 * i / clouded : 0.015;
    double low = 0.0, high = 1000.0;
    for (int i = 0; i < 60; i++) {
        const double factor = 0.5 * (low + high);
        if (sum_of_covers(weight, n, factor, most) < wanted)
            low = factor;
        else
            high = factor;
    }
    for (int t = 0; t < n; t++)
        sim->shots[t].cover = weight[t] * high < 1e-4 ? 0.0 : fmin(most, weight[t] * high);
}

/* Clouds of one date: kind, size and height by chance, shadows where its sun throws them. */
static void plan_clouds(simulation *sim, int t)
{
    shot *s = &sim->shots[t];
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(sim->options->seed, 1000 + (uint64_t)t));
    clv_cloud_options o;
    clv_cloud_options_init(&o);
    o.seed = clv_random_next(&rng);
    o.cover = s->cover;
    const double pixel = sim->options->pixel_size, big = clv_random_unit(&rng);
    o.scale = (s->cover < 0.1 ? 450.0 : 900.0 + 1800.0 * big) / pixel;
    o.softness = s->cover < 0.1 ? clv_random_range(&rng, 0.5, 0.8) : clv_random_range(&rng, 0.25, 0.6);
    o.sheet = s->cover > 0.75 ? clv_random_range(&rng, 0.35, 0.8) : clv_random_range(&rng, 0.0, 0.3);
    o.thin = s->cover < 0.1 ? 0.0 : clv_random_range(&rng, 0.03, 0.3);
    o.haze = 0.0; /* the day's haze is the land's: it belongs to the truth */
    o.brightness = clv_random_range(&rng, 0.45, 0.8);
    const double base = clv_random_range(&rng, 700.0, 1900.0);
    o.shadow_dx = -s->day.sun[0] / s->day.sun[2] * base / pixel;
    o.shadow_dy = -s->day.sun[1] / s->day.sun[2] * base / pixel;
    clv_cloud_field_init(&s->clouds, &o, sim->options->width, sim->options->height);
}

static clv_status plan_grid(simulation *sim)
{
    const clv_simulate_options *o = sim->options;
    const double transform[6] = {EAST, o->pixel_size, 0.0, NORTH, 0.0, -o->pixel_size};
    sim->grid.width = o->width;
    sim->grid.height = o->height;
    sim->grid.has_transform = true;
    sim->grid.pixel_m = o->pixel_size;
    memcpy(sim->grid.transform, transform, sizeof transform);
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    char *wkt = NULL;
    const char *const format[] = {"FORMAT=WKT2_2019", NULL};
    if (OSRImportFromEPSG(crs, EPSG) == OGRERR_NONE && OSRExportToWktEx(crs, &wkt, format) == OGRERR_NONE)
        sim->grid.wkt = clv_strdup(wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(crs);
    if (!sim->grid.wkt)
        return clv_fail(sim->ctx, CLV_ERROR_INTERNAL, "EPSG:%d is unknown to PROJ; check that proj.db is installed",
                        EPSG);
    return CLV_OK;
}

/* ---- The outputs ------------------------------------------------------------------------------------ */

/* DIR/[folder/]sim_YYYYMMDD_suffix.ext */
static char *output_path(const simulation *sim, const clv_outputs *set, const char *folder, const clv_date *date,
                         const char *suffix)
{
    const char *extension = clv_outputs_extension(set);
    char *name = clv_format("%s%ssim_%04d%02d%02d_%s%s%s", folder, *folder ? "/" : "", date->year, date->month,
                            date->day, suffix, *extension ? "." : "", extension);
    char *path = name ? clv_path_join(sim->options->output.path, name) : NULL;
    free(name);
    return path;
}

static clv_status create_picture(simulation *sim, clv_outputs *set, const char *folder, const shot *s, clv_writer **out)
{
    static const struct {
        const char *name;
        GDALColorInterp color;
    } known[4] = {{"B04", GCI_RedBand}, {"B03", GCI_GreenBand}, {"B02", GCI_BlueBand}, {"B08", GCI_Undefined}};
    clv_product_band bands[4] = {0};
    for (int i = 0; i < sim->band_count; i++) {
        bands[i].name = known[sim->order[i]].name;
        bands[i].color = known[sim->order[i]].color;
        bands[i].has_nodata = true;
    }
    char *path = output_path(sim, set, folder, &s->date, sim->band_count == 4 ? "BGRN" : "BGR");
    if (!path)
        return clv_fail_memory(sim->ctx);
    const clv_status status =
        clv_writer_create(set, path, &sim->grid, GDT_UInt16, bands, sim->band_count, &s->date, out);
    free(path);
    return status;
}

static clv_status create_mask(simulation *sim, clv_outputs *set, const shot *s, clv_writer **out)
{
    static const char *const classes[] = {"clear", "cloud", "cloud shadow", NULL};
    static const unsigned char colors[][4] = {{0, 0, 0, 255}, {255, 255, 255, 255}, {110, 90, 160, 255}};
    const clv_product_band band = {.name = "mask", .categories = classes, .colors = colors};
    char *path = output_path(sim, set, "mask", &s->date, "mask");
    if (!path)
        return clv_fail_memory(sim->ctx);
    const clv_status status = clv_writer_create(set, path, &sim->grid, GDT_Byte, &band, 1, &s->date, out);
    free(path);
    return status;
}

static clv_status create_outputs(simulation *sim, clv_outputs *set)
{
    char *seed = clv_format("%llu", (unsigned long long)sim->options->seed);
    clv_status status = seed ? clv_outputs_tag(set, "CLEARVISION_SIMULATED", "yes") : CLV_ERROR_MEMORY;
    if (status == CLV_OK)
        status = clv_outputs_tag(set, "CLEARVISION_SEED", seed);
    free(seed);
    for (int t = 0; t < sim->options->dates && status == CLV_OK; t++)
        status = create_picture(sim, set, "", &sim->shots[t], &sim->shots[t].picture);
    for (int t = 0; t < sim->options->dates && status == CLV_OK; t++)
        status = create_picture(sim, set, "truth", &sim->shots[t], &sim->shots[t].truth);
    for (int t = 0; t < sim->options->dates && status == CLV_OK; t++)
        status = create_mask(sim, set, &sim->shots[t], &sim->shots[t].mask);
    return status;
}

/* ---- A tile ----------------------------------------------------------------------------------------- */

static void free_benches(simulation *sim)
{
    for (int i = 0; sim->benches && i < sim->threads; i++) {
        bench *b = &sim->benches[i];
        for (int k = 0; k < 4; k++) {
            free(b->ground[k]);
            free(b->seen[k]);
        }
        free(b->alpha);
        free(b->shadow);
        free(b->shade);
        free(b->work);
        free(b->raw);
        free(b->mask);
    }
    free(sim->benches);
    free(sim->ground);
}

static clv_status make_benches(simulation *sim)
{
    const int w = sim->options->width < TILE ? sim->options->width : TILE;
    const int h = sim->options->height < TILE ? sim->options->height : TILE;
    const size_t n = (size_t)w * (size_t)h;
    bool enough = true;
    sim->threads = clv_threads(sim->ctx);
    sim->benches = clv_alloc_array((size_t)sim->threads, 1, sizeof *sim->benches);
    sim->ground = clv_alloc_array(clv_landscape_ground_count(w, h), 1, sizeof *sim->ground);
    for (int i = 0; sim->benches && i < sim->threads; i++) {
        bench *b = &sim->benches[i];
        for (int k = 0; k < 4; k++) {
            b->ground[k] = clv_alloc_array(n, 1, sizeof(float));
            b->seen[k] = clv_alloc_array(n, 1, sizeof(float));
            enough = enough && b->ground[k] && b->seen[k];
        }
        b->alpha = clv_alloc_array(n, 1, sizeof(float));
        b->shadow = clv_alloc_array(n, 1, sizeof(float));
        b->shade = clv_alloc_array(n, 1, sizeof(float));
        b->work = clv_alloc_array(clv_landscape_work_count(w, h), 1, sizeof(float));
        b->raw = clv_alloc_array(n, 1, sizeof(uint16_t));
        b->mask = clv_alloc_array(n, 1, 1);
        enough = enough && b->alpha && b->shadow && b->shade && b->work && b->raw && b->mask;
    }
    if (!sim->benches || !sim->ground || !enough)
        return clv_fail_memory(sim->ctx);
    return CLV_OK;
}

static clv_status survey_rows(void *arg, int index, int worker)
{
    simulation *sim = arg;
    const int rows = clv_landscape_survey_rows(sim->tile.height), from = index * SURVEY_ROWS;
    const int to = from + SURVEY_ROWS < rows ? from + SURVEY_ROWS : rows;
    (void)worker;
    clv_landscape_survey(&sim->land, sim->tile.x, sim->tile.y, sim->tile.width, from, to, sim->ground);
    return CLV_OK;
}

static clv_status write_bands(simulation *sim, const shot *s, bench *b, float *const planes[4], clv_writer *writer)
{
    const clv_rect tile = sim->tile;
    clv_status status = CLV_OK;
    for (int i = 0; i < sim->band_count && status == CLV_OK; i++) {
        const clv_role role = sim->order[i];
        size_t at = 0;
        for (int y = 0; y < tile.height; y++)
            for (int x = 0; x < tile.width; x++, at++)
                b->raw[at] = clv_landscape_digital(&s->day, role, tile.x + x, tile.y + y, planes[role][at]);
        status = clv_writer_write(writer, i + 1, tile, b->raw);
    }
    return status;
}

static clv_status shoot(void *arg, int index, int worker)
{
    simulation *sim = arg;
    shot *s = &sim->shots[index];
    bench *b = &sim->benches[worker];
    const clv_rect tile = sim->tile;
    const size_t n = (size_t)tile.width * (size_t)tile.height;
    clv_landscape_render(&sim->land, &s->day, sim->ground, tile.x, tile.y, tile.width, tile.height, b->ground, b->work);
    clv_cloud_field_render(&s->clouds, tile.x, tile.y, tile.width, tile.height, b->alpha, b->shadow, b->shade);
    for (int k = 0; k < 4; k++)
        memcpy(b->seen[k], b->ground[k], n * sizeof(float));
    clv_clouds_apply(&s->clouds, b->alpha, b->shadow, b->shade, n, b->seen);
    clv_clouds_mask(b->alpha, b->shadow, n, b->mask);
    for (size_t i = 0; i < n; i++)
        s->clouded += b->mask[i] == CLV_CLOUD_CLASS_CLOUD;
    clv_status status = write_bands(sim, s, b, b->seen, s->picture);
    if (status == CLV_OK)
        status = write_bands(sim, s, b, b->ground, s->truth);
    if (status == CLV_OK)
        status = clv_writer_write(s->mask, 1, tile, b->mask);
    return status;
}

static clv_status make_tiles(simulation *sim)
{
    const clv_simulate_options *o = sim->options;
    const int columns = (o->width + TILE - 1) / TILE, rows = (o->height + TILE - 1) / TILE;
    clv_status status = CLV_OK;
    for (int k = 0; k < columns * rows && status == CLV_OK; k++) {
        const clv_rect tile = {(k % columns) * TILE, (k / columns) * TILE, TILE, TILE};
        sim->tile = clv_rect_intersect(tile, (clv_rect){0, 0, o->width, o->height});
        const int survey = (clv_landscape_survey_rows(sim->tile.height) + SURVEY_ROWS - 1) / SURVEY_ROWS;
        status = clv_parallel_for(sim->ctx, survey, sim->threads, survey_rows, sim);
        if (status == CLV_OK)
            status = clv_parallel_for(sim->ctx, o->dates, sim->threads, shoot, sim);
        if (status == CLV_OK)
            status = clv_progress(sim->ctx, (k + 1.0) / ((double)columns * rows));
    }
    return status;
}

/* ---- The result ------------------------------------------------------------------------------------- */

static void list_paths(clv_json_writer *w, const char *key, const clv_outputs *set, int from, int count)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int i = 0; i < count; i++)
        clv_jw_string(w, clv_outputs_path(set, from + i));
    clv_jw_end(w);
}

static clv_status tell(const simulation *sim, const clv_outputs *set, char **json)
{
    const int n = sim->options->dates;
    const double pixels = (double)sim->options->width * sim->options->height;
    double all = 0.0;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    list_paths(&w, "outputs", set, 0, n);
    list_paths(&w, "truth", set, n, n);
    list_paths(&w, "masks", set, 2 * n, n);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int t = 0; t < n; t++) {
        char text[32];
        clv_date_format(&sim->shots[t].date, text);
        clv_jw_object(&w);
        clv_jw_key(&w, "date");
        clv_jw_string(&w, text);
        clv_jw_key(&w, "cloud_share");
        clv_jw_number(&w, sim->shots[t].clouded / pixels);
        clv_jw_end(&w);
        all += sim->shots[t].clouded / pixels;
    }
    clv_jw_end(&w);
    clv_jw_key(&w, "cloud_share");
    clv_jw_number(&w, all / n);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
    return *json ? CLV_OK : clv_fail_memory(sim->ctx);
}

static clv_status simulate(clv_context *ctx, const clv_simulate_options *options, char **json)
{
    simulation sim = {.ctx = ctx,
                      .options = options,
                      .band_count = options->nir ? 4 : 3,
                      .order = {CLV_ROLE_BLUE, CLV_ROLE_GREEN, CLV_ROLE_RED, CLV_ROLE_NIR}};
    clv_outputs *set = NULL;
    clv_status status = check_options(ctx, options);
    if (status == CLV_OK)
        status = clv_outputs_new_for(ctx, &options->output, 2, &set);
    if (status == CLV_OK && !clv_outputs_is_folder(set))
        status =
            clv_fail(ctx, CLV_ERROR_ARGUMENT, "-o %s: give a folder, a series has several files", options->output.path);
    if (status != CLV_OK)
        goto cleanup;
    sim.shots = clv_alloc_array((size_t)options->dates, 1, sizeof *sim.shots);
    if (!sim.shots) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    clv_landscape_init(&sim.land, options->seed, options->pixel_size);
    plan_dates(&sim);
    plan_covers(&sim);
    for (int t = 0; t < options->dates; t++)
        plan_clouds(&sim, t);
    status = plan_grid(&sim);
    if (status == CLV_OK)
        status = make_benches(&sim);
    if (status == CLV_OK)
        status = create_outputs(&sim, set);
    if (status == CLV_OK)
        status = make_tiles(&sim);
    if (status == CLV_OK)
        status = clv_outputs_publish(set);
    if (status == CLV_OK && json)
        status = tell(&sim, set, json);

cleanup:
    free_benches(&sim);
    free(sim.shots);
    clv_grid_clear(&sim.grid);
    clv_outputs_free(set);
    return status;
}

clv_status clv_simulate(clv_context *ctx, const clv_simulate_options *options, char **json)
{
    clv_simulate_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_simulate_options_init);
    return status == CLV_OK ? simulate(ctx, &own, json) : status;
}
