/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/flow_writer.h"

#include <stdlib.h>
#include <string.h>

#include "flow/figures.h"
#include "flow/id.h"
#include "flow/outcome_name.h"
#include "store/database/database.h"

#define SILENCE                                                                                    \
    "UPDATE flows SET silent_since = last_timestamp, changed = change_number() WHERE id = ?1 AND " \
    "silent_since IS NULL"

/* A change that is being written, and the new state of its flow. */
struct flow_write {
    const struct flow_change *change;
    const struct sa_change *sas; /* as many as the change has */
    struct known_flow known;     /* a copy of the state before */
    int64_t row;                 /* 0: not known yet */
    struct flow_row *earlier;
    uint64_t gaps_elsewhere;
    int is_refused; /* the database refused its row */
};

int flow_writer_init(struct flow_writer *writer, sqlite3 *database, int64_t capture,
                     struct flow_memory *memory, struct event_writer *events,
                     struct interval_writer *intervals, struct error *error)
{
    *writer = (struct flow_writer){
        .database = database,
        .capture = capture,
        .memory = memory,
        .events = events,
        .intervals = intervals,
    };
    writer->insert = database_prepare(database, flow_row_insert, error);
    writer->update = writer->insert ? database_prepare(database, flow_row_update, error) : NULL;
    writer->find = writer->update ? database_prepare(database, flow_row_select, error) : NULL;
    writer->silence = writer->find ? database_prepare(database, SILENCE, error) : NULL;
    if (!writer->silence || sa_writer_init(&writer->sas, database, capture, error) < 0)
        return -1;
    return lineage_writer_init(&writer->bonds, database, capture, events, error);
}

void flow_writer_release(struct flow_writer *writer)
{
    sqlite3_finalize(writer->insert);
    sqlite3_finalize(writer->update);
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->silence);
    sa_writer_release(&writer->sas);
    lineage_writer_release(&writer->bonds);
    bookings_release(&writer->bookings);
    *writer = (struct flow_writer){0};
}

/* --- finding the row of each flow --- */

/* Looks up each flow of BATCH. A handle occurs more than once when a flow left and another came. */
static int look_up(struct flow_writer *writer, const struct store_batch *batch, struct error *error)
{
    struct flow_memory *memory = &writer->memory[batch->shard];
    size_t sas = 0;

    writer->attempt++;
    for (size_t i = 0; i < batch->changes.flow_count; i++) {
        const struct flow_change *change = &batch->changes.flows[i];
        struct known_flow *known = flow_memory_at(memory, change->handle);
        struct flow_write *write = &writer->writes[writer->write_count];

        if (!known)
            return error_set(error, "out of memory");
        *write = (struct flow_write){.change = change};
        if (change->sa_count)
            write->sas = &batch->changes.sas[sas];
        sas += change->sa_count;
        if (known->left_in != writer->attempt && flow_memory_is_of(known, change)) {
            write->known = *known;
            write->row = known->row;
            write->earlier = known->earlier;
        }
        write->gaps_elsewhere = flow_memory_gaps_elsewhere(known, change);
        if (change->has_left)
            known->left_in = writer->attempt;
        writer->write_count++;
    }
    return 0;
}

/* Sorts known rows in the order of the table, and new ones behind them in the order of arrival. */
static int compare_writes(const void *left, const void *right)
{
    const struct flow_write *a = left;
    const struct flow_write *b = right;

    if (a->row != b->row)
        return !b->row || (a->row && a->row < b->row) ? -1 : 1;
    return (a->change > b->change) - (a->change < b->change);
}

/* Keeps flows that left first and in their order, because one of them may have come back. */
static void sort_writes(struct flow_writer *writer)
{
    size_t first = 0;

    while (first < writer->write_count && writer->writes[first].change->has_left)
        first++;
    if (first < writer->write_count)
        qsort(writer->writes + first, writer->write_count - first, sizeof(*writer->writes),
              compare_writes);
}

/* --- writing --- */

static int update(struct flow_writer *writer, const struct flow_write *write,
                  const struct flow_row *row, struct error *error)
{
    int place = flow_row_bind(writer->update, row);

    sqlite3_bind_int64(writer->update, place, write->row);
    return statement_run(writer->update, error);
}

/* The flow has a row in this capture already: it was forgotten, and came back. */
static int continue_row(struct flow_writer *writer, const char *id, struct flow_write *write,
                        struct flow_row *row, struct error *error)
{
    sqlite3_stmt *find = writer->find;
    struct flow_row *earlier = malloc(sizeof(*earlier));

    if (!earlier)
        return error_set(error, "out of memory");
    sqlite3_bind_int64(find, 1, writer->capture);
    statement_bind_text(find, 2, id);
    if (sqlite3_step(find) == SQLITE_ROW) {
        write->row = flow_row_read(find, earlier);
        write->earlier = earlier;
    } else {
        free(earlier);
    }
    if (sqlite3_reset(find) != SQLITE_OK || !write->earlier)
        return database_failed(writer->database, error);
    if (sa_writer_count(&writer->sas, write->row, &earlier->earlier_sas, error) < 0)
        return -1;
    flow_row_continue(row, earlier);
    return update(writer, write, row, error);
}

