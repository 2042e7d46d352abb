/* SPDX-License-Identifier: MIT */
#include "sentinel2/sensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_SIZE 16

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_alnum(char c)
{
    return is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'Z');
}

/* The next run of letters and digits, upper case; what is longer than a token is cut, which makes it no known one. */
static const char *next_token(const char *p, char token[TOKEN_SIZE])
{
    size_t n = 0;
    while (*p && !is_alnum(*p))
        p++;
    for (; is_alnum(*p); p++)
        if (n < TOKEN_SIZE - 1)
            token[n++] = upper(*p);
    token[n] = 0;
    return p;
}

static bool starts(const char *token, const char *with)
{
    return strncmp(token, with, strlen(with)) == 0;
}

/* Number of the Landsat satellite: 4 to 9. */
static clv_sensor of_landsat(char number, char satellite[8])
{
    if (number < '4' || number > '9')
        return CLV_SENSOR_UNKNOWN;
    snprintf(satellite, 8, "L%c", number);
    return number >= '8' ? CLV_SENSOR_OLI : CLV_SENSOR_TM;
}

/* Letter of the Sentinel-2 satellite; others than A to D name none, as in Sen2L of FORCE. */
static clv_sensor of_sentinel(char letter, char satellite[8])
{
    if (letter >= 'A' && letter <= 'D')
        snprintf(satellite, 8, "S2%c", letter);
    return CLV_SENSOR_MSI;
}

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0)
            return true;
    return false;
}

/* Whether what stands behind "S2A" belongs to it: S2A2A (BDC), S2A1C (sen2r), S2AM (DEA). */
static bool ends_satellite(const char *rest)
{
    static const char *const ends[] = {"", "1C", "2A", "M"};
    return is_one_of(rest, ends, sizeof ends / sizeof *ends);
}

/* A token that stands behind another one. satellite stays as it is where the token names none. */
static clv_sensor of_token(const char *before, const char *t, char satellite[8])
{
    static const char *const oli[] = {"HLSL30", "L30"}, *const msi[] = {"HLSS30", "S30"};
    const size_t n = strlen(t);
    const bool digits_follow = t[0] && t[1] && t[2] && strspn(t + 3, "0123456789") >= 6;
    if (t[0] == 'L' && n == 4 && t[1] && strchr("COET", t[1]) && t[2] == '0') /* LC08: USGS, collections */
        return of_landsat(t[3], satellite);
    if (t[0] == 'L' && t[1] && strchr("COET", t[1]) && digits_follow) /* LC8PPPRRR...: before the collections */
        return of_landsat(t[2], satellite);
    if (starts(t, "LND0") && n == 5) /* FORCE */
        return of_landsat(t[4], satellite);
    if (starts(t, "LS") && n == 4 && is_digit(t[2]) && !is_digit(t[3])) /* LS8C: Digital Earth Australia */
        return of_landsat(t[2], satellite);
    if (strcmp(before, "LANDSAT") == 0 && n == 1)
        return of_landsat(t[0], satellite);
    if (starts(t, "LANDSAT") && n == 8)
        return of_landsat(t[7], satellite);
    if (is_one_of(t, oli, 2) || is_one_of(t, msi, 2)) {
        snprintf(satellite, 8, "%s", t + n - 3);
        return is_one_of(t, oli, 2) ? CLV_SENSOR_OLI : CLV_SENSOR_MSI;
    }
    if (starts(t, "S2MSI"))
        return CLV_SENSOR_MSI;
    if (starts(t, "S2") && t[2] >= 'A' && t[2] <= 'D' && ends_satellite(t + 3))
        return of_sentinel(t[2], satellite);
    if (starts(t, "SEN2") && n == 5)
        return of_sentinel(t[4], satellite);
    if (starts(t, "SENTINEL2"))
        return of_sentinel(n == 10 ? t[9] : 0, satellite);
    if (strcmp(before, "SENTINEL") == 0 && t[0] == '2')
        return of_sentinel(n == 2 ? t[1] : 0, satellite);
    return CLV_SENSOR_UNKNOWN;
}

/* The first token that names a sensor; satellite: that names a satellite. */
static clv_sensor read_name(const char *name, bool wants_satellite, char satellite[8])
{
    char token[TOKEN_SIZE], before[TOKEN_SIZE] = "";
    satellite[0] = 0;
    for (const char *p = name; p && *p;) {
        p = next_token(p, token);
        const clv_sensor found = of_token(before, token, satellite);
        if (found != CLV_SENSOR_UNKNOWN && (satellite[0] || !wants_satellite))
            return found;
        memcpy(before, token, sizeof before);
    }
    return CLV_SENSOR_UNKNOWN;
}

clv_sensor clv_sensor_of_name(const char *name)
{
    char satellite[8];
    return read_name(name, false, satellite);
}

