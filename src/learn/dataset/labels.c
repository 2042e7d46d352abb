/* SPDX-License-Identifier: MIT */
#include "learn/dataset/labels.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "image/morphology.h"

enum { RED, GREEN, BLUE, NIR };

/* Reflectance differences to the reference. Land changes mostly in red and NIR, clouds in blue and green too. */
#define CLOUD_SEEN 0.015f    /* a cloud that Sen2Cor saw must brighten at least this much */
#define CIRRUS_SEEN 0.02f    /* below, cirrus does no harm and cannot be learned */
#define CLEAR_BRIGHTER 0.04f /* "clear" that is brighter than this in blue is doubtful */
#define SHADOW_SEEN 0.85f    /* a shadow must darken NIR to at most this share */
#define CLEAR_DARKER 0.65f   /* "clear" that is darker than this share is doubtful */
#define DIFFERENCE_CLOUD 0.045f
#define DIFFERENCE_CLEAR 0.02f

#define OPACITY_CLOUD 0.08f
#define OPACITY_CLEAR 0.035f
#define SHADOW_CERTAIN 0.25f
#define SHADOW_NONE 0.08f

/* People draw clouds with their rims, and a rim that is missed spoils more than one that is masked in vain. */
#define LABEL_BUFFER 2

uint8_t clv_label_of_scl(uint8_t scl)
{
    switch (scl) {
    case 8:
    case 9:
        return CLV_LABEL_CLOUD;
    case 3:
        return CLV_LABEL_SHADOW;
    case 4:
    case 5:
    case 6:
    case 11:
        return CLV_LABEL_CLEAR;
    default:
        return CLV_LABEL_UNKNOWN;
    }
}

typedef struct change {
    float red, green, blue; /* picture minus reference */
    float dark;             /* picture / reference in NIR, in green without NIR */
} change;

static change change_at(const clv_picture *p, int i)
{
    size_t n = (size_t)p->width * (size_t)p->height, k = (size_t)i;
    int band = p->has_nir ? NIR : GREEN;
    float base = p->reference[band * n + k];
    return (change){p->x[RED * n + k] - p->reference[RED * n + k], p->x[GREEN * n + k] - p->reference[GREEN * n + k],
                    p->x[BLUE * n + k] - p->reference[BLUE * n + k], base > 0.02f ? p->x[band * n + k] / base : 1.0f};
}

static uint8_t check_scl(change c, uint8_t scl, uint8_t label)
{
    switch (label) {
    case CLV_LABEL_CLOUD:
        return c.blue > CLOUD_SEEN ? CLV_LABEL_CLOUD : CLV_LABEL_UNKNOWN;
    case CLV_LABEL_SHADOW:
        return c.dark < SHADOW_SEEN ? CLV_LABEL_SHADOW : CLV_LABEL_UNKNOWN;
    case CLV_LABEL_CLEAR:
        return c.blue > CLEAR_BRIGHTER || c.dark < CLEAR_DARKER ? CLV_LABEL_UNKNOWN : CLV_LABEL_CLEAR;
    default:
        return scl == 10 && c.blue > CIRRUS_SEEN && c.green > CIRRUS_SEEN ? CLV_LABEL_CLOUD : CLV_LABEL_UNKNOWN;
    }
}

void clv_labels_check_scl(const clv_picture *picture, const uint8_t *scl, uint8_t *label)
{
    int n = picture->width * picture->height;
    for (int i = 0; i < n; i++) {
        if (picture->missing[i])
            label[i] = CLV_LABEL_UNKNOWN;
        else if (picture->reference)
            label[i] = check_scl(change_at(picture, i), scl[i], label[i]);
    }
}

static uint8_t label_of_change(change c)
{
    if (c.blue > DIFFERENCE_CLOUD && c.green > DIFFERENCE_CLOUD && c.red > DIFFERENCE_CLOUD / 2)
        return CLV_LABEL_CLOUD;
    if (fabsf(c.blue) < DIFFERENCE_CLEAR && fabsf(c.green) < 1.5f * DIFFERENCE_CLEAR &&
        fabsf(c.red) < 2.5f * DIFFERENCE_CLEAR && c.dark > 0.75f)
        return CLV_LABEL_CLEAR;
    return CLV_LABEL_UNKNOWN;
}

