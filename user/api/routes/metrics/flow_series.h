/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which flows have metrics of their own. */
#ifndef GAPWATCH_API_ROUTES_METRICS_FLOW_SERIES_H
#define GAPWATCH_API_ROUTES_METRICS_FLOW_SERIES_H

#include "api/routes/api.h"

enum shown_since {
    SHOWN_BEFORE, /* it was among those that lost most in an earlier stretch of the hour */
    SHOWN_LATELY, /* it came in lately, see flow_series_find() */
    SHOWN_ANYHOW, /* it lost much long ago, or runs out of numbers */
};

struct shown_flow {
    int64_t id; /* of its row */
    enum shown_since since;
};

struct flow_series {
    struct shown_flow *flows; /* by id */
    size_t count;
    size_t size;
};

/*
 * Finds the flows to show: those that run out of sequence numbers while they send, those that lost
 * most in the last five minutes or an hour ago at most, and those that lost most at all. A flow is
 * shown lately during the five minutes in which it came in, and for a minute at least: its counters
 * of loss then lag by a minute, so that the first sample does not hide the loss that brought it in.
 */
void flow_series_find(struct flow_series *series, struct call *call);

/* Frees the list. */
void flow_series_release(struct flow_series *series);

#endif
