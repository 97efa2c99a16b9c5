/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/flow_writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "store/database.h"

/* Parameters behind those of FLOW_ROW_VALUES. */
enum {
    ROW = FLOW_ROW_COUNT + 1, /* when updating */
    CAPTURE = ROW,            /* when inserting */
    FLOW_ID,
    PROTOCOL,
    IMPLICIT_SCI,
};

#define INSERT                                                                                     \
    "INSERT INTO flows (" FLOW_ROW_COLUMNS ", capture_id, flow_id, protocol, implicit_sci) "       \
    "VALUES (" FLOW_ROW_VALUES                                                                     \
    ", ?27, ?28, ?29, ?30) ON CONFLICT (capture_id, flow_id) DO NOTHING"
#define UPDATE "UPDATE flows SET (" FLOW_ROW_COLUMNS ") = (" FLOW_ROW_VALUES ") WHERE id = ?27"
#define FIND   "SELECT " FLOW_ROW_COLUMNS ", id FROM flows WHERE capture_id = ?1 AND flow_id = ?2"
#define ADD_INTERVAL                                                                               \
    "INSERT INTO interval_flows (interval, flow, packets, bytes, lost) "                           \
    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (interval, flow) DO UPDATE SET "                      \
    "packets = packets + excluded.packets, bytes = bytes + excluded.bytes, "                       \
    "lost = lost + excluded.lost"

/* One change on its way, and what becomes known of its flow. */
struct flow_write {
    const struct flow_change *change;
    struct known_flow known; /* before; a copy */
    int64_t row;             /* 0: not known yet */
    struct flow_row *earlier;
};

int flow_writer_init(struct flow_writer *writer, sqlite3 *database, int64_t capture,
                     unsigned shards, struct error *error)
{
    *writer = (struct flow_writer){.database = database, .capture = capture, .shards = shards};
    writer->memory = calloc(shards, sizeof(*writer->memory));
    if (!writer->memory)
        return error_set(error, "out of memory");
    writer->insert = database_prepare(database, INSERT, error);
    writer->update = writer->insert ? database_prepare(database, UPDATE, error) : NULL;
    writer->find = writer->update ? database_prepare(database, FIND, error) : NULL;
    writer->add_interval = writer->find ? database_prepare(database, ADD_INTERVAL, error) : NULL;
    return writer->add_interval ? 0 : -1;
}

void flow_writer_release(struct flow_writer *writer)
{
    sqlite3_finalize(writer->insert);
    sqlite3_finalize(writer->update);
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->add_interval);
    for (unsigned i = 0; writer->memory && i < writer->shards; i++)
        flow_memory_release(&writer->memory[i]);
    free(writer->memory);
    *writer = (struct flow_writer){0};
}

/* --- which row each flow has --- */

/* What is known of each flow of BATCH. A handle may occur more than once: a flow left, and another
 * one came. */
static int look_up(struct flow_writer *writer, const struct store_batch *batch, struct error *error)
{
    struct flow_memory *memory = &writer->memory[batch->shard];

    writer->attempt++;
    for (size_t i = 0; i < batch->changes.flow_count; i++) {
        const struct flow_change *change = &batch->changes.flows[i];
        struct known_flow *known = flow_memory_at(memory, change->handle);
        struct flow_write *write = &writer->writes[writer->write_count];

        if (!known)
            return error_set(error, "out of memory");
        *write = (struct flow_write){.change = change};
        if (known->left_in != writer->attempt) {
            write->known = *known;
            write->row = known->row;
            write->earlier = known->earlier;
        }
        if (change->has_left)
            known->left_in = writer->attempt;
        writer->write_count++;
    }
    return 0;
}

/* Known rows in their order in the table, new ones behind them as they came. */
static int compare_writes(const void *left, const void *right)
{
    const struct flow_write *a = left;
    const struct flow_write *b = right;

    if (a->row != b->row)
        return !b->row || (a->row && a->row < b->row) ? -1 : 1;
    return (a->change > b->change) - (a->change < b->change);
}

/* Flows that left come first, as they did: one may have come back. */
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
    flow_row_bind(writer->update, row);
    sqlite3_bind_int64(writer->update, ROW, write->row);
    return statement_run(writer->update, error);
}

/* The flow has a row in this capture: it was forgotten, and came back. */
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
        flow_row_read(find, earlier);
        write->row = sqlite3_column_int64(find, FLOW_ROW_COUNT);
        write->earlier = earlier;
    } else {
        free(earlier);
    }
    if (sqlite3_reset(find) != SQLITE_OK || !write->earlier)
        return database_failed(writer->database, error);
    flow_row_continue(row, earlier);
    return update(writer, write, row, error);
}

