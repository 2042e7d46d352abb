/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stddef.h>
#include <string.h>

#include "gapfill/methods.h"
#include "serve/serve.h"

enum {
    INFO = CLV_COMMAND_INFO,
    DETECT = CLV_COMMAND_DETECT,
    REMOVE = CLV_COMMAND_REMOVE,
    SIMULATE = CLV_COMMAND_SIMULATE,
    TRAIN_REMOVE = CLV_COMMAND_TRAIN_REMOVE,
    TRAIN = CLV_COMMAND_TRAIN_DETECT | TRAIN_REMOVE,
    PREPARE = CLV_COMMAND_PREPARE,
    SERVE = CLV_COMMAND_SERVE,
    EVALUATE_DETECT = CLV_COMMAND_EVALUATE_DETECT,
    EVALUATE_REMOVE = CLV_COMMAND_EVALUATE_REMOVE,
    SERIES = INFO | DETECT | REMOVE | EVALUATE_DETECT | EVALUATE_REMOVE,   /* read a series */
    FINDS = DETECT | REMOVE | EVALUATE_DETECT | EVALUATE_REMOVE | PREPARE, /* run stage 1 */
    WRITES = DETECT | REMOVE | SIMULATE,                                   /* write rasters */
    ALL = SERIES | SIMULATE | TRAIN | PREPARE
};

static const char *const haze_choices[] = {"keep", "fill", NULL};
static const char *const mask_modes[] = {"join", "replace", NULL};
static const char *const protocols[] = {"utilise", "pooled", NULL}, *const old_protocols[] = {NULL, "seed"};
static const char *const splits[] = {"all", "train", "hold", NULL};
static const char *const label_kinds[] = {"auto", "cloud", "flagged", NULL};
static const char *const resamplings[] = {"near", "bilinear", "cubic", "cubicspline", "lanczos", "average", NULL};
static const char *const devices[] = {"auto", "cpu", "cuda", NULL};
static const char *const precisions[] = {"auto", "fp32", "bf16", "fp16", NULL};
static const char *const formats[] = {"GTiff", "COG", "VRT", "PNG", "JP2OpenJPEG", "CLEARVISION", NULL};
static const char *const read_formats[] = {"GTiff",     "COG",  "VRT",    "PNG",  "JP2OpenJPEG",
                                           "SENTINEL2", "ENVI", "netCDF", "Zarr", NULL};
static const char *const overviews[] = {"AUTO", "NONE", "0", "1", "2", "3", NULL};
static const char *const remove_models[] = {"remove", "remove-reference", NULL};
static const char *const detect_models[] = {"detect", NULL};
static const char *const tr_words[] = {"input", NULL};

#define IN(member) CLV_SECTION_INPUT, .offset = offsetof(clv_input_options, member)
#define DET(member) CLV_SECTION_DETECT, .offset = offsetof(clv_detect_settings, member)
#define COMPUTE(member) CLV_SECTION_COMPUTE, .offset = offsetof(clv_compute_options, member)
#define OUT(member) CLV_SECTION_OUTPUT, .offset = offsetof(clv_output_options, member)
#define CLI(member) CLV_SECTION_CLI, .offset = offsetof(clv_cli_options, member)
#define TRAIN_OWN(member) CLV_SECTION_TRAIN, .offset = offsetof(clv_train_options, member)
#define OWN(type, member) CLV_SECTION_COMMAND, .offset = offsetof(type, member)

