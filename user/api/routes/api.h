/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The API: makes an answer from a path and a query. It does not depend on Kore, so that tests and
 * fuzzers can call it. */
#ifndef GAPWATCH_API_ROUTES_API_H
#define GAPWATCH_API_ROUTES_API_H

#include "api/answer/answer.h"
#include "api/answer/answer_cache.h"
#include "api/database/reader.h"
#include "api/routes/metrics/worst.h"
#include "api/routes/request/parameters.h"
#include "api/routes/request/scope.h"

/* Bounds how long requests keep others waiting, see budget.h. */
struct budget {
    uint64_t used_ns;   /* time of queries, which wears off */
    uint64_t when_ns;   /* of USED_NS, on the monotonic clock */
    uint64_t length_ns; /* that the present query got */
};

struct api {
    struct reader reader;
    struct answer_cache kept;
    struct running running;
    struct budget budget;
    struct worst worst;
    int64_t metrics_top; /* number of flows with Prometheus series of their own */
};

/* Prepares an API for the database at PATH. The file need not exist yet; PATH must stay valid.
 * METRICS_TOP is the number of flows that /metrics shows one by one. */
void api_init(struct api *api, const char *path, int64_t metrics_top);

/* Closes the database and frees what the API allocated. */
void api_release(struct api *api);

/* Answers a GET of PATH with QUERY (NULL: none), both still percent-encoded. ANSWER must be
 * initialised; the caller releases it. */
void api_answer(struct api *api, const char *path, const char *query, struct answer *answer);

/* The arguments of a route's function. */
struct call {
    struct reader *reader;
    const struct parameters *parameters;
    const char *flow_name; /* the decoded flow id of the path, or "" */
    struct scope scope;    /* what the answer is about; set by call_find_captures() */
    const struct running *running;
    struct worst *worst;
    int64_t metrics_top;
    struct answer *answer;
};

/* Sets call->scope to the captures that CALL's parameters choose (request/scope.h). Returns 0, or
 * -1 with the answer set to an error: there is no such capture, or none at all. */
int call_find_captures(struct call *call);

/*
 * One function for each route (routes.def). Each reads the database of CALL in the transaction that
 * the caller opened, and makes call->answer: the body, or an error with its HTTP status. The caller
 * owns everything in CALL, ends the transaction and then answers errors of the database itself.
 * The functions read only the parameters that routes.def permits for their route.
 *
 * A list is one page of objects with the figures of a table (figures/), and its total. It answers
 * 400 when `after` is not a cursor of this list. A function that chooses captures answers as
 * call_find_captures() when there are none; one for a single flow also answers as call_find_flow()
 * (flows/flows.h) when call->flow_name fits no flow in these captures, or several.
 */

/* The server's state and version. Uses no database. */
void answer_health(struct call *call);

/* The rows of the protocol table, as a list of one page. Uses no database. */
void answer_protocols(struct call *call);

/* Totals of the chosen captures, or of their time from `since` to `until`. */
void answer_summary(struct call *call);

/* A list of flows in the chosen order; with `since` or `until`, of those with traffic in that time,
 * with its figures. */
void answer_flows(struct call *call);

/* The flow call->flow_name, as one object. */
void answer_flow(struct call *call);

/* A list of the gaps of the flow call->flow_name, by time. */
void answer_flow_gaps(struct call *call);

/* A list of the intervals of the flow call->flow_name, newest first. */
void answer_flow_intervals(struct call *call);

/* A list of the SAs of the flow call->flow_name, newest first. */
void answer_flow_sas(struct call *call);

/* A list of the gaps of all flows, newest first. */
void answer_gaps(struct call *call);

/* A list of events, newest first. */
void answer_events(struct call *call);

/* A list of the SAs of all flows, newest first. */
void answer_sas(struct call *call);

/* A list of pairs of peers, with sums over their flows; the most loss first. It has no cursor. */
void answer_peers(struct call *call);

/* A list of the comparisons in the database, newest first. They belong to no capture. */
void answer_comparisons(struct call *call);

/* A list of the SAs of one comparison (without `comparison`, the newest); the most loss first. */
void answer_compared_sas(struct call *call);

/* A list of the delays of one comparison (without `comparison`, the newest), or of the SA
 * `compared_sa` alone; one SA after the other. */
void answer_compared_delays(struct call *call);

/* A list of the intervals of the chosen captures, newest first. */
void answer_intervals(struct call *call);

/* A list of all captures in the database, newest first. */
void answer_captures(struct call *call);

/* The running captures, and the newest one of each interface without one, as text for Prometheus
 * (version 0.0.4 of its exposition format). */
void answer_metrics(struct call *call);

/* An empty stream of server-sent events, which ends: for HEAD and for callers that cannot keep a
 * connection open. Streams that stay open are those of stream.h. */
void answer_stream(struct call *call);

#endif
