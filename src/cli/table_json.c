/* SPDX-License-Identifier: MIT */
#include "cli/table_json.h"

#include <stdlib.h>

#include "cli/command.h"
#include "formats/json.h"

static void put_words(clv_json_writer *w, const char *key, const char *const *words)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (; *words; words++)
        clv_jw_string(w, *words);
    clv_jw_end(w);
}

static void put_row(clv_json_writer *w, const clv_option *o)
{
    char flag[64];
    snprintf(flag, sizeof flag, "-%s", o->names[0]);
    clv_jw_object(w);
    clv_jw_put_string(w, "flag", flag);
    clv_jw_key(w, "commands");
    clv_jw_array(w);
    for (int i = 0; clv_commands()[i]; i++)
        if (o->commands & (unsigned)clv_commands()[i]->id)
            clv_jw_string(w, clv_commands()[i]->name);
    clv_jw_end(w);
    clv_jw_put_string(w, "help", o->help);
    if (o->choices)
        put_words(w, "choices", o->choices);
    if (o->choice_texts)
        put_words(w, "texts", o->choice_texts);
    if (o->open_choices)
        clv_jw_put_bool(w, "open", true);
    if (o->min != 0 || o->max != 0) {
        clv_jw_put_number(w, "minimum", o->min);
        clv_jw_put_number(w, "maximum", o->max);
    }
    if (o->default_text)
        clv_jw_put_string(w, "default", o->default_text);
    clv_jw_end(w);
}

bool clv_table_json(FILE *out)
{
    int count;
    const clv_option *o = clv_option_table(&count);
    clv_json_writer w = {0};
    clv_jw_array(&w);
    for (int i = 0; i < count; i++)
        put_row(&w, &o[i]);
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    if (!text)
        return false;
    fprintf(out, "%s\n", text);
    free(text);
    return true;
}
