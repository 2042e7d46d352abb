/* SPDX-License-Identifier: MIT
 *
 * clearvision: cloud-free Sentinel-2 time series.
 *
 * This header is the public C API; clearvision/view.h adds what GDAL's driver needs. It offers what the `clearvision`
 * commands do, as functions on file names and plain structs, and clv_fill() for arrays in memory:
 *
 *     clv_context *ctx = clv_context_new();
 *     clv_remove_options opt;
 *     clv_remove_options_init(&opt);
 *     opt.output.path = "out";
 *     const char *inputs[] = {"a_20220601.tif", "a_20220606.tif", "a_20220611.tif"};
 *     if (clv_remove(ctx, inputs, 3, &opt, NULL) != CLV_OK)
 *         fprintf(stderr, "%s\n", clv_context_error(ctx));
 *     clv_context_free(ctx);
 *
 * Ownership: the caller owns what it passes in; it must stay valid during the call. Strings handed out
 * through `char **` are freed with clv_free(). Every *_free accepts NULL.
 * Threads: a context serves one call at a time; clv_context_cancel() may be called from any thread and
 * from a signal handler. The library never prints, exits or installs signal handlers.
 * Versions: "since" marks say in which version something appeared; without a mark it is since 0.1. Until 1.0 a new
 * minor version may change the interface, a new patch version does not.
 */
#ifndef CLEARVISION_CLEARVISION_H
#define CLEARVISION_CLEARVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clearvision/version.h>

#if defined(CLV_BUILDING_SHARED) && defined(__GNUC__)
#define CLV_API __attribute__((visibility("default")))
#else
#define CLV_API
#endif

/* The result of a function that can fail is to be looked at. */
#if defined(__GNUC__)
#define CLV_MUST_USE __attribute__((warn_unused_result))
#else
#define CLV_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status (since 0.1) -------------------------------------------------------------------------- */

/* Result of every function that can fail. Values are never renumbered. */
typedef enum clv_status {
    CLV_OK = 0,
    CLV_ERROR_ARGUMENT = 1,    /* an option or argument is wrong or missing */
    CLV_ERROR_MEMORY = 2,      /* an allocation failed or would exceed a limit */
    CLV_ERROR_OPEN = 3,        /* an input cannot be opened */
    CLV_ERROR_READ = 4,        /* reading pixels failed */
    CLV_ERROR_WRITE = 5,       /* writing, verifying or renaming an output failed */
    CLV_ERROR_FORMAT = 6,      /* a file's content is not what it should be */
    CLV_ERROR_UNSUPPORTED = 7, /* valid, but not supported by this build or version */
    CLV_ERROR_MODEL = 8,       /* weights are missing, damaged or of the wrong kind */
    CLV_ERROR_EXISTS = 9,      /* an output exists and overwriting was not asked for */
    CLV_ERROR_CANCELLED = 10,  /* cancelled by the progress callback or clv_context_cancel() */
    CLV_ERROR_INTERNAL = 11    /* a bug: please report it */
} clv_status;

/* A short English name for a status, never NULL. */
CLV_API const char *clv_status_string(clv_status status);

/* The library's version, for example "0.1.0". */
CLV_API const char *clv_version(void);

/* ---- Context (since 0.1) ------------------------------------------------------------------------- */

typedef struct clv_context clv_context;

/* Same contract as GDALProgressFunc: complete in [0, 1]; return 0 to cancel. Called from one thread at a time. */
typedef int (*clv_progress_fn)(double complete, const char *message, void *user);

typedef enum clv_log_level { CLV_LOG_DEBUG = 0, CLV_LOG_INFO = 1, CLV_LOG_WARNING = 2 } clv_log_level;

/* Receives decisions (info), warnings and debug text; one line without a line end. Calls are serialised. */
typedef void (*clv_log_fn)(clv_log_level level, const char *message, void *user);

