/* SPDX-License-Identifier: MIT
 *
 * Lets the first, second, third ... allocation of a call fail: the call must fail with it, or do its work all the same,
 * and leave nothing behind (which a sanitizer checks). Linked with --wrap for malloc, calloc, realloc and
 * aligned_alloc.
 */
#include "fuzz.h"

#include "base/alloc.h"
#include "base/parallel.h"
#include "formats/safetensors.h"

#include <stdatomic.h>
#include <unistd.h>

static long left = -1; /* allocations until one fails; negative: none does */
static bool failed;

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    failed = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

/* Calls step until no allocation of it fails any more. step returns whether it succeeded. may: it may succeed without
 * one of its allocations. */
static void torture(const char *name, bool (*step)(void), bool may)
{
    long n = 0;

    for (;; n++) {
        failed = false;
        left = n;
        bool success = step();
        left = -1;
        clv_require(success || failed);
        if (!failed)
            break;
        clv_require(!success || may);
    }
    printf("%s: %ld allocations\n", name, n);
    clv_require(n > 0);
}

/* ---- Calls ------------------------------------------------------------------------------------- */

static char path[] = "/tmp/clv_memory_XXXXXX";
static char json[4096];

static bool read_json(void)
{
    clv_json *doc = clv_json_parse(json, strlen(json), NULL, 0);
    clv_json_free(doc);
    return doc != NULL;
}

static bool write_json(void)
{
    clv_json_writer w = {0};

    clv_jw_array(&w);
    for (int i = 0; i < 500; i++)
        clv_jw_string(&w, "2022-06-01");
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    free(text);
    return text != NULL;
}

static bool write_tensors(void)
{
    const float values[4] = {1, 2, 3, 4};
    const clv_tensor tensors[] = {
        {.name = "a", .dtype = CLV_F32, .dims = 1, .shape = {4}, .data = values, .bytes = 16},
        {.name = "b", .dtype = CLV_F32, .dims = 2, .shape = {2, 1}, .data = values, .bytes = 8},
    };
    const char *const metadata[] = {"clearvision.kind", "unet"};

    return clv_safetensors_write(NULL, path, tensors, 2, metadata, 1) == CLV_OK;
}

static bool read_tensors(void)
{
    clv_safetensors *st;
    clv_status status = clv_safetensors_open(NULL, path, CLV_WEIGHTS_MAX, &st);

    clv_require((status == CLV_OK) == (st != NULL));
    clv_safetensors_free(st);
    return status == CLV_OK;
}

static bool format_text(void)
{
    char *text = clv_format("%s-%d", "a", 5), *copy = clv_strdup("a");
    bool success = text && copy;

    free(text);
    free(copy);
    return success;
}

static clv_status count(void *arg, int index, int worker)
{
    (void)index;
    (void)worker;
    atomic_fetch_add((atomic_int *)arg, 1);
    return CLV_OK;
}

/* Without memory for threads the caller's does all of the work. */
static bool run_parallel(void)
{
    atomic_int done = 0;
    clv_status status = clv_parallel_for(NULL, 100, 3, count, &done);

    clv_require(status == CLV_OK && done == 100);
    return true;
}

static clv_status nothing(void *arg)
{
    (void)arg;
    return CLV_OK;
}

static bool run_task(void)
{
    clv_task *task = clv_task_start(NULL, nothing, NULL);

    clv_require(clv_task_wait(task) == CLV_OK);
    return task != NULL;
}

static bool make_context(void)
{
    clv_context *ctx = clv_context_new();

    clv_context_free(ctx);
    return ctx != NULL;
}

int main(void)
{
    int fd = mkstemp(path);

    clv_require(fd >= 0);
    close(fd);
    strcpy(json, "{\"a\":[");
    for (int i = 0; i < 200; i++)
        strcat(json, "{\"x\":[1,2,{}]},");
    strcat(json, "null],\"b\":{\"c\":\"d\"}}");

    torture("reading JSON", read_json, false);
    torture("writing JSON", write_json, false);
    torture("writing safetensors", write_tensors, true); /* syncing the folder is not worth a failure */
    clv_require(write_tensors());
    torture("reading safetensors", read_tensors, false);
    torture("text", format_text, false);
    torture("threads", run_parallel, true);
    torture("task", run_task, false);
    torture("context", make_context, false);
    return unlink(path);
}
