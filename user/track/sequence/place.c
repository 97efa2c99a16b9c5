/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the position for a frame that does not fit the believed one. */
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/fits.h"

/* The rank of a hypothesis of one or two numbers (see rank()): like that of a closed position that
 * knows the number. It is higher where the believed position got a number since. */
#define RANK_FORGEABLE 6

/* Whether NUMBER of ASSOCIATION fits position HANDLE. Sets EXTENDED to the number there. */
static int fits(const struct arrival *arrival, uint32_t handle, unsigned association,
                uint64_t number, uint64_t *extended)
{
    const struct position *position = position_at(arrival->sequencer, handle);

    *extended = position_extend(position, number);
    return position->association == association &&
           channel_fits(arrival->sequencer, handle, *extended);
}

/* The newest earlier position that NUMBER of ASSOCIATION fits, or POOL_NONE. */
static uint32_t find_fitting_earlier(const struct arrival *arrival, unsigned association,
                                     uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;
    uint64_t there;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (stance_of(sequencer, handle)->is_earlier &&
            fits(arrival, handle, association, number, &there) &&
            !channel_is_of_newer(arrival, handle, there))
            found = handle;
    return found;
}

/* Whether the hypothesis is a sender that restarted: its numbers came before, and so looked like
 * copies, but they came in a row. */
static int begins_anew(const struct sequencer *sequencer, uint32_t handle)
{
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);

    return !stance->is_earlier && stance->of_copies && stance->row >= CONFIRM &&
           stance->row == position->distinct && !channel_is_late(sequencer, handle);
}

/* Whether earlier position HANDLE was left by a jump, and that SA ended since. */
static int has_ended_elsewhere(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t at = arrival->flow->position;

    if (stance_of(sequencer, handle)->left_by != CHANGE_JUMP)
        return 0;
    while (at != handle && stance_of(sequencer, at)->change == CHANGE_JUMP)
        at = stance_of(sequencer, at)->before;
    return at != handle;
}

/* Whether NUMBER continues earlier position HANDLE, and the change since then is provisional. */
static int may_undo(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct stance *stance = stance_of(sequencer, handle);

    return stance->is_earlier && !stance->is_closed &&
           stance_of(sequencer, arrival->flow->position)->to_settle &&
           number > position_at(sequencer, handle)->highest &&
           !has_ended_elsewhere(arrival, handle);
}

/* The rank of position HANDLE for NUMBER, which fits there; the lowest rank is the best. Lowest
 * where NUMBER may undo a change, then for a sender that restarted, then where the number is new;
 * high where it is known, where only copies came, at a closed position, and at a hypothesis of one
 * or two numbers, which may be forged. */
static int rank(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);
    int is_known = channel_knows(arrival, handle, number);

    if (!is_known && may_undo(arrival, handle, number))
        return -2;
    if (!is_known && begins_anew(sequencer, handle))
        return -1;
    if (!stance->is_earlier && position->distinct < CONFIRM)
        return RANK_FORGEABLE + !stance->row;
    if (!stance->is_earlier && channel_is_late(sequencer, handle))
        return RANK_FORGEABLE - 1;
    return stance->is_closed * 4 + is_known * 2 + (!stance->is_earlier && stance->of_copies);
}

/* The other position that NUMBER of ASSOCIATION fits best, or POOL_NONE. Of the earlier positions
 * only the newest counts, because the others belong to SAs that ended before; and only if NUMBER
 * has not arrived there, because otherwise the sender may have begun anew. */
static uint32_t find_fitting(const struct arrival *arrival, unsigned association, uint64_t number,
                             uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t earlier = find_fitting_earlier(arrival, association, number);
    uint32_t found = POOL_NONE;
    int best = 0;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        uint64_t there;

        if (!fits(arrival, handle, association, number, &there))
            continue;
        if (stance_of(sequencer, handle)->is_earlier &&
            (handle != earlier || channel_has_arrived(sequencer, handle, there)))
            continue;
        if (found == POOL_NONE || rank(arrival, handle, there) < best) {
            found = handle;
            best = rank(arrival, handle, there);
            *extended = there;
        }
    }
    return found;
}

