/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the SAs of all flows or of one. */
#include "api/routes/flows.h"
#include "api/routes/rows.h"

#define OF_CAPTURE "INDEXED BY sas_by_capture WHERE capture_id = ?"
#define OF_FLOW    "WHERE flow = ?"

/* Answers with the SAs that the condition OF selects by ID, in ORDER. */
static void answer_sas_of(struct call *call, const char *of, int64_t id, const char *order)
{
    struct query count, list;

    query_init(&count);
    query_add(&count, "SELECT count(*) FROM sas %s", of);
    query_integer(&count, id);
    query_rows_by_id(&list, sa_figures_table.columns, "sas");
    query_add(&list, "SELECT id FROM sas %s", of);
    query_integer(&list, id);
    query_page_of_ids(&list, order, call->parameters);
    rows_answer(call, "sas", &sa_figures_table, &list, reader_count(call->reader, &count));
}

void answer_sas(struct call *call)
{
    if (call_find_capture(call) == 0)
        answer_sas_of(call, OF_CAPTURE, call->capture, "id DESC");
}

void answer_flow_sas(struct call *call)
{
    sqlite3_stmt *flow;

    if (call_find_flow(call, "id", &flow) == 0)
        answer_sas_of(call, OF_FLOW, sqlite3_column_int64(flow, 0), "generation DESC");
}
