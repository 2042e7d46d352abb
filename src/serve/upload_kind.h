/* SPDX-License-Identifier: MIT
 *
 * upload_kind: what an uploaded file is, told by its first bytes, never by its name; the drivers that may open it; and
 * the name under which it is kept. Pure functions; any thread.
 *
 * Formats that can name other files (VRT, XML, JSON, text, shapefiles ...) are not on the list, and what is on it is
 * opened by its own driver only, so that no upload makes the server read a file of the machine.
 */
#ifndef CLV_SERVE_UPLOAD_KIND_H
#define CLV_SERVE_UPLOAD_KIND_H

#include <stddef.h>
#include <stdint.h>

#define CLV_UPLOAD_HEAD 16       /* bytes that tell */
#define CLV_UPLOAD_NAME_TEXT 132 /* of a kept name, with its end */

typedef struct clv_upload_kind {
    const char *name, *extension;
    const char *const *drivers; /* NULL-terminated */
} clv_upload_kind;

/* What is accepted, in words, for messages. */
extern const char clv_upload_kinds_text[];

/* NULL: nothing that is accepted. size: at least CLV_UPLOAD_HEAD unless the file is shorter. */
const clv_upload_kind *clv_upload_sniff(const uint8_t *head, size_t size);

/* The name for a file that a visitor calls `given` (NULL allowed): its last part without its extension, letters of any
 * alphabet, digits, '-', '_' and '.' kept and all else made '_', no dot in front, bounded, and the kind's own
 * extension. The date in a name survives. */
void clv_upload_name(const char *given, const clv_upload_kind *kind, char out[CLV_UPLOAD_NAME_TEXT]);

#endif
