/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/channel.h"

#include <string.h>

#include "track/sequence/distance.h"

#define STRAYS_PER_POSITION 8 /* in the memory of one with its stance */

/* The stance of position HANDLE when it begins. */
static struct stance new_stance(const struct arrival *arrival, uint32_t handle)
{
    const struct position *position = position_at(arrival->sequencer, handle);

    return (struct stance){
        .flow = arrival->flow,
        .founder = position->start,
        .known_from = position->start,
        .first_ns = arrival->now_ns,
        .lowest_ns = arrival->now_ns,
        .withheld_from = UINT64_MAX,
        .self = handle,
    };
}

/* Gives position HANDLE a stance. Returns it, or NULL: no memory. */
static struct stance *give_stance(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance;

    position->stance = pool_take(&arrival->sequencer->stances);
    if (position->stance == POOL_NONE)
        return NULL;
    stance = stance_at(arrival->sequencer, position->stance);
    *stance = new_stance(arrival, handle);
    return stance;
}

int channel_open(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct stance *stance;

    if (flow->channel != POOL_NONE && believed(arrival)->stance != POOL_NONE)
        return 0;
    if (flow->channel == POOL_NONE) {
        flow->channel = pool_take(&sequencer->channels);
        if (flow->channel == POOL_NONE)
            return -1;
        *channel_of(arrival) = (struct channel){.next_generation = 1};
        channel_of(arrival)->strays.opened_ns = arrival->now_ns;
    }
    stance = give_stance(arrival, flow->position);
    if (!stance) {
        strays_close(arrival);
        return -1;
    }
    stance->first_ns = flow->first_ns;
    stance->lowest_ns = channel_of(arrival)->strays.opened_ns;
    strays_become_positions(arrival);
    return 0;
}

/* Whether the channel of ARRIVAL's flow is as channel_open() makes it. What its frames are counted
 * for ends with the other positions. */
static int is_as_opened(const struct arrival *arrival)
{
    const struct stance *stance = stance_of(arrival->sequencer, arrival->flow->position);
    struct stance opened = new_stance(arrival, arrival->flow->position);
    struct channel empty = {.next_generation = 1, .frames = channel_of(arrival)->frames};

    opened.first_ns = arrival->flow->first_ns;
    opened.lowest_ns = stance->lowest_ns;
    return memcmp(&empty, channel_of(arrival), sizeof(empty)) == 0 &&
           memcmp(&opened, stance, sizeof(opened)) == 0;
}

void channel_close_unused(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    struct position *main = believed(arrival);

    if (channel_of(arrival)->others != POOL_NONE || flow->mixed_senders ||
        stance_at(sequencer, main->stance)->receiver != POOL_NONE || !is_as_opened(arrival))
        return;
    pool_return(&sequencer->stances, main->stance);
    pool_return(&sequencer->channels, flow->channel);
    main->stance = POOL_NONE;
    flow->channel = POOL_NONE;
}

/* --- hypotheses of all flows, in the order of use --- */

static void unlink_stance(struct sequencer *sequencer, const struct stance *stance)
{
    if (stance->older == POOL_NONE)
        sequencer->oldest = stance->newer;
    else
        stance_at(sequencer, stance->older)->newer = stance->newer;
    if (stance->newer == POOL_NONE)
        sequencer->newest = stance->older;
    else
        stance_at(sequencer, stance->newer)->older = stance->older;
    sequencer->hypotheses--;
}

static void link_newest(struct sequencer *sequencer, uint32_t handle)
{
    struct stance *stance = stance_at(sequencer, handle);

    stance->older = sequencer->newest;
    stance->newer = POOL_NONE;
    if (sequencer->newest == POOL_NONE)
        sequencer->oldest = handle;
    else
        stance_at(sequencer, sequencer->newest)->newer = handle;
    sequencer->newest = handle;
    sequencer->hypotheses++;
}

void channel_touch(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t stance = position_at(sequencer, handle)->stance;

    if (sequencer->newest == stance)
        return;
    unlink_stance(sequencer, stance_at(sequencer, stance));
    link_newest(sequencer, stance);
}

