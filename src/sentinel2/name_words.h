/* SPDX-License-Identifier: MIT
 *
 * name_words: the words of a band's name: runs of ASCII letters and digits in lower case, camelCase taken apart.
 *
 *     clv_name_words words;
 *     clv_name_words_read("20220601_cloudProbability", &words);     // "20220601", "cloud", "probability"
 *     clv_name_words_find(&words, "cloud probability");             // 1
 *
 * Plain values; any thread.
 */
#ifndef CLV_SENTINEL2_NAME_WORDS_H
#define CLV_SENTINEL2_NAME_WORDS_H

#include <stdbool.h>

#define CLV_NAME_WORDS 24
#define CLV_NAME_WORD_SIZE 24

typedef struct clv_name_words {
    int count;
    char word[CLV_NAME_WORDS][CLV_NAME_WORD_SIZE]; /* longer ones are "" */
} clv_name_words;

/* name may be NULL. */
void clv_name_words_read(const char *name, clv_name_words *words);

/* Position of these words (with one blank between them), one after the other; -1 when they are not there. */
int clv_name_words_find(const clv_name_words *words, const char *sequence);

/* Whether every other word than `count` from `at` on holds a digit, as dates, tiles and numbers do. */
bool clv_name_words_alone(const clv_name_words *words, int at, int count);

#endif
