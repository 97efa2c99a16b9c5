/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the SAs of all flows or of one. */
#include "api/routes/flows/flows.h"
#include "api/routes/list/list.h"

static void add_sas(struct query *query, const struct call *call, const struct list *list,
                    const char *captures)
{
    const struct parameters *parameters = call->parameters;

    (void)list;
    if (parameters->given & GIVEN(PARAMETER_FLOW)) {
        query_add(query,
                  " FROM sas WHERE flow IN (SELECT id FROM flows WHERE capture_id%s AND "
                  "flow_id = ?)",
                  captures);
        query_text(query, parameters->flow);
    } else if (parameters->given & GIVEN(PARAMETER_LINEAGE)) {
        query_add(query, " FROM sas INDEXED BY sas_by_lineage WHERE capture_id%s", captures);
    } else {
        query_add(query, " FROM sas INDEXED BY sas_by_capture WHERE capture_id%s", captures);
    }
    if (parameters->given & GIVEN(PARAMETER_LINEAGE)) {
        query_add(query, " AND lineage = ?");
        query_text(query, parameters->lineage);
    }
    if (parameters->given & GIVEN(PARAMETER_ASSOCIATION)) {
        query_add(query, " AND association = ?");
        query_integer(query, parameters->association);
    }
}

static void add_flow_sas(struct query *query, const struct call *call, const struct list *list,
                         const char *captures)
{
    (void)call;
    (void)captures; /* the flow belongs to one */
    query_add(query, " FROM sas WHERE flow = ?");
    query_integer(query, list->flow);
}

void answer_sas(struct call *call)
{
    const struct list list = {.key = "sas",
                              .figures = &sa_figures_table,
                              .table = "sas",
                              .is_falling = 1,
                              .has_captures = 1,
                              .add_source = add_sas};

    if (call_find_captures(call) == 0)
        list_answer(call, &list, list_count(call, &list));
}

void answer_flow_sas(struct call *call)
{
    struct list list = {.key = "sas",
                        .figures = &sa_figures_table,
                        .table = "sas",
                        .keys = {"generation"},
                        .key_count = 1,
                        .is_falling = 1,
                        .has_captures = 1,
                        .add_source = add_flow_sas};
    sqlite3_stmt *flow;

    if (call_find_flow(call, "id", &flow) < 0)
        return;
    list.flow = sqlite3_column_int64(flow, 0);
    list_answer(call, &list, list_count(call, &list));
}
