/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/distance.h"

#include <string.h>

#include "track/sequence/receiver.h"

/* --- records --- */

/* The record at HANDLE, or NULL. */
static const struct reorder *record_at(const struct sequencer *sequencer, uint32_t handle)
{
    return handle == POOL_NONE ? NULL : pool_at(&sequencer->reorders, handle);
}

/* The record at HANDLE, allocated if necessary; NULL: no memory. */
static struct reorder *make_record(struct sequencer *sequencer, uint32_t *handle)
{
    struct reorder *reorder;

    if (*handle != POOL_NONE)
        return pool_at(&sequencer->reorders, *handle);
    *handle = pool_take(&sequencer->reorders);
    if (*handle == POOL_NONE)
        return NULL;
    reorder = pool_at(&sequencer->reorders, *handle);
    memset(reorder, 0, sizeof(*reorder));
    return reorder;
}

/* Lets REORDER count near numbers, if there is memory for that. */
static void make_near(struct sequencer *sequencer, struct reorder *reorder)
{
    if (reorder->near)
        return;
    reorder->near_handle = pool_take(&sequencer->reorder_counts);
    if (reorder->near_handle == POOL_NONE)
        return;
    reorder->near = pool_at(&sequencer->reorder_counts, reorder->near_handle);
    memset(reorder->near, 0, sizeof(*reorder->near));
}

void distance_note_at(struct sequencer *sequencer, uint32_t *handle, uint64_t highest,
                      uint64_t number)
{
    struct reorder *reorder = number < highest ? make_record(sequencer, handle) : NULL;

    if (!reorder)
        return;
    if (highest - number < REORDER_FAR)
        make_near(sequencer, reorder);
    reorder_note(reorder, highest, highest - number);
}

void distance_copy(struct sequencer *sequencer, uint32_t *to, uint32_t from)
{
    struct reorder *copy;

    distance_add(sequencer, to, from);
    if (from == POOL_NONE || *to == POOL_NONE)
        return;
    copy = pool_at(&sequencer->reorders, *to);
    copy->highest = record_at(sequencer, from)->highest;
    copy->row = record_at(sequencer, from)->row;
    copy->farthest_of_row = record_at(sequencer, from)->farthest_of_row;
}

void distance_add(struct sequencer *sequencer, uint32_t *to, uint32_t from)
{
    struct reorder *total = from == POOL_NONE ? NULL : make_record(sequencer, to);

    if (!total)
        return;
    if (record_at(sequencer, from)->near)
        make_near(sequencer, total);
    reorder_add(total, record_at(sequencer, from));
}

void distance_free(struct sequencer *sequencer, uint32_t *handle)
{
    struct reorder *reorder;

    if (*handle == POOL_NONE)
        return;
    reorder = pool_at(&sequencer->reorders, *handle);
    if (reorder->near)
        pool_return(&sequencer->reorder_counts, reorder->near_handle);
    pool_return(&sequencer->reorders, *handle);
    *handle = POOL_NONE;
}

/* Moves the record of FROM to TO, which keeps its own, too. */
static void move_record(struct sequencer *sequencer, struct position *from, struct position *to)
{
    uint32_t moved = from->reorder;

    distance_add(sequencer, &moved, to->reorder);
    distance_free(sequencer, &to->reorder);
    to->reorder = moved;
    from->reorder = POOL_NONE;
}

/* --- receivers --- */

static struct receiver *receiver_of(const struct sequencer *sequencer, const struct stance *stance)
{
    return pool_at(&sequencer->receivers, stance->receiver);
}

/* Frees the receiver of the position with STANCE, if it has one. */
static void drop_receiver(struct sequencer *sequencer, struct stance *stance)
{
    if (stance->receiver == POOL_NONE)
        return;
    distance_free(sequencer, &receiver_of(sequencer, stance)->reorder);
    pool_return(&sequencer->receivers, stance->receiver);
    stance->receiver = POOL_NONE;
}

void distance_release(struct sequencer *sequencer, struct position *position)
{
    distance_free(sequencer, &position->reorder);
    if (position->stance != POOL_NONE) {
        drop_receiver(sequencer, stance_at(sequencer, position->stance));
        distance_free(sequencer, &stance_at(sequencer, position->stance)->reorder);
    }
}

