/* SPDX-License-Identifier: MIT
 *
 * info_table: the JSON of clv_info() as a table for people, on standard output. What is shown is only what the JSON
 * says.
 */
#ifndef CLV_CLI_INFO_TABLE_H
#define CLV_CLI_INFO_TABLE_H

#include "cli/options.h"

void clv_info_table_print(const char *json, const clv_cli_options *cli);

#endif
