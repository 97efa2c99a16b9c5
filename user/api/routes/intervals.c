/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the intervals of captures or of a flow. */
#include <inttypes.h>

#include "api/routes/flows/flows.h"
#include "api/routes/list/cursor.h"
#include "api/routes/list/rows.h"
#include "api/routes/request/period.h"

/* The columns that are added up, as sums. */
static const char sums[] = ""
#define FIGURE(name, ...) ", sum(" #name ") AS " #name
#define KEY(...)
#include "figures/interval.def"
    ;

/* The start of the step of STEP seconds, counted from 1970, that an interval begins in. */
#define STEP                                                                                       \
    "strftime('%%Y-%%m-%%dT%%H:%%M:%%S.000000000Z', CAST(strftime('%%s', timestamp) AS INTEGER) "  \
    "/ %" PRId64 " * %" PRId64 ", 'unixepoch')"

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
static const char of_flow[] = "(SELECT capture_id, timestamp, duration_seconds"
#define FIGURE(name, ...) ", part." #name
#define KEY(...)
#include "figures/interval.def"
                              " FROM capture_intervals AS whole CROSS JOIN interval_flows AS part "
                              "ON part.interval = whole.id AND part.flow = ?)";

/* The intervals of a page. */
struct wanted {
    int64_t flow;      /* 0: of all flows */
    const char *after; /* the time of the last one of the page before; NULL: there is none */
};

/* Adds the conditions on the time of an interval. */
static void add_times(struct query *query, const struct call *call, const struct wanted *wanted)
{
    query_period(query, call->parameters);
    if (wanted->after) {
        query_add(query, " AND timestamp < ?");
        query_text(query, wanted->after);
    }
}

/* Selects the intervals as they are. */
static void select_single(struct query *query, const struct call *call, const struct wanted *wanted,
                          const char *what, const char *captures)
{
    query_add(query, "SELECT %s FROM %s WHERE capture_id%s", what,
              wanted->flow ? of_flow : "capture_intervals", captures);
    if (wanted->flow)
        query_integer(query, wanted->flow);
    add_times(query, call, wanted);
}

/* Selects the same, but those of several captures that start at the same time, or in the same step,
 * are added up. A step is as long as the intervals in it of one capture. */
static void select_sums(struct query *query, const struct call *call, const struct wanted *wanted,
                        const char *captures)
{
    int64_t step = call->parameters->step;
    char what[sizeof(sums) + 256];
    struct text text = text_over(what, sizeof(what));

    if (step)
        text_add(&text, STEP, step, step);
    else
        text_add(&text, "timestamp");
    text_add(&text, " AS start, sum(duration_seconds) AS duration_seconds%s", sums);
    query_add(query,
              "SELECT start AS timestamp, max(duration_seconds) AS duration_seconds%s FROM (",
              sums);
    select_single(query, call, wanted, what, captures);
    query_add(query, " GROUP BY start, capture_id) GROUP BY start");
}

static void select_intervals(struct query *query, const struct call *call,
                             const struct wanted *wanted)
{
    char captures[SCOPE_CHARS];

    scope_condition(&call->scope, captures);
    if (call->parameters->step || call->scope.count > 1)
        select_sums(query, call, wanted, captures);
    else
        select_single(query, call, wanted, interval_figures_table.columns, captures);
}

static struct total count_intervals(struct call *call, const struct wanted *wanted)
{
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (");
    select_intervals(&query, call, wanted);
    return count_rows(call, &query);
}

static void answer_intervals_of(struct call *call, int64_t flow)
{
    static const char *const keys[] = {"timestamp"};
    static const struct cursor_order order = {"intervals", keys, 1, 1};
    const struct rows rows = {
        .figures = &interval_figures_table, .keys = 2, .mark = cursor_mark(call, &order)};
    int has_cursor = (call->parameters->given & GIVEN(PARAMETER_AFTER)) != 0;
    struct wanted wanted = {.flow = flow};
    struct cursor cursor;
    struct query query;

    if (has_cursor && call_read_cursor(call, &cursor, &order) < 0)
        return;
    wanted.after = has_cursor ? cursor.keys[0] : NULL;
    query_init(&query);
    query_add(&query, "SELECT %s, timestamp, 0 FROM (", interval_figures_table.columns);
    select_intervals(&query, call, &wanted);
    query_add(&query, ") ORDER BY timestamp DESC");
    query_page(&query, call->parameters);
    rows_answer(call, "intervals", &rows, &query,
                count_intervals(call, &(struct wanted){.flow = flow}));
}

void answer_intervals(struct call *call)
{
    if (call_find_captures(call) == 0)
        answer_intervals_of(call, 0);
}

void answer_flow_intervals(struct call *call)
{
    sqlite3_stmt *flow;

    if (call_find_flow(call, "id", &flow) == 0)
        answer_intervals_of(call, sqlite3_column_int64(flow, 0));
}
