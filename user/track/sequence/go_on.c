/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Handles a frame at the believed position, and its effect on the other positions. */
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/fits.h"
#include "track/sequence/refused.h"

int channel_take_alone(const struct arrival *arrival, struct position *main, uint64_t number)
{
    int taken = position_take(arrival, main, number);

    if (taken > 0 && main->distinct == CONFIRM)
        believe_first(arrival);
    if (main->runs != POOL_NONE)
        believe_expire(arrival);
    return taken;
}

/* Called when NUMBER came to the believed position: compares it with hypothesis HANDLE ahead. */
static void compare(const struct arrival *arrival, uint32_t handle, uint64_t number, int is_new)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    int is_known = position_remembers(position, number) && number >= position->lowest;

    if (is_known && position_saw(sequencer, position, number)) {
        position_mark(sequencer, position, number, 0);
        position_unaccept(sequencer, position, number, arrival->now_ns);
        position->figures.duplicates++;
        if (position->distinct < FEW || !position->figures.received) {
            if (arrival->flow->ran_ahead)
                arrival->flow->ran_ahead--;
            channel_forget(arrival, handle);
        }
    } else if (is_new && number + sequencer->window <= position->highest &&
               position->highest > believed(arrival)->highest) {
        believe_refuse(arrival, handle, number);
    }
}

int channel_is_late(const struct sequencer *sequencer, uint32_t handle)
{
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->of_copies && stance->has_late && stance->risen < CONFIRM;
}

uint32_t channel_strength(const struct sequencer *sequencer, uint32_t handle)
{
    return channel_is_late(sequencer, handle) ? stance_of(sequencer, handle)->risen
                                              : position_at(sequencer, handle)->distinct;
}

uint32_t channel_patience(const struct arrival *arrival, uint32_t handle)
{
    uint32_t distinct = channel_strength(arrival->sequencer, handle);

    if (distinct < CONFIRM)
        return STALE_FEW;
    return distinct > STALE ? distinct : STALE;
}

int channel_runs_ahead(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t main = arrival->flow->position;
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->is_ahead && !stance->is_earlier &&
           position_at(sequencer, handle)->association ==
               position_at(sequencer, main)->association &&
           stance->founder > stance_of(sequencer, main)->founder;
}

int channel_awaits_reaching(const struct arrival *arrival, uint32_t handle)
{
    const struct position *position = position_at(arrival->sequencer, handle);

    return arrival->now_ns <= position->last_ns + SETTLE_NS &&
           channel_runs_ahead(arrival, handle) &&
           position->lowest <= believed(arrival)->highest + MEMORY_NUMBERS;
}

/* Called when the believed position got a new number: ends the rows of all other positions. */
static void pass_over_others(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        struct stance *stance = stance_of(sequencer, handle);

        if (stance->is_earlier) {
            channel_break_row(arrival, handle);
            continue;
        }
        stance->row = 0;
        stance->risen_in_row = 0;
        stance->main_since++;
        channel_note_mixed(arrival, handle);
        if (++stance->idle > channel_patience(arrival, handle) &&
            !channel_awaits_reaching(arrival, handle))
            channel_forget(arrival, handle);
    }
}

/* The hypothesis ahead that the believed position has reached, or POOL_NONE. */
static uint32_t find_reached(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (channel_runs_ahead(arrival, handle) &&
            position_at(sequencer, handle)->lowest + sequencer->window <= main->highest)
            return handle;
    return POOL_NONE;
}

/* How many numbers the believed position misses of KNOWN that a receiver there would refuse now,
 * but for those of hypothesis HANDLE, which has one or two. */
static uint64_t count_missing(const struct arrival *arrival, uint32_t handle, uint64_t *known)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct position *main = believed(arrival);
    const uint64_t own[] = {position->lowest, position->highest};
    uint64_t first = main->lowest;
    uint64_t last = main->highest - sequencer->window;
    uint64_t missing;

    if (first + MEMORY_NUMBERS <= main->highest)
        first = main->highest - MEMORY_NUMBERS + 1;
    *known = last + 1 > first ? last + 1 - first : 0;
    if (!*known)
        return 0;
    missing = position_count_missing(sequencer, main, first, last);
    for (uint32_t i = 0; i < position->distinct; i++)
        missing -= own[i] >= first && own[i] <= last && !position_saw(sequencer, main, own[i]);
    return missing;
}

/* Whether hypothesis HANDLE, of one or two numbers, which the sender reached and which did not come
 * again, was genuine. That a forged one is one of the missing numbers is the less probable, the
 * fewer are missing. If more than two have not come again, all are forged only if all of them
 * are. */
static int ran_ahead_again(const struct arrival *arrival, uint32_t handle)
{
    struct flow *flow = arrival->flow;
    uint64_t of_known = 1;
    uint64_t of_missing = HARDLY_LOSSY;
    uint64_t known;
    uint64_t missing = count_missing(arrival, handle, &known) + 1;

    if (flow->ran_ahead < RAN_AHEAD_MAX)
        flow->ran_ahead++;
    for (uint32_t i = 0; i < (flow->ran_ahead < CONFIRM ? 1 : flow->ran_ahead); i++) {
        of_known *= known;
        of_missing *= missing;
    }
    return of_missing <= of_known;
}

