/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The store's file, read-only: opened when it appears, and again when another takes its place. What
 * is read between begin and end is one moment of it.
 */
#ifndef GAPWATCH_API_DATABASE_READER_H
#define GAPWATCH_API_DATABASE_READER_H

#include <sqlite3.h>
#include <stdint.h>

#include "api/database/query.h"
#include "api/database/version.h"
#include "base/error.h"

#define READER_STATEMENTS 48
#define READER_COUNTS     64

/* A prepared statement is kept with its SQL; the one used least recently makes room. */
struct kept_statement {
    sqlite3_stmt *statement;
    uint64_t used; /* when, by the reader's clock */
};

/* A count that was expensive, for as long as the database does not change. */
struct kept_count {
    char *key;
    int64_t count;
};

struct reader {
    const char *path; /* the caller's */
    sqlite3 *handle;  /* NULL: not open */
    int is_immutable; /* opened as a file that nobody writes to */
    struct version version;
    struct kept_statement statements[READER_STATEMENTS];
    uint64_t clock;
    struct kept_count counts[READER_COUNTS];
    unsigned next_count;
    int result; /* the first failure since begin, or SQLITE_OK */
};

/* A database at PATH, which need not exist yet and must outlive it. */
void reader_init(struct reader *reader, const char *path);
void reader_release(struct reader *reader);

/* Lets go of a file that was removed or replaced: a new writer would find its locks. */
void reader_tidy(struct reader *reader);

/* Opens the database if need be and starts reading. Returns 0, or -1 with ERROR set: missing,
 * locked, or not a database of gapwatch. */
int reader_begin(struct reader *reader, struct error *error);

/* Ends what begin started. Returns 0, or -1 with ERROR set when anything failed in between, so that
 * what was read is worth nothing. */
int reader_end(struct reader *reader, struct error *error);

/* Prepares QUERY and binds its values. Returns the statement, which stays the reader's, or NULL.
 */
sqlite3_stmt *reader_select(struct reader *reader, const struct query *query);

/* Whether STATEMENT, which may be NULL, has another row; it is then at that row. */
int reader_next(struct reader *reader, sqlite3_stmt *statement);

/* The one number that QUERY selects, kept while the database does not change; 0 when it fails. */
int64_t reader_count(struct reader *reader, const struct query *query);

#endif
