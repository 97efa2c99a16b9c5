/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the totals of captures, or of a time. */
#include <math.h>

#include "api/routes/list/rows.h"
#include "base/timestamp.h"
#include "flow/figures.h"
#include "flow/outcome_name.h"

/* Bandwidth in Mb/s; NAN when the times are missing or malformed, as they may be in a database
 * written by another program. */
static double column_bandwidth(sqlite3_stmt *statement, int bytes, int first, int last)
{
    const char *first_text = reader_text(statement, first);
    const char *last_text = reader_text(statement, last);
    uint64_t first_ns = 0, last_ns = 0;

    if (timestamp_parse(first_text, &first_ns) < 0 || timestamp_parse(last_text, &last_ns) < 0)
        last_ns = first_ns;
    return bandwidth_mbps((uint64_t)sqlite3_column_int64(statement, bytes), first_ns, last_ns);
}

/* Writes the packets of each protocol, including protocols without packets. */
static void write_distribution(struct call *call)
{
    uint64_t packets[OUTCOME_PROTOCOLS_END] = {0};
    sqlite3_stmt *statement;
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query,
              "SELECT counter, sum(packets) FROM capture_counters WHERE capture_id%s "
              "GROUP BY counter",
              captures);
    statement = reader_select(call->reader, &query);
    while (reader_next(call->reader, statement)) {
        enum outcome outcome = outcome_of_name(reader_text(statement, 0));

        if (outcome != OUTCOME_NONE && outcome <= OUTCOME_LAST_PROTOCOL)
            packets[outcome] = (uint64_t)sqlite3_column_int64(statement, 1);
    }
    json_open(&call->answer->json, "protocol_distribution", '{');
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        json_integer(&call->answer->json, outcome_name(i), packets[i]);
    json_close(&call->answer->json, '}');
}

/* The totals of several captures. Columns of the same names come first. */
static const char totals[] = ""
#define FIGURE(...)
#define TOTAL_ADD(name, ...)   ", sum(" #name ") AS " #name
#define TOTAL_MAX(name, ...)   ", max(" #name ") AS " #name
#define TOTAL_FIRST(name, ...) ", min(" #name ") AS " #name
#define TOTAL_LAST             TOTAL_MAX
#include "figures/capture.def"
    ;

/* Columns that are selected after the totals. */
enum extra {
    EXTRA_NETWORK,
    EXTRA_UNDETERMINED,
    EXTRA_BYTES,
    EXTRA_FIRST,
    EXTRA_LAST,
    EXTRA_RECEIVED,
};

static void write_causes(struct json_writer *json, sqlite3_stmt *statement, int extra)
{
    int64_t network = sqlite3_column_int64(statement, extra + EXTRA_NETWORK);
    int64_t undetermined = sqlite3_column_int64(statement, extra + EXTRA_UNDETERMINED);

    json_open(json, "lost_by_cause", '{');
    json_integer(json, "network", (uint64_t)network);
    json_integer(json, "undetermined", (uint64_t)undetermined);
    json_close(json, '}');
}

/* The share of the numbered packets that the network lost. */
static double column_ratio(sqlite3_stmt *statement, int extra)
{
    double lost = sqlite3_column_double(statement, extra + EXTRA_NETWORK);
    double received = sqlite3_column_double(statement, extra + EXTRA_RECEIVED);

    return lost + received > 0 ? lost / (lost + received) : NAN;
}

static void write_summary(struct call *call, sqlite3_stmt *statement)
{
    struct json_writer *json = &call->answer->json;
    int extra = (int)total_figures_table.count;

    row_write_members(call, &total_figures_table, 0, statement);
    write_causes(json, statement, extra);
    json_number(json, "loss_ratio", column_ratio(statement, extra));
    json_number(
        json, "avg_bandwidth_mbps",
        column_bandwidth(statement, extra + EXTRA_BYTES, extra + EXTRA_FIRST, extra + EXTRA_LAST));
    write_distribution(call);
}

