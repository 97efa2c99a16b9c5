/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence.h"

#include "base/units.h"
#include "track/arrival.h"

#define BITS_AT_LEAST 64
#define RUNS_BESIDES  65536 /* pending runs allowed beyond one a flow */

int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps)
{
    uint32_t bits = BITS_AT_LEAST;
    size_t space_bytes;

    while (bits < window)
        bits *= 2;
    space_bytes = sizeof(struct sequence_space) + bits / 8;
    *sequencer = (struct sequencer){.window = window, .window_mask = bits - 1, .gaps = gaps};
    if (pool_init(&sequencer->spaces, space_bytes, max_flows * ASSOCIATIONS_MAX) < 0 ||
        pool_init(&sequencer->runs, sizeof(struct missing_run), max_flows + RUNS_BESIDES) < 0) {
        sequencer_release(sequencer);
        return -1;
    }
    return 0;
}

void sequencer_release(struct sequencer *sequencer)
{
    pool_release(&sequencer->spaces);
    pool_release(&sequencer->runs);
}

/* The first frame of an association. Returns 0, or -1 when there is no memory for its space. */
static int open_space(struct arrival *arrival)
{
    struct flow *flow = arrival->flow;
    uint32_t handle = pool_take(&arrival->sequencer->spaces);
    int is_first = !flow_has_sequence(flow);

    if (handle == POOL_NONE)
        return -1;
    arrival->space = space_at(arrival->sequencer, handle);
    flow->space[arrival->association] = handle;
    if (is_first) {
        space_begin(arrival->sequencer, arrival->space, arrival->number, arrival->now_ns);
        flow->first_sequence = arrival->number;
        flow->current = (uint8_t)arrival->association;
    } else {
        *arrival->space = (struct sequence_space){.highest = 0};
        probation_receive_unbelieved(arrival);
    }
    return 0;
}

int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint32_t number, uint64_t now_ns)
{
    struct arrival arrival = {sequencer, flow, NULL, association, number, now_ns};
    int32_t distance;

    if (flow->space[association] == POOL_NONE)
        return open_space(&arrival);
    arrival.space = space_at(sequencer, flow->space[association]);
    if (!arrival.space->highest) {
        probation_receive_unbelieved(&arrival);
        return 0;
    }
    distance = (int32_t)(number - (uint32_t)arrival.space->highest);
    if (distance > JUMP_MAX || distance <= -(int32_t)sequencer->window) {
        probation_receive(&arrival, distance);
        return 0;
    }
    if (arrival.space->probation.count)
        probation_end(flow, arrival.space);
    if (distance > 0)
        window_advance(&arrival, (uint32_t)distance, now_ns);
    else
        window_arrive_below(&arrival, (uint32_t)-distance);
    return 0;
}

void sequence_flush(struct sequencer *sequencer, struct flow *flow)
{
    for (unsigned i = 0; i < ASSOCIATIONS_MAX; i++) {
        struct sequence_space *space;

        if (flow->space[i] == POOL_NONE)
            continue;
        space = space_at(sequencer, flow->space[i]);
        probation_end(flow, space);
        missing_expire(sequencer, flow, space, space->highest);
    }
}

void sequence_end(struct sequencer *sequencer, struct flow *flow)
{
    sequence_flush(sequencer, flow);
    for (unsigned i = 0; i < ASSOCIATIONS_MAX; i++) {
        if (flow->space[i] != POOL_NONE)
            pool_return(&sequencer->spaces, flow->space[i]);
        flow->space[i] = POOL_NONE;
    }
}

static void shift_space(const struct sequencer *sequencer, struct sequence_space *space,
                        int64_t step_ns)
{
    space->highest_ns = shift_time(space->highest_ns, step_ns);
    space->probation.first_ns = shift_time(space->probation.first_ns, step_ns);
    space->probation.second_ns = shift_time(space->probation.second_ns, step_ns);
    for (uint32_t i = space->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run *run = run_at(sequencer, i);

        run->before_ns = shift_time(run->before_ns, step_ns);
        run->after_ns = shift_time(run->after_ns, step_ns);
    }
}

void sequence_shift_time(struct sequencer *sequencer, struct flow *flow, int64_t step_ns)
{
    for (unsigned i = 0; i < ASSOCIATIONS_MAX; i++)
        if (flow->space[i] != POOL_NONE)
            shift_space(sequencer, space_at(sequencer, flow->space[i]), step_ns);
}

uint32_t sequence_last(const struct sequencer *sequencer, const struct flow *flow)
{
    return (uint32_t)space_at(sequencer, flow->space[flow->current])->highest;
}
