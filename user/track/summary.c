/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/summary.h"

#include <stddef.h>

void summary_add(struct summary *total, const struct summary *part)
{
    if (!part->flows)
        return;
    if (!total->flows || part->first_ns < total->first_ns)
        total->first_ns = part->first_ns;
    if (part->last_ns > total->last_ns)
        total->last_ns = part->last_ns;
    if (part->max_gap > total->max_gap)
        total->max_gap = part->max_gap;
    total->flows += part->flows;
    total->packets += part->packets;
    total->bytes += part->bytes;
    total->gaps += part->gaps;
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++)
        total->lost[i] += part->lost[i];
    total->unobserved += part->unobserved;
    for (size_t i = 0; i < OUTCOME_PROTOCOLS_END; i++)
        total->protocol_packets[i] += part->protocol_packets[i];
}

void summary_add_flow(struct summary *summary, const struct flow *flow,
                      const struct sequence_figures *figures)
{
    struct summary part = {
        .flows = 1,
        .packets = flow->packets,
        .bytes = flow->bytes,
        .gaps = figures->gaps,
        .lost = {figures->lost[CAUSE_NETWORK], figures->lost[CAUSE_UNDETERMINED]},
        .unobserved = flow->unobserved,
        .first_ns = flow->first_ns,
        .last_ns = flow->timing.last_ns,
        .max_gap = figures->max_gap,
    };

    part.protocol_packets[flow->key.protocol] = flow->packets;
    summary_add(summary, &part);
}
