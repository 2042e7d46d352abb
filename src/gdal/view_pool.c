/* SPDX-License-Identifier: MIT */
#include "gdal/view_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>

#include "base/alloc.h"

struct clv_shared_view_private {
    char *key;
    clv_view_request name; /* holds the strings of the options */
    pthread_mutex_t lock;
    int users;
    struct clv_shared_view *next;
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static clv_shared_view *pool;
static void *(*describe_view)(const clv_shared_view *shared);
static void (*forget_view)(void *description);

void clv_view_pool_describe(void *(*describe)(const clv_shared_view *shared), void (*forget)(void *description))
{
    describe_view = describe;
    forget_view = forget;
}

/* Decisions of the library are debug text here: nobody asked for them in a chain. */
static void log_line(clv_log_level level, const char *message, void *user)
{
    if (level == CLV_LOG_WARNING && user)
        CPLError(CE_Warning, CPLE_AppDefined, "%s", message);
    else
        CPLDebug("CLEARVISION", "%s", message);
}

static void destroy(clv_shared_view *s)
{
    if (!s)
        return;
    if (s->description)
        forget_view(s->description);
    if (s->view)
        s->lib->view_free(s->view);
    if (s->ctx)
        s->lib->context_free(s->ctx);
    if (s->own) {
        clv_view_request_clear(&s->own->name);
        pthread_mutex_destroy(&s->own->lock);
        CPLFree(s->own->key);
        free(s->own);
    }
    free(s);
}

/* GDAL_NUM_THREADS as GDAL's options say, which --config sets and the library, without GDAL, does not see. */
static int wanted_threads(void)
{
    const char *text = CPLGetConfigOption("GDAL_NUM_THREADS", NULL);
    int n = text && !EQUAL(text, "ALL_CPUS") ? atoi(text) : 0;
    return n > 0 ? n : 0;
}

/* A view of one's own, with one user and not in the pool; NULL and a text when it cannot be opened. */
static clv_shared_view *open_view(const clv_view_library *lib, const clv_view_request *name, const char *key, double tr,
                                  char *error, size_t error_size)
{
    static int full = 1;
    clv_remove_options options;
    clv_shared_view *s = calloc(1, sizeof *s);
    if (s)
        s->own = calloc(1, sizeof *s->own);
    if (!s || !s->own) {
        snprintf(error, error_size, "out of memory");
        destroy(s);
        return NULL;
    }
    s->lib = lib;
    pthread_mutex_init(&s->own->lock, NULL);
    s->own->users = 1;
    s->own->key = CPLStrdup(key);
    s->own->name.inputs = CSLDuplicate(name->inputs);
    s->own->name.settings = CSLDuplicate(name->settings);
    lib->remove_options_init_size(&options, sizeof options);
    bool good = clv_view_request_apply(&s->own->name, &options, error, error_size);
    if (tr > 0)
        options.input.tr = tr;
    if (good && !(s->ctx = lib->context_new())) {
        snprintf(error, error_size, "out of memory");
        good = false;
    }
    if (good) {
        /* A coarser view of a series has nothing new to warn of. */
        lib->context_set_log(s->ctx, log_line, tr > 0 ? NULL : &full);
        lib->context_set_threads(s->ctx, wanted_threads());
        good = lib->view_open(s->ctx, (const char *const *)s->own->name.inputs, CSLCount(s->own->name.inputs), &options,
                              clv_view_request_get(&s->own->name, "cache"), &s->view) == CLV_OK;
        if (!good)
            snprintf(error, error_size, "%s", lib->context_error(s->ctx));
    }
    if (good && !(s->description = describe_view(s))) {
        snprintf(error, error_size, "out of memory");
        good = false;
    }
    if (good)
        return s;
    destroy(s);
    return NULL;
}

/* The pool's view of this key, with one more user; under the pool's lock. */
static clv_shared_view *find(const char *key)
{
    clv_shared_view *s = pool;
    while (s && strcmp(s->own->key, key) != 0)
        s = s->own->next;
    if (s)
        s->own->users++;
    return s;
}

clv_shared_view *clv_view_pool_take(const clv_view_request *name, double tr, char *error, size_t error_size)
{
    const clv_view_library *lib = clv_view_library_get(error, error_size);
    if (!lib)
        return NULL;
    if (lib->view_inside()) {
        snprintf(error, error_size, "a view cannot be an input of a view; write it to a file first");
        return NULL;
    }
    char *text = clv_view_request_key(name);
    char *key = clv_format("%.17g|%s", tr, text);
    CPLFree(text);
    if (!key) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    pthread_mutex_lock(&pool_lock);
    clv_shared_view *s = find(key);
    pthread_mutex_unlock(&pool_lock);
    if (!s) {
        /* Whoever comes second with the same series while it is being opened opens it too, and gives its own away. */
        clv_shared_view *mine = open_view(lib, name, key, tr, error, error_size);
        pthread_mutex_lock(&pool_lock);
        s = mine ? find(key) : NULL;
        if (mine && !s) {
            mine->own->next = pool;
            pool = s = mine;
            mine = NULL;
        }
        pthread_mutex_unlock(&pool_lock);
        destroy(mine);
    }
    free(key);
    return s;
}

/* Under the pool's lock. */
static void take_out(const clv_shared_view *shared)
{
    for (clv_shared_view **at = &pool; *at; at = &(*at)->own->next)
        if (*at == shared) {
            *at = shared->own->next;
            return;
        }
}

void clv_view_pool_give(clv_shared_view *shared)
{
    if (!shared)
        return;
    pthread_mutex_lock(&pool_lock);
    bool last = --shared->own->users == 0;
    if (last)
        take_out(shared);
    pthread_mutex_unlock(&pool_lock);
    if (last)
        destroy(shared);
}

void clv_view_pool_drop(clv_shared_view *shared)
{
    pthread_mutex_lock(&pool_lock);
    take_out(shared);
    pthread_mutex_unlock(&pool_lock);
}

void clv_shared_view_lock(clv_shared_view *shared)
{
    pthread_mutex_lock(&shared->own->lock);
}

void clv_shared_view_unlock(clv_shared_view *shared)
{
    pthread_mutex_unlock(&shared->own->lock);
}
