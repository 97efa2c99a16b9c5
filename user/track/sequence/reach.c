/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Joins a hypothesis ahead that was reached and did not come again: it was a faster path. */
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/refused.h"

/* Adds the runs of FROM above the highest of TO to TO. */
static void append_runs(const struct arrival *arrival, const struct position *from,
                        struct position *to)
{
    const struct sequencer *sequencer = arrival->sequencer;

    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run run = *run_at(sequencer, i);

        if (run.last <= to->highest)
            continue;
        if (run.first <= to->highest) {
            run.first = to->highest + 1;
            run.before_ns = to->highest_ns;
        }
        missing_append(arrival, to, &run);
    }
}

/* Copies to TO which numbers FROM remembers as seen. */
static void join_memory(struct sequencer *sequencer, const struct position *from,
                        struct position *to)
{
    uint64_t highest = from->highest > to->highest ? from->highest : to->highest;
    uint64_t number = from->lowest;

    if (number + MEMORY_NUMBERS <= highest)
        number = highest - MEMORY_NUMBERS + 1;
    for (; number <= least(from->highest, to->highest); number++)
        if (position_saw(sequencer, from, number))
            position_mark(sequencer, to, number, 1);
}

/* Joins the numbers of FROM with those of TO. */
static void join(const struct arrival *arrival, const struct position *from, struct position *to)
{
    uint32_t wraparounds = to->figures.wraparounds;

    missing_join_from(arrival, from, to, least(from->highest, to->highest));
    join_memory(arrival->sequencer, from, to);
    figures_add(&to->figures, &from->figures);
    to->figures.wraparounds = wraparounds;
    if (from->highest > to->highest) {
        to->figures.wraparounds += position_wraps(to, to->highest, from->highest);
        append_runs(arrival, from, to);
        position_move_on(arrival->sequencer, to, from);
    }
}

void believe_reached(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *main = believed(arrival);
    const struct position *position = position_at(sequencer, handle);

    believe_apply_refused(arrival, handle, main, UINT64_MAX);
    distance_add(sequencer, &main->reorder, position->reorder);
    join(arrival, position, main);
    channel_remove(arrival, handle);
    position_free(sequencer, handle);
}