CLV_API clv_context *clv_context_new(void); /* NULL when out of memory */
CLV_API void clv_context_free(clv_context *ctx);
CLV_API void clv_context_set_progress(clv_context *ctx, clv_progress_fn fn, void *user);
CLV_API void clv_context_set_log(clv_context *ctx, clv_log_fn fn, void *user);
/* Worker threads; 0 (default): GDAL_NUM_THREADS when set, else the number of processors. */
CLV_API void clv_context_set_threads(clv_context *ctx, int threads);
/* Makes a running call return CLV_ERROR_CANCELLED soon. Async-signal-safe. */
CLV_API void clv_context_cancel(clv_context *ctx);
/* Text of the last error of this context, "" when there was none. Valid until the next call. */
CLV_API const char *clv_context_error(const clv_context *ctx);
/* Unlinks every unfinished output of this process. Async-signal-safe: for a second Ctrl-C. */
CLV_API void clv_unlink_unfinished(void);
CLV_API void clv_free(void *p);

/* ---- Options (since 0.1) ------------------------------------------------------------------------- */
/* Lists of strings are NULL-terminated arrays or NULL. Enums have int's size and their numbers never change.
 *
 * Always start with the *_init function: it sets the defaults, and `size` to the size of the struct that the program
 * was compiled with. Later versions add members at the end; members beyond `size` are left alone and get their
 * defaults, so a program that was compiled with an earlier version goes on working. A `size` of 0 (no *_init) or
 * beyond the struct of this version (a library older than the program) is CLV_ERROR_ARGUMENT. Structs within structs
 * do not grow. NULL in place of the options of a call means the defaults. */

/* How dates that do not lie on the series' grid are resampled, as GDAL does it. */
typedef enum clv_resampling {
    CLV_RESAMPLING_NEAR = 0,
    CLV_RESAMPLING_BILINEAR = 1,
    CLV_RESAMPLING_CUBIC = 2,
    CLV_RESAMPLING_CUBICSPLINE = 3,
    CLV_RESAMPLING_LANCZOS = 4,
    CLV_RESAMPLING_AVERAGE = 5
} clv_resampling;

typedef enum clv_mask_mode { CLV_MASK_JOIN = 0, CLV_MASK_REPLACE = 1 } clv_mask_mode;

/* How inputs are read; every member overrides a detection (see clearvision-info(1)). */
typedef struct clv_input_options {
    const int *bands;         /* -b: 1-based band numbers of red, green, blue[, NIR]; NULL = detect */
    int band_count;           /* 0, 3 or 4 */
    double in_scale;          /* -in_scale: reflectance = DN * scale + offset; NaN = detect */
    double in_offset;         /* -in_offset: in reflectance (e.g. -0.1); NaN = detect */
    const char *const *dates; /* -date: one per date of the series, in input order: YYYY-MM-DD */
    const char *srcnodata;    /* -srcnodata: a number, "nan" or "none"; NULL = detect */
    const char *ref;          /* -ref: raster whose grid the series is put on; NULL = first input */
    double tr; /* -tr: working and output pixel size in metres; 0 = 20 m when finer, output on the input's grid */
    clv_resampling resampling;  /* -r (default bilinear) */
    const char *const *masks;   /* -mask: one raster per input, non-zero = not observed */
    const char *const *scls;    /* -scl: one Sen2Cor scene classification per input; "none": not the product's either */
    clv_mask_mode mask_mode;    /* -mask_mode */
    const char *const *drivers; /* -if: GDAL drivers tried on inputs, masks, -ref; NULL = all */
    const char *const *open_options; /* -oo: K=V, handed to the driver that opens them */
    const char *overview;            /* -ovr: inputs are seen through this overview: "0" (finest) .., "AUTO" (the
                                        coarsest that is no coarser than tr), "NONE"; NULL = NONE */
    /* At most one crop; four numbers, or NULL. Outputs are the pixels of each date's native grid that it touches. */
    const double *te;        /* -te: xmin, ymin, xmax, ymax in te_srs */
    const char *te_srs;      /* -te_srs: any text that names a CRS; NULL = the reference's */
    const double *projwin;   /* -projwin: ulx, uly, lrx, lry in projwin_srs */
    const char *projwin_srs; /* -projwin_srs; NULL = the reference's */
    const double *srcwin;    /* -srcwin: xoff, yoff, xsize, ysize in pixels of the reference's native grid */
    /* Since 0.2. */
    const char *fill_bands; /* -fill_bands: bands that are filled beside red, green, blue and NIR: numbers or names with
                               commas, "all", "reflectance"; NULL = "reflectance" */
    /* Since 0.2: in_scale and in_offset date by date, in input order as dates; NaN = detect. One value is for all
     * dates. Where there are some, in_scale or in_offset is not looked at. */
    const double *in_scales;  /* -in_scale given several times: [in_scale_count]; NULL = none */
    int in_scale_count;       /* 0, 1 or the number of dates */
    const double *in_offsets; /* -in_offset given several times: [in_offset_count]; NULL = none */
    int in_offset_count;      /* 0, 1 or the number of dates */
} clv_input_options;

