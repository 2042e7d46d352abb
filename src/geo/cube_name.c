/* SPDX-License-Identifier: MIT */
#include "geo/cube_name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "core/alloc.h"
#include "geo/inputs.h"
#include "geo/paths.h"
#include "geo/trap.h"

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

char *clv_epsg_wkt(int epsg)
{
    clv_trap trap;
    char *wkt = NULL, *copy = NULL;
    clv_trap_begin(&trap);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(srs, epsg) == OGRERR_NONE &&
        OSRExportToWktEx(srs, &wkt, (const char *const[]){"FORMAT=WKT2_2018", NULL}) == OGRERR_NONE)
        copy = clv_strdup(wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    clv_trap_end(&trap);
    return copy;
}

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
