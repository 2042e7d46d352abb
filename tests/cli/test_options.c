/* SPDX-License-Identifier: MIT
 *
 * The option table and the parser: the table is sound, what help calls a default is one, every spelling sets the
 * member it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/parse.h"

#define WORDS(...)                                                                                                     \
    (const char *const[]){__VA_ARGS__}, (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool numeric(const clv_option *o)
{
    return o->kind == CLV_OPTION_INT || o->kind == CLV_OPTION_DOUBLE || o->kind == CLV_OPTION_UINT64 ||
           o->kind == CLV_OPTION_SIZE || o->kind == CLV_OPTION_RESOLUTION || o->kind == CLV_OPTION_DILATION ||
           o->kind == CLV_OPTION_ENUM;
}

static void table_is_sound(void **state)
{
    (void)state;
    int count;
    const clv_option *table = clv_option_table(&count);
    for (int i = 0; i < count; i++) {
        const clv_option *o = &table[i];
        assert_non_null(o->names[0]);
        assert_non_null(o->help);
        assert_int_equal(o->help[strlen(o->help) - 1], o->choice_texts ? ':' : '.');
        const bool flag = o->kind == CLV_OPTION_FLAG || o->kind == CLV_OPTION_UNFLAG;
        assert_int_equal(flag, o->argument == NULL);
        assert_true(o->min <= o->max);
        for (int c = 0; clv_commands()[c]; c++) {
            const clv_command *command = clv_commands()[c];
            if (!(o->commands & (unsigned)command->id))
                continue;
            if (o->section != CLV_SECTION_CLI) {
                assert_true(command->sections[o->section] != CLV_NO_SECTION);
                assert_true(command->sections[o->section] + o->offset < command->options_size);
            }
            for (int n = 0; n < CLV_OPTION_NAMES && o->names[n]; n++) {
                assert_ptr_equal(clv_option_find((unsigned)command->id, o->names[n]), o); /* no name twice */
                char word[64];
                snprintf(word, sizeof word, "--%s", o->names[n]);
                /* GDAL would take the word before us; --format is handed over by main. */
                if (strcmp(o->names[n], "format") != 0)
                    assert_int_equal(clv_general_option_words(word), -1);
            }
        }
    }
}

/* A default that help states and that reads as a value leaves a fresh struct as it is. */
static void defaults_of_help_are_those_of_the_library(void **state)
{
    (void)state;
    int count, compared = 0;
    const clv_option *table = clv_option_table(&count);
    for (int c = 0; clv_commands()[c]; c++)
        for (int i = 0; i < count; i++) {
            const clv_command *command = clv_commands()[c];
            const clv_option *o = &table[i];
            if (!(o->commands & (unsigned)command->id) || !numeric(o) || !o->default_text)
                continue;
            if (strncmp(o->default_text, "from", 4) == 0) /* words, no value */
                continue;
            clv_parsed p = {0};
            void *fresh = calloc(1, command->options_size);
            p.options = calloc(1, command->options_size);
            assert_true(fresh && p.options);
            command->init(fresh);
            command->init(p.options);
            char first[64], *second;
            snprintf(first, sizeof first, "%s", o->default_text);
            second = strchr(first, ' ');
            if (second)
                *second++ = '\0';
            if (!clv_parse_set(&p, command, o, first, second))
                fail_msg("-%s: the default \"%s\" does not read: %s", o->names[0], o->default_text, p.error);
            if (memcmp(fresh, p.options, command->options_size) != 0)
                fail_msg("%s -%s: the default is not %s", command->name, o->names[0], o->default_text);
            clv_parse_free(&p);
            free(fresh);
            compared++;
        }
    assert_true(compared >= 15);
}

