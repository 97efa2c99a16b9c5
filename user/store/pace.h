/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * When a shard collects, and the interval that its changes belong to. Intervals start at multiples
 * of their length, so those of all shards fall together, and what is collected early, because much
 * waits, is added to the interval at hand.
 *
 * Live, intervals have the length of the flush interval. Frames of a file come with their own
 * times, which may span years: after each PACE_INTERVALS intervals, the next ones are twice as
 * long. A file of 43 minutes has them 5 seconds long, one of a year never more than 9,000 in all.
 */
#ifndef GAPWATCH_STORE_PACE_H
#define GAPWATCH_STORE_PACE_H

#include <stdint.h>

#include "store/batch.h"

#define PACE_INTERVALS 512

struct pace {
    uint64_t length_ns;
    uint64_t intervals; /* that began since they have this length */
    struct batch_interval now;
    int is_file;
};

void pace_init(struct pace *pace, uint64_t length_ns, int is_file);

/* Whether NOW_NS is outside of the interval at hand. The first time begins one. */
int pace_is_over(struct pace *pace, uint64_t now_ns);

/* There is no collecting now: the interval goes on until NOW_NS. */
void pace_extend(struct pace *pace, uint64_t now_ns);

/* Something is collected at NOW_NS: returns the interval that it belongs to, and begins another one
 * if that is over. */
struct batch_interval pace_collect(struct pace *pace, uint64_t now_ns);

#endif
