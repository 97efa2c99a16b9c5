/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/help.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "options/table.h"

#define LEFT_COLUMN 32
#define LEFT_CHARS  80

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
    if (row->standard)
        printf("%s (default: %s)\n", row->help, row->standard);
    else
        puts(row->help);
}

void options_explain(enum command_set command)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_belongs(&option_table[i], command))
            explain(&option_table[i]);
}
