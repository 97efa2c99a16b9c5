/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Flows that sent between `since` and `until`, with their figures of that time, which are sums over
 * the intervals. Most lists begin with flows whose sort key is above 0 in that time. These are
 * found among the sums alone, without reading the table of flows, which may be large.
 */
#include "api/routes/flows/flows.h"
#include "api/routes/flows/plan.h"
#include "api/routes/flows/search.h"
#include "api/routes/flows/sums.h"
#include "api/routes/list/cursor.h"
#include "api/routes/list/rows.h"

/* Used where `since` or `until` was not given: all times in the database lie between these. */
#define EVER_SINCE "0000"
#define FOR_EVER   "9999"

/* Intervals that begin in the time from ?1 to ?2. */
#define IN_TIME "whole.timestamp >= ?1 AND whole.timestamp < ?2"

/* Sums of each flow that has some in this time. */
#define LOST         "coalesce(summed.lost, 0)"
#define UNDETERMINED "coalesce(summed.undetermined, 0)"
#define TOTAL_LOST   "(" LOST " + " UNDETERMINED ")"
#define PACKETS      "coalesce(summed.packets, 0)"
#define BYTES        "coalesce(summed.bytes, 0)"
#define SECONDS                                                                                    \
    "(SELECT sum(duration_seconds) FROM capture_intervals AS whole "                               \
    "WHERE whole.capture_id = flows.capture_id AND " IN_TIME ")"
#define BANDWIDTH "(" BYTES " * 8e-6 / nullif(" SECONDS ", 0))"

/* The loss ratio of flows that lost something, and that of all flows. */
#define LOSSY_RATIO "(" LOST " * 1.0 / (" LOST " + " PACKETS "))"
#define RATIO       "iif(loss_ratio IS NULL, NULL, iif(" LOST " = 0, 0.0, " LOSSY_RATIO "))"

#define GAPS                                                                                       \
    "(SELECT count(*) FROM sequence_gaps INDEXED BY gaps_by_flow WHERE capture_id = "              \
    "flows.capture_id AND flow_id = flows.flow_id AND timestamp >= ?1 AND timestamp < ?2)"

/* Sums of the losses alone, or all figures. */
#define SUMS_OF(function)                                                                          \
    "SELECT part.* FROM captures CROSS JOIN " function                                             \
    "(captures.id, ?1, ?2) AS part WHERE captures.id%s"

/* All figures of the flows of the page. */
#define SUM_OF_PAGE                                                                                \
    "SELECT part.flow AS flow, sum(part.packets) AS packets, sum(part.bytes) AS bytes, "           \
    "sum(part.lost) AS lost, sum(part.lost_undetermined) AS undetermined FROM page CROSS JOIN "    \
    "capture_intervals AS whole CROSS JOIN interval_flows AS part ON part.interval = "             \
    "whole.id AND part.flow = page.id WHERE whole.capture_id%s AND " IN_TIME " GROUP BY part.flow"

#define COLUMNS                                                                                    \
    "flow_id, protocol, " PACKETS " AS packets_received, " BYTES " AS total_bytes, " GAPS          \
    " AS gaps_detected, " TOTAL_LOST " AS total_lost_packets, " LOST                               \
    " AS lost_network, " UNDETERMINED " AS lost_undetermined, " RATIO " AS loss_ratio, " BANDWIDTH \
    " AS bandwidth_mbps, first_timestamp, last_timestamp, silent_since, mixed_senders, "           \
    "partial_view" CAPTURE_LABELS
#define COLUMN_COUNT 17

/* The rows that a condition or a sort key reads. */
enum need {
    NEED_NOTHING,
    NEED_FLOWS = 1, /* rows of flows */
    NEED_LOSSES = 2,
    NEED_ALL = 4, /* all sums */
};

#define NEED_SUMS (NEED_LOSSES | NEED_ALL)

/* Sort keys. Flows of equal keys are sorted by id. */
static const struct sort_key {
    const char *key;
    enum need need;
    const char *positive; /* the same, if it is above 0; NULL: it is no number */
} keys[SORT_COUNT] = {
    [SORT_LOST_NETWORK] = {LOST, NEED_LOSSES, LOST},
    [SORT_LOST_WORD] = {LOST, NEED_LOSSES, LOST},
    [SORT_LOST] = {TOTAL_LOST, NEED_LOSSES, TOTAL_LOST},
    [SORT_BYTES] = {BYTES, NEED_ALL, BYTES},
    [SORT_BANDWIDTH] = {BYTES, NEED_ALL, BYTES}, /* the time is the same for all */
    [SORT_FLOW_ID] = {"flow_id", NEED_FLOWS, NULL},
    [SORT_RATIO] = {"coalesce(" RATIO ", -1)", NEED_ALL, "iif(" LOST " = 0, 0.0, " LOSSY_RATIO ")"},
    [SORT_TIME] = {"last_timestamp", NEED_FLOWS, NULL},
};

