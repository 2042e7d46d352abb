/* SPDX-License-Identifier: MIT
 *
 * The C library in one page: says what a series is made of, then removes its clouds.
 *
 *     remove OUTPUT_FOLDER INPUT... [-- MASK...]
 *
 * Without masks the cloud detector looks for clouds; with them (one per input, in the inputs' order) it is not asked.
 */
#include <stdio.h>
#include <string.h>

#include <clearvision/clearvision.h>

static int show_progress(double complete, const char *message, void *user)
{
    (void)message;
    int *shown = user;
    for (; *shown <= (int)(complete * 10); ++*shown)
        fprintf(stderr, "%d0%% ", *shown);
    return 1; /* 0 would cancel */
}

static void show_message(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level != CLV_LOG_DEBUG)
        fprintf(stderr, "%s%s\n", level == CLV_LOG_WARNING ? "warning: " : "", message);
}

int main(int argc, char **argv)
{
    int count = 0, shown = 0;
    while (2 + count < argc && strcmp(argv[2 + count], "--") != 0)
        count++;
    if (count < 2) {
        fprintf(stderr, "usage: %s OUTPUT_FOLDER INPUT INPUT... [-- MASK MASK...]\n", argv[0]);
        return 1;
    }
    const char *const *inputs = (const char *const *)(argv + 2);
    const char *const *masks = argc > 2 + count ? inputs + count + 1 : NULL; /* argv ends with NULL, as lists do */
    char *json = NULL;
    clv_context *ctx = clv_context_new();
    if (!ctx)
        return 1;
    clv_context_set_log(ctx, show_message, NULL);

    clv_info_options info;
    clv_info_options_init(&info);
    clv_status status = clv_info(ctx, inputs, count, &info, &json);
    if (status == CLV_OK)
        printf("%s\n", json);
    clv_free(json);
    json = NULL;

    clv_remove_options options;
    clv_remove_options_init(&options);
    options.output.path = argv[1];
    options.quality = true;
    if (masks) {
        options.input.masks = masks;
        options.input.mask_mode = CLV_MASK_REPLACE;
    }
    clv_context_set_progress(ctx, show_progress, &shown);
    if (status == CLV_OK)
        status = clv_remove(ctx, inputs, count, &options, &json);
    if (status == CLV_OK)
        printf("%s\n", json);
    else
        fprintf(stderr, "%s: %s\n", clv_status_string(status), clv_context_error(ctx));
    clv_free(json);
    clv_context_free(ctx);
    return status == CLV_OK ? 0 : 1;
}
