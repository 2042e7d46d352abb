/* SPDX-License-Identifier: MIT
 *
 * metrics: how far a prediction is from the truth: RMSE, PSNR, MAE, spectral angle and SSIM, as U-TILISE's evaluation
 * defines them (reflectance, data range 1).
 *
 *     clv_errors e = {0};
 *     clv_errors_add(&e, predicted, truth, 3, plane, plane, scope, 1);    // where scope is 1
 *     double psnr = clv_errors_psnr(&e);
 *
 * Sums are float64; errors are plain values that can be joined. Threads: pure functions.
 */
#ifndef CLV_IMAGE_METRICS_H
#define CLV_IMAGE_METRICS_H

#include <stddef.h>
#include <stdint.h>

typedef struct clv_errors {
    double squares, absolutes, angles; /* sums over values, values, pixels */
    int64_t values, angled;            /* numbers of values; of pixels with an angle */
} clv_errors;

/* Adds the pixels i < n with scope[i] == wanted of `bands` planes that lie `plane` values apart. Pixels whose vector is
 * zero in either picture have no angle. */
void clv_errors_add(clv_errors *e, const float *predicted, const float *truth, int bands, size_t plane, size_t n,
                    const uint8_t *scope, uint8_t wanted);
void clv_errors_join(clv_errors *e, const clv_errors *more);

/* NaN without values. */
double clv_errors_rmse(const clv_errors *e);
double clv_errors_mae(const clv_errors *e);
double clv_errors_psnr(const clv_errors *e); /* 20 log10(1 / RMSE) in dB; infinite where nothing differs */
double clv_errors_sam(const clv_errors *e);  /* mean angle in degrees */

/* Structural similarity of two planes: mean over the pixels at least 2 from the border, 5x5 Gaussian window of
 * sigma 1.5, C1 = 0.01^2, C2 = 0.03^2 (Wang et al. 2004). NaN for planes smaller than 5x5. */
double clv_ssim(const float *a, const float *b, int width, int height);

#endif
