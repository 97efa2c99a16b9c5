/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/monotonic.h"
#include "flow/figures.h"
#include "flow/outcome_name.h"
#include "store/database.h"
#include "store/indexes.h"

#define INSERT_CAPTURE                                                                             \
    "INSERT INTO captures (source, method, version, window, started, updated) "                    \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
#define ADD_COUNTER                                                                                \
    "INSERT INTO capture_counters (capture_id, counter, packets, flows) VALUES (?1, ?2, ?3, ?4) "  \
    "ON CONFLICT (capture_id, counter) DO UPDATE SET packets = excluded.packets, "                 \
    "flows = flows + excluded.flows"
#define ADD_CAPTURE                                                                                \
    "UPDATE captures SET link_type = ?2, updated = ?3, packets = ?4, bytes = ?5, drops = ?6, "     \
    "flows_evicted = ?7, flows_omitted = flows_omitted + ?8, gaps_omitted = gaps_omitted + ?9, "   \
    "total_flows = total_flows + ?10, total_packets_received = total_packets_received + ?11, "     \
    "total_bytes = total_bytes + ?12, total_gaps_detected = total_gaps_detected + ?13, "           \
    "total_lost_packets = total_lost_packets + ?14, lost_network = lost_network + ?15, "           \
    "lost_undetermined = lost_undetermined + ?16, "                                                \
    "total_unobserved_packets = total_unobserved_packets + ?17, "                                  \
    "max_gap_size = nullif(max(coalesce(max_gap_size, 0), ?18), 0), "                              \
    "first_timestamp = min(coalesce(first_timestamp, ?19), coalesce(?19, first_timestamp)), "      \
    "last_timestamp = max(coalesce(last_timestamp, ?20), coalesce(?20, last_timestamp)), "         \
    "ring_bytes = ?21, ring_used_bytes = ?22, flushes = flushes + 1, "                             \
    "flush_seconds = flush_seconds + ?23, last_flush_seconds = ?23, "                              \
    "events_omitted = events_omitted + ?24 WHERE id = ?1"
#define END_CAPTURE "UPDATE captures SET updated = ?2, ended = ?2 WHERE id = ?1"
/* As is_silent() says, of flows that left too; nothing but the last frames is needed for it. */
#define END_SILENT                                                                                 \
    "UPDATE flows SET silent_since = last_timestamp WHERE capture_id = ?1 "                        \
    "AND silent_since IS NULL AND last_timestamp <= ?2 "                                           \
    "AND (julianday(?3) - julianday(last_timestamp)) * 8640 >= "                                   \
    "coalesce(max_inter_arrival_ms, 0) / 1000"

/* Page cache of all stores of the process together. */
#define CACHES_KB 65536

/* How often silent flows are looked for. */
#define SILENCE_EVERY_NS (10 * NS_PER_SECOND)

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / (double)NS_PER_SECOND;
}

/* --- opening and closing --- */

static int add_capture_row(struct writer *writer, struct error *error)
{
    const struct store_options *options = writer->options;
    sqlite3_stmt *insert = database_prepare(writer->database, INSERT_CAPTURE, error);
    int status;

    if (!insert)
        return -1;
    statement_bind_text(insert, 1, options->source);
    statement_bind_text(insert, 2, options->method);
    statement_bind_text(insert, 3, GAPWATCH_VERSION);
    sqlite3_bind_int64(insert, 4, options->window);
    statement_bind_time(insert, 5, options->clock());
    status = statement_run(insert, error);
    sqlite3_finalize(insert);
    writer->capture = sqlite3_last_insert_rowid(writer->database);
    return status;
}

static int prepare(struct writer *writer, struct error *error)
{
    struct {
        sqlite3_stmt **statement;
        const char *sql;
    } table[] = {
        {&writer->add_counter, ADD_COUNTER},
        {&writer->add_capture, ADD_CAPTURE},
        {&writer->end_capture, END_CAPTURE},
        {&writer->end_silent, END_SILENT},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        *table[i].statement = database_prepare(writer->database, table[i].sql, error);
        if (!*table[i].statement)
            return -1;
    }
    if (event_writer_init(&writer->events, writer->database, writer->capture, error) < 0 ||
        interval_writer_init(&writer->intervals, writer->database, writer->capture,
                             writer->options->flush_seconds * NS_PER_SECOND, error) < 0 ||
        flow_writer_init(&writer->flows, writer->database, writer->capture, writer->options->shards,
                         &writer->events, &writer->intervals, error) < 0)
        return -1;
    return gap_writer_init(&writer->gaps, writer->database, writer->capture, &writer->intervals,
                           error);
}

