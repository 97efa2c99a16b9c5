/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/database.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/timestamp.h"
#include "store/database/schema.h"

/* For opening: how often, and how long each time. */
#define OPEN_WAITS      100
#define OPEN_WAIT_NS    100000000
#define WRITING_WAIT_MS 200

#define SHORTEST_BYTES 512

/* The longest value; names of captured files may take two million octets. */
#define VALUE_BYTES_MAX (4 << 20)

/* With WAL, readers and the writer do not wait for each other. A kill leaves the database
 * intact. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA secure_delete = OFF;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA wal_autocheckpoint = 4000;"
                               "PRAGMA journal_size_limit = 67108864;";

int database_failed(sqlite3 *database, struct error *error)
{
    return error_set(error, "%s", sqlite3_errmsg(database));
}

int database_run(sqlite3 *database, const char *sql, struct error *error)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        return database_failed(database, error);
    return 0;
}

sqlite3_stmt *database_prepare(sqlite3 *database, const char *sql, struct error *error)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        database_failed(database, error);
        return NULL;
    }
    return statement;
}

int statement_run(sqlite3_stmt *statement, struct error *error)
{
    while (sqlite3_step(statement) == SQLITE_ROW)
        ;
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return 0;
}

int statement_ask(sqlite3_stmt *statement, int64_t *value, struct error *error)
{
    int found =
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;

    if (found)
        *value = sqlite3_column_int64(statement, 0);
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return found;
}

void statement_bind_time(sqlite3_stmt *statement, int index, uint64_t time_ns)
{
    char timestamp[TIMESTAMP_CHARS];

    timestamp_format(time_ns, timestamp);
    sqlite3_bind_text(statement, index, timestamp, -1, SQLITE_TRANSIENT);
}

uint64_t statement_time(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return text ? timestamp_or_zero(text) : 0;
}

void statement_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

/* SQL's change_number(): the number of the present transaction. */
static void change_number(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const int64_t *change = sqlite3_user_data(context);

    (void)count;
    (void)arguments;
    sqlite3_result_int64(context, *change);
}

int database_number_changes(sqlite3 *database, int64_t *change, struct error *error)
{
    if (sqlite3_create_function(database, "change_number", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                change, change_number, NULL, NULL) != SQLITE_OK)
        return database_failed(database, error);
    return 0;
}

/* Sets VALUE to the integer that a query or PRAGMA returns. Returns 0, or -1 with ERROR set. */
static int ask(sqlite3 *database, const char *sql, int64_t *value, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(database, sql, error);
    int status;

    if (!statement)
        return -1;
    *value = 0;
    status = statement_ask(statement, value, error);
    sqlite3_finalize(statement);
    return status < 0 ? -1 : 0;
}

/* In a transaction: checks that the database is ours, and migrates it, or initialises an
 * empty one. */
static int adopt(sqlite3 *database, struct error *error)
{
    int64_t application, version, objects;

    if (ask(database, "PRAGMA application_id", &application, error) < 0 ||
        ask(database, "PRAGMA user_version", &version, error) < 0 ||
        ask(database, "SELECT count(*) FROM sqlite_schema", &objects, error) < 0)
        return -1;
    if (!application && !version && !objects)
        return database_run(database, schema_sql, error);
    if (application != SCHEMA_APPLICATION)
        return error_set(error, "a database of another program");
    if (version > SCHEMA_VERSION)
        return error_set(error, "schema version %lld is newer than this gapwatch (%d)",
                         (long long)version, SCHEMA_VERSION);
    return schema_migrate(database, (int)version, SCHEMA_VERSION, schema_migrations,
                          schema_migration_count, error);
}

/* The file may come from anyone, so nothing in its schema may be executed, and no table may be
 * a view. Foreign keys still work. */
static void harden(sqlite3 *database)
{
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
}

/* SQLite's busy handler of a database that was opened: waits for another program's lock. Returns
 * whether to try again; not when the program is told to stop. */
static int wait_for_lock(void *unused, int waits)
{
    struct timespec pause = {.tv_nsec = OPEN_WAIT_NS};

    (void)unused;
    if (waits >= OPEN_WAITS || interrupted())
        return 0;
    nanosleep(&pause, NULL); /* a signal may end it early */
    return 1;
}

static int prepare(sqlite3 *database, struct error *error)
{
    int64_t pages;

    harden(database);
    sqlite3_busy_handler(database, wait_for_lock, NULL);
    if (ask(database, "PRAGMA page_count", &pages, error) < 0)
        return -1;
    /* Deleted rows should free their pages. This must be set before anything is written. */
    if (!pages && database_run(database, "PRAGMA auto_vacuum = INCREMENTAL", error) < 0)
        return -1;
    if (database_run(database, "BEGIN IMMEDIATE", error) < 0)
        return -1;
    if (adopt(database, error) < 0 || database_run(database, "COMMIT", error) < 0) {
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    return database_run(database, settings, error);
}

void database_wait_briefly(sqlite3 *database)
{
    sqlite3_busy_timeout(database, WRITING_WAIT_MS);
}

/* SQLite takes a file that is too short for a database for an empty one, and would overwrite it. */
static int is_too_short(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
           status.st_size < SHORTEST_BYTES;
}

/* Opens DATABASE and prepares it. Returns 0, or -1 with ERROR set; close it in either case. */
static int open_and_prepare(const char *path, sqlite3 **database, struct error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    *database = NULL;
    if (is_too_short(path))
        return error_set(error, "file is not a database");
    if (sqlite3_open_v2(path, database, flags, NULL) == SQLITE_OK)
        return prepare(*database, error);
    return *database ? database_failed(*database, error) : error_set(error, "out of memory");
}

/* The system's error for a file that cannot be opened, or 0. SQLite's error may be about another
 * file that it needs. */
static int system_error(const char *path, sqlite3 *database)
{
    if (!database || sqlite3_errcode(database) != SQLITE_CANTOPEN)
        return 0;
    return access(path, W_OK) < 0 ? errno : sqlite3_system_errno(database);
}

sqlite3 *database_open(const char *path, struct error *error)
{
    struct error reason;
    sqlite3 *database;
    int number;

    if (open_and_prepare(path, &database, &reason) == 0)
        return database;
    number = system_error(path, database);
    error_set(error, "%s: %s%s%s", path, reason.text, number ? ": " : "",
              number ? strerror(number) : "");
    sqlite3_close(database);
    return NULL;
}

void database_close(sqlite3 *database)
{
    sqlite3_close_v2(database);
}
