/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Decides when a shard collects, and which interval its changes belong to. Intervals start at
 * multiples of their length, so those of all shards coincide. Changes that are collected early,
 * because many wait, belong to the present interval.
 *
 * Live intervals have the length of the flush interval. Frames of a file have their own times,
 * which may span years, so after each INTERVALS_OF_A_LENGTH intervals the length doubles. A file of
 * 43 minutes has intervals of 5 seconds; one of a year has at most 9,000 intervals.
 */
#ifndef GAPWATCH_STORE_INTERVAL_CLOCK_H
#define GAPWATCH_STORE_INTERVAL_CLOCK_H

#include <stdint.h>

#include "store/writer/batch.h"

#define INTERVALS_OF_A_LENGTH 512

struct interval_clock {
    uint64_t length_ns;
    uint64_t intervals; /* intervals of this length so far */
    struct batch_interval now;
    int is_file;
};

/* Starts with intervals of LENGTH_NS. IS_FILE: times are those of the frames. */
void interval_clock_init(struct interval_clock *clock, uint64_t length_ns, int is_file);

/* Whether NOW_NS is outside of the present interval. The first call starts one. */
int interval_clock_is_over(struct interval_clock *clock, uint64_t now_ns);

/* Extends the present interval to NOW_NS, because nothing can be collected now. */
void interval_clock_extend(struct interval_clock *clock, uint64_t now_ns);

/* The real-time clock was set by STEP_NS and is NOW_NS. Unless that is in the present interval,
 * moves the interval with the clock, like the times of the changes that belong to it. */
void interval_clock_shift(struct interval_clock *clock, int64_t step_ns, uint64_t now_ns);

/* Called when changes are collected at NOW_NS. Returns the interval that they belong to, and starts
 * another one if that is over. */
struct batch_interval interval_clock_collect(struct interval_clock *clock, uint64_t now_ns);

#endif
