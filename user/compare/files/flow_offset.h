/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds how much later the frames of one flow come to B than to A, by the clocks there. */
#ifndef GAPWATCH_COMPARE_FILES_FLOW_OFFSET_H
#define GAPWATCH_COMPARE_FILES_FLOW_OFFSET_H

#include "compare/match/align.h"

/* Puts PAIRS in the order that flow_offset() needs. */
void flow_offsets_prepare(struct pairs *pairs);

/*
 * The time at B minus that at A, in nanoseconds, of the fastest frames of a flow, whose SAs at A
 * are the COUNT at SAS. Flows from B to A have another one than those from A to B: the delays of
 * both ways lie between them. A restarted sender used its numbers at other times, too, which lie
 * farther from the offset of most SAs. If PAIRS have no frames of the flow, it is this offset.
 */
int64_t flow_offset(const struct pairs *pairs, const struct point_sa *sas, size_t count);

#endif
