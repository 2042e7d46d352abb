/* SPDX-License-Identifier: MIT */
#include "net/device.h"
#include "net/failure.h"

#include <torch/cuda.h>

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace clv::net
{

int cuda_count() noexcept
{
    try {
        return static_cast<int>(torch::cuda::device_count());
    } catch (...) {
        return 0; // a driver that does not answer counts as no device
    }
}

bool cuda_available() noexcept
{
    return cuda_count() > 0;
}

static std::string what_there_is()
{
    int count = cuda_count();
    if (count == 0)
        return "only cpu";
    return count == 1 ? "cpu and cuda:0" : "cpu and cuda:0 to cuda:" + std::to_string(count - 1);
}

at::Device choose_device(const char *wanted)
{
    if (!wanted || !*wanted || strcmp(wanted, "auto") == 0)
        return cuda_available() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (strcmp(wanted, "cpu") == 0)
        return at::Device(at::kCPU);
    long number = 0;
    if (strncmp(wanted, "cuda:", 5) == 0 && wanted[5] >= '0' && wanted[5] <= '9') {
        char *end;
        number = strtol(wanted + 5, &end, 10);
        number = *end || number > 127 ? -1 : number;
    } else if (strcmp(wanted, "cuda") != 0) {
        number = -1;
    }
    if (number < 0)
        fail(CLV_ERROR_ARGUMENT, "device %.40s: unknown; this machine has %s", wanted, what_there_is().c_str());
    if (number >= cuda_count())
        fail(CLV_ERROR_UNSUPPORTED, "device %.40s: not there; this machine has %s", wanted, what_there_is().c_str());
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(number));
}

/* Major compute capability, asked of the driver itself because libtorch's own answer needs CUDA's headers; 0 if
 * unknown. */
static int compute_capability(int device)
{
    typedef int (*get_fn)(int *, int);
    typedef int (*attribute_fn)(int *, int, int);
    const int major_attribute = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    void *driver = dlopen("libcuda.so.1", RTLD_NOW);
    if (!driver)
        return 0;
    get_fn get = reinterpret_cast<get_fn>(dlsym(driver, "cuDeviceGet"));
    attribute_fn attribute = reinterpret_cast<attribute_fn>(dlsym(driver, "cuDeviceGetAttribute"));
    int handle = 0, major = 0;
    if (!get || !attribute || get(&handle, device) != 0 || attribute(&major, major_attribute, handle) != 0)
        major = 0;
    dlclose(driver);
    return major;
}

at::ScalarType choose_precision(const char *wanted, const at::Device &device)
{
    if (!wanted || !*wanted || strcmp(wanted, "auto") == 0) {
        int capability = device.is_cuda() ? compute_capability(device.index()) : 0;
        return capability >= 8 ? at::kBFloat16 : capability == 7 ? at::kHalf : at::kFloat;
    }
    if (strcmp(wanted, "fp32") == 0)
        return at::kFloat;
    if (strcmp(wanted, "bf16") == 0)
        return at::kBFloat16;
    if (strcmp(wanted, "fp16") != 0)
        fail(CLV_ERROR_ARGUMENT, "precision %.40s: unknown; choose auto, fp32, bf16 or fp16", wanted);
    if (!device.is_cuda())
        fail(CLV_ERROR_UNSUPPORTED, "precision fp16: only on CUDA devices; choose fp32 or bf16");
    return at::kHalf;
}

const char *precision_name(at::ScalarType type)
{
    return type == at::kBFloat16 ? "bf16" : type == at::kHalf ? "fp16" : "fp32";
}

std::string device_name(const at::Device &device)
{
    return device.is_cuda() ? "cuda:" + std::to_string(device.index()) : "cpu";
}

} // namespace clv::net