static const clv_option table[] = {
    /* ---- What is written ---- */
    {{"o", "output"},
     CLV_OPTION_STRING,
     OUT(path),
     .commands = DETECT | REMOVE,
     .argument = "DIR",
     .file = true,
     .help = "Folder for the results, made when it is not there; each is named after its input. One result alone (a "
             "mask of one date, -stack) may have a file's name, and \"-\" writes it to standard output. For several "
             "results a name is a folder's unless it ends as a raster's file does: clear_v1.2 is, clear.tif is not."},
    {{"o", "output"},
     CLV_OPTION_STRING,
     OUT(path),
     .commands = SIMULATE,
     .argument = "DIR",
     .file = true,
     .help = "Folder for the series, made when it is not there."},
    {{"o", "output"},
     CLV_OPTION_STRING,
     OUT(path),
     .commands = TRAIN,
     .argument = "FILE",
     .file = true,
     .help = "Weights file to write (.safetensors)."},
    {{"o", "output"},
     CLV_OPTION_STRING,
     OUT(path),
     .commands = PREPARE,
     .argument = "FILE",
     .file = true,
     .help = "Training set to write (.safetensors). Until it is whole, what is done lies in the folder FILE.part."},
    {{"of", "output-format", "format", "f"},
     CLV_OPTION_STRING,
     OUT(format),
     .commands = REMOVE,
     .argument = "FORMAT",
     .choices = formats,
     .open_choices = true,
     .help =
         "Short name of a GDAL driver, such as GTiff or COG. VRT: parts, with which a run that was stopped goes on. "
         "CLEARVISION: small files whose pixels are computed when they are read. netCDF: netCDF cubes come back as "
         "they "
         "were, their gaps filled.",
     .default_text = "from the file name's extension, else GTiff"},
    {{"of", "output-format", "format", "f"},
     CLV_OPTION_STRING,
     OUT(format),
     .commands = WRITES & ~REMOVE,
     .argument = "FORMAT",
     .choices = formats,
     .open_choices = true,
     .help = "Short name of a GDAL driver, such as GTiff or COG.",
     .default_text = "from the file name's extension, else GTiff"},
    {{"co", "creation-option"},
     CLV_OPTION_STRINGS,
     OUT(creation),
     .commands = WRITES,
     .argument = "NAME=VALUE",
     .help = "Creation option of the output driver. Repeatable."},
    {{"overwrite"},
     CLV_OPTION_FLAG,
     OUT(overwrite),
     .commands = WRITES | TRAIN | PREPARE,
     .help = "Replace outputs that exist. Without it an existing output is an error."},
    {{"mo"},
     CLV_OPTION_STRINGS,
     OUT(metadata),
     .commands = DETECT | REMOVE,
     .advanced = true,
     .argument = "NAME=VALUE",
     .help = "Metadata item for every raster that is written. Repeatable."},
    {{"nomd"},
     CLV_OPTION_FLAG,
     OUT(no_metadata),
     .commands = DETECT | REMOVE,
     .advanced = true,
     .help = "Leave the inputs' metadata out. Names of bands, dates and what we add stay."},
    {{"a_srs"},
     CLV_OPTION_STRING,
     OUT(a_srs),
     .commands = DETECT | REMOVE,
     .advanced = true,
     .argument = "SRS",
     .help = "Coordinate system to write down in place of the input's; no pixel moves."},
    {{"t_srs"},
     CLV_OPTION_STRING,
     OUT(t_srs),
     .commands = DETECT | REMOVE,
     .argument = "SRS",
     .help =
         "Coordinate system of what is written: at the end every raster is resampled once (-r; masks and quality by "
         "the "
         "nearest pixel), observed pixels too. Pixels are of the size of -tr (in units of that system), else of the "
         "size that GDAL suggests."},
    {{"tap"},
     CLV_OPTION_FLAG,
     OUT(tap),
     .commands = DETECT | REMOVE,
     .advanced = true,
     .help = "Resample at the end so that the bounds are multiples of -tr."},
    {{"stack"},
     CLV_OPTION_FLAG,
     OWN(clv_remove_options, stack),
     .commands = REMOVE,
     .help = "Write one raster with all dates as bands instead of one raster per date."},
    {{"full"},
     CLV_OPTION_FLAG,
     OWN(clv_remove_options, full),
     .commands = REMOVE,
     .help = "Write the prediction everywhere, also where the ground was seen."},
    {{"quality"},
     CLV_OPTION_FLAG,
     OWN(clv_remove_options, quality),
     .commands = REMOVE,
     .help = "Write NAME_quality.tif beside each output: where each pixel comes from, how many days the nearest "
             "observation is away, the standard deviation of what was filled."},
    {{"masks"},
     CLV_OPTION_FLAG,
     OWN(clv_remove_options, masks),
     .commands = REMOVE,
     .help = "Write NAME_mask.tif beside each output: clear, cloud, shadow."},
    {{"keep_nodata"},
     CLV_OPTION_FLAG,
     OWN(clv_remove_options, keep_nodata),
     .commands = REMOVE,
     .help = "Fill clouds and shadows only; nodata of the input stays nodata."},
    {{"preview"},
     CLV_OPTION_STRING,
     OWN(clv_remove_options, preview),
     .commands = REMOVE,
     .argument = "FILE.png",
     .file = true,
     .help = "Also draw a picture of all dates before and after."},
    {{"report"},
     CLV_OPTION_STRING,
     OWN(clv_remove_options, report),
     .commands = REMOVE,
     .argument = "DIR",
     .file = true,
     .help = "Also write a page for a browser, DIR/index.html: every date before and after, with a slider, "
             "cloud mask and quality. It needs no server."},
    {{"prob", "probability"},
     CLV_OPTION_FLAG,
     OWN(clv_detect_options, probability),
     .commands = DETECT,
     .help = "Write probabilities of cloud and of shadow (Float32) instead of classes."},

    /* ---- How stage 2 works ---- */
    {{"method"},
     CLV_OPTION_ENUM,
     OWN(clv_remove_options, method),
     .commands = REMOVE,
     .argument = "METHOD",
     .choices = clv_method_names,
     .choice_texts = clv_method_texts,
     .choice_manuals = clv_method_manuals,
     .help = "How the ground is predicted:",
     .default_text = "auto"},
    {{"model"},
     CLV_OPTION_STRING,
     OWN(clv_remove_options, model),
     .commands = REMOVE,
     .advanced = true,
     .argument = "NAME|FILE",
     .file = true,
     .choices = remove_models,
     .open_choices = true,
     .help = "Weights of stage 2: a file, or a name looked for in "
             "CLEARVISION_MODEL_PATH and among the shipped models.",
     .default_text = "remove"},
    {{"window"},
     CLV_OPTION_INT,
     OWN(clv_remove_options, window),
     .commands = REMOVE,
     .advanced = true,
     .argument = "N",
     .min = 2,
     .max = 64,
     .help = "Dates looked at together (gaussian and clear: at most 24). Longer series are worked by a "
             "window that slides in time.",
     .default_text = "15"},

    /* ---- How stage 1 works ---- */
    {{"threshold"},
     CLV_OPTION_DOUBLE,
     DET(threshold),
     .commands = FINDS | SERVE,
     .argument = "P",
     .min = 0,
     .max = 1,
     .help = "Probability from which a pixel counts as cloud.",
     .default_text = "0.5"},
    {{"shadow_threshold"},
     CLV_OPTION_DOUBLE,
     DET(shadow_threshold),
     .commands = FINDS | SERVE,
     .argument = "P",
     .min = 0,
     .max = 1,
     .help = "Probability from which a pixel counts as cloud shadow.",
     .default_text = "0.5"},
    {{"dilate"},
     CLV_OPTION_DILATION,
     DET(dilate),
     .offset2 = offsetof(clv_detect_settings, dilate_m),
     .commands = FINDS | SERVE,
     .argument = "N|Nm",
     .help =
         "What is added around clouds and shadows: whole pixels of the working grid (2), or metres (40m), rounded to "
         "whole pixels of it. Pictures without georeference count as 20 m.",
     .default_text = "40m"},
    {{"haze"},
     CLV_OPTION_ENUM,
     DET(haze),
     .commands = FINDS | SERVE,
     .advanced = true,
     .argument = "MODE",
     .choices = haze_choices,
     .help =
         "keep: what a date shows under haze stays as it is. fill: where it is brighter in red, green and blue than on "
         "the days around it, evenly over 33 x 33 pixels and with the same structure, it is haze and goes with the "
         "clouds, also where a date has no clouds.",
     .default_text = "fill"},
    {{"no_review"},
     CLV_OPTION_FLAG,
     DET(no_review),
     .commands = FINDS | SERVE,
     .advanced = true,
     .help =
         "Take the network at its word. Without it what the network calls cloud or shadow is compared with the "
         "other dates (three at least): what they show with the same values and structure is ground, such as "
         "roofs, sand, salt and snow that stays. Masks that came with the data are compared likewise, and not believed "
         "where they flag such ground; -mask and -scl are always obeyed. Where the input has B11 it tells snow from "
         "cloud, B10 adds high cloud."},
    {{"detect_model"},
     CLV_OPTION_STRING,
     DET(model),
     .commands = FINDS | SERVE,
     .advanced = true,
     .argument = "NAME|FILE",
     .file = true,
     .choices = detect_models,
     .open_choices = true,
     .help = "Weights of stage 1: a file, or a name looked for in CLEARVISION_MODEL_PATH and among the shipped models.",
     .default_text = "detect"},

    /* ---- How the series is read ---- */
    {{"i", "input"},
     CLV_OPTION_INPUT,
     CLV_SECTION_CLI,
     .commands = SERIES | TRAIN | PREPARE | SERVE,
     .advanced = true,
     .argument = "INPUT",
     .file = true,
     .help = "An input, as if it stood alone. Repeatable."},
    {{"mask"},
     CLV_OPTION_STRINGS,
     IN(masks),
     .commands = EVALUATE_DETECT,
     .argument = "FILE",
     .file = true,
     .help = "Labels of an input: non-zero pixels are cloud. Once per input, in the inputs' order."},
    {{"scl"},
     CLV_OPTION_STRINGS,
     IN(scls),
     .commands = EVALUATE_DETECT,
     .argument = "FILE",
     .file = true,
     .help = "Sen2Cor scene classification of an input, as labels of cloud and shadow. Once per input, in the inputs' "
             "order."},
    {{"mask"},
     CLV_OPTION_STRINGS,
     IN(masks),
     .commands = INFO | DETECT | REMOVE | EVALUATE_REMOVE,
     .argument = "FILE",
     .file = true,
     .help = "Mask of an input: non-zero pixels are not used. Once per input, in the inputs' order."},
    {{"scl"},
     CLV_OPTION_STRINGS,
     IN(scls),
     .commands = INFO | DETECT | REMOVE | EVALUATE_REMOVE,
     .argument = "FILE",
     .file = true,
     .help = "Sen2Cor scene classification of an input. Once per input, in the inputs' order; none for an input "
             "without one, "
             "and none once for all: not the product's own either."},
    {{"mask_mode"},
     CLV_OPTION_ENUM,
     IN(mask_mode),
     .commands = INFO | DETECT | REMOVE,
     .advanced = true,
     .argument = "MODE",
     .choices = mask_modes,
     .help = "Whether known masks join with what stage 1 finds or replace it.",
     .default_text = "join"},
    {{"b", "band", "bands"},
     CLV_OPTION_BANDS,
     IN(bands),
     .offset2 = offsetof(clv_input_options, band_count),
     .commands = SERIES,
     .argument = "R,G,B[,NIR]",
     .min = 1,
     .max = 65535,
     .help = "Numbers of the red, green, blue and near infrared band, from 1. Also -b R -b G -b B.",
     .default_text = "found by names, wavelengths and colours"},
    {{"fill_bands"},
     CLV_OPTION_STRING,
     IN(fill_bands),
     .commands = SERIES,
     .advanced = true,
     .argument = "LIST|all|reflectance",
     .help = "Bands that are filled beside red, green, blue and near infrared: numbers from 1, or names, with commas "
             "between them. The others are copied. reflectance: those known as reflectance by name, wavelength or "
             "colour, and bands without a name whose values do not contradict; all: every band.",
     .default_text = "reflectance"},
    {{"date"},
     CLV_OPTION_DATES,
     IN(dates),
     .commands = SERIES,
     .argument = "YYYY-MM-DD",
     .help = "Acquisition date. Once per date, in the inputs' order; also as a list with commas.",
     .default_text = "from metadata, else from file names"},
    {{"in_scale"},
     CLV_OPTION_DOUBLES,
     IN(in_scales),
     .offset2 = offsetof(clv_input_options, in_scale_count),
     .commands = SERIES,
     .advanced = true,
     .argument = "SCALE",
     .help =
         "Reflectance is the stored number times SCALE plus OFFSET. A number, or a fraction such as 1/10000. Once for "
         "all dates, or once per date, in the inputs' order; also as a list with commas, in which auto leaves a "
         "date to what is found.",
     .default_text = "from metadata, type and range"},
    {{"in_offset"},
     CLV_OPTION_DOUBLES,
     IN(in_offsets),
     .offset2 = offsetof(clv_input_options, in_offset_count),
     .commands = SERIES,
     .advanced = true,
     .argument = "OFFSET",
     .help = "See -in_scale; in reflectance, for example -0.1, or auto,auto,-0.1 for the third of three dates.",
     .default_text = "from metadata"},
    {{"srcnodata"},
     CLV_OPTION_STRING,
     IN(srcnodata),
     .commands = SERIES,
     .advanced = true,
     .argument = "VALUE",
     .help = "Number that means no data: a number, nan, or none.",
     .default_text = "from the file"},
    {{"ref"},
     CLV_OPTION_STRING,
     IN(ref),
     .commands = SERIES,
     .advanced = true,
     .argument = "FILE",
     .file = true,
     .help =
         "Raster whose grid the series is put on, and whose extent limits what is worked. Without it the grid of the "
         "first input, extended over all dates; these must overlap, directly or through others.",
     .default_text = "the first input"},
    {{"tr"},
     CLV_OPTION_RESOLUTION,
     IN(tr),
     .commands = SERIES,
     .argument = "METRES",
     .choices = tr_words,
     .min = 1e-9,
     .max = 1e6,
     .help =
         "Pixel size to work with, and of what is written. \"input\": finer pictures are worked at 20 m and what "
         "is filled is "
         "brought back to the input's own grid, where observed pixels stay as they are. A number also limits what is "
         "worked and written to the first input's extent. With -t_srs the size of what is written, in units of that "
         "system, whatever size is worked with.",
     .default_text = "input"},
    {{"if", "input-format"},
     CLV_OPTION_STRINGS,
     IN(drivers),
     .commands = SERIES,
     .advanced = true,
     .argument = "FORMAT",
     .choices = read_formats,
     .open_choices = true,
     .help = "GDAL driver to try on inputs, masks and -ref; others are not tried, and folders, archives and products "
             "are not looked into. Repeatable."},
    {{"oo", "open-option"},
     CLV_OPTION_STRINGS,
     IN(open_options),
     .commands = SERIES,
     .advanced = true,
     .argument = "NAME=VALUE",
     .help = "Option for the driver that opens inputs, masks and -ref. Repeatable."},
    {{"ovr"},
     CLV_OPTION_STRING,
     IN(overview),
     .commands = SERIES,
     .advanced = true,
     .argument = "LEVEL",
     .choices = overviews,
     .open_choices = true,
     .help = "See the inputs through an overview and write that size: 0 is the finest, AUTO the coarsest that is no "
             "coarser "
             "than -tr. For quick looks.",
     .default_text = "NONE"},
    {{"srcwin"},
     CLV_OPTION_BOX,
     IN(srcwin),
     .commands = SERIES,
     .argument = "XOFF YOFF XSIZE YSIZE",
     .help =
         "Only these pixels, counted on the own grid of the first input (or of -ref). What is written is the same as "
         "those pixels of the whole result."},
    {{"projwin"},
     CLV_OPTION_BOX,
     IN(projwin),
     .commands = SERIES,
     .argument = "ULX ULY LRX LRY",
     .help = "Only the pixels that touch this box: left, top, right, bottom."},
    {{"projwin_srs"},
     CLV_OPTION_STRING,
     IN(projwin_srs),
     .commands = SERIES,
     .advanced = true,
     .argument = "SRS",
     .help = "Coordinate system of -projwin.",
     .default_text = "that of the first input, or of -ref"},
    {{"te"},
     CLV_OPTION_BOX,
     IN(te),
     .commands = SERIES,
     .argument = "XMIN YMIN XMAX YMAX",
     .help = "Only the pixels that touch this box; with -t_srs or -tap the bounds of what is written."},
    {{"te_srs"},
     CLV_OPTION_STRING,
     IN(te_srs),
     .commands = SERIES,
     .advanced = true,
     .argument = "SRS",
     .help = "Coordinate system of -te.",
     .default_text = "-t_srs, else that of the first input, or of -ref"},
    {{"r", "resampling"},
     CLV_OPTION_ENUM,
     IN(resampling),
     .commands = SERIES,
     .advanced = true,
     .argument = "METHOD",
     .choices = resamplings,
     .help = "Resampling of dates that do not lie on the series' grid.",
     .default_text = "bilinear"},
    {{"no_cloud_share"},
     CLV_OPTION_UNFLAG,
     OWN(clv_info_options, cloud_share),
     .commands = INFO,
     .advanced = true,
     .help = "Read no pixels: no shares of cloud and nodata, no sharpness."},

    /* ---- The simulated series ---- */
    {{"seed"},
     CLV_OPTION_UINT64,
     OWN(clv_simulate_options, seed),
     .commands = SIMULATE,
     .argument = "N",
     .help = "The same number gives the same bytes.",
     .default_text = "1"},
    {{"dates"},
     CLV_OPTION_INT,
     OWN(clv_simulate_options, dates),
     .commands = SIMULATE,
     .argument = "N",
     .min = 1,
     .max = 200,
     .help = "Number of acquisitions.",
     .default_text = "8"},
    {{"size"},
     CLV_OPTION_SIZE,
     OWN(clv_simulate_options, width),
     .offset2 = offsetof(clv_simulate_options, height),
     .commands = SIMULATE,
     .argument = "W H",
     .min = 16,
     .max = 20000,
     .help = "Width and height in pixels.",
     .default_text = "384 384"},
    {{"tr"},
     CLV_OPTION_RESOLUTION,
     OWN(clv_simulate_options, pixel_size),
     .commands = SIMULATE,
     .argument = "METRES",
     .min = 1,
     .max = 1000,
     .help = "Pixel size.",
     .default_text = "20"},
    {{"clouds"},
     CLV_OPTION_DOUBLE,
     OWN(clv_simulate_options, cloud_share),
     .commands = SIMULATE,
     .argument = "SHARE",
     .min = 0,
     .max = 0.95,
     .help = "Share of clouded pixels over the whole series.",
     .default_text = "0.3"},
    {{"nir"},
     CLV_OPTION_FLAG,
     OWN(clv_simulate_options, nir),
     .commands = SIMULATE,
     .help = "Add a near infrared band (this is the default)."},
    {{"no_nir"},
     CLV_OPTION_UNFLAG,
     OWN(clv_simulate_options, nir),
     .commands = SIMULATE,
     .help = "Red, green and blue only."},

    /* ---- The training set ---- */
    {{"stride"},
     CLV_OPTION_INT,
     OWN(clv_prepare_options, stride),
     .commands = PREPARE,
     .argument = "PIXELS",
     .min = 1,
     .max = 1e6,
     .help = "Pixels from one window of 128 to the next.",
     .default_text = "128"},
    {{"clear_dates"},
     CLV_OPTION_INT,
     OWN(clv_prepare_options, clear_dates),
     .commands = PREPARE,
     .argument = "N",
     .min = 1,
     .max = 1e6,
     .help = "Keep a window when at least so many of its dates are clear (clouds, shadows and "
             "missing pixels cover less than 5 %).",
     .default_text = "5"},

    /* ---- Training ---- */
    {{"seed"},
     CLV_OPTION_UINT64,
     TRAIN_OWN(seed),
     .commands = TRAIN,
     .argument = "N",
     .help = "Start of all random choices.",
     .default_text = "1"},
    {{"steps"},
     CLV_OPTION_INT,
     TRAIN_OWN(steps),
     .commands = TRAIN,
     .argument = "N",
     .min = 1,
     .max = 1e9,
     .help = "Optimiser steps."},
    {{"minutes"},
     CLV_OPTION_DOUBLE,
     TRAIN_OWN(minutes),
     .commands = TRAIN,
     .argument = "MINUTES",
     .min = 0,
     .max = 1e6,
     .help = "Stop after this time; 0: no limit.",
     .default_text = "0"},
    {{"batch"},
     CLV_OPTION_INT,
     TRAIN_OWN(batch),
     .commands = TRAIN,
     .argument = "N",
     .min = 1,
     .max = 4096,
     .help = "Windows per step."},
    {{"lr", "learning_rate"},
     CLV_OPTION_DOUBLE,
     TRAIN_OWN(learning_rate),
     .commands = TRAIN,
     .argument = "RATE",
     .min = 0,
     .max = 1,
     .help = "Highest learning rate; 0: what suits the network."},
    {{"preset"},
     CLV_OPTION_STRING,
     OWN(clv_train_remove_options, preset),
     .commands = TRAIN_REMOVE,
     .argument = "PRESET",
     .help = "Network: clear (starts from the Gaussian prior and predicts what to add), reference (U-TILISE as "
             "published), wide (the same with more channels).",
     .default_text = "clear"},
    {{"settings"},
     CLV_OPTION_STRING,
     OWN(clv_train_remove_options, settings),
     .commands = TRAIN_REMOVE,
     .advanced = true,
     .argument = "JSON",
     .help = "Further settings of network and training, for example {\"log_variance\": true}."},
    {{"side"},
     CLV_OPTION_INT,
     OWN(clv_train_remove_options, side),
     .commands = TRAIN_REMOVE,
     .advanced = true,
     .argument = "PIXELS",
     .min = 16,
     .max = 128,
     .help = "Train on parts of so many pixels of each window, a multiple of 8; smaller ones are quicker.",
     .default_text = "128"},
    {{"without"},
     CLV_OPTION_STRINGS,
     OWN(clv_train_remove_options, without),
     .commands = TRAIN_REMOVE,
     .argument = "PLACE",
     .help = "Leave a place of the training set out, to measure on it afterwards (repeatable)."},
    {{"every"},
     CLV_OPTION_INT,
     TRAIN_OWN(every),
     .commands = TRAIN,
     .advanced = true,
     .argument = "STEPS",
     .min = 1,
     .max = 1e9,
     .help = "Measure what is held out after so many steps, and keep the best weights.",
     .default_text = "500"},
    {{"patience"},
     CLV_OPTION_INT,
     TRAIN_OWN(patience),
     .commands = TRAIN,
     .argument = "N",
     .min = 0,
     .max = 1e6,
     .help = "Stop after so many measurements without a better one; 0: never.",
     .default_text = "0"},
    {{"log"},
     CLV_OPTION_STRING,
     TRAIN_OWN(log),
     .commands = TRAIN,
     .argument = "FILE",
     .file = true,
     .help = "Write the course of the losses as a table (CSV), and a chart of it beside it (.svg)."},
    {{"init"},
     CLV_OPTION_STRING,
     TRAIN_OWN(init),
     .commands = TRAIN,
     .argument = "FILE",
     .file = true,
     .help = "Weights of the same network to begin with."},
    {{"resume"},
     CLV_OPTION_STRING,
     TRAIN_OWN(resume),
     .commands = TRAIN,
     .argument = "FILE",
     .file = true,
     .help = "Checkpoint to go on from."},
    {{"checkpoint"},
     CLV_OPTION_STRING,
     TRAIN_OWN(checkpoint),
     .commands = TRAIN,
     .argument = "FILE",
     .file = true,
     .help = "File that is written every few minutes, after every measurement and at the end, for "
             "-resume."},
    {{"licence"},
     CLV_OPTION_STRING,
     TRAIN_OWN(licence),
     .commands = TRAIN,
     .advanced = true,
     .argument = "TEXT",
     .help = "Licence written into the weights."},

    /* ---- Evaluation ---- */
    {{"protocol"},
     CLV_OPTION_ENUM,
     OWN(clv_evaluate_detect_options, protocol),
     .commands = EVALUATE_DETECT,
     .argument = "PROTOCOL",
     .choices = protocols,
     .old_choices = old_protocols,
     .help =
         "utilise: all dates, pixels with data. pooled: EarthNet2021 cubes, their first ten steps, all pixels, labels "
         "flagged; pixels without data count as flagged.",
     .default_text = "utilise"},
    {{"labels"},
     CLV_OPTION_ENUM,
     OWN(clv_evaluate_detect_options, labels),
     .commands = EVALUATE_DETECT,
     .argument = "KIND",
     .choices = label_kinds,
     .help =
         "What labels mean. cloud: cloud, and shadow where they tell it. flagged: cloud or shadow, one class. auto: "
         "flagged for cubes' quality masks, cloud for others.",
     .default_text = "auto"},
    {{"grounds"},
     CLV_OPTION_STRING,
     OWN(clv_evaluate_detect_options, grounds),
     .commands = EVALUATE_DETECT,
     .argument = "LIST",
     .file = true,
     .help = "Measure on grounds that are hard to tell from clouds, and on thin clouds, instead of inputs: a text file "
             "that names them, says how each is made and what is wanted."},
    {{"seed"},
     CLV_OPTION_UINT64,
     OWN(clv_evaluate_detect_options, seed),
     .commands = EVALUATE_DETECT,
     .argument = "N",
     .help = "The same number and list give the same grounds.",
     .default_text = "1"},
    {{"protocol"},
     CLV_OPTION_ENUM,
     OWN(clv_evaluate_remove_options, protocol),
     .commands = EVALUATE_REMOVE,
     .argument = "PROTOCOL",
     .choices = protocols,
     .old_choices = old_protocols,
     .help =
         "Which dates are taken and where gaps are laid. utilise: windows with 5 or more dates of which at most 5 % is "
         "flagged; up to half of them get a cloud shape, never the first. pooled: EarthNet2021 cubes, the wholly clear "
         "ones of their first ten steps, with the masks of the others.",
     .default_text = "utilise"},
    {{"seed"},
     CLV_OPTION_UINT64,
     OWN(clv_evaluate_remove_options, seed),
     .commands = EVALUATE_REMOVE,
     .argument = "N",
     .help = "The same number and inputs give the same gaps.",
     .default_text = "1"},
    {{"method"},
     CLV_OPTION_STRINGS,
     OWN(clv_evaluate_remove_options, methods),
     .commands = EVALUATE_REMOVE,
     .argument = "METHOD",
     .choices = clv_fill_names,
     .choice_manuals = clv_fill_manuals,
     .help = "Method to measure. Repeatable.",
     .default_text = "all, and model with -model"},
    {{"model"},
     CLV_OPTION_STRING,
     OWN(clv_evaluate_remove_options, model),
     .commands = EVALUATE_REMOVE,
     .argument = "NAME|FILE",
     .file = true,
     .choices = remove_models,
     .open_choices = true,
     .help = "Weights of stage 2 for the method model."},
    {{"shapes"},
     CLV_OPTION_STRINGS,
     OWN(clv_evaluate_remove_options, shapes),
     .commands = EVALUATE_REMOVE,
     .argument = "FILE",
     .file = true,
     .help = "Raster of cloud masks, every band one (non-zero = cloud), to lay as gaps. Repeatable.",
     .default_text = "the clouds of the inputs themselves, or the training set's shapes"},
    {{"end_to_end"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_remove_options, end_to_end),
     .commands = EVALUATE_REMOVE,
     .help = "Measure the whole run: clouds with soft edges, veils and shadows are laid on half of the clear dates, "
             "found by "
             "stage 1, filled, and all pixels compared; then the same with the true masks."},
    {{"whole_frames"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_remove_options, whole_frames),
     .commands = EVALUATE_REMOVE,
     .help = "A third of the masked dates shows nothing at all."},
    {{"consecutive"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_remove_options, consecutive),
     .commands = EVALUATE_REMOVE,
     .help = "The masked dates follow one another."},
    {{"place"},
     CLV_OPTION_STRINGS,
     OWN(clv_evaluate_remove_options, places),
     .commands = EVALUATE_REMOVE,
     .argument = "NAME",
     .help = "Place of a training set to measure. Repeatable.",
     .default_text = "all"},
    {{"split"},
     CLV_OPTION_ENUM,
     OWN(clv_evaluate_remove_options, split),
     .commands = EVALUATE_REMOVE,
     .argument = "SPLIT",
     .choices = splits,
     .help = "Sequences of a training set to measure: all, train, or hold (what is held out).",
     .default_text = "all"},
    {{"window"},
     CLV_OPTION_INT,
     OWN(clv_evaluate_remove_options, window),
     .commands = EVALUATE_REMOVE,
     .advanced = true,
     .argument = "N",
     .min = 2,
     .max = 64,
     .help = "Dates looked at together. Longer series are worked by a window that slides in time.",
     .default_text = "15"},
    {{"each"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_detect_options, each),
     .commands = EVALUATE_DETECT,
     .help = "Every input is a picture by itself, not a date of one series. Cubes always are."},
    {{"report"},
     CLV_OPTION_STRING,
     OWN(clv_evaluate_detect_options, report),
     .commands = EVALUATE_DETECT,
     .argument = "DIR",
     .file = true,
     .help = "Write a page for a browser, DIR/index.html, with tables, charts and pictures; nothing else is needed to "
             "show it."},
    {{"overwrite"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_detect_options, overwrite),
     .commands = EVALUATE_DETECT,
     .help = "Replace the page when the folder of -report exists. Without it that is an error."},
    {{"report"},
     CLV_OPTION_STRING,
     OWN(clv_evaluate_remove_options, report),
     .commands = EVALUATE_REMOVE,
     .argument = "DIR",
     .file = true,
     .help = "Write a page for a browser, DIR/index.html, with tables, charts and pictures; nothing else is needed to "
             "show it."},
    {{"overwrite"},
     CLV_OPTION_FLAG,
     OWN(clv_evaluate_remove_options, overwrite),
     .commands = EVALUATE_REMOVE,
     .help = "Replace the page when the folder of -report exists. Without it that is an error."},

    /* ---- The local page ---- */
    {{"port"},
     CLV_OPTION_INT,
     OWN(clv_serve_options, port),
     .commands = SERVE,
     .argument = "N",
     .min = 0,
     .max = 65535,
     .help = "Port to listen on, on 127.0.0.1 and ::1. 0: one that is free.",
     .default_text = "0"},
    {{"open"},
     CLV_OPTION_FLAG,
     OWN(clv_serve_options, open),
     .commands = SERVE,
     .help = "Show the page in the browser."},
    {{"host"},
     CLV_OPTION_STRINGS,
     OWN(clv_serve_options, hosts),
     .commands = SERVE,
     .advanced = true,
     .argument = "NAME",
     .help = "Name (NAME or NAME:PORT) under which a proxy passes the page on: requests with this Host or Origin are "
             "answered too. Whoever reaches the proxy and has the token can use the page. Repeatable."},
    {{"max_upload"},
     CLV_OPTION_DOUBLE,
     OWN(clv_serve_options, max_upload_mb),
     .commands = SERVE,
     .argument = "MB",
     .min = 1,
     .max = 1e6,
     .help = "Pictures that one series may bring, in MB.",
     .default_text = "2048"},
    {{"expire"},
     CLV_OPTION_DOUBLE,
     OWN(clv_serve_options, expire_minutes),
     .commands = SERVE,
     .advanced = true,
     .argument = "MINUTES",
     .min = 0.001,
     .max = 1e5,
     .help = "A series for which no page asks any more is removed after this time.",
     .default_text = "30"},
    {{"model"},
     CLV_OPTION_STRING,
     OWN(clv_serve_options, model),
     .commands = SERVE,
     .advanced = true,
     .argument = "NAME|FILE",
     .file = true,
     .help = "Weights of stage 2, as for remove."},

    /* ---- The machine ---- */
    {{"device"},
     CLV_OPTION_DEVICE,
     COMPUTE(device),
     .offset2 = offsetof(clv_compute_options, device_index),
     .commands = FINDS | TRAIN | SERVE,
     .advanced = true,
     .argument = "DEVICE",
     .choices = devices,
     .open_choices = true,
     .help = "Where the networks run: auto, cpu, cuda or cuda:N.",
     .default_text = "auto"},
    {{"precision"},
     CLV_OPTION_ENUM,
     COMPUTE(precision),
     .commands = FINDS | TRAIN | SERVE,
     .advanced = true,
     .argument = "TYPE",
     .choices = precisions,
     .help = "Arithmetic of the networks.",
     .default_text = "auto"},
    {{"mem"},
     CLV_OPTION_DOUBLE,
     COMPUTE(memory_mb),
     .commands = FINDS | SERVE,
     .advanced = true,
     .argument = "MB",
     .min = 0,
     .max = 1e7,
     .help = "Memory for buffers; 0: a quarter of the machine's, at most 1000 MB.",
     .default_text = "0"},

    /* ---- What is said ---- */
    {{"q", "quiet"}, CLV_OPTION_FLAG, CLI(quiet), .commands = ALL | SERVE, .help = "No progress and no remarks."},
    {{"v", "verbose"},
     CLV_OPTION_FLAG,
     CLI(verbose),
     .commands = INFO,
     .help = "Show for every date how it was understood."},
    {{"json"},
     CLV_OPTION_FLAG,
     CLI(json),
     .commands = ALL,
     .help = "Print the result as one JSON object and nothing else."},
};

