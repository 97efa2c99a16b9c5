/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sequence spaces: which numbers of one SA arrived, late, twice or never.
 *
 * Numbers are extended from 32 to 64 bits by the nearest distance to the highest seen (RFC 4303
 * appendix A, 802.1AE XPN recovery). A number that is missing is lost once the highest is a window
 * ahead of it. Nothing here is authenticated, and one frame must not invent a loss: a jump of more
 * than JUMP_MAX, or back beyond the window, or to a new SA beyond its first numbers, is on
 * probation until three frames in a row confirm it; a smaller jump is taken back when the frames
 * behind it go on from where the numbers were before.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_H
#define GAPWATCH_TRACK_SEQUENCE_H

#include <stdint.h>

#include "base/pool.h"
#include "track/blind.h"
#include "track/flow.h"
#include "track/gap.h"

#define WINDOW_DEFAULT 32
#define WINDOW_MAX     4096
#define JUMP_MAX       65536

/* Frames held back for longer than the window that may come in a row before a restart is possible.
 */
#define HELD_BACK_MAX 1024

/* A maximal run of missing numbers that the window has not passed yet. */
struct missing_run {
    uint64_t first;
    uint64_t last;
    uint64_t before_ns; /* arrival of first - 1 */
    uint64_t after_ns;  /* arrival of last + 1 */
    uint32_t next;      /* the run behind it, or POOL_NONE */
    uint32_t reserved;
};

/* Frames that jumped, held back until a third in a row confirms them or another frame ends it. */
struct probation {
    uint64_t first_ns;
    uint64_t second_ns;
    uint32_t first;
    uint16_t second_distance; /* of the second from the first; at most WINDOW_MAX */
    uint16_t count;           /* 0: nothing on probation */
};

struct sequence_space {
    /* Extended; starts at 2^32, so that numbers before the baseline exist. 0: a new association on
     * which no number was believed yet. */
    uint64_t highest;
    uint64_t highest_ns;
    uint32_t runs;      /* missing runs by rising number, or POOL_NONE */
    uint32_t last_run;  /* valid when there is one */
    uint32_t lost_from; /* the newest gap that was counted: 32-bit numbers */
    uint32_t lost_size; /* 0: none in this space */
    struct probation probation;
    uint64_t seen[]; /* a bit a number, at its number modulo the bits: arrived, if in the window */
};

_Static_assert(sizeof(struct sequence_space) == 56, "one cache line with the window of 32");

struct sequencer {
    uint32_t window;
    uint32_t window_mask; /* bits in `seen`, a power of two, minus one */
    struct pool spaces;
    struct pool runs;
    struct gap_log *gaps;     /* not owned, like the next */
    struct gap_log *new_gaps; /* gets them too, unless it is NULL */
    struct blind_spots blind; /* gaps that touch one are undetermined */
    uint64_t lost_by_cause[CAUSE_COUNT];
};

/* WINDOW is 1 to WINDOW_MAX; found gaps go to GAPS. Returns 0, or -1: no memory. */
int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps);
void sequencer_release(struct sequencer *sequencer);

/*
 * Counts frame NUMBER of ASSOCIATION, arrived at NOW_NS, in FLOW. Returns 0, or -1 when there was
 * no memory for a new space: the number is then not tracked.
 */
int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint32_t number, uint64_t now_ns);

/* Asks the processor for what receiving a frame of ASSOCIATION in FLOW will need. */
static inline void sequence_prefetch(const struct sequencer *sequencer, const struct flow *flow,
                                     unsigned association)
{
    if (flow->space[association] != POOL_NONE)
        __builtin_prefetch(pool_at(&sequencer->spaces, flow->space[association]));
}

/* The flow ends: what is still missing is lost. Its spaces are given back. */
void sequence_end(struct sequencer *sequencer, struct flow *flow);

/* The same for what is missing, but the flow may go on (final report of a stream). */
void sequence_flush(struct sequencer *sequencer, struct flow *flow);

/* The clock was set: every time of FLOW and its spaces moves by STEP_NS. */
void sequence_shift_time(struct sequencer *sequencer, struct flow *flow, int64_t step_ns);

/* Whether FLOW has a sequence space: TCP and UDP have none. */
static inline int flow_has_sequence(const struct flow *flow)
{
    return flow->space[flow->current] != POOL_NONE;
}

/* The highest number of the newest SA, as on the wire. FLOW has a sequence space. */
uint32_t sequence_last(const struct sequencer *sequencer, const struct flow *flow);

#endif
