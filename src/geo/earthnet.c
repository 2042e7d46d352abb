/* SPDX-License-Identifier: MIT */
#include "geo/earthnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include "core/alloc.h"
#include "core/npy.h"
#include "geo/inputs.h"
#include "geo/paths.h"
#include "geo/trap.h"

#define MEMBER "highresdynamic.npy"
#define HEAD_BYTES ((size_t)66000) /* the longest .npy header and what precedes it */
#define MAX_SIDE 4096
#define MAX_STEPS 400
#define MAX_CUBE_BYTES ((size_t)1 << 29)
#define SPECTRAL 4
#define PIXEL 20.0 /* metres */
#define TILE_PIXELS 5490
#define FIRST_STEP 4 /* days after the name's first date, which is the first day of its weather */
#define STEP 5

/* What a cube's name says. */
typedef struct cube_name {
    char tile[6];
    double start, end; /* day numbers */
    int row, column;   /* of the cube's upper left pixel in the tile */
} cube_name;

/* One file's values as they were stored. */
typedef struct cube {
    clv_npy npy;
    uint8_t *data;
    int64_t strides[CLV_NPY_MAX_DIMS];
    int height, width, channels, steps;
} cube;

/* ---- Names ------------------------------------------------------------------------------------- */

bool clv_earthnet_is_cube(const char *name)
{
    return clv_name_ends(name, "npz");
}

static const char *without_prefix(const char *base)
{
    return strncmp(base, "context_", 8) == 0 ? base + 8 : strncmp(base, "target_", 7) == 0 ? base + 7 : base;
}

/* 29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz */
static bool parse_name(const char *name, cube_name *out)
{
    char start[11], end[11];
    int row_end, column_end;
    clv_date a, b;
    if (sscanf(without_prefix(clv_name_base(name)), "%5[0-9A-Z]_%10[0-9-]_%10[0-9-]_%5d_%5d_%5d_%5d_", out->tile, start,
               end, &out->row, &row_end, &out->column, &column_end) != 7)
        return false;
    if (!clv_date_parse(start, &a) || !clv_date_parse(end, &b))
        return false;
    out->start = clv_date_days(&a);
    out->end = clv_date_days(&b);
    return out->row >= 0 && out->column >= 0 && row_end > out->row && column_end > out->column &&
           row_end <= 2 * TILE_PIXELS && column_end <= 2 * TILE_PIXELS;
}

static bool exists(const char *path)
{
    return clv_path_look(path) != CLV_PATH_NONE;
}

char *clv_earthnet_partner(const char *name)
{
    const char *base = clv_name_base(name), *rest = without_prefix(base);
    if (rest == base)
        return NULL;
    bool context = base[0] == 'c';
    const char *mine = context ? "/context/" : "/target/", *other = context ? "target" : "context";
    char *same_folder = clv_format("%.*s%s_%s", (int)(base - name), name, other, rest);
    if (same_folder && exists(same_folder))
        return same_folder;
    free(same_folder);
    /* The innermost folder of that name; the name itself may begin with it ("context/29SND/..."). */
    const char *at = NULL;
    for (const char *p = strstr(name, mine); p && p < base; p = strstr(p + 1, mine))
        at = p + 1;
    if (!at && strncmp(name, mine + 1, strlen(mine) - 1) == 0)
        at = name;
    if (!at)
        return NULL;
    const char *after = at + strlen(mine) - 2;
    char *path = clv_format("%.*s%s%.*s%s_%s", (int)(at - name), name, other, (int)(base - after), after, other, rest);
    if (path && exists(path))
        return path;
    free(path);
    return NULL;
}

/* ---- Georeference ------------------------------------------------------------------------------ */

