/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A connection to a gapwatch database, and prepared statements on it. */
#ifndef GAPWATCH_STORE_DATABASE_DATABASE_H
#define GAPWATCH_STORE_DATABASE_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Opens PATH for writing. Creates it when it does not exist, migrates an older schema, and refuses
 * other databases and newer schemas. Waits some seconds for a lock, as later statements do. Returns
 * NULL with ERROR set when it cannot. Only one thread at a time may use the connection.
 */
sqlite3 *database_open(const char *path, struct error *error);

/* From now on, statements on DATABASE wait for a lock for a fraction of a second only, for a caller
 * that tries again in its own way. */
void database_wait_briefly(sqlite3 *database);

/* Closes DATABASE, which may be NULL. */
void database_close(sqlite3 *database);

/* Sets ERROR to the error of the last call on DATABASE. Returns -1. */
int database_failed(sqlite3 *database, struct error *error);

/* Runs SQL, which returns no rows. Returns 0, or -1 with ERROR set. */
int database_run(sqlite3 *database, const char *sql, struct error *error);

/* Adds the SQL function change_number(), which returns *CHANGE. All statements that write results
 * put it into the column `changed`. CHANGE must outlive the connection. Returns 0, or -1 with ERROR
 * set. */
int database_number_changes(sqlite3 *database, int64_t *change, struct error *error);

/* Prepares SQL for repeated use. Returns NULL with ERROR set when it cannot. */
sqlite3_stmt *database_prepare(sqlite3 *database, const char *sql, struct error *error);

/* Runs STATEMENT to its end and resets it. Returns 0, or -1 with ERROR set. */
int statement_run(sqlite3_stmt *statement, struct error *error);

/* Runs STATEMENT, which returns one integer. Returns 1 with *VALUE set, 0 when there is none (or
 * NULL), or -1 with ERROR set. */
int statement_ask(sqlite3_stmt *statement, int64_t *value, struct error *error);

/* Binds TIME_NS as a timestamp. */
void statement_bind_time(sqlite3_stmt *statement, int index, uint64_t time_ns);

/* The timestamp in COLUMN of the present row, counted from 0, in nanoseconds since 1970; 0 for NULL
 * and for malformed times. */
uint64_t statement_time(sqlite3_stmt *statement, int column);

/* Binds TEXT, which must stay valid until STATEMENT has run. */
void statement_bind_text(sqlite3_stmt *statement, int index, const char *text);

#endif
