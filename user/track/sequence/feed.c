/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Handles a frame at a position that is not believed: an earlier one, or a hypothesis. */
#include "track/peers/key_agreement.h"
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/fits.h"

/* Called when three numbers in a row continued earlier position HANDLE: undoes the changes since
 * then. */
static void return_to(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance waiting = *stance_of(arrival->sequencer, handle);
    struct position *position = position_at(arrival->sequencer, handle);

    believe_undo(arrival, handle);
    if (waiting.left_by != CHANGE_JUMP)
        return; /* it has taken these three numbers already */
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

/* The position that took over from earlier position HANDLE. */
static uint32_t successor(const struct arrival *arrival, uint32_t handle)
{
    uint32_t at = arrival->flow->position;

    while (stance_of(arrival->sequencer, at)->before != handle)
        at = stance_of(arrival->sequencer, at)->before;
    return at;
}

/* Whether earlier position HANDLE, which was left by a jump, is the slower path of its SA: the
 * position ahead is in the memory, and went on. */
static int is_slower(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t next = successor(arrival, handle);

    return (stance_of(sequencer, next)->believed_as == CHANGE_JUMP ||
            position_at(sequencer, next)->distinct >= FEW) &&
           position_at(sequencer, next)->lowest <=
               position_at(sequencer, handle)->highest + MEMORY_NUMBERS;
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
    } else if (stance->row == CONFIRM - 1 && is_slower(arrival, handle)) {
        channel_break_row(arrival, handle);
        channel_mark_late(arrival, handle, number);
    } else if (stance->row == CONFIRM - 1) {
        return_to(arrival, handle, number);
    } else {
        stance->waiting[stance->row] = number;
        stance->waiting_ns[stance->row] = arrival->now_ns;
        stance->row++;
        channel_of(arrival)->has_row = 1;
    }
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

/* Whether the copies at POSITION may be those of a sender that restarted: where it began in the
 * window of the SA, hardly any of that SA's new numbers came since. */
static int may_be_restart(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);

    return !stance->copies_end ||
           stance->founder + arrival->sequencer->window <= stance->copies_end ||
           channel_came_alone(arrival->sequencer, handle);
}

/* Whether few numbers of POSITION with STANCE came above all but one or two of those before: a
 * mirror delays copies at random. Of a sender's, half do over two paths, and most in a queue. */
static int is_in_any_order(const struct stance *stance, const struct position *position)
{
    return UINT64_C(3) * stance->in_order < position->distinct;
}

/* Whether HANDLE is a hypothesis of copies that nothing contradicted. */
static int is_undisputed(const struct sequencer *sequencer, uint32_t handle)
{
    const struct stance *stance = stance_of(sequencer, handle);

    return !stance->is_earlier && stance->of_copies && stance->row >= CONFIRM &&
           stance->row == position_at(sequencer, handle)->distinct;
}

uint32_t channel_first_copies(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    if (!is_undisputed(sequencer, handle))
        return POOL_NONE;
    FOR_OTHERS (sequencer, channel_of(arrival), other, following) {
        const struct position *from = position_at(sequencer, other);

        if (is_undisputed(sequencer, other) && from->association == position->association &&
            !channel_is_late(sequencer, other) && position->lowest > from->highest &&
            position->lowest - from->highest <= JUMP_MAX && from->last_ns <= stance->first_ns &&
            stance_of(sequencer, other)->founded_at < stance->founded_at)
            return other;
    }
    return POOL_NONE;
}

/* Whether hypothesis HANDLE is confirmed. A mirror's copies come among new numbers, but many in a
 * row when the stream pauses; most of their numbers have come before, then. A first position of one
 * or two numbers may be forged: nothing is a copy of it. */
