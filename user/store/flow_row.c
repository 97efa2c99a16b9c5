/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/flow_row.h"

#include <string.h>
#include <time.h>

#include "base/timestamp.h"
#include "flow/figures.h"
#include "store/database.h"
#include "track/timing.h"

/* The parameters and columns, in the order of FLOW_ROW_COLUMNS. Columns are counted from 0. */
enum column {
    PACKETS = 1,
    BYTES,
    GAPS,
    LOST,
    LOSS_RATIO,
    UNOBSERVED,
    DUPLICATES,
    REORDERED,
    LATE,
    OUTLIERS,
    MAX_REORDER_DISTANCE,
    WRAPAROUNDS,
    RESTARTS,
    REKEYS,
    FIRST_SEQUENCE,
    LAST_SEQUENCE,
    MIN_GAP,
    MAX_GAP,
    FIRST_TIMESTAMP,
    LAST_TIMESTAMP,
    DURATION,
    BANDWIDTH,
    MIN_INTERVAL,
    MAX_INTERVAL,
    AVG_INTERVAL,
    STDDEV_INTERVAL,
    LOST_NETWORK,
    LOST_UNDETERMINED,
    SKIPPED,
    SILENT_SINCE,
    MIXED_SENDERS,
    PARTIAL_VIEW,
    LOSS_RUN_RATIO,
    EARLIER_SAS,
};

_Static_assert(EARLIER_SAS == FLOW_ROW_COUNT, "a parameter for every column");

struct flow_row flow_row_of(const struct flow_change *change)
{
    return (struct flow_row){
        .flow = change->flow,
        .figures = change->figures,
        .last_sequence = change->last_sequence,
        .has_sequence = change->has_sequence,
    };
}

static uint64_t intervals_of(const struct flow *flow)
{
    return flow->packets - 1;
}

/* --- continuing a flow that was forgotten --- */

/* The pause between the two is an interval like any other. */
static void continue_timing(struct flow *flow, const struct flow *earlier)
{
    struct timing timing = earlier->timing;
    const struct timing *since = &flow->timing;

    timing_add(&timing, flow->first_ns);
    timing.sum_ns += since->sum_ns;
    timing.squares += since->squares;
    if (since->last_ns > timing.last_ns)
        timing.last_ns = since->last_ns;
    if (since->min_ns < timing.min_ns)
        timing.min_ns = since->min_ns;
    if (since->max_ns > timing.max_ns)
        timing.max_ns = since->max_ns;
    flow->timing = timing;
}

static void continue_figures(struct sequence_figures *figures,
                             const struct sequence_figures *earlier)
{
    figures->received += earlier->received;
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        figures->lost[i] += earlier->lost[i];
    figures->gaps += earlier->gaps;
    figures->duplicates += earlier->duplicates;
    figures->reordered += earlier->reordered;
    figures->late += earlier->late;
    figures->skipped += earlier->skipped;
    if (earlier->min_gap && (!figures->min_gap || earlier->min_gap < figures->min_gap))
        figures->min_gap = earlier->min_gap;
    if (earlier->max_gap > figures->max_gap)
        figures->max_gap = earlier->max_gap;
    if (earlier->max_reorder_distance > figures->max_reorder_distance)
        figures->max_reorder_distance = earlier->max_reorder_distance;
    figures->wraparounds += earlier->wraparounds;
}

void flow_row_continue(struct flow_row *row, const struct flow_row *earlier)
{
    struct flow *flow = &row->flow;
    const struct flow *before = &earlier->flow;

    continue_timing(flow, before);
    continue_figures(&row->figures, &earlier->figures);
    flow->packets += before->packets;
    flow->bytes += before->bytes;
    if (before->first_ns < flow->first_ns)
        flow->first_ns = before->first_ns;
    flow->outliers += before->outliers;
    flow->unobserved += before->unobserved;
    flow->restarts += before->restarts;
    flow->rekeys += before->rekeys;
    flow->mixed_senders |= before->mixed_senders;
    row->earlier_sas = earlier->earlier_sas;
    if (earlier->has_sequence) {
        flow->first_sequence = before->first_sequence;
        row->last_sequence = row->has_sequence ? row->last_sequence : earlier->last_sequence;
        row->has_sequence = 1;
    }
}

/* --- into the database --- */

