/* SPDX-License-Identifier: MIT
 *
 * dataset: one opened dataset, split into its dates, with bands, radiometry, nodata and dates found from metadata,
 * names and values.
 *
 * A raster gives one acquisition (date), or several when its bands have different dates; a cube (earthnet.h) gives one
 * for each step, each a small dataset in memory. clv_series takes over what the acquisitions own.
 *
 *     clv_dataset opened;
 *     if (clv_dataset_open(ctx, "a_20220601.tif", NULL, &options, 0, &opened) != CLV_OK)
 *         ...
 *     printf("%d dates, first: %s\n", opened.acquisitions, opened.acquisition[0].facts.bands_how);
 *     clv_dataset_clear(&opened);
 *
 * A dataset belongs to one thread.
 */
#ifndef CLV_SERIES_DATASET_H
#define CLV_SERIES_DATASET_H

#include "products/bundle.h"
#include "products/date_facts.h"
#include "products/input_list.h"
#include "raster/open_options.h"
#include "sentinel2/radiometry.h"
#include "sentinel2/sensor.h"
#include "sentinel2/written_dates.h"
#include "series/masks.h"
#include "series/series.h"

#define CLV_MAX_CHANNELS 64
#define CLV_NAME_DATES 4 /* of one name that are looked at */

typedef struct clv_dataset_acquisition {
    clv_date_facts facts; /* owned */
    bool date_of_folder;  /* the date is that of a folder's name: see date_doubts.h */
    bool date_of_tag;     /* ... is TIFFTAG_DATETIME's, which agrees with the name's where that has one */
    bool has_tag_date;    /* TIFFTAG_DATETIME tells another day than the name that was chosen */
    clv_date tag_date;
    clv_date name_date[CLV_NAME_DATES]; /* all dates of the name that the date, which is the first, rests on */
    int name_dates;
    clv_written_date written; /* what the date rests on where its order is open; kind NONE: it does not */
    clv_date_order tag_order; /* ... in which it is TIFFTAG_DATETIME's day */
    char doubtful[16];    /* the number in the name that the date rests on and that may be of another kind; "": none */
    const char *taken_as; /* ... what it is taken as */
    bool doubtful_band;   /* ... the name is a band's */
    clv_band *bands;      /* [channels], role order; owned */
    int channels;
    clv_sensor sensor;
    double claimed_offset;          /* DN: an item alone says so (item_offsets.h); 0: none */
    bool scale_of_type;             /* the scale rests on the type and range of values alone */
    bool tags_aside;                /* the values contradict the file's scale and offset, which are not used */
    bool by_tags;                   /* scale and offset tags, the same in all bands, were what decided */
    clv_radiometry_hint tags;       /* of red */
    bool guess;                     /* the roles rest on the number of bands alone */
    double sample_low, sample_high; /* 1st and 99th percentile of red's raw values in a small sample; NaN: none valid */
    double sample_dark;             /* ... 10th */
    char scale_warn[200];
    GDALDatasetH memory, memory_mask; /* cubes only: pixels, and the product's own mask (Byte); owned */
} clv_dataset_acquisition;

typedef struct clv_dataset {
    char *source; /* name to open again; owned */
    char *stem;   /* base name without extension; owned */
    clv_grid grid;
    char grid_note[96];   /* source of the georeference when the file has none */
    GDALDatasetH dataset; /* open; NULL for cubes and after it was taken over */
    int acquisitions;
    clv_dataset_acquisition *acquisition; /* owned */
} clv_dataset;

/* wanted_dates: number of dates that the user gave for this one input (0 or 1: unknown), by which bands without dates
 * are split. */
clv_status clv_dataset_open(clv_context *ctx, const char *name, const clv_open_options *how,
                            const clv_input_options *options, int wanted_dates, clv_dataset *out);
/* The same for a date whose files were grouped (bundle.h). */
clv_status clv_dataset_open_bundle(clv_context *ctx, clv_bundle *bundle, const clv_open_options *how,
                                   const clv_input_options *options, int wanted_dates, clv_dataset *out);
/* The part that both share: out->dataset is open, source and stem are set. Does not clear on failure. */
clv_status clv_dataset_describe(clv_context *ctx, const clv_input_options *options, int wanted_dates, clv_dataset *out);
void clv_dataset_clear(clv_dataset *opened);

/* ---- Parts of the ladder ----------------------------------------------------------------------- */

/* Bands, roles, scale, offset and nodata of the acquisition made of these bands of the dataset. */
clv_status clv_dataset_describe_acquisition(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices,
                                            int count, const clv_input_options *options,
                                            clv_dataset_acquisition *acquisition);
/* The name, without extension, of the one file of a band that a VRT's band without description shows, as gdalbuildvrt
 * -separate makes them; false where there is none, or its name is no band's or classification's. */
bool clv_vrt_source_name(GDALRasterBandH band, char name[128]);
/* Whether it is transparency or a mask, by its colour or name. */
bool clv_is_aux_band(GDALRasterBandH band);
/* Date of one band by its metadata (else description): for splitting. how: one phrase. */
bool clv_band_date(GDALRasterBandH band, clv_date *date, char *how, size_t how_size);
/* Dates of all bands by numbers in their descriptions whose order all of them together tell (written_dates.h), where no
 * band has another date: dates [bands], those of masks and alpha bands are not set (year 0). False where they are not
 * dates of several days. doubtful: the first of them, "" when the order is certain; taken_as: the order. */
bool clv_written_band_dates(GDALDatasetH ds, clv_date *dates, char doubtful[16], const char **taken_as);
/* Date of a whole dataset by its metadata and name; facts.has_date is false when there is none. */
void clv_dataset_find_date(GDALDatasetH ds, const char *name, clv_dataset_acquisition *acquisition);

#endif
