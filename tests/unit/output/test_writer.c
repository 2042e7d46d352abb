/* SPDX-License-Identifier: MIT
 * Outputs that appear whole or not at all: products, formats, failures. (test_like.c has outputs like their inputs.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "raster/paths.h"
#include "unit/writing.h"

enum { W = 600, H = 530 };

static clv_grid utm_grid(int width, int height)
{
    clv_grid g = {.width = width, .height = height, .has_transform = true, .pixel_m = 20};
    const double transform[6] = {674990, 20, 0, 5154960, 0, -20};
    memcpy(g.transform, transform, sizeof transform);
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 32632);
    char *wkt = NULL;
    OSRExportToWkt(crs, &wkt);
    g.wkt = strdup(wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(crs);
    return g;
}

static clv_outputs *open_set(bench *b, const char *path, const char *format, const char *const *creation,
                             bool overwrite)
{
    clv_output_options o = {.path = path, .format = format, .creation = creation, .overwrite = overwrite};
    clv_outputs *set = NULL;
    clv_clear_error(b->ctx);
    clv_outputs_new(b->ctx, &o, &set);
    return set;
}

static const clv_product_band plain[] = {{.name = "one"}, {.name = "two"}, {.name = "three"}, {.name = "four"}};

/* Writes all bands by rows of tiles; band k has the noise of seed + k. */
static clv_status write_noise(clv_writer *w, const clv_grid *grid, GDALDataType type, int bands, unsigned seed)
{
    size_t size = (size_t)GDALGetDataTypeSizeBytes(type), n = (size_t)grid->width * (size_t)grid->height;
    unsigned char *data = malloc(n * size);
    int rows = clv_writer_block_rows(w);
    clv_status status = CLV_OK;
    for (int y = 0; y < grid->height && status == CLV_OK; y += rows)
        for (int k = 1; k <= bands && status == CLV_OK; k++) {
            fill_noise(data, n * size, seed + (unsigned)k);
            if (type == GDT_Float32)
                for (size_t i = 0; i < n; i++)
                    ((float *)(void *)data)[i] = (float)data[4 * i] / 256;
            clv_rect r = {0, y, grid->width, rows < grid->height - y ? rows : grid->height - y};
            status = clv_writer_write(w, k, r, data + (size_t)y * (size_t)grid->width * size);
        }
    free(data);
    return status;
}

static void assert_noise(const char *path, GDALDataType type, int bands, unsigned seed)
{
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    assert_int_equal(GDALGetRasterCount(ds), bands);
    int width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds);
    size_t size = (size_t)GDALGetDataTypeSizeBytes(type), n = (size_t)width * (size_t)height;
    unsigned char *expected = malloc(n * size), *found = malloc(n * size);
    for (int k = 1; k <= bands; k++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, k);
        assert_int_equal(GDALGetRasterDataType(band), type);
        fill_noise(expected, n * size, seed + (unsigned)k);
        if (type == GDT_Float32)
            for (size_t i = 0; i < n; i++)
                ((float *)(void *)expected)[i] = (float)expected[4 * i] / 256;
        assert_int_equal(GDALRasterIO(band, GF_Read, 0, 0, width, height, found, width, height, type, 0, 0), CE_None);
        assert_memory_equal(found, expected, n * size);
    }
    free(expected);
    free(found);
    GDALClose(ds);
}

/* A set with one product of noise, not yet published. */
static clv_status make_product(clv_outputs *set, const char *path, GDALDataType type, int bands, unsigned seed)
{
    clv_grid grid = utm_grid(W, H);
    clv_writer *w = NULL;
    clv_status status = clv_writer_create(set, path, &grid, type, plain, bands, NULL, &w);
    if (status == CLV_OK)
        status = write_noise(w, &grid, type, bands, seed);
    clv_grid_clear(&grid);
    return status;
}

/* ---- What is in the file ---------------------------------------------------------------------------- */

