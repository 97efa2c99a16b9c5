/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Makes a hypothesis the believed position.
 *
 * The position before is kept as it was. Until the change is settled, nothing of the new position
 * leaves the tracker, so that undoing the change only means going back to the position before.
 */
#include <string.h>

#include "numbered.h"
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/jump.h"
#include "track/sequence/moves.h"
#include "track/sequence/refused.h"

/* Forgets what is missing at POSITION below FIRST, the first number of its SA. Until then came what
 * arrived at BEFORE_NS. */
static void drop_before_first(struct sequencer *sequencer, struct position *position,
                              uint64_t first, uint64_t before_ns)
{
    missing_drop_below(sequencer, position, first);
    if (position->lowest < first && !position_saw(sequencer, position, first - 1) &&
        missing_has(sequencer, position, first))
        run_at(sequencer, position->runs)->before_ns = before_ns;
}

/* Makes the numbers of HANDLE, a position of a new SA, start at ONE. */
static void begin_at(const struct arrival *arrival, uint32_t handle, uint64_t one,
                     uint64_t before_ns)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct missing_run run = {.first = one,
                              .last = position->lowest - 1,
                              .before_ns = before_ns,
                              .after_ns = stance_of(arrival->sequencer, handle)->lowest_ns};

    position->start = one;
    drop_before_first(arrival->sequencer, position, one, before_ns);
    if (run.last >= run.first)
        missing_prepend(arrival, position, &run);
}

void believe_first(const struct arrival *arrival)
{
    const struct flow *flow = arrival->flow;
    struct position *main = believed(arrival);
    uint64_t epoch = position_epoch(arrival->sequencer, main);
    struct missing_run run = {.first = epoch + first_number(flow->key.protocol),
                              .last = main->lowest - 1,
                              .before_ns = flow->first_ns,
                              .after_ns = flow->first_ns};

    if (arrival->sequencer->moves && moves_begin(arrival))
        return;
    if (!flow->key.family || /* a channel of MACsec may have been silent */
        flow->first_ns < arrival->sequencer->began_ns + BORN_AFTER_NS || main->lowest < run.first ||
        main->lowest >= run.first + arrival->sequencer->window)
        return;
    main->start = run.first;
    if (run.last >= run.first)
        missing_prepend(arrival, main, &run);
}

/* Whether the founder of HANDLE, with which a flow would begin, may be forged: the way to the next
 * number is long, and much longer than all since then. */
static int is_founder_alone(const struct sequencer *sequencer, uint32_t handle)
{
    const struct position *position = position_at(sequencer, handle);
    const struct missing_run *run;

    if (stance_of(sequencer, handle)->rose_after != 1 || position->runs == POOL_NONE)
        return 0;
    run = run_at(sequencer, position->runs);
    return run->last - position->lowest >= sequencer->window &&
           run->last + 1 - position->lowest > STEP_GROWTH * (position->highest - run->last - 1);
}

/* Leaves out the founder of HANDLE, as if that had begun where it rose first. */
static void drop_founder(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    uint64_t founder = stance->founder;

    position->lowest = run_at(sequencer, position->runs)->last + 1;
    missing_drop_below(sequencer, position, position->lowest);
    position_forget_below(sequencer, position, position->lowest);
    stance->founder = stance->known_from = position->start = founder + stance->rise;
    position->figures.wraparounds -= position_wraps(position, founder, stance->founder);
    position->figures.received--;
    position->distinct--;
    arrival->flow->outliers++;
    if (position->second_first == (uint32_t)founder)
        position->second_first = (uint32_t)stance->founder;
}

/* Replaces the first position, which was not confirmed yet, by HANDLE. */
static void replace_first(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    const struct sequence_figures *figures = &believed(arrival)->figures;

    flow->outliers += figures->received + figures->duplicates + figures->late;
    if (is_founder_alone(sequencer, handle))
        drop_founder(arrival, handle);
    distance_take_over(arrival, handle, CHANGE_NONE);
    position_free(sequencer, flow->position);
    flow->position = handle;
    believe_withhold(arrival);
    flow->first_sequence =
        position_on_wire(believed(arrival), stance_of(sequencer, handle)->founder);
    believe_first(arrival);
}

/* Whether HANDLE continues the SA before the last rekey. Then that rekey was wrong. */
static int goes_on_before_rekey(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct stance *main = stance_of(sequencer, arrival->flow->position);
    const struct stance *stance = stance_of(sequencer, handle);
    const struct position *before;

    if (main->change != CHANGE_REKEY || main->before == POOL_NONE)
        return 0;
    before = position_at(sequencer, main->before);
    if (stance_of(sequencer, main->before)->is_closed)
        return 0;
    return before->association == position_at(sequencer, handle)->association &&
           position_on_wire(before, stance->founder) > SETTLE_NUMBERS &&
           stance->founder > before->highest && stance->founder - before->highest <= JUMP_MAX;
}

