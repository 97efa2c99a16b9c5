/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The JSON report. Names are the same as in SQLite and in the API. */
#include <stdlib.h>

#include "figures/json.h"
#include "figures/rows.h"
#include "report/report.h"
#include "report/sas.h"

#define WRITE(name, type, unit, null, value, meaning) json_##type(json, #name, value);

/* Writes the names of all files as one string, as they were analysed together. */
static void write_source(struct json_writer *json, const struct report *report)
{
    char *names = text_join(report->targets, report->target_count);

    json_string(json, "source", names);
    free(names);
}

/* Writes one number for each outcome up to LAST. */
static void write_by_outcome(struct json_writer *json, const char *key, const uint64_t *counts,
                             enum outcome last)
{
    json_open(json, key, '{');
    for (enum outcome i = OUTCOME_NONE + 1; i <= last; i++)
        json_integer(json, outcome_name(i), counts[i]);
    json_close(json, '}');
}

/* Writes what each interface of files had. */
static void write_interfaces(struct json_writer *json, const struct report *report)
{
    json_open(json, "interfaces", '[');
    for (size_t i = 0; i < report->interface_count; i++) {
        const struct interface_row *row = &report->interfaces[i];

        json_open(json, NULL, '{');
        json_integer(json, "interface", row->number);
        json_string(json, "name", *row->name ? row->name : NULL);
        json_string(json, "link_type", row->link_type);
        json_integer(json, "packets", row->packets);
        json_integer(json, "bytes", row->bytes);
        write_by_outcome(json, "counters", row->outcomes, OUTCOME_COUNT - 1);
        json_integer(json, "sensor_drops", row->lost);
        json_close(json, '}');
    }
    json_close(json, ']');
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
    if (report->interface_count)
        write_interfaces(json, report);
    json_integer(json, "sensor_drops", statistics->sensor_drops);
    json_boolean(json, "behind_other", statistics->is_behind_other);
    json_integer(json, "clock_steps", statistics->clock_steps);
    json_integer(json, "copies_dropped", statistics->copies_dropped);
    json_integer(json, "mirror_lost_packets", statistics->mirror_lost);
    json_integer(json, "flows_evicted", report->flows_left);
    json_integer(json, "gaps_omitted", report->gaps_omitted);
    json_integer(json, "sas_omitted", report->sas_omitted);
    json_close(json, '}');
}

static void write_cause_totals(struct json_writer *json, const struct report *report)
{
    json_open(json, "lost_by_cause", '{');
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        json_integer(json, gap_cause_name(i), report->summary.lost[i]);
    json_close(json, '}');
}

static void write_totals(struct json_writer *json, const struct report *report)
{
    const struct capture_row *row = &(struct capture_row){.total = report->summary};

#define FIGURE(...)
#define TOTAL_ADD   WRITE
#define TOTAL_MAX   WRITE
#define TOTAL_FIRST WRITE
#define TOTAL_LAST  WRITE
#include "figures/capture.def"
}

static void write_summary(struct json_writer *json, const struct report *report)
{
    const struct summary *summary = &report->summary;

    json_open(json, "summary", '{');
    write_totals(json, report);
    write_cause_totals(json, report);
    json_number(json, "avg_bandwidth_mbps",
                bandwidth_mbps(summary->bytes, summary->first_ns, summary->last_ns));
    write_by_outcome(json, "protocol_distribution", summary->protocol_packets,
                     OUTCOME_LAST_PROTOCOL);
    json_close(json, '}');
}

/* The figures of LISTED. Writes its id to ID of FLOW_ID_CHARS, and others to CHARS. */
static struct flow_row row_of(const struct report *report, const struct listed_flow *listed,
                              char *id, struct bond_chars *chars)
{
    struct flow_row row = {
        .id = id,
        .flow = *listed->flow,
        .figures = listed_figures(listed),
        .has_sequence = listed_has_sequence(listed),
        .silent_ns = report_silent_since(report, listed),
    };

    flow_id_format(&row.flow.key, id);
    row.names = bond_names_of(&report->lineage, &row.flow.key, row.has_sequence, chars);
    if (row.has_sequence)
        row.last_sequence = listed_last_sequence(listed);
    return row;
}

struct sa_context {
    struct json_writer *json;
    const struct flow_row *flow;
};

/* The flow's id is that of the object around it. */
static int write_sa(void *context, const struct sa_change *sa)
{
    const struct sa_context *around = context;
    struct json_writer *json = around->json;
    const struct sa_row *row = &(struct sa_row){
        .sa = sa,
        .generation = sa->generation,
        .names = bond_names_of_sa(&around->flow->names, around->flow->id, sa->generation),
    };

    json_open(json, NULL, '{');
#define FIGURE WRITE
#define STORED(...)
#include "figures/sa.def"
    json_close(json, '}');
    return 0;
}

static void write_flow(struct json_writer *json, const struct report *report,
                       const struct listed_flow *listed)
{
    char id[FLOW_ID_CHARS];
    struct bond_chars chars;
    const struct flow_row listed_row = row_of(report, listed, id, &chars);
    const struct flow_row *row = &listed_row;
    struct sa_context context = {.json = json, .flow = row};

    json_new_line(json);
    json_open(json, NULL, '{');
#define FIGURE WRITE
#include "figures/flow.def"
    json_open(json, "sas", '[');
    sas_of(report, listed, write_sa, &context);
    json_close(json, ']');
    json_close(json, '}');
}

static void write_gap(struct json_writer *json, const struct gap *gap)
{
    char id[FLOW_ID_CHARS];
    const struct gap_row *row = &(struct gap_row){.gap = gap, .flow_id = id};

    flow_id_format(&gap->key, id);
    json_new_line(json);
    json_open(json, NULL, '{');
#define FIGURE WRITE
#define STORED(...)
#include "figures/gap.def"
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
