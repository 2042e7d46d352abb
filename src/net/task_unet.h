/* SPDX-License-Identifier: MIT
 *
 * task_unet: training of stage 1: cross entropy with class weights and smoothed labels, and soft Dice of cloud and
 * shadow, over the pixels whose label is known.
 *
 * Keys beside the network's (unet.h) and the optimiser's (optimiser.h), defaults in brackets:
 *     dice [0.5], label_smoothing [0.05], weight_clear [1], weight_cloud [1.5], weight_shadow [2]
 */
#ifndef CLV_NET_TASK_UNET_H
#define CLV_NET_TASK_UNET_H

#include "net/task.h"
#include "net/unet.h"

namespace clv::net
{

struct UNetLoss {
    double dice = 0.5, label_smoothing = 0.05;
    double class_weights[3] = {1.0, 1.5, 2.0};

    void parse(Config &config);
};

class UNetTask : public Task
{
  public:
    UNetTask(const UNetConfig &network, const UNetLoss &loss, const at::Device &where, at::ScalarType compute);

    /* in [n, in_channels, h, w], target [n, h, w], memory of the caller. */
    at::Tensor loss(const float *in, const uint8_t *target, int n, int h, int w) const;
    /* Probabilities of the averaged weights, on the CPU. */
    at::Tensor probabilities(const float *in, int n, int h, int w) const;

    const char *kind() const override
    {
        return "unet";
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
    at::Tensor input(const float *in, int n, int h, int w) const;

    UNet net_, average_;
    UNetLoss loss_;
};

} // namespace clv::net

#endif
