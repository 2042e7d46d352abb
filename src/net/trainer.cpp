/* SPDX-License-Identifier: MIT */
#include "net/trainer.h"

#include "core/context.h"
#include "core/json.h"
#include "core/safetensors.h"
#include "net/config.h"
#include "net/device.h"
#include "net/failure.h"
#include "net/unet.h"
#include "net/weights.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cinttypes>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using clv::net::Config;
using clv::net::fail;
using clv::net::UNet;
using clv::net::UNetConfig;
using clv::net::Weights;

constexpr int64_t ignored_label = 255;
constexpr double pi = 3.14159265358979323846;
constexpr size_t max_checkpoint_bytes = size_t{4} << 30;

struct Recipe {
    int64_t steps, warmup, seed;
    double lr, weight_decay, clip, ema, dice, label_smoothing;
    double class_weights[3];

    /* Keys of the trainer's configuration beside the network's own. */
    static Recipe parse(Config &config)
    {
        Recipe r;
        r.steps = config.integer("steps", 10000, 1, 100000000);
        r.warmup = config.integer("warmup", 100, 0, 1000000);
        r.seed = config.integer("seed", 1, 0, INT64_MAX);
        r.lr = config.number("lr", 2e-3, 0, 1);
        r.weight_decay = config.number("weight_decay", 1e-2, 0, 1);
        r.clip = config.number("clip", 1.0, 1e-6, 1e6);
        r.ema = config.number("ema", 0.998, 0, 0.99999);
        r.dice = config.number("dice", 0.5, 0, 100);
        r.label_smoothing = config.number("label_smoothing", 0.05, 0, 0.5);
        r.class_weights[0] = config.number("weight_clear", 1.0, 1e-6, 1e6);
        r.class_weights[1] = config.number("weight_cloud", 1.5, 1e-6, 1e6);
        r.class_weights[2] = config.number("weight_shadow", 2.0, 1e-6, 1e6);
        return r;
    }

    /* Linear warm-up, then half a cosine down to a hundredth. */
    double rate(int64_t step) const
    {
        if (step < warmup)
            return lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
        double span = static_cast<double>(steps > warmup ? steps - warmup : 1);
        double part = std::fmin(1.0, static_cast<double>(step - warmup) / span);
        return lr * (0.01 + 0.99 * 0.5 * (1.0 + std::cos(pi * part)));
    }
};

UNetConfig network_of(Config &config, Recipe &recipe)
{
    UNetConfig network = UNetConfig::parse(config);
    recipe = Recipe::parse(config);
    config.finish();
    return network;
}

} // namespace

struct clv_net_trainer {
    clv_net_trainer(UNetConfig network, Recipe training, const at::Device &where, at::ScalarType compute)
        : net(network), average(std::move(network)), recipe(training), device(where)
    {
        net.compute = average.compute = compute;
        net.weights.initialise(static_cast<uint64_t>(recipe.seed));
        average.weights = net.weights.clone();
        settle();
        for (const at::Tensor &parameter : net.weights.trained()) {
            first.push_back(at::zeros_like(parameter));
            second.push_back(at::zeros_like(parameter));
        }
    }

    /* Puts freshly filled weights where they work. */
    void settle()
    {
        net.weights.to_device(device);
        average.weights.to_device(device);
        net.weights.require_gradients();
    }

    UNet net, average;
    Recipe recipe;
    at::Device device;
    std::vector<at::Tensor> first, second; /* Adam's moments, in the order of trained() */
    int64_t step = 0;
};

