/* SPDX-License-Identifier: MIT
 *
 * view_request: a connection string, or (when it begins with '{') the file of a view. What is accepted names inputs,
 * can be applied, and a subdataset's name that is made of it means the same series.
 */
#include "fuzz.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "gdal/view_request.h"

#define FILE_NAME "/vsimem/fuzz." CLV_VIEW_EXTENSION

static void check(const char *text, bool may_hold_separators)
{
    char error[300] = "";
    clv_view_request request, again;
    clv_remove_options options;
    if (!clv_view_request_parse(text, &request, error, sizeof error)) {
        clv_require(error[0]);
        clv_require(!request.inputs && !request.settings);
        return;
    }
    clv_require(request.inputs && request.inputs[0]);
    clv_remove_options_init(&options);
    clv_require(clv_view_request_apply(&request, &options, error, sizeof error));
    clv_require(options.window >= 2 && options.window <= 64 && options.detect.dilate >= -1 &&
                options.detect.dilate_m >= 0);
    clv_require(!options.model || !strchr(options.model, '/'));
    clv_require(!options.detect.model || !strchr(options.detect.model, '/'));
    char *name = clv_view_request_text(&request, "2022-06-05", "mask");
    char *key = clv_view_request_key(&request);
    bool parsed = clv_view_request_parse(name, &again, error, sizeof error);
    clv_require(parsed || may_hold_separators);
    if (parsed && !may_hold_separators) {
        char *same = clv_view_request_key(&again);
        clv_require(strcmp(key, same) == 0);
        clv_require(strcmp(clv_view_request_get(&again, "product"), "mask") == 0);
        CPLFree(same);
    }
    if (parsed)
        clv_view_request_clear(&again);
    CPLFree(name);
    CPLFree(key);
    clv_view_request_clear(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = clv_fuzz_text(data, size);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (text[0] == '{') {
        VSILFILE *file = VSIFileFromMemBuffer(FILE_NAME, (GByte *)text, strlen(text), FALSE);
        VSIFCloseL(file);
        check(FILE_NAME, true); /* texts of a file may hold what separates words in a string */
        VSIUnlink(FILE_NAME);
    } else if (!strstr(text, CLV_VIEW_EXTENSION)) { /* files of the system are not for fuzzing */
        char *name = CPLStrdup(CPLSPrintf(CLV_VIEW_PREFIX "%.4000s", text));
        check(name, false);
        CPLFree(name);
    }
    CPLPopErrorHandler();
    free(text);
    return 0;
}
