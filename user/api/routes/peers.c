/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Answers with what was lost between each pair of peers: at a hub, this tells which site loses.
 * Only flows with sequence numbers are looked at; flows_by_peers has them in the order of their
 * peers.
 */
#include "api/routes/list/list.h"
#include "api/routes/list/rows.h"

/* The condition of the index flows_by_peers. */
#define NUMBERED "protocol NOT IN ('tcp', 'udp')"

/* Used where `since` or `until` was not given: all times in the database lie between these. */
#define EVER_SINCE "0000"
#define FOR_EVER   "9999"

static const char columns[] =
#define FIGURE(name, type, unit, null, value, meaning) ", " value " AS " #name
#include "figures/peers.def"
    ;

/* Adds the totals of the flows. Rows of older databases do not distinguish causes of loss. */
static void add_whole(struct query *query, const char *captures)
{
    query_add(query,
              "SELECT source, destination, packets_received AS packets, total_bytes AS bytes, "
              "coalesce(lost_network, total_lost_packets) AS network, "
              "coalesce(lost_undetermined, 0) AS undetermined, first_timestamp, last_timestamp "
              "FROM flows INDEXED BY flows_by_peers WHERE capture_id%s AND " NUMBERED,
              captures);
}

/* Adds the sums of the flows over the intervals that begin in the time asked for. */
static void add_time(struct query *query, const struct parameters *parameters, const char *captures)
{
    query_add(query,
              "SELECT source, destination, packets, bytes, network, undetermined, first_timestamp, "
              "last_timestamp FROM (SELECT part.flow AS flow, sum(part.packets) AS packets, "
              "sum(part.bytes) AS bytes, sum(part.lost) AS network, "
              "sum(coalesce(part.lost_undetermined, 0)) AS undetermined FROM capture_intervals AS "
              "whole CROSS JOIN interval_flows AS part ON part.interval = whole.id "
              "WHERE whole.capture_id%s AND whole.timestamp >= ? AND whole.timestamp < ? "
              "GROUP BY part.flow) CROSS JOIN flows ON flows.id = flow WHERE " NUMBERED,
              captures);
    query_text(query, *parameters->since ? parameters->since : EVER_SINCE);
    query_text(query, *parameters->until ? parameters->until : FOR_EVER);
}

static void add_sent(struct query *query, const struct call *call)
{
    const uint32_t times = GIVEN(PARAMETER_SINCE) | GIVEN(PARAMETER_UNTIL);
    char captures[SCOPE_CHARS];

    scope_condition(&call->scope, captures);
    query_add(query, " FROM (");
    if (call->parameters->given & times)
        add_time(query, call->parameters, captures);
    else
        add_whole(query, captures);
    query_add(query, ") GROUP BY source, destination");
}

static struct total count_peers(struct call *call)
{
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1");
    add_sent(&query, call);
    return count_rows(call, &query);
}

void answer_peers(struct call *call)
{
    const struct rows rows = {.figures = &peers_figures_table};
    struct query query;

    if (call_find_captures(call) < 0)
        return;
    query_init(&query);
    query_add(&query, "SELECT %s", columns + 2);
    add_sent(&query, call);
    query_add(&query, " ORDER BY lost_network DESC, total_bytes DESC, source, destination");
    query_page(&query, call->parameters);
    rows_answer(call, "peers", &rows, &query, count_peers(call));
}
