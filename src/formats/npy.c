/* SPDX-License-Identifier: MIT */
#include "formats/npy.h"

#include "base/alloc.h"
#include "formats/half.h"

#include <string.h>

#define MAX_HEADER ((size_t)65536)

/* The header is the text of a Python dict; only the form that NumPy writes is understood, nothing is evaluated. */
typedef struct reader {
    clv_context *ctx;
    const char *name;
    const char *p, *end;
} reader;

/* ---- Words of the header ------------------------------------------------------------------------ */

static clv_status malformed(const reader *r, const char *what)
{
    return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: malformed .npy header: %s", r->name, what);
}

static void skip_space(reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
        r->p++;
}

static bool accept(reader *r, char c)
{
    skip_space(r);
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

static bool accept_word(reader *r, const char *word)
{
    size_t length = strlen(word);

    skip_space(r);
    if ((size_t)(r->end - r->p) < length || memcmp(r->p, word, length) != 0)
        return false;
    r->p += length;
    return true;
}

/* A quoted string without escapes, at most 15 characters: no key or dtype of ours is longer. */
static bool accept_string(reader *r, char out[16])
{
    size_t n = 0;

    skip_space(r);
    if (r->p == r->end || (*r->p != '\'' && *r->p != '"'))
        return false;
    char quote = *r->p++;
    while (r->p < r->end && *r->p != quote) {
        if (n == 15 || *r->p < 0x20 || *r->p > 0x7E || *r->p == '\\')
            return false;
        out[n++] = *r->p++;
    }
    if (r->p == r->end)
        return false;
    r->p++;
    out[n] = 0;
    return true;
}

/* ---- The three members -------------------------------------------------------------------------- */

static bool size_fits(char kind, int size)
{
    switch (kind) {
    case 'f':
        return size == 2 || size == 4 || size == 8;
    case 'i':
    case 'u':
        return size == 1 || size == 2 || size == 4 || size == 8;
    default:
        return size == 1; /* 'b' */
    }
}

static clv_status read_descr(reader *r, clv_npy *out)
{
    char text[16];

    skip_space(r);
    if (r->p < r->end && *r->p == '[')
        return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED, "%s: a structured array; save plain numbers", r->name);
    if (!accept_string(r, text) || !text[0])
        return malformed(r, "descr is not a data type");
    char order = text[0], kind = text[1];
    if (kind == 'O')
        return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: an array of Python objects, which would be a program; save plain numbers", r->name);
    int size = kind && text[2] >= '1' && text[2] <= '8' && !text[3] ? text[2] - '0' : 0;
    if ((kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b') || !size_fits(kind, size))
        return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED, "%s: data type '%s'; numbers of 1 to 8 bytes are supported",
                        r->name, text);
    if (order != '<' && order != '>' && (order != '|' || size != 1))
        return malformed(r, "byte order unknown");
    out->kind = kind;
    out->item_size = size;
    out->big_endian = order == '>';
    return CLV_OK;
}

static clv_status read_order(reader *r, clv_npy *out)
{
    out->fortran_order = accept_word(r, "True");
    if (!out->fortran_order && !accept_word(r, "False"))
        return malformed(r, "fortran_order is neither True nor False");
    return CLV_OK;
}

static clv_status read_axis(reader *r, int64_t *out)
{
    uint64_t n = 0;

    skip_space(r);
    const char *start = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        unsigned digit = (unsigned)(*r->p++ - '0');
        if (n > ((uint64_t)INT64_MAX - digit) / 10)
            return malformed(r, "shape too large");
        n = n * 10 + digit;
    }
    if (r->p == start)
        return malformed(r, "shape is not a tuple of sizes");
    if (r->p < r->end && *r->p == 'L') /* Python 2 wrote long integers so */
        r->p++;
    *out = (int64_t)n;
    return CLV_OK;
}

static clv_status read_shape(reader *r, clv_npy *out)
{
    bool comma = false;

    if (!accept(r, '('))
        return malformed(r, "shape is not a tuple");
    while (!accept(r, ')')) {
        if (out->dims > 0 && !comma)
            return malformed(r, "',' or ')' expected in shape");
        if (out->dims == CLV_NPY_MAX_DIMS)
            return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED, "%s: more than %d axes", r->name, CLV_NPY_MAX_DIMS);
        clv_status status = read_axis(r, &out->shape[out->dims++]);
        if (status != CLV_OK)
            return status;
        comma = accept(r, ',');
    }
    if (out->dims == 1 && !comma)
        return malformed(r, "shape is not a tuple"); /* (3) is a number in Python */
    return CLV_OK;
}

