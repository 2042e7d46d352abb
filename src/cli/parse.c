/* SPDX-License-Identifier: MIT */
#include "cli/parse.h"

#include "base/context.h"
#include "base/dilation.h"
#include "base/number.h"

#include <cpl_port.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLV_PRINTF(2, 3) static bool wrong(clv_parsed *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->error, sizeof p->error, format, args);
    va_end(args);
    return false;
}

/* Remembers memory that lives as long as the parse; NULL (and the memory freed) when out of memory. */
static void *own(clv_parsed *p, void *memory)
{
    void **grown = memory ? realloc(p->owned, ((size_t)p->owned_count + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(memory);
        return NULL;
    }
    p->owned = grown;
    p->owned[p->owned_count++] = memory;
    return memory;
}

static void *member(clv_parsed *p, const clv_command *command, const clv_option *option, size_t offset)
{
    if (option->section == CLV_SECTION_CLI)
        return (char *)&p->cli + offset;
    return (char *)p->options + command->sections[option->section] + offset;
}

/* ---- Values ------------------------------------------------------------------------------------ */

static bool plain_number(const char *text, const char *end, double *value)
{
    char copy[64];
    const size_t length = (size_t)(end - text);
    if (length == 0 || length >= sizeof copy || strspn(text, "0123456789+-.eE") < length)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return clv_number_parse(copy, value) && isfinite(*value);
}

bool clv_parse_number(const char *text, double *value)
{
    const char *slash = strchr(text, '/'), *end = text + strlen(text);
    if (!slash)
        return plain_number(text, end, value);
    double above, below;
    if (!plain_number(text, slash, &above) || !plain_number(slash + 1, end, &below) || below == 0)
        return false;
    *value = above / below;
    return isfinite(*value);
}

static bool number_in_range(clv_parsed *p, const clv_option *o, const char *text, double *value)
{
    if (!clv_parse_number(text, value))
        return wrong(p, "-%s: \"%s\" is not a number%s", o->names[0], text,
                     strchr(text, ',') ? "; write it with a decimal point" : "");
    if ((o->min != 0 || o->max != 0) && (*value < o->min || *value > o->max))
        return wrong(p, "-%s: %s is out of range; give %g to %g", o->names[0], text, o->min, o->max);
    return true;
}

static bool integer_in_range(clv_parsed *p, const clv_option *o, const char *text, int *value)
{
    double number;
    if (!number_in_range(p, o, text, &number))
        return false;
    if (number != floor(number) || number < INT_MIN || number > INT_MAX || strpbrk(text, "/.eE"))
        return wrong(p, "-%s: \"%s\" is not a whole number", o->names[0], text);
    *value = (int)number;
    return true;
}

static bool set_uint64(clv_parsed *p, const clv_option *o, const char *text, uint64_t *value)
{
    errno = 0;
    char *end = NULL;
    const bool digits = text[0] && text[strspn(text, "0123456789")] == '\0';
    *value = digits ? strtoull(text, &end, 10) : 0;
    if (!digits || errno == ERANGE)
        return wrong(p, "-%s: \"%s\" is not a whole number from 0 to 18446744073709551615", o->names[0], text);
    return true;
}

static int choice_of(const clv_option *o, const char *text)
{
    for (int i = 0; o->choices[i]; i++)
        if (EQUAL(o->choices[i], text) || (o->old_choices && o->old_choices[i] && EQUAL(o->old_choices[i], text)))
            return i;
    return -1;
}

static bool wrong_choice(clv_parsed *p, const clv_option *o, const char *text)
{
    char list[256] = "";
    for (int i = 0; o->choices[i]; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", o->choices[i]);
    }
    return wrong(p, "-%s: \"%s\" is not one of %s", o->names[0], text, list);
}

/* Appends to a NULL-terminated list of strings that the parse owns. */
static bool append(clv_parsed *p, const char *const **list, const char *text)
{
    size_t n = 0;
    while (*list && (*list)[n])
        n++;
    const char **longer = malloc((n + 2) * sizeof *longer);
    if (!own(p, longer))
        return wrong(p, "Out of memory");
    if (n > 0)
        memcpy(longer, *list, n * sizeof *longer);
    longer[n] = text;
    longer[n + 1] = NULL;
    *list = longer; /* the shorter one is freed with the parse */
    return true;
}

static bool add_input(clv_parsed *p, const char *text)
{
    const char **longer = realloc(p->inputs, ((size_t)p->input_count + 2) * sizeof *longer);
    if (!longer)
        return wrong(p, "Out of memory");
    p->inputs = longer;
    p->inputs[p->input_count++] = strcmp(text, "-") == 0 ? "/vsistdin/" : text;
    p->inputs[p->input_count] = NULL;
    return true;
}

static bool set_dates(clv_parsed *p, const char *const **list, const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    if (!own(p, copy))
        return wrong(p, "Out of memory");
    strcpy(copy, text);
    for (char *part = copy; part;) {
        char *comma = strchr(part, ',');
        if (comma)
            *comma++ = '\0';
        if (!append(p, list, part))
            return false;
        part = comma;
    }
    return true;
}

static bool set_bands(clv_parsed *p, const clv_option *o, const char *text, const int **bands, int *count)
{
    for (const char *part = text; part;) {
        const char *comma = strchr(part, ',');
        char word[32];
        snprintf(word, sizeof word, "%.*s", comma ? (int)(comma - part) : (int)strlen(part), part);
        int band = 0;
        if (!integer_in_range(p, o, word, &band))
            return false;
        int *longer = malloc(((size_t)*count + 1) * sizeof *longer);
        if (!own(p, longer))
            return wrong(p, "Out of memory");
        if (*count > 0)
            memcpy(longer, *bands, (size_t)*count * sizeof *longer);
        longer[(*count)++] = band;
        *bands = longer;
        part = comma ? comma + 1 : NULL;
    }
    return true;
}

/* Appends to a list of numbers that the parse owns. */
static bool set_doubles(clv_parsed *p, const clv_option *o, const char *text, const double **list, int *count)
{
    for (const char *part = text; part;) {
        const char *comma = strchr(part, ',');
        char word[64];
        snprintf(word, sizeof word, "%.*s", comma ? (int)(comma - part) : (int)strlen(part), part);
        double value = NAN;
        if (strcmp(word, "auto") != 0 && !number_in_range(p, o, word, &value))
            return false;
        double *longer = malloc(((size_t)*count + 1) * sizeof *longer);
        if (!own(p, longer))
            return wrong(p, "Out of memory");
        if (*count > 0)
            memcpy(longer, *list, (size_t)*count * sizeof *longer);
        longer[(*count)++] = value;
        *list = longer; /* the shorter one is freed with the parse */
        part = comma ? comma + 1 : NULL;
    }
    return true;
}

static bool set_size(clv_parsed *p, const clv_option *o, const char *value, const char *second, int *width, int *height)
{
    char first[32];
    const size_t split = strcspn(value, "x,");
    if (!second) {
        if (!value[split] || split >= sizeof first)
            return wrong(p, "-%s needs two numbers, for example -%s 384 384", o->names[0], o->names[0]);
        memcpy(first, value, split);
        first[split] = '\0';
        second = value + split + 1;
        value = first;
    }
    return integer_in_range(p, o, value, width) && integer_in_range(p, o, second, height);
}

static bool set_resolution(clv_parsed *p, const clv_option *o, const char *value, const char *second, double *metres)
{
    if (o->choices && choice_of(o, value) >= 0) {
        *metres = 0;
        return true;
    }
    double other;
    if (!number_in_range(p, o, value, metres))
        return false;
    if (second && (!number_in_range(p, o, second, &other) || other != *metres))
        return p->error[0] ? false : wrong(p, "-%s: %s %s: pixels must be square", o->names[0], value, second);
    return true;
}

/* Four numbers with commas between them, or four words. */
static bool set_box(clv_parsed *p, const clv_option *o, const char *const words[4], int count, const double **out)
{
    double *values = malloc(4 * sizeof *values);
    if (!own(p, values))
        return wrong(p, "Out of memory");
    const char *part = words[0];
    for (int i = 0; i < 4; i++) {
        char word[64];
        const char *comma = count == 1 && part ? strchr(part, ',') : NULL;
        const char *text = count == 4 ? words[i] : part;
        if (!text || (count == 1 && (i < 3) != (comma != NULL)))
            return wrong(p, "-%s needs four numbers: -%s %s", o->names[0], o->names[0], o->argument);
        snprintf(word, sizeof word, "%.*s", comma ? (int)(comma - part) : (int)strlen(text), text);
        if (!number_in_range(p, o, word, &values[i]))
            return false;
        part = comma ? comma + 1 : NULL;
    }
    *out = values;
    return true;
}

static bool set_string(clv_parsed *p, const clv_option *o, const char *value, const char **out)
{
    if (o->choices && !o->open_choices) {
        const int choice = choice_of(o, value);
        if (choice < 0)
            return wrong_choice(p, o, value);
        value = o->choices[choice];
    }
    /* As for other programs, "-" as output is the standard output. */
    if (o->file && o->section == CLV_SECTION_OUTPUT && strcmp(value, "-") == 0)
        value = "/vsistdout/";
    if (*value == '\0')
        return wrong(p, "-%s: the value is empty", o->names[0]);
    *out = value;
    return true;
}

static bool set_dilation(clv_parsed *p, const clv_option *o, const char *value, int *pixels, double *metres)
{
    const clv_dilation_error mistake = clv_dilation_parse(value, pixels, metres);
    return mistake == CLV_DILATION_GOOD ||
           wrong(p, "-%s: \"%s\" %s", o->names[0], value, clv_dilation_mistake(mistake));
}

static bool set_device(clv_parsed *p, const clv_option *o, const char *value, clv_device *device, int *index)
{
    const char *digits = EQUALN(value, "cuda:", 5) ? value + 5 : NULL;
    if (*value == '\0')
        return wrong(p, "-%s: the value is empty", o->names[0]);
    int choice = choice_of(o, value);
    if (digits && *digits && strspn(digits, "0123456789") == strlen(digits) && strlen(digits) < 5)
        choice = CLV_DEVICE_CUDA;
    if (choice < 0)
        return wrong(p, "-%s: \"%s\" is not one of auto, cpu, cuda, cuda:N", o->names[0], value);
    *device = (clv_device)choice;
    *index = digits ? (int)strtol(digits, NULL, 10) : 0;
    return true;
}

bool clv_parse_set(clv_parsed *p, const clv_command *command, const clv_option *o, const char *value,
                   const char *second)
{
    void *at = member(p, command, o, o->offset), *at2 = member(p, command, o, o->offset2);
    switch (o->kind) {
    case CLV_OPTION_FLAG:
    case CLV_OPTION_UNFLAG:
        *(bool *)at = o->kind == CLV_OPTION_FLAG;
        return true;
    case CLV_OPTION_STRING:
        return set_string(p, o, value, at);
    case CLV_OPTION_STRINGS:
        return append(p, at, value);
    case CLV_OPTION_INPUT:
        return add_input(p, value);
    case CLV_OPTION_DATES:
        return set_dates(p, at, value);
    case CLV_OPTION_INT:
        return integer_in_range(p, o, value, at);
    case CLV_OPTION_DILATION:
        return set_dilation(p, o, value, at, at2);
    case CLV_OPTION_UINT64:
        return set_uint64(p, o, value, at);
    case CLV_OPTION_DOUBLE:
        return number_in_range(p, o, value, at);
    case CLV_OPTION_DOUBLES:
        return set_doubles(p, o, value, at, at2);
    case CLV_OPTION_BANDS:
        return set_bands(p, o, value, at, at2);
    case CLV_OPTION_DEVICE:
        return set_device(p, o, value, at, at2);
    case CLV_OPTION_SIZE:
        return set_size(p, o, value, second, at, at2);
    case CLV_OPTION_RESOLUTION:
        return set_resolution(p, o, value, second, at);
    case CLV_OPTION_BOX:
        return set_box(p, o, (const char *const[4]){value}, 1, at);
    case CLV_OPTION_ENUM: {
        const int choice = choice_of(o, value);
        if (choice < 0)
            return wrong_choice(p, o, value);
        /* All enums of the public header count from 0 and have int's size. */
        memcpy(at, &choice, sizeof choice);
        return true;
    }
    }
    return false;
}

/* ---- Words ------------------------------------------------------------------------------------- */

static bool unknown(clv_parsed *p, const clv_command *command, const char *word, const char *name)
{
    p->unknown_option = true;
    const clv_option *elsewhere = clv_option_find(~0u, name);
    const char *near = clv_option_suggest(command->id, name);
    const bool ours = near && clv_option_find(command->id, near) != NULL;
    if (near)
        return wrong(p, "Unknown option %s. Did you mean %s%s?", word, ours ? "-" : "--", near);
    for (int i = 0; elsewhere && clv_commands()[i]; i++)
        if (elsewhere->commands & (unsigned)clv_commands()[i]->id)
            return wrong(p, "Unknown option %s: it belongs to \"clearvision %s\"", word, clv_commands()[i]->name);
    return wrong(p, "Unknown option %s. \"clearvision %s --help\" lists the options", word, command->name);
}

static bool takes_value(const clv_option *o)
{
    return o->kind != CLV_OPTION_FLAG && o->kind != CLV_OPTION_UNFLAG;
}

/* Whether a word is one of the command's options (and so is not meant as the value of the one before). */
static bool is_option(const clv_command *command, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    const char *name = word + 1 + (word[1] == '-');
    char head[64];
    const size_t length = strcspn(name, "=");
    if (length >= sizeof head)
        return false;
    memcpy(head, name, length);
    head[length] = '\0';
    return *name == '\0' || clv_option_find(command->id, head) != NULL;
}

static bool is_number(const char *word)
{
    double value;
    return clv_parse_number(word, &value);
}

/* One option at words[*i]; *i moves to its last word. */
static bool parse_option(clv_parsed *p, const clv_command *command, const char *const *words, int count, int *i)
{
    const char *word = words[*i], *name = word + 1 + (word[1] == '-');
    char head[64];
    const size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL, *second = NULL;
    snprintf(head, sizeof head, "%.*s", (int)length, name);
    const clv_option *o = length < sizeof head ? clv_option_find(command->id, head) : NULL;
    if (!o)
        return unknown(p, command, word, head);
    if (!takes_value(o))
        return value ? wrong(p, "-%s takes no value", o->names[0]) : clv_parse_set(p, command, o, NULL, NULL);
    if (!value) {
        if (*i + 1 >= count || (is_option(command, words[*i + 1]) && !is_number(words[*i + 1])))
            return wrong(p, "%s needs a value: %s %s", word, word, o->argument);
        value = words[++*i];
        if (o->kind == CLV_OPTION_BOX && is_number(value)) {
            const char *four[4] = {value};
            for (int k = 1; k < 4; k++) {
                if (*i + 1 >= count || !is_number(words[*i + 1]))
                    return wrong(p, "-%s needs four numbers: -%s %s", o->names[0], o->names[0], o->argument);
                four[k] = words[++*i];
            }
            return set_box(p, o, four, 4, member(p, command, o, o->offset));
        }
        const bool pair = o->kind == CLV_OPTION_SIZE ? value[strcspn(value, "x,")] == '\0'
                                                     : o->kind == CLV_OPTION_RESOLUTION && is_number(value);
        if (pair && *i + 1 < count && is_number(words[*i + 1]))
            second = words[++*i];
    }
    return clv_parse_set(p, command, o, value, second);
}

/* One number is for all dates. */
static void take_single(double *value, const double **list, int *count)
{
    if (*count != 1)
        return;
    *value = (*list)[0];
    *list = NULL;
    *count = 0;
}

static bool finish(clv_parsed *p, const clv_command *command)
{
    if (command->sections[CLV_SECTION_INPUT] != CLV_NO_SECTION) {
        clv_input_options *in = (void *)((char *)p->options + command->sections[CLV_SECTION_INPUT]);
        take_single(&in->in_scale, &in->in_scales, &in->in_scale_count);
        take_single(&in->in_offset, &in->in_offsets, &in->in_offset_count);
        if (in->band_count != 0 && in->band_count != 3 && in->band_count != 4)
            return wrong(p, "-b names %d band%s; give red, green and blue, and NIR if there is one: -b 3,2,1,4",
                         in->band_count, in->band_count == 1 ? "" : "s");
    }
    if (command->takes_inputs && !command->inputs_optional && p->input_count == 0)
        return wrong(p, "No input given. Usage: clearvision %s %s", command->name, command->usage);
    if (!command->takes_inputs && p->input_count > 0)
        return wrong(p, "\"clearvision %s\" takes no input, but \"%s\" was given", command->name, p->inputs[0]);
    if (command->needs_output) {
        const clv_output_options *out =
            (const void *)((const char *)p->options + command->sections[CLV_SECTION_OUTPUT]);
        if (!out->path)
            return wrong(p, "No output given. Say where to with -o");
    }
    return true;
}

bool clv_parse(const clv_command *command, const char *const *words, int count, clv_parsed *p)
{
    memset(p, 0, sizeof *p);
    p->options = calloc(1, command->options_size);
    if (!p->options)
        return wrong(p, "Out of memory");
    command->init(p->options);
    bool options = true;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        bool fine;
        if (options && strcmp(word, "--") == 0) {
            options = false;
            continue;
        }
        if (options && word[0] == '-' && word[1] != '\0')
            fine = parse_option(p, command, words, count, &i);
        else if (word[0] == '\0')
            fine = wrong(p, "An input's name is empty");
        else
            fine = add_input(p, word);
        if (!fine)
            return false;
    }
    return finish(p, command);
}

void clv_parse_free(clv_parsed *p)
{
    for (int i = 0; i < p->owned_count; i++)
        free(p->owned[i]);
    free(p->owned);
    free(p->inputs);
    free(p->options);
    memset(p, 0, sizeof *p);
}
