/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Strays become positions, as if they had been from the beginning. */
#include "track/sequence/channel.h"
#include "track/sequence/refused.h"

/* Notes what a receiver at HANDLE, which was STRAY, would have refused since. */
static void note_refused(const struct arrival *arrival, uint32_t handle, const struct stray *stray)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);
    uint64_t last = least(main->highest, stray->number - sequencer->window);
    uint64_t number = stray->highest + 1;

    for (uint32_t back = FILLED; back-- > 0;)
        if (stray->filled >> back & 1)
            believe_refuse(arrival, handle, stray->highest - back);
    if (number + MEMORY_NUMBERS <= main->highest)
        number = main->highest - MEMORY_NUMBERS + 1;
    for (; number <= last; number++)
        if (position_saw(sequencer, main, number))
            believe_refuse(arrival, handle, number);
}

static void become_position(const struct arrival *arrival, uint32_t index)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct strays *strays = &channel_of(arrival)->strays;
    const struct position *main = believed(arrival);
    const struct stray *stray = stray_at(sequencer, strays->handles[index]);
    struct arrival then = {.sequencer = sequencer, .flow = arrival->flow, .now_ns = stray->came_ns};
    uint32_t handle = channel_begin(&then, stray->association, stray->number, 0);
    struct stance *stance;

    if (handle == POOL_NONE) {
        arrival->flow->outliers++;
        return;
    }
    stance = stance_of(sequencer, handle);
    stance->row = strays_idle(strays, index, main) == 0;
    stance->idle = strays_idle(strays, index, main);
    stance->main_since = stance->idle;
    stance->gap_index = stray->gap_index;
    stance->quiet_ns = stray->quiet_ns;
    stance->founded_at = stray->founded_at;
    stance->is_near = stray->association != main->association;
    stance->is_ahead = (uint8_t)stray_is_ahead(stray, main);
    stance->withheld_from = stance->is_ahead ? stray->highest - sequencer->window : UINT64_MAX;
    stance->as_late = stray->association == main->association && !stance->is_ahead;
    stance->far_late = (uint32_t)stance->as_late;
    stance->as_outliers = !stance->as_late;
    if (stance->is_ahead)
        note_refused(arrival, handle, stray);
}

uint64_t strays_frames(const struct arrival *arrival)
{
    const struct channel *channel = channel_of(arrival);

    return channel->frames + believed(arrival)->figures.received - channel->strays.received_then;
}

void strays_become_positions(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct channel *channel = channel_of(arrival);

    channel->frames = strays_frames(arrival);
    for (uint32_t i = 0; i < channel->strays.count; i++) {
        become_position(arrival, i);
        stray_free(sequencer, channel->strays.handles[i]);
    }
    channel->limits = (struct strays_limits){0};
    channel->strays = (struct strays){0};
    channel_make_room_in_all(arrival);
}
