/* SPDX-License-Identifier: MIT
 *
 * The module's border: the one exported function, its table, and what lies behind its entries for using a network.
 * Training is in trainer.cpp.
 */
#include "net/device.h"
#include "net/failure.h"
#include "net/net.h"
#include "net/trainer.h"
#include "net/unet.h"
#include "net/utilise.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <memory>

using namespace clv::net;

struct clv_net {
    std::string name;
    at::Device device{at::kCPU};
    at::ScalarType compute = at::kFloat;
    std::unique_ptr<UNet> unet;
    std::unique_ptr<Utilise> utilise;
    std::vector<at::Tensor> attention; /* of the latest predict, by batch */
};

namespace
{

/* Frames at a time on a CPU: enough to keep the cores busy, few enough to stay in their caches. */
constexpr int CPU_FRAMES = 4;

const char *torch_version()
{
    return TORCH_VERSION;
}

bool has_cuda()
{
    return cuda_available();
}

/* Debian's libtorch multiplies matrices with OpenBLAS, whose threads are its own, get in the way of libtorch's and of
 * other workers', and whose sums depend on how many there are. The networks share their products out themselves. */
void single_blas_thread()
{
    void *loaded = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD);
    if (!loaded)
        return;
    void (*set)(int);
    *reinterpret_cast<void **>(&set) = dlsym(loaded, "openblas_set_num_threads");
    if (set)
        set(1);
    dlclose(loaded);
}

void set_threads(int threads)
{
    try {
        at::set_num_threads(std::max(1, threads));
        single_blas_thread();
    } catch (...) {
        // libtorch keeps its own choice
    }
}

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

using File = std::unique_ptr<clv_safetensors, decltype(&clv_safetensors_free)>;

File parse_file(const std::string &name, const void *data, size_t size)
{
    std::unique_ptr<clv_context, decltype(&clv_context_free)> ctx(clv_context_new(), clv_context_free);
    clv_safetensors *file = nullptr;
    if (clv_safetensors_parse(ctx.get(), static_cast<const uint8_t *>(data), size, &file) != CLV_OK)
        fail(CLV_ERROR_MODEL, "%s: %s", name.c_str(), ctx ? clv_context_error(ctx.get()) : "out of memory");
    return File(file, clv_safetensors_free);
}

/* What a file says it is. A published U-TILISE checkpoint converted to safetensors has its hyper-parameters as "config"
 * and names no kind. */
struct Description {
    const char *kind, *config;
};

Description describe(const clv_safetensors *file)
{
    Description d = {clv_safetensors_metadata(file, "clearvision.kind"),
                     clv_safetensors_metadata(file, "clearvision.config")};
    const char *published = clv_safetensors_metadata(file, "config");
    return d.kind || d.config || !published ? d : Description{"utilise", published};
}

/* Weights may be named plainly or "weights.NAME" beside other tensors. */
std::string weights_prefix(const clv_safetensors *file)
{
    for (int i = 0; i < clv_safetensors_count(file); i++)
        if (strncmp(clv_safetensors_at(file, i)->name, "weights.", 8) == 0)
            return "weights.";
    return "";
}

template <class Network>
std::unique_ptr<Network> finish_open_options(std::unique_ptr<Network> network, const clv_net &net)
{
    network->weights.to_device(net.device);
    network->compute = net.compute;
    network->fold();
    return network;
}

void open_network(clv_net &net, const clv_safetensors *file)
{
    const Description described = describe(file);
    const char *kind = described.kind;
    if (!kind || !described.config)
        fail(CLV_ERROR_MODEL, "%s: not a clearvision model: its metadata lacks clearvision.%s", net.name.c_str(),
             kind ? "config" : "kind");
    Config config(described.config, net.name);
    if (strcmp(kind, "unet") == 0) {
        UNetConfig parsed = UNetConfig::parse(config);
        config.finish();
        auto network = std::make_unique<UNet>(parsed);
        network->weights.load(file, net.name, weights_prefix(file));
        net.unet = finish_open_options(std::move(network), net);
    } else if (strcmp(kind, "utilise") == 0) {
        UtiliseConfig parsed = UtiliseConfig::parse(config);
        config.finish();
        auto network = std::make_unique<Utilise>(parsed);
        network->weights.load(file, net.name, weights_prefix(file));
        net.utilise = finish_open_options(std::move(network), net);
    } else {
        fail(CLV_ERROR_MODEL, "%s: networks of kind %.40s are unknown; the file needs another version of clearvision",
             net.name.c_str(), kind);
    }
}

