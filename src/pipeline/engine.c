/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr, RTLD_DEEPBIND */
#endif
#include "pipeline/engine.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/options.h"
#include "formats/safetensors.h"
#include "formats/sha256.h"

#define CLV_MODULE_FILE "clearvision_net.so"
#define CLV_MODEL_MAX_BYTES ((size_t)1 << 30)

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static const clv_net_api *loaded_api;

char *clv_program_folder(void)
{
    Dl_info info;
    if (!dladdr((const void *)&load_lock, &info) || !info.dli_fname)
        return NULL;
    /* Started through PATH the dynamic linker knows only argv[0]; a file of that name in the working folder is another.
     */
    char *path = strchr(info.dli_fname, '/') ? realpath(info.dli_fname, NULL) : NULL;
    if (!path) {
        char link[4096];
        ssize_t n = readlink("/proc/self/exe", link, sizeof link - 1);
        if (n <= 0)
            return NULL;
        link[n] = 0;
        path = clv_strdup(link);
    }
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        *slash = 0;
    return path;
}

/* How the module is loaded. A libtorch with MKL inside (PyPI's) leaves MKL's names open to others, and the BLAS of GDAL
 * comes before: without RTLD_DEEPBIND its products of matrices go to OpenBLAS, whose cblas_sgemm_batch crashes on small
 * ones (Debian 13's 0.3.29; pull request 5980 of OpenBLAS). Only such a libtorch is loaded so, as it then does not see
 * what the program itself defines, a std::cerr for instance. Where malloc() is not the C library's (a preloaded one,
 * AddressSanitizer), memory of the one would be freed by the other: there that libtorch takes its chance. */
static int load_flags(void)
{
    int flags = RTLD_NOW | RTLD_LOCAL;
#if defined CLV_NET_HAS_MKL && defined RTLD_DEEPBIND
    Dl_info allocator, library;
    void *malloc_symbol = dlsym(RTLD_DEFAULT, "malloc"), *libc_symbol = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
    if (malloc_symbol && libc_symbol && dladdr(malloc_symbol, &allocator) && dladdr(libc_symbol, &library) &&
        allocator.dli_fbase == library.dli_fbase)
        flags |= RTLD_DEEPBIND;
#endif
    return flags;
}

void *clv_engine_load(const char *path)
{
    return dlopen(path, load_flags());
}

static void *try_module(const char *path, clv_context *ctx, char *reason, size_t reason_size)
{
    if (access(path, R_OK) != 0)
        return NULL;
    void *handle = clv_engine_load(path);
    if (!handle)
        snprintf(reason, reason_size, "%s", dlerror());
    clv_debug(ctx, "network module %s: %s", path, handle ? "loaded" : reason);
    return handle;
}

static void *find_module(clv_context *ctx, char *reason, size_t reason_size)
{
    const char *set = getenv("CLEARVISION_NET");
    if (set && *set)
        return try_module(set, ctx, reason, reason_size);
    void *handle = NULL;
    char *folder = clv_program_folder();
    static const char *const beside[] = {"", "/clearvision", "/../lib/clearvision"};
    for (size_t i = 0; folder && !handle && i < sizeof beside / sizeof *beside; i++) {
        char *path = clv_format("%s%s/" CLV_MODULE_FILE, folder, beside[i]);
        if (path)
            handle = try_module(path, ctx, reason, reason_size);
        free(path);
    }
    free(folder);
    if (!handle)
        handle = try_module(CLV_INSTALL_LIBDIR "/" CLV_MODULE_FILE, ctx, reason, reason_size);
    return handle;
}

clv_status clv_engine_api(clv_context *ctx, const clv_net_api **api)
{
    clv_status status = CLV_OK;
    pthread_mutex_lock(&load_lock);
    if (!loaded_api) {
        char reason[400] = "not found beside the program or in " CLV_INSTALL_LIBDIR;
        void *handle = find_module(ctx, reason, sizeof reason);
        const clv_net_api *(*get)(void) = NULL;
        if (handle)
            *(void **)&get =
                dlsym(handle, "clv_net_api_get"); /* POSIX's way to turn an object pointer into a function */
        const clv_net_api *table = get ? get() : NULL;
        if (table && table->abi == CLV_NET_ABI)
            loaded_api = table;
        else if (table)
            status = clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                              "network module: made for another version of clearvision (ABI %d, need %d); rebuild it",
                              table->abi, CLV_NET_ABI);
        else
            status = clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                              "network module " CLV_MODULE_FILE " cannot be loaded (%s); build with libtorch, set "
                              "CLEARVISION_NET, or work without it: -method gaussian -mask FILE ... -mask_mode replace",
                              reason);
    }
    *api = loaded_api;
    pthread_mutex_unlock(&load_lock);
    return status;
}

