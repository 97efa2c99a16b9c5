/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The reorder window of a space: which of its numbers were seen, how it starts and moves on. */
#include "track/arrival.h"

#include <string.h>

#define BITS_PER_WORD 64
#define NUMBERS_START (UINT64_C(1) << 32)

static uint64_t seen_bit(uint64_t number)
{
    return UINT64_C(1) << (number % BITS_PER_WORD);
}

static uint64_t *seen_word(const struct sequencer *sequencer, struct sequence_space *space,
                           uint64_t number)
{
    return &space->seen[(number & sequencer->window_mask) / BITS_PER_WORD];
}

/* COUNT numbers from FIRST on enter the window unseen; their bits still belong to older ones. */
static void seen_clear(const struct sequencer *sequencer, struct sequence_space *space,
                       uint64_t first, uint64_t count)
{
    if (count > sequencer->window_mask) {
        memset(space->seen, 0, (sequencer->window_mask + 1) / 8);
        return;
    }
    while (count) {
        unsigned bit = (unsigned)(first % BITS_PER_WORD);
        uint64_t bits = BITS_PER_WORD - bit;
        uint64_t mask = ~UINT64_C(0) << bit;

        if (count < bits) {
            bits = count;
            mask &= ~(~UINT64_C(0) << (bit + count));
        }
        *seen_word(sequencer, space, first) &= ~mask;
        first += bits;
        count -= bits;
    }
}

static void expire(const struct arrival *arrival)
{
    missing_expire(arrival->sequencer, arrival->flow, arrival->space,
                   arrival->space->highest - arrival->sequencer->window);
}

void window_mark_all_seen(const struct arrival *arrival)
{
    memset(arrival->space->seen, 0xFF, (arrival->sequencer->window_mask + 1) / 8);
}

void window_advance(const struct arrival *arrival, uint32_t distance, uint64_t now_ns)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    uint64_t number = space->highest + distance;

    if (distance > 1) {
        struct missing_run run = {
            .first = space->highest + 1,
            .last = number - 1,
            .before_ns = space->highest_ns,
            .after_ns = now_ns,
        };

        seen_clear(sequencer, space, run.first, distance - 1);
        missing_append(sequencer, arrival->flow, space, &run);
    }
    *seen_word(sequencer, space, number) |= seen_bit(number);
    arrival->flow->wraparounds += (uint32_t)((number >> 32) - (space->highest >> 32));
    space->highest = number;
    space->highest_ns = now_ns;
    expire(arrival);
}

/* COUNT numbers from FIRST on enter the window as seen. */
static void seen_set(const struct sequencer *sequencer, struct sequence_space *space,
                     uint64_t first, uint64_t count)
{
    if (count > sequencer->window_mask) {
        memset(space->seen, 0xFF, (sequencer->window_mask + 1) / 8);
        return;
    }
    for (uint64_t number = first; number < first + count; number++)
        *seen_word(sequencer, space, number) |= seen_bit(number);
}

void window_skip(const struct arrival *arrival, uint32_t distance, uint64_t now_ns)
{
    struct sequence_space *space = arrival->space;
    uint64_t number = space->highest + distance;

    seen_set(arrival->sequencer, space, space->highest + 1, distance);
    arrival->flow->wraparounds += (uint32_t)((number >> 32) - (space->highest >> 32));
    space->highest = number;
    space->highest_ns = now_ns;
    expire(arrival);
}

void window_fill(const struct arrival *arrival, uint32_t distance)
{
    uint64_t number = arrival->space->highest - distance;

    *seen_word(arrival->sequencer, arrival->space, number) |= seen_bit(number);
    missing_fill(arrival, number);
}

void window_arrive_below(const struct arrival *arrival, uint32_t distance)
{
    struct flow *flow = arrival->flow;
    uint64_t number = arrival->space->highest - distance;
    uint64_t *word = seen_word(arrival->sequencer, arrival->space, number);

    if (*word & seen_bit(number)) {
        flow->figures.duplicates++;
        return;
    }
    *word |= seen_bit(number);
    flow->figures.reordered++;
    if (distance > flow->max_reorder_distance)
        flow->max_reorder_distance = distance;
    missing_fill(arrival, number);
    expire(arrival);
}

/* --- where a space starts --- */

void space_begin(const struct sequencer *sequencer, struct sequence_space *space, uint32_t number,
                 uint64_t now_ns)
{
    uint64_t highest = NUMBERS_START + number;

    *space = (struct sequence_space){.highest = highest, .highest_ns = now_ns};
    memset(space->seen, 0, (sequencer->window_mask + 1) / 8);
    *seen_word(sequencer, space, highest) |= seen_bit(highest);
}

void space_begin_rekeyed(const struct arrival *arrival, uint32_t number, uint64_t now_ns)
{
    struct flow *flow = arrival->flow;
    uint32_t current = flow->space[flow->current];
    uint64_t before_ns = space_at(arrival->sequencer, current)->highest_ns;

    if (number > JUMP_MAX) {
        space_begin(arrival->sequencer, arrival->space, number, now_ns);
    } else {
        space_begin(arrival->sequencer, arrival->space, 0, before_ns);
        if (number)
            window_advance(arrival, number, now_ns);
        arrival->space->highest_ns = now_ns;
    }
    flow->rekeys++;
    flow->current = (uint8_t)arrival->association;
}