static clv_status read_dict(reader *r, clv_npy *out)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static clv_status (*const read_member[])(reader *, clv_npy *) = {read_descr, read_order, read_shape};
    bool seen[3] = {false, false, false}, comma = true;
    char key[16];

    if (!accept(r, '{'))
        return malformed(r, "'{' expected");
    while (!accept(r, '}')) {
        int k = 0;
        if (!comma || !accept_string(r, key))
            return malformed(r, "key expected");
        while (k < 3 && strcmp(key, keys[k]) != 0)
            k++;
        if (k == 3 || seen[k])
            return malformed(r, k == 3 ? "unknown key" : "duplicate key");
        if (!accept(r, ':'))
            return malformed(r, "':' expected");
        clv_status status = read_member[k](r, out);
        if (status != CLV_OK)
            return status;
        seen[k] = true;
        comma = accept(r, ',');
    }
    if (!seen[0] || !seen[1] || !seen[2])
        return malformed(r, "descr, fortran_order or shape is missing");
    skip_space(r);
    return r->p == r->end ? CLV_OK : malformed(r, "text after the dict");
}

/* ---- The file ----------------------------------------------------------------------------------- */

static clv_status find_header(const reader *r, const uint8_t *data, size_t size, size_t *offset, size_t *length)
{
    if (size < 10 || memcmp(data, "\x93NUMPY", 6) != 0)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: no .npy data", r->name);
    if (data[6] < 1 || data[6] > 3 || data[7] != 0)
        return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED, "%s: .npy version %d.%d is not known", r->name, data[6],
                        data[7]);
    *offset = data[6] == 1 ? 10 : 12;
    *length = (size_t)data[8] | (size_t)data[9] << 8;
    if (data[6] > 1) {
        if (size < 12)
            return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: .npy data cut short", r->name);
        *length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    }
    if (*length > MAX_HEADER)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: .npy header of %zu bytes, at most %zu are allowed", r->name,
                        *length, MAX_HEADER);
    if (*length > size - *offset)
        return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: .npy data cut short", r->name);
    return CLV_OK;
}

/* Elements; an axis of length 0 must not hide that the others overflow the strides. */
static clv_status count_elements(const reader *r, clv_npy *out)
{
    size_t bytes = (size_t)out->item_size;
    bool empty = false;

    for (int i = 0; i < out->dims; i++) {
        if (out->shape[i] == 0)
            empty = true;
        else if (!clv_size_mul(bytes, (size_t)out->shape[i], &bytes) || bytes > PTRDIFF_MAX)
            return clv_fail(r->ctx, CLV_ERROR_FORMAT, "%s: shape too large", r->name);
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): read_descr() has set it, or read_dict() failed */
    out->count = empty ? 0 : bytes / (size_t)out->item_size;
    return CLV_OK;
}

clv_status clv_npy_parse(clv_context *ctx, const char *name, const uint8_t *data, size_t size, clv_npy *out)
{
    reader r = {.ctx = ctx, .name = name};
    size_t offset = 0, length = 0;
    clv_npy npy;

    memset(out, 0, sizeof *out);
    memset(&npy, 0, sizeof npy);
    clv_status status = find_header(&r, data, size, &offset, &length);
    if (status != CLV_OK)
        return status;
    r.p = (const char *)data + offset;
    r.end = r.p + length;
    if ((status = read_dict(&r, &npy)) != CLV_OK || (status = count_elements(&r, &npy)) != CLV_OK)
        return status;
    npy.data_offset = offset + length;
    *out = npy;
    return CLV_OK;
}

float clv_npy_value(const clv_npy *npy, const uint8_t *data, size_t index)
{
    int size = npy->item_size;
    const uint8_t *p = data + index * (size_t)size;
    uint64_t bits = 0;
    uint32_t bits32;
    float f;
    double d;

    for (int i = 0; i < size; i++)
        bits = bits << 8 | p[npy->big_endian ? i : size - 1 - i];
    switch (npy->kind) {
    case 'f':
        if (size == 2)
            return clv_half_to_float((uint16_t)bits);
        if (size == 4) {
            bits32 = (uint32_t)bits;
            memcpy(&f, &bits32, sizeof f);
            return f;
        }
        memcpy(&d, &bits, sizeof d);
        return (float)d;
    case 'i':
        bits <<= 64 - 8 * size; /* the sign to the top, and back by division, which is exact here */
        return (float)((int64_t)bits / ((int64_t)1 << (64 - 8 * size))); /* NOLINT(bugprone-integer-division) */
    case 'u':
        return (float)bits;
    default:
        return bits ? 1.0f : 0.0f;
    }
}

void clv_npy_strides(const clv_npy *npy, int64_t strides[CLV_NPY_MAX_DIMS])
{
    int64_t step = 1;

    for (int i = 0; i < npy->dims; i++) {
        int axis = npy->fortran_order ? i : npy->dims - 1 - i;
        strides[axis] = step;
        step *= npy->shape[axis];
    }
}
