/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Numbers that a receiver at a hypothesis ahead would have refused. */
#include "track/sequence/refused.h"

#include "track/sequence/channel.h"

int believe_refused(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct stance *stance = stance_of(sequencer, handle);

    if (number > stance->refused_to || number + MEMORY_NUMBERS <= stance->refused_to)
        return 0;
    if (stance->refused_from)
        return number >= stance->refused_from;
    return memory_has(memory_at(sequencer, position_at(sequencer, handle)->memory)->refused,
                      number);
}

/* Adds NUMBER to the refused numbers of STANCE, which are a range. Returns 0 when they would no
 * longer be one. */
static int lengthen(struct stance *stance, uint64_t number)
{
    if (number == stance->refused_to + 1)
        stance->refused_to = number;
    else if (number + 1 == stance->refused_from)
        stance->refused_from = number;
    return number >= stance->refused_from && number <= stance->refused_to;
}

/* Marks the refused numbers of STANCE, which are a range, in MEMORY. */
static void mark_range(struct stance *stance, struct memory *memory)
{
    uint64_t count = stance->refused_to - stance->refused_from + 1;

    count = least(count, MEMORY_NUMBERS);
    memory_fill(memory->refused, 0, MEMORY_NUMBERS, 0);
    memory_fill(memory->refused, stance->refused_to - count + 1, count, 1);
    stance->refused_from = 0;
}

void believe_refuse(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);
    struct memory *memory;

    if (number + MEMORY_NUMBERS <= stance->refused_to)
        return;
    if (!stance->refused_to) {
        stance->refused_from = number;
        stance->refused_to = number;
        return;
    }
    if (stance->refused_from && lengthen(stance, number))
        return;
    memory = position_memory(arrival->sequencer, position_at(arrival->sequencer, handle));
    if (!memory)
        return;
    if (stance->refused_from)
        mark_range(stance, memory);
    if (number > stance->refused_to) {
        memory_fill(memory->refused, stance->refused_to + 1, number - stance->refused_to, 0);
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
