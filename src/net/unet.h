/* SPDX-License-Identifier: MIT
 *
 * unet: stage 1, a U-Net (Ronneberger et al. 2015) from pixels to classes clear, cloud and cloud shadow.
 *
 * Each level: two 3x3 convolutions, each with normalisation and ReLU. Between levels the resolution is halved by
 * max-pooling, or by a stride in the level's first convolution; on the way up bilinear, concatenated with the level's
 * own features.
 *
 * Hyper-parameters (JSON in clearvision.config), defaults in brackets:
 *     in_channels [8]   planes per frame (image/detect_input.h)
 *     classes     [3]   2: clear, cloud; 3: clear, cloud, shadow
 *     widths      [24, 32, 64, 128]   channels per level, from the finest
 *     stem        ["s2d"]   s2d: the finest level works on 2x2 blocks (space to depth) and the head gives four pixels
 *                           at a time (pixel shuffle); conv: at full resolution
 *     down        ["max"]   max, stride
 *     norm        ["batch"] batch, none
 * {"in_channels":3,"classes":2,"widths":[64,128,256,512,512],"stem":"conv"} is the classical network.
 *
 * Tensors: encoder.I.convJ.weight [out, in, 3, 3], encoder.I.normJ.{weight,bias,running_mean,running_var} (or
 * encoder.I.convJ.bias without norm), decoder.I.* likewise, head.{weight,bias} with 1x1 kernels. I counts levels from
 * the finest, J is 1 or 2.
 *
 * An object is used from one thread at a time. For training: build, initialise or load the weights,
 * weights.to_device(), weights.require_gradients(), forward(x, true). For use: load, to_device(), fold(),
 * forward(x, false).
 */
#ifndef CLV_NET_UNET_H
#define CLV_NET_UNET_H

#include "net/config.h"
#include "net/layers.h"
#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace clv::net
{

struct UNetConfig {
    int64_t in_channels = 8;
    int64_t classes = 3;
    std::vector<int64_t> widths = {24, 32, 64, 128};
    bool space_to_depth = true;
    bool max_pool = true;
    bool batch_norm = true;

    /* Foreign keys are left to the caller (Config::finish()). */
    static UNetConfig parse(Config &config);
    std::string json() const;
};

class UNet
{
  public:
    explicit UNet(const UNetConfig &config);

    /* x [n, in_channels, h, w] with h and w multiples of multiple(); logits [n, classes, h, w]. In training batch norm
     * uses the batch's statistics and updates the running ones. */
    at::Tensor forward(const at::Tensor &x, bool training) const;
    /* Probabilities of cloud and shadow [n, 2, h, w], float32; the shadow of a network with two classes is 0. */
    at::Tensor probabilities(const at::Tensor &x) const;
    /* Folds batch norm into the convolutions: faster, but no training or saving from here on. */
    void fold();

    int multiple() const;
    /* Multiply-adds times two of the convolutions for one frame. */
    int64_t operations(int64_t h, int64_t w) const;
    const UNetConfig &config() const
    {
        return config_;
    }

    Weights weights;
    /* What convolutions compute in; the result is float32 all the same. The weights may stay in float32 (training). */
    at::ScalarType compute = at::kFloat;

  private:
    struct Level {
        Conv first, second;
    };

    Conv declare(const std::string &level, int number, int64_t in, int64_t out, int64_t stride);
    at::Tensor apply(const Level &level, const at::Tensor &x, bool training) const;

    UNetConfig config_;
    std::vector<Level> encoder_, decoder_; /* from the finest */
    Conv head_;
};

} // namespace clv::net

#endif
