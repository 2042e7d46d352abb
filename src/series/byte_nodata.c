/* SPDX-License-Identifier: MIT */
#include "series/byte_nodata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/byte_areas.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"
#include "series/series_private.h"

#define SMALL (1 << 20) /* pixels: read as a whole at once */
#define ROWS 17         /* of a larger picture that are looked at first */
#define TIP 16          /* pixels at their ends */
#define RUN 4           /* pixels of one value */

/* A date in work. */
typedef struct search {
    GDALDatasetH image;
    int width, height, bands;
    int indices[CLV_BYTE_AREAS_BANDS];
    bool told[CLV_BYTE_AREAS_VALUES];
    uint8_t *planes; /* [bands, rows, width] */
} search;

static bool is_candidate(const clv_acquisition *a, int core)
{
    bool bytes = a->facts.nodata_from != CLV_NODATA_USER && !a->facts.use_mask && !clv_path_is_remote(a->source) &&
                 !clv_path_is_remote(a->facts.vrt);
    for (int c = 0; c < core; c++)
        bytes = bytes && a->bands[c].type == CLV_TYPE_BYTE && a->bands[c].other_count == 0;
    return bytes;
}

/* ---- Looking -------------------------------------------------------------------------------------- */

static bool read_rows(const search *s, int x, int y, int width, int height)
{
    return GDALDatasetRasterIO(s->image, GF_Read, x, y, width, height, s->planes, width, height, GDT_Byte, s->bands,
                               (int *)s->indices, 0, 0, 0) == CE_None;
}

/* RUN pixels that have one of the values in all bands. */
static bool has_run(const search *s, int width)
{
    int run = 0;
    for (int i = 0; i < width; i++) {
        const uint8_t v = s->planes[i];
        bool all = (v == 0 && !s->told[0]) || (v == 255 && !s->told[1]);
        for (int b = 1; b < s->bands && all; b++)
            all = s->planes[(size_t)b * (size_t)width + (size_t)i] == v;
        run = all ? run + 1 : 0;
        if (run == RUN)
            return true;
    }
    return false;
}

/* Whether a large picture's rim is worth reading it as a whole. */
static bool is_suspect(const search *s)
{
    if ((double)s->width * s->height <= SMALL)
        return true;
    const int tip = s->width < TIP ? s->width : TIP;
    for (int k = 0; k < ROWS; k++) {
        const int y = (int)((double)k * (s->height - 1) / (ROWS - 1));
        if (k == 0 || k == ROWS - 1) {
            if (read_rows(s, 0, y, s->width, 1) && has_run(s, s->width))
                return true;
        } else if ((read_rows(s, 0, y, tip, 1) && has_run(s, tip)) ||
                   (read_rows(s, s->width - tip, y, tip, 1) && has_run(s, tip))) {
            return true;
        }
    }
    return false;
}

/* *readable: false where the picture cannot be read. */
static clv_status look_everywhere(clv_context *ctx, const search *s, clv_byte_areas *areas, bool *readable)
{
    for (int row = 0; row < areas->rows && *readable; row++) {
        const int first = row * CLV_BYTE_AREAS_BLOCK - CLV_BYTE_AREAS_AROUND,
                  end = (row + 1) * CLV_BYTE_AREAS_BLOCK + CLV_BYTE_AREAS_AROUND;
        const int top = first < 0 ? 0 : first, count = (end < s->height ? end : s->height) - top;
        const uint8_t *planes[CLV_BYTE_AREAS_BANDS];
        clv_status status = clv_check_cancel(ctx);
        if (status != CLV_OK)
            return status;
        *readable = read_rows(s, 0, top, s->width, count);
        for (int b = 0; b < s->bands; b++)
            planes[b] = s->planes + (size_t)b * (size_t)s->width * (size_t)count;
        if (*readable)
            clv_byte_areas_look(areas, row, planes, top, count);
    }
    return CLV_OK;
}

