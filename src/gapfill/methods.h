/* SPDX-License-Identifier: MIT
 *
 * methods: the names of all methods that fill gaps, and what is said about them. The command line, its help, man pages
 * and completion, GDAL's views, the local page and the evaluation read these two tables, and QGIS what
 * src/qgis/update.py makes of them; there is no other list.
 *
 *     const int method = clv_method_find("linear");              // CLV_METHOD_LINEAR, or -1
 *     puts(clv_method_table[CLV_METHOD_LINEAR].text);            // "linear interpolation in time"
 *
 * Constant data; any thread.
 */
#ifndef CLV_GAPFILL_METHODS_H
#define CLV_GAPFILL_METHODS_H

#include <clearvision/clearvision.h>

enum { CLV_METHODS = CLV_METHOD_LINEAR + 1 };

typedef struct clv_method_info {
    const char *name;
    clv_method method;  /* its place in the table */
    bool uses_weights;  /* takes a network, `auto` included */
    const char *label;  /* a few words, for a list to choose from */
    const char *text;   /* a phrase without a full stop */
    const char *manual; /* sentences, for the man page */
} clv_method_info;

/* Methods of clv_remove(), by clv_method. */
extern const clv_method_info clv_method_table[CLV_METHODS];
extern const char *const clv_method_names[CLV_METHODS + 1]; /* NULL-terminated */
extern const char *const clv_method_texts[CLV_METHODS + 1];
extern const char *const clv_method_manuals[CLV_METHODS + 1];

const char *clv_method_name(clv_method method);
/* A clv_method, or -1 when there is none of that name. */
int clv_method_find(const char *name);

/* Methods that an evaluation compares. */
typedef enum clv_fill_method {
    CLV_FILL_LAST,
    CLV_FILL_NEXT,
    CLV_FILL_CLOSEST,
    CLV_FILL_MEDIAN,
    CLV_FILL_LINEAR,
    CLV_FILL_REGRESSION,
    CLV_FILL_GAUSSIAN,
    CLV_FILL_MODEL,
    CLV_FILL_METHODS
} clv_fill_method;

/* By clv_fill_method; NULL-terminated. */
extern const char *const clv_fill_names[CLV_FILL_METHODS + 1];
extern const char *const clv_fill_manuals[CLV_FILL_METHODS + 1];

const char *clv_fill_name(clv_fill_method method);
/* CLV_FILL_METHODS when there is none of that name. */
clv_fill_method clv_fill_find(const char *name);

#endif