static void mask_product_has_everything(void **state)
{
    bench *b = *state;
    static const char *const names[] = {"clear", "cloud", "shadow", NULL};
    static const unsigned char colors[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {60, 60, 90, 255}};
    const clv_product_band band = {
        .name = "mask", .categories = names, .colors = colors, .has_nodata = true, .nodata = 255, .unit = "class"};
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    assert_non_null(set);
    assert_true(clv_outputs_is_folder(set));
    assert_string_equal(clv_outputs_extension(set), "tif");
    assert_int_equal(clv_outputs_tag(set, "CLEARVISION_METHOD", "regression"), CLV_OK);
    char *path = NULL;
    assert_int_equal(clv_outputs_name(set, NULL, "a", "_mask", &path), CLV_OK);
    assert_string_equal(path, in_folder(b, "a_mask.tif"));
    clv_grid grid = utm_grid(W, H);
    clv_date date = {.year = 2022, .month = 6, .day = 2, .hour = 10, .minute = 15, .has_time = true};
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create(set, path, &grid, GDT_Byte, &band, 1, &date, &w), CLV_OK);
    assert_int_equal(clv_writer_block_rows(w), 256);
    assert_int_equal(clv_writer_channel(w, 0, 0), 1);
    uint8_t *data = malloc((size_t)W * H);
    for (int i = 0; i < W * H; i++)
        data[i] = (uint8_t)(i % 7 % 3);
    /* Rows that do not fit the tiles. */
    for (int y = 0; y < H; y += 100) {
        clv_rect r = {0, y, W, H - y < 100 ? H - y : 100};
        assert_int_equal(clv_writer_write(w, 1, r, data + (size_t)y * W), CLV_OK);
    }
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    assert_int_equal(clv_outputs_count(set), 1);
    assert_string_equal(clv_outputs_path(set, 0), path);
    clv_outputs_free(set);

    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    double transform[6];
    GDALGetGeoTransform(ds, transform);
    assert_memory_equal(transform, grid.transform, sizeof transform);
    assert_string_equal(OSRGetAuthorityCode(GDALGetSpatialRef(ds), NULL), "32632");
    GDALRasterBandH rb = GDALGetRasterBand(ds, 1);
    int has = 0, bw = 0, bh = 0;
    assert_true(GDALGetRasterNoDataValue(rb, &has) == 255 && has);
    GDALGetBlockSize(rb, &bw, &bh);
    assert_true(bw == 256 && bh == 256);
    assert_string_equal(GDALGetDescription(rb), "mask");
    assert_string_equal(GDALGetRasterUnitType(rb), "class");
    assert_int_equal(GDALGetRasterColorInterpretation(rb), GCI_PaletteIndex);
    const GDALColorEntry *entry = GDALGetColorEntry(GDALGetRasterColorTable(rb), 2);
    assert_true(entry->c1 == 60 && entry->c3 == 90);
    assert_int_equal(CSLCount(GDALGetRasterCategoryNames(rb)), 3);
    assert_string_equal(GDALGetRasterCategoryNames(rb)[1], "cloud");
    assert_string_equal(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", "IMAGERY"), "2022-06-02 10:15:00");
    assert_string_equal(GDALGetMetadataItem(ds, "ACQUISITIONDATETIME", NULL), "2022-06-02 10:15:00");
    assert_string_equal(GDALGetMetadataItem(ds, "TIFFTAG_DATETIME", NULL), "2022:06:02 10:15:00");
    assert_string_equal(GDALGetMetadataItem(ds, "CLEARVISION_METHOD", NULL), "regression");
    assert_string_equal(GDALGetMetadataItem(ds, "CLEARVISION_VERSION", NULL), clv_version());
    assert_non_null(strstr(GDALGetMetadataItem(ds, "TIFFTAG_SOFTWARE", NULL), "clearvision"));
    uint8_t *found = malloc((size_t)W * H);
    assert_int_equal(GDALRasterIO(rb, GF_Read, 0, 0, W, H, found, W, H, GDT_Byte, 0, 0), CE_None);
    assert_memory_equal(found, data, (size_t)W * H);
    GDALClose(ds);
    free(found);
    free(data);
    free(path);
    clv_grid_clear(&grid);
}

/* All tile sizes together are the file but for its header: nothing was compressed twice and left behind. */
static void every_tile_is_stored_once(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    const char *path = in_folder(b, "once.tif");
    assert_int_equal(make_product(set, path, GDT_UInt16, 4, 5), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_noise(path, GDT_UInt16, 4, 5);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_string_equal(GDALGetMetadataItem(ds, "INTERLEAVE", "IMAGE_STRUCTURE"), "BAND");
    assert_string_equal(GDALGetMetadataItem(ds, "PREDICTOR", "IMAGE_STRUCTURE"), "2");
    size_t tiles = 0, bytes;
    for (int k = 1; k <= 4; k++)
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 3; x++) {
                char name[64];
                snprintf(name, sizeof name, "BLOCK_SIZE_%d_%d", x, y);
                tiles += (size_t)atoi(GDALGetMetadataItem(GDALGetRasterBand(ds, k), name, "TIFF"));
            }
    GDALClose(ds);
    free(file_bytes(path, &bytes));
    assert_true(bytes - tiles < 8192);
}