static int insert(struct flow_writer *writer, struct flow_write *write, struct flow_row *row,
                  struct flow_totals *totals, struct error *error)
{
    const struct flow *flow = &write->change->flow;
    sqlite3_stmt *statement = writer->insert;
    char id[FLOW_ID_CHARS];

    flow_id_format(&flow->key, id);
    flow_row_bind(statement, row);
    sqlite3_bind_int64(statement, CAPTURE, writer->capture);
    statement_bind_text(statement, FLOW_ID, id);
    statement_bind_text(statement, PROTOCOL, outcome_name(flow->key.protocol));
    sqlite3_bind_int(statement, IMPLICIT_SCI, (flow->flags & RECORD_IMPLICIT_SCI) != 0);
    if (statement_run(statement, error) < 0)
        return -1;
    if (!sqlite3_changes(writer->database))
        return continue_row(writer, id, write, row, error);
    write->row = sqlite3_last_insert_rowid(writer->database);
    totals->new_rows[flow->key.protocol]++;
    return 0;
}

static int write_row(struct flow_writer *writer, struct flow_write *write,
                     struct flow_totals *totals, struct error *error)
{
    struct flow_row row = flow_row_of(write->change);

    if (write->earlier)
        flow_row_continue(&row, write->earlier);
    if (write->row) {
        if (update(writer, write, &row, error) < 0)
            return -1;
        if (sqlite3_changes(writer->database))
            return 0;
    }
    return insert(writer, write, &row, totals, error); /* also when retention removed the row */
}

static int add_interval(struct flow_writer *writer, const struct flow_write *write,
                        int64_t interval, struct error *error)
{
    const struct flow *flow = &write->change->flow;
    const struct known_flow *known = &write->known;
    uint64_t packets = flow->packets - known->packets;
    uint64_t lost = figures_lost(&write->change->figures) - known->lost[CAUSE_NETWORK] -
                    known->lost[CAUSE_UNDETERMINED];

    if (!packets && !lost)
        return 0;
    sqlite3_bind_int64(writer->add_interval, 1, interval);
    sqlite3_bind_int64(writer->add_interval, 2, write->row);
    sqlite3_bind_int64(writer->add_interval, 3, (sqlite3_int64)packets);
    sqlite3_bind_int64(writer->add_interval, 4, (sqlite3_int64)(flow->bytes - known->bytes));
    sqlite3_bind_int64(writer->add_interval, 5, (sqlite3_int64)lost);
    return statement_run(writer->add_interval, error);
}

static void add_totals(struct flow_totals *totals, const struct flow_write *write)
{
    const struct flow *flow = &write->change->flow;
    const struct sequence_figures *figures = &write->change->figures;
    const struct known_flow *known = &write->known;

    totals->packets += flow->packets - known->packets;
    totals->bytes += flow->bytes - known->bytes;
    totals->gaps += figures->gaps - known->gaps;
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        totals->lost[i] += figures->lost[i] - known->lost[i];
    totals->unobserved += flow->unobserved - known->unobserved;
    if (!totals->first_ns || flow->first_ns < totals->first_ns)
        totals->first_ns = flow->first_ns;
    if (flow->timing.last_ns > totals->last_ns)
        totals->last_ns = flow->timing.last_ns;
    if (figures->max_gap > totals->max_gap)
        totals->max_gap = figures->max_gap;
}

int flow_writer_write(struct flow_writer *writer, const struct store_batch *batch, int64_t interval,
                      struct flow_totals *totals, struct error *error)
{
    *totals = (struct flow_totals){0};
    writer->write_count = 0;
    writer->writes = malloc((batch->changes.flow_count + 1) * sizeof(*writer->writes));
    if (!writer->writes)
        return error_set(error, "out of memory");
    if (look_up(writer, batch, error) < 0)
        return -1;
    sort_writes(writer);
    for (size_t i = 0; i < writer->write_count; i++) {
        struct flow_write *write = &writer->writes[i];

        if (write_row(writer, write, totals, error) < 0)
            return -1;
        add_totals(totals, write);
    }
    for (size_t i = 0; i < writer->write_count; i++)
        if (add_interval(writer, &writer->writes[i], interval, error) < 0)
            return -1;
    return 0;
}

void flow_writer_settle(struct flow_writer *writer, const struct store_batch *batch,
                        int is_committed)
{
    struct flow_memory *memory = &writer->memory[batch->shard];

    for (size_t i = 0; writer->writes && i < writer->write_count; i++) {
        struct flow_write *write = &writer->writes[i];

        if (is_committed)
            flow_memory_update(memory, write->change, write->row, write->earlier);
        else if (write->earlier != write->known.earlier)
            free(write->earlier);
    }
    free(writer->writes);
    writer->writes = NULL;
}
