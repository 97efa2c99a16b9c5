/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * One frame on its way through the counting, and the parts that work on it: the missing runs
 * (missing.c), the window (window.c), and what lies outside of it (probation.c). Only these and
 * sequence.c use this file.
 */
#ifndef GAPWATCH_TRACK_ARRIVAL_H
#define GAPWATCH_TRACK_ARRIVAL_H

#include "track/sequence.h"

struct arrival {
    struct sequencer *sequencer;
    struct flow *flow;
    struct sequence_space *space;
    unsigned association;
    uint32_t number;
    uint64_t now_ns;
};

static inline struct missing_run *run_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->runs, handle);
}

static inline struct sequence_space *space_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->spaces, handle);
}

/* --- missing.c --- */

/* Counts GAP in FLOW and logs it. */
void missing_count(struct sequencer *sequencer, struct flow *flow, const struct gap *gap);

/* Appends RUN to the pending ones; where there is no room for it, it is lost without waiting. */
void missing_append(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                    const struct missing_run *run);

/* The runs whose last number is at most LAST are lost: they become gaps. */
void missing_expire(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                    uint64_t last);

/* NUMBER arrived after all. Before the baseline nothing was missing, and no run holds it. */
void missing_fill(const struct arrival *arrival, uint64_t number);

/* --- window.c --- */

/* NUMBER, which arrived at NOW_NS, is the baseline: nothing before it is missing. */
void space_begin(const struct sequencer *sequencer, struct sequence_space *space, uint32_t number,
                 uint64_t now_ns);

/*
 * A new SA of a live flow starts with NUMBER at NOW_NS. Its numbers start at 1, so those before are
 * missing; but one that is further on than a believable jump was there before the sensor.
 */
void space_begin_rekeyed(const struct arrival *arrival, uint32_t number, uint64_t now_ns);

/* A number DISTANCE (at least 1) beyond the highest arrived at NOW_NS. */
void window_advance(const struct arrival *arrival, uint32_t distance, uint64_t now_ns);

/* A number DISTANCE below the highest, still in the window, arrived. */
void window_arrive_below(const struct arrival *arrival, uint32_t distance);

/* The highest moves on by DISTANCE (at least 1), at NOW_NS, over numbers that all count as seen. */
void window_skip(const struct arrival *arrival, uint32_t distance, uint64_t now_ns);

/* Takes the number DISTANCE below the highest, in the window, as seen; no frame of it is counted.
 */
void window_fill(const struct arrival *arrival, uint32_t distance);

/* Takes every number of the window as seen. */
void window_mark_all_seen(const struct arrival *arrival);

/* --- probation.c --- */

#define FRAMES_CONFIRMING 3

/* A number DISTANCE from the highest, ahead of what is believed at once or behind the window. */
void probation_receive(const struct arrival *arrival, int32_t distance);

/* A frame of an association on which nothing was believed yet, in a flow that has another one. */
void probation_receive_unbelieved(const struct arrival *arrival);

/* The frames on probation were not confirmed. */
void probation_end(struct flow *flow, struct sequence_space *space);

#endif
