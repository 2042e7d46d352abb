/* SPDX-License-Identifier: MIT
 *
 * completion: a bash completion script made from the option table:  source <(clearvision completion bash)
 */
#ifndef CLV_CLI_COMPLETION_H
#define CLV_CLI_COMPLETION_H

#include <stdio.h>

void clv_completion_bash(FILE *out);

#endif
