/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "serve/serve.h"

void clv_serve_options_init(clv_serve_options *options)
{
    clv_remove_options defaults;
    memset(options, 0, sizeof *options);
    clv_remove_options_init(&defaults);
    options->detect = defaults.detect;
    options->compute = defaults.compute;
    options->max_upload_mb = 2048;
    options->expire_minutes = 30;
}
