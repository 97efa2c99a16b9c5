/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Figures summed over flows: those in the table and those that left it. */
#ifndef GAPWATCH_TRACK_SUMMARY_H
#define GAPWATCH_TRACK_SUMMARY_H

#include <stdint.h>

#include "outcome.h"
#include "track/flow.h"

struct summary {
    uint64_t flows;
    uint64_t packets;
    uint64_t bytes;
    uint64_t gaps;
    uint64_t lost[CAUSE_COUNT];
    uint64_t unobserved;
    uint64_t protocol_packets[OUTCOME_PROTOCOLS_END];
    uint64_t first_ns; /* valid when flows is not 0 */
    uint64_t last_ns;
    uint64_t max_gap; /* 0: no gap */
};

/* Adds FLOW, whose numbers have FIGURES. */
void summary_add_flow(struct summary *summary, const struct flow *flow,
                      const struct sequence_figures *figures);

/* Packets lost, whatever the cause. */
static inline uint64_t summary_lost(const struct summary *summary)
{
    return summary->lost[CAUSE_NETWORK] + summary->lost[CAUSE_UNDETERMINED];
}

/* Adds PART to TOTAL. They have no flow in common. */
void summary_add(struct summary *total, const struct summary *part);

#endif