clv_status open(const char *name, const void *data, size_t size, const char *device, const char *precision,
                clv_net **out, clv_net_error *error)
{
    return guarded(error, [&] {
        single_blas_thread();
        c10::InferenceMode inference;
        *out = nullptr;
        auto net = std::make_unique<clv_net>();
        net->name = name ? name : "model";
        net->device = choose_device(device);
        net->compute = choose_precision(precision, net->device);
        open_network(*net, parse_file(net->name, data, size).get());
        *out = net.release();
    });
}

void close(clv_net *net)
{
    delete net;
}

void info(const clv_net *net, clv_net_info *out)
{
    *out = {};
    if (net->unet) {
        out->kind = CLV_NET_UNET;
        out->in_channels = static_cast<int>(net->unet->config().in_channels);
        out->out_channels = 2;
        out->multiple = net->unet->multiple();
        out->parameters = net->unet->weights.count();
    } else {
        const UtiliseConfig &config = net->utilise->config();
        out->kind = CLV_NET_UTILISE;
        out->in_channels = static_cast<int>(config.input_dim);
        out->out_channels = net->utilise->out_channels();
        out->bands = static_cast<int>(config.output_dim);
        out->multiple = net->utilise->multiple();
        out->needs_gapfill = config.gapfill;
        out->log_variance = config.log_variance;
        out->half_pixel_fill = !config.gapfill;
        out->parameters = net->utilise->weights.count();
    }
    snprintf(out->device, sizeof out->device, "%s", device_name(net->device).c_str());
    snprintf(out->precision, sizeof out->precision, "%s", precision_name(net->compute));
}

/* ---- Using ------------------------------------------------------------------------------------------------------- */

void check_size(const char *what, int n, int h, int w, int multiple, int least)
{
    if (n < 0 || h <= 0 || w <= 0 || h % multiple != 0 || w % multiple != 0 || h < least || w < least || h > 65536 ||
        w > 65536)
        fail(CLV_ERROR_ARGUMENT,
             "%s: %d pictures of %d x %d pixels: height and width must be multiples of %d, at least %d", what, n, w, h,
             multiple, least);
}

/* Runs work(first, count) over 0 .. n in batches of at most `most`; a batch that the device has no memory for is
 * halved. */
template <class Work> void in_batches(int n, int most, Work work)
{
    for (int first = 0; first < n;) {
        int count = std::min(most, n - first);
        bool fits = true;
        try {
            work(first, count);
        } catch (const Failure &) {
            throw;
        } catch (const std::exception &e) {
            if (count == 1 || !is_out_of_memory(e))
                throw;
            fits = false;
        }
        if (fits)
            first += count;
        else
            most = (count + 1) / 2;
    }
}

/* Memory of the caller as a tensor on the device. */
at::Tensor borrow(const clv_net *net, const float *data, at::IntArrayRef shape)
{
    return at::from_blob(const_cast<float *>(data), shape, at::TensorOptions().dtype(at::kFloat)).to(net->device);
}

void give_out(const at::Tensor &result, float *out)
{
    at::Tensor host = result.to(at::kCPU, at::kFloat).contiguous();
    memcpy(out, host.data_ptr(), static_cast<size_t>(host.numel()) * sizeof(float));
}

/* A single frame takes other kernels than two, whose sums differ in the last digit; a second one makes the result the
 * same whatever comes along. */
at::Tensor detect_batch(const clv_net *net, const at::Tensor &x)
{
    if (!net->device.is_cpu() || x.size(0) > 1)
        return net->unet->probabilities(x);
    return net->unet->probabilities(at::cat({x, x}, 0)).narrow(0, 0, 1);
}

clv_status detect(clv_net *net, const float *in, int n, int h, int w, float *out, clv_net_error *error)
{
    return guarded(error, [&] {
        if (!net || !net->unet)
            fail(CLV_ERROR_ARGUMENT, "detect: the model is not of kind unet");
        check_size("detect", n, h, w, net->unet->multiple(), net->unet->multiple());
        at::init_num_threads(); // the number is kept per thread, and this may not be the one that set it
        c10::InferenceMode inference;
        const int64_t channels = net->unet->config().in_channels;
        const size_t area = static_cast<size_t>(h) * static_cast<size_t>(w);
        in_batches(n, net->device.is_cpu() ? CPU_FRAMES : 256, [&](int first, int count) {
            const size_t start = static_cast<size_t>(first) * area;
            at::Tensor x = borrow(net, in + start * static_cast<size_t>(channels), {count, channels, h, w});
            give_out(detect_batch(net, x), out + start * 2);
        });
    });
}

