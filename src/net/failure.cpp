/* SPDX-License-Identifier: MIT */
#include "net/failure.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

namespace clv::net
{

void fail(clv_status status, const char *format, ...)
{
    char text[480];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    throw Failure(status, text);
}

bool is_out_of_memory(const std::exception &e) noexcept
{
    // libtorch 1.13 and 2.x differ in the exception's class, not in these words.
    const char *text = e.what();
    return strstr(text, "out of memory") || strstr(text, "can't allocate memory") ||
           strstr(text, "not enough memory") || strstr(text, "CUBLAS_STATUS_ALLOC_FAILED") ||
           strstr(text, "CUDNN_STATUS_ALLOC_FAILED");
}

/* libtorch appends stack traces; the first line is what people can use. */
static void put_line(clv_net_error *error, const char *text) noexcept
{
    if (!error)
        return;
    snprintf(error->text, sizeof error->text, "%s", text);
    error->text[strcspn(error->text, "\r\n")] = '\0';
}

clv_status report_current_exception(clv_net_error *error) noexcept
{
    try {
        throw;
    } catch (const Failure &e) {
        put_line(error, e.what());
        return e.status();
    } catch (const std::bad_alloc &) {
        put_line(error, "networks: out of memory; use smaller batches");
        return CLV_ERROR_MEMORY;
    } catch (const std::exception &e) {
        if (is_out_of_memory(e)) {
            put_line(error, "networks: the device's memory is used up; free some, or run with -device cpu");
            return CLV_ERROR_MEMORY;
        }
        put_line(error, e.what());
        return CLV_ERROR_INTERNAL;
    } catch (...) {
        put_line(error, "networks: unknown exception; please report it");
        return CLV_ERROR_INTERNAL;
    }
}

} // namespace clv::net
