/* SPDX-License-Identifier: MIT */
#include "learn/dataset/list_words.h"

#include <stddef.h>
#include <string.h>

char *clv_list_word(char **cursor, bool *open_quote)
{
    char *in = *cursor;
    while (*in == ' ' || *in == '\t' || *in == '\r')
        in++;
    if (*in == '\0' || *in == '#') {
        *cursor = in;
        return NULL;
    }
    char *word = in, *out = in;
    bool quoted = false;
    for (; *in && (quoted || (*in != ' ' && *in != '\t' && *in != '\r')); in++) {
        if (*in == '"')
            quoted = !quoted;
        else
            *out++ = *in;
    }
    *open_quote = quoted;
    *cursor = *in ? in + 1 : in;
    *out = '\0';
    return word;
}

char *clv_list_setting(char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz");
    if (n == 0 || word[n] != '=')
        return NULL;
    word[n] = '\0';
    return word + n + 1;
}