bool clv_s2_tile_origin(const char *tile, int *epsg, double *easting, double *northing)
{
    static const char bands[] = "CDEFGHJKLMNPQRSTUVWX", rows[] = "ABCDEFGHJKLMNPQRSTUV";
    static const char *const columns[3] = {"STUVWXYZ", "ABCDEFGH", "JKLMNPQR"}; /* by zone modulo 3 */
    if (strlen(tile) != 5 || tile[0] < '0' || tile[0] > '9' || tile[1] < '0' || tile[1] > '9')
        return false;
    int zone = (tile[0] - '0') * 10 + (tile[1] - '0');
    const char *band = strchr(bands, tile[2]), *column = strchr(columns[zone % 3], tile[3]),
               *row = strchr(rows, tile[4]);
    if (zone < 1 || zone > 60 || !band || !column || !row)
        return false;
    int latitude = (int)(band - bands - 10) * 8; /* lower edge of the latitude band */
    double e = 100000.0 * (double)(column - columns[zone % 3] + 1);
    int index = ((int)(row - rows) + (zone % 2 ? 0 : 15)) % 20; /* even zones begin with F */
    /* Row letters repeat every 2000 km: the one that lies in the latitude band, which is 8 degrees high. */
    double lowest = latitude * 110600.0 + (latitude < 0 ? 10000000.0 : 0), n = 100000.0 * index;
    while (n < lowest - 100000)
        n += 2000000;
    *epsg = (latitude < 0 ? 32700 : 32600) + zone;
    /* Tiles are cut on a 60 m raster and reach beyond their square. */
    *easting = 60 * floor(e / 60);
    *northing = 60 * ceil((n + 100000) / 60);
    return true;
}

static clv_status place(clv_context *ctx, const cube_name *name, clv_scene *scene)
{
    static const char *const shifted[] = {"32UMC", "32UNC", "32UPC",
                                          "32UQC"}; /* the track of extremes counts rows otherwise */
    int epsg, row = name->row, column = name->column;
    double e, n;
    if (!clv_s2_tile_origin(name->tile, &epsg, &e, &n))
        return CLV_OK;
    for (int i = 0; i < 4; i++)
        if (strcmp(name->tile, shifted[i]) == 0)
            row += 57;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    char *wkt = NULL;
    clv_status status = CLV_OK;
    if (OSRImportFromEPSG(srs, epsg) == OGRERR_NONE &&
        OSRExportToWktEx(srs, &wkt, (const char *const[]){"FORMAT=WKT2_2018", NULL}) == OGRERR_NONE) {
        clv_grid *g = &scene->grid;
        const double t[6] = {e + PIXEL * column, PIXEL, 0, n - PIXEL * row, 0, -PIXEL};
        memcpy(g->transform, t, sizeof t);
        g->has_transform = true;
        g->pixel_m = PIXEL;
        g->wkt = clv_strdup(wkt);
        if (!g->wkt)
            status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
        snprintf(scene->grid_note, sizeof scene->grid_note, "georeference reconstructed from the cube's name");
    }
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    return status;
}

/* ---- Values ------------------------------------------------------------------------------------ */

static clv_status check_shape(clv_context *ctx, const char *name, const clv_npy *npy, cube *c)
{
    if (npy->dims != 4)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: highresdynamic has %d axes instead of 4 (rows, columns, channels, time)", name, npy->dims);
    if (npy->shape[0] < 1 || npy->shape[0] > MAX_SIDE || npy->shape[1] < 1 || npy->shape[1] > MAX_SIDE ||
        npy->shape[3] < 1 || npy->shape[3] > MAX_STEPS)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: a cube of %lldx%lld pixels and %lld dates is none of EarthNet2021's", name,
                        (long long)npy->shape[1], (long long)npy->shape[0], (long long)npy->shape[3]);
    if (npy->shape[2] != 5 && npy->shape[2] != 7)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: highresdynamic has %lld channels instead of 5 (test) or 7 (training)", name,
                        (long long)npy->shape[2]);
    if (npy->count * (size_t)npy->item_size > MAX_CUBE_BYTES)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: highresdynamic is larger than 512 MB", name);
    c->height = (int)npy->shape[0];
    c->width = (int)npy->shape[1];
    c->channels = (int)npy->shape[2];
    c->steps = (int)npy->shape[3];
    return CLV_OK;
}

