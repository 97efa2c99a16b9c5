/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs of frames that the sensor missed itself (include/record.h), in the counting of numbers. */
#include "track/arrival.h"

/* Whether the space has taken what arrived last: nothing is on probation. */
static int is_believed(const struct sequence_space *space)
{
    return space->highest && !space->probation.count;
}

/* Puts the space where the run starts. One that starts with a jump confirms it by itself. */
static int receive_start(struct sequencer *sequencer, struct flow *flow,
                         const struct missed_run *run)
{
    uint32_t span = run->last_sequence - run->first_sequence;
    unsigned frames = run->packets < FRAMES_CONFIRMING ? (unsigned)run->packets : FRAMES_CONFIRMING;

    for (uint32_t i = 0; i < frames && i <= span; i++) {
        if (sequence_receive(sequencer, flow, run->association, run->first_sequence + i,
                             run->first_ns) < 0)
            return -1;
        if (is_believed(space_at(sequencer, flow->space[run->association])))
            break;
    }
    return 0;
}

/* Numbers that no frame of the run had. Which ones is not known, only how many: one gap stands for
 * all, and its size is less than the distance between its ends. */
static void count_lost(struct sequencer *sequencer, struct flow *flow, const struct missed_run *run)
{
    struct gap gap = {
        .key = flow->key,
        .timestamp_ns = run->last_ns,
        .duration_ns = run->last_ns > run->first_ns ? run->last_ns - run->first_ns : 0,
        .expected_sequence = run->first_sequence + 1,
        .received_sequence = run->last_sequence,
        .size = run->lost < UINT32_MAX ? (uint32_t)run->lost : UINT32_MAX,
        .cause = CAUSE_NETWORK,
    };

    missing_count(sequencer, flow, &gap);
}

/* The run is behind records that were handed over first: its numbers are not missing after all. */
static void fill_window(const struct arrival *arrival, const struct missed_run *run)
{
    uint32_t highest = (uint32_t)arrival->space->highest;
    uint32_t below = highest - run->first_sequence;

    if (below >= arrival->sequencer->window)
        below = arrival->sequencer->window - 1;
    for (uint32_t distance = highest - run->last_sequence; distance <= below; distance++)
        window_fill(arrival, distance);
}

static void begin_anew(const struct arrival *arrival, const struct missed_run *run)
{
    missing_expire(arrival->sequencer, arrival->flow, arrival->space, arrival->space->highest);
    space_begin(arrival->sequencer, arrival->space, run->last_sequence, run->last_ns);
    arrival->flow->restarts += run->restarts;
}

int sequence_receive_missed(struct sequencer *sequencer, struct flow *flow,
                            const struct missed_run *run)
{
    struct arrival arrival = {.sequencer = sequencer,
                              .flow = flow,
                              .association = run->association % ASSOCIATIONS_MAX,
                              .number = run->last_sequence,
                              .now_ns = run->last_ns};
    int32_t distance;

    flow->figures.unobserved += run->packets;
    if (receive_start(sequencer, flow, run) < 0)
        return -1;
    arrival.space = space_at(sequencer, flow->space[arrival.association]);
    if (!is_believed(arrival.space))
        return 0;
    distance = (int32_t)(run->last_sequence - (uint32_t)arrival.space->highest);
    if (run->restarts)
        begin_anew(&arrival, run);
    else if (distance > 0)
        window_skip(&arrival, (uint32_t)distance, run->last_ns);
    else
        fill_window(&arrival, run);
    if (run->lost)
        count_lost(sequencer, flow, run);
    return 0;
}
