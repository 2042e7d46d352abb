/* SPDX-License-Identifier: MIT
 *
 * trainer: training behind the train_* and trainer_* entries of the module's table (see net.h for shapes): a task
 * (task_unet.h, task_utilise.h) and its optimiser; checkpoints as in checkpoint.h. A trainer is used from one thread at
 * a time. None of these functions lets an exception out.
 */
#ifndef CLV_NET_TRAINER_H
#define CLV_NET_TRAINER_H

#include "net/net.h"

namespace clv::net
{

clv_status trainer_open(const char *kind, const char *config, const char *device, const char *precision,
                        clv_net_trainer **out, clv_net_error *error) noexcept;
void trainer_info(const clv_net_trainer *trainer, clv_net_info *info) noexcept;
clv_status train_detect_step(clv_net_trainer *trainer, const float *in, const uint8_t *target, int n, int h, int w,
                             double *loss, clv_net_error *error) noexcept;
clv_status trainer_detect(clv_net_trainer *trainer, const float *in, int n, int h, int w, float *out,
                          clv_net_error *error) noexcept;
clv_status train_remove_step(clv_net_trainer *trainer, const float *in, const float *days, const float *target,
                             const uint8_t *scope, int n, int dates, int h, int w, double *loss,
                             clv_net_error *error) noexcept;
clv_status trainer_predict(clv_net_trainer *trainer, const float *in, const float *days, int n, int dates, int h, int w,
                           float *out, clv_net_error *error) noexcept;
clv_status trainer_save(clv_net_trainer *trainer, const char *path, bool state, const char *const *metadata,
                        int metadata_pairs, clv_net_error *error) noexcept;
clv_status trainer_begin(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept;
clv_status trainer_load(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept;
int64_t trainer_step(const clv_net_trainer *trainer) noexcept;
double trainer_rate(const clv_net_trainer *trainer) noexcept;
void trainer_close(clv_net_trainer *trainer) noexcept;

} // namespace clv::net

#endif
