/* SPDX-License-Identifier: MIT
 *
 * options: what a public call does with the options it is given, so that structs can grow.
 *
 *     clv_remove_options own; // every member is there, whatever version the caller was compiled with
 *     clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_remove_options_init);
 *
 * Strings and lists in them stay the caller's. Any thread.
 */
#ifndef CLV_BASE_OPTIONS_H
#define CLV_BASE_OPTIONS_H

#include "base/context.h"

/* Sets all of *own: from `given` the bytes that its `size` says are there, the rest from `init`, the struct's public
 * *_init function. given NULL: the defaults. CLV_ERROR_ARGUMENT when `size` is 0 or another number below that of a
 * size_t, or beyond this version's struct. */
#define CLV_OPTIONS_TAKE(ctx, own, given, init)                                                                        \
    (init(own), clv_options_overlay((ctx), (own), sizeof *(own), (given), #init))

/* own: a struct of `known` bytes with defaults; given: NULL or a struct that begins with its own size. */
clv_status clv_options_overlay(clv_context *ctx, void *own, size_t known, const void *given, const char *init);

/* "auto", "fp32", "bf16", "fp16", as options and networks call them; "unknown" for other numbers. */
const char *clv_precision_name(clv_precision precision);
const char *clv_resampling_name(clv_resampling resampling);
/* "auto", "cpu", "cuda" or "cuda:N", as -device has it; text holds it where it has to be made. */
const char *clv_device_name(const clv_compute_options *compute, char text[24]);

#endif
