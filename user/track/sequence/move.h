/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A move of a peer, for the files about moves only. */
#ifndef GAPWATCH_TRACK_SEQUENCE_MOVE_H
#define GAPWATCH_TRACK_SEQUENCE_MOVE_H

#include "numbered.h"
#include "track/sequence/channel.h"
#include "track/sequence/moves.h"

#define NEAR          4096 /* numbers from where the old flow stopped to where the new one began */
#define CONTRADICTING 3    /* frames that show that there are two senders */

struct move {
    struct flow *from;
    struct flow *to;
    uint64_t base;    /* numbers that TO had received when FROM last sent */
    uint64_t last;    /* FROM's highest number when it began */
    uint64_t start;   /* where TO's SA started before the two were joined ... */
    uint64_t joined;  /* ... and where it starts since */
    size_t gap_index; /* number of logged gaps then */
    uint32_t from_sa; /* generation of the SA of FROM that is the one of TO */
    uint32_t to_sa;
    uint32_t older;       /* an earlier move to TO, or POOL_NONE */
    uint8_t is_certain;   /* both flows are one SA */
    uint8_t is_return;    /* FROM is where the peer of TO had gone to: they have long been one SA */
    uint8_t contradicted; /* frames that contradict it */
    uint8_t reserved;
    uint64_t contradicting[CONTRADICTING - 1]; /* their numbers, if it is certain */
};

/* The move with HANDLE. */
static inline struct move *move_at(const struct moves *moves, uint32_t handle)
{
    return pool_at(&moves->pending, handle);
}

/* Whether it is known that the flows of move HANDLE are one SA. */
static inline int is_decided(const struct moves *moves, uint32_t handle)
{
    return handle != POOL_NONE &&
           (move_at(moves, handle)->is_certain || move_at(moves, handle)->is_return);
}

/* Whether FLOW's peer has left it for certain. */
static inline int move_has_left(const struct moves *moves, const struct flow *flow)
{
    return flow->went != POOL_NONE && move_at(moves, flow->went)->is_certain;
}

/* How far NUMBER is ahead of OTHER, both numbers like those of FLOW; negative: behind. */
static inline int64_t distance(const struct flow *flow, uint64_t number, uint64_t other)
{
    return (int64_t)(number_extend(other, number, number_bits(flow->key.protocol)) - other);
}

/* How far NUMBER is ahead of the highest number of POSITION; negative: behind. */
static inline int64_t ahead_of(const struct position *position, uint64_t number)
{
    return (int64_t)(position_extend(position, number) - position->highest);
}

/* The believed position of FLOW. */
static inline struct position *position_of(const struct sequencer *sequencer,
                                           const struct flow *flow)
{
    return position_at(sequencer, flow->position);
}

/* Whether NUMBER came to POSITION, as far as it remembers. */
static inline int has_number(const struct sequencer *sequencer, const struct position *position,
                             uint64_t number)
{
    return number >= position->lowest && position_remembers(position, number) &&
           position_saw(sequencer, position, number);
}

/* --- moves.c --- */

/* The flow at which the SA of FLOW is now, after its certain moves: FLOW itself if it did not move,
 * or if another SA followed it. */
struct flow *newest_of(const struct sequencer *sequencer, struct flow *flow);

/* Begins a move that is not certain yet, and ends another one of FROM that is not certain. Returns
 * it, or NULL: no memory. */
struct move *move_begin(const struct sequencer *sequencer, struct flow *from, struct flow *to);

/* Called when the flow of ARRIVAL goes on with its SA: if its peer was elsewhere, it seems to be
 * back. */
void move_begin_return(const struct arrival *arrival);

/* Ends the move with HANDLE: its flows are two SAs. */
void move_drop(struct moves *moves, uint32_t handle);

/* Undoes the certain move HANDLE: its flows belong to two senders. */
void move_undo(const struct arrival *arrival, uint32_t handle);

/* Marks FLOW as used: its figures changed without a frame of it, and must be collected. */
void move_touch(const struct moves *moves, const struct flow *flow);

/* --- joined.c --- */

/* How many numbers came to both flows of MOVE. */
uint32_t join_shared(const struct sequencer *sequencer, const struct move *move);

/* How many numbers came to the new flow of MOVE above the highest of the old one. */
uint32_t join_above(const struct sequencer *sequencer, const struct move *move);

/* Whether the first position of FLOW that is kept begins near LAST, the highest number of a flow
 * that it may continue. Frames are reordered, so it may begin below that. */
int join_begins_near(const struct sequencer *sequencer, const struct flow *flow, uint64_t last);

/* Notes in MOVE which SAs of its flows are one. */
void join_note(const struct sequencer *sequencer, struct move *move);

/* Whether the flows of move HANDLE are one SA, and neither has another one since. */
int is_joined(const struct sequencer *sequencer, uint32_t handle);

/* Makes the flows of MOVE one SA: up to the highest number of the old flow its numbers are missing
 * there, and above in the new one, if they came to neither. */
void join(const struct arrival *arrival, struct move *move);

/* Takes that back. */
void unjoin(const struct arrival *arrival, const struct move *move);

/* Raises the highest number of FROM to that of TO, another flow of the same SA. */
void join_follow(const struct sequencer *sequencer, const struct flow *from, const struct flow *to);

/* Receives NUMBER, if what it means is that it came to an SA of several flows. Returns 1, or 0: it
 * is to be received as if the flow were alone. */
int join_receive(const struct arrival *arrival, uint64_t number);

#endif
