/* SPDX-License-Identifier: MIT */
#include "gapfill/fill_input.h"

#include "sentinel2/dates.h"

#define GAP_VALUE 1.0f /* marks a gap for a network that does not start from the gap filling */

int clv_fill_planes(const clv_fill_form *form)
{
    return form->bands + (form->from_gapfill ? 3 : 0);
}

float clv_fill_day(const clv_fill_form *form, const clv_stack *stack, int t)
{
    if (form->from_gapfill)
        return (float)(stack->days[t] - stack->days[0]);
    clv_date date = clv_date_from_days(stack->days[t]);
    return (float)(clv_day_of_year(&date) - 1);
}

/* Days from date t to the latest observation before and the next after it at a pixel. */
static void days_around(const clv_stack *s, int t, size_t pixel, float *before, float *after)
{
    size_t plane = (size_t)s->height * (size_t)s->width;
    *before = *after = s->gap[(size_t)t * plane + pixel] ? -1 : 0;
    for (int i = t - 1; *before < 0 && i >= 0; i--)
        if (!s->gap[(size_t)i * plane + pixel])
            *before = (float)(s->days[t] - s->days[i]);
    for (int i = t + 1; *after < 0 && i < s->dates; i++)
        if (!s->gap[(size_t)i * plane + pixel])
            *after = (float)(s->days[i] - s->days[t]);
}

void clv_fill_input(const clv_fill_form *form, const clv_stack *s, clv_rect roi, int t, const float *filled, int side,
                    float *in)
{
    size_t plane = (size_t)s->height * (size_t)s->width, roi_plane = (size_t)roi.width * (size_t)roi.height;
    size_t pixels = (size_t)side * (size_t)side;
    float *valid = in + (size_t)form->bands * pixels;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            int rx = clv_reflect(x, roi.width), ry = clv_reflect(y, roi.height);
            size_t to = (size_t)y * (size_t)side + (size_t)x, from = (size_t)ry * (size_t)roi.width + (size_t)rx;
            size_t pixel = (size_t)(roi.y + ry) * (size_t)s->width + (size_t)(roi.x + rx);
            bool gap = s->gap[(size_t)t * plane + pixel] != 0;
            for (int c = 0; c < form->bands; c++) {
                float v = filled[((size_t)t * (size_t)s->bands + (size_t)c) * roi_plane + from];
                if (!form->from_gapfill)
                    v = gap ? GAP_VALUE : v < 0 ? 0 : v > 1 ? 1 : v;
                in[(size_t)c * pixels + to] = v;
            }
            if (form->from_gapfill) {
                valid[to] = gap ? 0 : 1;
                days_around(s, t, pixel, &valid[pixels + to], &valid[2 * pixels + to]);
            }
        }
}
