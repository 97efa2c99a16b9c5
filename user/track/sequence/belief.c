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
#include "track/sequence/moves.h"

/* A step ahead is a sender jump where it exceeds these limits: no sender is faster, and no outage
 * is so long compared with the rate before it. */
#define NUMBERS_PER_SECOND_MAX UINT64_C(2000000000)
#define LOSS_AT_LEAST          100000 /* up to this many numbers are loss, whatever the time */
#define SENDER_JUMP_MIN        1000000
#define SENDER_JUMP_RATE       1000

/* Whether NUMBERS in ELAPSED_NS are more than a sender can send, compared with FROM's fastest
 * second. */
static int is_sender_jump(const struct position *from, uint64_t numbers, uint64_t elapsed_ns)
{
    double rate = (double)numbers * (double)NS_PER_SECOND / (double)(elapsed_ns ? elapsed_ns : 1);

    if (numbers > LOSS_AT_LEAST && rate > (double)NUMBERS_PER_SECOND_MAX)
        return 1;
    return numbers + 1 >= SENDER_JUMP_MIN && from->highest_rate &&
           rate > (double)SENDER_JUMP_RATE * from->highest_rate;
}

/* Copies to TO what FROM knows of the numbers FIRST to LAST. */
static void inherit(const struct arrival *arrival, const struct position *from, struct position *to,
                    uint64_t first, uint64_t last)
{
    struct sequencer *sequencer = arrival->sequencer;

    for (uint64_t number = first; number <= last; number++)
        if (position_saw(sequencer, from, number))
            position_mark(sequencer, to, number, 1);
    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run run = *run_at(sequencer, i);

        run.first = run.first > first ? run.first : first;
        run.last = least(run.last, last);
        if (run.first <= run.last)
            missing_put_back(sequencer, to, &run);
    }
}

/* Counts numbers that the believed position accepted in the stretch of hypothesis HANDLE there as
 * well. */
static void overlap(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    const struct position *main = believed(arrival);
    uint64_t number = position->lowest;

    if (number + MEMORY_NUMBERS <= main->highest) {
        number = main->highest - MEMORY_NUMBERS + 1;
        missing_join_from(arrival, main, position, number - 1);
    }
    for (; number <= least(main->highest, position->highest); number++) {
        if (!position_saw(sequencer, main, number) || believe_refused(sequencer, handle, number))
            continue;
        if (!missing_has(sequencer, main, number)) /* else it was late there */
            missing_join(arrival, position, number, number);
        if (position_remembers(position, number))
            position_mark(sequencer, position, number, 1);
    }
}

/* Handles the numbers between the believed position and HANDLE, of which none came. Returns 1 when
 * they are lost, 0 when the sender skipped them. */
static int leave_between(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *main = believed(arrival);
    struct missing_run run = {.first = main->highest + 1,
                              .last = position->lowest - 1,
                              .before_ns = main->highest_ns,
                              .after_ns = stance->lowest_ns};
    uint64_t numbers = run.last - run.first + 1;

    if (is_sender_jump(main, numbers,
                       stance->first_ns > stance->quiet_ns ? stance->first_ns - stance->quiet_ns
                                                           : 0)) {
        position->figures.skipped += numbers;
        stance->is_sender_jump = 1;
        return 0;
    }
    missing_prepend(arrival, position, &run);
    return 1;
}

/* Makes HANDLE the believed position. It is ahead in the same SA. */
static void jump(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    const struct position *main = believed(arrival);
    uint64_t start = least(main->highest + 1, position->highest - arrival->sequencer->window + 1);

    position->figures.wraparounds = position_wraps(main, main->highest, position->highest);
    overlap(arrival, handle);
    if (start >= position->lowest ||
        (position->lowest > main->highest + 1 && !leave_between(arrival, handle)))
        start = position->lowest;
    else if (start <= main->highest)
        inherit(arrival, main, position, start, least(main->highest, position->lowest - 1));
    position->start = start > main->start ? start : main->start;
    stance_of(arrival->sequencer, handle)->known_from = least(start, main->highest + 1);
}

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

/* Replaces the first position, which was not confirmed yet, by HANDLE. */
static void replace_first(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    const struct sequence_figures *figures = &believed(arrival)->figures;

    flow->outliers += figures->received + figures->duplicates + figures->late;
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

/* Whether hypothesis HANDLE was believed, and the believed position only filled in behind it. */
static int was_right(const struct arrival *arrival, uint32_t handle)
{
    return stance_of(arrival->sequencer, handle)->believed_as &&
           channel_runs_ahead(arrival, handle) &&
           position_at(arrival->sequencer, handle)->lowest > believed(arrival)->highest;
}

/* The hypothesis that must be believed before HANDLE, which begins another SA: one that is the end
 * of the present SA or an earlier part of the new one; POOL_NONE: there is none. */
static uint32_t find_in_between(const struct arrival *arrival, uint32_t handle)
{
    unsigned association = position_at(arrival->sequencer, handle)->association;
    int is_new = !channel_newest(arrival, association);

    if (association == believed(arrival)->association)
        return POOL_NONE;
    FOR_OTHERS (arrival->sequencer, channel_of(arrival), other, following)
        if (was_right(arrival, other) || (is_new && is_earlier_part(arrival, other, handle)))
            return other;
    return POOL_NONE;
}

void believe(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    enum change change;
    uint32_t left;

    channel_remove(arrival, handle);
    stance->among = position->distinct - stance->row;
    stance->row = 0;
    if (stance->among && stance->among < CONFIRM && stance->main_since >= CONFIRM)
        stance->refused_to = 0; /* one or two frames far ahead of the others may be forged */
    if (believed(arrival)->distinct < (arrival->is_end ? CONFIRM - 1 : CONFIRM)) {
        believe_forget_refused(arrival);
        replace_first(arrival, handle);
        return;
    }
    if (stance->believed_as && !stance->of_copies && ++channel_of(arrival)->returns >= RETURNS_MAX)
        channel_mix(arrival);
    if (goes_on_before_rekey(arrival, handle))
        believe_undo(arrival, stance_of(sequencer, flow->position)->before);
    for (uint32_t other; (other = find_in_between(arrival, handle)) != POOL_NONE;)
        believe(arrival, other);
    believe_forget_refused(arrival);
    change = change_to(arrival, handle);
    distance_take_over(arrival, handle, change);
    if (change == CHANGE_RESTART && stance->as_late && !stance->as_duplicates)
        missing_take_back_late(sequencer, believed(arrival), position);
    if (change == CHANGE_REKEY)
        reused_take_back(arrival, handle);
    if (change == CHANGE_JUMP)
        jump(arrival, handle);
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
    stance->before = left;
    stance->change = (uint8_t)change;
    if (change == CHANGE_RESTART && stance->copies_end)
        stance->copies_end = position_at(sequencer, left)->highest;
    stance->to_settle = SETTLE_NUMBERS;
    stance->believed_ns = arrival->now_ns;
    stance->to_close = CLOSE_NUMBERS;
    channel_of(arrival)->is_open = 1;
    flow->position = handle;
    believe_withhold(arrival);
    channel_fold(arrival);
}
