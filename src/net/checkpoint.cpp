/* SPDX-License-Identifier: MIT */
#include "net/checkpoint.h"

#include "base/context.h"
#include "base/file.h"
#include "formats/safetensors.h"
#include "net/failure.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace clv::net
{

static constexpr size_t max_checkpoint_bytes = size_t{4} << 30;

namespace
{

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
    for (const Parameter &p : weights.all())
        if (p.trained)
            names.push_back(p.name);
    return names;
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

bool says(const File &file, const char *key, const std::string &value)
{
    const char *text = clv_safetensors_metadata(file.file, key);
    return text && value == text;
}

void load_moment(const File &file, const char *path, const std::string &name, at::Tensor &moment)
{
    const clv_tensor *tensor = clv_safetensors_find(file.file, name.c_str());
    if (!tensor)
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: %s is missing", path, name.c_str());
    at::Tensor value = tensor_from_file(*tensor, path);
    if (value.sizes() != moment.sizes())
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: %s has another shape", path, name.c_str());
    moment.copy_(value);
}

} // namespace

void save_checkpoint(Task &task, const Optimiser &optimiser, const std::string &path, Metadata metadata)
{
    Weights::Writable weights = task.weights().writable("weights.");
    Weights::Writable average = task.average().writable("ema.");
    std::vector<clv_tensor> tensors = weights.tensors;
    tensors.insert(tensors.end(), average.tensors.begin(), average.tensors.end());

    std::vector<std::string> base = trained_names(task.weights()), names;
    std::vector<at::Tensor> held;
    for (size_t i = 0; i < base.size(); i++) {
        names.push_back("optimiser." + base[i] + ".first");
        held.push_back(optimiser.first[i].to(at::kCPU).contiguous());
        names.push_back("optimiser." + base[i] + ".second");
        held.push_back(optimiser.second[i].to(at::kCPU).contiguous());
    }
    for (size_t i = 0; i < names.size(); i++)
        tensors.push_back(describe(names[i], held[i]));
    metadata.emplace_back("clearvision.kind", std::string(task.kind()) + "-checkpoint");
    metadata.emplace_back("clearvision.config", task.config());
    metadata.emplace_back("clearvision.step", std::to_string(optimiser.step));
    write_tensors(path, tensors, metadata);
}

void load_checkpoint(Task &task, Optimiser &optimiser, const char *path)
{
    File file(path);
    if (metadata_of(file, path, "clearvision.kind") != std::string(task.kind()) + "-checkpoint")
        fail(CLV_ERROR_MODEL, "%s: not a training checkpoint of a %s; give one that -checkpoint wrote", path,
             task.kind());
    if (metadata_of(file, path, "clearvision.config") != task.config())
        fail(CLV_ERROR_MODEL, "%s: checkpoint of another network: %s", path,
             metadata_of(file, path, "clearvision.config").c_str());
    std::string text = metadata_of(file, path, "clearvision.step");
    char *end = nullptr;
    long long step = std::strtoll(text.c_str(), &end, 10);
    if (end == text.c_str() || *end || step < 0)
        fail(CLV_ERROR_MODEL, "%s: damaged training checkpoint: step %s", path, text.c_str());

    at::NoGradGuard still;
    task.weights().load(file.file, path, "weights.");
    task.average().load(file.file, path, "ema.");
    task.settle();
    std::vector<std::string> names = trained_names(task.weights());
    for (size_t i = 0; i < names.size(); i++) {
        load_moment(file, path, "optimiser." + names[i] + ".first", optimiser.first[i]);
        load_moment(file, path, "optimiser." + names[i] + ".second", optimiser.second[i]);
    }
    optimiser.step = step;
}

void load_start(Task &task, const char *path)
{
    File file(path);
    if (!says(file, "clearvision.kind", task.kind()))
        fail(CLV_ERROR_MODEL, "%s: not the weights of a %s; a training can start from weights of its own kind", path,
             task.kind());
    /* Files may leave out what is the preset's, so that the tensors decide whether the networks are the same. */
    at::NoGradGuard still;
    task.weights().load(file.file, path, "");
    task.average().load(file.file, path, "");
    task.settle();
}

} // namespace clv::net
