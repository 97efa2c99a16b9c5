/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the events of a capture. */
#include "api/routes/period.h"
#include "api/routes/rows.h"

static void select_events(struct query *query, const struct call *call, const char *what)
{
    query_add(query, "SELECT %s FROM events INDEXED BY events_by_time WHERE capture_id = ?", what);
    query_integer(query, call->capture);
    query_period(query, call->parameters);
    if (call->parameters->given & GIVEN(PARAMETER_KIND)) {
        query_add(query, " AND kind = ?");
        query_text(query, call->parameters->kind);
    }
}

void answer_events(struct call *call)
{
    struct query count, list;

    if (call_find_capture(call) < 0)
        return;
    query_init(&count);
    select_events(&count, call, "count(*)");
    query_rows_by_id(&list, event_figures_table.columns, "events");
    select_events(&list, call, "id");
    query_page_of_ids(&list, "timestamp DESC, id DESC", call->parameters);
    rows_answer(call, "events", &event_figures_table, &list, reader_count(call->reader, &count));
}
