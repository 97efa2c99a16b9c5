/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/reorder.h"

#define EXACT      64 /* smaller distances are counted one by one */
#define PART_SHIFT 5  /* an octave has 2^5 parts */
#define FIRST_LOG  6  /* log2 of EXACT */

_Static_assert((UINT64_C(1) << (FIRST_LOG + ((REORDER_COUNTS - EXACT) >> PART_SHIFT))) ==
                   REORDER_FAR,
               "each distance below has a place");
#define BURST 8 /* so many reordered numbers in a row are a burst */

static unsigned log2_of(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

/* The place where DISTANCE, below REORDER_FAR, is counted. */
static unsigned place_of(uint64_t distance)
{
    unsigned log;

    if (distance < EXACT)
        return (unsigned)distance;
    log = log2_of(distance);
    return EXACT + ((log - FIRST_LOG) << PART_SHIFT) +
           ((unsigned)(distance >> (log - PART_SHIFT)) & ((1 << PART_SHIFT) - 1));
}

/* The largest distance that is counted at PLACE. */
static uint64_t largest_at(unsigned place)
{
    unsigned log = FIRST_LOG + (place - EXACT) / (1 << PART_SHIFT);
    unsigned part = (place - EXACT) % (1 << PART_SHIFT);

    if (place < EXACT)
        return place;
    return ((UINT64_C(1) << PART_SHIFT | part) + 1) * (UINT64_C(1) << (log - PART_SHIFT)) - 1;
}

/* Counts a number in COUNTER of REORDER. When it is full, all are halved: their proportions stay.
 */
static void count(struct reorder *reorder, uint32_t *counter)
{
    if (*counter == UINT32_MAX) {
        for (unsigned i = 0; reorder->near && i < REORDER_COUNTS; i++)
            reorder->near->of[i] /= 2;
        reorder->far /= 2;
    }
    ++*counter;
}

static void note_burst(struct reorder *reorder, uint64_t highest, uint64_t distance)
{
    if (reorder->highest != highest) {
        reorder->highest = highest;
        reorder->row = 0;
        reorder->farthest_of_row = 0;
    }
    if (reorder->row < BURST)
        reorder->row++;
    if (distance > reorder->farthest_of_row)
        reorder->farthest_of_row = distance;
    if (reorder->row == BURST && reorder->farthest_of_row > reorder->farthest_of_burst)
        reorder->farthest_of_burst = reorder->farthest_of_row;
}

void reorder_note(struct reorder *reorder, uint64_t highest, uint64_t distance)
{
    if (distance >= REPLAY_WINDOW_MIN) {
        unsigned window = log2_of(distance / REPLAY_WINDOW_MIN);

        reorder->refused[window < REPLAY_WINDOWS ? window : REPLAY_WINDOWS - 1]++;
    }
    if (distance > reorder->farthest)
        reorder->farthest = distance;
    if (distance >= REORDER_FAR)
        count(reorder, &reorder->far);
    else if (reorder->near)
        count(reorder, &reorder->near->of[place_of(distance)]);
    note_burst(reorder, highest, distance);
}

static void add_count(uint32_t *total, uint32_t part)
{
    uint64_t sum = (uint64_t)*total + part;

    *total = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

void reorder_add(struct reorder *total, const struct reorder *part)
{
    for (unsigned i = 0; i < REPLAY_WINDOWS; i++)
        total->refused[i] += part->refused[i];
    for (unsigned i = 0; total->near && part->near && i < REORDER_COUNTS; i++)
        add_count(&total->near->of[i], part->near->of[i]);
    add_count(&total->far, part->far);
    if (part->farthest > total->farthest)
        total->farthest = part->farthest;
    if (part->farthest_of_burst > total->farthest_of_burst)
        total->farthest_of_burst = part->farthest_of_burst;
}

/* The distance that 99 % of the reordered numbers did not exceed. */
static uint32_t percentile_99(const struct reorder *reorder)
{
    const struct reorder_counts *near = reorder->near;
    uint64_t above = reorder->far, total = reorder->far;
    uint64_t distance = reorder->farthest;
    unsigned place = REORDER_COUNTS - 1;

    for (unsigned i = 0; near && i < REORDER_COUNTS; i++)
        total += near->of[i];
    if (near && above <= total / 100) {
        while (place && above + near->of[place] <= total / 100)
            above += near->of[place--];
        if (largest_at(place) < distance)
            distance = largest_at(place);
    }
    return distance < UINT32_MAX ? (uint32_t)distance : UINT32_MAX;
}

/* The smallest power of two that refuses nothing; twice that where a burst needed more than half of
 * it, because the next burst may be longer. */
static uint32_t window_for(const struct reorder *reorder)
{
    uint32_t window = REPLAY_WINDOW_MIN;

    if (reorder->farthest >= REPLAY_WINDOW_MAX)
        return 0;
    while (window <= reorder->farthest)
        window *= 2;
    return reorder->farthest_of_burst >= window / 2 ? 2 * window : window;
}

struct replay_advice reorder_advice(const struct reorder *reorder)
{
    struct replay_advice advice = {.window = REPLAY_WINDOW_MIN};
    uint64_t refused = 0;

    if (!reorder)
        return advice;
    for (unsigned i = REPLAY_WINDOWS; i-- > 0;) {
        refused += reorder->refused[i];
        advice.refused[i] = refused;
    }
    advice.window = window_for(reorder);
    advice.p99 = percentile_99(reorder);
    return advice;
}
