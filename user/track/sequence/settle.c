/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Makes changes of the believed position final, and missing numbers lost. */
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/moves.h"
#include "track/sequence/refused.h"

void believe_tell(const struct arrival *arrival, enum track_event_kind kind, uint32_t handle,
                  uint64_t timestamp_ns)
{
    const struct position *position = position_at(arrival->sequencer, handle);
    struct track_event event = {
        .timestamp_ns = timestamp_ns,
        .key = arrival->flow->key,
        .value = kind == EVENT_SENDER_JUMP ? position->figures.skipped : 0,
        .kind = (uint8_t)kind,
        .association = position->association,
    };

    if (arrival->sequencer->new_events)
        event_log_add(arrival->sequencer->new_events, &event);
}

static void tell_change(const struct arrival *arrival, const struct stance *stance)
{
    static const enum track_event_kind kinds[] = {
        [CHANGE_JUMP] = EVENT_SENDER_JUMP,
        [CHANGE_RESTART] = EVENT_RESTART,
        [CHANGE_REKEY] = EVENT_REKEY,
    };

    if (stance->change == CHANGE_JUMP && !stance->is_sender_jump)
        return;
    believe_tell(arrival, kinds[stance->change], stance->self, stance->first_ns);
}

/* Closes the SAs before position HANDLE: they may go on, but this no longer undoes the rekey. */
static void close_before(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t before = stance_of(sequencer, handle)->before;

    for (; before != POOL_NONE; before = stance_of(sequencer, before)->before) {
        stance_of(sequencer, before)->is_closed = 1;
        distance_close(arrival, before);
    }
}

void believe_settle(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    struct position *before;

    if (!stance->to_settle)
        return;
    believe_settle(arrival, stance->before);
    before = position_at(sequencer, stance->before);
    stance->to_settle = 0;
    if (stance->change == CHANGE_JUMP) {
        position->generation = before->generation;
        believe_apply_refused(arrival, handle, before, position->start);
        if (!stance->is_sender_jump)
            missing_hand_over(arrival, before, position);
        position_give_up(sequencer, arrival->flow, before);
        position->last_gap = before->last_gap;
    } else {
        position->generation = channel_of(arrival)->next_generation++;
    }
    if (stance->change == CHANGE_REKEY)
        close_before(arrival, handle);
    arrival->flow->restarts += stance->change == CHANGE_RESTART;
    arrival->flow->rekeys += stance->change == CHANGE_REKEY;
    tell_change(arrival, stance);
}

/* The number up to which missing numbers at MAIN do not depend on hypothesis HANDLE. If HANDLE is
 * confirmed ahead, its receiver may have refused numbers that came since; if MAIN reaches it,
 * HANDLE has numbers that MAIN misses. */
static uint64_t untouched_until(const struct sequencer *sequencer, const struct position *main,
                                uint32_t handle)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);
    uint64_t until = stance->withheld_from - 1;

    if (!stance->of_copies && position->association == main->association &&
        position->highest > main->highest)
        until = least(until, position->lowest - 1);
    return until;
}

void believe_expire(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct position *main = believed(arrival);
    uint64_t last = main->highest - sequencer->window;

    if (main->runs == POOL_NONE || moves_withhold(sequencer->moves, flow))
        return;
    if (flow->channel != POOL_NONE) {
        const struct channel *channel = channel_of(arrival);

        last = least(last, strays_untouched_until(sequencer, &channel->strays, main));
        if (main->stance != POOL_NONE && stance_of(sequencer, flow->position)->to_settle)
            return;
        if (channel->hypotheses)
            FOR_OTHERS (sequencer, channel, handle, following)
                if (!stance_of(sequencer, handle)->is_earlier)
                    last = least(last, untouched_until(sequencer, main, handle));
    }
    missing_expire(sequencer, flow, main, last);
}

/* Where each jump follows before the one before is final, missing numbers would all be kept, and
 * handed on at each jump. */
void believe_expire_oldest(const struct arrival *arrival, uint32_t oldest)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, oldest);
    uint64_t last = least(position->highest - sequencer->window,
                          untouched_until(sequencer, position, arrival->flow->position));

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (handle != oldest)
            last = least(last, untouched_until(sequencer, position, handle));
    missing_expire(sequencer, arrival->flow, position, last);
}
