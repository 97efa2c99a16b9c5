/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The upper half of numbers whose lower half is in the frames. MKA gives it for XPN (IEEE
 * 802.1X-2020 11.11, IEEE 802.1AEbw 10.6.2). Without that, an SA is taken to start with an upper
 * half of 0. */
#ifndef GAPWATCH_TRACK_SEQUENCE_UPPER_H
#define GAPWATCH_TRACK_SEQUENCE_UPPER_H

#include "track/sequence/sequence.h"

/* The numbers of FLOW, if it uses ASSOCIATION now, are near NEAR, a whole number. Makes all numbers
 * that are reported of its SA have the upper half that follows, also those of gaps that were
 * logged. An SA keeps the first one, because MKA is not authenticated here. Returns whether numbers
 * changed. */
int sequence_set_upper(struct sequencer *sequencer, struct flow *flow, uint8_t association,
                       uint64_t near);

#endif
