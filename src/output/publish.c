/* SPDX-License-Identifier: MIT
 *
 * From temporary files to published ones. In this order, each step for all outputs before the next one begins:
 *   1. AUX bands and masks are copied, files flushed and closed (a full disk often shows only now);
 *   2. files are reopened and their pixels compared with what was written; those of another format
 *      are converted and compared (conversion.c), those on another grid (-t_srs, -tap) resampled and read;
 *   3. bytes are forced to disk (fsync);
 *   4. what goes to standard output, pipes and network stores is sent;
 *   5. files are renamed to their names (moves.h), and the datasets opened once more where they now lie.
 * A failure in 1 to 3 leaves no trace; what step 4 has sent stays sent. A failure in 5 puts back what was replaced and
 * removes what was added; where the file system has no hard links a replaced file cannot be put back, the new one,
 * complete and verified, then stays.
 */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE 1 /* GDAL's VSIStatBufL is a struct stat64 */
#endif
#include "output/conversion.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "output/compare.h"
#include "output/moves.h"
#include "raster/gdal_errors.h"

/* ---- Verification ----------------------------------------------------------------------------------- */

static const char *what_differs(GDALDatasetH dataset, const clv_writer *w)
{
    if (!w)
        return NULL;
    if (GDALGetRasterXSize(dataset) != w->width || GDALGetRasterYSize(dataset) != w->height)
        return "its size is wrong";
    if (GDALGetRasterCount(dataset) != w->band_count)
        return "its number of bands is wrong";
    for (int b = 1; b <= w->band_count; b++)
        if (GDALGetRasterDataType(GDALGetRasterBand(dataset, b)) != w->type)
            return "its data type is wrong";
    OGRSpatialReferenceH crs = GDALGetSpatialRef(dataset);
    const char *driver = GDALGetDriverShortName(GDALGetDatasetDriver(dataset));
    /* Other formats may have no place for a CRS, or write it in words of their own. */
    if (EQUAL(driver, "GTiff") && (!crs != !w->crs || (crs && !OSRIsSame(crs, w->crs))))
        return "its coordinate system is wrong";
    return NULL;
}

/* Whether the file was made for this raster and no other one: GDAL lists what lies beside it, too. */
static bool is_own(const char *name, const char *main_name)
{
    const char *extension = clv_path_extension(main_name);
    return strncmp(name, main_name, strlen(main_name) - (*extension ? strlen(extension) + 1 : 0)) == 0;
}

/* The temporary file and everything that a driver has put beside it under its name (.aux.xml, .tfw). */
static clv_status list_files(clv_outputs *set, clv_item *item)
{
    char *folder = clv_path_folder(item->temporary);
    const char *own = clv_path_name(item->temporary);
    char **found = folder ? VSIReadDir(folder) : NULL;
    CSLDestroy(item->files);
    item->files = CSLAddString(NULL, item->temporary);
    for (int i = 0; found && found[i]; i++) {
        char *path = is_own(found[i], own) && strcmp(found[i], own) != 0 ? clv_path_join(folder, found[i]) : NULL;
        if (path)
            item->files = CSLAddString(item->files, path);
        free(path);
    }
    CSLDestroy(found);
    free(folder);
    return item->files ? CLV_OK : clv_fail_memory(set->ctx);
}

/* Reads all pixels; what was written must be there. */
static clv_status check_pixels(clv_outputs *set, const clv_item *item, const clv_bands *bands)
{
    const clv_writer *w = item->writer;
    uint64_t *sums = clv_alloc_array((size_t)bands->count, 1, sizeof *sums), *written = w ? clv_writer_sums(w) : NULL;
    char why[256] = "";
    const GDALDataType type = w ? w->type : GDALGetRasterDataType(bands->list[0]);
    clv_status status = sums ? clv_bands_sums(set->ctx, bands, type, sums, why) : clv_fail_memory(set->ctx);
    for (int b = 0; b < bands->count && status == CLV_OK && written && !*why; b++)
        if (sums[b] != written[b])
            snprintf(why, sizeof why, "band %d does not hold the values that were written", b + 1);
    free(sums);
    free(written);
    return *why ? clv_outputs_fail_write(set, item->path, "verification failed", why) : status;
}

