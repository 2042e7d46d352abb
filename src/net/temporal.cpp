/* SPDX-License-Identifier: MIT */
#include "net/kernels.h"
#include "net/temporal.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/div.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <cmath>

namespace clv::net
{

static constexpr double PERIOD = 1000;         // of the slowest sinusoid, in days: the published value
static constexpr double PADDED_LOGIT = -1000;  // likewise
static constexpr double OBSERVED_FLOOR = 0.01; // a date of which nothing is seen keeps a hundredth of its weight
static constexpr int64_t DAY_KNOTS = 17;       // of the function of the days between two dates ...
static constexpr double DAY_STEP = 5;          // ... which lie at 0, 5, 15, 35, 75 ... days before and after

TemporalLayer::Linear TemporalLayer::declare(Weights &weights, const std::string &name, int64_t in, int64_t out,
                                             bool bias, Start start) const
{
    Linear linear;
    linear.weight = weights.add(name + ".weight", {out, in}, start);
    if (bias)
        linear.bias = weights.add(name + ".bias", {out}, spec_.published_start ? Start::standard : Start::zero);
    return linear;
}

TemporalLayer::TemporalLayer(Weights &weights, const std::string &name, const TemporalSpec &spec) : spec_(spec)
{
    const int64_t channels = spec.channels;
    const std::string heads = name + ".attention_heads.";
    const Start start = spec.published_start ? Start::xavier : Start::lecun;
    key_ = declare(weights, heads + "fc_k", channels, spec.heads * spec.d_k, spec.bias_qk, start);
    query_ = declare(weights, heads + "fc_q", channels, spec.heads * spec.d_k, spec.bias_qk, start);
    if (spec.projections) {
        value_ = declare(weights, heads + "fc_v", channels, channels, false, start);
        result_ = declare(weights, heads + "fc_o", channels, channels, true, start);
    }
    if (spec.validity_bias)
        validity_ = weights.add(heads + "validity", {spec.heads}, Start::one);
    if (spec.day_bias)
        days_ = weights.add(heads + "days", {spec.heads, DAY_KNOTS}, Start::zero);
    for (int *norm : {&norm1_, &norm2_}) {
        const std::string full = name + (norm == &norm1_ ? ".norm1" : ".norm2");
        *norm = weights.add(full + ".weight", {channels}, Start::one);
        weights.add(full + ".bias", {channels}, Start::zero);
    }
    int64_t wide = spec.widening ? spec.widening * channels : channels;
    feed_[0] = declare(weights, name + ".mlp.0", channels, wide, true, start);
    if (spec.widening)
        feed_[1] = declare(weights, name + ".mlp.2", wide, channels, true, start);
}

static at::Tensor apply_linear(const Weights &weights, int weight, int bias, const at::Tensor &x,
                               at::ScalarType compute)
{
    return linear(x.to(compute), weights[weight].to(compute), bias >= 0 ? weights[bias].to(compute) : at::Tensor());
}

/* Sines and cosines of the day, [B, 1, T, C], the same for every head. */
static at::Tensor sinusoids(const at::Tensor &days, int64_t channels, int64_t heads)
{
    int64_t width = channels / heads, pairs = (width + 1) / 2;
    at::Tensor exponent = at::arange(pairs, days.options()) * 2 / static_cast<double>(width);
    at::Tensor angle = days.unsqueeze(-1) / at::pow(at::Scalar(PERIOD), exponent);
    at::Tensor table = at::stack({at::sin(angle), at::cos(angle)}, -1).flatten(-2).narrow(-1, 0, width);
    return table.repeat({1, 1, heads}).unsqueeze(1);
}

at::Tensor TemporalLayer::normalise(const Weights &weights, const at::Tensor &x, int gamma) const
{
    // Per token: the positions and dates are the batch.
    at::Tensor rows = x.reshape({-1, spec_.channels});
    at::Tensor scale = weights[gamma].to(x.scalar_type()), shift = weights[gamma + 1].to(x.scalar_type());
    at::Tensor y = spec_.layer_norm ? at::layer_norm(rows, {spec_.channels}, scale, shift, spec_.epsilon)
                                    : at::group_norm(rows, spec_.channels <= spec_.heads ? 1 : spec_.heads, scale,
                                                     shift, spec_.epsilon);
    return y.view(x.sizes());
}

/* The learned function of the days from the date that asks to the date that answers, [G, B, 1, T, T]: linear between
 * its knots, constant beyond the last. */
at::Tensor TemporalLayer::day_logits(const Weights &weights, const at::Tensor &days) const
{
    at::Tensor difference = days.unsqueeze(1) - days.unsqueeze(2); // [B, asking, answering]
    at::Tensor place = at::sign(difference) * at::log2(at::abs(difference) / DAY_STEP + 1) + (DAY_KNOTS / 2);
    place = place.clamp(0, DAY_KNOTS - 1);
    at::Tensor below = at::floor(place).clamp(0, DAY_KNOTS - 2);
    at::Tensor share = place - below;
    at::Tensor index = below.to(at::kLong).flatten();
    at::Tensor table = weights[days_].to(at::kFloat);
    at::Tensor lower = at::index_select(table, 1, index), upper = at::index_select(table, 1, index + 1);
    at::Tensor value = lower + (upper - lower) * share.flatten();
    return value.view({spec_.heads, days.size(0), 1, days.size(1), days.size(1)});
}

at::Tensor TemporalLayer::attend(const Weights &weights, const at::Tensor &x, const Dates &dates,
                                 at::ScalarType compute, bool training, at::Tensor *attention) const
{
    const int64_t B = x.size(0), P = x.size(1), T = x.size(2), C = x.size(3), G = spec_.heads;
    auto by_head = [&](const at::Tensor &y, int64_t width) {
        return y.view({B, P, T, G, width}).permute({3, 0, 1, 2, 4});
    };
    at::Tensor query = by_head(apply_linear(weights, query_.weight, query_.bias, x, compute), spec_.d_k);
    at::Tensor key = by_head(apply_linear(weights, key_.weight, key_.bias, x, compute), spec_.d_k);
    at::Tensor logits =
        at::matmul(query, key.transpose(-1, -2)).to(at::kFloat) / std::sqrt(static_cast<double>(spec_.d_k));
    if (spec_.validity_bias) {
        at::Tensor scale = weights[validity_].to(at::kFloat).view({G, 1, 1, 1, 1});
        logits = logits + scale * at::log(dates.observed + OBSERVED_FLOOR).view({1, B, P, 1, T});
    }
    if (spec_.day_bias)
        logits = logits + day_logits(weights, dates.days);
    if (dates.padded.defined())
        logits = logits.masked_fill(dates.padded.view({1, B, 1, 1, T}), PADDED_LOGIT);
    *attention = at::dropout(at::softmax(logits, -1), spec_.attention_dropout, training);

    at::Tensor value = spec_.projections ? apply_linear(weights, value_.weight, -1, x, compute) : x.to(compute);
    at::Tensor y =
        at::matmul(attention->to(compute), by_head(value, C / G)).permute({1, 2, 3, 0, 4}).reshape({B, P, T, C});
    if (spec_.projections)
        y = apply_linear(weights, result_.weight, result_.bias, y, compute);
    return at::dropout(y.to(at::kFloat), spec_.dropout, training);
}

at::Tensor TemporalLayer::feed(const Weights &weights, const at::Tensor &x, at::ScalarType compute, bool training) const
{
    at::Tensor y = activate(apply_linear(weights, feed_[0].weight, feed_[0].bias, x, compute), spec_.activation);
    if (spec_.widening)
        y = apply_linear(weights, feed_[1].weight, feed_[1].bias, y, compute);
    return at::dropout(y.to(at::kFloat), spec_.dropout, training);
}

at::Tensor TemporalLayer::apply(const Weights &weights, const at::Tensor &tokens, const Dates &dates,
                                at::ScalarType compute, bool training, at::Tensor *attention) const
{
    at::Tensor x = tokens;
    if (spec_.sinusoids)
        x = x + sinusoids(dates.days, spec_.channels, spec_.heads);
    if (spec_.norm_first) {
        x = x + attend(weights, normalise(weights, x, norm1_), dates, compute, training, attention);
        return x + feed(weights, normalise(weights, x, norm2_), compute, training);
    }
    x = normalise(weights, x + attend(weights, x, dates, compute, training, attention), norm1_);
    return normalise(weights, x + feed(weights, x, compute, training), norm2_);
}

int64_t TemporalLayer::operations(int64_t dates) const
{
    int64_t C = spec_.channels, keys = spec_.heads * spec_.d_k;
    int64_t linear =
        2 * C * keys + (spec_.projections ? 2 * C * C : 0) + (spec_.widening ? 2 * spec_.widening : 1) * C * C;
    return 2 * (linear + dates * (keys + C));
}

at::Tensor aggregate(const at::Tensor &features, const at::Tensor &attention, int64_t h, int64_t w, bool mean,
                     bool training)
{
    const int64_t C = features.size(1), H = features.size(2), W = features.size(3), P = H * W;
    const int64_t B = attention.size(1), T = attention.size(3);
    at::Tensor maps = mean ? attention.mean({0}, true) : attention;
    const int64_t G = maps.size(0);
    const AggregateShape shape = {B, T, G, C, h, w, H, W};
    if (!training && features.is_cpu() && features.scalar_type() == at::kFloat && aggregate_fits(shape)) {
        at::Tensor from = features.contiguous(at::MemoryFormat::ChannelsLast);
        at::Tensor to = at::empty_like(from);
        aggregate_dates(shape, maps.contiguous().data_ptr<float>(), from.data_ptr<float>(), to.data_ptr<float>());
        return to;
    }
    maps = maps.permute({1, 0, 3, 4, 2}).reshape({B, G * T * T, h, w});
    if (H > h || W > w)
        maps = at::upsample_bilinear2d(maps, {H, W}, false);
    else if (H != h || W != w)
        maps = at::adaptive_avg_pool2d(maps, {H, W});
    // For every pixel and head one small product (T x T) (T x C/G); the tensor of all products is never made.
    at::Tensor share = maps.view({B, G, T, T, P}).permute({0, 1, 4, 2, 3}).to(features.scalar_type());
    at::Tensor value = features.permute({0, 2, 3, 1}).reshape({B, T, P, G, C / G}).permute({0, 3, 2, 1, 4});
    at::Tensor sum = at::matmul(share, value); // [B, G, P, T, C / G]
    return sum.permute({0, 3, 2, 1, 4}).reshape({B * T, H, W, C}).permute({0, 3, 1, 2});
}

} // namespace clv::net
