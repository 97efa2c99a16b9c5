/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/strays.h"

#include "base/units.h"
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/moves.h"

/* --- strays of all flows, in the order in which they came --- */

static void link_newest(struct sequencer *sequencer, uint32_t handle)
{
    struct stray *stray = stray_at(sequencer, handle);

    stray->older = sequencer->newest_stray;
    stray->newer = POOL_NONE;
    if (sequencer->newest_stray == POOL_NONE)
        sequencer->oldest_stray = handle;
    else
        stray_at(sequencer, sequencer->newest_stray)->newer = handle;
    sequencer->newest_stray = handle;
}

void stray_free(struct sequencer *sequencer, uint32_t handle)
{
    const struct stray *stray = stray_at(sequencer, handle);

    if (stray->older == POOL_NONE)
        sequencer->oldest_stray = stray->newer;
    else
        stray_at(sequencer, stray->older)->newer = stray->newer;
    if (stray->newer == POOL_NONE)
        sequencer->newest_stray = stray->older;
    else
        stray_at(sequencer, stray->newer)->older = stray->older;
    pool_return(&sequencer->strays, handle);
}

/* --- to forget them --- */

/* Forgets stray INDEX: it is late, or an outlier. */
static void forget(const struct arrival *arrival, uint32_t index)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct strays *strays = &channel_of(arrival)->strays;
    struct position *main = believed(arrival);
    struct stray *stray = stray_at(sequencer, strays->handles[index]);

    if (stray->association == main->association && !stray_is_ahead(stray, main)) {
        main->figures.late++;
        distance_note_at(sequencer, &main->reorder, main->highest, stray->number);
    } else {
        arrival->flow->outliers++;
    }
    stray_free(sequencer, strays->handles[index]);
    strays->count--;
    for (; index < strays->count; index++) {
        strays->handles[index] = strays->handles[index + 1];
        strays->low[index] = strays->low[index + 1];
        strays->received[index] = strays->received[index + 1];
    }
    if (!strays->count)
        channel_of(arrival)->limits.received = 0;
}

void strays_close(const struct arrival *arrival)
{
    while (channel_of(arrival)->strays.count)
        forget(arrival, 0);
    pool_return(&arrival->sequencer->channels, arrival->flow->channel);
    arrival->flow->channel = POOL_NONE;
}

void strays_forget_oldest(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t oldest = sequencer->oldest_stray;
    struct arrival of_oldest = {.sequencer = sequencer,
                                .flow = stray_at(sequencer, oldest)->flow,
                                .now_ns = arrival->now_ns};
    uint32_t index = 0;

    while (channel_of(&of_oldest)->strays.handles[index] != oldest)
        index++;
    forget(&of_oldest, index);
}

/* Whether stray INDEX is kept until the believed position reaches it: as
 * channel_awaits_reaching(). */
static int awaits_reaching(const struct arrival *arrival, uint32_t index)
{
    const struct position *main = believed(arrival);
    const struct stray *stray =
        stray_at(arrival->sequencer, channel_of(arrival)->strays.handles[index]);

    return arrival->now_ns <= stray->came_ns + SETTLE_NS && stray_is_ahead(stray, main) &&
           stray->number <= main->highest + MEMORY_NUMBERS;
}

/* Forgets the strays for which the believed position has received too many numbers. */
static void forget_stale(const struct arrival *arrival)
{
    struct strays_limits *limits = &channel_of(arrival)->limits;
    const struct strays *strays = &channel_of(arrival)->strays;
    const struct position *main = believed(arrival);
    uint32_t index = 0;

    limits->time_ns = UINT64_MAX;
    while (index < strays->count && strays_idle(strays, index, main) > STALE_FEW) {
        if (awaits_reaching(arrival, index)) {
            const struct stray *stray = stray_at(arrival->sequencer, strays->handles[index]);

            limits->time_ns = least(limits->time_ns, stray->came_ns + SETTLE_NS);
            index++;
        } else {
            forget(arrival, index);
        }
    }
    limits->received = UINT64_MAX;
    if (index < strays->count)
        limits->received = main->figures.received - strays_idle(strays, index, main) + STALE_FEW;
}

