/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The fastest rate of the last hour at which a flow used up sequence numbers, for flows so fast
 * that their numbers may run out within NUMBER_DAYS. Others need no memory.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_NUMBER_RATE_H
#define GAPWATCH_TRACK_SEQUENCE_NUMBER_RATE_H

#include <stdint.h>

#include "base/units.h"
#include "track/sequence/position.h"

#define NUMBER_DAYS    30
#define RATE_PERIODS   12
#define RATE_PERIOD_NS (5 * 60 * NS_PER_SECOND) /* so the last hour is 55 to 60 minutes */

struct number_rates {
    uint64_t period;            /* the newest one, in RATE_PERIOD_NS since 1970 */
    double rates[RATE_PERIODS]; /* numbers a second, by period modulo RATE_PERIODS; 0: none */
};

/* The number space of the newest SA of a flow. */
struct number_space {
    double used;            /* 0 to 1 */
    uint64_t exhaustion_ns; /* 0: not within NUMBER_DAYS, or the number has 64 bits */
};

/* POSITION, which the flow of ARRIVAL believes in, has counted numbers for a second or more. */
void number_rate_note(const struct arrival *arrival, const struct position *position);

/* The number space of FLOW, which has numbers, as of its last frame. */
struct number_space number_space_of(const struct sequencer *sequencer, const struct flow *flow);

#endif
