/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/gap_writer.h"

#include <string.h>

#include "figures/rows.h"
#include "store/database/bind.h"

/* Parameters: the capture's row, then the figures. */
static const char insert_sql[] = "INSERT INTO sequence_gaps (changed, capture_id"
#define FIGURE(name, ...) ", " #name
#include "figures/gap.def"
                                 ") VALUES (change_number(), ?"
#define FIGURE(...) ", ?"
#include "figures/gap.def"
                                 ")";

#define FIND                                                                                       \
    "SELECT flows.id, sas.id FROM flows LEFT JOIN sas ON sas.flow = flows.id "                     \
    "AND sas.generation = ?3 + coalesce(?4, flows.earlier_sas) "                                   \
    "WHERE flows.capture_id = ?1 AND flows.flow_id = ?2"
#define UPDATE                                                                                     \
    "UPDATE sequence_gaps SET late_after = ?6, changed = change_number() WHERE capture_id = ?1 "   \
    "AND flow_id = ?2 "                                                                            \
    "AND timestamp = ?3 AND sa_id = ?4 AND first_number = ?5 AND NOT withdrawn"
#define WITHDRAW                                                                                   \
    "UPDATE sequence_gaps SET withdrawn = 1, changed = change_number() WHERE capture_id = ?1 AND " \
    "flow_id = ?2 "                                                                                \
    "AND sa_id = ?3 AND first_number = ?4 AND NOT withdrawn "                                      \
    "RETURNING timestamp, gap_size, cause = 'undetermined'"

int gap_writer_init(struct gap_writer *writer, sqlite3 *database, int64_t capture,
                    struct interval_writer *intervals, struct error *error)
{
    *writer = (struct gap_writer){.capture = capture, .intervals = intervals};
    writer->insert = database_prepare(database, insert_sql, error);
    writer->find = writer->insert ? database_prepare(database, FIND, error) : NULL;
    writer->withdraw = writer->find ? database_prepare(database, WITHDRAW, error) : NULL;
    writer->update = writer->withdraw ? database_prepare(database, UPDATE, error) : NULL;
    return writer->update ? 0 : -1;
}

void gap_writer_release(struct gap_writer *writer)
{
    sqlite3_finalize(writer->insert);
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->withdraw);
    sqlite3_finalize(writer->update);
    *writer = (struct gap_writer){0};
}

/* --- booking --- */

/* Writes the present sum. */
static int write_sum(struct gap_writer *writer, struct error *error)
{
    struct gap_sum sum = writer->sum;

    writer->sum = (struct gap_sum){0};
    if (!sum.interval)
        return 0;
    if (interval_add_flow(writer->intervals, sum.interval, sum.flow, &sum.figures, error) < 0)
        return -1;
    return interval_add(writer->intervals, sum.interval, &sum.figures, error);
}

/* COUNT numbers of the present flow were lost at TIME_NS; a negative COUNT withdraws loss. */
static int book(struct gap_writer *writer, uint64_t time_ns, enum gap_cause cause, int64_t count,
                struct error *error)
{
    int64_t interval;

    if (interval_at(writer->intervals, time_ns, &interval, error) < 0)
        return -1;
    if ((interval != writer->sum.interval || writer->flow != writer->sum.flow) &&
        write_sum(writer, error) < 0)
        return -1;
    writer->sum.interval = interval;
    writer->sum.flow = writer->flow;
    writer->sum.figures.lost[cause] += count;
    writer->unbooked[cause] -= count;
    bookings_take(writer->bookings, writer->flow, cause, count);
    return 0;
}

/* --- one gap --- */

static int is_found(const struct gap_writer *writer, const struct gap *gap)
{
    return writer->found && writer->found->generation == gap->generation &&
           writer->found->departures == gap->departures &&
           memcmp(&writer->found->key, &gap->key, sizeof(gap->key)) == 0;
}

/* Looks up the flow, with ID, and the SA of GAP. */
static int find(struct gap_writer *writer, const struct gap *gap, const char *id,
                struct error *error)
{
    sqlite3_stmt *statement = writer->find;
    const struct life *life;

