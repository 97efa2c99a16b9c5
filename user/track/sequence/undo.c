/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Undoes changes: the position before goes on. */
#include <string.h>

#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/refused.h"

/* Withdraws the gaps of position HANDLE; their numbers are missing again. Those of the position
 * before a jump are of the same SA, and stay. The gaps of other SAs are not looked at: there may be
 * a million. */
static void withdraw_gaps(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct sequence_figures *figures = &position->figures;
    uint64_t zero = position_zero(sequencer, position);
    struct missing_run run;
    const struct gap *gap;

    for (uint32_t link = position->last_gap; link > stance_of(sequencer, handle)->gap_index;
         link = gap->link) {
        gap = gap_log_at(sequencer->gaps, link);
        run = (struct missing_run){.first = zero + gap->first_number,
                                   .last = zero + gap->last_number,
                                   .before_ns = gap->timestamp_ns - gap->duration_ns,
                                   .after_ns = gap->timestamp_ns,
                                   .was_dropping = gap->cause == CAUSE_UNDETERMINED};

        if (gap->is_withdrawn || run.first < position->start)
            continue;
        gap_log_withdraw(sequencer->gaps, link, sequencer->new_gaps);
        missing_put_back(sequencer, position, &run);
    }
    position->last_gap = gap_log_standing(sequencer->gaps, position->last_gap);
    memset(figures->lost, 0, sizeof(figures->lost));
    figures->gaps = 0;
    figures->min_gap = 0;
    figures->max_gap = 0;
    stance_of(sequencer, handle)->given_up = 0;
}

/* Makes the numbers missing again that did not come between the lowest number of position HANDLE
 * and its start. They were not kept, because before the start of an SA they were no loss. */
static void recall_before_start(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    uint64_t number = position->lowest;

    if (number + MEMORY_NUMBERS <= position->highest)
        number = position->highest - MEMORY_NUMBERS + 1;
    for (; number < position->start; number++)
        if (!position_saw(sequencer, position, number))
            missing_insert(sequencer, position, number, arrival->now_ns);
}

/* Makes position HANDLE forget what came to the position that it took over from by a jump. */
static void disinherit(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    const struct position *before = position_at(sequencer, stance_of(sequencer, handle)->before);
    uint64_t number = position->lowest;

    if (number + MEMORY_NUMBERS <= before->highest)
        number = before->highest - MEMORY_NUMBERS + 1;
    for (; number <= least(before->highest, position->highest); number++) {
        if (!position_saw(sequencer, before, number))
            continue;
        if (!missing_has(sequencer, before, number))
            missing_insert(sequencer, position, number, arrival->now_ns);
        if (position_remembers(position, number) && missing_has(sequencer, position, number))
            position_mark(sequencer, position, number, 0);
    }
}

/* Makes numbers missing again at position BEFORE, from which HANDLE took over by a jump: those up
 * to its highest that only HANDLE accepted. */
static void give_back_missing(const struct arrival *arrival, uint32_t handle,
                              struct position *before)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    uint64_t highest = position->highest > before->highest ? position->highest : before->highest;
    uint64_t number = position->start;

    missing_hand_back(arrival, position, before);
    if (number + MEMORY_NUMBERS <= highest)
        number = highest - MEMORY_NUMBERS + 1;
    for (; number <= least(before->highest, position->highest); number++)
        if (position_saw(sequencer, position, number) && !position_saw(sequencer, before, number))
            missing_insert(sequencer, before, number, arrival->now_ns);
}

/* Classifies all frames of position HANDLE for the case that it is forgotten. */
static void class_all(const struct arrival *arrival, uint32_t handle)
{
    const struct sequence_figures *figures = &position_at(arrival->sequencer, handle)->figures;
    struct stance *stance = stance_of(arrival->sequencer, handle);
    uint64_t frames = figures->received + figures->duplicates + figures->late;

    stance->as_duplicates = 0;
    stance->as_late = 0;
    stance->as_outliers = 0;
    stance->far_late = 0;
    if (stance->of_copies) {
        stance->as_duplicates = frames;
    } else if (stance->change == CHANGE_RESTART) {
        stance->as_late = frames;
        stance->far_late = stance->has_past ? 0 : (uint32_t)frames;
    } else {
        stance->as_outliers = frames;
    }
}

