/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* RTLD_DEFAULT */
#endif
#include "raster/hdf5_quiet.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int (*set_auto)(int64_t stack, void *function, void *data);

static atomic_bool wanted;
static _Thread_local bool done;

void clv_hdf5_quiet_from_now(void)
{
    atomic_store(&wanted, true);
    clv_hdf5_quiet();
}

void clv_hdf5_quiet(void)
{
    if (done || !atomic_load(&wanted))
        return;
    done = true;
    void *found = dlsym(RTLD_DEFAULT, "H5Eset_auto2");
    set_auto function;
    memcpy(&function, &found, sizeof function);
    if (found)
        function(0, NULL, NULL); /* H5E_DEFAULT */
}
