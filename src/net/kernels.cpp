/* SPDX-License-Identifier: MIT */
#include "net/kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

// One copy of the hot loops for each generation of x86; the loader picks. Elsewhere the compiler's default serves.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CLV_CLONES __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define CLV_CLONES
#endif

namespace clv::net
{

/* ---- Group normalisation ---------------------------------------------------------------------------------------- */

static constexpr int64_t PIXELS_AT_ONCE = 64; // summed in float32 before they join the double sums

CLV_CLONES static void sum_pixels(const float *x, int64_t pixels, int64_t channels, float *sum, float *squares)
{
    for (int64_t c = 0; c < channels; c++)
        sum[c] = squares[c] = 0;
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t c = 0; c < channels; c++) {
            const float v = x[p * channels + c];
            sum[c] += v;
            squares[c] += v * v;
        }
}

CLV_CLONES static void scale_pixels(float *x, int64_t pixels, int64_t channels, const float *scale, const float *shift,
                                    float floor)
{
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t c = 0; c < channels; c++) {
            const float v = x[p * channels + c] * scale[c] + shift[c];
            x[p * channels + c] = v > floor ? v : floor;
        }
}

static void normalise_frame(float *x, int64_t pixels, int64_t channels, int64_t groups, const float *gamma,
                            const float *beta, double epsilon, bool relu)
{
    const int64_t width = channels / groups;
    std::vector<float> block(static_cast<size_t>(4 * channels));
    float *sum = block.data(), *squares = sum + channels, *scale = squares + channels, *shift = scale + channels;
    std::vector<double> totals(static_cast<size_t>(2 * groups), 0.0);
    for (int64_t p = 0; p < pixels; p += PIXELS_AT_ONCE) {
        sum_pixels(x + p * channels, std::min(PIXELS_AT_ONCE, pixels - p), channels, sum, squares);
        for (int64_t c = 0; c < channels; c++) {
            totals[static_cast<size_t>(2 * (c / width))] += static_cast<double>(sum[c]);
            totals[static_cast<size_t>(2 * (c / width) + 1)] += static_cast<double>(squares[c]);
        }
    }
    const double count = static_cast<double>(pixels * width);
    for (int64_t c = 0; c < channels; c++) {
        const double mean = totals[static_cast<size_t>(2 * (c / width))] / count;
        const double variance = std::max(0.0, totals[static_cast<size_t>(2 * (c / width) + 1)] / count - mean * mean);
        const double factor = static_cast<double>(gamma[c]) / std::sqrt(variance + epsilon);
        scale[c] = static_cast<float>(factor);
        shift[c] = static_cast<float>(static_cast<double>(beta[c]) - mean * factor);
    }
    scale_pixels(x, pixels, channels, scale, shift, relu ? 0.0f : -INFINITY);
}

void group_norm_in_place(float *x, int64_t frames, int64_t pixels, int64_t channels, int64_t groups, const float *gamma,
                         const float *beta, double epsilon, bool relu)
{
    at::parallel_for(0, frames, 1, [&](int64_t first, int64_t last) {
        for (int64_t f = first; f < last; f++)
            normalise_frame(x + f * pixels * channels, pixels, channels, groups, gamma, beta, epsilon, relu);
    });
}

/* ---- Border ----------------------------------------------------------------------------------------------------- */

static int64_t mirrored(int64_t i, int64_t size)
{
    return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
}

void reflect_border(const float *x, int64_t frames, int64_t height, int64_t width, int64_t channels, int64_t border,
                    float *result)
{
    const int64_t tall = height + 2 * border, wide = width + 2 * border;
    const size_t pixel = static_cast<size_t>(channels) * sizeof(float);
    at::parallel_for(0, frames * tall, 16, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            const float *from = x + (i / tall * height + mirrored(i % tall - border, height)) * width * channels;
            float *to = result + i * wide * channels;
            for (int64_t b = 0; b < border; b++) {
                std::memcpy(to + b * channels, from + mirrored(b - border, width) * channels, pixel);
                std::memcpy(to + (border + width + b) * channels, from + mirrored(width + b, width) * channels, pixel);
            }
            std::memcpy(to + border * channels, from, pixel * static_cast<size_t>(width));
        }
    });
}

/* ---- Features of all dates, weighted ---------------------------------------------------------------------------- */

static constexpr int64_t MOST_WORK_FLOATS = int64_t{1} << 20;

/* Where a fine position lies among the coarse ones. */
struct Place {
    int64_t low, high;
    float share; /* of high */
};

