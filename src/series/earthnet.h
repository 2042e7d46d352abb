/* SPDX-License-Identifier: MIT
 *
 * earthnet: a cube of the EarthNet family (cube.h) as a dataset: a acquisition for every step.
 *
 * The two files of an EarthNet2021 test split are joined when both are there, whichever was named. Steps of an .npz
 * without any value are kept: they can be predicted. The known mask of a minicube's acquisition is made of both of its
 * masks, in Sen2Cor's classes: 9 cloud (s2_dlmask's cloud and thin cloud, s2_SCL's 0, 1, 8, 9, 10), 3 shadow (of
 * either), 4 the rest.
 */
#ifndef CLV_SERIES_EARTHNET_H
#define CLV_SERIES_EARTHNET_H

#include "products/cube.h"
#include "products/cube_name.h"
#include "series/dataset.h"

/* Opens the cube (with its partner). Acquisitions are datasets in memory. */
clv_status clv_earthnet_open(clv_context *ctx, const char *name, clv_dataset *out);

#endif
