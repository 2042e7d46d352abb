/* SPDX-License-Identifier: MIT
 *
 * clv_prepare: from training lists and cubes to one file of sequences and cloud shapes (prepared.h).
 *
 * Every unit of the lists becomes a part in the work folder FILE.part; then the parts are joined. A run that was killed
 * finds its finished parts there and does not read their pictures again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/options.h"
#include "formats/json.h"
#include "learn/dataset/cutting.h"
#include "learn/dataset/prepare_unit.h"
#include "learn/dataset/prepared.h"
#include "series/earthnet.h"

#define UNIT_FILES 64        /* cubes or single pictures that are prepared, and resumed, together */
#define MAX_SEQUENCES 100000 /* more make a header that readers refuse */
#define NAME_BYTES 24
#define KEY_LENGTH 64

typedef struct prepare {
    clv_context *ctx;
    const clv_prepare_options *options;
    const char *path;
    char *folder;
    clv_train_list **lists;
    int list_count;
    clv_prepare_unit *units;
    clv_set_shard *shards; /* [unit_count], finished ones */
    int unit_count, reused;
    int sequences;
    int64_t shapes;
} prepare;

static clv_status out_of_memory(const prepare *p)
{
    return clv_fail_memory_for(p->ctx, p->path);
}

/* ---- What is to be done ------------------------------------------------------------------------ */

static clv_status check_options(prepare *p, const char *const *inputs, int count)
{
    const clv_prepare_options *o = p->options;
    struct stat existing;
    if (!inputs || count < 1)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "prepare: name at least one training list or EarthNet cube");
    if (!o->output.path)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "prepare: -o FILE.safetensors is missing");
    if (o->stride < 1 || o->clear_dates < 1)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "prepare: -stride and -clear_dates must be at least 1");
    p->path = o->output.path;
    if (stat(p->path, &existing) == 0 && S_ISDIR(existing.st_mode))
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "%s: is a folder; -o names a file (.safetensors)", p->path);
    if (!o->output.overwrite && lstat(p->path, &existing) == 0)
        return clv_fail(p->ctx, CLV_ERROR_EXISTS, "%s: exists already; give -overwrite or another name", p->path);
    return CLV_OK;
}

static bool is_cube(const char *name)
{
    return clv_cube_has_name(name);
}

static clv_status open_lists(prepare *p, const char *const *inputs, int count)
{
    p->lists = clv_alloc_array((size_t)count, 1, sizeof *p->lists);
    if (!p->lists)
        return out_of_memory(p);
    for (int i = 0; i < count;) {
        int n = 0;
        while (i + n < count && is_cube(inputs[i + n]))
            n++;
        clv_train_list **slot = &p->lists[p->list_count];
        clv_status status =
            n ? clv_train_list_of_cubes(p->ctx, inputs + i, n, slot) : clv_train_list_open(p->ctx, inputs[i], slot);
        if (status != CLV_OK)
            return status;
        p->list_count++;
        i += n ? n : 1;
    }
    return CLV_OK;
}

/* Item number `index` over all lists; NULL after the last. */
static const clv_train_item *item_at(const prepare *p, int index)
{
    for (int l = 0; l < p->list_count; l++) {
        if (index < p->lists[l]->count)
            return &p->lists[l]->items[index];
        index -= p->lists[l]->count;
    }
    return NULL;
}

static clv_status check_item(const prepare *p, const clv_train_item *item)
{
    static const char *const not_for[] = {[CLV_ITEM_LABELS] = "labels", [CLV_ITEM_PAIR] = "pair"};
    if (item->kind == CLV_ITEM_LABELS || item->kind == CLV_ITEM_PAIR)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT,
                        "%s: \"%s\" is for train detect; prepare takes series, cube, clear and shapes", item->paths[0],
                        not_for[item->kind]);
    if (item->source == CLV_LABELS_DIFFERENCE)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT,
                        "%s: labels=difference is for train detect; give scl=, mask=, labels=network or labels=clear",
                        item->paths[0]);
    if (item->kind == CLV_ITEM_SHAPES && item->hold)
        return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "%s: shapes are never held out; leave out hold=yes",
                        item->paths[0]);
    const clv_train_item *other;
    for (int i = 0; (other = item_at(p, i)) != NULL; i++)
        if (other->kind != CLV_ITEM_SHAPES && item->kind != CLV_ITEM_SHAPES && other->hold != item->hold &&
            strcmp(other->place, item->place) == 0)
            return clv_fail(p->ctx, CLV_ERROR_ARGUMENT,
                            "%s: the place \"%s\" is held out in one line and trained on in another; give it the same "
                            "hold= in all",
                            item->paths[0], item->place);
    return CLV_OK;
}

