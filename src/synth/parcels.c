/* SPDX-License-Identifier: MIT */
#include "synth/parcels.h"

#include <math.h>

#include "base/random.h"

CLV_EXACT_FLOATS

/* Cuts a line into pieces of about `step` with cuts moved by up to 0.35 of it; index of the piece and distance to its
 * ends. */
static int64_t piece_at(uint64_t seed, double at, double step, double *edge)
{
    const double q = at / step;
    int64_t i = (int64_t)floor(q);
    const double low = (double)i + 0.7 * (clv_hash_unit(clv_hash2(seed, i, 0)) - 0.5);
    const double high = (double)(i + 1) + 0.7 * (clv_hash_unit(clv_hash2(seed, i + 1, 0)) - 0.5);
    if (q < low) {
        i--;
        *edge = (low - q) * step; /* the far end is at least as far as 0.3 steps: it does not matter for edges */
    } else if (q >= high) {
        i++;
        *edge = (q - high) * step;
    } else {
        *edge = (q - low < high - q ? q - low : high - q) * step;
    }
    return i;
}

clv_parcel clv_parcel_at(uint32_t seed, double x, double y, double size)
{
    const double qx = x / size, qy = y / size;
    const int64_t cx = (int64_t)floor(qx), cy = (int64_t)floor(qy);
    double first = 1e9, second = 1e9, fx = 0.0, fy = 0.0, sx = 0.0, sy = 0.0;
    uint64_t block = 0;
    for (int64_t j = cy - 1; j <= cy + 1; j++) {
        for (int64_t i = cx - 1; i <= cx + 1; i++) {
            const uint64_t h = clv_hash2(seed, i, j);
            const double px = (double)i + 0.1 + 0.8 * clv_hash_part(h, 0),
                         py = (double)j + 0.1 + 0.8 * clv_hash_part(h, 1);
            const double d = (px - qx) * (px - qx) + (py - qy) * (py - qy);
            if (d < first) {
                second = first;
                sx = fx;
                sy = fy;
                first = d;
                fx = px;
                fy = py;
                block = h;
            } else if (d < second) {
                second = d;
                sx = px;
                sy = py;
            }
        }
    }
    clv_parcel p = {.block = block};
    /* Distance to the perpendicular bisector of the two nearest points. */
    const double gap = sqrt((sx - fx) * (sx - fx) + (sy - fy) * (sy - fy));
    p.block_m = gap > 0.0 ? 0.5 * (second - first) / gap * size : size;

    const uint64_t h = clv_hash(block);
    double dx = clv_hash_part(h, 0) - 0.5, dy = clv_hash_part(h, 1) - 0.5;
    const double length = sqrt(dx * dx + dy * dy);
    dx = length > 1e-3 ? dx / length : 1.0;
    dy = length > 1e-3 ? dy / length : 0.0;
    const double along = (qx - fx) * size * dx + (qy - fy) * size * dy,
                 across = (qy - fy) * size * dx - (qx - fx) * size * dy;
    double edge_a, edge_b;
    const double column = 90.0 + 190.0 * clv_hash_part(h, 2) * clv_hash_part(h, 2);
    const int64_t i = piece_at(block, across, column, &edge_a);
    const int64_t j = piece_at(clv_hash2(block, i, 1), along, column * (1.5 + 2.5 * clv_hash_part(h, 3)), &edge_b);
    p.id = clv_hash2(block, i, j + 1000);
    p.edge_m = edge_a < edge_b ? edge_a : edge_b;
    p.edge_m = p.block_m < p.edge_m ? p.block_m : p.edge_m;
    p.row = across;
    return p;
}
