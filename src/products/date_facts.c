/* SPDX-License-Identifier: MIT */
#include "products/date_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void clv_date_facts_say_mask(clv_date_facts *facts, const char *how)
{
    const size_t used = strlen(facts->mask_how);
    if (!*how)
        return;
    snprintf(facts->mask_how + used, sizeof facts->mask_how - used, "%s%s", used ? ", " : "", how);
}

bool clv_date_facts_add_mask(clv_date_facts *facts, const char *name, clv_mask_kind kind, int band, const char *how)
{
    for (int i = 0; i < facts->mask_count; i++) {
        const clv_date_mask *m = &facts->masks[i];
        if (m->band == band && !m->name == !name && (!name || strcmp(m->name, name) == 0))
            return true;
    }
    if (facts->mask_count == CLV_DATE_FACT_MASKS)
        return true;
    clv_date_mask mask = {.name = clv_strdup(name), .kind = kind, .band = band};
    snprintf(mask.how, sizeof mask.how, "%s", how ? how : "");
    if (name && !mask.name)
        return false;
    facts->masks[facts->mask_count++] = mask;
    clv_date_facts_say_mask(facts, mask.how);
    return true;
}

void clv_date_facts_drop_mask(clv_date_facts *facts, int mask)
{
    free(facts->masks[mask].name);
    facts->mask_count--;
    for (int i = mask; i < facts->mask_count; i++)
        facts->masks[i] = facts->masks[i + 1];
    facts->mask_how[0] = 0;
    for (int i = 0; i < facts->mask_count; i++)
        clv_date_facts_say_mask(facts, facts->masks[i].how);
}

void clv_date_facts_clear_masks(clv_date_facts *facts)
{
    for (int i = 0; i < facts->mask_count; i++)
        free(facts->masks[i].name);
    facts->mask_count = 0;
    facts->masks_doubtful = false;
    facts->mask_how[0] = 0;
}

void clv_date_facts_clear(clv_date_facts *facts)
{
    free(facts->vrt);
    free(facts->all_bands);
    free(facts->scale_open);
    clv_date_facts_clear_masks(facts);
    *facts = (clv_date_facts){0};
}
