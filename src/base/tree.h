/* SPDX-License-Identifier: MIT
 *
 * tree: removes a file, or a folder with all that lies in it. Follows no link: what lies behind one stays.
 *
 *     int folder = 3; // a descriptor of the folder
 *     clv_tree_remove(folder, ".a.zarr.k3j2h4x9-2n9c-1h4x-a8f2.tmp");
 *
 * Any thread.
 */
#ifndef CLV_BASE_TREE_H
#define CLV_BASE_TREE_H

#include <stdbool.h>

/* name lies in the folder of the descriptor. True where it is not there any more. */
bool clv_tree_remove(int folder, const char *name);

#endif