/* Opens the temporary file as a reader would. pixels: reads them, too. */
static clv_status verify(clv_outputs *set, clv_item *item, bool pixels)
{
    clv_bands bands;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    bool opened = clv_bands_open(item->temporary, 1, &bands);
    const char *problem = !opened ? "it cannot be opened" : what_differs(bands.dataset, item->writer);
    bool failed = clv_gdal_errors_end(&errors) || problem;
    clv_status status = CLV_OK;
    if (failed) {
        char why[640];
        snprintf(why, sizeof why, "%s%s%s", problem ? problem : "", problem && errors.failures ? ": " : "",
                 errors.failures ? clv_gdal_errors_text(&errors) : "");
        status = clv_outputs_fail_write(set, item->path, "verification failed", why);
    } else if (pixels) {
        status = check_pixels(set, item, &bands);
    }
    clv_bands_close(&bands);
    return status == CLV_OK ? list_files(set, item) : status;
}

static bool is_converted(const clv_outputs *set, const clv_item *item)
{
    const clv_writer *w = item->writer;
    return w && !item->poured && clv_creation_needs_copy(set->driver, clv_outputs_creation(set, w), w->band_count);
}

/* ---- Another grid ----------------------------------------------------------------------------------- */

/* The resampled file gets the name that is known everywhere, with what was written beside it. */
static clv_status take_over(clv_outputs *set, clv_item *item, const char *file)
{
    char *folder = clv_path_folder(file);
    const char *own = clv_path_name(file), *extension = clv_path_extension(item->temporary);
    const size_t stem = strlen(own) - strlen(clv_path_extension(own));
    const int length = (int)(strlen(item->temporary) - strlen(extension));
    clv_temporary_remove(item->temporary, true);
    char **found = folder ? VSIReadDir(folder) : NULL;
    clv_status status = folder ? CLV_OK : clv_fail_memory(set->ctx);
    for (int i = 0; found && found[i] && status == CLV_OK; i++) {
        if (strncmp(found[i], own, stem) != 0)
            continue;
        char *from = clv_path_join(folder, found[i]);
        char *to = clv_format("%.*s%s", length, item->temporary, found[i] + stem);
        if (!from || !to)
            status = clv_fail_memory(set->ctx);
        else if (VSIRename(from, to) != 0)
            status = clv_outputs_fail_write(set, item->path, "cannot be renamed", from);
        free(from);
        free(to);
    }
    CSLDestroy(found);
    free(folder);
    return status;
}

/* -t_srs, -tap: what was written becomes what lies there. */
static clv_status resample(clv_outputs *set, clv_item *item)
{
    clv_writer *w = item->writer;
    if (!w || !set->target)
        return CLV_OK;
    char **options = is_converted(set, item)
                         ? clv_creation_temporary_options(set->ctx, set->gtiff, &w->shape)
                         : clv_creation_options(set->ctx, set->gtiff, clv_outputs_creation(set, w), &w->shape);
    char *folder = clv_path_folder(item->temporary), *file = NULL;
    clv_status status =
        folder ? clv_temporary_create(set->ctx, folder, "resampled", "tif", &file) : clv_fail_memory(set->ctx);
    clv_unfinished *guard = status == CLV_OK ? clv_unfinished_add(file) : NULL;
    if (status == CLV_OK)
        status = clv_reproject(set->ctx, set->target, item->path, item->temporary, w->series == NULL, set->gtiff,
                               options, file);
    GDALDatasetH made = status == CLV_OK ? GDALOpen(file, GA_ReadOnly) : NULL;
    if (made) {
        w->width = GDALGetRasterXSize(made);
        w->height = GDALGetRasterYSize(made);
        OGRSpatialReferenceH crs = GDALGetSpatialRef(made);
        if (w->crs)
            OSRDestroySpatialReference(w->crs);
        w->crs = crs ? OSRClone(crs) : NULL;
        GDALClose(made);
    }
    if (status == CLV_OK)
        status = take_over(set, item, file);
    if (status != CLV_OK)
        clv_temporary_remove(file, true);
    clv_unfinished_done(guard);
    CSLDestroy(options);
    free(folder);
    free(file);
    w->resampled = true;
    return status == CLV_OK ? verify(set, item, !is_converted(set, item)) : status;
}

