/* SPDX-License-Identifier: MIT */
#include "serve/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool clv_secret_make(char *text, size_t size)
{
    unsigned char bytes[64];
    const size_t need = size / 2;
    size_t have = 0;
    if (size == 0 || need > sizeof bytes)
        return false;
    const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (have < need) {
        const ssize_t n = read(fd, bytes + have, need - have);
        if (n <= 0 && errno != EINTR)
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (have < need)
        return false;
    for (size_t i = 0; i + 1 < size; i++)
        text[i] = "0123456789abcdef"[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
    text[size - 1] = '\0';
    return true;
}

bool clv_secret_same(const char *secret, const char *given)
{
    const size_t n = strlen(secret), m = strlen(given);
    unsigned char difference = n != m;
    for (size_t i = 0; i < n; i++)
        difference |= (unsigned char)(secret[i] ^ given[m > 0 ? i % m : 0]);
    return difference == 0 && n > 0;
}

bool clv_secret_is(const char *text, size_t digits)
{
    return strspn(text, "0123456789abcdef") == digits && text[digits] == '\0';
}
