/* SPDX-License-Identifier: MIT
 *
 * Sources of bits and classes:
 *   Sen2Cor's SCL, QA60, MSK_CLASSI_*, MSK_CLDPRB: ESA, Sentinel-2 Products Specification Document; Earth Engine's
 * catalogue, COPERNICUS/S2_SR_HARMONIZED Fmask of HLS: HLS Product User Guide 2.0, table 9 QA_PIXEL: USGS, Landsat 8-9
 * Collection 2 Level 2 Science Product Guide (LSDS-1619), table 6-2; pixel_qa: LSDS-1368 QAI: FORCE documentation,
 * "Quality Assurance Information" CLM, MG2: Theia, "Masks and flags"; CESBIO's majamask, 2024 fmask of DEA: Geoscience
 * Australia, product ga_s2am_ard_3, "oa_fmask" classes of Fmask 4: Qiu, Zhu, He (2019), doi:10.1016/j.rse.2019.05.024;
 * INPE, Brazil Data Cube, band "Fmask4" CLM, CLP: Sentinel Hub documentation, "Sentinel-2 L1C", CLP 0 to 255 cs,
 * cs_cdf: Pasquarella et al. (2023), Cloud Score+; Earth Engine's catalogue, thresholds of 0.50 to 0.65
 */
#include "sentinel2/mask_kind.h"

#include <stddef.h>
#include <string.h>

#include "sentinel2/name_words.h"

#define CLOUD_PROBABILITY 0.5 /* s2cloudless' tutorials take 0.4 to 0.6 */
#define CLEAR_SCORE 0.6       /* of the catalogue's example */

/* ---- Values ------------------------------------------------------------------------------------ */

static bool has_bit(int number, int bit)
{
    return number & 1 << bit;
}

/* One of the bits from..to. */
static bool has_bits(int number, int from, int to)
{
    return number >> from & ((1 << (to - from + 1)) - 1);
}

static uint8_t flag(bool cloud, bool shadow)
{
    return cloud ? CLV_MASK_FLAG_CLOUD : shadow ? CLV_MASK_FLAG_SHADOW : CLV_MASK_FLAG_NONE;
}

/* Values that say that the product has no data there. n: 0 for what is no such number. */
static bool is_fill(clv_mask_kind kind, int n)
{
    switch (kind) {
    case CLV_MASK_KIND_SCL:
    case CLV_MASK_KIND_DEA_FMASK:
        return n == 0;
    case CLV_MASK_KIND_LANDSAT_QA:
    case CLV_MASK_KIND_LANDSAT_PIXEL_QA:
    case CLV_MASK_KIND_FORCE_QAI:
        return has_bit(n, 0);
    case CLV_MASK_KIND_FMASK:
    case CLV_MASK_KIND_FMASK_CLASSES:
    case CLV_MASK_KIND_MAJA_CLM: /* Sentinel Hub's; all of MAJA's bits at once never occur */
        return n == 255;
    default:
        return false;
    }
}

