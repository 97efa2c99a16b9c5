/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Numbers that a receiver at a hypothesis ahead would have refused. */
#include "track/sequence/channel.h"

int believe_refused(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct stance *stance = stance_of(sequencer, handle);
    const struct memory *memory;

    if (number > stance->refused_to || number + MEMORY_NUMBERS <= stance->refused_to)
        return 0;
    memory = memory_at(sequencer, position_at(sequencer, handle)->memory);
    return memory_has(memory->refused, number);
}

void believe_refuse(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);
    struct memory *memory =
        position_memory(arrival->sequencer, position_at(arrival->sequencer, handle));

    if (!memory || number + MEMORY_NUMBERS <= stance->refused_to)
        return;
    if (number > stance->refused_to) {
        uint64_t from = stance->refused_to ? stance->refused_to + 1 : number;

        memory_fill(memory->refused, from, number - from + 1, 0);
        if (!stance->refused_to)
            memory_fill(memory->refused, 0, MEMORY_NUMBERS, 0);
        stance->refused_to = number;
    }
    memory_fill(memory->refused, number, 1, 1);
}

void believe_apply_refused(const struct arrival *arrival, uint32_t handle,
                           struct position *position, uint64_t kept_from)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct stance *stance = stance_of(sequencer, handle);
    uint64_t number = position->highest - MEMORY_NUMBERS + 1;

    if (!stance->refused_to)
        return;
    if (number + MEMORY_NUMBERS <= stance->refused_to)
        number = stance->refused_to - MEMORY_NUMBERS + 1;
    for (; number <= least(stance->refused_to, position->highest); number++) {
        if (!believe_refused(sequencer, handle, number))
            continue;
        if (number < kept_from)
            position_unaccept(sequencer, position, number, stance->first_ns);
        else
            position->figures.received--;
        position->figures.late++;
    }
}

void believe_forget_refused(const struct arrival *arrival)
{
    FOR_OTHERS (arrival->sequencer, channel_of(arrival), handle, following)
        if (!stance_of(arrival->sequencer, handle)->is_earlier)
            stance_of(arrival->sequencer, handle)->refused_to = 0;
}
