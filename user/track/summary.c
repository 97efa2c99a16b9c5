/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/summary.h"

void summary_add_flow(struct summary *summary, const struct flow *flow)
{
    if (!summary->flows || flow->first_ns < summary->first_ns)
        summary->first_ns = flow->first_ns;
    if (flow->timing.last_ns > summary->last_ns)
        summary->last_ns = flow->timing.last_ns;
    if (flow->figures.max_gap > summary->max_gap)
        summary->max_gap = flow->figures.max_gap;
    summary->flows++;
    summary->packets += flow->packets;
    summary->bytes += flow->bytes;
    summary->gaps += flow->figures.gaps;
    summary->lost += flow->figures.lost;
    summary->unobserved += flow->figures.unobserved;
    summary->protocol_packets[flow->key.protocol] += flow->packets;
}
