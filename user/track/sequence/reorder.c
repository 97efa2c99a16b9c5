/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/reorder.h"

#define EXACT      64 /* smaller distances are counted one by one */
#define PART_SHIFT 5  /* an octave has 2^5 parts */
#define FIRST_LOG  6  /* log2 of EXACT */
#define OCTAVES    ((REORDER_COUNTS - 1 - EXACT) >> PART_SHIFT)
#define BURST      8 /* so many reordered numbers in a row are a burst */

static unsigned log2_of(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

static unsigned place_of(uint64_t distance)
{
    unsigned log;

    if (distance < EXACT)
        return (unsigned)distance;
    log = log2_of(distance);
    if (log >= FIRST_LOG + OCTAVES)
        return REORDER_COUNTS - 1;
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
    if (place == REORDER_COUNTS - 1)
        return UINT64_MAX;
    return ((UINT64_C(1) << PART_SHIFT | part) + 1) * (UINT64_C(1) << (log - PART_SHIFT)) - 1;
}

/* Counts a number at PLACE. When the counter is full, all are halved: their proportions stay. */
static void count(struct reorder *reorder, unsigned place)
{
    if (reorder->counts[place] == UINT32_MAX)
        for (unsigned i = 0; i < REORDER_COUNTS; i++)
            reorder->counts[i] /= 2;
    reorder->counts[place]++;
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
    count(reorder, place_of(distance));
    note_burst(reorder, highest, distance);
}

void reorder_add(struct reorder *total, const struct reorder *part)
{
    for (unsigned i = 0; i < REPLAY_WINDOWS; i++)
        total->refused[i] += part->refused[i];
    for (unsigned i = 0; i < REORDER_COUNTS; i++) {
        uint64_t sum = (uint64_t)total->counts[i] + part->counts[i];

        total->counts[i] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
    }
    if (part->farthest > total->farthest)
        total->farthest = part->farthest;
    if (part->farthest_of_burst > total->farthest_of_burst)
        total->farthest_of_burst = part->farthest_of_burst;
}

/* The distance that 99 % of the reordered numbers did not exceed. */
static uint32_t percentile_99(const struct reorder *reorder)
{
    uint64_t above = 0, total = 0;
    uint64_t distance;
    unsigned place = REORDER_COUNTS - 1;

    for (unsigned i = 0; i < REORDER_COUNTS; i++)
        total += reorder->counts[i];
    while (place && above + reorder->counts[place] <= total / 100)
        above += reorder->counts[place--];
    distance = largest_at(place);
    if (distance > reorder->farthest)
        distance = reorder->farthest;
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