/* ---- Conversion ------------------------------------------------------------------------------------- */

/* Whether the directory of a TIFF or BigTIFF lies right behind the header, where a reader that cannot go back needs it.
 */
static bool begins_with_directory(const char *tiff)
{
    static const char heads[][17] = {"II*\0\10\0\0", "MM\0*\0\0\0\10", "II+\0\10\0\0\0\20\0\0\0\0\0\0",
                                     "MM\0+\0\10\0\0\0\0\0\0\0\0\0\20"};
    static const size_t lengths[] = {8, 8, 16, 16};
    char head[16] = {0};
    VSILFILE *file = VSIFOpenL(tiff, "rb");
    size_t got = file ? VSIFReadL(head, 1, sizeof head, file) : 0;
    if (file)
        VSIFCloseL(file);
    for (int i = 0; i < 4; i++)
        if (got >= lengths[i] && memcmp(head, heads[i], lengths[i]) == 0)
            return true;
    return false;
}

static clv_status convert(clv_outputs *set, clv_item *item)
{
    if (!is_converted(set, item))
        return CLV_OK;
    clv_status status = clv_conversion_make(set, item);
    const char *const *user = clv_outputs_creation(set, item->writer);
    if (status == CLV_OK && CSLFetchBoolean((char **)user, "STREAMABLE_OUTPUT", FALSE) &&
        !begins_with_directory(item->files[0]))
        clv_warn(set->ctx,
                 "%s: its directory does not come first, so that it can be read from a file only, not from a pipe",
                 item->path);
    return status;
}

/* ---- To disk ---------------------------------------------------------------------------------------- */

static clv_status force_file_to_disk(clv_outputs *set, const clv_item *item, const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int error = fd >= 0 && fsync(fd) == 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    /* Some file systems cannot: that is no error of the file. */
    if (error && error != EINVAL && error != ENOTSUP && error != EROFS)
        return clv_outputs_fail_write(set, item->path, "cannot be written to disk", strerror(error));
    return CLV_OK;
}

static clv_status force_to_disk(clv_outputs *set, const clv_item *item)
{
    clv_status status = CLV_OK;
    for (int i = 0; item->files[i] && status == CLV_OK; i++) {
        if (strncmp(item->files[i], "/vsi", 4) == 0)
            continue;
        char **inside = clv_path_look(item->files[i]) == CLV_PATH_FOLDER ? VSIReadDirRecursive(item->files[i]) : NULL;
        for (int k = 0; inside && inside[k] && status == CLV_OK; k++) {
            char *path = clv_path_join(item->files[i], inside[k]);
            status = path ? force_file_to_disk(set, item, path) : clv_fail_memory(set->ctx);
            free(path);
        }
        CSLDestroy(inside);
        if (status == CLV_OK)
            status = force_file_to_disk(set, item, item->files[i]);
    }
    return status;
}

static void force_folder_to_disk(const char *file)
{
    char *folder = strncmp(file, "/vsi", 4) == 0 ? NULL : clv_path_folder(file);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd); /* the files are safe already; only their names would be younger */
        close(fd);
    }
    free(folder);
}

/* ---- Streams ---------------------------------------------------------------------------------------- */

static clv_status send_file(clv_outputs *set, const clv_item *item, const char *from, const char *to)
{
    enum { CHUNK = 1 << 20 };
    char *buffer = malloc(CHUNK);
    if (!buffer)
        return clv_fail_memory(set->ctx);
    clv_status status = CLV_OK;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    errno = 0;
    VSILFILE *in = VSIFOpenL(from, "rb"), *out = in ? VSIFOpenL(to, "wb") : NULL;
    bool sent = out != NULL;
    while (sent && status == CLV_OK) {
        size_t n = VSIFReadL(buffer, 1, CHUNK, in);
        if (n == 0)
            break;
        sent = VSIFWriteL(buffer, 1, n, out) == n;
        status = clv_check_cancel(set->ctx);
    }
    if (out && VSIFFlushL(out) != 0)
        sent = false;
    int error = errno;
    if (out && VSIFCloseL(out) != 0)
        sent = false;
    if (in)
        VSIFCloseL(in);
    bool failed = clv_gdal_errors_end(&errors) || !sent;
    free(buffer);
    if (status == CLV_OK && failed)
        status = clv_outputs_fail_write(set, item->path, "cannot be written",
                                        errors.failures ? clv_gdal_errors_text(&errors)
                                        : error         ? strerror(error)
                                                        : "unknown error");
    return status;
}

