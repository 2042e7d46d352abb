/* SPDX-License-Identifier: MIT */
#include "net/kernels.h"
#include "net/layers.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace clv::net
{

static constexpr double MOMENTUM = 0.1; // of batch norm's running statistics

Conv::Conv(Weights &weights, const std::string &name, const std::string &norm_name, const ConvSpec &spec) : spec_(spec)
{
    int64_t k = spec.kernel;
    int64_t first = spec.transposed ? spec.in : spec.out, second = spec.transposed ? spec.out : spec.in;
    kernel_ = weights.add(name + ".weight", {first, second, k, k}, spec.start);
    if (spec.bias)
        bias_ = weights.add(name + ".bias", {spec.out}, spec.bias_start);
    if (spec.norm == Norm::none || spec.norm == Norm::instance)
        return;
    gamma_ = weights.add(norm_name + ".weight", {spec.out}, Start::one);
    beta_ = weights.add(norm_name + ".bias", {spec.out}, Start::zero);
    if (spec.norm == Norm::batch) {
        mean_ = weights.add(norm_name + ".running_mean", {spec.out}, Start::zero, false);
        variance_ = weights.add(norm_name + ".running_var", {spec.out}, Start::one, false);
    }
}

at::Tensor Conv::normalise(const Weights &weights, const at::Tensor &y, bool training) const
{
    switch (spec_.norm) {
    case Norm::batch:
        return at::batch_norm(y, weights[gamma_], weights[beta_], weights[mean_], weights[variance_], training,
                              MOMENTUM, spec_.epsilon, true);
    case Norm::group:
        return at::group_norm(y, spec_.groups, weights[gamma_].to(y.scalar_type()), weights[beta_].to(y.scalar_type()),
                              spec_.epsilon);
    case Norm::instance:
        return at::instance_norm(y, {}, {}, {}, {}, true, MOMENTUM, spec_.epsilon, true);
    default:
        return y;
    }
}

static constexpr int64_t ROWS_AT_ONCE = 512;

at::Tensor linear(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias)
{
    if (!x.is_cpu() || at::GradMode::is_enabled())
        return at::linear(x, weight, bias);
    const int64_t in = weight.size(1), out = weight.size(0);
    at::Tensor rows = x.reshape({-1, in});
    at::Tensor result = at::empty({rows.size(0), out}, rows.options());
    const int64_t blocks = (rows.size(0) + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
        c10::InferenceMode inference; // holds for a thread
        for (int64_t i = first; i < last; i++) {
            const int64_t start = i * ROWS_AT_ONCE, count = std::min(ROWS_AT_ONCE, rows.size(0) - start);
            result.narrow(0, start, count).copy_(at::linear(rows.narrow(0, start, count), weight, bias));
        }
    });
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = out;
    return result.view(shape);
}

/* A 1x1 convolution as a matrix product: oneDNN's kernels for it add up in an order that depends on the number of
 * threads. */
static at::Tensor multiply(const at::Tensor &x, const at::Tensor &kernel, const at::Tensor &bias)
{
    at::Tensor rows = x.contiguous(at::MemoryFormat::ChannelsLast).permute({0, 2, 3, 1});
    return linear(rows, kernel.view({kernel.size(0), kernel.size(1)}), bias).permute({0, 3, 1, 2});
}

/* A transposed 2x2 convolution with stride 2: its output cells do not overlap, so that it is a matrix product too. */
static at::Tensor enlarge(const at::Tensor &x, const at::Tensor &kernel, const at::Tensor &bias)
{
    const int64_t n = x.size(0), in = x.size(1), h = x.size(2), w = x.size(3), out = kernel.size(1);
    at::Tensor rows = x.contiguous(at::MemoryFormat::ChannelsLast).permute({0, 2, 3, 1});
    at::Tensor cells = linear(rows, kernel.permute({2, 3, 1, 0}).reshape({4 * out, in}), bias.repeat(4));
    return cells.view({n, h, w, 2, 2, out})
        .permute({0, 1, 3, 2, 4, 5})
        .reshape({n, 2 * h, 2 * w, out})
        .permute({0, 3, 1, 2});
}

static at::Tensor reflect(const at::Tensor &x, int64_t p, bool training)
{
    // libtorch reflects half-precision numbers on GPUs only, and planes instead of pixels.
    if (!x.is_cpu())
        return at::reflection_pad2d(x, {p, p, p, p});
    if (training)
        return at::reflection_pad2d(x.to(at::kFloat), {p, p, p, p}).to(x.scalar_type());
    at::Tensor from = x.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    const int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
    at::Tensor to = at::empty({n, c, h + 2 * p, w + 2 * p}, from.options(), at::MemoryFormat::ChannelsLast);
    reflect_border(from.data_ptr<float>(), n, h, w, c, p, to.data_ptr<float>());
    return to.to(x.scalar_type());
}

