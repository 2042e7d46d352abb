/* SPDX-License-Identifier: MIT
 *
 * part_sets: the sets of parts in a folder of parts (parts.h). A set is what one run makes: a manifest, and a folder
 * for each part. A run that replaces another makes a set beside the old one, under names of its own; nothing of the old
 * one is touched before the VRTs show the new one, and nothing is moved:
 *
 *     a_tiles/manifest.json, 0001/, 0002/ ...          the first set
 *     a_tiles/manifest-2.json, 0001-2/, 0002-2/ ...    a second one that is being made; then its manifest is renamed
 *
 * A manifest is known by its member "clearvision"; "parts" says which set it is of and whether that is complete.
 * Version 0.1 had one set without that member.
 */
#ifndef CLV_PIPELINE_PART_SETS_H
#define CLV_PIPELINE_PART_SETS_H

#include "formats/json.h"
#include "pipeline/part_folder.h"

#define CLV_PARTS_MANIFEST "manifest.json"

typedef struct clv_part_set {
    int number;
    char *file; /* name of its manifest */
    clv_json *manifest;
    bool complete;
} clv_part_set;

typedef struct clv_part_sets {
    clv_part_set *list;
    int count;
    bool damaged; /* a manifest.json that is not one of ours */
    bool others;  /* files of somebody else, or parts without a manifest */
} clv_part_sets;

clv_status clv_part_sets_read(clv_context *ctx, const char *tiles, clv_part_sets *out);
void clv_part_sets_clear(clv_part_sets *sets);
/* The number of a new set: no set, and no folder of a part, has it. */
int clv_part_sets_free_number(const char *tiles, const clv_part_sets *sets, int parts);
/* The name of a part's folder, 0-based. free() */
char *clv_part_name(int set, int part);
/* Whether the name is that of a part of the set. */
bool clv_part_name_is(const char *name, int set);
/* Counts what lies beside the sets. */
void clv_part_sets_find_foreign(const char *tiles, clv_part_rest *rest);
/* Removes manifests that killed runs have begun to write. */
void clv_part_sets_tidy(const char *tiles);
/* Removes the set's files that are not needed any more, its folders and, when none of it is left, its manifest. */
void clv_part_set_remove(clv_context *ctx, const char *tiles, const clv_part_set *set,
                         bool (*needed)(const char *stem, const void *user), const void *user, clv_part_rest *rest);

#endif
