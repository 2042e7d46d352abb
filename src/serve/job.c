/* SPDX-License-Identifier: MIT */
#include "serve/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "serve/folder.h"

/* ---- Life ---------------------------------------------------------------------------------------- */

clv_job *clv_job_new(const char *folder, const char *visitor)
{
    clv_job *job = calloc(1, sizeof *job);
    if (!job || !clv_secret_make(job->id, sizeof job->id))
        goto failed;
    snprintf(job->visitor, sizeof job->visitor, "%s", visitor);
    /* Letters only: digits in a folder's name could be taken for a date of the pictures in it. */
    char name[CLV_ID_TEXT];
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = (char)(job->id[i] >= '0' && job->id[i] <= '9' ? job->id[i] - '0' + 'g' : job->id[i]);
    if (!(job->folder = clv_format("%s/%s", folder, name)) || mkdir(job->folder, 0700) != 0)
        goto failed;
    return job;

failed:
    if (job)
        free(job->folder);
    free(job);
    return NULL;
}

static void clear_upload(clv_upload *upload)
{
    free(upload->path);
    free(upload->name);
    free(upload->thumb);
    free(upload->error);
}

void clv_job_free(clv_job *job)
{
    if (!job)
        return;
    clv_job_drop_result(job);
    for (int i = 0; i < job->count; i++)
        clear_upload(&job->uploads[i]);
    clv_plan_clear(&job->plan_check);
    clv_plan_clear(&job->plan_run);
    clv_folder_remove(job->folder);
    free(job->check_error);
    free(job->check_json);
    free(job->folder);
    free(job->title);
    free(job);
}

void clv_job_drop_result(clv_job *job)
{
    for (int i = 0; i < job->result_count; i++) {
        free(job->results[i].name);
        free(job->results[i].path);
    }
    free(job->results);
    job->results = NULL;
    job->result_count = 0;
    clv_archive_free(job->zip);
    job->zip = NULL;
    for (int i = 0; i < job->message_count; i++)
        free(job->messages[i]);
    job->message_count = 0;
    free(job->run_error);
    job->run_error = NULL;
    job->progress = 0;
}

/* ---- Pictures ------------------------------------------------------------------------------------ */

int clv_job_add(clv_job *job, const char *name, const char *path, const clv_upload_kind *kind)
{
    int there = 0;
    for (int i = 0; i < job->count; i++)
        there += job->uploads[i].state != CLV_UPLOAD_GONE && job->uploads[i].state != CLV_UPLOAD_BAD;
    if (there >= CLV_SERVE_MAX_FILES || job->count == CLV_SERVE_MAX_SLOTS)
        return -1;
    const int number = job->count;
    clv_upload *u = &job->uploads[number];
    *u = (clv_upload){.owned = !path, .kind = kind, .name = clv_strdup(name)};
    if (path) {
        u->path = clv_strdup(path);
        u->state = CLV_UPLOAD_WAITING;
    } else {
        /* A folder each: no file of a visitor lies beside another, where a driver might look for it. */
        char *folder = clv_format("%s/in%c%c", job->folder, 'a' + number / 26, 'a' + number % 26);
        if (folder && mkdir(folder, 0700) == 0)
            u->path = clv_format("%s/%s", folder, name);
        free(folder);
    }
    if (!u->path || !u->name) {
        clear_upload(u);
        return -1;
    }
    job->count++;
    return number;
}

void clv_upload_drop_bytes(clv_upload *upload)
{
    if (upload->owned)
        unlink(upload->path);
    if (upload->thumb)
        unlink(upload->thumb);
    free(upload->thumb);
    upload->thumb = NULL;
    upload->bytes = 0;
}

/* ---- Plans --------------------------------------------------------------------------------------- */

void clv_plan_clear(clv_plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        free(plan->paths[i]);
        free(plan->names[i]);
    }
    memset(plan, 0, sizeof *plan);
}

bool clv_plan_copy(clv_plan *to, const clv_plan *from)
{
    *to = *from;
    bool complete = true;
    for (int i = 0; i < from->count; i++) {
        to->paths[i] = clv_strdup(from->paths[i]);
        to->names[i] = clv_strdup(from->names[i]);
        complete = complete && to->paths[i] && to->names[i];
    }
    if (!complete)
        clv_plan_clear(to);
    return complete;
}

