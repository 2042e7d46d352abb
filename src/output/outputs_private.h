/* SPDX-License-Identifier: MIT
 *
 * outputs_private: what outputs.c, create_like.c, writer.c, conversion.c, publish.c and preview.c share about a set of
 * outputs.
 *
 * An item is one output: the name it was asked for under, the file it will replace, and the temporary file it is now.
 * The set owns its items and their writers; the lock guards the lists, not the items themselves.
 */
#ifndef CLV_OUTPUT_OUTPUTS_PRIVATE_H
#define CLV_OUTPUT_OUTPUTS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <ogr_srs_api.h>

#include "output/cube_copy.h"
#include "output/writer.h"
#include "raster/creation.h"
#include "raster/paths.h"
#include "raster/reproject.h"
#include "base/unfinished.h"

typedef struct clv_item {
    char *path;      /* as asked for; what clv_outputs_path() gives */
    char *final;     /* where it goes: links are resolved, so that a link stays a link */
    bool stream;     /* bytes are sent to it at the end */
    char *temporary; /* complete or not, never under its final name */
    clv_unfinished *guard;
    char *staged; /* hidden folder with the same in the set's format, when that is made from the temporary one */
    clv_unfinished *staged_guard;
    char **files;                 /* CSL: what makes up the verified result, the main one first; folders too (Zarr) */
    clv_unfinished **file_guards; /* for files that no guard above covers (ENVI's .hdr) */
    bool poured;                  /* a date of a cube that comes back whole: goes into that item's file */
    clv_writer *writer;           /* NULL: somebody else wrote the temporary file and closed it */
} clv_item;

typedef struct clv_probe clv_probe;

struct clv_outputs {
    clv_context *ctx;
    pthread_mutex_t lock;
    char *path;
    bool folder;                   /* path is one, or will be made as one */
    char *file_stem, *file_suffix; /* of the output that got the name of a file -o; NULL before */
    bool overwrite;
    GDALDriverH driver, gtiff;
    char **creation;                 /* -co */
    char **lossless;                 /* those of them that change no pixel: masks and classes must not be rounded */
    char **tags;                     /* provenance, and the user's own (-mo) */
    clv_target *target;              /* -t_srs, -tap; NULL = none */
    OGRSpatialReferenceH target_srs; /* -t_srs, NULL = the input's */
    clv_probe *probes;               /* what the driver can hold, see conversion.h */
    clv_cube_copies *copies;         /* cubes that come back as they were, NULL = none */
    bool no_metadata;
    OGRSpatialReferenceH a_srs; /* -a_srs, NULL = the input's */
    char **named;               /* paths handed out by clv_outputs_name or reserved: two outputs must not share one */
    clv_item **items;
    int count, capacity;
    const clv_series *known;          /* the series whose files are known as inputs */
    char **made_folders, **made_tops; /* for undoing */
    clv_new_folder *page;             /* gets its name together with them; NULL = none */
    atomic_bool failed;
    bool prepared, published;
};

/* One band of an output. */
typedef struct clv_output_band {
    GDALDataType type; /* of the values given to clv_writer_write */
    int source_date;   /* AUX band copied from this date's dataset at the end; -1: written by the caller */
    int source_index;
    double pixels; /* written so far: a hole would read as 0 without any error */
    uint64_t sum;  /* of them, see pixel_sum.h */
} clv_output_band;

struct clv_writer {
    clv_outputs *set;
    clv_item *item;
    clv_series *series; /* NULL for products */
    GDALDatasetH dataset;
    int width, height, band_count, block_width, block_height;
    GDALDataType type;
    clv_output_band *bands;
    int dates, channels; /* channel_band[t * channels + c]; one date: t is ignored */
    int *channel_band;
    int only_date;    /* the date of a like-output, -1 for a stack */
    bool copies_mask; /* the per-dataset mask of the input is copied at the end */
    int alpha_band;   /* output band that is the input's alpha, 0 = none */
    clv_creation_shape shape;
    const clv_probe *probe; /* NULL: needs no conversion */
    bool resampled;         /* the file holds other pixels than were written */
    GDALColorInterp *colors;
    void *tile;
    OGRSpatialReferenceH crs; /* what verification expects; NULL = none */
};

/* Checks the path, makes its folder, creates the temporary file and registers both. series may be NULL. extension: of
 * the temporary file. The item belongs to the set. */
clv_status clv_outputs_reserve(clv_outputs *set, const char *path, const clv_series *series, const char *extension,
                               clv_item **out);
/* The driver's main file has another extension than was asked for. Under the set's lock. */
clv_status clv_item_rename(clv_outputs *set, clv_item *item, const char *extension);
/* CLV_ERROR_WRITE with the text and the set marked as failed: nobody writes on after the first error. */
clv_status clv_outputs_fail_write(clv_outputs *set, const char *path, const char *what, const char *why);
/* CLV_ERROR_ARGUMENT when an input lies in the folder, which will be replaced as a whole; CLV_ERROR_EXISTS when a
 * file lies in it that is no part of the raster. Under the lock, or by the
 * thread that publishes. */
clv_status clv_outputs_check_folder(clv_outputs *set, const char *folder);
/* Removes everything temporary and the folders made for it. */
void clv_outputs_abandon(clv_outputs *set);
/* A temporary file's folder for scratch rasters: the output's, CPL_TMPDIR when set. free(). */
clv_status clv_outputs_scratch_folder(clv_outputs *set, char **folder);

/* The creation options for a writer: all of the user's for pictures, the lossless ones for products of our own. */
const char *const *clv_outputs_creation(const clv_outputs *set, const clv_writer *writer);

/* Creation options so that the reader at the other end of a pipe can take the bytes as they come; the user's stand. */
clv_status clv_outputs_stream(clv_outputs *set);

/* Copies AUX bands and mask, flushes and closes. */
clv_status clv_writer_finish(clv_writer *writer);
/* The pixel sums of all bands as written, [band_count]; NULL when they are not known (or memory is out). free() */
uint64_t *clv_writer_sums(const clv_writer *writer);
/* Closes without caring for the content; the file has been unlinked. */
void clv_writer_abandon(clv_writer *writer);
void clv_writer_free(clv_writer *writer);

/* Removes a temporary file, its sidecars, and whatever a driver put beside it under the same name. */
void clv_temporary_remove(const char *path, bool look_around);

#endif
