/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The database from which rows are shipped. It is only read, a batch at a time, so that no writer
 * waits and its log does not grow. */
#ifndef GAPWATCH_SHIP_SPOOL_H
#define GAPWATCH_SHIP_SPOOL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "ship/tables.h"
#include "store/database/place.h"
#include "store/database/ship_cursor.h"

struct spool {
    const char *path; /* belongs to the caller */
    uint64_t samples; /* one sample of this many is read, by the hash of its number; 0: none */
    struct place place;
    sqlite3 *database; /* NULL: not open */
    sqlite3_stmt *state;
    sqlite3_stmt **selects; /* one for each table */
};

/* The state of the database. */
struct spool_state {
    char store[SHIP_UUID_CHARS];
    int64_t change;
};

/* Rows of one table, one JSON object a line. */
struct spool_batch {
    char *lines; /* owned */
    size_t size;
    size_t rows;
    int64_t position[SHIP_POSITION]; /* of the last row */
};

/* Opens the database if it is not open, or if another one is at its path, and sets STATE. Returns
 * 0, or -1 with ERROR set: then it can be tried again. */
int spool_look(struct spool *spool, struct spool_state *state, struct error *error);

/* Reads at most COUNT rows of TABLE that changed after CHANGE and are behind POSITION. Each begins
 * with the members in HEAD, which is JSON without braces. Returns 0; -1 with ERROR set: it can be
 * tried again; or 1 with ERROR set: a row's key does not tell its place, so no position would ever
 * be behind all rows. Only a damaged database, or one of somebody else, has such rows. Release
 * BATCH in any case. */
int spool_read(struct spool *spool, size_t table, int64_t change,
               const int64_t position[SHIP_POSITION], size_t count, const char *head,
               struct spool_batch *batch, struct error *error);

/* Frees the rows of BATCH. */
void spool_batch_release(struct spool_batch *batch);

/* Closes the database of SPOOL. */
void spool_close(struct spool *spool);

#endif
