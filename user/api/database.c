/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/open.h"

#define KEY_CHARS (2 * QUERY_CHARS)

void database_init(struct database *database, const char *path)
{
    *database = (struct database){.path = path};
}

static void forget_counts(struct database *database)
{
    for (size_t i = 0; i < DATABASE_COUNTS; i++) {
        free(database->counts[i].key);
        database->counts[i].key = NULL;
    }
}

static void database_close(struct database *database)
{
    for (size_t i = 0; i < DATABASE_STATEMENTS; i++) {
        sqlite3_finalize(database->statements[i].statement);
        database->statements[i] = (struct kept_statement){0};
    }
    sqlite3_close(database->handle);
    database->handle = NULL;
}

void database_release(struct database *database)
{
    forget_counts(database);
    database_close(database);
}

/* SQLite's cache is invalid when the file was replaced, or when an immutable one was written to. */
static int must_open(const struct database *database, const struct version *version)
{
    return !database->handle || !version_is_same_file(&database->version, version) ||
           (database->is_immutable && !version_is_equal(&database->version, version));
}

void database_tidy(struct database *database)
{
    struct version version;

    if (database->handle && (version_read(database->path, &version) < 0 ||
                             !version_is_same_file(&database->version, &version)))
        database_close(database);
}

static int fail(struct database *database, struct error *error)
{
    error_set(error, "the database cannot be read now: %s",
              database->handle ? sqlite3_errmsg(database->handle) : "it is not open");
    database_close(database);
    return -1;
}

int database_begin(struct database *database, struct error *error)
{
    struct version version;

    /* The version is read before the data, so that an ETag is never newer than its data. */
    if (version_read(database->path, &version) < 0)
        return error_set(error, "the database cannot be opened: %s", strerror(errno));
    if (must_open(database, &version)) {
        database_close(database);
        database->handle =
            open_read_only(database->path, version.log.inode != 0, &database->is_immutable, error);
        if (!database->handle)
            return -1;
    }
    if (!version_is_equal(&database->version, &version))
        forget_counts(database);
    database->version = version;
    database->result = SQLITE_OK;
    if (sqlite3_exec(database->handle, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return fail(database, error);
    return 0;
}

int database_end(struct database *database, struct error *error)
{
    struct version version;

    if (database->result != SQLITE_OK)
        return fail(database, error);
    for (size_t i = 0; i < DATABASE_STATEMENTS; i++)
        sqlite3_reset(database->statements[i].statement);
    if (sqlite3_exec(database->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return fail(database, error);
    /* SQLite takes no lock on an immutable database, so it may have changed. */
    if (database->is_immutable && (version_read(database->path, &version) < 0 ||
                                   !version_is_equal(&database->version, &version)))
        return error_set(error, "the database changed while it was read");
    return 0;
}

static void note(struct database *database, int result)
{
    if (database->result == SQLITE_OK)
        database->result = result;
}

/* Finds the statement prepared for SQL, or else the slot to use for it. */
static struct kept_statement *find_statement(struct database *database, const char *sql)
{
    struct kept_statement *oldest = &database->statements[0];

    for (size_t i = 0; i < DATABASE_STATEMENTS; i++) {
        struct kept_statement *kept = &database->statements[i];

        if (kept->statement && strcmp(sqlite3_sql(kept->statement), sql) == 0)
            return kept;
        if (kept->used < oldest->used)
            oldest = kept;
    }
    sqlite3_finalize(oldest->statement);
    oldest->statement = NULL;
    return oldest;
}

sqlite3_stmt *database_select(struct database *database, const struct query *query)
{
    struct kept_statement *kept = find_statement(database, query->sql.chars);
    int result = SQLITE_OK;

    kept->used = ++database->clock;
    if (!kept->statement)
        result = sqlite3_prepare_v3(database->handle, query->sql.chars, -1,
                                    SQLITE_PREPARE_PERSISTENT, &kept->statement, NULL);
    if (result == SQLITE_OK) {
        sqlite3_reset(kept->statement);
        result = query_bind(query, kept->statement);
    }
    note(database, result);
    return result == SQLITE_OK ? kept->statement : NULL;
}

int database_next(struct database *database, sqlite3_stmt *statement)
{
    int result = statement ? sqlite3_step(statement) : SQLITE_DONE;

    if (result == SQLITE_ROW)
        return 1;
    if (result != SQLITE_DONE)
        note(database, result);
    return 0;
}

static struct kept_count *find_count(struct database *database, const char *key)
{
    for (size_t i = 0; i < DATABASE_COUNTS; i++)
        if (database->counts[i].key && strcmp(database->counts[i].key, key) == 0)
            return &database->counts[i];
    return NULL;
}

static void keep_count(struct database *database, const char *key, int64_t count)
{
    struct kept_count *kept = &database->counts[database->next_count++ % DATABASE_COUNTS];

    free(kept->key);
    kept->key = strdup(key);
    kept->count = count;
}

int64_t database_count(struct database *database, const struct query *query)
{
    char chars[KEY_CHARS];
    struct text key = text_over(chars, sizeof(chars));
    const struct kept_count *kept;
    sqlite3_stmt *statement;
    int64_t count = 0;

    query_key(query, &key);
    kept = find_count(database, chars);
    if (kept)
        return kept->count;
    statement = database_select(database, query);
    if (database_next(database, statement)) {
        count = sqlite3_column_int64(statement, 0);
        keep_count(database, chars, count);
    }
    return count;
}
