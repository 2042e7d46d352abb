/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#include "gdal/view_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static clv_view_library functions;
static atomic_bool loaded;

static const char *const names[] = {
    "clv_context_new",         "clv_context_free",  "clv_context_set_log",
    "clv_context_set_threads", "clv_context_error", "clv_remove_options_init_size",
    "clv_view_open",           "clv_view_free",     "clv_view_dates",
    "clv_view_name",           "clv_view_date",     "clv_view_pixel_m",
    "clv_view_reduced",        "clv_view_raster",   "clv_view_compute",
    "clv_view_inside",         "clv_view_computed", "clv_view_file",
};
_Static_assert(sizeof names / sizeof *names == sizeof functions / sizeof(void (*)(void)), "one name for each function");

/* Functions in the struct's order; POSIX's way to turn an object pointer into a function. */
static bool take_functions(void *handle, char *error, size_t size)
{
    void *found[sizeof names / sizeof *names];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!(found[i] = dlsym(handle, names[i]))) {
            snprintf(error, size, "libclearvision is of another version than the plug-in: it lacks %s; reinstall both",
                     names[i]);
            return false;
        }
    memcpy(&functions, found, sizeof functions);
    return true;
}

static void *try_file(const char *path, char *reason, size_t size)
{
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return NULL;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        snprintf(reason, size, "%s", dlerror());
    return handle;
}

static void *find_library(char *reason, size_t size)
{
    static const char *const beside[] = {"", "..", "../.."};
    const char *set = CPLGetConfigOption("CLEARVISION_LIBRARY", NULL);
    if (set && *set) {
        snprintf(reason, size, "CLEARVISION_LIBRARY=%s: no such file", set);
        return try_file(set, reason, size);
    }
    Dl_info info;
    void *handle = NULL;
    for (size_t i = 0; i < sizeof beside / sizeof *beside && !handle && dladdr(&load_lock, &info); i++) {
        char folder[4096];
        snprintf(folder, sizeof folder, "%s/%s", CPLGetPath(info.dli_fname), beside[i]);
        handle = try_file(CPLFormFilename(folder, CLV_LIBRARY_FILE, NULL), reason, size);
    }
    if (!handle)
        handle = try_file(CLV_INSTALL_LIBRARY, reason, size);
    if (!handle && !*reason && !(handle = dlopen(CLV_LIBRARY_FILE, RTLD_NOW | RTLD_LOCAL)))
        snprintf(reason, size, "%s", dlerror());
    return handle;
}

const clv_view_library *clv_view_library_get(char *error, size_t error_size)
{
    pthread_mutex_lock(&load_lock);
    if (!atomic_load(&loaded)) {
        char reason[300] = "";
        void *handle = find_library(reason, sizeof reason);
        if (!handle)
            snprintf(error, error_size,
                     CLV_LIBRARY_FILE " cannot be loaded (%s); install it or set CLEARVISION_LIBRARY",
                     *reason ? reason : "not found");
        else
            atomic_store(&loaded, take_functions(handle, error, error_size));
    }
    pthread_mutex_unlock(&load_lock);
    return atomic_load(&loaded) ? &functions : NULL;
}
