/* SPDX-License-Identifier: MIT */
#include "sentinel2/archive_names.h"

#include <stdio.h>
#include <string.h>

static const clv_archive_word words[] = {
    /* Slope-corrected (flat) reflectance is what Theia recommends; FRC: that of the monthly syntheses (Level 3A). */
    {CLV_ARCHIVE_MAJA, "sre", CLV_WORD_VARIANT, 1},
    {CLV_ARCHIVE_MAJA, "fre", CLV_WORD_VARIANT, 2},
    {CLV_ARCHIVE_MAJA, "frc", CLV_WORD_VARIANT, 2},
    {CLV_ARCHIVE_MAJA, "r1", CLV_WORD_RESOLUTION, 10},
    {CLV_ARCHIVE_MAJA, "r2", CLV_WORD_RESOLUTION, 20},
    {CLV_ARCHIVE_MAJA, "xs", CLV_WORD_COMMON, 0},
    {CLV_ARCHIVE_MAJA, "mg2", CLV_WORD_MASK, 0},
    {CLV_ARCHIVE_MAJA, "clm", CLV_WORD_MASK, 0},
    {CLV_ARCHIVE_MAJA, "atb", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "edg", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "sat", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "dfp", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "dtf", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "iao", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "usi", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "pix", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "flg", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "wgt", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "dts", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_MAJA, "qkl", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "qai", CLV_WORD_MASK, 0},
    {CLV_ARCHIVE_FORCE, "bap", CLV_WORD_COMMON, 0},
    {CLV_ARCHIVE_FORCE, "imp", CLV_WORD_COMMON, 0},
    {CLV_ARCHIVE_FORCE, "dst", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "hot", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "aod", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "wvp", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "vzn", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "ovv", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "inf", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_FORCE, "scr", CLV_WORD_AUX, 0},
    /* NBART is NBAR with terrain illumination corrected; oa: observation attributes. */
    {CLV_ARCHIVE_DEA, "nbar", CLV_WORD_VARIANT, 1},
    {CLV_ARCHIVE_DEA, "nbart", CLV_WORD_VARIANT, 2},
    {CLV_ARCHIVE_DEA, "oa", CLV_WORD_COMMON, 0},
    {CLV_ARCHIVE_DEA, "fmask", CLV_WORD_MASK, 0},
    {CLV_ARCHIVE_DEA, "contiguity", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_DEA, "s2cloudless", CLV_WORD_AUX, 0},
    {CLV_ARCHIVE_SITS, "cloud", CLV_WORD_MASK, 0},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether the name begins with the word (lower case), in either case. */
static bool begins(const char *name, const char *word)
{
    for (; *word; name++, word++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        if (c != *word)
            return false;
    }
    return true;
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Whether the word (lower case) stands in the name between other characters than letters and digits. */
static bool has_word(const char *name, const char *word)
{
    for (const char *p = name; *p; p++)
        if ((p == name || !is_alnum(p[-1])) && begins(p, word) && !is_alnum(p[strlen(word)]))
            return true;
    return false;
}

static bool is_one_of(const char *base, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_word(base, list[i]))
            return true;
    return false;
}

clv_archive clv_archive_of_name(const char *base)
{
    static const char *const force[] = {"sen2a", "sen2b", "sen2c", "sen2l", "sen2h", "lnd04",
                                        "lnd05", "lnd07", "lnd08", "lnd09", "lndlg"};
    static const char *const levels[] = {"l2a", "l3a", "l1c"};
    if (begins(base, "sentinel2") && base[9] && base[10] == '_' && is_one_of(base, levels, 3))
        return CLV_ARCHIVE_MAJA;
    if ((has_word(base, "level2") || has_word(base, "level3")) && is_one_of(base, force, sizeof force / sizeof *force))
        return CLV_ARCHIVE_FORCE;
    if (begins(base, "ga_s2") || begins(base, "ga_ls") || begins(base, "nbar_") || begins(base, "nbart_"))
        return CLV_ARCHIVE_DEA;
    return begins(base, "sentinel-2_msi_") ? CLV_ARCHIVE_SITS : CLV_ARCHIVE_NONE;
}

const clv_archive_word *clv_archive_word_of(clv_archive archive, const char *word)
{
    for (size_t i = 0; archive != CLV_ARCHIVE_NONE && i < sizeof words / sizeof *words; i++)
        if (words[i].archive == archive && strcmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}

const char *clv_archive_measurement(clv_sensor sensor, const char *name)
{
    static const struct {
        const char *name, *sentinel, *landsat;
    } known[] = {{"coastal_aerosol", "B01", "B01"},
                 {"blue", "B02", "B02"},
                 {"green", "B03", "B03"},
                 {"red", "B04", "B04"},
                 {"red_edge_1", "B05", NULL},
                 {"red_edge_2", "B06", NULL},
                 {"red_edge_3", "B07", NULL},
                 {"nir", NULL, "B8A"},
                 {"nir_1", "B08", NULL},
                 {"nir_2", "B8A", NULL},
                 {"swir_1", NULL, "B11"},
                 {"swir_2", "B11", "B12"},
                 {"swir_3", "B12", NULL}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *s = known[i].sentinel, *l = known[i].landsat;
        if (strcmp(known[i].name, name) == 0)
            return clv_sensor_is_landsat(sensor)   ? l
                   : sensor == CLV_SENSOR_MSI      ? s
                   : !s || !l || strcmp(s, l) == 0 ? (s ? s : l)
                                                   : NULL;
    }
    return NULL;
}

bool clv_archive_band(clv_archive archive, const char *word, char code[8])
{
    if (archive != CLV_ARCHIVE_DEA || strncmp(word, "band", 4) != 0 || !is_digit(word[4]) || strlen(word) > 7)
        return false;
    snprintf(code, 8, "b%.3s", word + 4);
    return true;
}

bool clv_archive_is_product(const char *base)
{
    size_t n = strlen(base);
    static const char *const ends[] = {".zip", ".tar", ".tgz"};
    bool archive = false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        archive = archive || (n > strlen(ends[i]) && begins(base + n - strlen(ends[i]), ends[i]));
    return archive &&
           (strstr(base, "MSIL1C") || strstr(base, "MSIL2A") || clv_archive_of_name(base) == CLV_ARCHIVE_MAJA);
}

bool clv_archive_is_extra(const char *base)
{
    static const char *const extras[] = {"ndvi",   "evi",     "evi2",    "savi",       "msavi", "ndwi",
                                         "mndwi",  "ndmi",    "ndsi",    "nbr",        "lai",   "fapar",
                                         "fcover", "clearob", "totalob", "provenance", "dst",   "hot",
                                         "aod",    "cloud",   "clouds",  "probability"};
    return is_one_of(base, extras, sizeof extras / sizeof *extras);
}

bool clv_archive_is_tile_folder(const char *name, int n)
{
    if (n != 11 || name[0] != 'X' || name[5] != '_' || name[6] != 'Y')
        return false;
    for (int i = 1; i < 11; i++)
        if (i != 5 && i != 6 && !is_digit(name[i]) && name[i] != '-')
            return false;
    return true;
}