/* Stores of one process have a part of the memory each that one may have. */
static int limit_cache(struct writer *writer, struct error *error)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%zu",
             CACHES_KB / store_siblings(writer->options));
    return database_run(writer->database, sql, error);
}

int writer_open(struct writer *writer, const struct store_options *options, struct error *error)
{
    struct error reason;

    *writer = (struct writer){.options = options};
    writer->database = database_open(options->path, error);
    if (!writer->database)
        return -1;
    writer->shards = calloc(options->shards, sizeof(*writer->shards));
    if (!writer->shards)
        return error_set(error, "%s: out of memory", options->path);
    if (limit_cache(writer, &reason) < 0 || add_capture_row(writer, &reason) < 0 ||
        prepare(writer, &reason) < 0)
        return error_set(error, "%s: %s", options->path, reason.text);
    return 0;
}

void writer_close(struct writer *writer)
{
    sqlite3_finalize(writer->add_counter);
    sqlite3_finalize(writer->add_capture);
    sqlite3_finalize(writer->end_capture);
    sqlite3_finalize(writer->end_silent);
    event_writer_release(&writer->events);
    interval_writer_release(&writer->intervals);
    flow_writer_release(&writer->flows);
    gap_writer_release(&writer->gaps);
    free(writer->shards);
    /* SQLite itself does so when the last connection closes; a server may have one for months. */
    if (writer->database)
        sqlite3_wal_checkpoint_v2(writer->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    database_close(writer->database);
    *writer = (struct writer){0};
}

/* --- one batch --- */

static int write_flows(struct writer *writer, const struct store_batch *batch,
                       struct refusals *refusals, struct flow_totals *totals, struct error *error)
{
    struct interval_figures figures = {0};
    int64_t interval;

    *totals = (struct flow_totals){0};
    if (!batch->changes.flow_count)
        return 0;
    if (interval_open(&writer->intervals, &batch->interval, &interval, error) < 0 ||
        flow_writer_write(&writer->flows, batch, interval, refusals, totals, error) < 0)
        return -1;
    figures.packets = totals->packets;
    figures.bytes = totals->bytes;
    return interval_add(&writer->intervals, interval, &figures, error);
}

/* Looks for silent flows, now and then. The frames of a file are over before anybody looks. */
static int mark_silent(struct writer *writer, unsigned shard, struct error *error)
{
    uint64_t now_ns = monotonic_ns();

    if (writer->options->is_file || now_ns - writer->shards[shard].silence_ns < SILENCE_EVERY_NS)
        return 0;
    writer->shards[shard].silence_ns = now_ns;
    return flow_writer_mark_silent(&writer->flows, shard, writer->options->clock(), error);
}

/* What was lost in gaps that are not kept is booked where it was found. */
static int book_rest(struct writer *writer, const struct store_batch *batch,
                     int64_t unbooked[CAUSE_COUNT], struct error *error)
{
    const struct bookings *bookings = &writer->flows.bookings;
    struct interval_figures figures = {
        .lost = {unbooked[CAUSE_NETWORK], unbooked[CAUSE_UNDETERMINED]},
    };
    int64_t interval;

    if (!unbooked[CAUSE_NETWORK] && !unbooked[CAUSE_UNDETERMINED])
        return 0;
    if (interval_open(&writer->intervals, &batch->interval, &interval, error) < 0 ||
        interval_add(&writer->intervals, interval, &figures, error) < 0)
        return -1;
    for (size_t i = 0; i < bookings->count; i++) {
        const struct booking *rest = &bookings->flows[i];

        memcpy(figures.lost, rest->lost, sizeof(figures.lost));
        if ((rest->lost[CAUSE_NETWORK] || rest->lost[CAUSE_UNDETERMINED]) &&
            interval_add_flow(&writer->intervals, interval, rest->flow, &figures, error) < 0)
            return -1;
    }
    unbooked[CAUSE_NETWORK] = 0;
    unbooked[CAUSE_UNDETERMINED] = 0;
    return 0;
}

/* The gaps of BATCH, and what its flows lost besides. Gaps come with the last part of what was
 * collected; until then UNBOOKED grows. */
static int write_gaps(struct writer *writer, const struct store_batch *batch,
                      int64_t unbooked[CAUSE_COUNT], struct left_out *left_out, struct error *error)
{
    if (!batch->changes.flow_count)
        bookings_clear(&writer->flows.bookings);
    if (gap_writer_write(&writer->gaps, &batch->changes.gaps, &writer->flows.bookings, unbooked,
                         &left_out->refusals, &left_out->gaps, error) < 0)
        return -1;
    return batch->changes.has_more ? 0 : book_rest(writer, batch, unbooked, error);
}

static int write_events(struct writer *writer, const struct changes *changes,
                        struct refusals *refusals, struct error *error)
{
    for (size_t i = 0; i < changes->event_count; i++) {
        int status = event_writer_write(&writer->events, &changes->events[i], error);

        if (refusals_sort(refusals, writer->database, status, error) < 0)
            return -1;
    }
    return 0;
}

/* What all shards have seen, with the newest of the batch's. */
static struct source_statistics sum_seen(const struct writer *writer,
                                         const struct store_batch *batch)
{
    struct source_statistics sum = {0};

    for (unsigned i = 0; i < writer->options->shards; i++)
        statistics_add(&sum, i == batch->shard ? &batch->statistics : &writer->shards[i].seen);
    return sum;
}

static uint64_t sum_evicted(const struct writer *writer, const struct store_batch *batch)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < writer->options->shards; i++)
        sum += i == batch->shard ? batch->flows_evicted : writer->shards[i].evicted;
    return sum;
}

