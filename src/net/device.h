/* SPDX-License-Identifier: MIT
 *
 * device: which machine and which number format a network runs in.
 *
 * Devices: auto (a CUDA device when libtorch and the driver offer one, else the processor), cpu, cuda, cuda:N.
 * Precisions: fp32, bf16, fp16, auto. auto is bf16 on CUDA devices that compute in it (compute capability 8 and later),
 * fp16 on those of capability 7, else fp32; on a CPU it is fp32: libtorch's CPU kernels gain nothing from half
 * precision on the processors at hand. A choice that this machine lacks is an error naming what there is.
 */
#ifndef CLV_NET_DEVICE_H
#define CLV_NET_DEVICE_H

#include <ATen/core/Tensor.h>

#include <string>

namespace clv::net
{

bool cuda_available() noexcept;
int cuda_count() noexcept;
/* Throws CLV_ERROR_ARGUMENT or CLV_ERROR_UNSUPPORTED. NULL counts as auto. */
at::Device choose_device(const char *wanted);
/* The dtype of convolutions and matrix products; networks keep normalisation, softmax and sums in float32. NULL: auto.
 */
at::ScalarType choose_precision(const char *wanted, const at::Device &device);
const char *precision_name(at::ScalarType type);
std::string device_name(const at::Device &device);

} // namespace clv::net

#endif
