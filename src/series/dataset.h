/* SPDX-License-Identifier: MIT
 *
 * dataset: one opened dataset, split into its dates, with bands, radiometry, nodata and dates found by the ladders of
 * sentinel2/.
 *
 * A raster gives one acquisition (date), or several when its bands carry different dates; a cube (earthnet.h) gives one acquisition
 * per step, each a small dataset in memory. A dataset belongs to one thread; clv_series takes its parts over.
 *
 *     clv_dataset dataset;
 *     if ((status = clv_dataset_open(ctx, "a_20220601.tif", NULL, &options, 0, &dataset)) != CLV_OK) ...
 *     printf("%d dates, first: %s\n", dataset.acquisitions, dataset.acquisition[0].bands_how);
 *     clv_dataset_clear(&dataset);
 */
#ifndef CLV_SERIES_DATASET_H
#define CLV_SERIES_DATASET_H

#include "products/bundle.h"
#include "products/input_list.h"
#include "raster/open_options.h"
#include "series/masks.h"
#include "series/series.h"

#define CLV_MAX_CHANNELS 64

typedef struct clv_dataset_acquisition {
    clv_date date;
    bool has_date;
    bool date_of_folder; /* found in a folder's name only: worth something when the dates of the inputs differ */
    clv_band *bands;     /* [channels], role order; owned */
    int channels;
    bool use_mask;      /* the dataset's mask band or alpha tells what is missing */
    bool all_zero;      /* nodata is 0 in integers: missing is what is 0 in every channel */
    bool scale_of_type; /* the scale rests on the type and range of values alone */
    int mask_band;      /* of the product's own mask (clouds, shadows); 0: none */
    clv_mask_kind mask_kind;
    bool guess;         /* the roles rest on the number of bands alone */
    double sample_low,
        sample_high; /* 1st and 99th percentile of red's raw values in a small sample; NaN: nothing valid seen */
    char bands_how[160], scale_how[160], scale_warn[160], date_how[96], mask_how[96];
    GDALDatasetH memory, memory_mask; /* cubes only: pixels, and the product's own mask (Byte); owned */
    bool mask_has_classes;            /* memory_mask holds Sen2Cor's classes, else 1 = bad */
} clv_dataset_acquisition;

typedef struct clv_dataset {
    char *source; /* name to open again; owned */
    char *stem;   /* base name without extension; owned */
    clv_grid grid;
    int overview; /* overview through which it is seen, CLV_OVERVIEW_NONE: none */
    char grid_note[96];   /* where the georeference comes from when the file does not have one */
    char *vrt;            /* text of the VRT that joins the date's files, opened instead of `source`; owned; NULL: none */
    bool packed;          /* ... of JPEG 2000 files */
    char *mask;           /* the dataset with the acquisitions' masks; owned; NULL: they are bands of the dataset's own */
    GDALDatasetH dataset; /* open; NULL for cubes and after it was taken over */
    int acquisitions;
    clv_dataset_acquisition *acquisition; /* owned */
} clv_dataset;

/* wanted_dates: number of dates that the user gave for this one input (0 or 1: unknown), by which bands without dates
 * are split. */
clv_status clv_dataset_open(clv_context *ctx, const char *name, const clv_open_options *how, const clv_input_options *options,
                          int wanted_dates, clv_dataset *out);
/* The same of a date whose files were put together (bundle.h). */
clv_status clv_dataset_open_bundle(clv_context *ctx, clv_bundle *bundle, const clv_open_options *how,
                                 const clv_input_options *options, int wanted_dates, clv_dataset *out);
/* The part that both share: out->dataset is open, source and stem are set. Does not clear on failure. */
clv_status clv_dataset_describe(clv_context *ctx, const clv_input_options *options, int wanted_dates, clv_dataset *out);
void clv_dataset_clear(clv_dataset *opened);


/* ---- Parts of the ladder ----------------------------------------------------------------------- */

/* Bands, roles, scale, offset and nodata of the acquisition made of these bands of the dataset. */
clv_status clv_dataset_describe_acquisition(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices, int count,
                              const clv_input_options *options, clv_dataset_acquisition *acquisition);
/* Date of one band by its metadata (else description): for splitting. how: one phrase. */
bool clv_band_date(GDALRasterBandH band, clv_date *date, char *how, size_t how_size);
/* Date of a whole dataset by its metadata and name; acquisition->has_date stays false when there is none. */
void clv_dataset_find_date(GDALDatasetH ds, const char *name, clv_dataset_acquisition *acquisition);

#endif
