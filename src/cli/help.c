/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <gdal.h>

#include <string.h>

enum { LEFT = 24, RIGHT = 80 };

/* Prints text wrapped between two columns; the cursor is at column `at`. */
static void wrap(FILE *out, const char *text, int at, int left)
{
    if (at > 0 && at >= left) {
        fputc('\n', out);
        at = 0;
    }
    fprintf(out, "%*s", left - at, "");
    at = left;
    while (*text) {
        const int word = (int)strcspn(text, " ");
        if (at > left && at + 1 + word > RIGHT) {
            fprintf(out, "\n%*s", left, "");
            at = left;
        } else if (at > left) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", word, text);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static const char *dashes(const clv_option *o, int name)
{
    /* cppcheck-suppress arrayIndexOutOfBoundsCond ; callers end at CLV_OPTION_NAMES */
    return name > 0 && strlen(o->names[name]) > 1 ? "--" : "-";
}

static void option_text(const clv_option *o, char *text, size_t size)
{
    snprintf(text, size, "%s", o->help);
    size_t used = strlen(text);
    for (int i = 0; o->choice_texts && o->choices[i]; i++)
        used += (size_t)snprintf(text + used, size - used, "%s %s (%s)%s", i ? "," : "", o->choices[i],
                                 o->choice_texts[i], o->choices[i + 1] ? "" : ".");
    if (o->choices && !o->choice_texts && !o->open_choices && o->kind != CLV_OPTION_RESOLUTION &&
        !strstr(o->help, o->choices[1])) {
        used += (size_t)snprintf(text + used, size - used, " One of");
        for (int i = 0; o->choices[i]; i++)
            used += (size_t)snprintf(text + used, size - used, "%s %s", i ? "," : "", o->choices[i]);
        used += (size_t)snprintf(text + used, size - used, ".");
    }
    if (o->default_text)
        snprintf(text + used, size - used, " Default: %s.", o->default_text);
}

static void help_option(FILE *out, const clv_option *o)
{
    char text[900];
    int at = fprintf(out, "  ");
    for (int n = 0; n < CLV_OPTION_NAMES && o->names[n]; n++)
        at += fprintf(out, "%s%s%s", n ? ", " : "", dashes(o, n), o->names[n]);
    if (o->argument)
        at += fprintf(out, " %s", o->argument);
    option_text(o, text, sizeof text);
    wrap(out, text, at + 1, LEFT);
}

static void help_general(FILE *out)
{
    int count;
    const clv_general_option *g = clv_general_options(&count);
    for (int i = 0; i < count; i++) {
        int at = fprintf(out, "  --%s", g[i].name);
        if (g[i].argument)
            at += fprintf(out, " %s", g[i].argument);
        wrap(out, g[i].help, at + 1, LEFT);
    }
}

static bool any_option(const clv_command *command, bool advanced)
{
    int count;
    const clv_option *o = clv_option_table(&count);
    for (int i = 0; i < count; i++)
        if ((o[i].commands & (unsigned)command->id) && o[i].advanced == advanced)
            return true;
    return false;
}

void clv_help_command(FILE *out, const clv_command *command)
{
    static const char *const titles[] = {"Options", "Further options"};
    int count;
    const clv_option *o = clv_option_table(&count);
    fprintf(out, "Usage: clearvision %s %s [OPTIONS]\n\n", command->name, command->usage);
    wrap(out, command->about, 0, 0);
    if (command->sections[CLV_SECTION_INPUT] != CLV_NO_SECTION) {
        fputc('\n', out);
        wrap(out,
             "INPUT is anything GDAL opens (one raster per date, or one with all dates as bands), an "
             "EarthNet2021 .npz cube, a GreenEarthNet .nc minicube, or a text file that names inputs, one a line.",
             0, 0);
    }
    for (int group = 0; group < 2; group++) {
        if (!any_option(command, group))
            continue;
        fprintf(out, "\n%s:\n", titles[group]);
        for (int i = 0; i < count; i++)
            if ((o[i].commands & (unsigned)command->id) && o[i].advanced == group)
                help_option(out, &o[i]);
    }
    fprintf(out, "\nEvery option works with one or two dashes, and its value after a space or after \"=\".\n"
                 "General options (--config, --debug, ...): clearvision --help. Manual: man clearvision-");
    for (const char *c = command->name; *c; c++)
        fputc(*c == ' ' ? '-' : *c, out);
    fputc('\n', out);
}

static void list_command(FILE *out, const clv_command *command)
{
    wrap(out, command->summary, fprintf(out, "  %s", command->name), 22);
}

void clv_help_group(FILE *out, const char *group)
{
    const size_t n = strlen(group);
    fprintf(out, "Usage: clearvision %s COMMAND [ARGUMENTS]\n\nCommands:\n", group);
    for (int i = 0; clv_commands()[i]; i++)
        if (strncmp(clv_commands()[i]->name, group, n) == 0 && clv_commands()[i]->name[n] == ' ')
            list_command(out, clv_commands()[i]);
    fprintf(out, "\nOptions of each: clearvision %s COMMAND --help\n", group);
}

void clv_help_program(FILE *out)
{
    fputs("Usage: clearvision COMMAND [ARGUMENTS]\n\nCloud-free Sentinel-2 time series.\n\nCommands:\n", out);
    for (int i = 0; clv_commands()[i]; i++)
        list_command(out, clv_commands()[i]);
    wrap(out, "Options of a command, the same as COMMAND --help", fprintf(out, "  help COMMAND"), 22);
    wrap(out, "Command-line completion for the shell", fprintf(out, "  completion bash"), 22);
    fputs("\nGeneral options, before or after the command:\n", out);
    help_general(out);
    fputs("\nExamples:\n"
          "  clearvision info 2022/*.tif\n"
          "  clearvision remove 2022/*.tif -o clear\n"
          "  clearvision remove 2022/*.tif -o clear -of COG -quality\n",
          out);
}

void clv_help_version(FILE *out)
{
    fprintf(out, "clearvision %s, %s\n", clv_version(), GDALVersionInfo("--version"));
}

/* ---- roff -------------------------------------------------------------------------------------- */

static void roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

static void man_option(FILE *out, const clv_option *o)
{
    char text[900];
    fputs(".TP\n", out);
    for (int n = 0; n < CLV_OPTION_NAMES && o->names[n]; n++) {
        fputs(n ? ", \\fB" : "\\fB", out);
        roff(out, dashes(o, n));
        roff(out, o->names[n]);
        fputs("\\fR", out);
    }
    if (o->argument) {
        fputs(" \\fI", out);
        roff(out, o->argument);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    option_text(o, text, sizeof text);
    roff(out, text);
    fputc('\n', out);
}

static void man_general(FILE *out)
{
    int count;
    const clv_general_option *g = clv_general_options(&count);
    fputs(".SH GENERAL OPTIONS\n", out);
    for (int i = 0; i < count; i++) {
        fputs(".TP\n\\fB\\-\\-", out);
        roff(out, g[i].name);
        fputs("\\fR", out);
        if (g[i].argument) {
            fputs(" \\fI", out);
            roff(out, g[i].argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        roff(out, g[i].help);
        fputc('\n', out);
    }
}

static void man_commands(FILE *out)
{
    fputs(".SH COMMANDS\n", out);
    for (int i = 0; clv_commands()[i]; i++) {
        fputs(".TP\n\\fB", out);
        roff(out, clv_commands()[i]->name);
        fputs("\\fR ", out);
        roff(out, clv_commands()[i]->usage);
        fputc('\n', out);
        roff(out, clv_commands()[i]->summary);
        fputs(".\n", out);
    }
    fputs(".TP\n\\fBhelp\\fR [\\fICOMMAND\\fR]\nOptions of a command, the same as \\fICOMMAND\\fR \\fB\\-\\-help\\fR.\n"
          ".TP\n\\fBcompletion bash\\fR\nPrint a completion script for the shell.\n",
          out);
}

void clv_help_man_methods(FILE *out, const clv_command *command)
{
    int count;
    const clv_option *o = clv_option_table(&count);
    for (int i = 0; i < count; i++)
        for (int k = 0; (o[i].commands & (unsigned)command->id) && o[i].choice_manuals && o[i].choices[k]; k++) {
            fputs(".TP\n\\fB", out);
            roff(out, o[i].choices[k]);
            fputs("\\fR\n", out);
            roff(out, o[i].choice_manuals[k]);
            fputc('\n', out);
        }
}

void clv_help_man(FILE *out, const clv_command *command)
{
    static const char *const titles[] = {".SH OPTIONS\n", ".SS Further options\n"};
    int count;
    const clv_option *o = clv_option_table(&count);
    if (!command) {
        man_commands(out);
        man_general(out);
        return;
    }
    for (int group = 0; group < 2; group++) {
        if (!any_option(command, group))
            continue;
        fputs(titles[group], out);
        for (int i = 0; i < count; i++)
            if ((o[i].commands & (unsigned)command->id) && o[i].advanced == group)
                man_option(out, &o[i]);
    }
}
