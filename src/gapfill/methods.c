/* SPDX-License-Identifier: MIT */
#include "gapfill/methods.h"

#include <stddef.h>
#include <string.h>

#define GAUSSIAN "gaussian"
#define REGRESSION "regression"
#define LINEAR "linear"

/* X(method, name, uses weights, label, text, manual), in the order of clv_method. */
#define METHODS(X)                                                                                                     \
    X(CLV_METHOD_AUTO, "auto", true, "best available",                                                                 \
      "the best that is available: gaussian, or clear when -model names a network",                                    \
      "gaussian, or clear when -model names weights.")                                                                 \
    X(CLV_METHOD_CLEAR, "clear", true, "network", "a network on top of gaussian",                                      \
      "A network of the U-TILISE family that starts from the result of gaussian and predicts what to add, with the "   \
      "shipped weights remove unless -model names others. Where the network gives a variance, its result is used "     \
      "only where that is below the variance of gaussian.")                                                            \
    X(CLV_METHOD_GAUSSIAN, GAUSSIAN, false, "Gaussian mixture of all dates", "a Gaussian mixture model of all dates",  \
      "A Gaussian mixture model of all dates together is fitted to the pixels of the neighbourhood, each with the "    \
      "dates that it shows; every date is predicted from those that a pixel shows, with a standard deviation. "        \
      "Residuals around a gap are spread into it. Ground that no other date shows gets the regression of the date on " \
      "its interpolation in time. A date that shows nothing is a weighted mean of the others. Needs no weights.")      \
    X(CLV_METHOD_REGRESSION, REGRESSION, false, "regression of each date", "a regression of each date on all others",  \
      "Robust ridge regression of each date on all other dates, fitted anew for each neighbourhood; the residuals "    \
      "around a gap are spread into it. Where the fits disagree, and far from everything that the date shows, the "    \
      "result stays near a weighted mean of the other dates. Clouds that the masks have missed stay as they are, but " \
      "nothing is fitted to them. Needs no weights.")                                                                  \
    X(CLV_METHOD_LINEAR, LINEAR, false, "linear interpolation", "linear interpolation in time",                        \
      "Linear interpolation in time between the observations before and after. For comparison.")

/* X(name, manual), in the order of clv_fill_method. */
#define FILL_METHODS(X)                                                                                                \
    X("last", "The pixel's last observation before the gap, else the next.")                                           \
    X("next", "The pixel's next observation after the gap, else the last.")                                            \
    X("closest", "The pixel's observation that is closest in time.")                                                   \
    X("median", "The median of the pixel's observations.")                                                             \
    X(LINEAR, "As linear of clearvision remove.")                                                                      \
    X(REGRESSION, "As regression of clearvision remove.")                                                              \
    X(GAUSSIAN, "As gaussian of clearvision remove.")                                                                  \
    X("model", "A network, given with -model.")

#define ENTRY(method, name, uses_weights, label, text, manual) {name, method, uses_weights, label, text, manual},
#define METHOD_NAME(method, name, uses_weights, label, text, manual) [method] = name,
#define METHOD_TEXT(method, name, uses_weights, label, text, manual) [method] = text,
#define METHOD_MANUAL(method, name, uses_weights, label, text, manual) [method] = manual,
#define FILL_NAME(name, manual) name,
#define FILL_MANUAL(name, manual) manual,

const clv_method_info clv_method_table[CLV_METHODS] = {METHODS(ENTRY)};
const char *const clv_method_names[CLV_METHODS + 1] = {METHODS(METHOD_NAME)};
const char *const clv_method_texts[CLV_METHODS + 1] = {METHODS(METHOD_TEXT)};
const char *const clv_method_manuals[CLV_METHODS + 1] = {METHODS(METHOD_MANUAL)};
const char *const clv_fill_names[CLV_FILL_METHODS + 1] = {FILL_METHODS(FILL_NAME)};
const char *const clv_fill_manuals[CLV_FILL_METHODS + 1] = {FILL_METHODS(FILL_MANUAL)};

const char *clv_method_name(clv_method method)
{
    return (unsigned)method < CLV_METHODS ? clv_method_names[method] : "unknown";
}

int clv_method_find(const char *name)
{
    for (int i = 0; i < CLV_METHODS; i++)
        if (strcmp(clv_method_names[i], name) == 0)
            return i;
    return -1;
}

const char *clv_fill_name(clv_fill_method method)
{
    return clv_fill_names[method];
}

clv_fill_method clv_fill_find(const char *name)
{
    int i = 0;
    while (i < CLV_FILL_METHODS && strcmp(clv_fill_names[i], name) != 0)
        i++;
    return (clv_fill_method)i;
}
