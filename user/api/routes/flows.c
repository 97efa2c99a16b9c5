/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Lists of flows. SQLite filters and sorts; the code here only chooses the index to read. The index
 * of the sort key gives a page at once when many of the flows that come next in it match, but may
 * read a million rows to find ten. So the next ones are looked at first. When too few of them match
 * for a page, and few flows match a filter at all, the index of the filter is read, and the result
 * sorted.
 */
#include "api/routes/flows.h"

#include <string.h>

#include "api/routes/rows.h"
#include "api/routes/search.h"

/* How many flows are looked at: in an index that has all columns of the filters, or in the table.
 */
#define AHEAD_IN_INDEX COUNT_MAX
#define AHEAD_IN_TABLE 500

#define PROTOCOL_INDEX "flows_by_protocol"
#define UNIQUE_INDEX                                                                               \
    "sqlite_autoindex_flows_1" /* SQLite's name for the index of capture_id, flow_id */

static const struct sort_row {
    const char *index;
    int is_in_filters; /* the indexes of filters by figures have the keys, too */
    const char *keys[LIST_KEYS];
    int key_count;
    int may_be_null;
    enum order usual;
} sorts[SORT_COUNT] = {
    [SORT_LOST_NETWORK] =
        {"flows_by_network_loss", 0, {"lost_network", "total_bytes"}, 2, 1, ORDER_FALLING},
    [SORT_LOST_WORD] =
        {"flows_by_network_loss", 0, {"lost_network", "total_bytes"}, 2, 1, ORDER_FALLING},
    [SORT_LOST] = {"flows_by_loss", 1, {"total_lost_packets", "total_bytes"}, 2, 0, ORDER_FALLING},
    [SORT_BYTES] = {"flows_by_bytes", 1, {"total_bytes"}, 1, 0, ORDER_FALLING},
    [SORT_BANDWIDTH] = {"flows_by_bandwidth", 1, {"bandwidth_mbps"}, 1, 1, ORDER_FALLING},
    [SORT_FLOW_ID] = {UNIQUE_INDEX, 0, {"flow_id"}, 1, 0, ORDER_RISING},
    [SORT_RATIO] = {"flows_by_ratio", 0, {"loss_ratio"}, 1, 1, ORDER_FALLING},
    [SORT_TIME] = {"flows_by_time", 0, {"last_timestamp"}, 1, 0, ORDER_FALLING},
};

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

void flows_filter_value(struct query *query, const struct parameters *parameters,
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
            flows_filter_value(query, call->parameters, filters[i].parameter);
        }
}

static void add_source(struct query *query, const struct call *call, const struct list *list,
                       const char *captures)
{
    query_add(query, " FROM flows INDEXED BY %s WHERE capture_id%s", list->index, captures);
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
    struct total total;

    if (strcmp(index, PROTOCOL_INDEX) == 0)
        return stored_count(call);
    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1 FROM flows INDEXED BY %s WHERE capture_id%s",
              index, captures);
    add_filters(&query, call, index);
    query_add(&query, " LIMIT ?)");
    query_integer(&query, COUNT_MAX + 1);
    total.rows = reader_count(call->reader, &query);
    total.is_exact = total.rows <= COUNT_MAX;
    return total;
}

/* Counts the matching flows among the first COUNT_MAX that match the filters of INDEX. */
static int64_t count_among(struct call *call, const char *index)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1");
    add_filters(&query, call, NULL);
    query_add(&query, " AS matches FROM flows INDEXED BY %s WHERE capture_id%s", index, captures);
    add_filters(&query, call, index);
    query_add(&query, " LIMIT ?) WHERE matches");
    query_integer(&query, COUNT_MAX);
    return reader_count(call->reader, &query);
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
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1");
    add_filters(&query, call, NULL);
    query_add(&query, " AS matches FROM flows INDEXED BY %s WHERE capture_id%s", list->index,
              captures);
    if (cursor)
        list_add_after(&query, list, cursor);
    list_add_order(&query, list);
    query_add(&query, " LIMIT ?) WHERE matches");
    query_integer(&query, has_filter_columns(call, list) ? AHEAD_IN_INDEX : AHEAD_IN_TABLE);
    return reader_count(call->reader, &query);
}

/* Whether the page is found among the flows that come next in the order of LIST. */
static int is_page_ahead(struct call *call, const struct list *list)
{
    const struct parameters *parameters = call->parameters;
    struct cursor cursor = {0};
    int has_cursor = is_given(call, PARAMETER_AFTER);
    int64_t found = 0;

    if (has_cursor && (cursor_read(&cursor, parameters->after, list->key_count) < 0 ||
                       (list->may_be_null && !*cursor.keys[0])))
        return 0;
    for (int i = 0; i < call->scope.count; i++)
        found += count_ahead(call, list, call->scope.captures[i], has_cursor ? &cursor : NULL);
    return found >= parameters->offset + parameters->limit;
}

/* Returns how many flows match. Sets the index of LIST to the one through which its page is read
 * fastest; before it is that of its order. An index that has the keys, too (IS_IN_FILTERS), is read
 * without the table, even when many flows match. */
static struct total plan(struct call *call, int is_in_filters, struct list *list)
{
    struct total fewest, total;
    const char *narrowest;
    int indexes, are_few, is_of_figures;

    narrowest = find_narrowest(call, &indexes, &fewest);
    if (!narrowest)
        return stored_count(call);
    are_few = fewest.rows <= COUNT_MAX;
    is_of_figures = strcmp(narrowest, PROTOCOL_INDEX) != 0 && strcmp(narrowest, UNIQUE_INDEX) != 0;
    if ((are_few || (is_in_filters && is_of_figures)) && !is_page_ahead(call, list))
        list->index = narrowest;
    if (indexes == 1)
        return fewest.is_exact ? fewest : (struct total){COUNT_MAX, 0};
    total.rows = count_among(call, narrowest);
    total.is_exact = are_few;
    return total;
}

void answer_flows(struct call *call)
{
    const struct parameters *parameters = call->parameters;
    const struct sort_row *sort = &sorts[parameters->sort];
    struct list list = {.key = "flows",
                        .figures = &flow_figures_table,
                        .table = "flows",
                        .index = sort->index,
                        .key_count = sort->key_count,
                        .may_be_null = sort->may_be_null,
                        .has_captures = 1,
                        .add_source = add_source};
    struct total total;

    list.is_falling = parameters->order == ORDER_UNSAID ? sort->usual == ORDER_FALLING
                                                        : parameters->order == ORDER_FALLING;
    memcpy(list.keys, sort->keys, sizeof(list.keys));
    if (call_find_captures(call) < 0)
        return;
    if (is_given(call, PARAMETER_SINCE) || is_given(call, PARAMETER_UNTIL)) {
        answer_flows_of_time(call, list.is_falling);
        return;
    }
    total = plan(call, sort->is_in_filters, &list);
    list_answer(call, &list, total);
}

void answer_flow(struct call *call)
{
    sqlite3_stmt *statement;
    char columns[FLOW_COLUMNS_CHARS];

    snprintf(columns, sizeof(columns), "%s" FLOW_LABELS, flow_figures_table.columns);
    if (call_find_flow(call, columns, &statement) < 0 || answer_open_json(call->answer) < 0)
        return;
    json_open(&call->answer->json, NULL, '{');
    row_write_members(call, &flow_figures_table, FLOW_LABEL_COUNT, statement);
    json_close(&call->answer->json, '}');
    json_end(&call->answer->json);
    answer_close(call->answer);
}