static const clv_general_option general[] = {
    {"help", NULL, "Help for a command.", 0},
    {"version", NULL, "Versions of clearvision and of GDAL.", 0},
    {"config", "KEY VALUE", "Set a GDAL configuration option, for example GDAL_NUM_THREADS 4 or GDAL_CACHEMAX 512.", 2},
    {"debug", "ON|OFF|PREFIX", "Say what happens, on standard error; CLEARVISION shows only our own.", 1},
    {"formats", NULL, "List all raster formats.", 0},
    {"format", "NAME", "Details of a format (before a command; after one it means -of).", 1},
    {"optfile", "FILE", "Take further words from a file.", 1},
    {"build", NULL, "How GDAL was built.", 0},
    {"license", NULL, "GDAL's licence.", 0},
    {"mempreload", "DIR", "Copy a folder into /vsimem/ first.", 1},
    {"locale", "NAME", "Set the locale, for tests.", 1},
    {"pause", NULL, "Wait for the return key, to attach a debugger.", 0},
    {"help-general", NULL, "GDAL's own list of these options.", 0},
};

const clv_option *clv_option_table(int *count)
{
    *count = (int)(sizeof table / sizeof table[0]);
    return table;
}

const clv_general_option *clv_general_options(int *count)
{
    *count = (int)(sizeof general / sizeof general[0]);
    return general;
}

