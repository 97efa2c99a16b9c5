/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which numbers a position takes that is not believed. */
#include "track/sequence/fits.h"

int channel_begins_behind_wrap(const struct position *position, uint64_t number)
{
    return number > position->highest && position_wraps(position, position->highest, number) &&
           position_on_wire(position, number) <= SETTLE_NUMBERS;
}

/* Whether NUMBER does not go on from the few numbers of POSITION. */
static int is_apart(const struct position *position, uint64_t number)
{
    return number + FEW < position->lowest || number > position->highest + FEW;
}

int channel_has_arrived(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(sequencer, handle);

    return number <= position->highest && position_saw(sequencer, position, number);
}

int channel_begins_elsewhere(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->of_copies && !stance->row && position->distinct + stance->strays < CONFIRM &&
           (is_apart(position, number) || channel_has_arrived(sequencer, handle, number));
}

/* Whether hypothesis HANDLE consists of one or two numbers, which may be forged, and NUMBER is none
 * of them and does not support them: they are old, and it comes behind an outage; an SA begins with
 * it; or they are copies, no new number came since, and it does not go on from them. */
static int is_left_alone(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    if (stance->is_earlier || position->distinct >= CONFIRM ||
        channel_has_arrived(sequencer, handle, number))
        return 0;
    if (channel_begins_behind_wrap(position, number))
        return 1;
    return stance->of_copies ? stance->row && is_apart(position, number) : stance->idle > STALE_FEW;
}

int channel_fits(const struct sequencer *sequencer, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    if (!position_fits(position, number, sequencer->window) ||
        is_left_alone(sequencer, handle, number))
        return 0;
    return stance->is_earlier || !stance->of_copies ||
           position_round(position, number) >= position_round(position, position->lowest);
}
