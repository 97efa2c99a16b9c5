/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Lists of flows. SQLite filters and sorts; the code here only chooses the index to read. The index
 * of the sort key gives the first page at once when many flows match, but may read a million rows
 * to find ten. So when few flows match, the index of the most selective filter is read, and the
 * result sorted.
 */
#include "api/routes/flows.h"

#include <string.h>

#include "api/routes/rows.h"

#define SORTED_MAX 4000 /* the most flows that are sorted for one page */

#define PROTOCOL_INDEX "flows_by_protocol"
#define UNIQUE_INDEX                                                                               \
    "sqlite_autoindex_flows_1" /* SQLite's name for the index of capture_id, flow_id */

/* Each order ends with the id, so that pages neither overlap nor leave out a flow. */
static const struct sort_row {
    const char *index;
    const char *falling;
    const char *rising;
    enum order usual;
} sorts[SORT_COUNT] = {
    [SORT_LOST_NETWORK] = {"flows_by_network_loss",
                           "lost_network DESC, total_lost_packets DESC, total_bytes DESC, "
                           "protocol, id",
                           "lost_network, total_lost_packets, total_bytes, protocol DESC, id DESC",
                           ORDER_FALLING},
    [SORT_LOST] = {"flows_by_loss", "total_lost_packets DESC, total_bytes DESC, protocol, id",
                   "total_lost_packets, total_bytes, protocol DESC, id DESC", ORDER_FALLING},
    [SORT_BYTES] = {"flows_by_bytes", "total_bytes DESC, protocol DESC, id DESC",
                    "total_bytes, protocol, id", ORDER_FALLING},
    [SORT_BANDWIDTH] = {"flows_by_bandwidth", "bandwidth_mbps DESC, protocol DESC, id DESC",
                        "bandwidth_mbps, protocol, id", ORDER_FALLING},
    [SORT_FLOW_ID] = {UNIQUE_INDEX, "flow_id DESC", "flow_id", ORDER_RISING},
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
};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

static void filter_value(struct query *query, const struct parameters *parameters,
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
    default:
        break;
    }
}

/* Adds "SELECT WHAT" of the flows that match the filters, read through INDEX. ONLY, unless NULL, is
 * an index: then only the filters that use it are added. */
static void select_flows(struct query *query, const struct call *call, const char *what,
                         const char *index, const char *only)
{
    query_add(query, "SELECT %s FROM flows INDEXED BY %s WHERE capture_id = ?", what, index);
    query_integer(query, call->capture);
    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (call->parameters->given & GIVEN(filters[i].parameter) &&
            (!only || strcmp(only, filters[i].index) == 0)) {
            query_add(query, " AND %s", filters[i].condition);
            filter_value(query, call->parameters, filters[i].parameter);
        }
}

/* The number of flows of a whole capture, or of one of its protocols, which the store keeps. */
static int64_t stored_count(struct call *call)
{
    struct query query;

    query_init(&query);
    if (call->parameters->given & GIVEN(PARAMETER_PROTOCOL)) {
        query_add(&query, "SELECT coalesce(sum(flows), 0) FROM capture_counters "
                          "WHERE capture_id = ? AND counter = ?");
        query_integer(&query, call->capture);
        query_text(&query, call->parameters->protocol);
    } else {
        query_add(&query, "SELECT total_flows FROM captures WHERE id = ?");
        query_integer(&query, call->capture);
    }
    return reader_count(call->reader, &query);
}

/* The number of flows that match those filters that use INDEX. */
static int64_t count_by_index(struct call *call, const char *index)
{
    struct query query;

    if (strcmp(index, PROTOCOL_INDEX) == 0)
        return stored_count(call);
    query_init(&query);
    select_flows(&query, call, "count(*)", index, index);
    return reader_count(call->reader, &query);
}

/* Finds the index whose filters match the fewest flows. Returns it, or NULL: no filter was given.
 * Sets INDEXES to the number of indexes that have filters, and FEWEST to the number of flows. */
static const char *find_narrowest(struct call *call, int *indexes, int64_t *fewest)
{
    const char *narrowest = NULL, *before = "";

    *indexes = 0;
    *fewest = 0;
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        int64_t count;

        if (!(call->parameters->given & GIVEN(filters[i].parameter)) ||
            strcmp(filters[i].index, before) == 0)
            continue;
        before = filters[i].index;
        count = count_by_index(call, before);
        if (!narrowest || count < *fewest) {
            *fewest = count;
            narrowest = before;
        }
        ++*indexes;
    }
    return narrowest;
}

/* Returns how many flows match. Sets INDEX to the index through which a page of them is read
 * fastest. */
static int64_t plan(struct call *call, const struct sort_row *sort, const char **index)
{
    const char *narrowest;
    struct query query;
    int64_t fewest, total;
    int indexes;

    *index = sort->index;
    narrowest = find_narrowest(call, &indexes, &fewest);
    if (!narrowest)
        return stored_count(call);
    total = fewest;
    if (indexes > 1) {
        query_init(&query);
        select_flows(&query, call, "count(*)", narrowest, NULL);
        total = reader_count(call->reader, &query);
    }
    if (total <= SORTED_MAX)
        *index = narrowest;
    return total;
}

void answer_flows(struct call *call)
{
    const struct parameters *parameters = call->parameters;
    const struct sort_row *sort = &sorts[parameters->sort];
    int is_falling = parameters->order == ORDER_UNSAID ? sort->usual == ORDER_FALLING
                                                       : parameters->order == ORDER_FALLING;
    const char *index;
    struct query query;
    int64_t total;

    if (call_find_capture(call) < 0)
        return;
    total = plan(call, sort, &index);
    query_rows_by_id(&query, flow_figures_table.columns, "flows");
    select_flows(&query, call, "id", index, NULL);
    query_page_of_ids(&query, is_falling ? sort->falling : sort->rising, parameters);
    rows_answer(call, "flows", &flow_figures_table, &query, total);
}

void answer_flow(struct call *call)
{
    sqlite3_stmt *statement;

    if (call_find_flow(call, flow_figures_table.columns, &statement) < 0 ||
        answer_open_json(call->answer) < 0)
        return;
    json_open(&call->answer->json, NULL, '{');
    row_write_members(call, &flow_figures_table, statement);
    json_close(&call->answer->json, '}');
    json_end(&call->answer->json);
    answer_close(call->answer);
}
