/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the gaps of all flows or of one. */
#include "api/routes/flows.h"
#include "api/routes/period.h"
#include "api/routes/rows.h"

static void select_gaps(struct query *query, const struct call *call, const char *what)
{
    query_add(query, "SELECT %s FROM sequence_gaps INDEXED BY gaps_by_time WHERE capture_id = ?",
              what);
    query_integer(query, call->capture);
    query_period(query, call->parameters);
    if (call->parameters->given & GIVEN(PARAMETER_CAUSE)) {
        query_add(query, " AND cause = ?");
        query_text(query, call->parameters->cause);
    }
}

void answer_gaps(struct call *call)
{
    struct query count, list;

    if (call_find_capture(call) < 0)
        return;
    query_init(&count);
    select_gaps(&count, call, "count(*)");
    query_rows_by_id(&list, gap_figures_table.columns, "sequence_gaps");
    select_gaps(&list, call, "id");
    query_page_of_ids(&list, "timestamp DESC, cause DESC, id DESC", call->parameters);
    rows_answer(call, "gaps", &gap_figures_table, &list, reader_count(call->reader, &count));
}

static void select_flow_gaps(struct query *query, const struct call *call, const char *what,
                             const char *flow_id)
{
    query_add(query,
              "SELECT %s FROM sequence_gaps INDEXED BY gaps_by_flow "
              "WHERE capture_id = ? AND flow_id = ?",
              what);
    query_integer(query, call->capture);
    query_text(query, flow_id);
}

void answer_flow_gaps(struct call *call)
{
    struct query count, list;
    sqlite3_stmt *flow;
    const char *flow_id;

    if (call_find_flow(call, "flow_id", &flow) < 0)
        return;
    flow_id = reader_text(flow, 0);
    query_init(&count);
    select_flow_gaps(&count, call, "count(*)", flow_id);
    query_rows_by_id(&list, gap_figures_table.columns, "sequence_gaps");
    select_flow_gaps(&list, call, "id", flow_id);
    query_page_of_ids(&list, "timestamp, id", call->parameters);
    rows_answer(call, "gaps", &gap_figures_table, &list, reader_count(call->reader, &count));
}