/* The hypothesis that remembers NUMBER of ASSOCIATION, or POOL_NONE. One or two numbers may be
 * forged, so that nothing is known about those between them. */
static uint32_t find_remembering(const struct arrival *arrival, unsigned association,
                                 uint64_t number, uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct position *position = position_at(sequencer, handle);

        *extended = position_extend(position, number);
        if (!stance_of(sequencer, handle)->is_earlier && position->association == association &&
            position_remembers(position, *extended) && *extended >= position->start &&
            (position->distinct >= CONFIRM || position_saw(sequencer, position, *extended)))
            return handle;
    }
    return POOL_NONE;
}

/* Whether HANDLE is a hypothesis that nothing has contradicted, so that its numbers may be far
 * apart. */
static int may_rise(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);
    const struct position *main = believed(arrival);

    return !stance->is_earlier && !stance->of_copies && stance->row == position->distinct &&
           (position->association != main->association || position->highest >= main->highest);
}

/* How far ahead the next number of POSITION may be. The second number may be far from the first.
 * Later steps must be similar to those before, so that one forged frame far ahead does not end a
 * young SA. */
static uint64_t farthest_rise(const struct position *position)
{
    if (position->distinct == 1)
        return JUMP_MAX;
    return least(JUMP_MAX, STEP_GROWTH * (position->highest - position->lowest));
}

/* The highest hypothesis that NUMBER may continue in a stream with very high loss, or POOL_NONE. */
static uint32_t find_rising(const struct arrival *arrival, unsigned association, uint64_t number,
                            uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct position *position = position_at(sequencer, handle);
        uint64_t there = position_extend(position, number);

        if (position->association != association || !may_rise(arrival, handle) ||
            there <= position->highest || there - position->highest > farthest_rise(position) ||
            channel_begins_behind_wrap(position, there))
            continue;
        if (found == POOL_NONE || position->highest > position_at(sequencer, found)->highest) {
            found = handle;
            *extended = there;
        }
    }
    return found;
}

/* Whether NUMBER is a little below the start of POSITION. */
static int is_before_start(const struct sequencer *sequencer, const struct position *position,
                           unsigned association, uint64_t number)
{
    uint64_t there = position_extend(position, number);

    return position->association == association && position_remembers(position, there) &&
           !channel_knows_about(sequencer, position, there);
}

static int is_before_any(const struct arrival *arrival, unsigned association, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;

    if (is_before_start(sequencer, believed(arrival), association, number))
        return 1;
    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (stance_of(sequencer, handle)->is_earlier &&
            is_before_start(sequencer, position_at(sequencer, handle), association, number))
            return 1;
    return 0;
}

uint64_t channel_extend_anew(const struct arrival *arrival, unsigned association, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *near = believed(arrival);
    uint64_t extended;

    for (uint32_t handle = arrival->flow->position;
         handle != POOL_NONE && near->association != association;
         handle = stance_of(sequencer, handle)->before)
        near = position_at(sequencer, handle);
    if (near->association != association)
        return number;
    extended = position_extend(near, number);
    if (position_on_wire(near, extended) <= JUMP_MAX && extended > near->highest + JUMP_MAX &&
        position_wraps(near, near->highest, extended))
        extended -= UINT64_C(1) << near->bits; /* the sender restarted */
    return extended;
}

/* Whether NUMBER continues a closed SA, which takes more than three frames to believe. */
static int goes_on_from_closed(const struct arrival *arrival, unsigned association, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct position *position = position_at(sequencer, handle);
        uint64_t there = position_extend(position, number);

        if (stance_of(sequencer, handle)->is_closed && position->association == association &&
            association != believed(arrival)->association &&
            position_on_wire(position, there) > SETTLE_NUMBERS && there > position->highest &&
            there - position->highest <= JUMP_MAX)
            return 1;
    }
    return 0;
}

