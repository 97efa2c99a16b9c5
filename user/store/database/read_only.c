/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/read_only.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define SCHEMA_VERSION  2 /* as in user/store/database/schema.sql */
#define URI_CHARS       (3 * 4096)
#define WAIT_MS         100       /* for a lock; the worker answers no requests in this time */
#define PRIMARY_CODE    0xFF      /* part of SQLite's extended result codes */
#define VALUE_BYTES_MAX (4 << 20) /* no value that gapwatch writes is longer */
#define CACHE_PRAGMA    "PRAGMA cache_size = -8192"

/* SQLite's file layer, with short sleeps. */
#define VFS_NAME     "gapwatch-reader"
#define SLEEP_US_MAX 1000

static sqlite3_vfs vfs;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A log and its index that do not fit, as after a power failure or in a copy, make SQLite sleep a
 * hundred times, for 10 s in all, until a writer mends the index; nobody may wait so long. */
static int sleep_briefly(sqlite3_vfs *self, int microseconds)
{
    (void)self;
    if (microseconds > SLEEP_US_MAX)
        microseconds = SLEEP_US_MAX;
    usleep((useconds_t)microseconds);
    return microseconds;
}

/* Waits for a program that opens or closes the database. SQLite's own handler would count the
 * sleeps that are cut short above as long ones. */
static int wait_for_others(void *unused, int times)
{
    (void)unused;
    if (times >= WAIT_MS)
        return 0;
    usleep(1000);
    return 1;
}

static void register_vfs(void)
{
    const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);

    if (!usual)
        return;
    vfs = *usual;
    vfs.zName = VFS_NAME;
    vfs.xSleep = sleep_briefly;
    sqlite3_vfs_register(&vfs, 0);
}

/* Makes the URI of PATH, with all special characters encoded. */
static void make_uri(const char *path, const char *parameters, struct text *uri)
{
    text_add(uri, "file:");
    for (; *path; path++)
        if (isalnum((unsigned char)*path) || strchr("/._-", *path))
            text_add(uri, "%c", *path);
        else
            text_add(uri, "%%%02X", (unsigned char)*path);
    text_add(uri, "?%s", parameters);
}

/* The file may come from anyone, so nothing in its schema may be executed. */
static int harden(sqlite3 *handle)
{
    sqlite3_busy_handler(handle, wait_for_others, NULL);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    return sqlite3_exec(handle, CACHE_PRAGMA, NULL, NULL, NULL);
}

/* Reads the schema version. Returns SQLite's result code. */
static int read_version(sqlite3 *handle, int *version)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &statement, NULL);

    if (result == SQLITE_OK && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        *version = sqlite3_column_int(statement, 0);
        result = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return result;
}

static sqlite3 *try_open(const char *path, const char *parameters, int *result, int *version)
{
    char chars[URI_CHARS];
    struct text uri = text_over(chars, sizeof(chars));
    sqlite3 *handle = NULL;

    pthread_once(&once, register_vfs);
    make_uri(path, parameters, &uri);
    *result = sqlite3_open_v2(
        chars, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, VFS_NAME);
    if (*result == SQLITE_OK)
        *result = harden(handle);
    if (*result == SQLITE_OK)
        *result = read_version(handle, version);
    return handle;
}

/* SQLite could not create the log; the code depends on the permissions of the directory. */
static int is_for_want_of_a_log(int result)
{
    return result == SQLITE_READONLY_DIRECTORY || (result & PRIMARY_CODE) == SQLITE_CANTOPEN;
}

sqlite3 *open_read_only(const char *path, int has_log, int *is_immutable, struct error *error)
{
    int result, version = 0;
    sqlite3 *handle = try_open(path, "mode=ro", &result, &version);

    *is_immutable = 0;
    /* A database in WAL mode without a log (its writer has ended) can only be read as an immutable
     * file. */
    if (!has_log && is_for_want_of_a_log(result)) {
        sqlite3_close(handle);
        handle = try_open(path, "immutable=1", &result, &version);
        *is_immutable = 1;
    }
    if (result == SQLITE_OK && version == SCHEMA_VERSION)
        return handle;
    if (result != SQLITE_OK)
        error_set(error, "the database cannot be read now: %s", sqlite3_errmsg(handle));
    else
        error_set(error, "the database has schema version %d, this program reads %d%s", version,
                  SCHEMA_VERSION,
                  version < SCHEMA_VERSION ? ": gapwatch analyze or capture with --db migrates it"
                                           : "");
    sqlite3_close(handle);
    return NULL;
}
