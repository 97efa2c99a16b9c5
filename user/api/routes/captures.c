/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers about captures, and about the health of the server. */
#include "api/routes/list/list.h"

void answer_health(struct call *call)
{
    struct json_writer *json = &call->answer->json;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_string(json, "status", "ok");
    json_string(json, "version", GAPWATCH_VERSION);
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}

static void add_captures(struct query *query, const struct call *call, const struct list *list,
                         const char *captures)
{
    (void)call;
    (void)list;
    (void)captures;
    query_add(query, " FROM captures WHERE true");
}

void answer_captures(struct call *call)
{
    const struct list list = {.key = "captures",
                              .figures = &capture_figures_table,
                              .table = "captures",
                              .is_falling = 1,
                              .add_source = add_captures};

    list_answer(call, &list, list_count(call, &list));
}
