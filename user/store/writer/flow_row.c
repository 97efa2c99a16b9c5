/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/flow_row.h"

#include <string.h>

#include "store/database/bind.h"

/* Indexes of the columns: figures first, then others. */
enum column {
    BEFORE_FIRST,
#define FIGURE(name, ...) COLUMN_##name,
#define KEY(...)
#include "figures/flow.def"
    COLUMN_earlier_sas,
    FIRST_KEY,
};

/* Parameters: the figures, the keys and the capture's row. */
const char flow_row_insert[] = "INSERT INTO flows ("
#define FIGURE(name, ...) #name ", "
#define KEY(...)
#include "figures/flow.def"
                               "earlier_sas"
#define FIGURE(...)
#define KEY(name, ...) ", " #name
#include "figures/flow.def"
                               ", changed, capture_id) VALUES ("
#define FIGURE(name, ...) "?, "
#include "figures/flow.def"
                               "?, change_number(), ?) "
                               "ON CONFLICT (capture_id, flow_id) DO NOTHING";

const char flow_row_update[] = "UPDATE flows SET "
#define FIGURE(name, ...) #name " = ?, "
#define KEY(...)
#include "figures/flow.def"
                               "earlier_sas = ?, changed = change_number() WHERE id = ?";

const char flow_row_select[] = "SELECT "
#define FIGURE(name, ...) #name ", "
#define KEY(...)
#include "figures/flow.def"
                               "earlier_sas, id FROM flows WHERE capture_id = ? AND flow_id = ?";

struct flow_row flow_row_of(const struct flow_change *change)
{
    struct flow_row row = {
        .flow = change->flow,
        .figures = change->figures,
        .advice = change->advice,
        .space = change->space,
        .last_sequence = change->last_sequence,
        .has_sequence = change->has_sequence,
    };

    flow_row_put_mka(&row, &change->mka);
    return row;
}

/* --- continuing a flow that was forgotten --- */

/* The pause between both parts is an interval like any other. */
static void continue_timing(struct flow *flow, const struct flow *earlier)
{
    struct timing timing = earlier->timing;
    const struct timing *since = &flow->timing;

    timing_add(&timing, flow->first_ns);
    timing.sum_ns += since->sum_ns;
    timing.squares = wide_add(timing.squares, since->squares);
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

/* The percentile of both parts together is not known; the larger one is an upper bound. A window of
 * 0 is larger than any. */
static void continue_advice(struct replay_advice *advice, const struct replay_advice *earlier)
{
    for (unsigned i = 0; i < REPLAY_WINDOWS; i++)
        advice->refused[i] += earlier->refused[i];
    if (earlier->p99 > advice->p99)
        advice->p99 = earlier->p99;
    if (!earlier->window || (advice->window && earlier->window > advice->window))
        advice->window = earlier->window;
}

void flow_row_continue(struct flow_row *row, const struct flow_row *earlier)
{
    struct flow *flow = &row->flow;
    const struct flow *before = &earlier->flow;

    continue_timing(flow, before);
    continue_figures(&row->figures, &earlier->figures);
    continue_advice(&row->advice, &earlier->advice);
    flow->packets += before->packets;
    flow->bytes += before->bytes;
    if (before->first_ns < flow->first_ns)
        flow->first_ns = before->first_ns;
    flow->outliers += before->outliers;
    flow->unobserved += before->unobserved;
    flow->merged += before->merged;
    flow->restarts += before->restarts;
    flow->rekeys += before->rekeys;
    flow->mixed_senders |= before->mixed_senders;
    if (flow_has_esp_in_tcp(before))
        flow->esp_segments = before->esp_segments;
    row->earlier_sas = earlier->earlier_sas;
    if (earlier->has_sequence) {
        flow->first_sequence = before->first_sequence;
        row->last_sequence = row->has_sequence ? row->last_sequence : earlier->last_sequence;
        row->has_sequence = 1;
    }
}

/* --- writing --- */

int flow_row_bind(sqlite3_stmt *statement, const struct flow_row *row)
{
#define FIGURE(name, type, unit, null, value, meaning) bind_##type(statement, COLUMN_##name, value);
#define KEY(...)
#include "figures/flow.def"
    bind_COUNT(statement, COLUMN_earlier_sas, row->earlier_sas);
    return FIRST_KEY;
}

int flow_row_bind_keys(sqlite3_stmt *statement, int place, const struct flow_row *row)
{
#define FIGURE(...)
#define KEY(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/flow.def"
    return place;
}

/* --- reading --- */

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
    return statement_time(statement, column - 1);
}

/* Computes the sums from mean and deviation, as exactly as these allow: the inverse of
 * timing_deviation(). */
