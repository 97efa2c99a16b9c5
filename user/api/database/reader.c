/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/database/sum.h"
#include "base/monotonic.h"
#include "store/database/read_only.h"

#define KEY_CHARS (2 * QUERY_CHARS)

/* SQLite looks at the clock once in this many of its instructions, which take some 0.1 ms. */
#define STEPS_BETWEEN_LOOKS 2000

void reader_init(struct reader *reader, const char *path)
{
    *reader = (struct reader){.path = path};
}

static void forget_counts(struct reader *reader)
{
    for (size_t i = 0; i < READER_COUNTS; i++) {
        free(reader->counts[i].key);
        reader->counts[i].key = NULL;
    }
}

static void reader_close(struct reader *reader)
{
    for (size_t i = 0; i < READER_STATEMENTS; i++) {
        sqlite3_finalize(reader->statements[i].statement);
        reader->statements[i] = (struct cached_statement){0};
    }
    sqlite3_close(reader->handle);
    reader->handle = NULL;
}

void reader_release(struct reader *reader)
{
    forget_counts(reader);
    reader_close(reader);
}

/* SQLite's cache is invalid when the file was replaced, or when an immutable one was written to. */
static int must_open(const struct reader *reader, const struct version *version)
{
    return !reader->handle || !version_is_same_file(&reader->version, version) ||
           (reader->is_immutable && !version_is_equal(&reader->version, version));
}

void reader_tidy(struct reader *reader)
{
    struct version version;

    if (reader->handle && (version_read(reader->path, &version) < 0 ||
                           !version_is_same_file(&reader->version, &version)))
        reader_close(reader);
}

/* Called by SQLite while a statement runs. Returns whether to stop it. */
static int is_over(void *data)
{
    const struct reader *reader = data;

    return monotonic_ns() > reader->deadline_ns;
}

int reader_is_late(const struct reader *reader)
{
    return (reader->result & 0xFF) == SQLITE_INTERRUPT;
}

/* Ends a transaction in which a statement was stopped. The database is as good as before. */
static int give_up(struct reader *reader, struct error *error)
{
    for (size_t i = 0; i < READER_STATEMENTS; i++)
        sqlite3_reset(reader->statements[i].statement);
    if (sqlite3_exec(reader->handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        reader_close(reader);
    return error_set(error, "the query took too long");
}

static int fail(struct reader *reader, struct error *error)
{
    error_set(error, "the database cannot be read now: %s",
              reader->handle ? sqlite3_errmsg(reader->handle) : "it is not open");
    reader_close(reader);
    return -1;
}

int reader_begin(struct reader *reader, uint64_t deadline_ns, struct error *error)
{
    struct version version;

    reader->result = SQLITE_OK;
    reader->deadline_ns = deadline_ns;

    /* The version is read before the data, so that an ETag is never newer than its data. */
    if (version_read(reader->path, &version) < 0)
        return error_set(error, "the database cannot be opened: %s",
                         errno == EINVAL ? "not a regular file" : strerror(errno));
    if (must_open(reader, &version)) {
        reader_close(reader);
        reader->handle =
            open_read_only(reader->path, version.log.inode != 0, &reader->is_immutable, error);
        if (!reader->handle)
            return -1;
        if (sum_register(reader->handle) != SQLITE_OK ||
            (reader->prepare && reader->prepare(reader->handle) != SQLITE_OK))
            return fail(reader, error);
        sqlite3_progress_handler(reader->handle, STEPS_BETWEEN_LOOKS, is_over, reader);
    }
    if (!version_is_equal(&reader->version, &version))
        forget_counts(reader);
    reader->version = version;
    if (sqlite3_exec(reader->handle, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return fail(reader, error);
    return 0;
}

int reader_end(struct reader *reader, struct error *error)
{
    struct version version;

    if (reader_is_late(reader))
        return give_up(reader, error);
    if (reader->result != SQLITE_OK)
        return fail(reader, error);
    for (size_t i = 0; i < READER_STATEMENTS; i++)
        sqlite3_reset(reader->statements[i].statement);
    if (sqlite3_exec(reader->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return fail(reader, error);
    /* SQLite takes no lock on an immutable database, so it may have changed. */
    if (reader->is_immutable &&
        (version_read(reader->path, &version) < 0 || !version_is_equal(&reader->version, &version)))
        return error_set(error, "the database changed while it was read");
    return 0;
}

static void note(struct reader *reader, int result)
{
    if (reader->result == SQLITE_OK)
        reader->result = result;
}

/* Finds the statement prepared for SQL, or else the slot to use for it. */
static struct cached_statement *find_statement(struct reader *reader, const char *sql)
{
    struct cached_statement *oldest = &reader->statements[0];

    for (size_t i = 0; i < READER_STATEMENTS; i++) {
        struct cached_statement *cached = &reader->statements[i];

        if (cached->statement && strcmp(sqlite3_sql(cached->statement), sql) == 0)
            return cached;
        if (cached->used < oldest->used)
            oldest = cached;
    }
    sqlite3_finalize(oldest->statement);
    oldest->statement = NULL;
    return oldest;
}

sqlite3_stmt *reader_select(struct reader *reader, const struct query *query)
{
    struct cached_statement *cached = find_statement(reader, query->sql.chars);
    int result = SQLITE_OK;

    cached->used = ++reader->clock;
    if (!cached->statement)
        result = sqlite3_prepare_v3(reader->handle, query->sql.chars, -1, SQLITE_PREPARE_PERSISTENT,
                                    &cached->statement, NULL);
    if (result == SQLITE_OK) {
        sqlite3_reset(cached->statement);
        result = query_bind(query, cached->statement);
    }
    note(reader, result);
    return result == SQLITE_OK ? cached->statement : NULL;
}

int reader_next(struct reader *reader, sqlite3_stmt *statement)
{
    int result = statement ? sqlite3_step(statement) : SQLITE_DONE;

    if (result == SQLITE_ROW)
        return 1;
    if (result != SQLITE_DONE)
        note(reader, result);
    return 0;
}

const char *reader_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return text ? text : "";
}

static struct cached_count *find_count(struct reader *reader, const char *key)
{
    for (size_t i = 0; i < READER_COUNTS; i++)
        if (reader->counts[i].key && strcmp(reader->counts[i].key, key) == 0)
            return &reader->counts[i];
    return NULL;
}

static void keep_count(struct reader *reader, const char *key, int64_t count)
{
    struct cached_count *cached = &reader->counts[reader->next_count++ % READER_COUNTS];

    free(cached->key);
    cached->key = strdup(key);
    cached->count = count;
}

int64_t reader_count(struct reader *reader, const struct query *query)
{
    char chars[KEY_CHARS];
    struct text key = text_over(chars, sizeof(chars));
    const struct cached_count *cached;
    sqlite3_stmt *statement;
    int64_t count = 0;

    query_key(query, &key);
    cached = find_count(reader, chars);
    if (cached)
        return cached->count;
    statement = reader_select(reader, query);
    if (reader_next(reader, statement)) {
        count = sqlite3_column_int64(statement, 0);
        keep_count(reader, chars, count);
    }
    return count;
}
