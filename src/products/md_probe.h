/* SPDX-License-Identifier: MIT
 *
 * md_probe: whether a netCDF-4 file can be opened at all. libhdf5 crashes or hangs on some damaged files, which no
 * error handler catches; so the first opening is tried in a process of its own.
 *
 *     if (!clv_md_probe("cube.nc"))
 *         return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is damaged", "cube.nc");
 *
 * Tried only where this process has a single thread, since a forked one may wait for locks that others hold; elsewhere,
 * for other formats and for files that the operating system does not know, the answer is true. Pixels are not looked
 * at.
 */
#ifndef CLV_PRODUCTS_MD_PROBE_H
#define CLV_PRODUCTS_MD_PROBE_H

#include <stdbool.h>

bool clv_md_probe(const char *path);

#endif
