/* SPDX-License-Identifier: MIT */
#include "net/optimiser.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace clv::net
{

static constexpr double PI = 3.14159265358979323846;
static constexpr double BETA1 = 0.9, EPSILON = 1e-8;

void Recipe::parse(Config &config)
{
    steps = config.integer("steps", steps, 1, 100000000);
    warmup = config.integer("warmup", warmup, 0, 1000000);
    seed = config.integer("seed", seed, 0, INT64_MAX);
    lr = config.number("lr", lr, 0, 1);
    weight_decay = config.number("weight_decay", weight_decay, 0, 1);
    beta2 = config.number("beta2", beta2, 0, 0.999999);
    clip = config.number("clip", clip, 1e-6, 1e6);
    ema = config.number("ema", ema, 0, 0.99999);
}

/* Linear warm-up, then half a cosine down to a hundredth. */
double Recipe::rate(int64_t step) const
{
    if (step < warmup)
        return lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
    const double span = static_cast<double>(steps > warmup ? steps - warmup : 1);
    const double part = std::fmin(1.0, static_cast<double>(step - warmup) / span);
    return lr * (0.01 + 0.99 * 0.5 * (1.0 + std::cos(PI * part)));
}

Optimiser::Optimiser(const Recipe &training, const Weights &weights) : recipe(training)
{
    at::NoGradGuard still;
    for (const at::Tensor &parameter : weights.trained()) {
        first.push_back(at::zeros_like(parameter));
        second.push_back(at::zeros_like(parameter));
    }
}

void Optimiser::clear(const Weights &weights)
{
    for (at::Tensor &p : weights.trained())
        p.mutable_grad() = at::Tensor();
}

static double gradient_norm(const std::vector<at::Tensor> &parameters)
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
void Optimiser::change(const Weights &weights, double norm)
{
    const double rate = recipe.rate(step), t = static_cast<double>(step + 1);
    const double scale = norm > recipe.clip ? recipe.clip / norm : 1.0;
    const double correct1 = 1.0 - std::pow(BETA1, t), correct2 = 1.0 - std::pow(recipe.beta2, t);
    std::vector<at::Tensor> parameters = weights.trained();
    for (size_t i = 0; i < parameters.size(); i++) {
        at::Tensor &p = parameters[i];
        if (!p.grad().defined())
            continue;
        at::Tensor g = p.grad() * scale;
        first[i].mul_(BETA1).add_(g, 1.0 - BETA1);
        second[i].mul_(recipe.beta2).addcmul_(g, g, 1.0 - recipe.beta2);
        if (p.dim() > 1)
            p.mul_(1.0 - rate * recipe.weight_decay);
        at::Tensor divisor = (second[i] / correct2).sqrt_().add_(EPSILON);
        p.addcdiv_(first[i], divisor, -rate / correct1);
    }
}

/* The averaged weights follow faster at the beginning. */
void Optimiser::follow(const Weights &weights, Weights &average) const
{
    const double t = static_cast<double>(step);
    const double keep = std::fmin(recipe.ema, (1.0 + t) / (10.0 + t));
    std::vector<Parameter> &to = average.all();
    const std::vector<Parameter> &from = weights.all();
    for (size_t i = 0; i < to.size(); i++)
        to[i].value.lerp_(from[i].value, 1.0 - keep);
}

double Optimiser::descend(const at::Tensor &loss, const Weights &weights, Weights &average)
{
    loss.backward();
    at::NoGradGuard still;
    const double value = loss.item<double>(), norm = gradient_norm(weights.trained());
    /* A step whose numbers overflowed is left out; the statistics of later steps are not spoiled by it. */
    if (std::isfinite(value) && std::isfinite(norm))
        change(weights, norm);
    follow(weights, average);
    step++;
    return value;
}

} // namespace clv::net