    if (is_found(writer, gap))
        return 0;
    life = lives_find(writer->ended, gap);
    writer->found = gap;
    writer->flow = 0;
    writer->sa = 0;
    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, id);
    sqlite3_bind_int64(statement, 3, gap->generation);
    if (life)
        sqlite3_bind_int64(statement, 4, life->earlier_sas);
    else
        sqlite3_bind_null(statement, 4);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        writer->flow = sqlite3_column_int64(statement, 0);
        writer->sa = sqlite3_column_int64(statement, 1);
    }
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return 0;
}

static void bind_figures(sqlite3_stmt *statement, const struct gap_row *row)
{
    int place = 2;

#define FIGURE(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/gap.def"
}

/* Writes the row of GAP and adds its loss to the interval, unless the database refuses the row. */
static int insert(struct gap_writer *writer, const struct gap *gap, const char *id,
                  struct error *error)
{
    const struct gap_row row = {.gap = gap, .flow_id = id, .sa_id = writer->sa};
    sqlite3_stmt *statement = writer->insert;
    uint64_t refused = writer->refusals->rows;

    sqlite3_bind_int64(statement, 1, writer->capture);
    bind_figures(statement, &row);
    if (refusals_sort(writer->refusals, sqlite3_db_handle(statement),
                      statement_run(statement, error), error) < 0)
        return -1;
    if (writer->refusals->rows > refused)
        return 0;
    return book(writer, gap->timestamp_ns, gap->cause, gap->size, error);
}

/* Marks the row of a withdrawn gap, and subtracts its loss from the interval. */
static int withdraw(struct gap_writer *writer, const struct gap *gap, const char *id,
                    struct error *error)
{
    sqlite3_stmt *statement = writer->withdraw;
    enum gap_cause cause = CAUSE_NETWORK;
    uint64_t time_ns = 0;
    int64_t size = 0;

    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, id);
    sqlite3_bind_int64(statement, 3, writer->sa);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)gap->first_number);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        time_ns = statement_time(statement, 0);
        size = sqlite3_column_int64(statement, 1);
        cause = sqlite3_column_int(statement, 2) ? CAUSE_UNDETERMINED : CAUSE_NETWORK;
    }
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return size ? book(writer, time_ns, cause, -size, error) : 0;
}

/* More numbers of GAP, which has a row, came late. */
static int update(struct gap_writer *writer, const struct gap *gap, const char *id,
                  struct error *error)
{
    sqlite3_stmt *statement = writer->update;

    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, id);
    bind_TIME(statement, 3, gap->timestamp_ns);
    sqlite3_bind_int64(statement, 4, writer->sa);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)gap->first_number);
    sqlite3_bind_int64(statement, 6, gap->late_after);
    return statement_run(statement, error);
}

static int write_gap(struct gap_writer *writer, const struct gap *gap, uint64_t *omitted,
                     struct error *error)
{
    char id[FLOW_ID_CHARS];

    flow_id_format(&gap->key, id);
    if (find(writer, gap, id, error) < 0)
        return -1;
    if (!writer->flow) {
        ++*omitted; /* its flow left when there was no more room for it */
        return 0;
    }
    if (gap->is_withdrawn)
        return withdraw(writer, gap, id, error);
    return gap->is_update ? update(writer, gap, id, error) : insert(writer, gap, id, error);
}

int gap_writer_write(struct gap_writer *writer, const struct gap_log *log, struct lives *ended,
                     struct bookings *bookings, int64_t unbooked[CAUSE_COUNT],
                     struct refusals *refusals, uint64_t *omitted, struct error *error)
{
    writer->ended = ended;
    writer->bookings = bookings;
    writer->unbooked = unbooked;
    writer->refusals = refusals;
    writer->sum = (struct gap_sum){0};
    writer->found = NULL;
    for (size_t i = 0; i < log->count; i++)
        if (write_gap(writer, &log->gaps[i], omitted, error) < 0)
            return -1;
    return write_sum(writer, error);
}
