/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The order of flows in a report. */
#ifndef GAPWATCH_REPORT_ORDER_H
#define GAPWATCH_REPORT_ORDER_H

#include <stddef.h>

#include "track/changes.h"
#include "track/flow.h"
#include "track/sequence.h"

/* A flow, and the sequencer that has its spaces: several trackers share a report. Of one that left
 * the table idle there is only what was known then. */
struct listed_flow {
    const struct flow *flow;
    const struct sequencer *sequencer;
    const struct flow_change *departed; /* NULL: it is in the table */
};

/* What became of its numbers. */
static inline struct sequence_figures listed_figures(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->figures
                            : flow_figures(listed->sequencer, listed->flow);
}

static inline int listed_has_sequence(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->has_sequence : flow_has_sequence(listed->flow);
}

/* As on the wire; it has a sequence. */
static inline uint32_t listed_last_sequence(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->last_sequence
                            : sequence_last(listed->sequencer, listed->flow);
}

/* Puts COUNT FLOWS in order: by packets that the network lost, then by all lost packets, then
 * bytes, all falling, then id. The first WANTED of them are in this order, and those behind are in
 * no order but come after them. Returns 0, or -1: no memory, and nothing was moved. */
int order_by_loss(struct listed_flow *flows, size_t count, size_t wanted);

/* Puts FLOWS in the order of their ids alone. Returns 0, or -1 as above. */
int order_by_id(struct listed_flow *flows, size_t count);

#endif
