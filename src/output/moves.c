/* SPDX-License-Identifier: MIT */
#include "output/moves.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/journal.h"
#include "base/rename.h"
#include "base/temporary.h"
#include "base/tree.h"
#include "base/unfinished.h"
#include "raster/paths.h"

typedef struct move {
    char *from; /* NULL: what is there goes */
    char *to;
    char *backup; /* NULL: nothing was there */
    bool existed;
    bool kept; /* the backup is there */
    bool done;
    bool keep_mode;
    bool last;             /* the backup is not to be removed by a run that finishes the journal */
    clv_moves_old_fn *old; /* NULL: the backup is ours */
    void *user;
} move;

struct clv_moves {
    clv_context *ctx;
    bool overwrite, running;
    move *list;
    int count, capacity;
    clv_journal *journal;
};

clv_moves *clv_moves_new(clv_context *ctx, bool overwrite)
{
    clv_moves *m = calloc(1, sizeof *m);
    if (m) {
        m->ctx = ctx;
        m->overwrite = overwrite;
    }
    return m;
}

static bool is_native(const char *path)
{
    return strncmp(path, "/vsi", 4) != 0;
}

/* ---- Plan ------------------------------------------------------------------------------------------ */

static clv_status append(clv_moves *m, const char *from, const char *to, move **out)
{
    if (m->count == m->capacity) {
        int capacity = m->capacity ? 2 * m->capacity : 32;
        move *list = realloc(m->list, (size_t)capacity * sizeof *list);
        if (!list)
            return clv_fail_memory(m->ctx);
        m->list = list;
        m->capacity = capacity;
    }
    move *one = &m->list[m->count];
    *one = (move){.from = clv_strdup(from), .to = clv_strdup(to)};
    if ((from && !one->from) || !one->to) {
        free(one->from);
        free(one->to);
        return clv_fail_memory(m->ctx);
    }
    m->count++;
    *out = one;
    return CLV_OK;
}

clv_status clv_moves_add(clv_moves *m, const char *from, const char *to, bool keep_mode)
{
    for (int i = 0; i < m->count; i++)
        if (m->list[i].from && strcmp(m->list[i].to, to) == 0)
            return clv_fail(m->ctx, CLV_ERROR_WRITE, "%s: cannot get its name: another output has a file of this name",
                            to);
    clv_status status = clv_input_files_spare(m->ctx, to);
    if (status != CLV_OK)
        return status;
    const bool exists = clv_path_look(to) != CLV_PATH_NONE;
    /* A folder is only replaced by a folder, and what was asked for was looked at before the work. */
    if (exists && (!m->overwrite || clv_path_look(to) != clv_path_look(from)))
        return clv_fail(m->ctx, CLV_ERROR_EXISTS, "%s: exists%s", to,
                        m->overwrite ? " and is not a file of this format"
                                     : ", and belongs to the output; use -overwrite to replace it");
    move *one = NULL;
    status = append(m, from, to, &one);
    if (status == CLV_OK) {
        one->existed = exists;
        one->keep_mode = keep_mode;
    }
    return status;
}

clv_status clv_moves_add_folder(clv_moves *m, const char *from, const char *to, bool last, clv_moves_old_fn *old,
                                void *user)
{
    clv_status status = clv_moves_add(m, from, to, true);
    if (status == CLV_OK) {
        move *one = &m->list[m->count - 1];
        one->last = last;
        one->old = old;
        one->user = user;
    }
    return status;
}

clv_status clv_moves_retire(clv_moves *m, const char *file)
{
    if (clv_path_look(file) != CLV_PATH_FILE || clv_input_files_has(m->ctx, file))
        return CLV_OK;
    move *one = NULL;
    for (int i = 0; i < m->count; i++)
        if (strcmp(m->list[i].to, file) == 0)
            return CLV_OK;
    clv_status status = append(m, NULL, file, &one);
    if (status == CLV_OK)
        one->existed = true;
    return status;
}

/* A file of the old dataset that the new one has, too, is replaced. */
static bool is_replaced(const clv_moves *m, const move *one)
{
    for (int i = 0; !one->from && i < m->count; i++)
        if (m->list[i].from && strcmp(m->list[i].to, one->to) == 0)
            return true;
    return false;
}

static clv_status name_backup(clv_moves *m, move *one)
{
    char *folder = clv_path_folder(one->to), *name = clv_temporary_name(clv_path_name(one->to), "old");
    one->backup = folder && name ? clv_path_join(folder, name) : NULL;
    free(folder);
    free(name);
    return one->backup ? CLV_OK : clv_fail_memory(m->ctx);
}

/* A single renaming is one step of the system's, with nothing in between. */
static clv_status open_journal(clv_moves *m)
{
    clv_journal_step *steps = clv_alloc_array((size_t)m->count + 1, 1, sizeof *steps);
    int count = 0;
    if (!steps)
        return clv_fail_memory(m->ctx);
    bool folder = false;
    for (int i = 0; i < m->count; i++)
        if (is_native(m->list[i].to) && !is_replaced(m, &m->list[i])) {
            steps[count++] = (clv_journal_step){m->list[i].from, m->list[i].to, m->list[i].backup, m->list[i].last};
            folder = folder || (m->list[i].existed && clv_path_look(m->list[i].to) == CLV_PATH_FOLDER);
        }
    clv_status status = count > 1 || folder ? clv_journal_begin(m->ctx, steps, count, &m->journal) : CLV_OK;
    free(steps);
    return status;
}