/* A test split's cube has two files and either stands for both: the second is left out when the first is listed. */
static void drop_partners(clv_train_item *item)
{
    int kept = 0;
    for (int i = 0; i < item->path_count; i++) {
        const char *name = strrchr(item->paths[i], '/');
        bool twice = false;
        char *partner =
            strncmp(name ? name + 1 : item->paths[i], "target_", 7) == 0 ? clv_earthnet_partner(item->paths[i]) : NULL;
        for (int k = 0; partner && k < item->path_count && !twice; k++)
            twice = item->paths[k] && strcmp(item->paths[k], partner) == 0;
        free(partner);
        if (twice) {
            free(item->paths[i]);
            item->paths[i] = NULL;
        }
    }
    for (int i = 0; i < item->path_count; i++)
        if (item->paths[i])
            item->paths[kept++] = item->paths[i];
    item->path_count = kept;
}

static clv_status add_unit(prepare *p, const clv_train_item *item, int first, int count)
{
    clv_prepare_unit *grown = realloc(p->units, ((size_t)p->unit_count + 1) * sizeof *grown);
    if (!grown)
        return out_of_memory(p);
    p->units = grown;
    grown[p->unit_count++] = (clv_prepare_unit){item, first, count};
    return CLV_OK;
}

static clv_status make_units(prepare *p)
{
    clv_status status = CLV_OK;
    const clv_train_item *item;
    for (int l = 0; l < p->list_count; l++)
        for (int i = 0; i < p->lists[l]->count; i++)
            if (p->lists[l]->items[i].kind == CLV_ITEM_CUBE)
                drop_partners(&p->lists[l]->items[i]);
    for (int i = 0; status == CLV_OK && (item = item_at(p, i)) != NULL; i++) {
        int each = item->kind == CLV_ITEM_SERIES ? item->path_count : UNIT_FILES;
        status = check_item(p, item);
        for (int k = 0; k < item->path_count && status == CLV_OK; k += each)
            status = add_unit(p, item, k, item->path_count - k < each ? item->path_count - k : each);
    }
    p->shards = clv_alloc_array((size_t)p->unit_count, 1, sizeof *p->shards);
    return status == CLV_OK && !p->shards ? out_of_memory(p) : status;
}

/* Inputs are never touched, with -overwrite neither. */
static clv_status check_not_input(const prepare *p, char *const *paths, int count)
{
    struct stat output, input;
    if (stat(p->path, &output) != 0)
        return CLV_OK;
    for (int i = 0; i < count; i++)
        if (stat(paths[i], &input) == 0 && input.st_dev == output.st_dev && input.st_ino == output.st_ino)
            return clv_fail(p->ctx, CLV_ERROR_ARGUMENT, "%s: is an input too; give -o another name", p->path);
    return CLV_OK;
}

static clv_status check_not_inputs(const prepare *p, const char *const *inputs, int count)
{
    const clv_train_item *item;
    clv_status status = check_not_input(p, (char *const *)inputs, count);
    for (int i = 0; status == CLV_OK && (item = item_at(p, i)) != NULL; i++) {
        status = check_not_input(p, item->paths, item->path_count);
        if (status == CLV_OK)
            status = check_not_input(p, item->label_paths, item->label_count);
    }
    return status;
}

/* ---- Parts ------------------------------------------------------------------------------------- */

static clv_status make_folder(prepare *p)
{
    p->folder = clv_format("%s.part", p->path);
    if (!p->folder)
        return out_of_memory(p);
    if (mkdir(p->folder, 0777) != 0 && errno != EEXIST)
        return clv_fail(p->ctx, CLV_ERROR_WRITE, "%s: the work folder cannot be made: %s", p->folder, strerror(errno));
    return CLV_OK;
}

