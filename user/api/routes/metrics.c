/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The newest capture in the text format of Prometheus. Only the worst flows have series of their
 * own, which limits the number of series. */
#include "api/routes/api.h"
#include "base/timestamp.h"
#include "base/units.h"
#include "base/utf8.h"
#include "flow/outcome_name.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define PREFIX       "gapwatch_"

/* One row for each metric of the capture: COLUMN is selected and written. */
static const struct metric {
    const char *name;
    const char *type;
    const char *help;
    const char *column;
} capture_metrics[] = {
    {"frames_total", "counter", "Frames of all protocols.", "packets"},
    {"frame_bytes_total", "counter", "Lengths of all frames on the wire.", "bytes"},
    {"bytes_total", "counter", "Bytes of packets that belong to flows.", "total_bytes"},
    {"gaps_total", "counter", "Unbroken runs of sequence numbers that never arrived.",
     "total_gaps_detected + (SELECT count(*) FROM sequence_gaps INDEXED BY gaps_withdrawn "
     "WHERE capture_id = captures.id AND withdrawn)"},
    {"unobserved_packets_total", "counter", "Packets that the sensor lost, but could count.",
     "total_unobserved_packets"},
    {"sensor_drops_total", "counter", "Records that the sensor lost.", "drops"},
    {"flows_evicted_total", "counter", "Flows that left the table, full or idle.", "flows_evicted"},
    {"gaps_omitted_total", "counter", "Gaps that were counted, but not stored.", "gaps_omitted"},
    {"largest_gap_packets", "gauge", "Sequence numbers in the largest gap.",
     "coalesce(max_gap_size, 0)"},
    {"ring_size_bytes", "gauge", "Size of the ring buffer; 0: the method has none.", "ring_bytes"},
    {"ring_used_bytes", "gauge", "Used part of the ring buffer at the last flush.",
     "ring_used_bytes"},
    {"behind_other", "gauge",
     "1 while another program gets frames before the sensor's, and may hide some; else 0.",
     "coalesce(behind_other, 0)"},
    {"flushes_total", "counter", "Writes of the sensor to the database.", "flushes"},
    {"flush_seconds_total", "counter", "Duration of all writes to the database.", "flush_seconds"},
    {"last_flush_duration_seconds", "gauge", "Duration of the last write.", "last_flush_seconds"},
    {"capture_running", "gauge", "1 while the sensor runs, or if it was killed; 0: it ended.",
     "ended IS NULL"},
};

static const struct metric flow_metrics[] = {
    {"flow_packets_total", "counter", "Packets of a flow.", "packets_received"},
    {"flow_bytes_total", "counter", "Bytes of a flow.", "total_bytes"},
    {"flow_gaps_total", "counter", "Gaps of a flow.",
     "gaps_detected + (SELECT count(*) FROM sequence_gaps INDEXED BY gaps_withdrawn "
     "WHERE withdrawn AND capture_id = flows.capture_id AND flow_id = flows.flow_id)"},
    {"flow_unobserved_packets_total", "counter", "Packets of a flow that the sensor lost.",
     "unobserved_packets"},
    {"flow_duplicate_packets_total", "counter",
     "Packets of a flow whose number had arrived before.", "duplicate_packets"},
    {"flow_reordered_packets_total", "counter", "Packets of a flow out of order.",
     "reordered_packets"},
    {"flow_late_packets_total", "counter", "Packets of a flow below the window.", "late_packets"},
    {"flow_wraparounds_total", "counter", "How often the 32-bit number of a flow passed 2^32.",
     "wraparounds"},
    {"flow_last_sequence", "gauge", "Highest sequence number of a flow, as on the wire.",
     "last_sequence"},
    {"flow_loss_ratio", "gauge", "Lost by the network / (the same + distinct numbers received).",
     "loss_ratio"},
    {"flow_silent", "gauge", "1 while the flow sends nothing for unusually long.",
     "silent_since IS NOT NULL"},
};

#define CAPTURE_METRICS (int)(sizeof(capture_metrics) / sizeof(capture_metrics[0]))
#define FLOW_METRICS    (int)(sizeof(flow_metrics) / sizeof(flow_metrics[0]))

/* Counters must not decrease, so losses that were taken back stay in them. */
#define WITHDRAWN                                                                                  \
    "(SELECT coalesce(sum(gap_size), 0) FROM sequence_gaps INDEXED BY gaps_withdrawn "             \
    "WHERE withdrawn AND "
#define OF_CAPTURE(cause) WITHDRAWN "capture_id = captures.id AND cause = '" cause "')"
#define OF_FLOW(cause)                                                                             \
    WITHDRAWN "capture_id = flows.capture_id AND flow_id = flows.flow_id AND cause = '" cause "')"