static void floats_get_their_predictor_and_users_options_win(void **state)
{
    bench *b = *state;
    static const char *const options[] = {"compress=deflate", "Blockxsize=128", "blockysize=64", NULL};
    const char *one = in_folder(b, "f.tif"), *two = in_folder(b, "g.tif");
    clv_outputs *set = open_set(b, b->folder, "gtiff", NULL, false);
    assert_int_equal(make_product(set, one, GDT_Float32, 1, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    GDALDatasetH ds = GDALOpen(one, GA_ReadOnly);
    assert_string_equal(GDALGetMetadataItem(ds, "PREDICTOR", "IMAGE_STRUCTURE"), "3");
    GDALClose(ds);
    set = open_set(b, b->folder, NULL, options, false);
    assert_int_equal(make_product(set, two, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    ds = GDALOpen(two, GA_ReadOnly);
    int bw, bh;
    GDALGetBlockSize(GDALGetRasterBand(ds, 1), &bw, &bh);
    assert_true(bw == 128 && bh == 64);
    assert_string_equal(GDALGetMetadataItem(ds, "COMPRESSION", "IMAGE_STRUCTURE"), "DEFLATE");
    GDALClose(ds);
    assert_noise(two, GDT_Byte, 1, 1);
}

static void bytes_do_not_depend_on_threads(void **state)
{
    bench *b = *state;
    static const int threads[] = {1, 4, 1};
    static const char *const names[] = {"1.tif", "4.tif", "again.tif"};
    for (int i = 0; i < 3; i++) {
        clv_context_set_threads(b->ctx, threads[i]);
        clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
        assert_int_equal(make_product(set, in_folder(b, names[i]), GDT_UInt16, 3, 9), CLV_OK);
        assert_int_equal(clv_outputs_publish(set), CLV_OK);
        clv_outputs_free(set);
    }
    assert_true(same_bytes(in_folder(b, "1.tif"), in_folder(b, "4.tif")));
    assert_true(same_bytes(in_folder(b, "1.tif"), in_folder(b, "again.tif")));
}

/* ---- Whole or not at all ---------------------------------------------------------------------------- */

static void nothing_has_its_name_before_publishing(void **state)
{
    bench *b = *state;
    const char *folder = in_folder(b, "new/deep"), *path = in_folder(b, "new/deep/a.tif");
    clv_outputs *set = open_set(b, folder, NULL, NULL, false);
    assert_int_equal(count_files(folder), -1); /* made when something goes into it */
    assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(count_files(folder), 1);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0); /* the folders are gone too */

    set = open_set(b, folder, NULL, NULL, false);
    assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_int_equal(count_files(folder), 1);
    assert_noise(path, GDT_Byte, 1, 1);
}

static void holes_are_not_published(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    clv_grid grid = utm_grid(W, H);
    clv_writer *w = NULL;
    assert_int_equal(clv_writer_create(set, in_folder(b, "a.tif"), &grid, GDT_Byte, plain, 1, NULL, &w), CLV_OK);
    uint8_t *rows = calloc(256, W);
    assert_int_equal(clv_writer_write(w, 1, (clv_rect){0, 0, W, 256}, rows), CLV_OK);
    assert_int_equal(clv_writer_write(w, 1, (clv_rect){0, 500, W, 31}, rows), CLV_ERROR_INTERNAL); /* outside */
    clv_clear_error(b->ctx);
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_INTERNAL);
    assert_true(error_mentions(b, "not written completely"));
    assert_int_equal(count_files(b->folder), 0);
    clv_outputs_free(set);
    free(rows);
    clv_grid_clear(&grid);
}

static void existing_files_are_kept_without_overwrite(void **state)
{
    bench *b = *state;
    const char *path = in_folder(b, "a.tif");
    const char *sidecar = in_folder(b, "a.tif.aux.xml"), *ovr = in_folder(b, "a.tif.ovr");
    put_text(path, "precious");
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    char *name = NULL;
    assert_int_equal(clv_outputs_name(set, NULL, "a", "", &name), CLV_ERROR_EXISTS);
    assert_true(error_mentions(b, "-overwrite"));
    clv_clear_error(b->ctx);
    assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_ERROR_EXISTS);
    clv_outputs_free(set);
    assert_true(file_starts(path, "precious"));

    /* With -overwrite it stays as it is until all is well; its sidecars go with it. */
    put_text(sidecar, "old");
    put_text(ovr, "old");
    chmod(path, 0640);
    set = open_set(b, b->folder, NULL, NULL, true);
    assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_OK);
    assert_true(file_starts(path, "precious"));
    clv_outputs_free(set);
    assert_true(file_starts(path, "precious") && file_starts(ovr, "old"));
    assert_int_equal(count_files(b->folder), 3);
    set = open_set(b, b->folder, NULL, NULL, true);
    assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 1);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_noise(path, GDT_Byte, 1, 1);
}

