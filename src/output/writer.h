/* SPDX-License-Identifier: MIT
 *
 * writer: outputs that appear whole or not at all.
 *
 * Every output is written to a temporary sibling, closed, reopened and verified, and only then renamed to its name
 * (publish.c).
 * Outputs of one run belong to a clv_outputs set: clv_outputs_publish() verifies all of them first, then renames them;
 * freeing an unpublished set removes every temporary file. Temporary names are also kept in a registry for
 * clv_unlink_unfinished().
 *
 *     clv_outputs *set;
 *     clv_writer *w;
 *     if ((status = clv_outputs_new(ctx, &options.output, &set)) != CLV_OK) return status;
 *     clv_writer_create_like(set, "out/a.tif", series, t, &w);    // clone of the date's raster
 *     clv_writer_write(w, band, window, raw);                     // top to bottom, by rows of tiles
 *     clv_outputs_publish(set);                                   // close, convert (-of), verify, rename
 *     clv_outputs_free(set);
 *
 * Threads: different writers of a set may be used from different threads at the same time, one writer from one thread
 * at a time.
 */
#ifndef CLV_OUTPUT_WRITER_H
#define CLV_OUTPUT_WRITER_H

#include "output/new_folder.h"
#include "series/series.h"

typedef struct clv_outputs clv_outputs;
typedef struct clv_writer clv_writer;

/* Checks format, creation options and that the folder exists or can be made (created when it is a folder output).
 * Copies what it needs of the options. */
clv_status clv_outputs_new(clv_context *ctx, const clv_output_options *options, clv_outputs **out);
/* The same where the number of outputs is known: for more than one a name that ends in the extension of no raster
 * format is that of a folder. */
clv_status clv_outputs_new_for(clv_context *ctx, const clv_output_options *options, int outputs, clv_outputs **out);
void clv_outputs_free(clv_outputs *set);
/* -t_srs, -tap and what of the input's options goes with them (te, tr, r): rasters are resampled by
 * clv_outputs_publish(). */
clv_status clv_outputs_set_target_grid(clv_outputs *set, const clv_output_options *output,
                                       const clv_input_options *input);
/* Whether options.path is a folder (it exists as one, ends with a slash, or has no extension) rather than a file. */
bool clv_outputs_is_folder(const clv_outputs *set);
/* The file extension of the set's format ("tif"). */
const char *clv_outputs_extension(const clv_outputs *set);
/* DIR/stem[suffix].ext in the output folder; free(). When -o is a file, the first call gets that file, calls with
 * another suffix get a name beside it, and a second stem with the same suffix is an error. Checks that it is no input
 * of the series and, unless overwrite, that it does not exist. */
clv_status clv_outputs_name(clv_outputs *set, const clv_series *series, const char *stem, const char *suffix,
                            char **path);

/* CLV_ERROR_ARGUMENT when the path is a file that the series is made of. */
clv_status clv_outputs_forbid_input(clv_outputs *set, const clv_series *series, const char *path);
/* CLV_ERROR_ARGUMENT when an input of the series or an output lies in `folder`, which will be replaced as a whole;
 * option: what the message begins with. */
clv_status clv_outputs_forbid_folder(clv_outputs *set, const clv_series *series, const char *option,
                                     const char *folder);

/* Provenance item in the default domain of every output (e.g. CLEARVISION_METHOD=regression), best before pixels are
 * written: some drivers write their header a second time otherwise. */
clv_status clv_outputs_tag(clv_outputs *set, const char *key, const char *value);

/* A raster exactly where date t's input is: size, geotransform (GCPs/RPCs too), CRS, per-band type, nodata, scale,
 * offset, unit, description, colour interpretation, metadata (see metadata.h), date items. AUX bands are
 * copied from the input by clv_outputs_publish(). Only the date's own bands when the input holds several dates. */
clv_status clv_writer_create_like(clv_outputs *set, const char *path, clv_series *series, int t, clv_writer **out);
/* All dates in one raster: like the input when series->single_stack, else dates x bands on the first date's native grid
 * (an error naming the date whose grid or type differs). clv_writer_channel() tells the band of channel c of date t. */
