/* SPDX-License-Identifier: MIT
 *
 * clearvision: the program. Order of business, as in GDAL's own programs: help and version at once, without
 * registering any driver; --config and --debug before the drivers are registered; GDAL's general options; the
 * command's options; the call.
 *
 * Exit status: 0 done, 1 any failure; a signal that stopped the run ends the process (130, 143, 129 for a shell).
 */
#include <gdal.h>
#include <cpl_conv.h>
#include <cpl_string.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/faults.h"
#include "cli/help.h"
#include "cli/limits.h"
#include "cli/parse.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/table_json.h"

#define BLOCK_CACHE_BYTES ((GIntBig)320 * 1000 * 1000)

/* A closed standard stream would hand its number to the next file that is opened, and text would end up in that file.
 * Opened for the wrong direction, the stream fails as a closed one should. */
static void keep_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* ---- Words before anything else ------------------------------------------------------------------ */

/* The words up to "--" that are no options and no values of general options: the command's name comes first. */
static int plain_words(int argc, char **argv, const char **plain, int room)
{
    int n = 0;
    for (int i = 1; i < argc && n < room; i++) {
        if (strcmp(argv[i], "--") == 0)
            break;
        const int words = clv_general_option_words(argv[i]);
        if (words > 0)
            i += words;
        else if (argv[i][0] != '-')
            plain[n++] = argv[i];
    }
    return n;
}

static bool has_word(int argc, char **argv, const char *const *words)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        for (int w = 0; words[w]; w++)
            if (strcmp(argv[i], words[w]) == 0)
                return true;
    return false;
}

static int finish(int code)
{
    return clv_report_flush() ? code : 1;
}

static int unknown_command(const char *word)
{
    char text[600], names[200];
    clv_command_words(NULL, ", ", names, sizeof names);
    const char *near = clv_command_suggest(word);
    if (near)
        snprintf(text, sizeof text, "Unknown command \"%s\". Did you mean %s?", word, near);
    else if (access(word, F_OK) == 0)
        snprintf(text, sizeof text, "\"%s\" is not a command. Did you mean: clearvision info %s?", word, word);
    else
        snprintf(text, sizeof text, "Unknown command \"%s\". Commands: %s, help, completion", word, names);
    clv_report_usage(false, text);
    return 1;
}

/* Parts of man pages, for man/update.sh. `words`: the command's, none for the program. */
static int show_man(const char *const *words, int count, bool methods)
{
    int used;
    const clv_command *command = clv_command_find(words, count, &used);
    if (!command && count > 0)
        return unknown_command(words[0]);
    if (!methods)
        clv_help_man(stdout, command);
    else if (command)
        clv_help_man_methods(stdout, command);
    return finish(0);
}

/* `words`: what follows "help" or, with --help, the command itself. */
static int show_help(const char *const *words, int count)
{
    int used;
    const clv_command *command = clv_command_find(words, count, &used);
    char members[200] = "";
    if (!command && count > 0)
        clv_command_words(words[0], " ", members, sizeof members);
    if (members[0])
        clv_help_group(stdout, words[0]);
    else if (command)
        clv_help_command(stdout, command);
    else if (count > 0 && strcmp(words[0], "help") != 0 && strcmp(words[0], "completion") != 0)
        return unknown_command(words[0]);
    else
        clv_help_program(stdout);
    return finish(0);
}

static int show_completion(const char *const *words, int count)
{
    if (count == 1 && strcmp(words[0], "bash") == 0) {
        clv_completion_bash(stdout);
        return finish(0);
    }
    clv_report_usage(false, "Say for which shell: clearvision completion bash");
    return 1;
}

