/* SPDX-License-Identifier: MIT
 *
 * hdf5_quiet: libhdf5 prints what libnetcdf asks it in vain ("can't open attribute") to standard error, in every thread
 * but the one that opened the first file. Nothing is known of HDF5 here: its function is looked up where it is loaded.
 *
 *     clv_hdf5_quiet_from_now();   // a netCDF file is about to be opened
 *     ...
 *     clv_hdf5_quiet();            // in the thread that reads, before it does
 *
 * Any thread.
 */
#ifndef CLV_RASTER_HDF5_QUIET_H
#define CLV_RASTER_HDF5_QUIET_H

#ifdef __cplusplus
extern "C" {
#endif

void clv_hdf5_quiet_from_now(void);
/* Costs nothing before the call above, and after the first time in a thread. */
void clv_hdf5_quiet(void);

#ifdef __cplusplus
}
#endif

#endif