clv_status predict(clv_net *net, const float *in, const float *days, int n, int dates, int h, int w, float *out,
                   clv_net_error *error)
{
    return guarded(error, [&] {
        if (!net || !net->utilise)
            fail(CLV_ERROR_ARGUMENT, "predict: the model is not of kind utilise");
        const Utilise &utilise = *net->utilise;
        check_size("predict", n, h, w, utilise.multiple(), utilise.smallest());
        if (dates < 1 || dates > 512)
            fail(CLV_ERROR_ARGUMENT, "predict: %d dates; between 1 and 512 are possible", dates);
        at::init_num_threads();
        c10::InferenceMode inference;
        net->attention.clear();
        const int64_t channels = utilise.config().input_dim;
        const size_t frames = static_cast<size_t>(dates) * static_cast<size_t>(h) * static_cast<size_t>(w);
        // On a CPU one sequence fills the cores, and its result cannot depend on its neighbours.
        in_batches(n, net->device.is_cpu() ? 1 : 64, [&](int first, int count) {
            const size_t start = static_cast<size_t>(first) * frames;
            at::Tensor x = borrow(net, in + start * static_cast<size_t>(channels), {count, dates, channels, h, w});
            at::Tensor when =
                borrow(net, days + static_cast<size_t>(first) * static_cast<size_t>(dates), {count, dates});
            at::Tensor attention;
            at::Tensor result = utilise.forward(x, when, false, &attention);
            give_out(result, out + start * static_cast<size_t>(utilise.out_channels()));
            net->attention.push_back(attention);
        });
    });
}

clv_status attention(clv_net *net, float *data, int64_t shape[6], clv_net_error *error)
{
    return guarded(error, [&] {
        if (!net || net->attention.empty())
            fail(CLV_ERROR_ARGUMENT, "attention: nothing has been predicted yet");
        c10::InferenceMode inference;
        const at::Tensor &one = net->attention[0];
        for (int i = 0; i < 6; i++)
            shape[i] = one.size(i);
        shape[1] = 0;
        for (const at::Tensor &part : net->attention)
            shape[1] += part.size(1);
        if (data)
            give_out(at::cat(net->attention, 1), data);
    });
}

/* ---- Starting ---------------------------------------------------------------------------------------------------- */

using Metadata = std::vector<std::pair<std::string, std::string>>;

template <class Network>
void write_fresh(Network &network, const char *kind, const std::string &config, uint64_t seed, const char *path)
{
    network.weights.initialise(seed);
    Metadata metadata = {
        {"clearvision.kind", kind}, {"clearvision.config", config}, {"clearvision.version", CLV_VERSION}};
    network.weights.save(path, metadata);
}

clv_status init_weights(const char *preset, const char *config_json, uint64_t seed, const char *path,
                        clv_net_error *error)
{
    return guarded(error, [&] {
        if (!preset || !path)
            fail(CLV_ERROR_ARGUMENT, "init_weights: a preset and a path are needed");
        Config config(config_json, preset);
        if (strcmp(preset, "unet") == 0) {
            UNetConfig parsed = UNetConfig::parse(config);
            config.finish();
            UNet network(parsed);
            write_fresh(network, "unet", parsed.json(), seed, path);
        } else {
            UtiliseConfig::make(preset);
            UtiliseConfig parsed = UtiliseConfig::parse(config, preset);
            config.finish();
            Utilise network(parsed);
            write_fresh(network, "utilise", parsed.json(), seed, path);
        }
    });
}

const clv_net_api API = {
    CLV_NET_ABI,
    torch_version,
    has_cuda,
    set_threads,
    open,
    close,
    info,
    detect,
    predict,
    attention,
    trainer_open,
    train_detect_step,
    trainer_detect,
    train_remove_step,
    trainer_predict,
    trainer_info,
    trainer_rate,
    trainer_save,
    trainer_load,
    trainer_begin,
    trainer_step,
    trainer_close,
    init_weights,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const clv_net_api *clv_net_api_get(void)
{
    return &API;
}
