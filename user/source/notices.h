/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of a source to the user. Sources do not print; the command does. */
#ifndef GAPWATCH_SOURCE_NOTICES_H
#define GAPWATCH_SOURCE_NOTICES_H

#include <stddef.h>

#include "base/error.h"

/* Further messages are counted, but not kept. */
#define NOTICES_MAX 1000

struct notice {
    int is_failure; /* else a remark */
    char text[sizeof(((struct error *)0)->text)];
};

struct notices {
    struct notice *list;
    size_t count;
    size_t omitted;
    int have_failure;
};

/* Adds the line in ERROR to NOTICES, as a failure. */
void notices_add_failure(struct notices *notices, const struct error *error);

/* Adds a formatted line to NOTICES, as a remark. */
void notices_add_remark(struct notices *notices, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes the last failure and copies it to ERROR. Returns 0 when there is none. */
int notices_take_failure(struct notices *notices, struct error *error);

/* Prints all lines on standard error, but only failures if IS_QUIET. For commands. */
void notices_print(const struct notices *notices, int is_quiet);

/* Frees the lines of NOTICES. */
void notices_release(struct notices *notices);

#endif
