/* SPDX-License-Identifier: MIT
 *
 * drivers: what the plug-in registers, a function each. Called once, by GDAL's registration.
 */
#ifndef CLV_GDAL_DRIVERS_H
#define CLV_GDAL_DRIVERS_H

void clv_register_view(void);

#endif
