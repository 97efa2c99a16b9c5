/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The JSON report. The names are those of the SQLite columns and of the API. */
#include <math.h>
#include <stdlib.h>

#include "base/timestamp.h"
#include "flow/figures.h"
#include "flow/id.h"
#include "flow/outcome_name.h"
#include "report/json_writer.h"
#include "report/report.h"
#include "track/timing.h"

/* Times are counted in nanoseconds. */
#define SECOND_DECIMALS 9
#define MS_DECIMALS     6

/* What was read, as one string: several files are one analysis. */
static void write_source(struct json_writer *json, const struct report *report)
{
    char *names = text_join(report->targets, report->target_count);

    json_string(json, "source", names);
    free(names);
}

/* One number for each outcome up to LAST. */
static void write_by_outcome(struct json_writer *json, const char *key, const uint64_t *counts,
                             enum outcome last)
{
    json_open(json, key, '{');
    for (enum outcome i = OUTCOME_NONE + 1; i <= last; i++)
        json_integer(json, outcome_name(i), counts[i]);
    json_close(json, '}');
}

static void write_capture(struct json_writer *json, const struct report *report)
{
    const struct source_statistics *statistics = &report->statistics;

    json_open(json, "capture", '{');
    write_source(json, report);
    json_string(json, "method", report->method);
    json_string(json, "link_type", statistics->link_type);
    json_integer(json, "packets", statistics->frames);
    json_integer(json, "bytes", statistics->bytes);
    write_by_outcome(json, "counters", statistics->outcomes, OUTCOME_COUNT - 1);
    json_integer(json, "sensor_drops", statistics->sensor_drops);
    json_integer(json, "clock_steps", statistics->clock_steps);
    json_integer(json, "flows_evicted", report->flows_left);
    json_integer(json, "gaps_omitted", report->gaps_omitted);
    json_close(json, '}');
}

static void write_timestamp(struct json_writer *json, const char *key, uint64_t time_ns)
{
    char timestamp[TIMESTAMP_CHARS];

    timestamp_format(time_ns, timestamp);
    json_string(json, key, timestamp);
}

static void write_cause_totals(struct json_writer *json, const struct report *report)
{
    json_open(json, "lost_by_cause", '{');
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        json_integer(json, gap_cause_name(i), report->summary.lost[i]);
    json_close(json, '}');
}

static void write_summary(struct json_writer *json, const struct report *report)
{
    const struct summary *summary = &report->summary;

    json_open(json, "summary", '{');
    json_integer(json, "total_flows", summary->flows);
    json_integer(json, "total_packets_received", summary->packets);
    json_integer(json, "total_bytes", summary->bytes);
    json_integer(json, "total_gaps_detected", summary->gaps);
    json_integer(json, "total_lost_packets", summary_lost(summary));
    write_cause_totals(json, report);
    json_integer(json, "total_unobserved_packets", summary->unobserved);
    json_optional(json, "max_gap_size", summary->max_gap, summary->max_gap);
    json_number(json, "avg_bandwidth_mbps",
                bandwidth_mbps(summary->bytes, summary->first_ns, summary->last_ns));
    write_by_outcome(json, "protocol_distribution", summary->protocol_packets,
                     OUTCOME_LAST_PROTOCOL);
    if (summary->flows) {
        write_timestamp(json, "first_timestamp", summary->first_ns);
        write_timestamp(json, "last_timestamp", summary->last_ns);
    } else {
        json_null(json, "first_timestamp");
        json_null(json, "last_timestamp");
    }
    json_close(json, '}');
}

/* What the sequence numbers said; for TCP and UDP there is nothing to say. */
static void write_sequence(struct json_writer *json, const struct listed_flow *listed)
{
    const struct flow *flow = listed->flow;
    struct sequence_figures figures = listed_figures(listed);
    int has_sequence = listed_has_sequence(listed);

    json_integer(json, "gaps_detected", figures.gaps);
    json_integer(json, "total_lost_packets", figures_lost(&figures));
    json_number(json, "loss_ratio", has_sequence ? loss_ratio(&figures) : NAN);
    json_integer(json, "unobserved_packets", flow->unobserved);
    json_integer(json, "duplicate_packets", figures.duplicates);
    json_integer(json, "reordered_packets", figures.reordered);
    json_integer(json, "late_packets", figures.late);
    json_integer(json, "outlier_packets", flow->outliers);
    json_integer(json, "max_reorder_distance", figures.max_reorder_distance);
    json_integer(json, "wraparounds", figures.wraparounds);
    json_integer(json, "restarts", flow->restarts);
    json_integer(json, "rekeys", flow->rekeys);
    json_optional(json, "first_sequence", has_sequence, flow->first_sequence);
    json_optional(json, "last_sequence", has_sequence,
                  has_sequence ? listed_last_sequence(listed) : 0);
    json_optional(json, "min_gap", figures.min_gap, figures.min_gap);
    json_optional(json, "max_gap", figures.max_gap, figures.max_gap);
    json_integer(json, "lost_network", figures.lost[CAUSE_NETWORK]);
    json_integer(json, "lost_undetermined", figures.lost[CAUSE_UNDETERMINED]);
    json_integer(json, "skipped_numbers", figures.skipped);
    json_boolean(json, "mixed_senders", flow->mixed_senders);
    json_string(json, "partial_view", is_partial_view(&figures) ? "possible" : NULL);
    json_number(json, "loss_run_ratio", loss_run_ratio(&figures));
}