static clv_status read_cube(clv_context *ctx, const char *name, cube *c)
{
    clv_status status = CLV_OK;
    VSILFILE *file = NULL;
    uint8_t *head = NULL;
    clv_trap trap;
    char *member = clv_format("/vsizip/{%s}/" MEMBER, name);
    *c = (cube){0};
    clv_trap_begin(&trap);
    if (!member || !(head = malloc(HEAD_BYTES))) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
        goto cleanup;
    }
    file = VSIFOpenL(member, "rb");
    if (!file) {
        status = !exists(name)
                     ? clv_fail(ctx, CLV_ERROR_OPEN, "%s: no such file", name)
                     : clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is no EarthNet2021 cube: no " MEMBER " in it", name);
        goto cleanup;
    }
    size_t got = VSIFReadL(head, 1, HEAD_BYTES, file);
    status = clv_npy_parse(ctx, name, head, got, &c->npy);
    if (status == CLV_OK)
        status = check_shape(ctx, name, &c->npy, c);
    if (status != CLV_OK)
        goto cleanup;
    size_t bytes = c->npy.count * (size_t)c->npy.item_size;
    c->data = clv_alloc_array(1, bytes, 1);
    if (!c->data)
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory for %zu MB", name, bytes >> 20);
    else if (VSIFSeekL(file, c->npy.data_offset, SEEK_SET) != 0 || VSIFReadL(c->data, 1, bytes, file) != bytes)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: highresdynamic is cut short or damaged", name);
    clv_npy_strides(&c->npy, c->strides);

cleanup:
    if (file)
        VSIFCloseL(file);
    clv_trap_end(&trap);
    free(head);
    free(member);
    return status;
}

/* One channel of one step into plane[height * width]. */
static void take_plane(const cube *c, int channel, int step, float *plane)
{
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            int64_t at = y * c->strides[0] + x * c->strides[1] + channel * c->strides[2] + step * c->strides[3];
            plane[(size_t)y * (size_t)c->width + (size_t)x] = clv_npy_value(&c->npy, c->data, (size_t)at);
        }
}

/* ---- Frames ------------------------------------------------------------------------------------ */

static void describe_dataset(GDALDatasetH ds, const clv_scene *scene)
{
    if (!scene->grid.has_transform)
        return;
    GDALSetGeoTransform(ds, (double *)scene->grid.transform);
    GDALSetProjection(ds, scene->grid.wkt);
}

static clv_status fill_bands(const cube *c, int step, clv_frame *frame, float *plane)
{
    static const char *const names[SPECTRAL] = {"B02", "B03", "B04", "B8A"};
    for (int b = 0; b < SPECTRAL; b++) {
        GDALRasterBandH band = GDALGetRasterBand(frame->memory, b + 1);
        take_plane(c, b, step, plane);
        GDALSetDescription(band, names[b]);
        GDALSetRasterNoDataValue(band, NAN);
        if (GDALRasterIO(band, GF_Write, 0, 0, c->width, c->height, plane, c->width, c->height, GDT_Float32, 0, 0) !=
            CE_None)
            return CLV_ERROR_MEMORY;
    }
    take_plane(c, c->channels - 1, step, plane);
    for (size_t i = 0; i < (size_t)c->width * (size_t)c->height; i++)
        plane[i] = plane[i] != 0; /* NaN is not good either */
    return GDALRasterIO(GDALGetRasterBand(frame->memory_mask, 1), GF_Write, 0, 0, c->width, c->height, plane, c->width,
                        c->height, GDT_Float32, 0, 0) == CE_None
               ? CLV_OK
               : CLV_ERROR_MEMORY;
}

static clv_status make_frame(clv_context *ctx, const cube *c, int step, const clv_scene *scene, clv_frame *frame,
                             float *plane)
{
    GDALDriverH mem = GDALGetDriverByName("MEM");
    frame->bands = clv_alloc_array(1, SPECTRAL, sizeof *frame->bands);
    frame->memory = mem ? GDALCreate(mem, "", c->width, c->height, SPECTRAL, GDT_Float32, NULL) : NULL;
    frame->memory_mask = mem ? GDALCreate(mem, "", c->width, c->height, 1, GDT_Byte, NULL) : NULL;
    if (!frame->bands || !frame->memory || !frame->memory_mask || fill_bands(c, step, frame, plane) != CLV_OK)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    static const char *const names[SPECTRAL] = {"B04", "B03", "B02", "B8A"};
    for (int k = 0; k < SPECTRAL; k++) {
        clv_band *band = &frame->bands[k];
        *band = (clv_band){.index = k < 3 ? 3 - k : 4,
                           .role = (clv_role)k,
                           .type = CLV_PIXEL_FLOAT32,
                           .scale = 1,
                           .has_nodata = true,
                           .declares_nodata = true,
                           .nodata = NAN};
        snprintf(band->name, sizeof band->name, "%s", names[k]);
    }
    frame->channels = SPECTRAL;
    frame->sample_low = frame->sample_high = NAN;
    snprintf(frame->bands_how, sizeof frame->bands_how, "EarthNet2021 channels B04 B03 B02 B8A");
    snprintf(frame->scale_how, sizeof frame->scale_how, "1 (EarthNet2021 reflectance)");
    snprintf(frame->mask_how, sizeof frame->mask_how, "EarthNet2021 quality mask");
    describe_dataset(frame->memory, scene);
    describe_dataset(frame->memory_mask, scene);
    return CLV_OK;
}