/* Flows of a protocol among the sums: an index has them all. */
#define SUMMED_OF_PROTOCOL                                                                         \
    "summed.flow IN (SELECT id FROM flows INDEXED BY flows_by_time WHERE capture_id%s AND "        \
    "last_timestamp >= ?1 AND protocol = ?)"

static const struct time_filter {
    enum parameter parameter;
    const char *condition;
    enum need need;
    const char *of_summed; /* the condition for sums without their flows; NULL: the same */
} filters[] = {
    {PARAMETER_PROTOCOL, "protocol = ?", NEED_NOTHING, SUMMED_OF_PROTOCOL},
    {PARAMETER_SEARCH, SEARCH_FUNCTION "(flow_id, ?)", NEED_FLOWS, NULL},
    {PARAMETER_MIN_LOST, TOTAL_LOST " >= ?", NEED_LOSSES, NULL},
    {PARAMETER_MIN_BYTES, BYTES " >= ?", NEED_ALL, NULL},
    {PARAMETER_MAX_BYTES, BYTES " <= ?", NEED_ALL, NULL},
    {PARAMETER_MIN_BANDWIDTH, BANDWIDTH " >= ?", NEED_ALL | NEED_FLOWS, NULL},
    {PARAMETER_MAX_BANDWIDTH, BANDWIDTH " <= ?", NEED_ALL | NEED_FLOWS, NULL},
};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

/* A list of flows of a time. */
struct time_list {
    struct call *call;
    const struct sort_key *sort;
    const struct cursor *cursor; /* NULL: there is none */
    int is_falling;
    unsigned filter_needs;
    unsigned needs; /* of the filters and of the sort key */
    int are_many;   /* more than COUNT_MAX flows */
    char captures[SCOPE_CHARS];
};

static int is_given(const struct call *call, enum parameter parameter)
{
    return (call->parameters->given & GIVEN(parameter)) != 0;
}

/* Whether only flows match that have sums above 0. */
static int are_all_summed(const struct call *call)
{
    const struct parameters *parameters = call->parameters;

    return parameters->min_lost > 0 || parameters->min_bytes > 0 || parameters->min_bandwidth > 0;
}

/* Begins QUERY with `summed`, as far as NEEDS say, and with the limits of the time. */
static void begin(struct query *query, const struct time_list *list, unsigned needs)
{
    const struct parameters *parameters = list->call->parameters;

    query_init(query);
    query_add(query, "WITH summed AS MATERIALIZED (");
    query_add(query, needs & NEED_ALL ? SUMS_OF(FLOW_SUMS) : SUMS_OF(FLOW_LOSSES), list->captures);
    query_add(query, ") ");
    query_text(query, *parameters->since ? parameters->since : EVER_SINCE);
    query_text(query, *parameters->until ? parameters->until : FOR_EVER);
}

static void add_filters(struct query *query, const struct time_list *list, int are_summed)
{
    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (is_given(list->call, filters[i].parameter)) {
            int is_other = are_summed && filters[i].of_summed;

            query_add(query, " AND ");
            query_add(query, is_other ? filters[i].of_summed : filters[i].condition,
                      list->captures);
            plan_filter_value(query, list->call->parameters, filters[i].parameter);
        }
}

/* Adds "FROM ..." of the flows that have sums and match the filters. Those that sent in this time
 * are flows of the captures, so rows of flows are only read for the filters. */
static void add_summed(struct query *query, const struct time_list *list, const char *condition)
{
    query_add(query, " FROM summed%s WHERE %s",
              list->filter_needs & NEED_FLOWS ? " CROSS JOIN flows ON flows.id = summed.flow" : "",
              condition);
    add_filters(query, list, 1);
}

/*
 * Adds "FROM ..." of all flows that sent in this time and match the filters. By id, as good as any
 * flow is soon found when many sent. Otherwise they are found by their time, and sorted.
 */
static void add_sent(struct query *query, const struct time_list *list, unsigned needs)
{
    int is_by_id =
        list->are_many && list->sort == &keys[SORT_FLOW_ID] && !(list->filter_needs & NEED_FLOWS);

    query_add(query, " FROM flows INDEXED BY %s%s WHERE capture_id%s AND last_timestamp >= ?1",
              is_by_id ? UNIQUE_INDEX : "flows_by_time",
              needs & NEED_SUMS ? " LEFT JOIN summed ON summed.flow = flows.id" : "",
              list->captures);
    if (is_given(list->call, PARAMETER_UNTIL))
        query_add(query, " AND first_timestamp < ?2");
    add_filters(query, list, 0);
}

