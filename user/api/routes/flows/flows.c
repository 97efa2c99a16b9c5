/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of flows, and a single flow. */
#include "api/routes/flows/flows.h"

#include <string.h>

#include "api/routes/flows/plan.h"
#include "api/routes/list/rows.h"

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

static void add_source(struct query *query, const struct call *call, const struct list *list,
                       const char *captures)
{
    query_add(query, " FROM flows INDEXED BY %s WHERE capture_id%s", list->index, captures);
    plan_add_filters(query, call);
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
    if (parameters->given & (GIVEN(PARAMETER_SINCE) | GIVEN(PARAMETER_UNTIL))) {
        answer_flows_of_time(call, list.is_falling);
        return;
    }
    total = plan_flows(call, sort->is_in_filters, &list);
    list_answer(call, &list, total);
}

void answer_flow(struct call *call)
{
    sqlite3_stmt *statement;
    char columns[FLOW_COLUMNS_CHARS];

    snprintf(columns, sizeof(columns), "%s" CAPTURE_LABELS, flow_figures_table.columns);
    if (call_find_flow(call, columns, &statement) < 0 || answer_open_json(call->answer) < 0)
        return;
    json_open(&call->answer->json, NULL, '{');
    row_write_members(call, &flow_figures_table, CAPTURE_LABEL_COUNT, statement);
    json_close(&call->answer->json, '}');
    json_end(&call->answer->json);
    answer_close(call->answer);
}
