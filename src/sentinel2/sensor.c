/* SPDX-License-Identifier: MIT */
#include "sentinel2/sensor.h"

#include <stdbool.h>
#include <stddef.h>
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
static clv_sensor of_landsat(int number)
{
    return number == 8 || number == 9   ? CLV_SENSOR_OLI
           : number >= 4 && number <= 7 ? CLV_SENSOR_TM
                                        : CLV_SENSOR_UNKNOWN;
}

/* LC08, LO09, LE07, LT05 (USGS Collection 2), LND08 (FORCE), S2A, SEN2B, S2MSI1C. */
static clv_sensor of_token(const char *t)
{
    size_t n = strlen(t);
    if (t[0] == 'L' && n == 4 && strchr("COET", t[1]) && t[2] == '0' && is_digit(t[3]))
        return of_landsat(t[3] - '0');
    if (starts(t, "LND0") && n == 5 && is_digit(t[4]))
        return of_landsat(t[4] - '0');
    if (strcmp(t, "HLSL30") == 0 || strcmp(t, "L30") == 0)
        return CLV_SENSOR_OLI;
    if (strcmp(t, "HLSS30") == 0 || strcmp(t, "S30") == 0 || starts(t, "S2MSI"))
        return CLV_SENSOR_MSI;
    if ((starts(t, "S2") && n == 3 && t[2] >= 'A' && t[2] <= 'D') || (starts(t, "SEN2") && n == 5) ||
        starts(t, "SENTINEL2"))
        return CLV_SENSOR_MSI;
    return CLV_SENSOR_UNKNOWN;
}

clv_sensor clv_sensor_of_name(const char *name)
{
    char token[TOKEN_SIZE], before[TOKEN_SIZE] = "";
    for (const char *p = name; p && *p;) {
        p = next_token(p, token);
        clv_sensor found = of_token(token);
        if (strcmp(before, "HLS") == 0)
            found = strcmp(token, "L30") == 0 ? CLV_SENSOR_OLI : strcmp(token, "S30") == 0 ? CLV_SENSOR_MSI : found;
        else if (strcmp(before, "LANDSAT") == 0 && is_digit(token[0]) && !token[1])
            found = of_landsat(token[0] - '0');
        else if (strcmp(before, "SENTINEL") == 0 && token[0] == '2')
            found = CLV_SENSOR_MSI;
        if (found != CLV_SENSOR_UNKNOWN)
            return found;
        memcpy(before, token, sizeof before);
    }
    return CLV_SENSOR_UNKNOWN;
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

clv_sensor clv_sensor_of_bands(const char *const *names, int count)
{
    unsigned seen = 0;
    for (int i = 0; i < count; i++) {
        const char *at = names[i] ? strstr(names[i], "SR_B") : NULL;
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
