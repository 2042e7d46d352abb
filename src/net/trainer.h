/* SPDX-License-Identifier: MIT
 *
 * trainer: training of the stage-1 network behind the trainer_* entries of the module's table (see net.h for shapes).
 * Checkpoints are safetensors files too: weights as "weights.NAME", their averages as "ema.NAME", the optimiser's state
 * as "optimiser.NAME.*", step and random state in the metadata. A trainer is used from one thread at a time. None of
 * these functions lets an exception out.
 */
#ifndef CLV_NET_TRAINER_H
#define CLV_NET_TRAINER_H

#include "net/net.h"

namespace clv::net
{

clv_status trainer_open(const char *kind, const char *config, const char *device, const char *precision,
                        clv_net_trainer **out, clv_net_error *error) noexcept;
clv_status train_detect_step(clv_net_trainer *trainer, const float *in, const uint8_t *target, int n, int h, int w,
                             double *loss, clv_net_error *error) noexcept;
clv_status trainer_detect(clv_net_trainer *trainer, const float *in, int n, int h, int w, float *out,
                          clv_net_error *error) noexcept;
clv_status trainer_save(clv_net_trainer *trainer, const char *path, bool state, const char *const *metadata,
                        int metadata_pairs, clv_net_error *error) noexcept;
clv_status trainer_load(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept;
int64_t trainer_step(const clv_net_trainer *trainer) noexcept;
void trainer_close(clv_net_trainer *trainer) noexcept;

} // namespace clv::net

#endif
