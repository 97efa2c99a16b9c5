/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The newest capture in the text format of Prometheus. Flows have series of their own only when
 * they are among the worst, so that there are never more than a few. */
#include "api/api.h"
#include "base/timestamp.h"
#include "base/units.h"
#include "base/utf8.h"
#include "flow/outcome_name.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define PREFIX       "gapwatch_"

/* Where a MACsec rekey is due (IEEE 802.1AE clause 9, and what flows_near_exhaustion has). A number
 * that has wrapped already is the low half of an XPN, and exhausts nothing. */
#define NEAR_EXHAUSTION "protocol = 'macsec' AND last_sequence >= 3221225472 AND wraparounds = 0"

/* One row a metric of the capture: its column is selected and written. */
static const struct metric {
    const char *name;
    const char *type;
    const char *help;
    const char *column;
} capture_metrics[] = {
    {"frames_total", "counter", "Frames seen, of whatever protocol.", "packets"},
    {"frame_bytes_total", "counter", "Lengths of these frames on the wire.", "bytes"},
    {"bytes_total", "counter", "Bytes of the packets that make up flows.", "total_bytes"},
    {"gaps_total", "counter", "Runs of sequence numbers that never arrived.",
     "total_gaps_detected + (SELECT count(*) FROM sequence_gaps INDEXED BY gaps_withdrawn "
     "WHERE capture_id = captures.id AND withdrawn)"},
    {"unobserved_packets_total", "counter", "Packets that the sensor missed and knows of.",
     "total_unobserved_packets"},
    {"sensor_drops_total", "counter", "Records that the sensor lost.", "drops"},
    {"flows_evicted_total", "counter", "Flows that left the full table.", "flows_evicted"},
    {"gaps_omitted_total", "counter", "Gaps that were counted but not stored.", "gaps_omitted"},
    {"largest_gap_packets", "gauge", "Numbers in the largest gap.", "coalesce(max_gap_size, 0)"},
    {"ring_size_bytes", "gauge", "Size of the ring buffer; 0: the method has none.", "ring_bytes"},
    {"ring_used_bytes", "gauge", "Of the ring buffer, at the last flush.", "ring_used_bytes"},
    {"flushes_total", "counter", "Times that the sensor wrote to the database.", "flushes"},
    {"flush_seconds_total", "counter", "Time that these took.", "flush_seconds"},
    {"last_flush_duration_seconds", "gauge", "Time that the last one took.", "last_flush_seconds"},
    {"capture_running", "gauge", "1 while the sensor runs, or was killed; 0: it ended.",
     "ended IS NULL"},
};

static const struct metric flow_metrics[] = {
    {"flow_packets_total", "counter", "Packets of a flow.", "packets_received"},
    {"flow_bytes_total", "counter", "Bytes of a flow.", "total_bytes"},
    {"flow_gaps_total", "counter", "Gaps of a flow.",
     "gaps_detected + (SELECT count(*) FROM sequence_gaps INDEXED BY gaps_withdrawn "
     "WHERE withdrawn AND capture_id = flows.capture_id AND flow_id = flows.flow_id)"},
    {"flow_unobserved_packets_total", "counter", "Packets of a flow that the sensor missed.",
     "unobserved_packets"},
    {"flow_duplicate_packets_total", "counter", "Numbers of a flow seen again.",
     "duplicate_packets"},
    {"flow_reordered_packets_total", "counter", "Packets of a flow out of order.",
     "reordered_packets"},
    {"flow_late_packets_total", "counter", "Packets of a flow behind the window.", "late_packets"},
    {"flow_wraparounds_total", "counter", "Times that the flow's number passed 2^32.",
     "wraparounds"},
    {"flow_last_sequence", "gauge", "Highest sequence number of a flow, as on the wire.",
     "last_sequence"},
    {"flow_loss_ratio", "gauge", "Lost by the network over that plus distinct received.",
     "loss_ratio"},
    {"flow_silent", "gauge", "1 while the flow sends nothing for longer than is usual.",
     "silent_since IS NOT NULL"},
};

#define CAPTURE_METRICS (int)(sizeof(capture_metrics) / sizeof(capture_metrics[0]))
#define FLOW_METRICS    (int)(sizeof(flow_metrics) / sizeof(flow_metrics[0]))

