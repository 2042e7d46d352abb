/* SPDX-License-Identifier: MIT */
#include "net/failure.h"
#include "net/task_unet.h"

#include <ATen/ATen.h>

namespace clv::net
{

static constexpr int64_t IGNORED_LABEL = 255;

void UNetLoss::parse(Config &config)
{
    dice = config.number("dice", dice, 0, 100);
    label_smoothing = config.number("label_smoothing", label_smoothing, 0, 0.5);
    class_weights[0] = config.number("weight_clear", class_weights[0], 1e-6, 1e6);
    class_weights[1] = config.number("weight_cloud", class_weights[1], 1e-6, 1e6);
    class_weights[2] = config.number("weight_shadow", class_weights[2], 1e-6, 1e6);
}

UNetTask::UNetTask(const UNetConfig &network, const UNetLoss &loss, const at::Device &where, at::ScalarType compute)
    : Task(where), net_(network), average_(network), loss_(loss)
{
    net_.compute = average_.compute = compute;
}

void UNetTask::describe(clv_net_info &info)
{
    info.kind = CLV_NET_UNET;
    info.in_channels = static_cast<int>(net_.config().in_channels);
    info.out_channels = 2;
    info.multiple = net_.multiple();
    info.parameters = net_.weights.count();
}

at::Tensor UNetTask::input(const float *in, int n, int h, int w) const
{
    const int multiple = net_.multiple();
    if (n < 1 || h < 1 || w < 1 || h % multiple || w % multiple)
        fail(CLV_ERROR_ARGUMENT, "training windows of %dx%d: sides must be multiples of %d", w, h, multiple);
    at::Tensor x = at::from_blob(const_cast<float *>(in), {n, net_.config().in_channels, h, w}, at::kFloat);
    return x.to(device, at::kFloat, false, true);
}

static at::Tensor loss_of(const UNetLoss &recipe, const at::Tensor &logits, const at::Tensor &target)
{
    const int64_t classes = logits.size(1);
    at::Tensor known = target.ne(IGNORED_LABEL);
    at::Tensor label = at::where(known, target, at::zeros_like(target));
    at::Tensor log_p = at::log_softmax(logits.to(at::kFloat), 1);
    at::Tensor weight = at::empty({classes}, at::kFloat);
    for (int64_t c = 0; c < classes; c++)
        weight[c] = recipe.class_weights[c];
    at::Tensor pixel_weight = weight.to(logits.device()).index({label}) * known.to(at::kFloat);

    const double smooth = recipe.label_smoothing;
    at::Tensor hit = log_p.gather(1, label.unsqueeze(1)).squeeze(1);
    at::Tensor entropy = -((1.0 - smooth) * hit + smooth * log_p.mean(1));
    at::Tensor loss = (entropy * pixel_weight).sum() / pixel_weight.sum().clamp_min(1.0);

    at::Tensor mask = known.to(at::kFloat);
    /* Steadies classes that hardly occur in a batch: a thousandth of its pixels. */
    at::Tensor steady = mask.sum() * 1e-3 + 1.0;
    for (int64_t c = 1; c < classes; c++) {
        at::Tensor p = log_p.select(1, c).exp() * mask;
        at::Tensor t = label.eq(c).to(at::kFloat) * mask;
        at::Tensor overlap = (2.0 * (p * t).sum() + steady) / (p.sum() + t.sum() + steady);
        loss = loss + recipe.dice / static_cast<double>(classes - 1) * (1.0 - overlap);
    }
    return loss;
}

at::Tensor UNetTask::loss(const float *in, const uint8_t *target, int n, int h, int w) const
{
    at::Tensor x = input(in, n, h, w);
    at::Tensor labels = at::from_blob(const_cast<uint8_t *>(target), {n, h, w}, at::kByte);
    return loss_of(loss_, net_.forward(x, true), labels.to(at::kLong).to(device));
}

at::Tensor UNetTask::probabilities(const float *in, int n, int h, int w) const
{
    return average_.probabilities(input(in, n, h, w)).to(at::kCPU).contiguous();
}

} // namespace clv::net