int clv_labels_of_difference(const clv_picture *picture, int min_pixels, uint8_t *label)
{
    int n = picture->width * picture->height;
    uint8_t *cloud = clv_alloc_array((size_t)n, 1, 1);
    if (!cloud)
        return -1;
    for (int i = 0; i < n; i++) {
        label[i] = picture->missing[i] ? CLV_LABEL_UNKNOWN : label_of_change(change_at(picture, i));
        cloud[i] = label[i] == CLV_LABEL_CLOUD;
    }
    int rc = clv_remove_specks(cloud, picture->width, picture->height, min_pixels);
    for (int i = 0; i < n && rc == 0; i++)
        if (label[i] == CLV_LABEL_CLOUD && !cloud[i])
            label[i] = CLV_LABEL_UNKNOWN;
    free(cloud);
    return rc;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where no other picture tells: thin cloud brightens blue, so that of what is called clear only the half that is darker
 * in blue is believed. */
static int doubt_bright_clear(const clv_picture *picture, uint8_t *label)
{
    const size_t n = (size_t)picture->width * (size_t)picture->height;
    const float *blue = picture->x + BLUE * n;
    float *clear = clv_alloc_array(n, 1, sizeof *clear);
    size_t count = 0;
    if (!clear)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (label[i] == CLV_LABEL_CLEAR)
            clear[count++] = blue[i];
    qsort(clear, count, sizeof *clear, compare_floats);
    for (size_t i = 0; count && i < n; i++)
        if (label[i] == CLV_LABEL_CLEAR && blue[i] > clear[count / 2])
            label[i] = CLV_LABEL_UNKNOWN;
    free(clear);
    return 0;
}

int clv_labels_check_classes(const clv_picture *picture, int min_pixels, uint8_t *label)
{
    const int n = picture->width * picture->height;
    for (int i = 0; i < n; i++)
        if (picture->missing[i])
            label[i] = CLV_LABEL_UNKNOWN;
    if (!picture->reference)
        return doubt_bright_clear(picture, label);
    uint8_t *seen = clv_alloc_array((size_t)n, 1, 1);
    if (!seen)
        return -1;
    const int rc = clv_labels_of_difference(picture, min_pixels, seen);
    for (int i = 0; i < n && rc == 0; i++) {
        if (!picture->missing[i])
            label[i] = seen[i] == CLV_LABEL_CLOUD ? CLV_LABEL_CLOUD : check_scl(change_at(picture, i), 0, label[i]);
    }
    free(seen);
    return rc;
}

void clv_labels_take_shadows(const uint8_t *classes, int n, uint8_t *label)
{
    for (int i = 0; i < n; i++)
        if (label[i] == CLV_LABEL_CLEAR && classes[i] != CLV_LABEL_CLEAR)
            label[i] = classes[i] == CLV_LABEL_SHADOW ? CLV_LABEL_SHADOW : CLV_LABEL_UNKNOWN;
}

void clv_labels_part_shadows(const clv_picture *picture, uint8_t *label)
{
    int n = picture->width * picture->height;
    for (int i = 0; i < n && picture->reference; i++) {
        if (label[i] != CLV_LABEL_CLOUD || picture->missing[i])
            continue;
        change c = change_at(picture, i);
        if (c.dark < SHADOW_SEEN && c.blue < CLOUD_SEEN)
            label[i] = CLV_LABEL_SHADOW;
    }
}

int clv_labels_drop_dark(const clv_picture *picture, uint8_t *label)
{
    size_t n = (size_t)picture->width * (size_t)picture->height, count = 0;
    const float *plane = picture->x + (picture->has_nir ? NIR : GREEN) * n;
    float *clear = clv_alloc_array(n, 1, sizeof *clear);
    if (!clear)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (label[i] == CLV_LABEL_CLEAR)
            clear[count++] = plane[i];
    if (count) {
        qsort(clear, count, sizeof *clear, compare_floats);
        float limit = 0.7f * clear[count / 2];
        for (size_t i = 0; i < n; i++)
            if (label[i] == CLV_LABEL_CLEAR && plane[i] < limit)
                label[i] = CLV_LABEL_UNKNOWN;
    }
    free(clear);
    return 0;
}

uint8_t clv_label_of_veil(float opacity, float shadow)
{
    if (opacity >= OPACITY_CLOUD)
        return CLV_LABEL_CLOUD;
    if (opacity >= OPACITY_CLEAR)
        return CLV_LABEL_UNKNOWN;
    if (shadow >= SHADOW_CERTAIN)
        return CLV_LABEL_SHADOW;
    return shadow >= SHADOW_NONE ? CLV_LABEL_UNKNOWN : CLV_LABEL_CLEAR;
}

/* Pixels called `from` that lie within `radius` of one called `near` become `to`, missing ones excepted. */
static int relabel_near(const clv_picture *picture, uint8_t near, int radius, uint8_t from, uint8_t to, uint8_t *label)
{
    size_t n = (size_t)picture->width * (size_t)picture->height;
    uint8_t *core = clv_alloc_array(n, 1, 1), *wide = clv_alloc_array(n, 1, 1);
    int rc = core && wide ? 0 : -1;
    for (size_t i = 0; i < n && rc == 0; i++)
        core[i] = label[i] == near;
    if (rc == 0)
        rc = clv_dilate(core, picture->width, picture->height, radius, wide);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (label[i] == from && wide[i] && !picture->missing[i])
            label[i] = to;
    free(core);
    free(wide);
    return rc;
}

int clv_labels_add_rims(const clv_picture *picture, uint8_t *label)
{
    return relabel_near(picture, CLV_LABEL_CLOUD, LABEL_BUFFER, CLV_LABEL_UNKNOWN, CLV_LABEL_CLOUD, label);
}

int clv_labels_drop_rims(const clv_picture *picture, int width, uint8_t *label)
{
    return relabel_near(picture, CLV_LABEL_CLEAR, width, CLV_LABEL_CLOUD, CLV_LABEL_UNKNOWN, label);
}

uint8_t clv_label_of_votes(const int votes[4])
{
    static const uint8_t order[4] = {CLV_LABEL_CLOUD, CLV_LABEL_SHADOW, CLV_LABEL_UNKNOWN, CLV_LABEL_CLEAR};
    static const int slot[4] = {1, 2, 3, 0};
    int best = 0;
    for (int k = 1; k < 4; k++)
        if (votes[slot[k]] > votes[slot[best]])
            best = k;
    return order[best];
}