static struct total count_flows(const struct time_list *list)
{
    struct query query;

    /* SQLite computes no sums that nothing refers to. */
    begin(&query, list, list->filter_needs);
    query_add(&query, "SELECT count(*) FROM (SELECT 1");
    if (are_all_summed(list->call))
        add_summed(&query, list, "1");
    else
        add_sent(&query, list, list->filter_needs);
    return count_rows(list->call, &query);
}

/* Adds the order of the list, and in front of it the condition that a row comes after its cursor.
 */
static void add_order(struct query *query, const struct time_list *list)
{
    const char *falling = list->is_falling ? " DESC" : "";

    if (list->cursor) {
        query_add(query, " WHERE (sort_key, id) %s (CAST(? AS %s), ?)",
                  list->is_falling ? "<" : ">", list->sort->positive ? "NUMERIC" : "TEXT");
        query_text(query, list->cursor->keys[0]);
        query_integer(query, list->cursor->id);
    }
    query_add(query, " ORDER BY sort_key%s, id%s", falling, falling);
}

/* Adds `best`, the first of the flows whose key is above 0. */
static void add_best(struct query *query, const struct time_list *list)
{
    const struct parameters *parameters = list->call->parameters;

    query_add(query,
              ", best AS MATERIALIZED (SELECT id, sort_key FROM (SELECT summed.flow AS id, %s AS "
              "sort_key",
              list->sort->positive);
    add_summed(query, list, "sort_key > 0");
    query_add(query, ")");
    add_order(query, list);
    query_add(query, " LIMIT ?)");
    query_integer(query, parameters->offset + parameters->limit);
}

/*
 * Adds `page`, the ids of the flows of the page with their keys. When the highest keys come first,
 * all flows are only looked at if those above 0 do not fill the page.
 */
static void add_page(struct query *query, const struct time_list *list)
{
    const struct parameters *parameters = list->call->parameters;
    int has_best = list->is_falling && list->sort->positive;

    if (has_best)
        add_best(query, list);
    query_add(query, ", page AS MATERIALIZED (");
    if (has_best) {
        query_add(query, "SELECT id, sort_key FROM best UNION ALL SELECT id, sort_key FROM "
                         "(SELECT 1 WHERE (SELECT count(*) FROM best) < ?) CROSS JOIN (");
        query_integer(query, parameters->offset + parameters->limit);
    } else {
        query_add(query, "SELECT id, sort_key FROM (");
    }
    query_add(query, "SELECT flows.id AS id, %s AS sort_key", list->sort->key);
    add_sent(query, list, list->needs);
    query_add(query, "%s)", has_best ? " AND coalesce(sort_key <= 0, 1)" : "");
    add_order(query, list);
    query_page(query, parameters);
    query_add(query, ") ");
}

static void select_page(struct query *query, const struct time_list *list)
{
    const char *falling = list->is_falling ? " DESC" : "";

    begin(query, list, list->needs);
    add_page(query, list);
    query_add(query, ", shown AS MATERIALIZED (");
    query_add(query, SUM_OF_PAGE, list->captures);
    query_add(query,
              ") SELECT " COLUMNS ", sort_key, flows.id FROM page CROSS JOIN flows ON flows.id = "
              "page.id LEFT JOIN shown AS summed ON summed.flow = flows.id ORDER BY sort_key%s, "
              "flows.id%s",
              falling, falling);
}

/* Which sums the filters of CALL need. */
static unsigned find_needs(const struct call *call)
{
    unsigned needs = NEED_NOTHING;

    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (is_given(call, filters[i].parameter))
            needs |= filters[i].need;
    return needs;
}

void answer_flows_of_time(struct call *call, int is_falling)
{
    static const struct figure_table none;
    const struct sort_key *sort = &keys[call->parameters->sort];
    const struct cursor_order order = {"flows of a time", &sort->key, 1, is_falling};
    const struct rows rows = {
        .figures = &none, .more = COLUMN_COUNT, .keys = 2, .mark = cursor_mark(call, &order)};
    struct time_list list = {.call = call, .sort = sort, .is_falling = is_falling};
    struct cursor cursor;
    struct query query;
    struct total total;

    if (is_given(call, PARAMETER_AFTER)) {
        if (call_read_cursor(call, &cursor, &order) < 0)
            return;
        list.cursor = &cursor;
    }
    scope_condition(&call->scope, list.captures);
    list.filter_needs = find_needs(call);
    list.needs = list.filter_needs | sort->need;
    total = count_flows(&list);
    list.are_many = !total.is_exact;
    select_page(&query, &list);
    rows_answer(call, "flows", &rows, &query, total);
}
