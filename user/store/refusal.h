/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows that the database refuses: they are set aside and said, and the rest is written. */
#ifndef GAPWATCH_STORE_REFUSAL_H
#define GAPWATCH_STORE_REFUSAL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

struct refusals {
    uint64_t rows;
    struct error first; /* why, for the first of them */
};

/*
 * STATUS is what writing a row returned, with ERROR set when it is -1. Returns 0 when it was
 * written or is set aside, which REFUSALS then count, or -1: the transaction as a whole failed.
 */
int refusals_sort(struct refusals *refusals, sqlite3 *database, int status,
                  const struct error *error);

#endif
