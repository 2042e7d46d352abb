/* SPDX-License-Identifier: MIT */
#include "raster/unfinished.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clearvision/clearvision.h>

/* The last three are the COG driver's working files. */
const char *const clv_sidecars[] = {
    ".aux.xml", ".ovr", ".msk", ".msk.ovr", ".ovr.tmp", ".msk.tmp", ".msk.ovr.tmp", ".warped.tif.tmp", NULL};
#define LONGEST_SIDECAR 16

/* An entry is written only by who holds it BUSY, and read by the handler only after it has turned ARMED into TAKEN.
 * Entries are used again but never freed: the handler may be walking the list. */
enum { FREE, BUSY, ARMED, TAKEN };

struct clv_unfinished {
    struct clv_unfinished *next;
    atomic_int state;
    pid_t owner;
    size_t length, capacity;
    char path[];
};

static _Atomic(clv_unfinished *) entries;

static clv_unfinished *reuse_entry(size_t length)
{
    for (clv_unfinished *e = atomic_load(&entries); e; e = e->next) {
        int expected = FREE;
        if (e->capacity >= length && atomic_compare_exchange_strong(&e->state, &expected, BUSY))
            return e;
    }
    return NULL;
}

static clv_unfinished *new_entry(size_t length)
{
    size_t capacity = length < 256 ? 256 : length;
    clv_unfinished *e = malloc(sizeof *e + capacity + LONGEST_SIDECAR + 1);
    if (!e)
        return NULL;
    e->capacity = capacity;
    atomic_init(&e->state, BUSY);
    e->next = atomic_load(&entries);
    while (!atomic_compare_exchange_weak(&entries, &e->next, e))
        ;
    return e;
}

clv_unfinished *clv_unfinished_add(const char *path)
{
    if (!path || !*path || strncmp(path, "/vsi", 4) == 0)
        return NULL;
    char folder[4096] = "";
    if (path[0] != '/' && !getcwd(folder, sizeof folder))
        return NULL;
    size_t prefix = strlen(folder) + (*folder ? 1 : 0);
    size_t length = prefix + strlen(path);
    clv_unfinished *e = reuse_entry(length);
    if (!e)
        e = new_entry(length);
    if (!e)
        return NULL;
    if (prefix) {
        memcpy(e->path, folder, prefix - 1);
        e->path[prefix - 1] = '/';
    }
    memcpy(e->path + prefix, path, length - prefix + 1);
    e->length = length;
    e->owner = getpid();
    atomic_store(&e->state, ARMED);
    return e;
}

void clv_unfinished_done(clv_unfinished *entry)
{
    int expected = ARMED;
    if (entry)
        atomic_compare_exchange_strong(&entry->state, &expected, FREE);
}

void clv_unlink_unfinished(void)
{
    for (clv_unfinished *e = atomic_load(&entries); e; e = e->next) {
        int expected = ARMED;
        if (!atomic_compare_exchange_strong(&e->state, &expected, TAKEN))
            continue;
        if (e->owner == getpid()) {
            unlink(e->path);
            for (int i = 0; clv_sidecars[i]; i++) {
                memcpy(e->path + e->length, clv_sidecars[i], strlen(clv_sidecars[i]) + 1);
                unlink(e->path);
            }
            e->path[e->length] = '\0';
        }
        atomic_store(&e->state, ARMED);
    }
}
