/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The store's file, read-only: opened when it appears, and again when another takes its place. What
 * is read between begin and end is one moment of it.
 */
#ifndef GAPWATCH_API_DATABASE_H
#define GAPWATCH_API_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

#include "api/query.h"
#include "api/version.h"
#include "base/error.h"

#define DATABASE_STATEMENTS 48
#define DATABASE_COUNTS     64

/* A prepared statement is kept with its SQL; the one used least recently makes room. */
struct kept_statement {
    sqlite3_stmt *statement;
    uint64_t used; /* when, by the database's clock */
};

/* A count that was expensive, for as long as the database does not change. */
struct kept_count {
    char *key;
    int64_t count;
};

struct database {
    const char *path; /* the caller's */
    sqlite3 *handle;  /* NULL: not open */
    int is_immutable; /* opened as a file that nobody writes to */
    struct version version;
    struct kept_statement statements[DATABASE_STATEMENTS];
    uint64_t clock;
    struct kept_count counts[DATABASE_COUNTS];
    unsigned next_count;
    int result; /* the first failure since begin, or SQLITE_OK */
};

/* A database at PATH, which need not exist yet and must outlive it. */
void database_init(struct database *database, const char *path);
void database_release(struct database *database);

/* Lets go of a file that was removed or replaced: a new writer would find its locks. */
void database_tidy(struct database *database);

/* Opens the database if need be and starts reading. Returns 0, or -1 with ERROR set: missing,
 * locked, or not a database of gapwatch. */
int database_begin(struct database *database, struct error *error);

/* Ends what begin started. Returns 0, or -1 with ERROR set when anything failed in between, so that
 * what was read is worth nothing. */
int database_end(struct database *database, struct error *error);

/* Prepares QUERY and binds its values. Returns the statement, which stays the database's, or NULL.
 */
sqlite3_stmt *database_select(struct database *database, const struct query *query);

/* Whether STATEMENT, which may be NULL, has another row; it is then at that row. */
int database_next(struct database *database, sqlite3_stmt *statement);

/* The one number that QUERY selects, kept while the database does not change; 0 when it fails. */
int64_t database_count(struct database *database, const struct query *query);

#endif
