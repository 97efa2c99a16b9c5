/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Missing runs, and the gaps that they become. */
#include "track/sequence/channel.h"

/* Adds GAP to the log of all gaps, as the last one of POSITION's SA, and to that of the sinks. */
static void log_gap(struct sequencer *sequencer, struct position *position, const struct gap *gap)
{
    struct gap logged = *gap;

    logged.link = position->last_gap;
    logged.is_waiting = sequencer->new_gaps != NULL;
    if (gap_log_add(sequencer->gaps, &logged) < 0)
        logged.link = 0;
    else
        logged.link = position->last_gap = (uint32_t)sequencer->gaps->count;
    if (sequencer->new_gaps)
        gap_log_add(sequencer->new_gaps, &logged);
}

/* Counts GAP in POSITION and logs it. */
static void count_gap(struct sequencer *sequencer, struct position *position, const struct gap *gap)
{
    struct sequence_figures *figures = &position->figures;

    figures->gaps++;
    figures->lost[gap->cause] += gap->size;
    if (!figures->min_gap || gap->size < figures->min_gap)
        figures->min_gap = gap->size;
    if (gap->size > figures->max_gap)
        figures->max_gap = gap->size;
    log_gap(sequencer, position, gap);
}

/* Whether FROM_NS to UNTIL_NS touches a time in which an interface lost frames where those of FLOW
 * came from. */
static int touches_drops(const struct sequencer *sequencer, const struct flow *flow,
                         uint64_t from_ns, uint64_t until_ns)
{
    if (drop_periods_touch(&sequencer->drops[ORIGIN_ALL], from_ns, until_ns))
        return 1;
    for (uint32_t left = flow->origins; left; left &= left - 1)
        if (drop_periods_touch(&sequencer->drops[__builtin_ctz(left)], from_ns, until_ns))
            return 1;
    return 0;
}

/*
 * Whether the sensor may have lost the frames of RUN of FLOW. Those behind a jump may have come
 * before those in front of it. While frames are counted that the sensor missed, their times are
 * only known to be in the span `played`.
 */
static int came_about_while_dropping(const struct sequencer *sequencer, const struct flow *flow,
                                     const struct missing_run *run)
{
    const struct drop_period *played = &sequencer->played;
    uint64_t from_ns = least(run->before_ns, run->after_ns);
    uint64_t until_ns = run->before_ns > run->after_ns ? run->before_ns : run->after_ns;

    if (played->until_ns && played->from_ns < from_ns)
        from_ns = played->from_ns;
    if (played->until_ns > until_ns)
        until_ns = played->until_ns;
    return touches_drops(sequencer, flow, from_ns, until_ns);
}

static enum gap_cause cause_of(const struct sequencer *sequencer, const struct flow *flow,
                               const struct missing_run *run)
{
    if (flow->merged ||
        (flow->mixed_senders && run->after_ns > channel_at(sequencer, flow->channel)->mixed_ns) ||
        run->was_dropping)
        return CAUSE_UNDETERMINED;
    return CAUSE_NETWORK;
}

/* Whether NUMBER came to POSITION, or to the one before it in its SA. */
static int has_come(const struct sequencer *sequencer, const struct position *position,
                    uint64_t number)
{
    const struct stance *stance;

    if (position_remembers(position, number) && position_saw(sequencer, position, number))
        return 1;
    if (position->stance == POOL_NONE)
        return 0;
    stance = stance_at(sequencer, position->stance);
    return stance->change == CHANGE_JUMP && stance->before != POOL_NONE &&
           has_come(sequencer, position_at(sequencer, stance->before), number);
}

/* How many of the lost numbers FIRST to LAST have come late already, as far as POSITION knows. */
static uint32_t count_late(const struct sequencer *sequencer, const struct position *position,
                           uint64_t first, uint64_t last)
{
    uint32_t count = 0;

    if (first + 2 * MEMORY_NUMBERS <= last)
        first = last - 2 * MEMORY_NUMBERS;
    for (uint64_t number = first; number <= last; number++)
        count += (uint32_t)has_come(sequencer, position, number);
    return count;
}

