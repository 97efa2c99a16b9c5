/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The SAs of a flow. Each has one or more positions, joined where numbers jumped. */
#include "track/sequence/sa.h"

#include "track/sequence/channel.h"
#include "track/sequence/distance.h"

/* An ended SA that was not reported yet. */
struct ended_sa {
    struct sa_change sa;
    uint32_t next;
};

int sequence_init_ended(struct sequencer *sequencer, uint32_t limit)
{
    return pool_init(&sequencer->ended_sas, sizeof(struct ended_sa), limit);
}

/* The SA whose last position is HANDLE. Sets AFTER to the position before the SA, or POOL_NONE. */
static struct sa_change describe(const struct sequencer *sequencer, const struct flow *flow,
                                 uint32_t handle, uint32_t *after)
{
    const struct position *position = position_at(sequencer, handle);
    struct sa_change sa = {
        .key = flow->key,
        .last_sequence = position->highest - position_zero(sequencer, position),
        .last_ns = position->highest_ns,
        .steady_ns =
            shift_time(position->highest_ns,
                       -((int64_t)(position->pauses[0] + position->pauses[1]) << PAUSE_SHIFT)),
        .generation = position->generation,
        .ports = flow->first_ports,
        .association = position->association,
        .has_ended = handle != flow->position,
        .advice = distance_advice(sequencer, flow, handle),
    };

    *after = POOL_NONE;
    for (;;) {
        const struct stance *stance = NULL;

        position = position_at(sequencer, handle);
        figures_add(&sa.figures, &position->figures);
        sa.first_sequence =
            position_sa_start(sequencer, position) - position_zero(sequencer, position);
        sa.first_ns = flow->first_ns;
        if (position->stance == POOL_NONE)
            return sa;
        stance = stance_at(sequencer, position->stance);
        sa.first_ns = stance->first_ns;
        *after = stance->before;
        if (stance->change != CHANGE_JUMP || stance->before == POOL_NONE)
            return sa;
        handle = stance->before;
    }
}

uint32_t sequence_settled(const struct sequencer *sequencer, const struct flow *flow)
{
    uint32_t handle = flow->position;

    while (position_at(sequencer, handle)->stance != POOL_NONE &&
           stance_of(sequencer, handle)->to_settle)
        handle = stance_of(sequencer, handle)->before;
    return handle;
}

/* The SA of FLOW, which had a single number so far. */
static struct sa_change describe_first(const struct flow *flow)
{
    return (struct sa_change){
        .key = flow->key,
        .first_sequence = flow->first_sequence,
        .last_sequence = flow->first_sequence,
        .first_ns = flow->first_ns,
        .last_ns = flow->first_ns,
        .steady_ns = flow->first_ns,
        .ports = flow->first_ports,
        .association = flow->association,
        .figures.received = 1,
        .advice = reorder_advice(NULL),
    };
}

int sequence_live_sas(const struct sequencer *sequencer, const struct flow *flow,
                      int (*take)(void *context, const struct sa_change *sa), void *context)
{
    uint32_t handle;

    if (flow->position == POOL_NONE) {
        struct sa_change first = describe_first(flow);

        return take(context, &first);
    }
    handle = sequence_settled(sequencer, flow);
    while (handle != POOL_NONE) {
        uint32_t after;
        struct sa_change sa = describe(sequencer, flow, handle, &after);

        sa.has_ended = handle != sequence_settled(sequencer, flow);
        if (take(context, &sa) < 0)
            return -1;
        handle = after;
    }
    return 0;
}

int sequence_sas(const struct sequencer *sequencer, const struct flow *flow,
                 int (*take)(void *context, const struct sa_change *sa), void *context)
{
    if (sequence_live_sas(sequencer, flow, take, context) < 0)
        return -1;
    if (flow->channel == POOL_NONE)
        return 0;
    for (uint32_t i = channel_at(sequencer, flow->channel)->ended; i != POOL_NONE;) {
        const struct ended_sa *ended = pool_at(&sequencer->ended_sas, i);

        if (take(context, &ended->sa) < 0)
            return -1;
        i = ended->next;
    }
    return 0;
}

static void keep(struct sequencer *sequencer, const struct flow *flow, uint32_t handle,
                 int was_undone)
{
    struct channel *channel = channel_at(sequencer, flow->channel);
    struct ended_sa *ended;
    uint32_t kept, after;

    if (!sequencer->new_events)
        return;
    kept = pool_take(&sequencer->ended_sas);
    if (kept == POOL_NONE)
        return;
    ended = pool_at(&sequencer->ended_sas, kept);
    ended->sa = describe(sequencer, flow, handle, &after);
    ended->sa.has_ended = 1;
    if (was_undone) {
        ended->sa.figures = (struct sequence_figures){0};
        ended->sa.advice = reorder_advice(NULL);
    }
    ended->next = channel->ended;
    channel->ended = kept;
}

void sequence_keep_ended(struct sequencer *sequencer, const struct flow *flow, uint32_t handle)
{
    uint32_t after;
    struct sa_change sa;

    if (sequencer->sa_log) {
        sa = describe(sequencer, flow, handle, &after);
        sa_log_add(sequencer->sa_log, &sa);
    }
    keep(sequencer, flow, handle, 0);
}

void sequence_keep_undone(struct sequencer *sequencer, const struct flow *flow, uint32_t handle)
{
    keep(sequencer, flow, handle, 1);
}

void sequence_forget_ended(struct sequencer *sequencer, struct flow *flow)
{
    struct channel *channel;

    if (flow->channel == POOL_NONE)
        return;
    channel = channel_at(sequencer, flow->channel);
    while (channel->ended != POOL_NONE) {
        const struct ended_sa *ended = pool_at(&sequencer->ended_sas, channel->ended);
        uint32_t next = ended->next;

        pool_return(&sequencer->ended_sas, channel->ended);
        channel->ended = next;
    }
}

uint64_t sequence_last(const struct sequencer *sequencer, const struct flow *flow)
{
    const struct position *position;

    if (flow->position == POOL_NONE)
        return flow->first_sequence;
    position = position_at(sequencer, sequence_settled(sequencer, flow));
    return position_on_wire(position, position->highest);
}

struct sequence_figures flow_figures(const struct sequencer *sequencer, const struct flow *flow)
{
    struct sequence_figures figures = {0};
    uint32_t handle;

    if (flow->position == POOL_NONE) {
        figures.received = flow->has_first;
        return figures;
    }
    if (flow->channel != POOL_NONE)
        figures = channel_at(sequencer, flow->channel)->former;
    for (handle = sequence_settled(sequencer, flow); handle != POOL_NONE;) {
        const struct position *position = position_at(sequencer, handle);

        figures_add(&figures, &position->figures);
        handle = position->stance == POOL_NONE ? POOL_NONE
                                               : stance_at(sequencer, position->stance)->before;
    }
    return figures;
}
