/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Flows in a stretch of time, which `since` and `until` say: those that sent in it, with the
 * figures of it. Intervals have these figures. Those in which a flow lost something have an index,
 * so that a list by loss reads no others.
 */
#include "api/routes/flows/flows.h"
#include "api/routes/flows/plan.h"
#include "api/routes/flows/search.h"
#include "api/routes/list/cursor.h"
#include "api/routes/list/rows.h"

/* What the store can write lies between these times. They stand for limits that were not given. */
#define EVER_SINCE "0000"
#define FOR_EVER   "9999"

/* Intervals that begin in the time from ?1 to ?2. */
#define IN_TIME "whole.timestamp >= ?1 AND whole.timestamp < ?2"

/* A sum over the intervals of a row of flows. */
#define OF_FLOW(sum)                                                                               \
    "coalesce((SELECT " sum " FROM capture_intervals AS whole CROSS JOIN interval_flows AS part "  \
    "ON part.interval = whole.id AND part.flow = flows.id "                                        \
    "WHERE whole.capture_id = flows.capture_id AND " IN_TIME "), 0)"

#define BYTES        OF_FLOW("sum(part.bytes)")
#define PACKETS      OF_FLOW("sum(part.packets)")
#define LOST         "coalesce(lossy.lost, 0)"
#define UNDETERMINED "coalesce(lossy.undetermined, 0)"
#define TOTAL_LOST   "(" LOST " + " UNDETERMINED ")"
#define SENT_BYTES   "coalesce(sent.bytes, 0)"
#define SECONDS                                                                                    \
    "(SELECT sum(duration_seconds) FROM capture_intervals AS whole "                               \
    "WHERE whole.capture_id = flows.capture_id AND " IN_TIME ")"
#define BANDWIDTH      "(" BYTES " * 8e-6 / nullif(" SECONDS ", 0))"
#define SENT_BANDWIDTH "(" SENT_BYTES " * 8e-6 / nullif(" SECONDS ", 0))"

/* Only flows that lost something need their packets counted. */
#define RATIO                                                                                      \
    "iif(loss_ratio IS NULL, NULL, iif(" LOST " = 0, 0.0, " LOST " * 1.0 / (" LOST " + " PACKETS   \
    ")))"

#define GAPS                                                                                       \
    "(SELECT count(*) FROM sequence_gaps INDEXED BY gaps_by_flow WHERE capture_id = "              \
    "flows.capture_id AND flow_id = flows.flow_id AND timestamp >= ?1 AND timestamp < ?2)"

/* The flows that lost something, which is not the case for most. */
#define LOSSY                                                                                      \
    "WITH lossy AS MATERIALIZED (SELECT part.flow AS flow, sum(part.lost) AS lost, "               \
    "sum(part.lost_undetermined) AS undetermined FROM capture_intervals AS whole CROSS JOIN "      \
    "interval_flows AS part INDEXED BY interval_flows_lost ON part.interval = whole.id AND "       \
    "(part.lost > 0 OR part.lost_undetermined > 0) WHERE whole.capture_id%s AND " IN_TIME          \
    " GROUP BY part.flow) "

/* What all flows sent, for conditions and keys that need it of all: sums of all at once take less
 * time than one after the other. */
#define SENT                                                                                       \
    ", sent AS MATERIALIZED (SELECT part.flow AS flow, sum(part.bytes) AS bytes FROM "             \
    "capture_intervals AS whole CROSS JOIN interval_flows AS part ON part.interval = whole.id "    \
    "WHERE whole.capture_id%s AND " IN_TIME " GROUP BY part.flow) "

#define COLUMNS                                                                                    \
    "flow_id, protocol, " PACKETS " AS packets_received, " BYTES " AS total_bytes, " GAPS          \
    " AS gaps_detected, " TOTAL_LOST " AS total_lost_packets, " LOST                               \
    " AS lost_network, " UNDETERMINED " AS lost_undetermined, " RATIO " AS loss_ratio, " BANDWIDTH \
    " AS bandwidth_mbps, first_timestamp, last_timestamp, silent_since, mixed_senders, "           \
    "partial_view" FLOW_LABELS
#define COLUMN_COUNT 17