/* Name of a temporary file's final counterpart: `.a.x1y2z3.tmp.tif.aux.xml` -> `a.tif.aux.xml`; in the hidden folder
 * it is the same. free(). */
static char *final_name(const clv_item *item, const char *file)
{
    const char *main_file = item->files[0];
    if (file == main_file)
        return clv_strdup(item->final);
    if (item->staged) {
        char *folder = clv_path_folder(item->final), *path = folder ? clv_path_join(folder, clv_path_name(file)) : NULL;
        free(folder);
        return path;
    }
    const char *own = clv_path_name(main_file), *name = clv_path_name(file), *extension = clv_path_extension(own);
    size_t stem = strlen(own) - (*extension ? strlen(extension) + 1 : 0);
    if (strncmp(name, own, strlen(own)) == 0)
        return clv_format("%s%s", item->final, name + strlen(own));
    if (strncmp(name, own, stem) != 0)
        return NULL; /* not ours */
    const char *last = clv_path_extension(item->final);
    return clv_format("%.*s%s", (int)(strlen(item->final) - (*last ? strlen(last) + 1 : 0)), item->final, name + stem);
}

/* FILE.aux.xml, FILE.msk and the like, and world files. */
static bool is_sidecar_of(const char *file, const char *other)
{
    const size_t n = strlen(file);
    const char *extension = clv_path_extension(other);
    for (int i = 0; strncmp(other, file, n) == 0 && clv_sidecars[i]; i++)
        if (strcmp(other + n, clv_sidecars[i]) == 0)
            return true;
    return strlen(extension) >= 3 && (extension[strlen(extension) - 1] | 32) == 'w';
}

static clv_status send_item(clv_outputs *set, const clv_item *item)
{
    for (int i = 0; item->files[i]; i++)
        if (clv_path_look(item->files[i]) == CLV_PATH_FOLDER)
            return clv_outputs_fail_write(set, item->path, "cannot be sent",
                                          "this format writes folders; write to a folder of the system");
    /* What a reader can do without may be left behind. */
    const bool piped = strncmp(item->final, "/vsi", 4) != 0 || clv_path_is_stdout(item->final);
    for (int i = 1; item->files[i] && piped; i++)
        if (!is_sidecar_of(item->files[0], item->files[i]))
            return clv_outputs_fail_write(set, item->path, "cannot be sent",
                                          "this format writes several files; write to a folder of the system");
    clv_status status = send_file(set, item, item->files[0], item->final);
    bool keeps_sidecars = strncmp(item->final, "/vsi", 4) == 0 && !clv_path_is_stdout(item->final);
    for (int i = 1; item->files[i] && keeps_sidecars && status == CLV_OK; i++) {
        char *to = final_name(item, item->files[i]);
        if (to)
            status = send_file(set, item, item->files[i], to);
        free(to);
    }
    return status;
}

/* ---- Renaming --------------------------------------------------------------------------------------- */

/* Files that drivers write and do not list: MRF's pixels, by compression, and world files. */
static void add_unlisted(const clv_item *item, const char *driver, char ***files)
{
    static const char *const unlisted[][2] = {{"MRF", "ppg"},   {"MRF", "pjg"}, {"MRF", "pjp"},  {"MRF", "pzp"},
                                              {"MRF", "til"},   {"MRF", "lrc"}, {"MRF", "lerc"}, {"MRF", "qb3"},
                                              {"GTiff", "tfw"}, {"PNG", "wld"}, {"JPEG", "wld"}};
    const char *extension = clv_path_extension(item->final);
    const int stem = (int)(strlen(item->final) - strlen(extension));
    for (size_t i = 0; *extension && i < sizeof unlisted / sizeof unlisted[0]; i++) {
        char *path = EQUAL(driver, unlisted[i][0]) ? clv_format("%.*s%s", stem, item->final, unlisted[i][1]) : NULL;
        if (path)
            *files = CSLAddString(*files, path);
        free(path);
    }
}

