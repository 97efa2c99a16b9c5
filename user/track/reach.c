/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Joins a hypothesis ahead that was reached and did not come again: it was a faster path. */
#include "track/channel.h"

/* Adds the runs of FROM above the highest of TO to TO. */
static void append_runs(const struct arrival *arrival, const struct position *from,
                        struct position *to)
{
    const struct sequencer *sequencer = arrival->sequencer;

    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run run = *run_at(sequencer, i);

        if (run.last <= to->highest)
            continue;
        if (run.first <= to->highest)
            run.first = to->highest + 1;
        missing_append(arrival, to, &run);
    }
}

/* NUMBER, not above the highest of TO, came to the position that is joined to TO and was counted
 * there. */
static void join_number(const struct arrival *arrival, struct position *to, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;

    if (position_remembers(to, number) && position_saw(sequencer, to, number) &&
        !missing_has(sequencer, to, number)) {
        to->figures.received--;
        to->figures.duplicates++;
        return;
    }
    missing_fill(arrival, to, number);
    if (position_remembers(to, number))
        position_mark(sequencer, to, number, 1);
}

/* Joins the numbers of FROM with those of TO. */
static void join(const struct arrival *arrival, const struct position *from, struct position *to)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t wraparounds = to->figures.wraparounds;
    uint64_t number = from->lowest;

    if (number + MEMORY_NUMBERS <= to->highest)
        number = to->highest - MEMORY_NUMBERS + 1;
    for (; number <= least(from->highest, to->highest); number++)
        if (!missing_has(sequencer, from, number))
            join_number(arrival, to, number);
    figures_add(&to->figures, &from->figures);
    to->figures.wraparounds = wraparounds;
    if (from->highest > to->highest) {
        to->figures.wraparounds += (uint32_t)((from->highest >> 32) - (to->highest >> 32));
        append_runs(arrival, from, to);
        position_move_on(sequencer, to, from);
    }
}

void believe_reached(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *main = believed(arrival);
    const struct position *position = position_at(sequencer, handle);

    believe_apply_refused(arrival, handle, main, UINT64_MAX);
    join(arrival, position, main);
    channel_remove(arrival, handle);
    position_free(sequencer, handle);
}
