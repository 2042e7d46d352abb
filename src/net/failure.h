/* SPDX-License-Identifier: MIT
 *
 * failure: how the C++ of this folder fails, and how that becomes a status at the C border.
 *
 * Inside the module functions throw Failure (or whatever libtorch throws); every function of the module's table wraps
 * its body in guarded(), which turns an exception into a clv_status and one line of text. Nothing else catches.
 *
 *     static clv_status check(const char *path, clv_net_error *error)
 *     {
 *         return guarded(error, [&] { fail(CLV_ERROR_MODEL, "%s: not a model", path); });
 *     }
 */
#ifndef CLV_NET_FAILURE_H
#define CLV_NET_FAILURE_H

#include "net/net.h"

#include <exception>
#include <string>
#include <utility>

namespace clv::net
{

class Failure : public std::exception
{
  public:
    Failure(clv_status status, std::string text) : status_(status), text_(std::move(text))
    {
    }
    clv_status status() const noexcept
    {
        return status_;
    }
    const char *what() const noexcept override
    {
        return text_.c_str();
    }

  private:
    clv_status status_;
    std::string text_;
};

/* Throws Failure with a text made as printf does. */
[[noreturn]] void fail(clv_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True when e is libtorch's way of saying that the device's memory is used up. */
bool is_out_of_memory(const std::exception &e) noexcept;

/* Inside a catch block: the current exception as status and text (one line; error may be NULL). */
clv_status report_current_exception(clv_net_error *error) noexcept;

template <class Body> clv_status guarded(clv_net_error *error, Body &&body) noexcept
{
    try {
        if (error)
            error->text[0] = '\0';
        body();
        return CLV_OK;
    } catch (...) {
        return report_current_exception(error);
    }
}

} // namespace clv::net

#endif
