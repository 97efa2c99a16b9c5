/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows that the database refuses. They are counted and left out, and the others are written. */
#ifndef GAPWATCH_STORE_DATABASE_REFUSAL_H
#define GAPWATCH_STORE_DATABASE_REFUSAL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

struct refusals {
    uint64_t rows;
    struct error first; /* the error of the first of them */
};

/*
 * Handles STATUS, the result of writing a row, with ERROR set when it is -1. Returns 0 when the row
 * was written or only this row failed, which REFUSALS then counts; -1 when the transaction failed.
 */
int refusals_sort(struct refusals *refusals, sqlite3 *database, int status,
                  const struct error *error);

#endif