/* ---- Renaming -------------------------------------------------------------------------------------- */

static bool is_folder_in_place(const move *one)
{
    return is_native(one->to) && clv_path_look(one->to) == CLV_PATH_FOLDER;
}

/* A second name for the file that is about to be replaced. A hard link, so that its own name never goes away; in
 * /vsimem/, where nothing can crash in between, a renaming. */
static void keep_backup(move *one)
{
    const bool taken = !one->from || !is_native(one->to) || clv_path_look(one->to) == CLV_PATH_FOLDER;
    one->kept = taken ? VSIRename(one->to, one->backup) == 0 : link(one->to, one->backup) == 0;
}

static void remove_any(const char *path)
{
    if (is_native(path))
        clv_tree_remove(AT_FDCWD, path);
    else if (VSIUnlink(path) != 0 && clv_path_look(path) == CLV_PATH_FOLDER)
        VSIRmdirRecursive(path);
}

/* An old folder and the new one change places, so that one of them is there at every moment. False: it cannot be done,
 * nothing has changed. */
static bool exchange_folder(move *one)
{
    if (clv_rename_exchange(AT_FDCWD, one->from, one->to) != 0)
        return false;
    one->done = one->kept = true;
    if (rename(one->from, one->backup) == 0)
        return true;
    if (clv_rename_exchange(AT_FDCWD, one->from, one->to) == 0) {
        one->done = one->kept = false;
        return false;
    }
    char *name = one->backup; /* the old one stays under the name that the new one had */
    one->backup = one->from;
    one->from = name;
    return true;
}

/* What has appeared at the name since it was looked for is replaced only with overwrite. */
static clv_status put_in_place(clv_moves *m, move *one)
{
    errno = 0;
    if (one->existed || !is_native(one->to)) {
        one->done = VSIRename(one->from, one->to) == 0;
    } else {
        one->done = clv_rename_new(AT_FDCWD, one->from, one->to) == 0;
        const bool appeared = !one->done && errno == EEXIST;
        const bool files = clv_path_look(one->to) == CLV_PATH_FILE && clv_path_look(one->from) == CLV_PATH_FILE;
        if (appeared && !(m->overwrite && files))
            return clv_fail(m->ctx, CLV_ERROR_EXISTS, "%s: has appeared while it was being made%s", one->to,
                            m->overwrite ? "" : "; use -overwrite to replace it");
        if (appeared && name_backup(m, one) == CLV_OK) {
            keep_backup(one);
            one->existed = true;
            one->done = VSIRename(one->from, one->to) == 0;
        }
    }
    if (one->done)
        return CLV_OK;
    return clv_fail(m->ctx, CLV_ERROR_WRITE, "%s: cannot get its name: %s", one->to,
                    errno ? strerror(errno) : "refused");
}

static clv_status do_move(clv_moves *m, move *one)
{
    struct stat old;
    if (one->from && one->existed && one->keep_mode && is_native(one->to) && stat(one->to, &old) == 0)
        chmod(one->from, old.st_mode & (S_ISDIR(old.st_mode) ? 07777 : 0777));
    if (one->from && one->existed && is_folder_in_place(one) && exchange_folder(one))
        return CLV_OK;
    if (one->existed)
        keep_backup(one);
    if (!one->from)
        return CLV_OK; /* a file that cannot be taken away stays: the new one is complete without */
    return put_in_place(m, one);
}

clv_status clv_moves_run(clv_moves *m)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < m->count && status == CLV_OK; i++)
        if (m->list[i].existed)
            status = name_backup(m, &m->list[i]);
    if (status == CLV_OK)
        status = open_journal(m);
    if (status != CLV_OK)
        return status;
    clv_unfinished_hold(); /* a signal's handler waits */
    m->running = true;
    if (m->journal)
        clv_unfinished_freeze(true);
    for (int i = 0; i < m->count && status == CLV_OK; i++)
        if (!is_replaced(m, &m->list[i]))
            status = do_move(m, &m->list[i]);
    return status;
}

/* ---- End ------------------------------------------------------------------------------------------- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return is_native(a) && lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static void put_back(move *one)
{
    if (one->done && one->kept && is_folder_in_place(one) && clv_rename_exchange(AT_FDCWD, one->backup, one->to) == 0) {
        remove_any(one->backup);
        return;
    }
    if (one->done && (!one->existed || (one->kept && clv_path_look(one->to) == CLV_PATH_FOLDER)))
        remove_any(one->to);
    if (one->kept && is_same_file(one->backup, one->to))
        unlink(one->backup); /* a second name of the file that is still in place */
    else if (one->kept)
        VSIRename(one->backup, one->to);
}

static void clear_old(const move *one)
{
    if (one->old)
        one->old(one->backup, one->user);
    else
        remove_any(one->backup);
}

void clv_moves_free(clv_moves *m, bool keep)
{
    if (!m)
        return;
    if (!keep && m->running)
        clv_journal_turn(m->journal);
    for (int i = m->count - 1; i >= 0 && m->running; i--)
        if (!keep)
            put_back(&m->list[i]);
        else if (m->list[i].kept)
            clear_old(&m->list[i]);
    if (m->running && m->journal)
        clv_unfinished_freeze(false);
    clv_journal_end(m->journal);
    if (m->running)
        clv_unfinished_release();
    for (int i = 0; i < m->count; i++) {
        free(m->list[i].from);
        free(m->list[i].to);
        free(m->list[i].backup);
    }
    free(m->list);
    free(m);
}
