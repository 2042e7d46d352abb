/* SPDX-License-Identifier: MIT
 *
 * The C library in one page: says what a series is made of, then removes its clouds.
 *
 *     example OUTPUT_FOLDER MASK_SUFFIX INPUT...
 *
 * MASK_SUFFIX "" uses the cloud detector; otherwise the known mask of FOLDER/NAME.tif is FOLDER/MASK_SUFFIX/NAME.tif.
 */
#include <stdio.h>
#include <stdlib.h>
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

/* FOLDER/mask/NAME for FOLDER/NAME. */
static char *mask_of(const char *input, const char *suffix)
{
    const char *slash = strrchr(input, '/');
    int folder = slash ? (int)(slash - input) : 1;
    size_t size = strlen(input) + strlen(suffix) + 4;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s/%s/%s", folder, slash ? input : ".", suffix, slash ? slash + 1 : input);
    return path;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: %s OUTPUT_FOLDER MASK_SUFFIX INPUT INPUT...\n", argv[0]);
        return 1;
    }
    const char *const *inputs = (const char *const *)(argv + 3);
    int count = argc - 3, shown = 0;
    char *json = NULL;
    const char **masks = calloc((size_t)count + 1, sizeof *masks);
    clv_context *ctx = clv_context_new();
    if (!ctx || !masks)
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
    for (int i = 0; *argv[2] && i < count; i++)
        masks[i] = mask_of(inputs[i], argv[2]);
    if (*argv[2]) {
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
    for (int i = 0; i < count; i++)
        free((char *)masks[i]);
    free(masks);
    clv_context_free(ctx);
    return status == CLV_OK ? 0 : 1;
}
