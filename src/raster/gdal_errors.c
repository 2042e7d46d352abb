/* SPDX-License-Identifier: MIT */
#include "raster/gdal_errors.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "raster/hdf5_quiet.h"

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
    if (!first)
        return;
    snprintf(errors->text, sizeof errors->text, "%s", message);
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
    return errors->failures > 0;
}

const char *clv_gdal_errors_text(const clv_gdal_errors *errors)
{
    return errors->text[0] ? errors->text : "unknown error";
}