static void write_timing(struct json_writer *json, const struct flow *flow)
{
    const struct timing *timing = &flow->timing;
    uint64_t intervals = flow->packets - 1;

    write_timestamp(json, "first_timestamp", flow->first_ns);
    write_timestamp(json, "last_timestamp", timing->last_ns);
    json_decimal(json, "duration_seconds", timing->last_ns - flow->first_ns, SECOND_DECIMALS);
    json_number(json, "bandwidth_mbps",
                bandwidth_mbps(flow->bytes, flow->first_ns, timing->last_ns));
    if (intervals) {
        json_decimal(json, "min_inter_arrival_ms", timing->min_ns, MS_DECIMALS);
        json_decimal(json, "max_inter_arrival_ms", timing->max_ns, MS_DECIMALS);
        json_number(json, "avg_inter_arrival_ms", timing_mean(timing, intervals) / NS_PER_MS);
        json_number(json, "stddev_inter_arrival_ms",
                    timing_deviation(timing, intervals) / NS_PER_MS);
    } else {
        json_null(json, "min_inter_arrival_ms");
        json_null(json, "max_inter_arrival_ms");
        json_null(json, "avg_inter_arrival_ms");
        json_null(json, "stddev_inter_arrival_ms");
    }
}

static void write_silence(struct json_writer *json, uint64_t silent_ns)
{
    if (silent_ns)
        write_timestamp(json, "silent_since", silent_ns);
    else
        json_null(json, "silent_since");
}

static void write_flow(struct json_writer *json, const struct report *report,
                       const struct listed_flow *listed)
{
    const struct flow *flow = listed->flow;
    char id[FLOW_ID_CHARS];

    flow_id_format(&flow->key, id);
    json_new_line(json);
    json_open(json, NULL, '{');
    json_string(json, "flow_id", id);
    json_string(json, "protocol", outcome_name(flow->key.protocol));
    json_boolean(json, "implicit_sci", flow->flags & RECORD_IMPLICIT_SCI);
    json_integer(json, "packets_received", flow->packets);
    json_integer(json, "total_bytes", flow->bytes);
    write_sequence(json, listed);
    write_timing(json, flow);
    write_silence(json, report_silent_since(report, listed));
    json_close(json, '}');
}

static void write_gap(struct json_writer *json, const struct gap *gap)
{
    char id[FLOW_ID_CHARS];

    flow_id_format(&gap->key, id);
    json_new_line(json);
    json_open(json, NULL, '{');
    json_string(json, "flow_id", id);
    json_integer(json, "expected_sequence", gap->expected_sequence);
    json_integer(json, "received_sequence", gap->received_sequence);
    json_integer(json, "gap_size", gap->size);
    write_timestamp(json, "timestamp", gap->timestamp_ns);
    json_decimal(json, "duration_ms", gap->duration_ns, MS_DECIMALS);
    json_string(json, "cause", gap_cause_name(gap->cause));
    json_integer(json, "first_number", gap->first_number);
    json_integer(json, "last_number", gap->last_number);
    json_close(json, '}');
}

static void write_report(struct json_writer *json, const struct report *report)
{
    json_open(json, NULL, '{');
    json_new_line(json);
    write_capture(json, report);
    json_new_line(json);
    write_summary(json, report);
    json_new_line(json);
    json_open(json, "flows", '[');
    for (size_t i = 0; i < report->flow_count; i++)
        write_flow(json, report, &report->flows[i]);
    json_close(json, ']');
    json_new_line(json);
    json_open(json, "gaps", '[');
    for (size_t i = 0; i < report->gap_count; i++)
        write_gap(json, &report->gaps[i]);
    json_close(json, ']');
    json_new_line(json);
    json_close(json, '}');
}

void report_write_json(const struct report *report, FILE *to)
{
    struct json_writer json;

    json_begin(&json, to);
    write_report(&json, report);
    json_end(&json);
}

void report_write_json_list(const struct report *reports, size_t count, FILE *to)
{
    struct json_writer json;

    json_begin(&json, to);
    json_open(&json, NULL, '{');
    json_open(&json, "captures", '[');
    for (size_t i = 0; i < count; i++) {
        json_new_line(&json);
        write_report(&json, &reports[i]);
    }
    json_close(&json, ']');
    json_close(&json, '}');
    json_end(&json);
}
