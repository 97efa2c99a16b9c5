/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/writer.h"

#include <string.h>
#include <time.h>

#include "base/monotonic.h"
#include "flow/figures.h"
#include "flow/outcome_name.h"
#include "lineage/rollover.h"
#include "store/database/database.h"
#include "store/database/indexes.h"
#include "store/writer/change.h"

/* How often silent flows are looked for. */
#define SILENCE_EVERY_NS (10 * NS_PER_SECOND)

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / (double)NS_PER_SECOND;
}

static int write_flows(struct writer *writer, const struct store_batch *batch,
                       struct refusals *refusals, struct flow_totals *totals, struct error *error)
{
    struct interval_row figures = {0};
    int64_t interval;

    *totals = (struct flow_totals){0};
    if (!batch->changes.flow_count && !batch->changes.ties.count && !batch->changes.exchanges.count)
        return 0;
    if (interval_open(&writer->intervals, &batch->interval, &interval, error) < 0 ||
        flow_writer_write(&writer->flows, batch, interval, refusals, totals, error) < 0)
        return -1;
    figures.packets = totals->sum.packets;
    figures.bytes = totals->sum.bytes;
    figures.numbered = totals->numbered;
    return interval_add(&writer->intervals, interval, &figures, error);
}

void writer_shift_time(struct writer *writer, unsigned shard, int64_t step_ns)
{
    if (step_ns)
        flow_memory_shift_time(&writer->flows.memory[shard], step_ns);
}

/* Marks silent flows, from time to time. This is not for files, whose frames are all over. */
static int mark_silent(struct writer *writer, unsigned shard, struct error *error)
{
    uint64_t now_ns = monotonic_ns();

    if (writer->options->is_file || now_ns - writer->shards[shard].silence_ns < SILENCE_EVERY_NS)
        return 0;
    writer->shards[shard].silence_ns = now_ns;
    return flow_writer_mark_silent(&writer->flows, shard, writer->options->clock(), error);
}

/* Adds loss without gaps to the interval in which it was found. */
static int book_rest(struct writer *writer, const struct store_batch *batch,
                     int64_t unbooked[CAUSE_COUNT], struct error *error)
{
    const struct bookings *bookings = &writer->flows.bookings;
    struct interval_row figures = {
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

/* Writes the gaps of BATCH, and the loss of its flows without gaps. Gaps come with the last part of
 * a collection; until then UNBOOKED grows. */
static int write_gaps(struct writer *writer, const struct store_batch *batch,
                      int64_t unbooked[CAUSE_COUNT], struct left_out *left_out, struct error *error)
{
    if (!batch->changes.flow_count)
        bookings_clear(&writer->flows.bookings);
    if (gap_writer_write(&writer->gaps, &batch->changes.gaps,
                         &writer->flows.memory[batch->shard].ended, &writer->flows.bookings,
                         unbooked, &left_out->refusals, &left_out->gaps, error) < 0)
        return -1;
    return batch->changes.has_more ? 0 : book_rest(writer, batch, unbooked, error);
}

static int write_events(struct writer *writer, const struct changes *changes,
                        struct refusals *refusals, struct error *error)
{
    for (size_t i = 0; i < changes->event_count; i++) {
        const struct track_event *event = &changes->events[i];
        int status = 0;

        if (rollover_is_new(&writer->flows.bonds.lineage, event))
            status = event_writer_write(&writer->events, event, error);
        if (refusals_sort(refusals, writer->database, status, error) < 0)
            return -1;
    }
    return 0;
}

/* The sums of all shards' statistics, with the batch's own for its shard. */
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

/* Frames with OUTCOME. Candidates that workers have moved from UDP may be newer than the count of
 * UDP, which the first worker has; the count is 0 then for a moment. */
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

/* Adds what BATCH adds to the capture's row. Writing it took SECONDS so far. */
static int write_capture(struct writer *writer, const struct store_batch *batch,
                         const struct flow_totals *totals, uint64_t omitted, double seconds,
                         struct error *error)
{
    const struct capture_row row = {
        .now_ns = writer->options->clock(),
        .seen = sum_seen(writer, batch),
        .total = totals->sum,
        .flows_evicted = sum_evicted(writer, batch),
        .flows_omitted = batch->changes.flows_omitted,
        .gaps_omitted = omitted,
        .events_omitted = batch->changes.events_omitted,
        .seconds = seconds,
    };

    if (write_counters(writer, &row.seen, totals, error) < 0)
        return -1;
    return capture_writer_add(&writer->captures, &row, error);
}

static void add_unbooked(int64_t unbooked[CAUSE_COUNT], const struct summary *sum)
{
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        unbooked[i] += (int64_t)sum->lost[i];
}

static int write_all(struct writer *writer, const struct store_batch *batch,
                     int64_t unbooked[CAUSE_COUNT], struct left_out *left_out, struct error *error)
{
    double began = now_seconds();
    struct flow_totals totals = {0};
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
    add_unbooked(unbooked, &totals.sum);
    if (write_gaps(writer, batch, unbooked, left_out, error) < 0 ||
        write_events(writer, &batch->changes, &left_out->refusals, error) < 0 ||
        sample_writer_write(&writer->samples, batch->changes.samples, batch->changes.sample_count,
                            error) < 0)
        return -1;
    if (totals.sum.last_ns > writer->last_ns)
        writer->last_ns = totals.sum.last_ns;
    return write_capture(writer, batch, &totals, left_out->gaps + totals.gaps_elsewhere,
                         now_seconds() - began, error);
}

int writer_write(struct writer *writer, const struct store_batch *batch, struct left_out *left_out,
                 struct error *error)
{
    struct writer_shard *shard = &writer->shards[batch->shard];
    int64_t unbooked[CAUSE_COUNT] = {shard->unbooked[CAUSE_NETWORK],
                                     shard->unbooked[CAUSE_UNDETERMINED]};
    int status = change_begin(writer, error);

    if (status < 0)
        return -1;
    *left_out = (struct left_out){.flows = batch->changes.flows_omitted,
                                  .gaps = batch->changes.gaps.omitted};
    status = change_end(writer, write_all(writer, batch, unbooked, left_out, error), error);
    flow_writer_settle(&writer->flows, batch, status == 0);
    if (status == 0) {
        shard->seen = batch->statistics;
        shard->evicted = batch->flows_evicted;
        memcpy(shard->unbooked, unbooked, sizeof(unbooked));
    }
    return status;
}

/* Marks flows as silent when the capture ends. A file ends at its newest frame. */
static int end_silent(struct writer *writer, struct error *error)
{
    uint64_t end_ns = writer->options->is_file ? writer->last_ns : writer->options->clock();

    if (end_ns < SILENCE_NS)
        return 0;
    sqlite3_bind_int64(writer->end_silent, 1, writer->capture);
    statement_bind_time(writer->end_silent, 2, end_ns - SILENCE_NS);
    statement_bind_time(writer->end_silent, 3, end_ns);
    if (statement_run(writer->end_silent, error) < 0)
        return -1;
    return lineage_writer_end(&writer->flows.bonds, end_ns, error);
}

int writer_end(struct writer *writer, struct error *error)
{
    const struct capture_row row = {.now_ns = writer->options->clock()};
    int status = change_begin(writer, error);

    if (status < 0)
        return -1;
    status = end_silent(writer, error);
    if (status == 0)
        status = capture_writer_end(&writer->captures, &row, error);
    status = change_end(writer, status, error);
    lineage_writer_settle(&writer->flows.bonds, status == 0);
    return status;
}
