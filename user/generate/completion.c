/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The parts of the completions for shells that follow from the table of options. */
#include <stdio.h>
#include <string.h>

#include "flow/outcome_name.h"
#include "generate/output.h"
#include "options/table.h"
#include "options/type.h"
#include "tunnels.h"

static int is_command(unsigned command)
{
    return *command_name((enum command_set)command) != '\0';
}

void completion_commands(void)
{
    for (unsigned command = 1; command <= COMMANDS_ALL; command <<= 1)
        if (is_command(command))
            printf(" %s", command_name((enum command_set)command));
}

static void print_protocols(void)
{
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        printf(" %s", outcome_name(i));
}

static void print_tunnels(void)
{
#define ROW(ID, name, ...) printf(" " #name);
    TUNNEL_TABLE(ROW)
#undef ROW
    printf(" none");
}

/* Prints what completes the argument of ROW, in the words of a function ("words WORD...", "files"
 * or "interfaces") that both shells' files define. */
static void print_action(const struct option_row *row)
{
    if (row->type == &choice_type) {
        printf("words ");
        for (const char *c = row->argument; *c; c++)
            putchar(*c == '|' ? ' ' : *c);
    } else if (row->type == &protocols_type) {
        printf("words");
        print_protocols();
    } else if (row->type == &tunnels_type) {
        printf("words");
        print_tunnels();
    } else if (row->type == &interfaces_type) {
        printf("interfaces");
    } else if (strcmp(row->argument, "FILE") == 0) {
        printf("files");
    } else {
        printf("nothing");
    }
}

static void print_options_of(enum command_set command)
{
    printf("    %s) _gapwatch_words", command_name(command));
    for (size_t i = 0; i < option_count; i++)
        if (option_belongs(&option_table[i], command)) {
            printf(" --%s", option_table[i].name);
            if (option_table[i].letter)
                printf(" -%c", option_table[i].letter);
        }
    puts(" ;;");
}

void completion_options(void)
{
    for (unsigned command = 1; command <= COMMANDS_ALL; command <<= 1)
        if (is_command(command))
            print_options_of((enum command_set)command);
}

void completion_arguments(void)
{
    for (unsigned command = 1; command <= COMMANDS_ALL; command <<= 1)
        for (size_t i = 0; i < option_count && is_command(command); i++) {
            const struct option_row *row = &option_table[i];
            const char *name = command_name((enum command_set)command);

            if (!row->argument || !option_belongs(row, (enum command_set)command))
                continue;
            printf("    \"%s --%s\"", name, row->name);
            if (row->letter)
                printf(" | \"%s -%c\"", name, row->letter);
            printf(") _gapwatch_");
            print_action(row);
            puts(" ;;");
        }
}
