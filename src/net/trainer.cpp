/* SPDX-License-Identifier: MIT */
#include "net/trainer.h"

#include "net/checkpoint.h"
#include "net/config.h"
#include "net/device.h"
#include "net/failure.h"
#include "net/optimiser.h"
#include "net/task_unet.h"
#include "net/task_utilise.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

using namespace clv::net;

struct clv_net_trainer {
    std::unique_ptr<Task> task;
    UNetTask *unet = nullptr;       /* the task, where it is one */
    UtiliseTask *utilise = nullptr; /* likewise */
    std::unique_ptr<Optimiser> optimiser;
    at::ScalarType compute = at::kFloat;
};

namespace
{

/* Gradients underflow in fp16 unless they are scaled, which is not done here. */
at::ScalarType choose_training_precision(const char *wanted, const at::Device &device)
{
    at::ScalarType chosen = choose_precision(wanted, device);
    if (chosen != at::kHalf)
        return chosen;
    if (wanted && strcmp(wanted, "fp16") == 0)
        fail(CLV_ERROR_UNSUPPORTED, "training in fp16 is not supported; choose fp32 or bf16");
    return at::kFloat;
}

void finish_open_options(clv_net_trainer &trainer, Recipe recipe)
{
    trainer.task->start(static_cast<uint64_t>(recipe.seed));
    trainer.optimiser = std::make_unique<Optimiser>(recipe, trainer.task->weights());
}

void open_unet(clv_net_trainer &trainer, Config &config, const at::Device &where)
{
    Recipe recipe;
    UNetLoss loss;
    UNetConfig network = UNetConfig::parse(config);
    recipe.parse(config);
    loss.parse(config);
    config.finish();
    trainer.task = std::make_unique<UNetTask>(network, loss, where, trainer.compute);
    trainer.unet = static_cast<UNetTask *>(trainer.task.get());
    finish_open_options(trainer, recipe);
}

void open_utilise(clv_net_trainer &trainer, Config &config, const at::Device &where)
{
    Recipe recipe;
    UtiliseConfig network = UtiliseConfig::parse(config, "clear");
    UtiliseLoss loss(network);
    UtiliseLoss::adapt(recipe, network);
    recipe.parse(config);
    loss.parse(config);
    config.finish();
    trainer.task = std::make_unique<UtiliseTask>(network, loss, where, trainer.compute);
    trainer.utilise = static_cast<UtiliseTask *>(trainer.task.get());
    finish_open_options(trainer, recipe);
}

/* What dropout draws in a step follows from seed and step, so that a checkpoint has no random state to keep. */
void seed_step(const Optimiser &optimiser)
{
    uint64_t z = static_cast<uint64_t>(optimiser.recipe.seed) * 0x9E3779B97F4A7C15u;
    z += static_cast<uint64_t>(optimiser.step) + 1;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    at::manual_seed(z ^ (z >> 31));
}

/* One step on what `loss_of` gives. */
template <class Loss> void step(clv_net_trainer &trainer, double *value, Loss loss_of)
{
    Weights &weights = trainer.task->weights();
    at::init_num_threads(); // the number is kept per thread, and this may not be the one that set it
    Optimiser::clear(weights);
    seed_step(*trainer.optimiser);
    at::AutoGradMode recording(true);
    const double loss = trainer.optimiser->descend(loss_of(), weights, trainer.task->average());
    if (value)
        *value = loss;
}

void save_weights(clv_net_trainer &trainer, const char *path, Metadata metadata)
{
    metadata.insert(metadata.begin(),
                    {{"clearvision.kind", trainer.task->kind()}, {"clearvision.config", trainer.task->config()}});
    trainer.task->average().save(path, metadata);
}

} // namespace

