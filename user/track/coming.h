/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The records that come next. When the flows no longer fit the cache, memory accesses take most of
 * the time. So what a record needs is prefetched in steps, each some records before the next step
 * needs it, and the waits overlap. With 928,000 flows this is 2.5 times as fast; with 12,000 flows
 * that each have a hypothesis, 1.2 times.
 */
#ifndef GAPWATCH_TRACK_COMING_H
#define GAPWATCH_TRACK_COMING_H

#include "base/prefetch.h"
#include "track/sequence/prefetch.h"
#include "track/tracker.h"

#define COMING_STEPS 5
#define COMING_AHEAD 8  /* records from one step to the next */
#define COMING_MAX   64 /* records on their way: a power of two above COMING_STEPS * COMING_AHEAD */

struct coming {
    uint32_t hash[COMING_MAX];
    uint32_t guess[COMING_MAX]; /* the flows that they probably belong to */
    size_t channels_until;      /* before this turn some of these flows have a channel */
};

/* The hash of the key of record AT. */
static inline uint32_t coming_hash(const struct coming *coming, size_t at)
{
    return coming->hash[at % COMING_MAX];
}

/* The flow that record AT probably belongs to, or NULL. */
static inline const struct flow *coming_flow(const struct tracker *tracker,
                                             const struct coming *coming, size_t at)
{
    uint32_t guess = coming->guess[at % COMING_MAX];

    return guess == POOL_NONE ? NULL : flow_table_at(&tracker->table, guess);
}

/* The first step: where the flow of record AT is found. */
static inline void coming_find_slot(const struct tracker *tracker, struct coming *coming,
                                    const struct frame_record *record, size_t at)
{
    uint32_t hash = flow_table_hash(&tracker->table, &record->key);

    prefetch_line(record + COMING_AHEAD);
    coming->hash[at % COMING_MAX] = hash;
    flow_table_prefetch_slot(&tracker->table, hash);
}

/* The second step: its flow. */
static inline void coming_find_flow(const struct tracker *tracker, struct coming *coming, size_t at)
{
    const struct flow *flow;

    coming->guess[at % COMING_MAX] = flow_table_guess(&tracker->table, coming_hash(coming, at));
    flow = coming_flow(tracker, coming, at);
    if (flow)
        prefetch_memory(flow, FLOW_HOT_BYTES);
}

/* The third step: the flow's numbers. Most flows need no other. */
static inline void coming_find_position(const struct tracker *tracker, struct coming *coming,
                                        size_t at)
{
    const struct flow *flow = coming_flow(tracker, coming, at);

    if (!flow)
        return;
    sequence_prefetch(&tracker->sequencer, flow);
    if (flow->channel != POOL_NONE)
        coming->channels_until = at + COMING_STEPS * COMING_AHEAD;
}

/* The fourth and the fifth step, with PREFETCH. The flow may have lost its channel meanwhile. */
static inline void
coming_find_channel(const struct tracker *tracker, const struct coming *coming, size_t at,
                    void (*prefetch)(const struct sequencer *sequencer, const struct flow *flow))
{
    const struct flow *flow = coming_flow(tracker, coming, at);

    if (flow && flow->channel != POOL_NONE)
        prefetch(&tracker->sequencer, flow);
}

/* Takes each record one step further whose turn it is at I: the first step for record I, the
 * second for the one COMING_AHEAD before it, and so on. An index below 0 is a large one. */
static inline void coming_step(const struct tracker *tracker, struct coming *coming,
                               const struct frame_record *records, size_t count, size_t i)
{
    if (i < count)
        coming_find_slot(tracker, coming, &records[i], i);
    if (i - COMING_AHEAD < count)
        coming_find_flow(tracker, coming, i - COMING_AHEAD);
    if (i - 2 * COMING_AHEAD < count)
        coming_find_position(tracker, coming, i - 2 * COMING_AHEAD);
    if (i >= coming->channels_until)
        return;
    if (i - 3 * COMING_AHEAD < count)
        coming_find_channel(tracker, coming, i - 3 * COMING_AHEAD, prefetch_stance);
    if (i - 4 * COMING_AHEAD < count)
        coming_find_channel(tracker, coming, i - 4 * COMING_AHEAD, prefetch_receiver);
}

#endif
