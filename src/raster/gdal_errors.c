/* SPDX-License-Identifier: MIT */
#include "raster/gdal_errors.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raster/hdf5_quiet.h"
#include "raster/paths.h"

/* ---- Names of functions ------------------------------------------------------------------------------ */

static size_t word_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

/* "_tiffWriteProc", "TIFFAppendToStrip", not "Warning" and not "a.tif". */
static bool is_function(const char *word, size_t length)
{
    bool mixed = length > 0 && word[0] == '_';
    for (size_t i = 1; i < length; i++)
        mixed = mixed || word[i] == '_' || (islower((unsigned char)word[i - 1]) && isupper((unsigned char)word[i]));
    return length > 5 && mixed;
}

static void replace(char *text, size_t size, const char *what, const char *by)
{
    char *at = strstr(text, what);
    char rest[512];
    if (!at)
        return;
    snprintf(rest, sizeof rest, "%s", at + strlen(what));
    snprintf(at, size - (size_t)(at - text), "%s%s", by, rest);
}

/* What libraries call their functions tells nobody anything. */
static void without_functions(char *text, size_t size)
{
    for (size_t n; (n = word_length(text)) > 0 && text[n] == ':' && is_function(text, n);) {
        n++;
        n += strspn(text + n, " ");
        memmove(text, text + n, strlen(text + n) + 1);
    }
    replace(text, size, " at scanline 4294967295", ""); /* -1: in no row */
    replace(text, size, " at row 4294967295, col 4294967295,", " in");
    replace(text, size, "IReadBlock failed", "a block cannot be read");
    replace(text, size, "IWriteBlock failed", "a block cannot be written");
    for (char *call = strstr(text, "()"); call; call = strstr(text, "()")) {
        char *word = call;
        while (word > text && (isalnum((unsigned char)word[-1]) || word[-1] == '_'))
            word--;
        char name[80];
        snprintf(name, sizeof name, "%.*s", (int)(call + 2 - word), word);
        if (word == call || call[2] == '.' || strlen(name) != (size_t)(call + 2 - word))
            return;
        replace(text, size, name, "the library");
    }
}

/* ---- The network ------------------------------------------------------------------------------------- */

static bool ends_name(char c)
{
    return !c || strchr(" `'\",;:<>", c) != NULL;
}

/* GDAL's name of a network's file, or a URL, at `at`: its length; a scheme's and a port's colons are part of it. */
static size_t name_length(const char *at)
{
    size_t n = 0;
    while (!ends_name(at[n]) || (at[n] == ':' && (at[n + 1] == '/' || isdigit((unsigned char)at[n + 1]))))
        n++;
    return n;
}

/* Names of files in the network as people know them: "/vsicurl?...url=https%3A%2F%2Fa%2Fb.tif%3Fsig%3Dx", of which some
 * messages leave the first stroke out, is https://a/b.tif. The first of them goes to url. */
static void plain_names(char *text, size_t size, char *url, size_t url_size)
{
    char rest[2048], name[2048];
    for (char *at = strstr(text, "vsicurl"); at; at = strstr(at, "vsicurl")) {
        char *begin = at > text && at[-1] == '/' ? at - 1 : at;
        const size_t n = name_length(at);
        snprintf(name, sizeof name, "/%.*s", (int)n, at);
        snprintf(rest, sizeof rest, "%s", at + n);
        char *plain = clv_network_url(name);
        at += strlen("vsicurl");
        if (!plain)
            continue;
        snprintf(begin, size - (size_t)(begin - text), "%s%s", plain, rest);
        if (!url[0])
            snprintf(url, url_size, "%s", plain);
        at = begin + (strlen(plain) < strlen(begin) ? strlen(plain) : strlen(begin));
        free(plain);
    }
    for (char *at = strstr(text, "://"); at; at = strstr(at + 1, "://")) { /* a query may hold a signature */
        char *query = at + strcspn(at, "? `'\"");
        if (*query == '?')
            memmove(query, query + name_length(query), strlen(query + name_length(query)) + 1);
    }
}

/* "Read error at row 4294967295, col 4294967295, tile 14; got 17598 bytes, expected 40585", which names no file: GDAL
 * does not say which of a date's files it was. */
static void say_cut_short(clv_gdal_errors *errors)
{
    long got, expected;
    const char *at = strstr(errors->text, "; got ");
    if (!at || sscanf(at, "; got %ld bytes, expected %ld", &got, &expected) != 2)
        return;
    if (errors->url[0])
        snprintf(errors->text, sizeof errors->text,
                 "%s: the network's answer was cut short (%ld of %ld bytes); run it again", errors->url, got, expected);
    else
        snprintf(errors->text, sizeof errors->text,
                 "a block is cut short (%ld of %ld bytes): a file is not complete, or the answer of a network was "
                 "not, where another run may get it",
                 got, expected);
}

/* ---- Catching ---------------------------------------------------------------------------------------- */

static void CPL_STDCALL catch_error(CPLErr level, CPLErrorNum number, const char *message)
{
    (void)number;
    clv_gdal_errors *errors = CPLGetErrorHandlerUserData();
    bool first;
    if (level >= CE_Failure) {
        first = errors->failures++ == 0;
    } else if (level == CE_Warning) {
        first = errors->warnings++ == 0 && errors->failures == 0;
    } else {
        return;
    }
    char text[2048];
    if (first || (level >= CE_Failure && !errors->url[0])) {
        snprintf(text, sizeof text, "%s", message);
        plain_names(text, sizeof text, errors->url, sizeof errors->url);
    }
    if (!first)
        return;
    snprintf(errors->text, sizeof errors->text, "%.511s", text);
    for (char *p = errors->text; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    without_functions(errors->text, sizeof errors->text);
}

void clv_gdal_errors_begin(clv_gdal_errors *errors)
{
    *errors = (clv_gdal_errors){0};
    clv_hdf5_quiet();
    CPLErrorReset();
    CPLPushErrorHandlerEx(catch_error, errors);
}

bool clv_gdal_errors_end(clv_gdal_errors *errors)
{
    CPLPopErrorHandler();
    CPLErrorReset();
    say_cut_short(errors);
    return errors->failures > 0;
}

const char *clv_gdal_errors_text(const clv_gdal_errors *errors)
{
    return errors->text[0] ? errors->text : "unknown error";
}