/* Copies text with every `from` replaced; free(). */
static char *replaced(char *text, const char *from, const char *to)
{
    for (char *at = text ? strstr(text, from) : NULL; at;) {
        const size_t before = (size_t)(at - text);
        char *longer = clv_format("%.*s%s%s", (int)before, text, to, at + strlen(from));
        free(text);
        text = longer;
        at = text ? strstr(text + before + strlen(to), from) : NULL;
    }
    return text;
}

char *clv_job_text(const char *folder, const clv_plan *plan, const char *text)
{
    char *copy = clv_strdup(text);
    for (int i = 0; i < plan->count && plan->uploads; i++)
        copy = replaced(copy, plan->paths[i], plan->names[i]);
    return replaced(copy, folder, "the temporary folder");
}

/* ---- As JSON ------------------------------------------------------------------------------------- */

static void write_upload(clv_json_writer *w, const clv_upload *u, int index)
{
    static const char *const states[] = {"coming", "waiting", "good", "bad", "gone"};
    clv_jw_object(w);
    clv_jw_put_integer(w, "number", index);
    clv_jw_put_string(w, "name", u->name);
    clv_jw_put_string(w, "state", states[u->state]);
    clv_jw_put_string(w, "error", u->error);
    clv_jw_put_string(w, "kind", u->kind ? u->kind->name : NULL);
    clv_jw_put_integer(w, "bytes", (int64_t)u->bytes);
    if (u->state == CLV_UPLOAD_GOOD) {
        clv_jw_put_string(w, "first", u->first[0] ? u->first : NULL);
        clv_jw_put_string(w, "last", u->last[0] ? u->last : NULL);
        clv_jw_put_integer(w, "dates", u->dates);
        clv_jw_put_integer(w, "channels", u->channels);
        clv_jw_put_integer(w, "width", u->width);
        clv_jw_put_integer(w, "height", u->height);
        if (u->pixel_m > 0)
            clv_jw_put_number(w, "pixel_m", u->pixel_m);
    }
    clv_jw_key(w, "thumb");
    clv_jw_bool(w, u->thumb != NULL);
    clv_jw_end(w);
}

static const char *state_name(clv_task_state state)
{
    static const char *const names[] = {"none", "waiting", "running", "done", "failed", "cancelled"};
    return names[state];
}

static void write_result(clv_json_writer *w, const clv_job *job)
{
    clv_jw_key(w, "files");
    clv_jw_array(w);
    for (int i = 0; i < job->result_count; i++) {
        if (!job->results[i].download)
            continue;
        clv_jw_object(w);
        clv_jw_put_string(w, "name", job->results[i].name);
        clv_jw_put_integer(w, "bytes", (int64_t)job->results[i].bytes);
        clv_jw_end(w);
    }
    clv_jw_end(w);
    if (job->zip) {
        clv_jw_key(w, "zip");
        clv_jw_object(w);
        clv_jw_put_string(w, "name", CLV_ARCHIVE_NAME);
        clv_jw_put_integer(w, "bytes", (int64_t)clv_archive_size(job->zip));
        clv_jw_end(w);
    }
    clv_jw_put_number(w, "seconds", job->seconds);
}

void clv_job_write(clv_json_writer *w, const clv_job *job, int position)
{
    clv_jw_object(w);
    clv_jw_put_string(w, "id", job->id);
    clv_jw_put_string(w, "title", job->title);
    clv_jw_put_integer(w, "bytes", (int64_t)job->bytes);
    clv_jw_key(w, "pictures");
    clv_jw_array(w);
    for (int i = 0; i < job->count; i++)
        if (job->uploads[i].state != CLV_UPLOAD_GONE)
            write_upload(w, &job->uploads[i], i);
    clv_jw_end(w);
    clv_jw_key(w, "check");
    clv_jw_object(w);
    clv_jw_put_string(w, "state", state_name(job->check));
    clv_jw_put_string(w, "error", job->check_error);
    clv_jw_key(w, "series");
    clv_jw_raw(w, job->check_json);
    clv_jw_end(w);
    clv_jw_key(w, "run");
    clv_jw_object(w);
    clv_jw_put_string(w, "state", state_name(job->run));
    clv_jw_put_integer(w, "position", position);
    clv_jw_put_number(w, "progress", job->progress);
    clv_jw_put_string(w, "error", job->run_error);
    clv_jw_key(w, "messages");
    clv_jw_array(w);
    for (int i = 0; i < job->message_count; i++)
        clv_jw_string(w, job->messages[i]);
    clv_jw_end(w);
    if (job->run == CLV_TASK_DONE)
        write_result(w, job);
    clv_jw_end(w);
    clv_jw_end(w);
}
