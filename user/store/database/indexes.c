/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/indexes.h"

#include "store/database/database.h"

/* With fewer changes, it makes no difference. */
#define CHANGES_AT_LEAST 10000

/* The number of rows for each changed one up to which sorting anew pays off. */
#define ROWS_A_CHANGE 2

/* Sorting happens in memory; more rows exceed a cache of 64 MB. */
#define ROWS_AT_MOST 2000000

static int are_worth_it(sqlite3 *database, size_t changes, int64_t *worth, struct error *error)
{
    sqlite3_stmt *statement;
    int64_t rows = 0;
    int status;

    *worth = 0;
    if (changes < CHANGES_AT_LEAST)
        return 0;
    statement = database_prepare(database, "SELECT sum(total_flows) FROM captures", error);
    if (!statement)
        return -1;
    status = statement_ask(statement, &rows, error);
    sqlite3_finalize(statement);
    *worth = rows <= (int64_t)changes * ROWS_A_CHANGE && rows <= ROWS_AT_MOST;
    return status < 0 ? -1 : 0;
}

/* Fills in INDEXES, and NAMES with the names to drop. */
static int list(sqlite3 *database, struct indexes *indexes, char **names, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(
        database,
        "SELECT sql, name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'flows' "
        "AND sql IS NOT NULL LIMIT 16",
        error);

    if (!statement)
        return -1;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        indexes->sql[indexes->count] = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
        names[indexes->count++] =
            sqlite3_mprintf("DROP INDEX \"%w\"", sqlite3_column_text(statement, 1));
    }
    if (sqlite3_finalize(statement) != SQLITE_OK)
        return database_failed(database, error);
    return 0;
}

/* Runs COUNT statements of SQL; a statement is NULL when memory was short. */
static int run_all(sqlite3 *database, char *const *sql, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!sql[i])
            return error_set(error, "out of memory");
        if (database_run(database, sql[i], error) < 0)
            return -1;
    }
    return 0;
}

int indexes_drop(sqlite3 *database, size_t changes, struct indexes *indexes, struct error *error)
{
    char *drops[INDEXES_MAX] = {0};
    int64_t worth;
    int status;

    *indexes = (struct indexes){0};
    status = are_worth_it(database, changes, &worth, error);
    if (status == 0 && worth) {
        status = list(database, indexes, drops, error);
        if (status == 0)
            status = run_all(database, drops, indexes->count, error);
    }
    for (size_t i = 0; i < INDEXES_MAX; i++)
        sqlite3_free(drops[i]);
    return status;
}

int indexes_make(sqlite3 *database, const struct indexes *indexes, struct error *error)
{
    return run_all(database, indexes->sql, indexes->count, error);
}

void indexes_release(struct indexes *indexes)
{
    for (size_t i = 0; i < indexes->count; i++)
        sqlite3_free(indexes->sql[i]);
    *indexes = (struct indexes){0};
}
