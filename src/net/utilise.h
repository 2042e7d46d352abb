/* SPDX-License-Identifier: MIT
 *
 * utilise: stage 2, the U-TILISE family (Stucker et al., IEEE TGRS 61, 2023, arXiv 2305.13277): an encoder and a
 * decoder of 2-D convolutions shared by all dates, self-attention over the dates at the coarsest level, and skips in
 * which every date sees the finer features of all dates, weighted by that attention.
 *
 * One class, chosen by configuration (JSON in clearvision.config). "preset" gives the values that are not written:
 *     reference  the published network, with the published names of hyper-parameters and tensors
 *     wide       the same with widths 64, 128, 256, 256 and 4 heads of 32 keys
 *     clear      starts from the gap filling and predicts what to add to it; see below
 *
 * Hyper-parameters, defaults of `reference`:
 *     input_dim [3], output_dim [input_dim]   planes per frame in and out; one more in than out: the last is a mask
 *     encoder_widths [64,64,64,128], decoder_widths [encoder_widths]   from the finest level, the last ones alike
 *     encoder_norm, decoder_norm, skip_norm [null]   null, group, batch, instance
 *     n_groups [4], dim_per_group [-1], group_norm_eps [1e-5]   of group norm in the convolutions
 *     upconv_type ["transpose"]   transpose, bilinear [clear]
 *     activation ["relu"], ltae_activation ["gelu"]   relu, lrelu, gelu, mish
 *     output_activation ["sigmoid"]   sigmoid, tanh, relu; false: none
 *     str_conv_k [4], str_conv_s [2], str_conv_p [1], str_conv_k_up [2], str_conv_p_up [0]   only these
 *     padding_mode ["reflect"]   reflect, zeros
 *     n_temporal_encoding_layers [1], n_head [4], d_k [4], bias_qk [false], ltae_norm ["group"] (group, layer),
 *     norm_first [true], positional_encoding [true], attn_dropout [0.1], dropout [0.1]
 *     agg_mode ["att_group"]   att_group, att_mean; null: plain skips
 *     pad_value [0]   only 0: a frame of zeros at day 0 fills a batch up and is left out of everything
 * Ours (values of `clear` in brackets; off in the others):
 *     prior [true]          input is the gap-filled bands, then validity, days to the previous and to the next
 *                           observation; the output is the gap filling + what the network adds, clamped to [0, 2]
 *     stem ["s2d"]          s2d: the finest level works on 2x2 blocks; conv
 *     norm_layers ["first"] first: only the first 3x3 convolution of a level is normalised; all
 *     projections [true]    values and results of the attention are projected
 *     widening [2]          of the feed-forward part
 *     validity_bias [true]  log(observed share + 0.01) of the answering date is added to the logits, scaled per head
 *     day_bias [true]       a learned function of the days between two dates is added to the logits
 *     log_variance [false]  one more output plane, log of the variance in reflectance^2
 *     band_mean [0.15], band_spread [0.15]   reflectances are brought to about unit size, and the additions back
 *
 * Planes of `clear`: bands (reflectance, gaps filled by the gap filling), validity (1 observed, 0 filled), days to the
 * latest observation of the pixel before the date and to the next after it (0 where the date itself shows it, negative:
 * there is none).
 *
 * Use: build, weights.load() or initialise(), fold(), then forward(). One thread at a time.
 */
#ifndef CLV_NET_UTILISE_H
#define CLV_NET_UTILISE_H

#include "net/config.h"
#include "net/layers.h"
#include "net/temporal.h"
#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace clv::net
{

struct UtiliseConfig {
    std::string preset = "reference";
    int64_t input_dim = 3, output_dim = 3;
    std::vector<int64_t> encoder_widths = {64, 64, 64, 128}, decoder_widths = {64, 64, 64, 128};
    Norm encoder_norm = Norm::none, decoder_norm = Norm::none, skip_norm = Norm::none;
    int64_t groups = 4, dim_per_group = -1;
    double group_norm_eps = 1e-5;
    bool bilinear_up = false, reflect = true;
    Activation activation = Activation::relu, output_activation = Activation::sigmoid;
    bool weighted_skips = true, mean_skips = false;
    int64_t temporal_layers = 1;
    TemporalSpec temporal;
    bool gapfill = false, space_to_depth = false, norm_first_only = false, log_variance = false;
    double band_mean = 0.15, band_spread = 0.15;

    /* The values of a preset; throws CLV_ERROR_ARGUMENT for an unknown one. */
    static UtiliseConfig make(const std::string &preset);
    /* Starts from the preset that the text names, or else from `preset`. Foreign keys are left to Config::finish(). */
    static UtiliseConfig parse(Config &config, const char *preset = "reference");
    std::string json() const;
};

class Utilise
{
  public:
    explicit Utilise(const UtiliseConfig &config);

    /* x [B, T, input_dim, h, w] and days [B, T], both float32; h and w multiples of multiple(). Result, float32,
     * [B, T, output_dim (+ 1 with log_variance), h, w]. attention, when not NULL: [n_head, B, T, T, h', w'] of the last
     * layer. */
    at::Tensor forward(const at::Tensor &x, const at::Tensor &days, bool training,
                       at::Tensor *attention = nullptr) const;
    /* Readies the weights for use: batch norm folded away, the type computed in. No training or saving from here on. */
    void fold();

    int multiple() const;
    int smallest() const; /* least height and width */
    int out_channels() const;
    int64_t operations(int64_t dates, int64_t h, int64_t w) const; /* for one frame among `dates` */
    const UtiliseConfig &config() const
    {
        return config_;
    }

    Weights weights;
    /* As in UNet. */
    at::ScalarType compute = at::kFloat;

  private:
    struct Down {
        Conv down, first, second;
    };
    struct Up {
        Conv up, skip, first, second;
    };

    Conv declare(const std::string &name, int64_t in, int64_t out, Norm norm, Activation activation, int64_t kernel = 3,
                 int64_t stride = 1);
    Conv declare_up(const std::string &name, int64_t in, int64_t out, Norm norm);
    Conv declare_last(const std::string &name, int64_t in, int64_t out, Norm norm);
    ConvSpec spec(int64_t in, int64_t out, Norm norm, Activation activation) const;
    at::Tensor network_input(const at::Tensor &x) const;
    at::Tensor encode(const Down &block, const at::Tensor &x, bool training) const;
    at::Tensor enlarge(const Up &block, const at::Tensor &x, int64_t h, int64_t w, bool training) const;
    bool interpolates_last() const;
    at::Tensor decode(const Up &block, const at::Tensor &x, const at::Tensor &skip, const at::Tensor &valid,
                      bool training) const;
    at::Tensor attend(const at::Tensor &coarse, const Dates &dates, bool training, at::Tensor *attention) const;
    at::Tensor finish(const at::Tensor &raw, const at::Tensor &x) const;
    at::Tensor run(const Conv &conv, const at::Tensor &x, bool training) const;

    UtiliseConfig config_;
    Conv in_first_, in_second_, out_first_, out_second_;
    std::vector<Down> down_;
    std::vector<Up> up_; /* from the coarsest */
    std::vector<TemporalLayer> layers_;
};

} // namespace clv::net

#endif