static clv_status run_unit(prepare *p, int u)
{
    const clv_prepare_unit *unit = &p->units[u];
    clv_set_shard *shard = &p->shards[u];
    char key[KEY_LENGTH + 1];
    bool found = false;
    clv_status status = clv_prepare_unit_key(p->ctx, unit, p->options, key);
    if (status == CLV_OK)
        status = clv_set_shard_load(p->ctx, p->folder, key, shard, &found);
    if (status != CLV_OK || found) {
        p->reused += found;
        return status;
    }
    status = clv_set_shard_begin(p->ctx, p->folder, key, shard);
    if (status == CLV_OK)
        status = clv_prepare_unit_run(p->ctx, unit, p->options, p->folder, shard);
    if (status == CLV_OK)
        status = clv_set_shard_finish(shard);
    if (status == CLV_OK)
        clv_note(p->ctx, "%s%s: %d dates, %d of %d windows kept, %lld cloud shapes", unit->item->place,
                 unit->item->hold ? " (held out)" : "", shard->dates, shard->count, shard->windows,
                 (long long)shard->shapes);
    return status;
}

static clv_status run_units(prepare *p)
{
    double all = 0, done = 0;
    clv_status status = CLV_OK;
    for (int u = 0; u < p->unit_count; u++)
        all += p->units[u].count;
    for (int u = 0; u < p->unit_count && status == CLV_OK; u++) {
        double next = done + p->units[u].count;
        clv_progress_phase(p->ctx, 0.95 * done / all, 0.95 * next / all);
        status = run_unit(p, u);
        if (status == CLV_OK)
            status = clv_progress(p->ctx, 1);
        done = next;
    }
    if (p->reused)
        clv_note(p->ctx, "%d of %d groups of pictures were ready from an earlier run", p->reused, p->unit_count);
    return status;
}

static bool is_part_file(const char *name)
{
    static const char *const endings[] = {".data", ".shapes", ".json"};
    if (strspn(name, "0123456789abcdef") != KEY_LENGTH)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(name + KEY_LENGTH, endings[i]) == 0)
            return true;
    return false;
}

/* Removes all parts, those of earlier commands too, and the folder unless something else lies there. */
static void remove_folder(const prepare *p)
{
    DIR *folder = opendir(p->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char *path = is_part_file(entry->d_name) ? clv_format("%s/%s", p->folder, entry->d_name) : NULL;
        if (path)
            unlink(path);
        free(path);
    }
    if (folder)
        closedir(folder);
    rmdir(p->folder);
}

/* ---- The set ----------------------------------------------------------------------------------- */

static bool gives_shapes(const prepare *p, int u)
{
    return !p->units[u].item->hold && p->shards[u].shapes > 0;
}

static clv_status count_all(prepare *p)
{
    int64_t sequences = 0;
    for (int u = 0; u < p->unit_count; u++) {
        sequences += p->shards[u].count;
        if (gives_shapes(p, u))
            p->shapes += p->shards[u].shapes;
    }
    if (sequences == 0)
        return clv_fail(p->ctx, CLV_ERROR_FORMAT,
                        "prepare: no window has %d clear dates and there is no clear picture: nothing to train on",
                        p->options->clear_dates);
    if (sequences > MAX_SEQUENCES)
        return clv_fail(p->ctx, CLV_ERROR_UNSUPPORTED,
                        "prepare: %lld sequences; one file holds at most %d: split the "
                        "list or raise -stride",
                        (long long)sequences, MAX_SEQUENCES);
    p->sequences = (int)sequences;
    return CLV_OK;
}

static clv_tensor tensor(char *name, clv_dtype dtype, int dims, int64_t a, int64_t b)
{
    clv_tensor t = {.name = name, .dtype = dtype, .dims = dims, .shape = {a, b, CLV_CUT_SIDE, CLV_CUT_SIDE}};
    if (dims == 3)
        t.shape[1] = CLV_CUT_SIDE;
    clv_tensor_size(&t, &t.bytes);
    return t;
}

