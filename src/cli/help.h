/* SPDX-License-Identifier: MIT
 *
 * help: what --help prints, and the same for the man pages, from the tables of options.h and command.h.
 */
#ifndef CLV_CLI_HELP_H
#define CLV_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* The list of commands and of the options that all of them take. */
/* The commands of a group such as "train". */
void clv_help_group(FILE *out, const char *group);
void clv_help_program(FILE *out);
void clv_help_command(FILE *out, const clv_command *command);
/* The part of a man page that is made from the tables, in roff: the options' sections. NULL: those of the program. */
void clv_help_man(FILE *out, const clv_command *command);
/* The same for the section on a command's methods; nothing for a command without any. */
void clv_help_man_methods(FILE *out, const clv_command *command);
/* "clearvision 0.1.0, GDAL 3.6.2, released 2023/01/02" */
void clv_help_version(FILE *out);

#endif
