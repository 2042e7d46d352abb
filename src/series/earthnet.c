/* SPDX-License-Identifier: MIT */
#include "series/earthnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"

#define PARTS 2

/* One file, and planes to read into. */
typedef struct source {
    clv_context *ctx;
    clv_cube *cube;
    float *plane, *deep; /* [height, width] */
} source;

/* ---- Acquisitions ------------------------------------------------------------------------------------ */

static void describe_dataset(GDALDatasetH ds, const clv_dataset *opened)
{
    if (!opened->grid.has_transform)
        return;
    GDALSetGeoTransform(ds, (double *)opened->grid.transform);
    GDALSetProjection(ds, opened->grid.wkt);
}

static clv_status write_plane(const source *s, GDALDatasetH ds, int band)
{
    int w = s->cube->grid.width, h = s->cube->grid.height;
    if (GDALRasterIO(GDALGetRasterBand(ds, band), GF_Write, 0, 0, w, h, s->plane, w, h, GDT_Float32, 0, 0) != CE_None)
        return clv_fail_memory(s->ctx);
    return CLV_OK;
}

static clv_status fill_bands(const source *s, int step, clv_dataset_acquisition *acquisition)
{
    static const char *const names[CLV_CUBE_BANDS] = {"B02", "B03", "B04", "B8A"};
    clv_status status = CLV_OK;
    for (int b = 0; b < CLV_CUBE_BANDS && status == CLV_OK; b++) {
        GDALRasterBandH band = GDALGetRasterBand(acquisition->memory, b + 1);
        GDALSetDescription(band, names[b]);
        GDALSetRasterNoDataValue(band, NAN);
        status = clv_cube_read(s->ctx, s->cube, (clv_cube_layer)b, step, s->plane);
        if (status == CLV_OK)
            status = write_plane(s, acquisition->memory, b + 1);
    }
    return status;
}

/* NaN is no data, as 0 is. */
static float class_of(float scl, float deep)
{
    if (deep == 1 || deep == 2 || scl == 1 || scl == 8 || scl == 9 || scl == 10)
        return 9;
    if (deep == 3 || scl == 3)
        return 3;
    return scl > 0 ? 4 : 0;
}

static clv_status fill_mask(const source *s, int step, clv_dataset_acquisition *acquisition)
{
    const bool *has = s->cube->has;
    size_t n = (size_t)s->cube->grid.width * (size_t)s->cube->grid.height;
    clv_status status = CLV_OK;
    if (!s->cube->is_minicube) {
        status = clv_cube_read(s->ctx, s->cube, CLV_CUBE_MASK, step, s->plane);
        return status == CLV_OK ? write_plane(s, acquisition->memory_mask, 1) : status;
    }
    if (has[CLV_CUBE_SCL])
        status = clv_cube_read(s->ctx, s->cube, CLV_CUBE_SCL, step, s->plane);
    if (status == CLV_OK && has[CLV_CUBE_MASK])
        status = clv_cube_read(s->ctx, s->cube, CLV_CUBE_MASK, step, s->deep);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        s->plane[i] = class_of(has[CLV_CUBE_SCL] ? s->plane[i] : 4, has[CLV_CUBE_MASK] ? s->deep[i] : 0);
    return status == CLV_OK ? write_plane(s, acquisition->memory_mask, 1) : status;
}

static void describe_bands(clv_dataset_acquisition *acquisition)
{
    static const char *const names[CLV_CUBE_BANDS] = {"B04", "B03", "B02", "B8A"};
    for (int k = 0; k < CLV_CUBE_BANDS; k++) {
        clv_band *band = &acquisition->bands[k];
        *band = (clv_band){.index = k < 3 ? 3 - k : 4,
                           .role = (clv_role)k,
                           .type = CLV_TYPE_FLOAT32,
                           .scale = 1,
                           .has_nodata = true,
                           .declares_nodata = true,
                           .nodata = NAN};
        snprintf(band->name, sizeof band->name, "%s", names[k]);
    }
    acquisition->channels = CLV_CUBE_BANDS;
    acquisition->facts.nodata_from = CLV_NODATA_DECLARED;
    snprintf(acquisition->facts.nodata_how, sizeof acquisition->facts.nodata_how, "nan, declared");
}

static void describe_mask(const clv_cube *cube, clv_dataset_acquisition *acquisition)
{
    const bool *has = cube->has;
    acquisition->facts.cube_mask = cube->is_minicube ? CLV_MASK_KIND_SCL : CLV_MASK_KIND_PLAIN;
    if (!cube->is_minicube)
        snprintf(acquisition->facts.mask_how, sizeof acquisition->facts.mask_how, "EarthNet2021 quality mask");
    else if (has[CLV_CUBE_MASK] || has[CLV_CUBE_SCL])
        snprintf(acquisition->facts.mask_how, sizeof acquisition->facts.mask_how, "minicube's %s%s%s",
                 has[CLV_CUBE_MASK] ? "s2_dlmask" : "", has[CLV_CUBE_MASK] && has[CLV_CUBE_SCL] ? " and " : "",
                 has[CLV_CUBE_SCL] ? "s2_SCL" : "");
}

static void date_acquisition(const clv_cube *cube, int step, clv_dataset_acquisition *acquisition)
{
    acquisition->facts.has_date = cube->dates != NULL;
    if (acquisition->facts.has_date)
        acquisition->facts.date = cube->dates[step];
    snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s",
             !cube->dates        ? "unknown"
             : cube->is_minicube ? "minicube's time axis"
                                 : "cube's name, every 5 days");
}

