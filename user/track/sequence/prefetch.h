/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Prefetches what the next number of a flow reads or changes, in three steps: each reads what the
 * step before it prefetched, some frames later. Most flows need only the first one. */
#ifndef GAPWATCH_TRACK_SEQUENCE_PREFETCH_H
#define GAPWATCH_TRACK_SEQUENCE_PREFETCH_H

#include "track/sequence/sequence.h"

/* The second step for FLOW, which has a channel: the stance of its believed position, and the first
 * other position. The first step is sequence_prefetch(). */
void prefetch_stance(const struct sequencer *sequencer, const struct flow *flow);

/* The third step: the receiver, and the other position's stance. */
void prefetch_receiver(const struct sequencer *sequencer, const struct flow *flow);

#endif
