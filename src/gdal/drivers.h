/* SPDX-License-Identifier: MIT
 *
 * drivers: what the plug-in registers, a function each. Called once, by GDAL's registration.
 */
#ifndef CLV_GDAL_DRIVERS_H
#define CLV_GDAL_DRIVERS_H

#ifdef __cplusplus
void clv_register_earthnet(void);
void clv_register_view(void);

extern "C" {
#endif

void clv_register_functions(void); /* for VRT derived bands */

#ifdef __cplusplus
}
#endif
#endif