static void describe(const prepare *p, clv_tensor *tensors, char (*names)[NAME_BYTES])
{
    static const char *const what[] = {"x", "gap", "days"};
    int i = 0;
    for (int u = 0; u < p->unit_count; u++)
        for (int s = 0; s < p->shards[u].count; s++, i++) {
            const clv_set_shard_sequence *q = &p->shards[u].sequences[s];
            for (int k = 0; k < 3; k++)
                snprintf(names[3 * i + k], NAME_BYTES, "seq.%06d.%s", i, what[k]);
            tensors[3 * i] = tensor(names[3 * i], CLV_I16, 4, q->dates, q->bands);
            tensors[3 * i + 1] = tensor(names[3 * i + 1], CLV_U8, 3, q->dates, 0);
            tensors[3 * i + 2] = tensor(names[3 * i + 2], CLV_F64, 1, q->dates, 0);
        }
    snprintf(names[3 * i], NAME_BYTES, "shapes");
    tensors[3 * i] = tensor(names[3 * i], CLV_U8, 3, p->shapes, 0);
}

static void put_text(clv_json_writer *w, const char *key, const char *value)
{
    clv_jw_key(w, key);
    clv_jw_string(w, value ? value : "");
}

/* An item as a source: of sequences, or of shapes. Its units stand together from u on. */
static void put_source(const prepare *p, clv_json_writer *w, int u)
{
    const clv_train_item *item = p->units[u].item;
    int64_t sequences = 0, windows = 0, dates = 0, shapes = 0;
    double pixel = p->shards[u].pixel_m;
    for (; u < p->unit_count && p->units[u].item == item; u++) {
        sequences += p->shards[u].count;
        windows += p->shards[u].windows;
        dates += p->shards[u].dates;
        shapes += gives_shapes(p, u) ? p->shards[u].shapes : 0;
    }
    clv_jw_object(w);
    put_text(w, "place", item->place);
    put_text(w, "licence", item->licence);
    if (item->kind != CLV_ITEM_SHAPES)
        clv_jw_put_integer(w, "sequences", sequences);
    clv_jw_put_integer(w, "windows", windows);
    clv_jw_put_integer(w, "dates", dates);
    clv_jw_put_integer(w, "shapes", shapes);
    clv_jw_key(w, "pixel_size");
    clv_jw_number(w, pixel);
    clv_jw_key(w, "files");
    clv_jw_array(w);
    for (int i = 0; i < item->path_count; i++) {
        const char *slash = strrchr(item->paths[i], '/');
        clv_jw_string(w, slash ? slash + 1 : item->paths[i]);
    }
    clv_jw_end(w);
    clv_jw_end(w);
}

static void put_sources(const prepare *p, clv_json_writer *w, bool shapes)
{
    clv_jw_array(w);
    for (int u = 0; u < p->unit_count; u++)
        if ((u == 0 || p->units[u].item != p->units[u - 1].item) &&
            (p->units[u].item->kind == CLV_ITEM_SHAPES) == shapes)
            put_source(p, w, u);
    clv_jw_end(w);
}

static void put_sequences(const prepare *p, clv_json_writer *w)
{
    int source = -1;
    clv_jw_array(w);
    for (int u = 0; u < p->unit_count; u++) {
        const clv_train_item *item = p->units[u].item;
        if (item->kind == CLV_ITEM_SHAPES)
            continue;
        source += u == 0 || p->units[u - 1].item != item;
        for (int s = 0; s < p->shards[u].count; s++) {
            const clv_set_shard_sequence *q = &p->shards[u].sequences[s];
            clv_jw_object(w);
            put_text(w, "place", item->place);
            put_text(w, "split", item->hold ? "hold" : "train");
            clv_jw_put_integer(w, "clear_dates", q->clear_dates);
            clv_jw_put_integer(w, "source", source);
            clv_jw_put_integer(w, "x", q->x);
            clv_jw_put_integer(w, "y", q->y);
            put_text(w, "first", q->first);
            put_text(w, "last", q->last);
            clv_jw_end(w);
        }
    }
    clv_jw_end(w);
}

static char *make_manifest(const prepare *p)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_integer(&w, "version", 1);
    clv_jw_put_integer(&w, "window", CLV_CUT_SIDE);
    clv_jw_put_integer(&w, "pixel_size", 20);
    put_text(&w, "georeference", "not used: x and y are pixels of the source");
    clv_jw_key(&w, "sources");
    put_sources(p, &w, false);
    clv_jw_key(&w, "sequences");
    put_sequences(p, &w);
    clv_jw_key(&w, "shape_sources");
    put_sources(p, &w, true);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status copy_parts(prepare *p, clv_safetensors_stream *file)
{
    clv_status status = CLV_OK;
    for (int shapes = 0; shapes < 2; shapes++)
        for (int u = 0; u < p->unit_count && status == CLV_OK; u++) {
            if (shapes && !gives_shapes(p, u))
                continue;
            status = clv_set_shard_copy(&p->shards[u], shapes, file);
            if (status == CLV_OK)
                status = clv_progress(p->ctx, (shapes * p->unit_count + u + 1.0) / (2.0 * p->unit_count));
        }
    return status;
}