/* What becomes of what a date shows under haze. */
typedef enum clv_haze {
    CLV_HAZE_KEEP = 0, /* it is observed */
    CLV_HAZE_FILL = 1  /* it is cloud */
} clv_haze;

/* Stage 1. */
typedef struct clv_detect_settings {
    const char *model;       /* -detect_model: file or name in the model path; NULL = "detect" */
    double threshold;        /* -threshold: probability from which a pixel is cloud (default 0.5) */
    double shadow_threshold; /* -shadow_threshold: the same for shadow (default 0.5) */
    int dilate;              /* -dilate N: pixels of the working grid added around cloud and shadow; negative (the
                                default): dilate_m says how much */
    /* Since 0.2. */
    clv_haze haze;   /* -haze (default CLV_HAZE_FILL) */
    bool no_review;  /* -no_review: what the network calls cloud or shadow stays so where other dates show the same */
    double dilate_m; /* -dilate Nm: the same in metres, rounded to whole pixels of the working grid (default 40); not
                        looked at where dilate says pixels. Pixels without georeference count as 20 m */
} clv_detect_settings;

/* Where the networks run. */
typedef enum clv_device {
    CLV_DEVICE_AUTO = 0, /* the first CUDA device, else the CPU */
    CLV_DEVICE_CPU = 1,
    CLV_DEVICE_CUDA = 2
} clv_device;

/* Arithmetic of the networks. */
typedef enum clv_precision {
    CLV_PRECISION_AUTO = 0, /* what is quickest on the device without loss that can be seen */
    CLV_PRECISION_FP32 = 1,
    CLV_PRECISION_BF16 = 2,
    CLV_PRECISION_FP16 = 3 /* CUDA devices only */
} clv_precision;

/* The machine. */
typedef struct clv_compute_options {
    clv_device device;       /* -device */
    int device_index;        /* of a CUDA device: 0 is the first one (the N of cuda:N) */
    clv_precision precision; /* -precision */
    double memory_mb;        /* -mem: buffers' budget in MB; 0 = a quarter of the machine's memory, at most 1000 */
} clv_compute_options;

/* What is written and how. */
typedef struct clv_output_options {
    const char *path;            /* -o: folder, or file with stack or a single date */
    const char *format;          /* -of: GDAL driver; NULL = from the extension, else GTiff */
    const char *const *creation; /* -co: K=V */
    bool overwrite;              /* -overwrite */
    const char *const *metadata; /* -mo: K=V items for the default domain of every raster */
    bool no_metadata;            /* -nomd: the inputs' metadata is left out (bands keep their names, dates stay) */
    const char *a_srs;           /* -a_srs: CRS to write down instead of the input's, without changing a pixel */
    const char *t_srs;           /* -t_srs: CRS onto which every output is resampled at the end; NULL = none */
    bool tap;                    /* -tap: the outputs' bounds are multiples of the pixel size (input.tr) */
} clv_output_options;

