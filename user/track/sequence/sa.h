/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An SA of a flow, with the figures of its numbers. */
#ifndef GAPWATCH_TRACK_SEQUENCE_SA_H
#define GAPWATCH_TRACK_SEQUENCE_SA_H

#include <stdint.h>

#include "track/flow.h"
#include "track/sequence/reorder.h"

/* Why no more frames of an SA are expected. */
enum sa_end {
    SA_GOES_ON,
    SA_ENDED, /* another SA of its flow took over, or the capture ended */
    SA_LEFT,  /* its flow was idle, or there was no more room for it */
};

/* An SA as it is now. A later change replaces an earlier one. */
struct sa_change {
    struct flow_key key;
    uint64_t first_sequence; /* extended to 64 bits, like the next member (see struct gap) */
    uint64_t last_sequence;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t steady_ns;  /* about when its third highest number came, because one or two frames may
                            be forged */
    uint32_t generation; /* number of SAs that the flow had before it */
    uint32_t ports;      /* of the datagrams around the flow's first frame; 0: none */
    uint8_t association;
    uint8_t has_ended; /* enum sa_end */
    uint8_t reserved[2];
    struct sequence_figures figures;
    struct replay_advice advice;
};

struct sequencer;

/* The newest position of FLOW that is not provisional. */
uint32_t sequence_settled(const struct sequencer *sequencer, const struct flow *flow);

/* Prepares for at most LIMIT ended SAs that were not reported. Returns 0, or -1: no memory. */
int sequence_init_ended(struct sequencer *sequencer, uint32_t limit);

/* Keeps the ended SA of FLOW whose last position is HANDLE, which is about to be freed. */
void sequence_keep_ended(struct sequencer *sequencer, const struct flow *flow, uint32_t handle);

/* Keeps the SA of FLOW whose last position is HANDLE as sequence_keep_ended() does, but with all
 * figures 0, because its change was undone. */
void sequence_keep_undone(struct sequencer *sequencer, const struct flow *flow, uint32_t handle);

#endif
