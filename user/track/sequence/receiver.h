/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What receivers with windows of up to MEMORY_NUMBERS would do with the frames of an SA while these
 * come in an order for which the window of the positions (track/sequence/channel.h) is too small.
 * Frames near the highest number belong to the SA. A number ahead of the window may be forged,
 * until three different ones have come soon after each other, or the stream has passed one and it
 * did not come again.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_RECEIVER_H
#define GAPWATCH_TRACK_SEQUENCE_RECEIVER_H

#include <stdint.h>

#include "track/sequence/position.h"

/* Single frames of a faster path wait until the stream reaches them, all at the same time. */
#define DOUBTFUL_MAX 64

/* So many numbers ahead are genuine unless the highest rose more often than DOUBT_RISES
 * meanwhile. */
#define GENUINE     3
#define DOUBT_RISES 64

struct receiver {
    uint64_t highest;
    uint32_t rises; /* how often a number in the window became the highest */
    uint32_t doubtful_count;
    uint32_t reorder; /* distances in the case that these are genuine; POOL_NONE: none reordered */
    uint64_t doubtful[DOUBTFUL_MAX]; /* numbers ahead that may be forged, in the order of arrival */
    uint32_t doubtful_at[DOUBTFUL_MAX]; /* rises before each of them */
    uint64_t seen[MEMORY_WORDS];        /* of the numbers up to the highest; as in struct memory */
};

/* Begins with what POSITION saw. */
void receiver_begin(const struct sequencer *sequencer, struct receiver *receiver,
                    const struct position *position);

/* Whether NUMBER is near the highest of RECEIVER, so that it belongs to its SA. */
static inline int receiver_remembers(const struct receiver *receiver, uint64_t number)
{
    return number + MEMORY_NUMBERS > receiver->highest &&
           number <= receiver->highest + MEMORY_NUMBERS;
}

/* Receives NUMBER, which is near the highest. Notes its distance in the record at HANDLE, which is
 * the SA's. */
void receiver_take(struct sequencer *sequencer, struct receiver *receiver, uint32_t *handle,
                   uint64_t number);

/* The stream ends: the numbers ahead did not come again, so they were genuine. The record at HANDLE
 * is the SA's. */
void receiver_finish(struct sequencer *sequencer, struct receiver *receiver, uint32_t *handle);

/* Whether RECEIVER and POSITION agree, so that the position's own view is enough. */
int receiver_agrees(const struct receiver *receiver, const struct position *position);

#endif
