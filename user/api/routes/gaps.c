/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the gaps of all flows or of one. */
#include <string.h>

#include "api/routes/flows/flows.h"
#include "api/routes/list/list.h"
#include "api/routes/request/period.h"

/* Where sensors lose little, gaps of undetermined cause are rare, and have an index. */
static const char *index_of_cause(const struct call *call)
{
    int is_given = (call->parameters->given & GIVEN(PARAMETER_CAUSE)) != 0;

    return is_given && strcmp(call->parameters->cause, "undetermined") == 0 ? "gaps_undetermined"
                                                                            : "gaps_by_time";
}

static void add_conditions(struct query *query, const struct call *call)
{
    query_period(query, call->parameters);
    if (!(call->parameters->given & GIVEN(PARAMETER_CAUSE)))
        return;
    /* The literal is needed so that SQLite uses the partial index. */
    query_add(query, strcmp(call->parameters->cause, "network") == 0
                         ? " AND cause = 'network'"
                         : " AND cause = 'undetermined'");
}

static void add_gaps(struct query *query, const struct call *call, const struct list *list,
                     const char *captures)
{
    query_add(query, " FROM sequence_gaps INDEXED BY %s WHERE capture_id%s", list->index, captures);
    add_conditions(query, call);
}

static void add_flow_gaps(struct query *query, const struct call *call, const struct list *list,
                          const char *captures)
{
    query_add(query,
              " FROM sequence_gaps INDEXED BY gaps_by_flow WHERE capture_id%s AND "
              "flow_id = ?",
              captures);
    query_text(query, list->flow_id);
    add_conditions(query, call);
}

void answer_gaps(struct call *call)
{
    const struct list list = {.key = "gaps",
                              .figures = &gap_figures_table,
                              .table = "sequence_gaps",
                              .keys = {"timestamp"},
                              .key_count = 1,
                              .is_falling = 1,
                              .has_captures = 1,
                              .add_source = add_gaps,
                              .index = index_of_cause(call)};

    if (call_find_captures(call) == 0)
        list_answer(call, &list, list_count(call, &list));
}

void answer_flow_gaps(struct call *call)
{
    char flow_id[FLOW_ID_CHARS];
    struct list list = {.key = "gaps",
                        .figures = &gap_figures_table,
                        .table = "sequence_gaps",
                        .keys = {"timestamp"},
                        .key_count = 1,
                        .is_falling = call->parameters->order == ORDER_FALLING,
                        .has_captures = 1,
                        .add_source = add_flow_gaps,
                        .flow_id = flow_id};
    sqlite3_stmt *flow;

    if (call_find_flow(call, "flow_id", &flow) < 0)
        return;
    snprintf(flow_id, sizeof(flow_id), "%s", reader_text(flow, 0));
    list_answer(call, &list, list_count(call, &list));
}