/* Loss of a flow by cause. Rows written with schema version 1 have no cause. */
static const struct cause_metric {
    const char *cause;
    const char *column;
} cause_metrics[] = {
    {"network", "coalesce(lost_network, total_lost_packets) + " OF_FLOW("network")},
    {"undetermined", "lost_undetermined + " OF_FLOW("undetermined")},
};

#define CAUSE_METRICS (sizeof(cause_metrics) / sizeof(cause_metrics[0]))

static void write_head(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

/* Writes a label. Octets that are not UTF-8, and control characters, become "?". */
static void write_label(FILE *to, const char *name, const char *value)
{
    fprintf(to, "%s=\"", name);
    while (value && *value) {
        size_t length = utf8_length(value);

        if (!length || (unsigned char)*value < ' ')
            fputc('?', to);
        else
            fprintf(to, "%s%.*s", *value == '"' || *value == '\\' ? "\\" : "", (int)length, value);
        value += length ? length : 1;
    }
    fputc('"', to);
}

static void write_value(FILE *to, sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_FLOAT)
        fprintf(to, " %.15g\n", sqlite3_column_double(statement, column));
    else
        fprintf(to, " %lld\n", sqlite3_column_int64(statement, column));
}

/* Writes one series for each row: column 0 is the value of the label WHAT, COLUMN the series'
 * value. */
static void write_by_label(struct call *call, const char *what, const struct query *query,
                           const char *name, int column)
{
    sqlite3_stmt *statement = reader_select(call->reader, query);

    while (reader_next(call->reader, statement)) {
        fprintf(call->answer->to, PREFIX "%s{", name);
        write_label(call->answer->to, what, (const char *)sqlite3_column_text(statement, 0));
        fputc('}', call->answer->to);
        write_value(call->answer->to, statement, column);
    }
}

/* Selects the counters of the protocols if PROTOCOLS, else those of the reasons why frames belong
 * to no flow. */
static void select_counters(struct query *query, const struct call *call, int protocols)
{
    query_init(query);
    query_add(query,
              "SELECT counter, packets, flows FROM capture_counters WHERE capture_id = ? "
              "AND counter %s IN (",
              protocols ? "" : "NOT");
    query_integer(query, call->capture);
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++) {
        query_add(query, i > OUTCOME_NONE + 1 ? ", ?" : "?");
        query_text(query, outcome_name(i));
    }
    query_add(query, ")");
}

static void write_counters(struct call *call)
{
    struct query query;

    select_counters(&query, call, 1);
    write_head(call->answer->to, "packets_total", "counter", "Packets that belong to flows.");
    write_by_label(call, "protocol", &query, "packets_total", 1);
    write_head(call->answer->to, "flows", "gauge", "Flows.");
    write_by_label(call, "protocol", &query, "flows", 2);
    select_counters(&query, call, 0);
    write_head(call->answer->to, "unfollowed_frames_total", "counter",
               "Frames that belong to no flow.");
    write_by_label(call, "reason", &query, "unfollowed_frames_total", 1);
}

static void write_causes(struct call *call)
{
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT 'network', lost_network + " OF_CAPTURE(
                          "network") " FROM captures WHERE id = ?1 UNION ALL "
                                     "SELECT 'undetermined', lost_undetermined + " OF_CAPTURE(
                                         "undetermined") " FROM captures WHERE id = ?1");
    query_integer(&query, call->capture);
    write_head(call->answer->to, "lost_packets_total", "counter",
               "Sequence numbers that never arrived.");
    write_by_label(call, "cause", &query, "lost_packets_total", 1);
}

/* Writes the metrics of the capture's row that need more than one column or are not plain
 * numbers. */
static void write_rest_of_capture(struct call *call, sqlite3_stmt *statement)
{
    static const char *const labels[] = {"source", "method", "version"};
    const char *updated = (const char *)sqlite3_column_text(statement, CAPTURE_METRICS);
    const struct version *version = &call->reader->version;
    FILE *to = call->answer->to;
    uint64_t updated_ns;

    if (updated && timestamp_parse(updated, &updated_ns) == 0) {
        write_head(to, "last_flush_timestamp_seconds", "gauge",
                   "Time of the last write to the database.");
        fprintf(to, PREFIX "last_flush_timestamp_seconds %.9f\n",
                (double)updated_ns / (double)NS_PER_SECOND);
    }
    write_head(to, "database_size_bytes", "gauge", "Size of the database and its write-ahead log.");
    fprintf(to, PREFIX "database_size_bytes %lld\n",
            (long long)(version->database.octets + version->log.octets));
    write_head(to, "capture_info", "gauge", "Source, method and version of the capture.");
    fprintf(to, PREFIX "capture_info{");
    for (int i = 0; i < 3; i++) {
        fputs(i ? "," : "", to);
        write_label(to, labels[i],
                    (const char *)sqlite3_column_text(statement, CAPTURE_METRICS + 1 + i));
    }
    fputs("} 1\n", to);
}