uint8_t clv_mask_kind_flag(clv_mask_kind kind, double value)
{
    const int n = value >= 0 && value <= 65535 ? (int)value : 0;
    if (is_fill(kind, n))
        return CLV_MASK_FLAG_MISSING;
    switch (kind) {
    case CLV_MASK_KIND_PLAIN:
        return flag(value != 0, false); /* NaN too */
    case CLV_MASK_KIND_SCL:
        return flag(n == 1 || (n >= 8 && n <= 10), n == 3);
    case CLV_MASK_KIND_FMASK:
        return flag(has_bit(n, 1), has_bit(n, 3));
    case CLV_MASK_KIND_QA60:
        return flag(has_bits(n, 10, 11), false);
    case CLV_MASK_KIND_LANDSAT_QA:
        return flag(has_bits(n, 1, 3), has_bit(n, 4));
    case CLV_MASK_KIND_LANDSAT_PIXEL_QA:
        return flag(has_bit(n, 5), has_bit(n, 3));
    case CLV_MASK_KIND_FORCE_QAI:
        return flag(has_bits(n, 1, 2), has_bit(n, 3));
    case CLV_MASK_KIND_MAJA_CLM: {
        const bool shadow = has_bits(n, 5, 6);
        return flag(has_bits(n, 1, 4) || has_bit(n, 7) || (has_bit(n, 0) && !shadow), shadow);
    }
    case CLV_MASK_KIND_MAJA_MG2:
        return flag(has_bit(n, 1), has_bit(n, 3));
    case CLV_MASK_KIND_DEA_FMASK:
        return flag(n == 2, n == 3);
    case CLV_MASK_KIND_FMASK_CLASSES:
        return flag(n == 4, n == 2);
    case CLV_MASK_KIND_CLASSI:
        return flag(value > 0 || value < 0, false);
    case CLV_MASK_KIND_SHADOWS:
        return flag(false, value > 0 || value < 0);
    case CLV_MASK_KIND_PROBABILITY:
        return flag(value >= 100 * CLOUD_PROBABILITY && value <= 100, false); /* 255: not computed */
    case CLV_MASK_KIND_PROBABILITY_1:
        return flag(value >= CLOUD_PROBABILITY, false);
    case CLV_MASK_KIND_PROBABILITY_255:
        return flag(value >= 255 * CLOUD_PROBABILITY, false);
    case CLV_MASK_KIND_PROBABILITY_10000:
        return flag(value >= 10000 * CLOUD_PROBABILITY, false);
    case CLV_MASK_KIND_CLOUD_SCORE:
        return flag(value < CLEAR_SCORE, false);
    case CLV_MASK_KIND_CLOUD_SCORE_100:
        return flag(value < 100 * CLEAR_SCORE, false);
    case CLV_MASK_KIND_CLOUD_SCORE_255:
        return flag(value < 255 * CLEAR_SCORE, false);
    case CLV_MASK_KIND_CLOUD_SCORE_10000:
        return flag(value < 10000 * CLEAR_SCORE, false);
    }
    return CLV_MASK_FLAG_NONE;
}

double clv_mask_kind_clear_value(clv_mask_kind kind)
{
    switch (kind) {
    case CLV_MASK_KIND_SCL:
        return 7; /* unclassified */
    case CLV_MASK_KIND_DEA_FMASK:
    case CLV_MASK_KIND_CLOUD_SCORE:
        return 1;
    case CLV_MASK_KIND_CLOUD_SCORE_100:
        return 100;
    case CLV_MASK_KIND_CLOUD_SCORE_255:
        return 255;
    case CLV_MASK_KIND_CLOUD_SCORE_10000:
        return 10000;
    default:
        return 0;
    }
}

/* ---- Names ------------------------------------------------------------------------------------- */

enum {
    ALONE = 1,   /* see clv_name_words_alone */
    IN_FILES = 2 /* means this mask in the names of files too, whatever the archive */
};

/* The first that fits counts: longer names before the shorter ones in them. */
static const struct {
    const char *words, *shown;
    clv_mask_kind kind;
    int rules;
} known[] = {
    {"scl", "SCL", CLV_MASK_KIND_SCL, IN_FILES},
    {"oa fmask", "oa_fmask", CLV_MASK_KIND_DEA_FMASK, 0},
    {"oa s2cloudless mask", "oa_s2cloudless_mask", CLV_MASK_KIND_DEA_FMASK, 0},
    {"oa s2cloudless prob", "oa_s2cloudless_prob", CLV_MASK_KIND_PROBABILITY_1, 0},
    {"fmask4", "Fmask4", CLV_MASK_KIND_FMASK_CLASSES, IN_FILES},
    {"fmask", "Fmask", CLV_MASK_KIND_FMASK, IN_FILES},
    {"qa60", "QA60", CLV_MASK_KIND_QA60, IN_FILES},
    {"qa pixel", "QA_PIXEL", CLV_MASK_KIND_LANDSAT_QA, IN_FILES},
    {"pixel qa", "pixel_qa", CLV_MASK_KIND_LANDSAT_PIXEL_QA, 0},
    {"qai", "QAI", CLV_MASK_KIND_FORCE_QAI, 0},
    {"clm", "CLM", CLV_MASK_KIND_MAJA_CLM, IN_FILES},
    {"mg2", "MG2", CLV_MASK_KIND_MAJA_MG2, 0},
    {"msk classi opaque", "MSK_CLASSI_OPAQUE", CLV_MASK_KIND_CLASSI, 0},
    {"msk classi cirrus", "MSK_CLASSI_CIRRUS", CLV_MASK_KIND_CLASSI, 0},
    {"cs cdf", "cs_cdf", CLV_MASK_KIND_CLOUD_SCORE, 0},
    {"cs", "cs", CLV_MASK_KIND_CLOUD_SCORE, ALONE},
    {"msk cldprb", "MSK_CLDPRB", CLV_MASK_KIND_PROBABILITY, 0},
    {"cldprb", "CLDPRB", CLV_MASK_KIND_PROBABILITY, 0},
    {"cld", "CLD", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"clp", "CLP", CLV_MASK_KIND_PROBABILITY_255, ALONE},
    {"cloud probability", "cloud_probability", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"cloudprobability", "cloudProbability", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"cloud prob", "cloud_prob", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"cloudprob", "cloudprob", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"clouds probability", "clouds_probability", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"clouds prob", "clouds_prob", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"s2cloudless mask", "s2cloudless_mask", CLV_MASK_KIND_S2CLOUDLESS, ALONE},
    {"s2cloudless probability", "s2cloudless_probability", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"s2cloudless prob", "s2cloudless_prob", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"s2cloudless", "s2cloudless", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"probability", "probability", CLV_MASK_KIND_PROBABILITY, ALONE},
    {"cloud and cloud shadow mask", "cloudAndCloudShadowMask", CLV_MASK_KIND_CLASSI, ALONE},
    {"cloudandcloudshadowmask", "cloudAndCloudShadowMask", CLV_MASK_KIND_CLASSI, ALONE},
    {"cloud mask", "cloud_mask", CLV_MASK_KIND_CLASSI, ALONE},
    {"cloudmask", "cloudmask", CLV_MASK_KIND_CLASSI, ALONE},
    {"clouds", "clouds", CLV_MASK_KIND_CLASSI, ALONE},
    {"cloud shadows", "cloud_shadows", CLV_MASK_KIND_SHADOWS, ALONE},
    {"cloud shadow", "cloud_shadow", CLV_MASK_KIND_SHADOWS, ALONE},
    {"shadows", "shadows", CLV_MASK_KIND_SHADOWS, ALONE},
};