/* Forgets hypothesis HANDLE, of one or two numbers, which the believed position has reached. Those
 * that it would refuse now have come, so that it does not miss them. */
static void forget_reached(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    struct position *main = believed(arrival);
    const uint64_t own[] = {position->lowest, position->highest};

    for (uint32_t i = 0; i < position->distinct; i++)
        if (position_remembers(main, own[i]) && own[i] + sequencer->window <= main->highest)
            position_mark(sequencer, main, own[i], 1);
    channel_forget(arrival, handle);
}

/* Handles hypothesis HANDLE, which the believed position has reached, and whose numbers did not
 * come again. Where many numbers are lost, one or two may be forged. */
static void reach(const struct arrival *arrival, uint32_t handle)
{
    if (position_at(arrival->sequencer, handle)->distinct >= CONFIRM ||
        ran_ahead_again(arrival, handle))
        believe_reached(arrival, handle);
    else
        forget_reached(arrival, handle);
}

/* Closes earlier positions, because the believed position has got many numbers since. */
static void close_earlier(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t handle = stance_of(sequencer, arrival->flow->position)->before;

    for (; handle != POOL_NONE; handle = stance_of(sequencer, handle)->before) {
        position_give_up(sequencer, arrival->flow, position_at(sequencer, handle));
        stance_of(sequencer, handle)->is_closed = 1;
        distance_close(arrival, handle);
    }
    channel_of(arrival)->returns = 0;
}

/* Called when the believed position got the new NUMBER. Copies do not make a change final. */
static void count_to_settle(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->of_copies && number <= stance->copies_end) {
        if (stance->to_settle && stance->change == CHANGE_RESTART)
            stance->own +=
                (uint32_t)channel_misses(sequencer, position_at(sequencer, stance->before), number);
        return;
    }
    if (stance->to_settle == 1)
        believe_settle(arrival, arrival->flow->position);
    else if (stance->to_settle)
        stance->to_settle--;
    if (stance->to_close && --stance->to_close == 0)
        close_earlier(arrival);
}

/* Whether NUMBER, at or below the highest of the believed position, belongs to HANDLE, a sender
 * that restarted in its window. Until that sender is confirmed, its numbers look like copies; where
 * the believed position lost some, it takes a longer row of copies. */
static int is_restarted(const struct arrival *arrival, uint32_t handle, uint64_t number, int is_new)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct stance *stance = stance_of(sequencer, handle);
    const struct position *position = position_at(sequencer, handle);

    return stance->of_copies && !stance->is_earlier &&
           position->association == believed(arrival)->association &&
           channel_fits(sequencer, handle, number) &&
           (!channel_has_arrived(sequencer, handle, number) ||
            channel_begins_elsewhere(sequencer, handle, number)) &&
           (!is_new ||
            (stance->row && position->distinct >= FEW && !channel_is_late(sequencer, handle) &&
             channel_came_alone(sequencer, handle)));
}

/* The hypothesis of such a sender to which NUMBER belongs, of several the one with the longest row:
 * others may be of one or two forged numbers. POOL_NONE: there is none. */
static uint32_t find_restarted(const struct arrival *arrival, uint64_t number, int is_new)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (is_restarted(arrival, handle, number, is_new) &&
            (found == POOL_NONE ||
             stance_of(sequencer, handle)->row > stance_of(sequencer, found)->row))
            found = handle;
    return found;
}

/* Whether NUMBER, at or below the highest, went to a sender that restarted. */
static int went_to_restarted(const struct arrival *arrival, uint64_t number, int is_new)
{
    uint32_t handle = POOL_NONE;

    if (channel_of(arrival)->copies)
        handle = find_restarted(arrival, number, is_new);
    if (handle != POOL_NONE)
        channel_feed(arrival, handle, number);
    else if (!is_new && channel_begins_anew(arrival, number))
        channel_found_copies(arrival, arrival->flow->position, number);
    else
        return 0;
    return 1;
}

int channel_go_on(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct channel *channel = channel_of(arrival);
    struct position *main = believed(arrival);
    int is_new = number > main->highest || (!position_gave_up(sequencer, main, number) &&
                                            !position_saw(sequencer, main, number));
    uint32_t reached;
    int taken;

    if (number <= main->highest && went_to_restarted(arrival, number, is_new))
        return 0;
    if (channel->hypotheses)
        FOR_OTHERS (sequencer, channel, handle, following)
            if (channel_runs_ahead(arrival, handle))
                compare(arrival, handle, number, is_new);
    taken = channel_take_alone(arrival, main, number);
    if (taken <= 0)
        return taken;
    if (channel->hypotheses || channel->has_row)
        pass_over_others(arrival);
    channel_of(arrival)->has_row = 0;
    while (channel->hypotheses && (reached = find_reached(arrival)) != POOL_NONE)
        reach(arrival, reached);
    count_to_settle(arrival, number);
    believe_expire(arrival);
    return taken;
}
