/* SPDX-License-Identifier: MIT
 *
 * train_list: the text file that names what the networks are trained on: read by `train detect` and by `prepare`.
 *
 * One item a line: a kind, paths, and KEY=VALUE settings, separated by blanks. `#` starts a comment, double quotes
 * hold blanks together. Paths may be patterns (* ? [..]) and are relative to the list's folder; what a pattern
 * matches is taken in the order of names. Kinds:
 *
 *     series PATH...            the dates of one area; say where the labels come from with scl=, mask= or labels=
 *     labels IMAGE MASK         one picture and its mask: 0 clear, 1 cloud, 2 shadow, 255 unknown
 *                               (train detect)
 *     clear PATH...             single pictures without clouds; simulated clouds are laid on them
 *     pair CLEAR CLOUDY         the same ground twice: what became brighter in CLOUDY is cloud (train detect)
 *     cube PATH...              EarthNet cubes with the masks in them, each a series
 *     shapes PATH...            cloud shapes for simulated gaps: every band a mask, 1 = cloud, 2 = shadow (prepare)
 *
 * Settings:
 *     scl=PATTERN               series: a Sen2Cor scene classification per date, in the order of the dates' names
 *     mask=PATTERN              series: a mask per date, values as for `labels`
 *     classes=PATTERN           what another detector calls the pixels, values as for `labels`, a file a date or one
 *                               file with a band a date for an input with many dates (train detect). series, and
 *                               pair for CLOUDY: believed where the change against the other dates agrees; what became
 *                               brighter is cloud all the same. labels: shadows where MASK says clear
 *     labels=clear              series: every date is clear; simulated clouds are laid on them
 *     labels=difference         series: what is brighter than the series' lower median is cloud
 *     labels=network            series: the stage-1 network finds the clouds (prepare)
 *     use=YYYYMMDD,...          series: take samples from these dates only; the others serve the reference
 *     tr=METRES                 pixel size at which the pictures are kept, rounded to a multiple of their own (20)
 *     pixel=METRES              pixel size of pictures without georeference (10)
 *     b=R,G,B[,N]               band numbers, where files do not say
 *     scale=NUMBER offset=NUMBER  reflectance = DN * scale + offset, where files do not say
 *     shadow=unknown            the masks know no shadows: dark ground that they call clear is left out
 *     rim=PIXELS                masks drawn by people are generous: cloud that near to clear ground is left out
 *     weight=NUMBER             this line's share of the samples, relative to the other lines (1)
 *     place=NAME                name in the table of results (the folder's name)
 *     licence=TEXT              of the pictures (prepare writes it down)
 *     hold=yes                  not trained on: measured during training
 *
 * Example:
 *     series alps/S2_*_BGRN.tif scl=alps/S2_*_SCL.tif weight=3
 *     clear clear/roofs_*.tif tr=10
 *
 * Ownership: the list owns everything in it. No shared state.
 */
#ifndef CLV_LEARN_DATASET_TRAIN_LIST_H
#define CLV_LEARN_DATASET_TRAIN_LIST_H

#include "base/context.h"
#include "sentinel2/dates.h"

typedef enum clv_item_kind {
    CLV_ITEM_SERIES,
    CLV_ITEM_LABELS,
    CLV_ITEM_CLEAR,
    CLV_ITEM_PAIR,
    CLV_ITEM_CUBE,
    CLV_ITEM_SHAPES
} clv_item_kind;

typedef enum clv_label_source {
    CLV_LABELS_NONE,
    CLV_LABELS_SCL,
    CLV_LABELS_MASK,
    CLV_LABELS_CLASSES,
    CLV_LABELS_CLEAR,
    CLV_LABELS_DIFFERENCE,
    CLV_LABELS_NETWORK
} clv_label_source;

typedef struct clv_train_item {
    clv_item_kind kind;
    clv_label_source source;
    char **paths; /* as written; after clv_train_list_expand: existing files */
    int path_count;
    char **label_paths; /* of scl=, mask= or classes=; the mask of `labels` and the cloudy picture of `pair` are
                           paths[1] */
    int label_count;
    char *use;     /* "20220602,20220605" or NULL */
    char *place;   /* never NULL */
    char *licence; /* NULL when not given */
    double tr, pixel, weight;
    double scale, offset;     /* NaN = detect */
    int bands[4], band_count; /* 0 = detect */
    int label_buffer;         /* pixels */
    bool shadow_unknown, hold;
    int line; /* 1-based, for messages */
} clv_train_item;

typedef struct clv_train_list {
    char *name;   /* for messages */
    char *folder; /* paths are relative to it */
    clv_train_item *items;
    int count;
} clv_train_list;

/* Parses `text` (not necessarily terminated). The first bad line fails: "name:line: what is wrong". */
clv_status clv_train_list_parse(clv_context *ctx, const char *name, const char *folder, const char *text, size_t length,
                                clv_train_list **out);
/* Reads a list file, parses it, and replaces patterns by the files they match. A pattern that matches nothing and
 * a number of labels that differs from the number of pictures are errors. */
clv_status clv_train_list_open(clv_context *ctx, const char *path, clv_train_list **out);
/* Replaces patterns by the files they match (the second half of clv_train_list_open). */
clv_status clv_train_list_expand(clv_context *ctx, clv_train_list *list);
/* A list of one item, kind cube, of these files as they are (no patterns); the place is their folder's name. */
clv_status clv_train_list_of_cubes(clv_context *ctx, const char *const *paths, int count, clv_train_list **out);
/* Whether the item takes the date (use=). */
bool clv_train_item_uses(const clv_train_item *item, const clv_date *date);
void clv_train_list_free(clv_train_list *list);

#endif
