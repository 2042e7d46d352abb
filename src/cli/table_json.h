/* SPDX-License-Identifier: MIT
 *
 * table_json: the option table as JSON, for what is made of it outside the program (src/qgis/update.py).
 */
#ifndef CLV_CLI_TABLE_JSON_H
#define CLV_CLI_TABLE_JSON_H

#include <stdbool.h>
#include <stdio.h>

/* Writes an array with an object for each row of clv_option_table(), in its order: `flag`, `commands`, `help`, and
 * where the row has them `choices`, `texts` (a phrase on each choice), `open` (other values are possible too),
 * `minimum` and `maximum`, `default` (a text). False when memory is out. */
bool clv_table_json(FILE *out);

#endif
