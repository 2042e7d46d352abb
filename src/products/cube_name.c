/* SPDX-License-Identifier: MIT */
#include "products/cube_name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/names.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"
#include "raster/srs.h"
#include "sentinel2/mgrs.h"

#define PIXEL 20.0 /* metres */
#define TILE_PIXELS 5490
#define FIRST_STEP 4 /* days after the name's first date, which is the first day of its weather */

/* ---- Parts of the name ------------------------------------------------------------------------- */

const char *clv_cube_name_plain(const char *path)
{
    const char *base = clv_name_base(path);
    return strncmp(base, "context_", 8) == 0 ? base + 8 : strncmp(base, "target_", 7) == 0 ? base + 7 : base;
}

bool clv_cube_name_parse(const char *path, clv_cube_name *out)
{
    char start[11], end[11];
    int row_end, column_end;
    clv_date a, b;
    if (sscanf(clv_cube_name_plain(path), "%5[0-9A-Z]_%10[0-9-]_%10[0-9-]_%5d_%5d_%5d_%5d_", out->tile, start, end,
               &out->row, &row_end, &out->column, &column_end) != 7)
        return false;
    if (!clv_date_parse(start, &a) || !clv_date_parse(end, &b))
        return false;
    out->start = clv_date_days(&a);
    out->end = clv_date_days(&b);
    return out->row >= 0 && out->column >= 0 && row_end > out->row && column_end > out->column &&
           row_end <= 2 * TILE_PIXELS && column_end <= 2 * TILE_PIXELS;
}

int clv_cube_name_first(const char *path, const clv_cube_name *name, int steps)
{
    if (strncmp(clv_name_base(path), "target_", 7) != 0)
        return 0;
    int all = (int)((name->end - name->start - FIRST_STEP) / CLV_CUBE_STEP) + 1;
    return all > steps ? all - steps : 0;
}

clv_date clv_cube_name_date(const clv_cube_name *name, int step)
{
    return clv_date_from_days(name->start + FIRST_STEP + CLV_CUBE_STEP * step);
}

/* ---- The other file ---------------------------------------------------------------------------- */

static bool exists(const char *path)
{
    return clv_path_look(path) != CLV_PATH_NONE;
}

char *clv_earthnet_partner(const char *name)
{
    const char *base = clv_name_base(name), *rest = clv_cube_name_plain(name);
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

void clv_cube_name_place(const clv_cube_name *name, clv_grid *grid)
{
    static const char *const shifted[] = {"32UMC", "32UNC", "32UPC",
                                          "32UQC"}; /* the track of extremes counts rows otherwise */
    int epsg, row = name->row, column = name->column;
    double e, n;
    if (!clv_s2_tile_origin(name->tile, &epsg, &e, &n))
        return;
    for (int i = 0; i < 4; i++)
        if (strcmp(name->tile, shifted[i]) == 0)
            row += 57;
    char *wkt = clv_epsg_wkt(epsg);
    if (!wkt)
        return;
    const double t[6] = {e + PIXEL * column, PIXEL, 0, n - PIXEL * row, 0, -PIXEL};
    memcpy(grid->transform, t, sizeof t);
    grid->has_transform = true;
    grid->pixel_m = PIXEL;
    grid->wkt = wkt;
}
