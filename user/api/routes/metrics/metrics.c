/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The running captures in the text format of Prometheus, each with the labels `interface` and
 * `method`. The last live capture of an interface stays when it has ended. */
#include "api/routes/metrics/exposition.h"
#include "flow/outcome_name.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* One row for each metric of a capture: COLUMN is selected and written. */
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
    {"capture_ended", "gauge",
     "1 when the sensor was told to end; 0 while it runs or if it was killed.",
     "ended IS NOT NULL"},
    {"last_flush_timestamp_seconds", "gauge", "Time of the last write to the database.",
     "CAST(strftime('%s', updated) AS INTEGER) + CAST(substr(updated, 20, 10) AS REAL)"},
};

#define CAPTURE_METRICS (sizeof(capture_metrics) / sizeof(capture_metrics[0]))

/* Counters must not decrease, so losses that were taken back stay in them. */
#define LOST(cause)                                                                                \
    "lost_" cause " + (SELECT coalesce(sum(gap_size), 0) FROM sequence_gaps INDEXED BY "           \
    "gaps_withdrawn WHERE withdrawn AND capture_id = captures.id AND cause = '" cause "')"

/* Selects VALUE of each capture, with its labels and with LABEL (a column, or ""). */
static void select_of_captures(struct query *query, const struct call *call, const char *label,
                               const char *value)
{
    char captures[SCOPE_CHARS];

    scope_condition(&call->scope, captures);
    query_add(query, "SELECT source AS interface, method%s, %s FROM captures WHERE id%s", label,
              value, captures);
}

static void write_metric(struct call *call, const struct metric *metric)
{
    struct query query;

    query_init(&query);
    select_of_captures(&query, call, "", metric->column);
    exposition_head(call->answer->to, metric->name, metric->type, metric->help);
    exposition_write(call, metric->name, &query);
}

/* Writes COLUMN of the counters of the protocols if PROTOCOLS, else of those of the reasons why
 * frames belong to no flow. */
static void write_counters(struct call *call, const struct metric *metric, int protocols)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(
        &query,
        "SELECT source AS interface, method, counter AS %s, capture_counters.%s FROM captures "
        "CROSS JOIN capture_counters ON capture_id = captures.id WHERE captures.id%s AND "
        "counter %s IN (",
        protocols ? "protocol" : "reason", metric->column, captures, protocols ? "" : "NOT");
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++) {
        query_add(&query, i > OUTCOME_NONE + 1 ? ", ?" : "?");
        query_text(&query, outcome_name(i));
    }
    query_add(&query, ")");
    exposition_head(call->answer->to, metric->name, metric->type, metric->help);
    exposition_write(call, metric->name, &query);
}

static void write_causes(struct call *call)
{
    struct query query;

    query_init(&query);
    select_of_captures(&query, call, ", 'network' AS cause", LOST("network"));
    query_add(&query, " UNION ALL ");
    select_of_captures(&query, call, ", 'undetermined' AS cause", LOST("undetermined"));
    exposition_head(call->answer->to, "lost_packets_total", "counter",
                    "Sequence numbers that never arrived.");
    exposition_write(call, "lost_packets_total", &query);
}

static void write_running(struct call *call)
{
    char running[SCOPE_CHARS], value[SCOPE_CHARS + 16];
    const struct metric metric = {"capture_running", "gauge",
                                  "1 while the sensor writes; 0: it ended, or was killed.", value};

    scope_condition(&call->running->scope, running);
    snprintf(value, sizeof(value), "id%s", running);
    write_metric(call, &metric);
}

static void write_rest(struct call *call)
{
    const struct version *version = &call->reader->version;
    FILE *to = call->answer->to;
    struct query query;

    exposition_head(to, "database_size_bytes", "gauge",
                    "Size of the database and its write-ahead log.");
    fprintf(to, EXPOSITION_PREFIX "database_size_bytes %lld\n",
            (long long)(version->database.octets + version->log.octets));
    query_init(&query);
    select_of_captures(&query, call, ", version", "1");
    exposition_head(to, "capture_info", "gauge", "The version of the sensor.");
    exposition_write(call, "capture_info", &query);
}

/* Adds to the running captures the last live one of each other interface, or files when there is
 * nothing else. Returns 0, or -1 with the answer set to an error. */
static int find_captures(struct call *call)
{
    struct scope *scope = &call->scope;
    char running[SCOPE_CHARS];
    sqlite3_stmt *statement;
    struct query query;

    *scope = call->running->scope;
    scope_condition(scope, running);
    query_init(&query);
    query_add(&query,
              "SELECT max(id) FROM captures WHERE method <> 'file' AND source NOT IN "
              "(SELECT source FROM captures WHERE id%s) GROUP BY source ORDER BY 1 DESC",
              running);
    statement = reader_select(call->reader, &query);
    while (scope->count < SCOPE_MAX && reader_next(call->reader, statement))
        scope->captures[scope->count++] = sqlite3_column_int64(statement, 0);
    return scope->count ? 0 : call_find_captures(call);
}

void answer_metrics(struct call *call)
{
    static const struct metric packets = {"packets_total", "counter",
                                          "Packets that belong to flows.", "packets"};
    static const struct metric flows = {"flows", "gauge", "Flows.", "flows"};
    static const struct metric others = {"unfollowed_frames_total", "counter",
                                         "Frames that belong to no flow.", "packets"};

    if (find_captures(call) < 0 || answer_open(call->answer, TYPE_METRICS) < 0)
        return;
    write_counters(call, &packets, 1);
    write_counters(call, &flows, 1);
    write_counters(call, &others, 0);
    write_causes(call);
    for (size_t i = 0; i < CAPTURE_METRICS; i++)
        write_metric(call, &capture_metrics[i]);
    write_running(call);
    write_rest(call);
    write_flow_metrics(call);
    answer_close(call->answer);
}