/* Everything that needs no driver. Returns the exit status, or -1 when there is more to do. */
static int quick_answer(int argc, char **argv)
{
    static const char *const help[] = {"--help", "-help", "-h", NULL};
    static const char *const version[] = {"--version", "-version", NULL};
    static const char *const man[] = {"--man", NULL}, *const methods[] = {"--man-methods", NULL};
    static const char *const table[] = {"--table", NULL};
    const char *plain[8];
    const int count = plain_words(argc, argv, plain, 8);
    if (argc < 2) {
        clv_help_program(stderr);
        return 1;
    }
    if (has_word(argc, argv, version)) {
        clv_help_version(stdout);
        return finish(0);
    }
    if (count > 0 && strcmp(plain[0], "help") == 0 && (has_word(argc, argv, man) || has_word(argc, argv, methods)))
        return show_man(plain + 1, count - 1, has_word(argc, argv, methods));
    if (count > 0 && strcmp(plain[0], "help") == 0 && has_word(argc, argv, table))
        return finish(clv_table_json(stdout) ? 0 : 1); /* for src/qgis/update.py */
    if (count > 0 && strcmp(plain[0], "help") == 0)
        return show_help(plain + 1, count - 1);
    if (has_word(argc, argv, help))
        return show_help(plain, count);
    if (count > 0 && strcmp(plain[0], "completion") == 0)
        return show_completion(plain + 1, count - 1);
    return -1;
}

/* ---- GDAL's general options ---------------------------------------------------------------------- */

/* Configuration that matters while drivers are registered. GDAL reads the same words again later. */
static void early_configuration(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (EQUAL(argv[i], "--config") && i + 2 < argc)
            CPLSetConfigOption(argv[i + 1], argv[i + 2]);
        else if (EQUAL(argv[i], "--debug") && i + 1 < argc)
            CPLSetConfigOption("CPL_DEBUG", argv[i + 1]);
    }
    /* A series can be a VRT with hundreds of sources. */
    if (!CPLGetConfigOption("GDAL_MAX_DATASET_POOL_SIZE", NULL))
        CPLSetConfigOption("GDAL_MAX_DATASET_POOL_SIZE", "450");
    /* GDAL 3.6 does not try several ranges asked for at once again, only one by one. */
    if (CPLGetConfigOption("GDAL_HTTP_MAX_RETRY", NULL) && !CPLGetConfigOption("GDAL_HTTP_MULTIRANGE", NULL))
        CPLSetConfigOption("GDAL_HTTP_MULTIRANGE", "SERIAL");
}

/* Lets GDAL take its words out of the command line. What stands behind "--" is kept from it, and so is --format
 * behind a command, where it is our -of. Returns the remaining words without the program's name, NULL to exit with
 * *code. */
static char **general_options(int argc, char **argv, int *code)
{
    char **words = CSLAddString(NULL, argv[0]), **rest = NULL;
    bool command = false;
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        const bool format = command && strcmp(argv[i], "--format") == 0;
        const int more = format ? 0 : clv_general_option_words(argv[i]);
        command = command || argv[i][0] != '-';
        words = CSLAddString(words, format ? "-format" : argv[i++]);
        i += format;
        for (int n = 0; n < more && i < argc; n++)
            words = CSLAddString(words, argv[i++]);
    }
    char **left = words; /* becomes a list of its own, unless GDAL says that all is done */
    const int count = GDALGeneralCmdLineProcessor(CSLCount(words), &left, GDAL_OF_RASTER);
    *code = count < 0 ? 1 : 0;
    if (count > 0) {
        rest = CSLDuplicate(left + 1);
        for (; i < argc; i++)
            rest = CSLAddString(rest, argv[i]);
        if (!rest)
            rest = CPLCalloc(1, sizeof *rest);
    }
    if (left != words)
        CSLDestroy(left);
    CSLDestroy(words);
    return rest;
}

/* ---- The call ------------------------------------------------------------------------------------ */

static bool to_stdout(const clv_command *command, const clv_parsed *parsed)
{
    if (command->sections[CLV_SECTION_OUTPUT] == CLV_NO_SECTION)
        return false;
    const clv_output_options *out =
        (const void *)((const char *)parsed->options + command->sections[CLV_SECTION_OUTPUT]);
    return out->path && STARTS_WITH(out->path, "/vsistdout");
}

