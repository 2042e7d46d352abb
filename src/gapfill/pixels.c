/* SPDX-License-Identifier: MIT
 *
 * Lists of pixels of a job, and where a result goes. */
#include "gapfill/job.h"

#define BLOCK CLV_GAPFILL_BLOCK

/* Fills up the last block by repeating the last pixel. Returns the padded length; count must be at least 1. */
int clv_gapfill_pad(int *pixels, int count)
{
    int padded = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (int i = count; i < padded; i++)
        pixels[i] = pixels[count - 1];
    return padded;
}

/* Pixels of a rectangle with mask != 0 (NULL: all). */
int clv_gapfill_list(const uint8_t *mask, int width, clv_rect r, int *pixels)
{
    int count = 0;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++)
            if (!mask || mask[(size_t)y * width + x])
                pixels[count++] = y * width + x;
    return count;
}

clv_rect clv_gapfill_whole(const clv_field *f)
{
    return (clv_rect){0, 0, f->width, f->height};
}

clv_rect clv_gapfill_near(const clv_field *f, clv_rect part)
{
    const clv_rect r = {part.x - CLV_SPREAD_REACH, part.y - CLV_SPREAD_REACH, part.width + 2 * CLV_SPREAD_REACH,
                        part.height + 2 * CLV_SPREAD_REACH};
    return clv_rect_intersect(r, clv_gapfill_whole(f));
}

clv_rect clv_gapfill_reach(const clv_field *f, const int *pixels, int count)
{
    int x0 = f->width, x1 = 0, y0 = pixels[0] / f->width, y1 = pixels[count - 1] / f->width;
    for (int i = 0; i < count; i++) {
        int x = pixels[i] % f->width;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
    }
    return clv_gapfill_near(f, (clv_rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1});
}

const uint8_t *clv_gapfill_screened(const clv_gapfill_job *j, int t)
{
    return j->screened ? j->screened + (size_t)t * j->f->n : NULL;
}

float *clv_gapfill_out_plane(const clv_gapfill_job *j, int t, int c)
{
    return j->out + ((size_t)t * j->f->bands + c) * j->roi.width * j->roi.height;
}

int clv_gapfill_list_targets(clv_gapfill_job *j, int t)
{
    const uint8_t *gap = j->f->gap + (size_t)t * j->f->n, *screened = clv_gapfill_screened(j, t);
    if (j->full || !screened)
        return clv_gapfill_list(j->full ? NULL : gap, j->f->width, j->roi, j->pixels);
    for (int i = 0; i < j->f->n; i++)
        j->scratch[i] = gap[i] && !screened[i];
    return clv_gapfill_list(j->scratch, j->f->width, j->roi, j->pixels);
}

static float in_range(double v)
{
    return v > 0 ? v < CLV_GAPFILL_LARGEST ? (float)v : CLV_GAPFILL_LARGEST : 0.0f; /* NaN becomes 0 */
}

void clv_gapfill_write(clv_gapfill_job *j, int t, int pixel, int c, double value)
{
    int x = pixel % j->f->width - j->roi.x, y = pixel / j->f->width - j->roi.y;
    clv_gapfill_out_plane(j, t, c)[(size_t)y * j->roi.width + x] = in_range(value);
}

void clv_gapfill_write_deviation(clv_gapfill_job *j, int t, int pixel, double deviation)
{
    const size_t x = (size_t)(pixel % j->f->width - j->roi.x), y = (size_t)(pixel / j->f->width - j->roi.y);
    j->deviation[((size_t)t * j->roi.height + y) * j->roi.width + x] = (float)deviation;
}
