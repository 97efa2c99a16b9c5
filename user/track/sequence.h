/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sequence numbers: which of them arrived, late, twice or never.
 *
 * What is lost is what a receiver with this replay window did not accept, given the genuine frames
 * in the order in which they came by. Nothing here is authenticated, so which frames are genuine is
 * a matter of belief: see track/channel.h. One or two frames must not invent a loss.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_H
#define GAPWATCH_TRACK_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "track/blind.h"
#include "track/event.h"
#include "track/flow.h"
#include "track/gap.h"
#include "track/sa.h"

#define WINDOW_DEFAULT 32
#define WINDOW_MAX     4096

/* A flow whose first number is near 1 starts at 1 when it comes so long after the capture began. */
#define BORN_AFTER_NS (10 * NS_PER_SECOND)

struct sequencer {
    uint32_t window;
    uint32_t hypotheses; /* of all flows; stances, by their last use: */
    uint32_t oldest;
    uint32_t newest;
    struct pool positions;
    struct pool memories;
    struct pool runs;
    struct pool channels;
    struct pool stances;
    struct gap_log *gaps;         /* not owned, like the next two */
    struct gap_log *new_gaps;     /* gets them too, unless it is NULL */
    struct event_log *new_events; /* gets what happens to flows; NULL: nobody asks for that, nor */
    struct pool ended_sas;        /* for these */
    struct blind_spots blind;     /* gaps that touch one are undetermined */
    uint64_t began_ns;            /* the first frame of all; 0: none yet */
    struct blind_spot played;     /* while frames are played that the sensor missed: each of them
                                     came at some time in it; else zeros */
};

/* WINDOW is 1 to WINDOW_MAX; found gaps go to GAPS. Returns 0, or -1: no memory. */
int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps);
void sequencer_release(struct sequencer *sequencer);

/*
 * Counts frame NUMBER of ASSOCIATION (below ASSOCIATIONS_MAX), arrived at NOW_NS, in FLOW. Returns
 * 0, or -1 when there was no memory: the number is then not tracked.
 */
int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint32_t number, uint64_t now_ns);

/* Asks the processor for what receiving a frame in FLOW will need. */
static inline void sequence_prefetch(const struct sequencer *sequencer, const struct flow *flow)
{
    if (flow->position != POOL_NONE) {
        const char *position = pool_at(&sequencer->positions, flow->position);

        __builtin_prefetch(position);
        __builtin_prefetch(position + 64);
        __builtin_prefetch(position + 72); /* what a number in order changes ends here */
    }
}

/* The flow ends: what is still missing is lost. Its memory is given back. */
void sequence_end(struct sequencer *sequencer, struct flow *flow);

/* The same for what is missing and undecided, but the flow may go on (final report of a stream). */
void sequence_flush(struct sequencer *sequencer, struct flow *flow);

/* The clock was set: every time of FLOW and its positions moves by STEP_NS. */
void sequence_shift_time(struct sequencer *sequencer, struct flow *flow, int64_t step_ns);

/* Whether the frames of FLOW are numbered: those of TCP and UDP are not. */
static inline int flow_has_sequence(const struct flow *flow)
{
    return flow->has_first;
}

/* The figures of all SAs of FLOW together, without what is provisional. */
struct sequence_figures flow_figures(const struct sequencer *sequencer, const struct flow *flow);

/* Calls TAKE with CONTEXT for each SA of FLOW, from the newest to the oldest that has changed since
 * sequence_forget_ended(). An SA that is provisional is not among them. Stops when TAKE returns -1,
 * and returns that, or 0. */
int sequence_sas(const struct sequencer *sequencer, const struct flow *flow,
                 int (*take)(void *context, const struct sa_change *sa), void *context);

/* The SAs of FLOW that are over need not be told again. */
void sequence_forget_ended(struct sequencer *sequencer, struct flow *flow);

/* The highest number of the newest SA, as on the wire. FLOW has a sequence. */
uint32_t sequence_last(const struct sequencer *sequencer, const struct flow *flow);

#endif
