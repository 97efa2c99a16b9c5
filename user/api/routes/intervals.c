/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the intervals of a capture or of a flow. */
#include <inttypes.h>

#include "api/routes/flows.h"
#include "api/routes/period.h"
#include "api/routes/rows.h"

/* The columns that are added up, and the same as sums. */
static const char figures[] = ""
#define FIGURE(name, ...) ", " #name
#define KEY(...)
#include "figures/interval.def"
    ;
static const char sums[] = ""
#define FIGURE(name, ...) ", sum(" #name ") AS " #name
#define KEY(...)
#include "figures/interval.def"
    ;

/* Adds up intervals that start in the same step of STEP seconds, counted from 1970. */
static void add_step(struct query *query, int64_t step)
{
    query_add(query,
              "SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%S.000000000Z', start, 'unixepoch') "
              "AS timestamp, duration_seconds%s FROM (SELECT CAST(strftime('%%s', timestamp) "
              "AS INTEGER) / %" PRId64 " * %" PRId64 " AS start, "
              "sum(duration_seconds) AS duration_seconds%s",
              figures, step, step, sums);
}

void query_period(struct query *query, const struct parameters *parameters)
{
    if (parameters->given & GIVEN(PARAMETER_SINCE)) {
        query_add(query, " AND timestamp >= ?");
        query_text(query, parameters->since);
    }
    if (parameters->given & GIVEN(PARAMETER_UNTIL)) {
        query_add(query, " AND timestamp < ?");
        query_text(query, parameters->until);
    }
}

/* The view flow_intervals is not used: an untrusted database may define it differently. */
#define OF_CAPTURE "capture_intervals WHERE capture_id = ?"
static const char of_flow[] = "(SELECT timestamp, duration_seconds"
#define FIGURE(name, ...) ", part." #name
#define KEY(...)
#include "figures/interval.def"
                              " FROM capture_intervals AS whole CROSS JOIN interval_flows AS part "
                              "ON part.interval = whole.id AND part.flow = ? "
                              "WHERE whole.capture_id = ?) WHERE 1";

/* Selects the intervals of FLOW (0: of the capture), added up in steps if the query asks for it. */
static void select_intervals(struct query *query, const struct call *call, int64_t flow)
{
    int64_t step = call->parameters->step;

    query_init(query);
    if (step)
        add_step(query, step);
    else
        query_add(query, "SELECT %s", interval_figures_table.columns);
    query_add(query, " FROM %s", flow ? of_flow : OF_CAPTURE);
    if (flow)
        query_integer(query, flow);
    query_integer(query, call->capture);
    query_period(query, call->parameters);
    query_add(query, step ? " GROUP BY start)" : "");
}

static void answer_intervals_of(struct call *call, int64_t flow)
{
    struct query intervals, count, list;

    select_intervals(&intervals, call, flow);
    count = list = intervals;
    query_init(&count);
    query_add(&count, "SELECT count(*) FROM (%s)", intervals.sql.chars);
    count.value_count = intervals.value_count;
    query_init(&list);
    query_add(&list, "%s ORDER BY timestamp DESC", intervals.sql.chars);
    list.value_count = intervals.value_count;
    query_page(&list, call->parameters);
    rows_answer(call, "intervals", &interval_figures_table, &list,
                reader_count(call->reader, &count));
}

void answer_intervals(struct call *call)
{
    if (call_find_capture(call) == 0)
        answer_intervals_of(call, 0);
}

void answer_flow_intervals(struct call *call)
{
    sqlite3_stmt *flow;

    if (call_find_flow(call, "id", &flow) == 0)
        answer_intervals_of(call, sqlite3_column_int64(flow, 0));
}