at::Tensor Conv::apply(const Weights &weights, const at::Tensor &x, at::ScalarType compute, bool training) const
{
    at::Tensor kernel = weights[kernel_].to(compute);
    at::Tensor bias = bias_ >= 0 ? weights[bias_].to(compute) : at::Tensor();
    at::Tensor y;
    if (x.is_cpu() && spec_.kernel == 1) {
        y = multiply(x, kernel, bias);
    } else if (x.is_cpu() && spec_.transposed) {
        y = enlarge(x, kernel, bias);
    } else if (spec_.transposed) {
        y = at::conv_transpose2d(x, kernel, bias, spec_.stride, spec_.padding);
    } else if (spec_.reflect && spec_.padding > 0) {
        const int64_t none = 0;
        y = at::conv2d(reflect(x, spec_.padding, training), kernel, bias, spec_.stride, none);
    } else {
        y = at::conv2d(x, kernel, bias, spec_.stride, spec_.padding);
    }
    if (spec_.norm == Norm::group && !training && y.is_cpu() && y.scalar_type() == at::kFloat)
        return normalise_in_place(weights, y);
    return activate(normalise(weights, y, training), spec_.activation);
}

at::Tensor Conv::normalise_in_place(const Weights &weights, const at::Tensor &y) const
{
    at::Tensor x = y.contiguous(at::MemoryFormat::ChannelsLast);
    const bool relu = spec_.activation == Activation::relu;
    group_norm_in_place(x.data_ptr<float>(), x.size(0), x.size(2) * x.size(3), x.size(1), spec_.groups,
                        weights[gamma_].data_ptr<float>(), weights[beta_].data_ptr<float>(), spec_.epsilon, relu);
    return relu ? x : activate(x, spec_.activation);
}

void Conv::fold(Weights &weights)
{
    if (spec_.norm != Norm::batch)
        return;
    at::NoGradGuard no_gradients;
    at::Tensor scale = weights[gamma_] * at::rsqrt(weights[variance_] + spec_.epsilon);
    at::Tensor shift = (bias_ >= 0 ? weights[bias_] : at::zeros_like(scale)) - weights[mean_];
    weights[kernel_] = weights[kernel_] * (spec_.transposed ? scale.view({1, -1, 1, 1}) : scale.view({-1, 1, 1, 1}));
    // The place of beta takes the folded bias.
    weights[beta_] = weights[beta_] + shift * scale;
    bias_ = beta_;
    gamma_ = beta_ = mean_ = variance_ = -1;
    spec_.norm = Norm::none;
}

int64_t Conv::operations(int64_t area) const
{
    // A transposed convolution whose kernel is its stride uses one kernel cell for each output pixel.
    int64_t cells =
        spec_.transposed ? spec_.kernel * spec_.kernel / (spec_.stride * spec_.stride) : spec_.kernel * spec_.kernel;
    return 2 * cells * spec_.in * spec_.out * area;
}

/* The gradient that libtorch 1.13 has for its own GELU on a CPU is garbage where what comes back is not contiguous. */
static at::Tensor exact_gelu(const at::Tensor &x)
{
    if (!x.is_cpu() || !at::GradMode::is_enabled())
        return at::gelu(x);
    return x * (at::erf(x * M_SQRT1_2) + 1) * 0.5;
}

at::Tensor activate(const at::Tensor &x, Activation activation)
{
    switch (activation) {
    case Activation::relu: {
        at::Tensor y = x;
        return at::relu_(y);
    }
    case Activation::lrelu:
        return at::leaky_relu(x, 0.01);
    case Activation::gelu:
        return exact_gelu(x);
    case Activation::mish:
        return at::mish(x);
    case Activation::tanh:
        return at::tanh(x);
    case Activation::sigmoid:
        return at::sigmoid(x);
    default:
        return x;
    }
}

void prepare_for_inference(Weights &weights, at::ScalarType compute)
{
    for (Parameter &parameter : weights.all()) {
        parameter.value = parameter.value.detach().to(compute);
        if (parameter.value.dim() == 4)
            parameter.value = parameter.value.contiguous(at::MemoryFormat::ChannelsLast);
    }
}

} // namespace clv::net
