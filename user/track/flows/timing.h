/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Inter-arrival times, counted from the latest time so far; 0 for a frame that is dated
 * before it. */
#ifndef GAPWATCH_TRACK_FLOWS_TIMING_H
#define GAPWATCH_TRACK_FLOWS_TIMING_H

#include "track/flow.h"

/* Starts with the first frame, at NOW_NS. */
static inline void timing_begin(struct timing *timing, uint64_t now_ns)
{
    *timing = (struct timing){.last_ns = now_ns, .min_ns = UINT64_MAX};
}

/* Adds a further frame, at NOW_NS. */
static inline void timing_add(struct timing *timing, uint64_t now_ns)
{
    uint64_t interval = now_ns > timing->last_ns ? now_ns - timing->last_ns : 0;

    timing->last_ns += interval;
    timing->sum_ns += interval;
    timing->squares = wide_add(timing->squares, wide_product(interval, interval));
    if (interval < timing->min_ns)
        timing->min_ns = interval;
    if (interval > timing->max_ns)
        timing->max_ns = interval;
}

/* Adds COUNT (at least 1) further frames. Only the time of the last, NOW_NS, is known; they count
 * as evenly spaced. */
void timing_add_even(struct timing *timing, uint64_t now_ns, uint64_t count);

/* The mean of INTERVALS (at least 1) intervals, in nanoseconds. */
double timing_mean(const struct timing *timing, uint64_t intervals);

/* The population standard deviation of INTERVALS (at least 1) intervals, in nanoseconds. */
double timing_deviation(const struct timing *timing, uint64_t intervals);

#endif