/* How the ground under clouds is predicted. Only CLEAR needs weights. */
typedef enum clv_method {
    CLV_METHOD_AUTO = 0,       /* the best that is there: GAUSSIAN, or CLEAR when a model is named */
    CLV_METHOD_CLEAR = 1,      /* a network on top of GAUSSIAN */
    CLV_METHOD_GAUSSIAN = 2,   /* from how all dates and bands go together */
    CLV_METHOD_REGRESSION = 3, /* each date on all others */
    CLV_METHOD_LINEAR = 4      /* interpolation in time */
} clv_method;

typedef struct clv_info_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_input_options input;
    bool cloud_share; /* estimate the share of cloud of every date from a sample of its pixels (default true) */
} clv_info_options;

typedef struct clv_detect_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_input_options input;
    clv_detect_settings detect;
    clv_compute_options compute;
    clv_output_options output;
    bool probability; /* -prob: write probabilities (Float32, bands cloud and shadow) instead of classes */
} clv_detect_options;

typedef struct clv_remove_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_input_options input;
    clv_detect_settings detect;
    clv_compute_options compute;
    clv_output_options output;
    clv_method method;   /* -method */
    const char *model;   /* -model: stage-2 weights: file or name in the model path; NULL = "remove" */
    int window;          /* -window: dates looked at together (default 15) */
    bool stack;          /* -stack: one file with all dates as bands */
    bool full;           /* -full: the prediction everywhere, not only in the gaps */
    bool quality;        /* -quality: NAME_quality.tif beside each output */
    bool masks;          /* -masks: NAME_mask.tif beside each output */
    bool keep_nodata;    /* -keep_nodata: fill clouds only, leave the input's nodata */
    const char *preview; /* -preview: PNG with before, mask and after of all dates; NULL = none */
    const char *report;  /* -report: folder for a page (index.html) that shows all dates; NULL = none */
} clv_remove_options;

typedef struct clv_simulate_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_output_options output;
    uint64_t seed;      /* -seed (default 1) */
    int dates;          /* -dates (default 8) */
    int width, height;  /* -size, pixels (default 384 384) */
    double pixel_size;  /* -tr, metres (default 20) */
    double cloud_share; /* -clouds: share of clouded pixels wanted over the whole series (default 0.3) */
    bool nir;           /* -nir: a fourth band B08 (default true) */
} clv_simulate_options;

/* How pixels and dates are chosen for an evaluation: U-TILISE's rules, or those of SEED (cubes, all pixels pooled). */
typedef enum clv_protocol { CLV_PROTOCOL_UTILISE = 0, CLV_PROTOCOL_POOLED = 1 } clv_protocol;

/* Which sequences of a training set: all, those to train on, those held out. */
typedef enum clv_split { CLV_SPLIT_ALL = 0, CLV_SPLIT_TRAIN = 1, CLV_SPLIT_HOLD = 2 } clv_split;

/* What a non-zero label means. */
typedef enum clv_labels_kind {
    CLV_LABELS_AUTO =
        0, /* EarthNet's quality mask: cloud or shadow or bad; others: cloud, and shadow where they know it */
    CLV_LABELS_CLOUD = 1,  /* cloud, and shadow where they know it (scene classifications) */
    CLV_LABELS_FLAGGED = 2 /* cloud or shadow, one class */
} clv_labels_kind;

typedef struct clv_evaluate_detect_options {
    size_t size;             /* set by the *_init function; first in every version */
    clv_input_options input; /* masks or scls: the labels; cubes have their own */
    clv_detect_settings detect;
    clv_compute_options compute;
    clv_protocol protocol;  /* -protocol */
    clv_labels_kind labels; /* -labels */
    bool each;              /* -each: every input by itself, not one series (cubes always are) */
    const char *report;     /* -report: folder for a page (index.html) with tables, charts, pictures; NULL = none */
    bool overwrite;         /* -overwrite: replace the page of a folder that exists */
    /* Since 0.2. */
    const char *grounds; /* -grounds: list of grounds to measure on, instead of inputs; NULL = none */
    uint64_t seed;       /* -seed: of what is made for them (1) */
} clv_evaluate_detect_options;

