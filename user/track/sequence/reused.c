/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An association that is used again, by a new SA whose first numbers the old one had lost. Until
 * the new SA is believed, nothing tells them from late numbers of the old one.
 */
#include "track/sequence/channel.h"

void reused_note(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t at = believed(arrival)->distinct;
    struct memory *memory;

    if (!stance->is_closed || position->association == believed(arrival)->association ||
        position->memory == POOL_NONE)
        return;
    memory = memory_at(sequencer, position->memory);
    if (!stance->noted || at - stance->noted_at > STALE) {
        memory_fill(memory->refused, 0, MEMORY_NUMBERS, 0); /* of a closed one it is free */
        stance->noted = 0;
    }
    memory_fill(memory->refused, number, 1, 1);
    stance->noted++;
    stance->noted_at = at;
}

/* Adds NUMBER, which came before the founder of POSITION, as if it had come with it. */
static void add(const struct arrival *arrival, struct position *position, uint64_t number)
{
    struct arrival with = *arrival;
    struct sequence_figures before = position->figures;
    uint64_t last_ns = position->last_ns;

    with.now_ns = stance_at(arrival->sequencer, position->stance)->first_ns;
    with.is_noted = 1;
    position_take(&with, position, number);
    position->figures.reordered = before.reordered;
    position->figures.max_reorder_distance = before.max_reorder_distance;
    position->last_ns = last_ns;
}

/* Gives to hypothesis HANDLE the numbers that came late to EARLIER: those within a window of its
 * founder that it misses, and below them all that are within a window of the next. */
static void take_back(const struct arrival *arrival, uint32_t earlier, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *from = position_at(sequencer, earlier);
    struct position *to = position_at(sequencer, handle);
    const uint64_t *noted = memory_at(sequencer, from->memory)->refused;
    uint64_t lowest = stance_of(sequencer, handle)->founder;
    uint64_t number = least(least(to->highest, from->highest), lowest + sequencer->window);

    for (; number + sequencer->window >= lowest && position_remembers(from, number) &&
           position_remembers(to, number);
         number--) {
        if (!memory_has(noted, number) ||
            (number >= to->lowest && position_saw(sequencer, to, number)))
            continue;
        add(arrival, to, number);
        from->figures.late--;
        missing_was_not_late(sequencer, from, number);
        lowest = least(lowest, number);
    }
    stance_of(sequencer, earlier)->noted = 0;
}

void reused_take_back(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);
    uint32_t at = arrival->flow->position;

    for (; at != POOL_NONE; at = stance_of(sequencer, at)->before)
        if (position_at(sequencer, at)->association == position->association &&
            stance_of(sequencer, at)->noted && stance->of_copies &&
            stance->founder <= position_at(sequencer, at)->highest &&
            believed(arrival)->distinct - stance_of(sequencer, at)->noted_at <=
                STALE + stance->main_since)
            take_back(arrival, at, handle);
}
