/* SPDX-License-Identifier: MIT
 *
 * labels: what the pixels of a training picture are called: 0 clear, 1 cloud, 2 shadow, 255 unknown (not learned
 * from).
 *
 * Products' own classes are rough: Sen2Cor calls roofs cloud, misses shadow, and flags cirrus that cannot be seen.
 * Where the series gives a clear reference (the per-pixel lower median), a class is believed only as far as the
 * pixel's change agrees with it; what disagrees becomes unknown rather than wrong. Plain memory, no state.
 */
#ifndef CLV_LEARN_DATASET_LABELS_H
#define CLV_LEARN_DATASET_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#define CLV_LABEL_CLEAR 0
#define CLV_LABEL_CLOUD 1
#define CLV_LABEL_SHADOW 2
#define CLV_LABEL_UNKNOWN 255

/* A picture on its grid: planes red, green, blue, NIR of n pixels each; NIR all 0 where there is none. */
typedef struct clv_picture {
    const float *x;         /* [4, n] reflectance */
    const float *reference; /* [4, n] the same ground without clouds, or NULL */
    const uint8_t *missing; /* [n] */
    int width, height;
    bool has_nir;
} clv_picture;

/* A class of Sen2Cor's scene classification, by itself: 8, 9 cloud, 3 shadow, 4 to 6 and 11 clear, the rest
 * unknown. */
uint8_t clv_label_of_scl(uint8_t scl);

/* label [n] holds classes of clv_label_of_scl and scl [n] the SCL classes they came from; makes unknown what the
 * picture contradicts, and cloud what is cirrus (10) that can be seen. Without a reference only missing pixels
 * change. */
void clv_labels_check_scl(const clv_picture *picture, const uint8_t *scl, uint8_t *label);

/* Cloud where the picture is clearly brighter than its reference, clear where it hardly differs, unknown between,
 * where it is darker, and on bright specks of fewer than min_pixels (roofs, ships, harvested fields). Returns 0,
 * or -1 when out of memory. */
int clv_labels_of_difference(const clv_picture *picture, int min_pixels, uint8_t *label);

/* label [n] holds another detector's classes: as clv_labels_check_scl for them, and cloud where the change says so
 * (clv_labels_of_difference). Without a reference missing pixels become unknown,
 * and so do clear ones brighter in blue than their median: thin cloud may lie there. Returns 0, or -1 when out of
 * memory.
 */
int clv_labels_check_classes(const clv_picture *picture, int min_pixels, uint8_t *label);

/* Clear pixels that `classes` [n] calls shadow become shadow, and unknown where one of both does not know: for masks
 * that know no shadows. */
void clv_labels_take_shadows(const uint8_t *classes, int n, uint8_t *label);

/* For masks in which cloud and shadow are one class, given as cloud: what is darker than its reference, and not
 * brighter in blue, becomes shadow. Without a reference nothing changes. */
void clv_labels_part_shadows(const clv_picture *picture, uint8_t *label);

/* For masks without shadows: clear pixels darker than 0.7 of the clear ground's median become unknown. Returns 0
 * or -1. */
int clv_labels_drop_dark(const clv_picture *picture, uint8_t *label);

/* Unknown pixels within 2 of a cloud become cloud: its rim. Returns 0, or -1 when out of memory. */
int clv_labels_add_rims(const clv_picture *picture, uint8_t *label);

/* For masks that are drawn generously: clouds within `width` of clear ground become unknown. Returns 0 or -1. */
int clv_labels_drop_rims(const clv_picture *picture, int width, uint8_t *label);

/* A simulated pixel: opacity of the cloud above it and strength of the shadow on it, 0 to 1. Faint ones are
 * unknown. */
uint8_t clv_label_of_veil(float opacity, float shadow);

/* The class of a block of pixels given the number of its pixels called clear, cloud, shadow, unknown: the most
 * frequent; among equals cloud, shadow, unknown, clear. */
uint8_t clv_label_of_votes(const int votes[4]);

#endif