static enum change change_to(const struct arrival *arrival, uint32_t handle)
{
    const struct position *position = position_at(arrival->sequencer, handle);
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *main = believed(arrival);

    if (position->association != main->association)
        return CHANGE_REKEY;
    if (stance->believed_as == CHANGE_RESTART && stance->founder <= main->highest)
        return CHANGE_RESTART;
    return position->highest > main->highest ? CHANGE_JUMP : CHANGE_RESTART;
}

void believe_withhold(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint64_t from = believed(arrival)->highest - sequencer->window;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        struct stance *stance = stance_of(sequencer, handle);

        if (stance->is_ahead && !stance->is_earlier)
            stance->withheld_from = least(stance->withheld_from, from);
    }
}

/* Whether hypothesis HANDLE begins behind LAST, the last number of a closed SA. One or two numbers
 * below it may be forged. */
static int begins_behind(const struct sequencer *sequencer, uint32_t handle, uint64_t last)
{
    const struct position *position = position_at(sequencer, handle);
    uint64_t founder = stance_of(sequencer, handle)->founder;
    uint64_t number = position->lowest;
    uint32_t below = 0;

    if (founder <= last || founder - last > JUMP_MAX ||
        position_on_wire(position, founder) <= SETTLE_NUMBERS)
        return 0;
    if (number + MEMORY_NUMBERS <= position->highest)
        number = position->highest - MEMORY_NUMBERS + 1;
    for (; number <= last; number++)
        below += (uint32_t)position_saw(sequencer, position, number);
    return below < CONFIRM;
}

/* The number behind the highest of the closed SA that hypothesis HANDLE continues; 0: none. */
static uint64_t end_of_closed(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    uint32_t at = arrival->flow->position;

    for (; at != POOL_NONE; at = stance_of(sequencer, at)->before) {
        const struct position *earlier = position_at(sequencer, at);

        if (stance_of(sequencer, at)->is_closed && earlier->association == position->association)
            return begins_behind(sequencer, handle, earlier->highest) ? earlier->highest + 1 : 0;
    }
    return 0;
}

/* Whether the numbers of a new SA at POSITION are near its first. A forged number just below the
 * first has wrapped around, and does not make the SA an old one. */
static int starts_near_first(const struct position *position)
{
    return position->lowest <= position_round(position, position->highest) + JUMP_MAX;
}

/* Whether HANDLE may be a faster path of the believed position's SA. */
static int is_faster_path(const struct arrival *arrival, uint32_t handle)
{
    const struct position *main = believed(arrival);

    return position_at(arrival->sequencer, handle)->association == main->association &&
           channel_is_near(main, main->association, stance_of(arrival->sequencer, handle)->founder);
}

/* Whether hypothesis FIRST is an earlier part of the new SA whose later part is HANDLE. Where two
 * SAs alternate, three numbers in a row come only behind an outage. */
static int is_earlier_part(const struct arrival *arrival, uint32_t first, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *from = position_at(sequencer, first);
    const struct position *to = position_at(sequencer, handle);

    return !stance_of(sequencer, first)->is_earlier && !stance_of(sequencer, first)->of_copies &&
           from->association == to->association && from->distinct >= CONFIRM &&
           from->highest < to->lowest && to->lowest - from->highest <= JUMP_MAX;
}

int believe_was_right(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);

    return stance->believed_as && stance->idle <= channel_patience(arrival, handle) &&
           channel_runs_ahead(arrival, handle) &&
           position_at(arrival->sequencer, handle)->lowest > believed(arrival)->highest;
}

/* Whether hypothesis OTHER is of a faster path than the believed position, and of a slower one than
 * HANDLE in the same SA. */
static int is_passed_over(const struct arrival *arrival, uint32_t other, uint32_t handle)
{
    const struct position *from = position_at(arrival->sequencer, other);
    const struct position *to = position_at(arrival->sequencer, handle);

    return to->highest > believed(arrival)->highest && from->distinct >= CONFIRM &&
           channel_awaits_reaching(arrival, other) && from->lowest < to->lowest &&
           from->highest < to->highest;
}

/* Whether the believed position has passed all numbers of hypothesis OTHER. */
static int was_passed(const struct arrival *arrival, uint32_t other)
{
    const struct position *position = position_at(arrival->sequencer, other);
    const struct position *main = believed(arrival);

    return position->association == main->association && position->highest <= main->highest;
}

/* Whether hypothesis OTHER is over when HANDLE takes over from the believed position by a jump: it
 * lies between both, and has too few numbers to be believed, or it overlaps both. */
static int ends_with_jump(const struct arrival *arrival, uint32_t other, uint32_t handle)
{
    const struct position *position = position_at(arrival->sequencer, other);
    const struct position *to = position_at(arrival->sequencer, handle);
    const struct stance *stance = stance_of(arrival->sequencer, other);

    if (stance->is_earlier || !stance->is_ahead || position->association != to->association)
        return 0;
    return position->lowest <= believed(arrival)->highest ||
           (channel_runs_ahead(arrival, other) && position->lowest + MEMORY_NUMBERS > to->highest &&
            position->highest <= to->highest);
}

