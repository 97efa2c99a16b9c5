/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The operands of `gapwatch compare`, which name the files or the database of each side. */
#ifndef GAPWATCH_COMPARE_OPERAND_H
#define GAPWATCH_COMPARE_OPERAND_H

#include <stddef.h>

#include "base/error.h"

/* One side. */
struct operand {
    char *text;   /* a copy, which is cut */
    char **files; /* in TEXT: capture files, or one database */
    size_t count;
    int is_database;
    const char *capture; /* in TEXT: what follows the database's name and a colon; NULL: nothing */
};

/*
 * Reads WORD as the side with LABEL ('A' or 'B'): the path of a file, or "A=PATH,PATH..." for
 * several capture files, or of a database, "PATH:CAPTURE" to name a capture in it. Returns 0, or -1
 * with ERROR set. The caller releases OPERAND in either case.
 */
int operand_parse(struct operand *operand, const char *word, char label, struct error *error);

/* Frees the memory of OPERAND, which may be all zeros. */
void operand_release(struct operand *operand);

#endif