typedef struct clv_evaluate_remove_options {
    size_t size;             /* set by the *_init function; first in every version */
    clv_input_options input; /* masks or scls: what is cloud; cubes have their own, else stage 1 finds it */
    clv_detect_settings detect;
    clv_compute_options compute;
    clv_protocol protocol;      /* -protocol */
    uint64_t seed;              /* -seed: the same seed, the same gaps */
    const char *const *methods; /* -method: last next closest median linear regression gaussian model; NULL = all */
    const char *model;          /* -model: stage-2 weights for the method "model"; NULL = none */
    const char *const *shapes;  /* -shapes: rasters of cloud masks, each band one; NULL = the inputs' own */
    bool whole_frames;          /* -whole_frames: a third of the masked frames shows nothing */
    bool consecutive;           /* -consecutive: the masked frames follow one another */
    const char *const *places;  /* -place: of a training set only these; NULL = all */
    clv_split split;            /* -split: of a training set only these sequences */
    int window;                 /* -window: dates looked at together (15) */
    const char *report;         /* -report: folder for a page (index.html) with tables, charts, pictures; NULL = none */
    bool overwrite;             /* -overwrite: replace the page of a folder that exists */
    /* Since 0.2. */
    bool end_to_end; /* -end_to_end: clouds are laid on clear dates, found, filled, and all pixels compared */
} clv_evaluate_remove_options;

typedef struct clv_prepare_options {
    size_t size;                /* set by the *_init function; first in every version */
    clv_detect_settings detect; /* for series whose clouds the network finds; dilate also for scene classifications */
    clv_compute_options compute;
    clv_output_options output; /* path: the training set (.safetensors) */
    int stride;                /* -stride: pixels from one window to the next (default 128) */
    int clear_dates;           /* -clear_dates: a window is kept from so many clear dates on (default 5) */
} clv_prepare_options;

typedef struct clv_train_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_compute_options compute;
    clv_output_options output; /* path: the weights file (.safetensors) */
    uint64_t seed;             /* -seed */
    int steps;                 /* -steps */
    double minutes;            /* -minutes: stop after this time; 0 = no limit */
    int batch;                 /* -batch */
    double learning_rate;      /* -lr; 0 = what suits the network */
    int every;                 /* -every: steps between measurements of what is held out */
    int patience;              /* -patience: measurements without a better one after which training stops; 0 = never */
    const char *init;          /* -init: weights to begin with */
    const char *resume;        /* -resume: checkpoint to go on from */
    const char *checkpoint;    /* -checkpoint: file written every few minutes */
    const char *log;           /* -log: table of the losses (CSV), with a chart beside it (SVG) */
    const char *licence;       /* -licence: written into the weights' metadata */
} clv_train_options;

typedef struct clv_train_remove_options {
    size_t size; /* set by the *_init function; first in every version */
    clv_train_options train;
    const char *preset;         /* -preset: clear | reference | wide */
    const char *settings;       /* -settings: further settings of network and training, JSON */
    int side;                   /* -side: pixels of a training window, a multiple of 8, at most 128 */
    const char *const *without; /* -without: places of the training set to leave out, ended by NULL; or NULL */
} clv_train_remove_options;

/* For clv_fill(). */
typedef struct clv_fill_options {
    size_t size;       /* set by the *_init function; first in every version */
    clv_method method; /* AUTO (GAUSSIAN), GAUSSIAN, REGRESSION or LINEAR (default AUTO) */
    int threads;       /* worker threads of this call; 0 = as set by clv_context_set_threads() (default 0) */
    double memory_mb;  /* buffers' budget in MB; 0 = a quarter of the machine's memory, at most 1000 (default 0) */
} clv_fill_options;

/* The *_init functions set the size that the calling program knows; other languages call *_init_size with the size of
 * their own struct. */