/* --- the believed position goes on --- */

/* Whether nothing more than the believed position is needed for NUMBER, which fits there. */
static int may_go_on(const struct arrival *arrival, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);
    struct channel *channel = channel_of(arrival);
    const struct strays *strays = &channel->strays;

    if (number < main->lowest || channel_begins_anew(arrival, number))
        return 0;
    if (number < channel->limits.number && number >= main->highest)
        return 1;
    channel->limits.number = UINT64_MAX;
    for (uint32_t i = 0; i < strays->count; i++) {
        const struct stray *stray = stray_at(sequencer, strays->handles[i]);

        if (!stray_is_ahead(stray, main))
            continue;
        if (number == stray->number || stray->number + sequencer->window <= number ||
            number + FILLED <= stray->highest)
            return 0;
        channel->limits.number = least(channel->limits.number, stray->number);
    }
    return 1;
}

/* Notes that NUMBER came, which is new, and below the believed position's highest. */
static void fill(const struct arrival *arrival, uint64_t number)
{
    const struct strays *strays = &channel_of(arrival)->strays;

    for (uint32_t i = 0; i < strays->count; i++) {
        struct stray *stray = stray_at(arrival->sequencer, strays->handles[i]);

        if (number <= stray->highest && number + FILLED > stray->highest)
            stray->filled |= UINT64_C(1) << (stray->highest - number);
    }
}

/* Receives NUMBER for which may_go_on(). */
static int go_on(const struct arrival *arrival, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct channel *channel = channel_of(arrival);
    struct position *main = believed(arrival);
    int taken;

    if (number < main->highest && !position_saw(sequencer, main, number))
        fill(arrival, number);
    taken = channel_take_alone(arrival, main, number);
    if (taken <= 0) {
        channel->frames++;
        return taken;
    }
    if (main->figures.received > channel->limits.received ||
        arrival->now_ns > channel->limits.time_ns)
        forget_stale(arrival);
    if (!channel->strays.count)
        strays_close(arrival);
    believe_expire(arrival);
    return taken;
}

uint64_t strays_untouched_until(const struct sequencer *sequencer, const struct strays *strays,
                                const struct position *main)
{
    uint64_t until = UINT64_MAX;

    for (uint32_t i = 0; i < strays->count; i++) {
        const struct stray *stray = stray_at(sequencer, strays->handles[i]);

        if (stray_is_ahead(stray, main))
            until = least(until, stray->highest - sequencer->window - 1);
    }
    return until;
}

/* --- a number that does not fit there --- */

/* Whether NUMBER of ASSOCIATION may belong to stray INDEX. */
static int may_belong_to(const struct arrival *arrival, uint32_t index, unsigned association,
                         uint64_t number)
{
    const struct strays *strays = &channel_of(arrival)->strays;
    const struct position *main = believed(arrival);
    const struct stray *stray;
    uint64_t there;

    if (main->bits >= 32 && (uint32_t)number - strays->low[index] + JUMP_MAX > 2 * JUMP_MAX)
        return 0;
    stray = stray_at(arrival->sequencer, strays->handles[index]);
    there = number_nearest(number, stray->number, main->bits);
    return stray->association == association &&
           there + arrival->sequencer->window > stray->number &&
           there <= stray->number +
                        (strays_idle(strays, index, main) ? arrival->sequencer->window : JUMP_MAX);
}

/* Whether NUMBER of ASSOCIATION, EXTENDED at the believed position, may be more than one more
 * stray. */
