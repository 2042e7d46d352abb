/* SPDX-License-Identifier: MIT */
#include "image/metrics.h"

#include <math.h>

#define DEGREES 57.29577951308232
enum { RADIUS = 2, SIDE = 2 * RADIUS + 1 };

void clv_errors_add(clv_errors *e, const float *predicted, const float *truth, int bands, size_t plane, size_t n,
                    const uint8_t *scope, uint8_t wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (scope[i] != wanted)
            continue;
        double dot = 0, p2 = 0, t2 = 0;
        for (int c = 0; c < bands; c++) {
            const double p = predicted[(size_t)c * plane + i], t = truth[(size_t)c * plane + i], d = p - t;
            e->squares += d * d;
            e->absolutes += fabs(d);
            dot += p * t;
            p2 += p * p;
            t2 += t * t;
        }
        e->values += bands;
        if (p2 > 0 && t2 > 0) {
            const double cosine = dot / sqrt(p2 * t2);
            e->angles += acos(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
            e->angled++;
        }
    }
}

void clv_errors_join(clv_errors *e, const clv_errors *more)
{
    e->squares += more->squares;
    e->absolutes += more->absolutes;
    e->angles += more->angles;
    e->values += more->values;
    e->angled += more->angled;
}

double clv_errors_rmse(const clv_errors *e)
{
    return e->values ? sqrt(e->squares / (double)e->values) : NAN;
}

double clv_errors_mae(const clv_errors *e)
{
    return e->values ? e->absolutes / (double)e->values : NAN;
}

double clv_errors_psnr(const clv_errors *e)
{
    return -20 * log10(clv_errors_rmse(e));
}

double clv_errors_sam(const clv_errors *e)
{
    return e->angled ? DEGREES * e->angles / (double)e->angled : NAN;
}

static void gaussian(double weight[SIDE])
{
    double sum = 0;
    for (int i = 0; i < SIDE; i++)
        sum += weight[i] = exp(-(i - RADIUS) * (i - RADIUS) / (2 * 1.5 * 1.5));
    for (int i = 0; i < SIDE; i++)
        weight[i] /= sum;
}

double clv_ssim(const float *a, const float *b, int width, int height)
{
    const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
    double weight[SIDE], total = 0;
    if (width < SIDE || height < SIDE)
        return NAN;
    gaussian(weight);
    for (int y = RADIUS; y < height - RADIUS; y++)
        for (int x = RADIUS; x < width - RADIUS; x++) {
            double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
            for (int j = 0; j < SIDE; j++)
                for (int i = 0; i < SIDE; i++) {
                    const size_t at = (size_t)(y + j - RADIUS) * (size_t)width + (size_t)(x + i - RADIUS);
                    const double w = weight[j] * weight[i], va = a[at], vb = b[at];
                    ma += w * va;
                    mb += w * vb;
                    aa += w * va * va;
                    bb += w * vb * vb;
                    ab += w * va * vb;
                }
            total += (2 * ma * mb + c1) * (2 * (ab - ma * mb) + c2) /
                     ((ma * ma + mb * mb + c1) * (aa - ma * ma + bb - mb * mb + c2));
        }
    return total / ((double)(width - 2 * RADIUS) * (double)(height - 2 * RADIUS));
}
