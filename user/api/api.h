/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The API itself: a path and a query in, an answer out. It knows nothing of Kore, so that tests and
 * fuzzers call it as Kore does.
 */
#ifndef GAPWATCH_API_API_H
#define GAPWATCH_API_API_H

#include "api/answer.h"
#include "api/database.h"
#include "api/kept.h"
#include "api/routes/parameters.h"

struct api {
    struct database database;
    struct kept_answers kept;
    int64_t metrics_top; /* flows that have series of their own */
};

/* An API over the database at PATH, which need not exist yet and must outlive it. */
void api_init(struct api *api, const char *path, int64_t metrics_top);
void api_release(struct api *api);

/* Answers a GET of PATH with QUERY (NULL: none), both as they were sent. ANSWER is initialised, and
 * the caller's to release. */
void api_answer(struct api *api, const char *path, const char *query, struct answer *answer);

/* What a route's function works with. */
struct call {
    struct database *database;
    const struct parameters *parameters;
    const char *flow_name; /* the flow id in the path, decoded; "" where there is none */
    int64_t capture;       /* that answers; set by call_find_capture() */
    int64_t metrics_top;
    struct answer *answer;
};

/* Finds the capture that answers: the one asked for, or the newest. Returns 0, or -1 with the
 * answer set: there is none. */
int call_find_capture(struct call *call);

/* The routes' functions: each makes the answer. What fails in the database is seen to by the
 * caller.
 */
void answer_health(struct call *call);
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