static void read_timing(sqlite3_stmt *statement, struct flow *flow)
{
    struct timing *timing = &flow->timing;
    uint64_t intervals = flow->packets - 1;
    double deviation = read_ns(statement, COLUMN_stddev_inter_arrival_ms);
    uint64_t mean, rest;
    double offset;

    timing->last_ns = read_time(statement, COLUMN_last_timestamp);
    timing->min_ns = UINT64_MAX;
    if (!intervals)
        return;
    timing->sum_ns =
        (uint64_t)(read_ns(statement, COLUMN_avg_inter_arrival_ms) * (double)intervals + 0.5);
    mean = timing->sum_ns / intervals;
    rest = timing->sum_ns % intervals;
    offset = (double)rest / (double)intervals;
    timing->squares =
        wide_from_double((deviation * deviation + offset * offset) * (double)intervals + 0.5);
    timing->squares = wide_add(
        timing->squares, wide_add(wide_product(mean, timing->sum_ns), wide_product(mean, rest)));
    timing->min_ns = (uint64_t)(read_ns(statement, COLUMN_min_inter_arrival_ms) + 0.5);
    timing->max_ns = (uint64_t)(read_ns(statement, COLUMN_max_inter_arrival_ms) + 0.5);
}

static struct replay_advice read_advice(sqlite3_stmt *statement)
{
    return (struct replay_advice){
        .refused = {read_count(statement, COLUMN_refused_at_32),
                    read_count(statement, COLUMN_refused_at_64),
                    read_count(statement, COLUMN_refused_at_128),
                    read_count(statement, COLUMN_refused_at_256),
                    read_count(statement, COLUMN_refused_at_512),
                    read_count(statement, COLUMN_refused_at_1024),
                    read_count(statement, COLUMN_refused_at_2048),
                    read_count(statement, COLUMN_refused_at_4096)},
        .window = read_small(statement, COLUMN_recommended_window),
        .p99 = read_small(statement, COLUMN_p99_reorder_distance),
    };
}

int64_t flow_row_read(sqlite3_stmt *statement, struct flow_row *row)
{
    struct flow *flow = &row->flow;

    memset(row, 0, sizeof(*row));
    flow->packets = read_count(statement, COLUMN_packets_received);
    flow->bytes = read_count(statement, COLUMN_total_bytes);
    flow->outliers = read_count(statement, COLUMN_outlier_packets);
    flow->unobserved = read_count(statement, COLUMN_unobserved_packets);
    flow->merged = read_count(statement, COLUMN_merged_packets);
    row->figures = (struct sequence_figures){
        .lost = {read_count(statement, COLUMN_lost_network),
                 read_count(statement, COLUMN_lost_undetermined)},
        .gaps = read_count(statement, COLUMN_gaps_detected),
        .duplicates = read_count(statement, COLUMN_duplicate_packets),
        .reordered = read_count(statement, COLUMN_reordered_packets),
        .late = read_count(statement, COLUMN_late_packets),
        .skipped = read_count(statement, COLUMN_skipped_numbers),
        .min_gap = read_count(statement, COLUMN_min_gap),
        .max_gap = read_count(statement, COLUMN_max_gap),
        .max_reorder_distance = read_small(statement, COLUMN_max_reorder_distance),
        .wraparounds = read_small(statement, COLUMN_wraparounds),
    };
    row->advice = read_advice(statement);
    row->figures.received =
        flow->packets - row->figures.duplicates - row->figures.late - flow->outliers;
    flow->restarts = read_small(statement, COLUMN_restarts);
    flow->rekeys = read_small(statement, COLUMN_rekeys);
    flow->first_sequence = read_count(statement, COLUMN_first_sequence);
    flow->first_ns = read_time(statement, COLUMN_first_timestamp);
    row->last_sequence = read_count(statement, COLUMN_last_sequence);
    row->has_sequence = sqlite3_column_type(statement, COLUMN_last_sequence - 1) != SQLITE_NULL;
    flow->mixed_senders = (uint8_t)read_count(statement, COLUMN_mixed_senders);
    if (read_count(statement, COLUMN_esp_in_tcp))
        flow->esp_segments = ESP_SEGMENTS_MIN;
    row->space.used = sqlite3_column_double(statement, COLUMN_sequence_used - 1);
    row->space.exhaustion_ns = read_time(statement, COLUMN_exhaustion_at);
    row->silent_ns = read_time(statement, COLUMN_silent_since);
    row->earlier_sas = read_small(statement, COLUMN_earlier_sas);
    read_timing(statement, flow);
    return sqlite3_column_int64(statement, COLUMN_earlier_sas);
}