static void bind_count(sqlite3_stmt *statement, enum column column, uint64_t count)
{
    sqlite3_bind_int64(statement, column, (sqlite3_int64)count);
}

/* NULL when there is no such number. */
static void bind_optional(sqlite3_stmt *statement, enum column column, int is_there, uint64_t count)
{
    if (is_there)
        bind_count(statement, column, count);
    else
        sqlite3_bind_null(statement, column);
}

static void bind_sequence(sqlite3_stmt *statement, const struct flow_row *row)
{
    const struct flow *flow = &row->flow;
    const struct sequence_figures *figures = &row->figures;

    bind_count(statement, GAPS, figures->gaps);
    bind_count(statement, LOST, figures_lost(figures));
    bind_count(statement, LOST_NETWORK, figures->lost[CAUSE_NETWORK]);
    bind_count(statement, LOST_UNDETERMINED, figures->lost[CAUSE_UNDETERMINED]);
    bind_count(statement, SKIPPED, figures->skipped);
    if (row->has_sequence)
        sqlite3_bind_double(statement, LOSS_RATIO, loss_ratio(figures)); /* NAN becomes NULL */
    else
        sqlite3_bind_null(statement, LOSS_RATIO);
    bind_count(statement, UNOBSERVED, flow->unobserved);
    bind_count(statement, DUPLICATES, figures->duplicates);
    bind_count(statement, REORDERED, figures->reordered);
    bind_count(statement, LATE, figures->late);
    bind_count(statement, OUTLIERS, flow->outliers);
    bind_count(statement, MAX_REORDER_DISTANCE, figures->max_reorder_distance);
    bind_count(statement, WRAPAROUNDS, figures->wraparounds);
    bind_count(statement, RESTARTS, flow->restarts);
    bind_count(statement, REKEYS, flow->rekeys);
    bind_optional(statement, FIRST_SEQUENCE, row->has_sequence, flow->first_sequence);
    bind_optional(statement, LAST_SEQUENCE, row->has_sequence, row->last_sequence);
    bind_optional(statement, MIN_GAP, figures->min_gap != 0, figures->min_gap);
    bind_optional(statement, MAX_GAP, figures->max_gap != 0, figures->max_gap);
}

/* What the figures as a whole say about the flow. */
static void bind_marks(sqlite3_stmt *statement, const struct flow_row *row)
{
    sqlite3_bind_null(statement, SILENT_SINCE);
    if (row->silent_ns)
        statement_bind_time(statement, SILENT_SINCE, row->silent_ns);
    bind_count(statement, MIXED_SENDERS, row->flow.mixed_senders != 0);
    sqlite3_bind_null(statement, PARTIAL_VIEW);
    if (is_partial_view(&row->figures))
        statement_bind_text(statement, PARTIAL_VIEW, "possible");
    sqlite3_bind_double(statement, LOSS_RUN_RATIO, loss_run_ratio(&row->figures));
    bind_count(statement, EARLIER_SAS, row->earlier_sas);
}

static void bind_intervals(sqlite3_stmt *statement, const struct flow *flow)
{
    const struct timing *timing = &flow->timing;
    uint64_t intervals = intervals_of(flow);

    if (!intervals) {
        for (int column = MIN_INTERVAL; column <= STDDEV_INTERVAL; column++)
            sqlite3_bind_null(statement, column);
        return;
    }
    sqlite3_bind_double(statement, MIN_INTERVAL, (double)timing->min_ns / NS_PER_MS);
    sqlite3_bind_double(statement, MAX_INTERVAL, (double)timing->max_ns / NS_PER_MS);
    sqlite3_bind_double(statement, AVG_INTERVAL, timing_mean(timing, intervals) / NS_PER_MS);
    sqlite3_bind_double(statement, STDDEV_INTERVAL,
                        timing_deviation(timing, intervals) / NS_PER_MS);
}

