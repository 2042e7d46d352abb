/* SPDX-License-Identifier: MIT
 *
 * task: what a trainer trains: a network, the average of its weights, and the loss of a batch. One kind each in
 * task_unet.h and task_utilise.h; optimiser, checkpoints and the module's entries know this base alone.
 *
 * A task owns its two networks; their weights are float32 on the device. One thread at a time.
 */
#ifndef CLV_NET_TASK_H
#define CLV_NET_TASK_H

#include "net/net.h"
#include "net/optimiser.h"
#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace clv::net
{

class Task
{
  public:
    explicit Task(const at::Device &where) : device(where)
    {
    }
    virtual ~Task() = default;
    Task(const Task &) = delete;
    Task &operator=(const Task &) = delete;

    virtual const char *kind() const = 0;   /* of the weights file */
    virtual std::string config() const = 0; /* the network's, as the weights file has it */
    virtual Weights &weights() = 0;
    virtual Weights &average() = 0;
    virtual void describe(clv_net_info &info) = 0;

    /* Fills the weights at random, the average likewise. */
    void start(uint64_t seed)
    {
        weights().initialise(seed);
        average() = weights().clone();
        settle();
    }
    /* Puts freshly filled weights where they work. */
    void settle()
    {
        weights().to_device(device);
        average().to_device(device);
        weights().require_gradients();
    }

    at::Device device;
};

} // namespace clv::net

#endif
