/* SPDX-License-Identifier: MIT
 *
 * href: the links of STAC assets as names that GDAL opens.
 *
 *     char *path = clv_href_path("https://a.example/B04.tif?sig=x", "items");
 *     // "/vsicurl?empty_dir=yes&list_dir=no&url=https%3A%2F%2Fa.example%2FB04.tif%3Fsig%3Dx"
 *     free(path);
 *
 * Any thread.
 */
#ifndef CLV_PRODUCTS_HREF_H
#define CLV_PRODUCTS_HREF_H

/* http(s) by /vsicurl, without looking for files beside it; s3, gs, az and abfs by GDAL's network stores; file: and
 * plain paths as they are, relative ones (to the folder of the item) joined to `folder`. Signed links keep their query
 * untouched. free(); NULL when out of memory. */
char *clv_href_path(const char *href, const char *folder);

#endif
