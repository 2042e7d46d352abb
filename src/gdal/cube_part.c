/* SPDX-License-Identifier: MIT */
#include "gdal/cube_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

static const char *const masks[CLV_CUBE_LAYERS] = {
    [CLV_CUBE_MASK] = "mask", [CLV_CUBE_CLD] = "CLD", [CLV_CUBE_SCL] = "SCL"};

static const char *const extras[] = {"highresstatic",  "mesostatic",     "mesodynamic:RR", "mesodynamic:PP",
                                     "mesodynamic:TG", "mesodynamic:TN", "mesodynamic:TX", "cop_dem",
                                     "nasa_dem",       "alos_dem",       "esawc_lc",       "geom_cls"};

const char *clv_cube_layer_name(clv_cube_layer layer)
{
    return masks[layer] ? masks[layer] : "";
}

static bool parse_when(const char *text, clv_cube_part *part)
{
    part->kind = CLV_PART_STACK;
    if (strcasecmp(text, "stack") == 0)
        return true;
    part->kind = CLV_PART_DATE;
    if (strlen(text) == 10 && text[4] == '-' && clv_date_parse(text, &part->date))
        return true;
    part->kind = CLV_PART_STEP;
    size_t digits = strncasecmp(text, "step", 4) == 0 ? strspn(text + 4, "0123456789") : 0;
    if (digits < 1 || digits > 6 || text[4 + digits])
        return false;
    part->step = (int)strtol(text + 4, NULL, 10) - 1;
    return part->step >= 0;
}

static bool parse_part(const char *text, clv_cube_part *part)
{
    *part = (clv_cube_part){.picture = true};
    if (parse_when(text, part))
        return true;
    part->kind = CLV_PART_EXTRA;
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
        if (strcasecmp(text, extras[i]) == 0) {
            snprintf(part->extra, sizeof part->extra, "%s", extras[i]);
            return true;
        }
    part->picture = false;
    for (int layer = 0; layer < CLV_CUBE_LAYERS; layer++) {
        size_t n = masks[layer] ? strlen(masks[layer]) : 0;
        part->layer = (clv_cube_layer)layer;
        if (n && strncasecmp(text, masks[layer], n) == 0 && text[n] == ':' && parse_when(text + n + 1, part))
            return true;
    }
    return false;
}

static bool split_quoted(const char *text, char **path, clv_cube_part *part)
{
    const char *end = strrchr(text, '"'); /* a path may hold quotes too */
    if (end == text || (end[1] && end[1] != ':'))
        return false;
    if (end[1] == 0)
        *part = (clv_cube_part){.kind = CLV_PART_WHOLE};
    else if (!parse_part(end + 2, part))
        return false;
    *path = clv_format("%.*s", (int)(end - text - 1), text + 1);
    return *path != NULL;
}

bool clv_cube_part_split(const char *name, char **path, clv_cube_part *part)
{
    size_t n = strlen(CLV_EARTHNET_PREFIX);
    *path = NULL;
    if (strncasecmp(name, CLV_EARTHNET_PREFIX, n) != 0 || !name[n])
        return false;
    const char *text = name + n;
    if (text[0] == '"')
        return split_quoted(text, path, part);
    const char *colon = strchr(text, ':');
    while (colon && !parse_part(colon + 1, part))
        colon = strchr(colon + 1, ':');
    if (!colon)
        *part = (clv_cube_part){.kind = CLV_PART_WHOLE};
    *path = colon ? clv_format("%.*s", (int)(colon - text), text) : clv_strdup(text);
    return *path != NULL;
}

char *clv_cube_part_join(const char *path, const char *text)
{
    return clv_format(CLV_EARTHNET_PREFIX "\"%s\":%s", path, text);
}