/* Forgets such hypotheses. What comes there from now on is late. */
static void forget_passed_over(const struct arrival *arrival, uint32_t handle)
{
    FOR_OTHERS (arrival->sequencer, channel_of(arrival), other, following)
        if (ends_with_jump(arrival, other, handle))
            channel_forget(arrival, other);
}

/* The hypothesis that must be believed before HANDLE: one in between in the same SA; where HANDLE
 * begins another one, the end of the present SA or an earlier part of the new one; POOL_NONE: there
 * is none. */
static uint32_t find_in_between(const struct arrival *arrival, uint32_t handle)
{
    unsigned association = position_at(arrival->sequencer, handle)->association;
    int is_new = !channel_newest(arrival, association);
    int is_same = association == believed(arrival)->association;

    FOR_OTHERS (arrival->sequencer, channel_of(arrival), other, following)
        if (is_same ? is_passed_over(arrival, other, handle)
                    : believe_was_right(arrival, other) ||
                          (is_new && is_earlier_part(arrival, other, handle)))
            return other;
    return POOL_NONE;
}

/* HANDLE, a hypothesis of copies, is believed: its numbers contradict the other hypotheses of
 * copies of its association, as new numbers of the believed position do. */
static void contradict_copies(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);

    if (!stance_of(sequencer, handle)->of_copies)
        return;
    FOR_OTHERS (sequencer, channel_of(arrival), other, following) {
        struct stance *stance = stance_of(sequencer, other);

        if (stance->is_earlier || !stance->of_copies ||
            position_at(sequencer, other)->association != position->association)
            continue;
        stance->row = 0;
        stance->risen_in_row = 0;
        stance->main_since += position->distinct;
    }
}

void believe(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t first = channel_first_copies(arrival, handle);
    enum change change;
    uint32_t left;

    channel_remove(arrival, handle);
    stance->among = position->distinct - stance->row;
    stance->row = 0;
    if (stance->among && stance->among < CONFIRM && stance->main_since >= CONFIRM)
        stance->refused_to = 0; /* one or two frames far ahead of the others may be forged */
    if (stance_of(sequencer, flow->position)->before == POOL_NONE &&
        believed(arrival)->distinct < (arrival->is_end ? CONFIRM - 1 : CONFIRM)) {
        believe_forget_refused(arrival);
        replace_first(arrival, handle);
        contradict_copies(arrival, handle);
        return;
    }
    if (first != POOL_NONE)
        believe(arrival, first);
    if (stance->believed_as && !stance->of_copies && !is_faster_path(arrival, handle) &&
        ++channel_of(arrival)->returns >= RETURNS_MAX)
        channel_mix(arrival);
    if (goes_on_before_rekey(arrival, handle))
        believe_undo(arrival, stance_of(sequencer, flow->position)->before);
    for (uint32_t other; (other = find_in_between(arrival, handle)) != POOL_NONE;)
        if (was_passed(arrival, other)) {
            believe_reached(arrival, other);
        } else {
            believe(arrival, other);
            stance->refused_to =
                0; /* these are relative to a position that is no longer believed */
        }
    believe_forget_refused(arrival);
    change = change_to(arrival, handle);
    distance_take_over(arrival, handle, change);
    if (change == CHANGE_RESTART && stance->as_late && !stance->as_duplicates)
        missing_take_back_late(sequencer, believed(arrival), position);
    if (change == CHANGE_REKEY)
        reused_take_back(arrival, handle);
    if (change == CHANGE_JUMP)
        believe_jump(arrival, handle);
    else if (change == CHANGE_REKEY && end_of_closed(arrival, handle))
        begin_at(arrival, handle, end_of_closed(arrival, handle), believed(arrival)->highest_ns);
    else if (change == CHANGE_REKEY && starts_near_first(position))
        begin_at(arrival, handle,
                 position_round(position, position->highest) + first_number(flow->key.protocol),
                 believed(arrival)->highest_ns);
    if (believed(arrival)->highest_rate > position->highest_rate)
        position->highest_rate = believed(arrival)->highest_rate;
    left = flow->position;
    stance_of(sequencer, left)->is_earlier = 1;
    stance_of(sequencer, left)->left_by = (uint8_t)change;
    stance_of(sequencer, left)->row = 0;
    channel_add(arrival, left);
    if (change == CHANGE_JUMP)
        forget_passed_over(arrival, handle);
    stance->before = left;
    stance->change = (uint8_t)change;
    if (change == CHANGE_RESTART && stance->copies_end)
        stance->copies_end = position_at(sequencer, left)->highest;
    stance->to_settle = SETTLE_NUMBERS;
    stance->believed_ns = arrival->now_ns;
    stance->to_close = CLOSE_NUMBERS;
    channel_of(arrival)->is_open = 1;
    flow->position = handle;
    contradict_copies(arrival, handle);
    believe_withhold(arrival);
    channel_fold(arrival);
}