CLV_API void clv_info_options_init_size(clv_info_options *options, size_t size);
CLV_API void clv_detect_options_init_size(clv_detect_options *options, size_t size);
CLV_API void clv_remove_options_init_size(clv_remove_options *options, size_t size);
CLV_API void clv_simulate_options_init_size(clv_simulate_options *options, size_t size);
CLV_API void clv_evaluate_detect_options_init_size(clv_evaluate_detect_options *options, size_t size);
CLV_API void clv_evaluate_remove_options_init_size(clv_evaluate_remove_options *options, size_t size);
CLV_API void clv_prepare_options_init_size(clv_prepare_options *options, size_t size);
CLV_API void clv_train_detect_options_init_size(clv_train_options *options, size_t size);
CLV_API void clv_train_remove_options_init_size(clv_train_remove_options *options, size_t size);
CLV_API void clv_fill_options_init_size(clv_fill_options *options, size_t size);

static inline void clv_info_options_init(clv_info_options *options)
{
    clv_info_options_init_size(options, sizeof *options);
}
static inline void clv_detect_options_init(clv_detect_options *options)
{
    clv_detect_options_init_size(options, sizeof *options);
}
static inline void clv_remove_options_init(clv_remove_options *options)
{
    clv_remove_options_init_size(options, sizeof *options);
}
static inline void clv_simulate_options_init(clv_simulate_options *options)
{
    clv_simulate_options_init_size(options, sizeof *options);
}
static inline void clv_evaluate_detect_options_init(clv_evaluate_detect_options *options)
{
    clv_evaluate_detect_options_init_size(options, sizeof *options);
}
static inline void clv_evaluate_remove_options_init(clv_evaluate_remove_options *options)
{
    clv_evaluate_remove_options_init_size(options, sizeof *options);
}
static inline void clv_prepare_options_init(clv_prepare_options *options)
{
    clv_prepare_options_init_size(options, sizeof *options);
}
static inline void clv_train_detect_options_init(clv_train_options *options)
{
    clv_train_detect_options_init_size(options, sizeof *options);
}
static inline void clv_train_remove_options_init(clv_train_remove_options *options)
{
    clv_train_remove_options_init_size(options, sizeof *options);
}
static inline void clv_fill_options_init(clv_fill_options *options)
{
    clv_fill_options_init_size(options, sizeof *options);
}

/* ---- Calls (since 0.1) --------------------------------------------------------------------------- */
/* `inputs`: GDAL dataset names, Sentinel-2 products, files of one band each, folders and archives of these, EarthNet
 * cubes (.npz, .nc), or text files that name inputs (one a line); see clearvision-info(1).
 * `json` (may be NULL): receives a JSON object with the machine-readable result; free with clv_free(). */

/* What the series is made of, how it was understood, and whether it suits. Loads no network. */
CLV_MUST_USE CLV_API clv_status clv_info(clv_context *ctx, const char *const *inputs, int count,
                                         const clv_info_options *options, char **json);
/* Stage 1: a mask raster per date. */
CLV_MUST_USE CLV_API clv_status clv_detect(clv_context *ctx, const char *const *inputs, int count,
                                           const clv_detect_options *options, char **json);
/* Stages 1 and 2: the series without clouds. */
CLV_MUST_USE CLV_API clv_status clv_remove(clv_context *ctx, const char *const *inputs, int count,
                                           const clv_remove_options *options, char **json);
/* A believable georeferenced series with clouds, its truth and its masks; the same seed gives the same bytes. */
CLV_MUST_USE CLV_API clv_status clv_simulate(clv_context *ctx, const clv_simulate_options *options, char **json);
/* How well stage 1 agrees with known masks: F1 of cloud, clear and shadow, precision and recall of cloud, over all
 * pixels and by place (see clearvision-evaluate-detect(1)). The masks are not shown to the network. */
CLV_MUST_USE CLV_API clv_status clv_evaluate_detect(clv_context *ctx, const char *const *inputs, int count,
                                                    const clv_evaluate_detect_options *options, char **json);
/* How well the ground under clouds is predicted: real cloud shapes are laid on clear dates and every method fills them
 * (see clearvision-evaluate-remove(1)). The input may also be one training set, as clv_prepare writes it. */
