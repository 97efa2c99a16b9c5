/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/distance.h"
#include "track/sequence/number_rate.h"

#include <string.h>

#include "base/units.h"
#include "numbered.h"

/* The bits in the word of number FIRST that COUNT numbers from FIRST on have there; BITS gets how
 * many. */
static uint64_t mask_in_word(uint64_t first, uint64_t count, uint64_t *bits)
{
    uint64_t bit = first % 64;

    *bits = 64 - bit < count ? 64 - bit : count;
    return (*bits < 64 ? (UINT64_C(1) << *bits) - 1 : ~UINT64_C(0)) << bit;
}

void memory_fill(uint64_t words[MEMORY_WORDS], uint64_t first, uint64_t count, int value)
{
    if (count >= MEMORY_NUMBERS) {
        memset(words, value ? 0xFF : 0, MEMORY_WORDS * sizeof(*words));
        return;
    }
    while (count) {
        uint64_t bits;
        uint64_t mask = mask_in_word(first, count, &bits);
        uint64_t *word = &words[first % MEMORY_NUMBERS / 64];

        *word = value ? *word | mask : *word & ~mask;
        first += bits;
        count -= bits;
    }
}

/* How many of the COUNT numbers from FIRST on have their bit set. COUNT is at most
 * MEMORY_NUMBERS. */
static uint64_t memory_count(const uint64_t words[MEMORY_WORDS], uint64_t first, uint64_t count)
{
    uint64_t set = 0;

    while (count) {
        uint64_t bits;
        uint64_t mask = mask_in_word(first, count, &bits);

        set += (uint64_t)__builtin_popcountll(words[first % MEMORY_NUMBERS / 64] & mask);
        first += bits;
        count -= bits;
    }
    return set;
}

void position_begin(struct position *position, const struct flow *flow, unsigned association,
                    uint64_t number, uint64_t now_ns)
{
    *position = (struct position){
        .start = number,
        .lowest = number,
        .highest = number,
        .highest_ns = now_ns,
        .last_ns = now_ns,
        .second_ns = now_ns,
        .second_first = (uint32_t)number,
        .in_second = 1,
        .distinct = 1,
        .association = (uint8_t)association,
        .bits = number_bits(flow->key.protocol) & 0x7F,
        .figures.received = 1,
    };
}

uint64_t position_sa_start(const struct sequencer *sequencer, const struct position *position)
{
    const struct stance *stance =
        position->stance == POOL_NONE ? NULL : stance_at(sequencer, position->stance);

    return stance && stance->sa_start ? stance->sa_start : position->start;
}

const struct position *position_first(const struct sequencer *sequencer,
                                      const struct position *position)
{
    while (position->stance != POOL_NONE) {
        const struct stance *stance = stance_at(sequencer, position->stance);

        if (stance->change != CHANGE_JUMP || stance->before == POOL_NONE)
            break;
        position = position_at(sequencer, stance->before);
    }
    return position;
}

uint64_t position_upper(const struct sequencer *sequencer, const struct position *position)
{
    uint64_t upper = 0;

    position = position_first(sequencer, position);
    if (position->stance != POOL_NONE)
        upper = stance_at(sequencer, position->stance)->upper;
    /* Numbers of 64 bits, which cannot be shifted by as many, have no upper half. */
    return upper ? upper << position->bits : 0;
}

uint64_t position_epoch(const struct sequencer *sequencer, const struct position *position)
{
    position = position_first(sequencer, position);
    return position_round(position, position_sa_start(sequencer, position));
}

uint64_t position_zero(const struct sequencer *sequencer, const struct position *position)
{
    return position_epoch(sequencer, position) - position_upper(sequencer, position);
}

int position_gave_up(const struct sequencer *sequencer, const struct position *position,
                     uint64_t number)
{
    return position->stance != POOL_NONE &&
           number <= stance_at(sequencer, position->stance)->given_up;
}

void position_free(struct sequencer *sequencer, uint32_t handle)
{
    struct position *position = position_at(sequencer, handle);

    missing_drop_from(sequencer, position, 0);
    if (position->memory != POOL_NONE)
        pool_return(&sequencer->memories, position->memory);
    distance_release(sequencer, position);
    if (position->stance != POOL_NONE)
        pool_return(&sequencer->stances, position->stance);
    pool_return(&sequencer->positions, handle);
}