int clv_general_option_words(const char *word)
{
    if (strncmp(word, "--", 2) != 0)
        return -1;
    for (size_t i = 0; i < sizeof general / sizeof general[0]; i++)
        if (strcmp(word + 2, general[i].name) == 0)
            return general[i].words;
    return -1;
}

static char folded(char c)
{
    return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && folded(*a) == folded(*b))
        a++, b++;
    return folded(*a) == folded(*b);
}

const clv_option *clv_option_find(unsigned command, const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!(table[i].commands & command))
            continue;
        for (int n = 0; n < CLV_OPTION_NAMES && table[i].names[n]; n++)
            if (same_name(table[i].names[n], name))
                return &table[i];
    }
    return NULL;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

int clv_edit_distance(const char *a, const char *b)
{
    enum { LIMIT = 64 };
    int rows[3][LIMIT];
    const int n = min_int((int)strlen(a), LIMIT - 1), m = min_int((int)strlen(b), LIMIT - 1);
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            const int change = folded(a[i - 1]) != folded(b[j - 1]);
            now[j] = min_int(min_int(last[j] + 1, now[j - 1] + 1), last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = min_int(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

static void consider(const char *candidate, const char *name, const char **best, int *best_distance)
{
    const int distance = clv_edit_distance(candidate, name);
    /* A third of the letters may be wrong; one-letter names are near to everything and help nobody. */
    const int limit = (int)strlen(name) < 3 ? 1 : (int)(strlen(name) + 2) / 3;
    if (strlen(candidate) > 1 && distance <= limit && distance < *best_distance) {
        *best = candidate;
        *best_distance = distance;
    }
}

const char *clv_option_suggest(unsigned command, const char *name)
{
    const char *best = NULL;
    int best_distance = 1000;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (int n = 0; (table[i].commands & command) && n < CLV_OPTION_NAMES && table[i].names[n]; n++)
            consider(table[i].names[n], name, &best, &best_distance);
    for (size_t i = 0; i < sizeof general / sizeof general[0]; i++)
        consider(general[i].name, name, &best, &best_distance);
    return best;
}