static int insert(struct flow_writer *writer, struct flow_write *write, struct flow_row *row,
                  struct flow_totals *totals, struct error *error)
{
    const struct flow *flow = &write->change->flow;
    sqlite3_stmt *statement = writer->insert;
    char id[FLOW_ID_CHARS];
    struct peers peers;
    int place;

    flow_id_format(&flow->key, id);
    peers_format(&flow->key, &peers);
    row->id = id;
    /* cppcheck-suppress autoVariables ; the caller does not use ROW afterwards */
    row->peers = &peers;
    place = flow_row_bind_keys(statement, flow_row_bind(statement, row), row);
    sqlite3_bind_int64(statement, place, writer->capture);
    if (statement_run(statement, error) < 0)
        return -1;
    if (!sqlite3_changes(writer->database))
        return continue_row(writer, id, write, row, error);
    write->row = sqlite3_last_insert_rowid(writer->database);
    totals->new_rows[flow->key.protocol]++;
    totals->sum.flows++;
    return 0;
}

static int write_row(struct flow_writer *writer, struct flow_write *write,
                     struct flow_totals *totals, struct error *error)
{
    struct flow_row row = flow_row_of(write->change);
    struct bond_chars chars;

    row.names = bond_names_of(&writer->bonds.lineage, &row.flow.key, row.has_sequence, &chars);
    if (write->earlier)
        flow_row_continue(&row, write->earlier);
    if (write->row) {
        if (update(writer, write, &row, error) < 0)
            return -1;
        if (sqlite3_changes(writer->database))
            return 0;
    }
    return insert(writer, write, &row, totals, error); /* also when retention has removed the row */
}

/* Writes the SAs, whose rows refer to the flow's. */
static int write_sas(struct flow_writer *writer, const struct flow_write *write,
                     struct error *error)
{
    uint32_t earlier = write->earlier ? write->earlier->earlier_sas : 0;
    struct bond_chars chars;
    struct bond_names names =
        bond_names_of(&writer->bonds.lineage, &write->change->flow.key, 1, &chars);

    for (uint32_t i = 0; i < write->change->sa_count; i++) {
        int status =
            sa_writer_write(&writer->sas, &write->sas[i], write->row, earlier, &names, error);

        if (refusals_sort(writer->refusals, writer->database, status, error) < 0)
            return -1;
    }
    return 0;
}

static int write_event(struct flow_writer *writer, const struct flow_key *key,
                       enum track_event_kind kind, uint64_t time_ns, struct error *error)
{
    struct track_event event = {.timestamp_ns = time_ns, .key = *key, .kind = (uint8_t)kind};

    return event_writer_write(writer->events, &event, error);
}

/* Updates the silence of a flow in BATCH that left, or that was silent before. */
static int write_silence(struct flow_writer *writer, const struct store_batch *batch,
                         const struct flow_write *write, struct error *error)
{
    const struct flow *flow = &write->change->flow;
    const struct timing *timing = &flow->timing;
    int is_new = write->earlier != write->known.earlier;
    int was_silent = write->known.silence != NOT_SILENT ||
                     (is_new && write->earlier && write->earlier->silent_ns);

    if (was_silent && flow->packets > write->known.packets &&
        write_event(writer, &flow->key, EVENT_BACK, timing->last_ns, error) < 0)
        return -1;
    if (!write->change->has_left ||
        !is_silent(timing->last_ns, timing->max_ns, batch->interval.end_ns) ||
        lineage_goes_on(lineage_find(&writer->bonds.lineage, &flow->key), batch->interval.end_ns))
        return 0;
    sqlite3_bind_int64(writer->silence, 1, write->row);
    if (statement_run(writer->silence, error) < 0)
        return -1;
    if (was_silent && flow->packets == write->known.packets)
        return 0;
    return write_event(writer, &flow->key, EVENT_SILENT, timing->last_ns, error);
}

/* Adds packets and bytes to INTERVAL. Lost packets are added where the gaps are. */
static int add_to_intervals(struct flow_writer *writer, const struct flow_write *write,
                            int64_t interval, struct error *error)
{
    const struct flow *flow = &write->change->flow;
    const uint64_t *lost = write->change->figures.lost;
    const struct known_flow *known = &write->known;
    struct interval_row figures = {
        .packets = flow->packets - known->packets,
        .bytes = flow->bytes - known->bytes,
    };
    int64_t more[CAUSE_COUNT];

    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        more[i] = (int64_t)(lost[i] - known->lost[i]);
    if ((more[CAUSE_NETWORK] || more[CAUSE_UNDETERMINED]) &&
        bookings_add(&writer->bookings, write->row, more) < 0)
        return error_set(error, "out of memory");
    if (!figures.packets)
        return 0;
    figures.numbered = outcome_number_end(flow->key.protocol) ? figures.packets : 0;
    return interval_add_flow(writer->intervals, interval, write->row, &figures, error);
}

