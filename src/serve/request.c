/* SPDX-License-Identifier: MIT */
#include "serve/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool clv_request_host_name_ok(const char *name)
{
    static const char in_name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const char *end = name[0] == '[' ? strchr(name, ']') : name + strspn(name, in_name);
    if (!end || end == name ||
        (name[0] == '[' && strspn(name + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - name - 1)))
        return false;
    end += *end == ']';
    int port;
    return !*end || (*end == ':' && clv_request_number(end + 1, 65535, &port));
}

static bool is_listed(const char *host, const char *const *hosts)
{
    for (int i = 0; host && hosts && hosts[i]; i++)
        if (strcasecmp(host, hosts[i]) == 0)
            return true;
    return false;
}

bool clv_request_host_ok(const char *host, int port, const char *const *hosts)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char suffix[16];
    snprintf(suffix, sizeof suffix, ":%d", port);
    for (size_t i = 0; host && i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i]);
        if (strncasecmp(host, names[i], n) == 0 && (strcmp(host + n, suffix) == 0 || (port == 80 && host[n] == '\0')))
            return true;
    }
    return is_listed(host, hosts);
}

bool clv_request_origin_ok(const char *origin, int port, const char *const *hosts)
{
    if (strncasecmp(origin, "https://", 8) == 0)
        return is_listed(origin + 8, hosts);
    return strncasecmp(origin, "http://", 7) == 0 && clv_request_host_ok(origin + 7, port, hosts);
}

bool clv_request_cookie(const char *header, const char *name, char *value, size_t size)
{
    const size_t n = strlen(name);
    while (header && *header) {
        header += strspn(header, " \t;");
        const size_t length = strcspn(header, ";");
        if (length > n && strncmp(header, name, n) == 0 && header[n] == '=') {
            const size_t m = strcspn(header + n + 1, "; \t");
            if (m >= size)
                return false;
            memcpy(value, header + n + 1, m);
            value[m] = '\0';
            return true;
        }
        header += length;
    }
    return false;
}

/* Digits up to the first other character; false when there are none or they are too many for 64 bits. */
static bool digits(const char **text, uint64_t *value)
{
    const char *at = *text;
    *value = 0;
    while (*at >= '0' && *at <= '9') {
        if (at - *text >= 18)
            return false;
        *value = *value * 10 + (uint64_t)(*at++ - '0');
    }
    const bool any = at > *text;
    *text = at;
    return any;
}

clv_range clv_request_range(const char *header, uint64_t size, uint64_t *first, uint64_t *count)
{
    uint64_t a = 0, b = 0;
    *first = 0;
    *count = size;
    if (!header || strncasecmp(header, "bytes=", 6) != 0 || strchr(header, ','))
        return CLV_RANGE_WHOLE;
    const char *at = header + 6;
    const bool has_first = digits(&at, &a);
    if ((!has_first && at != header + 6) || *at++ != '-')
        return CLV_RANGE_WHOLE;
    const char *tail = at;
    const bool has_last = digits(&at, &b);
    if ((!has_last && at != tail) || *at || (!has_first && !has_last) || (has_first && has_last && b < a))
        return CLV_RANGE_WHOLE;
    if (!has_first) { /* the last b bytes */
        if (b == 0 || size == 0)
            return CLV_RANGE_NONE;
        b = b < size ? b : size;
        *first = size - b;
        *count = b;
        return CLV_RANGE_PART;
    }
    if (a >= size)
        return CLV_RANGE_NONE;
    *first = a;
    *count = (has_last && b < size ? b + 1 : size) - a;
    return CLV_RANGE_PART;
}

bool clv_request_id(const char *path, const char *prefix, char id[CLV_ID_TEXT], const char **rest)
{
    const size_t n = strlen(prefix);
    if (strncmp(path, prefix, n) != 0)
        return false;
    path += n;
    const size_t length = strcspn(path, "/");
    if (length != CLV_ID_TEXT - 1)
        return false;
    memcpy(id, path, length);
    id[length] = '\0';
    *rest = path + length;
    return clv_secret_is(id, CLV_ID_TEXT - 1);
}

bool clv_request_number(const char *text, int most, int *value)
{
    uint64_t number;
    const char *at = text;
    if (most < 0 || !digits(&at, &number) || *at || number > (uint64_t)most)
        return false;
    *value = (int)number;
    return true;
}
