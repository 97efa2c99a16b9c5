/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Missing runs: numbers that may still come. */
#include "track/sequence/channel.h"

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

    added.was_dropping |= (uint32_t)missing_while_dropping(sequencer, arrival->flow, run);
    if (last != POOL_NONE && run_at(sequencer, last)->last + 1 == run->first &&
        run_at(sequencer, last)->was_dropping == added.was_dropping) {
        run_at(sequencer, last)->last = run->last;
        run_at(sequencer, last)->after_ns = run->after_ns;
    } else if (put_behind(sequencer, position, last, &added) == POOL_NONE) {
        missing_declare(sequencer, arrival->flow, position, &added);
    }
}

void missing_prepend(const struct arrival *arrival, struct position *position,
                     const struct missing_run *run)
{
    struct missing_run *first =
        position->runs == POOL_NONE ? NULL : run_at(arrival->sequencer, position->runs);
    struct missing_run added = *run;

    added.was_dropping |= (uint32_t)missing_while_dropping(arrival->sequencer, arrival->flow, run);
    if (first && run->last + 1 == first->first && added.was_dropping == first->was_dropping) {
        first->first = run->first;
        first->before_ns = run->before_ns;
    } else if (put_behind(arrival->sequencer, position, POOL_NONE, &added) == POOL_NONE) {
        missing_declare(arrival->sequencer, arrival->flow, position, &added);
    }
}

void missing_expire(struct sequencer *sequencer, struct flow *flow, struct position *position,
                    uint64_t last)
{
    while (position->runs != POOL_NONE && run_at(sequencer, position->runs)->last <= last) {
        missing_declare(sequencer, flow, position, run_at(sequencer, position->runs));
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
        missing_declare(sequencer, arrival->flow, position, run);
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

/* Turns the order of the runs of POSITION round. */
static void reverse_runs(const struct sequencer *sequencer, struct position *position)
{
    uint32_t reversed = POOL_NONE;
    uint32_t handle = position->runs;

    position->last_run = handle;
    while (handle != POOL_NONE) {
        struct missing_run *run = run_at(sequencer, handle);
        uint32_t next = run->next;

        run->next = reversed;
        reversed = handle;
        handle = next;
    }
    position->runs = reversed;
}

void missing_hand_over(const struct arrival *arrival, struct position *from, struct position *to)
{
    struct sequencer *sequencer = arrival->sequencer;

    missing_drop_below(sequencer, from, from->start);
    missing_drop_from(sequencer, from, to->start);
    missing_drop_below(sequencer, to, to->start);
    reverse_runs(sequencer, from);
    while (from->runs != POOL_NONE) {
        struct missing_run last = *run_at(sequencer, from->runs);

        take_out(sequencer, from, POOL_NONE, from->runs);
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