/* Sets SEEN to what POSITION saw, whose numbers all came in order. */
static void fill_in_order(const struct position *position, uint64_t seen[MEMORY_WORDS])
{
    uint64_t count = least(position->highest - position->lowest + 1, MEMORY_NUMBERS);

    memset(seen, 0, MEMORY_WORDS * sizeof(*seen));
    memory_fill(seen, position->highest - count + 1, count, 1);
}

struct memory *position_memory(struct sequencer *sequencer, struct position *position)
{
    struct memory *memory;

    if (position->memory != POOL_NONE)
        return memory_at(sequencer, position->memory);
    position->memory = pool_take(&sequencer->memories);
    if (position->memory == POOL_NONE)
        return NULL;
    memory = memory_at(sequencer, position->memory);
    fill_in_order(position, memory->seen);
    memset(memory->refused, 0, sizeof(memory->refused));
    return memory;
}

void position_copy_seen(const struct sequencer *sequencer, const struct position *position,
                        uint64_t seen[MEMORY_WORDS])
{
    if (position->memory == POOL_NONE)
        fill_in_order(position, seen);
    else
        memcpy(seen, memory_at(sequencer, position->memory)->seen, MEMORY_WORDS * sizeof(*seen));
}

int position_saw(const struct sequencer *sequencer, const struct position *position,
                 uint64_t number)
{
    if (position->memory == POOL_NONE)
        return number >= position->lowest;
    return memory_has(memory_at(sequencer, position->memory)->seen, number);
}

uint64_t position_count_missing(const struct sequencer *sequencer, const struct position *position,
                                uint64_t first, uint64_t last)
{
    if (position->memory == POOL_NONE)
        return 0;
    return last - first + 1 -
           memory_count(memory_at(sequencer, position->memory)->seen, first, last - first + 1);
}

int position_mark(struct sequencer *sequencer, struct position *position, uint64_t number,
                  int was_seen)
{
    struct memory *memory = position_memory(sequencer, position);

    if (!memory)
        return -1;
    memory_fill(memory->seen, number, 1, was_seen);
    return 0;
}

void position_forget_below(struct sequencer *sequencer, struct position *position, uint64_t number)
{
    uint64_t remembered = position->highest - MEMORY_NUMBERS + 1;

    if (position->memory != POOL_NONE && number > remembered)
        memory_fill(memory_at(sequencer, position->memory)->seen, remembered, number - remembered,
                    0);
}

void position_move_on(struct sequencer *sequencer, struct position *position,
                      const struct position *from)
{
    struct memory *memory = position_memory(sequencer, position);
    uint64_t number = position->highest + 1;

    position->highest = from->highest;
    position->highest_ns = from->highest_ns;
    if (!memory)
        return;
    memory_fill(memory->seen, number, from->highest - number + 1, 0);
    if (number + MEMORY_NUMBERS <= from->highest)
        number = from->highest - MEMORY_NUMBERS + 1;
    for (; number <= from->highest; number++)
        if (position_saw(sequencer, from, number))
            memory_fill(memory->seen, number, 1, 1);
}

/* Counts a new number in the rate. */
static void count_rate(const struct arrival *arrival, struct position *position)
{
    uint64_t now_ns = arrival->now_ns;

    if (now_ns < position->second_ns || now_ns - position->second_ns < NS_PER_SECOND) {
        position->in_second++;
        return;
    }
    if (position->in_second > position->highest_rate)
        position->highest_rate = position->in_second;
    if (position == believed(arrival))
        number_rate_note(arrival, position);
    position->second_first = (uint32_t)position->highest;
    position->second_ns = now_ns;
    position->in_second = 1;
}

/* Makes NUMBER, which came at NOW_NS, the highest of POSITION. */
static void rise(struct position *position, uint64_t number, uint64_t now_ns)
{
    uint32_t wraps = position_wraps(position, position->highest, number);

    if (wraps) /* the count lies in memory that most numbers do not need */
        position->figures.wraparounds += wraps;
    position->highest = number;
    position_note_pause(position, now_ns);
}

