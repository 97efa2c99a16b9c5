/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/interval_writer.h"

#include "base/timestamp.h"
#include "base/units.h"
#include "store/database.h"

#define OPEN                                                                                       \
    "INSERT INTO capture_intervals (capture_id, timestamp, duration_seconds, packets, bytes, "     \
    "lost, lost_undetermined) VALUES (?1, ?2, ?3, 0, 0, 0, 0) "                                    \
    "ON CONFLICT (capture_id, timestamp) DO UPDATE SET "                                           \
    "duration_seconds = max(duration_seconds, excluded.duration_seconds) RETURNING id"
#define FIND                                                                                       \
    "SELECT id, timestamp, duration_seconds FROM capture_intervals "                               \
    "WHERE capture_id = ?1 AND timestamp <= ?2 ORDER BY timestamp DESC LIMIT 1"
#define ADD                                                                                        \
    "UPDATE capture_intervals SET packets = packets + ?2, bytes = bytes + ?3, "                    \
    "lost = max(lost + ?4, 0), lost_undetermined = max(lost_undetermined + ?5, 0) WHERE id = ?1"
#define ADD_FLOW                                                                                   \
    "INSERT INTO interval_flows (interval, flow, packets, bytes, lost, lost_undetermined) "        \
    "VALUES (?1, ?6, ?2, ?3, max(?4, 0), max(?5, 0)) "                                             \
    "ON CONFLICT (interval, flow) DO UPDATE SET "                                                  \
    "packets = packets + excluded.packets, bytes = bytes + excluded.bytes, "                       \
    "lost = max(lost + ?4, 0), lost_undetermined = max(lost_undetermined + ?5, 0)"

int interval_writer_init(struct interval_writer *writer, sqlite3 *database, int64_t capture,
                         uint64_t length_ns, struct error *error)
{
    *writer = (struct interval_writer){.capture = capture, .length_ns = length_ns};
    writer->open = database_prepare(database, OPEN, error);
    writer->find = writer->open ? database_prepare(database, FIND, error) : NULL;
    writer->add = writer->find ? database_prepare(database, ADD, error) : NULL;
    writer->add_flow = writer->add ? database_prepare(database, ADD_FLOW, error) : NULL;
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

int interval_open(struct interval_writer *writer, const struct batch_interval *interval,
                  int64_t *row, struct error *error)
{
    double seconds = (double)(interval->end_ns - interval->start_ns) / (double)NS_PER_SECOND;

    sqlite3_bind_int64(writer->open, 1, writer->capture);
    statement_bind_time(writer->open, 2, interval->start_ns);
    sqlite3_bind_double(writer->open, 3, seconds);
    if (statement_ask(writer->open, row, error) < 0)
        return -1;
    writer->found = *interval;
    writer->found_row = *row;
    return 0;
}

/* Looks for the last interval that starts at TIME_NS or before. */
static int find(struct interval_writer *writer, uint64_t time_ns, struct error *error)
{
    sqlite3_stmt *statement = writer->find;

    writer->found_row = 0;
    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_time(statement, 2, time_ns);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        uint64_t start_ns = timestamp_or_zero((const char *)sqlite3_column_text(statement, 1));
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

/* Binds the parameters that both ways of adding have. */
static void bind(sqlite3_stmt *statement, int64_t row, const struct interval_figures *figures)
{
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)figures->packets);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)figures->bytes);
    sqlite3_bind_int64(statement, 4, figures->lost[CAUSE_NETWORK]);
    sqlite3_bind_int64(statement, 5, figures->lost[CAUSE_UNDETERMINED]);
}

int interval_add(struct interval_writer *writer, int64_t row,
                 const struct interval_figures *figures, struct error *error)
{
    bind(writer->add, row, figures);
    return statement_run(writer->add, error);
}

int interval_add_flow(struct interval_writer *writer, int64_t row, int64_t flow,
                      const struct interval_figures *figures, struct error *error)
{
    bind(writer->add_flow, row, figures);
    sqlite3_bind_int64(writer->add_flow, 6, flow);
    return statement_run(writer->add_flow, error);
}