/* --- the other positions of a channel --- */

void channel_add(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct channel *channel = channel_of(arrival);
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t *end = &channel->others;

    while (*end != POOL_NONE)
        end = &stance_of(sequencer, *end)->next;
    *end = handle;
    stance->next = POOL_NONE;
    if (stance->is_earlier) {
        channel->earlier++;
        return;
    }
    channel->hypotheses++;
    channel->copies += stance->of_copies;
    position_at(sequencer, handle)->is_hypothesis = 1;
    link_newest(sequencer, position_at(sequencer, handle)->stance);
}

void channel_remove(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct channel *channel = channel_of(arrival);
    struct stance *stance = stance_of(sequencer, handle);
    uint32_t *at = &channel->others;

    while (*at != handle)
        at = &stance_of(sequencer, *at)->next;
    *at = stance->next;
    if (stance->is_earlier) {
        channel->earlier--;
        return;
    }
    channel->hypotheses--;
    channel->copies -= stance->of_copies;
    position_at(sequencer, handle)->is_hypothesis = 0;
    unlink_stance(sequencer, stance);
}

struct position *channel_newest(const struct arrival *arrival, unsigned association)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t handle = arrival->flow->position;

    for (; handle != POOL_NONE; handle = stance_of(sequencer, handle)->before)
        if (position_at(sequencer, handle)->association == association)
            return position_at(sequencer, handle);
    return NULL;
}

void channel_begin_with(const struct arrival *arrival, uint32_t handle, uint64_t number,
                        uint64_t time_ns)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    uint32_t kept = position->stance;
    struct stance *stance = stance_of(sequencer, handle);

    stance->founder = number;
    stance->known_from = number;
    stance->first_ns = time_ns;
    stance->lowest_ns = time_ns;
    stance->row = 1;
    stance->in_order = 1;
    stance->idle = 0;
    stance->beside = 0;
    stance->refused_to = 0;
    stance->rose_after = 0;
    stance->since_rise = 0;
    stance->own = 0;
    stance->has_late = 0;
    stance->risen = 0;
    stance->risen_in_row = 0;
    missing_drop_from(sequencer, position, 0);
    if (position->memory != POOL_NONE)
        pool_return(&sequencer->memories, position->memory);
    distance_release(sequencer, position);
    position_begin(position, arrival->flow, position->association, number, time_ns);
    position->stance = kept;
    position->is_hypothesis = 1;
}

int channel_came_alone(const struct sequencer *sequencer, uint32_t handle)
{
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->row == position_at(sequencer, handle)->distinct || stance->main_since < CONFIRM;
}

uint32_t channel_row(const struct sequencer *sequencer, uint32_t handle)
{
    const struct stance *stance = stance_of(sequencer, handle);

    if (stance->of_copies && channel_came_alone(sequencer, handle))
        return position_at(sequencer, handle)->distinct;
    return stance->row;
}

void channel_forget(const struct arrival *arrival, uint32_t handle)
{
    channel_count_forgotten(arrival, handle);
    channel_remove(arrival, handle);
    position_free(arrival->sequencer, handle);
}

/* The weaker one of hypotheses A and B; B, if A is POOL_NONE. */
static uint32_t weaker(const struct sequencer *sequencer, uint32_t a, uint32_t b)
{
    if (a == POOL_NONE)
        return b;
    return channel_strength(sequencer, b) < channel_strength(sequencer, a) ? b : a;
}

/* The weakest hypothesis of the channel. */
static uint32_t weakest(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (!stance_of(sequencer, handle)->is_earlier)
            found = weaker(sequencer, found, handle);
    return found;
}

/* Of the hypotheses of copies of ASSOCIATION the one with the shortest row, if there are as many as
 * may be; else POOL_NONE. Copies of one SA take no room of another. */
