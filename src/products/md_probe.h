/* SPDX-License-Identifier: MIT
 *
 * md_probe: whether a netCDF-4 file can be opened at all. libhdf5 crashes or hangs on some damaged files, which no
 * error handler catches; so the first opening is tried in a process of its own.
 *
 *     if (!clv_md_probe("cube.nc"))
 *         return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is damaged", "cube.nc");
 *
 * For other formats, for files that the operating system does not know, and where the process that tries has to wait
 * for a lock that another thread of this one holds, the answer is true. Pixels are not looked at. Any thread.
 */
#ifndef CLV_PRODUCTS_MD_PROBE_H
#define CLV_PRODUCTS_MD_PROBE_H

#include <stdbool.h>

bool clv_md_probe(const char *path);

#endif