static void every_spelling_sets_the_member(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"-of", "COG"}, {"--of", "COG"}, {"-output-format", "COG"}, {"--output_format", "COG"}, {"-f", "COG"}};
    clv_parsed p;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char joined[64];
        assert_true(clv_parse(&clv_command_remove, WORDS("a.tif", "-o", "out", forms[i][0], forms[i][1]), &p));
        assert_string_equal(((clv_remove_options *)p.options)->output.format, "COG");
        clv_parse_free(&p);
        snprintf(joined, sizeof joined, "%s=COG", forms[i][0]);
        assert_true(clv_parse(&clv_command_remove, WORDS("-o=out", joined, "a.tif"), &p));
        assert_string_equal(((clv_remove_options *)p.options)->output.format, "COG");
        assert_string_equal(((clv_remove_options *)p.options)->output.path, "out");
        assert_int_equal(p.input_count, 1);
        clv_parse_free(&p);
    }
}

static void lists_keep_their_order(void **state)
{
    (void)state;
    clv_parsed p;
    assert_true(clv_parse(&clv_command_remove,
                          WORDS("a", "-co", "X=1", "b", "--co=Y=2,3", "-mask", "m1", "-mask=m2", "-date",
                                "2020-01-01,2020-01-02", "-date", "2020-01-03", "-b", "3", "-b", "2,1", "-o", "out"),
                          &p));
    const clv_remove_options *o = p.options;
    assert_string_equal(o->output.creation[0], "X=1");
    assert_string_equal(o->output.creation[1], "Y=2,3");
    assert_null(o->output.creation[2]);
    assert_string_equal(o->input.masks[1], "m2");
    assert_null(o->input.masks[2]);
    assert_string_equal(o->input.dates[1], "2020-01-02");
    assert_string_equal(o->input.dates[2], "2020-01-03");
    assert_null(o->input.dates[3]);
    assert_int_equal(o->input.band_count, 3);
    assert_int_equal(o->input.bands[0], 3);
    assert_int_equal(o->input.bands[2], 1);
    assert_int_equal(p.input_count, 2);
    assert_string_equal(p.inputs[1], "b");
    assert_null(p.inputs[2]);
    clv_parse_free(&p);
}

static void values_of_all_kinds(void **state)
{
    (void)state;
    clv_parsed p;
    assert_true(clv_parse(&clv_command_simulate,
                          WORDS("-o", "-", "-size", "64", "48", "-seed", "18446744073709551615", "-no_nir", "-clouds",
                                ".25", "-tr", "10", "10", "-q"),
                          &p));
    const clv_simulate_options *s = p.options;
    assert_string_equal(s->output.path, "/vsistdout/");
    assert_int_equal(s->width, 64);
    assert_int_equal(s->height, 48);
    assert_true(s->seed == UINT64_MAX);
    assert_false(s->nir);
    assert_true(s->cloud_share == 0.25);
    assert_true(s->pixel_size == 10);
    assert_true(p.cli.quiet);
    clv_parse_free(&p);
    assert_true(clv_parse(&clv_command_simulate, WORDS("-o", "x", "--size=32x16", "-seed=7"), &p));
    s = p.options;
    assert_int_equal(s->width, 32);
    assert_int_equal(s->height, 16);
    clv_parse_free(&p);
    assert_true(clv_parse(&clv_command_remove,
                          WORDS("-", "-o", "x", "-method", "Linear", "-in_scale", "1/10000", "-in_offset", "-0.1",
                                "-tr", "input", "-r", "CUBIC", "-mask_mode=replace"),
                          &p));
    const clv_remove_options *r = p.options;
    assert_string_equal(p.inputs[0], "/vsistdin/");
    assert_int_equal(r->method, CLV_METHOD_LINEAR);
    assert_true(r->input.in_scale == 1e-4);
    assert_true(r->input.in_offset == -0.1);
    assert_true(r->input.tr == 0);
    assert_int_equal(r->input.resampling, CLV_RESAMPLING_CUBIC);
    assert_int_equal(r->input.mask_mode, CLV_MASK_REPLACE);
    clv_parse_free(&p);
}

