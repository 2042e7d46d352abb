/* SPDX-License-Identifier: MIT */
#include "sentinel2/roles.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sentinel2/quality_names.h"

#define MAX_TOKENS 24
#define TOKEN_SIZE 24
#define SHOWN_NAME 40 /* characters of a band's name that messages show */

/* What a name says. Codes below 100 are Sentinel-2's band numbers, B8A is 80. */
enum {
    CODE_UNKNOWN = 0,
    CODE_BLUE = 2,
    CODE_GREEN = 3,
    CODE_RED = 4,
    CODE_NIR = 8,
    CODE_NIR_NARROW = 80,
    CODE_OTHER = 100,
    CODE_AUX = 200
};

/* Whole words, lower case, each between blanks. */
static const struct {
    int code;
    const char *words;
} vocabulary[] = {
    {CODE_RED, " red "},
    {CODE_GREEN, " green "},
    {CODE_BLUE, " blue "},
    {CODE_NIR, " nir nir1 nir8 "},
    {CODE_NIR_NARROW, " nir08 nir8a nirnarrow nnir "},
    {CODE_OTHER,
     " nir09 rededge rededge1 rededge2 rededge3 rededge4 re1 re2 re3 re4 vre vre1 vre2 vre3 vre4 rde1 rde2 rde3"
     " broadnir swir swir1 swir2 swir3 swir16 swir22 coastal aerosol ublue ultrablue cirrus pan panchromatic "},
    {CODE_AUX, " scl cld snw aot wvp qa qa10 qa20 qa60 fmask clp clm cloud clouds cloudmask cloudprob cloudprobability"
               " cldprb snwprb mask msk datamask dlmask alpha valid quality classification shadow snow ndvi evi ndwi"
               " savi dem sza vza saa vaa tci visual "},
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Runs of ASCII letters and digits, lower case; what is longer than a token can be is no band name and left out. */
static int tokenise(const char *name, char tokens[MAX_TOKENS][TOKEN_SIZE])
{
    int count = 0;
    while (name && *name && count < MAX_TOKENS) {
        size_t n = 0;
        while (is_alnum(name[n]))
            n++;
        if (n > 0 && n < TOKEN_SIZE) {
            for (size_t i = 0; i < n; i++)
                tokens[count][i] = lower(name[i]);
            tokens[count++][n] = 0;
        }
        name += n ? n : 1;
    }
    return count;
}

/* "b04", "b4", "b12", "b8a", "b08" */
static int sentinel_code(const char *t)
{
    if (t[0] != 'b' || t[1] < '0' || t[1] > '9')
        return CODE_UNKNOWN;
    int n = t[1] - '0', at = 2;
    if (t[2] >= '0' && t[2] <= '9')
        n = n * 10 + (t[at++] - '0');
    if (t[at] == 'a' && n == 8)
        return t[at + 1] ? CODE_UNKNOWN : CODE_NIR_NARROW;
    return !t[at] && n >= 1 && n <= 12 ? n : CODE_UNKNOWN;
}

static int word_code(const char *t)
{
    char whole[TOKEN_SIZE + 2];
    snprintf(whole, sizeof whole, " %.*s ", TOKEN_SIZE - 1, t);
    for (size_t i = 0; i < sizeof vocabulary / sizeof *vocabulary; i++)
        if (strstr(vocabulary[i].words, whole))
            return vocabulary[i].code;
    return sentinel_code(t);
}

/* Single letters mean something only when nothing else is there. */
static int letter_code(const char *t)
{
    static const int codes[] = {CODE_RED, CODE_GREEN, CODE_BLUE, CODE_NIR};
    static const char letters[] = "rgbn";
    const char *at = t[0] && !t[1] ? strchr(letters, t[0]) : NULL;
    return at ? codes[at - letters] : CODE_UNKNOWN;
}

static int words_code(const char *name)
{
    char t[MAX_TOKENS][TOKEN_SIZE];
    int n = tokenise(name, t), first = CODE_UNKNOWN;

    if (n == 1 && letter_code(t[0]) != CODE_UNKNOWN)
        return letter_code(t[0]);
    for (int i = 0; i < n; i++) {
        int code = word_code(t[i]);
        if (code == CODE_RED && i + 1 < n && strncmp(t[i + 1], "edge", 4) == 0)
            code = CODE_OTHER;
        if (strcmp(t[i], "infrared") == 0 && i > 0)
            code = strcmp(t[i - 1], "near") == 0 ? CODE_NIR : CODE_OTHER;
        /* "B04_mask" is a mask of B04; "cloud_free_B04" is B04. So the last word on the matter counts, once. */
        if (code == CODE_AUX && first != CODE_UNKNOWN && first != CODE_AUX)
            return CODE_AUX;
        if (code != CODE_UNKNOWN && (first == CODE_UNKNOWN || first == CODE_AUX))
            first = code;
    }
    return first;
}

/* Words such as cirrus and aerosol name bands and their masks (MSK_CLASSI_CIRRUS, SR_QA_AEROSOL). */
static int name_code(const char *name)
{
    int code = words_code(name);
    bool quality = code == CODE_UNKNOWN ? clv_name_is_quality(name) : code != CODE_AUX && clv_name_is_of_band(name);
    return quality ? CODE_AUX : code;
}

static clv_role role_of_code(int code)
{
    switch (code) {
    case CODE_RED:
        return CLV_ROLE_RED;
    case CODE_GREEN:
        return CLV_ROLE_GREEN;
    case CODE_BLUE:
        return CLV_ROLE_BLUE;
    case CODE_NIR:
    case CODE_NIR_NARROW:
        return CLV_ROLE_NIR;
    case CODE_AUX:
        return CLV_ROLE_AUX;
    default:
        return CLV_ROLE_OTHER;
    }
}

clv_role clv_role_of_name(const char *name, bool *known)
{
    int code = name_code(name);
    if (known)
        *known = code != CODE_UNKNOWN;
    return role_of_code(code);
}

clv_role clv_role_of_wavelength(double um)
{
    if (fabs(um - 0.665) <= 0.02)
        return CLV_ROLE_RED;
    if (fabs(um - 0.560) <= 0.02)
        return CLV_ROLE_GREEN;
    if (fabs(um - 0.490) <= 0.02)
        return CLV_ROLE_BLUE;
    return um >= 0.82 && um <= 0.88 ? CLV_ROLE_NIR : CLV_ROLE_OTHER;
}

/* ---- The ladder -------------------------------------------------------------------------------- */

static int band_code(const clv_band_hint *band)
{
    int code = name_code(band->description);
    return code != CODE_UNKNOWN ? code : name_code(band->band_name);
}

/* Appends to text, quietly cut at size. */
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    if (used + 1 >= size)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static const char *shown_name(const clv_band_hint *band)
{
    return band->description && *band->description ? band->description
           : band->band_name && *band->band_name   ? band->band_name
                                                   : NULL;
}

/* A band's name in a message: printable, short. */
static void append_name(char *text, size_t size, const clv_band_hint *band)
{
    char name[SHOWN_NAME + 1];
    const char *source = shown_name(band);
    size_t n = 0;
    for (; source && source[n] && n < SHOWN_NAME; n++)
        name[n] = (unsigned char)source[n] < 32 ? ' ' : source[n];
    name[n] = 0;
    char *comma = strchr(name, ','); /* "B4, central wavelength 665 nm" */
    if (comma)
        *comma = 0;
    append(text, size, "%s", *name ? name : "unnamed");
}

static void set_how(char *how, size_t size, const char *text)
{
    snprintf(how, size, "%s", text);
}

/* First band with a role, -1 when none; *several when more than one. */
static int find_role(const clv_role *roles, int count, clv_role role, bool *several)
{
    int found = -1;
    *several = false;
    for (int i = 0; i < count; i++) {
        if (roles[i] != role)
            continue;
        *several = found >= 0;
        if (found < 0)
            found = i;
        else
            break;
    }
    return found;
}

/* Exactly one each of red, green and blue. */
static bool complete(const clv_role *roles, int count)
{
    for (clv_role r = CLV_ROLE_RED; r <= CLV_ROLE_BLUE; r++) {
        bool several;
        if (find_role(roles, count, r, &several) < 0 || several)
            return false;
    }
    return true;
}

/* Of several near-infrared bands the first broad one stays, else the first; the others are spectral bands like any. */
static void one_nir(const clv_band_hint *bands, clv_role *roles, int count)
{
    int best = -1;
    for (int i = 0; i < count; i++)
        if (roles[i] == CLV_ROLE_NIR &&
            (best < 0 || (band_code(&bands[i]) == CODE_NIR && band_code(&bands[best]) != CODE_NIR)))
            best = i;
    for (int i = 0; i < count; i++)
        if (roles[i] == CLV_ROLE_NIR && i != best)
            roles[i] = CLV_ROLE_OTHER;
}

static void by_name(const clv_band_hint *bands, int count, clv_role *roles)
{
    for (int i = 0; i < count; i++) {
        int code = band_code(&bands[i]);
        roles[i] = code == CODE_UNKNOWN && bands[i].color == 'A' ? CLV_ROLE_AUX : role_of_code(code);
    }
    one_nir(bands, roles, count);
}

/* Names decide the bands that colours leave open. */
static void by_color(const clv_band_hint *bands, int count, clv_role *roles)
{
    for (int i = 0; i < count; i++) {
        switch (bands[i].color) {
        case 'R':
            roles[i] = CLV_ROLE_RED;
            break;
        case 'G':
            roles[i] = CLV_ROLE_GREEN;
            break;
        case 'B':
            roles[i] = CLV_ROLE_BLUE;
            break;
        case 'N':
            roles[i] = CLV_ROLE_NIR;
            break;
        case 'A':
            roles[i] = CLV_ROLE_AUX;
            break;
        default: {
            clv_role named = role_of_code(band_code(&bands[i]));
            roles[i] = named == CLV_ROLE_NIR || named == CLV_ROLE_AUX ? named : CLV_ROLE_OTHER;
        }
        }
    }
    one_nir(bands, roles, count);
}

static void by_wavelength(const clv_band_hint *bands, int count, clv_role *roles)
{
    for (int i = 0; i < count; i++) {
        clv_role named = role_of_code(band_code(&bands[i]));
        roles[i] = bands[i].wavelength_um > 0                       ? clv_role_of_wavelength(bands[i].wavelength_um)
                   : named == CLV_ROLE_AUX || bands[i].color == 'A' ? CLV_ROLE_AUX
                                                                    : CLV_ROLE_OTHER;
    }
    one_nir(bands, roles, count);
}

/* A token such as bgrn, rgb or rgbnir as roles; number of bands it names, 0 when it is no such token. */
static int token_roles(const char *token, clv_role roles[4])
{
    char t[TOKEN_SIZE];
    snprintf(t, sizeof t, "%.*s", TOKEN_SIZE - 1, token);
    size_t n = strlen(t);
    if (n == 6 && strcmp(t + 3, "nir") == 0)
        t[n = 4] = 0;
    if (n < 3 || n > 4)
        return 0;
    unsigned seen = 0;
    for (size_t i = 0; i < n; i++) {
        static const char letters[] = "rgbni";
        const char *at = strchr(letters, t[i]);
        if (!at)
            return 0;
        int role = at - letters > 3 ? 3 : (int)(at - letters);
        if (seen & (1u << role))
            return 0;
        seen |= 1u << role;
        roles[i] = (clv_role)role;
    }
    return (seen & 7u) == 7u ? (int)n : 0;
}

/* A token of the file name that names `letters` bands; the bands beyond it must be alpha. */
static bool by_token(const clv_band_hint *bands, int count, const char *file_name, int letters, clv_role *roles,
                     char *how, size_t how_size)
{
    char t[MAX_TOKENS][TOKEN_SIZE];
    int n = tokenise(file_name, t);
    for (int i = 0; i < n; i++) {
        clv_role named[4];
        int k = token_roles(t[i], named);
        if (k != letters || k > count)
            continue;
        bool rest_is_alpha = true;
        for (int b = k; b < count; b++)
            rest_is_alpha = rest_is_alpha && bands[b].color == 'A';
        if (!rest_is_alpha)
            continue;
        for (int b = 0; b < count; b++)
            roles[b] = b < k ? named[b] : CLV_ROLE_AUX;
        for (char *c = t[i]; *c; c++)
            *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        set_how(how, how_size, "file name token ");
        append(how, how_size, "%s", t[i]);
        return true;
    }
    return false;
}

static bool has_token(const char *file_name, const char *wanted)
{
    char t[MAX_TOKENS][TOKEN_SIZE];
    int n = tokenise(file_name, t);
    for (int i = 0; i < n; i++)
        if (strcmp(t[i], wanted) == 0)
            return true;
    return false;
}

/* Three bands in the order red, green, blue; all bands of a Sentinel-2 product in order. Alpha does not count. */
static bool by_count(const clv_band_hint *bands, int count, const char *file_name, clv_role *roles, char *how,
                     size_t how_size)
{
    int spectral[13], n = 0;
    for (int i = 0; i < count; i++) {
        roles[i] = bands[i].color == 'A' ? CLV_ROLE_AUX : CLV_ROLE_OTHER;
        if (roles[i] == CLV_ROLE_AUX)
            continue;
        if (n == 13)
            return false;
        spectral[n++] = i;
    }
    if (n == 3) {
        for (int i = 0; i < 3; i++)
            roles[spectral[i]] = (clv_role)i;
        set_how(how, how_size, "three bands, taken as red, green, blue");
        return true;
    }
    /* sen2r: ascending, without B10 (BOA) and with one near infrared; or what is left of it without B01. */
    if ((n == 11 || n == 10) && has_token(file_name, "boa")) {
        int first = n - 11;
        roles[spectral[first + 3]] = CLV_ROLE_RED;
        roles[spectral[first + 2]] = CLV_ROLE_GREEN;
        roles[spectral[first + 1]] = CLV_ROLE_BLUE;
        roles[spectral[first + 7]] = CLV_ROLE_NIR;
        set_how(how, how_size, "");
        append(how, how_size, "%d bands of a BOA file, taken as sen2r's: %s B03 B04 ...", n,
               n == 11 ? "B01 B02" : "B02");
        return true;
    }
    if (n == 12 || n == 13) {
        roles[spectral[3]] = CLV_ROLE_RED;
        roles[spectral[2]] = CLV_ROLE_GREEN;
        roles[spectral[1]] = CLV_ROLE_BLUE;
        roles[spectral[7]] = CLV_ROLE_NIR;
        set_how(how, how_size, "");
        append(how, how_size, "%d bands, taken as Sentinel-2's in order", n);
        return true;
    }
    return false;
}

/* More nameless bands than one date has: most likely several dates, all bands of the first one first. */
static void explain_stack(int count, char *how, size_t how_size)
{
    static const int usual[] = {10, 4, 13, 12, 6, 3};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (count % usual[i] == 0) {
            const int dates = count / usual[i];
            append(how, how_size,
                   "%d bands without names: when they are %d dates of %d bands, give -date %d times, in the bands' "
                   "order, and -b R,G,B[,NIR] as numbers within a date (%s)",
                   count, dates, usual[i], dates,
                   usual[i] == 3    ? "-b 1,2,3 for red, green, blue"
                   : usual[i] >= 12 ? "-b 4,3,2,8 for Sentinel-2's bands in order"
                   : usual[i] == 10 ? "-b 3,2,1,4 for B02 B03 B04 B08 ..., -b 3,2,1,7 for B02 B03 B04 B05 ..."
                                    : "-b 3,2,1,4 for blue, green, red, NIR");
            return;
        }
    append(how, how_size,
           "%d bands without names; choose with -b R,G,B[,NIR], and give -date once a date when they are several dates",
           count);
}

/* Why no rung decided, with the -b to use. */
static void explain(const clv_band_hint *bands, int count, char *how, size_t how_size)
{
    static const char *const colors[] = {"red", "green", "blue"};
    clv_role roles[64];
    int shown = count < 64 ? count : 64;
    set_how(how, how_size, "");
    if (count == 1) {
        append(how, how_size, "one band only (");
        append_name(how, how_size, &bands[0]);
        append(how, how_size,
               "), but red, green and blue are needed; give all files of the date (named B04, B03, B02 ...), their "
               "folder, or a "
               "raster that joins them: gdalbuildvrt -separate");
        return;
    }
    by_name(bands, shown, roles);
    bool any_named = false;
    for (int i = 0; i < shown; i++)
        any_named = any_named || band_code(&bands[i]) != CODE_UNKNOWN;
    for (clv_role r = CLV_ROLE_RED; any_named && r <= CLV_ROLE_BLUE; r++) {
        bool several;
        int first = find_role(roles, shown, r, &several);
        if (first >= 0 && !several)
            continue;
        int listed = 0;
        append(how, how_size, several ? "several bands look %s (" : "no band looks %s (", colors[r]);
        for (int i = 0; i < shown && i < 8; i++)
            if (!several || roles[i] == r) {
                append(how, how_size, "%s%d: ", listed++ ? ", " : "", i + 1);
                append_name(how, how_size, &bands[i]);
            }
        append(how, how_size,
               several ? "); choose with -b R,G,B[,NIR], or give -date once a date where it holds several"
                       : "); choose with -b R,G,B[,NIR]");
        return;
    }
    if (count == 4)
        append(how, how_size,
               "4 bands without names: give -b 3,2,1,4 when they are blue, green, red, NIR, "
               "or -b 1,2,3,4 when they are red, green, blue, NIR");
    else if (count == 10)
        append(how, how_size,
               "10 bands without names: give -b 3,2,1,7 when they are B02 B03 B04 B05 B06 B07 B08 B8A "
               "B11 B12, or -b 3,2,1,4 when B08 follows B04");
    else if (count > 13)
        explain_stack(count, how, how_size);
    else
        append(how, how_size, "%d bands without names; choose with -b R,G,B[,NIR]", count);
}

/* "band descriptions B04 B03 B02 B08": the names in role order. */
static void how_names(const clv_band_hint *bands, int count, const clv_role *roles, const char *what, char *how,
                      size_t how_size)
{
    set_how(how, how_size, what);
    for (clv_role r = CLV_ROLE_RED; r <= CLV_ROLE_NIR; r++) {
        bool several;
        int i = find_role(roles, count, r, &several);
        if (i >= 0) {
            append(how, how_size, " ");
            append_name(how, how_size, &bands[i]);
        }
    }
}

bool clv_roles_find(const clv_band_hint *bands, int count, const char *file_name, clv_role *roles, bool *guess,
                    char *how, size_t how_size)
{
    char unread[1];
    if (how_size == 0) {
        how = unread;
        how_size = sizeof unread;
    }
    if (guess)
        *guess = false;
    if (count <= 0) {
        set_how(how, how_size, "no bands");
        return false;
    }
    by_name(bands, count, roles);
    if (complete(roles, count)) {
        bool described = true;
        for (int i = 0; i < count; i++)
            if (roles[i] <= CLV_ROLE_BLUE && name_code(bands[i].description) == CODE_UNKNOWN)
                described = false;
        how_names(bands, count, roles, described ? "band descriptions" : "band names", how, how_size);
        return true;
    }
    if (by_token(bands, count, file_name, 4, roles, how, how_size))
        return true;
    by_color(bands, count, roles);
    if (complete(roles, count)) {
        set_how(how, how_size, "colour interpretation");
        return true;
    }
    by_wavelength(bands, count, roles);
    if (complete(roles, count)) {
        set_how(how, how_size, "wavelengths");
        return true;
    }
    if (by_token(bands, count, file_name, 3, roles, how, how_size))
        return true;
    bool named = false;
    for (int i = 0; i < count; i++)
        named = named || (band_code(&bands[i]) != CODE_UNKNOWN && band_code(&bands[i]) != CODE_AUX);
    if (!named && by_count(bands, count, file_name, roles, how, how_size)) {
        if (guess) /* sen2r's names and its 11 bands are documented */
            *guess =
                !(strstr(how, "11 bands of a BOA") && (has_token(file_name, "s2a2a") || has_token(file_name, "s2b2a")));
        return true;
    }
    explain(bands, count, how, how_size);
    return false;
}
