/* SPDX-License-Identifier: MIT */
#include "products/href.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "raster/paths.h"

/* "az://container/key" and "abfs://container@account.dfs.core.windows.net/key" name the container first. */
static char *store_path(const char *href)
{
    static const struct {
        const char *scheme, *prefix;
    } stores[] = {{"s3://", "/vsis3/"},   {"s3a://", "/vsis3/"},   {"gs://", "/vsigs/"},   {"az://", "/vsiaz/"},
                  {"abfs://", "/vsiaz/"}, {"abfss://", "/vsiaz/"}, {"oss://", "/vsioss/"}, {"swift://", "/vsiswift/"}};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        if (!EQUALN(href, stores[i].scheme, strlen(stores[i].scheme)))
            continue;
        const char *rest = href + strlen(stores[i].scheme), *slash = strchr(rest, '/'), *at = strchr(rest, '@');
        if (at && slash && at < slash) /* the account is the environment's */
            return clv_format("%s%.*s%s", stores[i].prefix, (int)(at - rest), rest, slash);
        return clv_format("%s%s", stores[i].prefix, rest);
    }
    return NULL;
}

static char *web_path(const char *href)
{
    char *escaped = CPLEscapeString(href, -1, CPLES_URL);
    char *path = escaped ? clv_format("/vsicurl?empty_dir=yes&list_dir=no&url=%s", escaped) : NULL;
    CPLFree(escaped);
    return path;
}

static char *file_url_path(const char *href)
{
    const char *rest = href + strlen("file://");
    if (EQUALN(rest, "localhost/", 10))
        rest += 9;
    char *plain = CPLUnescapeString(rest, NULL, CPLES_URL), *path = plain ? clv_strdup(plain) : NULL;
    CPLFree(plain);
    return path;
}

char *clv_href_path(const char *href, const char *folder)
{
    if (EQUALN(href, "http://", 7) || EQUALN(href, "https://", 8))
        return web_path(href);
    if (EQUALN(href, "file://", 7))
        return file_url_path(href);
    char *path = strstr(href, "://") ? store_path(href) : NULL;
    if (path)
        return path;
    if (!CPLIsFilenameRelative(href) || href[0] == '/')
        return clv_strdup(href);
    return clv_path_join(folder, strncmp(href, "./", 2) == 0 ? href + 2 : href);
}
