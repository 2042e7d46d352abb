/* SPDX-License-Identifier: MIT
 *
 * request: what is read out of a request's lines. Pure functions on text; any thread; no HTTP library.
 *
 * Who may ask: a browser sends Host with every request and Origin with those that another page could have caused. A
 * page from elsewhere that reaches this machine's port (by a name that it lets resolve to 127.0.0.1, or by a form)
 * carries another Host or another Origin, and is turned away.
 */
#ifndef CLV_SERVE_REQUEST_H
#define CLV_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve/secret.h"

/* Whether a name of -host can be one: NAME or NAME:PORT, of letters, digits, '.', '-' and '_', or [IPv6]. */
bool clv_request_host_name_ok(const char *name);
/* 127.0.0.1:port, localhost:port or [::1]:port (without ":80" too, as browsers leave that out), or one of `hosts`
 * (NULL-terminated; NULL: none), which is the text of the whole line. */
bool clv_request_host_ok(const char *host, int port, const char *const *hosts);
/* "http://" and such a host; before one of `hosts` "https://" too. */
bool clv_request_origin_ok(const char *origin, int port, const char *const *hosts);

/* The value of a cookie in a Cookie header; false when it is not there or does not fit. */
bool clv_request_cookie(const char *header, const char *name, char *value, size_t size);

typedef enum clv_range { CLV_RANGE_WHOLE, CLV_RANGE_PART, CLV_RANGE_NONE } clv_range;

/* A Range header (NULL: none) for something of `size` bytes. PART: count > 0 bytes from first. NONE: nothing of it is
 * there (416). Several parts, other units and what is malformed give WHOLE, as RFC 9110 allows. */
clv_range clv_request_range(const char *header, uint64_t size, uint64_t *first, uint64_t *count);

/* "PREFIX<id>REST": id and what follows it ("" or a text that begins with '/'). False: another path. */
bool clv_request_id(const char *path, const char *prefix, char id[CLV_ID_TEXT], const char **rest);
/* The whole text is a decimal number from 0 to most. */
bool clv_request_number(const char *text, int most, int *value);

#endif