namespace clv::net
{

clv_status trainer_open(const char *kind, const char *config, const char *device, const char *precision,
                        clv_net_trainer **out, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        *out = nullptr;
        Config parsed(config, "training configuration");
        const at::Device where = choose_device(device);
        auto trainer = std::make_unique<clv_net_trainer>();
        trainer->compute = choose_training_precision(precision, where);
        if (kind && strcmp(kind, "unet") == 0)
            open_unet(*trainer, parsed, where);
        else if (kind && strcmp(kind, "utilise") == 0)
            open_utilise(*trainer, parsed, where);
        else
            fail(CLV_ERROR_UNSUPPORTED, "training a network of kind %s is not supported by this version",
                 kind ? kind : "(none)");
        *out = trainer.release();
    });
}

void trainer_info(const clv_net_trainer *trainer, clv_net_info *info) noexcept
{
    *info = {};
    trainer->task->describe(*info);
    try {
        snprintf(info->device, sizeof info->device, "%s", device_name(trainer->task->device).c_str());
    } catch (...) {
        // without a name then
    }
    snprintf(info->precision, sizeof info->precision, "%s", precision_name(trainer->compute));
}

clv_status train_detect_step(clv_net_trainer *trainer, const float *in, const uint8_t *target, int n, int h, int w,
                             double *loss, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        if (!trainer->unet)
            fail(CLV_ERROR_ARGUMENT, "train_detect_step: the trainer is not of kind unet");
        step(*trainer, loss, [&] { return trainer->unet->loss(in, target, n, h, w); });
    });
}

clv_status trainer_detect(clv_net_trainer *trainer, const float *in, int n, int h, int w, float *out,
                          clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        if (!trainer->unet)
            fail(CLV_ERROR_ARGUMENT, "trainer_detect: the trainer is not of kind unet");
        at::NoGradGuard still;
        at::Tensor p = trainer->unet->probabilities(in, n, h, w);
        memcpy(out, p.data_ptr<float>(), static_cast<size_t>(p.numel()) * sizeof(float));
    });
}

clv_status train_remove_step(clv_net_trainer *trainer, const float *in, const float *days, const float *target,
                             const uint8_t *scope, int n, int dates, int h, int w, double *loss,
                             clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        if (!trainer->utilise)
            fail(CLV_ERROR_ARGUMENT, "train_remove_step: the trainer is not of kind utilise");
        step(*trainer, loss, [&] { return trainer->utilise->loss({in, days, target, scope, n, dates, h, w}); });
    });
}

clv_status trainer_predict(clv_net_trainer *trainer, const float *in, const float *days, int n, int dates, int h, int w,
                           float *out, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        if (!trainer->utilise)
            fail(CLV_ERROR_ARGUMENT, "trainer_predict: the trainer is not of kind utilise");
        at::NoGradGuard still;
        at::init_num_threads();
        at::Tensor p = trainer->utilise->predict({in, days, nullptr, nullptr, n, dates, h, w});
        memcpy(out, p.data_ptr<float>(), static_cast<size_t>(p.numel()) * sizeof(float));
    });
}

clv_status trainer_save(clv_net_trainer *trainer, const char *path, bool state, const char *const *metadata,
                        int metadata_pairs, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        at::NoGradGuard still;
        Metadata pairs;
        for (int i = 0; i < metadata_pairs; i++)
            pairs.emplace_back(metadata[2 * i], metadata[2 * i + 1]);
        if (state)
            save_checkpoint(*trainer->task, *trainer->optimiser, path, std::move(pairs));
        else
            save_weights(*trainer, path, std::move(pairs));
    });
}

clv_status trainer_load(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept
{
    return guarded(error, [&] { load_checkpoint(*trainer->task, *trainer->optimiser, path); });
}

clv_status trainer_begin(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept
{
    return guarded(error, [&] { load_start(*trainer->task, path); });
}

int64_t trainer_step(const clv_net_trainer *trainer) noexcept
{
    return trainer ? trainer->optimiser->step : 0;
}

double trainer_rate(const clv_net_trainer *trainer) noexcept
{
    return trainer ? trainer->optimiser->recipe.rate(trainer->optimiser->step) : 0;
}

void trainer_close(clv_net_trainer *trainer) noexcept
{
    delete trainer;
}

} // namespace clv::net
