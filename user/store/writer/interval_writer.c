/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/interval_writer.h"

#include "store/database/bind.h"

/* Adds the interval of a capture: its row and keys, with all figures 0. */
static const char open_sql[] = "INSERT INTO capture_intervals (changed, capture_id"
#define FIGURE(name, ...) ", " #name
#include "figures/interval.def"
                               ") VALUES (change_number(), ?"
#define FIGURE(...) ", 0"
#define KEY(...)    ", ?"
#include "figures/interval.def"
                               ") ON CONFLICT (capture_id, timestamp) DO UPDATE SET "
                               "duration_seconds = max(duration_seconds, excluded.duration_seconds)"
                               " RETURNING id";

#define FIND                                                                                       \
    "SELECT id, timestamp, duration_seconds FROM capture_intervals "                               \
    "WHERE capture_id = ?1 AND timestamp <= ?2 ORDER BY timestamp DESC LIMIT 1"

/*
 * The row's id comes behind the figures. When a column is set twice, SQLite takes the last value,
 * so each figure can have a comma in front. Figures do not fall below 0, even if another program
 * has changed the database before a loss is withdrawn.
 */
static const char add_sql[] = "UPDATE capture_intervals SET "
                              "changed = iif(changed IS NULL, NULL, change_number())"
#define FIGURE(name, ...) ", " #name " = max(" #name " + ?, 0)"
#define KEY(...)
#include "figures/interval.def"
                              " WHERE id = ?";

/* Each figure occurs twice: for a new part, and for an existing one. */
static const char add_flow_sql[] = "INSERT INTO interval_flows (changed, interval, flow"
#define FIGURE(name, ...) ", " #name
#define KEY(...)
#include "figures/interval.def"
                                   ") VALUES (change_number(), :interval, :flow"
#define FIGURE(name, ...) ", max(:" #name ", 0)"
#define KEY(...)
#include "figures/interval.def"
                                   ") ON CONFLICT (interval, flow) DO UPDATE SET "
                                   "changed = change_number()"
#define FIGURE(name, ...) ", " #name " = max(" #name " + :" #name ", 0)"
#define KEY(...)
#include "figures/interval.def"
    ;

int interval_writer_init(struct interval_writer *writer, sqlite3 *database, int64_t capture,
                         uint64_t length_ns, struct error *error)
{
    *writer = (struct interval_writer){.capture = capture, .length_ns = length_ns};
    writer->open = database_prepare(database, open_sql, error);
    writer->find = writer->open ? database_prepare(database, FIND, error) : NULL;
    writer->add = writer->find ? database_prepare(database, add_sql, error) : NULL;
    writer->add_flow = writer->add ? database_prepare(database, add_flow_sql, error) : NULL;
    return writer->add_flow ? 0 : -1;
}

void interval_writer_release(struct interval_writer *writer)
{
    sqlite3_finalize(writer->open);
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->add);
    sqlite3_finalize(writer->add_flow);
    *writer = (struct interval_writer){0};
}

void interval_writer_begin(struct interval_writer *writer)
{
    writer->found_row = 0;
}

static void bind_keys(sqlite3_stmt *statement, const struct interval_row *row)
{
    int place = 2;

#define FIGURE(...)
#define KEY(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/interval.def"
}

int interval_open(struct interval_writer *writer, const struct batch_interval *interval,
                  int64_t *row, struct error *error)
{
    const struct interval_row keys = {
        .start_ns = interval->start_ns,
        .length_ns = interval->end_ns - interval->start_ns,
    };

    sqlite3_bind_int64(writer->open, 1, writer->capture);
    bind_keys(writer->open, &keys);
    if (statement_ask(writer->open, row, error) < 0)
        return -1;
    writer->found = *interval;
    writer->found_row = *row;
    return 0;
}

/* Finds the last interval that starts at or before TIME_NS. */
static int find(struct interval_writer *writer, uint64_t time_ns, struct error *error)
{
    sqlite3_stmt *statement = writer->find;

    writer->found_row = 0;
    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_time(statement, 2, time_ns);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        uint64_t start_ns = statement_time(statement, 1);
        double length_ns = sqlite3_column_double(statement, 2) * (double)NS_PER_SECOND;

        writer->found_row = sqlite3_column_int64(statement, 0);
        writer->found.start_ns = start_ns;
        writer->found.end_ns = start_ns + (uint64_t)length_ns;
    }
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return 0;
}

static int is_found(const struct interval_writer *writer, uint64_t time_ns)
{
    return writer->found_row && time_ns >= writer->found.start_ns && time_ns < writer->found.end_ns;
}

int interval_at(struct interval_writer *writer, uint64_t time_ns, int64_t *row, struct error *error)
{
    struct batch_interval made;

    if (!is_found(writer, time_ns) && find(writer, time_ns, error) < 0)
        return -1;
    *row = writer->found_row;
    if (is_found(writer, time_ns))
        return 0;
    made.start_ns = time_ns - time_ns % writer->length_ns;
    made.end_ns = made.start_ns + writer->length_ns;
    return interval_open(writer, &made, row, error);
}

/* Binds the figures of ROW from index PLACE on. Returns the index of the next parameter. */
static int bind_figures(sqlite3_stmt *statement, int place, const struct interval_row *row)
{
#define FIGURE(name, type, unit, null, value, meaning)                                             \
    sqlite3_bind_int64(statement, place++, (sqlite3_int64)(value));
#define KEY(...)
#include "figures/interval.def"
    return place;
}

int interval_add(struct interval_writer *writer, int64_t interval, const struct interval_row *added,
                 struct error *error)
{
    int place = bind_figures(writer->add, 1, added);

    sqlite3_bind_int64(writer->add, place, interval);
    return statement_run(writer->add, error);
}

int interval_add_flow(struct interval_writer *writer, int64_t interval, int64_t flow,
                      const struct interval_row *added, struct error *error)
{
    sqlite3_bind_int64(writer->add_flow, 1, interval);
    sqlite3_bind_int64(writer->add_flow, 2, flow);
    bind_figures(writer->add_flow, 3, added);
    return statement_run(writer->add_flow, error);
}
