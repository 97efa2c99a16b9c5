/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The API: makes an answer from a path and a query. It does not depend on Kore, so that tests and
 * fuzzers can call it. */
#ifndef GAPWATCH_API_ROUTES_API_H
#define GAPWATCH_API_ROUTES_API_H

#include "api/database/reader.h"
#include "api/http/answer.h"
#include "api/http/answer_cache.h"
#include "api/routes/parameters.h"

struct api {
    struct reader reader;
    struct answer_cache kept;
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
    int64_t capture;       /* row id of the capture; set by call_find_capture() */
    int64_t metrics_top;
    struct answer *answer;
};

/* Sets call->capture to the capture asked for, or to the newest one. Returns 0, or -1 with the
 * answer set to an error. */
int call_find_capture(struct call *call);

/* One function for each route; it makes the answer. Errors of the database are handled by the
 * caller. */
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
void answer_intervals(struct call *call);
void answer_captures(struct call *call);
void answer_metrics(struct call *call);

#endif
