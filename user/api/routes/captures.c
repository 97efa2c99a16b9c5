/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers about captures: the list, the summary, and the health of the server. */
#include <inttypes.h>

#include "api/routes/rows.h"
#include "base/timestamp.h"
#include "flow/figures.h"
#include "flow/outcome_name.h"

int call_find_capture(struct call *call)
{
    int asked = (call->parameters->given & GIVEN(PARAMETER_CAPTURE)) != 0;
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT id FROM captures%s ORDER BY id DESC LIMIT 1",
              asked ? " WHERE id = ?" : "");
    if (asked)
        query_integer(&query, call->parameters->capture);
    statement = reader_select(call->reader, &query);
    if (reader_next(call->reader, statement)) {
        call->capture = sqlite3_column_int64(statement, 0);
        return 0;
    }
    if (asked)
        answer_error(call->answer, HTTP_NOT_FOUND, "there is no capture %" PRId64,
                     call->parameters->capture);
    else
        answer_error(call->answer, HTTP_UNAVAILABLE, "the database has no capture yet");
    return -1;
}

void answer_health(struct call *call)
{
    struct json_writer *json = &call->answer->json;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_string(json, "status", "ok");
    json_string(json, "version", GAPWATCH_VERSION);
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}

void answer_captures(struct call *call)
{
    struct query count, list;

    query_init(&count);
    query_add(&count, "SELECT count(*) FROM captures");
    query_init(&list);
    query_add(&list, "SELECT %s FROM captures ORDER BY id DESC", capture_figures_table.columns);
    query_page(&list, call->parameters);
    rows_answer(call, "captures", &capture_figures_table, &list,
                reader_count(call->reader, &count));
}

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
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT counter, packets FROM capture_counters WHERE capture_id = ?");
    query_integer(&query, call->capture);
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

/* Columns that are selected after the totals. */
enum extra {
    EXTRA_NETWORK,
    EXTRA_UNDETERMINED,
    EXTRA_BYTES,
    EXTRA_FIRST,
    EXTRA_LAST,
};

#define EXTRA_COLUMNS                                                                              \
    "lost_network, lost_undetermined, total_bytes, first_timestamp, last_timestamp"

static void write_causes(struct json_writer *json, sqlite3_stmt *statement, int extra)
{
    int64_t network = sqlite3_column_int64(statement, extra + EXTRA_NETWORK);
    int64_t undetermined = sqlite3_column_int64(statement, extra + EXTRA_UNDETERMINED);

    json_open(json, "lost_by_cause", '{');
    json_integer(json, "network", (uint64_t)network);
    json_integer(json, "undetermined", (uint64_t)undetermined);
    json_close(json, '}');
}

static void write_summary(struct call *call, sqlite3_stmt *statement)
{
    struct json_writer *json = &call->answer->json;
    int extra = (int)total_figures_table.count;

    row_write_members(call, &total_figures_table, statement);
    write_causes(json, statement, extra);
    json_number(
        json, "avg_bandwidth_mbps",
        column_bandwidth(statement, extra + EXTRA_BYTES, extra + EXTRA_FIRST, extra + EXTRA_LAST));
    write_distribution(call);
}

void answer_summary(struct call *call)
{
    sqlite3_stmt *statement;
    struct query query;

    if (call_find_capture(call) < 0 || answer_open_json(call->answer) < 0)
        return;
    query_init(&query);
    query_add(&query, "SELECT %s, " EXTRA_COLUMNS " FROM captures WHERE id = ?",
              total_figures_table.columns);
    query_integer(&query, call->capture);
    statement = reader_select(call->reader, &query);
    json_open(&call->answer->json, NULL, '{');
    if (reader_next(call->reader, statement))
        write_summary(call, statement);
    json_close(&call->answer->json, '}');
    json_end(&call->answer->json);
    answer_close(call->answer);
}