static void a_name_taken_meanwhile_undoes_all(void **state)
{
    bench *b = *state;
    const char *one = in_folder(b, "1.tif"), *two = in_folder(b, "2.tif"), *three = in_folder(b, "3.tif");
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    assert_int_equal(make_product(set, one, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(make_product(set, two, GDT_Byte, 1, 2), CLV_OK);
    assert_int_equal(make_product(set, three, GDT_Byte, 1, 3), CLV_OK);
    put_text(three, "somebody else's");
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_EXISTS);
    clv_outputs_free(set);
    assert_true(file_starts(three, "somebody else's"));
    assert_int_equal(count_files(b->folder), 1);
}

static void replaced_files_come_back_when_a_later_one_fails(void **state)
{
    bench *b = *state;
    const char *one = in_folder(b, "1.tif"), *aux = in_folder(b, "1.tif.aux.xml"), *two = in_folder(b, "2.tif");
    put_text(one, "old one");
    put_text(aux, "old aux");
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, true);
    assert_int_equal(make_product(set, one, GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(make_product(set, two, GDT_Byte, 1, 2), CLV_OK);
    assert_int_equal(mkdir(two, 0777), 0); /* a folder stands where the second file should go */
    assert_int_not_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_true(file_starts(one, "old one"));
    assert_true(file_starts(aux, "old aux"));
    assert_int_equal(count_files(b->folder), 3);
}

static void two_outputs_cannot_share_a_name(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, true);
    assert_int_equal(make_product(set, in_folder(b, "a.tif"), GDT_Byte, 1, 1), CLV_OK);
    assert_int_equal(make_product(set, in_folder(b, "a.tif"), GDT_Byte, 1, 1), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "two outputs"));
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0);
}

static void a_dot_makes_no_file_of_a_folder_for_several(void **state)
{
    bench *b = *state;
    clv_output_options options = {.path = in_folder(b, "clear_v1.2")};
    clv_outputs *set = NULL;
    assert_int_equal(clv_outputs_new_for(b->ctx, &options, 3, &set), CLV_OK);
    assert_true(clv_outputs_is_folder(set));
    clv_outputs_free(set);
    assert_int_equal(clv_outputs_new_for(b->ctx, &options, 1, &set), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, ".2"));
    options.path = in_folder(b, "clear.tif");
    assert_int_equal(clv_outputs_new_for(b->ctx, &options, 3, &set), CLV_OK);
    assert_false(clv_outputs_is_folder(set));
    clv_outputs_free(set);
}

static void one_file_takes_one_output_and_its_companions(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, in_folder(b, "x.tif"), NULL, NULL, false);
    assert_false(clv_outputs_is_folder(set));
    char *a = NULL, *m = NULL, *c = NULL;
    assert_int_equal(clv_outputs_name(set, NULL, "date1", "", &a), CLV_OK);
    assert_string_equal(a, in_folder(b, "x.tif"));
    assert_int_equal(clv_outputs_name(set, NULL, "date1", "_mask", &m), CLV_OK);
    assert_string_equal(m, in_folder(b, "date1_mask.tif"));
    assert_int_equal(clv_outputs_name(set, NULL, "date2", "", &c), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "give a folder"));
    free(a);
    free(m);
    clv_outputs_free(set);
}

/* ---- Unusual targets -------------------------------------------------------------------------------- */

