/* SPDX-License-Identifier: MIT
 *
 * A date is compared with what the other dates predict for it (steps 1 and 2): a patch that is much brighter in red,
 * green and blue, and at least as much in blue as in red, is cloud or fresh snow rather than ground (bare soil and
 * roofs are brighter in red above all). Such patches keep their observed values in the result, but no model is fitted
 * to them, and no other date is filled from them.
 *
 * Every second pixel of every second row is compared: a patch has at least 2 x 2 of these lattice points. */
#include <math.h>
#include <string.h>

#include "base/select.h"
#include "gapfill/job.h"
#include "gapfill/missed_cloud.h"
#include "image/morphology.h"

#define BLOCK CLV_FIELD_BLOCK
#define STEP 2
#define COLOURS 3             /* red, green, blue */
#define LEAST 0.05f           /* reflectance by which a patch is brighter, at least, */
#define TIMES 6.0             /* and in units of the date's residual scale */
#define RESIDUAL_SCALE 1.4826 /* standard deviation of normally distributed differences with a median of 1 */
#define WHITENESS 0.95f       /* difference in blue against that in red */
#define GROWN 2               /* lattice points added around a patch */
#define NOT_COMPARED -1e9f

/* A date on the lattice. */
typedef struct lattice {
    int width, height, n;
    float *difference;      /* [COLOURS, n] the date less its prediction from the others, or NOT_COMPARED */
    float *sorted;          /* [n] */
    uint8_t *patch, *grown; /* [n] */
} lattice;

static bool hold_lattice(clv_gapfill_job *j, lattice *l)
{
    l->width = (j->f->width + STEP - 1) / STEP;
    l->height = (j->f->height + STEP - 1) / STEP;
    l->n = l->width * l->height;
    float *scratch = clv_buffer_hold(&j->work->scratch_values, (size_t)l->n * (COLOURS + 1), 1, sizeof *scratch);
    uint8_t *flags = clv_buffer_hold(&j->work->set.patches, (size_t)l->n, 2, 1);
    l->difference = scratch;
    l->sorted = scratch ? scratch + (size_t)l->n * COLOURS : NULL;
    l->patch = flags;
    l->grown = flags ? flags + l->n : NULL;
    return scratch && flags;
}

static int lattice_point(const clv_field *f, const lattice *l, int pixel)
{
    return pixel / f->width / STEP * l->width + pixel % f->width / STEP;
}

/* Differences of date t, whose radiometric fit is known. Returns the number of points. */
static int find_differences(clv_gapfill_job *j, lattice *l, int t)
{
    const clv_field *f = j->f;
    const uint8_t *gap = f->gap + (size_t)t * (size_t)f->n;
    int count = 0;
    for (int i = 0; i < COLOURS * l->n; i++)
        l->difference[i] = NOT_COMPARED;
    for (int y = 0; y < f->height; y += STEP)
        for (int x = 0; x < f->width; x += STEP) {
            const int p = y * f->width + x;
            if (!gap[p] && clv_field_elsewhere(f, t, p))
                j->pixels[count++] = p;
        }
    if (count)
        clv_pixels_pad(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        clv_radiometric_fit_block(j, t, j->pixels + s, block);
        for (int c = 0; c < COLOURS; c++)
            for (int i = 0; i < BLOCK && s + i < count; i++) {
                const int p = j->pixels[s + i];
                l->difference[c * l->n + lattice_point(f, l, p)] = clv_field_plane(f, t, c)[p] - block[c * BLOCK + i];
            }
    }
    return count;
}

/* Marks bright and white points. Returns whether there are any. */
static bool find_patches(lattice *l)
{
    float limit[COLOURS];
    bool any = false;
    for (int c = 0; c < COLOURS; c++) {
        const float *d = l->difference + (size_t)c * (size_t)l->n;
        int count = 0;
        for (int i = 0; i < l->n; i++)
            if (d[i] > NOT_COMPARED)
                l->sorted[count++] = fabsf(d[i]);
        limit[c] = fmaxf(LEAST, (float)(TIMES * RESIDUAL_SCALE * clv_median(l->sorted, count)));
    }
    const float *red = l->difference, *green = red + l->n, *blue = green + l->n;
    for (int i = 0; i < l->n; i++) {
        l->patch[i] = red[i] > limit[0] && green[i] > limit[1] && blue[i] > limit[2] && blue[i] > WHITENESS * red[i];
        any |= l->patch[i];
    }
    return any;
}

/* Removes points that do not belong to 2 x 2 marked points. Returns whether any remain. */
static bool drop_specks(lattice *l)
{
    bool any = false;
    memset(l->grown, 0, (size_t)l->n);
    for (int y = 0; y + 1 < l->height; y++)
        for (int x = 0; x + 1 < l->width; x++) {
            const int i = y * l->width + x, below = i + l->width;
            if (!l->patch[i] || !l->patch[i + 1] || !l->patch[below] || !l->patch[below + 1])
                continue;
            l->grown[i] = l->grown[i + 1] = l->grown[below] = l->grown[below + 1] = 1;
            any = true;
        }
    memcpy(l->patch, l->grown, (size_t)l->n);
    return any;
}

bool clv_missed_cloud_screen(clv_gapfill_job *j)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n;
    lattice l;
    uint8_t *screened = clv_buffer_hold(&j->work->set.screened, (size_t)f->dates, n, 1);
    if (!screened || !hold_lattice(j, &l))
        return false;
    memset(screened, 0, (size_t)f->dates * n);
    for (int t = 0; t < f->dates; t++) {
        if (!j->set.target[t])
            clv_training_use_all(&j->set, t, f->n);
        if (!j->set.usable[t] || !clv_gapfill_choose_start(&j->start, t))
            continue;
        if (!clv_radiometric_fit_learn(j, t))
            return false;
        if (!find_differences(j, &l, t) || !find_patches(&l) || !drop_specks(&l))
            continue;
        if (clv_dilate(l.patch, l.width, l.height, GROWN, l.grown) < 0)
            return false;
        for (int p = 0; p < f->n; p++)
            screened[(size_t)t * n + (size_t)p] =
                l.grown[lattice_point(f, &l, p)] && !f->gap[(size_t)t * n + (size_t)p];
        j->set.screened = screened;
    }
    return true;
}
