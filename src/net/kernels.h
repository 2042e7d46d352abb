/* SPDX-License-Identifier: MIT
 *
 * kernels: what libtorch does slowly, or differently with another number of threads, on a CPU: plain loops over float32
 * in channels-last order ([frame][pixel][channel]). Work is split among libtorch's threads in pieces that do not depend
 * on their number, so results do not either. No gradients. Both networks' inference uses them; training uses libtorch's
 * own.
 */
#ifndef CLV_NET_KERNELS_H
#define CLV_NET_KERNELS_H

#include <cstdint>

namespace clv::net
{

/* Group normalisation of `frames` pictures in place, then ReLU where `relu`. gamma and beta [channels]; groups divides
 * channels. */
void group_norm_in_place(float *x, int64_t frames, int64_t pixels, int64_t channels, int64_t groups, const float *gamma,
                         const float *beta, double epsilon, bool relu);

/* Pictures [frames][height][width][channels] with a border of `border` pixels mirrored at their edges (which do not
 * repeat), into result [frames][height + 2 * border][width + 2 * border][channels]. height and width exceed border. */
void reflect_border(const float *x, int64_t frames, int64_t height, int64_t width, int64_t channels, int64_t border,
                    float *result);

struct AggregateShape {
    int64_t sequences, dates, heads, channels; /* heads divides channels */
    int64_t h, w;                              /* of the attention */
    int64_t height, width;                     /* of the features, at least h and w */
};

/* True where aggregate_dates is the better way: its working memory grows with dates^2 * channels. */
bool aggregate_fits(const AggregateShape &shape);

/* result[b][t][y][x][c] = sum over s of weight[head of c][b][t][s](y, x) * features[b][s][y][x][c], the weights, given
 * as [heads][sequences][h * w][dates][dates], interpolated bilinearly as upsample_bilinear2d without aligned corners
 * does. */
void aggregate_dates(const AggregateShape &shape, const float *weights, const float *features, float *result);

} // namespace clv::net

#endif