clv_status clv_writer_create_stack(clv_outputs *set, const char *path, clv_series *series, clv_writer **out);
/* The 1-based output band that holds channel c of date t. Here and below a writer may be NULL: that of a date of which
 * a crop shows nothing. */
int clv_writer_channel(const clv_writer *writer, int t, int c);

typedef struct clv_product_band {
    const char *name;                 /* description */
    const char *const *categories;    /* NULL-terminated class names, or NULL */
    const unsigned char (*colors)[4]; /* RGBA of value 0 .. number of categories - 1, or NULL */
    bool has_nodata;
    double nodata;
    const char *unit;
    GDALColorInterp color; /* GCI_Undefined: grey for the first band, palette when there is one */
    double scale;          /* what a value is multiplied with to get the unit; 1 and 0: not written */
} clv_product_band;

/* A product of our own (mask, quality, probability) on `grid`; date may be NULL. */
clv_status clv_writer_create(clv_outputs *set, const char *path, const clv_grid *grid, GDALDataType type,
                             const clv_product_band *bands, int band_count, const clv_date *date, clv_writer **out);

/* raw: the band's own type, window.width x window.height. */
clv_status clv_writer_write(clv_writer *writer, int band, clv_rect window, const void *raw);
/* Pixels of the window that were filled (non-zero), for inputs with a per-dataset mask or an alpha band: what was
 * filled is valid in the copied mask. Does nothing for other outputs. */
clv_status clv_writer_filled(clv_writer *writer, clv_rect window, const uint8_t *filled);
/* For rasters that are read while they are written, and never published: copies AUX bands and mask of a window (inside
 * it, once) from the input, as clv_outputs_publish() does for the whole. */
clv_status clv_writer_copy_rest(clv_writer *writer, clv_rect window);
/* The raster itself, open for update. */
GDALDatasetH clv_writer_dataset(clv_writer *writer);
/* Takes the names of all temporary files (and the folder made for them) away where the system allows it, so that not
 * even a killed process leaves them behind. The set can only be freed afterwards. */
void clv_outputs_unlink_temporaries(clv_outputs *set);
/* Rows of the writer's tiles: windows of whole tile rows (full width, y and height multiples of it, the last one
 * shorter) go to the file at once, every tile compressed once; others wait in GDAL's block cache until their tile is
 * complete. */
int clv_writer_block_rows(const clv_writer *writer);
/* All of clv_outputs_publish() but the renaming: files are complete and verified, under their temporary names.
 * clv_outputs_publish() does it itself where it was not called. After a failure nothing is left. */
clv_status clv_outputs_prepare(clv_outputs *set);
/* Size of a prepared output's main file, 0 when it is not known. */
double clv_outputs_bytes(const clv_outputs *set, int index);
/* Copies AUX bands and masks, closes, verifies, converts, renames. After a failure nothing is left but what was there
 * before; the series must still be open. */
clv_status clv_outputs_publish(clv_outputs *set);
/* A folder that gets its name together with the outputs; it lives until they are published. NULL: none. */
void clv_outputs_place_with(clv_outputs *set, clv_new_folder *folder);
/* Number of outputs and the published path of each, in the order of creation. */
int clv_outputs_count(const clv_outputs *set);
const char *clv_outputs_path(const clv_outputs *set, int index);

/* ---- Temporary rasters of the working grid (masks between the stages, predictions for warped dates) ------ */
typedef struct clv_scratch clv_scratch;
/* A band-interleaved raster in the output folder's temporary space (CPL_TMPDIR when set); removed by free(). */
clv_status clv_scratch_new(clv_outputs *set, const clv_grid *grid, GDALDataType type, int bands, clv_scratch **out);
void clv_scratch_free(clv_scratch *scratch);
/* Thread-safe (serialised). band is 0-based. Never-written parts read as 0. */
clv_status clv_scratch_write(clv_scratch *scratch, int band, clv_rect window, const void *raw);
clv_status clv_scratch_read(clv_scratch *scratch, int band, clv_rect window, void *raw);
/* The dataset, for the warper; flush before use. */
GDALDatasetH clv_scratch_dataset(clv_scratch *scratch);

#endif