static char *model_in(const char *folder, size_t length, const char *name)
{
    char *path = clv_format("%.*s/%s.safetensors", (int)length, folder, name);
    if (path && access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

char *clv_shared_folder(const char *name)
{
    static const char *const up[] = {"..", "../.."}; /* from bin or lib, and from Debian's lib/x86_64-linux-gnu */
    char *folder = clv_program_folder(), *found = NULL;
    for (size_t i = 0; folder && !found && i < sizeof up / sizeof *up; i++) {
        char *path = clv_format("%s/%s/share/clearvision/%s", folder, up[i], name);
        found = path ? realpath(path, NULL) : NULL;
        free(path);
    }
    free(folder);
    return found;
}

/* The folders that hold models, those beside this program first. *beside: owned by the caller. */
static int model_folders(const char *out[2], char **beside)
{
    int n = 0;
    *beside = clv_shared_folder("models");
    if (*beside && access(*beside, R_OK) == 0)
        out[n++] = *beside;
    if (access(CLV_INSTALL_MODELS, R_OK) == 0 && !(*beside && strcmp(*beside, CLV_INSTALL_MODELS) == 0))
        out[n++] = CLV_INSTALL_MODELS;
    return n;
}

static clv_status no_model(clv_context *ctx, const char *name, const char *set, const char *const *folders, int count)
{
    char where[1024] = "";
    if (set && *set)
        snprintf(where, sizeof where, " in %.800s", set);
    for (int i = 0; i < count; i++)
        snprintf(where + strlen(where), sizeof where - strlen(where), "%s%s", *where ? " or " : " in ", folders[i]);
    if (!*where)
        snprintf(where, sizeof where, ", and no folder of models beside the program");
    return clv_fail(ctx, CLV_ERROR_MODEL, "model '%s': no %s.safetensors%s; give a file or set CLEARVISION_MODEL_PATH",
                    name, name, where);
}

clv_status clv_engine_find_model(clv_context *ctx, const char *name, char **path)
{
    *path = NULL;
    if (strchr(name, '/') || strstr(name, ".safetensors")) {
        *path = clv_strdup(name);
        return *path ? CLV_OK : clv_fail_memory(ctx);
    }
    const char *set = getenv("CLEARVISION_MODEL_PATH");
    for (const char *p = set; p && *p && !*path;) {
        size_t n = strcspn(p, ":");
        if (n > 0)
            *path = model_in(p, n, name);
        p += n + (p[n] == ':');
    }
    const char *folders[2];
    char *beside;
    const int count = model_folders(folders, &beside);
    for (int i = 0; i < count && !*path; i++)
        *path = model_in(folders[i], strlen(folders[i]), name);
    const clv_status status = *path ? CLV_OK : no_model(ctx, name, set, folders, count);
    free(beside);
    return status;
}

clv_status clv_engine_model_sha256(clv_context *ctx, const char *name, char *sha256)
{
    char *path = NULL;
    uint8_t *data = NULL;
    size_t size = 0;
    clv_status status = clv_engine_find_model(ctx, name, &path);
    if (status == CLV_OK)
        status = clv_read_file(ctx, path, CLV_MODEL_MAX_BYTES, &data, &size);
    if (status == CLV_OK)
        clv_sha256(data, size, sha256);
    free(data);
    free(path);
    return status;
}

clv_status clv_engine_open(clv_context *ctx, const char *name, clv_net_kind kind, const clv_compute_options *compute,
                           clv_net **net, clv_net_info *info, char *sha256)
{
    const clv_net_api *api = NULL;
    char *path = NULL;
    uint8_t *data = NULL;
    size_t size = 0;
    clv_net_error error = {{0}};
    char device[24];
    *net = NULL;
    clv_status status = clv_engine_find_model(ctx, name, &path);
    if (status == CLV_OK)
        status = clv_engine_api(ctx, &api);
    if (status == CLV_OK)
        status = clv_read_file(ctx, path, CLV_MODEL_MAX_BYTES, &data, &size);
    if (status != CLV_OK)
        goto cleanup;
    if (sha256)
        clv_sha256(data, size, sha256);
    status = api->open(path, data, size, clv_device_name(compute, device), clv_precision_name(compute->precision), net,
                       &error);
    if (status != CLV_OK) {
        clv_fail(ctx, status, "%s", error.text);
        goto cleanup;
    }
    api->info(*net, info);
    if (info->kind != kind) {
        status = clv_fail(ctx, CLV_ERROR_MODEL, "%s: weights of a %s, but a %s is wanted here", path,
                          info->kind == CLV_NET_UNET ? "cloud detector (unet)" : "gap filler (utilise)",
                          kind == CLV_NET_UNET ? "cloud detector (unet)" : "gap filler (utilise)");
        api->close(*net);
        *net = NULL;
    }

cleanup:
    free(data);
    free(path);
    return status;
}
