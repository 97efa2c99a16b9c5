/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sequence numbers: which arrived, and which were late, duplicate or lost.
 *
 * Lost numbers are those that a receiver with this replay window did not accept, given the genuine
 * frames in the order of arrival. Frames cannot be authenticated here, so track/sequence/channel.h
 * decides which are genuine; one or two frames must not cause a loss.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_SEQUENCE_H
#define GAPWATCH_TRACK_SEQUENCE_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/origin.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "track/drop_periods.h"
#include "track/event.h"
#include "track/flow.h"
#include "track/peers/key_agreement.h"
#include "track/sequence/gap.h"
#include "track/sequence/sa.h"
#include "track/sequence/sa_log.h"

#define WINDOW_DEFAULT 32
#define WINDOW_MAX     4096

/* A flow whose first number is near 1 starts at 1 if it comes this long after the capture began. */
#define BORN_AFTER_NS (10 * NS_PER_SECOND)

struct mirrors;
struct moves;

struct sequencer {
    uint32_t window;
    uint32_t hypotheses; /* stances of all flows' hypotheses, in the order of use: */
    uint32_t oldest;
    uint32_t newest;
    uint32_t oldest_stray; /* strays of all flows, in the order in which they came */
    uint32_t newest_stray;
    struct pool positions;
    struct pool memories;
    struct pool runs;
    struct pool channels;
    struct pool stances;
    struct pool strays;           /* struct stray */
    struct pool reorders;         /* struct reorder, of SAs whose numbers were reordered */
    struct pool reorder_counts;   /* struct reorder_counts, of those with near numbers */
    struct pool receivers;        /* struct receiver */
    struct pool rates;            /* struct number_rates, of flows whose numbers may run out */
    struct gap_log *gaps;         /* not owned, like the next two members */
    struct gap_log *new_gaps;     /* gets new gaps as well, unless it is NULL */
    struct event_log *new_events; /* gets the events of flows; NULL: neither events nor */
    struct pool ended_sas;        /* ended SAs are kept */
    struct sa_log *sa_log;        /* gets ended SAs; NULL: they are not kept for a report */
    struct moves *moves;          /* peers that move; not owned; NULL: they are not looked for */
    struct drop_periods drops[ORIGINS_MAX + 1]; /* by origin, the last for all: gaps of flows that
                                                   came from there and touch one are undetermined */
    uint64_t began_ns;                          /* time of the first numbered frame; 0: none yet */
    const struct mirrors *mirrors;              /* not owned; NULL: none */
    const struct mka *mka;     /* MKA's information about MACsec channels; not owned */
    struct drop_period played; /* while frames are counted that the sensor missed: the span in
                                 which they came; else zeros */
    uint64_t clock_set_ns;     /* how much time passed at this time is unknown; 0: at none */
};

/* Makes SEQUENCER empty, for MAX_FLOWS flows. WINDOW is 1 to WINDOW_MAX. Gaps are added to GAPS,
 * which stays the caller's. Returns 0, or -1: no memory. */
int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps);
/* Frees everything that SEQUENCER holds. */
void sequencer_release(struct sequencer *sequencer);

/* Counts a frame of FLOW with NUMBER (as on the wire, of less than 63 bits) of ASSOCIATION (below
 * 256), which arrived at NOW_NS. Returns 0, or -1: no memory, and the number is not tracked. */
int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint64_t number, uint64_t now_ns);

/* Prefetches the memory for receiving a frame of FLOW. */
static inline void sequence_prefetch(const struct sequencer *sequencer, const struct flow *flow)
{
    if (flow->position != POOL_NONE) {
        const char *position = pool_at(&sequencer->positions, flow->position);

        prefetch_line(position);
        prefetch_line(position + 64); /* the last member that a number in order changes */
    }
    if (flow->channel != POOL_NONE)
        prefetch_line(pool_at(&sequencer->channels, flow->channel));
}

/* Ends FLOW: declares its missing numbers lost and frees its memory. */
void sequence_end(struct sequencer *sequencer, struct flow *flow);

/* Decides everything that is pending in FLOW, as at the end of a stream. The flow may go on. */
void sequence_flush(struct sequencer *sequencer, struct flow *flow);

/* The clock was set: moves all times of FLOW and its positions by STEP_NS. */
void sequence_shift_time(struct sequencer *sequencer, struct flow *flow, int64_t step_ns);

/* Whether the frames of FLOW are numbered; those of TCP and UDP are not. */
static inline int flow_has_sequence(const struct flow *flow)
{
    return flow->has_first;
}

/* The figures of all SAs of FLOW together, without provisional changes. */
struct sequence_figures flow_figures(const struct sequencer *sequencer, const struct flow *flow);

/* The advice for the receivers of FLOW, without provisional changes. */
struct replay_advice flow_advice(const struct sequencer *sequencer, const struct flow *flow);

/* Calls TAKE with CONTEXT for the SAs of FLOW that are not in the log of ended SAs, the newest
 * first. Provisional SAs are left out. Stops when TAKE returns -1. Returns that, or 0. */
int sequence_live_sas(const struct sequencer *sequencer, const struct flow *flow,
                      int (*take)(void *context, const struct sa_change *sa), void *context);

/*
 * Calls TAKE with CONTEXT for the SAs of FLOW, the newest first, back to the oldest that has
 * changed since sequence_forget_ended(). Provisional SAs are left out. Stops when TAKE returns -1.
 * Returns that, or 0.
 */
int sequence_sas(const struct sequencer *sequencer, const struct flow *flow,
                 int (*take)(void *context, const struct sa_change *sa), void *context);

/* Forgets the ended SAs of FLOW, which have been reported. */
void sequence_forget_ended(struct sequencer *sequencer, struct flow *flow);

/* The highest number of the newest SA of FLOW, as on the wire. FLOW has numbers. */
uint64_t sequence_last(const struct sequencer *sequencer, const struct flow *flow);

#endif