static int is_confirmed(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);
    uint32_t row = channel_row(arrival->sequencer, handle);
    uint32_t risen = stance->risen_in_row;
    uint32_t first;

    if (!stance->of_copies)
        return stance->row >= CONFIRM && (!stance->rose_after || stance->since_rise >= CONFIRM ||
                                          stance->row >= CONFIRM_RISING);
    if (channel_came_alone(arrival->sequencer, handle))
        risen = stance->risen;
    if (is_in_any_order(stance, position) || (stance->has_late && risen < CONFIRM))
        return 0;
    if (believed(arrival)->distinct < CONFIRM)
        return row >= CONFIRM;
    if (2 * row < position->distinct)
        return 0;
    first = row < CONFIRM_COPIES ? channel_first_copies(arrival, handle) : POOL_NONE;
    if (first != POOL_NONE)
        row += position_at(arrival->sequencer, first)->distinct;
    return row >= CONFIRM_COPIES && (position->association != believed(arrival)->association ||
                                     may_be_restart(arrival, handle));
}

/* Notes whether the next number of hypothesis HANDLE, NUMBER, is beyond its window. */
static void note_rise(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (number <= position->highest + arrival->sequencer->window)
        return;
    if (!stance->rose_after) {
        stance->rose_after = (uint8_t)least(position->distinct, UINT8_MAX);
        stance->rise = (uint32_t)(number - stance->founder);
    }
    stance->since_rise = 0;
}

/* Makes hypothesis HANDLE, of copies, begin again with NUMBER: the one or two numbers that it had
 * do not belong to it. */
static void begin_again(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    uint64_t there;
    uint32_t knowing;

    channel_count_forgotten(arrival, handle);
    stance->strays = (uint8_t)(stance->strays + position->distinct);
    channel_begin_with(arrival, handle, number, arrival->now_ns);
    stance->main_since = 0;
    stance->rival = 0;
    distance_begin_copies(arrival, handle);
    knowing = channel_recall(arrival, position->association, number, &there);
    if (knowing != POOL_NONE && position_saw(sequencer, position_at(sequencer, knowing), there))
        stance->copies_end = position_at(sequencer, knowing)->highest;
    channel_class(arrival, handle, number);
}

/* Counts a copy against the hypotheses of one or two numbers, as a new number would. */
static void pass_over_few(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        struct stance *stance = stance_of(sequencer, handle);

        if (!stance->is_earlier && !stance->of_copies &&
            position_at(sequencer, handle)->distinct < CONFIRM && ++stance->idle > STALE_FEW)
            channel_forget(arrival, handle);
    }
}

/* Whether the believed position has passed hypothesis HANDLE, which began ahead of it, and knows
 * all numbers from there on. Such numbers are late, and no restart. */
static int was_passed(const struct arrival *arrival, uint32_t handle)
{
    const struct position *position = position_at(arrival->sequencer, handle);
    const struct position *main = believed(arrival);

    return channel_runs_ahead(arrival, handle) && main->distinct >= CONFIRM &&
           position->highest <= main->highest && position_remembers(main, position->lowest) &&
           position->lowest > channel_known_from(arrival->sequencer, main);
}

int channel_feed(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    int in_order;
    int taken;

    if (stance->is_earlier)
        return feed_earlier(arrival, handle, number);
    channel_touch(arrival, handle);
    if (channel_begins_elsewhere(sequencer, handle, number)) {
        begin_again(arrival, handle, number);
        return 0;
    }
    if (stance->of_copies)
        stance->own += (uint32_t)channel_misses(sequencer, believed(arrival), number);
    channel_class(arrival, handle, number);
    if (!channel_is_late(sequencer, handle))
        stance->idle = 0;
    note_rise(arrival, handle, number);
    in_order = stance->of_copies &&
               (position->distinct <= STRAYS || number > position_front(sequencer, position));
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    stance->in_order += (uint32_t)in_order;
    stance->row++;
    stance->beside++;
    if (stance->since_rise < CONFIRM)
        stance->since_rise++;
    if (stance->of_copies && !channel_is_late(sequencer, handle))
        pass_over_few(arrival);
    if (is_confirmed(arrival, handle) && was_passed(arrival, handle))
        believe_reached(arrival, handle);
    else if (is_confirmed(arrival, handle))
        believe(arrival, handle);
    else
        channel_note_mixed(arrival, handle);
    return taken;
}
