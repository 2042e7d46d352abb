/* SPDX-License-Identifier: MIT */
#include "web/files.h"

#include <string.h>

/* Made by embed.cmake; ends with a file without a name. */
extern const clv_web_file clv_web_table[];

const clv_web_file *clv_web_file_find(const char *name)
{
    for (const clv_web_file *file = clv_web_table; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}
