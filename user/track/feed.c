/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Handles a frame at a position that is not believed: an earlier one, or a hypothesis. */
#include "track/peers/key_agreement.h"
#include "track/sequence/channel.h"

/* Called when three numbers in a row continued earlier position HANDLE, so that later changes were
 * wrong. */
static void return_to(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance waiting = *stance_of(arrival->sequencer, handle);
    struct position *position = position_at(arrival->sequencer, handle);

    believe_undo(arrival, handle);
    if (waiting.left_by != CHANGE_JUMP)
        return; /* it has taken the three already */
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

/* NUMBER fits earlier position HANDLE, which was left by a jump. The SA's receiver has moved on and
 * refuses it; only three in a row show that the jump was wrong. */
static void wait_at(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (channel_knows(arrival, handle, number)) {
        position->figures.duplicates++;
    } else if (position_gave_up(arrival->sequencer, position, number)) {
        position_take(arrival, position, number); /* as late */
    } else if (stance->row == CONFIRM - 1) {
        return_to(arrival, handle, number);
    } else {
        stance->waiting[stance->row] = number;
        stance->waiting_ns[stance->row] = arrival->now_ns;
        stance->row++;
        channel_of(arrival)->has_row = 1;
    }
}

/* The position that took over from earlier position HANDLE. */
static uint32_t successor(const struct arrival *arrival, uint32_t handle)
{
    uint32_t at = arrival->flow->position;

    while (stance_of(arrival->sequencer, at)->before != handle)
        at = stance_of(arrival->sequencer, at)->before;
    return at;
}

/* The old SA at position HANDLE, which a rekey left, got a number above all others. Its sender
 * should have stopped when the new one began; after some time that is an event, unless MKA showed
 * the same failure before. */
static void note_overdue(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t next = successor(arrival, handle);
    uint64_t began_ns = stance_of(sequencer, next)->first_ns;
    struct track_event event = {
        .timestamp_ns = arrival->now_ns,
        .key = arrival->flow->key,
        .value = arrival->now_ns - began_ns,
        .kind = EVENT_ROLLOVER_FAILED,
        .association = position_at(sequencer, handle)->association,
    };

    if (arrival->now_ns <= began_ns + OVERDUE_NS || stance->overdue >= OVERDUE)
        return;
    if (++stance->overdue == OVERDUE && sequencer->new_events &&
        !(sequencer->mka && mka_has_told(sequencer->mka, &arrival->flow->key,
                                         position_at(sequencer, next)->association)))
        event_log_add(sequencer->new_events, &event);
}

/* NUMBER fits earlier position HANDLE. After a rekey or a restart, the receiver of the old SA still
 * accepts delayed frames. */
static int feed_earlier(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    uint64_t was_highest;
    int taken;

    if (stance->left_by == CHANGE_JUMP && stance->is_closed) {
        channel_recall_at(arrival, handle, number);
        return 0;
    }
    if (stance->left_by == CHANGE_JUMP) {
        wait_at(arrival, handle, number);
        return 0;
    }
    was_highest = position->highest;
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    if (stance->is_closed && stance->left_by == CHANGE_REKEY && number > was_highest)
        note_overdue(arrival, handle);
    if (!stance->to_settle)
        missing_expire(sequencer, arrival->flow, position, position->highest - sequencer->window);
    if (stance->is_closed)
        return taken;
    channel_of(arrival)->has_row = 1;
    if (++stance->row >= CONFIRM)
        return_to(arrival, handle, number);
    return taken;
}

/* Whether the copies at POSITION may be those of a sender that restarted: it begins near the first
 * number, and where it began in the window of the SA, none of that SA's new numbers came since. */
static int may_be_restart(const struct arrival *arrival, const struct stance *stance,
                          const struct position *position)
{
    if (!stance->copies_end)
        return 1;
    if (position_on_wire(position, position->lowest) > SETTLE_NUMBERS)
        return 0;
    return stance->founder + arrival->sequencer->window <= stance->copies_end ||
           stance->row == position->distinct;
}

/* Whether hypothesis HANDLE is confirmed. A mirror's copies come among new numbers, but many in a
 * row when the stream pauses; most of their numbers have come before, then. */
static int is_confirmed(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);

    if (!stance->of_copies)
        return stance->row >= CONFIRM;
    return stance->row >= CONFIRM_COPIES && 2 * stance->row >= position->distinct &&
           (position->association != believed(arrival)->association ||
            may_be_restart(arrival, stance, position));
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
    if (is_confirmed(arrival, handle))
        believe(arrival, handle);
    else
        channel_note_mixed(arrival, handle);
    return taken;
}
