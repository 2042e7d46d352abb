/* SPDX-License-Identifier: MIT */
#include "output/outputs_private.h"

clv_status clv_outputs_fail_write(clv_outputs *set, const char *path, const char *what, const char *why)
{
    atomic_store(&set->failed, true);
    return clv_fail(set->ctx, CLV_ERROR_WRITE, "%s: %s: %s", path, what, why);
}
