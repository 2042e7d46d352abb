/* SPDX-License-Identifier: MIT */
#include "sentinel2/name_words.h"

#include <stddef.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || is_lower(c);
}

/* "cloudMask", "QAMask": a capital after a small letter, or before one and after another capital. */
static bool begins_word(const char *name, size_t at)
{
    if (!is_upper(name[at]))
        return false;
    return is_lower(name[at - 1]) || (is_upper(name[at - 1]) && is_lower(name[at + 1]));
}

void clv_name_words_read(const char *name, clv_name_words *words)
{
    *words = (clv_name_words){0};
    while (name && *name && words->count < CLV_NAME_WORDS) {
        size_t n = 0;
        while (is_alnum(name[n]) && (n == 0 || !begins_word(name, n)))
            n++;
        if (n > 0) {
            char *word = words->word[words->count++];
            for (size_t i = 0; n < CLV_NAME_WORD_SIZE && i < n; i++)
                word[i] = is_upper(name[i]) ? (char)(name[i] + 32) : name[i];
        }
        name += n ? n : 1;
    }
}

/* Number of words of the sequence that stand at `at`, all of them; else 0. */
static int stands_at(const clv_name_words *words, int at, const char *sequence)
{
    for (int count = 0; at + count < words->count;) {
        size_t n = strcspn(sequence, " ");
        const char *word = words->word[at + count];
        if (strlen(word) != n || strncmp(word, sequence, n) != 0)
            return 0;
        count++;
        if (!sequence[n])
            return count;
        sequence += n + 1;
    }
    return 0;
}

int clv_name_words_find(const clv_name_words *words, const char *sequence)
{
    for (int at = 0; at < words->count; at++)
        if (stands_at(words, at, sequence))
            return at;
    return -1;
}

bool clv_name_words_alone(const clv_name_words *words, int at, int count)
{
    for (int i = 0; i < words->count; i++)
        if ((i < at || i >= at + count) && !strpbrk(words->word[i], "0123456789") && words->word[i][0])
            return false;
    return true;
}
