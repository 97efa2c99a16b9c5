/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The gapwatch database, read-only. The file is opened when it appears, and again when it is
 * replaced. Everything read between begin and end comes from one snapshot. */
#ifndef GAPWATCH_API_DATABASE_READER_H
#define GAPWATCH_API_DATABASE_READER_H

#include <sqlite3.h>
#include <stdint.h>

#include "api/database/query.h"
#include "api/database/version.h"
#include "base/error.h"

#define READER_STATEMENTS 64
#define READER_COUNTS     64

/* A prepared statement, kept for reuse; the one unused for longest is replaced. */
struct cached_statement {
    sqlite3_stmt *statement;
    uint64_t used; /* value of the reader's clock at the last use */
};

/* The result of an expensive count, valid until the database changes. */
struct cached_count {
    char *key;
    int64_t count;
};

struct reader {
    const char *path; /* belongs to the caller */
    /* Called for a newly opened database, to add functions; returns SQLite's result code. NULL:
     * there are none. */
    int (*prepare)(sqlite3 *handle);
    sqlite3 *handle;  /* NULL: not open */
    int is_immutable; /* opened as a file that never changes */
    struct version version;
    struct cached_statement statements[READER_STATEMENTS];
    uint64_t clock;
    struct cached_count counts[READER_COUNTS];
    unsigned next_count;
    int result;           /* the first error since begin, or SQLITE_OK */
    uint64_t deadline_ns; /* of the present transaction, on the monotonic clock */
};

/* Prepares to read the file at PATH, which need not exist yet. PATH must stay valid. */
void reader_init(struct reader *reader, const char *path);

/* Closes the file of READER and frees everything. */
void reader_release(struct reader *reader);

/* Closes the file of READER if it was removed or replaced, so that the lock on it is released. */
void reader_tidy(struct reader *reader);

/* Opens the database if necessary and starts a read transaction. Statements that still run at
 * DEADLINE_NS, on the monotonic clock, are stopped. Returns 0, or -1 with ERROR set: the file is
 * missing, locked, or not a database of gapwatch. */
int reader_begin(struct reader *reader, uint64_t deadline_ns, struct error *error);

/* Ends the transaction of READER, which reader_begin() started. Returns 0, or -1 with ERROR set
 * when a read since then failed; the answer must then be discarded. */
int reader_end(struct reader *reader, struct error *error);

/* Whether a statement of READER since reader_begin() was stopped because of the deadline. */
int reader_is_late(const struct reader *reader);

/* Prepares QUERY and binds its values. Returns the statement, which belongs to READER and is
 * valid until READER_STATEMENTS - 1 others were selected; or NULL: an error, which reader_end()
 * reports. */
sqlite3_stmt *reader_select(struct reader *reader, const struct query *query);

/* Steps STATEMENT, which may be NULL, to its next row. Returns 1; or 0: there are no more rows, or
 * an error, which reader_end() reports. */
int reader_next(struct reader *reader, sqlite3_stmt *statement);

/* The text in COLUMN, from 0, of the current row of STATEMENT, valid until its next step. A NULL,
 * which a database of another program may have anywhere, is an empty text. */
const char *reader_text(sqlite3_stmt *statement, int column);

/* Returns the number that QUERY selects; 0 when it fails, which reader_end() reports. READER caches
 * it until the database changes. */
int64_t reader_count(struct reader *reader, const struct query *query);

#endif
