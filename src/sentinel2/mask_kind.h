/* SPDX-License-Identifier: MIT
 *
 * mask_kind: what the values of a mask mean: 1 stands for cloud or nothing known, 2 for shadow. */
#ifndef CLV_SENTINEL2_MASK_KIND_H
#define CLV_SENTINEL2_MASK_KIND_H

typedef enum clv_mask_kind {
    CLV_MASK_KIND_PLAIN, /* non-zero, nodata or NaN = 1 */
    CLV_MASK_KIND_SCL,   /* Sen2Cor's classes: 0, 1, 8, 9, 10 = 1; 3 = 2 */
    CLV_MASK_KIND_FMASK, /* HLS: bit 1 (cloud) or 255 (nothing known) = 1; bit 3 (shadow) = 2 */
    CLV_MASK_KIND_QA60   /* Sentinel-2's QA60: bit 10 (opaque) or 11 (cirrus) = 1 */
} clv_mask_kind;

#endif