/* *areas: NULL where there are none. */
static clv_status look_at(clv_context *ctx, search *s, clv_byte_areas **areas)
{
    const size_t rows = CLV_BYTE_AREAS_BLOCK + 2 * CLV_BYTE_AREAS_AROUND;
    clv_gdal_errors errors;
    clv_status status = CLV_OK;
    bool readable = true, room = true, found = false;
    *areas = NULL;
    s->planes = clv_alloc_array((size_t)s->width, rows, (size_t)s->bands);
    if (!s->planes)
        return clv_fail_memory(ctx);
    clv_gdal_errors_begin(&errors);
    if (is_suspect(s)) {
        *areas = clv_byte_areas_new(s->bands, s->width, s->height);
        room = *areas;
        status = room ? look_everywhere(ctx, s, *areas, &readable) : CLV_OK;
        found = room && status == CLV_OK && readable && clv_byte_areas_decide(*areas, s->told, &room);
    }
    clv_gdal_errors_end(&errors);
    free(s->planes);
    if (!found || !room) {
        clv_byte_areas_free(*areas);
        *areas = NULL;
    }
    return room ? status : clv_fail_memory(ctx);
}

/* ---- What was found ------------------------------------------------------------------------------- */

static void name_values(const bool *found, char text[16])
{
    snprintf(text, 16, "%s", found[0] && found[1] ? "0 and 255" : found[0] ? "0" : "255");
}

static void describe(clv_acquisition *a, const bool *found)
{
    char *how = a->facts.nodata_how, values[16], before[sizeof a->facts.nodata_how];
    name_values(found, values);
    snprintf(before, sizeof before, "%s", strcmp(how, "none") == 0 ? "" : how);
    snprintf(how, sizeof a->facts.nodata_how, "%.80s%s%s in all bands, in areas along the rim, by how the pixels lie",
             before, before[0] ? "; " : "", values);
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++)
        if (found[k] && a->facts.nodata_found_count < CLV_NODATA_FOUND)
            a->facts.nodata_found[a->facts.nodata_found_count++] = clv_byte_areas_value[k];
}

clv_status clv_series_find_byte_nodata(clv_context *ctx, clv_series *series)
{
    const int core = series->has_nir ? 4 : 3;
    bool all_found[CLV_BYTE_AREAS_VALUES] = {false};
    int first = -1, dates = 0;
    for (int t = 0; t < series->dates; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        clv_date_files *f = &series->private_data->files[t];
        if (series->channels < core || !is_candidate(a, core))
            continue;
        search s = {.image = clv_series_dataset(series, t),
                    .width = f->native.width,
                    .height = f->native.height,
                    .bands = core};
        if (!s.image)
            continue;
        for (int c = 0; c < core; c++)
            s.indices[c] = a->bands[c].index;
        for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++)
            for (int c = 0; c < core; c++)
                s.told[k] = s.told[k] || (a->bands[c].has_nodata && a->bands[c].nodata == clv_byte_areas_value[k]);
        clv_status status = look_at(ctx, &s, &f->bytes);
        if (status != CLV_OK)
            return status;
        if (!f->bytes)
            continue;
        describe(a, f->bytes->found);
        for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++)
            all_found[k] = all_found[k] || f->bytes->found[k];
        first = first < 0 ? t : first;
        dates++;
        series->private_data->total -= f->open; /* a view that is open does not know of it */
        clv_series_close_files(f);
    }
    if (first < 0)
        return CLV_OK;
    char values[16], more[48] = "";
    const bool both = all_found[0] && all_found[1];
    name_values(all_found, values);
    if (dates > 1)
        snprintf(more, sizeof more, " and %d more date%s", dates - 1, dates > 2 ? "s" : "");
    clv_warn(ctx,
             "%s%s: %s fill%s all bands at once in whole areas along the rim and %s taken as no data there; give "
             "-srcnodata VALUE or none when that is wrong",
             series->acquisitions[first].source, more, values, both ? "" : "s", both ? "are" : "is");
    return CLV_OK;
}