/* Gives the believed position a receiver. Returns 0, or -1: no memory. */
static int open_receiver(const struct arrival *arrival, struct stance *stance)
{
    struct sequencer *sequencer = arrival->sequencer;

    stance->receiver = pool_take(&sequencer->receivers);
    if (stance->receiver == POOL_NONE)
        return -1;
    receiver_begin(sequencer, receiver_of(sequencer, stance), believed(arrival));
    return 0;
}

/* Whether the believed position alone is enough from now on, so that the receiver can be freed.
 * Checked from time to time. */
static int may_close(const struct arrival *arrival, const struct receiver *receiver)
{
    return receiver->highest % MEMORY_NUMBERS == 0 && !channel_of(arrival)->hypotheses &&
           receiver_agrees(receiver, believed(arrival));
}

/* Whether a receiver at POSITION would remember NUMBER. Until such a number comes, a receiver and
 * the position have seen the same. */
static int is_near(const struct position *position, uint64_t number)
{
    return number + MEMORY_NUMBERS > position->highest &&
           number <= position->highest + MEMORY_NUMBERS;
}

void distance_expect(struct arrival *arrival, uint64_t number, int fits)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->receiver == POOL_NONE &&
        (fits || !is_near(believed(arrival), number) || open_receiver(arrival, stance) < 0))
        return;
    if (fits && may_close(arrival, receiver_of(sequencer, stance)))
        drop_receiver(sequencer, stance);
    else
        arrival->is_noted = receiver_remembers(receiver_of(sequencer, stance), number);
}

void distance_follow(const struct arrival *arrival, unsigned association, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;

    if (!channel_of(arrival)->followed)
        return;
    FOR_OTHERS (sequencer, channel_of(arrival), handle, following) {
        const struct position *position = position_at(sequencer, handle);
        struct stance *stance = stance_of(sequencer, handle);
        uint64_t there = position_extend(position, number);

        if (stance->is_followed && position->association == association &&
            receiver_remembers(receiver_of(sequencer, stance), there))
            receiver_take(sequencer, receiver_of(sequencer, stance), &stance->reorder, there);
    }
}

void distance_receive(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->receiver != POOL_NONE)
        receiver_take(sequencer, receiver_of(sequencer, stance), &believed(arrival)->reorder,
                      number);
}

void distance_note(const struct arrival *arrival, struct position *position, uint64_t number)
{
    if (!arrival->is_noted)
        distance_note_at(arrival->sequencer, &position->reorder, position->highest, number);
}

void distance_finish(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->receiver != POOL_NONE)
        receiver_finish(sequencer, receiver_of(sequencer, stance), &believed(arrival)->reorder);
}

/* --- changes of the believed position --- */

void distance_begin_copies(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct stance *main = stance_of(sequencer, arrival->flow->position);
    struct stance *stance = stance_of(sequencer, handle);

    if (main->receiver == POOL_NONE)
        return;
    stance->rival = receiver_of(sequencer, main)->highest;
    distance_copy(sequencer, &stance->reorder, believed(arrival)->reorder);
}

/* Whether the sender began anew with the frames of the position with STANCE: from a low number, and
 * the highest number of RECEIVER stood still meanwhile. */
static int begins_anew(const struct receiver *receiver, const struct stance *stance)
{
    return stance->of_copies && (uint32_t)stance->founder <= SETTLE_NUMBERS &&
           stance->rival == receiver->highest;
}

/* Whether the receiver of the believed position took the frames of HANDLE as frames of its SA, and
 * was right. A position that was believed before has moved on since it was founded. */
static int has_received(const struct arrival *arrival, uint32_t handle)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct stance *main = stance_of(sequencer, arrival->flow->position);
    const struct stance *stance = stance_of(sequencer, handle);
    const struct position *position = position_at(sequencer, handle);

    return main->receiver != POOL_NONE && !begins_anew(receiver_of(sequencer, main), stance) &&
           position->association == believed(arrival)->association &&
           receiver_remembers(receiver_of(sequencer, main),
                              stance->believed_as ? position->highest : stance->founder);
}

/* Leaves the believed position behind for HANDLE, a restart. If this turns out to be wrong, its
 * frames belong to the SA, so its receiver goes on taking them, with a record of its own. */
static void leave(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *main = stance_of(sequencer, arrival->flow->position);
    struct stance *stance = stance_of(sequencer, handle);
    struct position *position = believed(arrival);

    if (main->receiver != POOL_NONE) {
        distance_free(sequencer, &main->reorder);
        distance_copy(sequencer, &main->reorder, position->reorder);
        main->is_followed = 1;
        channel_of(arrival)->followed++;
    }
    if (stance->rival) { /* what the receiver took since is of the new SA */
        distance_free(sequencer, &position->reorder);
        position->reorder = stance->reorder;
        stance->reorder = POOL_NONE;
    }
}

