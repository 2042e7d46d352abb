/* SPDX-License-Identifier: MIT */
#include "base/names.h"

#include <string.h>
#include <strings.h>

int clv_name_ends(const char *name, const char *ext)
{
    size_t n = strlen(name), m = strlen(ext);
    return n > m + 1 && name[n - m - 1] == '.' && strcasecmp(name + n - m, ext) == 0;
}

const char *clv_name_base(const char *name)
{
    const char *base = name;
    for (const char *c = name; *c; c++)
        if ((*c == '/' || *c == '\\') && c[1])
            base = c + 1;
    return base;
}