/* Takes NUMBER, which is new and above the highest. */
static void advance(const struct arrival *arrival, struct position *position, uint64_t number)
{
    struct missing_run run = {
        .first = position->highest + 1,
        .last = number - 1,
        .before_ns = position->highest_ns,
        .after_ns = arrival->now_ns,
    };

    if (run.last >= run.first)
        missing_append(arrival, position, &run);
    if (position->memory != POOL_NONE) {
        struct memory *memory = memory_at(arrival->sequencer, position->memory);

        memory_fill(memory->seen, run.first, number - run.first, 0);
        memory_fill(memory->seen, number, 1, 1);
    }
    rise(position, number, arrival->now_ns);
}

/* Takes NUMBER, the lowest of a position. The numbers up to the lowest so far are missing, unless
 * NUMBER is below the start of the SA, as those are no loss. */
static void extend_down(const struct arrival *arrival, struct position *position, uint64_t number)
{
    struct stance *stance = stance_at(arrival->sequencer, position->stance);
    struct missing_run run = {.first = number + 1,
                              .last = position->lowest - 1,
                              .before_ns = arrival->now_ns,
                              .after_ns = stance->lowest_ns};

    if (missing_has(arrival->sequencer, position, number))
        missing_fill(arrival, position, number); /* its SA starts lower */
    else if (run.last >= run.first && position->start >= position->lowest)
        missing_prepend(arrival, position, &run);
    stance->lowest_ns = arrival->now_ns;
}

/* Takes NUMBER, which is new and below the highest. */
static void take_below(const struct arrival *arrival, struct position *position, uint64_t number)
{
    uint32_t distance = (uint32_t)(position->highest - number);

    position->figures.reordered += distance > 0; /* 0: a copy at the believed position */
    if (distance > position->figures.max_reorder_distance)
        position->figures.max_reorder_distance = distance;
    if (number < position->lowest && position->stance != POOL_NONE)
        extend_down(arrival, position, number);
    else
        missing_fill(arrival, position, number);
    position->lowest = least(position->lowest, number);
}

/* Counts a new number. */
static void accept(const struct arrival *arrival, struct position *position)
{
    position->figures.received++;
    position->last_ns = arrival->now_ns;
    if (position->distinct < UINT32_MAX)
        position->distinct++;
    count_rate(arrival, position);
}

int position_take(const struct arrival *arrival, struct position *position, uint64_t number)
{
    if (number != position->highest + 1 || position->memory != POOL_NONE) {
        if (!position_memory(arrival->sequencer, position))
            return -1;
        if (number <= position->highest && position_saw(arrival->sequencer, position, number)) {
            position->figures.duplicates++;
            return 0;
        }
    }
    if (number < position->highest)
        distance_note(arrival, position, number);
    if (position_gave_up(arrival->sequencer, position, number)) {
        position_mark(arrival->sequencer, position, number, 1);
        missing_came_late(arrival->sequencer, position, number);
        position->figures.late++;
        return 0;
    }
    if (number > position->highest) {
        advance(arrival, position, number);
    } else {
        position_mark(arrival->sequencer, position, number, 1);
        take_below(arrival, position, number);
    }
    accept(arrival, position);
    return 1;
}

void position_unaccept(struct sequencer *sequencer, struct position *position, uint64_t number,
                       uint64_t now_ns)
{
    if (missing_insert(sequencer, position, number, now_ns))
        position->figures.received--;
    else
        position->figures.late--; /* this receiver had counted it as late */
}

void position_give_up(struct sequencer *sequencer, struct flow *flow, struct position *position)
{
    missing_expire(sequencer, flow, position, UINT64_MAX);
    stance_at(sequencer, position->stance)->given_up = position->highest;
}

void figures_add(struct sequence_figures *total, const struct sequence_figures *part)
{
    total->received += part->received;
    for (unsigned i = 0; i < CAUSE_COUNT; i++)
        total->lost[i] += part->lost[i];
    total->gaps += part->gaps;
    total->duplicates += part->duplicates;
    total->reordered += part->reordered;
    total->late += part->late;
    total->skipped += part->skipped;
    total->wraparounds += part->wraparounds;
    if (part->min_gap && (!total->min_gap || part->min_gap < total->min_gap))
        total->min_gap = part->min_gap;
    if (part->max_gap > total->max_gap)
        total->max_gap = part->max_gap;
    if (part->max_reorder_distance > total->max_reorder_distance)
        total->max_reorder_distance = part->max_reorder_distance;
}
