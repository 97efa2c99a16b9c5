/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "hook/hook.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json_writer.h"
#include "base/monotonic.h"
#include "base/timestamp.h"

#define LOOK_EVERY_NS NS_PER_SECOND
#define ROWS_A_LOOK   1000 /* of each table */

static const struct {
    const char *type; /* of the JSON object */
    const char *rows; /* SELECT of the rows behind ?1, of captures behind ?2, at most ?3 */
    const char *last; /* SELECT of the last id */
} followed[HOOK_TABLES] = {
    {"gap",
     "SELECT g.*, c.source AS interface FROM sequence_gaps g JOIN captures c ON c.id = capture_id "
     "WHERE g.id > ?1 AND capture_id > ?2 ORDER BY g.id LIMIT ?3",
     "SELECT max(id) FROM sequence_gaps"},
    {"event",
     "SELECT e.*, c.source AS interface FROM events e JOIN captures c ON c.id = capture_id "
     "WHERE e.id > ?1 AND capture_id > ?2 ORDER BY e.id LIMIT ?3",
     "SELECT max(id) FROM events"},
};

/* --- lines --- */

/* Writes the value in COLUMN of the present row under the column's name. */
static void write_column(struct json_writer *json, sqlite3_stmt *row, int column)
{
    const char *name = sqlite3_column_name(row, column);

    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        json_integer(json, name, (uint64_t)sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        json_number(json, name, sqlite3_column_double(row, column));
        break;
    case SQLITE_TEXT:
        json_string(json, name, (const char *)sqlite3_column_text(row, column));
        break;
    default:
        json_null(json, name);
    }
}

struct line {
    char *text;
    size_t length;
    FILE *stream; /* NULL: no memory */
    struct json_writer json;
};

static int line_begin(struct line *line, const char *type)
{
    *line = (struct line){0};
    line->stream = open_memstream(&line->text, &line->length);
    if (!line->stream)
        return -1;
    json_begin(&line->json, line->stream);
    json_open(&line->json, NULL, '{');
    json_string(&line->json, "type", type);
    return 0;
}

static void line_end(struct line *line, struct listener *listener)
{
    json_close(&line->json, '}');
    json_end(&line->json);
    if (fclose(line->stream) == 0)
        listener_tell(listener, line->text, line->length);
    free(line->text);
}

static void tell_row(struct hook *hook, const char *type, sqlite3_stmt *row)
{
    struct line line;

    if (line_begin(&line, type) < 0)
        return;
    for (int i = 0; i < sqlite3_column_count(row); i++)
        write_column(&line.json, row, i);
    line_end(&line, &hook->listener);
}

void hook_tell_state(struct hook *hook, const char *interface, const char *word)
{
    char timestamp[TIMESTAMP_CHARS];
    struct timespec now;
    struct line line;

    if (!hook->path || line_begin(&line, "state") < 0)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    timestamp_format((uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec, timestamp);
    json_string(&line.json, "timestamp", timestamp);
    json_string(&line.json, "interface", interface);
    json_string(&line.json, "state", word);
    line_end(&line, &hook->listener);
}

/* --- the database --- */

static void close_database(struct hook *hook)
{
    sqlite3_close(hook->database);
    hook->database = NULL;
}

/* The number that SQL selects; 0 when there is none, or when the database cannot be read now. */
static int64_t read_number(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = 0;

    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* Opens the database unless it is open. When another file took its place, all rows of that file are
 * new. Returns 0, or -1 when there is no database now. */
static int open_database(struct hook *hook)
{
    struct stat file;

    if (stat(hook->path, &file) < 0)
        return -1;
    if (hook->database && file.st_dev == hook->file.st_dev && file.st_ino == hook->file.st_ino)
        return 0;
    if (hook->database) {
        close_database(hook);
        hook->capture = 0;
        memset(hook->tables, 0, sizeof(hook->tables));
    }
    hook->file = file;
    if (sqlite3_open_v2(hook->path, &hook->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        return 0;
    close_database(hook);
    return -1;
}

static void follow(struct hook *hook, size_t table)
{
    sqlite3_stmt *rows = NULL;

    if (sqlite3_prepare_v2(hook->database, followed[table].rows, -1, &rows, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(rows, 1, hook->tables[table].last_id);
        sqlite3_bind_int64(rows, 2, hook->capture);
        sqlite3_bind_int(rows, 3, ROWS_A_LOOK);
        while (sqlite3_step(rows) == SQLITE_ROW) {
            hook->tables[table].last_id = sqlite3_column_int64(rows, 0);
            tell_row(hook, followed[table].type, rows);
        }
    }
    sqlite3_finalize(rows);
}

void hook_begin(struct hook *hook, const char *command, const char *path)
{
    *hook = (struct hook){.path = command ? path : NULL};
    if (!hook->path)
        return;
    listener_init(&hook->listener, command);
    if (open_database(hook) < 0)
        return;
    hook->capture = read_number(hook->database, "SELECT max(id) FROM captures");
    for (size_t i = 0; i < HOOK_TABLES; i++)
        hook->tables[i].last_id = read_number(hook->database, followed[i].last);
}

void hook_update(struct hook *hook, uint64_t now_ns)
{
    if (!hook->path || now_ns - hook->looked_ns < LOOK_EVERY_NS)
        return;
    hook->looked_ns = now_ns;
    if (open_database(hook) < 0)
        return;
    for (size_t i = 0; i < HOOK_TABLES; i++)
        follow(hook, i);
    listener_say_dropped(&hook->listener);
}

void hook_end(struct hook *hook)
{
    if (!hook->path)
        return;
    hook_update(hook, hook->looked_ns + LOOK_EVERY_NS);
    close_database(hook);
    listener_end(&hook->listener);
    hook->path = NULL;
}