/* Sort keys. Flows of equal keys are sorted by id. */
static const char *const keys[SORT_COUNT] = {
    [SORT_LOST_NETWORK] = LOST,     [SORT_LOST_WORD] = LOST,
    [SORT_LOST] = TOTAL_LOST,       [SORT_BYTES] = SENT_BYTES,
    [SORT_BANDWIDTH] = SENT_BYTES, /* the time is the same for all */
    [SORT_FLOW_ID] = "flow_id",     [SORT_RATIO] = "coalesce(" RATIO ", -1)",
    [SORT_TIME] = "last_timestamp",
};

static const struct time_filter {
    enum parameter parameter;
    const char *condition;
} filters[] = {
    {PARAMETER_PROTOCOL, "protocol = ?"},
    {PARAMETER_SEARCH, SEARCH_FUNCTION "(flow_id, ?)"},
    {PARAMETER_MIN_LOST, TOTAL_LOST " >= ?"},
    {PARAMETER_MIN_BYTES, SENT_BYTES " >= ?"},
    {PARAMETER_MAX_BYTES, SENT_BYTES " <= ?"},
    {PARAMETER_MIN_BANDWIDTH, SENT_BANDWIDTH " >= ?"},
    {PARAMETER_MAX_BANDWIDTH, SENT_BANDWIDTH " <= ?"},
};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

/* What joins `sent` to flows if a filter needs it, or, HAS_ORDER, the sort key; else nothing. */
static const char *sent_join(const struct call *call, int has_order)
{
    enum sort sort = call->parameters->sort;
    uint32_t filters_of_it = GIVEN(PARAMETER_MIN_BYTES) | GIVEN(PARAMETER_MAX_BYTES) |
                             GIVEN(PARAMETER_MIN_BANDWIDTH) | GIVEN(PARAMETER_MAX_BANDWIDTH);

    return (call->parameters->given & filters_of_it) ||
                   (has_order && (sort == SORT_BYTES || sort == SORT_BANDWIDTH))
               ? " LEFT JOIN sent ON sent.flow = flows.id"
               : "";
}

/* Begins QUERY with `lossy` and `sent`, which SQLite leaves out where nothing refers to them, and
 * with the limits of the time. */
static void begin(struct query *query, const struct call *call, const char *captures)
{
    const struct parameters *parameters = call->parameters;

    query_init(query);
    query_add(query, LOSSY SENT, captures, captures);
    query_text(query, *parameters->since ? parameters->since : EVER_SINCE);
    query_text(query, *parameters->until ? parameters->until : FOR_EVER);
}

/* Adds the conditions of the filters. */
static void add_filters(struct query *query, const struct call *call)
{
    if (call->parameters->given & GIVEN(PARAMETER_UNTIL))
        query_add(query, " AND first_timestamp < ?2");
    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (call->parameters->given & GIVEN(filters[i].parameter)) {
            query_add(query, " AND %s", filters[i].condition);
            plan_filter_value(query, call->parameters, filters[i].parameter);
        }
}

/* Adds "SELECT id, KEY FROM ..." of the flows that sent in this time and match the filters; without
 * those of add_lossy() if ARE_OTHERS. */
static void add_flows(struct query *query, const struct call *call, const char *captures,
                      int are_others)
{
    query_add(query,
              "SELECT flows.id AS id, %s AS sort_key FROM flows INDEXED BY flows_by_time LEFT JOIN "
              "lossy ON lossy.flow = flows.id%s WHERE capture_id%s AND last_timestamp >= ?1%s",
              keys[call->parameters->sort], sent_join(call, 1), captures,
              are_others ? " AND coalesce(sort_key <= 0, 1)" : "");
    add_filters(query, call);
}

/* Adds the same, of the flows whose key is above 0, because they lost something. */
static void add_lossy(struct query *query, const struct call *call)
{
    query_add(query,
              "SELECT flows.id AS id, %s AS sort_key FROM lossy CROSS JOIN flows ON flows.id = "
              "lossy.flow%s WHERE last_timestamp >= ?1 AND sort_key > 0",
              keys[call->parameters->sort], sent_join(call, 0));
    add_filters(query, call);
}

static struct total count_flows(struct call *call, const char *captures)
{
    struct query query;

