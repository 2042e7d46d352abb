/* SPDX-License-Identifier: MIT
 *
 * archive_names: how archives name their files, beyond band codes: which archive a name is of, and what the words mean
 * that mean something in its names only. The tables are here; band_file reads names with them.
 *
 *     clv_archive archive = clv_archive_of_name("20220801_LEVEL2_SEN2A_QAI.tif");     // CLV_ARCHIVE_FORCE
 *     const clv_archive_word *w = clv_archive_word_of(archive, "qai");                // CLV_WORD_MASK
 *
 * Pure functions and constant tables; any thread.
 */
#ifndef CLV_SENTINEL2_ARCHIVE_NAMES_H
#define CLV_SENTINEL2_ARCHIVE_NAMES_H

#include <stdbool.h>

#include "sentinel2/sensor.h"

typedef enum clv_archive {
    CLV_ARCHIVE_NONE,
    CLV_ARCHIVE_MAJA,  /* CNES, Theia: SENTINEL2B_20220801-104904-377_L2A_T31TCJ_C_V4-0_FRE_B4.tif */
    CLV_ARCHIVE_FORCE, /* 20220801_LEVEL2_SEN2A_BOA.tif in folders X0012_Y0034 */
    CLV_ARCHIVE_DEA,   /* Digital Earth Australia: ga_s2am_nbart_3-2-1_55HFA_2022-08-01_final_band04.tif, ga_ls8c_... */
    CLV_ARCHIVE_SITS   /* sits' local cubes: SENTINEL-2_MSI_20LKP_B04_2022-08-01.tif */
} clv_archive;

typedef enum clv_word_meaning {
    CLV_WORD_AUX,        /* no reflectance */
    CLV_WORD_MASK,       /* the date's classification */
    CLV_WORD_VARIANT,    /* one of several ways in which a date was processed; value: the highest is used */
    CLV_WORD_RESOLUTION, /* value: metres */
    CLV_WORD_COMMON      /* says nothing about the file that its date's others do not share */
} clv_word_meaning;

typedef struct clv_archive_word {
    clv_archive archive;
    const char *word; /* lower case */
    clv_word_meaning meaning;
    int value;
} clv_archive_word;

/* base: a file name without folders. */
clv_archive clv_archive_of_name(const char *base);
/* What the word (lower case) means in the archive's names; NULL: nothing. */
const clv_archive_word *clv_archive_word_of(clv_archive archive, const char *word);
/* Sentinel-2's band of a name of Digital Earth Australia's measurements without nbar or nbart ("swir_2"): which band it
 * is depends on the sensor; NULL for other names, and where the sensor is unknown and would tell. */
const char *clv_archive_measurement(clv_sensor sensor, const char *name);
/* The number of a band written as DEA writes it ("band04", "band08a") as a code ("b04"), in the sensor's own numbers;
 * false for others.
 */
bool clv_archive_band(clv_archive archive, const char *word, char code[8]);
/* Whether the name is that of a product's archive, ESA's or Theia's (.zip, .tar, .tgz): a date by itself in a folder
 * of them. */
bool clv_archive_is_product(const char *base);
/* Whether a word of the name says that the file is a layer which archives keep beside the bands, without reflectance:
 * an index, a count of observations (BDC's CLEAROB, TOTALOB, PROVENANCE). */
bool clv_archive_is_extra(const char *base);
/* Whether a folder's name is that of a tile of FORCE's grid: X0012_Y0034. n: its length. */
bool clv_archive_is_tile_folder(const char *name, int n);

#endif