static int count_words(const char *sequence)
{
    int count = 1;
    for (const char *c = sequence; *c; c++)
        count += *c == ' ';
    return count;
}

bool clv_mask_kind_of_name(const char *name, clv_mask_kind *kind, const char **shown)
{
    clv_name_words words;
    clv_name_words_read(name, &words);
    for (size_t i = 0; i < sizeof known / sizeof *known && words.count > 0; i++) {
        const int at = clv_name_words_find(&words, known[i].words);
        if (at < 0 || ((known[i].rules & ALONE) && !clv_name_words_alone(&words, at, count_words(known[i].words))))
            continue;
        *kind = known[i].kind;
        *shown = known[i].shown;
        /* Files of Digital Earth Australia: ga_s2am_oa_3-2-1_..._fmask.tif */
        if (*kind == CLV_MASK_KIND_FMASK && clv_name_words_find(&words, "ga") == 0) {
            *kind = CLV_MASK_KIND_DEA_FMASK;
            *shown = "oa_fmask";
        }
        return true;
    }
    return false;
}

int clv_mask_kind_of_words(const char *first, const char *second, clv_mask_kind *kind, const char **shown)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t n = strcspn(known[i].words, " ");
        const char *rest = known[i].words + n;
        if (!(known[i].rules & IN_FILES) || strlen(first) != n || strncmp(known[i].words, first, n) != 0 ||
            (*rest && (!second || strcmp(rest + 1, second) != 0)))
            continue;
        *kind = known[i].kind;
        *shown = known[i].shown;
        return *rest ? 2 : 1;
    }
    return 0;
}

int clv_mask_kind_rank(clv_mask_kind kind)
{
    switch (kind) {
    case CLV_MASK_KIND_SCL:
        return 9;
    case CLV_MASK_KIND_FMASK:
    case CLV_MASK_KIND_FMASK_CLASSES:
    case CLV_MASK_KIND_DEA_FMASK:
    case CLV_MASK_KIND_LANDSAT_QA:
    case CLV_MASK_KIND_FORCE_QAI:
        return 8;
    case CLV_MASK_KIND_LANDSAT_PIXEL_QA:
        return 7;
    case CLV_MASK_KIND_MAJA_CLM:
        return 6;
    case CLV_MASK_KIND_MAJA_MG2:
        return 5;
    default:
        return 1;
    }
}

/* ---- Values of a whole band -------------------------------------------------------------------- */