/* A counter never falls: what was told to be lost, and was not, stays in it. */
#define WITHDRAWN                                                                                  \
    "(SELECT coalesce(sum(gap_size), 0) FROM sequence_gaps INDEXED BY gaps_withdrawn "             \
    "WHERE withdrawn AND "
#define OF_CAPTURE(cause) WITHDRAWN "capture_id = captures.id AND cause = '" cause "')"
#define OF_FLOW(cause)                                                                             \
    WITHDRAWN "capture_id = flows.capture_id AND flow_id = flows.flow_id AND cause = '" cause "')"

/* Series of a flow by cause of loss; in rows of schema version 1 it is not known. */
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

/* A label's value: whatever is no UTF-8 or control character becomes "?". */
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

/* One series a row: WHAT is its label, in column 0, and its value is in COLUMN. */
static void write_by_label(struct call *call, const char *what, const struct query *query,
                           const char *name, int column)
{
    sqlite3_stmt *statement = database_select(call->database, query);

    while (database_next(call->database, statement)) {
        fprintf(call->answer->to, PREFIX "%s{", name);
        write_label(call->answer->to, what, (const char *)sqlite3_column_text(statement, 0));
        fputc('}', call->answer->to);
        write_value(call->answer->to, statement, column);
    }
}

/* Of each outcome: protocols have flows, reasons have not. */
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
    write_head(call->answer->to, "packets_total", "counter", "Packets that make up flows.");
    write_by_label(call, "protocol", &query, "packets_total", 1);
    write_head(call->answer->to, "flows", "gauge", "Flows seen.");
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

/* What of the capture's row, behind its metrics, is not simply a number. */
static void write_rest_of_capture(struct call *call, sqlite3_stmt *statement)
{
    static const char *const labels[] = {"source", "method", "version"};
    const char *updated = (const char *)sqlite3_column_text(statement, CAPTURE_METRICS);
    const struct version *version = &call->database->version;
    FILE *to = call->answer->to;
    uint64_t updated_ns;

    if (updated && timestamp_parse(updated, &updated_ns) == 0) {
        write_head(to, "last_flush_timestamp_seconds", "gauge", "When the sensor last wrote.");
        fprintf(to, PREFIX "last_flush_timestamp_seconds %.9f\n",
                (double)updated_ns / (double)NS_PER_SECOND);
    }
    write_head(to, "database_size_bytes", "gauge", "Of the database and its write-ahead log.");
    fprintf(to, PREFIX "database_size_bytes %lld\n",
            (long long)(version->database.octets + version->log.octets));
    write_head(to, "capture_info", "gauge", "What is captured, how and by which version.");
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
    statement = database_select(call->database, &query);
    if (!database_next(call->database, statement))
        return;
    for (int i = 0; i < CAPTURE_METRICS; i++) {
        write_head(to, capture_metrics[i].name, capture_metrics[i].type, capture_metrics[i].help);
        fprintf(to, PREFIX "%s", capture_metrics[i].name);
        write_value(to, statement, i);
    }
    write_rest_of_capture(call, statement);
}

#define WORST "lost_network DESC, total_lost_packets DESC, total_bytes DESC, protocol, id"

/* COLUMN of the worst flows: those whose numbers run out, then those that lost most. */
static void select_worst(struct query *query, const struct call *call, const char *column)
{
    query_init(query);
    query_add(query,
              "SELECT flow_id, protocol, %s FROM flows WHERE id IN ("
              "SELECT id FROM (SELECT id FROM flows INDEXED BY flows_near_exhaustion "
              "WHERE capture_id = ?1 AND " NEAR_EXHAUSTION " LIMIT ?2) UNION ALL "
              "SELECT id FROM (SELECT id FROM flows INDEXED BY flows_by_network_loss "
              "WHERE capture_id = ?1 ORDER BY " WORST " LIMIT ?2)) "
              "ORDER BY " NEAR_EXHAUSTION " DESC, " WORST " LIMIT ?2",
              column);
    query_integer(query, call->capture);
    query_integer(query, call->metrics_top);
}

/* The series NAME, of COLUMN, of each of the worst flows; CAUSE, unless NULL, is a label too. */
static void write_flow_series(struct call *call, const char *name, const char *column,
                              const char *cause)
{
    FILE *to = call->answer->to;
    sqlite3_stmt *statement;
    struct query query;

    select_worst(&query, call, column);
    statement = database_select(call->database, &query);
    while (database_next(call->database, statement)) {
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