static int may_belong(const struct arrival *arrival, unsigned association, uint64_t number,
                      uint64_t extended)
{
    const struct position *main = believed(arrival);

    if (association == main->association && extended + MEMORY_NUMBERS > main->highest &&
        extended <= main->highest + MEMORY_NUMBERS)
        return 1;
    if (arrival->flow->channel != POOL_NONE)
        for (uint32_t i = 0; i < channel_of(arrival)->strays.count; i++)
            if (may_belong_to(arrival, i, association, number))
                return 1;
    return 0;
}

/* Gives the flow of ARRIVAL a channel for strays. Returns 0, or -1: no memory. */
static int open_channel(const struct arrival *arrival)
{
    struct flow *flow = arrival->flow;

    flow->channel = pool_take(&arrival->sequencer->channels);
    if (flow->channel == POOL_NONE)
        return -1;
    *channel_of(arrival) = (struct channel){
        .next_generation = 1,
        .limits = {UINT64_MAX, UINT64_MAX, UINT64_MAX},
        .strays = {.opened_ns = arrival->now_ns,
                   .received_then = believed(arrival)->figures.received},
    };
    return 0;
}

/* Founds a stray with NUMBER of ASSOCIATION. */
static int found(const struct arrival *arrival, unsigned association, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    const struct position *main = believed(arrival);
    struct channel *channel;
    struct strays *strays;
    struct stray *stray;
    uint32_t handle;

    if (flow->channel == POOL_NONE && open_channel(arrival) < 0) {
        flow->outliers++;
        return -1;
    }
    channel = channel_of(arrival);
    channel->frames++;
    strays = &channel->strays;
    if (strays->count == HYPOTHESES_MAX)
        forget(arrival, 0);
    channel_make_room_in_all(arrival);
    handle = pool_take(&sequencer->strays);
    if (handle == POOL_NONE) {
        flow->outliers++;
        return 0;
    }
    stray = stray_at(sequencer, handle);
    *stray = (struct stray){
        .number = number,
        .came_ns = arrival->now_ns,
        .founded_at = (uint32_t)strays_frames(arrival),
        .quiet_ns = main->last_ns,
        .gap_index = sequencer->gaps->count & GAP_INDEX_MAX,
        .highest = main->highest,
        .flow = flow,
        .association = (uint8_t)association,
    };
    link_newest(sequencer, handle);
    strays->handles[strays->count] = handle;
    strays->low[strays->count] = (uint32_t)number;
    strays->received[strays->count] = (uint32_t)main->figures.received;
    strays->count++;
    channel->limits.received = least(channel->limits.received, main->figures.received + STALE_FEW);
    if (stray_is_ahead(stray, main))
        channel->limits.number = least(channel->limits.number, number);
    return 0;
}

int strays_take(const struct arrival *arrival, unsigned association, uint64_t number,
                uint64_t extended, int fits, int *taken)
{
    const struct position *main = believed(arrival);

    if (main->stance != POOL_NONE || main->distinct < CONFIRM || flow_moves(arrival->flow) ||
        arrival->flow->mixed_senders)
        return 0;
    if (fits) {
        if (arrival->flow->channel == POOL_NONE || !may_go_on(arrival, extended))
            return 0;
        *taken = go_on(arrival, extended);
        return 1;
    }
    if (may_belong(arrival, association, number, extended))
        return 0;
    *taken =
        found(arrival, association,
              association == main->association ? channel_extend_anew(arrival, association, number)
                                               : number);
    return 1;
}

void strays_shift_time(const struct sequencer *sequencer, const struct flow *flow, int64_t step_ns)
{
    struct channel *channel = channel_at(sequencer, flow->channel);

    if (!channel->strays.count)
        return;
    channel->strays.opened_ns = shift_time(channel->strays.opened_ns, step_ns);
    channel->limits.time_ns = 0; /* it is set again */
    for (uint32_t i = 0; i < channel->strays.count; i++) {
        struct stray *stray = stray_at(sequencer, channel->strays.handles[i]);

        stray->came_ns = shift_time(stray->came_ns, step_ns);
        stray->quiet_ns = shift_time(stray->quiet_ns, step_ns);
    }
}
