/* SPDX-License-Identifier: MIT */
#include "raster/axis.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define EVEN 0.1   /* steps */
#define PHASE 0.02 /* pixels */

bool clv_axis_of(const double *values, int count, clv_axis *out)
{
    double largest = 0;
    if (count < 1)
        return false;
    for (int i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
        largest = fmax(largest, fabs(values[i]));
    }
    double step = count > 1 ? (values[count - 1] - values[0]) / (count - 1) : 0;
    if (count > 1 && !(fabs(step) > largest * DBL_EPSILON * 4))
        return false;
    /* Half a unit in the last place of a float at each end. */
    double allowed = fmax(EVEN * fabs(step), fmin(largest * FLT_EPSILON, 0.45 * fabs(step)));
    for (int i = 0; i < count; i++)
        if (fabs(values[i] - (values[0] + i * step)) > allowed)
            return false;
    /* "10.000000000004" is what 10 looks like after a division: keep the lattice that the writer meant. */
    double round = step * 1e6 < 9e15 ? floor(step * 1e6 + 0.5) / 1e6 : step;
    if (fabs(round - step) * count < 1e-6 * fabs(step))
        step = round;
    *out = (clv_axis){values[0], step, count};
    return true;
}

/* Phase of a coordinate on a lattice, in pixels from -0.5 to 0.5. */
static double phase(double at, double origin, double step)
{
    double pixels = (at - origin) / step;
    return pixels - floor(pixels + 0.5);
}

static bool same_size(double step, double stated)
{
    return step == 0 || fabs(fabs(step) - fabs(stated)) <= 1e-4 * fabs(stated);
}

bool clv_axes_transform(const clv_axis *x, const clv_axis *y, const double stated[6], double transform[6])
{
    double dx = x->step, dy = y->step;
    bool usable = stated && stated[1] != 0 && stated[5] != 0 && stated[2] == 0 && stated[4] == 0 &&
                  same_size(dx, stated[1]) && same_size(dy, stated[5]);
    if (dx == 0)
        dx = usable ? stated[1] : fabs(dy);
    if (dy == 0)
        dy = usable ? stated[5] : -fabs(dx);
    if (dx == 0 || dy == 0)
        return false;
    bool corners = usable && fabs(phase(x->first, stated[0], stated[1])) <= PHASE &&
                   fabs(phase(y->first, stated[3], stated[5])) <= PHASE;
    /* A corner is the north-western one whichever way the axis runs. */
    double left = corners ? (dx > 0 ? x->first : x->first - dx) : x->first - dx / 2;
    double top = corners ? (dy < 0 ? y->first : y->first - dy) : y->first - dy / 2;
    const double made[6] = {left, dx, 0, top, 0, dy};
    memcpy(transform, made, sizeof made);
    return true;
}
