/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The order of flows in a report. */
#ifndef GAPWATCH_REPORT_ORDER_H
#define GAPWATCH_REPORT_ORDER_H

#include <stddef.h>

#include "track/flow.h"
#include "track/sequence/changes.h"
#include "track/sequence/sequence.h"

/* A flow in a report, and the sequencer that has its positions: several trackers share a report.
 * For a flow that left the table idle, there is only its last change. */
struct listed_flow {
    const struct flow *flow;
    const struct sequencer *sequencer;
    const struct flow_change *departed; /* NULL: the flow is in the table */
};

/* The figures of its numbers. */
static inline struct sequence_figures listed_figures(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->figures
                            : flow_figures(listed->sequencer, listed->flow);
}

/* The advice for its receivers. */
static inline struct replay_advice listed_advice(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->advice
                            : flow_advice(listed->sequencer, listed->flow);
}

/* The number space of its newest SA. */
static inline struct number_space listed_space(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->space
                            : number_space_of(listed->sequencer, listed->flow);
}

/* Whether its frames are numbered. */
static inline int listed_has_sequence(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->has_sequence : flow_has_sequence(listed->flow);
}

/* What MKA says of it. */
static inline struct mka_record listed_mka(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->mka
                            : mka_of_flow(listed->sequencer->mka, &listed->flow->key);
}

/* Its last number as on the wire. It has numbers. */
static inline uint64_t listed_last_sequence(const struct listed_flow *listed)
{
    return listed->departed ? listed->departed->last_sequence
                            : sequence_last(listed->sequencer, listed->flow);
}

/*
 * Sorts COUNT FLOWS by packets lost by the network, then undetermined loss, then bytes, each
 * falling, then by id. Only the first WANTED of them are in this order; the others come behind them
 * in any order. Returns 0, or -1: no memory, and FLOWS are unchanged.
 */
int order_by_loss(struct listed_flow *flows, size_t count, size_t wanted);

/* Sorts FLOWS by id. Returns as order_by_loss() does. */
int order_by_id(struct listed_flow *flows, size_t count);

#endif
