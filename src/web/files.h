/* SPDX-License-Identifier: MIT
 *
 * files: the files of the web pages, put into the program by the build (embed.cmake), named as in this folder.
 *
 *     const clv_web_file *page = clv_web_file_find("viewer/index.html");
 *     fwrite(page->bytes, 1, page->size, stdout);     // of type page->type
 *
 * Constants: any thread, nothing to free.
 */
#ifndef CLV_WEB_FILES_H
#define CLV_WEB_FILES_H

#include <stddef.h>

typedef struct clv_web_file {
    const char *name; /* "viewer/index.html" */
    const char *type; /* of the content, as HTTP says it: "text/html; charset=utf-8" */
    const unsigned char *bytes;
    size_t size;
} clv_web_file;

/* NULL: there is no such file. */
const clv_web_file *clv_web_file_find(const char *name);

#endif