/* Founds a hypothesis with NUMBER, which belongs to no position. */
static uint32_t found_at(const struct arrival *arrival, unsigned association, uint64_t number,
                         int of_copies)
{
    uint32_t handle = channel_found(arrival, association,
                                    channel_extend_anew(arrival, association, number), of_copies);

    if (handle == POOL_NONE)
        arrival->flow->outliers++;
    else
        channel_class(arrival, handle, position_at(arrival->sequencer, handle)->highest);
    return handle;
}

void channel_found_copies(const struct arrival *arrival, uint32_t knowing, uint64_t number)
{
    const struct position *position = position_at(arrival->sequencer, knowing);
    uint64_t end = position->highest;
    uint32_t handle = found_at(arrival, position->association, number, 1);

    if (handle != POOL_NONE)
        stance_of(arrival->sequencer, handle)->copies_end = end;
}

/* Whether NUMBER, which position HANDLE remembers, is ahead of the believed position of a newer SA:
 * after an outage, that SA may have reached numbers that an older one had. */
static int is_ahead_of_newer(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct position *main = believed(arrival);

    return handle != arrival->flow->position &&
           main->association == position_at(arrival->sequencer, handle)->association &&
           number > main->highest;
}

void channel_recall_at(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);

    if (position_remembers(position, number) && position_saw(sequencer, position, number)) {
        position->figures.duplicates++;
        return;
    }
    if (position_remembers(position, number)) {
        position_mark(sequencer, position, number, 1);
        missing_came_late(sequencer, position, number);
        reused_note(arrival, handle, number);
    }
    position->figures.late++;
    distance_note(arrival, position, number);
}

/* The hypothesis that NUMBER of ASSOCIATION shows to have stray numbers: NUMBER is near its first
 * one, and all others are far from that. POOL_NONE: there is none. */
static uint32_t find_strayed(const struct arrival *arrival, unsigned association, uint64_t number,
                             uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct position *position = position_at(sequencer, handle);
        const struct stance *stance = stance_of(sequencer, handle);
        uint64_t there = position_extend(position, number);

        if (!stance->is_earlier && !stance->of_copies && position->association == association &&
            stance->rose_after == 1 && position->distinct < CONFIRM_RISING &&
            stance->as_outliers >= position->distinct && there != stance->founder &&
            there + sequencer->window > stance->founder &&
            there <= stance->founder + sequencer->window) {
            *extended = there;
            return handle;
        }
    }
    return POOL_NONE;
}

/* Reduces hypothesis HANDLE to its first number; the others are outliers. */
static void drop_strays(const struct arrival *arrival, uint32_t handle)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);

    arrival->flow->outliers += stance->as_outliers - 1;
    stance->as_outliers = 1;
    channel_begin_with(arrival, handle, stance->founder, stance->first_ns);
}

int channel_place(const struct arrival *arrival, unsigned association, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint64_t there = 0;
    uint32_t handle = find_fitting(arrival, association, number, &there);

    if (handle != POOL_NONE)
        return channel_feed(arrival, handle, there);
    handle = find_strayed(arrival, association, number, &there);
    if (handle != POOL_NONE) {
        drop_strays(arrival, handle);
        return channel_feed(arrival, handle, there);
    }
    handle = channel_recall(arrival, association, number, &there);
    if (handle != POOL_NONE) {
        if (is_ahead_of_newer(arrival, handle, there))
            found_at(arrival, association, number, 1);
        else if (position_saw(sequencer, position_at(sequencer, handle), there))
            channel_found_copies(arrival, handle, number);
        else
            channel_recall_at(arrival, handle, there);
        return 0;
    }
    handle = find_remembering(arrival, association, number, &there);
    if (handle != POOL_NONE) {
        channel_class(arrival, handle, there);
        channel_recall_at(arrival, handle, there);
        return 0;
    }
    if (is_before_any(arrival, association, number)) {
        found_at(arrival, association, number, 1);
        return 0;
    }
    handle = find_rising(arrival, association, number, &there);
    if (handle != POOL_NONE)
        return channel_feed(arrival, handle, there);
    found_at(arrival, association, number, goes_on_from_closed(arrival, association, number));
    return 0;
}
