/* SPDX-License-Identifier: MIT
 *
 * cube_private: the two readers behind cube.h. Not for other parts. A reader's open fills the cube and its state; close
 * is called on whatever open has left there.
 */
#ifndef CLV_PRODUCTS_CUBE_PRIVATE_H
#define CLV_PRODUCTS_CUBE_PRIVATE_H

#include "products/cube.h"

#define CLV_CUBE_MAX_SIDE 4096
#define CLV_CUBE_MAX_BYTES ((size_t)1 << 29)

typedef struct clv_cube_reader {
    clv_status (*open)(clv_context *ctx, clv_cube *cube);
    clv_status (*read)(clv_context *ctx, clv_cube *cube, clv_cube_layer layer, int step, float *plane);
    clv_status (*find_extras)(clv_context *ctx, clv_cube *cube);
    clv_status (*read_extra)(clv_context *ctx, clv_cube *cube, const clv_cube_extra *extra, int band, float *plane);
    void (*close)(clv_cube *cube);
} clv_cube_reader;

extern const clv_cube_reader clv_cube_npz_reader, clv_cube_minicube_reader;

/* Room for one more extra, zeroed; NULL when memory is out. */
clv_cube_extra *clv_cube_add_extra(clv_cube *cube);

#endif
