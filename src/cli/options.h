/* SPDX-License-Identifier: MIT
 *
 * options: the one table of everything that can be written after `clearvision`. The parser, --help, the man pages and
 * the shell completion all read it, so that they cannot disagree.
 *
 * An option names a member by (section, offset): a section is one of the structs that the commands' option structs are
 * made of (clv_input_options, clv_output_options, ...), and each command says where in its struct the section lies.
 * So `-of` is one row although detect and remove keep it in different structs.
 *
 * Everything here is constant data: no ownership, any thread.
 *
 *     const clv_option *o = clv_option_find(CLV_COMMAND_REMOVE, "creation-option");   // -co
 */
#ifndef CLV_CLI_OPTIONS_H
#define CLV_CLI_OPTIONS_H

#include <clearvision/clearvision.h>

/* What the program itself, not the library, is told. */
typedef struct clv_cli_options {
    bool quiet;   /* -q */
    bool json;    /* -json */
    bool verbose; /* -v */
} clv_cli_options;

typedef enum clv_command_id {
    CLV_COMMAND_INFO = 1,
    CLV_COMMAND_DETECT = 2,
    CLV_COMMAND_REMOVE = 4,
    CLV_COMMAND_SIMULATE = 8,
    CLV_COMMAND_TRAIN_DETECT = 16,
    CLV_COMMAND_EVALUATE_DETECT = 32,
    CLV_COMMAND_EVALUATE_REMOVE = 64,
    CLV_COMMAND_PREPARE = 128,
    CLV_COMMAND_TRAIN_REMOVE = 256,
    CLV_COMMAND_SERVE = 2048 /* 512, 1024: kept for commands to come */
} clv_command_id;

typedef enum clv_section {
    CLV_SECTION_CLI,     /* clv_cli_options */
    CLV_SECTION_COMMAND, /* the command's own struct */
    CLV_SECTION_INPUT,   /* clv_input_options */
    CLV_SECTION_DETECT,  /* clv_detect_settings */
    CLV_SECTION_COMPUTE, /* clv_compute_options */
    CLV_SECTION_OUTPUT,  /* clv_output_options */
    CLV_SECTION_TRAIN,   /* clv_train_options; of the train commands only */
    CLV_SECTION_COUNT
} clv_section;

typedef enum clv_option_kind {
    CLV_OPTION_FLAG,      /* no value; bool becomes true */
    CLV_OPTION_UNFLAG,    /* no value; bool becomes false */
    CLV_OPTION_STRING,    /* const char * */
    CLV_OPTION_STRINGS,   /* repeatable; const char *const *, NULL-terminated */
    CLV_OPTION_INPUT,     /* repeatable; one more input, as if it stood alone */
    CLV_OPTION_DATES,     /* CLV_OPTION_STRINGS whose value may also be a list with commas */
    CLV_OPTION_INT,       /* int */
    CLV_OPTION_UINT64,    /* uint64_t */
    CLV_OPTION_DOUBLE,    /* double; 1/10000 may be written as such */
    CLV_OPTION_DOUBLES,   /* repeatable, or a list with commas; "auto" is NaN; const double * and, at offset2, their int
                             count */
    CLV_OPTION_BANDS,     /* R,G,B or repeated; const int * and, at offset2, the int that counts them */
    CLV_OPTION_ENUM,      /* one of `choices`; an enum whose values are the choices' positions */
    CLV_OPTION_DEVICE,    /* auto, cpu, cuda or cuda:N; clv_device and, at offset2, the int N */
    CLV_OPTION_SIZE,      /* W H, WxH or W,H; int and, at offset2, int */
    CLV_OPTION_BOX,       /* four numbers, as words or with commas; const double * */
    CLV_OPTION_DILATION,  /* N pixels, or Nm metres; int and, at offset2, double (base/dilation.h) */
    CLV_OPTION_RESOLUTION /* X, or X Y with equal values as for GDAL's -tr; double. The word of `choices` gives 0 */
} clv_option_kind;

#define CLV_OPTION_NAMES 4

typedef struct clv_option {
    const char *names[CLV_OPTION_NAMES]; /* without dashes, the usual one first */
    clv_option_kind kind;
    clv_section section;
    size_t offset, offset2;
    unsigned commands;                 /* clv_command_id, or'ed */
    bool advanced;                     /* listed after the others */
    const char *argument;              /* the value's name in help; NULL for flags */
    const char *const *choices;        /* NULL-terminated values, or NULL */
    const char *const *old_choices;    /* [choices] words of earlier versions, still taken, named nowhere; NULL: none */
    const char *const *choice_texts;   /* [choices] a phrase on each, listed after `help`; NULL: none */
    const char *const *choice_manuals; /* [choices] sentences on each, for the man page's Methods; NULL: none */
    bool open_choices;                 /* other values than the choices are possible */
    bool file;                         /* the value is a file name (for completion; "-" stays what it is) */
    double min, max;                   /* numbers must lie in [min, max]; both 0: any */
    const char *help;                  /* sentences, no line ends */
    const char *default_text;          /* what applies without the option; for numbers it reads back as the default */
} clv_option;

const clv_option *clv_option_table(int *count);

/* The option of a command by a name without leading dashes; '-' and '_' are the same. NULL: none. */
const clv_option *clv_option_find(unsigned command, const char *name);
/* The name nearest to a mistyped one among a command's options, NULL when nothing is near. */
const char *clv_option_suggest(unsigned command, const char *name);

/* The options of GDAL's own general processor that may stand anywhere: how many words follow, or -1 when it is none. */
int clv_general_option_words(const char *word);

typedef struct clv_general_option {
    const char *name, *argument, *help;
    int words;
} clv_general_option;
const clv_general_option *clv_general_options(int *count);

/* Edits (insert, delete, replace, swap neighbours) that make b of a; names up to 63 characters, longer ones are cut. */
int clv_edit_distance(const char *a, const char *b);

#endif
