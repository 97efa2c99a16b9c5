/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Positions that were believed before: what they remember, and how they end. */
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"

void channel_mix(const struct arrival *arrival)
{
    if (arrival->flow->mixed_senders)
        return;
    arrival->flow->mixed_senders = 1;
    channel_of(arrival)->mixed_ns = arrival->flow->timing.last_ns;
}

uint64_t channel_known_from(const struct sequencer *sequencer, const struct position *position)
{
    if (position->stance == POOL_NONE)
        return position->start;
    return stance_at(sequencer, position->stance)->known_from;
}

/* Whether POSITION is of the first SA of its flow, and not over. */
static int is_first(const struct sequencer *sequencer, const struct position *position)
{
    const struct stance *stance;

    if (position->stance == POOL_NONE)
        return 1;
    stance = stance_at(sequencer, position->stance);
    return stance->change == CHANGE_NONE && !stance->is_closed;
}

int channel_knows_about(const struct sequencer *sequencer, const struct position *position,
                        uint64_t number)
{
    if (number >= channel_known_from(sequencer, position))
        return 1;
    return position->distinct >= CONFIRM_COPIES &&
           position_on_wire(position, number) > SETTLE_NUMBERS && is_first(sequencer, position);
}

/* Whether POSITION, believed now or before, remembers NUMBER of ASSOCIATION. */
static int recalls(const struct sequencer *sequencer, const struct position *position,
                   unsigned association, uint64_t number, uint64_t *extended)
{
    if (position->association != association)
        return 0;
    *extended = position_extend(position, number);
    return position_remembers(position, *extended) &&
           channel_knows_about(sequencer, position, *extended);
}

/* Whether the believed position certainly belongs to the SA of earlier position HANDLE. */
static int is_of_same_sa(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t at = arrival->flow->position;

    for (; at != handle && at != POOL_NONE; at = stance_of(sequencer, at)->before) {
        const struct stance *stance = stance_of(sequencer, at);

        if (stance->change != CHANGE_JUMP || stance->to_settle)
            return 0;
    }
    return at == handle;
}

/* Whether an SA that had NUMBER at earlier position HANDLE has forgotten it. */
static int has_forgotten(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    return number + MEMORY_NUMBERS <= believed(arrival)->highest && is_of_same_sa(arrival, handle);
}

uint32_t channel_recall(const struct arrival *arrival, unsigned association, uint64_t number,
                        uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t main = arrival->flow->position;

    if (recalls(sequencer, position_at(sequencer, main), association, number, extended))
        return main;
    FOR_OTHERS (sequencer, channel_of(arrival), handle, following)
        if (stance_of(sequencer, handle)->is_earlier &&
            recalls(sequencer, position_at(sequencer, handle), association, number, extended) &&
            !has_forgotten(arrival, handle, *extended))
            return handle;
    return POOL_NONE;
}

/* Whether a position with ASSOCIATION was believed after earlier position HANDLE. */
static int is_used_again(const struct arrival *arrival, uint32_t handle, unsigned association)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t at = arrival->flow->position;

    for (; at != handle; at = stance_of(sequencer, at)->before)
        if (position_at(sequencer, at)->association == association)
            return 1;
    return 0;
}

/* Whether NUMBER, which fits earlier position HANDLE, is of the sender that certainly restarted
 * since then and has got as far: a copy of its frame, or a late one. */
static int is_of_restarted(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    unsigned association = position_at(sequencer, handle)->association;
    uint32_t at = arrival->flow->position;
    uint64_t there;

    if (stance_of(sequencer, handle)->left_by != CHANGE_RESTART)
        return 0;
    for (; at != handle; at = stance_of(sequencer, at)->before)
        if (!stance_of(sequencer, at)->to_settle &&
            recalls(sequencer, position_at(sequencer, at), association, number, &there))
            return 1;
    return 0;
}

int channel_is_of_newer(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct position *position = position_at(arrival->sequencer, handle);

    if (is_of_restarted(arrival, handle, number))
        return 1;
    return stance_of(arrival->sequencer, handle)->is_closed && number > position->highest &&
           (is_used_again(arrival, handle, position->association) ||
            (position_wraps(position, position->lowest, number) &&
             position_on_wire(position, number) <= SETTLE_NUMBERS));
}

int channel_is_near(const struct position *main, unsigned association, uint64_t number)
{
    return main->association != association ||
           (number > main->highest && number - main->highest <= MEMORY_NUMBERS);
}

/* Marks the flow as one of two senders on one SA if both positions go on and HANDLE is not just a
 * faster path. */
void channel_note_mixed(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);

    if (!stance->of_copies && !stance->is_near && stance->main_since >= SIDE_BY_SIDE &&
        stance->beside >= SIDE_BY_SIDE &&
        position_at(arrival->sequencer, handle)->association == believed(arrival)->association)
        channel_mix(arrival);
}

/* Whether new numbers of the earlier position with STANCE stay undecided until more follow. */
static int awaits_a_row(const struct stance *stance)
{
    return stance->is_earlier && stance->left_by == CHANGE_JUMP;
}

int channel_knows(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);
    uint32_t recalled;
    uint64_t there;

    if (number <= position->highest && position_saw(sequencer, position, number))
        return 1;
    if (!awaits_a_row(stance))
        return 0;
    for (uint32_t i = 0; i < stance->row; i++)
        if (stance->waiting[i] == number)
            return 1;
    recalled = channel_recall(arrival, position->association, number, &there);
    return recalled != POOL_NONE &&
           position_saw(sequencer, position_at(sequencer, recalled), there);
}