void flow_row_bind(sqlite3_stmt *statement, const struct flow_row *row)
{
    const struct flow *flow = &row->flow;
    uint64_t duration_ns = flow->timing.last_ns - flow->first_ns;

    bind_count(statement, PACKETS, flow->packets);
    bind_count(statement, BYTES, flow->bytes);
    bind_sequence(statement, row);
    bind_marks(statement, row);
    statement_bind_time(statement, FIRST_TIMESTAMP, flow->first_ns);
    statement_bind_time(statement, LAST_TIMESTAMP, flow->timing.last_ns);
    sqlite3_bind_double(statement, DURATION, (double)duration_ns / (double)NS_PER_SECOND);
    sqlite3_bind_double(statement, BANDWIDTH,
                        bandwidth_mbps(flow->bytes, flow->first_ns, flow->timing.last_ns));
    bind_intervals(statement, flow);
}

/* --- and back --- */

static uint64_t read_count(sqlite3_stmt *statement, enum column column)
{
    return (uint64_t)sqlite3_column_int64(statement, column - 1);
}

static uint32_t read_small(sqlite3_stmt *statement, enum column column)
{
    return (uint32_t)read_count(statement, column);
}

static double read_ns(sqlite3_stmt *statement, enum column column)
{
    return sqlite3_column_double(statement, column - 1) * NS_PER_MS;
}

static uint64_t read_time(sqlite3_stmt *statement, enum column column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column - 1);

    return text ? timestamp_or_zero(text) : 0;
}

/* The sums that mean and deviation were made from, as exactly as these tell: timing_deviation()
 * done backwards. */
static void read_timing(sqlite3_stmt *statement, struct flow *flow)
{
    struct timing *timing = &flow->timing;
    uint64_t intervals = intervals_of(flow);
    double deviation = read_ns(statement, STDDEV_INTERVAL);
    uint64_t mean, rest;
    double offset;

    timing->last_ns = read_time(statement, LAST_TIMESTAMP);
    timing->min_ns = UINT64_MAX;
    if (!intervals)
        return;
    timing->sum_ns = (uint64_t)(read_ns(statement, AVG_INTERVAL) * (double)intervals + 0.5);
    mean = timing->sum_ns / intervals;
    rest = timing->sum_ns % intervals;
    offset = (double)rest / (double)intervals;
    timing->squares =
        (unsigned __int128)((deviation * deviation + offset * offset) * (double)intervals + 0.5);
    timing->squares += (unsigned __int128)mean * timing->sum_ns + (unsigned __int128)mean * rest;
    timing->min_ns = (uint64_t)(read_ns(statement, MIN_INTERVAL) + 0.5);
    timing->max_ns = (uint64_t)(read_ns(statement, MAX_INTERVAL) + 0.5);
}

void flow_row_read(sqlite3_stmt *statement, struct flow_row *row)
{
    struct flow *flow = &row->flow;

    memset(row, 0, sizeof(*row));
    flow->packets = read_count(statement, PACKETS);
    flow->bytes = read_count(statement, BYTES);
    flow->outliers = read_count(statement, OUTLIERS);
    flow->unobserved = read_count(statement, UNOBSERVED);
    row->figures = (struct sequence_figures){
        .lost = {read_count(statement, LOST_NETWORK), read_count(statement, LOST_UNDETERMINED)},
        .gaps = read_count(statement, GAPS),
        .duplicates = read_count(statement, DUPLICATES),
        .reordered = read_count(statement, REORDERED),
        .late = read_count(statement, LATE),
        .skipped = read_count(statement, SKIPPED),
        .min_gap = read_small(statement, MIN_GAP),
        .max_gap = read_small(statement, MAX_GAP),
        .max_reorder_distance = read_small(statement, MAX_REORDER_DISTANCE),
        .wraparounds = read_small(statement, WRAPAROUNDS),
    };
    row->figures.received =
        flow->packets - row->figures.duplicates - row->figures.late - flow->outliers;
    flow->restarts = read_small(statement, RESTARTS);
    flow->rekeys = read_small(statement, REKEYS);
    flow->first_sequence = read_small(statement, FIRST_SEQUENCE);
    flow->first_ns = read_time(statement, FIRST_TIMESTAMP);
    row->last_sequence = read_small(statement, LAST_SEQUENCE);
    row->has_sequence = sqlite3_column_type(statement, LAST_SEQUENCE - 1) != SQLITE_NULL;
    flow->mixed_senders = (uint8_t)read_count(statement, MIXED_SENDERS);
    row->silent_ns = read_time(statement, SILENT_SINCE);
    row->earlier_sas = read_small(statement, EARLIER_SAS);
    read_timing(statement, flow);
}
