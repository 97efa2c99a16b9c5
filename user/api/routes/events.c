/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the events of captures. */
#include "api/routes/list/list.h"
#include "api/routes/request/period.h"

static void add_events(struct query *query, const struct call *call, const struct list *list,
                       const char *captures)
{
    (void)list;
    query_add(query, " FROM events INDEXED BY events_by_time WHERE capture_id%s", captures);
    query_period(query, call->parameters);
    if (call->parameters->given & GIVEN(PARAMETER_KIND)) {
        query_add(query, " AND kind = ?");
        query_text(query, call->parameters->kind);
    }
}

void answer_events(struct call *call)
{
    const struct list list = {.key = "events",
                              .figures = &event_figures_table,
                              .table = "events",
                              .keys = {"timestamp"},
                              .key_count = 1,
                              .is_falling = 1,
                              .has_captures = 1,
                              .add_source = add_events};

    if (call_find_captures(call) == 0)
        list_answer(call, &list, list_count(call, &list));
}
