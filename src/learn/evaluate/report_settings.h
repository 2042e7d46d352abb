/* SPDX-License-Identifier: MIT
 *
 * report_settings: the table of what an evaluation was told, for its page.
 *
 *     clv_settings_begin(&page);
 *     clv_settings_inputs(&page, inputs, count);
 *     clv_setting(&page, "protocol", "utilise");
 *     clv_settings_end(&page);
 */
#ifndef CLV_LEARN_EVALUATE_REPORT_SETTINGS_H
#define CLV_LEARN_EVALUATE_REPORT_SETTINGS_H

#include "learn/evaluate/report_page.h"

void clv_settings_begin(clv_page *page);
/* value NULL: no row. */
void clv_setting(clv_page *page, const char *name, const char *value);
void clv_setting_number(clv_page *page, const char *name, double value);
/* A NULL-terminated list; NULL: no row. Long lists are cut, saying so. */
void clv_setting_list(clv_page *page, const char *name, const char *const *list);
void clv_settings_inputs(clv_page *page, const char *const *inputs, int count);
void clv_settings_end(clv_page *page);

#endif