/* Frames that came to OUTCOME. What workers moved from UDP to where it belongs may be newer than
 * the count of UDP, which the first worker has: then there are none for the moment. */
static sqlite3_int64 packets_of(const struct source_statistics *statistics, enum outcome outcome)
{
    sqlite3_int64 packets = (sqlite3_int64)statistics->outcomes[outcome];

    return packets > 0 ? packets : 0;
}

static int write_counters(struct writer *writer, const struct source_statistics *statistics,
                          const struct flow_totals *totals, struct error *error)
{
    sqlite3_stmt *statement = writer->add_counter;

    for (enum outcome i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++) {
        uint64_t rows = i <= OUTCOME_LAST_PROTOCOL ? totals->new_rows[i] : 0;

        sqlite3_bind_int64(statement, 1, writer->capture);
        statement_bind_text(statement, 2, outcome_name(i));
        sqlite3_bind_int64(statement, 3, packets_of(statistics, i));
        sqlite3_bind_int64(statement, 4, (sqlite3_int64)rows);
        if (statement_run(statement, error) < 0)
            return -1;
    }
    return 0;
}

static void bind_totals(sqlite3_stmt *statement, const struct flow_totals *totals)
{
    uint64_t rows = 0;

    for (enum outcome i = 0; i < OUTCOME_PROTOCOLS_END; i++)
        rows += totals->new_rows[i];
    sqlite3_bind_int64(statement, 10, (sqlite3_int64)rows);
    sqlite3_bind_int64(statement, 11, (sqlite3_int64)totals->packets);
    sqlite3_bind_int64(statement, 12, (sqlite3_int64)totals->bytes);
    sqlite3_bind_int64(statement, 13, (sqlite3_int64)totals->gaps);
    sqlite3_bind_int64(
        statement, 14,
        (sqlite3_int64)(totals->lost[CAUSE_NETWORK] + totals->lost[CAUSE_UNDETERMINED]));
    sqlite3_bind_int64(statement, 15, (sqlite3_int64)totals->lost[CAUSE_NETWORK]);
    sqlite3_bind_int64(statement, 16, (sqlite3_int64)totals->lost[CAUSE_UNDETERMINED]);
    sqlite3_bind_int64(statement, 17, (sqlite3_int64)totals->unobserved);
    sqlite3_bind_int64(statement, 18, totals->max_gap);
    sqlite3_bind_null(statement, 19);
    sqlite3_bind_null(statement, 20);
    if (totals->last_ns) {
        statement_bind_time(statement, 19, totals->first_ns);
        statement_bind_time(statement, 20, totals->last_ns);
    }
}

