/* SPDX-License-Identifier: MIT
 *
 * ground_list: the text file that names the grounds and airs on which a cloud detector is measured
 * (models/detect.grounds.txt).
 *
 * One ground a line, written like a line of a training list (dataset/train_list.h): a kind, paths, and KEY=VALUE
 * settings. Paths may be patterns; they are looked for in the list's own folder, in the folder that CLV_SHARED_DIR
 * names, and in its folder data. A ground whose files are missing is skipped, not an error. Kinds:
 *
 *     single PATH...        pictures, each by itself
 *     stable PATH...        pictures, each made into a series of the same ground (see clv_grounds_vary)
 *     series PATH...        the dates of one area, without clouds; use= takes some of them
 *     labels IMAGE MASK     a picture and its mask: 0 clear, 1 cloud, 2 shadow, 255 unknown
 *     land                  ground that is made from the seed, no files: a picture, or with dates= its year
 *
 * Settings:
 *     name=TEXT             of the row in the table (needed)
 *     make=NAME[,NAME]      what is laid on it, one after the other (synth/grounds.h); what is measured is the last
 *     amount=NUMBER         of the last one
 *     on=all, on=N,N,...    dates it is laid on, counted from 1, or from the last one backwards: -1 (what suits it)
 *     dates=N               stable, land: number of dates (stable 8, land 1)
 *     count=N               land: so many of them (1)
 *     size=N                pixels a side of what is measured at most; land: exactly (128)
 *     seed=N                another land, and what is laid on it in other places (0)
 *     area=water            only water is measured
 *     flagged=L, shadow=L   wanted: at most this share of the ground is flagged as cloud or shadow, as shadow
 *     found=L               wanted: at least this share of the cloud is flagged
 *     f1=L, f1_shadow=L     wanted: at least this F1 of cloud, of shadow
 *     rmse=L                wanted: after remove the dates are at most so far off the ground without what was laid on
 *     use= tr= pixel= b= scale= offset=     as in training lists
 *
 * Lines with the same pictures, makers and seed are about the same scene. One of the wanted ones is needed; L may be -,
 * for what is measured without being wanted.
 *
 * Example:
 *     stable clear/roofs_*.tif name="roofs, series" flagged=0.01
 *     land dates=8 make=snow,cloud name="clouds over snow" found=0.8
 *
 * Ownership: the list owns everything in it.
 */
#ifndef CLV_LEARN_EVALUATE_GROUND_LIST_H
#define CLV_LEARN_EVALUATE_GROUND_LIST_H

#include "learn/dataset/train_list.h"
#include "synth/grounds.h"

enum { CLV_GROUND_MAKERS = 4, CLV_GROUND_MOST_ON = 32 };

typedef enum clv_ground_kind_of_line {
    CLV_GROUND_SINGLE,
    CLV_GROUND_STABLE,
    CLV_GROUND_SERIES,
    CLV_GROUND_LABELS,
    CLV_GROUND_LAND
} clv_ground_kind_of_line;

typedef enum clv_ground_measure {
    CLV_MEASURE_NONE,
    CLV_MEASURE_FLAGGED,
    CLV_MEASURE_SHADOW,
    CLV_MEASURE_FOUND,
    CLV_MEASURE_F1,
    CLV_MEASURE_F1_SHADOW,
    CLV_MEASURE_RMSE
} clv_ground_measure;

typedef struct clv_ground_line {
    int line; /* 1-based */
    clv_ground_kind_of_line kind;
    char *name;
    const clv_grounds_maker *makers[CLV_GROUND_MAKERS];
    int maker_count;
    double amount;              /* of the last maker */
    int on[CLV_GROUND_MOST_ON]; /* as written; on_count 0: what suits the maker; on_all: all */
    int on_count;
    bool on_all;
    int dates, count, size, seed;
    bool water;
    clv_ground_measure measure;
    double limit;           /* NaN: none */
    clv_train_list *source; /* of one item, its paths existing files; NULL for land, and where files are missing */
    char *missing;          /* what is missing, or NULL */
} clv_ground_line;

typedef struct clv_ground_list {
    clv_ground_line *lines;
    int count;
} clv_ground_list;

/* "flagged", "f1_shadow" ... as in the list. */
const char *clv_ground_measure_name(clv_ground_measure measure);
/* Whether less is better. */
bool clv_ground_measure_at_most(clv_ground_measure measure);

/* Parses `text`. The first bad line fails: "name:line: what is wrong". folders [count]: where paths are looked for. */
clv_status clv_ground_list_parse(clv_context *ctx, const char *name, const char *const *folders, int folder_count,
                                 const char *text, clv_ground_list **out);
clv_status clv_ground_list_open(clv_context *ctx, const char *path, clv_ground_list **out);
void clv_ground_list_free(clv_ground_list *list);

#endif
