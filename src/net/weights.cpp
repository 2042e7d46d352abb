/* SPDX-License-Identifier: MIT */
#include "net/failure.h"
#include "net/weights.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <set>
#include <string_view>

namespace clv::net
{

static std::string shape_text(const int64_t *shape, size_t dims)
{
    std::string text = "[";
    for (size_t i = 0; i < dims; i++)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

int Weights::add(std::string name, std::vector<int64_t> shape, Start start, bool trained)
{
    list_.push_back({std::move(name), std::move(shape), start, trained, at::Tensor()});
    return static_cast<int>(list_.size()) - 1;
}

at::Tensor tensor_from_file(const clv_tensor &tensor, const std::string &name)
{
    at::ScalarType type;
    switch (tensor.dtype) {
    case CLV_F32:
        type = at::kFloat;
        break;
    case CLV_F16:
        type = at::kHalf;
        break;
    case CLV_BF16:
        type = at::kBFloat16;
        break;
    case CLV_F64:
        type = at::kDouble;
        break;
    default:
        fail(CLV_ERROR_MODEL, "%s: tensor %.200s is not of type F32, F16, BF16 or F64", name.c_str(), tensor.name);
    }
    // The bytes in the file need not be aligned, so they are copied before libtorch looks at them.
    at::Tensor raw =
        at::empty(at::IntArrayRef(tensor.shape, static_cast<size_t>(tensor.dims)), at::TensorOptions().dtype(type));
    if (tensor.bytes)
        memcpy(raw.data_ptr(), tensor.data, tensor.bytes);
    at::Tensor value = raw.to(at::kFloat);
    if (!at::isfinite(value).all().item<bool>())
        fail(CLV_ERROR_MODEL, "%s: tensor %.200s holds values that are not finite; the file is damaged", name.c_str(),
             tensor.name);
    return value;
}

/* Batch norm's counter of training steps, which published checkpoints carry and nothing needs. */
static bool is_batch_counter(std::string_view name)
{
    constexpr std::string_view ending = ".num_batches_tracked";
    return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
}

void Weights::load(const clv_safetensors *file, const std::string &name, const std::string &prefix)
{
    std::set<std::string> wanted;
    for (Parameter &parameter : list_) {
        std::string full = prefix + parameter.name;
        wanted.insert(full);
        const clv_tensor *tensor = clv_safetensors_find(file, full.c_str());
        if (!tensor)
            fail(CLV_ERROR_MODEL, "%s: tensor %s is missing", name.c_str(), full.c_str());
        size_t dims = parameter.shape.size();
        bool same = tensor->dims == static_cast<int>(dims);
        for (size_t i = 0; same && i < dims; i++)
            same = tensor->shape[i] == parameter.shape[i];
        if (!same)
            fail(CLV_ERROR_MODEL, "%s: tensor %s has shape %s; the configuration asks for %s", name.c_str(),
                 full.c_str(), shape_text(tensor->shape, static_cast<size_t>(tensor->dims)).c_str(),
                 shape_text(parameter.shape.data(), dims).c_str());
        parameter.value = tensor_from_file(*tensor, name);
    }
    for (int i = 0; i < clv_safetensors_count(file); i++) {
        std::string_view found = clv_safetensors_at(file, i)->name;
        if (found.substr(0, prefix.size()) == prefix && !wanted.count(std::string(found)) && !is_batch_counter(found))
            fail(CLV_ERROR_MODEL, "%s: tensor %.200s does not belong to the configured network", name.c_str(),
                 found.data());
    }
}

/* Standard deviation of a normal start, or 0. */
static double start_deviation(const Parameter &parameter)
{
    double field = 1;
    for (size_t i = 2; i < parameter.shape.size(); i++)
        field *= static_cast<double>(parameter.shape[i]);
    double fan_out = parameter.shape.empty() ? 1 : static_cast<double>(parameter.shape[0]) * field;
    double fan_in = parameter.shape.size() < 2 ? 1 : static_cast<double>(parameter.shape[1]) * field;
    switch (parameter.start) {
    case Start::he:
        return std::sqrt(2 / fan_in);
    case Start::xavier:
        return std::sqrt(2 / (fan_in + fan_out));
    case Start::lecun:
        return std::sqrt(1 / fan_in);
    case Start::standard:
        return 1;
    default:
        return 0;
    }
}

void Weights::initialise(uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    for (Parameter &parameter : list_) {
        parameter.value = at::zeros(parameter.shape, at::TensorOptions().dtype(at::kFloat));
        if (parameter.start == Start::one)
            parameter.value.fill_(1);
        else if (parameter.start != Start::zero)
            parameter.value.normal_(0, start_deviation(parameter), generator);
    }
}

Weights::Writable Weights::writable(const std::string &prefix) const
{
    Writable out;
    for (const Parameter &parameter : list_) {
        out.names.push_back(prefix + parameter.name);
        out.held.push_back(parameter.value.detach().to(at::kCPU, at::kFloat).contiguous());
    }
    for (size_t i = 0; i < out.held.size(); i++) {
        clv_tensor tensor = {};
        tensor.name = out.names[i].c_str();
        tensor.dtype = CLV_F32;
        tensor.dims = static_cast<int>(list_[i].shape.size());
        for (int d = 0; d < tensor.dims; d++)
            tensor.shape[d] = list_[i].shape[static_cast<size_t>(d)];
        tensor.data = out.held[i].data_ptr();
        tensor.bytes = static_cast<size_t>(out.held[i].numel()) * sizeof(float);
        out.tensors.push_back(tensor);
    }
    return out;
}

void write_tensors(const std::string &path, const std::vector<clv_tensor> &tensors,
                   const std::vector<std::pair<std::string, std::string>> &metadata)
{
    std::unique_ptr<clv_context, decltype(&clv_context_free)> ctx(clv_context_new(), clv_context_free);
    std::vector<const char *> pairs;
    for (const auto &item : metadata) {
        pairs.push_back(item.first.c_str());
        pairs.push_back(item.second.c_str());
    }
    clv_status status = clv_safetensors_write(ctx.get(), path.c_str(), tensors.data(), static_cast<int>(tensors.size()),
                                              pairs.data(), static_cast<int>(metadata.size()));
    if (status != CLV_OK)
        throw Failure(status, ctx ? clv_context_error(ctx.get()) : "out of memory");
}

void Weights::save(const std::string &path, const std::vector<std::pair<std::string, std::string>> &metadata) const
{
    Writable out = writable();
    write_tensors(path, out.tensors, metadata);
}

std::vector<at::Tensor> Weights::trained() const
{
    std::vector<at::Tensor> out;
    for (const Parameter &parameter : list_)
        if (parameter.trained)
            out.push_back(parameter.value);
    return out;
}

int64_t Weights::count() const
{
    int64_t total = 0;
    for (const Parameter &parameter : list_) {
        int64_t numbers = 1;
        for (int64_t extent : parameter.shape)
            numbers *= extent;
        total += parameter.trained ? numbers : 0;
    }
    return total;
}

Weights Weights::clone() const
{
    Weights out = *this;
    for (Parameter &parameter : out.list_)
        parameter.value = parameter.value.detach().clone();
    return out;
}

void Weights::copy_from(const Weights &other)
{
    at::NoGradGuard no_gradients;
    for (size_t i = 0; i < list_.size(); i++)
        list_[i].value.copy_(other.list_[i].value);
}

void Weights::to_device(const at::Device &device)
{
    for (Parameter &parameter : list_)
        parameter.value = parameter.value.detach().to(device);
}

void Weights::require_gradients()
{
    for (Parameter &parameter : list_)
        if (parameter.trained)
            parameter.value.set_requires_grad(true);
}

} // namespace clv::net
