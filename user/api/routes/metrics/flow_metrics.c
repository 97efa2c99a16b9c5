/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Metrics of single flows. Only the worst have them, which limits the number of series. */
#include <stdlib.h>
#include <string.h>

#include "api/routes/metrics/exposition.h"
#include "api/routes/metrics/flow_series.h"

#define LABEL_COUNT 4

/* Sums over the intervals of a flow since a time before now. */
#define SINCE(what, age)                                                                           \
    "(SELECT " what " FROM capture_intervals AS whole CROSS JOIN interval_flows AS part "          \
    "ON part.interval = whole.id AND part.flow = flows.id WHERE whole.capture_id = "               \
    "flows.capture_id AND whole.timestamp >= strftime('%Y-%m-%dT%H:%M:%S', 'now', '" age "'))"
#define RECENT(column) "coalesce(" SINCE("sum(part." column ")", "-5 minutes") ", 0)"

/* Of a flow that is shown lately (?2), what it lost in the last minute is not counted yet. */
#define NOT_YET(column) "iif(?2, coalesce(" SINCE("sum(part." column ")", "-1 minute") ", 0), 0)"

/* Counters must not decrease, so losses that were taken back stay in them. */
#define WITHDRAWN(what)                                                                            \
    "(SELECT " what " FROM sequence_gaps INDEXED BY gaps_withdrawn WHERE withdrawn AND "           \
    "capture_id = flows.capture_id AND flow_id = flows.flow_id"
#define TAKEN_BACK(cause) WITHDRAWN("coalesce(sum(gap_size), 0)") " AND cause = '" cause "')"

#define RECENT_RATIO                                                                               \
    "iif(last_sequence IS NULL, NULL, " SINCE(                                                     \
        "coalesce(sum(part.lost) * 1.0 / nullif(sum(part.lost) + sum(part.packets), 0), 0)",       \
        "-5 minutes") ")"

/* One row for each series. A metric with several series has several rows, one after the other. */
static const struct flow_metric {
    const char *name;
    const char *type;
    const char *help;
    const char *label; /* one more label, or NULL */
    const char *column;
} metrics[] = {
    {"flow_packets_total", "counter", "Packets of a flow.", NULL, "packets_received"},
    {"flow_bytes_total", "counter", "Bytes of a flow.", NULL, "total_bytes"},
    {"flow_gaps_total", "counter", "Gaps of a flow.", NULL,
     "gaps_detected + " WITHDRAWN("count(*)") ")"},
    {"flow_unobserved_packets_total", "counter", "Packets of a flow that the sensor lost.", NULL,
     "unobserved_packets"},
    {"flow_duplicate_packets_total", "counter",
     "Packets of a flow whose number had arrived before.", NULL, "duplicate_packets"},
    {"flow_reordered_packets_total", "counter", "Packets of a flow out of order.", NULL,
     "reordered_packets"},
    {"flow_late_packets_total", "counter", "Packets of a flow below the window.", NULL,
     "late_packets"},
    {"flow_wraparounds_total", "counter", "How often the 32-bit number of a flow passed 2^32.",
     NULL, "wraparounds"},
    {"flow_last_sequence", "gauge", "Highest sequence number of a flow, as on the wire.", NULL,
     "last_sequence"},
    {"flow_loss_ratio", "gauge", "Lost by the network / (the same + distinct numbers received).",
     NULL, "loss_ratio"},
    {"flow_silent", "gauge", "1 while the flow sends nothing for unusually long.", NULL,
     "silent_since IS NOT NULL"},
    {"flow_lost_packets_total", "counter", "Packets of a flow that never arrived.",
     "cause=\"network\"",
     "coalesce(lost_network, total_lost_packets) + " TAKEN_BACK("network") " - " NOT_YET("lost")},
    {"flow_lost_packets_total", "", "", "cause=\"undetermined\"",
     "lost_undetermined + " TAKEN_BACK("undetermined") " - " NOT_YET("lost_undetermined")},
    {"flow_recent_lost_packets", "gauge", "Packets of a flow lost in the last five minutes.",
     "cause=\"network\"", RECENT("lost")},
    {"flow_recent_lost_packets", "", "", "cause=\"undetermined\"", RECENT("lost_undetermined")},
    {"flow_recent_loss_ratio", "gauge",
     "Lost by the network in the last five minutes / (the same + received).", NULL, RECENT_RATIO},
    {"flow_refused_packets", "gauge",
     "Packets of a flow that a receiver with this replay window would have refused.",
     "window=\"32\"", "refused_at_32"},
    {"flow_refused_packets", "", "", "window=\"64\"", "refused_at_64"},
    {"flow_refused_packets", "", "", "window=\"128\"", "refused_at_128"},
    {"flow_refused_packets", "", "", "window=\"256\"", "refused_at_256"},
    {"flow_refused_packets", "", "", "window=\"512\"", "refused_at_512"},
    {"flow_refused_packets", "", "", "window=\"1024\"", "refused_at_1024"},
    {"flow_refused_packets", "", "", "window=\"2048\"", "refused_at_2048"},
    {"flow_refused_packets", "", "", "window=\"4096\"", "refused_at_4096"},
    {"flow_recommended_window", "gauge", "Replay window that is enough for a flow.", NULL,
     "recommended_window"},
    {"flow_p99_reorder_distance", "gauge",
     "99th percentile of how far reordered numbers are below the highest.", NULL,
     "p99_reorder_distance"},
    {"flow_sequence_used_ratio", "gauge", "Part of the number space that a flow has used.", NULL,
     "sequence_used"},
    {"flow_exhaustion_timestamp_seconds", "gauge",
     "When the numbers of a flow run out at the fastest rate of the last hour.", NULL,
     "CAST(strftime('%s', exhaustion_at) AS INTEGER)"},
};

