/* SPDX-License-Identifier: MIT */
#include "net/failure.h"
#include "net/task_utilise.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>

namespace clv::net
{

UtiliseLoss::UtiliseLoss(const UtiliseConfig &network)
    : kind(network.gapfill ? Kind::charbonnier : Kind::l1), observed(network.gapfill ? 0.1 : 1.0)
{
}

void UtiliseLoss::parse(Config &config)
{
    const std::vector<std::string> names = {"l1", "charbonnier", "relative"};
    const bool gapfill = kind == Kind::charbonnier;
    const std::string name = config.choice("loss", names[static_cast<size_t>(kind)].c_str(), names);
    kind = name == "l1" ? Kind::l1 : name == "relative" ? Kind::relative : Kind::charbonnier;
    if (kind == Kind::relative && !gapfill)
        fail(CLV_ERROR_ARGUMENT, "loss relative: needs a network that starts from gapfill (\"prior\")");
    epsilon = config.number("charbonnier_epsilon", epsilon, 1e-9, 10);
    occluded = config.number("weight_occluded", occluded, 0, 1e6);
    observed = config.number("weight_observed", observed, 0, 1e6);
    laplace = config.choice("nll", "laplace", {"laplace", "beta"}) == "laplace";
    nll_weight = config.number("nll_weight", nll_weight, 0, 1e6);
    nll_beta = config.number("nll_beta", nll_beta, 0, 1);
}

void UtiliseLoss::adapt(Recipe &recipe, const UtiliseConfig &network)
{
    recipe.lr = network.gapfill ? 1e-3 : 2e-4;
    if (network.gapfill)
        return;
    recipe.weight_decay = 0;
    recipe.clip = 1e6;
    recipe.beta2 = 0.999;
}

UtiliseTask::UtiliseTask(const UtiliseConfig &network, const UtiliseLoss &loss, const at::Device &where,
                         at::ScalarType compute)
    : Task(where), net_(network), average_(network), loss_(loss)
{
    net_.compute = average_.compute = compute;
}

void UtiliseTask::describe(clv_net_info &info)
{
    const UtiliseConfig &config = net_.config();
    info.kind = CLV_NET_UTILISE;
    info.in_channels = static_cast<int>(config.input_dim);
    info.out_channels = net_.out_channels();
    info.bands = static_cast<int>(config.output_dim);
    info.multiple = net_.multiple();
    info.needs_gapfill = config.gapfill;
    info.log_variance = config.log_variance;
    info.half_pixel_fill = !config.gapfill;
    info.parameters = net_.weights.count();
}

void UtiliseTask::check(const Batch &b) const
{
    const int multiple = net_.multiple(), least = net_.smallest();
    if (b.n < 1 || b.dates < 1 || b.dates > 512 || b.h < least || b.w < least || b.h % multiple || b.w % multiple)
        fail(CLV_ERROR_ARGUMENT,
             "training windows of %dx%d, %d dates: sides must be multiples of %d, at least %d, dates 1 to 512", b.w,
             b.h, b.dates, multiple, least);
}

at::Tensor UtiliseTask::borrow(const float *data, at::IntArrayRef shape) const
{
    return at::from_blob(const_cast<float *>(data), shape, at::kFloat).to(device, at::kFloat, false, true);
}

/* Negative log likelihood of a difference [.., bands, h, w] under the log variance [.., 1, h, w]. */
static at::Tensor likelihood(const UtiliseLoss &recipe, const at::Tensor &difference, const at::Tensor &log_variance)
{
    if (recipe.laplace)
        return difference.abs() * (log_variance * -0.5).exp() * std::sqrt(2.0) + log_variance * 0.5;
    at::Tensor nll = (difference.square() * (-log_variance).exp() + log_variance) * 0.5;
    return nll * (log_variance.detach() * recipe.nll_beta).exp();
}

static constexpr double RELATIVE_FLOOR = 1e-6; // reflectance squared: below it an error is noise
static constexpr double RELATIVE_MOST = 4; // what a date may count at most, so that one that explodes stays harmless

/* Mean over the dates that have occluded pixels of their squared error in units of the gap filling's. Differences
 * [n, dates, bands, h, w], occluded [n, dates, 1, h, w] as 0 or 1. */
static at::Tensor relative_loss(const at::Tensor &difference, const at::Tensor &of_gapfill, const at::Tensor &occluded)
{
    const std::array<int64_t, 3> all = {2, 3, 4};
    at::Tensor pixels = occluded.sum(all), some = pixels.gt(0).to(at::kFloat);
    at::Tensor scale = (pixels * static_cast<double>(difference.size(2))).clamp_min(1);
    at::Tensor error = (difference.square() * occluded).sum(all) / scale + RELATIVE_FLOOR;
    at::Tensor least = (of_gapfill.square() * occluded).sum(all) / scale + RELATIVE_FLOOR;
    return ((error / least).clamp_max(RELATIVE_MOST) * some).sum() / some.sum().clamp_min(1);
}

at::Tensor UtiliseTask::loss(const Batch &b) const
{
    check(b);
    const int64_t bands = net_.config().output_dim;
    at::Tensor x = borrow(b.in, {b.n, b.dates, net_.config().input_dim, b.h, b.w});
    at::Tensor truth = borrow(b.target, {b.n, b.dates, bands, b.h, b.w});
    at::Tensor scope = at::from_blob(const_cast<uint8_t *>(b.scope), {b.n, b.dates, 1, b.h, b.w}, at::kByte).to(device);
    at::Tensor weight = scope.eq(2).to(at::kFloat) * loss_.occluded + scope.eq(1).to(at::kFloat) * loss_.observed;

    at::Tensor out = net_.forward(x, borrow(b.days, {b.n, b.dates}), true);
    at::Tensor difference = out.narrow(2, 0, bands) - truth;
    /* What is ignored may hold anything, and nothing times NaN is NaN. */
    difference = difference.masked_fill(scope.eq(0), 0);
    const auto mean = [&](const at::Tensor &cost) {
        return (cost * weight).sum() / (weight.sum() * static_cast<double>(bands)).clamp_min(1e-6);
    };
    at::Tensor total;
    if (loss_.kind == UtiliseLoss::Kind::relative)
        total = relative_loss(difference, (x.narrow(2, 0, bands) - truth).masked_fill(scope.eq(0), 0),
                              scope.eq(2).to(at::kFloat));
    else if (loss_.kind == UtiliseLoss::Kind::charbonnier)
        total = mean((difference.square() + loss_.epsilon * loss_.epsilon).sqrt() - loss_.epsilon);
    else
        total = mean(difference.abs());
    if (net_.config().log_variance && loss_.nll_weight > 0)
        total = total + mean(likelihood(loss_, difference, out.narrow(2, bands, 1))) * loss_.nll_weight;
    return total;
}

at::Tensor UtiliseTask::predict(const Batch &b) const
{
    check(b);
    at::Tensor x = borrow(b.in, {b.n, b.dates, net_.config().input_dim, b.h, b.w});
    at::Tensor out = average_.forward(x, borrow(b.days, {b.n, b.dates}), false);
    return out.to(at::kCPU, at::kFloat).contiguous();
}

} // namespace clv::net
