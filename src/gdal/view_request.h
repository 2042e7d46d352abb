/* SPDX-License-Identifier: MIT
 *
 * view_request: what a view is asked for, in its three forms:
 *
 *     CLEARVISION:a.tif;b.tif;c.tif?date=2022-06-05&product=mask     a connection string; inputs as for remove
 *     CLEARVISION:series.txt                                         without a date: a list of subdatasets
 *     field.cvrt.json                                                a small file; with a date behind the prefix too
 *     {"type": "clearvision-view", "inputs": ["a.tif", "b.tif"], "date": "2022-06-05", "method": "regression"}
 *
 * Settings (also open options): date, product, and the options of `clearvision remove` that decide about pixels. Models
 * are names in the model path, never files: a picture that somebody sends must not choose what is executed.
 * Plain values, owned by the struct; any thread, one at a time.
 *
 *     clv_view_request name = {0};
 *     if (!clv_view_request_parse("CLEARVISION:series.txt?date=2022-06-05", &name, error, sizeof error)) ...
 *     clv_view_request_apply(&name, &options, error, sizeof error);
 *     clv_view_request_clear(&name);
 */
#ifndef CLV_GDAL_VIEW_REQUEST_H
#define CLV_GDAL_VIEW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include <clearvision/view.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_VIEW_PREFIX "CLEARVISION:"
#define CLV_VIEW_EXTENSION "cvrt.json"
#define CLV_VIEW_TYPE "clearvision-view" /* "type" in the file */

typedef struct clv_view_request {
    char **inputs;   /* CSL */
    char **settings; /* CSL of KEY=VALUE, known keys in lower case */
    char *file;      /* the .cvrt.json it came from, or NULL */
    char **of_file;  /* CSL: the settings as the file has them */
    int bands[4], band_count;
    char **masks, **scls, **dates; /* CSL */
    double *scales, *offsets;      /* of in_scale and in_offset, one for each date; CPLFree() */
} clv_view_request;

/* A connection string or a .cvrt.json file's name. False: one line in error. */
bool clv_view_request_parse(const char *text, clv_view_request *out, char *error, size_t error_size);
void clv_view_request_clear(clv_view_request *name);
/* Adds or replaces a setting; false when there is no such key. */
bool clv_view_request_set(clv_view_request *name, const char *key, const char *value, char *error, size_t error_size);
/* A setting's value, NULL when it is not given. */
const char *clv_view_request_get(const clv_view_request *name, const char *key);
/* The settings as options (initialised by the caller), which point into the name. */
bool clv_view_request_apply(clv_view_request *name, clv_remove_options *options, char *error, size_t error_size);
/* The connection string of a date's product, with the name's other settings. VSIFree(). */
char *clv_view_request_text(const clv_view_request *name, const char *date, const char *product);
/* What is the same for all dates and products of one series: inputs and settings that decide about pixels. VSIFree().
 */
char *clv_view_request_key(const clv_view_request *name);
/* GDAL's XML list of open options; VSIFree(). */
char *clv_view_request_option_list(void);

#ifdef __cplusplus
}
#endif
#endif