#define METRICS (sizeof(metrics) / sizeof(metrics[0]))

/* The series of one flow, as text. */
struct series {
    char *labels;
    char *values; /* one line for each metric, in their order; an empty one: no series */
};

static void select_flow(struct query *query, const struct shown_flow *flow)
{
    query_init(query);
    query_add(query, "SELECT (SELECT source FROM captures WHERE id = capture_id) AS interface, "
                     "(SELECT method FROM captures WHERE id = capture_id) AS method, flow_id, "
                     "protocol");
    for (size_t i = 0; i < METRICS; i++)
        query_add(query, ", %s", metrics[i].column);
    query_add(query, " FROM flows WHERE id = ?1 AND ?2 IS NOT NULL");
    query_integer(query, flow->id);
    query_integer(query, flow->since == SHOWN_LATELY);
}

static void write_labels(FILE *to, sqlite3_stmt *statement)
{
    exposition_labels(to, statement, LABEL_COUNT);
}

static void write_lines(FILE *to, sqlite3_stmt *statement)
{
    for (int i = LABEL_COUNT; i < sqlite3_column_count(statement); i++)
        if (sqlite3_column_type(statement, i) == SQLITE_NULL)
            fputc('\n', to); /* TCP and UDP have no numbers */
        else
            exposition_value(to, statement, i);
}

/* What WRITE writes of the row of STATEMENT, in new memory; NULL: there is none. */
static char *make_text(sqlite3_stmt *statement, void (*write)(FILE *to, sqlite3_stmt *statement))
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    write(to, statement);
    fclose(to);
    return text;
}

/* Reads the series of each flow. Returns how many rows there were. */
static size_t read_series(struct call *call, const struct flow_series *flows, struct series *series)
{
    size_t count = 0;

    for (size_t i = 0; i < flows->count; i++) {
        sqlite3_stmt *statement;
        struct query query;

        select_flow(&query, &flows->flows[i]);
        statement = reader_select(call->reader, &query);
        if (!reader_next(call->reader, statement))
            continue;
        series[count].labels = make_text(statement, write_labels);
        series[count].values = make_text(statement, write_lines);
        count += series[count].labels && series[count].values;
    }
    return count;
}

/* Writes the next value of each flow as a series of METRIC. Moves NEXT behind them. */
static void write_values(FILE *to, const struct flow_metric *metric, const struct series *series,
                         const char **next, size_t count)
{
    if (*metric->type)
        exposition_head(to, metric->name, metric->type, metric->help);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(next[i], "\n");

        if (length && metric->label)
            fprintf(to, EXPOSITION_PREFIX "%s{%s,%s} %.*s\n", metric->name, series[i].labels,
                    metric->label, (int)length, next[i]);
        else if (length)
            fprintf(to, EXPOSITION_PREFIX "%s{%s} %.*s\n", metric->name, series[i].labels,
                    (int)length, next[i]);
        next[i] += length + 1;
    }
}

void write_flow_metrics(struct call *call)
{
    struct flow_series flows;
    struct series *series;
    const char **next;
    size_t count = 0;

    flow_series_find(&flows, call);
    series = calloc(flows.count + 1, sizeof(*series));
    next = calloc(flows.count + 1, sizeof(*next));
    if (series && next)
        count = read_series(call, &flows, series);
    for (size_t i = 0; i < count; i++)
        next[i] = series[i].values;
    for (size_t i = 0; i < METRICS; i++)
        write_values(call->answer->to, &metrics[i], series, next, count);
    for (size_t i = 0; series && i <= flows.count; i++) {
        free(series[i].labels);
        free(series[i].values);
    }
    free(series);
    free(next);
    flow_series_release(&flows);
}
