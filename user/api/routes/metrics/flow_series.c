/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/metrics/flow_series.h"

#include <stdlib.h>
#include <time.h>

#include "flow/outcome_name.h"

#define LEAST_NEW_SECONDS 60

/* Adds the flow ID, which may be there already. */
static void add(struct flow_series *series, int64_t id, enum shown_since since)
{
    if (series->count == series->size) {
        size_t size = series->size ? 2 * series->size : 256;
        struct shown_flow *flows = realloc(series->flows, size * sizeof(*flows));

        if (!flows)
            return;
        series->flows = flows;
        series->size = size;
    }
    series->flows[series->count++] = (struct shown_flow){id, since};
}

/* The context of take_worst(). */
struct taking {
    struct flow_series *series;
    int64_t new_ago; /* the longest time ago, in stretches, at which a flow is new */
};

static void take_worst(void *data, int64_t flow, int64_t stretches_ago)
{
    const struct taking *taking = data;

    add(taking->series, flow, stretches_ago <= taking->new_ago ? SHOWN_LATELY : SHOWN_BEFORE);
}

/*
 * Writes CONDITION, which is true for flows that run out of sequence numbers: they have used three
 * quarters of 2^32, the limit from which a MACsec rekey is due (IEEE 802.1AE clause 9). The index
 * flows_near_exhaustion has the same limit. A number that has wrapped around is the low half of a
 * longer one and is not near exhaustion.
 */
static void near_exhaustion(struct text *condition)
{
    const char *before = "";

    text_add(condition, "last_sequence >= 3221225472 AND wraparounds = 0 AND protocol IN (");
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        if (outcome_number_end(i) == 32) {
            text_add(condition, "%s'%s'", before, outcome_name(i));
            before = ", ";
        }
    text_add(condition, ")");
}

/* Adds the first flows of CAPTURE, in ORDER, of those in INDEX for which CONDITION is true. */
static void add_first(struct flow_series *series, struct call *call, int64_t capture,
                      const char *index, const char *condition, const char *order)
{
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query,
              "SELECT id FROM flows INDEXED BY %s WHERE capture_id = ? AND %s ORDER BY %s LIMIT ?",
              index, condition, order);
    query_integer(&query, capture);
    query_integer(&query, call->metrics_top);
    statement = reader_select(call->reader, &query);
    while (reader_next(call->reader, statement))
        add(series, sqlite3_column_int64(statement, 0), SHOWN_ANYHOW);
}

static void add_of_capture(struct flow_series *series, struct call *call, int64_t capture)
{
    char ending[512];
    struct text condition = text_over(ending, sizeof(ending));

    near_exhaustion(&condition);
    add_first(series, call, capture, "flows_near_exhaustion", ending,
              "silent_since IS NOT NULL, last_timestamp DESC, id");
    add_first(series, call, capture, "flows_by_exhaustion", "exhaustion_at IS NOT NULL",
              "silent_since IS NOT NULL, exhaustion_at, id");
    add_first(series, call, capture, "flows_by_network_loss", "1",
              "lost_network DESC, total_bytes DESC, id DESC");
}

static int compare(const void *left, const void *right)
{
    const struct shown_flow *a = left, *b = right;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (int)a->since - (int)b->since;
}

/* Sorts the flows and leaves each once, with the first of the reasons to show it. */
static void sort(struct flow_series *series)
{
    size_t count = 0;

    if (series->count)
        qsort(series->flows, series->count, sizeof(*series->flows), compare);
    for (size_t i = 0; i < series->count; i++)
        if (!count || series->flows[count - 1].id != series->flows[i].id)
            series->flows[count++] = series->flows[i];
    series->count = count;
}

void flow_series_find(struct flow_series *series, struct call *call)
{
    int64_t now = time(NULL);
    struct taking taking = {series, now % WORST_SECONDS < LEAST_NEW_SECONDS ? 1 : 0};

    *series = (struct flow_series){0};
    for (int i = 0; i < call->scope.count; i++)
        add_of_capture(series, call, call->scope.captures[i]);
    worst_find(call->worst, call->reader, &call->running->scope, call->metrics_top, now, take_worst,
               &taking);
    sort(series);
}

void flow_series_release(struct flow_series *series)
{
    free(series->flows);
    *series = (struct flow_series){0};
}
