/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether numbers rise as those of a sender do. Measured values, times and lines of text have
 * numbers near each other, too, but seldom rise by one several times in a row. Three in a row are
 * enough among the first 4,096 numbers of an SA, five later, and more where numbers are missing or
 * reordered.
 */
#ifndef GAPWATCH_TRACK_FLOWS_RISE_H
#define GAPWATCH_TRACK_FLOWS_RISE_H

#include <stdint.h>

#include "record.h"

/* Numbers that agree are at most this far apart. */
#define RISE_NEAR 4096

/* The result for the numbers of one identity so far. Begin with all members 0. */
struct rise {
    struct frame_record highest; /* key.protocol 0: none was added */
    int weight;
};

/* How far the number of A is ahead of that of B, which is of the same protocol. */
int64_t rise_distance(const struct frame_record *a, const struct frame_record *b);

/* Whether numbers that are DISTANCE apart agree. */
int rise_is_near(int64_t distance);

/* Adds the numbers of NEXT, which has the identity of those before and came behind them. */
void rise_add(struct rise *rise, const struct frame_record *next);

/* Whether a sender made the numbers of RISE, of which RECORD was added last. */
int rise_is_of_sender(const struct rise *rise, const struct frame_record *record);

#endif
