/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Why something failed, in words for a user. Library code fills it in; only commands print it. */
#ifndef GAPWATCH_BASE_ERROR_H
#define GAPWATCH_BASE_ERROR_H

struct error {
    char text[512];    /* one line, no newline, terminated */
    char detail[1024]; /* lines for those who know what it is about; empty: there are none */
};

/* Sets ERROR to the formatted text and returns -1, so that a caller can return the call. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints ERROR as the program's one line on standard error, and its detail below. */
void error_print(const struct error *error);

#endif