/* Declares RUN lost, except for its numbers below POSITION's start. */
static void count_run(struct sequencer *sequencer, const struct flow *flow,
                      struct position *position, const struct missing_run *run)
{
    uint64_t zero = position_zero(sequencer, position);
    uint64_t first = run->first > position->start ? run->first : position->start;
    struct gap gap = {
        .key = flow->key,
        .timestamp_ns = run->after_ns,
        .duration_ns = run->after_ns > run->before_ns ? run->after_ns - run->before_ns : 0,
        .first_number = first - zero,
        .last_number = run->last - zero,
        .expected_sequence = position_on_wire(position, first),
        .received_sequence = position_on_wire(position, run->last + 1),
        .size = run->last - first + 1,
        .cause = cause_of(sequencer, flow, run),
        .generation = position->generation,
        .association = position->association,
    };

    if (first > run->last)
        return;
    gap.late_after = count_late(sequencer, position, first, run->last);
    count_gap(sequencer, position, &gap);
}

/* Reports to sinks that more numbers of the gap with index PLACE came late. */
static void update_gap(struct sequencer *sequencer, size_t place)
{
    struct gap *gap = &sequencer->gaps->gaps[place];
    struct gap update = *gap;

    if (!sequencer->new_gaps || gap->is_waiting ||
        sequencer->new_gaps->count >= sequencer->new_gaps->limit)
        return;
    update.link = (uint32_t)place + 1;
    update.is_update = 1;
    gap->is_waiting = gap_log_add(sequencer->new_gaps, &update) == 0;
}

/* Counts NUMBER as come late in the gap of POSITION that it is in, or no longer. */
static void count_in_gap(struct sequencer *sequencer, const struct position *position,
                         uint64_t number, int was_late)
{
    uint64_t lost = number - position_zero(sequencer, position);
    struct gap *gap;

    for (uint32_t link = position->last_gap; link; link = gap->link) {
        gap = &sequencer->gaps->gaps[link - 1];
        if (gap->last_number < lost)
            return;
        if (gap->first_number > lost || gap->is_withdrawn)
            continue;
        if (was_late || gap->late_after)
            gap->late_after += was_late ? 1 : UINT32_MAX; /* one less */
        update_gap(sequencer, link - 1);
        return;
    }
}

void missing_came_late(struct sequencer *sequencer, const struct position *position,
                       uint64_t number)
{
    count_in_gap(sequencer, position, number, 1);
}

void missing_take_back_late(struct sequencer *sequencer, const struct position *position,
                            const struct position *from)
{
    uint64_t number = from->lowest;

    if (number + MEMORY_NUMBERS <= from->highest)
        number = from->highest - MEMORY_NUMBERS + 1;
    for (; number <= from->highest; number++)
        if (position_saw(sequencer, from, number))
            count_in_gap(sequencer, position, number, 0);
}

/* Inserts a copy of RUN behind the run PREVIOUS of POSITION, or in front of all (POOL_NONE).
 * Returns its handle, or POOL_NONE: no memory. */
static uint32_t put_behind(struct sequencer *sequencer, struct position *position,
                           uint32_t previous, const struct missing_run *run)
{
    uint32_t handle = pool_take(&sequencer->runs);
    struct missing_run *added;

    if (handle == POOL_NONE)
        return POOL_NONE;
    added = run_at(sequencer, handle);
    *added = *run;
    if (previous == POOL_NONE) {
        added->next = position->runs;
        position->runs = handle;
    } else {
        added->next = run_at(sequencer, previous)->next;
        run_at(sequencer, previous)->next = handle;
    }
    if (added->next == POOL_NONE)
        position->last_run = handle;
    return handle;
}

/* Removes run HANDLE, which follows PREVIOUS, from POSITION. */
static void take_out(struct sequencer *sequencer, struct position *position, uint32_t previous,
                     uint32_t handle)
{
    uint32_t next = run_at(sequencer, handle)->next;

    if (previous == POOL_NONE)
        position->runs = next;
    else
        run_at(sequencer, previous)->next = next;
    if (next == POOL_NONE)
        position->last_run = previous;
    pool_return(&sequencer->runs, handle);
}

void missing_append(const struct arrival *arrival, struct position *position,
                    const struct missing_run *run)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t last = position->runs == POOL_NONE ? POOL_NONE : position->last_run;
    struct missing_run added = *run;

    added.was_dropping |= (uint32_t)came_about_while_dropping(sequencer, arrival->flow, run);
    if (last != POOL_NONE && run_at(sequencer, last)->last + 1 == run->first &&
        run_at(sequencer, last)->was_dropping == added.was_dropping) {
        run_at(sequencer, last)->last = run->last;
        run_at(sequencer, last)->after_ns = run->after_ns;
    } else if (put_behind(sequencer, position, last, &added) == POOL_NONE) {
        count_run(sequencer, arrival->flow, position, &added);
    }
}

