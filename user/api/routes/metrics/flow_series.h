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
 * Sets SERIES, which the caller releases, to the flows in the scope of CALL that have series: those
 * that send and run out of sequence numbers, those that lost most in one of the five-minute
 * stretches of the last hour, and those that lost most in the whole capture; at most
 * call->metrics_top of each kind. A flow is SHOWN_LATELY in the stretch in which it is first shown,
 * and for a minute at least: its counters of loss then lag by a minute, so that the first sample
 * does not hide the loss for which it is shown. Without memory some are left out.
 */
void flow_series_find(struct flow_series *series, struct call *call);

/* Frees the list of SERIES, which is then empty. */
void flow_series_release(struct flow_series *series);

#endif