static uint32_t shortest_copies(const struct arrival *arrival, unsigned association)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;
    uint32_t count = 0;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct stance *stance = stance_of(sequencer, handle);

        if (stance->is_earlier || !stance->of_copies ||
            position_at(sequencer, handle)->association != association)
            continue;
        if (found == POOL_NONE || channel_row(sequencer, handle) < channel_row(sequencer, found))
            found = handle;
        count++;
    }
    return count >= COPIES_MAX ? found : POOL_NONE;
}

void channel_make_room(const struct arrival *arrival, unsigned association, int of_copies)
{
    const struct channel *channel = channel_of(arrival);
    uint32_t copies = POOL_NONE;

    if (of_copies && channel->copies >= COPIES_MAX)
        copies = shortest_copies(arrival, association);
    if (copies != POOL_NONE)
        channel_forget(arrival, copies);
    else if (channel->hypotheses >= HYPOTHESES_MAX)
        channel_forget(arrival, weakest(arrival));
    channel_make_room_in_all(arrival);
}

/* Whether there are as many hypotheses of all flows together as may be. */
static int are_too_many(const struct sequencer *sequencer)
{
    return sequencer->hypotheses + sequencer->strays.count / STRAYS_PER_POSITION >=
           HYPOTHESES_BESIDES + sequencer->channels.count;
}

static void forget_oldest_position(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct stance *oldest = stance_at(sequencer, sequencer->oldest);
    struct arrival of_oldest = {
        .sequencer = sequencer, .flow = oldest->flow, .now_ns = arrival->now_ns};

    channel_forget(&of_oldest, oldest->self);
}

void channel_make_room_in_all(const struct arrival *arrival)
{
    /* A position takes the room of several strays, and strays become positions together. */
    while (are_too_many(arrival->sequencer)) {
        if (arrival->sequencer->strays.count)
            strays_forget_oldest(arrival);
        else
            forget_oldest_position(arrival);
    }
}

uint32_t channel_found(const struct arrival *arrival, unsigned association, uint64_t number,
                       int of_copies)
{
    channel_make_room(arrival, association, of_copies);
    return channel_begin(arrival, association, number, of_copies);
}

uint32_t channel_begin(const struct arrival *arrival, unsigned association, uint64_t number,
                       int of_copies)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = position_at(sequencer, arrival->flow->position);
    struct stance *stance;
    uint32_t handle = pool_take(&sequencer->positions);

    if (handle == POOL_NONE)
        return POOL_NONE;
    position_begin(position_at(sequencer, handle), arrival->flow, association, number,
                   arrival->now_ns);
    stance = give_stance(arrival, handle);
    if (!stance) {
        pool_return(&sequencer->positions, handle);
        return POOL_NONE;
    }
    stance->row = 1;
    stance->in_order = 1;
    stance->of_copies = (uint8_t)of_copies;
    stance->gap_index = sequencer->gaps->count;
    stance->quiet_ns = main->last_ns;
    stance->founded_at = channel_of(arrival)->frames;
    channel_add(arrival, handle);
    if (of_copies)
        distance_begin_copies(arrival, handle);
    stance->is_near = (uint8_t)channel_is_near(main, association, number);
    if (!of_copies && main->association == association && number > main->highest) {
        stance->is_ahead = 1;
        stance->withheld_from = main->highest - sequencer->window;
    }
    return handle;
}

int channel_has_only_copies(const struct sequencer *sequencer, uint32_t handle)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->of_copies && position->highest <= stance->copies_end &&
           position_on_wire(position, position->lowest) > SETTLE_NUMBERS &&
           position_on_wire(position, stance->founder) > SETTLE_NUMBERS;
}

int channel_misses(const struct sequencer *sequencer, const struct position *position,
                   uint64_t number)
{
    return position_remembers(position, number) &&
           channel_knows_about(sequencer, position, number) &&
           !position_saw(sequencer, position, number);
}

int channel_may_be_mirror(const struct sequencer *sequencer, uint32_t handle)
{
    return channel_has_only_copies(sequencer, handle) &&
           stance_of(sequencer, handle)->own < CONFIRM;
}