/* Makes position HANDLE, which is not among the others, a hypothesis again. */
static void demote(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);

    missing_drop_below(arrival->sequencer, position, position->lowest);
    position_forget_below(arrival->sequencer, position, position->lowest);
    position->start = stance->founder;
    stance->known_from = stance->founder;
    position->figures.skipped = 0;
    position->figures.wraparounds = position_wraps(position, stance->founder, position->highest);
    stance->is_sender_jump = 0;
    stance->is_closed = 0;
    stance->noted = 0;
    stance->believed_as = stance->change;
    stance->has_past = 0;
    stance->beside = 0;
    stance->is_ahead = !stance->of_copies &&
                       position->association == believed(arrival)->association &&
                       stance->founder > believed(arrival)->highest;
    stance->is_near =
        (uint8_t)channel_is_near(believed(arrival), position->association, stance->founder);
    if (stance->is_ahead)
        stance->withheld_from =
            least(stance->withheld_from, believed(arrival)->highest - arrival->sequencer->window);
    else if (!stance->refused_to)
        stance->withheld_from = UINT64_MAX;
    stance->before = POOL_NONE;
    stance->change = CHANGE_NONE;
    stance->to_settle = 0;
    stance->to_close = 0;
    stance->row = 0;
    stance->risen_in_row = 0;
    stance->idle = 0;
    stance->main_since = 0;
    stance->gap_index = arrival->sequencer->gaps->count;
    channel_make_room(arrival, position->association, stance->of_copies);
    channel_add(arrival, handle);
    if (channel_has_only_copies(arrival->sequencer, handle))
        channel_forget(arrival, handle);
}

/* Removes HANDLE from the earlier positions. Numbers that wait there count as late. */
static void leave_row(const struct arrival *arrival, uint32_t handle)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (stance->left_by == CHANGE_JUMP)
        position_at(arrival->sequencer, handle)->figures.late += stance->row;
    channel_remove(arrival, handle);
    stance->is_earlier = 0;
}

/* Takes back the change to position HANDLE. */
static void retract(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, handle);
    int was_settled = !stance->to_settle;
    int was_jump = stance->change == CHANGE_JUMP;

    distance_hand_back(arrival, handle);
    class_all(arrival, handle);
    if (was_settled) {
        stance->refused_to = 0;
        withdraw_gaps(arrival, handle);
        if (was_jump && !stance->is_sender_jump)
            give_back_missing(arrival, handle, position_at(sequencer, stance->before));
        if (!was_jump)
            sequence_keep_undone(sequencer, arrival->flow, handle);
        recall_before_start(arrival, handle);
        arrival->flow->restarts -= stance->change == CHANGE_RESTART;
        arrival->flow->rekeys -= stance->change == CHANGE_REKEY;
        believe_tell(arrival, EVENT_UNDONE, handle, arrival->now_ns);
    }
    if (was_jump)
        disinherit(arrival, handle);
    demote(arrival, handle);
}

/* Called when position HANDLE is believed again: hypotheses are no longer known to be ahead of the
 * believed position. */
static void compare_with(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = position_at(sequencer, handle);

    FOR_OTHERS (sequencer, channel_of(arrival), other, following) {
        struct stance *stance = stance_of(sequencer, other);

        if (stance->is_earlier || stance->founder > main->highest ||
            position_at(sequencer, other)->association != main->association)
            continue;
        stance->is_ahead = 0;
        stance->withheld_from = UINT64_MAX;
    }
}

void believe_undo(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t wrong = flow->position;

    for (uint32_t at = wrong; at != handle; at = stance_of(sequencer, at)->before)
        if (stance_of(sequencer, at)->is_earlier)
            leave_row(arrival, at);
    believe_forget_refused(arrival);
    compare_with(arrival, handle);
    channel_remove(arrival, handle);
    stance->is_earlier = 0;
    stance->is_closed = 0;
    stance->noted = 0;
    stance->left_by = CHANGE_NONE;
    flow->position = handle;
    believe_withhold(arrival);
    while (wrong != handle) {
        uint32_t before = stance_of(sequencer, wrong)->before;

        if (before != handle) /* these are relative to a position that is no longer believed */
            stance_of(sequencer, wrong)->refused_to = 0;
        retract(arrival, wrong);
        wrong = before;
    }
    stance->row = 0;
}
