/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/flows/plan.h"

#include <string.h>

#include "api/routes/flows/search.h"

/* How many flows are looked at: in an index that has all columns of the filters, or in the table.
 * In an index that takes less time than to sort what matches a filter of many flows. */
#define AHEAD_IN_INDEX (2 * COUNT_MAX)
#define AHEAD_IN_TABLE 500

#define PROTOCOL_INDEX "flows_by_protocol"

static const struct filter_row {
    enum parameter parameter;
    const char *condition;
    const char *index; /* the index to use */
} filters[] = {
    {PARAMETER_PROTOCOL, "protocol = ?", PROTOCOL_INDEX},
    {PARAMETER_MIN_LOST, "total_lost_packets >= ?", "flows_by_loss"},
    {PARAMETER_MIN_BYTES, "total_bytes >= ?", "flows_by_bytes"},
    {PARAMETER_MAX_BYTES, "total_bytes <= ?", "flows_by_bytes"},
    {PARAMETER_MIN_BANDWIDTH, "bandwidth_mbps >= ?", "flows_by_bandwidth"},
    {PARAMETER_MAX_BANDWIDTH, "bandwidth_mbps <= ?", "flows_by_bandwidth"},
    {PARAMETER_SEARCH, SEARCH_FUNCTION "(flow_id, ?)", UNIQUE_INDEX},
};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

static int is_given(const struct call *call, enum parameter parameter)
{
    return (call->parameters->given & GIVEN(parameter)) != 0;
}

void plan_filter_value(struct query *query, const struct parameters *parameters,
                       enum parameter parameter)
{
    switch (parameter) {
    case PARAMETER_PROTOCOL:
        query_text(query, parameters->protocol);
        break;
    case PARAMETER_MIN_LOST:
        query_integer(query, parameters->min_lost);
        break;
    case PARAMETER_MIN_BYTES:
        query_integer(query, parameters->min_bytes);
        break;
    case PARAMETER_MAX_BYTES:
        query_integer(query, parameters->max_bytes);
        break;
    case PARAMETER_MIN_BANDWIDTH:
        query_real(query, parameters->min_bandwidth);
        break;
    case PARAMETER_MAX_BANDWIDTH:
        query_real(query, parameters->max_bandwidth);
        break;
    case PARAMETER_SEARCH:
        query_text(query, parameters->search);
        break;
    default:
        break;
    }
}

/* Adds the filters that use the index ONLY; all filters if ONLY is NULL. */
static void add_filters(struct query *query, const struct call *call, const char *only)
{
    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (is_given(call, filters[i].parameter) &&
            (!only || strcmp(only, filters[i].index) == 0)) {
            query_add(query, " AND %s", filters[i].condition);
            plan_filter_value(query, call->parameters, filters[i].parameter);
        }
}

void plan_add_filters(struct query *query, const struct call *call)
{
    add_filters(query, call, NULL);
}

/* The number of flows of whole captures, or of one of their protocols, which the store keeps. */
static struct total stored_count(struct call *call)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    if (is_given(call, PARAMETER_PROTOCOL)) {
        query_add(&query,
                  "SELECT coalesce(sum(flows), 0) FROM capture_counters WHERE capture_id%s AND "
                  "counter = ?",
                  captures);
        query_text(&query, call->parameters->protocol);
    } else {
        query_add(&query, "SELECT sum(total_flows) FROM captures WHERE id%s", captures);
    }
    return (struct total){reader_count(call->reader, &query), 1};
}

/* The number of flows that match those filters that use INDEX, up to COUNT_MAX. */
static struct total count_by_index(struct call *call, const char *index)
{
    char captures[SCOPE_CHARS];
    struct query query;

    if (strcmp(index, PROTOCOL_INDEX) == 0)
        return stored_count(call);
    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1 FROM flows INDEXED BY %s WHERE capture_id%s",
              index, captures);
    add_filters(&query, call, index);
    return count_rows(call, &query);
}

