/* SPDX-License-Identifier: MIT */
#include "sentinel2/mgrs.h"

#include <math.h>
#include <string.h>

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
