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

/* Whether hypothesis HANDLE is a faster path of the SA of hypothesis SLOWER: it is ahead, and began
 * before. */
static int is_faster(const struct sequencer *sequencer, uint32_t handle, uint32_t slower)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    return !stance->is_earlier && !stance->of_copies && position->distinct >= CONFIRM &&
           position->association == position_at(sequencer, slower)->association &&
           stance->founder > stance_of(sequencer, slower)->founder &&
           stance->founded_at < stance_of(sequencer, slower)->founded_at;
}

/* Adds what a receiver at hypothesis FROM would have refused to what one at hypothesis TO would. */
static void hand_on(const struct arrival *arrival, uint32_t from, uint32_t to)
{
    const struct stance *stance = stance_of(arrival->sequencer, from);
    uint64_t number = stance->refused_to - least(stance->refused_to, MEMORY_NUMBERS - 1);

    if (!stance->refused_to)
        return;
    for (; number <= stance->refused_to; number++)
        if (believe_refused(arrival->sequencer, from, number))
            believe_refuse(arrival, to, number);
}

/* Adds the numbers of hypothesis SLOWER to those that a receiver at hypothesis HANDLE would have
 * refused, without those that MAIN has, if that is not NULL. */
static void refuse_all(const struct arrival *arrival, uint32_t handle, uint32_t slower,
                       const struct position *main)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *from = position_at(sequencer, slower);
    uint64_t last = position_at(sequencer, handle)->highest - sequencer->window;
    uint64_t number = from->lowest;

    if (number + MEMORY_NUMBERS <= from->highest)
        number = from->highest - MEMORY_NUMBERS + 1;
    for (; number <= least(from->highest, last); number++)
        if (position_saw(sequencer, from, number) &&
            !(main && position_remembers(main, number) && position_saw(sequencer, main, number)))
            believe_refuse(arrival, handle, number);
}

void believe_hand_refused(const struct arrival *arrival, uint32_t handle, uint32_t slower,
                          int is_jump)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, handle);
    struct stance *next = stance_of(sequencer, slower);
    int goes_on = is_faster(sequencer, handle, slower);

    if (goes_on && is_jump) {
        hand_on(arrival, handle, slower);
        next->withheld_from = least(next->withheld_from, stance->withheld_from);
    }
    stance->refused_to = 0;
    if (!goes_on)
        return;
    stance->is_ahead = 1;
    stance->withheld_from = 1; /* its receiver refuses what came first */
    refuse_all(arrival, handle, slower, is_jump ? believed(arrival) : NULL);
}

void believe_forget_refused(const struct arrival *arrival)
{
    FOR_OTHERS (arrival->sequencer, channel_of(arrival), handle, following)
        if (!stance_of(arrival->sequencer, handle)->is_earlier)
            stance_of(arrival->sequencer, handle)->refused_to = 0;
}
