/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The exit status of the program. */
#ifndef GAPWATCH_BASE_EXIT_CODE_H
#define GAPWATCH_BASE_EXIT_CODE_H

#include "base/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/* Prints ERROR on standard error. Returns CODE. */
static inline enum exit_code complain(const struct error *error, enum exit_code code)
{
    error_print(error);
    return code;
}

#endif
