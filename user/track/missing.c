/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Missing runs, and the gaps that they become. */
#include "track/arrival.h"

void missing_count(struct sequencer *sequencer, struct flow *flow, const struct gap *gap)
{
    struct sequence_figures *figures = &flow->figures;

    figures->gaps++;
    figures->lost += gap->size;
    if (!figures->min_gap || gap->size < figures->min_gap)
        figures->min_gap = gap->size;
    if (gap->size > figures->max_gap)
        figures->max_gap = gap->size;
    sequencer->lost_by_cause[gap->cause] += gap->size;
    gap_log_add(sequencer->gaps, gap);
    if (sequencer->new_gaps)
        gap_log_add(sequencer->new_gaps, gap);
}

/* RUN is lost: counts it in the flow and logs it. */
static void count_gap(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                      const struct missing_run *run)
{
    uint64_t duration = run->after_ns > run->before_ns ? run->after_ns - run->before_ns : 0;
    struct gap gap = {
        .key = flow->key,
        .timestamp_ns = run->after_ns,
        .duration_ns = duration,
        .expected_sequence = (uint32_t)run->first,
        .received_sequence = (uint32_t)(run->last + 1),
        .size = (uint32_t)(run->last - run->first + 1),
        .cause = flow->flags & RECORD_MERGED ||
                         blind_spots_touch(&sequencer->blind, run->before_ns, run->after_ns)
                     ? CAUSE_UNDETERMINED
                     : CAUSE_NETWORK,
    };

    space->lost_from = gap.expected_sequence;
    space->lost_size = gap.size;
    missing_count(sequencer, flow, &gap);
}

void missing_append(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                    const struct missing_run *run)
{
    uint32_t handle = pool_take(&sequencer->runs);

    if (handle == POOL_NONE) {
        count_gap(sequencer, flow, space, run);
        return;
    }
    *run_at(sequencer, handle) = *run;
    if (space->runs == POOL_NONE)
        space->runs = handle;
    else
        run_at(sequencer, space->last_run)->next = handle;
    space->last_run = handle;
}

void missing_expire(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                    uint64_t last)
{
    while (space->runs != POOL_NONE) {
        uint32_t handle = space->runs;
        struct missing_run *run = run_at(sequencer, handle);

        if (run->last > last)
            return;
        count_gap(sequencer, flow, space, run);
        space->runs = run->next;
        pool_return(&sequencer->runs, handle);
    }
}

/* NUMBER, inside of run HANDLE, arrived: what is behind it becomes a run of its own. */
static void split_run(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    struct missing_run *run = run_at(sequencer, handle);
    struct missing_run behind = *run;
    uint32_t added = pool_take(&sequencer->runs);

    behind.first = number + 1;
    behind.before_ns = arrival->now_ns;
    run->last = number - 1;
    run->after_ns = arrival->now_ns;
    if (added == POOL_NONE) {
        count_gap(sequencer, arrival->flow, space, run);
        *run = behind;
        return;
    }
    *run_at(sequencer, added) = behind;
    run->next = added;
    if (space->last_run == handle)
        space->last_run = added;
}

/* Run HANDLE, behind run PREVIOUS (or the first), has no number left. */
static void remove_run(const struct arrival *arrival, uint32_t previous, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    uint32_t next = run_at(sequencer, handle)->next;

    if (previous == POOL_NONE)
        space->runs = next;
    else
        run_at(sequencer, previous)->next = next;
    if (space->last_run == handle)
        space->last_run = previous;
    pool_return(&sequencer->runs, handle);
}

void missing_fill(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t previous = POOL_NONE;
    uint32_t handle = arrival->space->runs;
    struct missing_run *run;

    while (handle != POOL_NONE && run_at(sequencer, handle)->last < number) {
        previous = handle;
        handle = run_at(sequencer, handle)->next;
    }
    if (handle == POOL_NONE || number < run_at(sequencer, handle)->first)
        return;
    run = run_at(sequencer, handle);
    if (run->first == run->last) {
        remove_run(arrival, previous, handle);
    } else if (number == run->first) {
        run->first++;
        run->before_ns = arrival->now_ns;
    } else if (number == run->last) {
        run->last--;
        run->after_ns = arrival->now_ns;
    } else {
        split_run(arrival, handle, number);
    }
}
