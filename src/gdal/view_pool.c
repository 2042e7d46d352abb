/* SPDX-License-Identifier: MIT */
#include "gdal/view_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>

#include "core/alloc.h"

struct clv_shared_view_private {
    char *key;
    clv_view_request name; /* holds the strings of the options */
    pthread_mutex_t lock;
    int users;
    bool opened;     /* or tried */
    char error[600]; /* why it could not be opened */
    struct clv_shared_view *next;
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static clv_shared_view *pool;

/* Decisions and warnings of the library are debug text here: nobody asked for them in a chain. */
static void log_line(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CLV_LOG_WARNING)
        CPLError(CE_Warning, CPLE_AppDefined, "%s", message);
    else
        CPLDebug("CLEARVISION", "%s", message);
}

static bool copy_name(const clv_view_request *from, clv_view_request *to)
{
    *to = (clv_view_request){0};
    to->inputs = CSLDuplicate(from->inputs);
    to->settings = CSLDuplicate(from->settings);
    return true;
}

static void open_view(clv_shared_view *s, double tr)
{
    struct clv_shared_view_private *p = s->own;
    clv_remove_options options;
    p->opened = true;
    s->ctx = s->lib->context_new();
    if (!s->ctx) {
        snprintf(p->error, sizeof p->error, "out of memory");
        return;
    }
    s->lib->context_set_log(s->ctx, log_line, NULL);
    s->lib->remove_options_init(&options);
    if (!clv_view_request_apply(&p->name, &options, p->error, sizeof p->error))
        return;
    if (tr > 0)
        options.input.tr = tr;
    if (s->lib->view_open(s->ctx, (const char *const *)p->name.inputs, CSLCount(p->name.inputs), &options,
                          clv_view_request_get(&p->name, "cache"), &s->view) != CLV_OK)
        snprintf(p->error, sizeof p->error, "%s", s->lib->context_error(s->ctx));
}

static void destroy(clv_shared_view *s)
{
    if (s->view)
        s->lib->view_free(s->view);
    if (s->ctx)
        s->lib->context_free(s->ctx);
    clv_view_request_clear(&s->own->name);
    pthread_mutex_destroy(&s->own->lock);
    CPLFree(s->own->key);
    free(s->own);
    free(s);
}

static clv_shared_view *find_or_add(const clv_view_library *lib, const clv_view_request *name, const char *key)
{
    pthread_mutex_lock(&pool_lock);
    clv_shared_view *s = pool;
    while (s && strcmp(s->own->key, key) != 0)
        s = s->own->next;
    if (!s && (s = calloc(1, sizeof *s)) && (s->own = calloc(1, sizeof *s->own))) {
        s->lib = lib;
        s->own->key = CPLStrdup(key);
        copy_name(name, &s->own->name);
        pthread_mutex_init(&s->own->lock, NULL);
        s->own->next = pool;
        pool = s;
    }
    if (s && s->own)
        s->own->users++;
    pthread_mutex_unlock(&pool_lock);
    return s;
}

clv_shared_view *clv_view_pool_take(const clv_view_request *name, int reduction, double pixel_m, char *error,
                                    size_t error_size)
{
    const clv_view_library *lib = clv_view_library_get(error, error_size);
    if (!lib)
        return NULL;
    if (lib->view_inside()) {
        snprintf(error, error_size, "a view cannot be an input of a view; write it to a file first");
        return NULL;
    }
    char *text = clv_view_request_key(name);
    char *key = clv_format("%d|%s", reduction, text);
    CPLFree(text);
    clv_shared_view *s = key ? find_or_add(lib, name, key) : NULL;
    free(key);
    if (!s || !s->own) {
        free(s);
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    clv_shared_view_lock(s);
    if (!s->own->opened)
        open_view(s, reduction > 1 ? reduction * pixel_m : 0);
    bool good = s->view != NULL;
    if (!good)
        snprintf(error, error_size, "%s", s->own->error);
    clv_shared_view_unlock(s);
    if (good)
        return s;
    clv_view_pool_give(s);
    return NULL;
}

void clv_view_pool_give(clv_shared_view *shared)
{
    if (!shared)
        return;
    pthread_mutex_lock(&pool_lock);
    bool last = --shared->own->users == 0;
    for (clv_shared_view **at = &pool; last && *at; at = &(*at)->own->next)
        if (*at == shared) {
            *at = shared->own->next;
            break;
        }
    pthread_mutex_unlock(&pool_lock);
    if (last)
        destroy(shared);
}

void clv_shared_view_lock(clv_shared_view *shared)
{
    pthread_mutex_lock(&shared->own->lock);
}

void clv_shared_view_unlock(clv_shared_view *shared)
{
    pthread_mutex_unlock(&shared->own->lock);
}
