/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An error message for the user. Library code fills it in; only commands print it. */
#ifndef GAPWATCH_BASE_ERROR_H
#define GAPWATCH_BASE_ERROR_H

struct error {
    char text[512];    /* one line, terminated, without a newline */
    char detail[1024]; /* more lines for experts; empty: there are none */
};

/* Sets ERROR to the formatted text. Returns -1, so that a caller can return the call. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints ERROR as one line on standard error, and its detail below. */
void error_print(const struct error *error);

#endif
