/* SPDX-License-Identifier: MIT
 *
 * viewer_json: the data of the viewer's page (src/web/README.md), from plain values.
 *
 *     clv_viewer_data view = {.title = "sample", .grid = grid, .dates = dates, .date_count = count};
 *     char *json = clv_viewer_json(&view);                  // series.json; free()
 *     char *script = clv_viewer_script(json);               // series.js; free()
 *
 * The view owns nothing. Any text may hold anything: it is escaped here, and for a script again. Any thread.
 */
#ifndef CLV_PIPELINE_VIEWER_JSON_H
#define CLV_PIPELINE_VIEWER_JSON_H

#include "pipeline/info/info_advice.h"
#include "pipeline/pictures.h"

typedef struct clv_viewer_file {
    const char *what; /* "output", "mask", "quality" */
    const char *path; /* absolute; NULL: it cannot be linked to */
    double bytes;     /* 0: unknown */
} clv_viewer_file;

typedef struct clv_viewer_date {
    char date[32];
    const char *stem, *source;
    double cloud, shadow, missing, filled, never; /* shares; NaN: unknown */
    clv_viewer_file files[3];
    int file_count;
} clv_viewer_date;

typedef struct clv_viewer_setting {
    const char *name;
    char value[256];
} clv_viewer_setting;

#define CLV_VIEWER_SETTINGS 16

typedef struct clv_viewer_data {
    const char *title;
    const char *folder; /* absolute path of the report: links are relative to it */
    const clv_grid *grid;
    const clv_pictures *pictures;
    const clv_check *checks;
    int check_count;
    clv_viewer_setting settings[CLV_VIEWER_SETTINGS];
    int setting_count;
    const clv_viewer_date *dates;
    int date_count;
} clv_viewer_data;

/* NULL when out of memory. */
char *clv_viewer_json(const clv_viewer_data *view);
char *clv_viewer_script(const char *json);
/* "pictures/003_clear.png" */
void clv_viewer_picture_name(int t, clv_picture kind, char name[40]);
/* The percent-encoded relative path from `folder` to `path`, both absolute; free(). */
char *clv_viewer_href(const char *folder, const char *path);

#endif
