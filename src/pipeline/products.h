/* SPDX-License-Identifier: MIT
 *
 * products: rasters of our own on each date's native grid: mask, probability, quality: what their bands are, and how
 * planes of the working grid get there (nearest working pixel; through the warper for dates that do not fit).
 */
#ifndef CLV_PIPELINE_PRODUCTS_H
#define CLV_PIPELINE_PRODUCTS_H

#include "output/writer.h"
#include "pipeline/stage1.h"

typedef enum clv_product {
    CLV_PRODUCT_MASK,        /* Byte: 0 clear, 1 cloud, 2 shadow, 255 no data */
    CLV_PRODUCT_PROBABILITY, /* Float32: cloud, shadow; -1 no data */
    CLV_PRODUCT_QUALITY      /* UInt16: source (enum clv_source), days to the nearest observation, deviation */
} clv_product;

/* A raster for date t on the date's native grid. */
clv_status clv_product_create(clv_outputs *set, const clv_series *series, int t, clv_product product, const char *path,
                              clv_writer **out);

/* Gives a window of the working grid of date t in the product's type, of masks the states (clv_flags_read_states());
 * band is 0-based. Called from several threads for different dates. */
typedef struct clv_product_source {
    clv_status (*read)(void *user, int t, int band, clv_rect window, void *out);
    void *user;
} clv_product_source;

/* Writes every date's product, block by block. Reports progress of the current phase. */
clv_status clv_products_write(clv_context *ctx, clv_outputs *set, clv_series *series, clv_writer *const *writers,
                              clv_product product, const clv_product_source *source);

#endif
