/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over files and folders, for compilers without libFuzzer: each file as it is, cut after each of its
 * bytes, and with each byte changed in a few ways. Blocks are allocated exactly, so that a sanitizer sees one byte too
 * many.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static long blocks;

static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    clv_require(copy);
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    blocks++;
}

static void run_variants(uint8_t *data, size_t size)
{
    static const uint8_t changes[] = {0x01, 0x10, 0x80, 0xFF};

    run(data, size);
    if (size > 4096) /* a regression's file may be large; then as it is only */
        return;
    for (size_t i = 0; i < size; i++) {
        run(data, i);
        for (size_t c = 0; c < sizeof changes; c++) {
            data[i] ^= changes[c];
            run(data, size);
            data[i] ^= changes[c];
        }
    }
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(1 << 20);
    int result = 1;

    if (f && data) {
        size_t size = fread(data, 1, 1 << 20, f);
        if (!ferror(f)) {
            run_variants(data, size);
            result = 0;
        }
    }
    if (result)
        fprintf(stderr, "cannot read %s\n", path);
    if (f)
        fclose(f);
    free(data);
    return result;
}

static int run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    char path[4096];
    int result = dir ? 0 : 1;

    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        result |= run_file(path);
    }
    if (dir)
        closedir(dir);
    return result;
}

int main(int argc, char **argv)
{
    struct stat info;
    int result = 0;

    for (int i = 1; i < argc; i++)
        result |= stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
    printf("%ld blocks\n", blocks);
    return result || blocks == 0;
}