static void write_capture(struct call *call)
{
    FILE *to = call->answer->to;
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT ");
    for (int i = 0; i < CAPTURE_METRICS; i++)
        query_add(&query, "%s, ", capture_metrics[i].column);
    query_add(&query, "updated, source, method, version FROM captures WHERE id = ?");
    query_integer(&query, call->capture);
    statement = reader_select(call->reader, &query);
    if (!reader_next(call->reader, statement))
        return;
    for (int i = 0; i < CAPTURE_METRICS; i++) {
        write_head(to, capture_metrics[i].name, capture_metrics[i].type, capture_metrics[i].help);
        fprintf(to, PREFIX "%s", capture_metrics[i].name);
        write_value(to, statement, i);
    }
    write_rest_of_capture(call, statement);
}

#define WORST "lost_network DESC, total_lost_packets DESC, total_bytes DESC, protocol, id"

/*
 * Writes CONDITION, which is true for flows that run out of sequence numbers: they have used three
 * quarters of 2^32, the limit from which a MACsec rekey is due (IEEE 802.1AE clause 9). The index
 * flows_near_exhaustion has the same limit. A number that has wrapped around is the low half of a
 * longer one and is not near exhaustion.
 */
static void near_exhaustion(struct text *condition)
{
    const char *before = "";

    text_add(condition, "last_sequence >= 3221225472 AND wraparounds = 0 AND protocol IN (");
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        if (outcome_number_end(i) == 32) {
            text_add(condition, "%s'%s'", before, outcome_name(i));
            before = ", ";
        }
    text_add(condition, ")");
}

/* Selects COLUMN of the worst flows: first those that run out of sequence numbers, then those that
 * lost most. */
static void select_worst(struct query *query, const struct call *call, const char *column)
{
    char ending[512];
    struct text condition = text_over(ending, sizeof(ending));

    near_exhaustion(&condition);
    query_init(query);
    query_add(query,
              "SELECT flow_id, protocol, %s FROM flows WHERE id IN ("
              "SELECT id FROM (SELECT id FROM flows INDEXED BY flows_near_exhaustion "
              "WHERE capture_id = ?1 AND %s LIMIT ?2) UNION ALL "
              "SELECT id FROM (SELECT id FROM flows INDEXED BY flows_by_network_loss "
              "WHERE capture_id = ?1 ORDER BY " WORST " LIMIT ?2)) "
              "ORDER BY %s DESC, " WORST " LIMIT ?2",
              column, ending, ending);
    query_integer(query, call->capture);
    query_integer(query, call->metrics_top);
}

/* Writes the series NAME, from COLUMN, of each of the worst flows; CAUSE, unless NULL, is one more
 * label. */
static void write_flow_series(struct call *call, const char *name, const char *column,
                              const char *cause)
{
    FILE *to = call->answer->to;
    sqlite3_stmt *statement;
    struct query query;

    select_worst(&query, call, column);
    statement = reader_select(call->reader, &query);
    while (reader_next(call->reader, statement)) {
        if (sqlite3_column_type(statement, 2) == SQLITE_NULL)
            continue; /* TCP and UDP have no numbers */
        fprintf(to, PREFIX "%s{", name);
        write_label(to, "flow_id", (const char *)sqlite3_column_text(statement, 0));
        fputc(',', to);
        write_label(to, "protocol", (const char *)sqlite3_column_text(statement, 1));
        if (cause) {
            fputc(',', to);
            write_label(to, "cause", cause);
        }
        fputc('}', to);
        write_value(to, statement, 2);
    }
}

static void write_flows(struct call *call)
{
    FILE *to = call->answer->to;

    for (int i = 0; i < FLOW_METRICS; i++) {
        const struct metric *metric = &flow_metrics[i];

        write_head(to, metric->name, metric->type, metric->help);
        write_flow_series(call, metric->name, metric->column, NULL);
    }
    write_head(to, "flow_lost_packets_total", "counter", "Packets of a flow that never arrived.");
    for (size_t i = 0; i < CAUSE_METRICS; i++)
        write_flow_series(call, "flow_lost_packets_total", cause_metrics[i].column,
                          cause_metrics[i].cause);
}

void answer_metrics(struct call *call)
{
    if (call_find_capture(call) < 0 || answer_open(call->answer, TYPE_METRICS) < 0)
        return;
    write_counters(call);
    write_causes(call);
    write_capture(call);
    write_flows(call);
    answer_close(call->answer);
}
