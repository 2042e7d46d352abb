/* SPDX-License-Identifier: MIT
 *
 * weights: the named tensors of a network, and their way from and to safetensors files.
 *
 * A network declares its tensors while it is built (add() notes name, shape and how to start; nothing is allocated, so
 * that a hostile configuration costs nothing) and refers to them by index. Then either load() fills them from a parsed
 * file or initialise() fills them at random. Tensors start as contiguous float32 on the CPU.
 *
 *     Weights weights;
 *     int kernel = weights.add("head.weight", {3, 24, 1, 1}, Start::he);
 *     weights.load(file, "model.safetensors");
 *     y = x.matmul(weights[kernel]);
 *
 * Values of this class share their tensors when copied (as at::Tensor does); clone() does not.
 */
#ifndef CLV_NET_WEIGHTS_H
#define CLV_NET_WEIGHTS_H

#include "formats/safetensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace clv::net
{

/* How a tensor starts: fan counts are those of a convolution or linear layer of its shape [out, in, ...]. */
enum class Start {
    zero,
    one,
    he,      /* normal, variance 2 / fan-in */
    xavier,  /* normal, variance 2 / (fan-in + fan-out) */
    lecun,   /* normal, variance 1 / fan-in */
    standard /* normal, variance 1 */
};

struct Parameter {
    std::string name;
    std::vector<int64_t> shape;
    Start start;
    bool trained; /* false: a running statistic that no optimiser touches */
    at::Tensor value;
};

class Weights
{
  public:
    /* Declares a tensor; returns its index. */
    int add(std::string name, std::vector<int64_t> shape, Start start, bool trained = true);

    /* Fills all tensors from a file whose names carry `prefix`. Every declared tensor must be there with its shape, as
     * F32, F16 or BF16 (F64 too), finite; a tensor that nobody declared is an error. `name` is for messages. */
    void load(const clv_safetensors *file, const std::string &name, const std::string &prefix = "");
    /* Fills all tensors at random; the same seed gives the same values. */
    void initialise(uint64_t seed);
    /* Appends the tensors, named prefix + name, to `out`, pointing into contiguous float32 CPU copies kept in `held`
     * (both must outlive the writing). `names` keeps the strings. */
    struct Writable {
        std::vector<std::string> names;
        std::vector<at::Tensor> held;
        std::vector<clv_tensor> tensors;
    };
    Writable writable(const std::string &prefix = "") const;
    /* Writes a model file: metadata is pairs key, value. Throws CLV_ERROR_WRITE. */
    void save(const std::string &path, const std::vector<std::pair<std::string, std::string>> &metadata) const;

    at::Tensor &operator[](int index)
    {
        return list_[static_cast<size_t>(index)].value;
    }
    const at::Tensor &operator[](int index) const
    {
        return list_[static_cast<size_t>(index)].value;
    }
    std::vector<Parameter> &all()
    {
        return list_;
    }
    const std::vector<Parameter> &all() const
    {
        return list_;
    }
    /* Those that an optimiser changes, in order of declaration. */
    std::vector<at::Tensor> trained() const;
    int64_t count() const;                /* numbers in trained tensors */
    Weights clone() const;                /* deep, without gradients */
    void copy_from(const Weights &other); /* values of the same declarations, in place, without gradients */
    void to_device(const at::Device &device);
    void require_gradients();

  private:
    std::vector<Parameter> list_;
};

/* Writes tensors and metadata; throws Failure. */
void write_tensors(const std::string &path, const std::vector<clv_tensor> &tensors,
                   const std::vector<std::pair<std::string, std::string>> &metadata);

/* One tensor of a file as contiguous float32; checks dtype and finiteness. */
at::Tensor tensor_from_file(const clv_tensor &tensor, const std::string &name);

} // namespace clv::net

#endif