/* Begins QUERY, which says of the flows of CAPTURES, in the order of INDEX, whether they match. */
static void begin_matches(struct query *query, const struct call *call, const char *index,
                          const char *captures)
{
    query_init(query);
    query_add(query, "SELECT count(*) FROM (SELECT 1");
    add_filters(query, call, NULL);
    query_add(query, " AS matches FROM flows INDEXED BY %s WHERE capture_id%s", index, captures);
}

/* Counts those that match among the first LIMIT flows of QUERY. */
static int64_t count_matches(struct call *call, struct query *query, int64_t limit)
{
    query_add(query, " LIMIT ?) WHERE matches");
    query_integer(query, limit);
    return reader_count(call->reader, query);
}

/* Counts the matching flows among the first COUNT_MAX that match the filters of INDEX. */
static int64_t count_among(struct call *call, const char *index)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    begin_matches(&query, call, index, captures);
    add_filters(&query, call, index);
    return count_matches(call, &query, COUNT_MAX);
}

/* Finds the index whose filters match the fewest flows. Returns it, or NULL: no filter was given.
 * Sets INDEXES to the number of indexes that have filters, and FEWEST to the number of flows. */
static const char *find_narrowest(struct call *call, int *indexes, struct total *fewest)
{
    const char *narrowest = NULL, *before = "";

    *indexes = 0;
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        struct total total;

        if (!is_given(call, filters[i].parameter) || strcmp(filters[i].index, before) == 0)
            continue;
        before = filters[i].index;
        total = count_by_index(call, before);
        if (!narrowest || total.rows < fewest->rows) {
            *fewest = total;
            narrowest = before;
        }
        ++*indexes;
    }
    return narrowest;
}

/* Whether the index of LIST has all columns of the filters: those for sorting have them, except the
 * id that is searched. */
static int has_filter_columns(const struct call *call, const struct list *list)
{
    int is_by_id = strcmp(list->index, UNIQUE_INDEX) == 0;
    int searches = is_given(call, PARAMETER_SEARCH);

    return is_by_id ? call->parameters->given & GIVEN(PARAMETER_SEARCH) : !searches;
}

/* Counts the matching flows of CAPTURE among those that come next in the order of LIST, behind
 * CURSOR if it is not NULL. */
static int64_t count_ahead(struct call *call, const struct list *list, int64_t capture,
                           const struct cursor *cursor)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition_of_one(capture, captures);
    begin_matches(&query, call, list->index, captures);
    if (cursor)
        list_add_after(&query, list, cursor);
    list_add_order(&query, list);
    return count_matches(call, &query,
                         has_filter_columns(call, list) ? AHEAD_IN_INDEX : AHEAD_IN_TABLE);
}

/* Whether the page is found among the flows that come next in the order of LIST. */
static int is_page_ahead(struct call *call, const struct list *list)
{
    const struct parameters *parameters = call->parameters;
    const struct cursor_order order = list_order(list);
    struct cursor cursor = {0};
    int has_cursor = is_given(call, PARAMETER_AFTER);
    int64_t found = 0;

    if (has_cursor &&
        (cursor_read(&cursor, call, &order) < 0 || (list->may_be_null && !*cursor.keys[0])))
        return 0;
    for (int i = 0; i < call->scope.count; i++)
        found += count_ahead(call, list, call->scope.captures[i], has_cursor ? &cursor : NULL);
    return found >= parameters->offset + parameters->limit;
}

struct total plan_flows(struct call *call, int is_in_filters, struct list *list)
{
    struct total fewest, total;
    const char *narrowest;
    int indexes, are_few, is_of_figures;

    narrowest = find_narrowest(call, &indexes, &fewest);
    if (!narrowest)
        return stored_count(call);
    are_few = fewest.is_exact && fewest.rows <= COUNT_MAX;
    is_of_figures = strcmp(narrowest, PROTOCOL_INDEX) != 0 && strcmp(narrowest, UNIQUE_INDEX) != 0;
    if ((are_few || (is_in_filters && is_of_figures)) && !is_page_ahead(call, list))
        list->index = narrowest;
    if (indexes == 1)
        return fewest;
    total.rows = count_among(call, narrowest);
    total.is_exact = are_few;
    return total;
}