/* The capture's own row: what the batch adds to it. It took SECONDS so far. */
static int write_capture(struct writer *writer, const struct store_batch *batch,
                         const struct flow_totals *totals, uint64_t omitted, double seconds,
                         struct error *error)
{
    struct source_statistics sum = sum_seen(writer, batch);
    sqlite3_stmt *statement = writer->add_capture;

    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, sum.link_type);
    statement_bind_time(statement, 3, writer->options->clock());
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)sum.frames);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)sum.bytes);
    sqlite3_bind_int64(statement, 6, (sqlite3_int64)sum.sensor_drops);
    sqlite3_bind_int64(statement, 7, (sqlite3_int64)sum_evicted(writer, batch));
    sqlite3_bind_int64(statement, 8, (sqlite3_int64)batch->changes.flows_omitted);
    sqlite3_bind_int64(statement, 9, (sqlite3_int64)omitted);
    bind_totals(statement, totals);
    sqlite3_bind_int64(statement, 21, (sqlite3_int64)sum.ring_bytes);
    sqlite3_bind_int64(statement, 22, (sqlite3_int64)sum.ring_used_bytes);
    sqlite3_bind_double(statement, 23, seconds);
    sqlite3_bind_int64(statement, 24, (sqlite3_int64)batch->changes.events_omitted);
    if (write_counters(writer, &sum, totals, error) < 0)
        return -1;
    return statement_run(statement, error);
}

static void add_unbooked(int64_t unbooked[CAUSE_COUNT], const struct flow_totals *totals)
{
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        unbooked[i] += (int64_t)totals->lost[i];
}

static int write_all(struct writer *writer, const struct store_batch *batch,
                     int64_t unbooked[CAUSE_COUNT], struct left_out *left_out, struct error *error)
{
    double began = now_seconds();
    struct flow_totals totals;
    struct indexes indexes;
    int status = indexes_drop(writer->database, batch->changes.flow_count, &indexes, error);

    interval_writer_begin(&writer->intervals);
    if (status == 0)
        status = mark_silent(writer, batch->shard, error);
    if (status == 0)
        status = write_flows(writer, batch, &left_out->refusals, &totals, error);
    if (status == 0)
        status = indexes_make(writer->database, &indexes, error);
    indexes_release(&indexes);
    if (status < 0)
        return -1;
    add_unbooked(unbooked, &totals);
    if (write_gaps(writer, batch, unbooked, left_out, error) < 0 ||
        write_events(writer, &batch->changes, &left_out->refusals, error) < 0)
        return -1;
    if (totals.last_ns > writer->last_ns)
        writer->last_ns = totals.last_ns;
    return write_capture(writer, batch, &totals, left_out->gaps, now_seconds() - began, error);
}

int writer_write(struct writer *writer, const struct store_batch *batch, struct left_out *left_out,
                 struct error *error)
{
    struct writer_shard *shard = &writer->shards[batch->shard];
    int64_t unbooked[CAUSE_COUNT] = {shard->unbooked[CAUSE_NETWORK],
                                     shard->unbooked[CAUSE_UNDETERMINED]};
    int status = database_run(writer->database, "BEGIN IMMEDIATE", error);

    if (status < 0)
        return -1;
    *left_out = (struct left_out){.gaps = batch->changes.gaps.omitted};
    status = write_all(writer, batch, unbooked, left_out, error);
    if (status == 0)
        status = database_run(writer->database, "COMMIT", error);
    if (status < 0)
        sqlite3_exec(writer->database, "ROLLBACK", NULL, NULL, NULL);
    flow_writer_settle(&writer->flows, batch, status == 0);
    if (status == 0) {
        shard->seen = batch->statistics;
        shard->evicted = batch->flows_evicted;
        memcpy(shard->unbooked, unbooked, sizeof(unbooked));
    }
    return status;
}

/* Marks what is silent when the capture ends: a file's end is its newest frame. */
static int end_silent(struct writer *writer, struct error *error)
{
    uint64_t end_ns = writer->options->is_file ? writer->last_ns : writer->options->clock();

    if (end_ns < SILENCE_NS)
        return 0;
    sqlite3_bind_int64(writer->end_silent, 1, writer->capture);
    statement_bind_time(writer->end_silent, 2, end_ns - SILENCE_NS);
    statement_bind_time(writer->end_silent, 3, end_ns);
    return statement_run(writer->end_silent, error);
}

int writer_end(struct writer *writer, struct error *error)
{
    if (end_silent(writer, error) < 0)
        return -1;
    sqlite3_bind_int64(writer->end_capture, 1, writer->capture);
    statement_bind_time(writer->end_capture, 2, writer->options->clock());
    return statement_run(writer->end_capture, error);
}