static Place place_of(int64_t fine, int64_t fine_size, int64_t coarse_size)
{
    const double scale = static_cast<double>(coarse_size) / static_cast<double>(fine_size);
    const double at = std::max(0.0, (static_cast<double>(fine) + 0.5) * scale - 0.5);
    Place place;
    place.low = std::min(static_cast<int64_t>(at), coarse_size - 1);
    place.high = std::min(place.low + 1, coarse_size - 1);
    place.share = static_cast<float>(at - static_cast<double>(place.low));
    return place;
}

/* The weights of one coarse column, interpolated to the row and spread to channels: column[(t * dates + s) * channels +
 * c]. */
CLV_CLONES static void spread_column(const float *above, const float *below, float share, int64_t pairs,
                                     int64_t head_width, int64_t head_stride, int64_t heads, float *column)
{
    for (int64_t g = 0; g < heads; g++)
        for (int64_t i = 0; i < pairs; i++) {
            const float a = above[g * head_stride + i];
            const float value = a + share * (below[g * head_stride + i] - a);
            float *to = column + i * heads * head_width + g * head_width;
            for (int64_t c = 0; c < head_width; c++)
                to[c] = value;
        }
}

CLV_CLONES static void subtract(const float *a, const float *b, int64_t count, float *difference)
{
    for (int64_t i = 0; i < count; i++)
        difference[i] = a[i] - b[i];
}

/* One pixel: all dates from all dates. `stride` is from a date's pixel to the next date's. */
CLV_CLONES static void mix_pixel(const float *left, const float *slope, float share, int64_t dates, int64_t channels,
                                 int64_t stride, const float *__restrict features, float *__restrict result)
{
    constexpr int64_t BLOCK = 32; // sums that stay in registers
    for (int64_t t = 0; t < dates; t++) {
        const float *l = left + t * dates * channels, *d = slope + t * dates * channels;
        for (int64_t c = 0; c < channels; c += BLOCK) {
            float sum[BLOCK] = {0};
            if (c + BLOCK <= channels) {
                for (int64_t s = 0; s < dates; s++)
                    for (int64_t k = 0; k < BLOCK; k++)
                        sum[k] +=
                            (l[s * channels + c + k] + share * d[s * channels + c + k]) * features[s * stride + c + k];
                for (int64_t k = 0; k < BLOCK; k++)
                    result[t * stride + c + k] = sum[k];
            } else {
                for (int64_t s = 0; s < dates; s++)
                    for (int64_t k = 0; k < channels - c; k++)
                        sum[k] +=
                            (l[s * channels + c + k] + share * d[s * channels + c + k]) * features[s * stride + c + k];
                for (int64_t k = 0; k < channels - c; k++)
                    result[t * stride + c + k] = sum[k];
            }
        }
    }
}

static void mix_row(const AggregateShape &s, const float *weights, const float *features, float *result, int64_t b,
                    int64_t y, std::vector<float> &work)
{
    const int64_t pairs = s.dates * s.dates, spread = pairs * s.channels, plane = s.height * s.width * s.channels;
    const int64_t head_stride = s.sequences * s.h * s.w * pairs;
    const float *of_sequence = weights + b * s.h * s.w * pairs;
    const Place row = place_of(y, s.height, s.h);
    float *left = work.data(), *right = left + spread, *slope = right + spread;
    int64_t low = -1;
    for (int64_t x = 0; x < s.width; x++) {
        const Place column = place_of(x, s.width, s.w);
        if (column.low != low) {
            auto make = [&](int64_t i, float *to) {
                spread_column(of_sequence + (row.low * s.w + i) * pairs, of_sequence + (row.high * s.w + i) * pairs,
                              row.share, pairs, s.channels / s.heads, head_stride, s.heads, to);
            };
            if (low >= 0 && column.low == low + 1)
                std::swap(left, right);
            else
                make(column.low, left);
            make(column.high, right);
            subtract(right, left, spread, slope);
            low = column.low;
        }
        const int64_t offset = b * s.dates * plane + (y * s.width + x) * s.channels;
        mix_pixel(left, slope, column.share, s.dates, s.channels, plane, features + offset, result + offset);
    }
}

bool aggregate_fits(const AggregateShape &s)
{
    return s.height >= s.h && s.width >= s.w && s.dates <= 512 &&
           3 * s.dates * s.dates * s.channels <= MOST_WORK_FLOATS;
}

void aggregate_dates(const AggregateShape &s, const float *weights, const float *features, float *result)
{
    at::parallel_for(0, s.sequences * s.height, 1, [&](int64_t first, int64_t last) {
        std::vector<float> work(static_cast<size_t>(3 * s.dates * s.dates * s.channels));
        for (int64_t i = first; i < last; i++)
            mix_row(s, weights, features, result, i / s.height, i % s.height, work);
    });
}

} // namespace clv::net
