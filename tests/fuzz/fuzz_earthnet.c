/* SPDX-License-Identifier: MIT
 *
 * EarthNet cubes: the block is the array inside the .npz; the archive around it is made here, so that changes reach the
 * array's parser and not the archive's. Each accepted cube's frames are complete.
 */
#include "fuzz.h"

#include "series/earthnet.h"

#include <cpl_error.h>
#include <cpl_vsi.h>

#define NAME "/vsimem/fuzz/29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz"
#define MEMBER "highresdynamic.npy"

static void put(uint8_t **p, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *(*p)++ = (uint8_t)(value >> 8 * i);
}

/* The part that a local and a central header of a ZIP archive have in common. */
static void put_entry(uint8_t **p, uint32_t crc, uint32_t size)
{
    put(p, 20, 2); /* version needed */
    put(p, 0, 2);  /* flags */
    put(p, 0, 2);  /* stored */
    put(p, 0x00210000, 4);
    put(p, crc, 4);
    put(p, size, 4);
    put(p, size, 4);
    put(p, sizeof MEMBER - 1, 2);
    put(p, 0, 2);
}

static uint32_t crc32_of(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static uint8_t *make_archive(const uint8_t *data, size_t size, size_t *archive_size)
{
    uint8_t *archive = malloc(size + 200), *p = archive;
    uint32_t crc = crc32_of(data, size);

    clv_require(archive);
    put(&p, 0x04034B50, 4);
    put_entry(&p, crc, (uint32_t)size);
    memcpy(p, MEMBER, sizeof MEMBER - 1);
    p += sizeof MEMBER - 1;
    if (size)
        memcpy(p, data, size);
    p += size;
    uint32_t directory = (uint32_t)(p - archive);
    put(&p, 0x02014B50, 4);
    put(&p, 20, 2); /* version made by */
    put_entry(&p, crc, (uint32_t)size);
    put(&p, 0, 2); /* comment */
    put(&p, 0, 2); /* disk */
    put(&p, 0, 2); /* attributes */
    put(&p, 0, 4);
    put(&p, 0, 4); /* where the local header lies */
    memcpy(p, MEMBER, sizeof MEMBER - 1);
    p += sizeof MEMBER - 1;
    uint32_t directory_size = (uint32_t)(p - archive) - directory;
    put(&p, 0x06054B50, 4);
    put(&p, 0, 4); /* disks */
    put(&p, 1, 2);
    put(&p, 1, 2);
    put(&p, directory_size, 4);
    put(&p, directory, 4);
    put(&p, 0, 2);
    *archive_size = (size_t)(p - archive);
    return archive;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t archive_size;
    uint8_t *archive = make_archive(data, size, &archive_size);
    clv_context *ctx = clv_context_new();
    clv_dataset scene;

    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIFCloseL(VSIFileFromMemBuffer(NAME, archive, archive_size, FALSE));
    clv_status status = clv_earthnet_open(ctx, NAME, &scene);
    clv_require((status == CLV_OK) == (clv_context_error(ctx)[0] == 0));
    if (status == CLV_OK) {
        clv_require(scene.acquisitions >= 1);
        for (int i = 0; i < scene.acquisitions; i++)
            clv_require(scene.acquisition[i].memory && scene.acquisition[i].memory_mask &&
                        scene.acquisition[i].facts.has_date);
        clv_dataset_clear(&scene);
    }
    VSIUnlink(NAME);
    CPLPopErrorHandler();
    clv_context_free(ctx);
    free(archive);
    return 0;
}