namespace {

at::Tensor input_tensor(const clv_net_trainer &trainer, const float *in, int n, int h, int w)
{
    const UNetConfig &config = trainer.net.config();
    int64_t multiple = trainer.net.multiple();
    if (n < 1 || h < 1 || w < 1 || h % multiple || w % multiple)
        fail(CLV_ERROR_ARGUMENT, "training windows of %dx%d: sides must be multiples of %d", w, h,
             static_cast<int>(multiple));
    at::Tensor x = at::from_blob(const_cast<float *>(in), {n, config.in_channels, h, w}, at::kFloat);
    return x.to(trainer.device, at::kFloat, false, true);
}

/* Cross entropy with class weights and smoothed labels, and soft Dice of cloud and shadow, over the pixels whose
 * label is known. */
at::Tensor loss_of(const Recipe &recipe, const at::Tensor &logits, const at::Tensor &target)
{
    int64_t classes = logits.size(1);
    at::Tensor known = target.ne(ignored_label);
    at::Tensor label = at::where(known, target, at::zeros_like(target));
    at::Tensor log_p = at::log_softmax(logits.to(at::kFloat), 1);
    at::Tensor weight = at::empty({classes}, at::kFloat);
    for (int64_t c = 0; c < classes; c++)
        weight[c] = recipe.class_weights[c];
    at::Tensor pixel_weight = weight.to(logits.device()).index({label}) * known.to(at::kFloat);

    double smooth = recipe.label_smoothing;
    at::Tensor hit = log_p.gather(1, label.unsqueeze(1)).squeeze(1);
    at::Tensor entropy = -((1.0 - smooth) * hit + smooth * log_p.mean(1));
    at::Tensor loss = (entropy * pixel_weight).sum() / pixel_weight.sum().clamp_min(1.0);

    at::Tensor mask = known.to(at::kFloat);
    /* Steadies classes that hardly occur in a batch: a thousandth of its pixels. */
    at::Tensor steady = mask.sum() * 1e-3 + 1.0;
    for (int64_t c = 1; c < classes; c++) {
        at::Tensor p = log_p.select(1, c).exp() * mask;
        at::Tensor t = label.eq(c).to(at::kFloat) * mask;
        at::Tensor overlap = (2.0 * (p * t).sum() + steady) / (p.sum() + t.sum() + steady);
        loss = loss + recipe.dice / static_cast<double>(classes - 1) * (1.0 - overlap);
    }
    return loss;
}

double gradient_norm(const std::vector<at::Tensor> &parameters)
{
    at::Tensor sum;
    for (const at::Tensor &p : parameters)
        if (p.grad().defined()) {
            at::Tensor square = p.grad().to(at::kFloat).square().sum();
            sum = sum.defined() ? sum + square : square;
        }
    return sum.defined() ? std::sqrt(sum.item<double>()) : 0.0;
}

/* AdamW (Loshchilov, Hutter 2019) with clipped gradients; kernels decay, biases and normalisation do not. */
void optimise(clv_net_trainer &trainer, double norm)
{
    const Recipe &recipe = trainer.recipe;
    constexpr double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
    double rate = recipe.rate(trainer.step), t = static_cast<double>(trainer.step + 1);
    double scale = norm > recipe.clip ? recipe.clip / norm : 1.0;
    double correct1 = 1.0 - std::pow(beta1, t), correct2 = 1.0 - std::pow(beta2, t);
    std::vector<at::Tensor> parameters = trainer.net.weights.trained();
    for (size_t i = 0; i < parameters.size(); i++) {
        at::Tensor &p = parameters[i];
        if (!p.grad().defined())
            continue;
        at::Tensor g = p.grad() * scale;
        trainer.first[i].mul_(beta1).add_(g, 1.0 - beta1);
        trainer.second[i].mul_(beta2).addcmul_(g, g, 1.0 - beta2);
        if (p.dim() > 1)
            p.mul_(1.0 - rate * recipe.weight_decay);
        at::Tensor divisor = (trainer.second[i] / correct2).sqrt_().add_(epsilon);
        p.addcdiv_(trainer.first[i], divisor, -rate / correct1);
    }
}

/* The averaged weights follow faster at the beginning. */
void follow(clv_net_trainer &trainer)
{
    double t = static_cast<double>(trainer.step);
    double keep = std::fmin(trainer.recipe.ema, (1.0 + t) / (10.0 + t));
    std::vector<clv::net::Parameter> &to = trainer.average.weights.all();
    const std::vector<clv::net::Parameter> &from = trainer.net.weights.all();
    for (size_t i = 0; i < to.size(); i++)
        to[i].value.lerp_(from[i].value, 1.0 - keep);
}

double train_step(clv_net_trainer &trainer, const float *in, const uint8_t *target, int n, int h, int w)
{
    at::Tensor x = input_tensor(trainer, in, n, h, w);
    at::Tensor labels = at::from_blob(const_cast<uint8_t *>(target), {n, h, w}, at::kByte);
    labels = labels.to(at::kLong).to(trainer.device);
    std::vector<at::Tensor> parameters = trainer.net.weights.trained();
    for (at::Tensor &p : parameters)
        p.mutable_grad() = at::Tensor();

    at::AutoGradMode recording(true);
    at::Tensor loss = loss_of(trainer.recipe, trainer.net.forward(x, true), labels);
    loss.backward();

    at::NoGradGuard still;
    double value = loss.item<double>(), norm = gradient_norm(parameters);
    /* A step whose numbers overflowed is left out; the statistics of later steps are not spoiled by it. */
    if (std::isfinite(value) && std::isfinite(norm))
        optimise(trainer, norm);
    follow(trainer);
    trainer.step++;
    return value;
}

/* ---- Files ------------------------------------------------------------------------------------- */

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(const char *const *metadata, int count)
{
    Pairs pairs;
    for (int i = 0; i < count; i++)
        pairs.emplace_back(metadata[2 * i], metadata[2 * i + 1]);
    return pairs;
}

clv_tensor describe(const std::string &name, const at::Tensor &tensor)
{
    clv_tensor t;
    memset(&t, 0, sizeof t);
    t.name = name.c_str();
    t.dtype = CLV_F32;
    t.dims = static_cast<int>(tensor.dim());
    for (int i = 0; i < t.dims; i++)
        t.shape[i] = tensor.size(i);
    t.data = tensor.data_ptr<float>();
    t.bytes = static_cast<size_t>(tensor.numel()) * sizeof(float);
    return t;
}

std::vector<std::string> trained_names(const Weights &weights)
{
    std::vector<std::string> names;
    for (const clv::net::Parameter &p : weights.all())
        if (p.trained)
            names.push_back(p.name);
    return names;
}

void save_state(const clv_net_trainer &trainer, const std::string &path, Pairs metadata)
{
    Weights::Writable weights = trainer.net.weights.writable("weights.");
    Weights::Writable average = trainer.average.weights.writable("ema.");
    std::vector<clv_tensor> tensors = weights.tensors;
    tensors.insert(tensors.end(), average.tensors.begin(), average.tensors.end());

    std::vector<std::string> base = trained_names(trainer.net.weights), names;
    std::vector<at::Tensor> held;
    for (size_t i = 0; i < base.size(); i++) {
        names.push_back("optimiser." + base[i] + ".first");
        held.push_back(trainer.first[i].to(at::kCPU).contiguous());
        names.push_back("optimiser." + base[i] + ".second");
        held.push_back(trainer.second[i].to(at::kCPU).contiguous());
    }
    for (size_t i = 0; i < names.size(); i++)
        tensors.push_back(describe(names[i], held[i]));
    metadata.emplace_back("clearvision.kind", "unet-checkpoint");
    metadata.emplace_back("clearvision.config", trainer.net.config().json());
    metadata.emplace_back("clearvision.step", std::to_string(trainer.step));
    clv::net::write_tensors(path, tensors, metadata);
}

void save_weights(const clv_net_trainer &trainer, const std::string &path, Pairs metadata)
{
    metadata.insert(metadata.begin(),
                    {{"clearvision.kind", "unet"}, {"clearvision.config", trainer.average.config().json()}});
    trainer.average.weights.save(path, metadata);
}

/* A parsed safetensors file and the memory under it. */
struct File {
    explicit File(const char *path) : context(clv_context_new(), clv_context_free)
    {
        clv_status status = clv_read_file(context.get(), path, max_checkpoint_bytes, &data, &size);
        if (status == CLV_OK)
            status = clv_safetensors_parse(context.get(), data, size, &file);
        if (status != CLV_OK) {
            std::string text = clv_context_error(context.get());
            release();
            fail(status, "%s", text.c_str());
        }
    }
    ~File()
    {
        release();
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    std::unique_ptr<clv_context, void (*)(clv_context *)> context;
    uint8_t *data = nullptr;
    size_t size = 0;
    clv_safetensors *file = nullptr;

private:
    void release()
    {
        clv_safetensors_free(file);
        free(data);
    }
};

std::string metadata_of(const File &file, const char *path, const char *key)
{
    const char *value = clv_safetensors_metadata(file.file, key);
    if (!value)
        fail(CLV_ERROR_MODEL, "%s: not a training checkpoint (it has no %s); give one that -checkpoint wrote", path,
             key);
    return value;
}

void load_moment(const File &file, const char *path, const std::string &name, at::Tensor &moment)
{
    const clv_tensor *tensor = clv_safetensors_find(file.file, name.c_str());
    if (!tensor)
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: %s is missing", path, name.c_str());
    at::Tensor value = clv::net::tensor_from_file(*tensor, path);
    if (value.sizes() != moment.sizes())
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: %s has another shape", path, name.c_str());
    moment.copy_(value);
}

void load_state(clv_net_trainer &trainer, const char *path)
{
    File file(path);
    if (metadata_of(file, path, "clearvision.kind") != "unet-checkpoint")
        fail(CLV_ERROR_MODEL, "%s: not a training checkpoint; give one that -checkpoint wrote", path);
    if (metadata_of(file, path, "clearvision.config") != trainer.net.config().json())
        fail(CLV_ERROR_MODEL, "%s: checkpoint of another network: %s", path,
             metadata_of(file, path, "clearvision.config").c_str());
    std::string text = metadata_of(file, path, "clearvision.step");
    char *end = nullptr;
    long long step = std::strtoll(text.c_str(), &end, 10);
    if (end == text.c_str() || *end || step < 0)
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: step %s", path, text.c_str());

    at::NoGradGuard still;
    trainer.net.weights.load(file.file, path, "weights.");
    trainer.average.weights.load(file.file, path, "ema.");
    trainer.settle();
    std::vector<std::string> names = trained_names(trainer.net.weights);
    for (size_t i = 0; i < names.size(); i++) {
        load_moment(file, path, "optimiser." + names[i] + ".first", trainer.first[i]);
        load_moment(file, path, "optimiser." + names[i] + ".second", trainer.second[i]);
    }
    trainer.step = step;
}

} // namespace

namespace clv::net {

clv_status trainer_open(const char *kind, const char *config, const char *device, const char *precision,
                        clv_net_trainer **out, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        *out = nullptr;
        if (!kind || strcmp(kind, "unet") != 0)
            fail(CLV_ERROR_UNSUPPORTED, "training a network of kind %s is not supported by this version",
                 kind ? kind : "(none)");
        Config parsed(config, "training configuration");
        Recipe recipe;
        UNetConfig network = network_of(parsed, recipe);
        at::Device where = choose_device(device);
        *out = new clv_net_trainer(std::move(network), recipe, where, choose_precision(precision, where));
    });
}