static int run(const clv_command *command, const clv_parsed *parsed)
{
    int code = 1;
    char *json = NULL;
    const bool data = to_stdout(command, parsed);
    clv_context *ctx = clv_context_new();
    if (!ctx) {
        clv_report_failure(CLV_ERROR_MEMORY, "Out of memory");
        return 1;
    }
    if (data && parsed->cli.json) {
        clv_report_usage(false, "-json and an output to standard output exclude each other");
        goto cleanup;
    }
    clv_report_start(ctx, parsed->cli.quiet || parsed->cli.json || data, command->has_progress);
    clv_signals_start(ctx);
    clv_faults_start();
    const bool wants_json = parsed->cli.json || command->show;
    const clv_status status =
        command->run(ctx, parsed->inputs, parsed->input_count, parsed->options, wants_json ? &json : NULL);
    clv_signals_end();
    clv_report_end();
    if (status != CLV_OK) {
        if (status != CLV_ERROR_CANCELLED || !command->endless)
            clv_report_failure(status, clv_context_error(ctx));
        if (status == CLV_ERROR_CANCELLED)
            clv_signals_die_if_caught();
        if (status == CLV_ERROR_MEMORY)
            _exit(1); /* the libraries' own ends may wait for threads that could not be made */
        goto cleanup;
    }
    if (parsed->cli.json)
        puts(json ? json : "{}");
    else if (command->show) /* the result itself: -q leaves out remarks */
        command->show(json, &parsed->cli);
    code = finish(0);

cleanup:
    clv_free(json);
    clv_context_free(ctx);
    return code;
}

static int dispatch(const char *const *words, int count)
{
    int used = 0, code = 1;
    clv_parsed parsed;
    const clv_command *command = clv_command_find(words, count, &used);
    if (!command) {
        char text[600], names[200] = "";
        if (count > 0)
            clv_command_words(words[0], ", ", names, sizeof names);
        if (names[0]) {
            snprintf(text, sizeof text, "Say what to %s: clearvision %s followed by one of: %s", words[0], words[0],
                     names);
            clv_report_usage(false, text);
        } else if (count > 0 && words[0][0] != '-')
            unknown_command(words[0]);
        else if (count > 0) {
            clv_command_words(NULL, ", ", names, sizeof names);
            snprintf(text, sizeof text, "Begin with a command: clearvision followed by one of: %s", names);
            clv_report_usage(false, text);
        } else {
            clv_report_usage(false, "No command given. \"clearvision --help\" lists them");
        }
        return 1;
    }
    if (clv_parse(command, words + used, count - used, &parsed))
        code = run(command, &parsed);
    else
        clv_report_usage(!parsed.unknown_option, parsed.error);
    clv_parse_free(&parsed);
    return code;
}

/* GDAL's default, 5 % of the machine, would let memory grow with the scene up to that. What is read or written twice
 * are rows of tiles, and they fit. A setting of the user's stands. */
static void limit_block_cache(void)
{
    if (!CPLGetConfigOption("GDAL_CACHEMAX", NULL) && GDALGetCacheMax64() > BLOCK_CACHE_BYTES)
        GDALSetCacheMax64(BLOCK_CACHE_BYTES);
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    clv_limits_stack();
    int code = quick_answer(argc, argv);
    if (code >= 0)
        return code;
    early_configuration(argc, argv);
    GDALAllRegister();
    limit_block_cache();
    char **words = general_options(argc, argv, &code);
    if (words)
        code = dispatch((const char *const *)words, CSLCount(words));
    else
        code = clv_report_flush() ? code : 1;
    CSLDestroy(words);
    /* Says which datasets are still open: only with --debug, and there should be none. */
    if (CPLGetConfigOption("CPL_DEBUG", NULL))
        GDALDumpOpenDatasets(stderr);
    GDALDestroyDriverManager();
    return code;
}