void missing_prepend(const struct arrival *arrival, struct position *position,
                     const struct missing_run *run)
{
    struct missing_run *first =
        position->runs == POOL_NONE ? NULL : run_at(arrival->sequencer, position->runs);
    struct missing_run added = *run;

    added.was_dropping |=
        (uint32_t)came_about_while_dropping(arrival->sequencer, arrival->flow, run);
    if (first && run->last + 1 == first->first && added.was_dropping == first->was_dropping) {
        first->first = run->first;
        first->before_ns = run->before_ns;
    } else if (put_behind(arrival->sequencer, position, POOL_NONE, &added) == POOL_NONE) {
        count_run(arrival->sequencer, arrival->flow, position, &added);
    }
}

void missing_expire(struct sequencer *sequencer, struct flow *flow, struct position *position,
                    uint64_t last)
{
    while (position->runs != POOL_NONE && run_at(sequencer, position->runs)->last <= last) {
        count_run(sequencer, flow, position, run_at(sequencer, position->runs));
        take_out(sequencer, position, POOL_NONE, position->runs);
    }
}

/* The first run of POSITION that does not end below NUMBER, or POOL_NONE. Sets PREVIOUS to the run
 * before it. */
static uint32_t find_run(const struct sequencer *sequencer, const struct position *position,
                         uint64_t number, uint32_t *previous)
{
    uint32_t handle = position->runs;

    *previous = POOL_NONE;
    if (handle != POOL_NONE && run_at(sequencer, position->last_run)->last < number) {
        *previous = position->last_run;
        return POOL_NONE;
    }
    while (handle != POOL_NONE && run_at(sequencer, handle)->last < number) {
        *previous = handle;
        handle = run_at(sequencer, handle)->next;
    }
    return handle;
}

void missing_put_back(struct sequencer *sequencer, struct position *position,
                      const struct missing_run *run)
{
    uint32_t previous;

    find_run(sequencer, position, run->first, &previous);
    put_behind(sequencer, position, previous, run);
}

int missing_has(const struct sequencer *sequencer, const struct position *position, uint64_t number)
{
    uint32_t previous;
    uint32_t handle = find_run(sequencer, position, number, &previous);

    return handle != POOL_NONE && run_at(sequencer, handle)->first <= number;
}

/* NUMBER, inside of run HANDLE, arrived: splits the run. */
static void split_run(const struct arrival *arrival, struct position *position, uint32_t handle,
                      uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct missing_run *run = run_at(sequencer, handle);
    struct missing_run behind = *run;

    behind.first = number + 1;
    behind.before_ns = arrival->now_ns;
    run->last = number - 1;
    run->after_ns = arrival->now_ns;
    if (put_behind(sequencer, position, handle, &behind) == POOL_NONE) {
        count_run(sequencer, arrival->flow, position, run);
        behind.next = run->next;
        *run = behind;
    }
}

void missing_fill(const struct arrival *arrival, struct position *position, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t previous;
    uint32_t handle = find_run(sequencer, position, number, &previous);
    struct missing_run *run;

    if (handle == POOL_NONE || number < run_at(sequencer, handle)->first)
        return;
    run = run_at(sequencer, handle);
    if (run->first == run->last) {
        take_out(sequencer, position, previous, handle);
    } else if (number == run->first) {
        run->first++;
        run->before_ns = arrival->now_ns;
    } else if (number == run->last) {
        run->last--;
        run->after_ns = arrival->now_ns;
    } else {
        split_run(arrival, position, handle, number);
    }
}

/* Takes the numbers FIRST to LAST out of the runs of POSITION. Returns how many were missing. */
static uint64_t fill_stretch(const struct arrival *arrival, struct position *position,
                             uint64_t first, uint64_t last)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint64_t filled = (uint64_t)missing_has(sequencer, position, first);
    uint32_t previous, handle;

    missing_fill(arrival, position, first);
    filled += (uint64_t)missing_has(sequencer, position, last);
    missing_fill(arrival, position, last); /* now no run contains numbers on both sides of an end */
    while ((handle = find_run(sequencer, position, first, &previous)) != POOL_NONE &&
           run_at(sequencer, handle)->last < last) {
        filled += run_at(sequencer, handle)->last - run_at(sequencer, handle)->first + 1;
        take_out(sequencer, position, previous, handle);
    }
    return filled;
}

