/* SPDX-License-Identifier: MIT */
#include "net/unet.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/pixel_unshuffle.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros_like.h>

namespace clv::net
{

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
    /* Appended piece by piece: GCC 12 warns of a prepended literal in newer modes of C++ (its bug 105651). */
    std::string text = "{\"in_channels\":";
    text += std::to_string(in_channels);
    text += ",\"classes\":";
    text += std::to_string(classes);
    text += ",\"widths\":[";
    for (size_t i = 0; i < widths.size(); i++) {
        text += i ? "," : "";
        text += std::to_string(widths[i]);
    }
    text += "],\"stem\":\"";
    text += space_to_depth ? "s2d" : "conv";
    text += "\",\"down\":\"";
    text += max_pool ? "max" : "stride";
    text += "\",\"norm\":\"";
    text += batch_norm ? "batch" : "none";
    text += "\"}";
    return text;
}

UNet::UNet(const UNetConfig &config) : config_(config)
{
    const std::vector<int64_t> &widths = config_.widths;
    size_t levels = widths.size();
    int64_t pixels = config_.space_to_depth ? 4 : 1; // that one position of the finest level stands for
    for (size_t i = 0; i < levels; i++) {
        std::string name = "encoder." + std::to_string(i);
        int64_t stride = i > 0 && !config_.max_pool ? 2 : 1;
        int64_t in = i ? widths[i - 1] : config_.in_channels * pixels;
        Conv first = declare(name, 1, in, widths[i], stride);
        encoder_.push_back({first, declare(name, 2, widths[i], widths[i], 1)});
    }
    for (size_t i = 0; i + 1 < levels; i++) {
        std::string name = "decoder." + std::to_string(i);
        Conv first = declare(name, 1, widths[i] + widths[i + 1], widths[i], 1);
        decoder_.push_back({first, declare(name, 2, widths[i], widths[i], 1)});
    }
    ConvSpec head;
    head.in = widths[0];
    head.out = config_.classes * pixels;
    head.kernel = 1;
    head.padding = 0;
    head.start = Start::lecun;
    head_ = Conv(weights, "head", "", head);
}

Conv UNet::declare(const std::string &level, int number, int64_t in, int64_t out, int64_t stride)
{
    ConvSpec spec;
    spec.in = in;
    spec.out = out;
    spec.stride = stride;
    spec.bias = !config_.batch_norm; // batch norm brings its own
    spec.norm = config_.batch_norm ? Norm::batch : Norm::none;
    spec.activation = Activation::relu;
    return Conv(weights, level + ".conv" + std::to_string(number), level + ".norm" + std::to_string(number), spec);
}

at::Tensor UNet::apply(const Level &level, const at::Tensor &x, bool training) const
{
    return level.second.apply(weights, level.first.apply(weights, x, compute, training), compute, training);
}

at::Tensor UNet::forward(const at::Tensor &x, bool training) const
{
    at::Tensor y = config_.space_to_depth ? at::pixel_unshuffle(x, 2) : x;
    y = y.to(compute).contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<at::Tensor> skips;
    for (size_t i = 0; i < encoder_.size(); i++) {
        if (i > 0 && config_.max_pool)
            y = at::max_pool2d(y, 2);
        y = apply(encoder_[i], y, training);
        skips.push_back(y);
    }
    for (size_t i = decoder_.size(); i-- > 0;) {
        const at::Tensor &skip = skips[i];
        y = at::upsample_bilinear2d(y, {skip.size(2), skip.size(3)}, false);
        y = apply(decoder_[i], at::cat({skip, y}, 1), training);
    }
    y = head_.apply(weights, y, compute, training);
    if (config_.space_to_depth)
        y = at::pixel_shuffle(y, 2);
    return y.to(at::kFloat);
}

at::Tensor UNet::probabilities(const at::Tensor &x) const
{
    at::Tensor p = at::softmax(forward(x, false), 1).narrow(1, 1, config_.classes - 1);
    return config_.classes == 3 ? p : at::cat({p, at::zeros_like(p)}, 1);
}

void UNet::fold()
{
    for (std::vector<Level> *side : {&encoder_, &decoder_})
        for (Level &level : *side) {
            level.first.fold(weights);
            level.second.fold(weights);
        }
    prepare_for_inference(weights, compute);
}

int UNet::multiple() const
{
    return 1 << (static_cast<int>(config_.widths.size()) - 1 + (config_.space_to_depth ? 1 : 0));
}

int64_t UNet::operations(int64_t h, int64_t w) const
{
    int64_t area = config_.space_to_depth ? h / 2 * (w / 2) : h * w;
    int64_t total = head_.operations(area);
    for (size_t i = 0; i < encoder_.size(); i++) {
        total += encoder_[i].first.operations(area >> (2 * i)) + encoder_[i].second.operations(area >> (2 * i));
        if (i < decoder_.size())
            total += decoder_[i].first.operations(area >> (2 * i)) + decoder_[i].second.operations(area >> (2 * i));
    }
    return total;
}

} // namespace clv::net
