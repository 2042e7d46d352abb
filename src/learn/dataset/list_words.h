/* SPDX-License-Identifier: MIT
 *
 * list_words: a line of a text list cut into words: blanks part them, double quotes hold blanks together, `#` starts a
 * comment.
 *
 *     char line[] = "clear \"my file.tif\" tr=10   # roofs";
 *     char *cursor = line, *word;
 *     bool open_quote = false;
 *     while ((word = clv_list_word(&cursor, &open_quote)) != NULL) {
 *         char *value = clv_list_setting(word);     // "10", and word is "tr"; NULL for other words
 *     }
 *
 * Threads: pure functions of the text.
 */
#ifndef CLV_LEARN_DATASET_LIST_WORDS_H
#define CLV_LEARN_DATASET_LIST_WORDS_H

#include <stdbool.h>

/* Cuts the next word out of *cursor in place (quotes removed); NULL at the end. *open_quote: a quote of the word is not
 * closed. */
char *clv_list_word(char **cursor, bool *open_quote);
/* The value of a KEY=VALUE word, which is cut to its key; NULL for other words. Keys are lower-case letters
 * only, so that file names with '=' further on stay paths. */
char *clv_list_setting(char *word);

#endif