static clv_status make_acquisition(const source *s, int step, const clv_dataset *opened,
                                   clv_dataset_acquisition *acquisition)
{
    const clv_cube *cube = s->cube;
    const char *kind = cube->is_minicube ? "minicube" : "EarthNet2021";
    int w = cube->grid.width, h = cube->grid.height;
    bool masked = cube->has[CLV_CUBE_MASK] || cube->has[CLV_CUBE_SCL];
    GDALDriverH mem = GDALGetDriverByName("MEM");
    acquisition->bands = clv_alloc_array(1, CLV_CUBE_BANDS, sizeof *acquisition->bands);
    acquisition->memory = mem ? GDALCreate(mem, "", w, h, CLV_CUBE_BANDS, GDT_Float32, NULL) : NULL;
    acquisition->memory_mask = mem && masked ? GDALCreate(mem, "", w, h, 1, GDT_Byte, NULL) : NULL;
    if (!acquisition->bands || !acquisition->memory || (masked && !acquisition->memory_mask))
        return clv_fail_memory(s->ctx);
    clv_status status = fill_bands(s, step, acquisition);
    if (status == CLV_OK && masked)
        status = fill_mask(s, step, acquisition);
    if (status != CLV_OK)
        return status;
    describe_bands(acquisition);
    describe_mask(cube, acquisition);
    date_acquisition(cube, step, acquisition);
    acquisition->sample_low = acquisition->sample_dark = acquisition->sample_high = NAN;
    snprintf(acquisition->facts.bands_how, sizeof acquisition->facts.bands_how, "%s %s B04 B03 B02 B8A", kind,
             cube->is_minicube ? "variables" : "channels");
    snprintf(acquisition->facts.scale_how, sizeof acquisition->facts.scale_how, "1 (%s reflectance)", kind);
    describe_dataset(acquisition->memory, opened);
    if (masked)
        describe_dataset(acquisition->memory_mask, opened);
    return CLV_OK;
}

/* ---- A dataset ----------------------------------------------------------------------------------- */

static clv_status add_acquisitions(clv_context *ctx, clv_cube *cube, clv_dataset *opened)
{
    size_t h = (size_t)cube->grid.height, w = (size_t)cube->grid.width;
    source s = {ctx, cube, clv_alloc_array(h, w, sizeof(float)), clv_alloc_array(h, w, sizeof(float))};
    clv_status status = s.plane && s.deep ? CLV_OK : clv_fail_memory(ctx);
    if (cube->grid.width != opened->grid.width || cube->grid.height != opened->grid.height)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: context and target differ in size", cube->path);
    for (int step = 0; step < cube->steps && status == CLV_OK; step++) {
        clv_dataset_acquisition *acquisition =
            &opened->acquisition[opened->acquisitions++]; /* a half-made acquisition is cleared with the dataset too */
        status = make_acquisition(&s, step, opened, acquisition);
    }
    free(s.plane);
    free(s.deep);
    return status;
}

/* The file's name without folders, context_ or target_, and extension; free(). */
static char *stem_of(const char *name)
{
    char *stem = clv_strdup(clv_cube_name_plain(name)), *dot = stem ? strrchr(stem, '.') : NULL;
    if (dot)
        *dot = 0;
    return stem;
}

/* The second part of a test split goes on where the first ends. */
static void follow(const clv_cube *first, clv_cube *second)
{
    for (int t = 0; second && first->dates && second->dates && t < second->steps; t++)
        second->dates[t] = clv_date_from_days(clv_date_days(&first->dates[first->steps - 1]) + CLV_CUBE_STEP * (t + 1));
}

clv_status clv_earthnet_open(clv_context *ctx, const char *name, clv_dataset *out)
{
    clv_cube *parts[PARTS] = {NULL};
    bool is_target = strncmp(clv_name_base(name), "target_", 7) == 0;
    char *partner = clv_name_ends(name, "npz") ? clv_earthnet_partner(name) : NULL;
    const char *paths[PARTS] = {is_target && partner ? partner : name, is_target && partner ? name : partner};
    int steps = 0;
    clv_status status = CLV_OK;
    *out = (clv_dataset){0};
    GDALAllRegister();
    for (int p = 0; p < PARTS && paths[p] && status == CLV_OK; p++) {
        status = clv_cube_open(ctx, paths[p], &parts[p]);
        steps += status == CLV_OK ? parts[p]->steps : 0;
    }
    if (status != CLV_OK)
        goto cleanup;
    out->source = clv_strdup(paths[0]);
    out->stem = stem_of(name);
    out->acquisition = clv_alloc_array(1, (size_t)steps, sizeof *out->acquisition);
    if (!out->source || !out->stem || !out->acquisition || clv_grid_copy(&parts[0]->grid, &out->grid) != CLV_OK) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    follow(parts[0], parts[1]);
    if (out->grid.has_transform)
        snprintf(out->grid_note, sizeof out->grid_note, "georeference %s",
                 parts[0]->is_minicube ? "recovered from the minicube's diagonal"
                                       : "reconstructed from the cube's name");
    for (int p = 0; p < PARTS && paths[p] && status == CLV_OK; p++)
        status = add_acquisitions(ctx, parts[p], out);
    if (status == CLV_OK && partner)
        clv_note(ctx, "%s: joined with %s", name, partner);

cleanup:
    for (int p = 0; p < PARTS; p++)
        clv_cube_free(parts[p]);
    free(partner);
    if (status != CLV_OK)
        clv_dataset_clear(out);
    return status;
}
