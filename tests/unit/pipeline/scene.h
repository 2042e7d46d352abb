/* SPDX-License-Identifier: MIT
 *
 * scene: a small series with given masks in GDAL's memory file system, and what the pipeline makes before stage 2: its
 * flags. Included once by each test program, after cmocka.h.
 */
#ifndef CLV_TEST_SCENE_H
#define CLV_TEST_SCENE_H

#include "output/writer.h"
#include "pipeline/flags.h"
#include "pipeline/stage1.h"
#include "rasters.h"

enum { SCENE_DATES = 8 };
#define SCENE_X 600000.0 /* upper left corner */
#define SCENE_Y 5200000.0

/* Values and masks of date t at a column and row of 20 m pixels; fractions where pixels are finer. */
typedef double (*scene_value)(int t, double column, double row, int band);
typedef bool (*scene_cloud)(int t, double column, double row);

typedef struct scene {
    clv_context *ctx;
    clv_remove_options options;
    char names[SCENE_DATES][48], mask_names[SCENE_DATES][48];
    const char *inputs[SCENE_DATES + 1], *masks[SCENE_DATES + 1];
    clv_series *series;
    clv_outputs *set;
    clv_scratch *flags;
    clv_stage1 stage1;
    clv_stage1_date found[SCENE_DATES];
} scene;

static struct {
    int t;
    scene_value value;
    scene_cloud cloud;
} scene_fill;

static inline double scene_fill_value(double x, double y, int band)
{
    return scene_fill.value(scene_fill.t, (x - SCENE_X) / 20, (SCENE_Y - y) / 20, band);
}

static inline double scene_fill_cloud(double x, double y, int band)
{
    (void)band;
    return scene_fill.cloud(scene_fill.t, (x - SCENE_X) / 20, (SCENE_Y - y) / 20);
}

/* Four bands of UInt16, reflectance * 10000, nodata 0, five days apart. width and height count pixels of 20 m. */
static inline void scene_files(scene *s, int dates, int width, int height, double pixel, scene_value value,
                               scene_cloud cloud)
{
    memset(s, 0, sizeof *s);
    s->ctx = clv_context_new();
    clv_remove_options_init(&s->options);
    const int fine = (int)(20 / pixel);
    for (int t = 0; t < dates; t++) {
        scene_fill.t = t;
        scene_fill.value = value;
        scene_fill.cloud = cloud;
        snprintf(s->names[t], sizeof s->names[t], "/vsimem/t/in/a_202206%02d.tif", 1 + 5 * t);
        snprintf(s->mask_names[t], sizeof s->mask_names[t], "/vsimem/t/masks/a_202206%02d.tif", 1 + 5 * t);
        s->inputs[t] = s->names[t];
        s->masks[t] = s->mask_names[t];
        raster r = {
            .path = s->names[t], .width = width * fine, .height = height * fine, .bands = 4, .type = GDT_UInt16};
        r.transform[0] = SCENE_X, r.transform[1] = pixel, r.transform[3] = SCENE_Y, r.transform[5] = -pixel;
        r.epsg = 32632;
        r.names = bgrn;
        r.fill = scene_fill_value;
        r.has_nodata = true;
        make(&r);
        r.path = s->mask_names[t];
        r.bands = 1;
        r.type = GDT_Byte;
        r.names = NULL;
        r.fill = scene_fill_cloud;
        r.has_nodata = false;
        make(&r);
    }
    s->options.input.masks = s->masks;
    s->options.input.mask_mode = CLV_MASK_REPLACE;
    s->options.output.path = "/vsimem/t/out";
}

/* Opens the series and finds its flags. */
static inline void scene_open(scene *s, int dates)
{
    if (clv_series_open(s->ctx, s->inputs, dates, &s->options.input, &s->series) != CLV_OK)
        fail_msg("%s", clv_context_error(s->ctx));
    assert_int_equal(clv_outputs_new(s->ctx, &s->options.output, &s->set), CLV_OK);
    assert_int_equal(clv_scratch_new(s->set, &s->series->grid, GDT_Byte, s->series->dates, &s->flags), CLV_OK);
    s->stage1 = (clv_stage1){.settings = &s->options.detect,
                             .compute = &s->options.compute,
                             .user_masks = true,
                             .flags = s->flags,
                             .dates = s->found};
    if (clv_stage1_run(s->ctx, s->series, &s->stage1) != CLV_OK)
        fail_msg("%s", clv_context_error(s->ctx));
}

static inline void scene_close(scene *s)
{
    clv_scratch_free(s->flags);
    clv_outputs_free(s->set);
    clv_series_free(s->series);
    clv_context_free(s->ctx);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    clear_memory();
    CPLPopErrorHandler();
}

/* For clv_stage2_setup; user: the scene. */
static inline clv_status scene_flags(void *user, int t, clv_rect rows, uint8_t *flags)
{
    const scene *s = user;
    return clv_flags_read(s->ctx, s->flags, &s->series->grid, t, &s->options.detect, rows, flags);
}

/* Land that differs from pixel to pixel and changes a little from date to date. */
static inline double scene_land(int t, double column, double row, int band)
{
    int x = (int)column, y = (int)row;
    return 400 + 250 * band + (x * 7 + y * 13) % 41 * 9 + 15 * t + (x / 24 + y / 24) % 2 * 300;
}

/* A block of 40 x 40 pixels a date, side by side; every pixel is observed at other dates. */
static inline bool scene_block(int t, double column, double row)
{
    return column >= 30 + 45 * t && column < 70 + 45 * t && row >= 20 && row < 60;
}

#endif
