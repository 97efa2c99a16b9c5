/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/sa_writer.h"

#include "flow/figures.h"
#include "flow/id.h"
#include "store/database.h"

/* The parameters, in the order of the columns. */
enum parameter {
    CAPTURE = 1,
    FLOW,
    FLOW_ID,
    ASSOCIATION,
    GENERATION,
    FIRST_SEQUENCE,
    LAST_SEQUENCE,
    FIRST_TIMESTAMP,
    LAST_TIMESTAMP,
    ENDED,
    PACKETS,
    GAPS,
    LOST,
    LOST_NETWORK,
    LOST_UNDETERMINED,
    LOSS_RATIO,
    DUPLICATES,
    REORDERED,
    LATE,
    SKIPPED,
    MAX_REORDER_DISTANCE,
    WRAPAROUNDS,
    MIN_GAP,
    MAX_GAP,
};

#define CHANGING                                                                                   \
    "first_sequence, last_sequence, first_timestamp, last_timestamp, ended, packets_received, "    \
    "gaps_detected, total_lost_packets, lost_network, lost_undetermined, loss_ratio, "             \
    "duplicate_packets, reordered_packets, late_packets, skipped_numbers, max_reorder_distance, "  \
    "wraparounds, min_gap, max_gap"
#define CHANGING_VALUES                                                                            \
    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24"
#define UPSERT                                                                                     \
    "INSERT INTO sas (capture_id, flow, flow_id, association, generation, " CHANGING               \
    ") VALUES (?1, ?2, ?3, ?4, ?5, " CHANGING_VALUES                                               \
    ") ON CONFLICT (flow, generation) DO UPDATE SET (" CHANGING ") = (" CHANGING_VALUES ")"
#define COUNT "SELECT coalesce(max(generation) + 1, 0) FROM sas WHERE flow = ?1"

int sa_writer_init(struct sa_writer *writer, sqlite3 *database, int64_t capture,
                   struct error *error)
{
    *writer = (struct sa_writer){.capture = capture};
    writer->upsert = database_prepare(database, UPSERT, error);
    writer->count = writer->upsert ? database_prepare(database, COUNT, error) : NULL;
    return writer->count ? 0 : -1;
}

void sa_writer_release(struct sa_writer *writer)
{
    sqlite3_finalize(writer->upsert);
    sqlite3_finalize(writer->count);
    *writer = (struct sa_writer){0};
}

static void bind_count(sqlite3_stmt *statement, enum parameter parameter, uint64_t count)
{
    sqlite3_bind_int64(statement, parameter, (sqlite3_int64)count);
}

static void bind_figures(sqlite3_stmt *statement, const struct sequence_figures *figures)
{
    bind_count(statement, PACKETS, figures->received + figures->duplicates + figures->late);
    bind_count(statement, GAPS, figures->gaps);
    bind_count(statement, LOST, figures_lost(figures));
    bind_count(statement, LOST_NETWORK, figures->lost[CAUSE_NETWORK]);
    bind_count(statement, LOST_UNDETERMINED, figures->lost[CAUSE_UNDETERMINED]);
    sqlite3_bind_double(statement, LOSS_RATIO, loss_ratio(figures)); /* NAN becomes NULL */
    bind_count(statement, DUPLICATES, figures->duplicates);
    bind_count(statement, REORDERED, figures->reordered);
    bind_count(statement, LATE, figures->late);
    bind_count(statement, SKIPPED, figures->skipped);
    bind_count(statement, MAX_REORDER_DISTANCE, figures->max_reorder_distance);
    bind_count(statement, WRAPAROUNDS, figures->wraparounds);
    sqlite3_bind_null(statement, MIN_GAP);
    sqlite3_bind_null(statement, MAX_GAP);
    if (figures->min_gap) {
        bind_count(statement, MIN_GAP, figures->min_gap);
        bind_count(statement, MAX_GAP, figures->max_gap);
    }
}

int sa_writer_write(struct sa_writer *writer, const struct sa_change *change, int64_t flow,
                    uint32_t earlier, struct error *error)
{
    sqlite3_stmt *statement = writer->upsert;
    char id[FLOW_ID_CHARS];

    flow_id_format(&change->key, id);
    sqlite3_bind_int64(statement, CAPTURE, writer->capture);
    sqlite3_bind_int64(statement, FLOW, flow);
    statement_bind_text(statement, FLOW_ID, id);
    bind_count(statement, ASSOCIATION, change->association);
    bind_count(statement, GENERATION, (uint64_t)earlier + change->generation);
    bind_count(statement, FIRST_SEQUENCE, change->first_sequence);
    bind_count(statement, LAST_SEQUENCE, change->last_sequence);
    statement_bind_time(statement, FIRST_TIMESTAMP, change->first_ns);
    statement_bind_time(statement, LAST_TIMESTAMP, change->last_ns);
    bind_count(statement, ENDED, change->has_ended != 0);
    bind_figures(statement, &change->figures);
    return statement_run(statement, error);
}

int sa_writer_count(struct sa_writer *writer, int64_t flow, uint32_t *count, struct error *error)
{
    int64_t found = 0;

    sqlite3_bind_int64(writer->count, 1, flow);
    if (statement_ask(writer->count, &found, error) < 0)
        return -1;
    *count = (uint32_t)found;
    return 0;
}
