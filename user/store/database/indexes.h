/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The indexes that sort flows. Updating the indexes for every flow takes several times as long
 * as sorting all flows anew. So a transaction that changes most flows drops these indexes and
 * creates them again before it commits. Other connections never see the database without them.
 */
#ifndef GAPWATCH_STORE_DATABASE_INDEXES_H
#define GAPWATCH_STORE_DATABASE_INDEXES_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

#define INDEXES_MAX 16

struct indexes {
    char *sql[INDEXES_MAX]; /* creates them again; of sqlite3_mprintf() */
    size_t count;
};

/* Drops the indexes of flows if that pays off for CHANGES changed flows in the open transaction.
 * Returns 0, or -1 with ERROR set; release INDEXES in either case. */
int indexes_drop(sqlite3 *database, size_t changes, struct indexes *indexes, struct error *error);

/* Creates the dropped indexes again. Returns 0, or -1 with ERROR set. */
int indexes_make(sqlite3 *database, const struct indexes *indexes, struct error *error);

/* Frees INDEXES. */
void indexes_release(struct indexes *indexes);

#endif