static clv_status write_set(prepare *p)
{
    size_t tensor_count = 3 * (size_t)p->sequences + 1;
    clv_safetensors_stream *file = NULL;
    clv_status status = CLV_OK;
    char *manifest = make_manifest(p);
    clv_tensor *tensors = clv_alloc_array(tensor_count, 1, sizeof *tensors);
    char(*names)[NAME_BYTES] = clv_alloc_array(tensor_count, 1, sizeof *names);
    if (!manifest || !tensors || !names) {
        status = out_of_memory(p);
        goto cleanup;
    }
    describe(p, tensors, names);
    const char *const metadata[] = {"clearvision.prepared", "1", "clearvision.manifest", manifest};
    clv_progress_phase(p->ctx, 0.95, 1);
    status = clv_safetensors_begin(p->ctx, p->path, tensors, (int)tensor_count, metadata, 2, &file);
    if (status == CLV_OK)
        status = copy_parts(p, file);
    clv_status ended = clv_safetensors_end(file, status == CLV_OK);
    status = status == CLV_OK ? ended : status;
cleanup:
    free(manifest);
    free(tensors);
    free(names);
    return status;
}

static clv_status write_result(const prepare *p, char **json)
{
    clv_json_writer w = {0};
    int held = 0;
    for (int u = 0; u < p->unit_count; u++)
        held += p->units[u].item->hold ? p->shards[u].count : 0;
    clv_note(p->ctx, "%s: %d sequences to train on, %d held out, %lld cloud shapes", p->path, p->sequences - held, held,
             (long long)p->shapes);
    if (!json)
        return CLV_OK;
    clv_jw_object(&w);
    put_text(&w, "output", p->path);
    clv_jw_put_integer(&w, "train", p->sequences - held);
    clv_jw_put_integer(&w, "hold", held);
    clv_jw_put_integer(&w, "shapes", p->shapes);
    clv_jw_put_integer(&w, "groups", p->unit_count);
    clv_jw_put_integer(&w, "groups_ready", p->reused);
    clv_jw_key(&w, "sources");
    put_sources(p, &w, false);
    clv_jw_key(&w, "shape_sources");
    put_sources(p, &w, true);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
    return *json ? CLV_OK : out_of_memory(p);
}

static void prepare_clear(prepare *p)
{
    for (int u = 0; u < p->unit_count && p->shards; u++)
        clv_set_shard_clear(&p->shards[u]);
    for (int l = 0; l < p->list_count; l++)
        clv_train_list_free(p->lists[l]);
    if (p->folder)
        rmdir(p->folder); /* goes when it is empty: a failed run without a finished part leaves nothing */
    free(p->lists);
    free(p->units);
    free(p->shards);
    free(p->folder);
}

static clv_status prepare_set(clv_context *ctx, const char *const *inputs, int count,
                              const clv_prepare_options *options, char **json)
{
    prepare p = {.ctx = ctx, .options = options};
    clv_status status = check_options(&p, inputs, count);
    if (status == CLV_OK)
        status = open_lists(&p, inputs, count);
    if (status == CLV_OK)
        status = make_units(&p);
    if (status == CLV_OK)
        status = check_not_inputs(&p, inputs, count);
    if (status == CLV_OK)
        status = make_folder(&p);
    if (status == CLV_OK)
        status = run_units(&p);
    if (status == CLV_OK && (status = count_all(&p)) != CLV_OK)
        remove_folder(&p); /* running it again would change nothing */
    if (status == CLV_OK)
        status = write_set(&p);
    if (status == CLV_OK) {
        remove_folder(&p);
        status = write_result(&p, json);
    }
    prepare_clear(&p);
    return status;
}

clv_status clv_prepare(clv_context *ctx, const char *const *inputs, int count, const clv_prepare_options *options,
                       char **json)
{
    clv_prepare_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_prepare_options_init);
    return status == CLV_OK ? prepare_set(ctx, inputs, count, &own, json) : status;
}