bool clv_satellite_of_name(const char *name, char satellite[8])
{
    return read_name(name, true, satellite) != CLV_SENSOR_UNKNOWN;
}

clv_sensor clv_sensor_of_path(const char *path)
{
    char part[256];
    clv_sensor found = CLV_SENSOR_UNKNOWN;
    size_t end = path ? strlen(path) : 0;
    for (int level = 0; level < 2 && end > 0 && found == CLV_SENSOR_UNKNOWN; level++) {
        size_t begin = end;
        while (begin > 0 && path[begin - 1] != '/')
            begin--;
        size_t n = end - begin < sizeof part ? end - begin : sizeof part - 1;
        memcpy(part, path + begin, n);
        part[n] = 0;
        found = clv_sensor_of_name(part);
        end = begin > 0 ? begin - 1 : 0;
    }
    return found;
}

bool clv_sensor_is_landsat(clv_sensor sensor)
{
    return sensor == CLV_SENSOR_OLI || sensor == CLV_SENSOR_TM;
}

/* "B4", "B04", "SR_B5", "b8a": the number; 80 for 8A, 0 for none. */
static int band_number(const char *band)
{
    const char *p = strrchr(band, '_') ? strrchr(band, '_') + 1 : band;
    if (upper(p[0]) != 'B' || !is_digit(p[1]))
        return 0;
    int n = p[1] - '0', at = 2;
    if (is_digit(p[2]))
        n = n * 10 + (p[at++] - '0');
    if (upper(p[at]) == 'A' && n == 8 && !p[at + 1])
        return 80;
    return p[at] ? 0 : n;
}

/* Measurements of Digital Earth Australia behind nbar or nbart; the same words tell nothing elsewhere. */
static clv_sensor of_measurement(const char *name)
{
    static const char *const msi[] = {"nir_1", "nir_2", "swir_3", "red_edge_1", "red_edge_2", "red_edge_3"},
                             *const landsat[] = {"nir", "swir_1"};
    const char *at = strstr(name, "nbar");
    if (!at)
        return CLV_SENSOR_UNKNOWN;
    at += at[4] == 't' ? 5 : 4;
    if (*at == '_' && is_one_of(at + 1, msi, sizeof msi / sizeof *msi))
        return CLV_SENSOR_MSI;
    return *at == '_' && is_one_of(at + 1, landsat, 2) ? CLV_SENSOR_OLI : CLV_SENSOR_UNKNOWN;
}

clv_sensor clv_sensor_of_bands(const char *const *names, int count)
{
    unsigned seen = 0;
    for (int i = 0; i < count; i++) {
        const char *at = names[i] ? strstr(names[i], "SR_B") : NULL;
        const clv_sensor measured = names[i] ? of_measurement(names[i]) : CLV_SENSOR_UNKNOWN;
        if (measured != CLV_SENSOR_UNKNOWN)
            return measured;
        if (at && is_digit(at[4]) && !is_alnum(at[5]))
            seen |= 1u << (at[4] - '0');
    }
    const unsigned visible = 1u << 2 | 1u << 3, swir = 1u << 5 | 1u << 7;
    if ((seen & visible) != visible)
        return CLV_SENSOR_UNKNOWN;
    if (seen & 1u << 6)
        return CLV_SENSOR_OLI;
    return (seen & swir) == swir && (seen & 1u << 1) && (seen & 1u << 4) ? CLV_SENSOR_TM : CLV_SENSOR_UNKNOWN;
}

const char *clv_sensor_band(clv_sensor sensor, const char *band)
{
    static const char *const msi[13] = {NULL,  "B01", "B02", "B03", "B04", "B05", "B06",
                                        "B07", "B08", "B09", "B10", "B11", "B12"};
    static const char *const oli[13] = {NULL,  "B01", "B02", "B03", "B04", "B8A", "B11",
                                        "B12", NULL,  "B10", NULL,  NULL,  NULL};
    static const char *const tm[13] = {NULL,  "B02", "B03", "B04", "B8A", "B11", NULL,
                                       "B12", NULL,  NULL,  NULL,  NULL,  NULL};
    int n = band_number(band);
    bool sentinel = !clv_sensor_is_landsat(sensor);
    if (n == 80)
        return sentinel ? "B8A" : NULL;
    if (n < 1 || n > 12)
        return NULL;
    return sentinel ? msi[n] : sensor == CLV_SENSOR_OLI ? oli[n] : tm[n];
}

const char *clv_sensor_name(clv_sensor sensor)
{
    static const char *const names[] = {"unknown sensor", "Sentinel-2", "Landsat 8/9", "Landsat 4/5/7"};
    return names[(unsigned)sensor < sizeof names / sizeof *names ? sensor : CLV_SENSOR_UNKNOWN];
}
