/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/help.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "options/table.h"
#include "options/type.h"

#define LEFT_COLUMN 32
#define LEFT_CHARS  80

/* Whether the help shows the range of numbers that the option of ROW takes. */
static int has_range(const struct option_row *row)
{
    return row->type == &number_type && row->max != INT64_MAX;
}

/* Prints the option of ROW on one line, or on two when its left half is long. */
static void explain(const struct option_row *row)
{
    char chars[LEFT_CHARS];
    struct text left = text_over(chars, sizeof(chars));

    if (row->letter)
        text_add(&left, "  -%c, --%s", row->letter, row->name);
    else
        text_add(&left, "      --%s", row->name);
    if (row->argument)
        text_add(&left, " %s", row->argument);
    if (left.length >= LEFT_COLUMN)
        printf("%s\n%*s", chars, LEFT_COLUMN, "");
    else
        printf("%-*s", LEFT_COLUMN, chars);
    printf("%s", row->help);
    if (has_range(row))
        printf(" (%" PRIu64 " to %" PRIu64 "%s", row->min, row->max, row->standard ? ", " : ")");
    else if (row->standard)
        printf(" (");
    if (row->standard)
        printf("default: %s)", row->standard);
    putchar('\n');
}

void options_explain(enum command_set command)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_belongs(&option_table[i], command))
            explain(&option_table[i]);
}

static void print_heading(unsigned commands)
{
    const char *between = "\nOptions of ";

    for (unsigned command = 1; command <= commands; command <<= 1) {
        if (!(commands & command))
            continue;
        printf("%s%s", between, command_name((enum command_set)command));
        between = ", ";
    }
    puts(":");
}

/* The commands among COMMANDS that have the option of ROW. */
static unsigned takers(const struct option_row *row, unsigned commands)
{
    return row->commands ? row->commands & commands : commands;
}

/* Whether an earlier row than NUMBER has the same commands, so that the heading was printed
 * already. */
static int has_heading(size_t number, unsigned commands)
{
    for (size_t i = 0; i < number; i++)
        if (takers(&option_table[i], commands) == takers(&option_table[number], commands))
            return 1;
    return 0;
}

void options_explain_all(unsigned commands)
{
    for (size_t i = 0; i < option_count; i++) {
        unsigned who = takers(&option_table[i], commands);

        if (!who || has_heading(i, commands))
            continue;
        print_heading(who);
        for (size_t j = i; j < option_count; j++)
            if (takers(&option_table[j], commands) == who)
                explain(&option_table[j]);
    }
}