/* The files of the dataset that is about to be replaced: those beside it that have its name. A VRT's are not its own.
 * CSL */
static char **old_files(const clv_item *item)
{
    if (clv_path_look(item->final) != CLV_PATH_FILE)
        return NULL;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH old = GDALOpenEx(item->final, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    const char *driver = old ? GDALGetDriverShortName(GDALGetDatasetDriver(old)) : "VRT";
    char **files = EQUAL(driver, "VRT") ? NULL : GDALGetFileList(old);
    if (old)
        GDALClose(old);
    clv_gdal_errors_end(&errors);
    char **kept = NULL, *folder = clv_path_folder(item->final);
    for (int i = 0; files && files[i] && folder; i++) {
        char *above = clv_path_folder(files[i]);
        const char *name = clv_path_name(files[i]), *own = clv_path_name(item->final);
        const size_t stem = strlen(own) - strlen(clv_path_extension(own));
        /* "a.hdr" beside "a.img", not "ab.hdr": the stem ends with its dot. */
        if (above && strcmp(above, folder) == 0 && strcmp(name, own) != 0 && strncmp(name, own, stem) == 0)
            kept = CSLAddString(kept, files[i]);
        free(above);
    }
    add_unlisted(item, driver, &kept);
    free(folder);
    CSLDestroy(files);
    return kept;
}

/* Sidecars of a replaced file describe pixels that are gone. */
static clv_status retire_sidecars(clv_outputs *set, const clv_item *item, clv_moves *moves)
{
    char **old = old_files(item);
    clv_status status = CLV_OK;
    for (int i = 0; set->overwrite && clv_sidecars[i] && status == CLV_OK; i++) {
        char *sidecar = clv_format("%s%s", item->final, clv_sidecars[i]);
        status = sidecar ? clv_moves_retire(moves, sidecar) : clv_fail_memory(set->ctx);
        free(sidecar);
    }
    for (int i = 0; old && old[i] && status == CLV_OK; i++)
        status = clv_moves_retire(moves, old[i]);
    CSLDestroy(old);
    return status;
}

static clv_status plan_item(clv_outputs *set, clv_item *item, clv_moves *moves)
{
    clv_status status = CLV_OK;
    for (int i = 0; item->files[i] && status == CLV_OK; i++) {
        char *to = final_name(item, item->files[i]);
        if (to && clv_path_look(to) == CLV_PATH_FOLDER)
            status = clv_outputs_check_folder(set, to);
        if (to && status == CLV_OK)
            status = clv_moves_add(moves, item->files[i], to, item->staged != NULL);
        free(to);
    }
    return status == CLV_OK ? retire_sidecars(set, item, moves) : status;
}

/* Where it lies now it is what it was. */
static clv_status open_again(clv_outputs *set, const clv_item *item)
{
    const clv_writer *w = item->writer;
    if (!w)
        return CLV_OK;
    clv_bands bands;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    const bool opened = clv_bands_open(item->final, w->band_count, &bands) && bands.count >= w->band_count;
    const bool fits = opened && (clv_creation_resamples(set->driver, clv_outputs_creation(set, w)) ||
                                 (bands.width == w->width && bands.height == w->height));
    clv_bands_close(&bands);
    clv_gdal_errors_end(&errors);
    if (fits)
        return CLV_OK;
    return clv_outputs_fail_write(set, item->path, "verification failed",
                                  opened ? "its size is wrong" : "it cannot be opened under its name");
}

/* ---- All of it -------------------------------------------------------------------------------------- */

static clv_status prepare(clv_outputs *set)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < set->count && status == CLV_OK; i++) {
        status = clv_check_cancel(set->ctx);
        if (status == CLV_OK && set->items[i]->writer)
            status = clv_writer_finish(set->items[i]->writer);
    }
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        status = verify(set, set->items[i], set->target || !is_converted(set, set->items[i]));
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        status = resample(set, set->items[i]);
    if (status == CLV_OK)
        status = clv_cube_copies_make(set);
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        status = convert(set, set->items[i]);
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        if (!set->items[i]->stream && !set->items[i]->poured)
            status = force_to_disk(set, set->items[i]);
    return status;
}

