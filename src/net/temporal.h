/* SPDX-License-Identifier: MIT
 *
 * temporal: self-attention over the dates of a series, at each position of the coarsest grid by itself, and the use of
 * its weights to bring together the finer features of all dates (the skips of U-TILISE, arXiv 2305.13277).
 *
 * B sequences, T dates, P = h * w positions, C channels, G heads. Tokens are [B, P, T, C]; attention is [G, B, P, T, T]
 * with the weights over the last dimension summing to one.
 *
 * A layer adds to its tokens: the attended values, then a feed-forward part, each after a normalisation of the token
 * alone. Beyond the published layer it can project values and results, widen the feed-forward part, and shift the
 * logits by the logarithm of how much of the other date is observed there and by a learned function of the days between
 * the two dates.
 */
#ifndef CLV_NET_TEMPORAL_H
#define CLV_NET_TEMPORAL_H

#include "net/layers.h"
#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace clv::net
{

struct TemporalSpec {
    int64_t channels = 128, heads = 4, d_k = 4;
    int64_t widening = 0; /* 0: one linear layer as published; n: channels -> n * channels -> channels */
    bool bias_qk = false, projections = false;
    bool layer_norm = false, norm_first = true, sinusoids = true;
    bool validity_bias = false, day_bias = false;
    Activation activation = Activation::gelu;
    double epsilon = 1e-5, attention_dropout = 0.1, dropout = 0.1;
    bool published_start = true;
};

/* What the layers know about the dates. */
struct Dates {
    at::Tensor days;     /* [B, T] float32 */
    at::Tensor padded;   /* [B, T] bool, true where a frame only fills the batch up; undefined when none is */
    at::Tensor observed; /* [B, P, T] float32, share of each cell that is observed; undefined unless validity_bias */
};

class TemporalLayer
{
  public:
    TemporalLayer(Weights &weights, const std::string &name, const TemporalSpec &spec);
    /* Tokens to tokens; the attention, float32, into *attention. */
    at::Tensor apply(const Weights &weights, const at::Tensor &tokens, const Dates &dates, at::ScalarType compute,
                     bool training, at::Tensor *attention) const;
    /* Multiply-adds times two for one token among `dates`. */
    int64_t operations(int64_t dates) const;

  private:
    struct Linear {
        int weight = -1, bias = -1;
    };
    Linear declare(Weights &weights, const std::string &name, int64_t in, int64_t out, bool bias, Start start) const;
    at::Tensor attend(const Weights &weights, const at::Tensor &x, const Dates &dates, at::ScalarType compute,
                      bool training, at::Tensor *attention) const;
    at::Tensor feed(const Weights &weights, const at::Tensor &x, at::ScalarType compute, bool training) const;
    at::Tensor normalise(const Weights &weights, const at::Tensor &x, int gamma) const;
    at::Tensor day_logits(const Weights &weights, const at::Tensor &days) const;

    TemporalSpec spec_;
    Linear query_, key_, value_, result_, feed_[2];
    int norm1_ = -1, norm2_ = -1, validity_ = -1, days_ = -1;
};

/* Features [B * T, C, H, W] of all dates, weighted for each date by the attention on a grid h x w: group g of the
 * channels uses head g. The weights are interpolated bilinearly, or averaged where the features are coarser. `mean`:
 * all groups use the average of the heads. Result as the features, channels-last. Without `training`, on a CPU in
 * float32, by a loop of our own; otherwise by batched matrix products. */
at::Tensor aggregate(const at::Tensor &features, const at::Tensor &attention, int64_t h, int64_t w, bool mean,
                     bool training);

} // namespace clv::net

#endif