static void date_frame(const cube_name *name, int step, clv_frame *frame)
{
    if (!name) {
        snprintf(frame->date_how, sizeof frame->date_how, "unknown");
        return;
    }
    frame->date = clv_date_from_days(name->start + FIRST_STEP + STEP * step);
    frame->has_date = true;
    snprintf(frame->date_how, sizeof frame->date_how, "cube's name, every 5 days");
}

/* A target part alone begins after its context: as many steps before the end as it has. */
static int first_step(const char *path, const cube_name *name, int steps)
{
    if (!name || strncmp(clv_name_base(path), "target_", 7) != 0)
        return 0;
    int all = (int)((name->end - name->start - FIRST_STEP) / STEP) + 1;
    return all > steps ? all - steps : 0;
}

static clv_status add_frames(clv_context *ctx, const char *path, const cube *c, const cube_name *name, int first,
                             clv_scene *scene)
{
    float *plane = clv_alloc_array((size_t)c->height, (size_t)c->width, sizeof *plane);
    clv_status status = plane ? CLV_OK : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    if (scene->frames > 0 && (c->width != scene->grid.width || c->height != scene->grid.height))
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: context and target differ in size", path);
    for (int s = 0; s < c->steps && status == CLV_OK; s++) {
        clv_frame *frame = &scene->frame[scene->frames];
        status = make_frame(ctx, c, s, scene, frame, plane);
        date_frame(name, first + s, frame);
        scene->frames++; /* a half-made frame is cleared with the scene too */
    }
    free(plane);
    return status;
}

clv_status clv_earthnet_open(clv_context *ctx, const char *name, clv_scene *out)
{
    cube parts[2] = {0};
    cube_name named;
    const cube_name *known = parse_name(name, &named) ? &named : NULL;
    bool is_target = strncmp(clv_name_base(name), "target_", 7) == 0;
    char *partner = clv_earthnet_partner(name);
    const char *paths[2] = {is_target && partner ? partner : name, is_target && partner ? name : partner};
    clv_status status = CLV_OK;
    *out = (clv_scene){0};
    GDALAllRegister();
    for (int p = 0; p < 2 && paths[p] && status == CLV_OK; p++)
        status = read_cube(ctx, paths[p], &parts[p]);
    if (status != CLV_OK)
        goto cleanup;
    out->grid = (clv_grid){.width = parts[0].width, .height = parts[0].height, .transform = {0, 1, 0, 0, 0, 1}};
    out->source = clv_strdup(paths[0]);
    out->stem = clv_strdup(without_prefix(clv_name_base(name)));
    out->frame = clv_alloc_array(1, (size_t)parts[0].steps + (size_t)parts[1].steps, sizeof *out->frame);
    if (!out->source || !out->stem || !out->frame) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
        goto cleanup;
    }
    out->stem[strlen(out->stem) - 4] = 0; /* .npz */
    if (known)
        status = place(ctx, known, out);
    for (int p = 0, first = first_step(paths[0], known, parts[0].steps); p < 2 && paths[p] && status == CLV_OK; p++) {
        status = add_frames(ctx, paths[p], &parts[p], known, first, out);
        first += parts[p].steps;
    }
    if (status == CLV_OK && partner)
        clv_note(ctx, "%s: joined with %s", name, partner);

cleanup:
    free(parts[0].data);
    free(parts[1].data);
    free(partner);
    if (status != CLV_OK)
        clv_scene_clear(out);
    return status;
}
