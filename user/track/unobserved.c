/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs of frames that the sensor missed itself (include/missed.h), in the counting of numbers. */
#include "missed.h"
#include "track/arrival.h"

/* Whether the space has taken what arrived last: nothing is on probation. */
static int is_believed(const struct sequence_space *space)
{
    return space->highest && !space->probation.count;
}

/* Puts the space where the run starts; one that starts with a jump confirms it by itself. Returns
 * how many numbers that took, or -1: no memory. */
static int receive_start(struct sequencer *sequencer, struct flow *flow,
                         const struct missed_run *run)
{
    for (uint32_t i = 0; i < MISSED_EDGE; i++) {
        if (i && !(run->head >> i & 1))
            continue;
        if (sequence_receive(sequencer, flow, run->association, run->first_sequence + i,
                             run->first_ns) < 0)
            return -1;
        if (is_believed(space_at(sequencer, flow->space[run->association])))
            return (int)i + 1;
    }
    return MISSED_EDGE;
}

/* When number OFFSET of RUN came, had they come evenly. */
static uint64_t time_at(const struct missed_run *run, uint32_t offset)
{
    uint32_t span = run->last_sequence - run->first_sequence;

    if (offset >= span || run->last_ns < run->first_ns)
        return run->last_ns;
    return run->first_ns + (run->last_ns - run->first_ns) / span * offset;
}

/* A frame had number OFFSET of RUN. It is taken as seen also where it is not the newest, but is
 * neither late nor a duplicate: the run may be behind records that were handed over first. */
static void take_number(const struct arrival *arrival, const struct missed_run *run,
                        uint32_t offset)
{
    uint32_t number = run->first_sequence + offset;
    int32_t distance = (int32_t)(number - (uint32_t)arrival->space->highest);

    if (distance > 0)
        window_advance(arrival, (uint32_t)distance, time_at(run, offset));
    else if (distance > -(int32_t)arrival->sequencer->window)
        window_fill(arrival, (uint32_t)-distance);
}

/* Frames had the numbers FROM to UNTIL of RUN, but for some: which, nobody knows. */
static void take_middle(const struct arrival *arrival, const struct missed_run *run, uint32_t from,
                        uint32_t until)
{
    uint32_t window = arrival->sequencer->window;
    uint32_t highest = (uint32_t)arrival->space->highest;
    int32_t behind = (int32_t)(highest - (run->first_sequence + from));
    int32_t ahead = (int32_t)(run->first_sequence + until - highest);

    if (behind < 0) {
        take_number(arrival, run, from);
        ahead += behind;
    }
    for (int32_t back = behind < (int32_t)window ? behind : (int32_t)window - 1;
         back >= 0 && back >= -ahead; back--)
        window_fill(arrival, (uint32_t)back);
    if (ahead > 0)
        window_skip(arrival, (uint32_t)ahead, time_at(run, until));
}

/* LOST numbers of RUN, somewhere from EXPECTED to before RECEIVED, had no frame: one gap stands for
 * all, and its size may be less than the distance between its ends. */
static void count_lost(const struct arrival *arrival, const struct missed_run *run,
                       uint32_t expected, uint32_t received, uint64_t lost)
{
    struct gap gap = {
        .key = arrival->flow->key,
        .timestamp_ns = run->last_ns,
        .duration_ns = run->last_ns > run->first_ns ? run->last_ns - run->first_ns : 0,
        .first_number = expected,
        .last_number = (uint32_t)(received - 1),
        .expected_sequence = expected,
        .received_sequence = received,
        .size = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX,
        .cause = CAUSE_NETWORK,
    };

    if (lost)
        missing_count(arrival->sequencer, arrival->flow, &gap);
}

/* How many of the first COUNT bits are not set. */
static uint32_t count_unset(uint64_t bits, uint32_t count)
{
    return (uint32_t)__builtin_popcountll(~bits & MISSED_BITS(count));
}

/* Takes the numbers of RUN but for the first TAKEN. */
static void take_run(const struct arrival *arrival, const struct missed_run *run, uint32_t taken)
{
    uint32_t count = run->last_sequence - run->first_sequence + 1;
    uint32_t head = count < MISSED_EDGE ? count : MISSED_EDGE;
    uint32_t tail = count - head < MISSED_EDGE ? count - head : MISSED_EDGE;
    uint64_t known = count_unset(run->head, head) + count_unset(run->tail, tail);

    for (uint32_t i = taken; i < head; i++)
        if (run->head >> i & 1)
            take_number(arrival, run, i);
    if (head + tail < count) {
        take_middle(arrival, run, head, count - tail - 1);
        count_lost(arrival, run, run->first_sequence + head, run->first_sequence + count - tail,
                   run->lost > known ? run->lost - known : 0);
    }
    for (uint32_t i = tail; i-- > 0;)
        if (run->tail >> i & 1)
            take_number(arrival, run, count - 1 - i);
}

/* Of the numbers before the sender began anew, only the first is known, and how many were lost. */
static void take_run_with_restart(const struct arrival *arrival, const struct missed_run *run)
{
    missing_expire(arrival->sequencer, arrival->flow, arrival->space, arrival->space->highest);
    space_begin(arrival->sequencer, arrival->space, run->last_sequence, run->last_ns);
    arrival->flow->restarts++;
    count_lost(arrival, run, run->first_sequence + 1, run->last_sequence, run->lost);
}

int sequence_receive_missed(struct sequencer *sequencer, struct flow *flow,
                            const struct missed_run *run)
{
    struct arrival arrival = {.sequencer = sequencer,
                              .flow = flow,
                              .association = run->association % ASSOCIATIONS_MAX,
                              .number = run->last_sequence,
                              .now_ns = run->last_ns,
                              .was_seen = 1};
    int taken = receive_start(sequencer, flow, run);

    flow->unobserved += run->packets;
    if (taken < 0)
        return -1;
    arrival.space = space_at(sequencer, flow->space[arrival.association]);
    if (!is_believed(arrival.space))
        return 0;
    if (run->restarts)
        take_run_with_restart(&arrival, run);
    else
        take_run(&arrival, run, (uint32_t)taken);
    return 0;
}
