/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A frame goes to a position that is not believed now: an earlier one, or a hypothesis. */
#include "track/channel.h"

/* Three in a row go on from the earlier position HANDLE: what was believed since was wrong. */
static void return_to(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance waiting = *stance_of(arrival->sequencer, handle);
    struct position *position = position_at(arrival->sequencer, handle);

    believe_undo(arrival, handle);
    if (waiting.left_by != CHANGE_JUMP)
        return; /* it took the three when they came */
    for (uint32_t i = 0; i < CONFIRM; i++) {
        int is_last = i == CONFIRM - 1;
        uint64_t each = is_last ? number : waiting.waiting[i];
        struct arrival at = *arrival;

        at.now_ns = is_last ? arrival->now_ns : waiting.waiting_ns[i];
        if (position_fits(position, each, arrival->sequencer->window))
            channel_go_on(&at, each);
        else
            channel_recall_at(&at, handle, each);
    }
}

/* NUMBER fits the earlier position HANDLE, which a jump left: the SA's receiver, which moved on,
 * refuses it. That it goes on there is believed when three in a row do. */
static void wait_at(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (channel_knows(arrival, handle, number)) {
        position->figures.duplicates++;
    } else if (position_gave_up(arrival->sequencer, position, number)) {
        position_take(arrival, position, number); /* it is late */
    } else if (stance->row == CONFIRM - 1) {
        return_to(arrival, handle, number);
    } else {
        stance->waiting[stance->row] = number;
        stance->waiting_ns[stance->row] = arrival->now_ns;
        stance->row++;
        channel_of(arrival)->has_row = 1;
    }
}

/* NUMBER fits the earlier position HANDLE: the receiver of an SA that a rekey or a restart ended
 * still takes what was delayed. */
static int feed_earlier(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    int taken;

    if (stance->left_by == CHANGE_JUMP && stance->is_closed) {
        channel_recall_at(arrival, handle, number);
        return 0;
    }
    if (stance->left_by == CHANGE_JUMP) {
        wait_at(arrival, handle, number);
        return 0;
    }
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    if (!stance->to_settle)
        missing_expire(sequencer, arrival->flow, position, position->highest - sequencer->window);
    if (stance->is_closed)
        return taken;
    channel_of(arrival)->has_row = 1;
    if (++stance->row >= CONFIRM)
        return_to(arrival, handle, number);
    return taken;
}

/* Copies by a mirror come among new numbers, but when the stream pauses many come in a row: then
 * most of them came before. */
static int is_confirmed(const struct stance *stance, const struct position *position)
{
    if (stance->of_copies)
        return stance->row >= CONFIRM_COPIES && 2 * stance->row >= position->distinct;
    return stance->row >= CONFIRM;
}

int channel_feed(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    int taken;

    stance->idle = 0;
    if (stance->is_earlier)
        return feed_earlier(arrival, handle, number);
    channel_touch(arrival, handle);
    channel_class(arrival, handle, number);
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    stance->row++;
    stance->beside++;
    channel_note_mixed(arrival, handle);
    if (is_confirmed(stance, position))
        believe(arrival, handle);
    return taken;
}
