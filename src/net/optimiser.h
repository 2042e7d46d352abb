/* SPDX-License-Identifier: MIT
 *
 * optimiser: what every training does with a loss: gradients, clipping, AdamW, the schedule of its rate, and the
 * average of the weights that follows them (EMA).
 *
 * Keys of the training configuration, defaults in brackets (a task may have its own):
 *     steps [10000], warmup [100]   linear warm-up, then half a cosine down to a hundredth of lr at `steps`
 *     lr [2e-3], weight_decay [1e-2], beta2 [0.99], clip [1.0] (norm of all gradients), ema [0.998], seed [1]
 *
 * The optimiser owns its moments and nothing else. One thread at a time. Everything depends on the weights, the moments
 * and the step alone: restoring these goes on as if nothing had happened.
 *
 *     Optimiser optimiser(recipe, weights);
 *     optimiser.clear(weights);
 *     double value = optimiser.descend(task_loss(x), weights, average);
 */
#ifndef CLV_NET_OPTIMISER_H
#define CLV_NET_OPTIMISER_H

#include "net/config.h"
#include "net/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace clv::net
{

struct Recipe {
    int64_t steps = 10000, warmup = 100, seed = 1;
    double lr = 2e-3, weight_decay = 1e-2, beta2 = 0.99, clip = 1.0, ema = 0.998;

    /* Reads the keys; what is not written stays as it is. */
    void parse(Config &config);
    double rate(int64_t step) const;
};

class Optimiser
{
  public:
    Optimiser(const Recipe &recipe, const Weights &weights);

    /* Forgets the gradients of the step before. */
    static void clear(const Weights &weights);
    /* Propagates the loss back, changes `weights`, lets `average` follow; the loss as a number. A step whose numbers
     * overflowed changes nothing but the count. */
    double descend(const at::Tensor &loss, const Weights &weights, Weights &average);

    Recipe recipe;
    std::vector<at::Tensor> first, second; /* Adam's moments, in the order of trained() */
    int64_t step = 0;

  private:
    void change(const Weights &weights, double norm);
    void follow(const Weights &weights, Weights &average) const;
};

} // namespace clv::net

#endif
