/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

/* Prints each line of TEXT, indented. */
static void print_lines(const char *text)
{
    int is_first = 1;

    for (; *text; text++) {
        if (is_first)
            fputs("    ", stderr);
        is_first = *text == '\n';
        fputc(is_first || text_is_printable(*text) ? *text : '?', stderr);
    }
    if (!is_first)
        fputc('\n', stderr);
}

int error_set(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    text_make_printable(error->text);
    error->detail[0] = '\0';
    return -1;
}

void error_print(const struct error *error)
{
    fprintf(stderr, "gapwatch: %s\n", error->text);
    print_lines(error->detail);
}
