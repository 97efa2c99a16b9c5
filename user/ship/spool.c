/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/spool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "store/database/schema.h"
#include "track/flows/sampler.h"

#define WAIT_MS         5000
#define VALUE_BYTES_MAX (4 << 20)

#define UUID_DIGITS "0123456789abcdef-"

#define STATE "SELECT uuid, change FROM store"

static int failed(struct spool *spool, struct error *error)
{
    const char *text = sqlite3_errmsg(spool->database);
    int number = sqlite3_system_errno(spool->database);

    switch (sqlite3_errcode(spool->database)) {
    case SQLITE_READONLY:
        return error_set(error, "%s: %s: this user must be able to write to its folder",
                         spool->path, text);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        if (number)
            return error_set(error, "%s: %s: %s", spool->path, text, strerror(number));
    }
    return error_set(error, "%s: %s", spool->path, text);
}

/* The file may come from anyone, so nothing in its schema may be executed. */
static void harden(sqlite3 *database)
{
    sqlite3_busy_timeout(database, WAIT_MS);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
}

static int prepare(struct spool *spool, const char *sql, sqlite3_stmt **statement,
                   struct error *error)
{
    if (sqlite3_prepare_v3(spool->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
        SQLITE_OK)
        return failed(spool, error);
    return 0;
}

/* SQL's is_shipped(number): whether a sample with this number is. The tracker chose it by the lower
 * bits of the hash. */
static void is_shipped(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const struct spool *spool = sqlite3_user_data(context);
    uint32_t hash = sample_hash((uint64_t)sqlite3_value_int64(arguments[0])) >> 16;

    (void)count;
    sqlite3_result_int(context, spool->samples && hash % spool->samples == 0);
}

static int check_version(struct spool *spool, struct error *error)
{
    sqlite3_stmt *statement;
    int version = 0;

    if (prepare(spool, "PRAGMA user_version", &statement, error) < 0)
        return -1;
    if (sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    if (sqlite3_finalize(statement) != SQLITE_OK)
        return failed(spool, error);
    if (version != SCHEMA_VERSION)
        return error_set(error, "%s: it has schema version %d, this program ships %d", spool->path,
                         version, SCHEMA_VERSION);
    return 0;
}

static int open_and_prepare(struct spool *spool, struct error *error)
{
    place_note(&spool->place, spool->path);
    if (sqlite3_open_v2(spool->path, &spool->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return failed(spool, error);
    harden(spool->database);
    if (sqlite3_create_function(spool->database, "is_shipped", 1,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, spool,
                                is_shipped, NULL, NULL) != SQLITE_OK)
        return failed(spool, error);
    if (check_version(spool, error) < 0 || prepare(spool, STATE, &spool->state, error) < 0)
        return -1;
    spool->selects = calloc(ship_table_count, sizeof(sqlite3_stmt *));
    if (!spool->selects)
        return error_set(error, "out of memory");
    for (size_t i = 0; i < ship_table_count; i++)
        if (prepare(spool, ship_tables[i].select, &spool->selects[i], error) < 0)
            return -1;
    return 0;
}

void spool_close(struct spool *spool)
{
    for (size_t i = 0; spool->selects && i < ship_table_count; i++)
        sqlite3_finalize(spool->selects[i]);
    free(spool->selects);
    sqlite3_finalize(spool->state);
    sqlite3_close(spool->database);
    *spool = (struct spool){.path = spool->path, .samples = spool->samples};
}

static int read_state(struct spool *spool, struct spool_state *state, struct error *error)
{
    sqlite3_stmt *statement = spool->state;
    const char *uuid = NULL;

    *state = (struct spool_state){.change = -1};
    if (sqlite3_step(statement) == SQLITE_ROW) {
        uuid = (const char *)sqlite3_column_text(statement, 0);
        snprintf(state->store, sizeof(state->store), "%s", uuid ? uuid : "");
        state->change = sqlite3_column_int64(statement, 1);
    }
    if (sqlite3_reset(statement) != SQLITE_OK)
        return failed(spool, error);
    if (!*state->store || state->store[strspn(state->store, UUID_DIGITS)])
        return error_set(error, "%s: it has no UUID", spool->path);
    return 0;
}

int spool_look(struct spool *spool, struct spool_state *state, struct error *error)
{
    if (spool->database && place_has_changed(&spool->place, spool->path))
        spool_close(spool);
    if ((spool->database || open_and_prepare(spool, error) == 0) &&
        read_state(spool, state, error) == 0)
        return 0;
    spool_close(spool);
    return -1;
}

/* --- rows --- */

/* Numbers as other programs read them back exactly; JSON has no infinity. */
static void write_real(FILE *to, const char *name, double value)
{
    if (isfinite(value))
        fprintf(to, ",\"%s\":%.17g", name, value);
    else
        fprintf(to, ",\"%s\":null", name);
}

#define EXACT_MAX                                                                                  \
    (INT64_C(1) << 53) /* numbers above are texts: JSON's readers would round them                 \
                        */

static void write_integer(FILE *to, const char *name, int64_t value)
{
    const char *quote = value > EXACT_MAX || value < -EXACT_MAX ? "\"" : "";

    fprintf(to, ",\"%s\":%s%lld%s", name, quote, (long long)value, quote);
}

static void write_text(FILE *to, const char *name, const char *text)
{
    struct json_writer json;

    fprintf(to, ",\"%s\":", name);
    json_begin(&json, to);
    json_string(&json, NULL, text);
    json_flush(&json);
}

/* Writes the columns from FIRST on. */
static void write_row(FILE *to, sqlite3_stmt *statement, int first, const char *head)
{
    int count = sqlite3_column_count(statement);

    fprintf(to, "{%s", head);
    for (int i = first; i < count; i++) {
        const char *name = sqlite3_column_name(statement, i);

        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
            write_integer(to, name, sqlite3_column_int64(statement, i));
            break;
        case SQLITE_FLOAT:
            write_real(to, name, sqlite3_column_double(statement, i));
            break;
        case SQLITE_TEXT:
            write_text(to, name, (const char *)sqlite3_column_text(statement, i));
            break;
        default:
            fprintf(to, ",\"%s\":null", name);
        }
    }
    fputs("}\n", to);
}

/* Moves POSITION, which has PARTS, to the present row of STATEMENT. Returns 0, or -1 when the row
 * is not behind it. */
static int move_to_row(int64_t *position, int parts, sqlite3_stmt *statement)
{
    int has_risen = 0;

    for (int i = 0; i < parts; i++) {
        int64_t part = sqlite3_column_int64(statement, i);

        if (sqlite3_column_type(statement, i) != SQLITE_INTEGER ||
            (!has_risen && part < position[i]))
            return -1;
        has_risen |= part > position[i];
        position[i] = part;
    }
    return has_risen ? 0 : -1;
}

/* Writes the rows that STATEMENT gives. Returns 0, or -1 when one is not behind the row before. */
static int write_rows(FILE *to, sqlite3_stmt *statement, int parts, const char *head,
                      struct spool_batch *batch)
{
    while (sqlite3_step(statement) == SQLITE_ROW) {
        if (move_to_row(batch->position, parts, statement) < 0)
            return -1;
        batch->rows++;
        write_row(to, statement, parts, head);
    }
    return 0;
}

int spool_read(struct spool *spool, size_t table, int64_t change,
               const int64_t position[SHIP_POSITION], size_t count, const char *head,
               struct spool_batch *batch, struct error *error)
{
    sqlite3_stmt *statement = spool->selects[table];
    int parts = ship_tables[table].position_parts;
    int status;
    FILE *to;

    *batch = (struct spool_batch){0};
    to = open_memstream(&batch->lines, &batch->size);
    if (!to)
        return error_set(error, "out of memory");
    sqlite3_bind_int64(statement, 1, change);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)count);
    for (int i = 0; i < parts; i++)
        sqlite3_bind_int64(statement, 3 + i, position[i]);
    memcpy(batch->position, position, sizeof(batch->position));
    status = write_rows(to, statement, parts, head, batch);
    if (fclose(to) != 0)
        return error_set(error, "out of memory");
    if (sqlite3_reset(statement) != SQLITE_OK)
        return failed(spool, error);
    if (status < 0) {
        error_set(error, "%s: table %s has rows whose keys are no whole numbers, or in disorder",
                  spool->path, ship_tables[table].name);
        return 1;
    }
    return 0;
}

void spool_batch_release(struct spool_batch *batch)
{
    free(batch->lines);
    *batch = (struct spool_batch){0};
}