void channel_mark_late(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    uint64_t there = number;
    uint32_t recalled;

    position->figures.late++;
    if (number > position->highest) {
        recalled = channel_recall(arrival, position->association, number, &there);
        if (recalled == POOL_NONE)
            return;
        position = position_at(sequencer, recalled);
    }
    if (position_remembers(position, there)) {
        position_mark(sequencer, position, there, 1);
        missing_came_late(sequencer, position, there);
    }
}

void channel_break_row(const struct arrival *arrival, uint32_t handle)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (awaits_a_row(stance))
        for (uint32_t i = 0; i < stance->row; i++)
            channel_mark_late(arrival, handle, stance->waiting[i]);
    stance->row = 0;
}

/* Counts NUMBER, a copy that comes to STANCE's POSITION. One that is not above all numbers there
 * may be the copy of a late one. */
static void count_risen(struct stance *stance, const struct position *position, uint64_t number)
{
    if (stance->risen && number <= position->highest)
        return;
    if (stance->risen < CONFIRM)
        stance->risen++;
    if (stance->risen_in_row < CONFIRM)
        stance->risen_in_row++;
}

void channel_class(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, handle);
    unsigned association = position_at(sequencer, handle)->association;
    const struct position *main = position_at(sequencer, arrival->flow->position);
    uint64_t there;
    uint32_t recalled = channel_recall(arrival, association, number, &there);
    int is_first =
        position_on_wire(position_at(sequencer, handle), stance->founder) <= SETTLE_NUMBERS;

    if (recalled == POOL_NONE) {
        if (main->association == association && number <= main->highest) {
            stance->as_late++;
            stance->far_late += !arrival->is_noted;
        } else {
            stance->as_outliers++;
        }
    } else if (position_saw(sequencer, position_at(sequencer, recalled), there)) {
        stance->as_duplicates++;
        count_risen(stance, position_at(sequencer, handle), number);
    } else {
        stance->as_late++;
        if (!is_first || there >= position_at(sequencer, recalled)->start)
            stance->has_late = 1;
        position_mark(sequencer, position_at(sequencer, recalled), there, 1);
        missing_came_late(sequencer, position_at(sequencer, recalled), there);
        if (channel_is_late(sequencer, handle))
            distance_note(arrival, position_at(sequencer, recalled), there);
    }
}

/* The position whose SA the numbers of hypothesis HANDLE belong to if it is forgotten, or NULL. */
static struct position *owner(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    unsigned association = position_at(sequencer, handle)->association;
    uint64_t there;
    uint32_t knowing =
        channel_recall(arrival, association, stance_of(sequencer, handle)->founder, &there);

    return knowing == POOL_NONE ? channel_newest(arrival, association)
                                : position_at(sequencer, knowing);
}

void channel_count_forgotten(const struct arrival *arrival, uint32_t handle)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);
    struct position *position = owner(arrival, handle);
    struct sequence_figures *figures = position ? &position->figures : &channel_of(arrival)->former;

    distance_forget(arrival, handle, position);
    figures->late += stance->as_late;
    figures->duplicates += stance->as_duplicates;
    arrival->flow->outliers += stance->as_outliers;
    stance->as_late = 0;
    stance->as_duplicates = 0;
    stance->as_outliers = 0;
    stance->far_late = 0;
}

/* --- positions that are too old --- */

/* Makes HEIR, which continues the SA of POSITION, remember what came there. */
static void remember_for(struct sequencer *sequencer, const struct position *position,
                         struct position *heir)
{
    uint64_t number = channel_known_from(sequencer, position);

    stance_at(sequencer, heir->stance)->known_from = number;
    if (number + MEMORY_NUMBERS <= heir->highest)
        number = heir->highest - MEMORY_NUMBERS + 1;
    for (; number <= position->highest; number++)
        if (position_remembers(position, number) && position_saw(sequencer, position, number))
            position_mark(sequencer, heir, number, 1);
}

/* Drops position HANDLE, which AFTER took over from. Its figures stay. */
static void fold(const struct arrival *arrival, uint32_t handle, uint32_t after)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, after);

    believe_settle(arrival, after);
    channel_break_row(arrival, handle);
    missing_expire(sequencer, arrival->flow, position, UINT64_MAX);
    if (stance->change == CHANGE_JUMP) { /* both belong to one SA */
        struct position *heir = position_at(sequencer, after);

        remember_for(sequencer, position, heir);
        figures_add(&heir->figures, &position->figures);
        distance_add(sequencer, &heir->reorder, position->reorder);
        stance->sa_start = position_sa_start(sequencer, position);
        stance->upper = stance_of(sequencer, handle)->upper;
        stance->change = stance_of(sequencer, handle)->change;
        stance->first_ns = stance_of(sequencer, handle)->first_ns;
    } else {
        sequence_keep_ended(sequencer, arrival->flow, handle);
        figures_add(&channel_of(arrival)->former, &position->figures);
        distance_add(sequencer, &channel_of(arrival)->former_distances, position->reorder);
    }
    stance->before = POOL_NONE;
    channel_remove(arrival, handle);
    distance_close(arrival, handle);
    position_free(sequencer, handle);
    if (after != arrival->flow->position)
        believe_expire_oldest(arrival, after);
}

void channel_fold(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;

    while (channel_of(arrival)->earlier > EARLIER_MAX) {
        uint32_t after = arrival->flow->position;
        uint32_t handle = stance_of(sequencer, after)->before;

        while (stance_of(sequencer, handle)->before != POOL_NONE) {
            after = handle;
            handle = stance_of(sequencer, handle)->before;
        }
        fold(arrival, handle, after);
    }
}
