/* SPDX-License-Identifier: MIT
 *
 * mask_kind: what the values of a mask mean, and which mask a band or file is by its name.
 *
 *     clv_mask_kind kind;
 *     const char *shown;
 *     if (clv_mask_kind_of_name("20220601_MSK_CLDPRB", &kind, &shown))       // CLV_MASK_KIND_PROBABILITY, "MSK_CLDPRB"
 *         printf("%d\n", clv_mask_kind_flag(kind, 80));                          // CLV_MASK_FLAG_CLOUD
 *
 * Pure functions; any thread.
 */
#ifndef CLV_SENTINEL2_MASK_KIND_H
#define CLV_SENTINEL2_MASK_KIND_H

#include <stdbool.h>
#include <stdint.h>

/* "cloud" below is CLV_MASK_FLAG_CLOUD: cloud, or not to be used; "no data" is CLV_MASK_FLAG_MISSING. */
typedef enum clv_mask_kind {
    CLV_MASK_KIND_PLAIN,      /* non-zero, nodata or NaN = cloud */
    CLV_MASK_KIND_SCL,        /* Sen2Cor's classes: 0 = no data; 1 (defective), 8, 9, 10 = cloud; 3 = shadow */
    CLV_MASK_KIND_FMASK,      /* HLS: 255 = no data; bit 1 = cloud; bit 3 = shadow */
    CLV_MASK_KIND_QA60,       /* Sentinel-2's QA60: bit 10 (opaque) or 11 (cirrus) = cloud */
    CLV_MASK_KIND_LANDSAT_QA, /* Landsat Collection 2's QA_PIXEL: bit 0 (fill) = no data; 1 (dilated cloud), 2 (cirrus),
                                 3 (cloud) = cloud; 4 = shadow */
    CLV_MASK_KIND_LANDSAT_PIXEL_QA, /* Collection 1's pixel_qa: bit 0 (fill) = no data; 5 = cloud; 3 = shadow */
    CLV_MASK_KIND_FORCE_QAI, /* FORCE: bit 0 = no data; bits 1-2 (1 buffered, 2 opaque cloud, 3 cirrus) = cloud; bit 3 =
                                shadow */
    CLV_MASK_KIND_MAJA_CLM, /* MAJA's cloud mask: bits 1 to 4 (clouds), 7 (cirrus) = cloud; 5, 6 = shadow; bit 0 alone =
                          cloud, and 255 = no data, as in Sentinel Hub's CLM */
    CLV_MASK_KIND_MAJA_MG2, /* MAJA's geophysical mask: bit 1 = cloud; bit 3 = shadow of a cloud */
    CLV_MASK_KIND_DEA_FMASK, /* Digital Earth Australia: 0 = no data; 2 = cloud; 3 = shadow; 1 valid, 4 snow, 5 water */
    CLV_MASK_KIND_FMASK_CLASSES, /* Fmask's own classes (Fmask 4, BDC): 255 = no data; 4 = cloud; 2 = shadow; 0 land, 1
                               water, 3 snow */
    CLV_MASK_KIND_CLASSI, /* MSK_CLASSI_OPAQUE and _CIRRUS, s2cloudless' masks: non-zero = cloud; NaN says nothing */
    CLV_MASK_KIND_S2CLOUDLESS = CLV_MASK_KIND_CLASSI,
    CLV_MASK_KIND_SHADOWS,           /* non-zero = shadow; NaN says nothing */
    CLV_MASK_KIND_PROBABILITY,       /* of cloud, in percent: 50 to 100 = cloud */
    CLV_MASK_KIND_PROBABILITY_1,     /* ... 0 to 1 */
    CLV_MASK_KIND_PROBABILITY_255,   /* ... 0 to 255 (Sentinel Hub's CLP) */
    CLV_MASK_KIND_PROBABILITY_10000, /* ... 0 to 10000 */
    CLV_MASK_KIND_CLOUD_SCORE,       /* Cloud Score+ (cs, cs_cdf), 0 to 1, 1 is clear: below 0.6 = cloud */
    CLV_MASK_KIND_CLOUD_SCORE_100,   /* ... 0 to 100 */
    CLV_MASK_KIND_CLOUD_SCORE_255,   /* ... 0 to 255 */
    CLV_MASK_KIND_CLOUD_SCORE_10000  /* ... 0 to 10000 */
} clv_mask_kind;

enum clv_mask_flag {
    CLV_MASK_FLAG_NONE = 0,
    CLV_MASK_FLAG_CLOUD = 1,
    CLV_MASK_FLAG_SHADOW = 2,
    CLV_MASK_FLAG_MISSING = 4
};

/* Of what two masks, or two pixels of one, say of a pixel: cloud before shadow before no data. */
static inline uint8_t clv_mask_flag_join(uint8_t one, uint8_t other)
{
    const int both = one | other;
    return (uint8_t)(both & -both);
}

/* What a value says: an enum clv_mask_flag. */
uint8_t clv_mask_kind_flag(clv_mask_kind kind, double value);

/* A value that flags nothing: what a mask says beyond its edge. */
double clv_mask_kind_clear_value(clv_mask_kind kind);

/* The mask that a band or file of this name is: QA60, SCL, Fmask, cs_cdf, MSK_CLASSI_OPAQUE, probability, QA_PIXEL,
 * T32TQR_20220801_QAI ...; camelCase is read as words. Words that mean a mask only when they stand alone (cs, clouds,
 * probability) may have dates and other words with digits beside them. *shown: its usual name, for people. */
bool clv_mask_kind_of_name(const char *name, clv_mask_kind *kind, const char **shown);

/* The same for words (lower case) of a file's name, of which fewer mean a mask; second: the word behind, NULL when
 * there is none. How many of them do: 0, 1 or 2. */
int clv_mask_kind_of_words(const char *first, const char *second, clv_mask_kind *kind, const char **shown);

/* Of several masks of a date the one with the highest rank tells most: those that tell shadows apart come first. */
int clv_mask_kind_rank(clv_mask_kind kind);

/* Values of a mask in a sample. */
typedef struct clv_mask_values {
    int count; /* values that are numbers; 0: nothing known */
    double smallest, largest;
    double share_0, share_1; /* of count: values that are 0, and 1 */
    bool whole;              /* all of them are whole numbers */
    double bright_0, bright; /* means of what red, green and blue hold where the value is 0, and where it is not */
    double most;             /* a larger value beyond the sample, if known */
} clv_mask_values;

/* Whether a larger value beyond the sample would tell what its own values leave open: whether 1 is 1 % or cloud, and
 * which classes an Fmask has. */
bool clv_mask_kind_is_open(const clv_mask_values *values, clv_mask_kind kind);

/* The kind that a mask of this name's kind is by its values: the unit of probabilities and Cloud Score+; HLS's bits or
 * the classes of an Fmask. False when the values contradict: they cannot be such a mask. */
bool clv_mask_kind_by_values(const clv_mask_values *values, clv_mask_kind *kind);

#endif
