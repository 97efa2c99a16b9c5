/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The order of flows in a report. */
#ifndef GAPWATCH_REPORT_ORDER_H
#define GAPWATCH_REPORT_ORDER_H

#include <stddef.h>

#include "track/flow.h"
#include "track/sequence.h"

/* A flow, and the sequencer that has its spaces: several trackers share a report. */
struct listed_flow {
    const struct flow *flow;
    const struct sequencer *sequencer;
};

/* What became of its numbers. */
static inline struct sequence_figures listed_figures(const struct listed_flow *listed)
{
    return flow_figures(listed->sequencer, listed->flow);
}

/* Puts FLOWS in order: by lost packets, then bytes, both falling, then id. Returns 0, or -1: no
 * memory, and nothing was moved. */
int order_by_loss(struct listed_flow *flows, size_t count);

/* Puts FLOWS in the order of their ids alone. Returns 0, or -1 as above. */
int order_by_id(struct listed_flow *flows, size_t count);

#endif
