/* SPDX-License-Identifier: MIT */
#include "products/date_facts.h"

#include <stdlib.h>

void clv_date_facts_clear(clv_date_facts *facts)
{
    free(facts->vrt);
    free(facts->mask);
    *facts = (clv_date_facts){0};
}
