/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/receiver.h"

#include "track/sequence/distance.h"

void receiver_begin(const struct sequencer *sequencer, struct receiver *receiver,
                    const struct position *position)
{
    receiver->highest = position->highest;
    receiver->rises = 0;
    receiver->doubtful_count = 0;
    receiver->reorder = POOL_NONE;
    position_copy_seen(sequencer, position, receiver->seen);
}

int receiver_agrees(const struct receiver *receiver, const struct position *position)
{
    return receiver->highest == position->highest && !receiver->doubtful_count;
}

/* The highest number, if the doubtful ones are genuine. */
static uint64_t highest_if_genuine(const struct receiver *receiver)
{
    uint64_t highest = receiver->highest;

    for (uint32_t i = 0; i < receiver->doubtful_count; i++)
        if (receiver->doubtful[i] > highest)
            highest = receiver->doubtful[i];
    return highest;
}

/* Makes NUMBER the highest. None in between has come. */
static void advance(struct receiver *receiver, uint64_t number)
{
    memory_fill(receiver->seen, receiver->highest + 1, number - receiver->highest, 0);
    memory_fill(receiver->seen, number, 1, 1);
    receiver->highest = number;
}

/* Removes doubtful number INDEX. */
static void remove_doubtful(struct sequencer *sequencer, struct receiver *receiver, uint32_t index)
{
    receiver->doubtful_count--;
    for (uint32_t i = index; i < receiver->doubtful_count; i++) {
        receiver->doubtful[i] = receiver->doubtful[i + 1];
        receiver->doubtful_at[i] = receiver->doubtful_at[i + 1];
    }
    if (!receiver->doubtful_count)
        distance_free(sequencer, &receiver->reorder);
}

static uint32_t find_doubtful(const struct receiver *receiver, uint64_t number)
{
    uint32_t i = 0;

    while (i < receiver->doubtful_count && receiver->doubtful[i] != number)
        i++;
    return i;
}

void receiver_finish(struct sequencer *sequencer, struct receiver *receiver, uint32_t *handle)
{
    if (!receiver->doubtful_count)
        return;
    if (highest_if_genuine(receiver) > receiver->highest)
        advance(receiver, highest_if_genuine(receiver));
    for (uint32_t i = 0; i < receiver->doubtful_count; i++)
        if (receiver_remembers(receiver, receiver->doubtful[i]))
            memory_fill(receiver->seen, receiver->doubtful[i], 1, 1);
    receiver->doubtful_count = 0;
    distance_free(sequencer, handle);
    *handle = receiver->reorder;
    receiver->reorder = POOL_NONE;
}

/* NUMBER is new, and ahead of the window. */
static void doubt(struct sequencer *sequencer, struct receiver *receiver, uint32_t *handle,
                  uint64_t number)
{
    if (receiver->doubtful_count == DOUBTFUL_MAX) { /* too many to wait until each is reached */
        distance_free(sequencer, &receiver->reorder);
        distance_copy(sequencer, &receiver->reorder, *handle);
        remove_doubtful(sequencer, receiver, 0);
    } else if (!receiver->doubtful_count) {
        distance_copy(sequencer, &receiver->reorder, *handle);
    }
    distance_note_at(sequencer, &receiver->reorder, highest_if_genuine(receiver), number);
    receiver->doubtful_at[receiver->doubtful_count] = receiver->rises;
    receiver->doubtful[receiver->doubtful_count++] = number;
    if (receiver->doubtful_count >= GENUINE &&
        receiver->rises - receiver->doubtful_at[receiver->doubtful_count - GENUINE] <= DOUBT_RISES)
        receiver_finish(sequencer, receiver, handle);
}

/* Whether a doubtful number did not come again until a receiver with WINDOW would refuse it; this
 * shows that frames of this SA run ahead of others. */
static int has_passed_one(const struct receiver *receiver, uint32_t window)
{
    for (uint32_t i = 0; i < receiver->doubtful_count; i++)
        if (receiver->highest >= receiver->doubtful[i] + window)
            return 1;
    return 0;
}

void receiver_take(struct sequencer *sequencer, struct receiver *receiver, uint32_t *handle,
                   uint64_t number)
{
    uint32_t doubtful = find_doubtful(receiver, number);
    int is_ahead = number > receiver->highest + sequencer->window;

    if (number <= receiver->highest && memory_has(receiver->seen, number))
        return;
    if (is_ahead && doubtful < receiver->doubtful_count)
        return; /* a copy */
    if (is_ahead) {
        doubt(sequencer, receiver, handle, number);
        return;
    }
    if (doubtful < receiver->doubtful_count) /* it was forged, and now the genuine one came */
        remove_doubtful(sequencer, receiver, doubtful);
    distance_note_at(sequencer, handle, receiver->highest, number);
    if (receiver->doubtful_count)
        distance_note_at(sequencer, &receiver->reorder, highest_if_genuine(receiver), number);
    if (number > receiver->highest) {
        advance(receiver, number);
        receiver->rises++;
    } else {
        memory_fill(receiver->seen, number, 1, 1);
    }
    if (has_passed_one(receiver, sequencer->window))
        receiver_finish(sequencer, receiver, handle);
}