/* Files beside the main one that neither its name nor a known suffix covers. */
static clv_status guard_files(clv_outputs *set, clv_item *item)
{
    item->file_guards = clv_alloc_array((size_t)CSLCount(item->files), 1, sizeof *item->file_guards);
    if (!item->file_guards)
        return clv_fail_memory(set->ctx);
    for (int i = 1; item->files[i] && !item->staged; i++)
        item->file_guards[i] = clv_unfinished_add(item->files[i]);
    return CLV_OK;
}

static clv_status place_all(clv_outputs *set)
{
    clv_moves *moves = clv_moves_new(set->ctx, set->overwrite);
    clv_status status = moves ? CLV_OK : clv_fail_memory(set->ctx);
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        if (set->items[i]->stream && !set->items[i]->poured)
            status = send_item(set, set->items[i]);
    /* From here on a wish to stop comes too late: a few renames are faster than undoing them. */
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        if (!set->items[i]->stream && !set->items[i]->poured)
            status = plan_item(set, set->items[i], moves);
    if (status == CLV_OK && set->page)
        status = clv_new_folder_plan(set->page, moves);
    if (status == CLV_OK)
        status = clv_moves_run(moves);
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        if (!set->items[i]->stream && !set->items[i]->poured)
            status = open_again(set, set->items[i]);
    clv_moves_free(moves, status == CLV_OK);
    return status;
}

static void tidy_item(clv_item *item)
{
    if (item->staged)
        clv_temporary_remove_folder(item->staged); /* empty, or sent */
    else if (item->stream && !item->poured)
        clv_temporary_remove(item->files[0], true);
    if (!item->stream)
        force_folder_to_disk(item->final);
    clv_unfinished_done(item->guard);
    clv_unfinished_done(item->staged_guard);
    for (int i = 1; item->files[i]; i++)
        clv_unfinished_done(item->file_guards[i]);
    item->guard = item->staged_guard = NULL;
    free(item->file_guards);
    item->file_guards = NULL;
}

clv_status clv_outputs_prepare(clv_outputs *set)
{
    if (set->prepared)
        return CLV_OK;
    clv_status status = atomic_load(&set->failed) ? CLV_ERROR_WRITE : prepare(set);
    for (int i = 0; i < set->count && status == CLV_OK; i++)
        status = guard_files(set, set->items[i]);
    set->prepared = status == CLV_OK;
    if (status != CLV_OK) {
        atomic_store(&set->failed, true);
        clv_outputs_abandon(set);
    }
    return status;
}

double clv_outputs_bytes(const clv_outputs *set, int index)
{
    VSIStatBufL info;
    if (index < 0 || index >= set->count || !set->prepared || !set->items[index]->files)
        return 0;
    /* Published or not: one of the two names is there. */
    const clv_item *item = set->items[index];
    if (VSIStatL(set->published ? item->final : item->files[0], &info) != 0)
        return 0;
    return (double)info.st_size;
}

void clv_outputs_place_with(clv_outputs *set, clv_new_folder *folder)
{
    set->page = folder;
}

clv_status clv_outputs_publish(clv_outputs *set)
{
    if (set->published)
        return clv_fail(set->ctx, CLV_ERROR_INTERNAL, "outputs are published twice");
    clv_status status = clv_outputs_prepare(set);
    if (status != CLV_OK)
        return status;
    clv_unfinished_hold(); /* a signal's handler waits, for what is sent, too */
    status = place_all(set);
    clv_unfinished_release();
    if (status != CLV_OK) {
        atomic_store(&set->failed, true);
        clv_outputs_abandon(set);
        return status;
    }
    for (int i = 0; i < set->count; i++)
        tidy_item(set->items[i]);
    set->published = true;
    return CLV_OK;
}
