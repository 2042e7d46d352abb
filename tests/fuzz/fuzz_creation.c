/* SPDX-License-Identifier: MIT
 *
 * creation: the first line is a driver or an extension (-of, -o a.EXT), the others are options of it (-co). What is
 * refused says why; what is accepted becomes options for GDAL that say of each what is asked for.
 */
#include "fuzz.h"

#include <cpl_string.h>

#include "raster/creation.h"

#define MAX_OPTIONS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static GDALDriverH gtiff;
    if (!gtiff) {
        GDALAllRegister();
        gtiff = GDALGetDriverByName("GTiff");
    }
    const char *options[MAX_OPTIONS + 1] = {NULL};
    char *text = clv_fuzz_text(data, size), *line = strchr(text, '\n');
    clv_context *ctx = clv_context_new();
    GDALDriverH driver = NULL;
    const clv_creation_shape shape = {.type = GDT_UInt16, .bands = 4};
    clv_require(ctx);
    if (line)
        *line++ = 0;
    for (int count = 0; line && count < MAX_OPTIONS;) {
        options[count++] = line;
        line = strchr(line, '\n');
        if (line)
            *line++ = 0;
    }
    const bool extension = text[0] == '.';
    clv_status status = clv_creation_driver(ctx, extension ? NULL : text, extension ? text + 1 : "", &driver);
    clv_require((status == CLV_OK) == (driver != NULL));
    if (status == CLV_OK)
        status = clv_creation_check(ctx, driver, options);
    const char *error = clv_context_error(ctx);
    clv_require((status == CLV_OK) == !*error && !strchr(error, '\n'));
    if (status == CLV_OK) {
        char **made = driver == gtiff ? clv_creation_options(ctx, gtiff, options, &shape)
                                      : clv_creation_copy_options(ctx, driver, options, &shape);
        for (int i = 0; driver == gtiff && options[i]; i++) {
            const size_t name = strcspn(options[i], "=");
            bool found = false;
            for (int k = 0; made && made[k]; k++)
                found = found || (EQUALN(made[k], options[i], name) && made[k][name] == '=');
            clv_require(found);
        }
        CSLDestroy(made);
        const clv_creation_loss loss = clv_creation_loss_of(driver, options, &shape);
        clv_require(loss.kind != CLV_LOSS_BOUNDED || loss.most >= 0);
        clv_creation_needs_copy(driver, options, 4);
        clv_creation_resamples(driver, options);
    }
    for (int i = 0; options[i]; i++)
        clv_creation_is_lossy(options[i]);
    clv_context_free(ctx);
    free(text);
    return 0;
}
