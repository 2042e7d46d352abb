/* SPDX-License-Identifier: MIT
 *
 * task_utilise: training of stage 2: a robust mean of the differences over the pixels whose truth is known, with a
 * weight for those under a gap and another for those the network was shown. A network that starts from the gap filling
 * learns what to add: its result is gap filling + addition, so that the difference to the truth is that of the
 * additions.
 *
 * Keys beside the network's (utilise.h) and the optimiser's (optimiser.h), defaults in brackets, [clear | others]:
 *     loss [charbonnier | l1]         charbonnier: sqrt(d^2 + e^2) - e with e = charbonnier_epsilon [1e-3]; l1: |d|;
 *         relative, of networks that start from the gap filling: the mean squared error of a date's occluded pixels
 * divided by the gap filling's, 1 = no better, so that dates count alike, however hard they are, as they do in a mean
 * of PSNRs weight_occluded [1 | 1], weight_observed [0.1 | 1]   relative looks at occluded pixels alone nll [laplace],
 * nll_weight [0.01], nll_beta [0.5] of networks with log_variance: the negative log likelihood under the variance they
 * give is added: laplace, or beta: Gaussian, each pixel weighted with its variance to the power of nll_beta (Seitzer et
 * al., ICLR 2022) optimiser's [lr 1e-3 | 2e-4], [weight_decay 1e-2 | 0], [clip 1 | 1e6: off], [beta2 0.99 | 0.999]: the
 * published network is trained with plain Adam and plain L1 over everything
 */
#ifndef CLV_NET_TASK_UTILISE_H
#define CLV_NET_TASK_UTILISE_H

#include "net/task.h"
#include "net/utilise.h"

namespace clv::net
{

struct UtiliseLoss {
    enum class Kind { l1, charbonnier, relative } kind;
    bool laplace = true;
    double epsilon = 1e-3, occluded = 1, observed, nll_weight = 0.01, nll_beta = 0.5;

    /* The defaults for a network. */
    explicit UtiliseLoss(const UtiliseConfig &network);
    void parse(Config &config);
    static void adapt(Recipe &recipe, const UtiliseConfig &network);
};

class UtiliseTask : public Task
{
  public:
    UtiliseTask(const UtiliseConfig &network, const UtiliseLoss &loss, const at::Device &where, at::ScalarType compute);

    /* A batch, memory of the caller: in [n, dates, in_channels, h, w], days [n, dates], target [n, dates, bands, h, w],
     * scope [n, dates, h, w]: 0 ignored, 1 observed, 2 occluded. */
    struct Batch {
        const float *in, *days, *target;
        const uint8_t *scope;
        int n, dates, h, w;
    };
    at::Tensor loss(const Batch &batch) const;
    /* [n, dates, out_channels, h, w] of the averaged weights, on the CPU. */
    at::Tensor predict(const Batch &batch) const;

    const char *kind() const override
    {
        return "utilise";
    }
    std::string config() const override
    {
        return net_.config().json();
    }
    Weights &weights() override
    {
        return net_.weights;
    }
    Weights &average() override
    {
        return average_.weights;
    }
    void describe(clv_net_info &info) override;

  private:
    void check(const Batch &batch) const;
    at::Tensor borrow(const float *data, at::IntArrayRef shape) const;

    Utilise net_, average_;
    UtiliseLoss loss_;
};

} // namespace clv::net

#endif
