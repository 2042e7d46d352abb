/* SPDX-License-Identifier: MIT
 *
 * layers: one convolution with what follows it (normalisation, activation), as both networks are made of.
 *
 * A Conv declares its tensors in a Weights when it is made and finds them by index later; it owns nothing. Inputs are
 * [n, c, h, w] of any memory format and of the type the network computes in; parameters may be float32 (training) or
 * already of that type. fold() puts a batch norm into the kernel for use without training.
 *
 *     ConvSpec spec;
 *     spec.in = 32; spec.out = 64; spec.norm = Norm::batch; spec.activation = Activation::relu;
 *     Conv conv(weights, "encoder.1.conv1", "encoder.1.norm1", spec);
 *     y = conv.apply(weights, x, at::kFloat, false);
 */
#ifndef CLV_NET_LAYERS_H
#define CLV_NET_LAYERS_H

#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace clv::net
{

enum class Norm { none, group, batch, instance };
enum class Activation { none, relu, lrelu, gelu, mish, tanh, sigmoid };

struct ConvSpec {
    int64_t in = 0, out = 0;
    int64_t kernel = 3, stride = 1, padding = 1;
    bool transposed = false;
    bool reflect = false; /* padding by reflection instead of zeros */
    bool bias = true;
    Norm norm = Norm::none;
    int64_t groups = 4; /* of Norm::group; divides out */
    double epsilon = 1e-5;
    Activation activation = Activation::none;
    Start start = Start::he, bias_start = Start::zero;
};

class Conv
{
  public:
    Conv() = default;
    Conv(Weights &weights, const std::string &name, const std::string &norm_name, const ConvSpec &spec);

    at::Tensor apply(const Weights &weights, const at::Tensor &x, at::ScalarType compute, bool training) const;
    void fold(Weights &weights);
    /* Multiply-adds times two for one frame whose output has `area` pixels. */
    int64_t operations(int64_t area) const;

  private:
    at::Tensor normalise(const Weights &weights, const at::Tensor &y, bool training) const;
    at::Tensor normalise_in_place(const Weights &weights, const at::Tensor &y) const;

    ConvSpec spec_;
    int kernel_ = -1, bias_ = -1, gamma_ = -1, beta_ = -1, mean_ = -1, variance_ = -1;
};

/* In place where that is safe for gradients. */
at::Tensor activate(const at::Tensor &x, Activation activation);

/* at::linear of x [..., in], weight [out, in], bias [out] or undefined. On a CPU without gradients the rows go to the
 * threads in blocks of one size, so that the sums do not depend on the number of threads. */
at::Tensor linear(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias);

/* Makes every tensor ready for use without training: the type computed in, 4-D kernels in channels-last order. */
void prepare_for_inference(Weights &weights, at::ScalarType compute);

} // namespace clv::net

#endif