void missing_join(const struct arrival *arrival, struct position *position, uint64_t first,
                  uint64_t last)
{
    uint64_t copies;

    if (first < position->lowest) {
        fill_stretch(arrival, position, first, least(last, position->lowest - 1));
        first = position->lowest;
    }
    if (first > last)
        return;
    copies = last - first + 1 - fill_stretch(arrival, position, first, last);
    position->figures.received -= copies;
    position->figures.duplicates += copies;
}

void missing_join_from(const struct arrival *arrival, const struct position *from,
                       struct position *to, uint64_t last)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint64_t number = from->lowest;

    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        const struct missing_run *run = run_at(sequencer, i);

        if (number < run->first && number <= last)
            missing_join(arrival, to, number, least(run->first - 1, last));
        number = run->last + 1;
    }
    if (number <= last)
        missing_join(arrival, to, number, last);
}

/* Extends run HANDLE by NUMBER if it is next to its end or its start, and the sensor did not lose
 * the run itself. Returns whether it did. */
static int join(struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    struct missing_run *run = handle == POOL_NONE ? NULL : run_at(sequencer, handle);

    if (!run || run->was_dropping)
        return 0;
    if (run->last + 1 == number)
        run->last = number;
    else if (run->first == number + 1)
        run->first = number;
    else
        return 0;
    return 1;
}

int missing_insert(struct sequencer *sequencer, struct position *position, uint64_t number,
                   uint64_t now_ns)
{
    struct missing_run run = {
        .first = number, .last = number, .before_ns = now_ns, .after_ns = now_ns};
    uint32_t previous;
    uint32_t handle = find_run(sequencer, position, number, &previous);

    if (handle != POOL_NONE && run_at(sequencer, handle)->first <= number)
        return 0;
    if (join(sequencer, previous, number)) {
        struct missing_run *before = run_at(sequencer, previous);
        const struct missing_run *behind = handle == POOL_NONE ? NULL : run_at(sequencer, handle);

        if (behind && behind->first == number + 1 && !behind->was_dropping) {
            before->last = behind->last;
            before->after_ns = behind->after_ns;
            take_out(sequencer, position, previous, handle);
        }
    } else if (!join(sequencer, handle, number)) {
        put_behind(sequencer, position, previous, &run);
    }
    return 1;
}

void missing_drop_below(struct sequencer *sequencer, struct position *position, uint64_t number)
{
    while (position->runs != POOL_NONE && run_at(sequencer, position->runs)->last < number)
        take_out(sequencer, position, POOL_NONE, position->runs);
    if (position->runs != POOL_NONE && run_at(sequencer, position->runs)->first < number)
        run_at(sequencer, position->runs)->first = number;
}

void missing_drop_from(struct sequencer *sequencer, struct position *position, uint64_t number)
{
    uint32_t previous;
    uint32_t handle = find_run(sequencer, position, number, &previous);

    if (handle != POOL_NONE && run_at(sequencer, handle)->first < number) {
        run_at(sequencer, handle)->last = number - 1;
        previous = handle;
        handle = run_at(sequencer, handle)->next;
    }
    while (handle != POOL_NONE) {
        uint32_t next = run_at(sequencer, handle)->next;

        take_out(sequencer, position, previous, handle);
        handle = next;
    }
}

void missing_hand_over(const struct arrival *arrival, struct position *from, struct position *to)
{
    struct sequencer *sequencer = arrival->sequencer;

    missing_drop_below(sequencer, from, from->start);
    missing_drop_from(sequencer, from, to->start);
    while (from->runs != POOL_NONE) {
        struct missing_run last = *run_at(sequencer, from->last_run);

        missing_drop_from(sequencer, from, last.first);
        missing_prepend(arrival, to, &last);
        to->start = last.first;
    }
}

void missing_hand_back(const struct arrival *arrival, struct position *from, struct position *to)
{
    struct sequencer *sequencer = arrival->sequencer;

    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run run = *run_at(sequencer, i);

        run.last = least(run.last, to->highest);
        if (run.first <= run.last)
            missing_append(arrival, to, &run);
    }
}
