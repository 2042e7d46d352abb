/* SPDX-License-Identifier: MIT
 *
 * manifest: a folder of parts with a manifest.json and a record of a part that others may have written. Whatever they
 * say, nothing is removed but files of the part that the record names, and not when they are other than it says.
 */
#include "fuzz.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/manifest.h"
#include "pipeline/part_sets.h"

static char top[64]; /* in memory where there is such a place: six files a block */
static char tiles[80], part[90], manifest[110], record[110], canary[4][110];

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    clv_require(f && fwrite(bytes, 1, size, f) == size && fclose(f) == 0);
}

static void end(void)
{
    for (int i = 0; i < 4; i++)
        unlink(canary[i]);
    unlink(record);
    unlink(manifest);
    rmdir(part);
    rmdir(tiles);
    rmdir(top);
}

static void begin(void)
{
    snprintf(top, sizeof top, "%s/clv_fuzz_manifest_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    clv_require(mkdtemp(top));
    snprintf(tiles, sizeof tiles, "%s/a_tiles", top);
    snprintf(part, sizeof part, "%s/0001", tiles);
    snprintf(manifest, sizeof manifest, "%s/" CLV_PARTS_MANIFEST, tiles);
    snprintf(record, sizeof record, "%s/" CLV_PART_RECORD, part);
    snprintf(canary[0], sizeof canary[0], "%s/a.tif", top); /* what lies above: "../a.tif" */
    snprintf(canary[1], sizeof canary[1], "%s/a.tif", tiles);
    snprintf(canary[2], sizeof canary[2], "%s/notes.txt", part);
    snprintf(canary[3], sizeof canary[3], "%s/0001.txt", tiles);
    mkdir(tiles, 0700);
    atexit(end);
}

static bool none_needed(const char *stem, const void *user)
{
    (void)user;
    clv_require(stem);
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    clv_part_sets sets;
    clv_part_rest rest = {0};
    if (!begun)
        begin();
    begun = true;
    mkdir(part, 0700);
    for (int i = 0; i < 4; i++)
        write_bytes(canary[i], "II*", 4);
    write_bytes(manifest, data, size);
    write_bytes(record, data, size);
    clv_context *ctx = clv_context_new();
    clv_require(ctx && clv_part_sets_read(ctx, tiles, &sets) == CLV_OK);
    clv_require(sets.others); /* 0001.txt and a.tif */
    clv_json *seen = clv_part_open(ctx, part, true);
    if (seen)
        clv_part_has(seen, "a.tif");
    clv_json_free(seen);
    for (int i = 0; i < sets.count; i++) {
        const clv_part_set *s = &sets.list[i];
        clv_require(s->number >= 1 && s->file && s->manifest);
        char *same = clv_fuzz_text(data, size);
        clv_manifest_same(s->manifest, same);
        free(same);
        clv_require(clv_manifest_check(ctx, tiles, s->manifest, "{\"clearvision\":\"0\",\"command\":\"remove\"}") !=
                    CLV_OK);
        clv_require(!strchr(clv_context_error(ctx), '\n'));
        clv_part_set_remove(ctx, tiles, s, none_needed, NULL, &rest);
    }
    if (sets.count == 0)
        clv_part_remove(ctx, part, none_needed, NULL, &rest);
    clv_part_sets_clear(&sets);
    for (int i = 0; i < 4; i++)
        clv_require(access(canary[i], F_OK) == 0);
    clv_context_free(ctx);
    return 0;
}
