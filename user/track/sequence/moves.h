/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Peers that move: MOBIKE (RFC 4555), or a NAT that binds anew. Frames of the SA come from a new
 * source then, so they are another flow, whose numbers go on where those of the old one stopped.
 *
 * The new flow continues the old one when three of its numbers are near and above the old one's
 * highest number, and 64 numbers came to it while the old one sent no frame. As frames are
 * reordered, the first ones may be below that highest number, if the old flow has not got them (one
 * or two may be copies of its last ones), and frames of the old flow may still come. Until then it
 * is undecided what is missing in the new flow. From then on both are one receiver (joined.c).
 * Small SPIs are excluded, because senders share them. WireGuard's index is enough to know the SA
 * again where the peer that moved is the receiver, and so is OpenVPN's peer id, with the server's
 * address and port.
 *
 * When the old flow goes on where it stopped, or its numbers come to both flows, the peer had not
 * moved, and this is undone. When another SA follows in one of them, they go on alone.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_MOVES_H
#define GAPWATCH_TRACK_SEQUENCE_MOVES_H

#include <stdint.h>

#include "base/pool.h"
#include "track/flows/flow_table.h"
#include "track/peers/tie.h"

struct arrival;
struct sequencer;

struct moves {
    struct flow_table *table; /* not owned */
    struct pool sharers;      /* flows by SPI and destination, which several sources may share */
    struct pool pending;      /* moves, also those that are certain */
    uint32_t *buckets;        /* the first sharer of each hash, a power of two of them */
    uint32_t bucket_mask;
    struct tie_log ties;      /* of the whole capture, for the report */
    struct tie_log *new_ties; /* gets ties as well; not owned; NULL: ties are not collected */
};

/* Makes MOVES empty, for the flows of TABLE, which has at most MAX_FLOWS. Returns 0, or -1: no
 * memory. */
int moves_init(struct moves *moves, struct flow_table *table, uint32_t max_flows);
/* Frees everything that MOVES holds. */
void moves_release(struct moves *moves);

/* Adds a tie to the logs. */
void moves_tie(struct moves *moves, const struct tie *tie);

/* Whether a flow that is like KEY but for what may change has got numbers near NUMBER. */
int moves_know(const struct sequencer *sequencer, const struct flow_key *key, uint64_t number);

/* Called when the flow of ARRIVAL, a new one, has its first three numbers. Returns whether it may
 * continue another flow, so that its SA did not begin here. */
int moves_begin(const struct arrival *arrival);

/* Called before a frame with NUMBER, its lowest bits as on the wire, counts in the flow of ARRIVAL,
 * which takes part in a move (flow_moves()). Returns 1 when it was counted, as part of an SA of
 * several flows, or 0: it counts in the flow alone. */
int moves_receive(const struct arrival *arrival, uint64_t number);

/* Called after that frame was counted in the flow of ARRIVAL. */
void moves_after(const struct arrival *arrival);

/* Whether it is undecided what is missing in FLOW, as that may have come to the flow that it may
 * continue. */
int moves_withhold(const struct moves *moves, const struct flow *flow);

/* Called before FLOW leaves the table. If it comes back, its SA goes on from the flow before. */
void moves_leave(const struct sequencer *sequencer, struct flow *flow);

/* Whether FLOW may have moved, or may be where another one moved. */
static inline int flow_moves(const struct flow *flow)
{
    return (flow->came | flow->went) != POOL_NONE;
}

#endif