static void add_totals(struct summary *sum, const struct flow_write *write)
{
    const struct flow *flow = &write->change->flow;
    const struct sequence_figures *figures = &write->change->figures;
    const struct known_flow *known = &write->known;

    sum->packets += flow->packets - known->packets;
    sum->bytes += flow->bytes - known->bytes;
    sum->gaps += figures->gaps - known->gaps;
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        sum->lost[i] += figures->lost[i] - known->lost[i];
    sum->unobserved += flow->unobserved - known->unobserved;
    if (!sum->first_ns || flow->first_ns < sum->first_ns)
        sum->first_ns = flow->first_ns;
    if (flow->timing.last_ns > sum->last_ns)
        sum->last_ns = flow->timing.last_ns;
    if (figures->max_gap > sum->max_gap)
        sum->max_gap = figures->max_gap;
}

/* Keeps in mind which SAs the gaps of a flow that left are of. */
static int end_life(struct flow_writer *writer, const struct store_batch *batch,
                    const struct flow_write *write, struct error *error)
{
    const struct flow_change *change = write->change;
    uint32_t earlier = write->earlier ? write->earlier->earlier_sas : 0;

    if (!change->has_left || !change->figures.gaps)
        return 0;
    if (lives_add(&writer->memory[batch->shard].ended, change, earlier) < 0)
        return error_set(error, "out of memory");
    return 0;
}

/* Writes everything of WRITE except its part of the interval. */
static int write_flow(struct flow_writer *writer, const struct store_batch *batch,
                      struct flow_write *write, struct flow_totals *totals, struct error *error)
{
    uint64_t refused = writer->refusals->rows;
    int status = write_row(writer, write, totals, error);

    if (refusals_sort(writer->refusals, writer->database, status, error) < 0)
        return -1;
    write->is_refused = writer->refusals->rows > refused;
    if (write->is_refused)
        return 0;
    add_totals(&totals->sum, write);
    if (outcome_number_end(write->change->flow.key.protocol))
        totals->numbered += write->change->flow.packets - write->known.packets;
    totals->gaps_elsewhere += write->gaps_elsewhere;
    if (write_sas(writer, write, error) < 0 || end_life(writer, batch, write, error) < 0)
        return -1;
    return write_silence(writer, batch, write, error);
}

int flow_writer_write(struct flow_writer *writer, const struct store_batch *batch, int64_t interval,
                      struct refusals *refusals, struct flow_totals *totals, struct error *error)
{
    *totals = (struct flow_totals){0};
    writer->refusals = refusals;
    writer->write_count = 0;
    bookings_clear(&writer->bookings);
    writer->writes = malloc((batch->changes.flow_count + 1) * sizeof(*writer->writes));
    if (!writer->writes)
        return error_set(error, "out of memory");
    if (look_up(writer, batch, error) < 0 ||
        lineage_writer_add(&writer->bonds, &batch->changes, &writer->memory[batch->shard], error) <
            0)
        return -1;
    sort_writes(writer);
    for (size_t i = 0; i < writer->write_count; i++)
        if (write_flow(writer, batch, &writer->writes[i], totals, error) < 0)
            return -1;
    for (size_t i = 0; i < writer->write_count; i++)
        if (!writer->writes[i].is_refused &&
            add_to_intervals(writer, &writer->writes[i], interval, error) < 0)
            return -1;
    bookings_sort(&writer->bookings);
    return lineage_writer_write(&writer->bonds, 0, error);
}

int flow_writer_mark_silent(struct flow_writer *writer, unsigned shard, uint64_t now_ns,
                            struct error *error)
{
    struct flow_memory *memory = &writer->memory[shard];

    for (size_t i = 0; i < memory->capacity; i++) {
        struct known_flow *known = &memory->flows[i];

        if (!known->row || known->silence == IS_SILENT ||
            !is_silent(known->last_ns, known->longest_ns, now_ns) ||
            lineage_goes_on(lineage_find(&writer->bonds.lineage, &known->key), now_ns))
            continue;
        known->silence = BECOMING_SILENT;
        memory->becoming_silent++;
        sqlite3_bind_int64(writer->silence, 1, known->row);
        if (statement_run(writer->silence, error) < 0)
            return -1;
        if (sqlite3_changes(writer->database) &&
            write_event(writer, &known->key, EVENT_SILENT, known->last_ns, error) < 0)
            return -1;
    }
    return 0;
}

void flow_writer_settle(struct flow_writer *writer, const struct store_batch *batch,
                        int is_committed)
{
    struct flow_memory *memory = &writer->memory[batch->shard];

    flow_memory_settle_silence(memory, is_committed);
    lives_settle(&memory->ended, is_committed, !batch->changes.has_more);
    lineage_writer_settle(&writer->bonds, is_committed);
    for (size_t i = 0; writer->writes && i < writer->write_count; i++) {
        struct flow_write *write = &writer->writes[i];

        if (is_committed && !write->is_refused)
            flow_memory_update(memory, write->change, write->row, write->earlier);
        else if (write->earlier != write->known.earlier)
            free(write->earlier);
    }
    free(writer->writes);
    writer->writes = NULL;
}
