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
    uint64_t used_ns; /* time of queries, which wears off */
    uint64_t when_ns; /* of USED_NS, on the monotonic clock */
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

/* One function for each route: it reads the database of CALL in the open transaction and makes
 * call->answer, which may be an error. The caller handles errors of the database. */
void answer_health(struct call *call);
void answer_protocols(struct call *call);
void answer_summary(struct call *call);
void answer_flows(struct call *call);
void answer_flow(struct call *call);
void answer_flow_gaps(struct call *call);
void answer_flow_intervals(struct call *call);
void answer_flow_sas(struct call *call);
void answer_gaps(struct call *call);
void answer_events(struct call *call);
void answer_sas(struct call *call);
void answer_peers(struct call *call);
void answer_comparisons(struct call *call);
void answer_compared_sas(struct call *call);
void answer_compared_delays(struct call *call);
void answer_intervals(struct call *call);
void answer_captures(struct call *call);
void answer_metrics(struct call *call);
void answer_stream(struct call *call);

#endif
