/* SPDX-License-Identifier: MIT */
#include "serve/upload_kind.h"

#include <string.h>

#include "base/names.h"
#include "formats/utf8.h"

const char clv_upload_kinds_text[] = "GeoTIFF, PNG, JPEG, JPEG 2000 and EarthNet2021 cubes (.npz)";

static const char *const tiff_drivers[] = {"GTiff", NULL};
static const char *const png_drivers[] = {"PNG", NULL};
static const char *const jpeg_drivers[] = {"JPEG", NULL};
static const char *const jp2_drivers[] = {"JP2OpenJPEG", "JP2KAK", "JP2ECW", "JP2MrSID", NULL};
static const char *const no_drivers[] = {NULL}; /* read by our own reader */

static const clv_upload_kind tiff = {"GeoTIFF", "tif", tiff_drivers};
static const clv_upload_kind png = {"PNG", "png", png_drivers};
static const clv_upload_kind jpeg = {"JPEG", "jpg", jpeg_drivers};
static const clv_upload_kind jp2 = {"JPEG 2000", "jp2", jp2_drivers};
static const clv_upload_kind cube = {"EarthNet2021 cube", "npz", no_drivers};

static const struct signature {
    const clv_upload_kind *kind;
    size_t size;
    const char *bytes;
} signatures[] = {
    {&tiff, 4, "II*\0"},
    {&tiff, 4, "MM\0*"},
    {&tiff, 4, "II+\0"},
    {&tiff, 4, "MM\0+"},
    {&png, 8, "\x89PNG\r\n\x1a\n"},
    {&jpeg, 3, "\xff\xd8\xff"},
    {&jp2, 12, "\0\0\0\x0cjP  \r\n\x87\n"},
    {&jp2, 4, "\xff\x4f\xff\x51"},
    {&cube, 4, "PK\3\4"},
};

const clv_upload_kind *clv_upload_sniff(const uint8_t *head, size_t size)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (size >= signatures[i].size && memcmp(head, signatures[i].bytes, signatures[i].size) == 0)
            return signatures[i].kind;
    return NULL;
}

static int is_kept(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           code == '-' || code == '_' || code == '.' || code >= 0xA1;
}

void clv_upload_name(const char *given, const clv_upload_kind *kind, char out[CLV_UPLOAD_NAME_TEXT])
{
    enum { MOST = CLV_UPLOAD_NAME_TEXT - 8 }; /* room for the extension */
    const char *base = clv_name_base(given ? given : "");
    size_t left = strlen(base), used = 0;
    const char *dot = strrchr(base, '.');
    if (dot && dot > base && strlen(dot) <= 6)
        left = (size_t)(dot - base);
    while (left > 0) {
        uint32_t code;
        int n = clv_utf8_decode(base, left, &code);
        const int kept = n > 0 && is_kept(code) && !(used == 0 && code == '.');
        n = n > 0 ? n : 1;
        if (used + (size_t)(kept ? n : 1) > MOST)
            break;
        if (kept)
            memcpy(out + used, base, (size_t)n);
        else
            out[used] = '_';
        used += (size_t)(kept ? n : 1);
        base += n;
        left -= (size_t)n;
    }
    if (used == 0) {
        memcpy(out, "picture", 7);
        used = 7;
    }
    out[used++] = '.';
    memcpy(out + used, kind->extension, strlen(kind->extension) + 1);
}
