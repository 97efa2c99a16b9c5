/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/capture_writer.h"

#include "store/database/bind.h"

static const char begin_sql[] = "INSERT INTO captures (total_flows, changed"
#define FIGURE(...)
#define ONCE(name, ...)  ", " #name
#define TOUCH(name, ...) ", " #name
#include "figures/capture.def"
                                ") VALUES (0, change_number()"
#define FIGURE(...)
#define ONCE(...)  ", ?"
#define TOUCH(...) ", ?"
#include "figures/capture.def"
                                ")";

/* The row's id comes behind the figures. NULL, for a figure that a flush did not have, changes
 * nothing. */
static const char add_sql[] = "UPDATE captures SET changed = change_number()"
#define FIGURE(...)
#define TOUCH(name, ...) ", " #name " = :" #name
#define SET(name, ...)   ", " #name " = :" #name
#define ADD(name, ...)   ", " #name " = " #name " + :" #name
#define TOTAL_MAX(name, ...)                                                                       \
    ", " #name " = coalesce(max(" #name ", :" #name "), " #name ", :" #name ")"
#define TOTAL_FIRST(name, ...)                                                                     \
    ", " #name " = coalesce(min(" #name ", :" #name "), " #name ", :" #name ")"
#define TOTAL_LAST TOTAL_MAX
#include "figures/capture.def"
                              " WHERE id = :id";

static const char end_sql[] = "UPDATE captures SET changed = change_number()"
#define FIGURE(...)
#define TOUCH(name, ...) ", " #name " = ?"
#define ENDS(name, ...)  ", " #name " = ?"
#include "figures/capture.def"
                              " WHERE id = ?";

#define BIND(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);

static int add_row(sqlite3_stmt *statement, const struct capture_row *row, struct error *error)
{
    int place = 1;

#define FIGURE(...)
#define ONCE  BIND
#define TOUCH BIND
#include "figures/capture.def"
    return statement_run(statement, error);
}

int capture_writer_begin(struct capture_writer *writer, sqlite3 *database,
                         const struct capture_row *row, struct error *error)
{
    sqlite3_stmt *begin = database_prepare(database, begin_sql, error);
    int status = begin ? add_row(begin, row, error) : -1;

    *writer = (struct capture_writer){0};
    sqlite3_finalize(begin);
    if (status < 0)
        return -1;
    writer->capture = sqlite3_last_insert_rowid(database);
    writer->add = database_prepare(database, add_sql, error);
    writer->end = writer->add ? database_prepare(database, end_sql, error) : NULL;
    return writer->end ? 0 : -1;
}

void capture_writer_release(struct capture_writer *writer)
{
    sqlite3_finalize(writer->add);
    sqlite3_finalize(writer->end);
    *writer = (struct capture_writer){0};
}

/* Added values may be negative, so no value stands for NULL. */
static void add_COUNT(sqlite3_stmt *statement, int place, uint64_t value)
{
    sqlite3_bind_int64(statement, place, (sqlite3_int64)value);
}

static void add_REAL(sqlite3_stmt *statement, int place, double value)
{
    sqlite3_bind_double(statement, place, value);
}

int capture_writer_add(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error)
{
    sqlite3_stmt *statement = writer->add;
    int place = 1;

#define FIGURE(...)
#define TOUCH                                       BIND
#define SET                                         BIND
#define ADD(name, type, unit, null, value, meaning) add_##type(statement, place++, value);
#define TOTAL_MAX                                   BIND
#define TOTAL_FIRST                                 BIND
#define TOTAL_LAST                                  BIND
#include "figures/capture.def"
    sqlite3_bind_int64(statement, place, writer->capture);
    return statement_run(statement, error);
}

int capture_writer_end(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error)
{
    sqlite3_stmt *statement = writer->end;
    int place = 1;

#define FIGURE(...)
#define TOUCH BIND
#define ENDS  BIND
#include "figures/capture.def"
    sqlite3_bind_int64(statement, place, writer->capture);
    return statement_run(statement, error);
}
