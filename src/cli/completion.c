/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include "cli/command.h"

#include <string.h>

static void names(FILE *out, unsigned command)
{
    int count;
    const clv_option *o = clv_option_table(&count);
    const char *gap = "";
    for (int i = 0; i < count; i++) {
        if (!(o[i].commands & command))
            continue;
        fprintf(out, "%s-%s", gap, o[i].names[0]);
        gap = " ";
        for (int n = 1; n < CLV_OPTION_NAMES && o[i].names[n]; n++)
            fprintf(out, " %s%s", strlen(o[i].names[n]) > 1 ? "--" : "-", o[i].names[n]);
    }
}

/* A pattern of all spellings of an option, such as -o|--o|-output|--output. */
static void pattern(FILE *out, const clv_option *o)
{
    for (int n = 0; n < CLV_OPTION_NAMES && o->names[n]; n++)
        fprintf(out, "%s-%s|--%s", n ? "|" : "", o->names[n], o->names[n]);
}

/* What may follow an option that takes a value: a choice, a file, or nothing that can be known. */
static void values(FILE *out, unsigned command)
{
    int count;
    const clv_option *o = clv_option_table(&count);
    for (int i = 0; i < count; i++) {
        if (!(o[i].commands & command) || !o[i].argument)
            continue;
        fputs("            ", out);
        pattern(out, &o[i]);
        if (o[i].choices) {
            fputs(") words=\"", out);
            for (int c = 0; o[i].choices[c]; c++)
                fprintf(out, "%s%s", c ? " " : "", o[i].choices[c]);
            fputs(o[i].file ? "\" files=1 ;;\n" : "\" ;;\n", out);
        } else {
            fputs(o[i].file ? ") files=1 ;;\n" : ") return ;;\n", out);
        }
    }
}

void clv_completion_bash(FILE *out)
{
    int count;
    char first[200], members[200];
    const clv_general_option *g = clv_general_options(&count);
    clv_command_words(NULL, " ", first, sizeof first);
    fputs("# bash completion for clearvision; load it with: source <(clearvision completion bash)\n"
          "_clearvision()\n"
          "{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command=${COMP_WORDS[1]} words= files=\n"
          "    COMPREPLY=()\n"
          "    case \"$command ${COMP_WORDS[2]}\" in\n",
          out);
    for (int i = 0; clv_commands()[i]; i++)
        if (strchr(clv_commands()[i]->name, ' '))
            fprintf(out, "    \"%s\") [[ $COMP_CWORD -gt 2 ]] && command=\"%s\" ;;\n", clv_commands()[i]->name,
                    clv_commands()[i]->name);
    fputs("    esac\n"
          "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
          "        words=\"",
          out);
    fprintf(out, "%s help completion", first);
    for (int i = 0; i < count; i++)
        fprintf(out, " --%s", g[i].name);
    fputs("\"\n"
          "    else\n"
          "        case $command in\n"
          "        completion) words=bash ;;\n",
          out);
    fprintf(out, "        help) words=\"%s\" ;;\n", first);
    for (int i = 0; clv_commands()[i]; i++) {
        const clv_command *command = clv_commands()[i];
        fprintf(out, "        \"%s\")\n            case $before in\n", command->name);
        values(out, (unsigned)command->id);
        fputs("            --config|--debug|--locale|--format) return ;;\n"
              "            *)\n"
              "                files=1\n"
              "                [[ $current == -* ]] && words=\"",
              out);
        names(out, (unsigned)command->id);
        fputs(" --help --config --debug\" && files= ;;\n            esac ;;\n", out);
    }
    for (int i = 0; clv_commands()[i]; i++) {
        const char *name = clv_commands()[i]->name;
        char group[64];
        snprintf(group, sizeof group, "%.*s", (int)strcspn(name, " "), name);
        clv_command_words(group, " ", members, sizeof members);
        /* The first command of a group stands for the others. */
        if (members[0] && strncmp(members, name + strlen(group) + 1, strlen(name) - strlen(group) - 1) == 0)
            fprintf(out, "        %s) words=\"%s\" ;;\n", group, members);
    }
    fputs("        *) files=1 ;;\n"
          "        esac\n"
          "    fi\n"
          "    [[ -n $words ]] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "    if [[ -n $files ]]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        local IFS=$'\\n'\n"
          "        COMPREPLY+=($(compgen -f -- \"$current\"))\n"
          "    fi\n"
          "}\n"
          "complete -F _clearvision clearvision\n",
          out);
}
