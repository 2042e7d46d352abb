/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "products/cube_private.h"

clv_cube_extra *clv_cube_add_extra(clv_cube *cube)
{
    clv_cube_extra *grown = realloc(cube->extras, ((size_t)cube->extra_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    cube->extras = grown;
    grown += cube->extra_count++;
    *grown = (clv_cube_extra){.unit = "", .what = "", .scale = 1};
    return grown;
}