/* Of a unit's kinds: 0 to 1, to 100, to 255, to 10000. False: none of them. */
static bool by_unit(const clv_mask_values *v, const clv_mask_kind kinds[4], clv_mask_kind *kind)
{
    if (v->smallest < 0 || v->largest > 10000)
        return false;
    if (v->largest > 255)
        *kind = kinds[3];
    else if (v->largest > 100)
        *kind = kinds[2];
    else if (v->largest > 1)
        *kind = *kind == kinds[2] ? kinds[2] : kinds[1];
    else if (!v->whole)
        *kind = kinds[0];
    else if (v->largest == 1 && v->most <= 1 && *kind == kinds[1])
        *kind = kinds[0]; /* a mask: percent would hold more than 0 and 1 */
    return true;          /* zeros alone, and what is said to end at 255: the name's kind stays */
}

/* Values of a Digital Earth Australia or classic Fmask, as far as the sample goes. */
static bool is_classes(const clv_mask_values *v)
{
    return v->whole && v->largest <= 5 && v->smallest >= 0 && v->most <= 5;
}

bool clv_mask_kind_is_open(const clv_mask_values *v, clv_mask_kind kind)
{
    if (v->count == 0 || !v->whole)
        return false;
    if (kind == CLV_MASK_KIND_PROBABILITY)
        return v->smallest >= 0 && v->largest <= 1;
    return kind == CLV_MASK_KIND_FMASK && is_classes(v) && v->largest < 5 && v->share_0 > 0;
}

bool clv_mask_kind_by_values(const clv_mask_values *v, clv_mask_kind *kind)
{
    static const clv_mask_kind probabilities[4] = {CLV_MASK_KIND_PROBABILITY_1, CLV_MASK_KIND_PROBABILITY,
                                                   CLV_MASK_KIND_PROBABILITY_255, CLV_MASK_KIND_PROBABILITY_10000};
    static const clv_mask_kind scores[4] = {CLV_MASK_KIND_CLOUD_SCORE, CLV_MASK_KIND_CLOUD_SCORE_100,
                                            CLV_MASK_KIND_CLOUD_SCORE_255, CLV_MASK_KIND_CLOUD_SCORE_10000};
    if (v->count == 0)
        return false;
    switch (*kind) {
    case CLV_MASK_KIND_PLAIN:
        return true;
    case CLV_MASK_KIND_PROBABILITY:
    case CLV_MASK_KIND_PROBABILITY_1:
    case CLV_MASK_KIND_PROBABILITY_255:
    case CLV_MASK_KIND_PROBABILITY_10000:
        return by_unit(v, probabilities, kind);
    case CLV_MASK_KIND_CLOUD_SCORE:
    case CLV_MASK_KIND_CLOUD_SCORE_100:
    case CLV_MASK_KIND_CLOUD_SCORE_255:
    case CLV_MASK_KIND_CLOUD_SCORE_10000:
        return by_unit(v, scores, kind);
    case CLV_MASK_KIND_SCL: /* nothing but 0 where the bands show ground: the classes were not delivered */
        return v->whole && v->smallest >= 0 && v->largest > 0 && (v->largest <= 11 || v->largest == 255);
    case CLV_MASK_KIND_CLASSI:
        /* In some masks 1 stands for clear: then the zeros are bright, and few. */
        return v->whole && v->smallest >= 0 && v->largest <= 255 &&
               !(v->share_0 < 0.7 && v->share_0 > 0.01 && v->bright_0 > 1.6 * v->bright);
    case CLV_MASK_KIND_SHADOWS:
        return v->whole && v->smallest >= 0 && v->largest <= 255;
    case CLV_MASK_KIND_FMASK:
        /* HLS's bit 0 is never set and bits 6 and 7 hardly ever both clear; classes end at 5, which is DEA's water. */
        if (is_classes(v) && (v->share_1 > 0 || v->largest == 5 || v->most == 5 || v->largest == 3))
            *kind = v->share_0 > 0.05 && v->largest <= 4 && v->most != 5 ? CLV_MASK_KIND_FMASK_CLASSES
                                                                         : CLV_MASK_KIND_DEA_FMASK;
        return v->whole && v->smallest >= 0 && v->largest <= 255;
    case CLV_MASK_KIND_DEA_FMASK:
        return v->whole && v->smallest >= 0 && v->largest > 0 && v->largest <= 65535;
    default:
        return v->whole && v->smallest >= 0 && v->largest <= 65535;
    }
}
