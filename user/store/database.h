/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A connection to a database of ours, and prepared statements on it. */
#ifndef GAPWATCH_STORE_DATABASE_H
#define GAPWATCH_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Opens PATH for writing: makes it when there is none, takes an older schema to the newest, and
 * refuses what is not a database of ours, or of a newer version. Waits some seconds for a lock.
 * Returns NULL with ERROR set when it cannot. The connection is for one thread at a time.
 */
sqlite3 *database_open(const char *path, struct error *error);

/* Takes NULL. */
void database_close(sqlite3 *database);

/* Sets ERROR to what the last call on DATABASE failed with, and returns -1. */
int database_failed(sqlite3 *database, struct error *error);

/* Runs SQL, which yields nothing. Returns 0, or -1 with ERROR set. */
int database_run(sqlite3 *database, const char *sql, struct error *error);

/* Prepares SQL for many uses. Returns NULL with ERROR set when it cannot. */
sqlite3_stmt *database_prepare(sqlite3 *database, const char *sql, struct error *error);

/* Runs STATEMENT to its end and makes it ready to be used again. Returns 0, or -1 with ERROR set.
 */
int statement_run(sqlite3_stmt *statement, struct error *error);

/*
 * Asks STATEMENT for one integer. Returns 1 with *VALUE set, 0 when there is none (or NULL), or -1
 * with ERROR set.
 */
int statement_ask(sqlite3_stmt *statement, int64_t *value, struct error *error);

/* Binds TIME_NS as a timestamp. */
void statement_bind_time(sqlite3_stmt *statement, int index, uint64_t time_ns);

/* Binds TEXT, which must stay until STATEMENT is run. */
void statement_bind_text(sqlite3_stmt *statement, int index, const char *text);

#endif