clv_status train_detect_step(clv_net_trainer *trainer, const float *in, const uint8_t *target, int n, int h, int w,
                             double *loss, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        double value = train_step(*trainer, in, target, n, h, w);
        if (loss)
            *loss = value;
    });
}

clv_status trainer_detect(clv_net_trainer *trainer, const float *in, int n, int h, int w, float *out,
                          clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        at::NoGradGuard still;
        at::Tensor p = trainer->average.probabilities(input_tensor(*trainer, in, n, h, w)).to(at::kCPU).contiguous();
        memcpy(out, p.data_ptr<float>(), static_cast<size_t>(p.numel()) * sizeof(float));
    });
}

clv_status trainer_save(clv_net_trainer *trainer, const char *path, bool state, const char *const *metadata,
                        int metadata_pairs, clv_net_error *error) noexcept
{
    return guarded(error, [&] {
        at::NoGradGuard still;
        Pairs pairs = pairs_of(metadata, metadata_pairs);
        if (state)
            save_state(*trainer, path, std::move(pairs));
        else
            save_weights(*trainer, path, std::move(pairs));
    });
}

clv_status trainer_load(clv_net_trainer *trainer, const char *path, clv_net_error *error) noexcept
{
    return guarded(error, [&] { load_state(*trainer, path); });
}

int64_t trainer_step(const clv_net_trainer *trainer) noexcept
{
    return trainer ? trainer->step : 0;
}

void trainer_close(clv_net_trainer *trainer) noexcept
{
    delete trainer;
}

} // namespace clv::net
