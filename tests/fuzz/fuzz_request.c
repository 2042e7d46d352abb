/* SPDX-License-Identifier: MIT
 *
 * request: what the local page's server reads from a browser's lines. Parts lie inside what there is, names cannot
 * become paths, whatever is accepted as a host is one of ours.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "formats/utf8.h"
#include "serve/plans.h"
#include "serve/request.h"

static void ranges(const char *text)
{
    static const uint64_t sizes[] = {0, 1, 1000, UINT64_C(1) << 62};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t first, count;
        if (clv_request_range(text, sizes[i], &first, &count) == CLV_RANGE_PART)
            clv_require(count > 0 && first < sizes[i] && count <= sizes[i] - first);
    }
}

static void lines(const char *text)
{
    char value[40], id[CLV_ID_TEXT];
    const char *rest;
    int number;
    if (clv_request_host_ok(text, 8080, NULL))
        clv_require(strlen(text) <= strlen("127.0.0.1:8080") && strstr(text, ":8080"));
    if (clv_request_origin_ok(text, 8080, NULL))
        clv_require(clv_request_host_ok(text + 7, 8080, NULL));
    if (clv_request_cookie(text, "key", value, sizeof value))
        clv_require(strlen(value) < sizeof value && !strpbrk(value, "; \t"));
    if (clv_request_id(text, "/jobs/", id, &rest))
        clv_require(strlen(id) == CLV_ID_TEXT - 1 && (*rest == '\0' || *rest == '/'));
    if (clv_request_number(text, 7, &number))
        clv_require(number >= 0 && number <= 7);
}

static void names(const char *text, const uint8_t *data, size_t size)
{
    char out[CLV_UPLOAD_NAME_TEXT];
    const clv_upload_kind *kind = clv_upload_sniff(data, size);
    kind = kind ? kind : clv_upload_sniff((const uint8_t *)"II*\0", 4);
    clv_upload_name(text, kind, out);
    clv_require(strlen(out) < sizeof out && out[0] != '.' && !strpbrk(out, "/\\\"<>:;|&$`'\n"));
    for (size_t at = 0, n = strlen(out); at < n;) {
        uint32_t code;
        const int used = clv_utf8_decode(out + at, n - at, &code);
        clv_require(used > 0 && code >= 32);
        at += (size_t)used;
    }
}

static void plans(const char *text, size_t size)
{
    char error[200], why[CLV_PLAN_WHY];
    clv_serve_options defaults;
    clv_run_options options;
    clv_plan plan;
    clv_json *doc = clv_json_parse(text, size, error, sizeof error);
    clv_job *job = doc ? calloc(1, sizeof *job) : NULL;
    if (job) {
        job->count = 3;
        for (int i = 0; i < 3; i++)
            job->uploads[i] = (clv_upload){.state = CLV_UPLOAD_GOOD,
                                           .path = i == 0   ? "a"
                                                   : i == 1 ? "b"
                                                            : "c",
                                           .name = "x",
                                           .first = "2020-01-01",
                                           .dates = 1 + i / 2,
                                           .width = 10,
                                           .height = 10};
        clv_serve_options_init(&defaults);
        if (clv_plan_read(doc, job, &plan, why))
            clv_require(plan.count >= 1 && plan.count <= 3);
        clv_plan_clear(&plan);
        if (clv_run_options_read(clv_json_get(doc, "options"), &defaults, &options, why))
            clv_require(options.dilate >= -1 && options.dilate <= 64 && options.dilate_m >= 0 &&
                        options.threshold > 0 && options.threshold <= 1);
    }
    free(job);
    clv_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    ranges(text);
    lines(text);
    names(text, data, size);
    plans(text, size);
    free(text);
    return 0;
}
