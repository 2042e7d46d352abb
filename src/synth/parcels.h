/* SPDX-License-Identifier: MIT
 *
 * parcels: farmland divided into blocks (between tracks and hedges) and blocks into parcels, as a pure function of seed
 * and position in metres.
 *
 * Blocks are Voronoi cells of jittered points; every block has a direction of its own, and is cut into columns and
 * those into pieces, as farmland is.
 */
#ifndef CLV_SYNTH_PARCELS_H
#define CLV_SYNTH_PARCELS_H

#include <stdint.h>

typedef struct clv_parcel {
    uint64_t id;    /* hash of the parcel: everything about it follows from it */
    uint64_t block; /* hash of its block */
    double edge_m;  /* to the parcel's nearest edge, metres */
    double block_m; /* to the block's edge, metres */
    double row;     /* coordinate across the rows in metres (ploughing, orchards, vines) */
} clv_parcel;

/* size: mean width of a block in metres (about 700). */
clv_parcel clv_parcel_at(uint32_t seed, double x, double y, double size);

#endif
