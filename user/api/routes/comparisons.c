/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with comparisons of two vantage points, and with the SAs of one of them and their delays.
 */
#include "api/routes/list/list.h"

static void add_comparisons(struct query *query, const struct call *call, const struct list *list,
                            const char *captures)
{
    (void)call;
    (void)list;
    (void)captures;
    query_add(query, " FROM comparisons WHERE true");
}

void answer_comparisons(struct call *call)
{
    const struct list list = {.key = "comparisons",
                              .figures = &comparison_figures_table,
                              .table = "comparisons",
                              .is_falling = 1,
                              .add_source = add_comparisons};

    list_answer(call, &list, list_count(call, &list));
}

/* Adds the number of the comparison that CALL asks for. */
static void add_comparison(struct query *query, const struct parameters *parameters)
{
    if (parameters->given & GIVEN(PARAMETER_COMPARISON)) {
        query_add(query, "?");
        query_integer(query, parameters->comparison);
    } else {
        query_add(query, "(SELECT max(id) FROM comparisons)");
    }
}

static void add_compared_sas(struct query *query, const struct call *call, const struct list *list,
                             const char *captures)
{
    (void)list;
    (void)captures;
    query_add(query, " FROM compared_sas WHERE comparison = ");
    add_comparison(query, call->parameters);
}

void answer_compared_sas(struct call *call)
{
    const struct list list = {.key = "compared_sas",
                              .figures = &compared_sa_figures_table,
                              .table = "compared_sas",
                              .keys = {"lost_between"},
                              .key_count = 1,
                              .is_falling = 1,
                              .add_source = add_compared_sas};

    list_answer(call, &list, list_count(call, &list));
}

static void add_compared_delays(struct query *query, const struct call *call,
                                const struct list *list, const char *captures)
{
    const struct parameters *parameters = call->parameters;

    (void)list;
    (void)captures;
    query_add(query, " FROM compared_delays WHERE ");
    if (parameters->given & GIVEN(PARAMETER_COMPARED_SA)) {
        query_add(query, "compared_sa = ?");
        query_integer(query, parameters->compared_sa);
        if (!(parameters->given & GIVEN(PARAMETER_COMPARISON)))
            return;
        query_add(query, " AND ");
    }
    query_add(query, "comparison = ");
    add_comparison(query, parameters);
}

void answer_compared_delays(struct call *call)
{
    const struct list list = {.key = "compared_delays",
                              .figures = &compared_delay_figures_table,
                              .table = "compared_delays",
                              .add_source = add_compared_delays};

    list_answer(call, &list, list_count(call, &list));
}
