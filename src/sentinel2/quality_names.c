/* SPDX-License-Identifier: MIT
 *
 * Sources of names: Earth Engine's catalogue (Sentinel-2, Cloud Score+, s2cloudless, its tutorials), Sen2Cor, Sentinel
 * Hub, openEO, Brazil Data Cube, FORCE, MAJA, Digital Earth Australia, HLS, Landsat Collection 2, swissEO, spyndex
 * (indices).
 */
#include "sentinel2/quality_names.h"

#include <stddef.h>
#include <string.h>

#include "sentinel2/mask_kind.h"
#include "sentinel2/name_words.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Anywhere in a name without a band's code. */
static const char *const anywhere[] = {"qa",
                                       "qc",
                                       "qa10",
                                       "qa20",
                                       "qa60",
                                       "qai",
                                       "quality",
                                       "flag",
                                       "flags",
                                       "bitmask",
                                       "mask",
                                       "masks",
                                       "msk",
                                       "datamask",
                                       "classi",
                                       "class",
                                       "classes",
                                       "landcover",
                                       "label",
                                       "labels",
                                       "classification",
                                       "scl",
                                       "fmask",
                                       "fmask4",
                                       "cldprb",
                                       "snwprb",
                                       "snw",
                                       "cld",
                                       "clm",
                                       "clp",
                                       "mg2",
                                       "cs cdf",
                                       "probability",
                                       "prob",
                                       "probabilities",
                                       "confidence",
                                       "score",
                                       "uncertainty",
                                       "cloudmask",
                                       "cloudprob",
                                       "cloud",
                                       "clouds",
                                       "cloudless",
                                       "cloudiness",
                                       "shadow",
                                       "shadows",
                                       "shadowmask",
                                       "snow",
                                       "snowmask",
                                       "dark pixels",
                                       "aot",
                                       "aod",
                                       "wvp",
                                       "tci",
                                       "visual",
                                       "dem",
                                       "dsm",
                                       "dtm",
                                       "elevation",
                                       "slope",
                                       "aspect",
                                       "hillshade",
                                       "illumination",
                                       "clearob",
                                       "totalob",
                                       "provenance",
                                       "dst",
                                       "doy",
                                       "timestamp",
                                       "datetime",
                                       "cloudprobability",
                                       "radsat",
                                       "edg",
                                       "sat r1",
                                       "sat r2",
                                       "lst",
                                       "temperature",
                                       "ndvi",
                                       "evi",
                                       "evi2",
                                       "ndwi",
                                       "mndwi",
                                       "savi",
                                       "msavi",
                                       "msavi2",
                                       "osavi",
                                       "nbr",
                                       "nbr2",
                                       "ndmi",
                                       "ndsi",
                                       "ndbi",
                                       "bsi",
                                       "gndvi",
                                       "ndre",
                                       "ndre1",
                                       "arvi",
                                       "vari",
                                       "lai",
                                       "fapar",
                                       "fcover",
                                       "fvc",
                                       "nirv",
                                       "kndvi",
                                       "ndci",
                                       "awei",
                                       "lswi",
                                       "rendvi",
                                       "ndvire",
                                       "cire",
                                       "mcari",
                                       "tcari",
                                       "tcb",
                                       "tcg",
                                       "tcw",
                                       "ndii",
                                       "gci",
                                       "dswi",
                                       "gcvi",
                                       "vv",
                                       "vh",
                                       "dlmask",
                                       "alpha",
                                       "valid",
                                       "validity"};

/* Only where the other words hold digits: words that names of files and places have too. */
static const char *const alone[] = {"cs",   "sat", "count", "class",        "cv",    "date",
                                    "days", "obs", "nobs",  "observations", "visual"};

/* These make another quantity of the band whose code stands beside them. */
static const char *const of_band[] = {"azimuth", "zenith",   "angle",       "angles",  "incidence",   "vza",
                                      "vaa",     "sza",      "saa",         "detfoo",  "stddev",      "stdev",
                                      "std dev", "variance", "nodata mask", "defect",  "uncertainty", "satura",
                                      "msk",     "qa",       "classi",      "quality", "flag",        "flags"};

static bool any_of(const clv_name_words *words, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (clv_name_words_find(words, list[i]) >= 0)
            return true;
    return false;
}

bool clv_name_is_of_band(const char *name)
{
    clv_name_words words;
    clv_name_words_read(name, &words);
    /* Landsat's surface temperature: ST_B10, ST_QA */
    return any_of(&words, of_band, COUNT(of_band)) || (words.count > 1 && clv_name_words_find(&words, "st") == 0);
}

bool clv_name_is_quality(const char *name)
{
    clv_name_words words;
    clv_mask_kind kind;
    const char *shown;
    clv_name_words_read(name, &words);
    if (clv_name_is_of_band(name) || any_of(&words, anywhere, COUNT(anywhere)) ||
        clv_mask_kind_of_name(name, &kind, &shown))
        return true;
    for (size_t i = 0; i < COUNT(alone); i++) {
        const int at = clv_name_words_find(&words, alone[i]);
        if (at >= 0 && clv_name_words_alone(&words, at, 1))
            return true;
    }
    return false;
}

bool clv_name_is_generic(const char *name)
{
    static const char words_of_all[] =
        " band bands layer layers lyr channel channels ch chan b c x y v var variable data value values raster image "
        "img"
        " array stack reflectance reflectances refl rho rhos rhot rrs nm sr toa boa sre fre l2a l1c l2 l1 s2 s2a s2b "
        "s2c"
        " sentinel sentinel2 gray grey undefined default unnamed spectral unknown msi subdataset t utm export composite"
        " median mean mosaic surface none central wavelength ";
    clv_name_words words;
    clv_name_words_read(name, &words);
    for (int i = 0; i < words.count; i++) {
        char whole[CLV_NAME_WORD_SIZE + 2] = " ";
        strcat(strcat(whole, words.word[i]), " ");
        if (!words.word[i][0] || (!strpbrk(words.word[i], "0123456789") && !strstr(words_of_all, whole)))
            return false;
    }
    return true;
}