void distance_take_over(const struct arrival *arrival, uint32_t handle, enum change change)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *main = stance_of(sequencer, arrival->flow->position);
    struct stance *stance = stance_of(sequencer, handle);
    int was_received = has_received(arrival, handle);

    if (was_received) {
        stance->receiver = main->receiver;
        main->receiver = POOL_NONE;
    } else if (change == CHANGE_RESTART) {
        leave(arrival, handle);
    } else {
        drop_receiver(sequencer, main);
    }
    stance->rival = 0;
    stance->has_past = was_received || change == CHANGE_JUMP;
    if (stance->has_past)
        move_record(sequencer, believed(arrival), position_at(sequencer, handle));
}

void distance_close(const struct arrival *arrival, uint32_t handle)
{
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if (!stance->is_followed)
        return;
    stance->is_followed = 0;
    channel_of(arrival)->followed--;
    drop_receiver(arrival->sequencer, stance);
    distance_free(arrival->sequencer, &stance->reorder);
}

/* The restart after BEFORE was none. Its receiver has followed the SA. */
static void resume(const struct arrival *arrival, uint32_t before)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, before);
    uint32_t *record = &position_at(sequencer, before)->reorder;

    distance_free(sequencer, record);
    *record = stance->reorder;
    stance->reorder = POOL_NONE;
    stance->is_followed = 0;
    channel_of(arrival)->followed--;
}

void distance_hand_back(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, handle);
    struct stance *before = stance_of(sequencer, stance->before);

    if (stance->has_past) {
        move_record(sequencer, position_at(sequencer, handle),
                    position_at(sequencer, stance->before));
        drop_receiver(sequencer, before);
        before->receiver = stance->receiver;
        stance->receiver = POOL_NONE;
    } else if (before->is_followed) {
        resume(arrival, stance->before);
    }
    drop_receiver(sequencer, stance);
}

void distance_forget(const struct arrival *arrival, uint32_t handle, struct position *owner)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);

    for (uint32_t i = 0; owner && i < stance->far_late; i++)
        distance_note_at(arrival->sequencer, &owner->reorder, owner->highest, stance->founder);
}

/* --- results --- */

/* The position that has the record of the SA of HANDLE: a provisional change may have moved it. */
static uint32_t holder_of(const struct sequencer *sequencer, const struct flow *flow,
                          uint32_t handle)
{
    uint32_t at = flow->position;
    uint32_t holder = at;

    for (; at != handle; at = stance_of(sequencer, at)->before) {
        const struct stance *stance;

        if (at == POOL_NONE)
            return handle; /* its change was undone */
        stance = stance_of(sequencer, at);
        if (!stance->has_past || (stance->change != CHANGE_JUMP && !stance->to_settle))
            holder = stance->before;
    }
    return holder;
}

struct replay_advice distance_advice(const struct sequencer *sequencer, const struct flow *flow,
                                     uint32_t handle)
{
    const struct position *position = position_at(sequencer, holder_of(sequencer, flow, handle));

    return reorder_advice(record_at(sequencer, position->reorder));
}

struct replay_advice flow_advice(const struct sequencer *sequencer, const struct flow *flow)
{
    struct reorder_counts near = {0};
    struct reorder total = {.near = &near};
    uint32_t handle = flow->position;
    const struct reorder *former;

    if (handle == POOL_NONE)
        return reorder_advice(NULL);
    if (position_at(sequencer, handle)->stance == POOL_NONE)
        return distance_advice(sequencer, flow, handle);
    former = record_at(sequencer, channel_at(sequencer, flow->channel)->former_distances);
    if (!former && stance_of(sequencer, handle)->before == POOL_NONE)
        return distance_advice(sequencer, flow, handle); /* a single record needs no sum */
    if (former)
        reorder_add(&total, former);
    for (; handle != POOL_NONE; handle = stance_of(sequencer, handle)->before) {
        const struct stance *stance = stance_of(sequencer, handle);
        const struct reorder *record =
            record_at(sequencer, position_at(sequencer, handle)->reorder);

        if (record && (stance->has_past || !stance->to_settle))
            reorder_add(&total, record);
    }
    return reorder_advice(&total);
}