static void files_that_look_like_options(void **state)
{
    (void)state;
    clv_parsed p;
    assert_true(clv_parse(&clv_command_info, WORDS("-q", "--", "-x.tif", "--json"), &p));
    assert_int_equal(p.input_count, 2);
    assert_string_equal(p.inputs[0], "-x.tif");
    assert_string_equal(p.inputs[1], "--json");
    assert_false(p.cli.json);
    clv_parse_free(&p);
    /* A file that is called like a number is not taken by -tr, which has its number already. */
    assert_true(clv_parse(&clv_command_info, WORDS("-tr", "20", "./20"), &p));
    assert_int_equal(p.input_count, 1);
    clv_parse_free(&p);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *words[4], *error;
    } cases[] = {
        {{"-threshold", "nan", "a", "-o=x"}, "not a number"},
        {{"-threshold", "inf", "a", "-o=x"}, "not a number"},
        {{"-threshold", "0x1p-1", "a", "-o=x"}, "not a number"},
        {{"-threshold", "1/0", "a", "-o=x"}, "not a number"},
        {{"-threshold", "", "a", "-o=x"}, "not a number"},
        {{"-dilate", "99999999999", "a", "-o=x"}, "out of range"},
        {{"-dilate", "1e1", "a", "-o=x"}, "not a whole number"},
        {{"-dilate", "65", "a", "-o=x"}, "out of range"},
        {{"-dilate", "-40m", "a", "-o=x"}, "out of range"},
        {{"-dilate", "40km", "a", "-o=x"}, "not a number"},
        {{"-dilate", "infm", "a", "-o=x"}, "not a number"},
        {{"-dilate", "m", "a", "-o=x"}, "not a number"},
        {{"-b", "1,2,3,4,5", "a", "-o=x"}, "names 5 bands"},
        {{"-b", "1,,2", "a", "-o=x"}, "not a number"},
        {{"-b", "0,1,2", "a", "-o=x"}, "out of range"},
        {{"-device", "", "a", "-o=x"}, "empty"},
        {{"-precision", "fp8", "a", "-o=x"}, "not one of"},
        {{"-tr", "0", "a", "-o=x"}, "out of range"},
        {{"-trheshold", "1", "a", "-o=x"}, "Did you mean -threshold"},
        {{"-co", "-q", "a", "-o=x"}, "needs a value"},
        {{"a", "b", "-o=x", "-mask"}, "needs a value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clv_parsed p;
        if (clv_parse(&clv_command_remove, cases[i].words, 4, &p))
            fail_msg("%s %s was taken", cases[i].words[0], cases[i].words[1]);
        if (!strstr(p.error, cases[i].error))
            fail_msg("%s %s: \"%s\" does not say \"%s\"", cases[i].words[0], cases[i].words[1], p.error,
                     cases[i].error);
        clv_parse_free(&p);
    }
}

static void numbers_need_no_locale(void **state)
{
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", NULL};
    double value;
    for (int i = 0; comma[i]; i++)
        if (setlocale(LC_ALL, comma[i]))
            break;
    assert_true(clv_parse_number("0.5", &value) && value == 0.5);
    assert_true(clv_parse_number("-1.25e-3", &value) && value == -1.25e-3);
    assert_true(clv_parse_number("1/4", &value) && value == 0.25);
    assert_false(clv_parse_number("0,5", &value));
    assert_false(clv_parse_number("1 ", &value));
    assert_false(clv_parse_number("1/2/3", &value));
    setlocale(LC_ALL, "C");
}

static void long_words_do_no_harm(void **state)
{
    (void)state;
    char word[5000];
    clv_parsed p;
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    word[0] = '-';
    assert_false(clv_parse(&clv_command_info, WORDS(word), &p));
    assert_true(p.unknown_option);
    assert_true(strlen(p.error) < sizeof p.error);
    clv_parse_free(&p);
    word[1] = 'b';
    word[2] = '=';
    assert_false(clv_parse(&clv_command_info, WORDS(word), &p));
    clv_parse_free(&p);
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(clv_edit_distance("", ""), 0);
    assert_int_equal(clv_edit_distance("abc", ""), 3);
    assert_int_equal(clv_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(clv_edit_distance("recieve", "receive"), 1); /* swapped neighbours */
    assert_int_equal(clv_edit_distance("mask-mode", "mask_mode"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(defaults_of_help_are_those_of_the_library),
        cmocka_unit_test(every_spelling_sets_the_member),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(values_of_all_kinds),
        cmocka_unit_test(files_that_look_like_options),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(numbers_need_no_locale),
        cmocka_unit_test(long_words_do_no_harm),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
