/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

/* File names and library messages may hold anything: nothing may add a line or drive a terminal. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = '?';
}

int error_set(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    make_printable(error->text);
    return -1;
}

void error_print(const struct error *error)
{
    fprintf(stderr, "gapwatch: %s\n", error->text);
}