    /* SQLite does not look at what was lost when nothing refers to it. */
    begin(&query, call, captures);
    query_add(&query,
              "SELECT count(*) FROM (SELECT 1 FROM flows INDEXED BY flows_by_time%s%s WHERE "
              "capture_id%s AND last_timestamp >= ?1",
              call->parameters->given & GIVEN(PARAMETER_MIN_LOST)
                  ? " LEFT JOIN lossy ON lossy.flow = flows.id"
                  : "",
              sent_join(call, 0), captures);
    add_filters(&query, call);
    return count_rows(call, &query);
}

/* Adds the condition that a row comes after CURSOR. */
static void add_after(struct query *query, const struct call *call, const struct cursor *cursor,
                      int is_falling)
{
    int is_text = call->parameters->sort == SORT_FLOW_ID || call->parameters->sort == SORT_TIME;

    query_add(query, " WHERE (sort_key, id) %s (CAST(? AS %s), ?)", is_falling ? "<" : ">",
              is_text ? "TEXT" : "NUMERIC");
    query_text(query, cursor->keys[0]);
    query_integer(query, cursor->id);
}

/* Adds the condition that a row comes after CURSOR, if it is not NULL. */
static void add_cursor(struct query *query, const struct call *call, const struct cursor *cursor,
                       int is_falling)
{
    if (cursor)
        add_after(query, call, cursor, is_falling);
}

static int is_by_loss(enum sort sort)
{
    return sort == SORT_LOST_NETWORK || sort == SORT_LOST_WORD || sort == SORT_LOST ||
           sort == SORT_RATIO;
}

/*
 * Adds `page`, the ids of the flows of the page with their keys. Most flows lose nothing. So when
 * the flows with the most loss come first, those that lost something are looked at alone, and the
 * others only if these do not fill the page.
 */
static void add_page(struct query *query, const struct call *call, const char *captures,
                     const struct cursor *cursor, int is_falling)
{
    const struct parameters *parameters = call->parameters;
    int64_t rows = parameters->offset + parameters->limit;
    const char *falling = is_falling ? " DESC" : "";
    int has_best = is_falling && is_by_loss(parameters->sort);

    if (has_best) {
        query_add(query, ", best AS MATERIALIZED (SELECT id, sort_key FROM (");
        add_lossy(query, call);
        query_add(query, ")");
        add_cursor(query, call, cursor, is_falling);
        query_add(query, " ORDER BY sort_key DESC, id DESC LIMIT ?)");
        query_integer(query, rows);
    }
    query_add(query, ", page AS MATERIALIZED (");
    if (has_best) {
        query_add(query, "SELECT id, sort_key FROM best UNION ALL ");
        query_add(query, "SELECT id, sort_key FROM (SELECT 1 WHERE (SELECT count(*) FROM best) < "
                         "?) CROSS JOIN (");
        query_integer(query, rows);
    } else {
        query_add(query, "SELECT id, sort_key FROM (");
    }
    add_flows(query, call, captures, has_best);
    query_add(query, ")");
    add_cursor(query, call, cursor, is_falling);
    query_add(query, " ORDER BY sort_key%s, id%s", falling, falling);
    query_page(query, parameters);
    query_add(query, ") ");
}

void answer_flows_of_time(struct call *call, int is_falling)
{
    static const struct figure_table none;
    const struct rows rows = {.figures = &none, .more = COLUMN_COUNT, .keys = 2};
    int has_cursor = (call->parameters->given & GIVEN(PARAMETER_AFTER)) != 0;
    const char *falling = is_falling ? " DESC" : "";
    char captures[SCOPE_CHARS];
    struct cursor cursor;
    struct query query;

    if (has_cursor && call_read_cursor(call, &cursor, 1) < 0)
        return;
    scope_condition(&call->scope, captures);
    begin(&query, call, captures);
    add_page(&query, call, captures, has_cursor ? &cursor : NULL, is_falling);
    query_add(&query,
              "SELECT " COLUMNS ", sort_key, flows.id FROM page CROSS JOIN flows ON flows.id = "
              "page.id LEFT JOIN lossy ON lossy.flow = flows.id ORDER BY sort_key%s, flows.id%s",
              falling, falling);
    rows_answer(call, "flows", &rows, &query, count_flows(call, captures));
}
