/* SPDX-License-Identifier: MIT */
#include "learn/dataset/set_choice.h"

#include <stdio.h>
#include <string.h>

#include "base/names.h"

bool clv_is_set_name(const char *name)
{
    return clv_name_ends(name, "safetensors");
}

bool clv_set_choice_names(const char *const *names, const char *name)
{
    for (int i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool clv_set_choice_first(const clv_prepared *set, int i)
{
    clv_prepared_sequence s, other;
    clv_prepared_get(set, i, &s);
    for (int k = 0; k < i; k++) {
        clv_prepared_get(set, k, &other);
        if (strcmp(other.place, s.place) == 0)
            return false;
    }
    return true;
}

static clv_status unknown_place(clv_context *ctx, const clv_prepared *set, const char *path, const char *option,
                                const char *name)
{
    char list[300] = "";
    size_t used = 0;
    for (int i = 0; i < clv_prepared_count(set) && used < sizeof list; i++)
        if (clv_set_choice_first(set, i)) {
            clv_prepared_sequence s;
            clv_prepared_get(set, i, &s);
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", s.place);
        }
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s %s: %s has no such place; it has %s", option, name, path, list);
}

clv_status clv_set_choice_check(clv_context *ctx, const clv_prepared *set, const char *path, const char *option,
                                const char *const *places)
{
    for (int p = 0; places && places[p]; p++) {
        bool found = false;
        for (int i = 0; i < clv_prepared_count(set) && !found; i++) {
            clv_prepared_sequence s;
            clv_prepared_get(set, i, &s);
            found = strcmp(s.place, places[p]) == 0;
        }
        if (!found)
            return unknown_place(ctx, set, path, option, places[p]);
    }
    return CLV_OK;
}

bool clv_set_choice_has(const clv_prepared *set, int i, const char *const *places, clv_split split)
{
    clv_prepared_sequence s;
    clv_prepared_get(set, i, &s);
    if (split != CLV_SPLIT_ALL && (split == CLV_SPLIT_HOLD) != (strcmp(s.split, "hold") == 0))
        return false;
    return !places || clv_set_choice_names(places, s.place);
}
