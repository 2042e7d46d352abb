/* SPDX-License-Identifier: MIT
 *
 * fill_bands: which bands of a date are filled and which are copied, and which of the latter are used as masks.
 *
 * Filled are bands known as reflectance by name, wavelength, colour or -b, and bands without a name unless their values
 * are none; -fill_bands decides otherwise. Each date is looked at when it is opened, then all of them together: the
 * unit of a probability, what is said about bands that are copied, and masks that contradict are matters of the series.
 *
 * One thread at a time.
 */
#ifndef CLV_SERIES_FILL_BANDS_H
#define CLV_SERIES_FILL_BANDS_H

#include "sentinel2/band_known.h"
#include "series/dataset.h"

/* The bands of one date of an open dataset. */
typedef struct clv_fill_bands {
    GDALDatasetH dataset;
    const char *name;
    const clv_band_hint *hints; /* [count] */
    const int *indices;         /* [count] band numbers */
    int count;
    bool by_place; /* the roles are those of a product's bands in order: every band without a name is reflectance */
} clv_fill_bands;

/* Changes roles [count] of the bands that are copied to CLV_ROLE_AUX, and those that -fill_bands names to
 * CLV_ROLE_OTHER; finds the masks among them; fills facts->all_bands, masks and fill_how. */
clv_status clv_fill_bands_choose(clv_context *ctx, const clv_fill_bands *bands, const clv_input_options *options,
                                 clv_role *roles, clv_date_facts *facts);

/* All dates together: `channels` bands of each are filled. sources [count]: their names for messages. Warns of bands
 * that are copied and not known as quality bands. */
clv_status clv_fill_bands_settle(clv_context *ctx, clv_dataset_acquisition *const *dates, const char *const *sources,
                                 int count, int channels, const clv_input_options *options);

#endif
