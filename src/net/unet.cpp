/* SPDX-License-Identifier: MIT */
#include "net/unet.h"
#include "net/failure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/pixel_unshuffle.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros_like.h>

#include <cinttypes>

namespace clv::net {

static constexpr double NORM_MOMENTUM = 0.1, NORM_EPSILON = 1e-5;

UNetConfig UNetConfig::parse(Config &config)
{
    UNetConfig out;
    out.in_channels = config.integer("in_channels", out.in_channels, 1, 64);
    out.classes = config.integer("classes", out.classes, 2, 3);
    out.widths = config.integers("widths", out.widths, 1, 8, 1, 2048);
    out.space_to_depth = config.choice("stem", "s2d", {"s2d", "conv"}) == "s2d";
    out.max_pool = config.choice("down", "max", {"max", "stride"}) == "max";
    out.batch_norm = config.choice("norm", "batch", {"batch", "none"}) == "batch";
    return out;
}

std::string UNetConfig::json() const
{
    std::string list;
    for (int64_t width : widths)
        list += (list.empty() ? "" : ",") + std::to_string(width);
    return "{\"in_channels\":" + std::to_string(in_channels) + ",\"classes\":" + std::to_string(classes) + ",\"widths\":[" +
           list + "],\"stem\":\"" + (space_to_depth ? "s2d" : "conv") + "\",\"down\":\"" + (max_pool ? "max" : "stride") +
           "\",\"norm\":\"" + (batch_norm ? "batch" : "none") + "\"}";
}

UNet::UNet(const UNetConfig &config) : config_(config)
{
    const std::vector<int64_t> &widths = config_.widths;
    size_t levels = widths.size();
    int64_t in = config_.in_channels * (config_.space_to_depth ? 4 : 1);
    for (size_t i = 0; i < levels; i++) {
        std::string name = "encoder." + std::to_string(i);
        int64_t stride = i > 0 && !config_.max_pool ? 2 : 1;
        Level level;
        level.first = add_layer(name, 1, i ? widths[i - 1] : in, widths[i], stride);
        level.second = add_layer(name, 2, widths[i], widths[i], 1);
        encoder_.push_back(level);
    }
    for (size_t i = 0; i + 1 < levels; i++) {
        std::string name = "decoder." + std::to_string(i);
        Level level;
        level.first = add_layer(name, 1, widths[i] + widths[i + 1], widths[i], 1);
        level.second = add_layer(name, 2, widths[i], widths[i], 1);
        decoder_.push_back(level);
    }
    int64_t out = config_.classes * (config_.space_to_depth ? 4 : 1);
    head_kernel_ = weights.add("head.weight", {out, widths[0], 1, 1}, Start::lecun);
    head_bias_ = weights.add("head.bias", {out}, Start::zero);
}

UNet::Layer UNet::add_layer(const std::string &level, int number, int64_t in, int64_t out, int64_t stride)
{
    Layer layer;
    layer.in = in;
    layer.out = out;
    layer.stride = stride;
    std::string conv = level + ".conv" + std::to_string(number), norm = level + ".norm" + std::to_string(number);
    layer.kernel = weights.add(conv + ".weight", {out, in, 3, 3}, Start::he);
    if (config_.batch_norm) {
        layer.gamma = weights.add(norm + ".weight", {out}, Start::one);
        layer.beta = weights.add(norm + ".bias", {out}, Start::zero);
        layer.mean = weights.add(norm + ".running_mean", {out}, Start::zero, false);
        layer.variance = weights.add(norm + ".running_var", {out}, Start::one, false);
    } else {
        layer.bias = weights.add(conv + ".bias", {out}, Start::zero);
    }
    return layer;
}

at::Tensor UNet::apply(const Layer &layer, const at::Tensor &x, bool training)
{
    at::Tensor bias = layer.bias >= 0 ? weights[layer.bias].to(compute) : at::Tensor();
    at::Tensor y = at::conv2d(x, weights[layer.kernel].to(compute), bias, layer.stride, 1);
    if (layer.gamma >= 0)
        y = at::batch_norm(y, weights[layer.gamma], weights[layer.beta], weights[layer.mean], weights[layer.variance],
                           training, NORM_MOMENTUM, NORM_EPSILON, true);
    return at::relu_(y);
}

at::Tensor UNet::forward(const at::Tensor &x, bool training)
{
    at::Tensor y = config_.space_to_depth ? at::pixel_unshuffle(x, 2) : x;
    y = y.to(compute).contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<at::Tensor> skips;
    for (size_t i = 0; i < encoder_.size(); i++) {
        if (i > 0 && config_.max_pool)
            y = at::max_pool2d(y, 2);
        y = apply(encoder_[i].second, apply(encoder_[i].first, y, training), training);
        skips.push_back(y);
    }
    for (size_t i = decoder_.size(); i-- > 0;) {
        const at::Tensor &skip = skips[i];
        y = at::upsample_bilinear2d(y, {skip.size(2), skip.size(3)}, false);
        y = at::cat({skip, y}, 1);
        y = apply(decoder_[i].second, apply(decoder_[i].first, y, training), training);
    }
    y = at::conv2d(y, weights[head_kernel_].to(compute), weights[head_bias_].to(compute));
    if (config_.space_to_depth)
        y = at::pixel_shuffle(y, 2);
    return y.to(at::kFloat);
}

at::Tensor UNet::probabilities(const at::Tensor &x)
{
    at::Tensor p = at::softmax(forward(x, false), 1).narrow(1, 1, config_.classes - 1);
    return config_.classes == 3 ? p : at::cat({p, at::zeros_like(p)}, 1);
}

void UNet::fold()
{
    at::NoGradGuard no_gradients;
    std::vector<Layer *> layers;
    for (std::vector<Level> *side : {&encoder_, &decoder_})
        for (Level &level : *side)
            layers.insert(layers.end(), {&level.first, &level.second});
    for (Layer *layer : layers) {
        if (layer->gamma >= 0) {
            at::Tensor scale = weights[layer->gamma] * at::rsqrt(weights[layer->variance] + NORM_EPSILON);
            weights[layer->kernel] = weights[layer->kernel] * scale.view({-1, 1, 1, 1});
            // The place of beta takes the folded bias.
            weights[layer->beta] = weights[layer->beta] - weights[layer->mean] * scale;
            layer->bias = layer->beta;
            layer->gamma = layer->beta = layer->mean = layer->variance = -1;
        }
    }
    for (Parameter &parameter : weights.all()) {
        parameter.value = parameter.value.detach().to(compute);
        if (parameter.value.dim() == 4)
            parameter.value = parameter.value.contiguous(at::MemoryFormat::ChannelsLast);
    }
}

int UNet::multiple() const
{
    return 1 << (static_cast<int>(config_.widths.size()) - 1 + (config_.space_to_depth ? 1 : 0));
}

int64_t UNet::operations(int64_t h, int64_t w) const
{
    int64_t area = config_.space_to_depth ? h / 2 * (w / 2) : h * w;
    int64_t total = 2 * area * config_.widths[0] * config_.classes * (config_.space_to_depth ? 4 : 1);
    for (size_t i = 0; i < encoder_.size(); i++) {
        int64_t here = area >> (2 * i);
        total += 18 * here * (encoder_[i].first.in * encoder_[i].first.out + encoder_[i].second.in * encoder_[i].second.out);
        if (i < decoder_.size())
            total += 18 * here * (decoder_[i].first.in * decoder_[i].first.out + decoder_[i].second.in * decoder_[i].second.out);
    }
    return total;
}

} // namespace clv::net
