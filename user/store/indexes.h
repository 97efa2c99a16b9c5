/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The orders of flows. To move every flow to its new place in five indexes takes three times as
 * long as to sort all of them anew, so a transaction that changes most flows drops these indexes,
 * and makes them again before it commits. Nobody else ever sees the database without them.
 */
#ifndef GAPWATCH_STORE_INDEXES_H
#define GAPWATCH_STORE_INDEXES_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

#define INDEXES_MAX 8

struct indexes {
    char *sql[INDEXES_MAX]; /* that makes them again; sqlite3_free() */
    size_t count;
};

/* Drops the indexes of flows, if CHANGES of them, in the transaction that is open, are worth it.
 * Returns 0, or -1 with ERROR set. INDEXES are to be released either way. */
int indexes_drop(sqlite3 *database, size_t changes, struct indexes *indexes, struct error *error);

/* Makes those again that were dropped. Returns 0, or -1 with ERROR set. */
int indexes_make(sqlite3 *database, const struct indexes *indexes, struct error *error);

void indexes_release(struct indexes *indexes);

#endif