/* The packets of protocols that carry numbers, of which some may be lost. */
static void add_received(struct query *query, const char *captures)
{
    query_add(query,
              "(SELECT sum(packets) FROM capture_counters WHERE capture_id%s AND counter "
              "IN (",
              captures);
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        if (outcome_number_end(i))
            query_add(query, "'%s', ", outcome_name(i));
    query_add(query, "''))");
}

static void select_totals(struct query *query, const char *captures)
{
    query_init(query);
    query_add(query,
              "SELECT %s, sum(lost_network), sum(lost_undetermined), sum(total_bytes), "
              "min(first_timestamp), max(last_timestamp), ",
              totals + 2);
    add_received(query, captures);
    query_add(query, " FROM captures WHERE id%s", captures);
}

static void answer_totals(struct call *call, const char *captures)
{
    sqlite3_stmt *statement;
    struct query query;

    select_totals(&query, captures);
    statement = reader_select(call->reader, &query);
    if (reader_next(call->reader, statement))
        write_summary(call, statement);
}

/* Used where `since` or `until` was not given: all times in the database lie between these. */
#define EVER_SINCE "0000"
#define FOR_EVER   "9999"

/* The figures of the time from ?1 to ?2, with their names. */
#define IN_TIME "timestamp >= ?1 AND timestamp < ?2"
#define TIME_TOTALS                                                                                \
    "WITH found AS MATERIALIZED (SELECT count(*) AS gaps, max(gap_size) AS largest FROM "          \
    "sequence_gaps INDEXED BY gaps_by_time WHERE capture_id%s AND " IN_TIME                        \
    ") SELECT (SELECT count(*) FROM flows INDEXED BY flows_by_time WHERE capture_id%s AND "        \
    "last_timestamp >= ?1) AS total_flows, "                                                       \
    "coalesce(sum(packets), 0) AS total_packets_received, coalesce(sum(bytes), 0) AS "             \
    "total_bytes, (SELECT gaps FROM found) AS total_gaps_detected, "                               \
    "coalesce(sum(lost + coalesce(lost_undetermined, 0)), 0) AS total_lost_packets, "              \
    "coalesce(sum(lost), 0) AS lost_network, "                                                     \
    "coalesce(sum(lost_undetermined), 0) AS lost_undetermined, "                                   \
    "(SELECT largest FROM found) AS max_gap_size, "                                                \
    "sum(lost) * 1.0 / nullif(sum(lost) + sum(numbered_packets), 0) AS loss_ratio, "               \
    "sum(bytes) * 8e-6 / nullif(sum(duration_seconds) / count(DISTINCT capture_id), 0) "           \
    "AS avg_bandwidth_mbps FROM capture_intervals WHERE capture_id%s AND " IN_TIME

static void answer_time_totals(struct call *call, const char *captures)
{
    const struct parameters *parameters = call->parameters;
    static const struct figure_table none = {.count = 0};
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, TIME_TOTALS, captures, captures, captures);
    query_text(&query, *parameters->since ? parameters->since : EVER_SINCE);
    query_text(&query, *parameters->until ? parameters->until : FOR_EVER);
    statement = reader_select(call->reader, &query);
    if (reader_next(call->reader, statement))
        row_write_members(call, &none, sqlite3_column_count(statement), statement);
}

void answer_summary(struct call *call)
{
    const uint32_t times = GIVEN(PARAMETER_SINCE) | GIVEN(PARAMETER_UNTIL);
    char captures[SCOPE_CHARS];

    if (call_find_captures(call) < 0 || answer_open_json(call->answer) < 0)
        return;
    scope_condition(&call->scope, captures);
    json_open(&call->answer->json, NULL, '{');
    if (call->parameters->given & times)
        answer_time_totals(call, captures);
    else
        answer_totals(call, captures);
    json_close(&call->answer->json, '}');
    json_end(&call->answer->json);
    answer_close(call->answer);
}