CLV_MUST_USE CLV_API clv_status clv_evaluate_remove(clv_context *ctx, const char *const *inputs, int count,
                                                    const clv_evaluate_remove_options *options, char **json);
/* Cuts series, EarthNet cubes and single pictures into the training set of stage 2. `inputs`: training lists (see
 * clearvision-prepare(1)) and cubes. A run that was interrupted goes on where it stopped (folder PATH.part). */
CLV_MUST_USE CLV_API clv_status clv_prepare(clv_context *ctx, const char *const *inputs, int count,
                                            const clv_prepare_options *options, char **json);
/* Trains stage 1 on the series, labels and pairs that the text files `inputs` name (see clearvision-train-detect(1)).
 */
CLV_MUST_USE CLV_API clv_status clv_train_detect(clv_context *ctx, const char *const *inputs, int count,
                                                 const clv_train_options *options, char **json);
/* Trains stage 2 on a training set that clv_prepare wrote; needs no GDAL driver and no picture. */
CLV_MUST_USE CLV_API clv_status clv_train_remove(clv_context *ctx, const char *const *inputs, int count,
                                                 const clv_train_remove_options *options, char **json);

/* ---- Arrays (since 0.1) -------------------------------------------------------------------------- */

/* Fills what was not observed in a series that lies in memory; neither GDAL nor files are used. The pixels are those
 * that clv_remove() computes for the same reflectance, masks and dates on its working grid: the same windows of 128 x
 * 128 pixels with their surroundings, the same blending, the same window of 15 dates that slides in time over longer
 * series. Pixels of about 20 m and 5 to 10 dates suit best.
 *
 *     clv_fill_options options;
 *     clv_fill_options_init(&options);
 *     if (clv_fill(ctx, 6, 4, 256, 256, reflectance, clouds, days, &options, reflectance, NULL, NULL) != CLV_OK)
 *         fprintf(stderr, "%s\n", clv_context_error(ctx));
 *
 * Arrays are contiguous, the last axis the fastest:
 *   reflectance [dates, bands, height, width]: surface reflectance, 0 to 1 for most land. Bands in the order red,
 *               green, blue, near infrared, others; fewer are possible. A pixel of a date with NaN or infinity in any
 *               band was not observed at that date: then all its bands are filled.
 *   mask        [dates, height, width]: non-zero = not observed, whatever the reflectance is there; NULL = none.
 *   days        [dates]: days from any origin to the acquisition, strictly ascending. (clv_remove() counts the time of
 *               day, too, where the files tell it.)
 *   out         [dates, bands, height, width]: what was observed is the input's, bit for bit; what was filled lies in
 *               [0, 1.5]. May be the array `reflectance` itself, but must not overlap it otherwise.
 *   source      NULL or [dates, height, width]: 1 observed, 2 filled and observed at another date, 3 predicted from the
 *               surroundings because no date shows this ground (as band 1 of the quality raster).
 *   deviation   NULL or [dates, height, width]: standard deviation in reflectance of the first three bands; 0 where
 *               observed, NaN where unknown (always with REGRESSION and LINEAR).
 * The result depends neither on the number of threads nor on the budget. Besides the buffers, a byte for each pixel
 * and date is taken. Progress and cancellation are the context's.
 *
 * Errors: CLV_ERROR_ARGUMENT: fewer than 2 dates, more than 64 bands or none, fewer than 16 x 16 pixels, sizes too
 * large to address, days that do not ascend, nothing observed at any date, an array that is missing, wrong options;
 * CLV_ERROR_UNSUPPORTED: method CLEAR; CLV_ERROR_MEMORY; CLV_ERROR_CANCELLED. After an error the contents of out,
 * source and deviation are undefined. Since 0.1. */
CLV_MUST_USE CLV_API clv_status clv_fill(clv_context *ctx, int dates, int bands, int height, int width,
                                         const float *reflectance, const uint8_t *mask, const int32_t *days,
                                         const clv_fill_options *options, float *out, uint8_t *source,
                                         float *deviation);

#ifdef __cplusplus
}
#endif
#endif
