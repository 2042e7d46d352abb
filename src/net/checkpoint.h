/* SPDX-License-Identifier: MIT
 *
 * checkpoint: a training as a safetensors file: weights as "weights.NAME", their averages as "ema.NAME", the
 * optimiser's moments as "optimiser.NAME.first" and ".second", kind ("unet-checkpoint", "utilise-checkpoint"), network
 * and step in the metadata. There is no random state to keep: what a step draws follows from seed and step.
 *
 *     save_checkpoint(task, optimiser, "training.safetensors", {{"key", "value"}});
 *     load_checkpoint(task, optimiser, "training.safetensors");
 *
 *     load_start(task, "model.safetensors");       // a weights file: a training of its own begins there
 *
 * All throw Failure.
 */
#ifndef CLV_NET_CHECKPOINT_H
#define CLV_NET_CHECKPOINT_H

#include "net/optimiser.h"
#include "net/task.h"

#include <string>
#include <utility>
#include <vector>

namespace clv::net
{

using Metadata = std::vector<std::pair<std::string, std::string>>;

void save_checkpoint(Task &task, const Optimiser &optimiser, const std::string &path, Metadata metadata);
void load_checkpoint(Task &task, Optimiser &optimiser, const char *path);
/* Weights and averages from a weights file of the same network. */
void load_start(Task &task, const char *path);

} // namespace clv::net

#endif