static void links_stay_links(void **state)
{
    bench *b = *state;
    const char *link = in_folder(b, "link.tif"), *target = in_folder(b, "real/target.tif");
    mkdir(in_folder(b, "real"), 0777);
    put_text(target, "old");
    assert_int_equal(symlink("real/target.tif", link), 0);
    clv_outputs *set = open_set(b, link, NULL, NULL, true);
    assert_int_equal(make_product(set, link, GDT_Byte, 1, 3), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_noise(target, GDT_Byte, 1, 3);
    assert_int_equal(symlink("nowhere", in_folder(b, "dangling.tif")), 0);
    set = open_set(b, in_folder(b, "dangling.tif"), NULL, NULL, true);
    assert_int_equal(make_product(set, in_folder(b, "dangling.tif"), GDT_Byte, 1, 3), CLV_ERROR_ARGUMENT);
    clv_outputs_free(set);
}

typedef struct sink {
    const char *from, *to;
} sink;

static void *drain(void *arg)
{
    const sink *s = arg;
    FILE *in = fopen(s->from, "rb"), *out = fopen(s->to, "wb");
    char buffer[4096];
    for (size_t n; in && out && (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
        fwrite(buffer, 1, n, out);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
    return NULL;
}

static void pipes_and_compressed_streams_get_the_bytes(void **state)
{
    bench *b = *state;
    const char *fifo = in_folder(b, "pipe"), *copy = in_folder(b, "copy.tif"), *plain_file = in_folder(b, "plain.tif");
    assert_int_equal(mkfifo(fifo, 0666), 0);
    pthread_t thread;
    sink s = {fifo, copy};
    pthread_create(&thread, NULL, drain, &s);
    clv_outputs *set = open_set(b, fifo, NULL, NULL, false);
    assert_non_null(set);
    assert_int_equal(make_product(set, fifo, GDT_UInt16, 2, 8), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    pthread_join(thread, NULL);
    assert_noise(copy, GDT_UInt16, 2, 8);
    /* A reader at the other end of a pipe cannot go back: such files are written so that it need not. */
    const char *const streamable[] = {"STREAMABLE_OUTPUT=YES", "INTERLEAVE=PIXEL", "COMPRESS=NONE", NULL};
    const char *streamed = in_folder(b, "streamed.tif");
    set = open_set(b, streamed, NULL, streamable, false);
    assert_int_equal(make_product(set, streamed, GDT_UInt16, 2, 8), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_true(same_bytes(copy, streamed));
    set = open_set(b, plain_file, NULL, NULL, false);
    assert_int_equal(make_product(set, plain_file, GDT_UInt16, 2, 8), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);

    char packed[600];
    snprintf(packed, sizeof packed, "/vsigzip/%s/packed.tif.gz", b->folder);
    set = open_set(b, packed, "GTiff", NULL, false);
    assert_non_null(set);
    assert_int_equal(make_product(set, packed, GDT_UInt16, 2, 8), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_true(same_bytes(packed, plain_file));
}

static void a_full_device_is_an_error(void **state)
{
    bench *b = *state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    clv_outputs *set = open_set(b, "/dev/full", NULL, NULL, false);
    assert_non_null(set);
    assert_int_equal(make_product(set, "/dev/full", GDT_UInt16, 2, 8), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_WRITE);
    assert_true(error_mentions(b, "/dev/full"));
    clv_outputs_free(set);
    struct stat info;
    assert_true(stat("/dev/full", &info) == 0 && S_ISCHR(info.st_mode)); /* still a device */
}

static void memory_files_work(void **state)
{
    bench *b = *state;
    const char *path = "/vsimem/clv-writer/a.tif";
    for (int i = 0; i < 2; i++) {
        clv_outputs *set = open_set(b, "/vsimem/clv-writer", NULL, NULL, i == 1);
        assert_int_equal(make_product(set, path, GDT_Byte, 2, 4u + (unsigned)i), CLV_OK);
        assert_int_equal(clv_path_look(path), i == 1 ? CLV_PATH_FILE : CLV_PATH_NONE);
        assert_int_equal(clv_outputs_publish(set), CLV_OK);
        clv_outputs_free(set);
        assert_noise(path, GDT_Byte, 2, 4u + (unsigned)i);
    }
    char **files = VSIReadDir("/vsimem/clv-writer");
    assert_int_equal(CSLCount(files), 1);
    CSLDestroy(files);
    VSIRmdirRecursive("/vsimem/clv-writer");
}

static void strange_names_work(void **state)
{
    bench *b = *state;
    char longest[256] = "";
    for (int i = 0; i < 125; i++)
        strcat(longest, "\xc3\xa9"); /* e acute */
    strcat(longest, "x.tif");        /* 255 bytes */
    const char *names[] = {"with space.tif", "quote'\"$x.tif",   "-dash.tif", ".hidden.tif",
                           "new\nline.tif",  "\xe6\x97\xa5.tif", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = in_folder(b, names[i]);
        clv_outputs *set = open_set(b, path, NULL, NULL, false);
        assert_non_null(set);
        assert_int_equal(make_product(set, path, GDT_Byte, 1, 1), CLV_OK);
        assert_int_equal(clv_outputs_publish(set), CLV_OK);
        clv_outputs_free(set);
        assert_noise(path, GDT_Byte, 1, 1);
    }
    assert_int_equal(count_files(b->folder), (int)(sizeof names / sizeof *names));
}

static void impossible_folders_are_said_at_once(void **state)
{
    bench *b = *state;
    put_text(in_folder(b, "file"), "x");
    assert_null(open_set(b, in_folder(b, "file/sub/a.tif"), NULL, NULL, false));
    assert_true(error_mentions(b, "folder"));
    assert_null(open_set(b, in_folder(b, "file/sub/"), NULL, NULL, false));
    assert_null(open_set(b, "", NULL, NULL, false));
    assert_true(error_mentions(b, "-o"));
    assert_null(open_set(b, NULL, NULL, NULL, false));
    if (geteuid() != 0) {
        mkdir(in_folder(b, "locked"), 0555);
        assert_null(open_set(b, in_folder(b, "locked/a.tif"), NULL, NULL, false));
        assert_true(error_mentions(b, "locked"));
    }
    const char *folder = in_folder(b, "folder.tif");
    mkdir(folder, 0777);
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, true);
    assert_int_equal(make_product(set, folder, GDT_Byte, 1, 1), CLV_ERROR_ARGUMENT);
    clv_outputs_free(set);
}

/* ---- Formats ---------------------------------------------------------------------------------------- */

static void wrong_formats_and_options_are_named(void **state)
{
    bench *b = *state;
    assert_null(open_set(b, b->folder, "GTif", NULL, false));
    assert_true(error_mentions(b, "GTif: no such format") && error_mentions(b, "COG") && error_mentions(b, "ENVI"));
    assert_null(open_set(b, b->folder, "VRT", NULL, false));
    assert_true(error_mentions(b, "cannot be written"));
    assert_null(open_set(b, in_folder(b, "a.qqq"), NULL, NULL, false));
    assert_true(error_mentions(b, ".qqq"));
    static const char *const typo[] = {"TILED=YES", "COMPRES=LZW", NULL}, *const value[] = {"COMPRESS=BEST", NULL},
                             *const bare[] = {"TILED", NULL};
    assert_null(open_set(b, b->folder, NULL, typo, false));
    assert_true(error_mentions(b, "-co COMPRES=LZW"));
    assert_null(open_set(b, b->folder, NULL, value, false));
    assert_true(error_mentions(b, "-co COMPRESS=BEST"));
    assert_null(open_set(b, b->folder, NULL, bare, false));
    assert_true(error_mentions(b, "NAME=VALUE"));
}

static void check_format(bench *b, const char *name, const char *format, const char *const *creation, GDALDataType type,
                         int bands, const char *driver, int files)
{
    char folder[128];
    snprintf(folder, sizeof folder, "%s/%s-%d", b->folder, driver, bands);
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    clv_outputs *set = open_set(b, path, format, creation, false);
    assert_non_null(set);
    assert_int_equal(make_product(set, path, type, bands, 6), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_noise(path, type, bands, 6);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_string_equal(GDALGetDriverShortName(GDALGetDatasetDriver(ds)), driver);
    assert_string_equal(OSRGetAuthorityCode(GDALGetSpatialRef(ds), NULL), "32632");
    GDALClose(ds);
    assert_int_equal(count_files(folder), files);
}

static void other_formats_are_made_from_the_complete_file(void **state)
{
    bench *b = *state;
    static const char *const pixel[] = {"INTERLEAVE=PIXEL", NULL};
    check_format(b, "a.tif", "COG", NULL, GDT_UInt16, 4, "GTiff", 1);
    GDALDatasetH ds = GDALOpen(in_folder(b, "GTiff-4/a.tif"), GA_ReadOnly);
    assert_string_equal(GDALGetMetadataItem(ds, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    assert_string_equal(GDALGetMetadataItem(ds, "CLEARVISION_VERSION", NULL), clv_version());
    assert_true(GDALGetOverviewCount(GDALGetRasterBand(ds, 1)) > 0);
    GDALClose(ds);
    check_format(b, "a.png", NULL, NULL, GDT_UInt16, 1, "PNG", 2);
    check_format(b, "a.dat", "ENVI", NULL, GDT_Float32, 2, "ENVI", 3);
    assert_int_equal(access(in_folder(b, "ENVI-2/a.hdr"), F_OK), 0);
    check_format(b, "a.tif", NULL, pixel, GDT_UInt16, 3, "GTiff", 1);
    ds = GDALOpen(in_folder(b, "GTiff-3/a.tif"), GA_ReadOnly);
    assert_string_equal(GDALGetMetadataItem(ds, "INTERLEAVE", "IMAGE_STRUCTURE"), "PIXEL");
    GDALClose(ds);
}

static void a_format_that_cannot_hold_it_says_so_before_the_work(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, in_folder(b, "a.png"), NULL, NULL, false);
    assert_non_null(set);
    assert_int_equal(make_product(set, in_folder(b, "a.png"), GDT_Float32, 1, 1), CLV_ERROR_ARGUMENT);
    assert_true(error_mentions(b, "PNG") && error_mentions(b, "Float32"));
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0);
}

/* ---- Failures --------------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* 2.5 MB of noise into a place that takes less. Returns 0 when all is as it should be. */
static int write_where_it_does_not_fit(const char *folder, int expected_files)
{
    bench b = {.ctx = clv_context_new()};
    snprintf(b.folder, sizeof b.folder, "%s", folder);
    clv_context_set_threads(b.ctx, 1); /* GDAL's pool of threads does not survive a fork */
    double start = seconds();
    clv_outputs *set = open_set(&b, folder, NULL, NULL, true);
    if (!set)
        return 1;
    clv_status status = make_product(set, in_folder(&b, "a.tif"), GDT_UInt16, 4, 1);
    if (status == CLV_OK)
        status = clv_outputs_publish(set);
    if (status != CLV_ERROR_WRITE)
        return 2;
    if (!error_mentions(&b, "a.tif"))
        return 3;
    if (clv_outputs_publish(set) == CLV_OK)
        return 4;
    clv_outputs_free(set);
    if (count_files(folder) != expected_files)
        return 5;
    clv_context_free(b.ctx);
    return seconds() - start < 20 ? 0 : 6;
}

static void a_file_size_limit_leaves_nothing(void **state)
{
    bench *b = *state;
    put_text(in_folder(b, "a.tif"), "old");
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {300000, 300000};
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(write_where_it_does_not_fit(b->folder, 1));
    }
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
    assert_true(file_starts(in_folder(b, "a.tif"), "old"));
}

static void a_full_disk_leaves_nothing(void **state)
{
    bench *b = *state;
    const char *disk = in_folder(b, "disk");
    mkdir(disk, 0777);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=1m") != 0) {
        print_message("no right to mount a small file system: skipped\n");
        skip();
    }
    int result = write_where_it_does_not_fit(disk, 0);
    umount(disk);
    assert_int_equal(result, 0);
}

static void killing_leaves_only_hidden_files(void **state)
{
    bench *b = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        clv_context_set_threads(b->ctx, 1); /* GDAL's pool of threads does not survive a fork */
        clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
        clv_status status = make_product(set, in_folder(b, "a.tif"), GDT_UInt16, 4, 1);
        char c = status == CLV_OK ? 'y' : 'n';
        if (write(ready[1], &c, 1) == 1)
            pause();
        _exit(1);
    }
    char c = 0;
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    DIR *d = opendir(b->folder);
    int hidden = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            assert_true(strncmp(e->d_name, ".a.", 3) == 0 && strstr(e->d_name, ".tmp.tif"));
            hidden++;
        }
    closedir(d);
    assert_int_equal(hidden, 1);
}

static void unfinished_files_can_be_unlinked_at_any_moment(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder, NULL, NULL, false);
    assert_int_equal(make_product(set, in_folder(b, "a.tif"), GDT_UInt16, 1, 1), CLV_OK);
    assert_int_equal(make_product(set, in_folder(b, "b.tif"), GDT_UInt16, 1, 1), CLV_OK);
    assert_int_equal(count_files(b->folder), 2);
    pid_t child = fork();
    if (child == 0) {
        clv_unlink_unfinished(); /* these are not its files */
        _exit(0);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(count_files(b->folder), 2);
    clv_unlink_unfinished();
    assert_int_equal(count_files(b->folder), 0);
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_WRITE);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0);

    /* Published files are nobody's unfinished business. */
    set = open_set(b, b->folder, NULL, NULL, false);
    assert_int_equal(make_product(set, in_folder(b, "a.tif"), GDT_UInt16, 1, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_unlink_unfinished();
    assert_int_equal(access(in_folder(b, "a.tif"), F_OK), 0);
    clv_outputs_free(set);
}

/* What a driver has made under its final names lies in a hidden folder, which a signal removes with all in it. */
static void unfinished_folders_go_with_all_in_them(void **state)
{
    bench *b = *state;
    static const char *const formats[] = {"ENVI", "Zarr", "PNG"};
    for (int i = 0; i < 3; i++) {
        if (!GDALGetDriverByName(formats[i]))
            continue;
        clv_outputs *set = open_set(b, in_folder(b, "a.x"), formats[i], NULL, false);
        assert_int_equal(make_product(set, in_folder(b, "a.x"), GDT_UInt16, i == 2 ? 1 : 4, 1), CLV_OK);
        assert_int_equal(clv_outputs_prepare(set), CLV_OK);
        assert_int_equal(count_files(b->folder), 2); /* the folder and its record */
        pid_t child = fork();
        if (child == 0) {
            clv_unlink_unfinished(); /* not its own */
            _exit(0);
        }
        waitpid(child, NULL, 0);
        assert_int_equal(count_files(b->folder), 2);
        clv_unlink_unfinished();
        assert_int_equal(count_files(b->folder), 0);
        clv_outputs_free(set);
    }
}

static void pixels_that_did_not_get_there_are_found(void **state)
{
    bench *b = *state;
    static const char *const formats[] = {NULL, "COG"};
    for (int i = 0; i < 2; i++) {
        put_text(in_folder(b, "a.tif"), "old");
        clv_outputs *set = open_set(b, in_folder(b, "a.tif"), formats[i], NULL, true);
        clv_grid grid = utm_grid(W, H);
        clv_writer *w = NULL;
        assert_int_equal(clv_writer_create(set, in_folder(b, "a.tif"), &grid, GDT_UInt16, plain, 2, NULL, &w), CLV_OK);
        assert_int_equal(write_noise(w, &grid, GDT_UInt16, 2, 3), CLV_OK);
        uint16_t value[2];
        GDALRasterBandH band = GDALGetRasterBand(clv_writer_dataset(w), 2);
        assert_int_equal(GDALRasterIO(band, GF_Read, 500, 400, 2, 1, value, 2, 1, GDT_UInt16, 0, 0), CE_None);
        value[1] ^= 64; /* behind the writer's back */
        assert_int_equal(GDALRasterIO(band, GF_Write, 500, 400, 2, 1, value, 2, 1, GDT_UInt16, 0, 0), CE_None);
        assert_int_equal(clv_outputs_publish(set), CLV_ERROR_WRITE);
        assert_true(error_mentions(b, "band 2"));
        clv_outputs_free(set);
        clv_grid_clear(&grid);
        assert_true(file_starts(in_folder(b, "a.tif"), "old"));
        assert_int_equal(count_files(b->folder), 1);
    }
}

static void replaced_folders_come_back_when_a_later_output_fails(void **state)
{
    bench *b = *state;
    if (!GDALGetDriverByName("Zarr"))
        skip();
    for (int round = 0; round < 2; round++) {
        clv_outputs *set = open_set(b, b->folder, "Zarr", NULL, round > 0);
        assert_int_equal(make_product(set, in_folder(b, "a.zarr"), GDT_UInt16, 1, 5 + (unsigned)round), CLV_OK);
        assert_int_equal(make_product(set, in_folder(b, "b.zarr"), GDT_UInt16, 1, 5), CLV_OK);
        if (round > 0) {
            VSIRmdirRecursive(in_folder(b, "b.zarr"));
            put_text(in_folder(b, "b.zarr"), "somebody's");
        }
        assert_int_equal(clv_outputs_publish(set), round > 0 ? CLV_ERROR_EXISTS : CLV_OK);
        clv_outputs_free(set);
    }
    assert_noise(in_folder(b, "a.zarr"), GDT_UInt16, 1, 5);
    assert_true(file_starts(in_folder(b, "b.zarr"), "somebody's"));
    assert_int_equal(count_files(b->folder), 2);
}

/* Files of the replaced dataset go with it, those of its neighbours stay. */
static void sidecars_are_replaced_with_their_raster(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, in_folder(b, "a.dat"), "ENVI", NULL, false);
    assert_int_equal(make_product(set, in_folder(b, "a.dat"), GDT_UInt16, 2, 1), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_int_equal(access(in_folder(b, "a.hdr"), F_OK), 0);
    put_text(in_folder(b, "a.txt"), "a neighbour's");
    put_text(in_folder(b, "ab.hdr"), "a neighbour's");
    set = open_set(b, in_folder(b, "a.dat"), "GTiff", NULL, true);
    assert_int_equal(make_product(set, in_folder(b, "a.dat"), GDT_UInt16, 2, 2), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    clv_outputs_free(set);
    assert_noise(in_folder(b, "a.dat"), GDT_UInt16, 2, 2);
    assert_int_not_equal(access(in_folder(b, "a.hdr"), F_OK), 0);
    assert_int_equal(count_files(b->folder), 3);
    /* A header that is there already is none of ours. */
    put_text(in_folder(b, "c.hdr"), "somebody's");
    set = open_set(b, in_folder(b, "c.dat"), "ENVI", NULL, false);
    assert_int_equal(make_product(set, in_folder(b, "c.dat"), GDT_UInt16, 2, 2), CLV_OK);
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_EXISTS);
    clv_outputs_free(set);
    assert_true(file_starts(in_folder(b, "c.hdr"), "somebody's"));
    assert_int_equal(count_files(b->folder), 4);
}

static void cancelling_leaves_nothing(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, in_folder(b, "a.tif"), "COG", NULL, false);
    assert_int_equal(make_product(set, in_folder(b, "a.tif"), GDT_UInt16, 4, 1), CLV_OK);
    clv_context_cancel(b->ctx);
    assert_int_equal(clv_outputs_publish(set), CLV_ERROR_CANCELLED);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(mask_product_has_everything),
        T(every_tile_is_stored_once),
        T(floats_get_their_predictor_and_users_options_win),
        T(bytes_do_not_depend_on_threads),
        T(nothing_has_its_name_before_publishing),
        T(holes_are_not_published),
        T(existing_files_are_kept_without_overwrite),
        T(a_name_taken_meanwhile_undoes_all),
        T(replaced_files_come_back_when_a_later_one_fails),
        T(two_outputs_cannot_share_a_name),
        T(a_dot_makes_no_file_of_a_folder_for_several),
        T(one_file_takes_one_output_and_its_companions),
        T(links_stay_links),
        T(pipes_and_compressed_streams_get_the_bytes),
        T(a_full_device_is_an_error),
        T(memory_files_work),
        T(strange_names_work),
        T(impossible_folders_are_said_at_once),
        T(wrong_formats_and_options_are_named),
        T(other_formats_are_made_from_the_complete_file),
        T(a_format_that_cannot_hold_it_says_so_before_the_work),
        T(a_file_size_limit_leaves_nothing),
        T(a_full_disk_leaves_nothing),
        T(killing_leaves_only_hidden_files),
        T(unfinished_folders_go_with_all_in_them),
        T(pixels_that_did_not_get_there_are_found),
        T(replaced_folders_come_back_when_a_later_output_fails),
        T(sidecars_are_replaced_with_their_raster),
        T(unfinished_files_can_be_unlinked_at_any_moment),
        T(cancelling_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
